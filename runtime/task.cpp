#include "runtime/task.h"

#include <algorithm>

#include "runtime/task_context.h"

namespace millrace::runtime {

namespace {

/// Rows that a pass takes from one input when there are more.
constexpr std::size_t kPassRows = 4096;

std::uint64_t seq_at(const RowBatch& rows, std::uint32_t position) {
    return rows.seq_at(rows.row(position));
}

/// First position in [begin, end) whose seq is at or above `seq`.
std::uint32_t lower_bound(const RowBatch& rows,
                          std::uint32_t begin,
                          std::uint32_t end,
                          std::uint64_t seq) {
    while (begin < end) {
        const std::uint32_t middle = begin + (end - begin) / 2;
        if (seq_at(rows, middle) < seq) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

}  // namespace

Task::Task(Component& component, std::size_t sub_topology, Partition partition)
    : component_(component),
      sub_topology_(sub_topology),
      partition_(partition),
      strand_(component.home, [this] { return step(); }) {}

Task::~Task() = default;

Result<std::unique_ptr<Task>> Task::make(Component& component,
                                         std::size_t sub_topology,
                                         Partition partition) {
    std::unique_ptr<Task> made(new Task(component, sub_topology, partition));
    for (const std::size_t id : component.plan.sub_topologies[sub_topology].nodes) {
        MILLRACE_TRY_STATUS(made->add_node(id));
    }
    return made;
}

Status Task::add_node(std::size_t id) {
    const Graph::Node& planned = component_.plan.node(id);
    auto node = std::make_unique<Node>();
    node->id = id;
    node->planned = &planned;
    node->context = std::make_unique<Context>(*this, *node);
    if (planned.op) {
        node->op = planned.op->factory(partition_);
        if (!node->op) {
            return Error{ErrorCode::kInvalidArgument,
                         "the factory made no operator: " + planned.op->name};
        }
        uses_timers_ = uses_timers_ || planned.op->uses_timers;
    } else if (planned.sink) {
        MILLRACE_TRY(node->sink, TopicSink::make(component_, id, partition_));
    }
    for (std::size_t port = 0; port < planned.inputs.size(); ++port) {
        if (planned.inputs[port].edge == EdgeKind::kForward) {
            Node& from = at(static_cast<std::size_t>(planned.inputs[port].from.value));
            node->lanes.push_back(std::make_unique<Lane>(InputPort{static_cast<int>(port)}));
            from.consumers.push_back(node->lanes.back().get());
        }
    }
    nodes_.push_back(std::move(node));
    return Ok{};
}

Task::Node& Task::at(std::size_t graph_node) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), [graph_node](const auto& node) {
        return node->id == graph_node;
    });
    CHECK(found != nodes_.end());
    return **found;
}

void Task::connect_source(std::size_t node, Edge& edge) {
    at(node).lanes.push_back(std::make_unique<Lane>(InputPort{0}, &edge));
    inputs_.push_back(at(node).lanes.back().get());
}

void Task::connect_shuffle(std::size_t node, std::size_t port, Edge& edge) {
    auto& lanes = at(node).lanes;
    const InputPort to{static_cast<std::int32_t>(port)};
    // Lanes stand in the order of ports, then of producers: gather() merges by it.
    const auto behind = std::find_if(
        lanes.begin(), lanes.end(), [to](const auto& lane) { return lane->port > to; });
    const auto made = lanes.insert(behind, std::make_unique<Lane>(to, &edge));
    inputs_.push_back(made->get());
}

void Task::add_exchange(std::size_t node, std::unique_ptr<Exchange> exchange) {
    at(node).exchanges.push_back(std::move(exchange));
}

void Task::post_barrier(const Barrier& barrier) {
    {
        const std::lock_guard lock(mutex_);
        barriers_.push_back(barrier);
    }
    strand_.wake();
}

Step Task::step() {
    // Inputs first, barriers second: a barrier is posted before any row behind it is sent.
    const std::uint64_t progress = receive();
    std::optional<Barrier> barrier;
    {
        const std::lock_guard lock(mutex_);
        if (!barriers_.empty()) {
            barrier = barriers_.front();
        }
    }
    std::uint64_t bound = progress;
    bool is_closing = false;  // the next pass is the one at the end of input
    if (barrier) {
        const std::uint64_t rows_end = barrier->is_end_of_input ? barrier->seq - 1 : barrier->seq;
        is_closing = barrier->is_end_of_input && processed_ == rows_end;
        bound = std::min(progress, is_closing ? barrier->seq : rows_end);
    }
    if (bound > processed_ || !is_sent_) {
        bool has_rows = false;
        std::uint64_t end = std::max(bound, processed_);
        if (is_closing) {
            has_rows = true;  // operators may emit
            for (const auto& node : nodes_) {
                node->end_of_input = {TimeUpdate::Kind::kEndOfInput, barrier->end_time};
            }
        } else {
            end = end_of_pass(end, has_rows);
        }
        if (has_rows && !has_credit()) {
            return Step::kIdle;  // a consumer gives credit back and wakes us
        }
        if (has_rows) {
            take_rows(end);
            run_pass(is_closing ? Pass::kEndOfInput : Pass::kRows, end);
            if (uses_timers_) {
                run_timers(end);
            }
        }
        if (component_.gate.is_closed()) {
            return Step::kIdle;
        }
        advance(end);
        return Step::kMore;
    }
    if (barrier && processed_ >= barrier->seq) {
        {
            const std::lock_guard lock(mutex_);
            barriers_.pop_front();
        }
        pass_barrier(*barrier);
        return component_.gate.is_closed() ? Step::kIdle : Step::kMore;
    }
    return Step::kIdle;
}

/// Takes what the edges have. Returns the seq below which nothing more will come.
std::uint64_t Task::receive() {
    std::uint64_t progress = ~std::uint64_t{0};
    for (Lane* lane : inputs_) {
        progress = std::min(progress, lane->edge->receive(lane->queue));
    }
    return progress;
}

/// Where a pass that takes rows below `bound` ends: at `bound`, or earlier when there are too many.
std::uint64_t Task::end_of_pass(std::uint64_t bound, bool& has_rows) const {
    std::uint64_t end = bound;
    for (const Lane* lane : inputs_) {
        std::size_t rows = 0;
        for (const Edge::Item& item : lane->queue) {
            if (seq_at(*item.rows, item.position) >= end) {
                break;
            }
            has_rows = true;
            rows += item.rows->selected() - item.position;
            if (rows >= kPassRows) {
                end = std::min(end, seq_at(*item.rows, item.rows->selected() - 1) + 1);
                break;
            }
        }
    }
    if (!uses_timers_) {
        return end;
    }
    // Timers fire right behind the row that advances stream time: such a row ends its pass.
    for (const Lane* lane : inputs_) {
        for (const Edge::Item& item : lane->queue) {
            const std::uint32_t last =
                lower_bound(*item.rows, item.position, item.rows->selected(), end);
            for (std::uint32_t i = item.position; i < last; ++i) {
                if (item.rows->timestamp(item.rows->row(i)).value > stream_time_) {
                    end = std::min(end, seq_at(*item.rows, i) + 1);
                    break;
                }
            }
        }
    }
    return end;
}

/// Moves the rows below `end` from the edges' queues into the lanes' runs and gives credit back.
void Task::take_rows(std::uint64_t end) {
    for (Lane* lane : inputs_) {
        std::size_t rows = 0;
        std::size_t bytes = 0;
        while (!lane->queue.empty()) {
            Edge::Item& item = lane->queue.front();
            const std::uint32_t size = item.rows->selected();
            const std::uint32_t to = lower_bound(*item.rows, item.position, size, end);
            if (to > item.position) {
                lane->runs.push_back(Run{lane->port, item.rows, item.position, to});
                rows += to - item.position;
                if (uses_timers_) {
                    for (std::uint32_t i = item.position; i < to; ++i) {
                        const std::int64_t time = item.rows->timestamp(item.rows->row(i)).value;
                        if (time > stream_time_) {
                            stream_time_ = time;
                            stream_time_changed_ = true;
                        }
                    }
                }
                item.position = to;
            }
            if (to < size) {
                break;
            }
            bytes += item.bytes;
            lane->queue.pop_front();
        }
        if (rows > 0) {
            lane->edge->consumed(rows, bytes);
        }
    }
}

void Task::run_pass(Pass pass, std::uint64_t end) {
    Context::set_forced_seq(*this, pass == Pass::kRows ? std::nullopt : std::optional(end - 1));
    for (const auto& node : nodes_) {
        run_node(*node, pass);
        if (component_.gate.is_closed()) {
            break;
        }
    }
    Context::set_forced_seq(*this, std::nullopt);
}

void Task::run_node(Node& node, Pass pass) {
    gather(node);
    if (node.planned->source) {
        for (const Run& run : node.merged) {
            forward(node, run);
        }
    } else if (node.op) {
        Status ran = run_operator(node, pass);
        if (!ran.ok()) {
            fail(node, std::move(ran).error());
        }
    } else if (node.sink) {
        Status written = write_sink(node);
        if (!written.ok()) {
            fail(node, std::move(written).error());
        }
    } else {
        deliver(node);
    }
    node.merged.clear();
}

Status Task::run_operator(Node& node, Pass pass) {
    if (!node.merged.empty()) {
        MILLRACE_TRY_STATUS(node.op->process(node.merged, *node.context));
    }
    switch (pass) {
        case Pass::kRows:
            return Ok{};
        case Pass::kEndOfInput:
            return node.op->on_time(node.end_of_input, *node.context);
        case Pass::kTimers:
            return node.due.empty() ? Status(Ok{}) : node.op->on_timer(node.due, *node.context);
    }
    return Ok{};
}

Status Task::write_sink(Node& node) {
    std::vector<RowError> errors;
    for (const Run& run : node.merged) {
        errors.clear();
        MILLRACE_TRY_STATUS(node.sink->write(run, errors));
        for (const RowError& error : errors) {
            report(node, *run.rows, error);
        }
    }
    if (component_.figures.staged_bytes.load() > component_.options.staged_bytes_max) {
        coordinator_->request();
    }
    return Ok{};
}

void Task::deliver(Node& node) {
    for (const Run& run : node.merged) {
        const RowBatchPtr rows = compact(run.rows, run.begin, run.end);
        if (component_.callbacks_ended.load()) {
            return;
        }
        component_.figures.rows_out.fetch_add(rows->selected());
        if (!node.planned->callback->deliver(partition_, rows)) {
            component_.callbacks_ended.store(true);
            component_.end_query();
            return;
        }
    }
}

void Task::forward(Node& node, const Run& run) {
    for (Lane* lane : node.consumers) {
        lane->runs.push_back(Run{lane->port, run.rows, run.begin, run.end});
    }
    for (const auto& exchange : node.exchanges) {
        exchange->send(run);
    }
}

/// Merges the runs of the node's lanes by (seq, lane) into node.merged.
void Task::gather(Node& node) {
    struct Head {
        Lane* lane;
        std::size_t run = 0;
    };
    std::vector<Head> heads;
    for (const auto& lane : node.lanes) {
        if (!lane->runs.empty()) {
            heads.push_back({lane.get()});
        }
    }
    if (heads.size() == 1) {
        node.merged.swap(heads[0].lane->runs);
        return;
    }
    const auto seq_of = [](const Head& head) {
        const Run& run = head.lane->runs[head.run];
        return seq_at(*run.rows, run.begin);
    };
    while (!heads.empty()) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < heads.size(); ++i) {
            if (seq_of(heads[i]) < seq_of(heads[best])) {
                best = i;
            }
        }
        // It goes on until another lane's head comes first.
        std::uint64_t end_seq = ~std::uint64_t{0};
        for (std::size_t i = 0; i < heads.size(); ++i) {
            if (i != best) {
                end_seq = std::min(end_seq, seq_of(heads[i]) + (i > best ? 1 : 0));
            }
        }
        Run& run = heads[best].lane->runs[heads[best].run];
        const std::uint32_t to = lower_bound(*run.rows, run.begin, run.end, end_seq);
        node.merged.push_back(Run{run.port, run.rows, run.begin, to});
        run.begin = to;
        if (run.begin == run.end && ++heads[best].run == heads[best].lane->runs.size()) {
            heads[best].lane->runs.clear();
            heads.erase(heads.begin() + static_cast<std::ptrdiff_t>(best));
        }
    }
}

bool Task::has_credit() {
    bool has = true;
    for (const auto& node : nodes_) {
        for (const auto& exchange : node->exchanges) {
            has = exchange->has_credit() && has;
        }
        const auto& callback = node->planned->callback;
        has = has && (!callback || !callback->has_room || callback->has_room());
    }
    return has;
}

void Task::advance(std::uint64_t processed) {
    processed_ = processed;
    is_sent_ = true;
    for (const auto& node : nodes_) {
        for (const auto& exchange : node->exchanges) {
            exchange->advance(processed);
        }
    }
}

void Task::fail(const Node& node, Error error) {
    component_.fail(std::move(error).with_context(node.name()));
}

void Task::report(const Node& node, const RowBatch& rows, const RowError& error) {
    ProcessingError failed;
    failed.step = node.name();
    failed.code = error.code;
    failed.message = error.message;
    if (rows.source_offsets && error.row < rows.size) {
        failed.partition = rows.source_partition;
        failed.offset = Offset{rows.source_offsets->at<std::int64_t>(error.row)};
    }
    failed.topic = node.source_topic(component_.plan);
    component_.report(std::move(failed));
}

}  // namespace millrace::runtime
