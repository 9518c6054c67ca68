// The sequencer's work on one group: collect, log, sync, publish; stamps and checkpoints.
#include <cstdlib>

#include "core/log/sequencer.h"

namespace millrace::log {

bool Sequencer::commit_next(Syncs syncs) {
    if (!reserve_wal_space()) {
        return true;
    }
    in_flight_.emplace(InFlight{.group = CommitGroup(limits_), .header = {}, .syncs = {}});
    collect(in_flight_->group);
    if (in_flight_->group.empty()) {
        in_flight_.reset();
        return true;
    }
    if (in_flight_->group.has_pieces() && !log_and_sync(*in_flight_, syncs)) {
        return false;
    }
    complete();
    return true;
}

bool Sequencer::reserve_wal_space() {
    Status reserved = wal_.reserve(state_.lsn, limits_.frame_bytes_max());
    if (!reserved.ok() && reserved.error().code == ErrorCode::kNoSpace && checkpoint_twice().ok()) {
        reserved = wal_.reserve(state_.lsn, limits_.frame_bytes_max());
    }
    if (!reserved.ok() && !is_dead_) {
        refuse_queued(reserved.error().with_context("no place for the journal"));
    }
    return reserved.ok() && !is_dead_;
}

void Sequencer::collect(CommitGroup& group) {
    for (;;) {
        PendingUnit pending;
        if (carried_) {
            pending = std::move(*carried_);
            carried_.reset();
        } else {
            const std::lock_guard lock(mutex_);
            if (queue_.empty()) {
                return;
            }
            pending = std::move(queue_.front());
            queue_.pop_front();
            queued_bytes_ -= pending.queued_bytes;
        }
        Error refusal;
        switch (group.add(pending, refusal)) {
            case CommitGroup::Added::kTaken:
                break;
            case CommitGroup::Added::kRefused:
                answer(std::move(pending), std::move(refusal));
                break;
            case CommitGroup::Added::kFull:
                carried_ = std::move(pending);
                return;
        }
    }
}

void Sequencer::refuse_queued(const Error& error) {
    if (carried_) {
        answer(std::move(*carried_), error);
        carried_.reset();
    }
    std::deque<PendingUnit> refused;
    {
        const std::lock_guard lock(mutex_);
        refused.swap(queue_);
        queued_bytes_ = 0;
    }
    for (PendingUnit& pending : refused) {
        answer(std::move(pending), error);
    }
}

bool Sequencer::log_and_sync(InFlight& flight, Syncs syncs) {
    WalFrameHeader& header = flight.header;
    header.salt = state_.salt;
    header.group = state_.group + 1;
    Buffer frame = flight.group.encode(header);
    auto lsn = wal_.place(state_.lsn, header.frame_bytes);
    if (!lsn.ok()) {
        fatal(lsn.error());
        return true;
    }
    header.lsn = lsn.value();
    header.prev_end = state_.lsn;
    header.durable_lsn = durable_lsn_;
    seal_wal_frame(header, frame);
    // The file was reserved, so this is no full disk; a frame may now be there whole although
    // nobody will answer for it.
    if (const Status written = wal_.write(header.lsn, frame); !written.ok()) {
        fatal(written.error());
        return true;
    }
    if (Work written = flight.group.take_written(header.group)) {
        env_.io.post(std::move(written));
    }
    if (options_.mutant == JournalMutant::kPublishBeforeSync) {
        flight.group.publish_ends();
    }
    if (options_.mutant == JournalMutant::kAckBeforeSync) {
        env_.io.post(flight.group.take_answers(header.group));
    }
    flight.syncs = flight.group.partitions_to_sync(options_.mutant);
    flight.syncs.push_back(nullptr);
    if (flight.syncs.size() == 1 || syncs == Syncs::kInline) {
        for (PartitionLog* const log : flight.syncs) {
            sync_one(log);
        }
        return true;
    }
    std::unique_lock lock(mutex_);
    role_ = Role::kSyncing;
    flight.begun = 0;
    flight.open = flight.syncs.size();
    for (std::size_t i = 1; i < flight.syncs.size(); ++i) {
        env_.io.post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->on_sync_posted();
            }
        });
    }
    changed_.notify_all();
    return help_syncing(lock);
}

void Sequencer::sync_one(PartitionLog* log) {
    if (is_dead_) {
        return;
    }
    if (log == nullptr) {
        const std::lock_guard lock(mutex_);
        ++stats_.wal_syncs;
    }
    const Status synced = log == nullptr ? wal_.sync() : log->sync();
    if (!synced.ok() && options_.mutant != JournalMutant::kIgnoreSyncError) {
        fatal(synced.error());
    }
}

void Sequencer::complete() {
    if (is_dead_) {
        return;
    }
    InFlight& flight = *in_flight_;
    if (flight.group.has_pieces()) {
        state_.lsn = durable_lsn_ = flight.header.end();
        stamped_lsn_ = flight.header.durable_lsn;
        state_.group = flight.header.group;
        ends_version_.fetch_add(1);
        flight.group.publish_ends();
        published_group_.store(state_.group);
        ends_version_.fetch_add(1);
    }
    for (const auto& [log, touched] : flight.group.touched()) {
        state_.partitions[touched.id].end = touched.end;
        dirty_[log] = touched.id;
    }
    flight.group.tell_published(state_.group);
    const std::size_t units = flight.group.unit_count();
    env_.io.post(flight.group.take_answers(state_.group));
    const std::uint64_t wal_bytes = flight.header.frame_bytes;

    const std::lock_guard lock(mutex_);
    in_flight_.reset();
    ++stats_.groups;
    stats_.units += units;
    stats_.wal_bytes += wal_bytes;
    is_checkpoint_due_ = is_checkpoint_due_ || state_.lsn >= checkpoint_at_;
    last_commit_ = env_.clock.monotonic();
    if (stamp_timer_ == TimerId::kNone) {
        arm_stamp_timer(options_.stamp_idle);
    }
    if (checkpoint_timer_ == TimerId::kNone) {
        arm_checkpoint_timer();
    }
}

Status Sequencer::write_stamp() {
    MILLRACE_TRY_STATUS(wal_.reserve(state_.lsn, kWalBlockBytes));
    WalFrameHeader header{.prev_end = state_.lsn,
                          .durable_lsn = durable_lsn_,
                          .salt = state_.salt,
                          .group = state_.group};
    Buffer frame = encode_wal_frame(header, {});
    auto lsn = wal_.place(state_.lsn, frame.size());
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
    sync_one(nullptr);
    state_.lsn = durable_lsn_ = stamped_lsn_ = header.end();
    return Ok{};
}

Status Sequencer::write_checkpoint(bool is_clean) {
    if (options_.mutant != JournalMutant::kNoCheckpointDataSync) {
        for (const auto& [log, id] : dirty_) {
            sync_one(log);
        }
    }
    if (is_dead_) {
        return Ok{};
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, log] : registered_) {
            if (const auto known = state_.partitions.find(id); known != state_.partitions.end()) {
                known->second.log_start = log->log_start();
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
    checkpoint_at_ = state_.lsn + options_.checkpoint_bytes;
    wal_.release_below(options_.mutant == JournalMutant::kRecycleTooEarly ? newest_.lsn
                                                                          : older_.lsn);
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
    if (role_ == Role::kIdle) {
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
    if (role_ == Role::kIdle) {
        post_run();
    }
}

}  // namespace millrace::log
