#include "core/log/compaction/compaction_state.h"

#include "core/base/checksum.h"

namespace millrace::log {

namespace {

constexpr std::uint32_t kMagic = 0x5343'524d;  // "MRCS" in memory order
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBytes = 28;
constexpr std::string_view kFileName = "compaction";

}  // namespace

Buffer encode_compaction_state(const CompactionState& state) {
    Buffer out;
    out.append_le(kMagic);
    out.append_le(kVersion);
    out.append_le(state.cleaned_to.value);
    out.append_le(state.horizon ? state.horizon->value : std::int64_t{-1});
    out.append_le(crc32c(out.view()));
    return out;
}

Result<CompactionState> parse_compaction_state(ByteView bytes) {
    Cursor cursor(bytes);
    const auto magic = cursor.read_le<std::uint32_t>();
    const auto version = cursor.read_le<std::uint32_t>();
    CompactionState state;
    state.cleaned_to = Offset{cursor.read_le<std::int64_t>()};
    const auto horizon = cursor.read_le<std::int64_t>();
    const auto crc = cursor.read_le<std::uint32_t>();
    if (!cursor.ok() || bytes.size() != kBytes || magic != kMagic || version != kVersion ||
        crc != crc32c(bytes.first(kBytes - sizeof crc)) || state.cleaned_to.value < 0) {
        return Error{ErrorCode::kCorruptBatch, "state of compaction cannot be used"};
    }
    if (horizon >= 0) {
        state.horizon = Timestamp{horizon};
    }
    return state;
}

CompactionState load_compaction_state(FileSystem& files, const std::string& directory) {
    const Result<Buffer> content = files.read_file(join_path(directory, kFileName));
    if (!content.ok()) {
        return {};
    }
    const Result<CompactionState> state = parse_compaction_state(content.value());
    return state.ok() ? state.value() : CompactionState{};
}

Status save_compaction_state(FileSystem& files,
                             const std::string& directory,
                             const CompactionState& state) {
    return files.write_file_atomically(join_path(directory, kFileName),
                                       encode_compaction_state(state));
}

}  // namespace millrace::log
