// Offsets of groups, their retention, descriptions and deletion; group records.
#include <gtest/gtest.h>

#include "core/broker/groups/group_records.h"
#include "tests/core/broker/groups/group_harness.h"

namespace millrace::broker {
namespace {

Buffer subscription(const std::vector<std::string>& topics) {
    Buffer out;
    out.append_be(std::int16_t{1});
    out.append_be(static_cast<std::int32_t>(topics.size()));
    for (const std::string& topic : topics) {
        out.append_be(static_cast<std::int16_t>(topic.size()));
        out.append(std::string_view(topic));
    }
    out.append_be(std::int32_t{-1});  // no user data
    return out;
}

class GroupOffsets : public testing::Test, public GroupHarness {
  protected:
    DeletedOffsets forget(const std::string& topic, std::int32_t partition = 0) {
        auto [slot, reply] = waiting<DeletedOffsets>();
        coordinator_->delete_offsets(
            "g", {{topic, at(partition).topic, {Partition{partition}}}}, std::move(reply));
        run();
        return slot->value();
    }
    /// As a query of Millrace commits: with its unit, not through the coordinator.
    void commit_own(const std::string& group) {
        Unit unit;
        unit.offsets.push_back({group, at(0), Offset{9}});
        log_.append(std::move(unit), [](const Result<CommitPosition>&) {});
        run();
    }
};

TEST_F(GroupOffsets, KeepsWhatAConsumerWithoutAGroupCommits) {
    EXPECT_EQ(fetch().next, Offset{-1});
    EXPECT_EQ(fetch().error, KafkaError::kNone);
    EXPECT_EQ(commit({.group = "g"}, 42, 0, "note"), KafkaError::kNone);
    EXPECT_EQ(fetch().next, Offset{42});
    EXPECT_EQ(fetch().metadata, "note");
    EXPECT_EQ(fetch().leader_epoch, 3);
    EXPECT_EQ(fetch().committed_at, Timestamp{1'000'000});
    EXPECT_EQ(fetch(1).next, Offset{-1});
    EXPECT_EQ(commit(7, 1), KafkaError::kNone);
    const auto all = coordinator_->fetch_all_offsets("g", OffsetStability::kAny);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at(at(1)).next, Offset{7});
    crash();
    EXPECT_EQ(fetch().next, Offset{42});
    EXPECT_EQ(state(), GroupState::kEmpty);
}

TEST_F(GroupOffsets, TakesCommitsOfMembersOfThisGenerationOnly) {
    EXPECT_EQ(commit({"g", 1, "nobody", {}}, 1), KafkaError::kIllegalGeneration);
    EXPECT_EQ(commit(1), KafkaError::kNone);
    EXPECT_EQ(commit({"g", 1, "nobody", {}}, 1), KafkaError::kUnknownMemberId);
    const auto ids = form(1);
    EXPECT_EQ(commit(2), KafkaError::kUnknownMemberId);  // not while there are members
    EXPECT_EQ(commit({"g", generation_, "nobody", {}}, 2), KafkaError::kUnknownMemberId);
    EXPECT_EQ(commit({"g", generation_ - 1, ids[0], {}}, 2), KafkaError::kIllegalGeneration);
    EXPECT_EQ(commit({"g", generation_, ids[0], {}}, 2), KafkaError::kNone);
    const auto newcomer = join();
    EXPECT_EQ(commit({"g", generation_, ids[0], {}}, 3), KafkaError::kNone);  // before it rejoins
    const auto again = join(ids[0])->value();
    EXPECT_EQ(commit({"g", again.generation, ids[0], {}}, 4), KafkaError::kRebalanceInProgress);
    EXPECT_EQ(fetch().next, Offset{3});
}

TEST_F(GroupOffsets, CountsACommitAsASignOfLife) {
    const auto ids = form(1);
    for (int i = 0; i < 10; ++i) {
        pass(9s);
        EXPECT_EQ(commit({"g", generation_, ids[0], {}}, i), KafkaError::kNone);
    }
    EXPECT_EQ(state(), GroupState::kStable);
}

TEST_F(GroupOffsets, RefusesSinglePartitionsForWhatIsWrongWithThem) {
    auto [slot, reply] = waiting<std::vector<KafkaError>>();
    coordinator_->commit_offsets({{.group = "g"},
                                  {{at(0), Offset{1}, -1, std::string(4'097, 'x')},
                                   {at(1), Offset{-7}, -1, ""},
                                   {at(2), Offset{3}, -1, std::string(4'096, 'x')}}},
                                 std::move(reply));
    run();
    EXPECT_EQ(slot->value(),
              (std::vector<KafkaError>{KafkaError::kOffsetMetadataTooLarge,
                                       KafkaError::kOffsetOutOfRange,
                                       KafkaError::kNone}));
    EXPECT_EQ(fetch(2).next, Offset{3});
    log_.is_failing = true;
    EXPECT_EQ(commit(4), KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(fetch().next, Offset{-1});
}

TEST_F(GroupOffsets, KeepsToItsLimits) {
    GroupOptions options;
    options.groups_max = 1;
    options.offset_bytes_max = 1'000;
    with(options);
    EXPECT_EQ(commit(1), KafkaError::kNone);
    EXPECT_EQ(commit({.group = "h"}, 1), KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(commit({.group = "g"}, 1, 1, std::string(2'000, 'x')), KafkaError::kNone);
    EXPECT_EQ(commit({.group = "g"}, 1, 2), KafkaError::kCoordinatorNotAvailable);
}

TEST_F(GroupOffsets, SaysThatATransactionIsNotDecided) {
    class OnePending final : public PendingOffsets {
      public:
        bool is_pending(const std::string& group, TopicPartition partition) const override {
            return group == "g" && partition.partition == Partition{1};
        }
    } pending;
    coordinator_->set_pending_offsets(&pending);
    EXPECT_EQ(commit(1, 1), KafkaError::kNone);
    EXPECT_EQ(fetch(1).next, Offset{1});
    EXPECT_EQ(fetch(1, OffsetStability::kStableOnly).error, KafkaError::kUnstableOffsetCommit);
    EXPECT_EQ(fetch(1, OffsetStability::kStableOnly).next, Offset{-1});
    EXPECT_EQ(fetch(0, OffsetStability::kStableOnly).error, KafkaError::kNone);
    coordinator_->set_pending_offsets(nullptr);
    EXPECT_EQ(fetch(1, OffsetStability::kStableOnly).next, Offset{1});
}

TEST_F(GroupOffsets, ChecksWhoCommitsInATransaction) {
    const auto check = [this](std::int32_t generation, const std::string& id) {
        return coordinator_->check_transactional_commit("g", generation, id, std::nullopt);
    };
    EXPECT_EQ(check(-1, ""), KafkaError::kNone);
    EXPECT_EQ(check(1, "nobody"), KafkaError::kIllegalGeneration);
    const auto ids = form(1);
    EXPECT_EQ(check(-1, ""), KafkaError::kNone);
    EXPECT_EQ(check(generation_, ids[0]), KafkaError::kNone);
    EXPECT_EQ(check(generation_ - 1, ids[0]), KafkaError::kIllegalGeneration);
    EXPECT_EQ(check(generation_, "nobody"), KafkaError::kUnknownMemberId);
    EXPECT_EQ(coordinator_->check_transactional_commit("g", generation_, ids[0], "i"),
              KafkaError::kUnknownMemberId);
}

TEST_F(GroupOffsets, LeavesGroupsOfQueriesAndConnectorsAlone) {
    commit_own("g");
    EXPECT_EQ(commit(1), KafkaError::kGroupAuthorizationFailed);
    EXPECT_EQ(join()->value().error, KafkaError::kGroupAuthorizationFailed);
    EXPECT_EQ(remove(), KafkaError::kGroupAuthorizationFailed);
    EXPECT_EQ(forget("t").error, KafkaError::kGroupAuthorizationFailed);
    EXPECT_EQ(fetch().next, Offset{9});
    ASSERT_EQ(coordinator_->list().size(), 1U);
    EXPECT_EQ(coordinator_->list()[0].protocol_type, kOwnGroupType);
    pass(30 * 24h, 1h);
    EXPECT_EQ(fetch().next, Offset{9});  // however long the query stands still
}

// --- deleting
// -------------------------------------------------------------------------------------

TEST_F(GroupOffsets, DeletesAGroupWithoutMembers) {
    EXPECT_EQ(remove(), KafkaError::kGroupIdNotFound);
    EXPECT_EQ(remove(""), KafkaError::kInvalidGroupId);
    const auto ids = form(1);
    EXPECT_EQ(commit({"g", generation_, ids[0], {}}, 2), KafkaError::kNone);
    EXPECT_EQ(remove(), KafkaError::kNonEmptyGroup);
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    EXPECT_EQ(remove(), KafkaError::kNone);
    EXPECT_EQ(state(), GroupState::kDead);
    EXPECT_EQ(fetch().next, Offset{-1});
    crash();
    EXPECT_EQ(state(), GroupState::kDead);
    EXPECT_EQ(fetch().next, Offset{-1});
    EXPECT_EQ(join()->value().generation, 1);
}

TEST_F(GroupOffsets, DeletesOffsetsThatWereOnTheirWay) {
    auto [committed, commit_reply] = waiting<std::vector<KafkaError>>();
    EXPECT_EQ(commit(1), KafkaError::kNone);
    coordinator_->commit_offsets({{.group = "g"}, {{at(5), Offset{5}, -1, ""}}},
                                 std::move(commit_reply));
    auto [removed, remove_reply] = waiting<KafkaError>();
    coordinator_->delete_group("g", std::move(remove_reply));
    run();
    EXPECT_EQ(removed->value(), KafkaError::kNone);
    EXPECT_EQ(committed->value().at(0), KafkaError::kNone);
    EXPECT_EQ(fetch(5).next, Offset{-1});
    EXPECT_EQ(state(), GroupState::kDead);
}

TEST_F(GroupOffsets, KeepsAGroupWhoseDeletionFailed) {
    const auto ids = form(1);
    EXPECT_EQ(commit({"g", generation_, ids[0], {}}, 2), KafkaError::kNone);
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    log_.is_failing = true;
    EXPECT_EQ(remove(), KafkaError::kCoordinatorNotAvailable);
    log_.is_failing = false;
    EXPECT_EQ(state(), GroupState::kEmpty);
    EXPECT_EQ(fetch().next, Offset{2});
    EXPECT_EQ(join()->value().generation, generation_ + 2);
}

TEST_F(GroupOffsets, DeletesSingleOffsetsUnlessTheyAreBeingRead) {
    EXPECT_EQ(forget("t").error, KafkaError::kGroupIdNotFound);
    EXPECT_EQ(commit(1), KafkaError::kNone);
    EXPECT_EQ(commit(2, 1), KafkaError::kNone);
    EXPECT_EQ(forget("t", 1).topics.at(0), KafkaError::kNone);
    EXPECT_EQ(forget("t", 8).topics.at(0), KafkaError::kNone);  // never was there
    EXPECT_EQ(fetch(1).next, Offset{-1});
    EXPECT_EQ(fetch(0).next, Offset{1});
    JoinRequest reader = request();
    reader.protocols = {{"range", subscription({"t"})}};
    const auto first = join(reader)->value();
    EXPECT_EQ(forget("t").topics.at(0), KafkaError::kGroupSubscribedToTopic);
    ASSERT_TRUE(sync(first.member_id, first.generation)->has_value());
    EXPECT_EQ(forget("t").topics.at(0), KafkaError::kGroupSubscribedToTopic);
    EXPECT_EQ(forget("other").topics.at(0), KafkaError::kNone);
    EXPECT_EQ(fetch(0).next, Offset{-1});  // the same partition, as "other"
}

TEST_F(GroupOffsets, KeepsOffsetsOfMembersThatCannotBeUnderstood) {
    form(1);  // their metadata is no subscription
    EXPECT_EQ(forget("t").topics.at(0), KafkaError::kGroupSubscribedToTopic);
    JoinRequest connect = request();
    connect.group = "c";
    connect.protocol_type = "connect";
    static_cast<void>(join(connect));
    auto [slot, reply] = waiting<DeletedOffsets>();
    coordinator_->delete_offsets("c", {{"t", at(0).topic, {Partition{0}}}}, std::move(reply));
    run();
    EXPECT_EQ(slot->value().error, KafkaError::kNonEmptyGroup);
}

// --- retention
// ------------------------------------------------------------------------------------

TEST_F(GroupOffsets, ExpireSevenDaysAfterTheLastCommitOfASimpleConsumer) {
    EXPECT_EQ(commit(1), KafkaError::kNone);
    pass(4 * 24h, 1h);
    EXPECT_EQ(commit(2, 1), KafkaError::kNone);
    pass(3 * 24h + 1h, 1h);
    EXPECT_EQ(fetch(0).next, Offset{-1});
    EXPECT_EQ(fetch(1).next, Offset{2});
    pass(4 * 24h, 1h);
    EXPECT_EQ(state(), GroupState::kDead);
    crash();
    EXPECT_EQ(fetch(1).next, Offset{-1});
}

TEST_F(GroupOffsets, LiveAsLongAsTheGroupHasMembersAndSevenDaysLonger) {
    const auto ids = form(1);
    EXPECT_EQ(commit({"g", generation_, ids[0], {}}, 1), KafkaError::kNone);
    for (int i = 0; i < 20 * 24 * 60 * 6; ++i) {
        clock_.advance(10s - 1ms);
        static_cast<void>(heartbeat(ids[0], generation_));
        run();
    }
    EXPECT_EQ(fetch().next, Offset{1});
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    pass(6 * 24h, 1h);
    EXPECT_EQ(fetch().next, Offset{1});
    pass(25h, 1h);
    EXPECT_EQ(fetch().next, Offset{-1});
    pass(1h, 10min);
    EXPECT_EQ(state(), GroupState::kDead);  // nothing is left to keep a record of
    crash();
    EXPECT_EQ(state(), GroupState::kDead);
}

TEST_F(GroupOffsets, DoNotAgeWhenTheClockJumps) {
    EXPECT_EQ(commit(1), KafkaError::kNone);
    clock_.set_wall_ms(std::int64_t{10} * 365 * 86'400'000);
    pass(24h, 1h);
    EXPECT_EQ(fetch().next, Offset{1});
    clock_.set_wall_ms(0);
    pass(24h, 1h);
    EXPECT_EQ(fetch().next, Offset{1});
}

// --- descriptions
// ---------------------------------------------------------------------------------

TEST_F(GroupOffsets, DescribesAndListsGroupsInAllStates) {
    EXPECT_EQ(coordinator_->describe("g").state, GroupState::kDead);
    EXPECT_TRUE(coordinator_->list().empty());
    EXPECT_EQ(commit({.group = "offsets only"}, 1), KafkaError::kNone);
    const auto ids = form(2);
    const GroupDescription stable = coordinator_->describe("g");
    EXPECT_EQ(stable.state, GroupState::kStable);
    EXPECT_EQ(stable.protocol_type, "consumer");
    EXPECT_EQ(stable.protocol, "range");
    ASSERT_EQ(stable.members.size(), 2U);
    EXPECT_EQ(stable.members[0].metadata.text(), "m");
    EXPECT_EQ(stable.members[0].client_id, "client");
    const auto newcomer = join();
    const GroupDescription moving = coordinator_->describe("g");
    EXPECT_EQ(moving.state, GroupState::kPreparingRebalance);
    EXPECT_EQ(moving.protocol, "");
    EXPECT_EQ(moving.members.size(), 3U);
    EXPECT_TRUE(moving.members[0].assignment.empty());
    const auto listed = coordinator_->list();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].group, "g");
    EXPECT_EQ(listed[0].state, GroupState::kPreparingRebalance);
    EXPECT_EQ(listed[1].group, "offsets only");
    EXPECT_EQ(listed[1].protocol_type, "");
    EXPECT_EQ(listed[1].state, GroupState::kEmpty);
    EXPECT_EQ(name_of(GroupState::kCompletingRebalance), "CompletingRebalance");
}

// --- records
// --------------------------------------------------------------------------------------

Group sample_group() {
    Group group("g");
    group.protocol_type = "consumer";
    group.protocol = "range";
    group.generation = 5;
    group.state_since_ms = 77;
    Member a{.id = "a", .instance_id = "i", .client_id = "c", .client_host = "/h"};
    a.session_timeout = 10s;
    a.rebalance_timeout = 60s;
    a.protocols = GroupHarness::protocols({"range", "sticky"}, "sub");
    a.assignment = Buffer(std::string_view("given"));
    group.add(a);
    a.id = "b";
    a.instance_id.reset();
    group.add(a);
    return group;
}

TEST(GroupRecords, ReadBackWhatTheyWrote) {
    Group back("g");
    ASSERT_TRUE(decode_group_value(encode_group_value(sample_group()), back).ok());
    EXPECT_EQ(back.state, GroupState::kStable);
    EXPECT_EQ(back.generation, 5);
    EXPECT_EQ(back.leader(), "a");
    EXPECT_EQ(back.state_since_ms, 77);
    ASSERT_EQ(back.members().size(), 2U);
    const Member& a = back.members().at("a");
    EXPECT_EQ(a.instance_id, "i");
    EXPECT_EQ(*back.holder_of("i"), "a");
    EXPECT_FALSE(back.members().at("b").instance_id.has_value());
    EXPECT_EQ(a.session_timeout, 10s);
    EXPECT_EQ(a.rebalance_timeout, 60s);
    EXPECT_EQ(a.metadata_for("range").text(), "sub");
    EXPECT_EQ(a.assignment.text(), "given");
}

TEST(GroupRecords, RefuseEveryTruncationAndOtherVersions) {
    const Buffer value = encode_group_value(sample_group());
    for (std::size_t size = 0; size < value.size(); ++size) {
        Group back("g");
        EXPECT_FALSE(decode_group_value(value.view().first(size), back).ok()) << size;
    }
    Buffer newer = value;
    store_be(newer.data(), std::int16_t{4});
    Group back("g");
    EXPECT_EQ(decode_group_value(newer, back).error().code, ErrorCode::kCorruptBatch);
}

TEST(GroupRecords, ReadSubscriptionsAndAssignmentsOfConsumers) {
    EXPECT_EQ(parse_subscribed_topics(subscription({"a", "b"})),
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(parse_subscribed_topics(as_bytes("x")), std::nullopt);
    Buffer bomb;
    bomb.append_be(std::int16_t{0});
    bomb.append_be(std::int32_t{2'000'000'000});
    EXPECT_EQ(parse_subscribed_topics(bomb), std::nullopt);
    Buffer assignment;
    assignment.append_be(std::int16_t{0});
    assignment.append_be(std::int32_t{1});
    assignment.append_be(std::int16_t{1});
    assignment.append(std::string_view("t"));
    assignment.append_be(std::int32_t{2});
    assignment.append_be(std::int32_t{0});
    assignment.append_be(std::int32_t{3});
    assignment.append_be(std::int32_t{-1});
    const auto topics = parse_assignment(assignment);
    ASSERT_TRUE(topics.has_value());
    ASSERT_EQ(topics->size(), 1U);
    EXPECT_EQ((*topics)[0].topic, "t");
    EXPECT_EQ((*topics)[0].partitions, (std::vector<std::int32_t>{0, 3}));
    EXPECT_TRUE(parse_assignment({})->empty());
    EXPECT_FALSE(parse_assignment(as_bytes("junk")).has_value());
}

}  // namespace
}  // namespace millrace::broker
