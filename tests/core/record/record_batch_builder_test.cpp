#include "core/record/record_batch_builder.h"

#include <limits>

#include <gtest/gtest.h>

#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"
#include "tests/core/record/batch_bytes.h"

namespace millrace {
namespace {

TEST(RecordBatchBuilder, WritesTheGoldenBytes) {
    RecordBatchBuilder builder;
    const HeaderView headers[] = {{"h", as_bytes("x")}, {"n", std::nullopt}};
    builder.add(as_bytes("k1"), as_bytes("hello"), Timestamp{1'600'000'000'000}, headers);
    builder.add(std::nullopt, as_bytes(""), Timestamp{1'600'000'001'000});
    builder.add(as_bytes(""), std::nullopt, Timestamp{1'599'999'999'999});
    EXPECT_EQ(builder.record_count(), 3);
    EXPECT_EQ(builder.size_bytes(), golden_batch().size());
    const Buffer bytes = builder.finish().value();
    EXPECT_TRUE(equal(bytes, golden_batch()));
    EXPECT_TRUE(builder.empty());
    EXPECT_EQ(builder.size_bytes(), kRecordBatchHeaderBytes);
}

TEST(RecordBatchBuilder, StartsAfreshAfterFinish) {
    RecordBatchBuilder builder;
    for (int round = 0; round < 3; ++round) {
        builder.add(std::nullopt, as_bytes("v"), Timestamp{round});
        const Buffer bytes = builder.finish(round == 1 ? Codec::kGzip : Codec::kNone).value();
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        EXPECT_TRUE(batch.verify_crc().ok());
        EXPECT_EQ(batch.record_count(), 1);
        EXPECT_EQ(batch.base_timestamp(), Timestamp{round});
        EXPECT_EQ(batch.max_timestamp(), Timestamp{round});
    }
}

TEST(RecordBatchBuilder, WritesProducerAndControlFields) {
    RecordBatchBuilder builder({.partition_leader_epoch = 3,
                                .producer_id = 77,
                                .producer_epoch = 4,
                                .base_sequence = 12,
                                .is_transactional = true,
                                .is_control = true});
    builder.add(as_bytes("k"), as_bytes("v"), Timestamp{0});
    const Buffer bytes = builder.finish().value();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_EQ(batch.partition_leader_epoch(), 3);
    EXPECT_EQ(batch.producer_id(), 77);
    EXPECT_EQ(batch.producer_epoch(), 4);
    EXPECT_EQ(batch.base_sequence(), 12);
    EXPECT_TRUE(batch.is_transactional());
    EXPECT_TRUE(batch.is_control());
}

TEST(RecordBatchBuilder, KeepsExtremeTimestamps) {
    const Timestamp extremes[] = {Timestamp{std::numeric_limits<std::int64_t>::min()},
                                  Timestamp{std::numeric_limits<std::int64_t>::max()},
                                  Timestamp{-1},
                                  Timestamp{0}};
    RecordBatchBuilder builder;
    for (const Timestamp timestamp : extremes) {
        builder.add(std::nullopt, std::nullopt, timestamp);
    }
    const Buffer bytes = builder.finish().value();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    RecordColumns columns;
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{0}, columns).ok());
    EXPECT_TRUE(std::equal(columns.timestamps.begin(), columns.timestamps.end(), extremes));
    EXPECT_EQ(batch.max_timestamp(), extremes[1]);
}

TEST(RecordBatchBuilder, IsEmptyAgainAfterEveryCodec) {
    for (const Codec codec : {Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
        RecordBatchBuilder builder;
        builder.add(std::nullopt, as_bytes("v"), Timestamp{0});
        const Buffer bytes = builder.finish(codec).value();
        EXPECT_EQ(RecordBatchView::parse(bytes).value().codec(), codec);
        EXPECT_TRUE(builder.empty());
    }
}

// Random records, both ways through both readers.
TEST(RecordBatchRoundTrip, GivesBackWhatWasAdded) {
    const std::uint64_t seed = entropy_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto text = [&](std::size_t longest) -> std::optional<std::string> {
        if (random.below(5) == 0) {
            return std::nullopt;
        }
        std::string result(random.below(longest), '\0');
        for (char& c : result) {
            c = static_cast<char>(random.next());
        }
        return result;
    };
    const auto bytes_of = [](const std::optional<std::string>& value) {
        return value ? std::optional(as_bytes(*value)) : std::nullopt;
    };
    const auto text_of = [](const std::optional<ByteView>& value) {
        return value ? std::optional(std::string(as_text(*value))) : std::nullopt;
    };
    for (int round = 0; round < 50; ++round) {
        struct Made {
            std::optional<std::string> key;
            std::optional<std::string> value;
            std::optional<std::string> header;
            Timestamp timestamp;
        };
        std::vector<Made> made(1 + random.below(200));
        RecordBatchBuilder builder;
        for (Made& record : made) {
            record = {text(20),
                      text(random.below(10) == 0 ? 5000 : 50),
                      text(10),
                      Timestamp{static_cast<std::int64_t>(random.next() >> random.below(64))}};
            const HeaderView header{"name", bytes_of(record.header)};
            builder.add(bytes_of(record.key),
                        bytes_of(record.value),
                        record.timestamp,
                        std::span(&header, random.below(2)));
        }
        const auto codec = static_cast<Codec>(random.below(2));
        Buffer bytes = builder.finish(codec).value();
        set_base_offset(bytes.span(), Offset{1000});
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        ASSERT_TRUE(batch.verify_crc().ok());
        const RecordPayload payload = payload_of(batch, nullptr).value();
        RecordColumns columns;
        ASSERT_TRUE(decode_records(batch, payload.bytes, Offset{0}, columns).ok());
        RecordCursor cursor(batch, payload.bytes);
        RecordView record;
        for (std::size_t i = 0; i < made.size(); ++i) {
            ASSERT_TRUE(cursor.next(record));
            EXPECT_EQ(text_of(record.key), made[i].key);
            EXPECT_EQ(text_of(record.value), made[i].value);
            EXPECT_EQ(record.timestamp, made[i].timestamp);
            EXPECT_EQ(record.offset, Offset{1000 + static_cast<std::int64_t>(i)});
            EXPECT_EQ(text_of(columns.keys[i]), made[i].key);
            EXPECT_EQ(text_of(columns.values[i]), made[i].value);
            EXPECT_EQ(columns.timestamps[i], made[i].timestamp);
            EXPECT_EQ(columns.offsets[i], record.offset);
        }
        EXPECT_FALSE(cursor.next(record));
        EXPECT_TRUE(cursor.status().ok());
    }
}

}  // namespace
}  // namespace millrace
