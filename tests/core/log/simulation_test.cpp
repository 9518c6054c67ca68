// Crash images of log, WAL, checkpoints and recovery. MILLRACE_CRASH_IMAGES raises their number,
// MILLRACE_CRASH_SEED starts elsewhere; a failure prints the seed, which repeats the run.
#include "tests/core/log/simulation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <gtest/gtest.h>

#include "tests/core/log/journal_fixture.h"

namespace millrace::log {

namespace {

TopicPartition id_of(int number) {
    TopicPartition id;
    id.topic.bytes.fill(static_cast<std::uint8_t>(0x20 + number / 2));
    id.partition = Partition{number % 2};
    return id;
}

constexpr const char* kData = "/data";
constexpr int kLives = 6;

}  // namespace

void SimulationCounts::add(const SimulationCounts& other) {
    images += other.images;
    crashes += other.crashes;
    crashes_in_recovery += other.crashes_in_recovery;
    power_cuts += other.power_cuts;
    kills += other.kills;
    failed_syncs += other.failed_syncs;
    units += other.units;
    references += other.references;
    refused += other.refused;
    checkpoints += other.checkpoints;
    removed_segments += other.removed_segments;
    torn += other.torn;
    kept_unanswered += other.kept_unanswered;
    rot_healed += other.rot_healed;
    rot_reported += other.rot_reported;
    rot_harmless += other.rot_harmless;
}

std::string SimulationCounts::text() const {
    const auto part = [](const char* name, std::uint64_t count) {
        return std::string(name) + " " + std::to_string(count) + "  ";
    };
    return part("images", images) + part("crashes", crashes) +
           part("in recovery", crashes_in_recovery) + part("power cuts", power_cuts) +
           part("kills", kills) + part("failed syncs", failed_syncs) + part("units", units) +
           part("references", references) + part("refused", refused) +
           part("checkpoints", checkpoints) + part("segments removed", removed_segments) +
           part("torn frames", torn) + part("kept unanswered", kept_unanswered) +
           part("rot healed", rot_healed) + part("rot reported", rot_reported) +
           part("rot harmless", rot_harmless);
}

/// One life of a process: what is lost when it dies.
struct Simulation::Process {
    Process(FaultFileSystem& files, ManualClock& clock, std::uint64_t seed, Logger& logger)
        : random(seed), io(clock), env{files, clock, random, io, logger} {}
    ~Process() {
        journal.reset();  // before the logs
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    SeededRandom random;
    ManualIoExecutor io;
    Env env;
    bool is_dead = false;
    std::vector<std::unique_ptr<PartitionLog>> logs;
    std::unique_ptr<Journal> journal;
};

Simulation::Simulation(std::uint64_t seed, JournalMutant mutant)
    : seed_(seed), mutant_(mutant), random_(seed), files_(seed * 31 + 7) {}
Simulation::~Simulation() = default;

void Simulation::fail(const std::string& what) {
    if (failure_.empty()) {
        failure_ = "seed " + std::to_string(seed_) + ": " + what;
    }
}

void Simulation::apply(Contents& contents, const Unit& unit) {
    for (const auto& [number, values] : unit.pieces) {
        auto& content = contents[static_cast<std::size_t>(number)];
        content.insert(content.end(), values.begin(), values.end());
    }
}

bool Simulation::start_process(FaultFileSystem& files, std::unique_ptr<Process>& process) {
    process = std::make_unique<Process>(files, clock_, random_.next(), logger_);
    JournalOptions options;
    options.file_bytes = 32 * 1024;
    options.inline_bytes_max = 512;
    options.frame_inline_bytes_max = 3000;
    options.group_bytes_max = 12 * 1024;
    options.checkpoint_bytes = 48 * 1024;
    options.mutant = mutant_;
    Process* const dying = process.get();
    options.on_sync_failure = [dying](const Error&) { dying->is_dead = true; };
    auto journal = Journal::open(process->env, kData, options, [](TopicPartition) { return true; });
    if (!journal.ok()) {
        if (!files.has_crashed() && journal.error().message.find("injected") == std::string::npos) {
            fail("journal does not open: " + journal.error().message);
        }
        process->is_dead = true;
        return false;
    }
    process->journal = std::move(journal).value();
    for (int i = 0; i < kPartitions; ++i) {
        PartitionLogOptions partition_options;
        partition_options.segment_bytes = 4096;
        partition_options.preallocate_bytes = 2048;
        if (i % 2 == 1) {
            partition_options.retention_bytes = 6000;
        }
        const auto& ends = process->journal->recovery().ends;
        const auto end = ends.find(id_of(i));
        auto log = PartitionLog::open(process->env,
                                      PartitionLog::directory_of(kData, id_of(i)),
                                      partition_options,
                                      end == ends.end() ? LogPosition{} : end->second);
        if (!log.ok()) {
            if (!files.has_crashed() && log.error().message.find("injected") == std::string::npos) {
                fail("partition does not open: " + log.error().message);
            }
            process->is_dead = true;
            return false;
        }
        process->logs.push_back(std::move(log).value());
        process->journal->add_partition(id_of(i), process->logs.back().get());
    }
    return true;
}

Simulation::Contents Simulation::check(Process& process, bool may_be_short) {
    // What may be there: everything published, and the group in flight as a whole. The last unit
    // admitted may have been kept for the group after it.
    std::vector<std::pair<Contents, std::size_t>> candidates;
    candidates.emplace_back(committed_, 0);
    for (const std::size_t count : {admitted_.size(), admitted_.size() - 1}) {
        if (admitted_.empty() || count == 0) {
            continue;
        }
        Contents contents = committed_;
        for (std::size_t i = 0; i < count; ++i) {
            apply(contents, *admitted_[i]);
        }
        candidates.emplace_back(std::move(contents), count);
    }
    std::string found;
    std::vector<std::int64_t> ends;
    for (const auto& log : process.logs) {
        ends.push_back(log->high_watermark().value);
        found += std::to_string(log->high_watermark().value) + " ";
    }
    for (const auto& [contents, count] : candidates) {
        bool fits = true;
        for (std::size_t i = 0; i < kPartitions; ++i) {
            fits = fits && ends[i] == static_cast<std::int64_t>(contents[i].size());
        }
        if (!fits) {
            continue;
        }
        for (std::size_t i = count; i < admitted_.size(); ++i) {
            if (admitted_[i]->is_acked) {
                fail("an acknowledged unit is lost");
                return {};
            }
        }
        for (std::size_t i = 0; i < kPartitions; ++i) {
            if (ends[i] < seen_[i]) {
                fail("a reader saw offset " + std::to_string(seen_[i]) + " of partition " +
                     std::to_string(i) + ", which ends at " + std::to_string(ends[i]));
                return {};
            }
            const auto values = values_in(*process.logs[i]);
            const auto start = static_cast<std::size_t>(process.logs[i]->log_start().value);
            const std::vector<std::string> expected(
                contents[i].begin() + static_cast<std::ptrdiff_t>(start), contents[i].end());
            if (values != expected) {
                std::size_t at = 0;
                while (at < std::min(values.size(), expected.size()) &&
                       values[at] == expected[at]) {
                    ++at;
                }
                fail("partition " + std::to_string(i) + " differs from offset " +
                     std::to_string(start + at) + " on, of " + std::to_string(ends[i]) + ": " +
                     (at < values.size() ? values[at].substr(0, 40) : "end"));
                return {};
            }
        }
        counts_.kept_unanswered += count > 0 ? 1 : 0;
        return contents;
    }
    if (!may_be_short) {
        std::string expected;
        for (const auto& [contents, count] : candidates) {
            expected += "[ ";
            for (const auto& content : contents) {
                expected += std::to_string(content.size()) + " ";
            }
            expected += "] ";
        }
        fail("ends are no prefix of whole groups: [ " + found + "] not one of " + expected);
    }
    return {};
}

void Simulation::submit_some() {
    const std::uint64_t units = 1 + random_.below(4);
    for (std::uint64_t u = 0; u < units; ++u) {
        auto made = std::make_shared<Unit>();
        JournalUnit unit;
        const std::uint64_t pieces = 1 + random_.below(4);
        for (std::uint64_t p = 0; p < pieces; ++p) {
            const int number = static_cast<int>(random_.below(kPartitions));
            std::vector<std::string> values;
            const std::uint64_t records = 1 + random_.below(3);
            const bool is_large = chance(15);
            counts_.references += is_large ? 1 : 0;
            for (std::uint64_t r = 0; r < records; ++r) {
                values.push_back(
                    "value " + std::to_string(next_value_++) + " " +
                    std::string(is_large ? 500 + random_.below(700) : random_.below(60),
                                static_cast<char>('a' + random_.below(26))));
            }
            auto& log = *process_->logs[static_cast<std::size_t>(number)];
            unit.pieces.push_back({&log, id_of(number), batch_of(values)});
            made->pieces.emplace_back(number, std::move(values));
        }
        if (chance(4)) {
            unit.pieces.back().batches.span().back() ^= std::byte{1};  // its CRC fails
        }
        const bool is_refused = chance(3);
        unit.admit = [this, made, is_refused](std::vector<JournalPiece>&) -> Status {
            if (is_refused) {
                return Error{ErrorCode::kFenced, "refused"};
            }
            admitted_.push_back(made);
            return Ok{};
        };
        unit.published = [this, made](const UnitCommitted& committed) {
            Contents before = committed_;
            for (std::size_t i = 0; i < made->pieces.size(); ++i) {
                auto& content = before[static_cast<std::size_t>(made->pieces[i].first)];
                if (committed.base_offsets[i].value != static_cast<std::int64_t>(content.size())) {
                    fail("a unit got an offset that is not the next one");
                }
                content.insert(
                    content.end(), made->pieces[i].second.begin(), made->pieces[i].second.end());
            }
            committed_ = std::move(before);
            // Those before it must have been refused; their answers are still on their way.
            while (!admitted_.empty() && admitted_.front() != made) {
                admitted_.front()->is_passed_over = true;
                admitted_.pop_front();
            }
            if (admitted_.empty()) {
                fail("a unit is published twice or out of order");
                return;
            }
            admitted_.pop_front();
        };
        unit.done = [this, made](const Result<UnitCommitted>& result) {
            made->is_acked = result.ok();
            counts_.units += std::uint64_t{result.ok()};
            if (result.ok() && made->is_passed_over) {
                fail("units are published out of order");
            }
            if (!result.ok()) {
                ++counts_.refused;
                std::erase(admitted_, made);
            }
        };
        process_->journal->submit(std::move(unit));
    }
}

void Simulation::one_step() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 70) {
        submit_some();
        if (dice < 60) {
            process_->io.run_all();
        } else {
            process_->io.run_one();
        }
    } else if (dice < 78) {
        clock_.advance(std::chrono::milliseconds(60));
        process_->io.run_all();
    } else if (dice < 80) {
        clock_.advance(std::chrono::milliseconds(31'000));
        process_->io.run_all();
    } else if (dice < 85) {
        static_cast<void>(process_->journal->checkpoint());
    } else if (dice < 90) {
        const std::uint64_t before = files_.calls(FileCall::kRemove, "/topics/");
        static_cast<void>(process_->journal->apply_retention());
        counts_.removed_segments += files_.calls(FileCall::kRemove, "/topics/") - before;
    } else if (dice < 94) {
        files_.set_capacity(files_.used_bytes() + random_.below(6000));
        submit_some();
        process_->io.run_all();
        files_.set_capacity(std::nullopt);
    } else if (dice < 97) {
        for (int i = 0; i < kPartitions; ++i) {
            process_->journal->remove_partition(id_of(i));
            process_->journal->add_partition(id_of(i),
                                             process_->logs[static_cast<std::size_t>(i)].get());
        }
    } else {
        process_->io.run_all();
        const Status closed = process_->journal->close();
        process_->io.run_all();
        if (closed.ok()) {
            counts_.checkpoints += process_->journal->stats().checkpoints;
            process_.reset();
            std::unique_ptr<Process> next;
            if (start_process(files_, next)) {
                committed_ = check(*next, false);
            }
            process_ = std::move(next);
        }
    }
}

void Simulation::work() {
    for (int step = 0; step < 120 && failure_.empty(); ++step) {
        if (files_.has_crashed() || process_->is_dead) {
            return;
        }
        one_step();
        // What a reader could see at this moment.
        for (std::size_t i = 0; i < process_->logs.size(); ++i) {
            seen_[i] = std::max(seen_[i], process_->logs[i]->high_watermark().value);
        }
    }
}

void Simulation::end_life() {
    counts_.crashes += 1;
    if (process_->journal != nullptr) {
        counts_.checkpoints += process_->journal->stats().checkpoints;
        process_->io.run_all();  // answers that were on their way count as given
    }
    const bool is_failed_sync = process_->is_dead && !files_.has_crashed();
    counts_.failed_syncs += is_failed_sync ? 1 : 0;
    files_.fail_syncs_by_chance(0);
    files_.set_capacity(std::nullopt);
    process_.reset();
}

/// The same moment, with other luck: each image is recovered, checked, and recovered again.
void Simulation::draw_images() {
    for (int i = 0; i < 3 && failure_.empty(); ++i) {
        const auto image = files_.clone(random_.next());
        image->power_cut(i == 0 ? PowerCut::kLoseAll : PowerCut::kMixed);
        ++counts_.images;
        ++counts_.power_cuts;
        std::unique_ptr<Process> process;
        if (!start_process(*image, process)) {
            fail("an image does not open");
            return;
        }
        counts_.torn += std::uint64_t{process->journal->recovery().torn_bytes > 0};
        if (!process->journal->recovery().corrupt.empty()) {
            fail("a crash looks like rot: " + process->journal->recovery().corrupt.front());
            return;
        }
        const Contents first = check(*process, false);
        process.reset();
        image->power_cut(PowerCut::kLoseAll);
        ++counts_.images;
        if (!failure_.empty()) {
            return;
        }
        if (!start_process(*image, process)) {
            fail("a recovered image does not open");
            return;
        }
        const Contents second = check(*process, false);
        if (failure_.empty() && first != second) {
            fail("recovering twice gives something else");
        }
    }
}

/// The one image that the disk goes on with; recovery itself may crash or meet failing syncs.
void Simulation::recover() {
    for (int attempt = 0; failure_.empty(); ++attempt) {
        if (chance(65)) {
            files_.power_cut();
            ++counts_.power_cuts;
        } else {
            files_.kill();
            ++counts_.kills;
        }
        const bool is_disturbed = attempt < 3 && chance(45);
        if (is_disturbed) {
            if (chance(70)) {
                files_.crash_after(random_.below(60));
            } else {
                files_.fail_syncs_by_chance(8);
            }
        }
        ++counts_.images;
        std::unique_ptr<Process> process;
        const bool is_open = start_process(files_, process);
        files_.fail_syncs_by_chance(0);
        if (!failure_.empty()) {
            return;
        }
        if (is_open && !files_.has_crashed()) {
            files_.never_crash();
            if (!process->journal->recovery().corrupt.empty()) {
                fail("a crash looks like rot: " + process->journal->recovery().corrupt.front());
                return;
            }
            committed_ = check(*process, false);
            admitted_.clear();
            process_ = std::move(process);
            return;
        }
        ++counts_.crashes_in_recovery;
    }
}

/// One bit of what was durable flips while the process is down.
void Simulation::rot() {
    files_.never_crash();
    for (std::uint64_t i = 4 + random_.below(30); i > 0; --i) {
        submit_some();
        process_->io.run_all();
    }
    clock_.advance(std::chrono::milliseconds(60));
    process_->io.run_all();  // stamps the last group
    const auto entries = files_.list("/data/wal");
    if (process_->is_dead || !entries.ok()) {
        return;
    }
    process_.reset();
    std::vector<std::string> checkpoints;
    std::vector<std::string> frames;
    for (const DirectoryEntry& entry : entries.value()) {
        if (entry.name.starts_with("ckpt-") && !entry.name.ends_with(".tmp")) {
            checkpoints.push_back(entry.name);
        } else if (entry.name.ends_with(".wal") && !entry.name.starts_with("free-")) {
            frames.push_back(entry.name);
        }
    }
    const bool is_checkpoint = chance(35);
    const std::string name = is_checkpoint ? checkpoints.back() : frames.back();
    const std::string path = "/data/wal/" + name;
    // The last block that is in use is the stamp itself: above every stamp.
    const auto content = files_.read_file(path);
    std::uint64_t used = content.value().size();
    if (!is_checkpoint) {
        while (used > 4096 &&
               load_le<std::uint32_t>(content.value().data() + used - 4096) != 0x4657524d) {
            used -= 4096;
        }
        used -= std::min<std::uint64_t>(used, 4096);
    }
    if (used == 0) {
        return;
    }
    files_.flip_bit(path, random_.below(used), static_cast<unsigned>(random_.below(8)));
    const bool is_power_cut = chance(70);
    if (is_power_cut) {
        files_.power_cut(PowerCut::kLoseAll);
    } else {
        files_.kill();
    }
    ++counts_.images;
    std::unique_ptr<Process> process;
    if (!start_process(files_, process)) {
        fail("rot keeps the journal from opening");
        return;
    }
    const RecoveryReport& report = process->journal->recovery();
    const bool is_reported = !report.corrupt.empty();
    if (is_reported) {
        ++counts_.rot_reported;
        // Never cut: where the segments are whole all of it is still there, although nothing can
        // prove it. After a power cut they may not be, which is what the report says.
        if (!is_power_cut) {
            static_cast<void>(check(*process, false));
        }
        return;
    }
    ++(report.healed.empty() ? counts_.rot_harmless : counts_.rot_healed);
    static_cast<void>(check(*process, false));
}

std::string Simulation::run() {
    if (!start_process(files_, process_)) {
        return failure_;
    }
    for (int life = 0; life < kLives && failure_.empty(); ++life) {
        files_.crash_after(random_.below(400));
        if (chance(20)) {
            files_.fail_syncs_by_chance(60);
        }
        work();
        end_life();
        if (failure_.empty()) {
            draw_images();
        }
        if (failure_.empty()) {
            recover();
        }
    }
    if (failure_.empty()) {
        rot();
    }
    process_.reset();
    return failure_;
}

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(JournalSimulation, KeepsEveryPromiseInEveryCrashImage) {
    const std::uint64_t images = from_environment("MILLRACE_CRASH_IMAGES", 20'000);
    const std::uint64_t first_seed = from_environment("MILLRACE_CRASH_SEED", 1);
    SimulationCounts counts;
    std::uint64_t seed = first_seed;
    for (; counts.images < images; ++seed) {
        Simulation simulation(seed, JournalMutant::kNone);
        const std::string failure = simulation.run();
        counts.add(simulation.counts());
        ASSERT_EQ(failure, "") << counts.text();
    }
    std::printf("seeds %llu to %llu: %s\n",
                static_cast<unsigned long long>(first_seed),
                static_cast<unsigned long long>(seed - 1),
                counts.text().c_str());
}

struct PlantedBug {
    JournalMutant mutant;  // kNone: the bug is in the files
    const char* name;
};

class JournalSimulationMutant : public testing::TestWithParam<PlantedBug> {};

/// The proof that the simulation bites: it must find each planted bug, and soon.
TEST_P(JournalSimulationMutant, IsFound) {
    constexpr std::uint64_t kImagesMax = 20'000;
    std::uint64_t images = 0;
    std::string failure;
    for (std::uint64_t seed = 1; images < kImagesMax && failure.empty(); ++seed) {
        Simulation simulation(seed, GetParam().mutant);
        if (GetParam().mutant == JournalMutant::kNone) {
            simulation.ignore_segment_directory_syncs();
        }
        failure = simulation.run();
        images += simulation.counts().images;
    }
    EXPECT_NE(failure, "") << "not found in " << images << " images";
    std::printf("%s: %llu images, %s\n",
                GetParam().name,
                static_cast<unsigned long long>(images),
                failure.c_str());
}

INSTANTIATE_TEST_SUITE_P(
    All,
    JournalSimulationMutant,
    testing::Values(PlantedBug{JournalMutant::kAckBeforeSync, "AckBeforeSync"},
                    PlantedBug{JournalMutant::kPublishBeforeSync, "PublishBeforeSync"},
                    PlantedBug{JournalMutant::kNoReferenceSync, "NoReferenceSync"},
                    PlantedBug{JournalMutant::kNoWalDirectorySync, "NoWalDirectorySync"},
                    PlantedBug{JournalMutant::kNoCheckpointDataSync, "NoCheckpointDataSync"},
                    PlantedBug{JournalMutant::kNoCheckpointSync, "NoCheckpointSync"},
                    PlantedBug{JournalMutant::kRecycleTooEarly, "RecycleTooEarly"},
                    PlantedBug{JournalMutant::kSkipReferenceCheck, "SkipReferenceCheck"},
                    PlantedBug{JournalMutant::kSkipRewrite, "SkipRewrite"},
                    PlantedBug{JournalMutant::kRotIsTorn, "RotIsTorn"},
                    PlantedBug{JournalMutant::kIgnoreSyncError, "IgnoreSyncError"},
                    PlantedBug{JournalMutant::kOneCheckpointAtStart, "OneCheckpointAtStart"},
                    PlantedBug{JournalMutant::kNone, "NoSegmentDirectorySync"}),
    [](const auto& planted) { return std::string(planted.param.name); });

}  // namespace
}  // namespace millrace::log
