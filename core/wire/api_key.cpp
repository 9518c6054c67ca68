#include "core/wire/api_key.h"

#include <limits>

namespace millrace::wire {

std::int16_t flexible_from(ApiKey key) {
    switch (key) {
        case ApiKey::kDescribeCluster:
        case ApiKey::kDescribeProducers:
        case ApiKey::kDescribeTransactions:
        case ApiKey::kListTransactions:
        case ApiKey::kDescribeTopicPartitions:
            return 0;
        case ApiKey::kIncrementalAlterConfigs:
            return 1;
        case ApiKey::kDeleteRecords:
        case ApiKey::kInitProducerId:
        case ApiKey::kAlterConfigs:
        case ApiKey::kDescribeLogDirs:
        case ApiKey::kCreatePartitions:
        case ApiKey::kDeleteGroups:
        case ApiKey::kElectLeaders:
            return 2;
        case ApiKey::kFindCoordinator:
        case ApiKey::kListGroups:
        case ApiKey::kApiVersions:
        case ApiKey::kAddPartitionsToTxn:
        case ApiKey::kAddOffsetsToTxn:
        case ApiKey::kEndTxn:
        case ApiKey::kTxnOffsetCommit:
            return 3;
        case ApiKey::kHeartbeat:
        case ApiKey::kLeaveGroup:
        case ApiKey::kSyncGroup:
        case ApiKey::kDeleteTopics:
        case ApiKey::kOffsetForLeaderEpoch:
        case ApiKey::kDescribeConfigs:
            return 4;
        case ApiKey::kDescribeGroups:
        case ApiKey::kCreateTopics:
            return 5;
        case ApiKey::kListOffsets:
        case ApiKey::kOffsetFetch:
        case ApiKey::kJoinGroup:
            return 6;
        case ApiKey::kOffsetCommit:
            return 8;
        case ApiKey::kProduce:
        case ApiKey::kMetadata:
            return 9;
        case ApiKey::kFetch:
            return 12;
        case ApiKey::kOffsetDelete:
            break;
    }
    return std::numeric_limits<std::int16_t>::max();
}

std::int16_t request_header_version(ApiKey key, std::int16_t version) {
    return version >= flexible_from(key) ? 2 : 1;
}

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
    return key != ApiKey::kApiVersions && version >= flexible_from(key) ? 1 : 0;
}

}  // namespace millrace::wire
