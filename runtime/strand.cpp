#include "runtime/strand.h"

#include <exception>

namespace millrace::runtime {

namespace {
constexpr int kStepsMax = 4;
constexpr std::chrono::microseconds kRunMax{200};
}  // namespace

bool Gate::enter() {
    if ((state_.fetch_add(kOne) & kClosed) == 0) {
        return true;
    }
    leave();
    return false;
}

void Gate::leave() {
    if (state_.fetch_sub(kOne) == (kOne | kClosed)) {
        const std::lock_guard lock(mutex_);
        idle_.notify_all();
    }
}

void Gate::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return state_.load() == kClosed; });
}

void Strand::wake() {
    State seen = state_.load();
    for (;;) {
        switch (seen) {
            case State::kIdle:
                if (state_.compare_exchange_weak(seen, State::kScheduled)) {
                    schedule();
                    return;
                }
                break;
            case State::kRunning:
                if (state_.compare_exchange_weak(seen, State::kWokenWhileRunning)) {
                    return;
                }
                break;
            case State::kScheduled:
            case State::kWokenWhileRunning:
                return;
        }
    }
}

void Strand::schedule() {
    std::shared_ptr<void> keeper = home_.keeper.lock();
    if (!keeper) {
        return;
    }
    home_.executor.enqueue([this, keeper = std::move(keeper), gate = &home_.gate] {
        const GatePass pass(*gate);
        if (pass.entered()) {
            run();
        }
    });
}

void Strand::run() {
    const auto start = home_.clock.monotonic();
    state_.store(State::kRunning);
    for (int steps = 1;; ++steps) {
        Step result = Step::kIdle;
        try {
            result = step_();
        } catch (const std::exception& thrown) {
            home_.fail(Error{ErrorCode::kInvalidArgument,
                             std::string("a step stopped unexpectedly: ") + thrown.what()});
        }
        if (result == Step::kIdle) {
            State running = State::kRunning;
            if (state_.compare_exchange_strong(running, State::kIdle)) {
                return;
            }
            state_.store(State::kRunning);
        }
        if (steps >= kStepsMax || home_.clock.monotonic() - start >= kRunMax) {
            state_.store(State::kScheduled);
            schedule();
            return;
        }
    }
}

}  // namespace millrace::runtime
