// Task: timers, barriers, restore: what outlives a pass.
#include <algorithm>

#include "runtime/task_context.h"

namespace millrace::runtime {

namespace {

Buffer timer_key(std::int64_t time, std::string_view key) {
    Buffer bytes;
    bytes.append_be(static_cast<std::uint64_t>(time));
    bytes.append(key);
    return bytes;
}

}  // namespace

/// Fires what is due behind a row that advanced stream time, by (time, node, key).
void Task::run_timers(std::uint64_t end) {
    bool has_due = false;
    while (!timers_.empty() && timers_.begin()->time <= stream_time_) {
        const TimerEntry entry = *timers_.begin();
        timers_.erase(timers_.begin());
        changed_timers_.insert(entry);
        at(entry.node).due.push_back(Timer{Timestamp{entry.time}, Buffer(entry.key)});
        has_due = true;
    }
    if (has_due && !component_.gate.is_closed()) {
        run_pass(Pass::kTimers, end);
        for (const auto& node : nodes_) {
            node->due.clear();
        }
    }
}

Status Task::stage_timers() {
    if (component_.plan.is_transient) {
        changed_timers_.clear();
        return Ok{};
    }
    const Timestamp now{component_.services.env.clock.wall_ms()};
    for (const TimerEntry& entry : changed_timers_) {
        Buffer key;
        const Buffer timer = timer_key(entry.time, entry.key);
        ChangelogKey{kTimerStore, static_cast<std::uint16_t>(entry.node), timer}.append_to(key);
        const bool is_set = timers_.contains(entry);
        MILLRACE_TRY_STATUS(changelog_.add(
            key.view(), is_set ? std::optional<ByteView>(ByteView{}) : std::nullopt, now));
    }
    changed_timers_.clear();
    if (stream_time_changed_) {
        stream_time_changed_ = false;
        Buffer key;
        Buffer value;
        ChangelogKey{kStreamTimeStore, 0, {}}.append_to(key);
        value.append_be(stream_time_);
        MILLRACE_TRY_STATUS(changelog_.add(key.view(), value.view(), now));
    }
    return Ok{};
}

void Task::pass_barrier(const Barrier& barrier) {
    TaskStaging staging;
    for (const auto& node : nodes_) {
        if (node->op) {
            node->context->set_in_barrier(true);
            Status staged = node->op->on_barrier(barrier.epoch, *node->context);
            node->context->set_in_barrier(false);
            if (!staged.ok()) {
                fail(*node, std::move(staged).error());
                return;
            }
        } else if (node->sink) {
            staging.outputs.push_back(node->sink->take());
        }
    }
    Status staged = stage_timers();
    Result<Buffer> changelog = staged.ok() ? changelog_.finish() : std::move(staged).error();
    if (!changelog.ok()) {
        component_.fail(std::move(changelog).error().with_context("cannot stage state"));
        return;
    }
    staging.changelog = std::move(changelog).value();
    const auto& topic = component_.plan.sub_topologies[sub_topology_].changelog;
    if (topic) {
        staging.changelog_to = {topic->id, partition_};
    }
    if (!component_.gate.is_closed()) {
        coordinator_->deliver(std::move(staging));
    }
}

Status Task::restore(const ChangelogState& state) {
    for (const auto& [key, value] : state) {
        const std::optional<ChangelogKey> parsed = ChangelogKey::parse(as_bytes(key));
        const auto found =
            !parsed ? nodes_.end()
                    : std::find_if(nodes_.begin(), nodes_.end(), [&parsed](const auto& node) {
                          return node->id == parsed->node;
                      });
        if (parsed && parsed->store == kStreamTimeStore && value.size() == sizeof(std::int64_t)) {
            stream_time_ = load_be<std::int64_t>(as_bytes(value).data());
        } else if (found == nodes_.end() || !(*found)->op) {
            return Error{ErrorCode::kInvalidArgument, "committed state belongs to another plan"};
        } else if (parsed->store == kTimerStore && parsed->key.size() >= sizeof(std::uint64_t)) {
            timers_.insert({static_cast<std::int64_t>(load_be<std::uint64_t>(parsed->key.data())),
                            parsed->node,
                            std::string(as_text(parsed->key.subspan(sizeof(std::uint64_t))))});
        } else {
            Status restored = (*found)->op->restore(
                parsed->store, parsed->key, as_bytes(value), *(*found)->context);
            if (!restored.ok()) {
                return std::move(restored).error().with_context((*found)->name());
            }
        }
    }
    return Ok{};
}

}  // namespace millrace::runtime
