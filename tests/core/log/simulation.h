// Random work on a journal over a faulty disk, cut short at random steps; what comes back is
// compared with a plain model.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/log/journal.h"
#include "core/log/partition_log.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {

struct SimulationCounts {
    std::uint64_t images = 0;  // recoveries tried on a disk after a cut, a kill or a failed sync
    std::uint64_t crashes = 0;
    std::uint64_t crashes_in_recovery = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t kills = 0;
    std::uint64_t failed_syncs = 0;
    std::uint64_t units = 0;
    std::uint64_t references = 0;
    std::uint64_t refused = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t removed_segments = 0;
    std::uint64_t torn = 0;
    std::uint64_t kept_unanswered = 0;  // groups that came back although nobody was told
    std::uint64_t rot_healed = 0;
    std::uint64_t rot_reported = 0;
    std::uint64_t rot_harmless = 0;

    void add(const SimulationCounts& other);
    [[nodiscard]] std::string text() const;
};

/// One seed's run: a few lives of a process on one disk. Deterministic.
class Simulation {
  public:
    Simulation(std::uint64_t seed, JournalMutant mutant);
    /// Plants that the partitions' directories are never synced.
    void ignore_segment_directory_syncs() { files_.ignore_directory_syncs("/topics/"); }
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Empty when every invariant held; otherwise which one did not.
    [[nodiscard]] std::string run();
    [[nodiscard]] const SimulationCounts& counts() const { return counts_; }

  private:
    static constexpr int kPartitions = 5;
    struct Process;
    struct Unit {
        std::vector<std::pair<int, std::vector<std::string>>> pieces;
        bool is_acked = false;
        bool is_passed_over = false;  // a later one was published
    };
    using Contents = std::vector<std::vector<std::string>>;  // values of each partition, from 0

    void fail(const std::string& what);
    [[nodiscard]] bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
    void work();
    void submit_some();
    void one_step();
    void end_life();
    void draw_images();
    void recover();
    bool start_process(FaultFileSystem& files, std::unique_ptr<Process>& process);
    /// Compares with the model; the contents it stands for, or nothing and fail().
    Contents check(Process& process, bool may_be_short);
    static void apply(Contents& contents, const Unit& unit);
    void rot();

    const std::uint64_t seed_;
    const JournalMutant mutant_;
    SeededRandom random_;
    ManualClock clock_{1'000'000'000};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    FaultFileSystem files_;
    std::unique_ptr<Process> process_;
    SimulationCounts counts_;
    std::string failure_;

    // The model.
    Contents committed_ = Contents(kPartitions);  // published
    std::deque<std::shared_ptr<Unit>> admitted_;  // since the last publication, in order
    std::vector<std::int64_t> seen_ = std::vector<std::int64_t>(kPartitions);  // by readers
    std::uint64_t next_value_ = 0;
};

}  // namespace millrace::log
