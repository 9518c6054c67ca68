// Superblock: DIR/MILLRACE says that a directory is Millrace's, in which format, and whose it is
// now. Bytes on disk: docs/formats/superblock.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/record/ids.h"

namespace millrace::broker {

/// Written into every directory; a directory with a larger number is refused.
constexpr std::uint32_t kFormatVersion = 1;

/// Holds the directory for this process (flock) as long as it lives.
class Superblock {
  public:
    /// Makes the directory and the superblock when they are not there. kInUse: another process
    /// holds it; kNewerFormat: written by a newer version; kCorruptJournal: not readable. The
    /// messages name directory and fix.
    [[nodiscard]] static Result<std::unique_ptr<Superblock>> open(
        Env& env, const std::string& data_directory);

    /// Random, made with the directory: the cluster id of the wire protocol.
    [[nodiscard]] const TopicId& cluster_id() const { return cluster_id_; }

  private:
    Superblock(std::unique_ptr<File> file, TopicId cluster_id)
        : file_(std::move(file)), cluster_id_(cluster_id) {}

    std::unique_ptr<File> file_;
    TopicId cluster_id_;
};

}  // namespace millrace::broker
