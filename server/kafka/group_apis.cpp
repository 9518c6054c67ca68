// Rows of the version table: consumer groups and their offsets.
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> group_apis() {
    return {};
}

}  // namespace millrace::server::kafka
