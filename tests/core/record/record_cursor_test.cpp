#include "core/record/record_cursor.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/record/record_batch_builder.h"
#include "tests/core/record/batch_bytes.h"

namespace millrace {
namespace {

using testing::ElementsAre;

TEST(RecordCursor, ReadsGoldenRecords) {
    Buffer bytes = golden_batch();
    set_base_offset(bytes.span(), Offset{100});
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    RecordCursor cursor(batch, batch.records());
    RecordView record;

    ASSERT_TRUE(cursor.next(record));
    EXPECT_EQ(as_text(record.key.value()), "k1");
    EXPECT_EQ(as_text(record.value.value()), "hello");
    EXPECT_EQ(record.offset, Offset{100});
    EXPECT_EQ(record.timestamp, Timestamp{1'600'000'000'000});
    ASSERT_EQ(record.headers.size(), 2);
    EXPECT_EQ(record.headers[0].key, "h");
    EXPECT_EQ(as_text(record.headers[0].value.value()), "x");
    EXPECT_EQ(record.headers[1].key, "n");
    EXPECT_FALSE(record.headers[1].value.has_value());

    ASSERT_TRUE(cursor.next(record));
    EXPECT_FALSE(record.key.has_value());
    EXPECT_EQ(as_text(record.value.value()), "");
    EXPECT_EQ(record.offset, Offset{101});
    EXPECT_EQ(record.timestamp, Timestamp{1'600'000'001'000});
    EXPECT_TRUE(record.headers.empty());

    ASSERT_TRUE(cursor.next(record));
    EXPECT_EQ(as_text(record.key.value()), "");
    EXPECT_FALSE(record.value.has_value());
    EXPECT_EQ(record.timestamp, Timestamp{1'599'999'999'999});

    EXPECT_FALSE(cursor.next(record));
    EXPECT_FALSE(cursor.next(record));
    EXPECT_TRUE(cursor.status().ok());
}

TEST(RecordColumns, HoldTheRecordsOfSeveralBatchesFromAnOffsetOn) {
    Buffer bytes = golden_batch();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    RecordColumns columns;
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{2}, columns).ok());
    EXPECT_THAT(columns.offsets, ElementsAre(Offset{2}));
    EXPECT_TRUE(columns.headers.empty());
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{0}, columns).ok());
    EXPECT_THAT(columns.offsets, ElementsAre(Offset{2}, Offset{0}, Offset{1}, Offset{2}));
    EXPECT_EQ(columns.timestamps[2], Timestamp{1'600'000'001'000});
    EXPECT_EQ(as_text(columns.keys[1].value()), "k1");
    EXPECT_EQ(as_text(columns.values[1].value()), "hello");
    EXPECT_FALSE(columns.values[3].has_value());
    ASSERT_EQ(columns.headers.size(), 2);
    EXPECT_EQ(columns.headers[0].record, 1);
    EXPECT_EQ(columns.headers[0].header.key, "h");
    EXPECT_EQ(columns.headers[1].record, 1);
    EXPECT_FALSE(columns.headers[1].header.value.has_value());
    columns.clear();
    EXPECT_EQ(columns.size(), 0);
    EXPECT_TRUE(columns.headers.empty());
}

TEST(RecordColumns, AreAsTheyWereWhenABatchIsDamaged) {
    Buffer bytes = golden_batch();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    RecordColumns columns;
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{0}, columns).ok());
    const ByteView short_payload = batch.records().first(batch.records().size() - 1);
    const Status status = decode_records(batch, short_payload, Offset{0}, columns);
    EXPECT_EQ(status.error().message,
              "record 2 of the batch at offset 0 cannot be read: its length does not fit the "
              "batch");
    EXPECT_EQ(columns.size(), 3);
    EXPECT_EQ(columns.keys.size(), 3);
    EXPECT_EQ(columns.headers.size(), 2);
}

TEST(RecordColumns, LeaveControlBatchesOut) {
    RecordBatchBuilder builder({.producer_id = 5, .producer_epoch = 0, .is_control = true});
    builder.add(as_bytes(std::string_view("\0\0\0\1", 4)), as_bytes("x"), Timestamp{1});
    const Buffer bytes = builder.finish().value();
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_TRUE(batch.is_control());
    RecordColumns columns;
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{0}, columns).ok());
    EXPECT_EQ(columns.size(), 0);
}

TEST(RecordColumns, TakeTheBatchsTimeWhenTheLogGaveIt) {
    Buffer bytes = golden_batch();
    bytes.data()[22] = std::byte{8};
    reseal(bytes);
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_EQ(batch.timestamp_type(), TimestampType::kLogAppendTime);
    RecordColumns columns;
    ASSERT_TRUE(decode_records(batch, batch.records(), Offset{0}, columns).ok());
    EXPECT_THAT(columns.timestamps, testing::Each(Timestamp{1'600'000'001'000}));
}

TEST(RecordDamage, OffsetsMustGrowAndStayInsideTheBatch) {
    for (const int delta : {0x00, 0x06}) {  // 0: again the first one's; 3: behind the last
        Buffer bytes = golden_batch();
        bytes.data()[61 + 21 + 4] = static_cast<std::byte>(delta);  // second record
        const RecordBatchView batch = RecordBatchView::parse(bytes).value();
        RecordCursor cursor(batch, batch.records());
        RecordView record;
        EXPECT_TRUE(cursor.next(record));
        EXPECT_FALSE(cursor.next(record));
        EXPECT_EQ(cursor.status().error().message,
                  "record 1 of the batch at offset 0 cannot be read: its offset is out of order "
                  "or outside the batch");
    }
}

}  // namespace
}  // namespace millrace
