// OverlayFileSystem: another file system as if it could be changed; what is written stays in
// memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/file.h"

namespace millrace {

/// For looking at a directory with code that repairs what it finds: reads go through to `base`,
/// which never sees a change. Written pages take 4 KiB of memory each. Paths are compared as they
/// are written; directories cannot be renamed. Syncs and locks do nothing. Any thread may call it.
class OverlayFileSystem final : public FileSystem {
  public:
    /// Borrows `base`.
    explicit OverlayFileSystem(FileSystem& base);
    ~OverlayFileSystem() override;
    OverlayFileSystem(const OverlayFileSystem&) = delete;
    OverlayFileSystem& operator=(const OverlayFileSystem&) = delete;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status create_directories(const std::string& path) override;
    Status sync_directory(const std::string& path) override;
    Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
    Result<FileInfo> info(const std::string& path) override;
    Result<std::uint64_t> free_bytes(const std::string& path) override;

    struct Content;  // of one file; defined in overlay_files.cpp

  private:
    struct Node {
        bool is_removed = false;
        bool is_directory = false;
        std::shared_ptr<Content> content;  // of a file
    };
    Result<std::shared_ptr<Content>> find(const std::string& path);

    FileSystem& base_;
    std::mutex mutex_;
    std::map<std::string, Node> nodes_;  // guarded by mutex_; what differs or is open
};

}  // namespace millrace
