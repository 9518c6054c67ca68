// Random work on a journal over a faulty disk, with images of the disk taken at random steps of it;
// what comes back from each is compared with a plain model (crash_model.h).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/log/journal.h"
#include "core/log/partition_log.h"
#include "tests/core/log/crash_model.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {

struct SimulationCounts {
    std::uint64_t images = 0;  // recoveries of a disk after a cut, a kill or a failed sync, checked
    std::uint64_t points = 0;  // moments that images are of
    std::uint64_t crashes_in_recovery = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t kills = 0;
    std::uint64_t failed_syncs = 0;
    std::uint64_t units = 0;
    std::uint64_t references = 0;
    std::uint64_t moves = 0;  // of log starts
    std::uint64_t refused = 0;
    std::uint64_t written_under_sync = 0;
    std::uint64_t bypassed = 0;  // units that went past the WAL
    std::uint64_t checkpoints = 0;
    std::uint64_t removed_segments = 0;
    std::uint64_t torn = 0;
    std::uint64_t kept_unanswered = 0;  // units that came back although nobody was told
    std::uint64_t rot_healed = 0;
    std::uint64_t rot_reported = 0;
    std::uint64_t rot_harmless = 0;

    void add(const SimulationCounts& other);
    [[nodiscard]] std::string text() const;
};

/// One seed's run: a few lives of a process on one disk. Deterministic, on one thread.
class Simulation {
  public:
    explicit Simulation(std::uint64_t seed);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Empty when every invariant held; otherwise which one did not.
    [[nodiscard]] std::string run();
    [[nodiscard]] const SimulationCounts& counts() const { return counts_; }

  private:
    static constexpr std::size_t kPartitions = 5;
    struct Process;
    /// A disk as it was at one moment.
    struct Point {
        std::unique_ptr<FaultFileSystem> disk;
        ModelMoment moment;
    };
    struct Recovered {
        bool is_open = false;
        std::unique_ptr<Process> process;
        ModelState state;
    };

    void fail(const std::string& what);
    [[nodiscard]] bool chance(std::uint64_t percent) { return random_.below(100) < percent; }

    // --- a life
    void work();
    void one_step();
    void submit_some();
    void submit_one();
    void add_piece(JournalUnit& unit, ModelUnit& made, std::size_t number);
    [[nodiscard]] PartitionLogOptions draw_options(std::size_t number);
    /// Everything published so far is on the disk.
    void note_flushed();
    void on_published(const std::shared_ptr<ModelUnit>& made, const UnitCommitted& committed);
    void work_under_sync();
    void restart_cleanly();
    void look_as_reader();
    void end_life();
    [[nodiscard]] ModelMoment moment() const;

    // --- afterwards
    [[nodiscard]] bool start_process(FaultFileSystem& files, std::unique_ptr<Process>& process);
    /// Opens what the crash left and compares.
    [[nodiscard]] Recovered recover(FaultFileSystem& files, const ModelMoment& was, Crash crash);
    void try_images(const Point& point, int count);
    void try_image(const Point& point, bool is_first);
    void go_on();
    void rot();

    const std::uint64_t seed_;
    SeededRandom random_;
    ManualClock clock_{1'000'000'000};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    FaultFileSystem files_;
    std::unique_ptr<Process> process_;
    std::vector<Point> points_;
    bool is_space_tight_ = false;
    bool is_under_sync_ = false;
    bool is_disk_failed_ = false;
    SimulationCounts counts_;
    std::string failure_;

    // The model.
    ModelState committed_ = ModelState(kPartitions);   // published
    std::deque<std::shared_ptr<ModelUnit>> admitted_;  // since the last publication, in order
    std::vector<FoundPartition> seen_ = std::vector<FoundPartition>(kPartitions);  // by readers
    std::int64_t relaxed_floor_ = 0;
    std::uint64_t next_value_ = 0;
};

}  // namespace millrace::log
