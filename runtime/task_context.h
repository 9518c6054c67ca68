// The inner parts of a Task: lanes, nodes, and the OpContext that operators see. Private to
// runtime/task*.cpp.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/task.h"

namespace millrace::runtime {

/// Rows on their way to one port from one producer: a node of the same task, or an edge.
struct Task::Lane {
    explicit Lane(InputPort port_given, Edge* edge_given = nullptr)
        : port(port_given), edge(edge_given) {}

    InputPort port;
    Edge* edge;                    // null: fed by a node of this task
    std::deque<Edge::Item> queue;  // from the edge, not taken yet
    std::vector<Run> runs;         // of this pass
};

struct Task::Node {
    std::size_t id = 0;
    const Graph::Node* planned = nullptr;
    std::unique_ptr<Operator> op;
    std::unique_ptr<TopicSink> sink;
    std::unique_ptr<Context> context;
    std::vector<std::unique_ptr<Lane>> lanes;  // by port, then producer
    std::vector<Lane*> consumers;              // of other nodes of this task
    std::vector<std::unique_ptr<Exchange>> exchanges;
    std::vector<Run> merged;  // scratch of a pass
    std::vector<Timer> due;   // of a timer pass
    TimeUpdate end_of_input;  // of the closing pass
    std::size_t state_bytes = 0;

    [[nodiscard]] std::string name() const {
        return planned->op ? planned->op->name : planned->sink ? "sink" : "source";
    }
    /// The topic that its rows come from when there is only one way up, else "".
    [[nodiscard]] std::string source_topic(const JobPlan& plan) const;
};

class Task::Context final : public OpContext {
  public:
    Context(Task& task, Node& node) : task_(task), node_(node) {}

    void emit(RowBatchPtr rows) override;
    void report(const RowBatch& rows, const RowError& error) override;
    void stage_delta(StoreId store, ByteView key, std::optional<ByteView> value) override;
    void set_timer(Timestamp time, ByteView key) override;
    void set_state_bytes(std::size_t bytes) override;
    void count_dropped(std::string_view reason, std::uint64_t rows) override;
    [[nodiscard]] Partition partition() const override { return task_.partition_; }

    /// Rows that no input row drives (timers, end of input) get this seq.
    static void set_forced_seq(Task& task, std::optional<std::uint64_t> seq);
    void set_in_barrier(bool is_in_barrier) { is_in_barrier_ = is_in_barrier; }

  private:
    Task& task_;
    Node& node_;
    std::optional<std::uint64_t> forced_seq_;
    bool is_in_barrier_ = false;
};

}  // namespace millrace::runtime
