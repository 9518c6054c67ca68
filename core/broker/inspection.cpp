#include "core/broker/inspection.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "core/base/overlay_files.h"
#include "core/broker/superblock.h"
#include "core/broker/topic_catalog.h"
#include "core/broker/topic_config.h"
#include "core/log/checkpoint.h"
#include "core/log/compaction/compacted_segment.h"
#include "core/log/compaction/compaction_state.h"
#include "core/log/producer_state.h"
#include "core/log/recovery.h"
#include "core/log/segment.h"
#include "core/log/segment_swap.h"
#include "core/log/sparse_index.h"
#include "core/log/wal_files.h"

namespace millrace::broker {

namespace {

constexpr std::size_t kBatchBytesMax = std::size_t{256} << 20;
constexpr std::uint64_t kWalFileBytes = std::uint64_t{64} << 20;
constexpr std::size_t kOffsetDigits = 20;

std::string describe(const log::DamagedRange& range) {
    return "bytes " + std::to_string(range.begin) + " to " + std::to_string(range.end) +
           ", offsets " + std::to_string(range.first.value) + " to " +
           std::to_string(range.next.value - 1);
}

/// "00000000000000000042.log" -> 42
std::optional<Offset> base_of(std::string_view name, std::string_view suffix) {
    std::int64_t base = 0;
    if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) {
        return std::nullopt;
    }
    const char* const end = name.data() + kOffsetDigits;
    const auto [stopped, error] = std::from_chars(name.data(), end, base);
    return error == std::errc{} && stopped == end ? std::optional(Offset{base}) : std::nullopt;
}

/// A directory as it would be behind recovery.
class Inspector {
  public:
    /// env    its files are those that recovery may write into
    /// disk   what is really there
    Inspector(Env& env, FileSystem& disk, std::string data_directory)
        : env_(env), disk_(disk), data_directory_(std::move(data_directory)) {}

    Result<DirectoryInspection> inspect();

  private:
    Status inspect_catalog();
    Status inspect_journal();
    void inspect_partition(const TopicInfo& topic, Partition partition);
    void inspect_segments(InspectedPartition& found, const std::string& directory);
    void inspect_segment(InspectedPartition& found, InspectedSegment segment);
    void inspect_derived(InspectedPartition& found, const std::string& directory);
    [[nodiscard]] std::string why_index_is_unfit(const InspectedSegment& segment);

    Env& env_;
    FileSystem& disk_;
    const std::string data_directory_;
    DirectoryInspection inspection_;
    std::unique_ptr<TopicCatalog> catalog_;
    std::map<TopicPartition, log::LogPosition> ends_;
    bool has_journal_ = false;
};

Result<DirectoryInspection> Inspector::inspect() {
    MILLRACE_TRY_STATUS(inspect_catalog());
    MILLRACE_TRY_STATUS(inspect_journal());
    if (has_journal_ && catalog_ != nullptr) {
        for (const TopicInfo& topic : catalog_->list()) {
            for (std::int32_t p = 0; p < topic.partitions; ++p) {
                inspect_partition(topic, Partition{p});
            }
        }
    }
    return std::move(inspection_);
}

Status Inspector::inspect_catalog() {
    const std::string topics = join_path(data_directory_, "topics");
    if (const auto entries = disk_.list(topics); entries.ok()) {
        for (const DirectoryEntry& entry : entries.value()) {
            const std::string path = join_path(topics, entry.name);
            if (entry.name.ends_with(".removed")) {
                inspection_.notes.push_back(path + ": deletion of a topic that was cut short");
            } else if (entry.is_directory && !disk_.exists(join_path(path, "topic.json"))) {
                inspection_.notes.push_back(path + ": creation of a topic that was cut short");
            }
        }
    }
    auto catalog = TopicCatalog::open(env_, data_directory_);
    if (catalog.ok()) {
        catalog_ = std::move(catalog).value();
    } else if (catalog.error().code == ErrorCode::kNewerFormat) {
        return catalog.error();
    } else {
        inspection_.damage.push_back("catalog: " + catalog.error().message);
    }
    return Ok{};
}

Status Inspector::inspect_journal() {
    const std::string directory = log::journal_directory_of(data_directory_);
    if (!disk_.exists(directory)) {
        inspection_.notes.push_back("there is no journal: nothing was ever written");
        has_journal_ = true;
        return Ok{};
    }
    log::CheckpointStore checkpoints(env_.files, directory);
    MILLRACE_TRY(const auto found, checkpoints.load());
    if (!found.readable.empty()) {
        inspection_.was_stopped_cleanly = found.readable.front().is_clean;
    }
    auto wal = log::WalFiles::open(env_.files, directory, kWalFileBytes);
    if (!wal.ok()) {
        if (wal.error().code == ErrorCode::kNewerFormat) {
            return wal.error();
        }
        inspection_.damage.push_back("journal: " + wal.error().message);
        return Ok{};
    }
    if (found.readable.empty() && found.damaged.empty() && wal.value().empty()) {
        has_journal_ = true;
        return Ok{};
    }
    const auto is_known = [this](TopicPartition id) {
        const TopicPtr topic = catalog_ == nullptr ? nullptr : catalog_->find(id.topic);
        return topic != nullptr && id.partition.value >= 0 &&
               id.partition.value < topic->partitions;
    };
    auto recovered =
        log::recover_journal(env_, data_directory_, wal.value(), checkpoints, is_known);
    if (!recovered.ok()) {
        if (recovered.error().code == ErrorCode::kNewerFormat) {
            return recovered.error();
        }
        inspection_.damage.push_back("journal: " + recovered.error().message);
        return Ok{};
    }
    has_journal_ = true;
    inspection_.recovery = std::move(recovered.value().report);
    ends_ = inspection_.recovery.ends;
    for (const std::string& corrupt : inspection_.recovery.corrupt) {
        inspection_.damage.push_back("journal: " + corrupt);
    }
    for (const std::string& healed : inspection_.recovery.healed) {
        inspection_.notes.push_back("journal: healed: " + healed);
    }
    if (inspection_.recovery.torn_bytes > 0) {
        inspection_.notes.push_back("journal: torn tail, never committed: " +
                                    std::to_string(inspection_.recovery.torn_bytes) + " bytes");
    }
    return Ok{};
}

void Inspector::inspect_partition(const TopicInfo& topic, Partition partition) {
    InspectedPartition found;
    found.topic = topic.name;
    found.id = {topic.id, partition};
    const auto end = ends_.find(found.id);
    found.end = end == ends_.end() ? Offset{0} : end->second.offset;
    const std::string directory = log::PartitionLog::directory_of(data_directory_, found.id);
    if (const Status finished = env_.files.exists(directory)
                                    ? log::finish_segment_swaps(env_.files, directory)
                                    : Status{Ok{}};
        !finished.ok()) {
        found.damage.push_back(finished.error().message);
    }
    inspect_segments(found, directory);
    inspect_derived(found, directory);
    inspection_.partitions.push_back(std::move(found));
}

void Inspector::inspect_segments(InspectedPartition& found, const std::string& directory) {
    const auto end = ends_.find(found.id);
    const log::LogPosition last = end == ends_.end() ? log::LogPosition{} : end->second;
    std::vector<Offset> bases;
    if (const auto entries = env_.files.list(directory); entries.ok()) {
        for (const DirectoryEntry& entry : entries.value()) {
            const auto base = base_of(entry.name, ".log");
            if (base && *base <= std::max(last.segment, last.offset)) {
                bases.push_back(*base);
            }
        }
    }
    // A segment that retention closed at the very end, before a checkpoint knew.
    const bool has_end = std::find(bases.begin(), bases.end(), last.segment) != bases.end();
    const Offset active = has_end || last.position > 0 ? last.segment : last.offset;
    std::erase_if(bases, [&](Offset base) { return base > active; });
    const auto start = inspection_.recovery.log_starts.find(found.id);
    found.log_start =
        std::max(bases.empty() ? found.end : bases.front(),
                 start == inspection_.recovery.log_starts.end() ? Offset{0} : start->second);
    for (std::size_t i = 0; i < bases.size(); ++i) {
        InspectedSegment segment;
        segment.base = bases[i];
        segment.path = join_path(directory, log::PartitionLog::segment_file_name(bases[i]));
        segment.is_active = bases[i] == active;
        segment.next = segment.is_active      ? last.offset
                       : i + 1 < bases.size() ? bases[i + 1]
                                              : active;
        const auto info = env_.files.info(segment.path);
        segment.bytes = info.ok() ? info.value().size : 0;
        if (segment.is_active && has_end) {
            segment.bytes = last.position;
        }
        inspect_segment(found, std::move(segment));
    }
    if (!has_end && last.position > 0) {
        found.damage.push_back(
            "segment file is missing: " +
            join_path(directory, log::PartitionLog::segment_file_name(last.segment)) +
            ", offsets " + std::to_string(last.segment.value) + " to " +
            std::to_string(last.offset.value - 1));
    }
}

void Inspector::inspect_segment(InspectedPartition& found, InspectedSegment segment) {
    const auto file = env_.files.open(segment.path, OpenMode::kRead);
    if (!file.ok()) {
        found.damage.push_back(file.error().message);
        return;
    }
    log::SegmentCheck check(*file.value(),
                            {.bytes = segment.bytes,
                             .base = segment.base,
                             .next = segment.next,
                             .batch_bytes_max = kBatchBytesMax});
    std::uint64_t used = 0;
    check.on_batch([&](const RecordBatchView&) -> Status {
        used = check.position();
        return Ok{};
    });
    if (const Status read = check.finish(); !read.ok()) {
        found.damage.push_back(segment.path + ": " + read.error().message);
    }
    segment.damage = check.damage();
    segment.batches = check.batches();
    segment.records = check.records();
    // Reserved space behind the last batch of a closed segment is no damage: a crash came before
    // it was given back.
    if (!segment.is_active && !segment.damage.empty()) {
        const log::DamagedRange& tail = segment.damage.back();
        if (tail.end == segment.bytes && tail.begin == used && tail.first == segment.next) {
            segment.damage.pop_back();
        }
    }
    found.bytes += segment.bytes;
    found.segments.push_back(std::move(segment));
}

std::string Inspector::why_index_is_unfit(const InspectedSegment& segment) {
    const std::string path =
        join_path(parent_path(segment.path), log::Segment::index_file_name(segment.base));
    const auto index = log::IndexFile::open(disk_, path, segment.base);
    if (!index.ok()) {
        return index.error().code == ErrorCode::kNotFound ? "is missing" : index.error().message;
    }
    if (const Status intact = index.value().verify(); !intact.ok()) {
        return intact.error().message;
    }
    const log::IndexSummary& summary = index.value().summary();
    if (summary.covered_bytes != segment.bytes || summary.next_offset != segment.next) {
        return "does not fit the segment: it covers " + std::to_string(summary.covered_bytes) +
               " bytes up to offset " + std::to_string(summary.next_offset.value);
    }
    return "";
}

void Inspector::inspect_derived(InspectedPartition& found, const std::string& directory) {
    for (const InspectedSegment& segment : found.segments) {
        const std::string why = segment.is_active ? "" : why_index_is_unfit(segment);
        if (!why.empty()) {
            found.derived.push_back(log::Segment::index_file_name(segment.base) + " " + why);
        }
    }
    const auto entries = disk_.list(directory);
    if (!entries.ok()) {
        return;
    }
    for (const DirectoryEntry& entry : entries.value()) {
        const std::string path = join_path(directory, entry.name);
        const Result<Buffer> content =
            entry.name.ends_with(".producers") || entry.name == "compaction"
                ? disk_.read_file(path)
                : Result<Buffer>(Buffer{});
        if (entry.name.ends_with(".producers")) {
            const auto stamp = content.ok() ? log::ProducerState::read_stamp(content.value())
                                            : Result<log::ProducerStamp>(content.error());
            if (!stamp.ok()) {
                found.derived.push_back(entry.name + " " + stamp.error().message);
            } else if (stamp.value().offset > found.end) {
                found.derived.push_back(entry.name + " is ahead of the log");
            }
        } else if (entry.name == "compaction") {
            const auto state = content.ok() ? log::parse_compaction_state(content.value())
                                            : Result<log::CompactionState>(content.error());
            if (!state.ok()) {
                found.derived.push_back(entry.name + ": " + state.error().message);
            }
        } else if (entry.name.ends_with(".cleaned") || entry.name.ends_with(".swap")) {
            found.derived.push_back(entry.name + " is left from a compaction that was cut short");
        }
    }
}

Result<std::unique_ptr<Superblock>> open_existing(Env& env, const std::string& data_directory) {
    if (!env.files.exists(join_path(data_directory, "MILLRACE"))) {
        return Error{ErrorCode::kNotFound,
                     "there is no Millrace data directory at " + data_directory +
                         ": give the right one with --data"};
    }
    return Superblock::open(env, data_directory);
}

/// Copies the bytes aside, once, under a name that says where they come from.
Status quarantine(FileSystem& files,
                  const std::string& data_directory,
                  const InspectedPartition& partition,
                  const InspectedSegment& segment,
                  const log::DamagedRange& range) {
    const std::string directory = join_path(data_directory, "quarantine");
    MILLRACE_TRY_STATUS(files.create_directories(directory));
    MILLRACE_TRY(const auto file, files.open(segment.path, OpenMode::kRead));
    Buffer bytes;
    bytes.resize(static_cast<std::size_t>(range.end - range.begin));
    MILLRACE_TRY(const std::size_t got, file->read_at(range.begin, bytes.span()));
    bytes.resize(got);
    const std::string name =
        partition.id.topic.to_string() + "-" + std::to_string(partition.id.partition.value) + "-" +
        std::to_string(segment.base.value) + "-" + std::to_string(range.begin) + ".bin";
    return files.write_file_atomically(join_path(directory, name), bytes);
}

/// The segment anew from its intact batches, with placeholders for the rest.
Status rebuild_segment(Env& env, const InspectedSegment& segment) {
    const std::string directory = parent_path(segment.path);
    MILLRACE_TRY(
        auto made,
        log::CompactedSegment::create(
            env.files, join_path(directory, log::cleaned_file_name(segment.base)), segment.base));
    MILLRACE_TRY(const auto file, env.files.open(segment.path, OpenMode::kRead));
    log::SegmentCheck check(*file,
                            {.bytes = segment.bytes,
                             .base = segment.base,
                             .next = segment.next,
                             .batch_bytes_max = kBatchBytesMax});
    check.on_batch([&](const RecordBatchView& batch) { return made->add(batch.bytes()); });
    MILLRACE_TRY_STATUS(check.finish());
    MILLRACE_TRY_STATUS(made->finish(segment.next));
    return log::swap_segment_files(
        env.files, directory, {segment.base}, segment.next, made->path());
}

}  // namespace

bool InspectedPartition::is_damaged() const {
    return !damage.empty() ||
           std::any_of(segments.begin(), segments.end(), [](const InspectedSegment& segment) {
               return !segment.damage.empty();
           });
}

bool DirectoryInspection::is_damaged() const {
    return !damage.empty() ||
           std::any_of(partitions.begin(),
                       partitions.end(),
                       [](const InspectedPartition& partition) { return partition.is_damaged(); });
}

Result<DirectoryInspection> inspect_directory(Env& env, const std::string& data_directory) {
    // Held, so that nobody writes meanwhile; everything else happens in memory.
    MILLRACE_TRY(const auto superblock, open_existing(env, data_directory));
    OverlayFileSystem overlay(env.files);
    Logger silent(env.clock, LogLevel::kOff, [](LogLevel, std::string_view) {});
    Env looking{overlay, env.clock, env.random, env.io, silent};
    Inspector inspector(looking, env.files, data_directory);
    MILLRACE_TRY(DirectoryInspection found, inspector.inspect());
    found.cluster_id = superblock->cluster_id().to_string();
    return found;
}

Result<std::vector<Repair>> repair_directory(Env& env, const std::string& data_directory) {
    std::vector<Repair> repairs;
    MILLRACE_TRY(const auto superblock, open_existing(env, data_directory));
    MILLRACE_TRY(const auto catalog, TopicCatalog::open(env, data_directory));
    const auto is_known = [&](TopicPartition id) {
        const TopicPtr topic = catalog->find(id.topic);
        return topic != nullptr && id.partition.value >= 0 &&
               id.partition.value < topic->partitions;
    };
    // As a start does: from here on recovery never writes into a segment again.
    MILLRACE_TRY(auto journal,
                 log::Journal::open(env,
                                    data_directory,
                                    log::JournalOptions{}.fitting(env.files, data_directory),
                                    is_known));
    MILLRACE_TRY_STATUS(journal->close());
    const log::RecoveryReport recovered = journal->recovery();
    journal.reset();

    Inspector inspector(env, env.files, data_directory);
    MILLRACE_TRY(const DirectoryInspection found, inspector.inspect());
    for (const InspectedPartition& partition : found.partitions) {
        const std::string name =
            partition.topic + "-" + std::to_string(partition.id.partition.value);
        for (const InspectedSegment& segment : partition.segments) {
            if (segment.damage.empty()) {
                continue;
            }
            if (segment.is_active) {
                repairs.push_back({name + ": " + segment.path +
                                   " is damaged, but still written to: start the server, let the "
                                   "segment fill up or age, and repair then"});
                continue;
            }
            for (const log::DamagedRange& range : segment.damage) {
                MILLRACE_TRY_STATUS(
                    quarantine(env.files, data_directory, partition, segment, range));
                repairs.push_back({name + ": " + segment.path + " " + describe(range) +
                                   ": copied to quarantine, readers pass by"});
            }
            MILLRACE_TRY_STATUS(rebuild_segment(env, segment));
        }
    }
    // Opening makes derived files again.
    for (const TopicInfo& topic : catalog->list()) {
        for (std::int32_t p = 0; p < topic.partitions; ++p) {
            const TopicPartition id{topic.id, Partition{p}};
            const auto end = recovered.ends.find(id);
            const auto start = recovered.log_starts.find(id);
            const auto opened = log::PartitionLog::open(
                env,
                log::PartitionLog::directory_of(data_directory, id),
                log_options(topic),
                end == recovered.ends.end() ? log::LogPosition{} : end->second,
                start == recovered.log_starts.end() ? Offset{0} : start->second,
                recovered.relaxed.contains(id));
            if (!opened.ok()) {
                repairs.push_back({topic.name + "-" + std::to_string(p) +
                                   ": cannot be opened: " + opened.error().message});
            }
        }
    }
    for (const InspectedPartition& partition : found.partitions) {
        for (const std::string& derived : partition.derived) {
            repairs.push_back({partition.topic + "-" +
                               std::to_string(partition.id.partition.value) +
                               ": made again: " + derived});
        }
    }
    return repairs;
}

}  // namespace millrace::broker
