// Joins, syncs, heartbeats, leaves, sessions, static members.
#include <gtest/gtest.h>

#include "tests/core/broker/groups/group_harness.h"

namespace millrace::broker {
namespace {

class GroupMembership : public testing::Test, public GroupHarness {
  protected:
    JoinRequest static_request(const std::string& instance, const std::string& member_id = "") {
        JoinRequest made = request(member_id);
        made.instance_id = instance;
        return made;
    }
    /// Joins and syncs a group of one static member, which leads.
    std::string form_static(const std::string& instance) {
        const auto joined = join(static_request(instance))->value();
        const auto synced =
            sync(joined.member_id, joined.generation, {{joined.member_id, "all"}}, instance);
        EXPECT_EQ(synced->value().assignment.text(), "all");
        generation_ = joined.generation;
        return joined.member_id;
    }
};

// --- joining
// --------------------------------------------------------------------------------------

TEST_F(GroupMembership, LetsTheFirstMemberLeadAtOnce) {
    const auto answer = join();
    ASSERT_TRUE(answer->has_value());
    EXPECT_EQ((*answer)->error, KafkaError::kNone);
    EXPECT_EQ((*answer)->generation, 1);
    EXPECT_EQ((*answer)->leader, (*answer)->member_id);
    EXPECT_EQ((*answer)->member_id.rfind("client-", 0), 0U);
    EXPECT_EQ((*answer)->protocol, "range");
    EXPECT_EQ((*answer)->protocol_type, "consumer");
    ASSERT_EQ((*answer)->members.size(), 1U);
    EXPECT_EQ((*answer)->members[0].metadata.text(), "m");
    EXPECT_EQ(state(), GroupState::kCompletingRebalance);
}

TEST_F(GroupMembership, TellsANewMemberItsIdFirstWhenTheClientKnowsHow) {
    JoinRequest first = request();
    first.must_know_its_id = true;
    const auto told = join(first)->value();
    EXPECT_EQ(told.error, KafkaError::kMemberIdRequired);
    EXPECT_FALSE(told.member_id.empty());
    EXPECT_EQ(told.generation, -1);
    JoinRequest second = request(told.member_id);
    second.must_know_its_id = true;
    const auto joined = join(second)->value();
    EXPECT_EQ(joined.error, KafkaError::kNone);
    EXPECT_EQ(joined.member_id, told.member_id);
}

TEST_F(GroupMembership, ForgetsAnIdThatNobodyCameBackWith) {
    JoinRequest first = request();
    first.must_know_its_id = true;
    const auto told = join(first)->value();
    EXPECT_TRUE(coordinator_->list().empty());
    pass(10s);
    EXPECT_EQ(join(told.member_id)->value().error, KafkaError::kUnknownMemberId);
    EXPECT_EQ(state(), GroupState::kDead);
}

TEST_F(GroupMembership, WaitsForThoseWhoWereGivenAnId) {
    const auto ids = form(1);
    JoinRequest newcomer = request();
    newcomer.must_know_its_id = true;
    const auto told = join(newcomer)->value();
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kNone);  // giving out an id is no join
    const auto again = join(ids[0]);                               // the leader rejoins
    EXPECT_FALSE(again->has_value());
    const auto second = join(told.member_id);
    ASSERT_TRUE(again->has_value() && second->has_value());
    EXPECT_EQ((*again)->members.size(), 2U);
    EXPECT_TRUE((*second)->members.empty());
}

TEST_F(GroupMembership, StopsWaitingForAnIdWhoseTimeIsUp) {
    const auto ids = form(1);
    JoinRequest newcomer = request();
    newcomer.must_know_its_id = true;
    static_cast<void>(join(newcomer));
    const auto again = join(ids[0]);
    pass(9'500ms);
    EXPECT_FALSE(again->has_value());
    pass(500ms);
    ASSERT_TRUE(again->has_value());
    EXPECT_EQ((*again)->members.size(), 1U);
}

TEST_F(GroupMembership, AnswersAllJoinsOfARebalanceWithOneGenerationAndOneLeader) {
    const auto ids = form(1);
    const auto second = join();
    const auto third = join();
    EXPECT_FALSE(second->has_value());
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kRebalanceInProgress);
    const auto first = join(ids[0]);
    ASSERT_TRUE(first->has_value() && second->has_value() && third->has_value());
    EXPECT_EQ((*first)->generation, generation_ + 1);
    EXPECT_EQ((*second)->generation, generation_ + 1);
    EXPECT_EQ((*third)->leader, ids[0]);
    EXPECT_EQ((*first)->members.size(), 3U);
    EXPECT_TRUE((*second)->members.empty());
}

TEST_F(GroupMembership, WaitsTheInitialDelayForMoreMembers) {
    GroupOptions options;
    options.initial_rebalance_delay = 3s;
    with(options);
    const auto first = join();
    pass(2s);
    const auto second = join();
    pass(1s);
    EXPECT_FALSE(first->has_value());  // the newcomer gave the rest another delay
    pass(3s);
    ASSERT_TRUE(first->has_value() && second->has_value());
    EXPECT_EQ((*first)->generation, (*second)->generation);
    EXPECT_EQ((*first)->members.size(), 2U);
}

TEST_F(GroupMembership, WaitsNoLongerThanTheRebalanceTimeoutAtFirst) {
    GroupOptions options;
    options.initial_rebalance_delay = 3s;
    with(options);
    JoinRequest quick = request();
    quick.rebalance_timeout = 5s;
    const auto first = join(quick);
    pass(2s);
    static_cast<void>(join(quick));
    pass(2s);
    static_cast<void>(join(quick));
    EXPECT_FALSE(first->has_value());
    pass(1s);
    EXPECT_TRUE(first->has_value());
}

TEST_F(GroupMembership, RefusesWhatDoesNotFit) {
    const auto error_of = [this](JoinRequest made) { return join(std::move(made))->value().error; };
    JoinRequest nameless = request();
    nameless.group.clear();
    EXPECT_EQ(error_of(nameless), KafkaError::kInvalidGroupId);
    JoinRequest hasty = request();
    hasty.session_timeout = 5'999ms;
    EXPECT_EQ(error_of(hasty), KafkaError::kInvalidSessionTimeout);
    JoinRequest patient = request();
    patient.session_timeout = 1'800'001ms;
    EXPECT_EQ(error_of(patient), KafkaError::kInvalidSessionTimeout);
    EXPECT_EQ(error_of(request("nobody")), KafkaError::kUnknownMemberId);
    JoinRequest silent = request();
    silent.protocols.clear();
    EXPECT_EQ(error_of(silent), KafkaError::kInconsistentGroupProtocol);
    JoinRequest typeless = request();
    typeless.protocol_type.clear();
    EXPECT_EQ(error_of(typeless), KafkaError::kInconsistentGroupProtocol);
    JoinRequest endless = request();
    endless.client_id = std::string(40'000, 'x');
    EXPECT_EQ(error_of(endless), KafkaError::kInvalidRequest);
    EXPECT_EQ(state(), GroupState::kDead);  // none of them left a group behind
    form(1);
    JoinRequest connect = request();
    connect.protocol_type = "connect";
    EXPECT_EQ(error_of(connect), KafkaError::kInconsistentGroupProtocol);
    JoinRequest other = request();
    other.protocols = protocols({"sticky"});
    EXPECT_EQ(error_of(other), KafkaError::kInconsistentGroupProtocol);
    EXPECT_EQ(error_of(request("nobody")), KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, ChoosesTheProtocolThatAllShareAndMostPrefer) {
    JoinRequest first = request();
    first.protocols = protocols({"range", "sticky", "lonely"});
    const std::string leader = join(first)->value().member_id;
    JoinRequest second = request();
    second.protocols = protocols({"sticky", "range"});
    const auto two = join(second);
    JoinRequest third = request();
    third.protocols = protocols({"roundrobin", "sticky", "range"});
    const auto three = join(third);
    first.member_id = leader;
    EXPECT_EQ(join(first)->value().protocol, "sticky");
    EXPECT_EQ(two->value().protocol, "sticky");
    EXPECT_EQ(three->value().protocol, "sticky");
}

TEST_F(GroupMembership, RemovesThoseWhoDoNotRejoinInTime) {
    const auto ids = form(2);
    const auto newcomer = join();
    const auto first = join(ids[0]);
    for (int i = 0; i < 59; ++i) {
        pass(1s);
        EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kRebalanceInProgress);
    }
    EXPECT_FALSE(newcomer->has_value());
    pass(1s);
    ASSERT_TRUE(newcomer->has_value() && first->has_value());
    EXPECT_EQ((*first)->members.size(), 2U);
    EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, FollowsALeaderThatDidNotRejoin) {
    const auto ids = form(2);
    const auto newcomer = join();
    const auto follower = join(ids[1]);
    pass(10s);  // the leader's session
    ASSERT_TRUE(follower->has_value() && newcomer->has_value());
    EXPECT_NE((*follower)->leader, ids[0]);
    EXPECT_EQ((*follower)->leader, (*newcomer)->leader);
}

TEST_F(GroupMembership, AnswersAFollowerThatRejoinsUnchangedAtOnce) {
    const auto ids = form(2);
    const auto follower = join(ids[1])->value();
    EXPECT_EQ(follower.error, KafkaError::kNone);
    EXPECT_EQ(follower.generation, generation_);
    EXPECT_EQ(follower.leader, ids[0]);
    EXPECT_TRUE(follower.members.empty());
    EXPECT_EQ(state(), GroupState::kStable);
}

TEST_F(GroupMembership, RebalancesWhenAFollowerChangesItsSubscription) {
    const auto ids = form(2);
    JoinRequest changed = request(ids[1]);
    changed.protocols = protocols({"range"}, "other topics");
    const auto follower = join(changed);
    EXPECT_FALSE(follower->has_value());
    const auto leader = join(ids[0])->value();
    EXPECT_EQ(follower->value().generation, generation_ + 1);
    ASSERT_EQ(leader.members.size(), 2U);
}

TEST_F(GroupMembership, RebalancesWhenTheLeaderRejoins) {
    const auto ids = form(2);
    const auto leader = join(ids[0]);
    EXPECT_FALSE(leader->has_value());
    EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kRebalanceInProgress);
    EXPECT_EQ(join(ids[1])->value().generation, generation_ + 1);
    EXPECT_EQ(leader->value().generation, generation_ + 1);
}

TEST_F(GroupMembership, RepeatsALostJoinAnswerWhileTheLeaderAssigns) {
    const auto first = join()->value();
    const auto again = join(first.member_id)->value();
    EXPECT_EQ(again.generation, first.generation);
    EXPECT_EQ(again.members.size(), 1U);
    JoinRequest changed = request(first.member_id);
    changed.protocols = protocols({"range"}, "other topics");
    EXPECT_EQ(join(changed)->value().generation, first.generation + 1);
}

TEST_F(GroupMembership, AnswersTheFirstOfTwoJoinsOfOneMember) {
    const auto ids = form(2);
    const auto newcomer = join();
    const auto early = join(ids[1]);
    const auto late = join(ids[1]);
    ASSERT_TRUE(early->has_value());
    EXPECT_EQ((*early)->error, KafkaError::kRebalanceInProgress);
    static_cast<void>(join(ids[0]));
    EXPECT_EQ(late->value().error, KafkaError::kNone);
}

TEST_F(GroupMembership, GivesUpOnANewMemberWhoseClientIsGone) {
    const auto ids = form(1);
    JoinRequest patient = request(ids[0]);
    patient.rebalance_timeout = 1h;
    patient.session_timeout = 20min;
    patient.protocols = protocols({"range"}, "changed");
    static_cast<void>(join(patient));
    patient.member_id = ids[0];
    const auto newcomer = join();
    EXPECT_FALSE(newcomer->has_value());
    pass(5min, 10s);
    ASSERT_TRUE(newcomer->has_value());
    EXPECT_EQ((*newcomer)->error, KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, KeepsToItsSize) {
    GroupOptions options;
    options.group_size_max = 2;
    with(options);
    const auto ids = form(2);
    EXPECT_EQ(join()->value().error, KafkaError::kGroupMaxSizeReached);
    EXPECT_EQ(state(), GroupState::kStable);
    EXPECT_EQ(join(ids[1])->value().error, KafkaError::kNone);
    const auto leader = join(ids[0]);
    EXPECT_EQ(join(ids[1])->value().error, KafkaError::kNone);
    EXPECT_EQ(leader->value().error, KafkaError::kNone);
}

TEST_F(GroupMembership, KeepsToItsNumberOfIdsGivenOut) {
    GroupOptions options;
    options.group_size_max = 3;
    with(options);
    JoinRequest made = request();
    made.must_know_its_id = true;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(join(made)->value().error, KafkaError::kMemberIdRequired);
    }
    EXPECT_EQ(join(made)->value().error, KafkaError::kGroupMaxSizeReached);
}

TEST_F(GroupMembership, KeepsToItsBytesAndGroups) {
    GroupOptions options;
    options.group_bytes_max = 10'000;
    options.groups_max = 2;
    with(options);
    JoinRequest large = request();
    large.protocols = protocols({"range"}, std::string(20'000, 'x'));
    EXPECT_EQ(join(large)->value().error, KafkaError::kGroupMaxSizeReached);
    const auto first = join()->value();
    const auto synced = sync(first.member_id, 1, {{first.member_id, std::string(20'000, 'y')}});
    EXPECT_EQ(synced->value().error, KafkaError::kInvalidCommitOffsetSize);
    JoinRequest other = request();
    other.group = "h";
    EXPECT_EQ(join(other)->value().error, KafkaError::kNone);
    other.group = "i";
    EXPECT_EQ(join(other)->value().error, KafkaError::kCoordinatorNotAvailable);
}

// --- sync
// -----------------------------------------------------------------------------------------

TEST_F(GroupMembership, HandsOutTheLeadersAssignments) {
    const auto ids = form(3);
    ASSERT_EQ(syncs_.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(syncs_[i]->value().error, KafkaError::kNone);
        EXPECT_EQ(syncs_[i]->value().assignment.text(), "p" + std::to_string(i));
        EXPECT_EQ(syncs_[i]->value().protocol, "range");
        EXPECT_EQ(syncs_[i]->value().protocol_type, "consumer");
    }
    EXPECT_EQ(state(), GroupState::kStable);
}

TEST_F(GroupMembership, GivesNothingToWhomTheLeaderLeftOut) {
    const auto first = join()->value();
    const auto synced = sync(first.member_id, 1, {{"somebody else", "p"}});
    EXPECT_EQ(synced->value().error, KafkaError::kNone);
    EXPECT_TRUE(synced->value().assignment.empty());
}

TEST_F(GroupMembership, AnswersFollowersWhenTheAssignmentsAreDurable) {
    const auto leader = join()->value();
    const auto newcomer = join();
    const auto again = join(leader.member_id)->value();
    const std::string follower = newcomer->value().member_id;
    const auto waits = sync(follower, again.generation);
    EXPECT_FALSE(waits->has_value());
    log_.is_failing = true;
    const auto failed = sync(leader.member_id, again.generation, {{follower, "p"}});
    EXPECT_EQ(failed->value().error, KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(waits->value().error, KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(state(), GroupState::kPreparingRebalance);
    log_.is_failing = false;
    const auto third = join(follower);
    const auto next = join(leader.member_id)->value();
    EXPECT_EQ(sync(leader.member_id, next.generation, {{follower, "q"}})->value().error,
              KafkaError::kNone);
    EXPECT_EQ(sync(follower, next.generation)->value().assignment.text(), "q");
}

TEST_F(GroupMembership, GivesTheAssignmentAgainWhileStable) {
    const auto ids = form(2);
    EXPECT_EQ(sync(ids[1], generation_)->value().assignment.text(), "p1");
}

TEST_F(GroupMembership, RefusesSyncsOfStrangersAndOtherGenerations) {
    EXPECT_EQ(sync("nobody", 1)->value().error, KafkaError::kUnknownMemberId);
    const auto ids = form(2);
    EXPECT_EQ(sync("nobody", generation_)->value().error, KafkaError::kUnknownMemberId);
    EXPECT_EQ(sync(ids[0], generation_ - 1)->value().error, KafkaError::kIllegalGeneration);
    const auto newcomer = join();
    EXPECT_EQ(sync(ids[0], generation_)->value().error, KafkaError::kRebalanceInProgress);
}

TEST_F(GroupMembership, ChecksProtocolTypeAndNameWhenASyncNamesThem) {
    const auto ids = form(1);
    const auto error_of = [&](std::optional<std::string> type, std::optional<std::string> name) {
        auto [slot, reply] = waiting<SyncAnswer>();
        coordinator_->sync({.member = {"g", generation_, ids[0], {}},
                            .protocol_type = std::move(type),
                            .protocol = std::move(name)},
                           std::move(reply));
        run();
        return slot->value().error;
    };
    EXPECT_EQ(error_of("consumer", "range"), KafkaError::kNone);
    EXPECT_EQ(error_of("connect", std::nullopt), KafkaError::kInconsistentGroupProtocol);
    EXPECT_EQ(error_of(std::nullopt, "sticky"), KafkaError::kInconsistentGroupProtocol);
}

TEST_F(GroupMembership, RebalancesWhenAMemberJoinsBeforeTheAssignments) {
    const auto leader = join()->value();
    const auto second = join();
    const auto again = join(leader.member_id)->value();
    const auto waits = sync(second->value().member_id, again.generation);
    const auto third = join();
    EXPECT_EQ(waits->value().error, KafkaError::kRebalanceInProgress);
    EXPECT_EQ(sync(leader.member_id, again.generation)->value().error,
              KafkaError::kRebalanceInProgress);
}

TEST_F(GroupMembership, RemovesAMemberThatDoesNotFetchItsAssignment) {
    const auto leader = join()->value();
    const auto second = join();
    const auto again = join(leader.member_id)->value();
    const std::string follower = second->value().member_id;
    ASSERT_TRUE(sync(leader.member_id, again.generation)->has_value());
    for (int i = 0; i < 59; ++i) {
        pass(1s);
        EXPECT_EQ(heartbeat(leader.member_id, again.generation), KafkaError::kNone);
        EXPECT_EQ(heartbeat(follower, again.generation), KafkaError::kNone);
    }
    pass(1s);
    EXPECT_EQ(heartbeat(follower, again.generation), KafkaError::kUnknownMemberId);
    EXPECT_EQ(heartbeat(leader.member_id, again.generation), KafkaError::kRebalanceInProgress);
}

TEST_F(GroupMembership, RemovesALeaderThatNeverAssigns) {
    const auto leader = join()->value();
    const auto second = join();
    const auto again = join(leader.member_id)->value();
    const std::string follower = second->value().member_id;
    const auto waits = sync(follower, again.generation);
    pass(10s);
    EXPECT_EQ(waits->value().error, KafkaError::kRebalanceInProgress);
    const auto alone = join(follower)->value();
    EXPECT_EQ(alone.leader, follower);
    EXPECT_EQ(alone.generation, again.generation + 1);
}

// --- heartbeat, leave, sessions
// -------------------------------------------------------------------

TEST_F(GroupMembership, AnswersHeartbeatsByWhatIsTheMatter) {
    EXPECT_EQ(heartbeat("nobody", 1), KafkaError::kUnknownMemberId);
    const auto ids = form(2);
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kNone);
    EXPECT_EQ(heartbeat(ids[0], generation_ + 1), KafkaError::kIllegalGeneration);
    EXPECT_EQ(heartbeat(ids[0], -1), KafkaError::kIllegalGeneration);
    EXPECT_EQ(heartbeat("nobody", generation_), KafkaError::kUnknownMemberId);
    EXPECT_EQ(heartbeat(ids[0], generation_, "no instance"), KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, KeepsMembersThatHeartbeatAndRemovesThoseThatDoNot) {
    const auto ids = form(2);
    for (int i = 0; i < 100; ++i) {
        pass(3s);
        if (i < 3) {
            EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kNone);
        }
        const KafkaError first = heartbeat(ids[0], generation_);
        EXPECT_EQ(first, i < 6 ? KafkaError::kNone : KafkaError::kRebalanceInProgress) << i;
        if (first != KafkaError::kNone) {
            break;
        }
    }
    EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kUnknownMemberId);
    EXPECT_EQ(join(ids[0])->value().members.size(), 1U);
}

TEST_F(GroupMembership, IsEmptyWhenItsLastMemberIsGone) {
    const auto ids = form(1);
    pass(10s);
    EXPECT_EQ(state(), GroupState::kEmpty);
    EXPECT_EQ(coordinator_->describe("g").generation, generation_ + 1);
    EXPECT_EQ(join(ids[0])->value().error, KafkaError::kUnknownMemberId);
    EXPECT_EQ(join()->value().generation, generation_ + 2);
}

TEST_F(GroupMembership, TakesAnyProtocolTypeOnceItIsEmpty) {
    const auto ids = form(1);
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    JoinRequest connect = request();
    connect.protocol_type = "connect";
    connect.protocols = protocols({"compatible"});
    EXPECT_EQ(join(connect)->value().protocol, "compatible");
    EXPECT_EQ(coordinator_->describe("g").protocol_type, "connect");
}

TEST_F(GroupMembership, RebalancesAtOnceWhenAMemberLeaves) {
    const auto ids = form(3);
    EXPECT_EQ(leave(ids[1]), KafkaError::kNone);
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kRebalanceInProgress);
    const auto third = join(ids[2]);
    EXPECT_EQ(join(ids[0])->value().members.size(), 2U);
    EXPECT_TRUE(third->has_value());
}

TEST_F(GroupMembership, AnswersTheJoinOfAMemberThatLeaves) {
    const auto ids = form(2);
    const auto newcomer = join();
    const auto follower = join(ids[1]);
    EXPECT_EQ(leave(ids[1]), KafkaError::kNone);
    EXPECT_EQ(follower->value().error, KafkaError::kUnknownMemberId);
    EXPECT_EQ(join(ids[0])->value().members.size(), 2U);
}

TEST_F(GroupMembership, LetsSeveralLeaveAtOnceEachWithItsOwnAnswer) {
    EXPECT_EQ(leave("nobody"), KafkaError::kUnknownMemberId);
    const auto ids = form(2);
    JoinRequest newcomer = request();
    newcomer.must_know_its_id = true;
    const std::string pending = join(newcomer)->value().member_id;
    const LeaveAnswer answer = coordinator_->leave(
        "g", {{ids[0], {}}, {"nobody", {}}, {"", "no instance"}, {pending, {}}, {ids[1], {}}});
    EXPECT_EQ(answer.error, KafkaError::kNone);
    EXPECT_EQ(answer.members,
              (std::vector<KafkaError>{KafkaError::kNone,
                                       KafkaError::kUnknownMemberId,
                                       KafkaError::kUnknownMemberId,
                                       KafkaError::kNone,
                                       KafkaError::kNone}));
    EXPECT_EQ(state(), GroupState::kEmpty);
    EXPECT_EQ(coordinator_->leave("", {}).error, KafkaError::kInvalidGroupId);
}

// --- static members
// -------------------------------------------------------------------------------

TEST_F(GroupMembership, GivesAReturningStaticMemberItsAssignmentWithoutARebalance) {
    const std::string old_id = form_static("i");
    JoinRequest returning = static_request("i");
    returning.can_skip_assignment = true;
    const auto back = join(returning)->value();
    EXPECT_EQ(back.error, KafkaError::kNone);
    EXPECT_EQ(back.generation, generation_);
    EXPECT_NE(back.member_id, old_id);
    EXPECT_EQ(back.member_id.rfind("i-", 0), 0U);
    EXPECT_EQ(back.leader, back.member_id);
    EXPECT_TRUE(back.skips_assignment);
    EXPECT_EQ(back.members.size(), 1U);
    EXPECT_EQ(sync(back.member_id, generation_, {}, "i")->value().assignment.text(), "all");
    EXPECT_EQ(heartbeat(old_id, generation_, "i"), KafkaError::kFencedInstanceId);
    EXPECT_EQ(sync(old_id, generation_, {}, "i")->value().error, KafkaError::kFencedInstanceId);
    EXPECT_EQ(join(static_request("i", old_id))->value().error, KafkaError::kFencedInstanceId);
    EXPECT_EQ(commit({"g", generation_, old_id, "i"}, 5), KafkaError::kFencedInstanceId);
    EXPECT_EQ(leave(old_id, "i"), KafkaError::kFencedInstanceId);
}

TEST_F(GroupMembership, TellsAnOlderClientTheOldLeaderSoThatItDoesNotAssign) {
    const std::string old_id = form_static("i");
    const auto back = join(static_request("i"))->value();
    EXPECT_EQ(back.leader, old_id);
    EXPECT_FALSE(back.skips_assignment);
    EXPECT_TRUE(back.members.empty());
    EXPECT_EQ(state(), GroupState::kStable);
}

TEST_F(GroupMembership, KeepsTheReturnOfAStaticMemberAcrossARestart) {
    form_static("i");
    const auto back = join(static_request("i"))->value();
    crash();
    EXPECT_EQ(heartbeat(back.member_id, generation_, "i"), KafkaError::kNone);
}

TEST_F(GroupMembership, RefusesAReturnThatCannotBeKept) {
    form_static("i");
    log_.is_failing = true;
    EXPECT_EQ(join(static_request("i"))->value().error, KafkaError::kCoordinatorNotAvailable);
    log_.is_failing = false;
    EXPECT_EQ(join(static_request("i"))->value().error, KafkaError::kNone);
}

TEST_F(GroupMembership, RebalancesWhenTheReturnChangesTheProtocol) {
    form_static("i");
    JoinRequest changed = static_request("i");
    changed.protocols = protocols({"sticky", "range"});
    const auto back = join(changed)->value();
    EXPECT_EQ(back.generation, generation_ + 1);
    EXPECT_EQ(back.protocol, "sticky");
}

TEST_F(GroupMembership, FencesTheFormerSelfThatWaits) {
    const std::string leader = join()->value().member_id;
    const auto member = join(static_request("i"));
    static_cast<void>(join(leader));
    const std::string holder = member->value().member_id;
    const auto waits = sync(holder, member->value().generation, {}, "i");
    const auto again = join(static_request("i"));
    EXPECT_EQ(waits->value().error, KafkaError::kFencedInstanceId);
    const auto once_more = join(static_request("i"));
    EXPECT_EQ(again->value().error, KafkaError::kFencedInstanceId);
    static_cast<void>(join(leader));
    EXPECT_EQ(once_more->value().error, KafkaError::kNone);
}

TEST_F(GroupMembership, KeepsAStaticMemberThatIsAwayUntilItsSessionEnds) {
    const std::string away = form_static("i");
    JoinRequest newcomer = request();
    newcomer.rebalance_timeout = 1s;
    JoinRequest quick = static_request("i", away);
    quick.rebalance_timeout = 1s;
    quick.protocols = protocols({"range"}, "quick");
    const auto renewed = join(quick)->value();
    ASSERT_TRUE(sync(away, renewed.generation, {}, "i")->has_value());
    const auto joined = join(newcomer);
    pass(1s);
    ASSERT_TRUE(joined->has_value());
    EXPECT_EQ((*joined)->leader, (*joined)->member_id);
    EXPECT_EQ((*joined)->members.size(), 2U);  // it still counts
    ASSERT_TRUE(sync((*joined)->member_id, (*joined)->generation)->has_value());
    for (int i = 0; i < 9; ++i) {
        pass(1s);
        static_cast<void>(heartbeat((*joined)->member_id, (*joined)->generation));
    }
    EXPECT_EQ(heartbeat(away, (*joined)->generation, "i"), KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, WaitsForSessionsWhenOnlyAbsentStaticMembersAreLeft) {
    const auto ids = form(1);
    JoinRequest fixed = static_request("i");
    fixed.session_timeout = 120s;
    const auto holder = join(fixed);
    const auto leader = join(ids[0])->value();
    ASSERT_TRUE(sync(leader.member_id, leader.generation)->has_value());
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    EXPECT_EQ(state(), GroupState::kPreparingRebalance);
    pass(70s, 5s);
    EXPECT_EQ(state(), GroupState::kPreparingRebalance);
    pass(60s, 5s);
    EXPECT_EQ(state(), GroupState::kEmpty);
}

TEST_F(GroupMembership, RemovesAStaticMemberByItsInstanceId) {
    form_static("i");
    EXPECT_EQ(leave("", "i"), KafkaError::kNone);
    EXPECT_EQ(state(), GroupState::kEmpty);
}

// --- restarts
// -------------------------------------------------------------------------------------

TEST_F(GroupMembership, GoesOnAfterARestartAsIfNothingHadHappened) {
    const auto ids = form(3);
    crash();
    EXPECT_EQ(state(), GroupState::kStable);
    for (int i = 0; i < 20; ++i) {
        pass(3s);
        for (const std::string& id : ids) {
            ASSERT_EQ(heartbeat(id, generation_), KafkaError::kNone);
        }
    }
    EXPECT_EQ(sync(ids[2], generation_)->value().assignment.text(), "p2");
    EXPECT_EQ(commit({"g", generation_, ids[1], {}}, 10), KafkaError::kNone);
    const GroupDescription description = coordinator_->describe("g");
    EXPECT_EQ(description.protocol, "range");
    EXPECT_EQ(description.members.size(), 3U);
    EXPECT_EQ(description.members[0].client_host, "/127.0.0.1");
}

TEST_F(GroupMembership, GivesMembersAFullSessionAfterARestart) {
    const auto ids = form(2);
    pass(9s);
    restart();
    pass(9'500ms);
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kNone);
    pass(500ms);
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kRebalanceInProgress);
    EXPECT_EQ(heartbeat(ids[1], generation_), KafkaError::kUnknownMemberId);
}

TEST_F(GroupMembership, NeverUsesAGenerationTwiceAcrossARestart) {
    const auto ids = form(1);
    const auto newcomer = join();
    const auto lost = join(ids[0])->value();  // a generation that never had assignments
    EXPECT_EQ(lost.generation, generation_ + 1);
    crash();
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kNone);
    EXPECT_EQ(heartbeat(newcomer->value().member_id, lost.generation),
              KafkaError::kUnknownMemberId);
    EXPECT_GT(join(ids[0])->value().generation, lost.generation);
}

TEST_F(GroupMembership, RemembersThatItIsEmpty) {
    const auto ids = form(1);
    EXPECT_EQ(leave(ids[0]), KafkaError::kNone);
    restart();
    EXPECT_EQ(state(), GroupState::kEmpty);
    EXPECT_EQ(coordinator_->describe("g").protocol_type, "consumer");
    EXPECT_GT(join()->value().generation, generation_ + 1);
}

TEST_F(GroupMembership, AnswersAllWhoWaitWhenItCloses) {
    const auto ids = form(2);
    const auto newcomer = join();
    coordinator_->close();
    run();
    EXPECT_EQ(newcomer->value().error, KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(join()->value().error, KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(sync(ids[0], generation_)->value().error, KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(heartbeat(ids[0], generation_), KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(leave(ids[0]), KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(commit(1), KafkaError::kCoordinatorNotAvailable);
    EXPECT_EQ(remove(), KafkaError::kCoordinatorNotAvailable);
}

}  // namespace
}  // namespace millrace::broker
