#include "connectors/file/file_position.h"

#include <algorithm>
#include <array>

#include "core/base/checksum.h"

namespace millrace::connectors {

namespace {

/// nullopt when the file is shorter.
Result<std::optional<std::uint32_t>> checksum_at(File& file,
                                                 std::uint64_t begin,
                                                 std::uint64_t size) {
    std::array<std::byte, FilePosition::kHeadBytesMax> bytes;
    const std::span<std::byte> wanted = std::span(bytes).first(static_cast<std::size_t>(size));
    std::size_t done = 0;
    while (done < wanted.size()) {
        MILLRACE_TRY(const std::size_t got, file.read_at(begin + done, wanted.subspan(done)));
        if (got == 0) {
            return std::optional<std::uint32_t>();
        }
        done += got;
    }
    return std::optional(crc32c(wanted));
}

Result<bool> matches(File& file, std::uint64_t begin, const FileMark& mark) {
    MILLRACE_TRY(const std::optional<std::uint32_t> crc, checksum_at(file, begin, mark.bytes));
    return crc && *crc == mark.crc;
}

}  // namespace

Json FilePosition::to_json(const std::string& path) const {
    const auto number = [](std::uint64_t value) { return Json(static_cast<std::int64_t>(value)); };
    return Json(Json::Object{{"file", path},
                             {"position", number(position)},
                             {"line", number(line)},
                             {"device", number(device)},
                             {"inode", number(inode)},
                             {"head_bytes", number(head.bytes)},
                             {"head_crc", number(head.crc)},
                             {"tail_bytes", number(tail.bytes)},
                             {"tail_crc", number(tail.crc)}});
}

Result<FilePosition> FilePosition::from_json(const Json& json) {
    bool is_complete = true;
    const auto number = [&](std::string_view name) {
        const Json* member = json.find(name);
        const std::int64_t* value = member == nullptr ? nullptr : member->if_int();
        is_complete = is_complete && value != nullptr;
        return value == nullptr ? 0 : static_cast<std::uint64_t>(*value);
    };
    FilePosition at;
    at.position = number("position");
    at.line = number("line");
    at.device = number("device");
    at.inode = number("inode");
    at.head = {number("head_bytes"), static_cast<std::uint32_t>(number("head_crc"))};
    at.tail = {number("tail_bytes"), static_cast<std::uint32_t>(number("tail_crc"))};
    if (!is_complete || at.head.bytes > kHeadBytesMax || at.tail.bytes > kTailBytesMax ||
        at.tail.bytes > at.position) {
        return Error{ErrorCode::kCorruptJournal,
                     "the committed offset is none of a file source: " + json.dump()};
    }
    return at;
}

Status update_marks(File& file, FilePosition& at) {
    const std::uint64_t head_bytes = std::min(at.position, FilePosition::kHeadBytesMax);
    if (head_bytes != at.head.bytes) {
        MILLRACE_TRY(const std::optional<std::uint32_t> crc, checksum_at(file, 0, head_bytes));
        at.head = {crc ? head_bytes : 0, crc.value_or(0)};
    }
    const std::uint64_t tail_bytes = std::min(at.position, FilePosition::kTailBytesMax);
    MILLRACE_TRY(const std::optional<std::uint32_t> crc,
                 checksum_at(file, at.position - tail_bytes, tail_bytes));
    at.tail = {crc ? tail_bytes : 0, crc.value_or(0)};
    return Ok{};
}

Result<bool> holds(File& file, const FilePosition& at) {
    MILLRACE_TRY(const std::uint64_t size, file.size());
    if (size < at.position) {
        return false;
    }
    MILLRACE_TRY(const bool has_head, matches(file, 0, at.head));
    if (!has_head) {
        return false;
    }
    return matches(file, at.position - at.tail.bytes, at.tail);
}

}  // namespace millrace::connectors
