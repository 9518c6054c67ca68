// CreateTopics, DeleteTopics, CreatePartitions, DeleteRecords: what changes topics.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 2 to 7; flexible from 5.
struct CreateTopicsRequest {
    static constexpr ApiKey kApi = ApiKey::kCreateTopics;
    static constexpr VersionRange kVersions{2, 7};

    struct Assignment {
        std::int32_t partition_index = 0;
        std::vector<std::int32_t> broker_ids;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.array(broker_ids);
            v.tags();
        }
    };

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

    struct Topic {
        std::string name;
        std::int32_t num_partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<Assignment> assignments;
        std::vector<Config> configs;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(num_partitions);
            v.field(replication_factor);
            v.array(assignments);
            v.array(configs);
            v.tags();
        }
    };

    std::vector<Topic> topics;
    std::int32_t timeout_ms = 60000;
    bool validate_only = false;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.field(timeout_ms);
        v.field(validate_only);
        v.tags();
    }
};

/// Versions 2 to 7; flexible from 5.
struct CreateTopicsResponse {
    static constexpr ApiKey kApi = ApiKey::kCreateTopics;
    static constexpr VersionRange kVersions{2, 7};

    struct Config {
        std::string name;
        std::optional<std::string> value;
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(value);
            v.field(read_only);
            v.field(config_source);
            v.field(is_sensitive);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        TopicId topic_id;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;
        std::int32_t num_partitions = -1;
        std::int16_t replication_factor = -1;
        std::optional<std::vector<Config>> configs;

        template <class V>
        void visit(V& v) {
            v.field(name);
            if (v.since(7)) {
                v.field(topic_id);
            }
            v.field(error);
            v.field(error_message);
            if (v.since(5)) {
                v.field(num_partitions);
                v.field(replication_factor);
                v.array(configs);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(topics);
        v.tags();
    }
};

/// Versions 1 to 6; flexible from 4.
struct DeleteTopicsRequest {
    static constexpr ApiKey kApi = ApiKey::kDeleteTopics;
    static constexpr VersionRange kVersions{1, 6};

    struct Topic {
        std::optional<std::string> name;
        TopicId topic_id;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(topic_id);
            v.tags();
        }
    };

    std::vector<Topic> topics;
    std::vector<std::string> topic_names;
    std::int32_t timeout_ms = 0;

    template <class V>
    void visit(V& v) {
        if (v.since(6)) {
            v.array(topics);
        }
        if (v.until(5)) {
            v.array(topic_names);
        }
        v.field(timeout_ms);
        v.tags();
    }
};

/// Versions 1 to 6; flexible from 4.
struct DeleteTopicsResponse {
    static constexpr ApiKey kApi = ApiKey::kDeleteTopics;
    static constexpr VersionRange kVersions{1, 6};

    struct Topic {
        std::optional<std::string> name;
        TopicId topic_id;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;

        template <class V>
        void visit(V& v) {
            v.nullable_since(6, name);
            if (v.since(6)) {
                v.field(topic_id);
            }
            v.field(error);
            if (v.since(5)) {
                v.field(error_message);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> responses;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(responses);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct DeleteRecordsRequest {
    static constexpr ApiKey kApi = ApiKey::kDeleteRecords;
    static constexpr VersionRange kVersions{0, 2};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t offset = 0;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(offset);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partitions);
            v.tags();
        }
    };

    std::vector<Topic> topics;
    std::int32_t timeout_ms = 0;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.field(timeout_ms);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct DeleteRecordsResponse {
    static constexpr ApiKey kApi = ApiKey::kDeleteRecords;
    static constexpr VersionRange kVersions{0, 2};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t low_watermark = 0;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(low_watermark);
            v.field(error);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partitions);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(topics);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 2.
struct CreatePartitionsRequest {
    static constexpr ApiKey kApi = ApiKey::kCreatePartitions;
    static constexpr VersionRange kVersions{0, 3};

    struct Assignment {
        std::vector<std::int32_t> broker_ids;

        template <class V>
        void visit(V& v) {
            v.array(broker_ids);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::int32_t count = 0;
        std::optional<std::vector<Assignment>> assignments;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(count);
            v.array(assignments);
            v.tags();
        }
    };

    std::vector<Topic> topics;
    std::int32_t timeout_ms = 0;
    bool validate_only = false;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.field(timeout_ms);
        v.field(validate_only);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 2.
struct CreatePartitionsResponse {
    static constexpr ApiKey kApi = ApiKey::kCreatePartitions;
    static constexpr VersionRange kVersions{0, 3};

    struct Topic {
        std::string name;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(error);
            v.field(error_message);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> results;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(results);
        v.tags();
    }
};

}  // namespace millrace::wire
