// Rows of the version table: what every connection starts with.
#include <array>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> connection_apis() {
    static constexpr std::array kRows{
        Api{wire::ApiKey::kApiVersions,
            "ApiVersions",
            0,
            4,
            0,
            Permission::kNone,
            handle_api_versions},
    };
    return kRows;
}

}  // namespace millrace::server::kafka
