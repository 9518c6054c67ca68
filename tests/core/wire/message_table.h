// Defines message_kinds(): to be included by one source file of a program, since it takes long to
// compile.
#pragma once

#include "core/wire/decoder.h"
#include "core/wire/generated/add_offsets_to_txn_request.h"
#include "core/wire/generated/add_offsets_to_txn_response.h"
#include "core/wire/generated/add_partitions_to_txn_request.h"
#include "core/wire/generated/add_partitions_to_txn_response.h"
#include "core/wire/generated/alter_configs_request.h"
#include "core/wire/generated/alter_configs_response.h"
#include "core/wire/generated/api_versions_request.h"
#include "core/wire/generated/api_versions_response.h"
#include "core/wire/generated/create_partitions_request.h"
#include "core/wire/generated/create_partitions_response.h"
#include "core/wire/generated/create_topics_request.h"
#include "core/wire/generated/create_topics_response.h"
#include "core/wire/generated/delete_groups_request.h"
#include "core/wire/generated/delete_groups_response.h"
#include "core/wire/generated/delete_records_request.h"
#include "core/wire/generated/delete_records_response.h"
#include "core/wire/generated/delete_topics_request.h"
#include "core/wire/generated/delete_topics_response.h"
#include "core/wire/generated/describe_cluster_request.h"
#include "core/wire/generated/describe_cluster_response.h"
#include "core/wire/generated/describe_configs_request.h"
#include "core/wire/generated/describe_configs_response.h"
#include "core/wire/generated/describe_groups_request.h"
#include "core/wire/generated/describe_groups_response.h"
#include "core/wire/generated/describe_log_dirs_request.h"
#include "core/wire/generated/describe_log_dirs_response.h"
#include "core/wire/generated/describe_producers_request.h"
#include "core/wire/generated/describe_producers_response.h"
#include "core/wire/generated/describe_topic_partitions_request.h"
#include "core/wire/generated/describe_topic_partitions_response.h"
#include "core/wire/generated/describe_transactions_request.h"
#include "core/wire/generated/describe_transactions_response.h"
#include "core/wire/generated/elect_leaders_request.h"
#include "core/wire/generated/elect_leaders_response.h"
#include "core/wire/generated/end_txn_request.h"
#include "core/wire/generated/end_txn_response.h"
#include "core/wire/generated/fetch_request.h"
#include "core/wire/generated/fetch_response.h"
#include "core/wire/generated/find_coordinator_request.h"
#include "core/wire/generated/find_coordinator_response.h"
#include "core/wire/generated/heartbeat_request.h"
#include "core/wire/generated/heartbeat_response.h"
#include "core/wire/generated/incremental_alter_configs_request.h"
#include "core/wire/generated/incremental_alter_configs_response.h"
#include "core/wire/generated/init_producer_id_request.h"
#include "core/wire/generated/init_producer_id_response.h"
#include "core/wire/generated/join_group_request.h"
#include "core/wire/generated/join_group_response.h"
#include "core/wire/generated/leave_group_request.h"
#include "core/wire/generated/leave_group_response.h"
#include "core/wire/generated/list_groups_request.h"
#include "core/wire/generated/list_groups_response.h"
#include "core/wire/generated/list_offsets_request.h"
#include "core/wire/generated/list_offsets_response.h"
#include "core/wire/generated/list_transactions_request.h"
#include "core/wire/generated/list_transactions_response.h"
#include "core/wire/generated/metadata_request.h"
#include "core/wire/generated/metadata_response.h"
#include "core/wire/generated/offset_commit_request.h"
#include "core/wire/generated/offset_commit_response.h"
#include "core/wire/generated/offset_delete_request.h"
#include "core/wire/generated/offset_delete_response.h"
#include "core/wire/generated/offset_fetch_request.h"
#include "core/wire/generated/offset_fetch_response.h"
#include "core/wire/generated/offset_for_leader_epoch_request.h"
#include "core/wire/generated/offset_for_leader_epoch_response.h"
#include "core/wire/generated/produce_request.h"
#include "core/wire/generated/produce_response.h"
#include "core/wire/generated/sync_group_request.h"
#include "core/wire/generated/sync_group_response.h"
#include "core/wire/generated/txn_offset_commit_request.h"
#include "core/wire/generated/txn_offset_commit_response.h"
#include "core/wire/messages/api_versions.h"
#include "core/wire/messages/cluster.h"
#include "core/wire/messages/configs.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/groups.h"
#include "core/wire/messages/list_offsets.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/messages/offsets.h"
#include "core/wire/messages/produce.h"
#include "core/wire/messages/topics.h"
#include "core/wire/messages/transactions.h"
#include "core/wire/request_decoder.h"
#include "tests/core/wire/message_filler.h"
#include "tests/core/wire/message_kinds.h"

namespace millrace::wire {

template <class Message, class Reader>
MessageKind message_kind(std::string_view name, bool is_request) {
    return {.name = name,
            .key = Message::kApi,
            .is_request = is_request,
            .versions = Message::kVersions,
            .make =
                [](Random& random, std::int16_t version) {
                    Message message = filled<Message>(random, version);
                    return encoded(message, version);
                },
            .decode_and_encode = [](ByteView body, std::int16_t version) -> Result<Buffer> {
                MILLRACE_TRY(Message message, decode_message<Message>(body, version));
                return encoded(message, version);
            },
            .read =
                [](Arena& arena, ByteView body, std::int16_t version) {
                    return decode_body<Reader>(arena, body, version) != nullptr;
                }};
}

const std::vector<MessageKind>& message_kinds() {
    static const std::vector<MessageKind> kinds = {
        message_kind<ProduceRequest, produce_request_t>("ProduceRequest", true),
        message_kind<ProduceResponse, produce_response_t>("ProduceResponse", false),
        message_kind<FetchRequest, fetch_request_t>("FetchRequest", true),
        message_kind<FetchResponse, fetch_response_t>("FetchResponse", false),
        message_kind<ListOffsetsRequest, list_offsets_request_t>("ListOffsetsRequest", true),
        message_kind<ListOffsetsResponse, list_offsets_response_t>("ListOffsetsResponse", false),
        message_kind<MetadataRequest, metadata_request_t>("MetadataRequest", true),
        message_kind<MetadataResponse, metadata_response_t>("MetadataResponse", false),
        message_kind<OffsetCommitRequest, offset_commit_request_t>("OffsetCommitRequest", true),
        message_kind<OffsetCommitResponse, offset_commit_response_t>("OffsetCommitResponse", false),
        message_kind<OffsetFetchRequest, offset_fetch_request_t>("OffsetFetchRequest", true),
        message_kind<OffsetFetchResponse, offset_fetch_response_t>("OffsetFetchResponse", false),
        message_kind<FindCoordinatorRequest, find_coordinator_request_t>("FindCoordinatorRequest",
                                                                         true),
        message_kind<FindCoordinatorResponse, find_coordinator_response_t>(
            "FindCoordinatorResponse", false),
        message_kind<JoinGroupRequest, join_group_request_t>("JoinGroupRequest", true),
        message_kind<JoinGroupResponse, join_group_response_t>("JoinGroupResponse", false),
        message_kind<HeartbeatRequest, heartbeat_request_t>("HeartbeatRequest", true),
        message_kind<HeartbeatResponse, heartbeat_response_t>("HeartbeatResponse", false),
        message_kind<LeaveGroupRequest, leave_group_request_t>("LeaveGroupRequest", true),
        message_kind<LeaveGroupResponse, leave_group_response_t>("LeaveGroupResponse", false),
        message_kind<SyncGroupRequest, sync_group_request_t>("SyncGroupRequest", true),
        message_kind<SyncGroupResponse, sync_group_response_t>("SyncGroupResponse", false),
        message_kind<DescribeGroupsRequest, describe_groups_request_t>("DescribeGroupsRequest",
                                                                       true),
        message_kind<DescribeGroupsResponse, describe_groups_response_t>("DescribeGroupsResponse",
                                                                         false),
        message_kind<ListGroupsRequest, list_groups_request_t>("ListGroupsRequest", true),
        message_kind<ListGroupsResponse, list_groups_response_t>("ListGroupsResponse", false),
        message_kind<ApiVersionsRequest, api_versions_request_t>("ApiVersionsRequest", true),
        message_kind<ApiVersionsResponse, api_versions_response_t>("ApiVersionsResponse", false),
        message_kind<CreateTopicsRequest, create_topics_request_t>("CreateTopicsRequest", true),
        message_kind<CreateTopicsResponse, create_topics_response_t>("CreateTopicsResponse", false),
        message_kind<DeleteTopicsRequest, delete_topics_request_t>("DeleteTopicsRequest", true),
        message_kind<DeleteTopicsResponse, delete_topics_response_t>("DeleteTopicsResponse", false),
        message_kind<DeleteRecordsRequest, delete_records_request_t>("DeleteRecordsRequest", true),
        message_kind<DeleteRecordsResponse, delete_records_response_t>("DeleteRecordsResponse",
                                                                       false),
        message_kind<InitProducerIdRequest, init_producer_id_request_t>("InitProducerIdRequest",
                                                                        true),
        message_kind<InitProducerIdResponse, init_producer_id_response_t>("InitProducerIdResponse",
                                                                          false),
        message_kind<OffsetForLeaderEpochRequest, offset_for_leader_epoch_request_t>(
            "OffsetForLeaderEpochRequest", true),
        message_kind<OffsetForLeaderEpochResponse, offset_for_leader_epoch_response_t>(
            "OffsetForLeaderEpochResponse", false),
        message_kind<AddPartitionsToTxnRequest, add_partitions_to_txn_request_t>(
            "AddPartitionsToTxnRequest", true),
        message_kind<AddPartitionsToTxnResponse, add_partitions_to_txn_response_t>(
            "AddPartitionsToTxnResponse", false),
        message_kind<AddOffsetsToTxnRequest, add_offsets_to_txn_request_t>("AddOffsetsToTxnRequest",
                                                                           true),
        message_kind<AddOffsetsToTxnResponse, add_offsets_to_txn_response_t>(
            "AddOffsetsToTxnResponse", false),
        message_kind<EndTxnRequest, end_txn_request_t>("EndTxnRequest", true),
        message_kind<EndTxnResponse, end_txn_response_t>("EndTxnResponse", false),
        message_kind<TxnOffsetCommitRequest, txn_offset_commit_request_t>("TxnOffsetCommitRequest",
                                                                          true),
        message_kind<TxnOffsetCommitResponse, txn_offset_commit_response_t>(
            "TxnOffsetCommitResponse", false),
        message_kind<DescribeConfigsRequest, describe_configs_request_t>("DescribeConfigsRequest",
                                                                         true),
        message_kind<DescribeConfigsResponse, describe_configs_response_t>(
            "DescribeConfigsResponse", false),
        message_kind<AlterConfigsRequest, alter_configs_request_t>("AlterConfigsRequest", true),
        message_kind<AlterConfigsResponse, alter_configs_response_t>("AlterConfigsResponse", false),
        message_kind<DescribeLogDirsRequest, describe_log_dirs_request_t>("DescribeLogDirsRequest",
                                                                          true),
        message_kind<DescribeLogDirsResponse, describe_log_dirs_response_t>(
            "DescribeLogDirsResponse", false),
        message_kind<CreatePartitionsRequest, create_partitions_request_t>(
            "CreatePartitionsRequest", true),
        message_kind<CreatePartitionsResponse, create_partitions_response_t>(
            "CreatePartitionsResponse", false),
        message_kind<DeleteGroupsRequest, delete_groups_request_t>("DeleteGroupsRequest", true),
        message_kind<DeleteGroupsResponse, delete_groups_response_t>("DeleteGroupsResponse", false),
        message_kind<ElectLeadersRequest, elect_leaders_request_t>("ElectLeadersRequest", true),
        message_kind<ElectLeadersResponse, elect_leaders_response_t>("ElectLeadersResponse", false),
        message_kind<IncrementalAlterConfigsRequest, incremental_alter_configs_request_t>(
            "IncrementalAlterConfigsRequest", true),
        message_kind<IncrementalAlterConfigsResponse, incremental_alter_configs_response_t>(
            "IncrementalAlterConfigsResponse", false),
        message_kind<OffsetDeleteRequest, offset_delete_request_t>("OffsetDeleteRequest", true),
        message_kind<OffsetDeleteResponse, offset_delete_response_t>("OffsetDeleteResponse", false),
        message_kind<DescribeClusterRequest, describe_cluster_request_t>("DescribeClusterRequest",
                                                                         true),
        message_kind<DescribeClusterResponse, describe_cluster_response_t>(
            "DescribeClusterResponse", false),
        message_kind<DescribeProducersRequest, describe_producers_request_t>(
            "DescribeProducersRequest", true),
        message_kind<DescribeProducersResponse, describe_producers_response_t>(
            "DescribeProducersResponse", false),
        message_kind<DescribeTransactionsRequest, describe_transactions_request_t>(
            "DescribeTransactionsRequest", true),
        message_kind<DescribeTransactionsResponse, describe_transactions_response_t>(
            "DescribeTransactionsResponse", false),
        message_kind<ListTransactionsRequest, list_transactions_request_t>(
            "ListTransactionsRequest", true),
        message_kind<ListTransactionsResponse, list_transactions_response_t>(
            "ListTransactionsResponse", false),
        message_kind<DescribeTopicPartitionsRequest, describe_topic_partitions_request_t>(
            "DescribeTopicPartitionsRequest", true),
        message_kind<DescribeTopicPartitionsResponse, describe_topic_partitions_response_t>(
            "DescribeTopicPartitionsResponse", false),
    };
    return kinds;
}

}  // namespace millrace::wire
