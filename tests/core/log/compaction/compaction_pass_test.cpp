#include "core/log/compaction/compaction_pass.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/record/transaction.h"
#include "tests/core/log/compaction/compaction_fixture.h"

namespace millrace::log {
namespace {

using Strings = std::vector<std::string>;

class Compaction : public ::testing::Test, protected CompactionFixture {
  protected:
    void SetUp() override { partition.open(); }

    /// The batches of the closed segments, as they lie in the files.
    std::vector<Buffer> stored() {
        std::vector<Buffer> batches;
        for (const auto& segment : partition.log().closed_segments()) {
            const Buffer content = partition.files().read_file(segment->path()).value();
            RecordBatchCursor cursor(content);
            while (const auto batch = cursor.next().value()) {
                EXPECT_TRUE(batch->verify_crc().ok());
                batches.emplace_back(batch->bytes());
            }
        }
        return batches;
    }
};

TEST_F(Compaction, KeepsTheLastValueOfEachKeyAtItsOffset) {
    append({{"a", "1"}, {"b", "1"}, {"a", "2"}});
    append({{"c", "1"}, {"a", "3"}});
    append({{"b", "2"}});
    roll();
    append({{"a", "4"}});
    ASSERT_TRUE(compact().ok());
    // The active segment is not looked at: its "a" does not count yet.
    EXPECT_EQ(served(), (Strings{"c=1@3", "a=3@4", "b=2@5", "a=4@6"}));
    EXPECT_EQ(cleaned_to, Offset{6});
    partition.reopen();
    EXPECT_EQ(served(), (Strings{"c=1@3", "a=3@4", "b=2@5", "a=4@6"}));
    EXPECT_EQ(partition.log().log_start(), Offset{0});
    EXPECT_TRUE(partition.said().empty());
}

TEST_F(Compaction, KeepsTimestampsHeadersAndCodec) {
    RecordBatchBuilder builder;
    const HeaderView header{"h", as_bytes("x")};
    builder.add(as_bytes("a"), as_bytes("old"), Timestamp{5});
    builder.add(as_bytes("b"), as_bytes("kept"), Timestamp{-7}, std::span(&header, 1));
    builder.add(as_bytes("a"), as_bytes("new"), Timestamp{3});
    ASSERT_TRUE(partition.try_append(builder.finish(Codec::kZstd).value()).ok());
    roll();
    ASSERT_TRUE(compact().ok());
    const std::vector<Buffer> batches = stored();
    ASSERT_EQ(batches.size(), 1U);
    const RecordBatchView batch = RecordBatchView::parse(batches[0]).value();
    EXPECT_EQ(batch.codec(), Codec::kZstd);
    EXPECT_EQ(batch.base_offset(), Offset{0});
    EXPECT_EQ(batch.last_offset_delta(), 2);
    EXPECT_EQ(batch.record_count(), 2);
    EXPECT_EQ(batch.max_timestamp(), Timestamp{3});
    const RecordPayload payload = payload_of(batch, nullptr).value();
    RecordCursor records(batch, payload.bytes);
    RecordView record;
    ASSERT_TRUE(records.next(record));
    EXPECT_EQ(record.timestamp, Timestamp{-7});
    EXPECT_EQ(record.offset, Offset{1});
    ASSERT_EQ(record.headers.size(), 1U);
    EXPECT_EQ(record.headers[0].key, "h");
    ASSERT_TRUE(records.next(record));
    EXPECT_EQ(record.timestamp, Timestamp{3});
    EXPECT_EQ(as_text(*record.value), "new");
}

TEST_F(Compaction, ASegmentThatLosesNothingIsNotWrittenAnew) {
    append({{"a", std::string(1500, 'x')}});
    append({{"b", std::string(1500, 'x')}});
    append({{"c", std::string(1500, 'x')}});
    ASSERT_TRUE(partition.log().sync().ok());
    const auto before = partition.log().closed_segments();
    ASSERT_EQ(before.size(), 2U);
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(partition.log().closed_segments(), before);
    EXPECT_EQ(stats.segments_replaced, 0U);
}

TEST_F(Compaction, NeighboursThatGotSmallAreJoined) {
    for (int i = 0; i < 40; ++i) {
        append({{"k", std::string(400, 'x')}, {"key " + std::to_string(i), "v"}});
    }
    roll();
    ASSERT_GE(partition.log().closed_segments().size(), 8U);
    const std::vector<ModelRecord> expected = [&] {
        std::vector<ModelRecord> kept;
        for (const ModelRecord& record : written) {
            if (*record.key != "k" || record.offset == 78) {
                kept.push_back(record);
            }
        }
        return kept;
    }();
    ASSERT_TRUE(compact().ok());
    EXPECT_LE(partition.log().closed_segments().size(), 4U);
    EXPECT_TRUE(read() == expected);
    partition.reopen();
    EXPECT_TRUE(read() == expected);
    EXPECT_TRUE(partition.said().empty());
}

TEST_F(Compaction, RemovedBatchesLeaveNoGapInTheFiles) {
    for (int i = 0; i < 20; ++i) {
        append({{"same", std::to_string(i)}});
    }
    append({{"other", "x"}});
    roll();
    ASSERT_TRUE(compact().ok());
    Offset expected;
    for (const Buffer& bytes : stored()) {
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        EXPECT_EQ(batch.base_offset(), expected);
        expected = next(batch.last_offset());
    }
    EXPECT_EQ(expected, Offset{21});
    // One placeholder for the 19 at the front, and two batches.
    EXPECT_EQ(stored().size(), 3U);
}

TEST_F(Compaction, AFetchInsideAGapGetsTheNextRecords) {
    append({{"a", "0"}});
    for (int i = 0; i < 30; ++i) {
        append({{"b", std::string(300, 'x')}});
    }
    append({{"c", "0"}});
    roll();
    append({{"d", "0"}});
    ASSERT_TRUE(compact().ok());
    for (std::int64_t from = 0; from <= 33; ++from) {
        const LogRead read = partition.log().read(Offset{from}, 1).value();
        if (from == 33) {
            EXPECT_TRUE(read.batches.empty());
            continue;
        }
        RecordBatchCursor cursor(read.batches);
        std::optional<std::int64_t> first;
        while (const auto batch = cursor.next().value()) {
            RecordCursor records(*batch, batch->records());
            for (RecordView record; records.next(record);) {
                if (record.offset.value >= from) {
                    first = first.value_or(record.offset.value);
                }
            }
        }
        EXPECT_EQ(first, from == 0 ? 0 : std::max<std::int64_t>(from, 30)) << from;
    }
    EXPECT_EQ(partition.log().read(Offset{34}, 1).error().code, ErrorCode::kOffsetOutOfRange);
}

TEST_F(Compaction, AnEndWithoutRecordsIsReadOnceAndNoError) {
    append({{"a", "1"}});
    append({{"a", std::nullopt}});
    roll();
    ASSERT_TRUE(compact().ok());
    partition.clock().advance(std::chrono::hours(2));
    ASSERT_TRUE(compact().ok());
    EXPECT_TRUE(served().empty());  // records_of() checks that it gets to the end
    const LogRead read = partition.log().read(Offset{0}, 100).value();
    EXPECT_FALSE(read.batches.empty());
    EXPECT_EQ(partition.log().high_watermark(), Offset{2});
}

TEST_F(Compaction, ATombstoneStaysUntilItsHorizon) {
    append({{"a", "1"}, {"b", "1"}});
    append({{"a", std::nullopt}});
    roll();
    const std::int64_t cleaned_at = partition.clock().wall_ms();
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"b=1@1", "a=-@2"}));
    EXPECT_TRUE(read()[1] == written[2]);  // its own timestamp is what it was
    ASSERT_TRUE(horizon.has_value());
    EXPECT_EQ(horizon->value, cleaned_at + 3'600'000);
    const std::vector<Buffer> batches = stored();
    const RecordBatchView batch = RecordBatchView::parse(batches[1]).value();
    EXPECT_TRUE(batch.has_delete_horizon());
    EXPECT_EQ(batch.base_timestamp(), *horizon);

    partition.clock().advance(std::chrono::minutes(59));
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"b=1@1", "a=-@2"}));
    EXPECT_EQ(horizon->value, cleaned_at + 3'600'000);  // given once
    partition.reopen();
    partition.clock().advance(std::chrono::minutes(1));
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"b=1@1"}));
    EXPECT_FALSE(horizon.has_value());
}

TEST_F(Compaction, RecordsWithoutAKeyGo) {
    append({{"a", "1"}, {std::nullopt, "x"}, {"b", "1"}});
    roll();
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"a=1@0", "b=1@2"}));
}

TEST_F(Compaction, AMapThatIsTooSmallTakesSeveralPasses) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 100; ++i) {
            append({{"key " + std::to_string(i), std::to_string(round)}});
        }
    }
    roll();
    int passes = 0;
    Offset before{-1};
    while (cleaned_to < partition.log().high_watermark()) {
        ASSERT_TRUE(compact(1000).ok());  // a couple of dozen keys
        ASSERT_GT(cleaned_to, before);
        before = cleaned_to;
        ++passes;
    }
    EXPECT_GT(passes, 5);
    EXPECT_TRUE(read() == std::vector<ModelRecord>(written.begin() + 200, written.end()));
}

TEST_F(Compaction, TheLastBatchOfALivingProducerStaysWithoutItsRecords) {
    const RecordBatchFields first{.producer_id = 7, .producer_epoch = 1, .base_sequence = 0};
    const RecordBatchFields second{.producer_id = 7, .producer_epoch = 1, .base_sequence = 2};
    append({{"a", "1"}, {"b", "1"}}, Codec::kGzip, first);
    append({{"a", "2"}, {"b", "2"}}, Codec::kGzip, second);
    append({{"a", "3"}, {"b", "3"}});
    roll();
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"a=3@4", "b=3@5"}));
    const std::vector<Buffer> batches = stored();
    ASSERT_EQ(batches.size(), 3U);  // a placeholder, the empty batch, the last
    const RecordBatchView empty = RecordBatchView::parse(batches[1]).value();
    EXPECT_EQ(empty.record_count(), 0);
    EXPECT_EQ(empty.producer_id(), 7);
    EXPECT_EQ(empty.base_sequence(), 2);
    EXPECT_EQ(empty.last_offset(), Offset{3});
    // Also without a snapshot of producers the next start knows the sequence.
    for (const std::string& name : files()) {
        if (name.ends_with(".producers")) {
            ASSERT_TRUE(partition.files()
                            .remove(join_path(parent_path(partition.path(Offset{0})), name))
                            .ok());
        }
    }
    partition.reopen();
    Buffer again = batch_of({{"a", "2"}, {"b", "2"}}, 0, Codec::kNone, second);
    EXPECT_EQ(partition.log().stage(again.span()).value().duplicate_of, Offset{2});
    Buffer wrong = batch_of({{"a", "9"}}, 0, Codec::kNone, first);
    EXPECT_EQ(partition.log().stage(wrong.span()).error().code, ErrorCode::kOutOfOrderSequence);
}

TEST_F(Compaction, AbortedRecordsGoAndTheirMarkerFollows) {
    const auto transactional = [](std::int32_t sequence, std::int64_t producer = 5) {
        return RecordBatchFields{.producer_id = producer,
                                 .producer_epoch = 0,
                                 .base_sequence = sequence,
                                 .is_transactional = true};
    };
    const auto mark = [&](TransactionEnd end, std::int64_t producer = 5) {
        ASSERT_TRUE(partition
                        .try_append(encode_marker(
                            {.producer_id = producer, .producer_epoch = 0, .end = end},
                            Timestamp{partition.clock().wall_ms()}))
                        .ok());
    };
    append({{"a", "kept"}, {"b", "kept"}});
    append({{"a", "aborted"}}, Codec::kNone, transactional(0));
    mark(TransactionEnd::kAbort);
    append({{"b", "committed"}}, Codec::kNone, transactional(1));
    mark(TransactionEnd::kCommit);
    append({{"c", "committed"}}, Codec::kNone, transactional(0, 6));
    mark(TransactionEnd::kCommit, 6);
    append({{"c", "newer"}});
    roll();
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"a=kept@0", "b=committed@4", "c=newer@8"}));
    EXPECT_EQ(partition.log().aborted_transactions(Offset{0}, Offset{9}).size(), 1U);
    partition.clock().advance(std::chrono::hours(2));
    ASSERT_TRUE(compact().ok());
    EXPECT_EQ(served(), (Strings{"a=kept@0", "b=committed@4", "c=newer@8"}));
    // Nobody must be told of an abort whose marker is gone: all later records would be left out.
    EXPECT_TRUE(partition.log().aborted_transactions(Offset{0}, Offset{9}).empty());
    EXPECT_EQ(partition.log().last_stable_offset(), Offset{9});
    std::vector<std::int64_t> markers;
    for (const Buffer& bytes : stored()) {
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        if (batch.is_control()) {
            markers.push_back(batch.base_offset().value);
        }
    }
    // The one at 3 is of a transaction without records; the one of producer 6 is its newest word.
    EXPECT_EQ(markers, (std::vector<std::int64_t>{5, 7}));
    partition.reopen();
    EXPECT_TRUE(partition.log().aborted_transactions(Offset{0}, Offset{9}).empty());
    EXPECT_EQ(partition.log().last_stable_offset(), Offset{9});
    EXPECT_EQ(partition.log().producers().size(), 2U);
}

TEST_F(Compaction, DamageStopsItAndChangesNothing) {
    append({{"a", std::string(1500, 'x')}});
    append({{"a", std::string(1500, 'y')}});
    append({{"a", "z"}});
    roll();
    const std::vector<std::string> before = files();
    partition.flip_byte(partition.path(Offset{1}), 700);
    const Status compacted = compact();
    EXPECT_EQ(compacted.error().code, ErrorCode::kCorruptBatch);
    EXPECT_NE(compacted.error().message.find(partition.path(Offset{1}) + " at byte 0"),
              std::string::npos)
        << compacted.error().message;
    EXPECT_EQ(files(), before);
}

TEST_F(Compaction, ReadersStayWithTheFileTheyHave) {
    for (int i = 0; i < 200; ++i) {
        append({{"key " + std::to_string(i % 20), std::to_string(i)}});
    }
    roll();
    const auto old = partition.log().closed_segments();
    ASSERT_TRUE(compact().ok());
    // Segments that were replaced under a reader still serve what they had.
    for (const auto& segment : old) {
        for (std::int64_t at = segment->base().value; at < segment->next_offset().value; ++at) {
            const LogRead read = segment->read(Offset{at}, 1).value();
            const RecordBatchView batch = RecordBatchView::parse(read.batches).value();
            EXPECT_EQ(batch.base_offset(), Offset{at});
            EXPECT_EQ(batch.record_count(), 1);
        }
    }
}

TEST_F(Compaction, ReadersBesideItSeeWholeRecordsInOrder) {
    std::map<std::int64_t, ModelRecord> all;
    std::atomic<bool> is_over = false;
    const auto write_round = [&](int round) {
        for (int i = 0; i < 60; ++i) {
            append({{"key " + std::to_string(i * round % 17), std::to_string(i)},
                    {"own " + std::to_string(i % 5), std::to_string(round)}});
        }
        roll();
    };
    write_round(1);
    for (const ModelRecord& record : written) {
        all.emplace(record.offset, record);
    }
    std::vector<std::thread> readers;
    std::atomic<int> wrong = 0;
    std::atomic<int> rounds = 0;
    for (std::size_t size : {std::size_t{1}, std::size_t{500}, kPageSize}) {
        readers.emplace_back([&, size] {
            while (!is_over || rounds < 3) {
                const auto found = records_of(partition.log(), Offset{0}, size);
                if (!found.ok()) {
                    ++wrong;
                    break;
                }
                std::int64_t last = -1;
                for (const ModelRecord& record : found.value()) {
                    wrong += record.offset <= last || all.at(record.offset) != record ? 1 : 0;
                    last = record.offset;
                }
                ++rounds;
            }
        });
    }
    for (int pass = 0; pass < 20; ++pass) {
        cleaned_to = Offset{0};
        ASSERT_TRUE(compact(std::size_t{500} * (1 + static_cast<std::size_t>(pass))).ok());
    }
    is_over = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace millrace::log
