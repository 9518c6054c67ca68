#include "operators/aggregate_cells.h"

#include <algorithm>
#include <limits>

namespace millrace::operators {

AggregateCells::AggregateCells(std::vector<AggregateCall> calls, std::size_t header_bytes)
    : calls_(std::move(calls)), sequences_(calls_.size()) {
    std::size_t at = header_bytes;
    for (const AggregateCall& call : calls_) {
        const std::size_t bytes = call.function->state_bytes;
        const std::size_t alignment = std::min<std::size_t>(bytes, 16);
        at = (at + alignment - 1) / alignment * alignment;
        offsets_.push_back(at);
        at += bytes;
    }
    cell_bytes_ = (at + 15) / 16 * 16;
}

void AggregateCells::construct(std::byte* cell) const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        calls_[i].function->construct(cell + offsets_[i]);
    }
}

void AggregateCells::destroy(std::byte* cell) {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        heap_bytes_ -= calls_[i].function->heap_bytes(cell + offsets_[i]);
        calls_[i].function->destroy(cell + offsets_[i]);
    }
}

void AggregateCells::merge(std::byte* into, const std::byte* from) {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        const AggregateFunction& function = *calls_[i].function;
        heap_bytes_ -= function.heap_bytes(into + offsets_[i]);
        function.merge(into + offsets_[i], from + offsets_[i], calls_[i].params);
        heap_bytes_ += function.heap_bytes(into + offsets_[i]);
    }
}

void AggregateCells::save(const std::byte* cell, Buffer& out) const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        calls_[i].function->save(cell + offsets_[i], out);
    }
}

bool AggregateCells::load(std::byte* cell, Cursor& in) {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        const AggregateFunction& function = *calls_[i].function;
        std::byte* state = cell + offsets_[i];
        heap_bytes_ -= function.heap_bytes(state);
        const bool is_good = function.load(state, in, calls_[i].params, sequences_[i]);
        heap_bytes_ += function.heap_bytes(state);
        if (!is_good) {
            return false;
        }
    }
    return true;
}

AggregateCells::Builders AggregateCells::make_builders(std::uint32_t rows) const {
    Builders builders;
    builders.reserve(calls_.size());
    for (const AggregateCall& call : calls_) {
        builders.emplace_back(call.type, rows);
    }
    return builders;
}

void AggregateCells::update(const RowBatch& batch,
                            const Entries& entries,
                            Builders* out,
                            Builders* old,
                            std::vector<RowError>& errors) {
    const std::size_t keys = batch.schema->key.size();
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        const AggregateCall& call = calls_[i];
        args_.clear();
        old_args_.clear();
        for (const std::size_t arg : call.args) {
            args_.push_back(batch.columns[arg].get());
            // The key of a change is that of its group, before and after.
            old_args_.push_back(arg < keys || batch.old_values.empty()
                                    ? batch.columns[arg].get()
                                    : batch.old_values[arg - keys].get());
        }
        call.function->update({.cells = entries.cells,
                               .offset = offsets_[i],
                               .params = &call.params,
                               .args = args_,
                               .old_args = old_args_,
                               .steps = entries.steps,
                               .rows = entries.rows,
                               .size = entries.size,
                               .out = out == nullptr ? nullptr : &(*out)[i],
                               .old_out = old == nullptr ? nullptr : &(*old)[i],
                               .out_at = entries.out_at,
                               .sequence = &sequences_[i],
                               .errors = &errors,
                               .heap_bytes = &heap_bytes_});
    }
}

void AggregateCells::write(const std::byte* cell, Builders& out, std::uint32_t at) const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        calls_[i].function->write(cell + offsets_[i], calls_[i].params, out[i], at);
    }
}

void report_once(const RowBatch& batch,
                 std::vector<RowError>& errors,
                 runtime::OpContext& context) {
    std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) {
        return a.row < b.row;
    });
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const bool is_told = i > 0 && errors[i].row == errors[i - 1].row &&
                             errors[i].message == errors[i - 1].message;
        if (!is_told) {
            context.report(batch, errors[i]);
        }
    }
    errors.clear();
}

void add_no_old_values(RowBatch& made) {
    for (const Field& field : made.schema->value) {
        made.old_values.push_back(Column::nulls(field.type, made.size));
    }
    made.old_present = std::make_shared<std::vector<std::uint64_t>>((made.size + 63) / 64);
}

std::int64_t window_end(std::int64_t start_ms, std::int64_t size_ms) {
    std::int64_t end = 0;
    return __builtin_add_overflow(start_ms, size_ms, &end)
               ? std::numeric_limits<std::int64_t>::max()
               : end;
}

}  // namespace millrace::operators
