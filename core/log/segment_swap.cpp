#include "core/log/segment_swap.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/log/partition_log.h"
#include "core/log/segment.h"

namespace millrace::log {

namespace {

constexpr std::string_view kCleanedSuffix = ".cleaned";
constexpr std::string_view kSwapSuffix = ".swap";
constexpr std::size_t kOffsetDigits = 20;

/// "00000000000000000042"
std::string digits_of(Offset base) {
    return PartitionLog::segment_file_name(base).substr(0, kOffsetDigits);
}

std::optional<Offset> parse_offset(std::string_view text) {
    std::int64_t value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stopped != text.data() + text.size() || value < 0 ||
        text.size() != kOffsetDigits) {
        return std::nullopt;
    }
    return Offset{value};
}

/// "<base>-<next>.swap": the whole of the segments from `base` up to `next`.
std::string swap_file_name(Offset base, Offset next) {
    return digits_of(base) + "-" + digits_of(next).append(kSwapSuffix);
}

struct SwapName {
    Offset base;
    Offset next;
};

std::optional<SwapName> parse_swap_file_name(std::string_view name) {
    if (name.size() != 2 * kOffsetDigits + 1 + kSwapSuffix.size() || !name.ends_with(kSwapSuffix) ||
        name[kOffsetDigits] != '-') {
        return std::nullopt;
    }
    const auto base = parse_offset(name.substr(0, kOffsetDigits));
    const auto next = parse_offset(name.substr(kOffsetDigits + 1, kOffsetDigits));
    return base && next && *base < *next ? std::optional(SwapName{*base, *next}) : std::nullopt;
}

Status remove_if_there(FileSystem& files, const std::string& path) {
    Status removed = files.remove(path);
    return !removed.ok() && removed.error().code == ErrorCode::kNotFound ? Status{Ok{}}
                                                                         : std::move(removed);
}

/// What the new file takes the place of, and then that place. An index that describes an old file
/// must not be there when the new one is.
Status take_place(FileSystem& files,
                  const std::string& directory,
                  const std::vector<Offset>& bases,
                  const std::string& path) {
    for (const Offset base : bases) {
        MILLRACE_TRY_STATUS(
            remove_if_there(files, join_path(directory, Segment::index_file_name(base))));
        if (base != bases.front()) {
            MILLRACE_TRY_STATUS(remove_if_there(
                files, join_path(directory, PartitionLog::segment_file_name(base))));
        }
    }
    MILLRACE_TRY_STATUS(files.sync_directory(directory));
    MILLRACE_TRY_STATUS(
        files.rename(path, join_path(directory, PartitionLog::segment_file_name(bases.front()))));
    return files.sync_directory(directory);
}

}  // namespace

std::string cleaned_file_name(Offset base) {
    return digits_of(base).append(kCleanedSuffix);
}

Status swap_segment_files(FileSystem& files,
                          const std::string& directory,
                          const std::vector<Offset>& bases,
                          Offset next,
                          const std::string& path) {
    CHECK(!bases.empty());
    if (bases.size() == 1) {
        return take_place(files, directory, bases, path);
    }
    // From here on the new file stands for all of them, whatever else is still there.
    const std::string whole = join_path(directory, swap_file_name(bases.front(), next));
    MILLRACE_TRY_STATUS(files.rename(path, whole));
    MILLRACE_TRY_STATUS(files.sync_directory(directory));
    return take_place(files, directory, bases, whole);
}

Status finish_segment_swaps(FileSystem& files, const std::string& directory) {
    MILLRACE_TRY(const auto entries, files.list(directory));
    for (const DirectoryEntry& entry : entries) {
        const std::string path = join_path(directory, entry.name);
        if (entry.name.ends_with(kCleanedSuffix)) {
            MILLRACE_TRY_STATUS(files.remove(path));
            continue;
        }
        const std::optional<SwapName> swap = parse_swap_file_name(entry.name);
        if (!swap) {
            continue;
        }
        std::vector<Offset> bases{swap->base};
        for (const DirectoryEntry& other : entries) {
            const std::string_view name = other.name;
            const auto base = name.ends_with(".log") && name.size() == kOffsetDigits + 4
                                  ? parse_offset(name.substr(0, kOffsetDigits))
                                  : std::nullopt;
            if (base && *base > swap->base && *base < swap->next) {
                bases.push_back(*base);
            }
        }
        MILLRACE_TRY_STATUS(take_place(files, directory, bases, path));
    }
    return Ok{};
}

}  // namespace millrace::log
