// The sequencer's work on groups: collect, write, sync, publish; stamps and checkpoints.
#include <algorithm>
#include <cstdlib>

#include "core/base/mutant.h"
#include "core/log/sequencer.h"

namespace millrace::log {

void Sequencer::write_group() {
    if (!reserve_wal_space()) {
        return;
    }
    const std::chrono::nanoseconds begun = env_.clock.monotonic();
    Written written{.group = CommitGroup(limits_, changing_), .header = {}, .references = {}};
    collect(written.group);
    if (written.group.empty() || is_dead_) {
        return;
    }
    if (written.group.has_pieces()) {
        written.header.salt = state_.salt;
        written.header.group = written_group_ + 1;
        Buffer frame = written.group.encode(written.header);
        if (MILLRACE_MUTANT(18)) {
            if (const Work tell = written.group.take_written(written.header.group)) {
                tell();
            }
        }
        if (!write_batches(written, frame) || !write_frame(written, frame)) {
            return;
        }
    }
    if (MILLRACE_MUTANT(3) && !written.group.has_late_pieces()) {
        written.group.publish_ends();
    }
    has_written_ = true;
    const std::size_t bytes = written.group.bytes() + written.header.frame_bytes;
    const bool can_wait = written.group.can_wait_for_sync();
    if (Work tell = written.group.take_written(written.header.group)) {
        answers_.push_back(std::move(tell));
    }
    if (MILLRACE_MUTANT(1)) {
        env_.io.post(written.group.take_answers(written.header.group));
    }

    const std::lock_guard lock(mutex_);
    if (unsynced_.empty()) {
        first_unsynced_ = begun;
    }
    unsynced_.push_back(std::move(written));
    unsynced_bytes_ += bytes;
    is_sync_due_ = is_sync_due_ || !can_wait || unsynced_bytes_ >= limits_.group_bytes_max;
    if (!is_sync_due_ && sync_timer_ == TimerId::kNone) {
        arm_sync_timer(options_.sync_delay_max);
    }
}

bool Sequencer::reserve_wal_space() {
    Status reserved = wal_.reserve(written_lsn_, limits_.frame_bytes_max());
    if (!reserved.ok() && reserved.error().code == ErrorCode::kNoSpace) {
        if (sync_) {
            must_wait_for_sync_ = true;
            return false;
        }
        sync_and_publish();
        if (!is_dead_ && checkpoint_twice().ok()) {
            reserved = wal_.reserve(written_lsn_, limits_.frame_bytes_max());
        }
    }
    if (!reserved.ok() && !is_dead_) {
        refuse_queued(reserved.error().with_context("no place for the journal"));
    }
    return reserved.ok() && !is_dead_;
}

void Sequencer::collect(CommitGroup& group) {
    if (taken_.empty()) {
        const std::lock_guard lock(mutex_);
        taken_.swap(queue_);
    }
    std::size_t bytes = 0;
    std::size_t units_that_can_wait = 0;
    bool is_full = false;
    while (!taken_.empty() && !is_full) {
        if (is_sync_over_) {
            publish_synced();  // its readers do not wait for this group
            post_answers();
        }
        PendingUnit& pending = taken_.front();
        const std::size_t queued_bytes = pending.queued_bytes;
        const bool can_wait = pending.needs_no_sync;
        Error refusal;
        const bool is_bypassed = bypass(pending);
        if (!is_bypassed) {
            static_cast<void>(write_bypassing());  // may be of the same partition
        }
        switch (is_bypassed ? CommitGroup::Added::kTaken : group.add(pending, refusal)) {
            case CommitGroup::Added::kFull:
                is_full = true;
                continue;
            case CommitGroup::Added::kRefused:
                refuse_unstaged(std::move(pending), std::move(refusal));
                break;
            case CommitGroup::Added::kTaken:
                break;
        }
        taken_.pop_front();
        bytes += queued_bytes;
        units_that_can_wait += can_wait ? 1 : 0;
    }
    static_cast<void>(write_bypassing());
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= bytes;
    queued_that_can_wait_ -= units_that_can_wait;
}

void Sequencer::refuse_queued(const Error& error) {
    std::deque<PendingUnit> refused = std::exchange(taken_, {});
    {
        const std::lock_guard lock(mutex_);
        std::move(queue_.begin(), queue_.end(), std::back_inserter(refused));
        queue_.clear();
        queued_bytes_ = 0;
        queued_that_can_wait_ = 0;
    }
    for (PendingUnit& pending : refused) {
        answer(std::move(pending), error);
    }
}

bool Sequencer::write_batches(Written& written, Buffer& frame) {
    if (written.group.write(written.header, frame).ok()) {
        return true;
    }
    // Some of them may have a place: one by one, and who has none is refused.
    for (PendingUnit& pending : written.group.take_back()) {
        Error refusal;
        if (written.group.add(pending, refusal) != CommitGroup::Added::kTaken) {
            refuse_unstaged(std::move(pending), std::move(refusal));
        } else if (const Status status = written.group.write_last(pending); !status.ok()) {
            refuse(std::move(pending), status.error());
        }
    }
    frame = written.group.encode(written.header);
    return !written.group.empty() && !is_dead_;
}

/// Staging touches the disk only to take back files that were made for nothing. When the sync of
/// their directory fails the partition refuses everything with kIo, and like any failed sync it
/// ends the process.
void Sequencer::refuse_unstaged(PendingUnit pending, Error refusal) {
    if (refusal.code == ErrorCode::kIo) {
        fatal(refusal);
    }
    refuse(std::move(pending), std::move(refusal));
}

/// In its turn among those that are taken.
void Sequencer::refuse(PendingUnit pending, Error refusal) {
    if (!pending.unit.done) {
        return;
    }
    auto held = std::make_shared<PendingUnit>(std::move(pending));
    answers_.emplace_back([held, failed = std::move(refusal)] { held->unit.done(failed); });
}

bool Sequencer::write_frame(Written& written, Buffer& frame) {
    WalFrameHeader& header = written.header;
    const auto lsn = wal_.place(written_lsn_, frame.size());
    if (!lsn.ok()) {
        fatal(lsn.error());
        return false;
    }
    header.lsn = lsn.value();
    header.prev_end = written_lsn_;
    header.durable_lsn = durable_lsn_;
    seal_wal_frame(header, frame);
    // The file was reserved, so this is no full disk; a frame may now be there whole although
    // nobody will answer for it.
    if (const Status status = wal_.write(header.lsn, frame); !status.ok()) {
        fatal(status.error());
        return false;
    }
    written_lsn_ = header.end();
    written_group_ = header.group;
    written.wal_file = &wal_.current_file();
    if (!MILLRACE_MUTANT(4)) {
        written.references = written.group.unsynced_references();
    }
    return true;
}

void Sequencer::begin_sync() {
    Sync sync{.groups = std::move(unsynced_), .tasks = {}};
    File* last_file = nullptr;
    for (Written& written : sync.groups) {
        if (written.wal_file != nullptr && written.wal_file != last_file) {
            last_file = written.wal_file;
            sync.tasks.push_back(
                {.sync = [this, last_file] { return WalFiles::sync(*last_file); }, .mark = {}});
        }
    }
    const std::size_t wal_syncs = sync.tasks.size();
    for (Written& written : sync.groups) {
        for (PartitionLog::SyncTask& task : written.references) {
            sync.tasks.push_back(std::move(task));
        }
    }
    sync.open = sync.tasks.size();
    unsynced_.clear();
    unsynced_bytes_ = 0;
    has_written_ = false;
    const std::lock_guard lock(mutex_);
    stats_.wal_syncs += wal_syncs;
    is_sync_over_ = sync.open == 0;
    is_sync_due_ = false;
    first_unsynced_.reset();
    sync_ = std::move(sync);
}

void Sequencer::run_task(const PartitionLog::SyncTask& task) {
    if (is_dead_) {
        return;
    }
    const Status synced = task.sync();
    if (!synced.ok() && !MILLRACE_MUTANT(12)) {
        fatal(synced.error());
    }
}

void Sequencer::sync_and_publish() {
    if (unsynced_.empty() || is_dead_) {
        return;
    }
    begin_sync();
    for (const PartitionLog::SyncTask& task : sync_->tasks) {
        run_task(task);
    }
    {
        const std::lock_guard lock(mutex_);
        sync_->begun = sync_->tasks.size();
        sync_->open = 0;
    }
    publish_synced();
}

void Sequencer::publish_synced() {
    std::optional<Sync> over;
    {
        const std::lock_guard lock(mutex_);
        if (is_dead_ || !sync_ || sync_->open > 0) {
            return;
        }
        over = std::move(sync_);
        sync_.reset();
        is_sync_over_ = false;
    }
    must_wait_for_sync_ = false;
    for (const PartitionLog::SyncTask& task : over->tasks) {
        if (task.mark) {
            task.mark();
        }
    }
    if (MILLRACE_MUTANT(2)) {
        std::move(unsynced_.begin(), unsynced_.end(), std::back_inserter(over->groups));
        unsynced_.clear();
        unsynced_bytes_ = 0;
    }
    publish(over->groups);
}

void Sequencer::publish(std::vector<Written>& groups) {
    JournalStats more;
    for (Written& written : groups) {
        if (const Status late = written.group.write_late(); !late.ok()) {
            fatal(late.error());
            return;
        }
    }
    ends_version_.fetch_add(1);
    for (Written& written : groups) {
        written.group.publish_ends();
        if (written.group.has_pieces()) {
            state_.lsn = durable_lsn_ = written.header.end();
            stamped_lsn_ = written.header.durable_lsn;
            state_.group = written.header.group;
        }
    }
    published_group_.store(state_.group);
    ends_version_.fetch_add(1);
    for (Written& written : groups) {
        for (const CommitGroup::Touched& touched : written.group.touched()) {
            PartitionState& known = state_.partitions[touched.id];
            known.end = touched.end.value_or(known.end);
            known.log_start = std::max(known.log_start, touched.log_start.value_or(Offset{0}));
            known.is_relaxed = touched.is_relaxed.value_or(known.is_relaxed);
            dirty_[touched.log] = touched.id;
        }
        const std::uint64_t sequence =
            written.group.has_pieces() ? written.header.group : state_.group;
        written.group.tell_published(sequence);
        ++more.groups;
        more.units += written.group.unit_count();
        more.wal_bytes += written.header.frame_bytes;
        answers_.push_back(written.group.take_answers(sequence));
    }

    const std::lock_guard lock(mutex_);
    stats_.groups += more.groups;
    stats_.units += more.units;
    stats_.wal_bytes += more.wal_bytes;
    is_checkpoint_due_ = is_checkpoint_due_ || state_.lsn >= checkpoint_at_;
    last_commit_ = env_.clock.monotonic();
    if (stamp_timer_ == TimerId::kNone) {
        arm_stamp_timer(options_.stamp_idle);
    }
    if (checkpoint_timer_ == TimerId::kNone) {
        arm_checkpoint_timer();
    }
}

void Sequencer::sync_wal(File& file) {
    {
        const std::lock_guard lock(mutex_);
        ++stats_.wal_syncs;
    }
    const Status synced = WalFiles::sync(file);
    if (!synced.ok() && !MILLRACE_MUTANT(12)) {
        fatal(synced.error());
    }
}

Status Sequencer::write_stamp() {
    MILLRACE_TRY_STATUS(wal_.reserve(written_lsn_, kWalBlockBytes));
    WalFrameHeader header{.prev_end = written_lsn_,
                          .durable_lsn = durable_lsn_,
                          .salt = state_.salt,
                          .group = state_.group};
    Buffer frame = encode_wal_frame(header, {});
    auto lsn = wal_.place(written_lsn_, frame.size());
    Status status = lsn.ok() ? Status{Ok{}} : Status{lsn.error()};
    if (status.ok()) {
        header.lsn = lsn.value();
        seal_wal_frame(header, frame);
        status = wal_.write(header.lsn, frame);
    }
    if (!status.ok()) {
        fatal(status.error());
        return status;
    }
    sync_wal(wal_.current_file());
    state_.lsn = written_lsn_ = durable_lsn_ = stamped_lsn_ = header.end();
    return Ok{};
}

Status Sequencer::write_checkpoint(bool is_clean) {
    if (!MILLRACE_MUTANT(6)) {
        for (const auto& [log, id] : dirty_) {
            if (const Status synced = log->sync(); !synced.ok() && !MILLRACE_MUTANT(12)) {
                fatal(synced.error());
                break;
            }
        }
    }
    if (is_dead_) {
        return Ok{};
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, log] : registered_) {
            if (const auto known = state_.partitions.find(id); known != state_.partitions.end()) {
                known->second.log_start = std::max(known->second.log_start, log->log_start());
            }
        }
    }
    state_.is_clean = is_clean;
    const Status status = checkpoints_.write(state_);
    if (!status.ok()) {
        if (status.error().code != ErrorCode::kNoSpace) {
            fatal(status.error());
        }
        // Not at every group from now on.
        checkpoint_at_ = state_.lsn + options_.file_bytes;
        return status;
    }
    older_ = std::exchange(newest_, state_);
    ++state_.sequence;
    dirty_.clear();
    bypassed_bytes_ = 0;
    checkpoint_at_ = state_.lsn + options_.checkpoint_bytes;
    wal_.release_below(MILLRACE_MUTANT(8) ? newest_.lsn : older_.lsn);
    const std::lock_guard lock(mutex_);
    ++stats_.checkpoints;
    return Ok{};
}

Status Sequencer::checkpoint_twice() {
    MILLRACE_TRY_STATUS(write_checkpoint(false));
    return write_checkpoint(false);
}

void Sequencer::fatal(const Error& error) {
    env_.log.error("journal",
                   "stopping: after a failed write or sync nothing on the disk can be trusted: " +
                       error.message);
    if (!options_.on_sync_failure) {
        std::abort();
    }
    is_dead_ = true;
    options_.on_sync_failure(error);
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

// --- timers -------------------------------------------------------------------------------------

void Sequencer::arm_sync_timer(std::chrono::nanoseconds delay) {
    sync_timer_ = env_.io.post_after(delay, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_sync_timer();
        }
    });
}

void Sequencer::on_sync_timer() {
    const std::lock_guard lock(mutex_);
    sync_timer_ = TimerId::kNone;
    if (is_closed_ || is_abandoned_ || is_dead_ || !first_unsynced_) {
        return;
    }
    // One timer at a time: it looks when the oldest group that waits was written.
    const auto age = env_.clock.monotonic() - *first_unsynced_;
    if (age < options_.sync_delay_max) {
        arm_sync_timer(options_.sync_delay_max - age);
        return;
    }
    is_sync_due_ = true;
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        post_run();
    }
}

void Sequencer::arm_stamp_timer(std::chrono::nanoseconds delay) {
    stamp_timer_ = env_.io.post_after(delay, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_stamp_timer();
        }
    });
}

void Sequencer::arm_checkpoint_timer() {
    checkpoint_timer_ = env_.io.post_after(options_.checkpoint_age, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_checkpoint_timer();
        }
    });
}

void Sequencer::on_stamp_timer() {
    const std::lock_guard lock(mutex_);
    stamp_timer_ = TimerId::kNone;
    if (is_closed_ || is_abandoned_ || is_dead_) {
        return;
    }
    // One timer at a time, however many groups: it looks when the last one was.
    const auto idle = env_.clock.monotonic() - last_commit_;
    if (idle < options_.stamp_idle) {
        arm_stamp_timer(options_.stamp_idle - idle);
        return;
    }
    is_stamp_due_ = true;
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        post_run();
    }
}

void Sequencer::on_checkpoint_timer() {
    const std::lock_guard lock(mutex_);
    checkpoint_timer_ = TimerId::kNone;
    if (is_closed_ || is_abandoned_ || is_dead_) {
        return;
    }
    is_checkpoint_due_ = true;
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        post_run();
    }
}

}  // namespace millrace::log
