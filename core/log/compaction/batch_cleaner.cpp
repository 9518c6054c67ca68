#include "core/log/compaction/batch_cleaner.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "core/base/checksum.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

namespace {

constexpr std::size_t kCrcStart = 21;
constexpr std::uint16_t kHorizonBit = 64;

std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t horizon_from(std::int64_t now_ms, std::int64_t retention_ms) {
    const std::int64_t room =
        std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(now_ms, 0);
    return now_ms + std::min(retention_ms, room);
}

/// What becomes of each record, and what it means for the batch.
struct Selection {
    std::vector<bool> is_kept;
    std::int64_t kept = 0;
    bool keeps_tombstone = false;  // below mapped_end
    Timestamp max_timestamp{std::numeric_limits<std::int64_t>::min()};
};

Result<Selection> select(const RecordBatchView& batch, ByteView payload, const CleanRules& rules) {
    const bool is_over_horizon =
        batch.has_delete_horizon() && batch.base_timestamp().value <= rules.now_ms;
    Selection selection;
    RecordCursor cursor(batch, payload);
    RecordView record;
    while (cursor.next(record)) {
        bool is_kept = false;
        if (record.key) {
            const std::optional<Offset> latest = rules.latest.find(*record.key);
            const bool is_tombstone = !record.value && record.offset < rules.mapped_end;
            is_kept = !(latest && *latest > record.offset) && !(is_tombstone && is_over_horizon);
            selection.keeps_tombstone = selection.keeps_tombstone || (is_kept && is_tombstone);
        }
        selection.is_kept.push_back(is_kept);
        if (is_kept) {
            ++selection.kept;
            selection.max_timestamp = std::max(selection.max_timestamp, record.timestamp);
        }
    }
    MILLRACE_TRY_STATUS(cursor.status());
    return selection;
}

/// The kept records, with their timestamps relative to another base.
Buffer rewrite_records(ByteView payload,
                       const std::vector<bool>& is_kept,
                       std::int64_t base_shift) {
    Buffer out;
    out.reserve(payload.size());
    Cursor cursor(payload);
    for (const bool keep : is_kept) {
        const std::size_t start = cursor.position();
        const auto size = static_cast<std::size_t>(cursor.read_varint());
        Cursor record(cursor.read_bytes(size));
        if (!keep) {
            continue;
        }
        if (base_shift == 0) {
            out.append(payload.subspan(start, cursor.position() - start));
            continue;
        }
        const auto attributes = record.read_le<std::uint8_t>();
        const std::int64_t delta = add_wrapping(record.read_varint(), base_shift);
        out.append_varint(static_cast<std::int64_t>(1 + varint_size(delta) + record.remaining()));
        out.append_le(attributes);
        out.append_varint(delta);
        out.append(record.rest());
    }
    return out;
}

/// The batch with other records; `horizon` becomes its base timestamp.
Result<Buffer> rebuild(const RecordBatchView& batch,
                       ByteView payload,
                       const Selection& selection,
                       std::optional<Timestamp> horizon) {
    const std::int64_t base_shift =
        horizon
            ? static_cast<std::int64_t>(static_cast<std::uint64_t>(batch.base_timestamp().value) -
                                        static_cast<std::uint64_t>(horizon->value))
            : 0;
    const Buffer records = rewrite_records(payload, selection.is_kept, base_shift);
    Buffer out(batch.bytes().first(kRecordBatchHeaderBytes));
    MILLRACE_TRY_STATUS(compress(batch.codec(), records, out));
    if (out.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        return Error{
            ErrorCode::kTooLarge,
            "record batch grows too large at offset " + std::to_string(batch.base_offset().value)};
    }
    store_be(out.data() + 8, static_cast<std::int32_t>(out.size() - kRecordBatchPrefixBytes));
    if (horizon) {
        store_be(out.data() + kCrcStart,
                 static_cast<std::uint16_t>(batch.attributes() | kHorizonBit));
        store_be(out.data() + 27, horizon->value);
    }
    if (batch.timestamp_type() == TimestampType::kCreateTime) {
        store_be(out.data() + 35, selection.max_timestamp.value);
    }
    store_be(out.data() + 57, static_cast<std::int32_t>(selection.kept));
    store_be(out.data() + 17, crc32c(out.view().subspan(kCrcStart)));
    return out;
}

}  // namespace

Result<CleanedBatch> clean_batch(const RecordBatchView& batch, const CleanRules& rules) {
    CHECK(!batch.is_control());
    CleanedBatch cleaned;
    if (batch.record_count() == 0) {
        cleaned.outcome = CleanedBatch::Outcome::kEmpty;
        return cleaned;
    }
    MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr));
    MILLRACE_TRY(const Selection selection, select(batch, payload.bytes, rules));
    cleaned.removed = std::ssize(selection.is_kept) - selection.kept;
    if (selection.kept == 0) {
        cleaned.outcome = CleanedBatch::Outcome::kEmpty;
        return cleaned;
    }
    std::optional<Timestamp> new_horizon;
    if (selection.keeps_tombstone) {
        if (!batch.has_delete_horizon()) {
            new_horizon = Timestamp{horizon_from(rules.now_ms, rules.delete_retention_ms)};
        }
        cleaned.horizon = new_horizon.value_or(batch.base_timestamp());
    }
    if (cleaned.removed == 0 && !new_horizon) {
        return cleaned;
    }
    cleaned.outcome = CleanedBatch::Outcome::kChanged;
    MILLRACE_TRY(cleaned.bytes, rebuild(batch, payload.bytes, selection, new_horizon));
    return cleaned;
}

Result<CleanedBatch> clean_marker(const RecordBatchView& batch,
                                  std::int64_t now_ms,
                                  std::int64_t delete_retention_ms) {
    CleanedBatch cleaned;
    if (batch.has_delete_horizon()) {
        if (batch.base_timestamp().value <= now_ms) {
            cleaned.outcome = CleanedBatch::Outcome::kEmpty;
            cleaned.removed = batch.record_count();
        } else {
            cleaned.horizon = batch.base_timestamp();
        }
        return cleaned;
    }
    MILLRACE_TRY(const RecordPayload payload, payload_of(batch, nullptr));
    Selection all;
    RecordCursor cursor(batch, payload.bytes);
    for (RecordView record; cursor.next(record);) {
        all.is_kept.push_back(true);
        ++all.kept;
        all.max_timestamp = std::max(all.max_timestamp, record.timestamp);
    }
    MILLRACE_TRY_STATUS(cursor.status());
    cleaned.horizon = Timestamp{horizon_from(now_ms, delete_retention_ms)};
    cleaned.outcome = CleanedBatch::Outcome::kChanged;
    MILLRACE_TRY(cleaned.bytes, rebuild(batch, payload.bytes, all, cleaned.horizon));
    return cleaned;
}

}  // namespace millrace::log
