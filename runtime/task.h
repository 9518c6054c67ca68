// Task: one sub-topology on one partition: merges its inputs into the one order, runs the operators
// over them, stages what an epoch leaves behind.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "runtime/changelog.h"
#include "runtime/commit.h"
#include "runtime/component.h"
#include "runtime/edge.h"
#include "runtime/exchange.h"
#include "runtime/operator.h"
#include "runtime/topic_sink.h"

namespace millrace::runtime {

/// Works in passes. A pass takes all rows below some seq from the inputs and runs them through the
/// nodes in topological order: each node gets what its inputs emitted in this pass, merged by (seq,
/// port, producer). So the rows that an operator sees, in their order, do not depend on where
/// passes end. On its own strand, but for the methods that say otherwise.
class Task {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Task>> make(Component& component,
                                                            std::size_t sub_topology,
                                                            Partition partition);
    ~Task();

    /// Before start: the parts around it.
    void set_coordinator(CommitCoordinator& coordinator) { coordinator_ = &coordinator; }
    [[nodiscard]] Strand& strand() { return strand_; }
    /// The edge by which the interleaver feeds the source node.
    void connect_source(std::size_t node, Edge& edge);
    /// The edge by which one producing task feeds a port; producers in the order of their
    /// partitions.
    void connect_shuffle(std::size_t node, std::size_t port, Edge& edge);
    /// The exchange towards the consumers of a node of this task.
    void add_exchange(std::size_t node, std::unique_ptr<Exchange> exchange);
    /// Committed state, before the first row. On the I/O executor, while the strand is idle.
    Status restore(const ChangelogState& state);

    /// Rows at or after the barrier's seq wait for it. Posted before any of them is sent, so that a
    /// task never sees them first. By the interleaver's strand.
    void post_barrier(const Barrier& barrier);
    /// Looks again whether there is something to do. Any thread, inside the gate.
    void wake() { strand_.wake(); }

  private:
    class Context;
    struct Lane;
    struct Node;
    enum class Pass : std::uint8_t { kRows, kTimers, kEndOfInput };

    Task(Component& component, std::size_t sub_topology, Partition partition);
    Status add_node(std::size_t id);
    [[nodiscard]] Node& at(std::size_t graph_node);

    Step step();
    [[nodiscard]] std::uint64_t receive();
    [[nodiscard]] std::uint64_t end_of_pass(std::uint64_t bound, bool& has_rows) const;
    void take_rows(std::uint64_t end);
    void run_pass(Pass pass, std::uint64_t end);
    void advance(std::uint64_t processed);
    void pass_barrier(const Barrier& barrier);
    [[nodiscard]] bool has_credit();
    void run_timers(std::uint64_t end);

    void run_node(Node& node, Pass pass);
    [[nodiscard]] Status run_operator(Node& node, Pass pass);
    [[nodiscard]] Status write_sink(Node& node);
    void deliver(Node& node);
    void forward(Node& node, const Run& run);
    void fail(const Node& node, Error error);
    void report(const Node& node, const RowBatch& rows, const RowError& error);
    void gather(Node& node);
    Status stage_timers();

    Component& component_;
    const std::size_t sub_topology_;
    const Partition partition_;
    CommitCoordinator* coordinator_ = nullptr;
    Strand strand_;
    std::vector<std::unique_ptr<Node>> nodes_;  // in topological order
    std::vector<Lane*> inputs_;                 // lanes fed by edges
    std::uint64_t processed_ = 0;               // every row below it is processed
    bool is_sent_ = false;                      // processed_ was announced
    BatchWriter changelog_;

    // Timers.
    struct TimerEntry {
        std::int64_t time;
        std::size_t node;
        std::string key;
        friend auto operator<=>(const TimerEntry&, const TimerEntry&) = default;
    };
    bool uses_timers_ = false;
    std::int64_t stream_time_ = -1;
    std::set<TimerEntry> timers_;
    std::set<TimerEntry> changed_timers_;  // since the last barrier: set or fired
    bool stream_time_changed_ = false;

    std::mutex mutex_;
    std::deque<Barrier> barriers_;  // guarded by mutex_
};

}  // namespace millrace::runtime
