#include "core/record/transaction.h"

#include <string>

#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace {

namespace {

constexpr std::int16_t kMarkerVersion = 0;

}  // namespace

Buffer encode_marker(const TransactionMarker& marker, Timestamp at) {
    Buffer key;
    key.append_be(kMarkerVersion);
    key.append_be(static_cast<std::int16_t>(marker.end));
    Buffer value;
    value.append_be(kMarkerVersion);
    value.append_be(marker.coordinator_epoch);
    RecordBatchBuilder builder({.producer_id = marker.producer_id,
                                .producer_epoch = marker.producer_epoch,
                                .is_transactional = true,
                                .is_control = true});
    builder.add(key.view(), value.view(), at);
    Result<Buffer> batch = builder.finish();
    CHECK(batch.ok());  // a few bytes, not compressed
    return std::move(batch).value();
}

Result<TransactionMarker> decode_marker(const RecordBatchView& batch) {
    TransactionMarker marker{.producer_id = batch.producer_id(),
                             .producer_epoch = batch.producer_epoch()};
    RecordCursor records(batch, batch.records());
    RecordView record;
    const bool is_plain = batch.is_control() && batch.codec() == Codec::kNone;
    if (!is_plain || !records.next(record) || !record.key || !record.value) {
        return Error{ErrorCode::kCorruptBatch, "batch is no transaction marker"};
    }
    Cursor key(*record.key);
    const auto version = key.read_be<std::int16_t>();
    const auto end = key.read_be<std::int16_t>();
    Cursor value(*record.value);
    value.skip(sizeof(std::int16_t));
    marker.coordinator_epoch = value.read_be<std::int32_t>();
    const bool is_known = end == static_cast<std::int16_t>(TransactionEnd::kAbort) ||
                          end == static_cast<std::int16_t>(TransactionEnd::kCommit);
    if (!key.ok() || !value.ok() || version < 0 || !is_known) {
        return Error{ErrorCode::kCorruptBatch,
                     "transaction marker cannot be read, its kind is " + std::to_string(end)};
    }
    marker.end = static_cast<TransactionEnd>(end);
    return marker;
}

}  // namespace millrace
