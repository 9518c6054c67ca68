#include "dsl/push_query.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "core/row/value.h"
#include "dsl/lowering.h"
#include "dsl/persistent_query.h"

namespace millrace::dsl {

namespace {

using runtime::JobState;

/// The row of a table by its key columns and its window.
std::string key_of(const RowBatch& rows, std::uint32_t row) {
    constexpr char kSeparator = '\x1f';
    std::string key;
    for (std::size_t i = 0; i < rows.schema->key.size(); ++i) {
        const Column& column = *rows.columns[i];
        key += to_text(value_at(column, row), column.type()) + kSeparator;
    }
    for (const ColumnPtr& bound : {rows.window_start, rows.window_end}) {
        if (bound) {
            key += std::to_string(bound->at<std::int64_t>(row)) + kSeparator;
        }
    }
    return key;
}

std::vector<Value> values_of(const RowBatch& rows, std::uint32_t row) {
    std::vector<Value> values;
    for (std::size_t i = rows.schema->key.size(); i < rows.columns.size(); ++i) {
        values.push_back(value_at(*rows.columns[i], row));
    }
    return values;
}

/// Between the workers, which must not wait, and the caller, who does.
class Mailbox {
  public:
    Mailbox(std::optional<std::int64_t> limit, bool is_table) : is_table_(is_table), left_(limit) {}

    /// On a worker. False: no more rows are wanted.
    bool deliver(const RowBatch& batch) {
        const std::lock_guard lock(mutex_);
        for (std::uint32_t i = 0; i < batch.selected() && !is_closed_; ++i) {
            const std::uint32_t row = batch.row(i);
            PushRow& next = waiting_.emplace_back();
            if (is_table_) {
                next.key = key_of(batch, row);
            }
            if (batch.has_value(row)) {
                next.values = values_of(batch, row);
                is_closed_ = left_ && --*left_ == 0;
            } else if (!is_table_) {
                waiting_.pop_back();  // a null value has nothing to show
            }
        }
        changed_.notify_one();
        return !is_closed_;
    }
    void end(std::optional<Error> error) {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        if (!error_) {
            error_ = std::move(error);
        }
        changed_.notify_one();
    }
    /// On a worker: may more rows come?
    [[nodiscard]] bool has_room() {
        const std::lock_guard lock(mutex_);
        return waiting_.size() < kPushRowsMax;
    }

    enum class Taken : std::uint8_t { kRow, kNothingYet, kEnd };
    /// Waits a while. `has_room_again`: this row was the one that made room for more.
    Taken take(PushRow& row, bool& has_room_again) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(
            lock, kPushQuestionEvery, [this] { return !waiting_.empty() || is_closed_; });
        if (waiting_.empty()) {
            return is_closed_ ? Taken::kEnd : Taken::kNothingYet;
        }
        row = std::move(waiting_.front());
        waiting_.pop_front();
        has_room_again = waiting_.size() == kPushRowsMax / 2;
        return Taken::kRow;
    }
    std::optional<Error> error() {
        const std::lock_guard lock(mutex_);
        return error_;
    }

  private:
    const bool is_table_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<PushRow> waiting_;       // guarded by mutex_
    std::optional<std::int64_t> left_;  // guarded by mutex_
    bool is_closed_ = false;            // guarded by mutex_
    std::optional<Error> error_;        // guarded by mutex_
};

}  // namespace

Status run_push_query(const PushQuery& query,
                      const Settings& settings,
                      const sql::SourceText& source,
                      runtime::JobServices services,
                      PushObserver& observer) {
    if (query.limit && *query.limit == 0) {
        return Ok{};
    }
    const auto mailbox = std::make_shared<Mailbox>(query.limit, query.plan.root->is_table);
    MILLRACE_TRY(
        runtime::Graph graph,
        lower(
            query.plan,
            source,
            [mailbox](Partition, const RowBatchPtr& batch) { return mailbox->deliver(*batch); },
            [mailbox] { return mailbox->has_room(); },
            &services.env));
    // The job is only known after create(), and the callback only runs after start().
    const auto job_holder = std::make_shared<runtime::Job*>(nullptr);
    services.on_state = [mailbox, job_holder](JobState state) {
        if (state == JobState::kFailed) {
            mailbox->end((*job_holder)->stats().error);
        } else if (state == JobState::kFinished || state == JobState::kStopped) {
            mailbox->end(std::nullopt);
        }
    };
    MILLRACE_TRY(
        const auto job,
        runtime::Job::create(std::move(graph),
                             job_options(settings, query.id, plan_hash(normalized(query.plan))),
                             std::move(services)));
    *job_holder = job.get();
    job->start();
    for (;;) {
        PushRow row;
        bool has_room_again = false;
        const Mailbox::Taken taken = mailbox->take(row, has_room_again);
        if (taken == Mailbox::Taken::kEnd) {
            break;
        }
        if (has_room_again) {
            job->resume();
        }
        if (!(taken == Mailbox::Taken::kRow ? observer.next(row) : observer.wants_more())) {
            job->kill();
            return Ok{};
        }
    }
    job->kill();
    const auto error = mailbox->error();
    return error ? Status(*error) : Status(Ok{});
}

}  // namespace millrace::dsl
