#include "runtime/task_context.h"

namespace millrace::runtime {

namespace {

ColumnPtr constant_seq(std::uint64_t seq, std::uint32_t size) {
    ColumnBuilder builder(TypeKind::kBigint, 1);
    builder.set(0, static_cast<std::int64_t>(seq));
    return Column::constant(builder.finish(1), 0, size);
}

}  // namespace

std::string Task::Node::source_topic(const JobPlan& plan) const {
    const Graph::Node* at = planned;
    while (!at->source) {
        if (at->inputs.size() != 1) {
            return "";
        }
        at = &plan.node(static_cast<std::size_t>(at->inputs[0].from.value));
    }
    return at->source->topic;
}

void Task::Context::emit(RowBatchPtr rows) {
    const std::uint32_t size = rows->selected();
    if (size == 0) {
        return;
    }
    if (is_in_barrier_ || size > kRowBatchRowsMax || (!forced_seq_ && !rows->seq)) {
        task_.fail(node_,
                   Error{ErrorCode::kInvalidArgument,
                         is_in_barrier_ ? "emitted rows at a barrier"
                         : !rows->seq   ? "emitted rows without order columns"
                                      : "emitted too many rows at once: " + std::to_string(size)});
        return;
    }
    if (forced_seq_) {
        auto stamped = std::make_shared<RowBatch>(*rows);
        stamped->seq = constant_seq(*forced_seq_, rows->size);
        stamped->sub = nullptr;
        rows = std::move(stamped);
    }
    task_.forward(node_, Run{InputPort{0}, std::move(rows), 0, size});
}

void Task::Context::report(const RowBatch& rows, const RowError& error) {
    task_.report(node_, rows, error);
}

void Task::Context::stage_delta(StoreId store, ByteView key, std::optional<ByteView> value) {
    if (task_.component_.plan.is_transient) {
        return;
    }
    if (!is_in_barrier_ || !node_.planned->op->is_stateful) {
        task_.fail(node_,
                   Error{ErrorCode::kInvalidArgument,
                         "staged a delta outside of a barrier, or is not declared stateful"});
        return;
    }
    Buffer record_key;
    ChangelogKey{store, static_cast<std::uint16_t>(node_.id), key}.append_to(record_key);
    Status added = task_.changelog_.add(
        record_key.view(), value, Timestamp{task_.component_.services.env.clock.wall_ms()});
    if (!added.ok()) {
        task_.fail(node_, std::move(added).error());
    }
}

void Task::Context::set_timer(Timestamp time, ByteView key) {
    if (!node_.planned->op->uses_timers) {
        task_.fail(node_,
                   Error{ErrorCode::kInvalidArgument, "set a timer without being declared to"});
        return;
    }
    const TimerEntry entry{time.value, node_.id, std::string(as_text(key))};
    task_.timers_.insert(entry);
    task_.changed_timers_.insert(entry);
}

void Task::Context::set_state_bytes(std::size_t bytes) {
    auto& all = task_.component_.figures.state_bytes;
    const std::size_t before = node_.state_bytes;
    node_.state_bytes = bytes;
    const std::size_t now = all.fetch_add(bytes - before) + (bytes - before);
    const std::size_t limit = task_.component_.options.state_bytes_max;
    if (bytes > before && now > limit) {
        task_.fail(node_,
                   Error{ErrorCode::kOutOfMemoryBudget,
                         "the query's state is above state.memory.bytes: " + std::to_string(now) +
                             " of " + std::to_string(limit) + " bytes"});
    }
}

void Task::Context::count_dropped(std::string_view reason, std::uint64_t rows) {
    task_.component_.figures.count_dropped(reason, rows);
}

void Task::Context::set_forced_seq(Task& task, std::optional<std::uint64_t> seq) {
    for (const auto& node : task.nodes_) {
        node->context->forced_seq_ = seq;
    }
}

}  // namespace millrace::runtime
