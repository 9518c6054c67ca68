// Interleaver: decides the one total order of all rows that a job reads, and cuts it into epochs.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/commit.h"
#include "runtime/component.h"
#include "runtime/edge.h"
#include "runtime/task.h"
#include "runtime/topic_source.h"

namespace millrace::runtime {

/// What a commit records of one source partition beside its offset, as metadata of the group's
/// offset: "plan=<hex> seq=<next> max=<ms> bootstrap=<offset or ->".
struct SourceMemory {
    std::uint64_t plan_hash = 0;
    std::uint64_t next_seq = 0;
    std::int64_t running_max = 0;
    std::optional<Offset> bootstrap_end;

    [[nodiscard]] std::string to_string() const;
    /// nullopt when it is not such a text.
    [[nodiscard]] static std::optional<SourceMemory> parse(std::string_view text);
};

/// How the interleaving of this run ended.
enum class InterleaveEnd : std::uint8_t { kStopped, kFinished };

/// Takes decoded batches from the sources, gives every record the next seq and sends the rows to
/// the tasks. One per job, on its own strand.
///
/// The next record, under kTimestamp: of the source partition whose next record has the smallest
/// running maximum of timestamps; ties: the smaller source node, then the smaller partition. A
/// source partition at the end of its log does not take part until it has more. Records that were
/// dropped take a seq, too: the order does not depend on what the decoder thinks of a record.
class Interleaver {
  public:
    /// ended   once, on the I/O executor or the strand: after stop() or finish, all committed
    Interleaver(Component& component, std::function<void(InterleaveEnd)> ended);

    [[nodiscard]] Strand& strand() { return strand_; }
    /// Before start, sources ordered by (node, partition).
    void add_source(TopicSource& source, Edge& edge);
    void set_parts(std::vector<Task*> tasks, CommitCoordinator& coordinator) {
        tasks_ = std::move(tasks);
        coordinator_ = &coordinator;
    }

    struct Begin {
        Offset from;
        SourceMemory memory;
    };
    /// Reads the sources from `begins` on (one per source). With `has_moved` the first commit is
    /// made even if nothing was read: where the query started is worth keeping.
    void start(const std::vector<Begin>& begins, bool has_moved);

    // Any thread inside the gate; also before start.
    void set_bootstrap_ends(const std::string& topic, const std::vector<Offset>& ends);
    void hold_bootstrap(const std::string& topic);
    void finish_at(const std::map<std::string, std::vector<Offset>>& ends);
    /// Ends with what was read so far.
    void stop();
    /// As finish_at() what was read so far.
    void finish_now();

  private:
    struct Input {
        TopicSource* source = nullptr;
        Edge* edge = nullptr;
        bool is_table = false;
        std::optional<SourceBatch> head;
        std::uint32_t at = 0;       // next record of head
        std::uint32_t pending = 0;  // first record of head that has a seq and is not sent
        std::shared_ptr<std::vector<std::int64_t>> seqs;  // of head
        bool is_at_end = false;
        Offset next;  // first offset without seq
        std::int64_t running_max = 0;
        std::optional<Offset> bootstrap_end;
        std::optional<Offset> finish_end;
    };
    enum class Readiness : std::uint8_t { kReady, kAtEnd, kDone, kWaits };
    struct Choice {
        std::size_t input = 0;
        std::uint32_t count = 0;  // of records; 0: nothing may be sent now
    };

    Step step();
    void take_control();
    bool try_barrier();
    void inject(bool is_end_of_input, std::optional<InterleaveEnd> then);
    [[nodiscard]] bool may_send() const;
    void refresh(Input& input);
    [[nodiscard]] bool is_bootstrapping() const;
    [[nodiscard]] std::optional<Offset> end_of(const Input& input, bool bootstrapping) const;
    [[nodiscard]] Readiness readiness(const Input& input, bool bootstrapping) const;
    [[nodiscard]] std::uint32_t available(const Input& input, bool bootstrapping) const;
    [[nodiscard]] Choice choose();
    [[nodiscard]] Choice choose_by_time(bool bootstrapping) const;
    [[nodiscard]] Choice choose_by_script(std::optional<std::int32_t>& node) const;
    void note_move();
    /// finalize.idle: the timer asks for a look once the sources may have been idle long enough.
    void arm_idle_timer(std::chrono::nanoseconds delay);
    void look_at_idle();
    void stamp(Input& input, std::uint32_t count);
    void flush(Input& input);
    void flush_all();
    void advance();
    [[nodiscard]] bool is_finished() const;
    [[nodiscard]] SourceStaging staging() const;

    Component& component_;
    const std::function<void(InterleaveEnd)> ended_;
    Strand strand_;
    std::vector<Input> inputs_;  // by (node, partition)
    std::vector<Task*> tasks_;
    CommitCoordinator* coordinator_ = nullptr;
    std::uint64_t next_seq_ = 0;
    bool has_moved_ = false;  // since the last barrier
    std::atomic<bool> is_started_{false};
    bool is_over_ = false;                       // the last barrier is in
    std::chrono::nanoseconds last_row_{0};       // monotonic; kept for finalize.idle only
    bool has_idle_timer_ = false;                // or look_at_idle() is due
    std::atomic<bool> is_idle_look_due_{false};  // set by the timer
    bool closes_idle_ = false;                   // with the next barrier
    bool has_two_kinds_ = false;                 // of sources: tables and streams

    struct Control {
        bool stops = false;
        bool finishes_now = false;
        std::optional<std::map<std::string, std::vector<Offset>>> finish_ends;
        std::map<std::string, std::vector<Offset>> bootstrap_ends;
        std::map<std::string, bool> holds;
    };
    std::mutex mutex_;
    Control wanted_;               // guarded by mutex_
    bool has_new_wishes_ = false;  // guarded by mutex_
    Control control_;              // the strand's copy
};

}  // namespace millrace::runtime
