#include "operators/aggregate.h"

#include <algorithm>
#include <limits>

#include "operators/aggregate_state.h"
#include "operators/session_aggregate.h"
#include "operators/trigger.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kTimeVersion = 1;
constexpr std::uint8_t kFinalTimeVersion = 2;  // with EMIT FINAL
constexpr runtime::StoreId kGroups{0};
constexpr runtime::StoreId kTime{1};
constexpr std::string_view kTimeKey = "time";
constexpr std::int64_t kNoTime = -1;

/// Rows that wait for one emit, as parallel arrays.
struct Pending {
    std::vector<std::byte*> cells;
    std::vector<std::uint32_t> rows;  // of the input
    std::vector<std::uint8_t> steps;  // AggregateStep bits; tables only

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(cells.size()); }
};

/// Windows of one row that still take it.
struct Taken {
    std::int64_t first_start = 0;
    std::int64_t count = 0;
};

/// Behind which of the taken rows windows close, EMIT FINAL only.
struct ClosingRow {
    std::size_t taken = 0;  // rows taken up to it, it included
    std::int64_t stream_time = 0;
    Trigger trigger;
};

class Aggregate final : public runtime::Operator {
  public:
    Aggregate(const AggregateSpec& spec, std::unique_ptr<AggregateState> state)
        : spec_(spec),
          state_(std::move(state)),
          windows_(spec.window ? HoppingWindows(spec.window->size_ms, spec.window->advance_ms)
                               : HoppingWindows(1, 1)),
          grace_ms_(spec.window ? spec.window->effective_grace_ms() : 0) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        context.set_state_bytes(state_->memory_bytes());
        return Ok{};
    }

    Status on_time(runtime::TimeUpdate update, runtime::OpContext& context) override {
        if (update.kind == runtime::TimeUpdate::Kind::kEndOfInput && spec_.window &&
            spec_.semantics == Semantics::kSafe && stream_time_ != kNoTime) {
            // The last window that holds the newest row ends last of all open ones.
            const std::int64_t last = stream_time_ - stream_time_ % spec_.window->advance_ms;
            const std::int64_t end = window_end(last, spec_.window->size_ms);
            if (end > closed_until_) {
                closed_until_ = end;
                is_time_dirty_ = true;
            }
            if (spec_.emits_final) {
                emit_closed(closed(), {last_seq_}, context);  // the runtime gives them their place
            }
        }
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        state_->stage(closed(), stream_time_, context);
        if (is_time_dirty_) {
            Buffer value;
            value.append_le(spec_.emits_final ? kFinalTimeVersion : kTimeVersion);
            value.append_le(stream_time_);
            value.append_le(closed_until_);
            if (spec_.emits_final) {
                value.append_le(emitted_until_);
            }
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
        if (store == kGroups) {
            MILLRACE_TRY_STATUS(state_->restore(key, value));
        } else if (store == kTime) {
            MILLRACE_TRY_STATUS(restore_time(value));
        } else {
            return Error{ErrorCode::kCorruptJournal,
                         "an aggregate has no store " + std::to_string(store.value)};
        }
        context.set_state_bytes(state_->memory_bytes());
        return Ok{};
    }

  private:
    /// Windows that end at or before it take no row.
    [[nodiscard]] std::int64_t closed() const {
        return std::max(stream_time_ - grace_ms_, closed_until_);
    }

    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, !spec_.is_table, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        if (picked_.null_values > 0) {
            context.count_dropped("null_value", picked_.null_values);
        }
        if (spec_.is_table) {
            pick_changes(batch);
        }
        if (spec_.window) {
            take_windows(batch, context);
            state_->keys().load(batch, picked_.rows);
            find_window_cells(batch, context);
        } else {
            state_->keys().load(batch, picked_.rows);
            find_cells(batch, context);
        }
        report_once(batch, errors_, context);
    }

    /// What each change does to its group; changes from nothing to nothing do nothing.
    void pick_changes(const RowBatch& batch) {
        pending_.steps.clear();
        std::size_t kept = 0;
        for (const std::uint32_t row : picked_.rows) {
            const int step =
                (batch.had_value(row) ? kStepUndo : 0) | (batch.has_value(row) ? kStepAdd : 0);
            if (step != 0) {
                picked_.rows[kept++] = row;
                pending_.steps.push_back(static_cast<std::uint8_t>(step));
            }
        }
        picked_.rows.resize(kept);
    }

    void find_cells(const RowBatch& batch, runtime::OpContext& context) {
        // A run has at most kRowBatchRowsMax rows, and every row one result.
        state_->all_cells(pending_.cells);
        pending_.rows.swap(picked_.rows);
        flush(batch, context);
    }

    /// The prefix scan of stream time: keeps the rows that at least one window takes, and which
    /// windows these are.
    void take_windows(const RowBatch& batch, runtime::OpContext& context) {
        taken_.clear();
        closing_.clear();
        std::uint64_t late = 0;
        std::uint64_t negative = 0;
        std::size_t kept = 0;
        const bool is_tumbling = windows_.advance_ms() == windows_.size_ms();
        HoppingWindows::Range range;
        for (const std::uint32_t row : picked_.rows) {
            const Timestamp time = batch.timestamp(row);
            // Neighbours share their window mostly; a division costs more than to see that.
            const bool is_same = is_tumbling && time.value >= range.first_start &&
                                 time.value - range.first_start < windows_.size_ms();
            if (!is_same || range.count == 0) {
                range = windows_.windows_of(time);
            }
            if (range.count == 0) {
                ++negative;
                continue;
            }
            const bool is_newest = time.value > stream_time_;
            if (is_newest) {
                stream_time_ = time.value;
                is_time_dirty_ = true;
            }
            Taken taken{.first_start = range.first_start, .count = range.count};
            const std::int64_t closed_before = closed();
            while (taken.count > 0 &&
                   window_end(taken.first_start, windows_.size_ms()) <= closed_before) {
                taken.first_start += windows_.advance_ms();
                --taken.count;
                ++late;
            }
            if (taken.count > 0) {
                picked_.rows[kept++] = row;
                taken_.push_back(taken);
            }
            if (is_newest && spec_.emits_final) {
                closing_.push_back({taken_.size(), stream_time_, {batch.seq_at(row), &batch, row}});
            }
        }
        picked_.rows.resize(kept);
        if (late > 0) {
            context.count_dropped("late", late);
        }
        if (negative > 0) {
            context.count_dropped("negative_time", negative);
        }
    }

    void find_window_cells(const RowBatch& batch, runtime::OpContext& context) {
        const std::vector<std::uint32_t>& rows = picked_.rows;
        state_->insert_keys();
        auto closing = closing_.begin();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            Taken left = taken_[i];
            while (left.count > 0) {
                const std::int64_t room = std::int64_t{kRowBatchRowsMax} - pending_.size();
                const std::int64_t now = std::min(left.count, room);
                state_->window_cells(i, left.first_start, now, pending_.cells);
                pending_.rows.resize(pending_.cells.size(), rows[i]);
                left.first_start += now * windows_.advance_ms();
                left.count -= now;
                if (now == room) {
                    flush(batch, context);
                }
            }
            if (closing != closing_.end() && closing->taken == i + 1) {
                close_windows(batch, *closing, context);
                ++closing;
            }
        }
        flush(batch, context);
    }

    // EMIT FINAL

    /// A sequence point: everything up to the row is in its windows, then windows are emitted.
    void close_windows(const RowBatch& batch, const ClosingRow& row, runtime::OpContext& context) {
        const std::int64_t close = std::max(row.stream_time - grace_ms_, closed_until_);
        if (close > emitted_until_ && has_closed_window(close)) {
            flush(batch, context);
            if (spec_.semantics == Semantics::kKsql) {
                emit_closed_as_ksql(close, row, context);
            } else {
                emit_closed(close, row.trigger, context);
            }
        }
    }
    /// A window ends in (emitted_until_, close].
    [[nodiscard]] bool has_closed_window(std::int64_t close) const {
        const std::int64_t last = close - windows_.size_ms();  // the last start that is closed
        if (last < 0) {
            return false;
        }
        const std::int64_t before =
            emitted_until_ == kNoTime ? -1 : emitted_until_ - windows_.size_ms();
        return before < 0 || last / windows_.advance_ms() != before / windows_.advance_ms();
    }
    void emit_closed(std::int64_t close, const Trigger& trigger, runtime::OpContext& context) {
        emit_starts(emitted_until_ == kNoTime ? 0 : emitted_until_ - windows_.size_ms() + 1,
                    close - windows_.size_ms(),
                    trigger,
                    context);
        emitted_until_ = close;
        is_time_dirty_ = true;
    }
    /// As Kafka Streams: emission is skipped while no new window contains the bound, and what has
    /// left the store's retention by then is lost.
    void emit_closed_as_ksql(std::int64_t close,
                             const ClosingRow& row,
                             runtime::OpContext& context) {
        const std::int64_t size = windows_.size_ms();
        const std::int64_t last = close - size;
        const std::int64_t first =
            emitted_until_ == kNoTime ? 0 : std::max<std::int64_t>(0, emitted_until_ - size) + 1;
        const HoppingWindows::Range of_last = windows_.windows_of(Timestamp{last});
        const HoppingWindows::Range before = windows_.windows_of(Timestamp{first - 1});
        if (emitted_until_ != kNoTime && of_last.first_start == before.first_start &&
            of_last.count == before.count) {
            return;
        }
        const std::int64_t newest = row.stream_time - row.stream_time % windows_.advance_ms();
        const std::int64_t retention = spec_.window->retention_ms.value_or(size + grace_ms_);
        emit_starts(std::max(first, newest - retention), last, row.trigger, context);
        emitted_until_ = close;
        is_time_dirty_ = true;
    }
    /// Emits the windows that start in [first, last].
    void emit_starts(std::int64_t first,
                     std::int64_t last,
                     const Trigger& trigger,
                     runtime::OpContext& context) {
        std::vector<std::byte*> cells;
        state_->cells_by_start(first, last, cells);
        for (std::size_t at = 0; at < cells.size(); at += kRowBatchRowsMax) {
            const std::size_t count = std::min<std::size_t>(cells.size() - at, kRowBatchRowsMax);
            emit_cells({cells.data() + at, count}, trigger, context);
        }
    }
    void emit_cells(std::span<std::byte* const> cells,
                    const Trigger& trigger,
                    runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(cells.size());
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        std::vector<std::uint32_t> ids;
        ColumnBuilder times(TypeKind::kBigint, size);
        ColumnBuilder seqs(TypeKind::kBigint, size);
        ColumnBuilder subs(TypeKind::kInt, size);
        AggregateCells::Builders values = state_->calls().make_builders(size);
        pending_.cells.assign(cells.begin(), cells.end());
        for (std::uint32_t i = 0; i < size; ++i) {
            const CellHeader& head = AggregateState::header(cells[i]);
            ids.push_back(head.key);
            times.set(i, head.timestamp);
            seqs.set(i, static_cast<std::int64_t>(trigger.seq));
            subs.set(i, static_cast<std::int32_t>(next_sub(trigger.seq)));
            state_->calls().write(cells[i], values, i);
        }
        made->columns = state_->keys().columns(ids);
        for (ColumnBuilder& builder : values) {
            made->columns.push_back(builder.finish(size));
        }
        if (spec_.emits_old_values) {
            add_no_old_values(*made);
        }
        made->timestamps = times.finish(size);
        made->seq = seqs.finish(size);
        made->sub = subs.finish(size);
        made->record_headers = trigger.headers(size);
        add_windows(*made);
        pending_.cells.clear();
        context.emit(std::move(made));
    }

    // Results

    /// Runs the kernels over the pending rows and emits the result.
    void flush(const RowBatch& batch, runtime::OpContext& context) {
        const std::uint32_t size = pending_.size();
        if (size == 0) {
            return;
        }
        const AggregateCells::Entries entries{
            .cells = pending_.cells.data(),
            .rows = pending_.rows.data(),
            .steps = spec_.is_table ? pending_.steps.data() : nullptr,
            .size = size};
        if (spec_.emits_final) {
            update_times(batch, nullptr, nullptr);
            state_->calls().update(batch, entries, nullptr, nullptr, errors_);
        } else {
            auto made = std::make_shared<RowBatch>();
            made->schema = spec_.output;
            made->size = size;
            add_keys_and_order(batch, *made);
            update_headers(batch, *made);
            AggregateCells::Builders values = state_->calls().make_builders(size);
            AggregateCells::Builders old =
                state_->calls().make_builders(spec_.emits_old_values ? size : 0);
            state_->calls().update(
                batch, entries, &values, spec_.emits_old_values ? &old : nullptr, errors_);
            for (std::size_t i = 0; i < values.size(); ++i) {
                made->columns.push_back(values[i].finish(size));
                if (spec_.emits_old_values) {
                    made->old_values.push_back(old[i].finish(size));
                }
            }
            context.emit(std::move(made));
        }
        pending_.cells.clear();
        pending_.rows.clear();
        pending_.steps.clear();
    }

    void add_keys_and_order(const RowBatch& batch, RowBatch& made) {
        const std::uint32_t size = pending_.size();
        const std::uint32_t* rows = pending_.rows.data();
        // Every row of the input once: its columns are the output's.
        bool is_same = size == batch.size;
        for (std::uint32_t i = 0; is_same && i < size; ++i) {
            is_same = rows[i] == i;
        }
        for (std::size_t c = 0; c < spec_.input->key.size(); ++c) {
            made.columns.push_back(is_same ? batch.columns[c]
                                           : Column::dictionary(batch.columns[c], rows, size));
        }
        made.seq = is_same ? batch.seq : Column::flatten(Column::dictionary(batch.seq, rows, size));
        if (batch.record_headers) {
            made.record_headers = is_same ? batch.record_headers
                                          : Column::dictionary(batch.record_headers, rows, size);
        }
        if (spec_.window && spec_.window->advance_ms < spec_.window->size_ms) {
            number_windows(batch, made);
        } else if (batch.sub) {
            made.sub =
                is_same ? batch.sub : Column::flatten(Column::dictionary(batch.sub, rows, size));
        }
    }

    /// Numbers the results of one driving input row (one seq) from 0, over batches too.
    std::uint32_t next_sub(std::uint64_t seq) {
        next_sub_ = seq == last_seq_ ? next_sub_ + 1 : 0;
        last_seq_ = seq;
        return next_sub_;
    }
    void number_windows(const RowBatch& batch, RowBatch& made) {
        ColumnBuilder sub(TypeKind::kInt, made.size);
        for (std::uint32_t i = 0; i < made.size; ++i) {
            sub.set(i, static_cast<std::int32_t>(next_sub(batch.seq_at(pending_.rows[i]))));
        }
        made.sub = sub.finish(made.size);
    }

    void update_headers(const RowBatch& batch, RowBatch& made) {
        ColumnBuilder times(TypeKind::kBigint, made.size);
        std::shared_ptr<std::vector<std::uint64_t>> had_rows;
        if (spec_.emits_old_values) {
            had_rows = std::make_shared<std::vector<std::uint64_t>>((made.size + 63) / 64);
        }
        update_times(batch, times.values<std::int64_t>(), had_rows.get());
        made.timestamps = times.finish(made.size);
        made.old_present = std::move(had_rows);
        if (spec_.window) {
            add_windows(made);
        }
    }
    /// Notes the rows' times in their cells; `out` and `had_rows` may be null.
    void update_times(const RowBatch& batch,
                      std::int64_t* out,
                      std::vector<std::uint64_t>* had_rows) {
        const Column& input = *batch.timestamps;
        const bool is_flat = input.encoding() == Encoding::kFlat;
        const auto* input_times = input.values<std::int64_t>();
        for (std::uint32_t i = 0; i < pending_.size(); ++i) {
            std::byte* cell = pending_.cells[i];
            CellHeader& head = AggregateState::header(cell);
            const std::uint32_t row = pending_.rows[i];
            const std::int64_t row_time = input_times[is_flat ? row : input.slot(row)];
            if (had_rows != nullptr && head.timestamp != CellHeader::kNoRows) {
                (*had_rows)[i / 64] |= std::uint64_t{1} << (i % 64);
            }
            head.timestamp = std::max(head.timestamp, row_time);
            if (out != nullptr) {
                out[i] = head.timestamp;
            }
            if (!head.is_dirty) {
                state_->touch(cell);
            }
        }
    }

    void add_windows(RowBatch& made) {
        ColumnBuilder starts(TypeKind::kBigint, made.size);
        ColumnBuilder ends(TypeKind::kBigint, made.size);
        for (std::uint32_t i = 0; i < made.size; ++i) {
            const std::int64_t start = AggregateState::header(pending_.cells[i]).window_start;
            starts.set(i, start);
            ends.set(i, window_end(start, windows_.size_ms()));
        }
        made.window_start = starts.finish(made.size);
        made.window_end = ends.finish(made.size);
    }

    Status restore_time(ByteView value) {
        Cursor in(value);
        const auto version = in.read_le<std::uint8_t>();
        const std::uint8_t expected = spec_.emits_final ? kFinalTimeVersion : kTimeVersion;
        if (in.ok() && version != expected) {
            return Error{
                ErrorCode::kNewerFormat,
                "aggregate time was written by a newer version, format " + std::to_string(version)};
        }
        stream_time_ = in.read_le<std::int64_t>();
        closed_until_ = in.read_le<std::int64_t>();
        if (spec_.emits_final) {
            emitted_until_ = in.read_le<std::int64_t>();
        }
        if (!in.ok() || in.remaining() != 0) {
            return Error{ErrorCode::kCorruptJournal,
                         "aggregate time has an unexpected size: " + std::to_string(value.size())};
        }
        return Ok{};
    }

    AggregateSpec spec_;
    std::unique_ptr<AggregateState> state_;
    HoppingWindows windows_;
    std::int64_t grace_ms_;
    std::int64_t stream_time_ = kNoTime;
    std::int64_t closed_until_ = 0;         // windows that end here or before were closed for good
    std::int64_t emitted_until_ = kNoTime;  // EMIT FINAL: windows that end here or before were
    bool is_time_dirty_ = false;
    std::uint64_t last_seq_ = std::numeric_limits<std::uint64_t>::max();
    std::uint32_t next_sub_ = 0;

    // Scratch of one run, kept for its memory.
    KeyedRows picked_;
    std::vector<Taken> taken_;
    std::vector<ClosingRow> closing_;
    Pending pending_;
    std::vector<RowError> errors_;
};

Status check(const AggregateSpec& spec) {
    const auto fail = [](std::string why) {
        return Error{ErrorCode::kInvalidArgument, "aggregate: " + std::move(why)};
    };
    if (spec.output->key.size() != spec.input->key.size() ||
        spec.output->value.size() != spec.calls.size()) {
        return fail("the output's columns are not the group and the calls");
    }
    for (std::size_t i = 0; i < spec.calls.size(); ++i) {
        if (!(spec.output->value[i].type == spec.calls[i].type)) {
            return fail("the output's column has another type: " + spec.output->value[i].name);
        }
    }
    if (spec.is_table) {
        for (const AggregateCall& call : spec.calls) {
            if (!call.function->can_undo) {
                return fail("of a table, but it cannot take back: " +
                            std::string(call.function->name));
            }
        }
        if (spec.window) {
            return fail("a table has no windows");
        }
    }
    if (!spec.window) {
        return spec.emits_final ? Status(fail("EMIT FINAL needs a window")) : Status(Ok{});
    }
    const WindowSpec& window = *spec.window;
    const bool is_session = window.kind == WindowKind::kSession;
    const bool is_bad_time = !is_session && (window.size_ms <= 0 || window.advance_ms <= 0 ||
                                             window.advance_ms > window.size_ms);
    if (is_bad_time || window.size_ms < 0 || window.grace_ms.value_or(0) < 0) {
        return fail("window sizes must be positive and ADVANCE BY at most SIZE: " +
                    std::to_string(window.size_ms) + " ms by " + std::to_string(window.advance_ms) +
                    " ms");
    }
    if (spec.output->window.kind != window.kind ||
        spec.output->window.size_ms != (is_session ? 0 : window.size_ms)) {
        return fail("the output's key does not have the window");
    }
    return Ok{};
}

std::string detail_of(const AggregateSpec& spec) {
    std::string text;
    for (std::size_t i = 0; i < spec.calls.size(); ++i) {
        const AggregateCall& call = spec.calls[i];
        text += i == 0 ? "" : ", ";
        text += std::string(call.function->name) + "(";
        for (std::size_t k = 0; k < call.args.size(); ++k) {
            text += (k == 0 ? "" : ", ") + quoted_name(spec.input->field(call.args[k]).name);
        }
        text += call.args.empty() ? "*)" : ")";
    }
    if (spec.window) {
        const WindowSpec& window = *spec.window;
        const bool is_session = window.kind == WindowKind::kSession;
        const bool hops = !is_session && window.advance_ms < window.size_ms;
        text += is_session ? " WINDOW SESSION ("
                : hops     ? " WINDOW HOPPING ("
                           : " WINDOW TUMBLING (";
        text += std::to_string(window.size_ms) + " ms";
        text += hops ? " by " + std::to_string(window.advance_ms) + " ms" : "";
        text += ", grace " + std::to_string(window.effective_grace_ms()) + " ms)";
    }
    return text;
}

}  // namespace

Result<runtime::OperatorSpec> make_aggregate(AggregateSpec spec) {
    MILLRACE_TRY_STATUS(check(spec));
    if (spec.window && spec.window->kind == WindowKind::kSession) {
        return make_session_aggregate(std::move(spec), detail_of(spec));
    }
    // Opened once here, so that a key format that cannot hold the key is an error of the plan.
    MILLRACE_TRY(const std::unique_ptr<AggregateState> probe, AggregateState::open(spec));
    runtime::OperatorSpec made;
    made.name = "aggregate";
    made.detail = detail_of(spec);
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<Aggregate>(spec, AggregateState::open(spec).value());
    };
    return made;
}

}  // namespace millrace::operators
