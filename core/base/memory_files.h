// MemoryFileSystem: a FileSystem without a disk, for the test driver and for tests.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "core/base/file.h"

namespace millrace {

/// Files live as long as this object or an open File does. Syncs do nothing: for lost and torn
/// writes wrap it with the fault layer of the tests. Any thread may call it.
class MemoryFileSystem final : public FileSystem {
  public:
    MemoryFileSystem();
    ~MemoryFileSystem() override;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status create_directories(const std::string& path) override;
    Status sync_directory(const std::string& path) override;
    Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
    Result<FileInfo> info(const std::string& path) override;
    Result<std::uint64_t> free_bytes(const std::string& path) override;

    struct Content;  // bytes of one file; defined in memory_files.cpp

  private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Content>>
        files_;                          // guarded by mutex_, by normalized path
    std::set<std::string> directories_;  // guarded by mutex_
    std::uint64_t next_inode_ = 1;       // guarded by mutex_
};

}  // namespace millrace
