#include "operators/aggregate.h"

#include <algorithm>
#include <limits>

#include "operators/aggregate_state.h"
#include "operators/expression/aggregate_functions.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kTimeVersion = 1;
constexpr runtime::StoreId kGroups{0};
constexpr runtime::StoreId kTime{1};
constexpr std::string_view kTimeKey = "time";
constexpr std::int64_t kNoTime = -1;

/// Rows that wait for one emit, as parallel arrays.
struct Pending {
    std::vector<std::byte*> cells;
    std::vector<std::uint32_t> rows;  // of the input

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(cells.size()); }
};

/// Windows of one row that still take it.
struct Taken {
    std::int64_t first_start = 0;
    std::int64_t count = 0;
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
        static_cast<void>(context);
        if (update.kind == runtime::TimeUpdate::Kind::kEndOfInput && spec_.window &&
            spec_.semantics == Semantics::kSafe && stream_time_ != kNoTime) {
            // The last window that holds the newest row ends last of all open ones.
            const std::int64_t last = stream_time_ - stream_time_ % spec_.window->advance_ms;
            const std::int64_t end = window_end(last, spec_.window->size_ms);
            if (end > closed_until_) {
                closed_until_ = end;
                is_time_dirty_ = true;
            }
        }
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        state_->stage(closed(), stream_time_, context);
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
        pick_keyed_rows(batch, run.begin, run.end, true, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        if (picked_.null_values > 0) {
            context.count_dropped("null_value", picked_.null_values);
        }
        if (spec_.window) {
            take_windows(batch, context);
            state_->keys().load(batch, picked_.rows);
            find_window_cells(batch, context);
        } else {
            state_->keys().load(batch, picked_.rows);
            find_cells(batch, context);
        }
        report_errors(batch, context);
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
            if (time.value > stream_time_) {
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
        }
        flush(batch, context);
    }

    /// Runs the kernels over the pending rows and emits the result.
    void flush(const RowBatch& batch, runtime::OpContext& context) {
        const std::uint32_t size = pending_.size();
        if (size == 0) {
            return;
        }
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        add_keys_and_order(batch, *made);
        update_headers(batch, *made);
        for (std::size_t i = 0; i < spec_.calls.size(); ++i) {
            update_call(i, batch, *made);
        }
        context.emit(std::move(made));
        pending_.cells.clear();
        pending_.rows.clear();
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
        if (spec_.window && spec_.window->advance_ms < spec_.window->size_ms) {
            number_windows(batch, made);
        } else if (batch.sub) {
            made.sub =
                is_same ? batch.sub : Column::flatten(Column::dictionary(batch.sub, rows, size));
        }
    }

    /// Numbers the results of one driving input row (one seq) from 0, over batches too.
    void number_windows(const RowBatch& batch, RowBatch& made) {
        ColumnBuilder sub(TypeKind::kInt, made.size);
        for (std::uint32_t i = 0; i < made.size; ++i) {
            const std::uint64_t seq = batch.seq_at(pending_.rows[i]);
            next_sub_ = seq == last_seq_ ? next_sub_ + 1 : 0;
            last_seq_ = seq;
            sub.set(i, static_cast<std::int32_t>(next_sub_));
        }
        made.sub = sub.finish(made.size);
    }

    void update_headers(const RowBatch& batch, RowBatch& made) {
        const std::uint32_t size = made.size;
        ColumnBuilder times(TypeKind::kBigint, size);
        auto* time = times.values<std::int64_t>();
        const Column& input = *batch.timestamps;
        const bool is_flat = input.encoding() == Encoding::kFlat;
        const auto* input_times = input.values<std::int64_t>();
        for (std::uint32_t i = 0; i < size; ++i) {
            std::byte* cell = pending_.cells[i];
            CellHeader& head = AggregateState::header(cell);
            const std::uint32_t row = pending_.rows[i];
            const std::int64_t row_time = input_times[is_flat ? row : input.slot(row)];
            if (spec_.emits_old_values) {
                set_old_present(made, i, head.timestamp != CellHeader::kNoRows);
            }
            head.timestamp = std::max(head.timestamp, row_time);
            time[i] = head.timestamp;
            if (!head.is_dirty) {
                state_->touch(cell);
            }
        }
        made.timestamps = times.finish(size);
        if (spec_.window) {
            add_windows(made);
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

    void set_old_present(RowBatch& made, std::uint32_t row, bool was_there) {
        if (row == 0) {
            old_present_ = std::make_shared<std::vector<std::uint64_t>>((made.size + 63) / 64);
            made.old_present = old_present_;
        }
        (*old_present_)[row / 64] |= std::uint64_t{was_there} << (row % 64);
    }

    void update_call(std::size_t i, const RowBatch& batch, RowBatch& made) {
        const AggregateCall& call = spec_.calls[i];
        ColumnBuilder out(call.type, made.size);
        ColumnBuilder old(call.type, spec_.emits_old_values ? made.size : 0);
        call.function->update(
            {.cells = pending_.cells.data(),
             .offset = state_->offset(i),
             .arg = call.args.empty() ? nullptr : batch.columns[call.args[0]].get(),
             .rows = pending_.rows.data(),
             .size = made.size,
             .out = &out,
             .old_out = spec_.emits_old_values ? &old : nullptr,
             .errors = &errors_,
             .heap_bytes = &state_->heap_bytes()});
        made.columns.push_back(out.finish(made.size));
        if (spec_.emits_old_values) {
            made.old_values.push_back(old.finish(made.size));
        }
    }

    /// In the order of rows, and once per row, however many windows it fell into.
    void report_errors(const RowBatch& batch, runtime::OpContext& context) {
        std::stable_sort(errors_.begin(), errors_.end(), [](const RowError& a, const RowError& b) {
            return a.row < b.row;
        });
        for (std::size_t i = 0; i < errors_.size(); ++i) {
            const bool is_told = i > 0 && errors_[i].row == errors_[i - 1].row &&
                                 errors_[i].message == errors_[i - 1].message;
            if (!is_told) {
                context.report(batch, errors_[i]);
            }
        }
        errors_.clear();
    }

    Status restore_time(ByteView value) {
        Cursor in(value);
        const auto version = in.read_le<std::uint8_t>();
        if (in.ok() && version != kTimeVersion) {
            return Error{
                ErrorCode::kNewerFormat,
                "aggregate time was written by a newer version, format " + std::to_string(version)};
        }
        stream_time_ = in.read_le<std::int64_t>();
        closed_until_ = in.read_le<std::int64_t>();
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
    std::int64_t closed_until_ = 0;  // windows that end here or before were closed for good
    bool is_time_dirty_ = false;
    std::uint64_t last_seq_ = std::numeric_limits<std::uint64_t>::max();
    std::uint32_t next_sub_ = 0;

    // Scratch of one run, kept for its memory.
    KeyedRows picked_;
    std::vector<Taken> taken_;
    Pending pending_;
    std::vector<RowError> errors_;
    std::shared_ptr<std::vector<std::uint64_t>> old_present_;
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
    if (!spec.window) {
        return Ok{};
    }
    const WindowSpec& window = *spec.window;
    if (window.kind != WindowKind::kTumbling && window.kind != WindowKind::kHopping) {
        return Error{ErrorCode::kNotSupported, "aggregate: only TUMBLING and HOPPING windows"};
    }
    if (window.size_ms <= 0 || window.advance_ms <= 0 || window.advance_ms > window.size_ms ||
        window.grace_ms.value_or(0) < 0) {
        return fail("window sizes must be positive and ADVANCE BY at most SIZE: " +
                    std::to_string(window.size_ms) + " ms by " + std::to_string(window.advance_ms) +
                    " ms");
    }
    if (spec.output->window.kind != window.kind || spec.output->window.size_ms != window.size_ms) {
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
        text += call.args.empty() ? "*" : quoted_name(spec.input->field(call.args[0]).name);
        text += ")";
    }
    if (spec.window) {
        const WindowSpec& window = *spec.window;
        const bool hops = window.advance_ms < window.size_ms;
        text += hops ? " WINDOW HOPPING (" : " WINDOW TUMBLING (";
        text += std::to_string(window.size_ms) + " ms";
        text += hops ? " by " + std::to_string(window.advance_ms) + " ms" : "";
        text += ", grace " + std::to_string(window.effective_grace_ms()) + " ms)";
    }
    return text;
}

}  // namespace

Result<runtime::OperatorSpec> make_aggregate(AggregateSpec spec) {
    MILLRACE_TRY_STATUS(check(spec));
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
