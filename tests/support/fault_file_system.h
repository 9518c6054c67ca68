// FaultFileSystem: a disk in memory that loses what was not synced, tears writes, fills up and
// fails calls, all by a seed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/random.h"

namespace millrace {

/// Kinds of calls that can be counted and failed. The first group changes the disk, and each call
/// of it is one step at which a crash can happen.
enum class FileCall : std::uint8_t {
    kCreate,  // of a file, by open()
    kWrite,
    kSync,
    kAllocate,
    kTruncate,
    kRename,
    kRemove,
    kCreateDirectory,
    kSyncDirectory,
    kOpen,  // of a file that is there
    kRead,
};
constexpr std::size_t kFileCallKinds = 11;

/// What becomes of unsynced writes and directory entries when the power goes.
enum class PowerCut : std::uint8_t {
    kLoseAll,
    kKeepAll,
    kKeepPrefix,  // of each file's writes, the last one torn at a sector; of each directory's moves
    kKeepSubset,  // each 512-byte sector and each move by itself; the file may keep its new length
    kMixed,       // one of the above for each file and each directory
};

/// Any thread may call the FileSystem part; crash(), kill() and the like come from the test when
/// nothing else runs. Models: writes and sizes are durable after the file's sync_data(); entries
/// after the directory's sync_directory(). A crash at a write may leave a prefix of it.
class FaultFileSystem final : public FileSystem {
  public:
    explicit FaultFileSystem(std::uint64_t seed = 1);
    ~FaultFileSystem() override;
    FaultFileSystem(const FaultFileSystem&) = delete;
    FaultFileSystem& operator=(const FaultFileSystem&) = delete;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status create_directories(const std::string& path) override;
    Status sync_directory(const std::string& path) override;
    Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
    Result<FileInfo> info(const std::string& path) override;
    Result<std::uint64_t> free_bytes(const std::string& path) override;

    // --- faults

    /// The next `steps` changing calls work, the one after them crashes: it fails half done, and
    /// so does every call until power_cut() or kill().
    void crash_after(std::uint64_t steps);
    void never_crash();
    [[nodiscard]] bool has_crashed() const;
    /// Changing calls so far.
    [[nodiscard]] std::uint64_t steps() const;
    /// The machine lost power: only what was durable is sure to be there. Files that are open
    /// fail from now on.
    void power_cut(PowerCut mode = PowerCut::kMixed);
    /// The process died, the system's cache lives. Files that are open fail from now on.
    void kill();
    /// The same disk, cache and unsynced state included, for another image of the same moment.
    [[nodiscard]] std::unique_ptr<FaultFileSystem> clone(std::uint64_t seed) const;

    /// Takes an image of the disk before the changing call that comes after `steps` others, in the
    /// middle of whatever is going on, and hands it to `taker`, which says after how many steps it
    /// wants the next one (0: never). `taker` must not call this object; null ends it.
    using ImageTaker = std::function<std::uint64_t(std::unique_ptr<FaultFileSystem>)>;
    void take_image(std::uint64_t steps, ImageTaker taker);

    /// The `nth` call (1 is the next one) of `kind` fails with `code`. A sync that fails drops the
    /// unsynced writes from the disk but not from the cache, as Linux does.
    void fail(FileCall kind, std::uint64_t nth, ErrorCode code = ErrorCode::kIo);
    /// Every call of `kind` from now on fails; kOk ends it.
    void fail_all(FileCall kind, ErrorCode code);
    /// Each sync fails by chance, one in `one_in`; 0 never.
    void fail_syncs_by_chance(std::uint64_t one_in);
    /// `hook` runs inside the next syncs of files whose path contains `part`, after the sync began:
    /// what is written from there on is not covered by it. Null ends it.
    void during_sync(const std::string& part, std::function<void()> hook);
    /// `hook` runs inside the next reads of files whose path contains `part`, before they happen.
    /// Null ends it.
    void during_read(const std::string& part, std::function<void()> hook);
    /// sync_directory() says ok and does nothing for paths that contain `part`; empty ends it.
    /// Plants "the directory is not synced" in code that has no switch for it.
    void ignore_directory_syncs(const std::string& part);
    /// Files may take `bytes` in all; nullopt: no limit.
    void set_capacity(std::optional<std::uint64_t> bytes);
    [[nodiscard]] std::uint64_t used_bytes() const;
    /// Flips one bit of a file, on the disk and in the cache. False when the file is shorter.
    bool flip_bit(const std::string& path, std::uint64_t byte, unsigned bit);

    // --- counts

    [[nodiscard]] std::uint64_t calls(FileCall kind) const;
    /// Of files or directories whose path contains `part`.
    [[nodiscard]] std::uint64_t calls(FileCall kind, const std::string& part) const;
    void reset_calls();

    struct Node;
    struct Disk;

  private:
    friend class FaultFile;
    /// Counts the call; the error to return when it must fail.
    [[nodiscard]] std::unique_ptr<FaultFileSystem> copy(std::uint64_t seed) const;
    std::optional<Error> begin(FileCall kind, const std::string& path);
    Result<std::shared_ptr<Node>> find(const std::string& path) const;
    Result<std::shared_ptr<Node>> find_parent(const std::string& path, std::string& name) const;

    mutable std::mutex mutex_;
    std::unique_ptr<Disk> disk_;  // guarded by mutex_
};

}  // namespace millrace
