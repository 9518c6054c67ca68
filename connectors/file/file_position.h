// FilePosition: how far a file was read, and the marks by which the same content is known again
// after a restart, a rename, a copy or a truncation.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/result.h"

namespace millrace::connectors {

/// A checksum of some bytes of a file.
struct FileMark {
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;

    friend bool operator==(const FileMark&, const FileMark&) = default;
};

/// A place at a record boundary. `head` covers the file's first bytes and grows with the file up
/// to kHeadBytesMax, `tail` the last kTailBytesMax bytes before `position`: together they tell the
/// same content from a file that was truncated and written again, or took over the inode.
struct FilePosition {
    static constexpr std::uint64_t kHeadBytesMax = 4096;
    static constexpr std::uint64_t kTailBytesMax = 256;

    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    FileMark head = {};
    FileMark tail = {};
    std::uint64_t position = 0;  // first byte not read
    std::uint64_t line = 0;      // line breaks before it

    [[nodiscard]] Json to_json(const std::string& path) const;
    /// kCorruptJournal when it is not what to_json() writes.
    [[nodiscard]] static Result<FilePosition> from_json(const Json& json);
    friend bool operator==(const FilePosition&, const FilePosition&) = default;
};

/// Computes the marks for `at.position` from the file. Errors of reading.
[[nodiscard]] Status update_marks(File& file, FilePosition& at);

/// The file still holds what stood before `at.position`. Errors of reading.
[[nodiscard]] Result<bool> holds(File& file, const FilePosition& at);

}  // namespace millrace::connectors
