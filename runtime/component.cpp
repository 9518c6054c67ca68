#include "runtime/component.h"

namespace millrace::runtime {

void JobFigures::count_dropped(std::string_view reason, std::uint64_t rows) {
    const std::lock_guard lock(mutex_);
    const auto found = dropped_.find(reason);
    if (found == dropped_.end()) {
        dropped_.emplace(std::string(reason), rows);
    } else {
        found->second += rows;
    }
}

void JobFigures::add_source(SourceProgress progress) {
    const std::lock_guard lock(mutex_);
    sources_.push_back(std::move(progress));
}

void JobFigures::set_read(std::size_t index, Offset read, Offset high_watermark) {
    const std::lock_guard lock(mutex_);
    sources_[index].read = read;
    sources_[index].high_watermark = high_watermark;
}

void JobFigures::set_committed(std::size_t index, Offset committed) {
    const std::lock_guard lock(mutex_);
    sources_[index].committed = committed;
}

JobStats JobFigures::collect() const {
    JobStats stats;
    stats.rows_in = rows_in.load();
    stats.is_closing_idle = is_closing_idle.load();
    stats.rows_out = rows_out.load();
    stats.commits = commits.load();
    stats.row_errors = row_errors.load();
    stats.state_bytes = state_bytes.load();
    stats.edge_rows_peak = edge_rows_peak.load();
    const std::lock_guard lock(mutex_);
    stats.dropped.insert(dropped_.begin(), dropped_.end());
    stats.sources = sources_;
    return stats;
}

Component::Component(JobPlan plan_given, JobOptions options_given, JobServices services_given)
    : plan(std::move(plan_given)),
      options(std::move(options_given)),
      services(std::move(services_given)),
      home{services.executor, services.env.clock, gate, {}, [this](Error error) {
               fail(std::move(error));
           }} {}

void Component::report(ProcessingError error) {
    figures.row_errors.fetch_add(1);
    error.query_id = options.query_id;
    if (services.report) {
        services.report(error);
    }
    if (options.tolerance == ErrorTolerance::kFail) {
        fail(Error{
            error.code,
            error.step + ": " + error.message +
                (error.topic.empty() ? std::string()
                                     : " (topic " + error.topic + " partition " +
                                           std::to_string(error.partition.value) + " offset " +
                                           std::to_string(error.offset.value) + ")")});
    }
}

Work Component::guarded(Work work) {
    return [this, keeper = home.keeper.lock(), work = std::move(work)] {
        const GatePass pass(gate);
        if (pass.entered()) {
            work();
        }
    };
}

}  // namespace millrace::runtime
