// The sequencer's work on relaxed topics: what goes past the WAL, and its syncs in the background.
#include <algorithm>

#include "core/log/sequencer.h"
#include "core/record/record_batch.h"

namespace millrace::log {

namespace {

/// Small enough for a core's cache.
constexpr std::size_t kWriteTogetherMax = std::size_t{512} << 10;

/// A piece of a unit of its own, in one batch: there is nothing that could be there by half.
bool is_alone(const JournalUnit& unit) {
    return unit.pieces.size() == 1 && unit.moves.empty() &&
           RecordBatchView::encoded_size(unit.pieces.front().batches) ==
               unit.pieces.front().batches.size();
}

}  // namespace

bool Sequencer::bypass(PendingUnit& pending) {
    if (!is_alone(pending.unit) || !pending.unit.pieces.front().log->is_relaxed()) {
        return false;
    }
    PartitionLog& log = *pending.unit.pieces.front().log;
    if (bypassing_.log != &log) {
        static_cast<void>(write_bypassing());
    }
    // Behind a piece that the journal has it must wait for that one; and a frame that says that the
    // journal has everything from now on must be right.
    if (log.durability() == Durability::kFsync || changing_.contains(&log) ||
        (bypassing_.units.empty() && log.staged_end().offset != log.high_watermark())) {
        return false;
    }
    if (!pending.is_admitted && pending.unit.admit) {
        if (const Status admitted = pending.unit.admit(pending.unit.pieces); !admitted.ok()) {
            refuse(std::move(pending), admitted.error());
            return true;
        }
    }
    pending.is_admitted = true;
    if (!is_alone(pending.unit)) {
        return false;
    }
    BatchBytes& batches = pending.unit.pieces.front().batches;
    if (bypassing_.bytes + batches.size() > kWriteTogetherMax) {
        static_cast<void>(write_bypassing());
    }
    const LogPosition before = log.staged_end();
    const auto staged = log.stage(batches.span());
    if (!staged.ok()) {
        refuse(std::move(pending), staged.error());
        return true;
    }
    const bool is_new = !staged.value().duplicate_of;
    const bool goes_on = !bypassing_.units.empty() && is_new &&
                         bypassing_.place.at.segment == staged.value().at.segment;
    if (!goes_on) {
        // A duplicate may be one of them.
        if (const Status written = write_bypassing(); !written.ok()) {
            refuse(std::move(pending), written.error());
            return true;
        }
    }
    if (!is_new) {
        answer_bypassed(std::move(pending), staged.value().base_offset);
        return true;
    }
    if (!goes_on) {
        bypassing_.log = &log;
        bypassing_.before = before;
        bypassing_.place = staged.value();
    }
    bypassing_.place.end = staged.value().end;
    bypassing_.place.last_offset = staged.value().last_offset;
    bypassing_.bytes += batches.size();
    bypassing_.units.emplace_back(std::move(pending), staged.value().base_offset);
    return true;
}

Status Sequencer::write_bypassing() {
    if (bypassing_.units.empty()) {
        return Ok{};
    }
    Bypassing now = std::exchange(bypassing_, {});
    const auto batches_of = [](const auto& entry) -> ByteView {
        return entry.first.unit.pieces.front().batches;
    };
    ByteView bytes = batches_of(now.units.front());
    Buffer together;
    if (now.units.size() > 1) {
        // One large write is so much cheaper than many that the copy pays.
        together.reserve(now.bytes);
        for (const auto& entry : now.units) {
            together.append(batches_of(entry));
        }
        bytes = together;
    }
    if (const Status status = now.log->write(now.place, bytes); !status.ok()) {
        now.log->unstage(now.before);
        // Some of them may be there as a whole, and nobody shall find what was refused: who cannot
        // take them back does not refuse them either.
        if (const Status cut = now.log->cut_tail(); !cut.ok()) {
            fatal(cut.error());
            return status;
        }
        for (auto& [pending, base_offset] : now.units) {
            refuse(std::move(pending), status.error());
        }
        return status;
    }
    ends_version_.fetch_add(1);
    now.log->publish(now.place.end);
    ends_version_.fetch_add(1);
    const TopicPartition id = now.units.front().first.unit.pieces.front().id;
    state_.partitions[id].end = now.place.end;
    dirty_[now.log] = id;
    count_bypassed(
        *now.log,
        id,
        now.units.size(),
        now.bytes,
        static_cast<std::uint64_t>(now.place.end.offset.value - now.place.at.offset.value));
    for (auto& [pending, base_offset] : now.units) {
        answer_bypassed(std::move(pending), base_offset);
    }
    return Ok{};
}

void Sequencer::answer_bypassed(PendingUnit pending, Offset base_offset) {
    const UnitCommitted committed{state_.group, {base_offset}};
    if (pending.unit.published) {
        pending.unit.published(committed);
    }
    auto held = std::make_shared<JournalUnit>(std::move(pending.unit));
    answers_.emplace_back([held, committed] {
        if (held->written) {
            held->written(committed);
        }
        if (held->done) {
            held->done(committed);
        }
    });
}

void Sequencer::count_bypassed(PartitionLog& log,
                               TopicPartition id,
                               std::uint64_t units,
                               std::uint64_t bytes,
                               std::uint64_t records) {
    bypassed_bytes_ += bytes;
    bool is_flush_due = false;
    std::optional<std::chrono::nanoseconds> flush_in;
    if (log.durability() == Durability::kInterval) {
        const FlushPolicy policy = log.flush_policy();
        Unflushed& unflushed = unflushed_[&log];
        if (unflushed.bytes == 0) {
            unflushed.id = id;
            unflushed.since = env_.clock.monotonic();
            flush_in = policy.interval;
        }
        unflushed.bytes += bytes;
        unflushed.records += records;
        is_flush_due = unflushed.bytes >= policy.bytes || unflushed.records >= policy.records;
    }
    const std::lock_guard lock(mutex_);
    stats_.bypassed += units;
    is_flush_due_ = is_flush_due_ || is_flush_due;
    is_checkpoint_due_ = is_checkpoint_due_ || bypassed_bytes_ >= options_.checkpoint_bytes;
    if (checkpoint_timer_ == TimerId::kNone) {
        arm_checkpoint_timer();
    }
    if (flush_in && flush_timer_ == TimerId::kNone) {
        arm_flush_timer(*flush_in);
    }
}

void Sequencer::begin_flush() {
    const std::chrono::nanoseconds now = env_.clock.monotonic();
    Sync flush;
    std::optional<std::chrono::nanoseconds> next_in;
    for (auto at = unflushed_.begin(); at != unflushed_.end();) {
        const FlushPolicy policy = at->first->flush_policy();
        const std::chrono::nanoseconds due = at->second.since + policy.interval;
        if (due > now && at->second.bytes < policy.bytes && at->second.records < policy.records) {
            next_in = std::min(next_in.value_or(due - now), due - now);
            ++at;
            continue;
        }
        for (PartitionLog::SyncTask& task : at->first->unsynced()) {
            flush.tasks.push_back(std::move(task));
        }
        at = unflushed_.erase(at);
    }
    flush.open = flush.tasks.size();
    const std::size_t helpers = std::min<std::size_t>(flush.open, 1);
    const std::lock_guard lock(mutex_);
    is_flush_due_ = false;
    if (next_in && flush_timer_ == TimerId::kNone) {
        arm_flush_timer(*next_in);
    }
    if (helpers == 0) {
        return;
    }
    flush_ = std::move(flush);
    env_.io.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_flush_posted();
        }
    });
}

void Sequencer::on_flush_posted() {
    std::unique_lock lock(mutex_);
    if (is_dead_ || is_abandoned_ || !help_flushing(lock)) {
        return;
    }
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        post_run();
    }
}

void Sequencer::end_flush() {
    std::optional<Sync> over;
    {
        const std::lock_guard lock(mutex_);
        if (is_dead_ || !flush_ || flush_->open > 0) {
            return;
        }
        over = std::move(flush_);
        flush_.reset();
    }
    for (const PartitionLog::SyncTask& task : over->tasks) {
        task.mark();
    }
}

void Sequencer::arm_flush_timer(std::chrono::nanoseconds delay) {
    flush_timer_ = env_.io.post_after(delay, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_flush_timer();
        }
    });
}

void Sequencer::on_flush_timer() {
    const std::lock_guard lock(mutex_);
    flush_timer_ = TimerId::kNone;
    if (is_closed_ || is_abandoned_ || is_dead_) {
        return;
    }
    is_flush_due_ = true;
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        post_run();
    }
}

}  // namespace millrace::log
