#include "runtime/commit.h"

#include <algorithm>

namespace millrace::runtime {

namespace {
constexpr std::chrono::milliseconds kBackoffMin{100};
constexpr std::chrono::milliseconds kBackoffMax{5000};
}  // namespace

CommitCoordinator::CommitCoordinator(Component& component, std::size_t tasks, Strand& interleaver)
    : component_(component), tasks_(tasks), interleaver_(interleaver) {}

void CommitCoordinator::start(std::uint64_t epoch) {
    const std::lock_guard lock(mutex_);
    epoch_ = epoch;
    log_epoch_ = epoch;
}

void CommitCoordinator::request() {
    {
        const std::lock_guard lock(mutex_);
        if (is_wanted_) {
            return;
        }
        is_wanted_ = true;
    }
    interleaver_.wake();
}

bool CommitCoordinator::wants_barrier() const {
    const std::lock_guard lock(mutex_);
    return is_wanted_ && state_ == State::kIdle;
}

bool CommitCoordinator::is_idle() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::kIdle;
}

void CommitCoordinator::drop_request() {
    const std::lock_guard lock(mutex_);
    is_wanted_ = false;
}

Epoch CommitCoordinator::begin(SourceStaging sources, std::function<void(bool)> done) {
    const std::lock_guard lock(mutex_);
    CHECK(state_ == State::kIdle);
    state_ = State::kCollecting;
    is_wanted_ = false;
    sources_ = std::move(sources);
    done_ = std::move(done);
    backoff_ = std::chrono::milliseconds{0};
    return Epoch{++epoch_};
}

void CommitCoordinator::deliver(TaskStaging staging) {
    {
        const std::lock_guard lock(mutex_);
        CHECK(state_ == State::kCollecting);
        staged_.push_back(std::move(staging));
        if (staged_.size() < tasks_) {
            return;
        }
        state_ = State::kAppending;
    }
    append();
}

void CommitCoordinator::give_up_when_full() {
    const std::lock_guard lock(mutex_);
    gives_up_when_full_ = true;
    if (retry_ != TimerId::kNone && component_.services.env.io.cancel(retry_)) {
        retry_ = TimerId::kNone;
        component_.services.env.io.post(component_.guarded([this] { finish(false); }));
    }
}

/// Makes the unit from the staging, which is kept until the log took it: a full disk means that it
/// is made again later.
void CommitCoordinator::append() {
    Result<std::vector<Piece>> pieces = encode_outputs(staged_);
    if (!pieces.ok()) {
        component_.fail(std::move(pieces).error().with_context("cannot commit"));
        return;
    }
    Unit unit;
    unit.pieces = std::move(pieces).value();
    for (const TaskStaging& staging : staged_) {
        if (!staging.changelog.empty()) {
            unit.pieces.push_back({staging.changelog_to, Buffer(staging.changelog.view())});
        }
    }
    if (component_.plan.is_transient || (unit.pieces.empty() && !sources_.has_moved)) {
        component_.services.env.io.post(component_.guarded([this] { finish(true); }));
        return;
    }
    unit.offsets = sources_.offsets;
    unit.epoch = UnitEpoch{"query/" + component_.options.query_id, log_epoch_ + 1};
    component_.services.log.append_atomic(
        std::move(unit), component_.guarded<CommitPosition>([this](Result<CommitPosition> result) {
            on_appended(std::move(result));
        }));
}

void CommitCoordinator::on_appended(Result<CommitPosition> result) {
    if (result.ok()) {
        {
            const std::lock_guard lock(mutex_);
            ++log_epoch_;
        }
        component_.figures.commits.fetch_add(1);
        for (std::size_t i = 0; i < sources_.offsets.size(); ++i) {
            component_.figures.set_committed(i, sources_.offsets[i].next);
        }
        finish(true);
        return;
    }
    if (result.error().code != ErrorCode::kNoSpace) {
        component_.fail(std::move(result).error().with_context("cannot commit"));
        return;
    }
    std::chrono::milliseconds backoff{0};
    {
        const std::lock_guard lock(mutex_);
        if (!gives_up_when_full_) {
            backoff_ = std::clamp(backoff_ * 2, kBackoffMin, kBackoffMax);
            backoff = backoff_;
            retry_ = component_.services.env.io.post_after(backoff, component_.guarded([this] {
                {
                    const std::lock_guard retry_lock(mutex_);
                    retry_ = TimerId::kNone;
                }
                append();
            }));
        }
    }
    if (backoff.count() == 0) {
        finish(false);
        return;
    }
    component_.services.env.log.warn(
        "query " + component_.options.query_id,
        "no space for the commit, trying again in " + std::to_string(backoff.count()) + " ms");
}

void CommitCoordinator::finish(bool is_committed) {
    if (!is_committed) {
        done_(false);  // what follows builds on the epoch that is missing: nothing may
        return;
    }
    std::uint64_t rows = 0;
    std::size_t bytes = 0;
    for (const TaskStaging& staging : staged_) {
        for (const StagedOutput& output : staging.outputs) {
            rows += output.seqs.size();
            bytes += output.bytes();
        }
    }
    component_.figures.rows_out.fetch_add(rows);
    component_.figures.staged_bytes.fetch_sub(bytes);
    std::function<void(bool)> done;
    {
        const std::lock_guard lock(mutex_);
        staged_.clear();
        state_ = State::kIdle;
        done = std::move(done_);
    }
    interleaver_.wake();
    done(true);
}

}  // namespace millrace::runtime
