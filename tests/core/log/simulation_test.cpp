// Crash images of log, WAL, checkpoints and recovery. MILLRACE_CRASH_IMAGES changes their number,
// MILLRACE_CRASH_SEED starts elsewhere; a failure prints the seed, which repeats the run.
#include "tests/core/log/simulation.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/mutant.h"
#include "core/log/wal_frame.h"
#include "tests/core/log/journal_fixture.h"

namespace millrace::log {

namespace {

TopicPartition id_of(std::size_t number) {
    TopicPartition id;
    id.topic.bytes.fill(static_cast<std::uint8_t>(0x20 + number / 2));
    id.partition = Partition{static_cast<std::int32_t>(number % 2)};
    return id;
}

/// Every other partition has retention, which also moves its log start.
bool has_retention(std::size_t number) {
    return number % 2 == 1;
}

constexpr const char* kData = "/data";
constexpr int kLives = 4;
constexpr std::size_t kPointsPerLife = 10;
constexpr int kImagesPerPoint = 8;

}  // namespace

void SimulationCounts::add(const SimulationCounts& other) {
    images += other.images;
    points += other.points;
    crashes_in_recovery += other.crashes_in_recovery;
    power_cuts += other.power_cuts;
    kills += other.kills;
    failed_syncs += other.failed_syncs;
    units += other.units;
    references += other.references;
    moves += other.moves;
    refused += other.refused;
    written_under_sync += other.written_under_sync;
    bypassed += other.bypassed;
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
    return part("images", images) + part("points", points) +
           part("crashes in recovery", crashes_in_recovery) + part("power cuts", power_cuts) +
           part("kills", kills) + part("failed syncs", failed_syncs) + part("units", units) +
           part("references", references) + part("log starts moved", moves) +
           part("refused", refused) + part("written under a sync", written_under_sync) +
           part("past the journal", bypassed) + part("checkpoints", checkpoints) +
           part("segments removed", removed_segments) + part("torn frames", torn) +
           part("kept unanswered", kept_unanswered) + part("rot healed", rot_healed) +
           part("rot reported", rot_reported) + part("rot harmless", rot_harmless);
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

namespace {

/// Log starts are left out: what retention removed may come back with a power cut, as long as
/// nobody was told that it had gone for good; compare() sees to that.
bool has_same_values(const ModelState& a, const ModelState& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.values == y.values;
    });
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, bool has_relaxed)
    : seed_(seed), random_(seed), files_(seed * 31 + 7), has_relaxed_(has_relaxed) {}
Simulation::~Simulation() = default;

void Simulation::fail(const std::string& what) {
    if (failure_.empty()) {
        failure_ = "seed " + std::to_string(seed_) + ": " + what;
    }
}

// --- a life -------------------------------------------------------------------------------------

PartitionLogOptions Simulation::draw_options(std::size_t number) {
    PartitionLogOptions options;
    options.segment_bytes = 4096;
    options.preallocate_bytes = 2048;
    if (has_retention(number)) {
        options.retention_bytes = 6000;
    }
    if (number == kRelaxedPartition && has_relaxed_) {
        options.durability = chance(20)   ? Durability::kFsync
                             : chance(50) ? Durability::kCache
                                          : Durability::kInterval;
    }
    return options;
}

bool Simulation::start_process(FaultFileSystem& files, std::unique_ptr<Process>& process) {
    process = std::make_unique<Process>(files, clock_, random_.next(), logger_);
    JournalOptions options;
    options.file_bytes = 32 * 1024;
    options.inline_bytes_max = 512;
    options.frame_inline_bytes_max = 3000;
    options.group_bytes_max = 12 * 1024;
    options.checkpoint_bytes = 48 * 1024;
    options.write_ahead_bytes = chance(70) ? 0 : 2000;
    Process* const dying = process.get();
    options.on_sync_failure = [dying](const Error&) { dying->is_dead = true; };
    const auto is_expected = [&files](const Error& error) {
        return files.has_crashed() || error.message.find("injected") != std::string::npos;
    };
    auto journal = Journal::open(process->env, kData, options, [](TopicPartition) { return true; });
    if (!journal.ok()) {
        if (!is_expected(journal.error())) {
            fail("journal does not open: " + journal.error().message);
        }
        process->is_dead = true;
        return false;
    }
    process->journal = std::move(journal).value();
    const RecoveryReport& recovered = process->journal->recovery();
    for (std::size_t i = 0; i < kPartitions; ++i) {
        const bool is_known = recovered.ends.contains(id_of(i));
        auto log = PartitionLog::open(process->env,
                                      PartitionLog::directory_of(kData, id_of(i)),
                                      draw_options(i),
                                      is_known ? recovered.ends.at(id_of(i)) : LogPosition{},
                                      is_known ? recovered.log_starts.at(id_of(i)) : Offset{0},
                                      recovered.relaxed.contains(id_of(i)));
        if (!log.ok()) {
            const bool is_told =
                !recovered.corrupt.empty() && log.error().code == ErrorCode::kCorruptBatch;
            if (!is_expected(log.error()) && !is_told) {
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

void Simulation::add_piece(JournalUnit& unit, ModelUnit& made, std::size_t number) {
    std::vector<std::string> values;
    std::vector<Fingerprint> fingerprints;
    // One at most of what the relaxed partition gets: a unit that has too much for it is refused
    // after it was admitted, which the model would hear of late.
    const bool may_be_large =
        number != kRelaxedPartition ||
        std::none_of(made.pieces.begin(), made.pieces.end(), [](const auto& piece) {
            return piece.first == kRelaxedPartition;
        });
    const bool is_large = chance(15) && may_be_large;
    counts_.references += is_large ? 1 : 0;
    for (std::uint64_t r = 1 + random_.below(3); r > 0; --r) {
        values.push_back(std::to_string(next_value_++) + " " +
                         std::string(is_large ? 500 + random_.below(150) : random_.below(60),
                                     static_cast<char>('a' + random_.below(26))));
        fingerprints.push_back(fingerprint_of(as_bytes(values.back())));
    }
    unit.pieces.push_back({process_->logs[number].get(), id_of(number), batch_of(values)});
    made.pieces.emplace_back(number, std::move(fingerprints));
}

void Simulation::submit_some() {
    for (std::uint64_t units = 1 + random_.below(4); units > 0; --units) {
        submit_one();
    }
}

void Simulation::submit_one() {
    const auto made = std::make_shared<ModelUnit>();
    JournalUnit unit;
    if (chance(20)) {
        add_piece(unit, *made, kRelaxedPartition);
    } else {
        for (std::uint64_t pieces = 1 + random_.below(4); pieces > 0; --pieces) {
            add_piece(unit, *made, random_.below(kPartitions));
        }
    }
    if (chance(8)) {
        const std::size_t number = random_.below(kPartitions);
        PartitionLog& log = *process_->logs[number];
        const auto before =
            random_.below(static_cast<std::uint64_t>(log.high_watermark().value) + 1);
        made->moves.emplace_back(number, static_cast<std::int64_t>(before));
        unit.moves.push_back({&log, id_of(number), Offset{made->moves.back().second}});
        ++counts_.moves;
    }
    made->is_loose = has_relaxed_ && made->pieces.size() == 1 && made->moves.empty() &&
                     made->pieces.front().first == kRelaxedPartition;
    if (chance(4)) {
        made->is_broken = true;
        unit.pieces.back().batches.span().back() ^= std::byte{1};  // its CRC fails
    }
    const bool is_refused = chance(3);
    unit.can_wait_for_sync = chance(25);
    unit.admit = [this, made, is_refused](std::vector<JournalPiece>&) -> Status {
        if (is_refused) {
            return Error{ErrorCode::kFenced, "refused"};
        }
        admitted_.push_back(made);
        return Ok{};
    };
    unit.written = [made](const UnitCommitted&) { made->is_written = true; };
    unit.published = [this, made](const UnitCommitted& committed) {
        on_published(made, committed);
    };
    unit.done = [this, made](const Result<UnitCommitted>& result) {
        made->is_acked = result.ok();
        counts_.units += std::uint64_t{result.ok()};
        if (result.ok() && made->is_passed_over) {
            fail("units are published out of order");
        }
        if (!result.ok()) {
            ++counts_.refused;
            // Of the write that the process died in enough may be there; nobody heard this answer.
            if (result.error().message.find("crashed at") == std::string::npos) {
                std::erase(admitted_, made);
            }
        }
    };
    process_->journal->submit(std::move(unit));
}

void Simulation::on_published(const std::shared_ptr<ModelUnit>& made,
                              const UnitCommitted& committed) {
    if (made->is_loose && std::find(admitted_.begin(), admitted_.end(), made) != admitted_.end()) {
        std::erase(admitted_, made);
        admitted_.push_front(made);  // what goes past the journal overtakes
    }
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
    std::vector<std::size_t> ends;
    for (const ModelPartition& partition : committed_) {
        ends.push_back(partition.values.size());
    }
    const std::size_t before = ends[kRelaxedPartition];
    for (std::size_t i = 0; i < made->pieces.size(); ++i) {
        const auto& [partition, values] = made->pieces[i];
        if (committed.base_offsets[i].value != static_cast<std::int64_t>(ends[partition])) {
            fail("a unit got an offset that is not the next one");
        }
        ends[partition] += values.size();
    }
    add_to(committed_, *made);
    if (!made->is_loose && ends[kRelaxedPartition] != before) {
        note_flushed();  // with everything before its piece
    }
}

void Simulation::note_flushed() {
    if (committed_.empty()) {
        return;  // a failure was found, and there is no state to go on from
    }
    relaxed_floor_ = static_cast<std::int64_t>(committed_[kRelaxedPartition].values.size());
}

/// The next group is written while this sync runs.
void Simulation::work_under_sync() {
    if (is_under_sync_ || process_ == nullptr || process_->journal == nullptr ||
        process_->is_dead || !chance(40)) {
        return;
    }
    is_under_sync_ = true;
    const std::uint64_t before = files_.calls(FileCall::kWrite, "/data/wal/");
    submit_some();
    for (std::uint64_t runs = 1 + random_.below(4); runs > 0; --runs) {
        process_->io.run_one();
    }
    counts_.written_under_sync += files_.calls(FileCall::kWrite, "/data/wal/") - before;
    is_under_sync_ = false;
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
        clock_.advance(std::chrono::milliseconds(chance(50) ? 5 : 60));
        process_->io.run_all();
    } else if (dice < 80) {
        clock_.advance(std::chrono::milliseconds(31'000));
        process_->io.run_all();
    } else if (dice < 83) {
        if (process_->journal->checkpoint().ok() && !process_->is_dead) {
            note_flushed();
        }
    } else if (dice < 85) {
        process_->logs[kRelaxedPartition]->set_options(draw_options(kRelaxedPartition));
    } else if (dice < 90) {
        const std::uint64_t before = files_.calls(FileCall::kRemove, "/topics/");
        static_cast<void>(process_->journal->apply_retention());
        counts_.removed_segments += files_.calls(FileCall::kRemove, "/topics/") - before;
    } else if (dice < 94) {
        is_space_tight_ = true;
        files_.set_capacity(files_.used_bytes() + random_.below(6000));
        submit_some();
        process_->io.run_all();
        files_.set_capacity(std::nullopt);
        is_space_tight_ = false;
    } else if (dice < 97) {
        for (std::size_t i = 0; i < kPartitions; ++i) {
            process_->journal->remove_partition(id_of(i));
            process_->journal->add_partition(id_of(i), process_->logs[i].get());
        }
    } else {
        restart_cleanly();
    }
}

void Simulation::restart_cleanly() {
    process_->io.run_all();
    const Status closed = process_->journal->close();
    process_->io.run_all();
    if (!closed.ok()) {
        return;
    }
    counts_.checkpoints += process_->journal->stats().checkpoints;
    counts_.bypassed += process_->journal->stats().bypassed;
    process_.reset();
    Recovered next = recover(files_, moment(), Crash::kKill);
    if (next.is_open) {
        committed_ = std::move(next.state);
        note_flushed();
    }
    process_ = std::move(next.process);
}

void Simulation::look_as_reader() {
    for (std::size_t i = 0; i < process_->logs.size(); ++i) {
        seen_[i].end = std::max(seen_[i].end, process_->logs[i]->high_watermark().value);
        seen_[i].log_start = std::max(seen_[i].log_start, process_->logs[i]->log_start().value);
    }
}

void Simulation::work() {
    for (int step = 0; step < 120 && failure_.empty(); ++step) {
        if (files_.has_crashed() || process_->is_dead) {
            return;
        }
        one_step();
        look_as_reader();
    }
}

ModelMoment Simulation::moment() const {
    ModelMoment now{.committed = committed_,
                    .admitted = {},
                    .seen = seen_,
                    .relaxed_floor = relaxed_floor_,
                    .is_disk_failed = is_disk_failed_};
    for (const auto& unit : admitted_) {
        now.admitted.push_back(*unit);
    }
    return now;
}

void Simulation::end_life() {
    if (process_->journal != nullptr) {
        counts_.checkpoints += process_->journal->stats().checkpoints;
        counts_.bypassed += process_->journal->stats().bypassed;
        process_->io.run_all();  // answers that were on their way count as given
    }
    const bool is_failed_sync = process_->is_dead && !files_.has_crashed();
    counts_.failed_syncs += is_failed_sync ? 1 : 0;
    is_disk_failed_ = is_failed_sync;
    files_.fail_syncs_by_chance(0);
    files_.set_capacity(std::nullopt);
    is_space_tight_ = false;
    process_.reset();
}

// --- afterwards ---------------------------------------------------------------------------------

Simulation::Recovered Simulation::recover(FaultFileSystem& files,
                                          const ModelMoment& was,
                                          Crash crash) {
    Recovered recovered;
    recovered.is_open = start_process(files, recovered.process) && !files.has_crashed();
    if (!recovered.is_open || !failure_.empty()) {
        recovered.is_open = false;
        return recovered;
    }
    counts_.torn += std::uint64_t{recovered.process->journal->recovery().torn_bytes > 0};
    if (!recovered.process->journal->recovery().corrupt.empty()) {
        fail("a crash looks like rot: " + recovered.process->journal->recovery().corrupt.front());
        return recovered;
    }
    std::vector<FoundPartition> found;
    std::vector<StartCheck> starts;
    for (std::size_t i = 0; i < kPartitions; ++i) {
        found.push_back(read_partition(*recovered.process->logs[i]));
        starts.push_back(has_retention(i) ? StartCheck::kAtLeast : StartCheck::kExact);
    }
    if (files.has_crashed()) {
        recovered.is_open = false;  // reading makes indexes, and the disk was to end here
        return recovered;
    }
    Verdict verdict = judge(was, found, starts, crash);
    if (!verdict.problem.empty()) {
        fail(std::string(crash == Crash::kKill ? "kill: " : "power cut: ") + verdict.problem);
    }
    counts_.kept_unanswered += verdict.unanswered;
    recovered.state = std::move(verdict.state);
    return recovered;
}

void Simulation::try_images(const Point& point, int count) {
    ++counts_.points;
    for (int i = 0; i < count && failure_.empty(); ++i) {
        try_image(point, i == 0);
    }
}

/// The same moment, with other luck: recovered, compared, and some of them recovered again.
void Simulation::try_image(const Point& point, bool is_first) {
    const auto disk = point.disk->clone(random_.next());
    Crash crash = is_first || chance(75) ? Crash::kPowerCut : Crash::kKill;
    for (int attempt = 0; failure_.empty(); ++attempt) {
        if (crash == Crash::kKill) {
            disk->kill();
            ++counts_.kills;
        } else {
            disk->power_cut(is_first ? PowerCut::kLoseAll : PowerCut::kMixed);
            ++counts_.power_cuts;
        }
        if (attempt < 2 && chance(15)) {
            disk->crash_after(random_.below(90));
        }
        ++counts_.images;
        const Recovered first = recover(*disk, point.moment, crash);
        if (!failure_.empty()) {
            return;
        }
        if (!first.is_open) {
            // Recovery itself was cut short; whatever it did must not make things worse.
            ++counts_.crashes_in_recovery;
            crash = crash == Crash::kKill && chance(50) ? Crash::kKill : Crash::kPowerCut;
            continue;
        }
        if (chance(30)) {
            disk->never_crash();
            disk->power_cut(PowerCut::kLoseAll);
            ++counts_.images;
            const Recovered second = recover(*disk, point.moment, crash);
            if (failure_.empty() && !has_same_values(second.state, first.state)) {
                fail("recovering twice gives something else");
            }
        }
        return;
    }
}

/// The one image that the disk goes on with; recovery itself may crash or meet failing syncs.
void Simulation::go_on() {
    Crash crash = Crash::kKill;
    for (int attempt = 0; failure_.empty(); ++attempt) {
        if (chance(65)) {
            crash = Crash::kPowerCut;
            files_.power_cut();
            ++counts_.power_cuts;
        } else {
            files_.kill();
            ++counts_.kills;
        }
        if (attempt < 3 && chance(45)) {
            if (chance(70)) {
                files_.crash_after(random_.below(60));
            } else {
                files_.fail_syncs_by_chance(8);
            }
        }
        ++counts_.images;
        Recovered recovered = recover(files_, moment(), crash);
        is_disk_failed_ = is_disk_failed_ || !recovered.is_open;
        files_.fail_syncs_by_chance(0);
        if (recovered.is_open && failure_.empty()) {
            files_.never_crash();
            is_disk_failed_ = false;
            committed_ = std::move(recovered.state);
            admitted_.clear();
            note_flushed();
            seen_ = std::vector<FoundPartition>(kPartitions);
            process_ = std::move(recovered.process);
            return;
        }
        ++counts_.crashes_in_recovery;
    }
}

/// One bit of what was durable flips while the process is down.
void Simulation::rot() {
    files_.never_crash();
    files_.take_image(0, nullptr);
    // Strict from here on: of what bypassed the journal a lost frame would say nothing.
    PartitionLogOptions strict = draw_options(kRelaxedPartition);
    strict.durability = Durability::kFsync;
    process_->logs[kRelaxedPartition]->set_options(strict);
    const bool has_just_started = chance(30);  // its checkpoints are the two of the start
    for (int i = 0; i < (has_just_started ? 0 : 8); ++i) {
        submit_some();
        process_->io.run_all();
    }
    clock_.advance(std::chrono::milliseconds(5));
    process_->io.run_all();
    if (!has_just_started) {
        static_cast<void>(process_->journal->checkpoint());
    }
    const std::uint64_t more = has_just_started ? 1 + random_.below(4) : 4 + random_.below(30);
    for (std::uint64_t i = more; i > 0; --i) {
        submit_some();
        process_->io.run_all();
    }
    files_.during_sync("", nullptr);  // nothing comes behind what is synced and stamped now
    clock_.advance(std::chrono::milliseconds(5));
    process_->io.run_all();  // syncs what could wait
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
        // A partition may be refused, but only when rot was reported: a frame that is lost may have
        // been all that was left of a segment.
        if (process->journal == nullptr || process->journal->recovery().corrupt.empty()) {
            fail("rot keeps the journal from opening");
        }
        ++counts_.rot_reported;
        return;
    }
    const RecoveryReport& report = process->journal->recovery();
    const bool is_reported = !report.corrupt.empty();
    if (is_reported) {
        ++counts_.rot_reported;
    } else {
        ++(report.healed.empty() ? counts_.rot_harmless : counts_.rot_healed);
    }
    // Never cut: where the segments are whole all of it is still there, although nothing can prove
    // it. After a power cut they may not be, which is what the report says.
    if (!is_reported || !is_power_cut) {
        std::vector<FoundPartition> found;
        for (std::size_t i = 0; i < kPartitions; ++i) {
            found.push_back(read_partition(*process->logs[i]));
        }
        const std::vector<StartCheck> starts(
            kPartitions, is_reported ? StartCheck::kNone : StartCheck::kAtLeast);
        const Verdict verdict =
            judge(moment(), found, starts, is_power_cut ? Crash::kPowerCut : Crash::kKill);
        if (!verdict.problem.empty()) {
            fail("rot: " + verdict.problem);
        }
    }
}

std::string Simulation::run() {
    if (!start_process(files_, process_)) {
        return failure_;
    }
    files_.during_sync("/data/wal/", [this] { work_under_sync(); });
    for (int life = 0; life < kLives && failure_.empty(); ++life) {
        files_.crash_after(random_.below(700));
        if (chance(20)) {
            files_.fail_syncs_by_chance(60);
        }
        points_.clear();
        files_.take_image(random_.below(60), [this](std::unique_ptr<FaultFileSystem> disk) {
            // On a full disk units are refused after they were admitted: the model hears of it
            // late.
            if (!is_space_tight_ && (process_ == nullptr || !process_->is_dead)) {
                points_.push_back({std::move(disk), moment()});
            }
            return points_.size() < kPointsPerLife ? 1 + random_.below(80) : 0;
        });
        work();
        end_life();
        for (const Point& point : points_) {
            try_images(point, kImagesPerPoint);
        }
        if (failure_.empty()) {
            try_images({files_.clone(random_.next()), moment()}, kImagesPerPoint);
        }
        if (failure_.empty()) {
            go_on();
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

TEST(CrashImages, KeepEveryPromise) {
    const std::uint64_t images = from_environment("MILLRACE_CRASH_IMAGES", 500'000);
    const std::uint64_t first_seed = from_environment("MILLRACE_CRASH_SEED", 1);
    const bool has_relaxed = from_environment("MILLRACE_CRASH_RELAXED", 1) != 0;
    constexpr std::size_t kFailuresMax = 5;
    std::mutex mutex;
    SimulationCounts counts;
    std::uint64_t next_seed = first_seed;
    std::vector<std::string> failures;
    std::vector<std::thread> threads;
    for (unsigned t = std::max(1U, std::thread::hardware_concurrency()); t > 0; --t) {
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            while (failures.size() < kFailuresMax && counts.images < images) {
                const std::uint64_t seed = next_seed++;
                lock.unlock();
                Simulation simulation(seed, has_relaxed);
                const std::string found = simulation.run();
                lock.lock();
                counts.add(simulation.counts());
                if (!found.empty()) {
                    failures.push_back(found);
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(failures, testing::IsEmpty());
    std::printf("seeds %llu to %llu: %s\n",
                static_cast<unsigned long long>(first_seed),
                static_cast<unsigned long long>(next_seed - 1),
                counts.text().c_str());
}

struct Planted {
    int number;
    const char* name;
    std::uint64_t first_seed = 1;  // near one that finds it
};

class CrashMutants : public testing::TestWithParam<Planted> {};

/// The proof that the simulation bites: it must find each planted bug, and soon.
TEST_P(CrashMutants, AreFound) {
    constexpr std::uint64_t kImagesMax = 150'000;
    const PlantedMutant planted(GetParam().number);
    std::uint64_t images = 0;
    std::string failure;
    for (std::uint64_t seed = GetParam().first_seed; images < kImagesMax && failure.empty();
         ++seed) {
        Simulation simulation(seed);
        failure = simulation.run();
        images += simulation.counts().images;
    }
    EXPECT_NE(failure, "") << "not found in " << images << " images";
    std::printf("mutant %d %s: %llu images, %s\n",
                GetParam().number,
                GetParam().name,
                static_cast<unsigned long long>(images),
                failure.c_str());
}

INSTANTIATE_TEST_SUITE_P(All,
                         CrashMutants,
                         testing::Values(Planted{1, "AckBeforeSync"},
                                         Planted{2, "AckWrittenUnderSync"},
                                         Planted{3, "PublishBeforeSync"},
                                         Planted{4, "NoReferenceSync"},
                                         Planted{5, "NoWalDirectorySync"},
                                         Planted{6, "NoCheckpointDataSync"},
                                         Planted{7, "RenameWithoutSync"},
                                         Planted{8, "RecycleTooEarly"},
                                         Planted{9, "ReferenceUnchecked"},
                                         Planted{10, "NoRewriteInRecovery"},
                                         Planted{11, "RotIsTorn"},
                                         Planted{12, "SyncErrorBelieved"},
                                         Planted{13, "OneCheckpointAtStart"},
                                         Planted{14, "NoSegmentDirectorySync"},
                                         Planted{15, "LengthTrustedWithoutCrc"},
                                         Planted{16, "LogStartMovedBeforeSync"},
                                         Planted{17, "WriteUnderSyncCountsAsSynced"},
                                         Planted{18, "WrittenToldBeforeTheWrite"},
                                         Planted{20, "RelaxedPieceBeforeItsFrame"},
                                         Planted{21, "NoSyncOfWhatBypassed"},
                                         Planted{22, "BypassedTailIgnored"},
                                         Planted{23, "RecoveryBelievesTheCache"},
                                         Planted{24, "RelaxedPieceBeforeItsEvidence", 220}),
                         [](const auto& planted) { return std::string(planted.param.name); });

}  // namespace
}  // namespace millrace::log
