// The group and offset APIs over a socket, in every version.
#include "core/wire/messages/groups.h"

#include <future>

#include <gtest/gtest.h>

#include "core/broker/groups/group_coordinator.h"
#include "core/wire/messages/offsets.h"
#include "tests/server/kafka/kafka_fixture.h"

namespace millrace::server::kafka {
namespace {

using test::KafkaClient;

class KafkaGroups : public KafkaTest {
  protected:
    static wire::JoinGroupRequest ask(const std::string& group, const std::string& member_id = "") {
        wire::JoinGroupRequest request;
        request.group_id = group;
        request.session_timeout_ms = 10'000;
        request.rebalance_timeout_ms = 20'000;
        request.member_id = member_id;
        request.protocol_type = "consumer";
        request.protocols.push_back({"range", Buffer(std::string_view("topics"))});
        return request;
    }
    /// Joins as clients do: from version 4 on, the first answer is only the member id.
    static wire::JoinGroupResponse join(KafkaClient& client,
                                        const std::string& group,
                                        std::int16_t version) {
        wire::JoinGroupRequest request = ask(group);
        auto response = client.call<wire::JoinGroupResponse>(request, version);
        if (response.error == KafkaError::kMemberIdRequired) {
            EXPECT_GE(version, 4);
            request.member_id = response.member_id;
            response = client.call<wire::JoinGroupResponse>(request, version);
        }
        return response;
    }
    static wire::SyncGroupResponse sync(KafkaClient& client,
                                        const std::string& group,
                                        const wire::JoinGroupResponse& joined,
                                        std::int16_t version) {
        wire::SyncGroupRequest request;
        request.group_id = group;
        request.generation_id = joined.generation_id;
        request.member_id = joined.member_id;
        request.protocol_type = "consumer";
        request.protocol_name = "range";
        for (const auto& member : joined.members) {
            request.assignments.push_back(
                {member.member_id, Buffer(std::string_view("for " + member.member_id))});
        }
        return client.call<wire::SyncGroupResponse>(request, version);
    }
    static KafkaError commit(KafkaClient& client,
                             const std::string& group,
                             const std::string& topic,
                             std::int64_t offset,
                             std::int32_t partition = 0,
                             std::int16_t version = 9) {
        wire::OffsetCommitRequest request;
        request.group_id = group;
        request.topics.push_back({topic,
                                  {{.partition_index = partition,
                                    .committed_offset = offset,
                                    .committed_leader_epoch = 0,
                                    .committed_metadata = "note"}}});
        const auto response = client.call<wire::OffsetCommitResponse>(request, version);
        EXPECT_EQ(response.topics.size(), 1U);
        return response.topics.empty() ? KafkaError::kUnknownServerError
                                       : response.topics[0].partitions.at(0).error;
    }
    static wire::OffsetFetchResponse fetch(KafkaClient& client,
                                           wire::OffsetFetchRequest request,
                                           std::int16_t version) {
        return client.call<wire::OffsetFetchResponse>(request, version);
    }
};

TEST_F(KafkaGroups, FindTheirCoordinatorWhereTheClientIs) {
    KafkaClient client(port());
    for (std::int16_t version = 0; version <= 4; ++version) {
        wire::FindCoordinatorRequest request;
        request.key = "g";
        request.coordinator_keys = {"g", "h"};
        const auto response = client.call<wire::FindCoordinatorResponse>(request, version);
        if (version < 4) {
            EXPECT_EQ(response.error, KafkaError::kNone);
            EXPECT_EQ(response.host, "127.0.0.1");
            EXPECT_EQ(response.port, port());
        } else {
            ASSERT_EQ(response.coordinators.size(), 2U);
            EXPECT_EQ(response.coordinators[1].key, "h");
            EXPECT_EQ(response.coordinators[1].host, "127.0.0.1");
            EXPECT_EQ(response.coordinators[1].port, port());
            EXPECT_EQ(response.coordinators[1].error, KafkaError::kNone);
        }
    }
    wire::FindCoordinatorRequest transaction;
    transaction.key = "tx";
    transaction.key_type = 1;
    EXPECT_EQ(client.call<wire::FindCoordinatorResponse>(transaction, 2).port, port());
    transaction.key_type = 2;
    const auto unknown = client.call<wire::FindCoordinatorResponse>(transaction, 2);
    EXPECT_EQ(unknown.error, KafkaError::kInvalidRequest);
    EXPECT_EQ(unknown.node_id, -1);
}

TEST_F(KafkaGroups, GoThroughALifeInEveryVersion) {
    KafkaClient client(port());
    for (std::int16_t version = 0; version <= 9; ++version) {
        const std::string group = "g" + std::to_string(version);
        const auto joined = join(client, group, version);
        ASSERT_EQ(joined.error, KafkaError::kNone) << version;
        EXPECT_EQ(joined.generation_id, 1);
        EXPECT_EQ(joined.protocol_name, "range");
        EXPECT_EQ(joined.protocol_type.has_value(), version >= 7);
        EXPECT_EQ(joined.leader, joined.member_id);
        ASSERT_EQ(joined.members.size(), 1U);
        EXPECT_EQ(joined.members[0].metadata.text(), "topics");
        const auto sync_version = std::min<std::int16_t>(version, 5);
        const auto synced = sync(client, group, joined, sync_version);
        EXPECT_EQ(synced.error, KafkaError::kNone);
        EXPECT_EQ(synced.assignment.text(), "for " + joined.member_id);
        EXPECT_EQ(synced.protocol_name.has_value(), sync_version >= 5);

        wire::HeartbeatRequest beat;
        beat.group_id = group;
        beat.generation_id = 1;
        beat.member_id = joined.member_id;
        const auto beat_version = std::min<std::int16_t>(version, 4);
        EXPECT_EQ(client.call<wire::HeartbeatResponse>(beat, beat_version).error,
                  KafkaError::kNone);
        beat.generation_id = 2;
        EXPECT_EQ(client.call<wire::HeartbeatResponse>(beat, beat_version).error,
                  KafkaError::kIllegalGeneration);

        wire::LeaveGroupRequest leave;
        leave.group_id = group;
        leave.member_id = joined.member_id;
        leave.members.push_back({.member_id = joined.member_id});
        leave.members.push_back({.member_id = "nobody"});
        const auto leave_version = std::min<std::int16_t>(version, 5);
        const auto left = client.call<wire::LeaveGroupResponse>(leave, leave_version);
        EXPECT_EQ(left.error, KafkaError::kNone);
        if (leave_version >= 3) {
            ASSERT_EQ(left.members.size(), 2U);
            EXPECT_EQ(left.members[0].error, KafkaError::kNone);
            EXPECT_EQ(left.members[1].member_id, "nobody");
            EXPECT_EQ(left.members[1].error, KafkaError::kUnknownMemberId);
        } else {
            EXPECT_EQ(client.call<wire::LeaveGroupResponse>(leave, leave_version).error,
                      KafkaError::kUnknownMemberId);
        }
    }
}

TEST_F(KafkaGroups, BringTwoMembersTogether) {
    KafkaClient first(port(), "first");
    KafkaClient second(port(), "second");
    const auto alone = join(first, "g", 9);
    EXPECT_EQ(sync(first, "g", alone, 5).error, KafkaError::kNone);
    wire::JoinGroupRequest newcomer = ask("g");
    newcomer.member_id = second.call<wire::JoinGroupResponse>(newcomer, 9).member_id;
    second.send(newcomer, 9);  // waits for the first
    wire::HeartbeatRequest beat;
    beat.group_id = "g";
    beat.generation_id = alone.generation_id;
    beat.member_id = alone.member_id;
    for (KafkaError error = KafkaError::kNone; error == KafkaError::kNone;) {
        error = first.call<wire::HeartbeatResponse>(beat, 4).error;
        ASSERT_TRUE(error == KafkaError::kNone || error == KafkaError::kRebalanceInProgress);
    }
    wire::JoinGroupRequest again = ask("g", alone.member_id);
    const auto leader = first.call<wire::JoinGroupResponse>(again, 9);
    const auto follower = second.receive<wire::JoinGroupResponse>(9);
    EXPECT_EQ(leader.generation_id, 2);
    EXPECT_EQ(follower.generation_id, 2);
    EXPECT_EQ(leader.members.size(), 2U);
    EXPECT_TRUE(follower.members.empty());
    EXPECT_EQ(follower.leader, alone.member_id);
    EXPECT_EQ(sync(first, "g", leader, 5).assignment.text(), "for " + leader.member_id);
    EXPECT_EQ(sync(second, "g", follower, 5).assignment.text(), "for " + follower.member_id);

    for (std::int16_t version = 0; version <= 5; ++version) {
        wire::DescribeGroupsRequest request;
        request.groups = {"g", "nothing"};
        request.include_authorized_operations = true;
        const auto response = first.call<wire::DescribeGroupsResponse>(request, version);
        ASSERT_EQ(response.groups.size(), 2U);
        EXPECT_EQ(response.groups[0].group_state, "Stable");
        EXPECT_EQ(response.groups[0].protocol_type, "consumer");
        EXPECT_EQ(response.groups[0].protocol_data, "range");
        ASSERT_EQ(response.groups[0].members.size(), 2U);
        EXPECT_EQ(response.groups[0].members[0].client_host, "/127.0.0.1");
        EXPECT_EQ(response.groups[0].members[0].client_id, "first");
        EXPECT_EQ(response.groups[0].members[0].member_metadata.text(), "topics");
        EXPECT_EQ(response.groups[1].group_state, "Dead");
        EXPECT_EQ(response.groups[1].error, KafkaError::kNone);
        if (version >= 3) {
            EXPECT_EQ(response.groups[0].authorized_operations, 328);
        }
    }
}

TEST_F(KafkaGroups, GiveAStaticMemberItsPlaceBack) {
    KafkaClient client(port());
    wire::JoinGroupRequest request = ask("g");
    request.group_instance_id = "i";
    const auto first = client.call<wire::JoinGroupResponse>(request, 9);
    ASSERT_EQ(first.error, KafkaError::kNone);
    EXPECT_EQ(first.members.at(0).group_instance_id, "i");
    wire::SyncGroupRequest synced;
    synced.group_id = "g";
    synced.generation_id = 1;
    synced.member_id = first.member_id;
    synced.group_instance_id = "i";
    synced.assignments.push_back({first.member_id, Buffer(std::string_view("all"))});
    EXPECT_EQ(client.call<wire::SyncGroupResponse>(synced, 5).assignment.text(), "all");
    const auto back = client.call<wire::JoinGroupResponse>(request, 9);
    EXPECT_EQ(back.generation_id, 1);
    EXPECT_TRUE(back.skip_assignment);
    EXPECT_NE(back.member_id, first.member_id);
    wire::HeartbeatRequest beat;
    beat.group_id = "g";
    beat.generation_id = 1;
    beat.member_id = first.member_id;
    beat.group_instance_id = "i";
    EXPECT_EQ(client.call<wire::HeartbeatResponse>(beat, 4).error, KafkaError::kFencedInstanceId);
    wire::LeaveGroupRequest leave;
    leave.group_id = "g";
    leave.members.push_back({.member_id = "", .group_instance_id = "i"});
    EXPECT_EQ(client.call<wire::LeaveGroupResponse>(leave, 5).members.at(0).error,
              KafkaError::kNone);
}

TEST_F(KafkaGroups, CommitAndFetchOffsetsInEveryVersion) {
    create("t", 3);
    KafkaClient client(port());
    for (std::int16_t version = 2; version <= 9; ++version) {
        EXPECT_EQ(commit(client, "g", "t", version, 1, version), KafkaError::kNone);
        EXPECT_EQ(commit(client, "g", "t", 1, 3, version), KafkaError::kUnknownTopicOrPartition);
        EXPECT_EQ(commit(client, "g", "u", 1, 0, version), KafkaError::kUnknownTopicOrPartition);
    }
    for (std::int16_t version = 1; version <= 9; ++version) {
        wire::OffsetFetchRequest request;
        request.group_id = "g";
        request.topics.emplace().push_back({"t", {0, 1, 7}});
        request.groups.push_back({.group_id = "g", .topics = request.topics});
        request.groups.push_back({.group_id = "other", .topics = request.topics});
        const auto response = fetch(client, request, version);
        if (version >= 8) {
            ASSERT_EQ(response.groups.size(), 2U);
            EXPECT_EQ(response.groups[1].group_id, "other");
            EXPECT_EQ(response.groups[1].topics.at(0).partitions.at(1).committed_offset, -1);
        }
        const auto& topics = version < 8 ? response.topics : response.groups[0].topics;
        ASSERT_EQ(topics.size(), 1U);
        ASSERT_EQ(topics[0].partitions.size(), 3U);
        EXPECT_EQ(topics[0].partitions[0].committed_offset, -1);
        EXPECT_EQ(topics[0].partitions[0].metadata, "");
        EXPECT_EQ(topics[0].partitions[1].committed_offset, 9);
        EXPECT_EQ(topics[0].partitions[1].metadata, "note");
        EXPECT_EQ(topics[0].partitions[1].committed_leader_epoch, version >= 5 ? 0 : -1);
        EXPECT_EQ(topics[0].partitions[2].committed_offset, -1);
        EXPECT_EQ(topics[0].partitions[2].error, KafkaError::kNone);
        if (version >= 2) {
            wire::OffsetFetchRequest all;
            all.group_id = "g";
            all.groups.push_back({.group_id = "g"});
            const auto everything = fetch(client, all, version);
            const auto& found = version < 8 ? everything.topics : everything.groups.at(0).topics;
            ASSERT_EQ(found.size(), 1U);
            EXPECT_EQ(found[0].name, "t");
            ASSERT_EQ(found[0].partitions.size(), 1U);
            EXPECT_EQ(found[0].partitions[0].partition_index, 1);
        }
    }
}

TEST_F(KafkaGroups, HoldBackOffsetsOfTransactionsThatAreNotDecided) {
    class AllPending final : public broker::PendingOffsets {
      public:
        bool is_pending(const std::string&, TopicPartition) const override { return true; }
    } pending;
    create("t");
    KafkaClient client(port());
    EXPECT_EQ(commit(client, "g", "t", 5), KafkaError::kNone);
    broker_->groups().set_pending_offsets(&pending);
    for (std::int16_t version = 6; version <= 9; ++version) {
        wire::OffsetFetchRequest request;
        request.group_id = "g";
        request.topics.emplace().push_back({"t", {0}});
        request.groups.push_back({.group_id = "g", .topics = request.topics});
        request.require_stable = true;
        const auto response = fetch(client, request, version);
        const auto& topics = version < 8 ? response.topics : response.groups.at(0).topics;
        EXPECT_EQ(topics.at(0).partitions.at(0).error,
                  version >= 7 ? KafkaError::kUnstableOffsetCommit : KafkaError::kNone);
    }
    broker_->groups().set_pending_offsets(nullptr);
}

TEST_F(KafkaGroups, ListByStateAndDelete) {
    create("t");
    KafkaClient client(port());
    EXPECT_EQ(commit(client, "offsets", "t", 5), KafkaError::kNone);
    const auto joined = join(client, "members", 5);
    EXPECT_EQ(sync(client, "members", joined, 3).error, KafkaError::kNone);
    for (std::int16_t version = 0; version <= 4; ++version) {
        wire::ListGroupsRequest request;
        const auto all = client.call<wire::ListGroupsResponse>(request, version);
        ASSERT_EQ(all.groups.size(), 2U);
        EXPECT_EQ(all.groups[0].group_id, "members");
        EXPECT_EQ(all.groups[0].protocol_type, "consumer");
        EXPECT_EQ(all.groups[1].protocol_type, "");
        if (version >= 4) {
            EXPECT_EQ(all.groups[0].group_state, "Stable");
            request.states_filter = {"empty", "Dead"};
            const auto some = client.call<wire::ListGroupsResponse>(request, version);
            ASSERT_EQ(some.groups.size(), 1U);
            EXPECT_EQ(some.groups[0].group_id, "offsets");
        }
    }
    for (std::int16_t version = 0; version <= 2; ++version) {
        EXPECT_EQ(commit(client, "offsets", "t", 5), KafkaError::kNone);
        wire::DeleteGroupsRequest request;
        request.groups_names = {"members", "offsets", "nothing"};
        const auto response = client.call<wire::DeleteGroupsResponse>(request, version);
        ASSERT_EQ(response.results.size(), 3U);
        EXPECT_EQ(response.results[0].error, KafkaError::kNonEmptyGroup);
        EXPECT_EQ(response.results[1].error, KafkaError::kNone);
        EXPECT_EQ(response.results[1].group_id, "offsets");
        EXPECT_EQ(response.results[2].error, KafkaError::kGroupIdNotFound);
    }
    wire::DeleteGroupsRequest none;
    EXPECT_TRUE(client.call<wire::DeleteGroupsResponse>(none, 2).results.empty());
}

TEST_F(KafkaGroups, DeleteSingleOffsets) {
    create("t", 2);
    KafkaClient client(port());
    const auto remove = [&](const std::string& group) {
        wire::OffsetDeleteRequest request;
        request.group_id = group;
        request.topics.push_back({"t", {{0}, {5}}});
        request.topics.push_back({"u", {{0}}});
        return client.call<wire::OffsetDeleteResponse>(request, 0);
    };
    EXPECT_EQ(remove("g").error, KafkaError::kGroupIdNotFound);
    EXPECT_EQ(commit(client, "g", "t", 5, 0), KafkaError::kNone);
    EXPECT_EQ(commit(client, "g", "t", 6, 1), KafkaError::kNone);
    const auto removed = remove("g");
    EXPECT_EQ(removed.error, KafkaError::kNone);
    ASSERT_EQ(removed.topics.size(), 2U);
    EXPECT_EQ(removed.topics[0].partitions[0].error, KafkaError::kNone);
    EXPECT_EQ(removed.topics[0].partitions[1].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(removed.topics[1].partitions[0].error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(broker_->committed_offsets("g").size(), 1U);
}

TEST_F(KafkaGroups, GoOnAfterARestartOfTheServer) {
    create("t");
    wire::JoinGroupResponse joined;
    {
        KafkaClient client(port());
        joined = join(client, "g", 9);
        EXPECT_EQ(sync(client, "g", joined, 5).error, KafkaError::kNone);
        EXPECT_EQ(commit(client, "h", "t", 11), KafkaError::kNone);
    }
    restart();
    KafkaClient client(port());
    wire::HeartbeatRequest beat;
    beat.group_id = "g";
    beat.generation_id = joined.generation_id;
    beat.member_id = joined.member_id;
    EXPECT_EQ(client.call<wire::HeartbeatResponse>(beat, 4).error, KafkaError::kNone);
    EXPECT_EQ(
        broker_->groups()
            .fetch_offsets(
                "h", {{broker_->find_topic("t")->id, Partition{0}}}, broker::OffsetStability::kAny)
            .at(0)
            .next,
        Offset{11});
}

}  // namespace
}  // namespace millrace::server::kafka
