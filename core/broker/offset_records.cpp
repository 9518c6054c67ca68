#include "core/broker/offset_records.h"

namespace millrace::broker {

namespace {

constexpr std::int16_t kOffsetKeyVersion = 1;
constexpr std::int16_t kGroupKeyVersion = 2;  // group metadata, written by the group coordinator
constexpr std::int16_t kOffsetValueVersion = 3;
constexpr std::uint8_t kEpochVersion = 1;

void append_string(Buffer& out, std::string_view text) {
    out.append_be(static_cast<std::int16_t>(text.size()));
    out.append(text);
}

std::string read_string(Cursor& cursor) {
    const auto size = cursor.read_be<std::int16_t>();
    if (size < 0) {
        cursor.fail();
        return {};
    }
    return std::string(as_text(cursor.read_bytes(static_cast<std::size_t>(size))));
}

Error damaged(std::string_view what) {
    return Error{ErrorCode::kCorruptBatch, "record cannot be read in " + std::string(what)};
}

}  // namespace

Buffer encode_offset_key(const OffsetRecord& record) {
    Buffer out;
    out.append_be(kOffsetKeyVersion);
    append_string(out, record.group);
    append_string(out, record.topic);
    out.append_be(record.partition.value);
    return out;
}

Buffer encode_offset_value(const OffsetRecord& record) {
    Buffer out;
    out.append_be(kOffsetValueVersion);
    out.append_be(record.next.value);
    out.append_be(record.leader_epoch);
    append_string(out, record.metadata);
    out.append_be(record.committed_at.value);
    return out;
}

Buffer encode_group_key(const std::string& group) {
    Buffer out;
    out.append_be(kGroupKeyVersion);
    append_string(out, group);
    return out;
}

Result<std::variant<OffsetRecord, GroupKey>> decode_offsets_record(const RecordView& record) {
    using Decoded = std::variant<OffsetRecord, GroupKey>;
    if (!record.key) {
        return damaged(kOffsetsTopic);
    }
    Cursor key(*record.key);
    const auto key_version = key.read_be<std::int16_t>();
    OffsetRecord offset;
    offset.group = read_string(key);
    if (key.ok() && key_version == kGroupKeyVersion) {
        return Decoded{GroupKey{std::move(offset.group)}};
    }
    offset.topic = read_string(key);
    offset.partition = Partition{key.read_be<std::int32_t>()};
    if (!key.ok() || key_version < 0 || key_version > kOffsetKeyVersion) {
        return damaged(kOffsetsTopic);
    }
    if (!record.value) {
        offset.is_removed = true;
        return Decoded{std::move(offset)};
    }
    Cursor value(*record.value);
    const auto version = value.read_be<std::int16_t>();
    offset.next = Offset{value.read_be<std::int64_t>()};
    if (version == kOffsetValueVersion) {
        offset.leader_epoch = value.read_be<std::int32_t>();
    }
    offset.metadata = read_string(value);
    offset.committed_at = Timestamp{value.read_be<std::int64_t>()};
    if (!value.ok() || version < 0 || version > kOffsetValueVersion) {
        return damaged(kOffsetsTopic);
    }
    return Decoded{std::move(offset)};
}

Buffer encode_epoch_key(const EpochRecord& record) {
    return Buffer(std::string_view(record.owner));
}

Buffer encode_epoch_value(const EpochRecord& record) {
    Buffer out;
    out.append_le(kEpochVersion);
    out.append_le(record.epoch);
    return out;
}

Result<EpochRecord> decode_epoch(const RecordView& record) {
    if (!record.key || !record.value) {
        return damaged(kCommitsTopic);
    }
    Cursor value(*record.value);
    const auto version = value.read_le<std::uint8_t>();
    const auto epoch = value.read_le<std::uint64_t>();
    if (!value.ok() || version != kEpochVersion) {
        return damaged(kCommitsTopic);
    }
    return EpochRecord{.owner = std::string(as_text(*record.key)), .epoch = epoch};
}

}  // namespace millrace::broker
