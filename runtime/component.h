// Component: what every part of one running job shares: options, services, figures, and the way to
// fail it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/job.h"
#include "runtime/plan.h"
#include "runtime/strand.h"

namespace millrace::runtime {

/// Figures of a job. Any thread.
class JobFigures {
  public:
    std::atomic<std::uint64_t> rows_in{0};
    std::atomic<std::uint64_t> rows_out{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> row_errors{0};
    std::atomic<std::size_t> state_bytes{0};
    std::atomic<std::size_t> edge_rows_peak{0};
    std::atomic<std::size_t> staged_bytes{0};  // encoded outputs that are not committed yet
    std::atomic<bool> is_closing_idle{false};  // finalize.idle: looking, or not committed yet

    void count_dropped(std::string_view reason, std::uint64_t rows);
    /// Source positions; `index` as given to add_source(), in that order.
    void add_source(SourceProgress progress);
    void set_read(std::size_t index, Offset read, Offset high_watermark);
    void set_committed(std::size_t index, Offset committed);
    /// Everything but state and error.
    [[nodiscard]] JobStats collect() const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t, std::less<>> dropped_;  // guarded by mutex_
    std::vector<SourceProgress> sources_;                        // guarded by mutex_
};

/// Lives as long as the last strand run or completion of the job; all of them pass its gate first.
struct Component {
    Component(JobPlan plan_given, JobOptions options_given, JobServices services_given);

    const JobPlan plan;
    const JobOptions options;
    JobServices services;
    Gate gate;
    StrandHome home;
    JobFigures figures;
    /// Ends the job with this error; the first one counts. From inside the gate.
    std::function<void(Error)> fail;
    /// A client wants no more rows (LIMIT): the job finishes. From inside the gate.
    std::function<void()> end_query;
    std::atomic<bool> callbacks_ended{false};

    /// Counts and hands on one failed row; under ErrorTolerance::kFail it fails the job.
    void report(ProcessingError error);
    /// `run` on the I/O executor, inside the gate; never after it closed.
    [[nodiscard]] Work guarded(Work work);
    template <class T>
    [[nodiscard]] Completion<T> guarded(Completion<T> done) {
        return [this, keeper = home.keeper.lock(), done = std::move(done)](Result<T> result) {
            const GatePass pass(gate);
            if (pass.entered()) {
                done(std::move(result));
            }
        };
    }
};

}  // namespace millrace::runtime
