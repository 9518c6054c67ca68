// The transaction coordinator, rule by rule, on a broker in memory with a clock that stands still.
#include "core/broker/transactions/transaction_coordinator.h"

#include <gtest/gtest.h>

#include "tests/core/broker/broker_fixture.h"
#include "tests/core/broker/transactions/transaction_fixture.h"

namespace millrace::broker {
namespace {

using std::chrono::milliseconds;

class Transactions : public BrokerTest {
  protected:
    void SetUp() override {
        BrokerTest::SetUp();
        topic_ = create("topic", 2);
        one_ = {topic_.id, Partition{0}};
        two_ = {topic_.id, Partition{1}};
    }
    TransactionClient client() { return TransactionClient(*broker_, io_); }
    TransactionCoordinator& coordinator() { return broker_->transactions(); }

    InitProducerAnswer init(const std::string& id, milliseconds timeout = milliseconds(60'000)) {
        return client().init({.transactional_id = id, .timeout = timeout});
    }
    /// A fresh producer of this id.
    TransactionOwner owner(const std::string& id, milliseconds timeout = milliseconds(60'000)) {
        const InitProducerAnswer given = init(id, timeout);
        EXPECT_EQ(given.error, KafkaError::kNone);
        return {id, given.producer_id, given.producer_epoch};
    }
    Produced send(const TransactionOwner& by,
                  TopicPartition to,
                  const std::string& value,
                  std::int32_t sequence) {
        return client().produce(
            to,
            producer_batch(
                {.producer_id = by.producer_id, .epoch = by.producer_epoch, .sequence = sequence},
                value));
    }
    Offset stable(TopicPartition of) {
        return broker_->partition_ends(of).value().last_stable_offset;
    }
    TransactionState state(const std::string& id) { return coordinator().describe(id).state; }
    void advance(milliseconds by) {
        clock_.advance(by);
        io_.run_all();
    }
    TransactionOffsets offsets_of(const TransactionOwner& by, const std::string& group, Offset to) {
        TransactionOffsets request{.owner = by, .member = {.group = group}, .offsets = {}};
        request.offsets.push_back({.source = one_, .next = to, .metadata = "m"});
        return request;
    }
    std::optional<Offset> committed(const std::string& group) {
        const auto offsets = broker_->committed_offsets(group);
        const auto found = offsets.find(one_);
        return found == offsets.end() ? std::nullopt : std::optional(found->second.next);
    }

    TopicInfo topic_;
    TopicPartition one_;
    TopicPartition two_;
};

constexpr auto kCommit = TransactionEnd::kCommit;
constexpr auto kAbort = TransactionEnd::kAbort;
using Values = std::vector<std::string>;

// --- ids and epochs

TEST_F(Transactions, IdempotentProducersGetIdsThatNeverComeBack) {
    std::set<std::int64_t> seen;
    for (int life = 0; life < 3; ++life) {
        for (int i = 0; i < 1'500; ++i) {
            const InitProducerAnswer given = client().init({});
            ASSERT_EQ(given.error, KafkaError::kNone);
            EXPECT_EQ(given.producer_epoch, 0);
            ASSERT_TRUE(seen.insert(given.producer_id).second);
        }
        reopen();
    }
}

TEST_F(Transactions, ANewProducerOfAnIdGetsTheNextEpochAlsoAfterARestart) {
    const TransactionOwner first = owner("id");
    EXPECT_EQ(first.producer_epoch, 0);
    EXPECT_EQ(owner("id").producer_epoch, 1);
    reopen();
    const TransactionOwner third = owner("id");
    EXPECT_EQ(third.producer_id, first.producer_id);
    EXPECT_EQ(third.producer_epoch, 2);
    EXPECT_NE(owner("other").producer_id, first.producer_id);
}

TEST_F(Transactions, RefusesWhatNoProducerMayAsk) {
    EXPECT_EQ(init("").error, KafkaError::kInvalidRequest);
    EXPECT_EQ(init(std::string(2'000, 'x')).error, KafkaError::kInvalidRequest);
    EXPECT_EQ(init("id", milliseconds(0)).error, KafkaError::kInvalidTransactionTimeout);
    EXPECT_EQ(init("id", milliseconds(900'001)).error, KafkaError::kInvalidTransactionTimeout);
    EXPECT_EQ(init("id", milliseconds(900'000)).error, KafkaError::kNone);
    const auto half =
        client().init({.transactional_id = "id", .timeout = milliseconds(1), .producer_id = 5});
    EXPECT_EQ(half.error, KafkaError::kInvalidRequest);
}

TEST_F(Transactions, AProducerGoesOnWithItsIdAndEpoch) {
    const TransactionOwner by = owner("id");
    const InitProducerRequest again{.transactional_id = "id",
                                    .timeout = milliseconds(1'000),
                                    .producer_id = by.producer_id,
                                    .producer_epoch = by.producer_epoch};
    const InitProducerAnswer bumped = client().init(again);
    EXPECT_EQ(bumped.producer_id, by.producer_id);
    EXPECT_EQ(bumped.producer_epoch, 1);
    // The answer was lost: the same question has the same answer.
    EXPECT_EQ(client().init(again).producer_epoch, 1);
    // A newer producer came in between: the older one is fenced.
    EXPECT_EQ(owner("id").producer_epoch, 2);
    EXPECT_EQ(client().init(again).error, KafkaError::kProducerFenced);
    EXPECT_EQ(client()
                  .init({.transactional_id = "id",
                         .timeout = milliseconds(1'000),
                         .producer_id = by.producer_id + 77,
                         .producer_epoch = 2})
                  .error,
              KafkaError::kProducerFenced);
}

TEST_F(Transactions, AnExhaustedEpochBringsANewId) {
    TransactionOwner by = owner("id");
    const std::int64_t first_id = by.producer_id;
    for (int epoch = 1; epoch <= 32'766; ++epoch) {
        by = owner("id");
        ASSERT_EQ(by.producer_epoch, epoch);
        ASSERT_EQ(by.producer_id, first_id);
    }
    ASSERT_EQ(client().add(by, one_), KafkaError::kNone);
    ASSERT_EQ(send(by, one_, "lost", 0).error, KafkaError::kNone);
    const InitProducerRequest again{.transactional_id = "id",
                                    .timeout = milliseconds(1'000),
                                    .producer_id = by.producer_id,
                                    .producer_epoch = by.producer_epoch};
    const InitProducerAnswer renewed = client().init(again);
    EXPECT_NE(renewed.producer_id, first_id);
    EXPECT_EQ(renewed.producer_epoch, 0);
    EXPECT_EQ(client().init(again).producer_id, renewed.producer_id);
    EXPECT_EQ(client().read_committed(one_), Values{});
    EXPECT_EQ(stable(one_), Offset{2});
    EXPECT_EQ(client().add(by, one_), KafkaError::kInvalidProducerIdMapping);
}

// --- one transaction

TEST_F(Transactions, ACommitShowsAllPartitionsAtOnce) {
    const TransactionOwner by = owner("id");
    EXPECT_EQ(client().add_all(by, {one_, two_}), std::vector(2, KafkaError::kNone));
    EXPECT_EQ(send(by, one_, "a", 0).base_offset, Offset{0});
    EXPECT_EQ(send(by, two_, "b", 0).base_offset, Offset{0});
    EXPECT_EQ(stable(one_), Offset{0});
    EXPECT_EQ(client().read_committed(one_), Values{});
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), Values{"a"});
    EXPECT_EQ(client().read_committed(two_), Values{"b"});
    EXPECT_EQ(stable(one_), Offset{2});  // the marker has an offset, too
}

TEST_F(Transactions, AnAbortShowsNothing) {
    const TransactionOwner by = owner("id");
    client().add(by, one_);
    send(by, one_, "a", 0);
    EXPECT_EQ(client().end(by, kAbort), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), Values{});
    client().add(by, one_);
    send(by, one_, "b", 1);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), Values{"b"});
    const auto uncommitted = client().fetch(one_, Offset{0}, Isolation::kReadUncommitted);
    EXPECT_TRUE(uncommitted.aborted.empty());
}

TEST_F(Transactions, PlainRecordsWaitBehindAnOpenTransaction) {
    const TransactionOwner by = owner("id");
    client().add(by, one_);
    send(by, one_, "a", 0);
    ASSERT_TRUE(produce(topic_, {"plain"}).ok());
    EXPECT_EQ(client().read_committed(one_), Values{});
    client().end(by, kAbort);
    EXPECT_EQ(client().read_committed(one_), Values{"plain"});
}

TEST_F(Transactions, AnEndAskedTwiceAnswersTheSame) {
    const TransactionOwner by = owner("id");
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kInvalidTxnState);
    client().add(by, one_);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().end(by, kAbort), KafkaError::kInvalidTxnState);
    client().add(by, one_);
    EXPECT_EQ(client().end(by, kAbort), KafkaError::kNone);
    EXPECT_EQ(client().end(by, kAbort), KafkaError::kNone);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kInvalidTxnState);
}

TEST_F(Transactions, RequestsWaitForEachOther) {
    const TransactionOwner by = owner("id");
    std::vector<std::string> answers;
    const auto told = [&](const std::string& name) {
        return [&answers, name](KafkaError error) {
            answers.push_back(name + ": " + std::string(name_of(error)));
        };
    };
    const auto told_all = [&](const std::string& name) {
        return [told = told(name)](const std::vector<KafkaError>& errors) { told(errors.front()); };
    };
    coordinator().add_partitions(by, {one_}, told_all("add"));
    coordinator().add_partitions(by, {two_}, told_all("add"));
    coordinator().end(by, kCommit, told("end"));
    coordinator().end(by, kCommit, told("again"));
    EXPECT_TRUE(answers.empty());
    io_.run_all();
    EXPECT_EQ(answers,
              (std::vector<std::string>{"add: NONE", "add: NONE", "end: NONE", "again: NONE"}));
    EXPECT_EQ(state("id"), TransactionState::kCompleteCommit);
}

TEST_F(Transactions, TooManyRequestsAtOnceAreTold) {
    const TransactionOwner by = owner("id");
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
        coordinator().end(by, kAbort, [&](KafkaError error) {
            refused += error == KafkaError::kConcurrentTransactions ? 1 : 0;
        });
        coordinator().add_partitions(
            by, {i % 2 == 0 ? one_ : two_}, [&](const std::vector<KafkaError>& errors) {
                refused += errors.front() == KafkaError::kConcurrentTransactions ? 1 : 0;
            });
    }
    io_.run_all();
    EXPECT_GT(refused, 100);
    EXPECT_LT(refused, 200);
}

// --- what may be added and appended

TEST_F(Transactions, OnlyWhatBelongsToTheOpenTransactionIsAppended) {
    const TransactionOwner by = owner("id");
    EXPECT_EQ(send(by, one_, "early", 0).error, KafkaError::kInvalidTxnState);
    client().add(by, one_);
    EXPECT_EQ(send(by, two_, "elsewhere", 0).error, KafkaError::kInvalidTxnState);
    EXPECT_EQ(send(by, one_, "a", 0).error, KafkaError::kNone);
    TransactionOwner wrong = by;
    wrong.producer_epoch = 5;
    EXPECT_EQ(send(wrong, one_, "epoch", 0).error, KafkaError::kInvalidProducerEpoch);
    wrong.producer_id = 999'999;
    EXPECT_EQ(send(wrong, one_, "id", 0).error, KafkaError::kInvalidTxnState);
    client().end(by, kCommit);
    EXPECT_EQ(send(by, one_, "late", 1).error, KafkaError::kInvalidTxnState);
    EXPECT_EQ(client().read_committed(one_), Values{"a"});
}

TEST_F(Transactions, NothingSlipsBehindTheMarkersOnTheWayToTheLog) {
    const TransactionOwner by = owner("id");
    client().add(by, one_);
    coordinator().end(by, kCommit, [](KafkaError) {});
    // In the journal's queue behind the end, before anything has run.
    const Produced late = send(by, one_, "late", 0);
    EXPECT_EQ(late.error, KafkaError::kInvalidTxnState);
    EXPECT_EQ(state("id"), TransactionState::kCompleteCommit);
    EXPECT_EQ(stable(one_), Offset{1});
}

TEST_F(Transactions, PartitionsAreTakenAllOrNone) {
    const TransactionOwner by = owner("id");
    const TopicPartition unknown{topic_.id, Partition{7}};
    EXPECT_EQ(
        client().add_all(by, {one_, unknown}),
        (std::vector{KafkaError::kOperationNotAttempted, KafkaError::kUnknownTopicOrPartition}));
    const TopicPtr internal = broker_->find_topic("__consumer_offsets");
    EXPECT_EQ(client().add(by, {internal->id, Partition{0}}),
              KafkaError::kTopicAuthorizationFailed);
    EXPECT_EQ(state("id"), TransactionState::kEmpty);
    EXPECT_TRUE(client().add_all(by, {}).empty());
    EXPECT_EQ(state("id"), TransactionState::kEmpty);
}

TEST_F(Transactions, OnlyTheOwnerIsServed) {
    TransactionOwner by = owner("id");
    EXPECT_EQ(client().add({"unknown", 1, 0}, one_), KafkaError::kInvalidProducerIdMapping);
    EXPECT_EQ(client().end({"unknown", 1, 0}, kAbort), KafkaError::kInvalidProducerIdMapping);
    EXPECT_EQ(client().add({"", 1, 0}, one_), KafkaError::kInvalidRequest);
    TransactionOwner other = by;
    ++other.producer_id;
    EXPECT_EQ(client().add(other, one_), KafkaError::kInvalidProducerIdMapping);
    const TransactionOwner newer = owner("id");
    EXPECT_EQ(client().add(by, one_), KafkaError::kProducerFenced);
    EXPECT_EQ(client().add_offsets(by, "group"), KafkaError::kProducerFenced);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kProducerFenced);
    EXPECT_EQ(client().add(newer, one_), KafkaError::kNone);
}

// --- fencing, time, restarts

TEST_F(Transactions, ANewProducerAbortsWhatTheOldOneLeftOpen) {
    const TransactionOwner zombie = owner("id");
    client().add(zombie, one_);
    send(zombie, one_, "lost", 0);
    const TransactionOwner next_one = owner("id");
    EXPECT_EQ(next_one.producer_epoch, 1);
    EXPECT_EQ(stable(one_), Offset{2});
    EXPECT_EQ(send(zombie, one_, "zombie", 1).error, KafkaError::kInvalidProducerEpoch);
    EXPECT_EQ(client().end(zombie, kCommit), KafkaError::kProducerFenced);
    client().add(next_one, one_);
    EXPECT_EQ(send(zombie, one_, "zombie", 1).error, KafkaError::kInvalidProducerEpoch);
    EXPECT_EQ(send(next_one, one_, "a", 0).error, KafkaError::kNone);
    client().end(next_one, kCommit);
    EXPECT_EQ(client().read_committed(one_), Values{"a"});
}

TEST_F(Transactions, TimeUpAbortsAndFences) {
    const TransactionOwner by = owner("id", milliseconds(5'000));
    client().add(by, one_);
    send(by, one_, "lost", 0);
    advance(milliseconds(4'999));
    EXPECT_EQ(state("id"), TransactionState::kOngoing);
    clock_.set_wall_ms(0);  // a jump of wall time means nothing
    advance(milliseconds(1));
    EXPECT_EQ(state("id"), TransactionState::kCompleteAbort);
    EXPECT_EQ(stable(one_), Offset{2});
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kProducerFenced);
    EXPECT_EQ(send(by, one_, "late", 1).error, KafkaError::kInvalidProducerEpoch);
    EXPECT_EQ(client().read_committed(one_), Values{});
    // The same producer, still the newest, may go on.
    const InitProducerAnswer again = client().init({.transactional_id = "id",
                                                    .timeout = milliseconds(5'000),
                                                    .producer_id = by.producer_id,
                                                    .producer_epoch = by.producer_epoch});
    EXPECT_EQ(again.error, KafkaError::kNone);
    EXPECT_EQ(again.producer_epoch, by.producer_epoch + 1);
}

TEST_F(Transactions, TimeRunsFromTheBeginOfEachTransaction) {
    const TransactionOwner by = owner("id", milliseconds(5'000));
    const TransactionOwner other = owner("other", milliseconds(3'000));
    client().add(by, one_);
    advance(milliseconds(4'000));
    client().add(other, one_);
    client().end(by, kCommit);
    client().add(by, one_);
    advance(milliseconds(3'000));
    EXPECT_EQ(state("other"), TransactionState::kCompleteAbort);
    EXPECT_EQ(state("id"), TransactionState::kOngoing);
    advance(milliseconds(2'000));
    EXPECT_EQ(state("id"), TransactionState::kCompleteAbort);
}

TEST_F(Transactions, AnOpenTransactionSurvivesARestart) {
    const TransactionOwner by = owner("id", milliseconds(5'000));
    client().add_all(by, {one_, two_});
    send(by, one_, "a", 0);
    advance(milliseconds(4'000));
    reopen();
    EXPECT_EQ(state("id"), TransactionState::kOngoing);
    EXPECT_EQ(stable(one_), Offset{0});
    advance(milliseconds(4'000));                              // the whole timeout again
    EXPECT_EQ(send(by, one_, "a", 0).base_offset, Offset{0});  // a retry
    EXPECT_EQ(send(by, one_, "b", 1).error, KafkaError::kNone);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), (Values{"a", "b"}));
    reopen();
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), (Values{"a", "b"}));
}

TEST_F(Transactions, TimeUpAfterARestartAbortsToo) {
    const TransactionOwner by = owner("id", milliseconds(5'000));
    client().add(by, one_);
    send(by, one_, "a", 0);
    reopen();
    advance(milliseconds(5'000));
    EXPECT_EQ(state("id"), TransactionState::kCompleteAbort);
    EXPECT_EQ(stable(one_), Offset{2});
}

TEST_F(Transactions, ADeletedTopicDropsOut) {
    const TopicInfo doomed = create("doomed");
    const TransactionOwner by = owner("id");
    client().add_all(by, {one_, {doomed.id, Partition{0}}});
    send(by, one_, "a", 0);
    ASSERT_TRUE(broker_->delete_topic("doomed").ok());
    EXPECT_EQ(coordinator().describe("id").partitions, std::vector{one_});
    reopen();
    EXPECT_EQ(coordinator().describe("id").partitions, std::vector{one_});
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(client().read_committed(one_), Values{"a"});
}

TEST_F(Transactions, IdsThatNobodyUsesAreForgotten) {
    const TransactionOwner idle = owner("idle");
    const TransactionOwner open = owner("open", milliseconds(900'000));
    for (int hour = 0; hour <= 7 * 24; ++hour) {
        client().add(open, one_);
        client().end(open, kCommit);
        advance(std::chrono::hours(1));
    }
    EXPECT_EQ(coordinator().describe("idle").error, KafkaError::kTransactionalIdNotFound);
    EXPECT_EQ(coordinator().describe("open").error, KafkaError::kNone);
    reopen();
    EXPECT_EQ(coordinator().describe("idle").error, KafkaError::kTransactionalIdNotFound);
    EXPECT_EQ(client().add(idle, one_), KafkaError::kInvalidProducerIdMapping);
    EXPECT_NE(owner("idle").producer_id, idle.producer_id);
}

// --- offsets of groups

TEST_F(Transactions, OffsetsBecomeTheGroupsWithTheCommit) {
    const TransactionOwner by = owner("id");
    EXPECT_EQ(client().commit_offsets(offsets_of(by, "group", Offset{5})),
              std::vector{KafkaError::kInvalidTxnState});
    EXPECT_EQ(client().add_offsets(by, "group"), KafkaError::kNone);
    EXPECT_EQ(client().commit_offsets(offsets_of(by, "other", Offset{5})),
              std::vector{KafkaError::kInvalidTxnState});
    EXPECT_EQ(client().commit_offsets(offsets_of(by, "group", Offset{5})),
              std::vector{KafkaError::kNone});
    EXPECT_EQ(committed("group"), std::nullopt);
    const auto stable_only = [&] {
        return broker_->groups().fetch_offsets("group", {one_}, OffsetStability::kStableOnly);
    };
    EXPECT_EQ(stable_only().front().error, KafkaError::kUnstableOffsetCommit);
    reopen();
    EXPECT_EQ(stable_only().front().error, KafkaError::kUnstableOffsetCommit);
    EXPECT_EQ(client().end(by, kCommit), KafkaError::kNone);
    EXPECT_EQ(committed("group"), Offset{5});
    EXPECT_EQ(stable_only().front().next, Offset{5});
    reopen();
    EXPECT_EQ(committed("group"), Offset{5});
}

TEST_F(Transactions, OffsetsOfAnAbortedTransactionAreForgotten) {
    const TransactionOwner by = owner("id");
    client().add_offsets(by, "group");
    client().commit_offsets(offsets_of(by, "group", Offset{5}));
    client().end(by, kAbort);
    EXPECT_EQ(committed("group"), std::nullopt);
    EXPECT_FALSE(coordinator().is_pending("group", one_));
    client().add_offsets(by, "group");
    client().commit_offsets(offsets_of(by, "group", Offset{7}));
    client().commit_offsets(offsets_of(by, "group", Offset{8}));
    client().end(by, kCommit);
    EXPECT_EQ(committed("group"), Offset{8});
}

TEST_F(Transactions, OffsetsNeedAMemberAndSaneContent) {
    const TransactionOwner by = owner("id");
    client().add_offsets(by, "group");
    TransactionOffsets request = offsets_of(by, "group", Offset{5});
    request.member.generation = 3;
    request.member.member_id = "nobody";
    EXPECT_NE(client().commit_offsets(request).front(), KafkaError::kNone);
    request = offsets_of(by, "group", Offset{5});
    request.offsets.push_back({.source = two_, .next = Offset{1}});
    request.offsets.back().metadata = std::string(5'000, 'x');
    request.offsets.push_back({.source = {topic_.id, Partition{9}}, .next = Offset{1}});
    EXPECT_EQ(client().commit_offsets(request),
              (std::vector{KafkaError::kNone,
                           KafkaError::kOffsetMetadataTooLarge,
                           KafkaError::kUnknownTopicOrPartition}));
    EXPECT_EQ(client().add_offsets(by, ""), KafkaError::kInvalidGroupId);
}

// --- the log's own readers

TEST_F(Transactions, ReadersInTheProcessSeeCommittedRecordsOnly) {
    const TransactionOwner by = owner("id");
    const TransactionOwner open = owner("open");
    client().add(by, one_);
    send(by, one_, "lost", 0);
    ASSERT_TRUE(produce(topic_, {"plain"}).ok());
    send(by, one_, "lost, too", 1);
    client().end(by, kAbort);
    client().add(by, one_);
    send(by, one_, "kept", 2);
    EXPECT_EQ(read_all(topic_), Values{"plain"});
    client().end(by, kCommit);
    client().add(open, one_);
    send(open, one_, "open", 0);
    ASSERT_TRUE(produce(topic_, {"behind"}).ok());
    EXPECT_EQ(broker_->snapshot().end_of(one_), stable(one_));
    std::optional<FetchResult> waiting;
    broker_->fetch({.from = one_, .offset = stable(one_), .wait_max = milliseconds(1'000)},
                   [&](Result<FetchResult> result) { waiting = std::move(result).value(); });
    io_.run_all();
    EXPECT_FALSE(waiting);
    client().end(open, kCommit);
    ASSERT_TRUE(waiting);
    EXPECT_FALSE(waiting->batches.empty());
    EXPECT_EQ(broker_->snapshot().end_of(one_), stable(one_));
}

// --- questions

TEST_F(Transactions, AreDescribedAndListed) {
    EXPECT_EQ(coordinator().describe("id").error, KafkaError::kTransactionalIdNotFound);
    const TransactionOwner by = owner("id", milliseconds(5'000));
    const TransactionOwner other = owner("other");
    client().add(by, one_);
    const TransactionDescription description = coordinator().describe("id");
    EXPECT_EQ(description.state, TransactionState::kOngoing);
    EXPECT_EQ(description.timeout, milliseconds(5'000));
    EXPECT_EQ(description.started, Timestamp{clock_.wall_ms()});
    EXPECT_EQ(description.producer_id, by.producer_id);
    EXPECT_EQ(description.partitions, std::vector{one_});
    const auto ids = [&](const TransactionFilter& filter) {
        Values found;
        for (const TransactionListing& listing : coordinator().list(filter)) {
            found.push_back(listing.transactional_id + " " + std::string(name_of(listing.state)));
        }
        return found;
    };
    EXPECT_EQ(ids({}), (Values{"id Ongoing", "other Empty"}));
    EXPECT_EQ(ids({.states = {TransactionState::kOngoing}}), Values{"id Ongoing"});
    EXPECT_EQ(ids({.producer_ids = {other.producer_id}}), Values{"other Empty"});
    EXPECT_EQ(ids({.older_than = milliseconds(10)}), Values{});
    advance(milliseconds(11));
    EXPECT_EQ(ids({.older_than = milliseconds(10)}), Values{"id Ongoing"});
    for (const char* name : {"Empty", "Ongoing", "PrepareCommit", "CompleteAbort"}) {
        EXPECT_EQ(name_of(*parse_transaction_state(name)), name);
    }
    EXPECT_EQ(parse_transaction_state("Nonsense"), std::nullopt);
    ASSERT_EQ(broker_->producers(two_).value().size(), 0U);
    send(by, one_, "a", 0);
    ASSERT_EQ(broker_->producers(one_).value().size(), 1U);
    EXPECT_EQ(broker_->producers(one_).value().front().transaction_start, Offset{0});
}

TEST_F(Transactions, RequestsAreAnsweredWhenTheBrokerCloses) {
    const TransactionOwner by = owner("id");
    std::vector<KafkaError> answers;
    const auto told = [&](KafkaError error) { answers.push_back(error); };
    coordinator().end(by, kCommit, told);
    coordinator().add_partitions(
        by, {one_}, [&](const std::vector<KafkaError>& errors) { told(errors.front()); });
    coordinator().end(by, kCommit, told);
    coordinator().init_producer({.transactional_id = "new", .timeout = milliseconds(1)},
                                [&](const InitProducerAnswer& answer) { told(answer.error); });
    ASSERT_TRUE(broker_->close().ok());
    io_.run_all();
    EXPECT_EQ(answers.size(), 4U);
    coordinator().end(by, kCommit, told);
    io_.run_all();
    EXPECT_EQ(answers.back(), KafkaError::kCoordinatorNotAvailable);
}

}  // namespace
}  // namespace millrace::broker
