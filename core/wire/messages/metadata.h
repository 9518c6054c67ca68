// Metadata and DescribeTopicPartitions: which topics there are and who leads them.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 0 to 12; flexible from 9.
struct MetadataRequest {
    static constexpr ApiKey kApi = ApiKey::kMetadata;
    static constexpr VersionRange kVersions{0, 12};
    /// Bytes behind a flexible request that are let pass: librdkafka 2.16 writes the null that
    /// means all topics in four bytes instead of one.
    static constexpr std::size_t kSurplusMax = 3;

    struct Topic {
        TopicId topic_id;
        std::optional<std::string> name;

        template <class V>
        void visit(V& v) {
            if (v.since(10)) {
                v.field(topic_id);
            }
            v.nullable_since(10, name);
            v.tags();
        }
    };

    std::optional<std::vector<Topic>> topics;
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;

    template <class V>
    void visit(V& v) {
        v.nullable_since(1, topics);
        if (v.since(4)) {
            v.field(allow_auto_topic_creation);
        }
        if (v.since(8) && v.until(10)) {
            v.field(include_cluster_authorized_operations);
        }
        if (v.since(8)) {
            v.field(include_topic_authorized_operations);
        }
        v.tags();
    }
};

/// Versions 0 to 12; flexible from 9.
struct MetadataResponse {
    static constexpr ApiKey kApi = ApiKey::kMetadata;
    static constexpr VersionRange kVersions{0, 12};

    struct Broker {
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        template <class V>
        void visit(V& v) {
            v.field(node_id);
            v.field(host);
            v.field(port);
            if (v.since(1)) {
                v.field(rack);
            }
            v.tags();
        }
    };

    struct Partition {
        KafkaError error = KafkaError::kNone;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;
        std::vector<std::int32_t> replica_nodes;
        std::vector<std::int32_t> isr_nodes;
        std::vector<std::int32_t> offline_replicas;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(partition_index);
            v.field(leader_id);
            if (v.since(7)) {
                v.field(leader_epoch);
            }
            v.array(replica_nodes);
            v.array(isr_nodes);
            if (v.since(5)) {
                v.array(offline_replicas);
            }
            v.tags();
        }
    };

    struct Topic {
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> name;
        TopicId topic_id;
        bool is_internal = false;
        std::vector<Partition> partitions;
        std::int32_t topic_authorized_operations = -2147483648;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.nullable_since(12, name);
            if (v.since(10)) {
                v.field(topic_id);
            }
            if (v.since(1)) {
                v.field(is_internal);
            }
            v.array(partitions);
            if (v.since(8)) {
                v.field(topic_authorized_operations);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Broker> brokers;
    std::optional<std::string> cluster_id;
    std::int32_t controller_id = -1;
    std::vector<Topic> topics;
    std::int32_t cluster_authorized_operations = -2147483648;

    template <class V>
    void visit(V& v) {
        if (v.since(3)) {
            v.field(throttle_time_ms);
        }
        v.array(brokers);
        if (v.since(2)) {
            v.field(cluster_id);
        }
        if (v.since(1)) {
            v.field(controller_id);
        }
        v.array(topics);
        if (v.since(8) && v.until(10)) {
            v.field(cluster_authorized_operations);
        }
        v.tags();
    }
};

/// Version 0; flexible from 0.
struct DescribeTopicPartitionsRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeTopicPartitions;
    static constexpr VersionRange kVersions{0, 0};

    struct Topic {
        std::string name;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.tags();
        }
    };

    struct Cursor {
        std::string topic_name;
        std::int32_t partition_index = 0;

        template <class V>
        void visit(V& v) {
            v.field(topic_name);
            v.field(partition_index);
            v.tags();
        }
    };

    std::vector<Topic> topics;
    std::int32_t response_partition_limit = 2000;
    std::optional<Cursor> cursor;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.field(response_partition_limit);
        v.optional(cursor);
        v.tags();
    }
};

/// Version 0; flexible from 0.
struct DescribeTopicPartitionsResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeTopicPartitions;
    static constexpr VersionRange kVersions{0, 0};

    struct Partition {
        KafkaError error = KafkaError::kNone;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;
        std::vector<std::int32_t> replica_nodes;
        std::vector<std::int32_t> isr_nodes;
        std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
        std::optional<std::vector<std::int32_t>> last_known_elr;
        std::vector<std::int32_t> offline_replicas;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(partition_index);
            v.field(leader_id);
            v.field(leader_epoch);
            v.array(replica_nodes);
            v.array(isr_nodes);
            v.array(eligible_leader_replicas);
            v.array(last_known_elr);
            v.array(offline_replicas);
            v.tags();
        }
    };

    struct Topic {
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> name;
        TopicId topic_id;
        bool is_internal = false;
        std::vector<Partition> partitions;
        std::int32_t topic_authorized_operations = -2147483648;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(name);
            v.field(topic_id);
            v.field(is_internal);
            v.array(partitions);
            v.field(topic_authorized_operations);
            v.tags();
        }
    };

    struct Cursor {
        std::string topic_name;
        std::int32_t partition_index = 0;

        template <class V>
        void visit(V& v) {
            v.field(topic_name);
            v.field(partition_index);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics;
    std::optional<Cursor> next_cursor;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(topics);
        v.optional(next_cursor);
        v.tags();
    }
};

}  // namespace millrace::wire
