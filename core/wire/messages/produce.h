// Produce: record batches on their way into the log.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"
#include "core/wire/records.h"

namespace millrace::wire {

/// Versions 0 to 11; flexible from 9.
struct ProduceRequest {
    static constexpr ApiKey kApi = ApiKey::kProduce;
    static constexpr VersionRange kVersions{0, 11};

    struct Partition {
        std::int32_t index = 0;
        Records records;

        template <class V>
        void visit(V& v) {
            v.field(index);
            v.field(records);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partition_data;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partition_data);
            v.tags();
        }
    };

    std::optional<std::string> transactional_id;
    std::int16_t acks = 0;
    std::int32_t timeout_ms = 0;
    std::vector<Topic> topic_data;

    template <class V>
    void visit(V& v) {
        if (v.since(3)) {
            v.field(transactional_id);
        }
        v.field(acks);
        v.field(timeout_ms);
        v.array(topic_data);
        v.tags();
    }
};

/// Versions 0 to 11; flexible from 9.
struct ProduceResponse {
    static constexpr ApiKey kApi = ApiKey::kProduce;
    static constexpr VersionRange kVersions{0, 11};

    struct RecordError {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message;

        template <class V>
        void visit(V& v) {
            v.field(batch_index);
            v.field(batch_index_error_message);
            v.tags();
        }
    };

    struct Partition {
        std::int32_t index = 0;
        KafkaError error = KafkaError::kNone;
        std::int64_t base_offset = 0;
        std::int64_t log_append_time_ms = -1;
        std::int64_t log_start_offset = -1;
        std::vector<RecordError> record_errors;
        std::optional<std::string> error_message;

        template <class V>
        void visit(V& v) {
            v.field(index);
            v.field(error);
            v.field(base_offset);
            if (v.since(2)) {
                v.field(log_append_time_ms);
            }
            if (v.since(5)) {
                v.field(log_start_offset);
            }
            if (v.since(8)) {
                v.array(record_errors);
                v.field(error_message);
            }
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> partition_responses;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partition_responses);
            v.tags();
        }
    };

    std::vector<Topic> responses;
    std::int32_t throttle_time_ms = 0;

    template <class V>
    void visit(V& v) {
        v.array(responses);
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.tags();
    }
};

}  // namespace millrace::wire
