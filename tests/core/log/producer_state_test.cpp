// Idempotent producers and transactions of one partition: rules, staging, snapshots, rebuilding.
#include "core/log/producer_state.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/core/log/journal_fixture.h"
#include "tests/core/log/partition_fixture.h"

namespace millrace::log {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

struct Sent {
    std::int64_t producer = 7;
    std::int16_t epoch = 0;
    std::int32_t sequence = 0;
    std::int32_t records = 1;
    bool is_transactional = false;
};

Buffer encode(const Sent& sent) {
    RecordBatchBuilder builder({.producer_id = sent.producer,
                                .producer_epoch = sent.epoch,
                                .base_sequence = sent.sequence,
                                .is_transactional = sent.is_transactional});
    for (std::int32_t i = 0; i < sent.records; ++i) {
        const std::string value = std::to_string(sent.producer) + ":" + std::to_string(i);
        builder.add(std::nullopt, as_bytes(value), Timestamp{5});
    }
    return builder.finish().value();
}

Buffer marker(std::int64_t producer, TransactionEnd end, std::int16_t epoch = 0) {
    return encode_marker(
        {.producer_id = producer, .producer_epoch = epoch, .end = end, .coordinator_epoch = 3},
        Timestamp{6});
}

/// A state fed by hand, with the offsets a log would give.
class ProducerStateTest : public testing::Test {
  protected:
    Result<std::optional<Offset>> stage(const Buffer& bytes) {
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        auto staged = state.stage(batch, end, now);
        if (staged.ok() && !staged.value()) {
            end = Offset{end.value + batch.record_count()};
        }
        return staged;
    }
    Result<std::optional<Offset>> send(const Sent& sent) {
        auto staged = stage(encode(sent));
        state.publish(end);
        return staged;
    }
    void end_transaction(std::int64_t producer, TransactionEnd kind, std::int16_t epoch = 0) {
        ASSERT_TRUE(stage(marker(producer, kind, epoch)).ok());
        state.publish(end);
    }
    [[nodiscard]] Offset stable() const { return std::min(state.first_unstable(), end); }
    static ErrorCode code(const Result<std::optional<Offset>>& result) {
        return result.ok() ? ErrorCode::kOk : result.error().code;
    }

    ProducerState state;
    Offset end;
    nanoseconds now{hours{100}};
};

TEST_F(ProducerStateTest, GivesTheOffsetOfABatchThatWasSentBefore) {
    for (std::int32_t i = 0; i < 5; ++i) {
        ASSERT_EQ(send({.sequence = i * 2, .records = 2}).value(), std::nullopt);
    }
    for (std::int32_t i = 0; i < 5; ++i) {
        EXPECT_EQ(send({.sequence = i * 2, .records = 2}).value(), Offset{i * 2});
    }
    EXPECT_EQ(end, Offset{10});
}

TEST_F(ProducerStateTest, ForgetsTheSixthBatchAndRefusesItsRetry) {
    for (std::int32_t i = 0; i < 6; ++i) {
        ASSERT_TRUE(send({.sequence = i}).ok());
    }
    EXPECT_EQ(code(send({.sequence = 0})), ErrorCode::kOutOfOrderSequence);
    EXPECT_EQ(send({.sequence = 1}).value(), Offset{1});
}

TEST_F(ProducerStateTest, TakesARetryOnlyWithTheSameFirstAndLastSequence) {
    ASSERT_TRUE(send({.sequence = 0, .records = 3}).ok());
    EXPECT_EQ(code(send({.sequence = 0, .records = 2})), ErrorCode::kOutOfOrderSequence);
    EXPECT_EQ(code(send({.sequence = 1, .records = 2})), ErrorCode::kOutOfOrderSequence);
}

TEST_F(ProducerStateTest, RefusesAGap) {
    ASSERT_TRUE(send({.sequence = 0, .records = 3}).ok());
    EXPECT_EQ(code(send({.sequence = 4})), ErrorCode::kOutOfOrderSequence);
    EXPECT_TRUE(send({.sequence = 3}).ok());
}

TEST_F(ProducerStateTest, TakesAnySequenceFromAProducerItDoesNotKnow) {
    EXPECT_EQ(send({.sequence = 1234}).value(), std::nullopt);
    EXPECT_EQ(code(send({.sequence = 1236})), ErrorCode::kOutOfOrderSequence);
}

TEST_F(ProducerStateTest, GoesOnWithZeroBehindTheLargestSequence) {
    constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
    ASSERT_TRUE(send({.sequence = kMax - 1, .records = 4}).ok());  // max-1, max, 0, 1
    EXPECT_EQ(state.producers().front().last_sequence, 1);
    EXPECT_EQ(send({.sequence = kMax - 1, .records = 4}).value(), Offset{0});
    EXPECT_TRUE(send({.sequence = 2}).ok());
    EXPECT_EQ(advance_sequence(kMax, 1), 0);
    EXPECT_EQ(advance_sequence(0, kMax), kMax);
}

TEST_F(ProducerStateTest, ANewEpochStartsAtZeroAndFencesTheOldOne) {
    ASSERT_TRUE(send({.epoch = 0, .sequence = 0}).ok());
    EXPECT_EQ(code(send({.epoch = 1, .sequence = 1})), ErrorCode::kOutOfOrderSequence);
    ASSERT_TRUE(send({.epoch = 1, .sequence = 0}).ok());
    EXPECT_EQ(code(send({.epoch = 0, .sequence = 1})), ErrorCode::kStaleProducerEpoch);
    EXPECT_EQ(code(send({.epoch = 0, .sequence = 0})), ErrorCode::kStaleProducerEpoch);
}

TEST_F(ProducerStateTest, RefusesABatchWithAnIdButNoSequence) {
    EXPECT_EQ(code(send({.sequence = -1})), ErrorCode::kCorruptBatch);
    EXPECT_EQ(code(send({.epoch = -1, .sequence = 0})), ErrorCode::kCorruptBatch);
    EXPECT_TRUE(state.producers().empty());
}

TEST_F(ProducerStateTest, ProducersDoNotDisturbEachOther) {
    ASSERT_TRUE(send({.producer = 1, .sequence = 0}).ok());
    ASSERT_TRUE(send({.producer = 2, .sequence = 0}).ok());
    EXPECT_EQ(send({.producer = 2, .sequence = 0}).value(), Offset{1});
    EXPECT_TRUE(send({.producer = 1, .sequence = 1}).ok());
}

TEST_F(ProducerStateTest, SeesBatchesThatAreStagedAndTakesThemBack) {
    ASSERT_TRUE(stage(encode({.sequence = 0})).ok());
    ASSERT_TRUE(stage(encode({.sequence = 1})).ok());
    EXPECT_EQ(stage(encode({.sequence = 1})).value(), Offset{1});
    EXPECT_TRUE(state.producers().empty());  // nothing published
    state.unstage(Offset{1});
    end = Offset{1};
    EXPECT_EQ(code(stage(encode({.sequence = 2}))), ErrorCode::kOutOfOrderSequence);
    ASSERT_EQ(stage(encode({.sequence = 1})).value(), std::nullopt);
    state.unstage(Offset{0});
    end = Offset{0};
    EXPECT_EQ(stage(encode({.sequence = 9})).value(), std::nullopt);  // not known any more
}

TEST_F(ProducerStateTest, PublishesOnlyWhatLiesBelowTheEnd) {
    ASSERT_TRUE(stage(encode({.sequence = 0, .is_transactional = true})).ok());
    ASSERT_TRUE(stage(encode({.producer = 8, .sequence = 0, .is_transactional = true})).ok());
    state.publish(Offset{1});
    ASSERT_EQ(state.producers().size(), 1U);
    EXPECT_EQ(state.producers().front().transaction_start, Offset{0});
    state.publish(Offset{2});
    EXPECT_EQ(state.producers().size(), 2U);
}

TEST_F(ProducerStateTest, AnOpenTransactionHoldsTheStableEnd) {
    ASSERT_TRUE(send({.producer = 1}).ok());
    EXPECT_EQ(stable(), Offset{1});
    ASSERT_TRUE(send({.producer = 2, .is_transactional = true}).ok());
    ASSERT_TRUE(send({.producer = 3, .is_transactional = true}).ok());
    ASSERT_TRUE(send({.producer = 2, .sequence = 1, .is_transactional = true}).ok());
    EXPECT_EQ(stable(), Offset{1});
    end_transaction(2, TransactionEnd::kCommit);
    EXPECT_EQ(stable(), Offset{2});
    end_transaction(3, TransactionEnd::kAbort);
    EXPECT_EQ(stable(), end);
    EXPECT_EQ(end, Offset{6});
}

TEST_F(ProducerStateTest, AStagedMarkerEndsNothingYet) {
    ASSERT_TRUE(send({.is_transactional = true}).ok());
    ASSERT_TRUE(stage(marker(7, TransactionEnd::kAbort)).ok());
    EXPECT_EQ(stable(), Offset{0});
    EXPECT_TRUE(state.aborted(Offset{0}, Offset{2}).empty());
    state.unstage(Offset{1});
    end = Offset{1};
    EXPECT_TRUE(send({.sequence = 1, .is_transactional = true}).ok());
    EXPECT_EQ(stable(), Offset{0});
}

TEST_F(ProducerStateTest, ListsAbortedTransactionsThatOverlap) {
    for (std::int32_t i = 0; i < 4; ++i) {  // records at 0, 2, 4, 6; markers behind each
        ASSERT_TRUE(send({.sequence = i, .is_transactional = true}).ok());
        end_transaction(7, i == 1 ? TransactionEnd::kCommit : TransactionEnd::kAbort);
    }
    const auto at = [](std::int64_t first) { return AbortedTransaction{7, Offset{first}}; };
    EXPECT_EQ(state.aborted(Offset{0}, Offset{8}), (std::vector{at(0), at(4), at(6)}));
    EXPECT_EQ(state.aborted(Offset{2}, Offset{6}), (std::vector{at(4)}));
    EXPECT_EQ(state.aborted(Offset{5}, Offset{7}), (std::vector{at(4), at(6)}));
    EXPECT_TRUE(state.aborted(Offset{2}, Offset{4}).empty());
    EXPECT_TRUE(state.aborted(Offset{8}, Offset{9}).empty());
}

TEST_F(ProducerStateTest, FindsALongAbortedTransactionBehindShortOnes) {
    ASSERT_TRUE(send({.producer = 1, .is_transactional = true}).ok());  // 0
    for (std::int32_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(send({.producer = 2, .sequence = i, .is_transactional = true}).ok());
        end_transaction(2, TransactionEnd::kAbort);
    }
    end_transaction(1, TransactionEnd::kAbort);
    EXPECT_EQ(state.aborted(Offset{0}, Offset{1}), (std::vector{AbortedTransaction{1, Offset{0}}}));
    EXPECT_EQ(state.aborted(Offset{3}, Offset{4}),
              (std::vector{AbortedTransaction{2, Offset{3}}, AbortedTransaction{1, Offset{0}}}));
}

TEST_F(ProducerStateTest, RefusesPlainBatchesInsideATransaction) {
    ASSERT_TRUE(send({.is_transactional = true}).ok());
    EXPECT_EQ(code(send({.sequence = 1})), ErrorCode::kInvalidTransaction);
    end_transaction(7, TransactionEnd::kCommit);
    EXPECT_TRUE(send({.sequence = 1}).ok());
}

TEST_F(ProducerStateTest, AMarkerWithANewEpochFencesTheProducer) {
    ASSERT_TRUE(send({.is_transactional = true}).ok());
    end_transaction(7, TransactionEnd::kAbort, 1);
    EXPECT_EQ(code(send({.sequence = 1, .is_transactional = true})),
              ErrorCode::kStaleProducerEpoch);
    EXPECT_EQ(code(stage(marker(7, TransactionEnd::kCommit, 0))), ErrorCode::kStaleProducerEpoch);
    EXPECT_EQ(code(send({.epoch = 1, .sequence = 5})), ErrorCode::kOutOfOrderSequence);
    EXPECT_TRUE(send({.epoch = 1, .sequence = 0}).ok());
    EXPECT_EQ(state.producers().front().coordinator_epoch, 3);
}

TEST_F(ProducerStateTest, ForgetsIdleProducersButNoOpenTransaction) {
    ASSERT_TRUE(send({.producer = 1}).ok());
    ASSERT_TRUE(send({.producer = 2, .is_transactional = true}).ok());
    now += hours{23};
    ASSERT_TRUE(send({.producer = 3}).ok());
    now += hours{1};
    state.expire(Offset{0}, now);
    ASSERT_EQ(state.producers().size(), 2U);
    EXPECT_EQ(state.producers()[0].producer_id, 2);
    EXPECT_EQ(state.producers()[1].producer_id, 3);
    EXPECT_TRUE(send({.producer = 1, .sequence = 77}).ok());
}

TEST_F(ProducerStateTest, ForgetsAbortedTransactionsBelowTheLogStart) {
    ASSERT_TRUE(send({.is_transactional = true}).ok());
    end_transaction(7, TransactionEnd::kAbort);
    state.expire(Offset{1}, now);
    EXPECT_EQ(state.aborted(Offset{0}, Offset{9}).size(), 1U);
    state.expire(Offset{2}, now);
    EXPECT_TRUE(state.aborted(Offset{0}, Offset{9}).empty());
}

TEST(ProducerStateLimits, ForgetsTheLongestIdleWhenThereAreTooMany) {
    ProducerState state({.producers_max = 100});
    for (std::int64_t id = 0; id < 1'000; ++id) {
        const Buffer bytes = encode({.producer = id, .is_transactional = id < 5});
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        ASSERT_TRUE(state.stage(batch, Offset{id}, nanoseconds{id}).ok());
        state.publish(Offset{id + 1});
        ASSERT_LE(state.producers().size(), 101U);
    }
    const auto kept = state.producers();
    EXPECT_GE(kept.size(), 85U);
    EXPECT_EQ(kept.front().producer_id, 0);  // their transactions are open
    EXPECT_EQ(kept[4].producer_id, 4);
    EXPECT_GT(kept[5].producer_id, 850);
    EXPECT_EQ(kept.back().producer_id, 999);
}

TEST_F(ProducerStateTest, ASnapshotHoldsWhatWasPublished) {
    for (std::int32_t i = 0; i < 7; ++i) {
        ASSERT_TRUE(send({.producer = 1, .sequence = i}).ok());
    }
    ASSERT_TRUE(send({.producer = 2, .is_transactional = true}).ok());
    end_transaction(2, TransactionEnd::kAbort);
    ASSERT_TRUE(send({.producer = 3, .is_transactional = true}).ok());
    const Offset published = end;
    ASSERT_TRUE(stage(encode({.producer = 1, .sequence = 7})).ok());
    ASSERT_TRUE(stage(encode({.producer = 4})).ok());
    const ProducerStamp stamp{.offset = published,
                              .segment = Offset{2},
                              .position = 100,
                              .last_position = 50,
                              .last_crc = 4};
    const Buffer bytes = state.snapshot(stamp, now, 1'000);
    EXPECT_EQ(ProducerState::read_stamp(bytes).value(), stamp);

    ProducerState other;
    ASSERT_TRUE(other.restore(bytes, now + hours{1}, 1'000).ok());
    EXPECT_EQ(other.producers(), state.producers());
    EXPECT_EQ(other.first_unstable(), state.first_unstable());
    EXPECT_EQ(other.aborted(Offset{0}, end), state.aborted(Offset{0}, end));
    const auto retry = [&](std::int32_t sequence) {
        const Buffer again = encode({.producer = 1, .sequence = sequence});
        return other.stage(RecordBatchView::parse(again).value(), published, now);
    };
    EXPECT_EQ(retry(2).value(), Offset{2});
    EXPECT_EQ(retry(1).error().code, ErrorCode::kOutOfOrderSequence);
    EXPECT_EQ(retry(7).value(), std::nullopt);
}

TEST_F(ProducerStateTest, ASnapshotKeepsAgesAcrossTheDowntime) {
    ASSERT_TRUE(send({.producer = 1}).ok());
    now += hours{10};
    const Buffer bytes = state.snapshot({}, now, 0);
    const auto left_after = [&](std::int64_t wall_ms) {
        ProducerState other;
        EXPECT_TRUE(other.restore(bytes, nanoseconds{0}, wall_ms).ok());
        other.expire(Offset{0}, nanoseconds{0});
        return other.producers().size();
    };
    constexpr std::int64_t kHourMs = 3'600'000;
    EXPECT_EQ(left_after(13 * kHourMs), 1U);
    EXPECT_EQ(left_after(14 * kHourMs), 0U);
    EXPECT_EQ(left_after(-kHourMs), 1U);               // the wall clock went back
    EXPECT_EQ(left_after(24 * 10'000 * kHourMs), 1U);  // or is nonsense
}

TEST_F(ProducerStateTest, DamageInASnapshotIsFound) {
    ASSERT_TRUE(send({.producer = 1}).ok());
    ASSERT_TRUE(send({.producer = 2, .is_transactional = true}).ok());
    end_transaction(2, TransactionEnd::kAbort);
    const Buffer bytes = state.snapshot({}, now, 0);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
        Buffer damaged(bytes.view());
        damaged.data()[i / 8] ^= std::byte(1U << (i % 8));
        ASSERT_FALSE(ProducerState::read_stamp(damaged).ok()) << i;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ProducerState other;
        ASSERT_FALSE(other.restore(bytes.view().first(size), now, 0).ok()) << size;
    }
}

// --- in a partition -----------------------------------------------------------------------------

class PartitionProducers : public testing::Test, public PartitionFixture {
  protected:
    void SetUp() override { open(); }
    std::vector<std::string> snapshot_files() {
        std::vector<std::string> names;
        const auto entries = files().list("/data/topics/t/0");
        for (const DirectoryEntry& entry : entries.value()) {
            if (entry.name.ends_with(".producers")) {
                names.push_back("/data/topics/t/0/" + entry.name);
            }
        }
        return names;
    }
    void remove_snapshots() {
        for (const std::string& path : snapshot_files()) {
            ASSERT_TRUE(files().remove(path).ok());
        }
    }
    /// What the partition says of its producers, all in one text.
    std::string told() {
        std::string text = "stable " + std::to_string(log().last_stable_offset().value);
        for (const ProducerInfo& info : log().producers()) {
            text += "; " + std::to_string(info.producer_id) + "/" + std::to_string(info.epoch) +
                    " seq " + std::to_string(info.last_sequence) + " since " +
                    std::to_string(info.transaction_start.value_or(Offset{-1}).value);
        }
        for (const auto& one : log().aborted_transactions(Offset{0}, log().high_watermark())) {
            text += "; aborted " + std::to_string(one.producer_id) + " from " +
                    std::to_string(one.first_offset.value);
        }
        return text;
    }
    void fill() {
        ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 0, .records = 3})).ok());
        append({"plain"});
        ASSERT_TRUE(try_append(encode({.producer = 2, .is_transactional = true})).ok());
        ASSERT_TRUE(try_append(marker(2, TransactionEnd::kAbort)).ok());
        ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 3})).ok());
        ASSERT_TRUE(try_append(encode({.producer = 3, .is_transactional = true})).ok());
        append({"plain"});
    }
};

constexpr std::string_view kFilled =
    "stable 7; 1/0 seq 3 since -1; 2/0 seq 0 since -1; 3/0 seq 0 since 7; aborted 2 from 4";

TEST_F(PartitionProducers, AnswersARetryWithTheFirstOffsetAndWritesNothing) {
    fill();
    const LogPosition before = log().staged_end();
    Buffer again = encode({.producer = 1, .sequence = 0, .records = 3});
    const StagedAppend staged = log().stage(again.span()).value();
    EXPECT_EQ(staged.duplicate_of, Offset{0});
    EXPECT_EQ(staged.last_offset, Offset{2});
    EXPECT_EQ(log().staged_end(), before);
}

TEST_F(PartitionProducers, SeveralBatchesAreTakenTogetherOrNotAtAll) {
    Buffer both = encode({.sequence = 0});
    both.append(encode({.sequence = 1}).view());
    ASSERT_TRUE(try_append(Buffer(both.view())).ok());
    EXPECT_EQ(log().stage(both.span()).value().duplicate_of, Offset{0});
    Buffer mixed = encode({.sequence = 1});
    mixed.append(encode({.sequence = 2}).view());
    EXPECT_EQ(log().stage(mixed.span()).error().code, ErrorCode::kOutOfOrderSequence);
    Buffer gap = encode({.sequence = 2});
    gap.append(encode({.sequence = 9}).view());
    EXPECT_EQ(log().stage(gap.span()).error().code, ErrorCode::kOutOfOrderSequence);
    EXPECT_TRUE(try_append(encode({.sequence = 2})).ok());  // the refused pieces left no trace
}

TEST_F(PartitionProducers, ComeBackFromTheSnapshot) {
    fill();
    EXPECT_EQ(told(), kFilled);
    reopen();
    EXPECT_EQ(snapshot_files().size(), 1U);
    EXPECT_EQ(told(), kFilled);
    EXPECT_EQ(try_append(encode({.producer = 1, .sequence = 9})).error().code,
              ErrorCode::kOutOfOrderSequence);
}

TEST_F(PartitionProducers, ComeBackFromTheLogWithoutOne) {
    fill();
    close();
    remove_snapshots();
    open();
    EXPECT_EQ(told(), kFilled);
}

TEST_F(PartitionProducers, ASnapshotIsCompletedByWhatCameBehindIt) {
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 0})).ok());
    reopen();
    const std::vector<std::string> older = snapshot_files();
    const Buffer content = files().read_file(older.front()).value();
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 1})).ok());
    close();
    remove_snapshots();
    ASSERT_TRUE(files().write_file_atomically(older.front(), content).ok());
    open();
    EXPECT_EQ(told(), "stable 2; 1/0 seq 1 since -1");
}

TEST_F(PartitionProducers, EveryDamagedSnapshotIsPassedOver) {
    fill();
    close();
    const std::string path = snapshot_files().front();
    const Buffer whole = files().read_file(path).value();
    SeededRandom random(3);
    for (int i = 0; i < 300; ++i) {
        Buffer damaged(whole.view());
        if (i % 3 == 0) {
            damaged.resize(random.below(whole.size()));
        } else {
            damaged.data()[random.below(whole.size())] ^= std::byte(1U << random.below(8));
        }
        remove_snapshots();
        ASSERT_TRUE(files().write_file_atomically(path, damaged).ok());
        open();
        ASSERT_EQ(told(), kFilled);
        close();
    }
}

TEST_F(PartitionProducers, ASnapshotAheadOfTheLogIsRemoved) {
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 0})).ok());
    const LogPosition kept = end();
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 1})).ok());
    close();  // the snapshot knows of sequence 1
    ASSERT_TRUE(try_open(kept).ok());
    EXPECT_EQ(told(), "stable 1; 1/0 seq 0 since -1");
    EXPECT_EQ(try_append(encode({.producer = 1, .sequence = 1})).value().duplicate_of,
              std::nullopt);
}

TEST_F(PartitionProducers, ASnapshotOfAnotherHistoryIsPassedOver) {
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 0})).ok());
    const LogPosition kept = end();
    ASSERT_TRUE(try_append(encode({.producer = 1, .sequence = 1})).ok());
    close();
    const std::string path = snapshot_files().front();
    const Buffer other_history = files().read_file(path).value();
    ASSERT_TRUE(try_open(kept).ok());
    ASSERT_TRUE(try_append(encode({.producer = 5, .sequence = 0})).ok());
    close();
    remove_snapshots();
    ASSERT_TRUE(files().write_file_atomically(path, other_history).ok());
    open();
    EXPECT_EQ(told(), "stable 2; 1/0 seq 0 since -1; 5/0 seq 0 since -1");
}

TEST_F(PartitionProducers, AreSavedAtARollAndTwoSnapshotsAreKept) {
    options().segment_bytes = 1'000;
    reopen();
    for (std::int32_t i = 0; i < 60; ++i) {
        ASSERT_TRUE(try_append(encode({.sequence = i})).ok());
    }
    EXPECT_EQ(snapshot_files().size(), 2U);
    const std::string before = told();
    close();
    // Without the newest the one before it and the log do.
    ASSERT_TRUE(files().remove(snapshot_files().back()).ok());
    open();
    EXPECT_EQ(told(), before);
}

TEST_F(PartitionProducers, SurviveRetentionOfAllTheirBatches) {
    options().retention_age = std::chrono::milliseconds(1);
    reopen();
    ASSERT_TRUE(try_append(encode({.sequence = 0})).ok());
    ASSERT_TRUE(log().sync().ok());
    clock().advance(std::chrono::milliseconds(5));
    EXPECT_EQ(apply_retention(), 1U);
    ASSERT_EQ(log().log_start(), Offset{1});
    const std::string before = told();
    EXPECT_EQ(before, "stable 1; 7/0 seq 0 since -1");
    reopen();
    EXPECT_EQ(told(), before);
}

TEST_F(PartitionProducers, ALogWithoutProducersHasNoSnapshots) {
    append({"one"});
    reopen();
    EXPECT_TRUE(snapshot_files().empty());
    EXPECT_EQ(log().last_stable_offset(), Offset{1});
}

TEST_F(PartitionProducers, DamageInTheLogCostsOnlyWhatItHit) {
    fill();
    const std::uint64_t second = encode({.producer = 1, .records = 3}).size();
    close();
    remove_snapshots();
    flip_byte(path(Offset{0}), second + 8);  // the length of the plain batch
    open();
    EXPECT_EQ(told(), kFilled);
}

// --- through the journal ------------------------------------------------------------------------

class JournalProducers : public JournalFixture {
  protected:
    Result<UnitCommitted> send(Buffer bytes) {
        JournalUnit unit;
        unit.pieces.push_back({&log(0), partition(0), std::move(bytes)});
        submit(std::move(unit));
        run();
        auto answer = std::move(answers.back());
        answers.clear();
        return answer;
    }
};

TEST_F(JournalProducers, ARetryCompletesWithItsGroupAndTheFirstOffset) {
    open();
    ASSERT_TRUE(send(batch_of({"first"})).ok());
    for (int i = 0; i < 3; ++i) {
        JournalUnit unit;
        unit.pieces.push_back({&log(0), partition(0), encode({.sequence = 0})});
        submit(std::move(unit));
    }
    run();
    ASSERT_EQ(answers.size(), 3U);
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.value().base_offsets, std::vector{Offset{1}});
    }
    answers.clear();
    EXPECT_EQ(send(encode({.sequence = 0})).value().base_offsets, std::vector{Offset{1}});
    EXPECT_EQ(values(0), (std::vector<std::string>{"first", "7:0"}));
}

TEST_F(JournalProducers, ARefusedUnitLeavesNoTrace) {
    open();
    ASSERT_TRUE(send(encode({.sequence = 0})).ok());
    JournalUnit unit;
    unit.pieces.push_back({&log(0), partition(0), encode({.sequence = 1})});
    unit.pieces.push_back({&log(1), partition(1), Buffer(std::string_view("junk"))});
    submit(std::move(unit));
    run();
    EXPECT_FALSE(answers.back().ok());
    answers.clear();
    EXPECT_EQ(send(encode({.sequence = 1})).value().base_offsets, std::vector{Offset{1}});
}

TEST_F(JournalProducers, RetriesAreKnownAfterAPowerCut) {
    open();
    for (std::int32_t i = 0; i < 8; ++i) {
        ASSERT_TRUE(send(encode({.sequence = i, .is_transactional = true})).ok());
    }
    close();
    files.power_cut(PowerCut::kLoseAll);
    reopen();
    EXPECT_EQ(send(encode({.sequence = 7, .is_transactional = true})).value().base_offsets,
              std::vector{Offset{7}});
    EXPECT_EQ(log(0).last_stable_offset(), Offset{0});
    ASSERT_TRUE(send(marker(7, TransactionEnd::kCommit)).ok());
    EXPECT_EQ(log(0).last_stable_offset(), Offset{9});
}

}  // namespace
}  // namespace millrace::log
