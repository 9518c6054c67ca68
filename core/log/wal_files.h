// The files of the commit WAL: found, read, filled one after the other, and used again.
// Bytes: docs/formats/journal.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/result.h"

namespace millrace::log {

/// A log sequence number (lsn) is a byte position in the endless sequence of WAL contents. A file
/// is named by the lsn of its first frame and holds `size - 4096` bytes of the sequence; its own
/// header only says which format it is. A file that is no longer needed is renamed to become the
/// next one: its blocks are written already, so that a sync has no new blocks to record.
/// One thread at a time.
class WalFiles {
  public:
    /// Looks at what is in `directory` (which must exist). kNewerFormat, kIo.
    [[nodiscard]] static Result<WalFiles> open(FileSystem& files,
                                               std::string directory,
                                               std::uint64_t file_bytes);

    // --- what is there (recovery)

    /// True when there is no file with frames.
    [[nodiscard]] bool empty() const { return live_.empty(); }
    /// The lsn behind the last file that is there.
    [[nodiscard]] std::uint64_t end_lsn() const;
    /// The lsn behind the file that holds `lsn`; `lsn` itself when no file does.
    [[nodiscard]] std::uint64_t file_end(std::uint64_t lsn) const;
    /// Reads from `lsn` on, up to the end of the file that holds it; 0 when no file does.
    Result<std::size_t> read(std::uint64_t lsn, std::span<std::byte> into);
    /// So that what is read from now on is on the disk: neither only in memory, where a second
    /// crash would take it, nor what a failed sync left there.
    Status settle();

    // --- writing

    /// Largest frame a file takes.
    [[nodiscard]] std::uint64_t capacity() const;
    /// Makes a fresh file that starts at `lsn` the current one, and keeps one in reserve. All files
    /// that were there are free from now on. `lsn` is not below end_lsn().
    Status start(std::uint64_t lsn, std::uint64_t salt);
    /// Makes sure that a frame of `bytes` has a place behind `lsn`, if need be in a next file.
    /// kNoSpace when there is neither a free file nor disk space for one.
    Status reserve(std::uint64_t lsn, std::uint64_t bytes);
    /// Where a frame of `bytes` goes: behind `lsn`, or at the start of the next file when the
    /// current one has no room. After reserve().
    Result<std::uint64_t> place(std::uint64_t lsn, std::uint64_t bytes);
    /// Into the current file.
    Status write(std::uint64_t lsn, ByteView frame);
    /// The file that write() writes to. Lives as long as this object.
    [[nodiscard]] File& current_file() { return *live_.back().file; }
    /// fdatasync of a file that current_file() gave: on any thread, beside later writes.
    static Status sync(File& file);
    /// Files that end at or below `lsn` may be used again.
    void release_below(std::uint64_t lsn);
    /// Files on disk, free ones included.
    [[nodiscard]] std::size_t file_count() const { return live_.size() + free_.size(); }

  private:
    struct WalFile {
        std::uint64_t first_lsn = 0;
        std::uint64_t size = 0;
        std::uint64_t written = 0;  // blocks below it are known to be written, not only reserved
        std::string name;
        std::unique_ptr<File> file;

        [[nodiscard]] std::uint64_t end_lsn() const;
    };

    WalFiles(FileSystem& files, std::string directory, std::uint64_t file_bytes)
        : files_(&files), directory_(std::move(directory)), file_bytes_(file_bytes) {}
    Status find(const std::string& name);
    [[nodiscard]] const WalFile* holding(std::uint64_t lsn) const;
    Status add_free_file();
    Status use_next(std::uint64_t first_lsn);

    FileSystem* files_;
    std::string directory_;
    std::uint64_t file_bytes_;
    std::uint64_t salt_ = 0;
    std::uint64_t next_free_number_ = 0;
    std::vector<WalFile> live_;  // ascending; the last one is the current one after start()
    std::vector<WalFile> free_;  // the one that has been free longest first
};

}  // namespace millrace::log
