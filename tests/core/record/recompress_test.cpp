#include "core/record/recompress.h"

#include <gtest/gtest.h>

#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace {
namespace {

constexpr Codec kCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};

Buffer batch_with(Codec codec) {
    RecordBatchBuilder builder({.partition_leader_epoch = 4,
                                .producer_id = 9,
                                .producer_epoch = 2,
                                .base_sequence = 77,
                                .is_transactional = true});
    for (int i = 0; i < 50; ++i) {
        builder.add(
            as_bytes("key"), as_bytes(std::string(40, 'v')), Timestamp{1'600'000'000'000 + i});
    }
    Buffer batch = builder.finish(codec).value();
    set_base_offset(batch.span(), Offset{1000});
    return batch;
}

TEST(Recompress, KeepsEverythingButTheCodec) {
    const Buffer plain = batch_with(Codec::kNone);
    const RecordBatchView expected = RecordBatchView::parse(plain).value();
    for (const Codec from : kCodecs) {
        const Buffer start = batch_with(from);
        for (const Codec to : kCodecs) {
            const Buffer made = recompress(RecordBatchView::parse(start).value(), to).value();
            const RecordBatchView batch = RecordBatchView::parse(made).value();
            EXPECT_EQ(batch.codec(), to);
            EXPECT_EQ(batch.size_bytes(), made.size());
            EXPECT_TRUE(batch.verify_crc().ok());
            EXPECT_EQ(batch.attributes() & ~7, expected.attributes());
            EXPECT_TRUE(equal(made.view().first(8), plain.view().first(8)));
            EXPECT_TRUE(equal(made.view().subspan(12, 5), plain.view().subspan(12, 5)));
            EXPECT_TRUE(equal(made.view().subspan(23, 38), plain.view().subspan(23, 38)));
            const RecordPayload payload = payload_of(batch, nullptr).value();
            EXPECT_TRUE(equal(payload.bytes, expected.records()));
        }
    }
}

TEST(Recompress, MarkersStayPlain) {
    RecordBatchBuilder builder({.is_control = true});
    builder.add(as_bytes("k"), as_bytes("v"), Timestamp{1});
    const Buffer marker = builder.finish().value();
    const Buffer made = recompress(RecordBatchView::parse(marker).value(), Codec::kZstd).value();
    EXPECT_TRUE(equal(made, marker));
}

TEST(Recompress, DamagedRecordsAndTooLargeOnesAreRefused) {
    Buffer batch = batch_with(Codec::kZstd);
    EXPECT_EQ(recompress(RecordBatchView::parse(batch).value(), Codec::kLz4, 100).error().code,
              ErrorCode::kTooLarge);
    batch.data()[kRecordBatchHeaderBytes] ^= std::byte{0xff};
    EXPECT_EQ(recompress(RecordBatchView::parse(batch).value(), Codec::kLz4).error().code,
              ErrorCode::kCorruptBatch);
}

}  // namespace
}  // namespace millrace
