#include "core/record/record_batch_builder.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/checksum.h"
#include "core/record/record_batch.h"

namespace millrace {

namespace {

constexpr std::size_t kBatchBytesMax =
    static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
constexpr std::size_t kCrcStart = 21;

/// Zig-zag base-128 at `to`; returns the byte behind it.
std::byte* put_varint(std::byte* to, std::int64_t value) {
    std::uint64_t rest = zigzag(value);
    for (; rest >= 0x80; rest >>= 7) {
        *to++ = static_cast<std::byte>(rest | 0x80);
    }
    *to++ = static_cast<std::byte>(rest);
    return to;
}

std::byte* put_bytes(std::byte* to, ByteView bytes) {
    return std::copy(bytes.begin(), bytes.end(), put_varint(to, std::ssize(bytes)));
}

std::byte* put_nullable(std::byte* to, const std::optional<ByteView>& bytes) {
    return bytes ? put_bytes(to, *bytes) : put_varint(to, -1);
}

std::size_t size_of(ByteView bytes) {
    return varint_size(std::ssize(bytes)) + bytes.size();
}

std::size_t size_of(const std::optional<ByteView>& bytes) {
    return bytes ? size_of(*bytes) : 1;
}

std::int64_t subtract_wrapping(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

RecordBatchBuilder::RecordBatchBuilder(RecordBatchFields fields) : fields_(fields) {
    clear();
}

void RecordBatchBuilder::add(std::optional<ByteView> key,
                             std::optional<ByteView> value,
                             Timestamp timestamp,
                             std::span<const HeaderView> headers) {
    if (count_ == 0) {
        base_timestamp_ = timestamp;
        max_timestamp_ = timestamp;
    }
    const std::int64_t timestamp_delta = subtract_wrapping(timestamp.value, base_timestamp_.value);
    std::size_t body = 1 + varint_size(timestamp_delta) + varint_size(count_) + size_of(key) +
                       size_of(value) + varint_size(std::ssize(headers));
    for (const HeaderView& header : headers) {
        body += size_of(as_bytes(header.key)) + size_of(header.value);
    }
    const std::size_t size = varint_size(static_cast<std::int64_t>(body)) + body;
    is_too_large_ = is_too_large_ || size > kBatchBytesMax - bytes_.size();
    if (is_too_large_) {
        return;
    }
    std::byte* to = put_varint(bytes_.extend(size), static_cast<std::int64_t>(body));
    *to++ = std::byte{0};  // attributes
    to = put_varint(to, timestamp_delta);
    to = put_varint(to, count_);
    to = put_nullable(to, key);
    to = put_nullable(to, value);
    to = put_varint(to, std::ssize(headers));
    for (const HeaderView& header : headers) {
        to = put_bytes(to, as_bytes(header.key));
        to = put_nullable(to, header.value);
    }
    DCHECK(to == bytes_.data() + bytes_.size());
    max_timestamp_ = std::max(max_timestamp_, timestamp);
    ++count_;
}

void RecordBatchBuilder::add(const RecordView& record) {
    add(record.key, record.value, record.timestamp, record.headers);
}

void RecordBatchBuilder::clear() {
    bytes_.resize(kRecordBatchHeaderBytes);
    count_ = 0;
    is_too_large_ = false;
}

Result<Buffer> RecordBatchBuilder::finish(Codec codec) {
    CHECK(count_ > 0 || is_too_large_);
    if (is_too_large_) {
        clear();
        return Error{ErrorCode::kTooLarge,
                     "records do not fit one batch of bytes: " + std::to_string(kBatchBytesMax)};
    }
    if (codec == Codec::kNone) {
        write_header(bytes_, codec);
        Buffer batch = std::move(bytes_);
        bytes_ = Buffer{};
        // The next batch is likely of the same size.
        bytes_.reserve(batch.size());
        clear();
        return batch;
    }
    Buffer batch;
    batch.resize(kRecordBatchHeaderBytes);
    const Status compressed =
        compress(codec, bytes_.view().subspan(kRecordBatchHeaderBytes), batch);
    if (compressed.ok()) {
        write_header(batch, codec);
    }
    clear();
    MILLRACE_TRY_STATUS(compressed);
    return batch;
}

void RecordBatchBuilder::write_header(Buffer& batch, Codec codec) const {
    const auto attributes =
        static_cast<std::int16_t>(static_cast<int>(codec) | (fields_.is_transactional ? 16 : 0) |
                                  (fields_.is_control ? 32 : 0));
    std::byte* const at = batch.data();
    store_be(at, std::int64_t{0});
    store_be(at + 8, static_cast<std::int32_t>(batch.size() - kRecordBatchPrefixBytes));
    store_be(at + 12, fields_.partition_leader_epoch);
    store_be(at + 16, std::int8_t{2});
    store_be(at + kCrcStart, attributes);
    store_be(at + 23, count_ - 1);
    store_be(at + 27, base_timestamp_.value);
    store_be(at + 35, max_timestamp_.value);
    store_be(at + 43, fields_.producer_id);
    store_be(at + 51, fields_.producer_epoch);
    store_be(at + 53, fields_.base_sequence);
    store_be(at + 57, count_);
    store_be(at + 17, crc32c(batch.view().subspan(kCrcStart)));
}

}  // namespace millrace
