// Rows of the version table: producers and transactions.
#include <array>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

using wire::ApiKey;

// AddPartitionsToTxn above 3 is the form that brokers use among each other, and clients take it
// when it is advertised. Above 3 (4 of InitProducerId) the others belong to the newer protocol of
// transactions, in which each one has an epoch of its own.
constexpr std::array kApis{
    Api{ApiKey::kInitProducerId,
        "InitProducerId",
        0,
        4,
        0,
        Permission::kTransactionWrite,
        handle_init_producer_id},
    Api{ApiKey::kAddPartitionsToTxn,
        "AddPartitionsToTxn",
        0,
        3,
        0,
        Permission::kTransactionWrite,
        handle_add_partitions_to_txn},
    Api{ApiKey::kAddOffsetsToTxn,
        "AddOffsetsToTxn",
        0,
        3,
        0,
        Permission::kTransactionWrite,
        handle_add_offsets_to_txn},
    Api{ApiKey::kEndTxn, "EndTxn", 0, 3, 0, Permission::kTransactionWrite, handle_end_txn},
    Api{ApiKey::kTxnOffsetCommit,
        "TxnOffsetCommit",
        0,
        3,
        0,
        Permission::kTransactionWrite,
        handle_txn_offset_commit},
    Api{ApiKey::kDescribeProducers,
        "DescribeProducers",
        0,
        0,
        0,
        Permission::kTopicRead,
        handle_describe_producers},
    Api{ApiKey::kDescribeTransactions,
        "DescribeTransactions",
        0,
        0,
        0,
        Permission::kTransactionDescribe,
        handle_describe_transactions},
    Api{ApiKey::kListTransactions,
        "ListTransactions",
        0,
        1,
        0,
        Permission::kTransactionDescribe,
        handle_list_transactions},
};

}  // namespace

std::span<const Api> transaction_apis() {
    return kApis;
}

}  // namespace millrace::server::kafka
