// Segment files as recovery touches them: read, written again, made when missing, synced.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/log/wal_frame.h"

namespace millrace::log {

/// One thread. Keeps a bounded number of files open.
class SegmentWriter {
  public:
    SegmentWriter(FileSystem& files, std::string data_directory)
        : files_(&files), data_directory_(std::move(data_directory)) {}

    /// The bytes that the segment has where `piece` belongs, as the disk has them (not what a
    /// failed sync left in memory) as far as the system lets us see that. Shorter or empty when
    /// the file is not there or ends early.
    Result<Buffer> read(const WalPiece& piece);
    /// Up to `length` bytes at `at`.
    Result<Buffer> read(TopicPartition id, Offset segment, std::uint64_t at, std::size_t length);
    /// Puts `batches` where `piece` belongs; makes directories and the file when they are missing.
    Status write(const WalPiece& piece, ByteView batches);
    /// Makes sure that the file reaches to the end of `piece`.
    Status extend(const WalPiece& piece);
    /// Syncs every file that was written and every directory in which something was made.
    Status sync();

  private:
    struct Open {
        std::unique_ptr<File> file;
        bool is_written = false;
    };
    [[nodiscard]] std::string path_of(TopicPartition id, Offset segment) const;
    Result<File*> open_for_write(const WalPiece& piece);
    Status limit_open_files();

    FileSystem* files_;
    std::string data_directory_;
    std::map<std::string, Open> open_;   // by path
    std::set<std::string> directories_;  // to be synced
};

}  // namespace millrace::log
