// Rows of the version table: records and metadata.
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> data_apis() {
    return {};
}

}  // namespace millrace::server::kafka
