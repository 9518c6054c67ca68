// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: settings of topics and of the broker.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 1 to 4; flexible from 4.
struct DescribeConfigsRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeConfigs;
    static constexpr VersionRange kVersions{1, 4};

    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::optional<std::vector<std::string>> configuration_keys;

        template <class V>
        void visit(V& v) {
            v.field(resource_type);
            v.field(resource_name);
            v.array(configuration_keys);
            v.tags();
        }
    };

    std::vector<Resource> resources;
    bool include_synonyms = false;
    bool include_documentation = false;

    template <class V>
    void visit(V& v) {
        v.array(resources);
        v.field(include_synonyms);
        if (v.since(3)) {
            v.field(include_documentation);
        }
        v.tags();
    }
};

/// Versions 1 to 4; flexible from 4.
struct DescribeConfigsResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeConfigs;
    static constexpr VersionRange kVersions{1, 4};

    struct Synonym {
        std::string name;
        std::optional<std::string> value;
        std::int8_t source = 0;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(value);
            v.field(source);
            v.tags();
        }
    };

    struct Config {
        std::string name;
        std::optional<std::string> value;
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        std::vector<Synonym> synonyms;
        std::int8_t config_type = 0;
        std::optional<std::string> documentation;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(value);
            v.field(read_only);
            v.field(config_source);
            v.field(is_sensitive);
            v.array(synonyms);
            if (v.since(3)) {
                v.field(config_type);
                v.field(documentation);
            }
            v.tags();
        }
    };

    struct Resource {
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<Config> configs;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(error_message);
            v.field(resource_type);
            v.field(resource_name);
            v.array(configs);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Resource> results;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(results);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct AlterConfigsRequest {
    static constexpr ApiKey kApi = ApiKey::kAlterConfigs;
    static constexpr VersionRange kVersions{0, 2};

    struct Config {
        std::string name;
        std::optional<std::string> value;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(value);
            v.tags();
        }
    };

    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<Config> configs;

        template <class V>
        void visit(V& v) {
            v.field(resource_type);
            v.field(resource_name);
            v.array(configs);
            v.tags();
        }
    };

    std::vector<Resource> resources;
    bool validate_only = false;

    template <class V>
    void visit(V& v) {
        v.array(resources);
        v.field(validate_only);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct AlterConfigsResponse {
    static constexpr ApiKey kApi = ApiKey::kAlterConfigs;
    static constexpr VersionRange kVersions{0, 2};

    struct Resource {
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;
        std::int8_t resource_type = 0;
        std::string resource_name;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(error_message);
            v.field(resource_type);
            v.field(resource_name);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Resource> responses;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(responses);
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 1.
struct IncrementalAlterConfigsRequest {
    static constexpr ApiKey kApi = ApiKey::kIncrementalAlterConfigs;
    static constexpr VersionRange kVersions{0, 1};

    struct Config {
        std::string name;
        std::int8_t config_operation = 0;
        std::optional<std::string> value;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(config_operation);
            v.field(value);
            v.tags();
        }
    };

    struct Resource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<Config> configs;

        template <class V>
        void visit(V& v) {
            v.field(resource_type);
            v.field(resource_name);
            v.array(configs);
            v.tags();
        }
    };

    std::vector<Resource> resources;
    bool validate_only = false;

    template <class V>
    void visit(V& v) {
        v.array(resources);
        v.field(validate_only);
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 1.
struct IncrementalAlterConfigsResponse {
    static constexpr ApiKey kApi = ApiKey::kIncrementalAlterConfigs;
    static constexpr VersionRange kVersions{0, 1};

    struct Resource {
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;
        std::int8_t resource_type = 0;
        std::string resource_name;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(error_message);
            v.field(resource_type);
            v.field(resource_name);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Resource> responses;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(responses);
        v.tags();
    }
};

}  // namespace millrace::wire
