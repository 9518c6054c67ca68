// KafkaError: the error codes of the Kafka protocol, as they travel.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.h"

namespace millrace {

/// Numbers and names of the protocol (https://kafka.apache.org/protocol, "Error Codes").
enum class KafkaError : std::int16_t {
    kUnknownServerError = -1,
    kNone = 0,
    kOffsetOutOfRange = 1,
    kCorruptMessage = 2,
    kUnknownTopicOrPartition = 3,
    kInvalidFetchSize = 4,
    kLeaderNotAvailable = 5,
    kNotLeaderOrFollower = 6,
    kRequestTimedOut = 7,
    kMessageTooLarge = 10,
    kOffsetMetadataTooLarge = 12,
    kNetworkException = 13,
    kCoordinatorLoadInProgress = 14,
    kCoordinatorNotAvailable = 15,
    kNotCoordinator = 16,
    kInvalidTopic = 17,
    kRecordListTooLarge = 18,
    kInvalidRequiredAcks = 21,
    kIllegalGeneration = 22,
    kInconsistentGroupProtocol = 23,
    kInvalidGroupId = 24,
    kUnknownMemberId = 25,
    kInvalidSessionTimeout = 26,
    kRebalanceInProgress = 27,
    kInvalidCommitOffsetSize = 28,
    kTopicAuthorizationFailed = 29,
    kGroupAuthorizationFailed = 30,
    kClusterAuthorizationFailed = 31,
    kInvalidTimestamp = 32,
    kUnsupportedVersion = 35,
    kTopicAlreadyExists = 36,
    kInvalidPartitions = 37,
    kInvalidReplicationFactor = 38,
    kInvalidReplicaAssignment = 39,
    kInvalidConfig = 40,
    kNotController = 41,
    kInvalidRequest = 42,
    kUnsupportedForMessageFormat = 43,
    kPolicyViolation = 44,
    kOutOfOrderSequenceNumber = 45,
    kDuplicateSequenceNumber = 46,
    kInvalidProducerEpoch = 47,
    kInvalidTxnState = 48,
    kInvalidProducerIdMapping = 49,
    kInvalidTransactionTimeout = 50,
    kConcurrentTransactions = 51,
    kTransactionCoordinatorFenced = 52,
    kTransactionalIdAuthorizationFailed = 53,
    kOperationNotAttempted = 55,
    kKafkaStorageError = 56,
    kLogDirNotFound = 57,
    kUnknownProducerId = 59,
    kReassignmentInProgress = 60,
    kNonEmptyGroup = 68,
    kGroupIdNotFound = 69,
    kFetchSessionIdNotFound = 70,
    kInvalidFetchSessionEpoch = 71,
    kTopicDeletionDisabled = 73,
    kFencedLeaderEpoch = 74,
    kUnknownLeaderEpoch = 75,
    kUnsupportedCompressionType = 76,
    kStaleBrokerEpoch = 77,
    kOffsetNotAvailable = 78,
    kMemberIdRequired = 79,
    kGroupMaxSizeReached = 81,
    kFencedInstanceId = 82,
    kEligibleLeadersNotAvailable = 83,
    kElectionNotNeeded = 84,
    kGroupSubscribedToTopic = 86,
    kInvalidRecord = 87,
    kUnstableOffsetCommit = 88,
    kThrottlingQuotaExceeded = 89,
    kProducerFenced = 90,
    kUnknownTopicId = 100,
    kInconsistentTopicId = 103,
    kTransactionalIdNotFound = 105,
    kFetchSessionTopicIdError = 106,
    kMismatchedEndpointType = 114,
    kUnsupportedEndpointType = 115,
};

/// "UNKNOWN_TOPIC_OR_PARTITION": the name the protocol's documents give it. Static storage.
[[nodiscard]] std::string_view name_of(KafkaError error);

/// What a client is told of one of our errors. Codes that have no twin become kUnknownServerError.
[[nodiscard]] KafkaError to_kafka_error(ErrorCode code);

}  // namespace millrace
