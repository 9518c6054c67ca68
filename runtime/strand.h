// Gate and Strand: who may still run for a job, and steps that run one at a time on the executor.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "runtime/job.h"

namespace millrace::runtime {

/// Counts those that are inside a job. Once closed nobody enters, and wait_idle() returns when the
/// last one left. Any thread.
class Gate {
  public:
    [[nodiscard]] bool enter();
    void leave();
    /// Does not wait: those inside may call it.
    void close() { state_.fetch_or(kClosed); }
    /// After close(). Not from inside.
    void wait_idle();
    [[nodiscard]] bool is_closed() const { return (state_.load() & kClosed) != 0; }

  private:
    static constexpr std::uint64_t kClosed = 1;
    static constexpr std::uint64_t kOne = 2;

    std::atomic<std::uint64_t> state_{0};
    std::mutex mutex_;
    std::condition_variable idle_;
};

/// Inside a gate for as long as it lives, when entered() is true.
class GatePass {
  public:
    explicit GatePass(Gate& gate) : gate_(gate.enter() ? &gate : nullptr) {}
    ~GatePass() {
        if (gate_ != nullptr) {
            gate_->leave();
        }
    }
    GatePass(const GatePass&) = delete;
    GatePass& operator=(const GatePass&) = delete;
    [[nodiscard]] bool entered() const { return gate_ != nullptr; }

  private:
    Gate* gate_;
};

enum class Step : std::uint8_t {
    kMore,  // did something; call again
    kIdle,  // nothing to do until the next wake()
};

/// What strands of one job share. `keeper` is kept alive by every scheduled run, so that a run that
/// comes after the job's end finds its gate closed and touches nothing else.
struct StrandHome {
    Executor& executor;
    const Clock& clock;
    Gate& gate;
    std::weak_ptr<void> keeper;
    /// A step threw: our bug or no memory. On the worker.
    std::function<void(Error)> fail;
};

/// Runs a step function, never twice at once: idle -> scheduled -> running -> idle, and back to
/// scheduled after 4 steps or 200 us, so that no strand starves the others.
class Strand {
  public:
    Strand(const StrandHome& home, std::function<Step()> step)
        : home_(home), step_(std::move(step)) {}
    Strand(const Strand&) = delete;
    Strand& operator=(const Strand&) = delete;

    /// The step runs (again) after this call, soon. Any thread that is inside the job's gate.
    void wake();

  private:
    enum class State : std::uint8_t { kIdle, kScheduled, kRunning, kWokenWhileRunning };

    void schedule();
    void run();

    const StrandHome& home_;
    std::function<Step()> step_;
    std::atomic<State> state_{State::kIdle};
};

}  // namespace millrace::runtime
