#include "operators/join/join_buffer.h"

#include <algorithm>

namespace millrace::operators {

namespace {

constexpr std::uint8_t kDeltaVersion = 1;
constexpr std::int64_t kSlices = 8;  // that the retention is cut into
constexpr std::size_t kFirstChunkBytes = 1024;
constexpr std::size_t kMaxChunkBytes = 256 * 1024;
constexpr std::size_t kNumberBytes = 8;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// The serialized keys of a slice's rows, from row `begin` on.
template <class Rows>
EncodedRows keys_of(const Rows& rows, std::size_t begin, std::size_t end, StateKeys& keys) {
    std::vector<std::uint32_t> ids;
    ids.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
        ids.push_back(rows[i].key);
    }
    EncodedRows encoded;
    keys.serialize(ids, encoded);
    return encoded;
}

void append_row_key(ByteView key, std::uint64_t number, Buffer& out) {
    out.append(key);
    out.append_be(number);
}

}  // namespace

JoinBuffer::JoinBuffer(std::int64_t retention_ms)
    : retention_ms_(retention_ms), slice_ms_(std::max<std::int64_t>(1, retention_ms / kSlices)) {}

JoinBuffer::Slice& JoinBuffer::slice_of(std::int64_t time) {
    return slices_[floor_divide(time, slice_ms_)];
}

const std::byte* JoinBuffer::copy(Slice& slice, ByteView bytes) {
    if (slice.left < bytes.size()) {
        const std::size_t size =
            std::max(bytes.size(), std::clamp(slice.bytes, kFirstChunkBytes, kMaxChunkBytes));
        slice.chunks.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
        slice.at = slice.chunks.back().get();
        slice.left = size;
        slice.bytes += size;
    }
    std::byte* const at = slice.at;
    if (!bytes.empty()) {
        std::memcpy(at, bytes.data(), bytes.size());
    }
    slice.at += bytes.size();
    slice.left -= bytes.size();
    return at;
}

void JoinBuffer::insert(
    std::uint32_t key, std::int64_t time, std::uint64_t number, ByteView bytes, Slice& slice) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::byte* const data = copy(slice, bytes);
    slice.rows.push_back({.key = key, .size = size, .time = time, .number = number, .data = data});
    if (key >= by_key_.size()) {
        by_key_.resize(key + 1);
    }
    std::vector<BufferedRow>& rows = by_key_[key];
    const auto at = std::upper_bound(
        rows.begin(), rows.end(), std::pair(time, number), [](const auto& a, const auto& row) {
            return a < std::pair(row.time, row.number);
        });
    ++rows_;
    rows.insert(at, BufferedRow{.time = time, .number = number, .data = data, .size = size});
}

void JoinBuffer::put(std::uint32_t key, std::int64_t time, ByteView bytes) {
    insert(key, time, next_number_++, bytes, slice_of(time));
}

std::span<const BufferedRow> JoinBuffer::find(std::uint32_t key,
                                              std::int64_t from,
                                              std::int64_t to) const {
    from = std::max(from, oldest_visible());
    if (key >= by_key_.size() || from > to) {
        return {};
    }
    const std::vector<BufferedRow>& rows = by_key_[key];
    const auto begin =
        std::lower_bound(rows.begin(), rows.end(), from, [](const BufferedRow& row, auto time) {
            return row.time < time;
        });
    const auto end = std::upper_bound(
        begin, rows.end(), to, [](auto time, const BufferedRow& row) { return time < row.time; });
    return {begin, end};
}

void JoinBuffer::note_gone(const Slice& slice, StateKeys& keys) {
    const EncodedRows encoded = keys_of(slice.rows, 0, slice.persisted, keys);
    for (std::size_t i = 0; i < slice.persisted; ++i) {
        append_row_key(*encoded.row(i), slice.rows[i].number, gone_.emplace_back());
    }
}

void JoinBuffer::forget_old(StateKeys& keys, std::vector<std::uint32_t>& lost) {
    while (!slices_.empty()) {
        const auto first = slices_.begin();
        if ((first->first + 1) * slice_ms_ > oldest_visible()) {
            return;
        }
        const Slice& slice = first->second;
        note_gone(slice, keys);
        for (const SliceRow& row : slice.rows) {
            // Its rows come first in each key: all slices before it are gone.
            std::vector<BufferedRow>& rows = by_key_[row.key];
            const auto end = std::find_if(rows.begin(), rows.end(), [&](const BufferedRow& kept) {
                return floor_divide(kept.time, slice_ms_) != first->first;
            });
            if (end != rows.begin()) {
                rows_ -= static_cast<std::size_t>(end - rows.begin());
                rows.erase(rows.begin(), end);
                lost.push_back(row.key);
            }
        }
        slices_.erase(first);
    }
}

void JoinBuffer::stage(runtime::StoreId store, StateKeys& keys, runtime::OpContext& context) {
    for (const Buffer& key : gone_) {
        context.stage_delta(store, key.view(), std::nullopt);
    }
    gone_.clear();
    Buffer key;
    Buffer value;
    for (auto& [number, slice] : slices_) {
        const EncodedRows encoded = keys_of(slice.rows, slice.persisted, slice.rows.size(), keys);
        for (std::size_t i = slice.persisted; i < slice.rows.size(); ++i) {
            const SliceRow& row = slice.rows[i];
            key.clear();
            append_row_key(*encoded.row(i - slice.persisted), row.number, key);
            value.clear();
            value.append_le(kDeltaVersion);
            keys.save(row.key, value);
            value.append_le(row.time);
            value.append(ByteView{row.data, row.size});
            context.stage_delta(store, key.view(), value.view());
        }
        slice.persisted = slice.rows.size();
    }
}

Result<ByteView> JoinBuffer::restore(ByteView key, ByteView value, StateKeys& keys) {
    Cursor in(value);
    const auto version = in.read_le<std::uint8_t>();
    if (in.ok() && version != kDeltaVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "join state was written by a newer version, format " + std::to_string(version)};
    }
    if (key.size() < kNumberBytes) {
        return Error{ErrorCode::kCorruptJournal, "a join's row has a key that is too short"};
    }
    const std::size_t key_bytes = key.size() - kNumberBytes;
    MILLRACE_TRY(const KeyId id, keys.restore(key.first(key_bytes), in));
    const auto time = in.read_le<std::int64_t>();
    if (!in.ok()) {
        return Error{ErrorCode::kCorruptJournal, "a join's row ends inside its time"};
    }
    const auto number = load_be<std::uint64_t>(key.data() + key_bytes);
    Slice& slice = slice_of(time);
    insert(id.id, time, number, in.rest(), slice);
    // Deltas come in any order, and a restored store has no others yet.
    slice.persisted = slice.rows.size();
    return in.rest();
}

std::size_t JoinBuffer::memory_bytes() const {
    std::size_t bytes = by_key_.capacity() * sizeof(std::vector<BufferedRow>) +
                        rows_ * (sizeof(BufferedRow) + sizeof(SliceRow));
    for (const auto& [number, slice] : slices_) {
        bytes += slice.bytes + sizeof(Slice);
    }
    return bytes;
}

}  // namespace millrace::operators
