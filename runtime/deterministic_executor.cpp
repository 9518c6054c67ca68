#include <deque>
#include <mutex>

#include "core/base/random.h"
#include "runtime/job.h"

namespace millrace::runtime {

struct DeterministicExecutor::State {
    explicit State(std::uint64_t seed_given) : seed(seed_given), random(seed_given) {}

    std::uint64_t seed;
    SeededRandom random;
    std::mutex mutex;
    std::deque<std::function<void()>> stored;  // guarded by mutex
};

DeterministicExecutor::DeterministicExecutor(std::uint64_t seed)
    : state_(std::make_unique<State>(seed)) {}

DeterministicExecutor::~DeterministicExecutor() = default;

void DeterministicExecutor::enqueue(std::function<void()> step) {
    const std::lock_guard lock(state_->mutex);
    state_->stored.push_back(std::move(step));
}

bool DeterministicExecutor::run_one() {
    std::function<void()> step;
    {
        const std::lock_guard lock(state_->mutex);
        auto& stored = state_->stored;
        if (stored.empty()) {
            return false;
        }
        if (state_->seed != 0) {
            std::swap(stored.front(), stored[state_->random.below(stored.size())]);
        }
        step = std::move(stored.front());
        stored.pop_front();
    }
    step();
    return true;
}

}  // namespace millrace::runtime
