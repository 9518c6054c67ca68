// Fetch: record batches on their way out of the log.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"
#include "core/wire/records.h"

namespace millrace::wire {

/// Versions 4 to 16; flexible from 12.
struct FetchRequest {
    static constexpr ApiKey kApi = ApiKey::kFetch;
    static constexpr VersionRange kVersions{4, 16};

    struct Partition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;
        std::int64_t fetch_offset = 0;
        std::int32_t last_fetched_epoch = -1;
        std::int64_t log_start_offset = -1;
        std::int32_t partition_max_bytes = 0;

        template <class V>
        void visit(V& v) {
            v.field(partition);
            if (v.since(9)) {
                v.field(current_leader_epoch);
            }
            v.field(fetch_offset);
            if (v.since(12)) {
                v.field(last_fetched_epoch);
            }
            if (v.since(5)) {
                v.field(log_start_offset);
            }
            v.field(partition_max_bytes);
            v.tags();
        }
    };

    struct Topic {
        std::string topic;
        TopicId topic_id;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            if (v.until(12)) {
                v.field(topic);
            }
            if (v.since(13)) {
                v.field(topic_id);
            }
            v.array(partitions);
            v.tags();
        }
    };

    struct ForgottenTopic {
        std::string topic;
        TopicId topic_id;
        std::vector<std::int32_t> partitions;

        template <class V>
        void visit(V& v) {
            if (v.until(12)) {
                v.field(topic);
            }
            if (v.since(13)) {
                v.field(topic_id);
            }
            v.array(partitions);
            v.tags();
        }
    };

    std::int32_t replica_id = -1;
    std::int32_t max_wait_ms = 0;
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
    std::int8_t isolation_level = 0;
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;
    std::vector<Topic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;
    std::string rack_id;

    template <class V>
    void visit(V& v) {
        if (v.until(14)) {
            v.field(replica_id);
        }
        v.field(max_wait_ms);
        v.field(min_bytes);
        v.field(max_bytes);
        v.field(isolation_level);
        if (v.since(7)) {
            v.field(session_id);
            v.field(session_epoch);
        }
        v.array(topics);
        if (v.since(7)) {
            v.array(forgotten_topics_data);
        }
        if (v.since(11)) {
            v.field(rack_id);
        }
        v.tags();
    }
};

/// Versions 4 to 16; flexible from 12.
struct FetchResponse {
    static constexpr ApiKey kApi = ApiKey::kFetch;
    static constexpr VersionRange kVersions{4, 16};

    struct AbortedTransaction {
        std::int64_t producer_id = 0;
        std::int64_t first_offset = 0;

        template <class V>
        void visit(V& v) {
            v.field(producer_id);
            v.field(first_offset);
            v.tags();
        }
    };

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error = KafkaError::kNone;
        std::int64_t high_watermark = 0;
        std::int64_t last_stable_offset = -1;
        std::int64_t log_start_offset = -1;
        std::optional<std::vector<AbortedTransaction>> aborted_transactions;
        std::int32_t preferred_read_replica = -1;
        Records records;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(error);
            v.field(high_watermark);
            v.field(last_stable_offset);
            if (v.since(5)) {
                v.field(log_start_offset);
            }
            v.array(aborted_transactions);
            if (v.since(11)) {
                v.field(preferred_read_replica);
            }
            v.field(records);
            v.tags();
        }
    };

    struct Topic {
        std::string topic;
        TopicId topic_id;
        std::vector<Partition> partitions;

        template <class V>
        void visit(V& v) {
            if (v.until(12)) {
                v.field(topic);
            }
            if (v.since(13)) {
                v.field(topic_id);
            }
            v.array(partitions);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::int32_t session_id = 0;
    std::vector<Topic> responses;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        if (v.since(7)) {
            v.field(error);
            v.field(session_id);
        }
        v.array(responses);
        v.tags();
    }
};

}  // namespace millrace::wire
