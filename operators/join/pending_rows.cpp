#include "operators/join/pending_rows.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kDeltaVersion = 1;
constexpr std::size_t kEntryBytes = 128;  // of a map's node

}  // namespace

void PendingRows::touch(const PendingKey& key, Entry& entry) {
    if (!entry.is_dirty) {
        entry.is_dirty = true;
        dirty_.push_back(key);
    }
}

void PendingRows::add(PendingKey key, ByteView row) {
    const auto [at, is_new] = entries_.try_emplace(std::move(key));
    bytes_ += row.size() + (is_new ? kEntryBytes + at->first.key.size() : 0);
    waiting_ += at->second.rows.empty() ? std::size_t{1} : std::size_t{0};
    at->second.rows.emplace_back(row);
    touch(at->first, at->second);
}

void PendingRows::remove(const PendingKey& key) {
    const auto at = entries_.find(key);
    if (at != entries_.end() && !at->second.rows.empty()) {
        remove(at);
    }
}

void PendingRows::remove(Entries::iterator at) {
    Entry& entry = at->second;
    for (const Buffer& row : entry.rows) {
        bytes_ -= row.size();
    }
    entry.rows.clear();
    --waiting_;
    touch(at->first, entry);
}

void PendingRows::stage(runtime::StoreId store, runtime::OpContext& context) {
    Buffer key;
    Buffer value;
    for (const PendingKey& changed : dirty_) {
        const auto at = entries_.find(changed);
        Entry& entry = at->second;
        entry.is_dirty = false;
        key.clear();
        key.append_be(changed.time);
        key.append_le(changed.rank);
        key.append(std::string_view(changed.key));
        if (!entry.rows.empty()) {
            value.clear();
            value.append_le(kDeltaVersion);
            value.append_varint(static_cast<std::int64_t>(entry.rows.size()));
            for (const Buffer& row : entry.rows) {
                value.append_varint(static_cast<std::int64_t>(row.size()));
                value.append(row.view());
            }
            context.stage_delta(store, key.view(), value.view());
            entry.is_persisted = true;
            continue;
        }
        if (entry.is_persisted) {
            context.stage_delta(store, key.view(), std::nullopt);
        }
        bytes_ -= kEntryBytes + at->first.key.size();
        entries_.erase(at);
    }
    dirty_.clear();
}

Result<PendingRows::Restored> PendingRows::restore(ByteView key, ByteView value) {
    Cursor in(value);
    const auto version = in.read_le<std::uint8_t>();
    if (in.ok() && version != kDeltaVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "join state was written by a newer version, format " + std::to_string(version)};
    }
    Cursor key_in(key);
    PendingKey read;
    read.time = key_in.read_be<std::int64_t>();
    read.rank = key_in.read_le<std::uint8_t>();
    read.key = std::string(as_text(key_in.rest()));
    const std::int64_t count = in.read_varint();
    std::vector<Buffer> rows;
    for (std::int64_t i = 0; i < count && in.ok(); ++i) {
        const std::int64_t size = in.read_varint();
        if (size < 0) {
            in.fail();
            break;
        }
        rows.emplace_back(in.read_bytes(static_cast<std::size_t>(size)));
    }
    if (!key_in.ok() || !in.ok() || in.remaining() != 0 || rows.empty()) {
        return Error{ErrorCode::kCorruptJournal,
                     "the waiting rows of a join do not fit their format, size " +
                         std::to_string(value.size())};
    }
    for (const Buffer& row : rows) {
        bytes_ += row.size();
    }
    bytes_ += kEntryBytes + read.key.size();
    ++waiting_;
    Entry& entry = entries_[read];
    entry = Entry{.rows = std::move(rows), .is_dirty = false, .is_persisted = true};
    return Restored{read.rank, entry.rows};
}

}  // namespace millrace::operators
