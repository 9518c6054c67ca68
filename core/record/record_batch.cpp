#include "core/record/record_batch.h"

#include <limits>
#include <string>

#include "core/base/checksum.h"

namespace millrace {

namespace {

constexpr std::size_t kCrcStart = 21;  // attributes; everything from here on is covered
constexpr std::int8_t kMagic = 2;

Error corrupt(std::string_view what, std::int64_t value) {
    return Error{ErrorCode::kCorruptBatch, std::string(what) + ": " + std::to_string(value)};
}

/// Fields that contradict each other; the sizes are known to be right.
Status check_fields(const RecordBatchView& batch) {
    const std::int32_t count = batch.record_count();
    const std::int32_t delta = batch.last_offset_delta();
    if (delta < 0) {
        return corrupt("last offset delta of a record batch is negative", delta);
    }
    if (batch.base_offset().value < 0 ||
        batch.base_offset().value >= std::numeric_limits<std::int64_t>::max() - delta) {
        return corrupt("base offset of a record batch is out of range", batch.base_offset().value);
    }
    if (count < 0 || count > std::int64_t{delta} + 1) {
        return corrupt("record count of a record batch does not fit its offsets", count);
    }
    if (batch.codec() > Codec::kZstd) {
        return corrupt("compression codec of a record batch is unknown", batch.attributes() & 7);
    }
    // Deflate and its like shrink a thousandfold at most, but only plain records have a sharp
    // bound.
    if (batch.codec() == Codec::kNone &&
        static_cast<std::size_t>(count) > batch.records().size() / kRecordBytesMin) {
        return corrupt("record count of a record batch does not fit its size", count);
    }
    return Ok{};
}

}  // namespace

std::optional<std::size_t> RecordBatchView::encoded_size(ByteView prefix) {
    if (prefix.size() < kRecordBatchPrefixBytes) {
        return std::nullopt;
    }
    const auto length = load_be<std::int32_t>(prefix.data() + 8);
    constexpr auto kLengthMin =
        static_cast<std::int32_t>(kRecordBatchHeaderBytes - kRecordBatchPrefixBytes);
    if (length < kLengthMin) {
        return std::nullopt;
    }
    return kRecordBatchPrefixBytes + static_cast<std::size_t>(length);
}

Result<RecordBatchView> RecordBatchView::parse(ByteView bytes) {
    if (bytes.size() < kRecordBatchHeaderBytes) {
        return corrupt("record batch ends inside its header, bytes",
                       static_cast<std::int64_t>(bytes.size()));
    }
    const std::optional<std::size_t> size = encoded_size(bytes);
    if (!size || *size > bytes.size()) {
        return corrupt("length of a record batch does not fit its bytes",
                       load_be<std::int32_t>(bytes.data() + 8));
    }
    const auto magic = load_be<std::int8_t>(bytes.data() + 16);
    if (magic != kMagic) {
        return corrupt("record batch is not of format 2", magic);
    }
    const RecordBatchView batch(bytes.first(*size));
    MILLRACE_TRY_STATUS(check_fields(batch));
    return batch;
}

Status RecordBatchView::verify_crc() const {
    const std::uint32_t found = crc32c(bytes_.subspan(kCrcStart));
    if (found != crc()) {
        return Error{ErrorCode::kCorruptBatch,
                     "checksum of the record batch at offset " +
                         std::to_string(base_offset().value) + " is " + std::to_string(found) +
                         ", not as written: " + std::to_string(crc())};
    }
    return Ok{};
}

void set_base_offset(std::span<std::byte> batch, Offset base) {
    CHECK(batch.size() >= kRecordBatchHeaderBytes);
    store_be(batch.data(), base.value);
}

void set_partition_leader_epoch(std::span<std::byte> batch, std::int32_t epoch) {
    CHECK(batch.size() >= kRecordBatchHeaderBytes);
    store_be(batch.data() + 12, epoch);
}

void restamp(std::span<std::byte> batch, TimestampType type, Timestamp max) {
    CHECK(batch.size() >= kRecordBatchHeaderBytes);
    constexpr std::uint16_t kAppendTimeBit = 8;
    const auto others = static_cast<std::uint16_t>(
        load_be<std::uint16_t>(batch.data() + kCrcStart) & ~kAppendTimeBit);
    const bool is_append_time = type == TimestampType::kLogAppendTime;
    store_be(batch.data() + kCrcStart,
             static_cast<std::uint16_t>(others | (is_append_time ? kAppendTimeBit : 0)));
    store_be(batch.data() + 35, max.value);
    store_be(batch.data() + 17, crc32c(ByteView(batch).subspan(kCrcStart)));
}

namespace {

void seal(std::span<std::byte> batch) {
    store_be(batch.data() + 17, crc32c(batch.subspan(kCrcStart)));
}

}  // namespace

void set_last_offset_delta(std::span<std::byte> batch, std::int32_t delta) {
    CHECK(batch.size() >= kRecordBatchHeaderBytes && delta >= 0);
    const std::optional<std::size_t> size = RecordBatchView::encoded_size(batch);
    CHECK(size && *size <= batch.size());
    store_be(batch.data() + 23, delta);
    seal(batch.first(*size));
}

Buffer make_placeholder_batch(Offset base, Offset last) {
    const std::int64_t delta = last.value - base.value;
    CHECK(delta >= 0 && delta <= std::numeric_limits<std::int32_t>::max());
    Buffer batch;
    batch.append_be(base.value);
    batch.append_be(static_cast<std::int32_t>(kRecordBatchHeaderBytes - kRecordBatchPrefixBytes));
    batch.append_be(std::int32_t{0});  // partition leader epoch
    batch.append_be(kMagic);
    batch.append_be(std::uint32_t{0});  // CRC
    batch.append_be(std::int16_t{0});   // attributes
    batch.append_be(static_cast<std::int32_t>(delta));
    batch.append_be(std::int64_t{-1});  // base timestamp
    batch.append_be(std::int64_t{-1});  // max timestamp
    batch.append_be(std::int64_t{-1});  // producer id
    batch.append_be(std::int16_t{-1});  // producer epoch
    batch.append_be(std::int32_t{-1});  // base sequence
    batch.append_be(std::int32_t{0});   // records
    seal(batch.span());
    return batch;
}

Buffer make_empty_batch(const RecordBatchView& batch) {
    Buffer empty(batch.bytes().first(kRecordBatchHeaderBytes));
    store_be(empty.data() + 8,
             static_cast<std::int32_t>(kRecordBatchHeaderBytes - kRecordBatchPrefixBytes));
    // Nothing is compressed, and there is nothing left that a horizon could be for.
    store_be(empty.data() + kCrcStart, static_cast<std::uint16_t>(batch.attributes() & ~(7 | 64)));
    store_be(empty.data() + 57, std::int32_t{0});
    seal(empty.span());
    return empty;
}

Result<std::optional<RecordBatchView>> RecordBatchCursor::next() {
    if (rest_.empty()) {
        return std::optional<RecordBatchView>{};
    }
    MILLRACE_TRY(const RecordBatchView batch, RecordBatchView::parse(rest_));
    rest_ = rest_.subspan(batch.size_bytes());
    return std::optional<RecordBatchView>{batch};
}

Result<RecordPayload> payload_of(const RecordBatchView& batch, PagePtr owner, std::size_t limit) {
    if (batch.codec() == Codec::kNone) {
        return RecordPayload{.bytes = batch.records(), .page = std::move(owner)};
    }
    MILLRACE_TRY(PagePtr page, decompress(batch.codec(), batch.records(), limit));
    const ByteView bytes = page->view();
    return RecordPayload{.bytes = bytes, .page = std::move(page)};
}

}  // namespace millrace
