#include "core/log/scrub.h"

#include <algorithm>

namespace millrace::log {

namespace {

using std::chrono::nanoseconds;

/// A disk that rots everywhere is said to do so by the first of these.
constexpr std::size_t kFindingsMax = 10'000;
/// Between two passes, when one takes longer than the period.
constexpr std::chrono::seconds kPauseMin{1};

}  // namespace

Scrubber::Scrubber(Env& env,
                   Journal& journal,
                   ScrubOptions options,
                   std::function<std::vector<NamedPartition>()> partitions)
    : env_(env), journal_(journal), options_(options), partitions_(std::move(partitions)) {}

void Scrubber::start() {
    arm(nanoseconds{0});
}

void Scrubber::stop() {
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
    check_.reset();
    file_.reset();
    targets_.clear();
}

void Scrubber::arm(nanoseconds delay) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) {
        return;
    }
    timer_ = env_.io.post_after(
        delay, [this, handle = lifetime_.handle()] { handle.run([this] { on_timer(); }); });
}

void Scrubber::on_timer() {
    nanoseconds delay = options_.period;
    {
        const std::lock_guard lock(work_mutex_);
        const std::uint64_t before = stats().bytes;
        Result<bool> more = true;
        if (!is_passing_) {
            if (const Status begun = begin_pass(); !begun.ok()) {
                more = begun.error();
            }
        }
        if (more.ok()) {
            more = advance();
        }
        if (!more.ok()) {
            env_.log.warn("log", "scrub goes on later: " + more.error().message);
        } else if (more.value()) {
            const std::uint64_t bytes = stats().bytes - before;
            delay = options_.bytes_per_second == 0
                        ? nanoseconds{0}
                        : nanoseconds{static_cast<std::int64_t>(
                              static_cast<double>(bytes) * 1e9 /
                              static_cast<double>(options_.bytes_per_second))};
        } else {
            delay = std::max<nanoseconds>(kPauseMin,
                                          options_.period - (env_.clock.monotonic() - pass_began_));
        }
    }
    arm(delay);
}

Result<std::vector<ScrubFinding>> Scrubber::run() {
    const std::lock_guard lock(work_mutex_);
    if (!is_passing_) {
        MILLRACE_TRY_STATUS(begin_pass());
    }
    Result<bool> more = true;
    while (more.ok() && more.value()) {
        more = advance();
    }
    return more.ok() ? Result<std::vector<ScrubFinding>>(findings_)
                     : Result<std::vector<ScrubFinding>>(std::move(more).error());
}

ScrubStats Scrubber::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

Status Scrubber::begin_pass() {
    const std::vector<NamedPartition> partitions = partitions_();
    targets_.clear();
    MILLRACE_TRY_STATUS(journal_.between_groups([&](const ReplayFloor&) -> Status {
        for (const NamedPartition& partition : partitions) {
            for (auto& segment : partition.log->closed_segments()) {
                targets_.push_back({.id = partition.id,
                                    .name = partition.name,
                                    .log = partition.log,
                                    .segment = std::move(segment)});
            }
        }
        return Ok{};
    }));
    std::reverse(targets_.begin(), targets_.end());
    is_passing_ = true;
    pass_began_ = env_.clock.monotonic();
    return Ok{};
}

Status Scrubber::begin_segment() {
    const Segment& segment = *targets_.back().segment;
    MILLRACE_TRY(file_, segment.open_file());
    file_->drop_cache();
    check_ = std::make_unique<SegmentCheck>(
        *file_,
        SegmentCheck::Extent{.bytes = segment.size_bytes(),
                             .base = segment.base(),
                             .next = segment.next_offset(),
                             .batch_bytes_max = segment.settings().batch_bytes_max});
    return Ok{};
}

Result<bool> Scrubber::advance() {
    if (targets_.empty()) {
        is_passing_ = false;
        const std::lock_guard lock(mutex_);
        ++stats_.passes;
        return false;
    }
    if (check_ == nullptr) {
        if (const Status begun = begin_segment(); !begun.ok()) {
            // Retention or compaction was faster.
            targets_.pop_back();
            return begun.error().code == ErrorCode::kNotFound ? Result<bool>(true)
                                                              : Result<bool>(begun.error());
        }
    }
    const std::uint64_t before = check_->position();
    const Result<bool> more = check_->step(options_.step_bytes);
    const bool is_over = !more.ok() || !more.value();
    {
        const std::lock_guard lock(mutex_);
        stats_.bytes += check_->position() - before;
        stats_.segments += is_over ? 1 : 0;
    }
    if (is_over) {
        report(targets_.back());
        targets_.pop_back();
        check_.reset();
        file_.reset();
    }
    return more.ok() ? Result<bool>(true) : more;
}

void Scrubber::report(const Target& target) {
    for (const DamagedRange& range : check_->damage()) {
        const std::string& path = target.segment->path();
        if (said_.size() >= kFindingsMax || !said_.emplace(path, range.begin).second) {
            continue;
        }
        findings_.push_back({.id = target.id, .path = path, .range = range});
        env_.log.error("log",
                       "rot in " + target.name + ": " + path + " bytes " +
                           std::to_string(range.begin) + " to " + std::to_string(range.end) +
                           ", offsets " + std::to_string(range.first.value) + " to " +
                           std::to_string(range.next.value - 1) + " cannot be read: " + range.what);
        const std::lock_guard lock(mutex_);
        ++stats_.damaged_ranges;
    }
}

}  // namespace millrace::log
