// ListOffsets and OffsetForLeaderEpoch: offsets by time and by leader epoch.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 1 to 8; flexible from 6.
struct ListOffsetsRequest {
    static constexpr ApiKey kApi = ApiKey::kListOffsets;
    static constexpr VersionRange kVersions{1, 8};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int32_t current_leader_epoch = -1;
        std::int64_t timestamp = 0;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            if (v.since(4)) {
                v.field(current_leader_epoch);
            }
            v.field(timestamp);
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

    std::int32_t replica_id = 0;
    std::int8_t isolation_level = 0;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(replica_id);
        if (v.since(2)) {
            v.field(isolation_level);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 1 to 8; flexible from 6.
struct ListOffsetsResponse {
    static constexpr ApiKey kApi = ApiKey::kListOffsets;
    static constexpr VersionRange kVersions{1, 8};

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error = KafkaError::kNone;
        std::int64_t timestamp = -1;
        std::int64_t offset = -1;
        std::int32_t leader_epoch = -1;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(error);
            v.field(timestamp);
            v.field(offset);
            if (v.since(4)) {
                v.field(leader_epoch);
            }
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
        if (v.since(2)) {
            v.field(throttle_time_ms);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 2 to 4; flexible from 4.
struct OffsetForLeaderEpochRequest {
    static constexpr ApiKey kApi = ApiKey::kOffsetForLeaderEpoch;
    static constexpr VersionRange kVersions{2, 4};

    struct Partition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;
        std::int32_t leader_epoch = 0;

        template <class V>
        void visit(V& v) {
            v.field(partition);
            v.field(current_leader_epoch);
            v.field(leader_epoch);
            v.tags();
        }
    };

    struct Topic {
        std::string topic;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(topic);
            v.array(partitions);
            v.tags();
        }
    };

    std::int32_t replica_id = -2;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        if (v.since(3)) {
            v.field(replica_id);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 2 to 4; flexible from 4.
struct OffsetForLeaderEpochResponse {
    static constexpr ApiKey kApi = ApiKey::kOffsetForLeaderEpoch;
    static constexpr VersionRange kVersions{2, 4};

    struct Partition {
        KafkaError error = KafkaError::kNone;
        std::int32_t partition = 0;
        std::int32_t leader_epoch = -1;
        std::int64_t end_offset = -1;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(partition);
            v.field(leader_epoch);
            v.field(end_offset);
            v.tags();
        }
    };

    struct Topic {
        std::string topic;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(topic);
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

}  // namespace millrace::wire
