// DescribeCluster, DescribeLogDirs, ElectLeaders: the broker as an administrator sees it.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 1 to 4; flexible from 2.
struct DescribeLogDirsRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeLogDirs;
    static constexpr VersionRange kVersions{1, 4};

    struct Topic {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void visit(V& v) {
            v.field(topic);
            v.array(partitions);
            v.tags();
        }
    };

    std::optional<std::vector<Topic>> topics;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.tags();
    }
};

/// Versions 1 to 4; flexible from 2.
struct DescribeLogDirsResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeLogDirs;
    static constexpr VersionRange kVersions{1, 4};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(partition_size);
            v.field(offset_lag);
            v.field(is_future_key);
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

    struct LogDir {
        KafkaError error = KafkaError::kNone;
        std::string log_dir;
        std::vector<Topic> topics;
        std::int64_t total_bytes = -1;
        std::int64_t usable_bytes = -1;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(log_dir);
            v.array(topics);
            if (v.since(4)) {
                v.field(total_bytes);
                v.field(usable_bytes);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::vector<LogDir> results;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        if (v.since(3)) {
            v.field(error);
        }
        v.array(results);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct ElectLeadersRequest {
    static constexpr ApiKey kApi = ApiKey::kElectLeaders;
    static constexpr VersionRange kVersions{0, 2};

    struct Topic {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void visit(V& v) {
            v.field(topic);
            v.array(partitions);
            v.tags();
        }
    };

    std::int8_t election_type = 0;
    std::optional<std::vector<Topic>> topic_partitions;
    std::int32_t timeout_ms = 60000;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(election_type);
        }
        v.array(topic_partitions);
        v.field(timeout_ms);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct ElectLeadersResponse {
    static constexpr ApiKey kApi = ApiKey::kElectLeaders;
    static constexpr VersionRange kVersions{0, 2};

    struct Partition {
        std::int32_t partition_id = 0;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;

        template <class V>
        void visit(V& v) {
            v.field(partition_id);
            v.field(error);
            v.field(error_message);
            v.tags();
        }
    };

    struct Topic {
        std::string topic;
        std::vector<Partition> partition_result;

        template <class V>
        void visit(V& v) {
            v.field(topic);
            v.array(partition_result);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::vector<Topic> replica_election_results;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        if (v.since(1)) {
            v.field(error);
        }
        v.array(replica_election_results);
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 0.
struct DescribeClusterRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeCluster;
    static constexpr VersionRange kVersions{0, 1};

    bool include_cluster_authorized_operations = false;
    std::int8_t endpoint_type = 1;

    template <class V>
    void visit(V& v) {
        v.field(include_cluster_authorized_operations);
        if (v.since(1)) {
            v.field(endpoint_type);
        }
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 0.
struct DescribeClusterResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeCluster;
    static constexpr VersionRange kVersions{0, 1};

    struct Broker {
        std::int32_t broker_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        template <class V>
        void visit(V& v) {
            v.field(broker_id);
            v.field(host);
            v.field(port);
            v.field(rack);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::optional<std::string> error_message;
    std::int8_t endpoint_type = 1;
    std::string cluster_id;
    std::int32_t controller_id = -1;
    std::vector<Broker> brokers;
    std::int32_t cluster_authorized_operations = -2147483648;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.field(error);
        v.field(error_message);
        if (v.since(1)) {
            v.field(endpoint_type);
        }
        v.field(cluster_id);
        v.field(controller_id);
        v.array(brokers);
        v.field(cluster_authorized_operations);
        v.tags();
    }
};

}  // namespace millrace::wire
