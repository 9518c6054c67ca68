#include "core/log/sparse_index.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "core/base/checksum.h"

namespace millrace::log {

namespace {

// docs/formats/segment.md
constexpr std::uint64_t kMagic = 0x3158'444e'4952'4d00;  // "\0MRINDX1" in memory order
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kHeaderCrcAt = 12;
constexpr std::size_t kEntryBytes = 24;

struct Header {
    IndexSummary summary;
    AppendAges ages;
    std::uint64_t entry_count = 0;
    std::uint32_t entries_crc = 0;
};

Error bad_index(std::string_view why) {
    return Error{ErrorCode::kCorruptBatch, "index cannot be used: " + std::string(why)};
}

std::uint32_t header_crc(ByteView header) {
    const std::array<std::byte, 4> zeros{};
    std::uint32_t crc = crc32c(header.first(kHeaderCrcAt));
    crc = crc32c(zeros, crc);
    return crc32c(header.subspan(kHeaderCrcAt + 4, kHeaderBytes - kHeaderCrcAt - 4), crc);
}

Result<Header> decode_header(ByteView content, Offset base) {
    if (content.size() < kHeaderBytes) {
        return bad_index("it ends inside its header");
    }
    Cursor cursor(content.first(kHeaderBytes));
    const auto magic = cursor.read_le<std::uint64_t>();
    const auto version = cursor.read_le<std::uint32_t>();
    const auto crc = cursor.read_le<std::uint32_t>();
    if (magic != kMagic || version != kVersion) {
        return bad_index("it is of another format or version");
    }
    if (crc != header_crc(content)) {
        return bad_index("the checksum of its header is wrong");
    }
    Header header;
    header.summary.base = Offset{cursor.read_le<std::int64_t>()};
    header.summary.next_offset = Offset{cursor.read_le<std::int64_t>()};
    header.summary.covered_bytes = cursor.read_le<std::uint64_t>();
    header.summary.last_position = cursor.read_le<std::uint64_t>();
    header.summary.last_crc = cursor.read_le<std::uint32_t>();
    header.entries_crc = cursor.read_le<std::uint32_t>();
    header.summary.max_timestamp = Timestamp{cursor.read_le<std::int64_t>()};
    header.entry_count = cursor.read_le<std::uint64_t>();
    header.ages.at_wall_ms = cursor.read_le<std::int64_t>();
    header.ages.first_ms = cursor.read_le<std::int64_t>();
    header.ages.last_ms = cursor.read_le<std::int64_t>();
    if (header.summary.base != base) {
        return bad_index("it belongs to another segment");
    }
    if (header.entry_count > header.summary.covered_bytes) {
        return bad_index("it claims more entries than bytes");
    }
    return header;
}

IndexEntry decode_entry(const std::byte* at) {
    return IndexEntry{.offset = Offset{load_le<std::int64_t>(at)},
                      .position = load_le<std::uint64_t>(at + 8),
                      .time_before = Timestamp{load_le<std::int64_t>(at + 16)}};
}

/// The last of `count` entries for which `is_before` holds; `start` when there is none. `get(i)`
/// gives a Result<IndexEntry>; entries for which it holds come first.
template <class Get, class IsBefore>
Result<IndexEntry> find_last(std::uint64_t count, IndexEntry start, Get get, IsBefore is_before) {
    std::uint64_t low = 0;
    std::uint64_t high = count;
    IndexEntry found = start;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        MILLRACE_TRY(const IndexEntry entry, get(middle));
        if (is_before(entry)) {
            found = entry;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return found;
}

auto starts_at_or_before(Offset offset) {
    return [offset](const IndexEntry& entry) { return entry.offset <= offset; };
}

auto is_earlier_than(Timestamp time) {
    return [time](const IndexEntry& entry) { return entry.time_before < time; };
}

}  // namespace

IndexedBatch IndexedBatch::of(const RecordBatchView& batch, std::uint64_t position) {
    return IndexedBatch{.base = batch.base_offset(),
                        .last = batch.last_offset(),
                        .position = position,
                        .size = batch.size_bytes(),
                        .crc = batch.crc(),
                        .max_timestamp = batch.max_timestamp()};
}

void SparseIndex::add(const IndexedBatch& batch) {
    CHECK(batch.base == summary_.next_offset);
    CHECK(batch.position == summary_.covered_bytes);
    if (needs_entry_ || batch.position - entries_.back().position >= kIndexIntervalBytes) {
        entries_.push_back({batch.base, batch.position, summary_.max_timestamp});
        needs_entry_ = false;
    }
    summary_.next_offset = next(batch.last);
    summary_.covered_bytes = batch.position + batch.size;
    summary_.last_position = batch.position;
    summary_.last_crc = batch.crc;
    summary_.max_timestamp = std::max(summary_.max_timestamp, batch.max_timestamp);
}

void SparseIndex::skip_to(Offset next, std::uint64_t position) {
    CHECK(next >= summary_.next_offset);
    CHECK(position >= summary_.covered_bytes);
    summary_.next_offset = next;
    summary_.covered_bytes = position;
    needs_entry_ = true;
}

IndexEntry SparseIndex::find(Offset offset) const {
    const auto get = [this](std::uint64_t i) { return Result<IndexEntry>(entries_[i]); };
    const IndexEntry start{.offset = summary_.base};
    return find_last(entries_.size(), start, get, starts_at_or_before(offset)).value();
}

IndexEntry SparseIndex::find_time(Timestamp time) const {
    const auto get = [this](std::uint64_t i) { return Result<IndexEntry>(entries_[i]); };
    const IndexEntry start{.offset = summary_.base};
    return find_last(entries_.size(), start, get, is_earlier_than(time)).value();
}

Buffer SparseIndex::encode(const AppendAges& ages) const {
    Buffer out;
    out.reserve(kHeaderBytes + entries_.size() * kEntryBytes);
    out.append_zeros(kHeaderBytes);
    for (const IndexEntry& entry : entries_) {
        out.append_le(entry.offset.value);
        out.append_le(entry.position);
        out.append_le(entry.time_before.value);
    }
    std::byte* const at = out.data();
    store_le(at, kMagic);
    store_le(at + 8, kVersion);
    store_le(at + 16, summary_.base.value);
    store_le(at + 24, summary_.next_offset.value);
    store_le(at + 32, summary_.covered_bytes);
    store_le(at + 40, summary_.last_position);
    store_le(at + 48, summary_.last_crc);
    store_le(at + 52, crc32c(out.view().subspan(kHeaderBytes)));
    store_le(at + 56, summary_.max_timestamp.value);
    store_le(at + 64, std::uint64_t{entries_.size()});
    store_le(at + 72, ages.at_wall_ms);
    store_le(at + 80, ages.first_ms);
    store_le(at + 88, ages.last_ms);
    store_le(at + kHeaderCrcAt, header_crc(out.view()));
    return out;
}

Result<SparseIndex> SparseIndex::decode(ByteView content, Offset base) {
    MILLRACE_TRY(const Header header, decode_header(content, base));
    const ByteView entries = content.subspan(kHeaderBytes);
    if (entries.size() / kEntryBytes != header.entry_count || entries.size() % kEntryBytes != 0 ||
        crc32c(entries) != header.entries_crc) {
        return bad_index("its entries are damaged");
    }
    SparseIndex index(base);
    index.summary_ = header.summary;
    index.entries_.reserve(header.entry_count);
    for (std::size_t i = 0; i < header.entry_count; ++i) {
        index.entries_.push_back(decode_entry(entries.data() + i * kEntryBytes));
    }
    // An entry more than needed does no harm; one too few would.
    index.needs_entry_ = true;
    return index;
}

Result<IndexFile> IndexFile::open(FileSystem& files, std::string path, Offset base) {
    MILLRACE_TRY(const auto file, files.open(path, OpenMode::kRead));
    Buffer content;
    content.resize(kHeaderBytes);
    MILLRACE_TRY(const std::size_t size, file->read_at(0, content.span()));
    MILLRACE_TRY(const Header header, decode_header(content.view().first(size), base));
    IndexFile index(files, std::move(path));
    index.summary_ = header.summary;
    index.ages_ = header.ages;
    index.entry_count_ = header.entry_count;
    return index;
}

Result<IndexFile> IndexFile::save(FileSystem& files,
                                  std::string path,
                                  const SparseIndex& index,
                                  const AppendAges& ages) {
    const Buffer content = index.encode(ages);
    MILLRACE_TRY(const auto file, files.open(path, OpenMode::kCreate));
    MILLRACE_TRY_STATUS(file->write_at(0, content));
    MILLRACE_TRY_STATUS(file->truncate(content.size()));
    return open(files, std::move(path), index.summary().base);
}

Status IndexFile::verify() const {
    MILLRACE_TRY(const Buffer content, files_->read_file(path_));
    MILLRACE_TRY(const SparseIndex index, SparseIndex::decode(content, summary_.base));
    return index.summary() == summary_ ? Status{Ok{}} : Status{bad_index("it changed")};
}

namespace {

/// Reads entry `i` of an open index file.
auto entry_reader(File& file) {
    return [&file](std::uint64_t i) -> Result<IndexEntry> {
        std::array<std::byte, kEntryBytes> bytes;
        MILLRACE_TRY(const std::size_t size, file.read_at(kHeaderBytes + i * kEntryBytes, bytes));
        if (size < bytes.size()) {
            return bad_index("it ends inside its entries");
        }
        return decode_entry(bytes.data());
    };
}

}  // namespace

Result<IndexEntry> IndexFile::find(Offset offset) const {
    MILLRACE_TRY(const auto file, files_->open(path_, OpenMode::kRead));
    const IndexEntry start{.offset = summary_.base};
    return find_last(entry_count_, start, entry_reader(*file), starts_at_or_before(offset));
}

Result<IndexEntry> IndexFile::find_time(Timestamp time) const {
    MILLRACE_TRY(const auto file, files_->open(path_, OpenMode::kRead));
    const IndexEntry start{.offset = summary_.base};
    return find_last(entry_count_, start, entry_reader(*file), is_earlier_than(time));
}

}  // namespace millrace::log
