// RecordBatchView: one encoded Kafka v2 record batch, as it lies on disk and on the wire.
// Bytes: docs/formats/record_batch.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/base/result.h"
#include "core/record/compression.h"
#include "core/record/ids.h"

namespace millrace {

/// Bytes of a batch before its records.
constexpr std::size_t kRecordBatchHeaderBytes = 61;
/// Bytes from which the size of a batch can be told: base offset and length.
constexpr std::size_t kRecordBatchPrefixBytes = 12;
/// Bytes of the smallest record: empty or null key and value, no headers.
constexpr std::size_t kRecordBytesMin = 7;

enum class TimestampType : std::uint8_t {
    kCreateTime,     // each record has the time its producer gave
    kLogAppendTime,  // all records have the batch's max_timestamp
};

/// One batch, borrowed: valid as long as its bytes are. Accessors read the header in place.
class RecordBatchView {
  public:
    /// The batch at the front of `bytes`; what follows it is left alone. Looks at the header only:
    /// lengths, magic 2, counts and offsets that fit together. kCorruptBatch says which does not.
    [[nodiscard]] static Result<RecordBatchView> parse(ByteView bytes);
    /// Size of the batch whose first kRecordBatchPrefixBytes these are (more may follow), header
    /// included; nullopt when the length field is none of a batch. The batch itself need not be
    /// there.
    [[nodiscard]] static std::optional<std::size_t> encoded_size(ByteView prefix);

    /// CRC-32C from the attributes to the end. kCorruptBatch names both sums. Does not cover base
    /// offset, length, leader epoch and magic.
    [[nodiscard]] Status verify_crc() const;

    [[nodiscard]] ByteView bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
    /// The records, compressed as codec() says.
    [[nodiscard]] ByteView records() const { return bytes_.subspan(kRecordBatchHeaderBytes); }

    [[nodiscard]] Offset base_offset() const { return Offset{field<std::int64_t>(0)}; }
    /// Of the last record that was in the batch; compaction may have removed it.
    [[nodiscard]] Offset last_offset() const {
        return Offset{base_offset().value + last_offset_delta()};
    }
    [[nodiscard]] std::int32_t last_offset_delta() const { return field<std::int32_t>(23); }
    [[nodiscard]] std::int32_t partition_leader_epoch() const { return field<std::int32_t>(12); }
    [[nodiscard]] std::uint32_t crc() const { return field<std::uint32_t>(17); }
    [[nodiscard]] std::uint16_t attributes() const { return field<std::uint16_t>(21); }
    [[nodiscard]] Codec codec() const { return static_cast<Codec>(attributes() & 7); }
    [[nodiscard]] TimestampType timestamp_type() const {
        return (attributes() & 8) != 0 ? TimestampType::kLogAppendTime : TimestampType::kCreateTime;
    }
    [[nodiscard]] bool is_transactional() const { return (attributes() & 16) != 0; }
    /// Markers of transactions: no records for applications.
    [[nodiscard]] bool is_control() const { return (attributes() & 32) != 0; }
    /// Compaction was here: base_timestamp() is the moment (wall clock) from which on tombstones
    /// and markers of this batch may go.
    [[nodiscard]] bool has_delete_horizon() const { return (attributes() & 64) != 0; }
    [[nodiscard]] Timestamp base_timestamp() const { return Timestamp{field<std::int64_t>(27)}; }
    [[nodiscard]] Timestamp max_timestamp() const { return Timestamp{field<std::int64_t>(35)}; }
    /// -1 when the producer is not idempotent; so are epoch and sequence.
    [[nodiscard]] std::int64_t producer_id() const { return field<std::int64_t>(43); }
    [[nodiscard]] std::int16_t producer_epoch() const { return field<std::int16_t>(51); }
    [[nodiscard]] std::int32_t base_sequence() const { return field<std::int32_t>(53); }
    [[nodiscard]] std::int32_t record_count() const { return field<std::int32_t>(57); }

  private:
    explicit RecordBatchView(ByteView bytes) : bytes_(bytes) {}
    template <class T>
    [[nodiscard]] T field(std::size_t at) const {
        return load_be<T>(bytes_.data() + at);
    }

    ByteView bytes_;
};

/// Writes a field that the CRC does not cover into the batch at the front of `batch`, which has
/// been parsed.
void set_base_offset(std::span<std::byte> batch, Offset base);
void set_partition_leader_epoch(std::span<std::byte> batch, std::int32_t epoch);

/// Writes timestamp type and max timestamp into the parsed batch that `batch` holds and nothing
/// else, and its CRC anew. Check the old CRC first: damage would be covered up.
void restamp(std::span<std::byte> batch, TimestampType type, Timestamp max);

/// Changes fields that the CRC covers in the batch at the front of `batch`, which has been parsed,
/// and makes the CRC right again.
///
/// delta   not below the last record's; the batch then stands for the offsets up to it
void set_last_offset_delta(std::span<std::byte> batch, std::int32_t delta);

/// A batch without records that stands for the offsets from `base` to `last`, at most 2^31 of them,
/// which compaction has removed. It belongs to no producer.
[[nodiscard]] Buffer make_placeholder_batch(Offset base, Offset last);
/// `batch` without its records: its offsets and its producer's sequence numbers stay known.
[[nodiscard]] Buffer make_empty_batch(const RecordBatchView& batch);

/// Walks batches that lie back to back. Borrows the bytes.
class RecordBatchCursor {
  public:
    explicit RecordBatchCursor(ByteView batches) : rest_(batches), size_(batches.size()) {}
    /// The next batch; nullopt at the end. kCorruptBatch when the bytes at position() are none;
    /// the cursor then stays there.
    [[nodiscard]] Result<std::optional<RecordBatchView>> next();
    /// Bytes before what next() will look at.
    [[nodiscard]] std::size_t position() const { return size_ - rest_.size(); }

  private:
    ByteView rest_;
    std::size_t size_;
};

/// The records of a batch, uncompressed, and what keeps them alive.
struct RecordPayload {
    ByteView bytes;
    PagePtr page;  // kPagePadding bytes behind `bytes` are readable when this is set
};

/// Inflates the records where needed. An uncompressed batch gives its own bytes and `owner`, the
/// page that it lies in (may be null). kCorruptBatch, kTooLarge above `limit`.
[[nodiscard]] Result<RecordPayload> payload_of(const RecordBatchView& batch,
                                               PagePtr owner,
                                               std::size_t limit = kInflatedBytesMax);

}  // namespace millrace
