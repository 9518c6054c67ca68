#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include "runtime/job.h"

namespace millrace::runtime {

namespace {

/// One arena. oneTBB grants one worker less than there are cores unless it is told otherwise, and
/// the destructor of an arena does not wait for enqueued work: hence the control and the count.
class TbbExecutor final : public Executor {
  public:
    explicit TbbExecutor(std::size_t workers)
        : control_(tbb::global_control::max_allowed_parallelism, workers + 1),
          arena_(static_cast<int>(workers), 0) {}

    ~TbbExecutor() override {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return outstanding_ == 0; });
    }

    void enqueue(std::function<void()> step) override {
        {
            const std::lock_guard lock(mutex_);
            ++outstanding_;
        }
        auto boxed = std::make_shared<std::function<void()>>(std::move(step));
        arena_.enqueue([this, boxed = std::move(boxed)]() noexcept {
            (*boxed)();
            *boxed = nullptr;  // what it keeps alive goes before the destructor may return
            const std::lock_guard lock(mutex_);
            if (--outstanding_ == 0) {
                idle_.notify_all();
            }
        });
    }

  private:
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t outstanding_ = 0;  // guarded by mutex_
    tbb::global_control control_;
    tbb::task_arena arena_;
};

}  // namespace

std::unique_ptr<Executor> make_tbb_executor(std::size_t workers) {
    return std::make_unique<TbbExecutor>(std::max<std::size_t>(workers, 1));
}

}  // namespace millrace::runtime
