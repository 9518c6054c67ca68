#include "core/record/record_cursor.h"

#include <algorithm>
#include <limits>
#include <string>

namespace millrace {

namespace {

/// A position between two ends. Everything that reads through it answers false at damage.
struct Reader {
    const std::byte* at;
    const std::byte* end;

    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end - at); }

    bool read_long_varint(std::int64_t& value) {
        std::uint64_t bits = 0;
        for (unsigned shift = 0; shift < 70 && at != end; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(*at++);
            if (shift == 63 && byte > 1) {
                return false;  // more than 64 bits
            }
            bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) {
                value = unzigzag(bits);
                return true;
            }
        }
        return false;
    }

    bool read_varint(std::int64_t& value) {
        // Nearly all numbers of a record fit one or two bytes.
        if (remaining() >= 2) {
            const auto first = static_cast<std::uint8_t>(at[0]);
            const auto second = static_cast<std::uint8_t>(at[1]);
            if (first < 0x80) {
                value = unzigzag(first);
                at += 1;
                return true;
            }
            if (second < 0x80) {
                value = unzigzag((first & 0x7fU) | static_cast<std::uint64_t>(second) << 7);
                at += 2;
                return true;
            }
        }
        return read_long_varint(value);
    }

    /// `size` bytes, or null for -1.
    bool read_nullable(std::optional<ByteView>& bytes) {
        std::int64_t size = 0;
        if (!read_varint(size) || size < -1) {
            return false;
        }
        if (size == -1) {
            bytes.reset();
            return true;
        }
        if (static_cast<std::uint64_t>(size) > remaining()) {
            return false;
        }
        bytes.emplace(at, static_cast<std::size_t>(size));
        at += size;
        return true;
    }
};

/// The fields of one record but its headers, which start at `headers`.
struct Fields {
    std::int64_t timestamp_delta = 0;
    std::int64_t offset_delta = 0;
    std::optional<ByteView> key;
    std::optional<ByteView> value;
    std::int64_t header_count = 0;
};

/// Reads one record up to its headers; `record` then stands at the first header and ends with the
/// record. Returns what is wrong, or null.
const char* read_fields(Reader& payload, Reader& record, Fields& fields) {
    std::int64_t size = 0;
    if (!payload.read_varint(size) || size < 0 ||
        static_cast<std::uint64_t>(size) > payload.remaining()) {
        return "its length does not fit the batch";
    }
    record = Reader{payload.at, payload.at + size};
    payload.at += size;
    if (record.at == record.end) {
        return "it is empty";
    }
    ++record.at;  // attributes: no bit of them is in use
    if (!record.read_varint(fields.timestamp_delta) || !record.read_varint(fields.offset_delta)) {
        return "its offset or timestamp is damaged";
    }
    if (!record.read_nullable(fields.key)) {
        return "its key does not fit";
    }
    if (!record.read_nullable(fields.value)) {
        return "its value does not fit";
    }
    // A header takes two bytes at least.
    if (!record.read_varint(fields.header_count) || fields.header_count < 0 ||
        static_cast<std::uint64_t>(fields.header_count) > record.remaining() / 2) {
        return "its header count does not fit";
    }
    return nullptr;
}

/// Hands each header to `take(key, value)`.
template <class Take>
const char* read_headers(Reader& record, std::int64_t count, Take take) {
    for (std::int64_t i = 0; i < count; ++i) {
        std::optional<ByteView> key;
        std::optional<ByteView> value;
        if (!record.read_nullable(key) || !key || !record.read_nullable(value)) {
            return "one of its headers does not fit";
        }
        take(*key, value);
    }
    return record.at == record.end ? nullptr : "bytes are left behind its headers";
}

const char* check_offset(std::int64_t delta, std::int64_t last, const RecordBatchView& batch) {
    return delta > last && delta <= batch.last_offset_delta()
               ? nullptr
               : "its offset is out of order or outside the batch";
}

/// Java's arithmetic: a hostile delta wraps instead of being undefined.
std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

Error damage_error(const RecordBatchView& batch, std::int32_t index, const char* damage) {
    return Error{ErrorCode::kCorruptBatch,
                 "record " + std::to_string(index) + " of the batch at offset " +
                     std::to_string(batch.base_offset().value) + " cannot be read: " + damage};
}

constexpr const char* kTrailingBytes = "bytes are left behind the last record";

void cut(RecordColumns& columns, std::size_t size) {
    columns.offsets.resize(size);
    columns.timestamps.resize(size);
    columns.keys.resize(size);
    columns.values.resize(size);
    while (!columns.headers.empty() && columns.headers.back().record >= size) {
        columns.headers.pop_back();
    }
}

}  // namespace

RecordCursor::RecordCursor(const RecordBatchView& batch, ByteView payload)
    : batch_(batch), at_(payload.data()), end_(payload.data() + payload.size()) {}

bool RecordCursor::next(RecordView& record) {
    if (damage_ != nullptr) {
        return false;
    }
    if (index_ == batch_.record_count()) {
        damage_ = at_ == end_ ? nullptr : kTrailingBytes;
        return false;
    }
    Reader payload{at_, end_};
    Reader rest{};
    Fields fields;
    damage_ = read_fields(payload, rest, fields);
    if (damage_ == nullptr) {
        record.headers.clear();
        damage_ = read_headers(
            rest, fields.header_count, [&](ByteView key, const std::optional<ByteView>& value) {
                record.headers.push_back({as_text(key), value});
            });
    }
    if (damage_ == nullptr) {
        damage_ = check_offset(fields.offset_delta, last_delta_, batch_);
    }
    if (damage_ != nullptr) {
        return false;
    }
    record.key = fields.key;
    record.value = fields.value;
    record.offset = Offset{batch_.base_offset().value + fields.offset_delta};
    record.timestamp =
        batch_.timestamp_type() == TimestampType::kLogAppendTime
            ? batch_.max_timestamp()
            : Timestamp{add_wrapping(batch_.base_timestamp().value, fields.timestamp_delta)};
    at_ = payload.at;
    last_delta_ = fields.offset_delta;
    ++index_;
    return true;
}

Status RecordCursor::status() const {
    return damage_ == nullptr ? Status{Ok{}} : Status{damage_error(batch_, index_, damage_)};
}

void RecordColumns::clear() {
    cut(*this, 0);
}

Status decode_records(const RecordBatchView& batch,
                      ByteView payload,
                      Offset from,
                      RecordColumns& columns) {
    if (batch.is_control()) {
        return Ok{};
    }
    const std::size_t before = columns.size();
    const std::int32_t count = batch.record_count();
    const std::int64_t base_offset = batch.base_offset().value;
    const std::int64_t base_timestamp = batch.base_timestamp().value;
    const bool has_append_time = batch.timestamp_type() == TimestampType::kLogAppendTime;
    Reader rest{payload.data(), payload.data() + payload.size()};
    Reader record{};
    Fields fields;
    std::int64_t last_delta = -1;
    for (std::int32_t i = 0; i < count; ++i) {
        const char* damage = read_fields(rest, record, fields);
        if (damage == nullptr) {
            damage =
                read_headers(record,
                             fields.header_count,
                             [&](ByteView key, const std::optional<ByteView>& value) {
                                 columns.headers.push_back({columns.size(), {as_text(key), value}});
                             });
        }
        if (damage == nullptr) {
            damage = check_offset(fields.offset_delta, last_delta, batch);
        }
        if (damage != nullptr) {
            cut(columns, before);
            return damage_error(batch, i, damage);
        }
        last_delta = fields.offset_delta;
        const Offset offset{base_offset + fields.offset_delta};
        if (offset < from) {
            cut(columns, columns.size());  // its headers
            continue;
        }
        columns.offsets.push_back(offset);
        columns.timestamps.push_back(
            has_append_time ? batch.max_timestamp()
                            : Timestamp{add_wrapping(base_timestamp, fields.timestamp_delta)});
        columns.keys.push_back(fields.key);
        columns.values.push_back(fields.value);
    }
    if (rest.at != rest.end) {
        cut(columns, before);
        return damage_error(batch, count, kTrailingBytes);
    }
    return Ok{};
}

Result<RecordSummary> summarize_records(const RecordBatchView& batch, ByteView payload) {
    const std::int32_t count = batch.record_count();
    const std::int64_t base_timestamp = batch.base_timestamp().value;
    RecordSummary summary{.min_timestamp = Timestamp{std::numeric_limits<std::int64_t>::max()},
                          .max_timestamp = Timestamp{std::numeric_limits<std::int64_t>::min()}};
    Reader rest{payload.data(), payload.data() + payload.size()};
    Reader record{};
    Fields fields;
    std::int64_t last_delta = -1;
    for (std::int32_t i = 0; i < count; ++i) {
        const char* damage = read_fields(rest, record, fields);
        if (damage == nullptr) {
            damage = read_headers(
                record, fields.header_count, [](ByteView, const std::optional<ByteView>&) {});
        }
        if (damage == nullptr) {
            damage = check_offset(fields.offset_delta, last_delta, batch);
        }
        if (damage != nullptr) {
            return damage_error(batch, i, damage);
        }
        last_delta = fields.offset_delta;
        const Timestamp timestamp{add_wrapping(base_timestamp, fields.timestamp_delta)};
        summary.min_timestamp = std::min(summary.min_timestamp, timestamp);
        summary.max_timestamp = std::max(summary.max_timestamp, timestamp);
        summary.has_null_key = summary.has_null_key || !fields.key;
    }
    if (rest.at != rest.end) {
        return damage_error(batch, count, kTrailingBytes);
    }
    return summary;
}

}  // namespace millrace
