#include "core/log/sequencer.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace millrace::log {

namespace {

// What a queued unit costs besides its batches, so that empty units are bounded too.
constexpr std::size_t kUnitOverheadBytes = 512;

std::size_t queued_size(const JournalUnit& unit) {
    std::size_t bytes = kUnitOverheadBytes;
    for (const JournalPiece& piece : unit.pieces) {
        bytes += piece.batches.size() + sizeof(JournalPiece);
    }
    return bytes;
}

Error dead() {
    return Error{ErrorCode::kIo, "journal is dead after a failed sync"};
}

}  // namespace

Sequencer::Sequencer(Env& env,
                     JournalOptions options,
                     FrameLimits limits,
                     WalFiles wal,
                     CheckpointStore checkpoints,
                     const Checkpoint& start)
    : env_(env),
      options_(std::move(options)),
      limits_(limits),
      wal_(std::move(wal)),
      checkpoints_(std::move(checkpoints)),
      state_(start),
      newest_(start),
      older_(start),
      durable_lsn_(start.lsn),
      stamped_lsn_(start.lsn),
      checkpoint_at_(start.lsn + options_.checkpoint_bytes),
      published_group_(start.group) {
    if (options_.mutant == JournalMutant::kNoCheckpointSync) {
        checkpoints_.leave_out_sync();
    }
}

Status Sequencer::start() {
    // Two, so that one damaged checkpoint never sends recovery back to frames of the old salt.
    MILLRACE_TRY_STATUS(checkpoints_.write(state_));
    if (options_.mutant != JournalMutant::kOneCheckpointAtStart) {
        ++state_.sequence;
        MILLRACE_TRY_STATUS(checkpoints_.write(state_));
    }
    newest_ = older_ = state_;
    ++state_.sequence;
    return wal_.start(state_.lsn, state_.salt);
}

// --- the role -----------------------------------------------------------------------------------

bool Sequencer::acquire(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    bool has_role = false;
    while (!has_role && !is_dead_) {
        switch (role_) {
            case Role::kIdle:
            case Role::kPosted:  // the posted run finds nothing to do
                role_ = Role::kRunning;
                has_role = true;
                break;
            case Role::kSyncing:
                if (in_flight_->begun < in_flight_->syncs.size()) {
                    has_role = help_syncing(lock);
                    if (has_role) {
                        lock.unlock();
                        complete();
                        lock.lock();
                    }
                    break;
                }
                changed_.wait(lock);
                break;
            case Role::kRunning:
                changed_.wait(lock);
                break;
        }
    }
    --waiting_;
    if (has_role && is_dead_) {
        release(lock);
        has_role = false;
    }
    return has_role;
}

void Sequencer::release(std::unique_lock<std::mutex>& lock) {
    static_cast<void>(lock);  // held: says that mutex_ guards the move
    role_ = Role::kIdle;
    const bool has_work = carried_ || !queue_.empty() || is_stamp_due_ || is_checkpoint_due_;
    if (has_work && waiting_ == 0 && !is_dead_ && !is_abandoned_) {
        post_run();
    }
    changed_.notify_all();
}

void Sequencer::post_run() {
    role_ = Role::kPosted;
    env_.io.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_posted();
        }
    });
}

void Sequencer::on_posted() {
    {
        const std::lock_guard lock(mutex_);
        if (role_ != Role::kPosted || is_dead_ || is_abandoned_) {
            return;  // a caller took the role over
        }
        role_ = Role::kRunning;
    }
    run();
}

void Sequencer::run() {
    for (;;) {
        bool checkpoint_now = false;
        bool stamp_now = false;
        {
            std::unique_lock lock(mutex_);
            const bool is_queue_empty = queue_.empty() && !carried_;
            if (is_dead_ || is_abandoned_ || waiting_ > 0 ||
                (is_queue_empty && !is_checkpoint_due_ && !is_stamp_due_)) {
                release(lock);
                return;
            }
            checkpoint_now = std::exchange(is_checkpoint_due_, false);
            stamp_now = std::exchange(is_stamp_due_, false) && is_queue_empty;
        }
        if (stamp_now && stamped_lsn_ < durable_lsn_) {
            if (const Status status = write_stamp(); !status.ok()) {
                env_.log.warn("journal", status.error().message);
            }
        }
        if (checkpoint_now && !is_dead_ && newest_.group != state_.group) {
            if (const Status status = write_checkpoint(false); !status.ok()) {
                env_.log.warn("journal", "no checkpoint: " + status.error().message);
            }
        }
        if (!is_dead_ && !commit_next(Syncs::kSpread)) {
            return;
        }
    }
}

void Sequencer::on_sync_posted() {
    {
        std::unique_lock lock(mutex_);
        if (role_ != Role::kSyncing || is_dead_ || is_abandoned_ || !help_syncing(lock)) {
            return;
        }
    }
    complete();
    run();
}

bool Sequencer::help_syncing(std::unique_lock<std::mutex>& lock) {
    while (in_flight_->begun < in_flight_->syncs.size()) {
        PartitionLog* const log = in_flight_->syncs[in_flight_->begun++];
        lock.unlock();
        sync_one(log);
        lock.lock();
        if (--in_flight_->open == 0) {
            role_ = Role::kRunning;
            return true;
        }
        changed_.notify_all();  // abandon() waits for the last one that runs
    }
    return false;
}

// --- the caller's side --------------------------------------------------------------------------

void Sequencer::add_partition(TopicPartition id, PartitionLog* log) {
    const std::lock_guard lock(mutex_);
    registered_[id] = log;
}

void Sequencer::remove_partition(TopicPartition id) {
    std::unique_lock lock(mutex_);
    const bool has_role = acquire(lock);
    const auto found = registered_.find(id);
    if (found == registered_.end()) {
        if (has_role) {
            release(lock);
        }
        return;
    }
    PartitionLog* const log = found->second;
    registered_.erase(found);
    if (!has_role) {
        return;
    }
    lock.unlock();
    // The next checkpoint covers its bytes but can no longer sync them.
    if (dirty_.erase(log) > 0) {
        sync_one(log);
    }
    const auto known = state_.partitions.find(id);
    if (known != state_.partitions.end()) {
        known->second.log_start = log->log_start();
    }
    lock.lock();
    release(lock);
}

void Sequencer::submit(JournalUnit unit) {
    PendingUnit pending{.unit = std::move(unit)};
    pending.queued_bytes = queued_size(pending.unit);
    const std::lock_guard lock(mutex_);
    if (is_closed_ || is_abandoned_ || is_dead_) {
        answer(std::move(pending), {ErrorCode::kCancelled, "journal is closed"});
        return;
    }
    if (queued_bytes_ + pending.queued_bytes > options_.queue_bytes_max) {
        answer(std::move(pending),
               {ErrorCode::kOutOfMemoryBudget,
                "journal has too much to do, its queue is limited to " +
                    std::to_string(options_.queue_bytes_max) + " bytes"});
        return;
    }
    queued_bytes_ += pending.queued_bytes;
    queue_.push_back(std::move(pending));
    if (role_ == Role::kIdle) {
        post_run();
    }
}

std::uint64_t Sequencer::read_consistently(const std::function<void()>& read) const {
    for (;;) {
        // All in the one order of sequentially consistent operations, the ends that `read` loads
        // included (PartitionLog's are such atomics): no fence, which tsan could not follow.
        const std::uint64_t before = ends_version_.load();
        if (before % 2 == 0) {
            const std::uint64_t group = published_group_.load();
            read();
            if (ends_version_.load() == before) {
                return group;
            }
        }
        std::this_thread::yield();
    }
}

Status Sequencer::checkpoint() {
    std::unique_lock lock(mutex_);
    if (!acquire(lock)) {
        return dead();
    }
    lock.unlock();
    Status status = write_checkpoint(false);
    lock.lock();
    release(lock);
    return status;
}

Status Sequencer::between_groups(const std::function<Status(const ReplayFloor&)>& work) {
    std::unique_lock lock(mutex_);
    if (!acquire(lock)) {
        return dead();
    }
    lock.unlock();
    Status status = work([this](TopicPartition id) {
        const auto found = older_.partitions.find(id);
        return found == older_.partitions.end() ? Offset{0} : found->second.end.segment;
    });
    lock.lock();
    release(lock);
    return status;
}

Status Sequencer::apply_retention() {
    std::unique_lock lock(mutex_);
    if (!acquire(lock)) {
        return dead();
    }
    const auto logs = registered_;
    lock.unlock();
    const auto floor_of = [this](TopicPartition id) {
        const auto found = older_.partitions.find(id);
        return found == older_.partitions.end() ? Offset{0} : found->second.end.offset;
    };
    // What is behind the older checkpoint may still be replayed into; bring it up to now.
    const bool is_behind = std::any_of(logs.begin(), logs.end(), [&](const auto& entry) {
        return floor_of(entry.first) < entry.second->high_watermark();
    });
    Status status = is_behind ? checkpoint_twice() : Status{Ok{}};
    bool has_moved = false;
    for (auto log = logs.begin(); log != logs.end() && status.ok(); ++log) {
        const auto removed = log->second->apply_retention(floor_of(log->first));
        if (!removed.ok()) {
            status = removed.error();
            if (removed.error().code == ErrorCode::kIo) {
                fatal(removed.error());  // it syncs before it removes
            }
            break;
        }
        // Nothing is staged: where the next batch goes is where the partition ends now.
        const LogPosition end = log->second->staged_end();
        PartitionState& known = state_.partitions[log->first];
        if (known.end != end || removed.value() > 0) {
            has_moved = true;
            known.end = end;
            dirty_[log->second] = log->first;
        }
    }
    if (status.ok() && has_moved) {
        status = write_checkpoint(false);
    }
    lock.lock();
    release(lock);
    return status;
}

Status Sequencer::close() {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    if (!acquire(lock)) {
        return dead();
    }
    lock.unlock();
    for (bool is_empty = false; !is_empty && !is_dead_;) {
        static_cast<void>(commit_next(Syncs::kInline));
        const std::lock_guard relock(mutex_);
        is_empty = queue_.empty() && !carried_;
    }
    Status status = Ok{};
    if (status.ok() && stamped_lsn_ < durable_lsn_) {
        status = write_stamp();
    }
    if (status.ok()) {
        status = write_checkpoint(true);
    }
    if (status.ok() && is_dead_) {
        status = dead();
    }
    lock.lock();
    release(lock);
    return status;
}

JournalStats Sequencer::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

void Sequencer::abandon() {
    std::unique_lock lock(mutex_);
    is_abandoned_ = true;
    changed_.wait(lock, [this] {
        const bool is_syncing = role_ == Role::kSyncing &&
                                in_flight_->begun + in_flight_->open > in_flight_->syncs.size();
        return role_ != Role::kRunning && !is_syncing;
    });
    for (const TimerId timer : {stamp_timer_, checkpoint_timer_}) {
        if (timer != TimerId::kNone) {
            static_cast<void>(env_.io.cancel(timer));
        }
    }
    if (is_dead_) {
        return;
    }
    const Error cancelled{ErrorCode::kCancelled, "journal is closed"};
    if (in_flight_) {
        env_.io.post(in_flight_->group.take_answers(cancelled));
        in_flight_.reset();
    }
    if (carried_) {
        answer(std::move(*carried_), cancelled);
        carried_.reset();
    }
    for (PendingUnit& pending : queue_) {
        answer(std::move(pending), cancelled);
    }
    queue_.clear();
}

void Sequencer::answer(PendingUnit pending, Error error) {
    if (!pending.unit.done) {
        return;
    }
    auto held = std::make_shared<PendingUnit>(std::move(pending));
    env_.io.post([held, failed = std::move(error)] { held->unit.done(failed); });
}

}  // namespace millrace::log
