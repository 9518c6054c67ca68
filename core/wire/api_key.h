// ApiKey: the numbers of the Kafka protocol's APIs that Millrace answers.
#pragma once

#include <cstdint>

namespace millrace::wire {

enum class ApiKey : std::int16_t {
    kProduce = 0,
    kFetch = 1,
    kListOffsets = 2,
    kMetadata = 3,
    kOffsetCommit = 8,
    kOffsetFetch = 9,
    kFindCoordinator = 10,
    kJoinGroup = 11,
    kHeartbeat = 12,
    kLeaveGroup = 13,
    kSyncGroup = 14,
    kDescribeGroups = 15,
    kListGroups = 16,
    kApiVersions = 18,
    kCreateTopics = 19,
    kDeleteTopics = 20,
    kDeleteRecords = 21,
    kInitProducerId = 22,
    kOffsetForLeaderEpoch = 23,
    kAddPartitionsToTxn = 24,
    kAddOffsetsToTxn = 25,
    kEndTxn = 26,
    kTxnOffsetCommit = 28,
    kDescribeConfigs = 32,
    kAlterConfigs = 33,
    kDescribeLogDirs = 35,
    kCreatePartitions = 37,
    kDeleteGroups = 42,
    kElectLeaders = 43,
    kIncrementalAlterConfigs = 44,
    kOffsetDelete = 47,
    kDescribeCluster = 60,
    kDescribeProducers = 61,
    kDescribeTransactions = 65,
    kListTransactions = 66,
    kDescribeTopicPartitions = 75,
};

/// From which version on an API's requests and responses are flexible: compact lengths and tagged
/// fields. 32767 when never.
[[nodiscard]] std::int16_t flexible_from(ApiKey key);

}  // namespace millrace::wire
