#include "connectors/stop_signal.h"

namespace millrace::connectors {

void StopSignal::raise(StopMode mode) {
    {
        const std::lock_guard lock(state_->mutex);
        if (mode > state_->mode) {
            state_->mode = mode;
        }
    }
    state_->changed.notify_all();
}

StopMode StopSignal::mode() const {
    const std::lock_guard lock(state_->mutex);
    return state_->mode;
}

void StopSignal::wake() {
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->wakes;
    }
    state_->changed.notify_all();
}

std::uint64_t StopSignal::wakes() const {
    const std::lock_guard lock(state_->mutex);
    return state_->wakes;
}

void StopSignal::wait(std::uint64_t seen_wakes) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(
        lock, [&] { return state_->wakes != seen_wakes || state_->mode != StopMode::kRunning; });
}

void StopSignal::wait(IoExecutor& io, std::chrono::milliseconds time, std::uint64_t seen_wakes) {
    // The timer may fire after this call: it holds the state, not the signal.
    const TimerId timer = io.post_after(time, [state = state_] {
        {
            const std::lock_guard lock(state->mutex);
            ++state->wakes;
        }
        state->changed.notify_all();
    });
    wait(seen_wakes);
    static_cast<void>(io.cancel(timer));
}

bool StopSignal::pause(IoExecutor& io, std::chrono::milliseconds time) {
    const auto is_over = std::make_shared<bool>(false);  // guarded by the state's mutex
    const TimerId timer = io.post_after(time, [state = state_, is_over] {
        {
            const std::lock_guard lock(state->mutex);
            *is_over = true;
        }
        state->changed.notify_all();
    });
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return *is_over || state_->mode != StopMode::kRunning; });
    const bool is_running = state_->mode == StopMode::kRunning;
    lock.unlock();
    static_cast<void>(io.cancel(timer));
    return is_running;
}

}  // namespace millrace::connectors
