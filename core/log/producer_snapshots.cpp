#include "core/log/producer_snapshots.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/log/batch_scanner.h"

namespace millrace::log {

namespace {

constexpr std::string_view kSuffix = ".producers";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kFilesKept = 2;
/// So much is read again at a start rather than written about while the log grows.
constexpr std::uint64_t kSaveBytes = std::uint64_t{32} << 20;
/// A log that grew by less, without producers, needs no snapshot.
constexpr std::uint64_t kWorthSavingBytes = std::uint64_t{1} << 20;

}  // namespace

std::string ProducerSnapshots::path_of(Offset offset) const {
    std::string name = PartitionLog::segment_file_name(offset);
    return join_path(directory_, name.substr(0, kOffsetDigits).append(kSuffix));
}

void ProducerSnapshots::found_file(std::string_view name) {
    if (name.size() != kOffsetDigits + kSuffix.size() || !name.ends_with(kSuffix)) {
        return;
    }
    std::int64_t offset = 0;
    const char* const end = name.data() + kOffsetDigits;
    const auto [stopped, error] = std::from_chars(name.data(), end, offset);
    if (error == std::errc{} && stopped == end && offset >= 0) {
        files_.insert(std::upper_bound(files_.begin(), files_.end(), Offset{offset}),
                      Offset{offset});
    }
}

void ProducerSnapshots::remove(Offset offset) {
    // One that stays is found unfit again.
    static_cast<void>(env_.files.remove(path_of(offset)));
    std::erase(files_, offset);
}

bool ProducerSnapshots::fits(const ProducerStamp& stamp,
                             const std::vector<SegmentExtent>& segments,
                             Offset log_start,
                             Offset end) const {
    if (stamp.offset < log_start || stamp.offset > end) {
        return false;
    }
    const auto segment = std::find_if(segments.begin(), segments.end(), [&](const auto& candidate) {
        return candidate.base == stamp.segment;
    });
    if (segment == segments.end()) {
        return stamp.offset == log_start;  // all that it speaks of was removed by retention
    }
    if (stamp.position > segment->bytes) {
        return false;
    }
    if (stamp.position == 0) {
        return true;
    }
    // The log may have lost its end and grown again: the last batch covered must still be there.
    const std::string path = join_path(directory_, PartitionLog::segment_file_name(stamp.segment));
    const auto file = env_.files.open(path, OpenMode::kRead);
    std::array<std::byte, kRecordBatchHeaderBytes> header;
    if (!file.ok()) {
        return false;
    }
    const Result<std::size_t> got = file.value()->read_at(stamp.last_position, header);
    if (!got.ok() || got.value() < header.size()) {
        return false;
    }
    const Offset last{load_be<std::int64_t>(header.data()) +
                      load_be<std::int32_t>(header.data() + 23)};
    return load_be<std::uint32_t>(header.data() + 17) == stamp.last_crc &&
           next(last) == stamp.offset;
}

bool ProducerSnapshots::restore_newest(ProducerState& state,
                                       const std::vector<SegmentExtent>& segments,
                                       Offset log_start,
                                       Offset end) {
    while (!files_.empty()) {
        const Offset newest = files_.back();
        const Result<Buffer> content = env_.files.read_file(path_of(newest));
        if (content.ok()) {
            const Result<ProducerStamp> stamp = ProducerState::read_stamp(content.value());
            if (stamp.ok() && fits(stamp.value(), segments, log_start, end) &&
                state.restore(content.value(), env_.clock.monotonic(), env_.clock.wall_ms()).ok()) {
                stamp_ = stamp.value();
                return true;
            }
        }
        // One that is ahead of the log would look right once the log has grown past it.
        remove(newest);
    }
    return false;
}

Status ProducerSnapshots::replay(ProducerState& state,
                                 const SegmentExtent& segment,
                                 std::uint64_t from,
                                 std::size_t batch_bytes_max,
                                 Offset end) {
    const std::string path = join_path(directory_, PartitionLog::segment_file_name(segment.base));
    MILLRACE_TRY(const auto file, env_.files.open(path, OpenMode::kRead));
    BatchScanner scanner(
        *file, {.position = from, .end = segment.bytes, .batch_bytes_max = batch_bytes_max});
    while (true) {
        const std::uint64_t position = scanner.position();
        Result<std::optional<RecordBatchView>> found = scanner.next();
        if (!found.ok()) {
            if (found.error().code != ErrorCode::kCorruptBatch) {
                return std::move(found).error();
            }
            MILLRACE_TRY(const bool goes_on, scanner.find_next(segment.base, end));
            if (!goes_on) {
                return Ok{};
            }
            continue;
        }
        if (!found.value()) {
            return Ok{};
        }
        const RecordBatchView& batch = *found.value();
        if (batch.producer_id() >= 0) {
            state.replay(batch, env_.clock.monotonic());
        }
        advance(segment.base, IndexedBatch::of(batch, position));
    }
}

Status ProducerSnapshots::load(ProducerState& state,
                               const std::vector<SegmentExtent>& segments,
                               std::size_t batch_bytes_max,
                               Offset log_start,
                               Offset end) {
    const bool is_restored = restore_newest(state, segments, log_start, end);
    for (const SegmentExtent& segment : segments) {
        if (is_restored && segment.base < stamp_.segment) {
            continue;
        }
        const bool is_covered_in_part = is_restored && segment.base == stamp_.segment;
        const std::uint64_t from = is_covered_in_part ? stamp_.position : 0;
        if (from < segment.bytes) {
            MILLRACE_TRY_STATUS(replay(state, segment, from, batch_bytes_max, end));
        }
    }
    return Ok{};
}

void ProducerSnapshots::advance(Offset segment, const IndexedBatch& batch) {
    stamp_ = {.offset = next(batch.last),
              .segment = segment,
              .position = batch.position + batch.size,
              .last_position = batch.position,
              .last_crc = batch.crc};
    unsaved_bytes_ += batch.size;
}

void ProducerSnapshots::remove_all() {
    while (!files_.empty()) {
        remove(files_.back());
    }
    unsaved_bytes_ += kSaveBytes;
}

void ProducerSnapshots::save_when_due(ProducerState& state) {
    if (unsaved_bytes_ >= kSaveBytes) {
        save(state);
    }
}

void ProducerSnapshots::save(ProducerState& state) {
    if (unsaved_bytes_ == 0 || (unsaved_bytes_ < kWorthSavingBytes && !state.is_changed())) {
        return;
    }
    const Buffer content = state.snapshot(stamp_, env_.clock.monotonic(), env_.clock.wall_ms());
    const auto file = env_.files.open(path_of(stamp_.offset), OpenMode::kCreate);
    Status saved = file.ok() ? file.value()->truncate(0) : Status{file.error()};
    if (saved.ok()) {
        saved = file.value()->write_at(0, content);
    }
    if (!saved.ok()) {
        env_.log.warn("log", "producer snapshot is not saved: " + saved.error().message);
        return;
    }
    unsaved_bytes_ = 0;
    std::erase(files_, stamp_.offset);
    files_.push_back(stamp_.offset);
    while (files_.size() > kFilesKept) {
        remove(files_.front());
    }
}

}  // namespace millrace::log
