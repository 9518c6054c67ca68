#include "core/log/wal_files.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/checksum.h"
#include "core/base/kill_point.h"
#include "core/base/mutant.h"
#include "core/log/wal_frame.h"

namespace millrace::log {

namespace {

constexpr std::uint32_t kFileMagic = 0x4c57524d;  // "MRWL"
constexpr std::size_t kFileHeaderUsed = 36;
// A new file is only reserved (fast); zeros go ahead of the frames in steps of this, so that most
// syncs find blocks that are written already: twice the syncs per second on ext4.
constexpr std::uint64_t kPrewriteBytes = std::uint64_t{1} << 20;

std::string file_name(std::uint64_t first_lsn) {
    const std::string digits = std::to_string(first_lsn);
    return std::string(20 - digits.size(), '0') + digits + ".wal";
}

std::optional<std::uint64_t> number_in(std::string_view name,
                                       std::string_view prefix,
                                       std::string_view suffix) {
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
        !name.ends_with(suffix)) {
        return std::nullopt;
    }
    const std::string_view digits =
        name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return value;
}

Buffer file_header(std::uint64_t first_lsn, std::uint64_t file_bytes, std::uint64_t salt) {
    Buffer header;
    header.append_le(kFileMagic);
    header.append_le(kWalVersion);
    header.append_le(std::uint16_t{0});
    header.append_le(first_lsn);
    header.append_le(file_bytes);
    header.append_le(salt);
    header.append_le(crc32c(header));
    CHECK(header.size() == kFileHeaderUsed);
    header.append_zeros(kWalBlockBytes - header.size());
    return header;
}

/// The version of a file whose header is whole; 0 when it is not.
std::uint16_t version_in(ByteView header) {
    if (header.size() < kFileHeaderUsed || load_le<std::uint32_t>(header.data()) != kFileMagic ||
        load_le<std::uint32_t>(header.data() + kFileHeaderUsed - 4) !=
            crc32c(header.subspan(0, kFileHeaderUsed - 4))) {
        return 0;
    }
    return load_le<std::uint16_t>(header.data() + 4);
}

}  // namespace

std::uint64_t WalFiles::WalFile::end_lsn() const {
    return first_lsn + (size > kWalBlockBytes ? size - kWalBlockBytes : 0);
}

Result<WalFiles> WalFiles::open(FileSystem& files,
                                std::string directory,
                                std::uint64_t file_bytes) {
    WalFiles wal(files, std::move(directory), file_bytes);
    MILLRACE_TRY(const auto entries, files.list(wal.directory_));
    for (const DirectoryEntry& entry : entries) {
        MILLRACE_TRY_STATUS(wal.find(entry.name));
    }
    if (!wal.live_.empty()) {
        // Files before the last were filled; how far the last one got is not known.
        wal.live_.back().written = 0;
    }
    return wal;
}

Status WalFiles::find(const std::string& name) {
    const auto first_lsn = number_in(name, "", ".wal");
    const auto free_number = number_in(name, "free-", ".wal");
    if (!first_lsn && !free_number) {
        return Ok{};
    }
    const std::string path = join_path(directory_, name);
    WalFile found;
    found.name = name;
    MILLRACE_TRY(found.file, files_->open(path, OpenMode::kReadWrite));
    MILLRACE_TRY(found.size, found.file->size());
    if (free_number) {
        next_free_number_ = std::max(next_free_number_, *free_number + 1);
        free_.push_back(std::move(found));
        return Ok{};
    }
    Buffer header;
    header.resize(kFileHeaderUsed);
    MILLRACE_TRY(const std::size_t read, found.file->read_at(0, header.span()));
    if (const std::uint16_t version = version_in(header.view().subspan(0, read));
        version > kWalVersion) {
        return Error{ErrorCode::kNewerFormat,
                     "journal was written in format " + std::to_string(version) +
                         " by a newer version of Millrace, this one reads format " +
                         std::to_string(kWalVersion) + ": " + path};
    }
    found.first_lsn = *first_lsn;
    found.written = found.size;
    live_.push_back(std::move(found));
    return Ok{};
}

std::uint64_t WalFiles::end_lsn() const {
    std::uint64_t end = 0;
    for (const WalFile& file : live_) {
        end = std::max(end, file.end_lsn());
    }
    return end;
}

const WalFiles::WalFile* WalFiles::holding(std::uint64_t lsn) const {
    // From the back: a file that a crash left behind half made never hides a whole one.
    for (auto file = live_.rbegin(); file != live_.rend(); ++file) {
        if (file->first_lsn <= lsn && lsn < file->end_lsn()) {
            return &*file;
        }
    }
    return nullptr;
}

std::uint64_t WalFiles::file_end(std::uint64_t lsn) const {
    const WalFile* file = holding(lsn);
    return file == nullptr ? lsn : file->end_lsn();
}

Result<std::size_t> WalFiles::read(std::uint64_t lsn, std::span<std::byte> into) {
    const WalFile* file = holding(lsn);
    if (file == nullptr) {
        return std::size_t{0};
    }
    const std::uint64_t available = file->end_lsn() - lsn;
    return file->file->read_at(
        kWalBlockBytes + (lsn - file->first_lsn),
        into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), available))));
}

Status WalFiles::settle() {
    for (const WalFile& file : live_) {
        if (!MILLRACE_MUTANT(23)) {
            MILLRACE_TRY_STATUS(file.file->sync_data());
        }
        file.file->drop_cache();
    }
    return Ok{};
}

std::uint64_t WalFiles::capacity() const {
    return file_bytes_ - kWalBlockBytes;
}

Status WalFiles::add_free_file() {
    WalFile made;
    made.size = file_bytes_;
    made.name = "free-" + std::to_string(next_free_number_) + ".wal";
    const std::string path = join_path(directory_, made.name);
    MILLRACE_TRY(made.file, files_->open(path, OpenMode::kCreateNew));
    ++next_free_number_;
    Status reserved = made.file->allocate(file_bytes_);
    if (reserved.ok()) {
        reserved = made.file->sync_data();
    }
    if (reserved.ok()) {
        reserved = files_->sync_directory(directory_);
    }
    if (!reserved.ok()) {
        made.file.reset();
        static_cast<void>(files_->remove(path));  // the first error is the one to tell
        return reserved;
    }
    free_.push_back(std::move(made));
    return Ok{};
}

Status WalFiles::use_next(std::uint64_t first_lsn) {
    // The longest free one first: what a torn frame left behind stays for a look as long as it can.
    WalFile next = std::move(free_.front());
    free_.erase(free_.begin());
    const std::string name = file_name(first_lsn);
    MILLRACE_TRY_STATUS(
        files_->rename(join_path(directory_, next.name), join_path(directory_, name)));
    // Before anything in it is acknowledged the file must be found under its new name.
    if (!MILLRACE_MUTANT(5)) {
        MILLRACE_TRY_STATUS(files_->sync_directory(directory_));
    }
    MILLRACE_TRY_STATUS(next.file->write_at(0, file_header(first_lsn, next.size, salt_)));
    next.written = std::max<std::uint64_t>(next.written, kWalBlockBytes);
    next.name = name;
    next.first_lsn = first_lsn;
    live_.push_back(std::move(next));
    return Ok{};
}

Status WalFiles::start(std::uint64_t lsn, std::uint64_t salt) {
    CHECK(lsn >= end_lsn());
    salt_ = salt;
    for (WalFile& file : live_) {
        free_.push_back(std::move(file));
    }
    live_.clear();
    for (auto file = free_.begin(); file != free_.end();) {
        if (file->size == file_bytes_) {
            ++file;
            continue;
        }
        // Half made before a crash, or made when files had another size.
        const std::string path = join_path(directory_, file->name);
        file = free_.erase(file);
        MILLRACE_TRY_STATUS(files_->remove(path));
    }
    // With two files the journal never again needs disk space: two checkpoints free the other one.
    while (free_.size() < 2) {
        if (const Status added = add_free_file(); !added.ok()) {
            return added.error().with_context("the journal needs two files of " +
                                              std::to_string(file_bytes_) + " bytes");
        }
    }
    return use_next(lsn);
}

Status WalFiles::reserve(std::uint64_t lsn, std::uint64_t bytes) {
    CHECK(bytes <= capacity());
    const bool has_room = live_.back().end_lsn() - lsn >= bytes || !free_.empty();
    return has_room ? Status{Ok{}} : add_free_file();
}

Result<std::uint64_t> WalFiles::place(std::uint64_t lsn, std::uint64_t bytes) {
    const std::uint64_t end = live_.back().end_lsn();
    CHECK(lsn <= end);
    if (end - lsn >= bytes) {
        return lsn;
    }
    MILLRACE_TRY_STATUS(use_next(end));
    return end;
}

Status WalFiles::write(std::uint64_t lsn, ByteView frame) {
    WalFile& current = live_.back();
    CHECK(lsn >= current.first_lsn);
    CHECK(lsn + frame.size() <= current.end_lsn());
    const std::uint64_t position = kWalBlockBytes + (lsn - current.first_lsn);
    const std::uint64_t end = position + frame.size();
    kill_point("before.wal.write");
    MILLRACE_TRY_STATUS(current.file->write_at(position, frame));
    kill_point("after.wal.write");
    if (end > current.written) {
        const std::uint64_t ahead =
            std::min(current.size, (end / kPrewriteBytes + 1) * kPrewriteBytes);
        Buffer zeros;
        zeros.append_zeros(static_cast<std::size_t>(ahead - end));
        MILLRACE_TRY_STATUS(current.file->write_at(end, zeros));
        current.written = ahead;
    }
    return Ok{};
}

Status WalFiles::sync(File& file) {
    kill_point("before.wal.sync");
    Status synced = file.sync_data();
    kill_point("after.wal.sync");
    return synced;
}

void WalFiles::release_below(std::uint64_t lsn) {
    while (live_.size() > 1 && live_.front().end_lsn() <= lsn) {
        free_.push_back(std::move(live_.front()));
        live_.erase(live_.begin());
    }
}

}  // namespace millrace::log
