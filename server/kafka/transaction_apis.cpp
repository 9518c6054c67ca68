// Rows of the version table: producers and transactions.
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> transaction_apis() {
    return {};
}

}  // namespace millrace::server::kafka
