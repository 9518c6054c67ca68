#include "core/log/compaction/compactor.h"

#include <algorithm>

namespace millrace::log {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

PartitionFacts facts_of(const PartitionLog& log,
                        Offset replay_floor,
                        const CompactionState& state) {
    PartitionFacts facts{.closed = {},
                         .replay_floor = replay_floor,
                         .stable_end = log.last_stable_offset(),
                         .state = state};
    for (const std::shared_ptr<Segment>& segment : log.closed_segments()) {
        facts.closed.push_back({.base = segment->base(),
                                .next = segment->next_offset(),
                                .bytes = segment->size_bytes(),
                                .first_append_age = segment->first_append_age(),
                                .last_append_age = segment->last_append_age()});
    }
    return facts;
}

}  // namespace

Compactor::Compactor(Env& env,
                     Journal& journal,
                     std::string data_directory,
                     CompactorOptions options,
                     std::function<std::vector<NamedPartition>()> candidates)
    : env_(env),
      journal_(journal),
      data_directory_(std::move(data_directory)),
      options_(options),
      candidates_(std::move(candidates)) {}

// --- in the background --------------------------------------------------------------------------

void Compactor::start() {
    arm(options_.interval);
}

void Compactor::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        if (timer_ != TimerId::kNone) {
            static_cast<void>(env_.io.cancel(timer_));
            timer_ = TimerId::kNone;
        }
    }
    lifetime_.end();
    const std::lock_guard lock(work_mutex_);
    work_.reset();
}

void Compactor::arm(nanoseconds delay) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) {
        return;
    }
    timer_ = env_.io.post_after(
        delay, [this, handle = lifetime_.handle()] { handle.run([this] { on_timer(); }); });
}

void Compactor::on_timer() {
    nanoseconds delay = options_.interval;
    {
        const std::lock_guard lock(work_mutex_);
        if (work_ == nullptr) {
            Result<std::unique_ptr<Work>> chosen = choose();
            if (chosen.ok()) {
                work_ = std::move(chosen).value();
            }
        }
        if (work_ != nullptr) {
            const CompactionStats before = work_->pass->stats();
            const Result<bool> more = advance(*work_);
            const CompactionStats after = work_->pass->stats();
            delay = pause_for(after.bytes_read + after.bytes_written - before.bytes_read -
                              before.bytes_written);
            if (!more.ok()) {
                set_aside(*work_, more.error());
            }
            if (!more.ok() || !more.value()) {
                work_.reset();
            }
        }
    }
    arm(delay);
}

nanoseconds Compactor::pause_for(std::uint64_t bytes) const {
    return options_.bytes_per_second == 0 ? nanoseconds{0}
                                          : nanoseconds{static_cast<std::int64_t>(
                                                static_cast<double>(bytes) * 1e9 /
                                                static_cast<double>(options_.bytes_per_second))};
}

// --- at once ------------------------------------------------------------------------------------

Result<CompactionStats> Compactor::run() {
    const std::lock_guard lock(work_mutex_);
    CompactionStats total;
    std::optional<Error> first_error;
    while (true) {
        std::unique_ptr<Work> work = std::move(work_);
        if (work == nullptr) {
            MILLRACE_TRY(work, choose());
        }
        if (work == nullptr) {
            break;
        }
        Result<bool> more = true;
        while (more.ok() && more.value()) {
            more = advance(*work);
        }
        total.add(work->pass->stats());
        if (!more.ok()) {
            set_aside(*work, more.error());
            first_error = first_error.value_or(more.error());
        }
    }
    return first_error ? Result<CompactionStats>(*first_error) : Result<CompactionStats>(total);
}

CompactionStats Compactor::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

// --- one pass -----------------------------------------------------------------------------------

void Compactor::load_states(const std::vector<NamedPartition>& candidates) {
    std::map<TopicPartition, Known> still_there;
    for (const NamedPartition& candidate : candidates) {
        auto known = known_.extract(candidate.id);
        if (known.empty()) {
            const std::string directory = PartitionLog::directory_of(data_directory_, candidate.id);
            still_there[candidate.id].state = load_compaction_state(env_.files, directory);
        } else {
            still_there.insert(std::move(known));
        }
    }
    known_ = std::move(still_there);
}

bool Compactor::is_resting(const Known& known) const {
    return known.is_broken || (known.not_before && env_.clock.monotonic() < *known.not_before);
}

Result<std::unique_ptr<Compactor::Work>> Compactor::choose() {
    const std::vector<NamedPartition> candidates = candidates_();
    load_states(candidates);
    const std::int64_t now_ms = env_.clock.wall_ms();
    const NamedPartition* chosen = nullptr;
    CompactionPlan plan;
    CompactionInput input;
    const auto look = [&](const ReplayFloor& replay_floor) -> Status {
        for (const NamedPartition& candidate : candidates) {
            const PartitionLogOptions& options = candidate.log->options();
            const Known& known = known_[candidate.id];
            if (!options.compaction || is_resting(known)) {
                continue;
            }
            const auto planned =
                plan_compaction(facts_of(*candidate.log, replay_floor(candidate.id), known.state),
                                *options.compaction,
                                now_ms);
            if (planned && (chosen == nullptr || planned->dirty_ratio > plan.dirty_ratio)) {
                chosen = &candidate;
                plan = *planned;
            }
        }
        if (chosen != nullptr) {
            input.segments = chosen->log->closed_segments();
            input.segments.resize(plan.segments);
            input.dirty_from = plan.dirty_from;
            input.segment_bytes = chosen->log->options().segment_bytes;
            input.options = *chosen->log->options().compaction;
            input.transactions = chosen->log->transaction_facts();
        }
        return Ok{};
    };
    MILLRACE_TRY_STATUS(journal_.between_groups(look));
    if (chosen == nullptr) {
        return std::unique_ptr<Work>{};
    }
    input.now_ms = now_ms;
    input.map_bytes_max = options_.map_bytes_max;
    input.seed = env_.random.next();
    auto work = std::make_unique<Work>();
    work->candidate = *chosen;
    work->bytes_before = chosen->log->size_bytes();
    work->pass = std::make_unique<CompactionPass>(env_, std::move(input));
    return work;
}

Result<bool> Compactor::advance(Work& work) {
    MILLRACE_TRY(const CompactionPass::Step step, work.pass->step(options_.step_bytes));
    switch (step) {
        case CompactionPass::Step::kMore:
            return true;
        case CompactionPass::Step::kSwap:
            MILLRACE_TRY_STATUS(swap(work));
            return true;
        case CompactionPass::Step::kDone:
            break;
    }
    MILLRACE_TRY_STATUS(finish(work));
    return false;
}

Status Compactor::swap(Work& work) {
    const SegmentSwap swap = work.pass->swap();
    Status swapped = journal_.between_groups(
        [&](const ReplayFloor&) { return work.candidate.log->replace_segments(swap); });
    if (swapped.ok()) {
        work.pass->swapped();
    } else if (swapped.error().code != ErrorCode::kCancelled) {
        // The directory may be anywhere between: the next start brings it in order. If older
        // segments came back, removing tombstones from newer ones would bring dead keys to life.
        known_[work.candidate.id].is_broken = true;
    }
    return swapped;
}

Status Compactor::finish(Work& work) {
    const CompactionState state = work.pass->state();
    known_[work.candidate.id].state = state;
    const CompactionStats& done = work.pass->stats();
    {
        const std::lock_guard lock(mutex_);
        stats_.add(done);
    }
    env_.log.info("log",
                  "compacted " + work.candidate.name + " up to offset " +
                      std::to_string(state.cleaned_to.value) + ": " +
                      std::to_string(done.records_removed) + " records removed, " +
                      std::to_string(work.bytes_before) + " bytes before, " +
                      std::to_string(work.candidate.log->size_bytes()) + " now");
    return save_compaction_state(
        env_.files, PartitionLog::directory_of(data_directory_, work.candidate.id), state);
}

void Compactor::set_aside(const Work& work, const Error& error) {
    Known& known = known_[work.candidate.id];
    known.not_before = env_.clock.monotonic() + options_.retry_after;
    const std::string text =
        "compaction of " + work.candidate.name + " was not finished: " + error.message;
    if (error.code == ErrorCode::kCancelled) {
        env_.log.debug("log", text);
    } else if (error.code == ErrorCode::kNoSpace) {
        env_.log.warn("log", text);
    } else {
        env_.log.error("log", text);
    }
}

}  // namespace millrace::log
