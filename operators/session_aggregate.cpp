#include "operators/session_aggregate.h"

#include <algorithm>
#include <limits>

#include "operators/session_state.h"
#include "operators/trigger.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kTimeVersion = 1;
constexpr runtime::StoreId kSessions{0};
constexpr runtime::StoreId kTime{1};
constexpr std::string_view kTimeKey = "time";
constexpr std::int64_t kNoTime = -1;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// Rows to emit: results and tombstones in their order.
struct Results {
    std::vector<std::uint32_t> rows;  // of the input
    std::vector<std::int64_t> starts;
    std::vector<std::int64_t> ends;
    std::vector<std::uint32_t> values;  // row of the values; kNone: a tombstone
    std::vector<std::uint32_t> olds;    // row of the old values; kNone: there are none

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(rows.size()); }
    void add(std::uint32_t row,
             std::int64_t start,
             std::int64_t end,
             std::uint32_t value,
             std::uint32_t old) {
        rows.push_back(row);
        starts.push_back(start);
        ends.push_back(end);
        values.push_back(value);
        olds.push_back(old);
    }
    void clear() {
        rows.clear();
        starts.clear();
        ends.clear();
        values.clear();
        olds.clear();
    }
};

class SessionAggregate final : public runtime::Operator {
  public:
    SessionAggregate(const AggregateSpec& spec, std::unique_ptr<SessionState> state)
        : spec_(spec),
          state_(std::move(state)),
          gap_ms_(spec.window->size_ms),
          hold_ms_(window_end(gap_ms_, spec.window->effective_grace_ms())) {
        start_batch();
    }

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        context.set_state_bytes(state_->memory_bytes());
        return Ok{};
    }

    Status on_time(runtime::TimeUpdate update, runtime::OpContext& context) override {
        if (update.kind == runtime::TimeUpdate::Kind::kEndOfInput &&
            spec_.semantics == Semantics::kSafe && stream_time_ != kNoTime) {
            closed_until_ = std::max(closed_until_, window_end(stream_time_, 1));
            is_time_dirty_ = true;
            if (spec_.emits_final) {
                emit_ended({last_seq_}, context);  // the runtime gives them their place
            }
        }
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        if (!spec_.emits_final) {
            remove_ended(visible_from());
        }
        state_->stage(context);
        if (is_time_dirty_) {
            Buffer value;
            value.append_le(kTimeVersion);
            value.append_le(stream_time_);
            value.append_le(closed_until_);
            context.stage_delta(kTime, as_bytes(kTimeKey), value.view());
            is_time_dirty_ = false;
        }
        context.set_state_bytes(state_->memory_bytes());
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store == kSessions) {
            MILLRACE_TRY_STATUS(state_->restore(key, value));
        } else if (store == kTime) {
            MILLRACE_TRY_STATUS(restore_time(value));
        } else {
            return Error{ErrorCode::kCorruptJournal,
                         "a session aggregate has no store " + std::to_string(store.value)};
        }
        context.set_state_bytes(state_->memory_bytes());
        return Ok{};
    }

  private:
    /// Sessions that end before it take no row.
    [[nodiscard]] std::int64_t closed() const {
        return std::max(stream_time_ - hold_ms_, closed_until_);
    }
    /// Sessions that end before it are not seen any more. Kafka's store forgets one that ends right
    /// at the bound.
    [[nodiscard]] std::int64_t visible_from() const {
        if (spec_.semantics == Semantics::kSafe) {
            return closed();
        }
        return stream_time_ - spec_.window->retention_ms.value_or(hold_ms_) + 1;
    }

    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, true, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        if (picked_.null_values > 0) {
            context.count_dropped("null_value", picked_.null_values);
        }
        late_ = 0;
        negative_ = 0;
        state_->keys().load(batch, picked_.rows);
        for (std::size_t i = 0; i < picked_.rows.size(); ++i) {
            take_row(batch, i, context);
        }
        run_kernels(batch);
        emit_results(batch, context);
        report_once(batch, errors_, context);
        if (late_ > 0) {
            context.count_dropped("late", late_);
        }
        if (negative_ > 0) {
            context.count_dropped("negative_time", negative_);
        }
    }

    void take_row(const RowBatch& batch, std::size_t i, runtime::OpContext& context) {
        const std::uint32_t row = picked_.rows[i];
        const std::int64_t time = batch.timestamp(row).value;
        if (time < 0) {
            ++negative_;
            return;
        }
        const bool is_newest = time > stream_time_;
        if (is_newest) {
            stream_time_ = time;
            is_time_dirty_ = true;
        }
        found_.clear();
        state_->find(
            i, std::max(time - gap_ms_, visible_from()), window_end(time, gap_ms_), found_);
        std::int64_t start = time;
        std::int64_t end = time;
        for (std::byte* cell : found_) {
            start = std::min(start, SessionState::header(cell).start);
            end = std::max(end, SessionState::header(cell).end);
        }
        if (end < closed()) {
            ++late_;
            return;
        }
        if (results_.size() + found_.size() + 1 > kRowBatchRowsMax) {
            run_kernels(batch);
            emit_results(batch, context);
        }
        std::byte* cell = session_for(batch, i, start, end);
        cells_.push_back(cell);
        rows_.push_back(row);
        if (!spec_.emits_final) {
            results_.add(
                row, start, end, static_cast<std::uint32_t>(done_ + cells_.size() - 1), kNone);
        } else if (is_newest && state_->has_ended(closed())) {
            run_kernels(batch);
            emit_ended({batch.seq_at(row), &batch, row}, context);
        }
    }

    /// The session that takes the i-th row, with its new bounds; tombstones of what it replaces.
    std::byte* session_for(const RowBatch& batch,
                           std::size_t i,
                           std::int64_t start,
                           std::int64_t end) {
        if (found_.empty()) {
            return state_->add(i, start, end);
        }
        const std::uint32_t row = picked_.rows[i];
        const bool is_row_alone = start == end && end == batch.timestamp(row).value;
        if (!is_row_alone && !spec_.emits_final) {
            for (std::byte* cell : found_) {
                add_tombstone(batch, row, cell);
            }
        }
        std::byte* kept = found_[0];
        if (found_.size() > 1) {
            run_kernels(batch);
            for (std::size_t k = 1; k < found_.size(); ++k) {
                state_->calls().merge(kept, found_[k]);
                state_->remove(found_[k]);
            }
        }
        state_->change(kept, start, end);
        return kept;
    }
    void add_tombstone(const RowBatch& batch, std::uint32_t row, std::byte* cell) {
        std::uint32_t old = kNone;
        if (spec_.emits_old_values) {
            run_kernels(batch);
            old = old_size_++;
            state_->calls().write(cell, old_, old);
        }
        const SessionHeader& head = SessionState::header(cell);
        results_.add(row, head.start, head.end, kNone, old);
    }

    /// Brings the sessions up to date with the rows taken so far.
    void run_kernels(const RowBatch& batch) {
        const auto size = static_cast<std::uint32_t>(cells_.size());
        if (size == 0) {
            return;
        }
        state_->calls().update(
            batch,
            {.cells = cells_.data(), .rows = rows_.data(), .size = size, .out_at = done_},
            spec_.emits_final ? nullptr : &values_,
            nullptr,
            errors_);
        done_ += spec_.emits_final ? 0 : size;
        cells_.clear();
        rows_.clear();
    }

    // Results

    void start_batch() {
        values_ = state_->calls().make_builders(0);
        old_ = state_->calls().make_builders(0);
        done_ = 0;
        old_size_ = 0;
        results_.clear();
    }

    /// Columns whose row i is row at[i] of what was built, or null.
    static std::vector<ColumnPtr> spread(AggregateCells::Builders& builders,
                                         std::uint32_t built,
                                         const std::vector<std::uint32_t>& at) {
        std::vector<std::uint32_t> indices(at);
        bool is_same = built == at.size();
        for (std::uint32_t i = 0; i < indices.size(); ++i) {
            is_same = is_same && indices[i] == i;
            indices[i] = indices[i] == kNone ? built : indices[i];
        }
        std::vector<ColumnPtr> columns;
        for (ColumnBuilder& builder : builders) {
            if (is_same) {
                columns.push_back(builder.finish(built));
                continue;
            }
            builder.set_null(built);
            columns.push_back(Column::dictionary(builder.finish(built + 1),
                                                 indices.data(),
                                                 static_cast<std::uint32_t>(indices.size())));
        }
        return columns;
    }
    static ValidityWords presence_of(const std::vector<std::uint32_t>& at) {
        auto bits = std::make_shared<std::vector<std::uint64_t>>((at.size() + 63) / 64);
        for (std::size_t i = 0; i < at.size(); ++i) {
            (*bits)[i / 64] |= std::uint64_t{at[i] != kNone} << (i % 64);
        }
        return bits;
    }
    static ColumnPtr times_of(const std::vector<std::int64_t>& times) {
        const auto size = static_cast<std::uint32_t>(times.size());
        ColumnBuilder builder(TypeKind::kBigint, size);
        std::copy(times.begin(), times.end(), builder.values<std::int64_t>());
        return builder.finish(size);
    }

    void emit_results(const RowBatch& batch, runtime::OpContext& context) {
        const std::uint32_t size = results_.size();
        if (size == 0) {
            return;
        }
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        for (std::size_t c = 0; c < spec_.input->key.size(); ++c) {
            made->columns.push_back(
                Column::dictionary(batch.columns[c], results_.rows.data(), size));
        }
        for (ColumnPtr& column : spread(values_, done_, results_.values)) {
            made->columns.push_back(std::move(column));
        }
        made->value_present = presence_of(results_.values);
        if (spec_.emits_old_values) {
            made->old_values = spread(old_, old_size_, results_.olds);
            made->old_present = presence_of(results_.olds);
        }
        made->seq = Column::flatten(Column::dictionary(batch.seq, results_.rows.data(), size));
        ColumnBuilder subs(TypeKind::kInt, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            subs.set(i, static_cast<std::int32_t>(next_sub(batch.seq_at(results_.rows[i]))));
        }
        made->sub = subs.finish(size);
        if (batch.record_headers) {
            made->record_headers =
                Column::dictionary(batch.record_headers, results_.rows.data(), size);
        }
        made->timestamps = times_of(results_.ends);
        made->window_start = times_of(results_.starts);
        made->window_end = made->timestamps;
        start_batch();
        emit_bounded(std::move(made), context);
    }
    /// One row may merge more sessions than a batch has rows.
    static void emit_bounded(RowBatchPtr rows, runtime::OpContext& context) {
        if (rows->size <= kRowBatchRowsMax) {
            context.emit(std::move(rows));
            return;
        }
        for (std::uint32_t at = 0; at < rows->size; at += kRowBatchRowsMax) {
            context.emit(compact(rows, at, std::min(rows->size, at + kRowBatchRowsMax)));
        }
    }
    std::uint32_t next_sub(std::uint64_t seq) {
        next_sub_ = seq == last_seq_ ? next_sub_ + 1 : 0;
        last_seq_ = seq;
        return next_sub_;
    }

    // Ends of sessions

    void remove_ended(std::int64_t end) {
        std::vector<std::byte*> ended;
        if (state_->has_ended(end)) {
            state_->take_ended(end, ended);
        }
        for (std::byte* cell : ended) {
            state_->remove(cell);
        }
    }
    /// EMIT FINAL: what is closed by now.
    void emit_ended(const Trigger& trigger, runtime::OpContext& context) {
        std::vector<std::byte*> ended;
        state_->take_ended(closed(), ended);
        for (std::size_t at = 0; at < ended.size(); at += kRowBatchRowsMax) {
            const std::size_t count = std::min<std::size_t>(ended.size() - at, kRowBatchRowsMax);
            emit_sessions({ended.data() + at, count}, trigger, context);
        }
        for (std::byte* cell : ended) {
            state_->remove(cell);
        }
    }
    void emit_sessions(std::span<std::byte* const> cells,
                       const Trigger& trigger,
                       runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(cells.size());
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        std::vector<std::uint32_t> ids;
        std::vector<std::int64_t> starts;
        std::vector<std::int64_t> ends;
        AggregateCells::Builders values = state_->calls().make_builders(size);
        ColumnBuilder subs(TypeKind::kInt, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const SessionHeader& head = SessionState::header(cells[i]);
            ids.push_back(head.key);
            starts.push_back(head.start);
            ends.push_back(head.end);
            state_->calls().write(cells[i], values, i);
            subs.set(i, static_cast<std::int32_t>(next_sub(trigger.seq)));
        }
        made->columns = state_->keys().columns(ids);
        for (ColumnBuilder& builder : values) {
            made->columns.push_back(builder.finish(size));
        }
        if (spec_.emits_old_values) {
            add_no_old_values(*made);
        }
        made->seq =
            times_of(std::vector<std::int64_t>(size, static_cast<std::int64_t>(trigger.seq)));
        made->sub = subs.finish(size);
        made->record_headers = trigger.headers(size);
        made->timestamps = times_of(ends);
        made->window_start = times_of(starts);
        made->window_end = made->timestamps;
        context.emit(std::move(made));
    }

    Status restore_time(ByteView value) {
        Cursor in(value);
        const auto version = in.read_le<std::uint8_t>();
        if (in.ok() && version != kTimeVersion) {
            return Error{
                ErrorCode::kNewerFormat,
                "session time was written by a newer version, format " + std::to_string(version)};
        }
        stream_time_ = in.read_le<std::int64_t>();
        closed_until_ = in.read_le<std::int64_t>();
        if (!in.ok() || in.remaining() != 0) {
            return Error{ErrorCode::kCorruptJournal,
                         "session time has an unexpected size: " + std::to_string(value.size())};
        }
        return Ok{};
    }

    AggregateSpec spec_;
    std::unique_ptr<SessionState> state_;
    std::int64_t gap_ms_;
    std::int64_t hold_ms_;  // gap and grace
    std::int64_t stream_time_ = kNoTime;
    std::int64_t closed_until_ = 0;  // sessions that end before were closed for good
    bool is_time_dirty_ = false;
    std::uint64_t last_seq_ = std::numeric_limits<std::uint64_t>::max();
    std::uint32_t next_sub_ = 0;

    // What the next batch is made of.
    Results results_;
    AggregateCells::Builders values_;
    AggregateCells::Builders old_;
    std::uint32_t done_ = 0;  // rows of values_
    std::uint32_t old_size_ = 0;

    // Scratch of one run, kept for its memory.
    KeyedRows picked_;
    std::vector<std::byte*> found_;
    std::vector<std::byte*> cells_;  // of rows whose kernels did not run yet
    std::vector<std::uint32_t> rows_;
    std::vector<RowError> errors_;
    std::uint64_t late_ = 0;
    std::uint64_t negative_ = 0;
};

}  // namespace

Result<runtime::OperatorSpec> make_session_aggregate(AggregateSpec spec, std::string detail) {
    // Opened once here, so that a key format that cannot hold the key is an error of the plan.
    MILLRACE_TRY(const std::unique_ptr<SessionState> probe, SessionState::open(spec));
    runtime::OperatorSpec made;
    made.name = "aggregate";
    made.detail = std::move(detail);
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<SessionAggregate>(spec, SessionState::open(spec).value());
    };
    return made;
}

}  // namespace millrace::operators
