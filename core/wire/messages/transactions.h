// InitProducerId and the APIs of transactions.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 0 to 4; flexible from 2.
struct InitProducerIdRequest {
    static constexpr ApiKey kApi = ApiKey::kInitProducerId;
    static constexpr VersionRange kVersions{0, 4};

    std::optional<std::string> transactional_id;
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;

    template <class V>
    void visit(V& v) {
        v.field(transactional_id);
        v.field(transaction_timeout_ms);
        if (v.since(3)) {
            v.field(producer_id);
            v.field(producer_epoch);
        }
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 2.
struct InitProducerIdResponse {
    static constexpr ApiKey kApi = ApiKey::kInitProducerId;
    static constexpr VersionRange kVersions{0, 4};

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = 0;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.field(error);
        v.field(producer_id);
        v.field(producer_epoch);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct AddPartitionsToTxnRequest {
    static constexpr ApiKey kApi = ApiKey::kAddPartitionsToTxn;
    static constexpr VersionRange kVersions{0, 3};

    struct Topic {
        std::string name;
        std::vector<std::int32_t> partitions;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(partitions);
            v.tags();
        }
    };

    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(transactional_id);
        v.field(producer_id);
        v.field(producer_epoch);
        v.array(topics);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct AddPartitionsToTxnResponse {
    static constexpr ApiKey kApi = ApiKey::kAddPartitionsToTxn;
    static constexpr VersionRange kVersions{0, 3};

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError partition_error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(partition_error);
            v.tags();
        }
    };

    struct Topic {
        std::string name;
        std::vector<Partition> results_by_partition;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.array(results_by_partition);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Topic> results_by_topic;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(results_by_topic);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct AddOffsetsToTxnRequest {
    static constexpr ApiKey kApi = ApiKey::kAddOffsetsToTxn;
    static constexpr VersionRange kVersions{0, 3};

    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::string group_id;

    template <class V>
    void visit(V& v) {
        v.field(transactional_id);
        v.field(producer_id);
        v.field(producer_epoch);
        v.field(group_id);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct AddOffsetsToTxnResponse {
    static constexpr ApiKey kApi = ApiKey::kAddOffsetsToTxn;
    static constexpr VersionRange kVersions{0, 3};

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.field(error);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct EndTxnRequest {
    static constexpr ApiKey kApi = ApiKey::kEndTxn;
    static constexpr VersionRange kVersions{0, 3};

    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool committed = false;

    template <class V>
    void visit(V& v) {
        v.field(transactional_id);
        v.field(producer_id);
        v.field(producer_epoch);
        v.field(committed);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct EndTxnResponse {
    static constexpr ApiKey kApi = ApiKey::kEndTxn;
    static constexpr VersionRange kVersions{0, 3};

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.field(error);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct TxnOffsetCommitRequest {
    static constexpr ApiKey kApi = ApiKey::kTxnOffsetCommit;
    static constexpr VersionRange kVersions{0, 3};

    struct Partition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> committed_metadata;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(committed_offset);
            if (v.since(2)) {
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

    std::string transactional_id;
    std::string group_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::int32_t generation_id = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.field(transactional_id);
        v.field(group_id);
        v.field(producer_id);
        v.field(producer_epoch);
        if (v.since(3)) {
            v.field(generation_id);
            v.field(member_id);
            v.field(group_instance_id);
        }
        v.array(topics);
        v.tags();
    }
};

/// Versions 0 to 3; flexible from 3.
struct TxnOffsetCommitResponse {
    static constexpr ApiKey kApi = ApiKey::kTxnOffsetCommit;
    static constexpr VersionRange kVersions{0, 3};

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
        v.field(throttle_time_ms);
        v.array(topics);
        v.tags();
    }
};

/// Version 0; flexible from 0.
struct DescribeProducersRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeProducers;
    static constexpr VersionRange kVersions{0, 0};

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

    std::vector<Topic> topics;

    template <class V>
    void visit(V& v) {
        v.array(topics);
        v.tags();
    }
};

/// Version 0; flexible from 0.
struct DescribeProducersResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeProducers;
    static constexpr VersionRange kVersions{0, 0};

    struct Producer {
        std::int64_t producer_id = 0;
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_start_offset = -1;

        template <class V>
        void visit(V& v) {
            v.field(producer_id);
            v.field(producer_epoch);
            v.field(last_sequence);
            v.field(last_timestamp);
            v.field(coordinator_epoch);
            v.field(current_txn_start_offset);
            v.tags();
        }
    };

    struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;
        std::vector<Producer> active_producers;

        template <class V>
        void visit(V& v) {
            v.field(partition_index);
            v.field(error);
            v.field(error_message);
            v.array(active_producers);
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

/// Version 0; flexible from 0.
struct DescribeTransactionsRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeTransactions;
    static constexpr VersionRange kVersions{0, 0};

    std::vector<std::string> transactional_ids;

    template <class V>
    void visit(V& v) {
        v.array(transactional_ids);
        v.tags();
    }
};

/// Version 0; flexible from 0.
struct DescribeTransactionsResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeTransactions;
    static constexpr VersionRange kVersions{0, 0};

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

    struct Transaction {
        KafkaError error = KafkaError::kNone;
        std::string transactional_id;
        std::string transaction_state;
        std::int32_t transaction_timeout_ms = 0;
        std::int64_t transaction_start_time_ms = 0;
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        std::vector<Topic> topics;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(transactional_id);
            v.field(transaction_state);
            v.field(transaction_timeout_ms);
            v.field(transaction_start_time_ms);
            v.field(producer_id);
            v.field(producer_epoch);
            v.array(topics);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Transaction> transaction_states;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(transaction_states);
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 0.
struct ListTransactionsRequest {
    static constexpr ApiKey kApi = ApiKey::kListTransactions;
    static constexpr VersionRange kVersions{0, 1};

    std::vector<std::string> state_filters;
    std::vector<std::int64_t> producer_id_filters;
    std::int64_t duration_filter = -1;

    template <class V>
    void visit(V& v) {
        v.array(state_filters);
        v.array(producer_id_filters);
        if (v.since(1)) {
            v.field(duration_filter);
        }
        v.tags();
    }
};

/// Versions 0 to 1; flexible from 0.
struct ListTransactionsResponse {
    static constexpr ApiKey kApi = ApiKey::kListTransactions;
    static constexpr VersionRange kVersions{0, 1};

    struct Transaction {
        std::string transactional_id;
        std::int64_t producer_id = 0;
        std::string transaction_state;

        template <class V>
        void visit(V& v) {
            v.field(transactional_id);
            v.field(producer_id);
            v.field(transaction_state);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::vector<std::string> unknown_state_filters;
    std::vector<Transaction> transaction_states;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.field(error);
        v.array(unknown_state_filters);
        v.array(transaction_states);
        v.tags();
    }
};

}  // namespace millrace::wire
