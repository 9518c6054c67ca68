#include "core/broker/transactions/producer_ids.h"

#include <string>

namespace millrace::broker {

namespace {

constexpr std::int64_t kBlock = 1'000;
constexpr std::size_t kWaitingMax = 10'000;

}  // namespace

void ProducerIds::restore(std::int64_t next) {
    const std::lock_guard lock(mutex_);
    next_ = durable_ = next;
}

void ProducerIds::take(Completion<std::int64_t> done) {
    std::int64_t end = 0;
    {
        const std::lock_guard lock(mutex_);
        if (next_ < durable_) {
            io_.post([done = std::move(done), id = next_++] { done(id); });
            return;
        }
        if (waiting_.size() >= kWaitingMax) {
            io_.post([done = std::move(done)] {
                done(Error{ErrorCode::kOutOfMemoryBudget,
                           "too many producers wait for an id: " + std::to_string(kWaitingMax)});
            });
            return;
        }
        waiting_.push_back(std::move(done));
        if (is_storing_) {
            return;
        }
        is_storing_ = true;
        end = durable_ + kBlock;
    }
    try {
        store_(end, [this, end](const Status& stored) { on_stored(end, stored); });
    } catch (const std::bad_alloc&) {
        on_stored(end, Error{ErrorCode::kOutOfMemoryBudget, "no memory"});
    }
}

void ProducerIds::on_stored(std::int64_t next, const Status& stored) {
    std::deque<std::pair<Completion<std::int64_t>, std::int64_t>> served;
    std::deque<Completion<std::int64_t>> failed;
    bool needs_more = false;
    {
        const std::lock_guard lock(mutex_);
        is_storing_ = false;
        if (!stored.ok()) {
            failed.swap(waiting_);
        } else {
            durable_ = next;
        }
        while (!waiting_.empty() && next_ < durable_) {
            served.emplace_back(std::move(waiting_.front()), next_++);
            waiting_.pop_front();
        }
        needs_more = !waiting_.empty();
        is_storing_ = needs_more;
    }
    if (needs_more) {
        store_(next + kBlock,
               [this, end = next + kBlock](const Status& more) { on_stored(end, more); });
    }
    for (auto& [done, id] : served) {
        io_.post([done = std::move(done), given = id] { done(given); });
    }
    for (auto& done : failed) {
        io_.post([done = std::move(done), error = stored.error()] { done(error); });
    }
}

void ProducerIds::close() {
    const std::lock_guard lock(mutex_);
    for (auto& done : waiting_) {
        io_.post([done = std::move(done)] {
            done(Error{ErrorCode::kCancelled, "the log is closed"});
        });
    }
    waiting_.clear();
}

}  // namespace millrace::broker
