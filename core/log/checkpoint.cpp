#include "core/log/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/checksum.h"

namespace millrace::log {

namespace {

constexpr std::uint32_t kMagic = 0x4b43524d;  // "MRCK"
constexpr std::uint16_t kCleanFlag = 1;
constexpr std::uint32_t kRelaxedFlag = 1;
constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kEntryBytes = 56;
constexpr std::string_view kPrefix = "ckpt-";

Error damaged(std::string_view what) {
    return Error{ErrorCode::kCorruptJournal, "checkpoint is damaged: " + std::string(what)};
}

std::string name_of_sequence(std::uint64_t sequence) {
    const std::string digits = std::to_string(sequence);
    return std::string(kPrefix) + std::string(20 - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> sequence_in(std::string_view name) {
    if (!name.starts_with(kPrefix)) {
        return std::nullopt;
    }
    name.remove_prefix(kPrefix.size());
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), value);
    if (name.size() != 20 || parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

Buffer encode_checkpoint(const Checkpoint& checkpoint) {
    Buffer out;
    out.append_le(kMagic);
    out.append_le(kCheckpointVersion);
    out.append_le(checkpoint.is_clean ? kCleanFlag : std::uint16_t{0});
    out.append_le(checkpoint.sequence);
    out.append_le(checkpoint.lsn);
    out.append_le(checkpoint.salt);
    out.append_le(checkpoint.group);
    out.append_le(static_cast<std::uint32_t>(checkpoint.partitions.size()));
    out.append_le(static_cast<std::uint32_t>(kEntryBytes));
    for (const auto& [id, state] : checkpoint.partitions) {
        out.append(std::as_bytes(std::span(id.topic.bytes)));
        out.append_le(id.partition.value);
        out.append_le(state.is_relaxed ? kRelaxedFlag : std::uint32_t{0});
        out.append_le(state.log_start.value);
        out.append_le(state.end.offset.value);
        out.append_le(state.end.segment.value);
        out.append_le(state.end.position);
    }
    out.append_le(crc32c(out));
    return out;
}

Result<Checkpoint> parse_checkpoint(ByteView bytes) {
    if (bytes.size() < kHeaderBytes + 4) {
        return damaged("too short");
    }
    // Whatever the version: the last four bytes are the checksum, the first six magic and version.
    const ByteView body = bytes.first(bytes.size() - 4);
    Cursor cursor(body);
    if (load_le<std::uint32_t>(bytes.data() + body.size()) != crc32c(body) ||
        cursor.read_le<std::uint32_t>() != kMagic) {
        return damaged("checksum");
    }
    if (const auto version = cursor.read_le<std::uint16_t>(); version != kCheckpointVersion) {
        return Error{ErrorCode::kNewerFormat,
                     "checkpoint was written in format " + std::to_string(version) +
                         " by a newer version of Millrace, this one reads format " +
                         std::to_string(kCheckpointVersion)};
    }
    Checkpoint checkpoint;
    checkpoint.is_clean = (cursor.read_le<std::uint16_t>() & kCleanFlag) != 0;
    checkpoint.sequence = cursor.read_le<std::uint64_t>();
    checkpoint.lsn = cursor.read_le<std::uint64_t>();
    checkpoint.salt = cursor.read_le<std::uint64_t>();
    checkpoint.group = cursor.read_le<std::uint64_t>();
    const auto count = cursor.read_le<std::uint32_t>();
    const auto entry_bytes = cursor.read_le<std::uint32_t>();
    if (entry_bytes < kEntryBytes ||
        std::uint64_t{count} * entry_bytes != std::uint64_t{cursor.remaining()}) {
        return damaged("number of partitions");
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        Cursor entry(cursor.read_bytes(entry_bytes));
        TopicPartition id;
        const ByteView topic = entry.read_bytes(id.topic.bytes.size());
        std::memcpy(id.topic.bytes.data(), topic.data(), topic.size());
        id.partition.value = entry.read_le<std::int32_t>();
        PartitionState state;
        state.is_relaxed = (entry.read_le<std::uint32_t>() & kRelaxedFlag) != 0;
        state.log_start.value = entry.read_le<std::int64_t>();
        state.end.offset.value = entry.read_le<std::int64_t>();
        state.end.segment.value = entry.read_le<std::int64_t>();
        state.end.position = entry.read_le<std::uint64_t>();
        checkpoint.partitions.emplace(id, state);
    }
    return checkpoint;
}

Result<CheckpointStore::Found> CheckpointStore::load() {
    Found found;
    MILLRACE_TRY(const auto entries, files_->list(directory_));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const auto sequence = sequence_in(entry->name);
        if (!sequence) {
            continue;
        }
        found.sequence_max = std::max(found.sequence_max, *sequence);
        const std::string path = join_path(directory_, entry->name);
        MILLRACE_TRY(const Buffer bytes, files_->read_file(path));
        auto parsed = parse_checkpoint(bytes);
        if (!parsed.ok() && parsed.error().code == ErrorCode::kNewerFormat) {
            return parsed.error().with_context(path);
        }
        if (parsed.ok() && parsed.value().sequence == *sequence) {
            found.readable.push_back(std::move(parsed).value());
        } else {
            found.damaged.push_back(path);
        }
    }
    return found;
}

Status CheckpointStore::write(const Checkpoint& checkpoint) {
    const std::string path = join_path(directory_, name_of_sequence(checkpoint.sequence));
    MILLRACE_TRY_STATUS(files_->write_file_atomically(path, encode_checkpoint(checkpoint)));
    // Only now: until the new one is durable both of the others may be needed.
    MILLRACE_TRY(const auto entries, files_->list(directory_));
    for (const DirectoryEntry& entry : entries) {
        const auto sequence = sequence_in(entry.name);
        if (sequence && *sequence + 1 < checkpoint.sequence) {
            MILLRACE_TRY_STATUS(files_->remove(join_path(directory_, entry.name)));
        }
    }
    return Ok{};
}

}  // namespace millrace::log
