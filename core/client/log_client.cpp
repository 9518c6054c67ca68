#include "core/client/log_client.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace millrace {

namespace {

/// Where a waiting thread meets its completion.
template <class T>
class Meeting {
  public:
    void bring(Result<T> result) {
        const std::lock_guard lock(mutex_);
        result_.emplace(std::move(result));
        arrived_.notify_one();
    }
    Result<T> wait() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return result_.has_value(); });
        return std::move(*result_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<Result<T>> result_;
};

}  // namespace

Result<CommitPosition> append_and_wait(LogClient& log, Unit unit) {
    auto meeting = std::make_shared<Meeting<CommitPosition>>();
    log.append_atomic(std::move(unit), [meeting](Result<CommitPosition> result) {
        meeting->bring(std::move(result));
    });
    return meeting->wait();
}

Result<FetchResult> fetch_and_wait(LogClient& log, const FetchRequest& request) {
    auto meeting = std::make_shared<Meeting<FetchResult>>();
    log.fetch(request,
              [meeting](Result<FetchResult> result) { meeting->bring(std::move(result)); });
    return meeting->wait();
}

}  // namespace millrace
