#include "core/log/sequencer.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "core/base/mutant.h"
#include "core/log/segment.h"

namespace millrace::log {

namespace {

// What a queued unit costs besides its batches, so that empty units are bounded too.
constexpr std::size_t kUnitOverheadBytes = 512;

std::size_t queued_size(const JournalUnit& unit) {
    std::size_t bytes = kUnitOverheadBytes;
    for (const JournalPiece& piece : unit.pieces) {
        bytes += piece.batches.size() + sizeof(JournalPiece);
    }
    return bytes + unit.moves.size() * sizeof(LogStartMove);
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
      written_lsn_(start.lsn),
      written_group_(start.group),
      durable_lsn_(start.lsn),
      stamped_lsn_(start.lsn),
      checkpoint_at_(start.lsn + options_.checkpoint_bytes),
      published_group_(start.group) {}

Status Sequencer::start() {
    // Two, so that one damaged checkpoint never sends recovery back to frames of the old salt.
    MILLRACE_TRY_STATUS(checkpoints_.write(state_));
    if (!MILLRACE_MUTANT(13)) {
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
    // A posted run that is taken over finds nothing to do.
    changed_.wait(lock, [this] { return role_ != Role::kRunning || is_dead_; });
    --waiting_;
    if (is_dead_) {
        return false;
    }
    role_ = Role::kRunning;
    return true;
}

bool Sequencer::acquire_settled(std::unique_lock<std::mutex>& lock) {
    if (!acquire(lock)) {
        return false;
    }
    while (!is_dead_ && flush_) {
        static_cast<void>(help_flushing(lock));
        changed_.wait(lock, [this] { return flush_->open == 0 || is_dead_; });
        lock.unlock();
        end_flush();
        lock.lock();
    }
    while (!is_dead_ && (sync_ || !unsynced_.empty())) {
        if (!sync_) {
            lock.unlock();
            begin_sync();
            lock.lock();
        }
        static_cast<void>(help_syncing(lock));
        changed_.wait(lock, [this] { return sync_->open == 0 || is_dead_; });
        lock.unlock();
        publish_synced();
        lock.lock();
    }
    if (is_dead_) {
        release(lock);
        return false;
    }
    return true;
}

void Sequencer::release(std::unique_lock<std::mutex>& lock) {
    static_cast<void>(lock);  // held: says that mutex_ guards the move
    post_answers();
    role_ = Role::kIdle;
    if (next() != Next::kNothing) {
        post_run();
    }
    changed_.notify_all();
}

bool Sequencer::may_write() const {
    if (!sync_) {
        return true;
    }
    const bool is_worth_it = queued_that_can_wait_ > 0 ||
                             (unsynced_.empty() && queued_bytes_ >= options_.write_ahead_bytes);
    return is_worth_it && !must_wait_for_sync_ && unsynced_bytes_ < limits_.group_bytes_max;
}

Sequencer::Next Sequencer::next() const {
    if (is_dead_ || is_abandoned_ || waiting_ > 0) {
        return Next::kNothing;
    }
    if (sync_ && sync_->open == 0) {
        return Next::kPublish;
    }
    if (is_checkpoint_due_) {
        return Next::kCheckpoint;
    }
    if ((flush_ && flush_->open == 0) || (!flush_ && is_flush_due_)) {
        return Next::kFlush;
    }
    const bool has_queued = !queue_.empty() || !taken_.empty();
    const bool can_sync = !sync_ && !unsynced_.empty() && is_sync_due_;
    if (can_sync && (!has_queued || has_written_)) {
        return Next::kSync;
    }
    if (has_queued) {
        return may_write() ? Next::kWrite : Next::kNothing;
    }
    return is_stamp_due_ && !sync_ && unsynced_.empty() ? Next::kStamp : Next::kNothing;
}

void Sequencer::post_run() {
    env_.io.post(posted_run());
    role_ = Role::kPosted;  // mutex_ is held: it cannot have begun
}

Work Sequencer::posted_run() {
    return [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->on_posted();
        }
    };
}

void Sequencer::post_answers() {
    if (!answers_.empty()) {
        env_.io.post_short([answers = std::exchange(answers_, {})] {
            for (const Work& answer : answers) {
                answer();
            }
        });
    }
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
    const bool may_wait = WorkLane::current() == nullptr;
    bool has_posted_answers = false;
    for (;;) {
        Next now = Next::kNothing;
        {
            std::unique_lock lock(mutex_);
            now = next();
            if (now == Next::kNothing) {
                std::vector<Work> answers;
                if (!has_posted_answers) {
                    // This thread is awake and has nothing else to do.
                    answers.swap(answers_);
                }
                release(lock);
                lock.unlock();
                for (const Work& answer : answers) {
                    answer();
                }
                return;
            }
            has_posted_answers = has_posted_answers || !answers_.empty();
            post_answers();
            if (!may_wait && now != Next::kWrite && now != Next::kPublish) {
                post_run();
                return;
            }
            switch (now) {
                case Next::kCheckpoint:
                    is_checkpoint_due_ = false;
                    break;
                case Next::kWrite:
                case Next::kStamp:
                    is_stamp_due_ = false;
                    break;
                case Next::kNothing:
                case Next::kFlush:
                case Next::kPublish:
                case Next::kSync:
                    break;
            }
        }
        switch (now) {
            case Next::kNothing:
                break;
            case Next::kPublish:
                publish_synced();
                break;
            case Next::kCheckpoint:
                if (newest_.group != state_.group || bypassed_bytes_ > 0) {
                    if (const Status status = write_checkpoint(false); !status.ok()) {
                        env_.log.warn("journal", "no checkpoint: " + status.error().message);
                    }
                }
                break;
            case Next::kFlush:
                if (flush_) {
                    end_flush();
                } else {
                    begin_flush();
                }
                break;
            case Next::kSync:
                begin_sync();
                if (!sync_beside_writes()) {
                    return;
                }
                break;
            case Next::kWrite:
                write_group();
                break;
            case Next::kStamp:
                if (stamped_lsn_ < durable_lsn_) {
                    if (const Status status = write_stamp(); !status.ok()) {
                        env_.log.warn("journal", status.error().message);
                    }
                }
                break;
        }
    }
}

bool Sequencer::sync_beside_writes() {
    std::unique_lock lock(mutex_);
    const std::size_t helpers = sync_->open > 0 ? sync_->open - 1 : 0;
    release(lock);
    for (std::size_t i = 0; i < helpers; ++i) {
        env_.io.post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->on_sync_posted();
            }
        });
    }
    if (!help_syncing(lock) || role_ == Role::kRunning || waiting_ > 0) {
        return false;
    }
    role_ = Role::kRunning;
    return true;
}

void Sequencer::on_sync_posted() {
    {
        std::unique_lock lock(mutex_);
        if (is_dead_ || is_abandoned_ || !help_syncing(lock) || role_ == Role::kRunning ||
            waiting_ > 0) {
            return;
        }
        role_ = Role::kRunning;
    }
    run();
}

bool Sequencer::run_tasks(std::optional<Sync>& sync, std::unique_lock<std::mutex>& lock) {
    while (sync && sync->begun < sync->tasks.size()) {
        const PartitionLog::SyncTask& task = sync->tasks[sync->begun++];
        lock.unlock();
        run_task(task);
        lock.lock();
        const bool is_last = --sync->open == 0;
        changed_.notify_all();
        if (is_last) {
            return true;
        }
    }
    return false;
}

bool Sequencer::help_syncing(std::unique_lock<std::mutex>& lock) {
    if (!run_tasks(sync_, lock)) {
        return false;
    }
    is_sync_over_ = true;
    return true;
}

bool Sequencer::help_flushing(std::unique_lock<std::mutex>& lock) {
    return run_tasks(flush_, lock);
}

// --- the caller's side --------------------------------------------------------------------------

void Sequencer::add_partition(TopicPartition id, PartitionLog* log) {
    const std::lock_guard lock(mutex_);
    registered_[id] = log;
}

void Sequencer::remove_partition(TopicPartition id) {
    std::unique_lock lock(mutex_);
    const bool has_role = acquire_settled(lock);
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
    unflushed_.erase(log);
    changing_.erase(log);
    // The next checkpoint covers its bytes but can no longer sync them.
    if (dirty_.erase(log) > 0) {
        if (const Status synced = log->sync(); !synced.ok()) {
            fatal(synced.error());
        }
    }
    const auto known = state_.partitions.find(id);
    if (known != state_.partitions.end()) {
        known->second.log_start = std::max(known->second.log_start, log->log_start());
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
    pending.needs_no_sync =
        pending.unit.can_wait_for_sync ||
        (pending.unit.pieces.size() == 1 && pending.unit.pieces.front().log->is_relaxed());
    queued_that_can_wait_ += pending.needs_no_sync ? 1 : 0;
    queue_.push_back(std::move(pending));
    if (role_ == Role::kIdle && next() != Next::kNothing) {
        // In this order: when there is no memory for the post, the next submit() posts.
        env_.io.post_short(posted_run());
        role_ = Role::kPosted;
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
    if (!acquire_settled(lock)) {
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
    if (!acquire_settled(lock)) {
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
    if (!acquire_settled(lock)) {
        return dead();
    }
    auto logs = registered_;
    lock.unlock();
    // Compaction takes only what recovery will not write into again.
    const bool is_compaction_behind =
        std::any_of(logs.begin(), logs.end(), [this](const auto& entry) {
            if (!entry.second->options().compaction) {
                return false;
            }
            const auto known = older_.partitions.find(entry.first);
            const Offset floor =
                known == older_.partitions.end() ? Offset{0} : known->second.end.segment;
            const auto closed = entry.second->closed_segments();
            return !closed.empty() && closed.back()->base() >= floor;
        });
    std::erase_if(logs, [](const auto& entry) { return !entry.second->has_retention_work(); });
    const auto floor_of = [this](TopicPartition id) {
        const auto found = older_.partitions.find(id);
        return found == older_.partitions.end() ? Offset{0} : found->second.end.offset;
    };
    // What is behind the older checkpoint may still be replayed into; bring it up to now.
    const bool is_behind = std::any_of(logs.begin(), logs.end(), [&](const auto& entry) {
        return floor_of(entry.first) < entry.second->high_watermark();
    });
    Status status = is_behind || is_compaction_behind ? checkpoint_twice() : Status{Ok{}};
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
    if (!acquire_settled(lock)) {
        return dead();
    }
    while (!is_dead_ && (!queue_.empty() || !taken_.empty())) {
        lock.unlock();
        write_group();
        sync_and_publish();
        lock.lock();
    }
    lock.unlock();
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
        const auto is_running = [](const std::optional<Sync>& sync) {
            return sync && sync->begun + sync->open > sync->tasks.size();
        };
        return role_ != Role::kRunning && !is_running(sync_) && !is_running(flush_);
    });
    flush_.reset();
    for (const TimerId timer : {stamp_timer_, checkpoint_timer_, sync_timer_, flush_timer_}) {
        if (timer != TimerId::kNone) {
            static_cast<void>(env_.io.cancel(timer));
        }
    }
    if (is_dead_) {
        return;
    }
    const Error cancelled{ErrorCode::kCancelled, "journal is closed"};
    if (sync_) {
        for (Written& written : sync_->groups) {
            env_.io.post(written.group.take_answers(cancelled));
        }
        sync_.reset();
    }
    for (Written& written : unsynced_) {
        env_.io.post(written.group.take_answers(cancelled));
    }
    unsynced_.clear();
    for (std::deque<PendingUnit>* const queue : {&taken_, &queue_}) {
        for (PendingUnit& pending : *queue) {
            answer(std::move(pending), cancelled);
        }
        queue->clear();
    }
}

void Sequencer::answer(PendingUnit pending, Error error) {
    if (!pending.unit.done) {
        return;
    }
    auto held = std::make_shared<PendingUnit>(std::move(pending));
    env_.io.post_short([held, failed = std::move(error)] { held->unit.done(failed); });
}

}  // namespace millrace::log
