// OffsetCommit, OffsetFetch, OffsetDelete: where consumer groups have got to.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 2 to 9; flexible from 8.
struct OffsetCommitRequest {
    static constexpr ApiKey kApi = ApiKey::kOffsetCommit;
    static constexpr VersionRange kVersions{2, 9};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> committed_metadata;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(committed_offset);
            if (v.since(6)) {
                v.field(committed_leader_epoch);
            }
            v.field(committed_metadata);
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

    std::string group_id;
    std::int32_t generation_id_or_member_epoch = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::int64_t retention_time_ms = -1;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        v.field(generation_id_or_member_epoch);
        v.field(member_id);
        if (v.since(7)) {
            v.field(group_instance_id);
        }
        if (v.until(4)) {
            v.field(retention_time_ms);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 2 to 9; flexible from 8.
struct OffsetCommitResponse {
    static constexpr ApiKey kApi = ApiKey::kOffsetCommit;
    static constexpr VersionRange kVersions{2, 9};

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
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
        if (v.since(3)) {
            v.field(throttle_time_ms);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 1 to 9; flexible from 6.
struct OffsetFetchRequest {
    static constexpr ApiKey kApi = ApiKey::kOffsetFetch;
    static constexpr VersionRange kVersions{1, 9};

    struct Topic {
        std::string name;
        std::vector<std::int32_t> partition_indexes;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partition_indexes);
            v.tags();
        }
    };

    struct Group {
        std::string group_id;
        std::optional<std::string> member_id;
        std::int32_t member_epoch = -1;
        std::optional<std::vector<Topic>> topics;

        template <class V>
        void visit(V& v) {
            v.field(group_id);
            if (v.since(9)) {
                v.field(member_id);
                v.field(member_epoch);
            }
            v.array(topics);
            v.tags();
        }
    };

    std::string group_id;
    std::optional<std::vector<Topic>> topics;
    std::vector<Group> groups;
    bool require_stable = false;

    template <class V>
    void visit(V& v) {
        if (v.until(7)) {
            v.field(group_id);
            v.nullable_since(2, topics);
        }
        if (v.since(8)) {
            v.array(groups);
        }
        if (v.since(7)) {
            v.field(require_stable);
        }
        v.tags();
    }
};

/// Versions 1 to 9; flexible from 6.
struct OffsetFetchResponse {
    static constexpr ApiKey kApi = ApiKey::kOffsetFetch;
    static constexpr VersionRange kVersions{1, 9};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(committed_offset);
            if (v.since(5)) {
                v.field(committed_leader_epoch);
            }
            v.field(metadata);
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

    struct Group {
        std::string group_id;
        std::vector<Topic> topics;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(group_id);
            v.array(topics);
            v.field(error);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics;
    KafkaError error = KafkaError::kNone;
    std::vector<Group> groups;

    template <class V>
    void visit(V& v) {
        if (v.since(3)) {
            v.field(throttle_time_ms);
        }
        if (v.until(7)) {
            v.array(topics);
        }
        if (v.since(2) && v.until(7)) {
            v.field(error);
        }
        if (v.since(8)) {
            v.array(groups);
        }
        v.tags();
    }
};

/// Version 0; never flexible.
struct OffsetDeleteRequest {
    static constexpr ApiKey kApi = ApiKey::kOffsetDelete;
    static constexpr VersionRange kVersions{0, 0};

    struct Partition {
        std::int32_t partition_index = 0;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partitions);
        }
    };

    std::string group_id;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        v.array(topics);
    }
};

/// Version 0; never flexible.
struct OffsetDeleteResponse {
    static constexpr ApiKey kApi = ApiKey::kOffsetDelete;
    static constexpr VersionRange kVersions{0, 0};

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(error);
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partitions);
        }
    };

    KafkaError error = KafkaError::kNone;
    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(error);
        v.field(throttle_time_ms);
        v.array(topics);
    }
};

}  // namespace millrace::wire
