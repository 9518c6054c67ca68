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

/// Both ends belong to it.
struct VersionRange {
    std::int16_t min = 0;
    std::int16_t max = 0;

    [[nodiscard]] bool contains(std::int16_t version) const {
        return version >= min && version <= max;
    }
};

/// From which version on an API's requests and responses are flexible: compact lengths and tagged
/// fields. 32767 when never.
[[nodiscard]] std::int16_t flexible_from(ApiKey key);
/// 2 when the request is flexible (the header ends with tagged fields), else 1.
[[nodiscard]] std::int16_t request_header_version(ApiKey key, std::int16_t version);
/// 1 when the response is flexible (tagged fields follow the correlation id), else 0. Always 0 for
/// ApiVersions: its client does not know yet what the broker understands.
[[nodiscard]] std::int16_t response_header_version(ApiKey key, std::int16_t version);

}  // namespace millrace::wire
