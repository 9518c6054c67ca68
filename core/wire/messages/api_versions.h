// ApiVersions: which APIs the broker speaks, and in which versions.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 0 to 4; flexible from 3.
struct ApiVersionsRequest {
    static constexpr ApiKey kApi = ApiKey::kApiVersions;
    static constexpr VersionRange kVersions{0, 4};

    std::string client_software_name;
    std::string client_software_version;

    template <class V>
    void visit(V& v) {
        if (v.since(3)) {
            v.field(client_software_name);
            v.field(client_software_version);
        }
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 3.
struct ApiVersionsResponse {
    static constexpr ApiKey kApi = ApiKey::kApiVersions;
    static constexpr VersionRange kVersions{0, 4};

    struct Api {
        ApiKey api_key = ApiKey::kProduce;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;

        template <class V>
        void visit(V& v) {
            v.field(api_key);
            v.field(min_version);
            v.field(max_version);
            v.tags();
        }
    };

    KafkaError error = KafkaError::kNone;
    std::vector<Api> api_keys;
    std::int32_t throttle_time_ms = 0;

    template <class V>
    void visit(V& v) {
        v.field(error);
        v.array(api_keys);
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.tags();
    }
};

}  // namespace millrace::wire
