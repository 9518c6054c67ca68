// Markers of transactions, and leaving out what was aborted.
#include "core/record/transaction.h"

#include <gtest/gtest.h>

#include "core/record/aborted_filter.h"
#include "core/record/record_batch_builder.h"

namespace millrace {
namespace {

Buffer at(Buffer bytes, std::int64_t offset) {
    set_base_offset(bytes.span(), Offset{offset});
    return bytes;
}

Buffer data(std::int64_t producer, std::int64_t offset, bool is_transactional = true) {
    RecordBatchBuilder builder({.producer_id = producer,
                                .producer_epoch = 0,
                                .base_sequence = 0,
                                .is_transactional = is_transactional});
    builder.add(std::nullopt, std::nullopt, Timestamp{1});
    return at(builder.finish().value(), offset);
}

Buffer marker(std::int64_t producer, std::int64_t offset, TransactionEnd end) {
    return at(
        encode_marker({.producer_id = producer, .producer_epoch = 0, .end = end}, Timestamp{1}),
        offset);
}

TEST(TransactionMarker, ComesBackAsItWasWritten) {
    const TransactionMarker marker{.producer_id = 77,
                                   .producer_epoch = 5,
                                   .end = TransactionEnd::kCommit,
                                   .coordinator_epoch = 9};
    const Buffer bytes = encode_marker(marker, Timestamp{123});
    const RecordBatchView batch = RecordBatchView::parse(bytes).value();
    EXPECT_TRUE(batch.is_control());
    EXPECT_TRUE(batch.is_transactional());
    EXPECT_TRUE(batch.verify_crc().ok());
    EXPECT_EQ(batch.base_sequence(), -1);
    EXPECT_EQ(decode_marker(batch).value(), marker);
}

TEST(TransactionMarker, OtherBatchesAreNone) {
    const Buffer plain = data(1, 0);
    EXPECT_EQ(decode_marker(RecordBatchView::parse(plain).value()).error().code,
              ErrorCode::kCorruptBatch);
    RecordBatchBuilder builder({.is_control = true});
    Buffer key;
    key.append_be(std::int16_t{0});
    key.append_be(std::int16_t{7});  // a kind that is none
    builder.add(key.view(), key.view(), Timestamp{1});
    const Buffer strange = builder.finish().value();
    EXPECT_EQ(decode_marker(RecordBatchView::parse(strange).value()).error().code,
              ErrorCode::kCorruptBatch);
}

TEST(AbortedFilter, LeavesOutWhatLiesBetweenTheFirstRecordAndTheMarker) {
    AbortedFilter filter({{.producer_id = 1, .first_offset = Offset{6}},
                          {.producer_id = 1, .first_offset = Offset{0}},
                          {.producer_id = 2, .first_offset = Offset{2}}});
    const auto is_aborted = [&](const Buffer& bytes) {
        return filter.is_aborted(RecordBatchView::parse(bytes).value());
    };
    EXPECT_TRUE(is_aborted(data(1, 0)));
    EXPECT_FALSE(is_aborted(data(3, 1)));
    EXPECT_TRUE(is_aborted(data(2, 2)));
    EXPECT_FALSE(is_aborted(data(1, 3, false)));
    EXPECT_FALSE(is_aborted(marker(1, 4, TransactionEnd::kAbort)));
    EXPECT_FALSE(is_aborted(data(1, 5)));  // of a committed one
    EXPECT_TRUE(is_aborted(data(1, 6)));
    EXPECT_TRUE(is_aborted(data(2, 7)));
    EXPECT_FALSE(is_aborted(marker(2, 8, TransactionEnd::kAbort)));
    EXPECT_FALSE(is_aborted(data(2, 9)));
}

}  // namespace
}  // namespace millrace
