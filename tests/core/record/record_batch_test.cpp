#include "core/record/record_batch.h"

#include <limits>

#include <gtest/gtest.h>

#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "tests/core/record/batch_bytes.h"

namespace millrace {
namespace {

/// Everything that a reader does with a batch. Ok or an error, never a crash.
Status read_through(ByteView bytes) {
    MILLRACE_TRY(const RecordBatchView batch, RecordBatchView::parse(bytes));
    MILLRACE_TRY_STATUS(batch.verify_crc());
    MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr, 1 << 20));
    RecordColumns columns;
    const Status decoded = decode_records(batch, payload.bytes, Offset{0}, columns);
    RecordCursor cursor(batch, payload.bytes);
    RecordView record;
    std::size_t count = 0;
    while (cursor.next(record)) {
        ++count;
    }
    if (!batch.is_control()) {
        EXPECT_EQ(decoded.ok(), cursor.status().ok());
        EXPECT_EQ(columns.size(), decoded.ok() ? count : 0);
    }
    return cursor.status();
}

ErrorCode code_of(const Status& status) {
    return status.ok() ? ErrorCode::kOk : status.error().code;
}

TEST(RecordBatchView, ReadsAGoldenHeader) {
    const Buffer bytes = golden_batch();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_TRUE(batch.verify_crc().ok());
    EXPECT_EQ(batch.size_bytes(), bytes.size());
    EXPECT_EQ(batch.base_offset(), Offset{0});
    EXPECT_EQ(batch.last_offset(), Offset{2});
    EXPECT_EQ(batch.partition_leader_epoch(), -1);
    EXPECT_EQ(batch.codec(), Codec::kNone);
    EXPECT_EQ(batch.timestamp_type(), TimestampType::kCreateTime);
    EXPECT_FALSE(batch.is_control());
    EXPECT_FALSE(batch.is_transactional());
    EXPECT_EQ(batch.base_timestamp(), Timestamp{1'600'000'000'000});
    EXPECT_EQ(batch.max_timestamp(), Timestamp{1'600'000'001'000});
    EXPECT_EQ(batch.producer_id(), -1);
    EXPECT_EQ(batch.producer_epoch(), -1);
    EXPECT_EQ(batch.base_sequence(), -1);
    EXPECT_EQ(batch.record_count(), 3);
}

TEST(RecordBatchView, GivesOffsetAndEpochWithoutTouchingTheChecksum) {
    Buffer bytes = golden_batch();
    set_base_offset(bytes.span(), Offset{41});
    set_partition_leader_epoch(bytes.span(), 7);
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_TRUE(batch.verify_crc().ok());
    EXPECT_EQ(batch.base_offset(), Offset{41});
    EXPECT_EQ(batch.last_offset(), Offset{43});
    EXPECT_EQ(batch.partition_leader_epoch(), 7);
}

TEST(RecordBatchView, LeavesWhatFollowsAlone) {
    Buffer bytes = golden_batch();
    const std::size_t size = bytes.size();
    bytes.append("rest");
    EXPECT_EQ(RecordBatchView::parse(bytes).value().size_bytes(), size);
    EXPECT_EQ(RecordBatchView::encoded_size(bytes), size);
}

TEST(RecordBatchDamage, FlippedBitsAreFound) {
    const Buffer golden = golden_batch();
    for (std::size_t bit = 0; bit < golden.size() * 8; ++bit) {
        const std::size_t at = bit / 8;
        Buffer bytes = golden;
        bytes.data()[at] ^= static_cast<std::byte>(1 << (bit % 8));
        // Base offset and leader epoch are the log's to change: Kafka's checksum leaves them out.
        const bool is_covered = at >= 8 && (at < 12 || at >= 16);
        const Status status = read_through(bytes);
        EXPECT_TRUE(!is_covered || code_of(status) == ErrorCode::kCorruptBatch) << bit;
    }
}

TEST(RecordBatchDamage, EveryTruncationIsFound) {
    const Buffer golden = golden_batch();
    for (std::size_t size = 0; size < golden.size(); ++size) {
        // A copy of exactly that size, so that a sanitizer sees one byte too far.
        const Buffer bytes(golden.view().first(size));
        EXPECT_EQ(code_of(read_through(bytes)), ErrorCode::kCorruptBatch) << size;
    }
}

/// Read to its end, or refused by one of the codes that mean bad data: nothing else may come of
/// bytes.
bool is_read_or_named(const Status& status) {
    return status.ok() || status.error().code == ErrorCode::kCorruptBatch ||
           status.error().code == ErrorCode::kTooLarge;
}

// The checksum says nothing about a sender's intent: all of these are sealed.
TEST(RecordBatchDamage, HostileHeaderFieldsAreRefusedOrHarmless) {
    const std::int64_t extremes[] = {0,
                                     1,
                                     -1,
                                     2,
                                     127,
                                     4096,
                                     std::numeric_limits<std::int16_t>::max(),
                                     std::numeric_limits<std::int32_t>::max(),
                                     std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min()};
    struct Field {
        std::size_t at;
        std::size_t size;
    };
    const Field fields[] = {{0, 8},
                            {8, 4},
                            {12, 4},
                            {16, 1},
                            {21, 2},
                            {23, 4},
                            {27, 8},
                            {35, 8},
                            {43, 8},
                            {51, 2},
                            {53, 4},
                            {57, 4}};
    for (const Field field : fields) {
        for (const std::int64_t extreme : extremes) {
            Buffer bytes = golden_batch();
            std::byte encoded[8];
            store_be(encoded, extreme);
            std::copy_n(encoded + 8 - field.size, field.size, bytes.data() + field.at);
            reseal(bytes);
            EXPECT_TRUE(is_read_or_named(read_through(bytes))) << field.at << " " << extreme;
        }
    }
}

TEST(RecordBatchDamage, HostileRecordBytesAreRefusedOrHarmless) {
    const Buffer golden = golden_batch();
    for (std::size_t at = kRecordBatchHeaderBytes; at < golden.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            Buffer bytes = golden;
            bytes.data()[at] = static_cast<std::byte>(value);
            reseal(bytes);
            EXPECT_TRUE(is_read_or_named(read_through(bytes))) << at << " " << value;
        }
    }
}

TEST(RecordBatchDamage, CountsThatDoNotFitAreNamed) {
    const auto parse_with = [](std::size_t at, std::int32_t value) {
        Buffer bytes = golden_batch();
        store_be(bytes.data() + at, value);
        reseal(bytes);
        return RecordBatchView::parse(bytes).error().message;
    };
    EXPECT_EQ(parse_with(57, 4), "record count of a record batch does not fit its offsets: 4");
    EXPECT_EQ(parse_with(57, -1), "record count of a record batch does not fit its offsets: -1");
    EXPECT_EQ(parse_with(23, -5), "last offset delta of a record batch is negative: -5");
    EXPECT_EQ(parse_with(8, 48), "length of a record batch does not fit its bytes: 48");
    EXPECT_EQ(parse_with(8, 1000), "length of a record batch does not fit its bytes: 1000");
    Buffer bytes = golden_batch();
    store_be(bytes.data() + 23, 999'999);
    store_be(bytes.data() + 57, 1'000'000);
    reseal(bytes);
    EXPECT_EQ(RecordBatchView::parse(bytes).error().message,
              "record count of a record batch does not fit its size: 1000000");
}

TEST(RecordBatchDamage, OldFormatsAndUnknownCodecsAreRefused) {
    Buffer old = golden_batch();
    old.data()[16] = std::byte{1};
    EXPECT_EQ(RecordBatchView::parse(old).error().message, "record batch is not of format 2: 1");
    Buffer codec = golden_batch();
    codec.data()[22] = std::byte{6};
    EXPECT_EQ(RecordBatchView::parse(codec).error().message,
              "compression codec of a record batch is unknown: 6");
}

TEST(RecordBatchDamage, RecordsMustEndWhereTheBatchEnds) {
    Buffer bytes = golden_batch();
    bytes.append("!");
    store_be(bytes.data() + 8, static_cast<std::int32_t>(bytes.size() - kRecordBatchPrefixBytes));
    reseal(bytes);
    EXPECT_EQ(read_through(bytes).error().message,
              "record 3 of the batch at offset 0 cannot be read: bytes are left behind the last "
              "record");
}

TEST(RecordBatchCursor, WalksBatchesBackToBackAndStopsAtDamage) {
    Buffer bytes = golden_batch();
    bytes.append(golden_batch().view());
    bytes.append("??");
    RecordBatchCursor cursor(bytes);
    EXPECT_TRUE(cursor.next().value().has_value());
    EXPECT_TRUE(cursor.next().value().has_value());
    EXPECT_EQ(cursor.position(), 2 * golden_batch().size());
    EXPECT_EQ(cursor.next().error().code, ErrorCode::kCorruptBatch);
    EXPECT_EQ(cursor.position(), 2 * golden_batch().size());
    RecordBatchCursor whole(bytes.view().first(cursor.position()));
    EXPECT_TRUE(whole.next().value() && whole.next().value());
    EXPECT_FALSE(whole.next().value().has_value());
}

}  // namespace
}  // namespace millrace
