// File and FileSystem: every access to a disk goes through these two, so that tests can inject
// faults.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace millrace {

/// One open file. Positions are absolute; there is no file pointer. Any thread may call any method;
/// overlapping writes are the caller's business. Closed by the destructor.
class File {
  public:
    virtual ~File() = default;
    /// Reads up to into.size() bytes at `position`; fewer only where the file ends. Returns how
    /// many.
    virtual Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) = 0;
    /// Writes all of `bytes`, growing the file as needed. kNoSpace or kIo: any prefix may have been
    /// written.
    virtual Status write_at(std::uint64_t position, ByteView bytes) = 0;
    /// fdatasync: content and size are on the disk when it returns ok. After an error nothing is
    /// known of the unsynced bytes, and a second try proves nothing: the caller must stop.
    virtual Status sync_data() = 0;
    /// Makes sure that bytes up to `size` have disk space; grows the file with zeros. kNoSpace
    /// otherwise.
    virtual Status allocate(std::uint64_t size) = 0;
    virtual Status truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
    /// Asks the system to forget cached pages, so that the next read comes from the disk.
    virtual void drop_cache() = 0;
    /// Takes the whole file for this process (flock). kInUse when another one has it.
    virtual Status lock() = 0;
};

enum class OpenMode : std::uint8_t {
    kRead,       // must exist
    kReadWrite,  // must exist
    kCreate,     // read and write; made when it is not there
    kCreateNew,  // read and write; must not exist
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;
};

struct FileInfo {
    std::uint64_t size = 0;
    bool is_directory = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t modified_ms = 0;  // ms since 1970-01-01 UTC
};

/// Names are plain paths with '/'. Any thread may call it. A path that is not there: kNotFound.
class FileSystem {
  public:
    virtual ~FileSystem() = default;
    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                             OpenMode mode) = 0;
    /// Replaces `to` in one step. Durable after sync_directory().
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    /// Removes a file or an empty directory.
    virtual Status remove(const std::string& path) = 0;
    /// Makes the directory and its parents; no error when it is there.
    virtual Status create_directories(const std::string& path) = 0;
    /// Makes creations, renames and removals in this directory durable.
    virtual Status sync_directory(const std::string& path) = 0;
    /// Entries sorted by name, without "." and "..".
    [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
    [[nodiscard]] virtual Result<FileInfo> info(const std::string& path) = 0;
    /// Bytes that an ordinary user may still write on the path's file system.
    [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
    /// Size of the path's file system. Where it has none, its free bytes.
    [[nodiscard]] virtual Result<std::uint64_t> total_bytes(const std::string& path) {
        return free_bytes(path);
    }

    // Made of the above.
    [[nodiscard]] bool exists(const std::string& path);
    /// Removes `path` and all below it. No error when it is not there.
    Status remove_all(const std::string& path);
    [[nodiscard]] Result<Buffer> read_file(const std::string& path);
    /// Writes path.tmp, syncs, renames to `path`, syncs the directory: all or nothing after a
    /// crash.
    Status write_file_atomically(const std::string& path, ByteView content);
};

/// The operating system's files.
[[nodiscard]] std::unique_ptr<FileSystem> make_system_files();

/// "a" + "b" -> "a/b"
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);
/// "a/b/c" -> "a/b"; "c" -> "."
[[nodiscard]] std::string parent_path(std::string_view path);

}  // namespace millrace
