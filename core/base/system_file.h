// SystemFile and DescriptorPool: more open files than the system gives descriptors.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/file.h"

namespace millrace {

/// From errno.
[[nodiscard]] Error system_error(std::string_view action, const std::string& path);

class SystemFile;

/// Closes descriptors of files that are not in use when there are too many, the ones that were not
/// used for longest first; they are opened again when they are needed. Any thread.
class DescriptorPool {
  public:
    /// limit   descriptors that files keep at most; 0: half of what the process may have now
    explicit DescriptorPool(std::size_t limit = 0);

    /// A new file; `flags` are those of open(2).
    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, int flags);
    /// open(2), with the descriptors of files given up where the system has no more. The caller
    /// closes it.
    [[nodiscard]] Result<int> open_descriptor(const std::string& path, int flags);

    /// rename(2); open files under `from` are found under `to` from now on.
    Status rename(const std::string& from, const std::string& to);
    /// remove(3); who has it open keeps it.
    Status remove(const std::string& path);

    [[nodiscard]] std::size_t open_count() const { return open_.load(); }

  private:
    friend class SystemFile;
    void add(SystemFile& file);
    void forget(SystemFile& file);
    /// Opens a file's descriptor again.
    Status reopen(SystemFile& file);

    // With mutex_ held.
    Status reopen_locked(SystemFile& file);
    /// Closes one descriptor that nobody uses. False when there is none.
    bool close_one();
    Result<int> open_with_room(const std::string& path, int flags);
    /// `path` is about to go.
    void pin(const std::string& path);

    const std::size_t limit_;
    std::mutex mutex_;
    std::list<SystemFile*> files_;      // guarded by mutex_; next to be looked at first
    std::atomic<std::size_t> open_{0};  // changed with mutex_ held
};

/// A file of the operating system. What it wrote is synced before its descriptor is given up, so
/// that no failure of the disk goes unseen; one that is removed or locked keeps its descriptor.
class SystemFile final : public File {
  public:
    /// Owns `descriptor`. `pool` outlives it.
    SystemFile(DescriptorPool& pool, int descriptor, std::string path, int flags);
    ~SystemFile() override;
    SystemFile(const SystemFile&) = delete;
    SystemFile& operator=(const SystemFile&) = delete;

    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override;
    Status write_at(std::uint64_t position, ByteView bytes) override;
    Status sync_data() override;
    Status allocate(std::uint64_t size) override;
    Status truncate(std::uint64_t size) override;
    [[nodiscard]] Result<std::uint64_t> size() const override;
    void drop_cache() override;
    Status lock() override;

  private:
    friend class DescriptorPool;
    class Use;
    /// Of users_, while the descriptor is closed.
    static constexpr int kClosed = -1;

    [[nodiscard]] Result<int> acquire() const;
    void release() const { users_.fetch_sub(1); }
    /// From errno.
    [[nodiscard]] Error failed(std::string_view action) const;

    DescriptorPool& pool_;
    mutable std::atomic<int> users_{0};         // calls that use the descriptor
    mutable std::atomic<bool> was_used_{true};  // since the pool looked
    std::atomic<std::uint64_t> writes_{0};
    std::atomic<std::uint64_t> synced_writes_{0};
    std::atomic<bool> has_lost_writes_{false};  // their sync failed when nobody asked for it
    int descriptor_;                            // of the users, or of the pool with its mutex
    // Guarded by the pool's mutex.
    std::string path_;
    const int flags_;
    bool is_pinned_ = false;
    std::list<SystemFile*>::iterator place_;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
};

}  // namespace millrace
