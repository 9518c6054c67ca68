// The address that clients are told to come to: where they already are, unless one is configured.
#pragma once

#include <cstdint>
#include <string>

#include "server/kafka/api.h"

namespace millrace::server::kafka {

struct AdvertisedAddress {
    std::string host;
    std::uint16_t port = 0;
};

[[nodiscard]] inline AdvertisedAddress advertised_address(const KafkaSettings& settings,
                                                          const ConnectionInfo& connection) {
    if (settings.advertised_host.empty()) {
        return {connection.local_host, connection.local_port};
    }
    return {settings.advertised_host,
            settings.advertised_port != 0 ? settings.advertised_port : connection.local_port};
}

}  // namespace millrace::server::kafka
