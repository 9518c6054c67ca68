#include "server/kafka/cluster_view.h"

namespace millrace::server::kafka {

Endpoint endpoint_of(const KafkaSettings& settings, const ConnectionInfo& connection) {
    if (settings.advertised_host.empty()) {
        return {connection.local_host, connection.local_port};
    }
    return {settings.advertised_host,
            settings.advertised_port != 0 ? settings.advertised_port : connection.local_port};
}

bool is_client_topic(std::string_view name) {
    return !name.starts_with("__millrace_") && !name.starts_with("_millrace_");
}

}  // namespace millrace::server::kafka
