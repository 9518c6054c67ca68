#include "operators/regroup.h"

#include <algorithm>

#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

using Bits = std::vector<std::uint64_t>;

void set_bit(Bits& bits, std::size_t row) {
    bits[row / 64] |= std::uint64_t{1} << (row % 64);
}

/// One change of one group: which sides of the input's row it has.
struct Change {
    std::uint32_t row = 0;
    bool has_old = false;
    bool has_new = false;
};

class Regroup final : public runtime::Operator {
  public:
    explicit Regroup(RegroupSpec spec) : spec_(std::move(spec)), keys_(spec_.output->key.size()) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        return Ok{};
    }

  private:
    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        const std::span<const ColumnPtr> values(batch.columns.data() + spec_.input->key.size(),
                                                spec_.input->value.size());
        const std::span<const ColumnPtr> groups = values.first(keys_);
        changes_.clear();
        std::uint64_t null_keys = 0;
        for (std::uint32_t i = run.begin; i < run.end; ++i) {
            const std::uint32_t row = batch.row(i);
            const bool had = batch.had_value(row);
            const bool has = batch.has_value(row);
            const std::span<const ColumnPtr> old_groups =
                had ? std::span<const ColumnPtr>(batch.old_values).first(keys_)
                    : std::span<const ColumnPtr>();
            const bool was_grouped = had && !has_null(old_groups, row);
            const bool is_grouped = has && !has_null(groups, row);
            null_keys += (had && !was_grouped) || (has && !is_grouped) ? 1 : 0;
            if (was_grouped && is_grouped && is_same_group(old_groups, groups, row)) {
                changes_.push_back({row, true, true});
                continue;
            }
            if (was_grouped) {
                changes_.push_back({row, true, false});
            }
            if (is_grouped) {
                changes_.push_back({row, false, true});
            }
        }
        if (null_keys > 0) {
            context.count_dropped("null_key", null_keys);
        }
        for (std::size_t at = 0; at < changes_.size(); at += kRowBatchRowsMax) {
            const std::size_t count = std::min<std::size_t>(changes_.size() - at, kRowBatchRowsMax);
            emit(batch, values, {changes_.data() + at, count}, context);
        }
    }
    static bool has_null(std::span<const ColumnPtr> columns, std::uint32_t row) {
        return std::any_of(columns.begin(), columns.end(), [row](const ColumnPtr& column) {
            return !column->is_valid(row);
        });
    }
    bool is_same_group(std::span<const ColumnPtr> old_groups,
                       std::span<const ColumnPtr> groups,
                       std::uint32_t row) {
        old_key_.clear();
        key_.clear();
        encode_row(old_groups, row, old_key_);
        encode_row(groups, row, key_);
        return old_key_.text() == key_.text();
    }

    void emit(const RowBatch& batch,
              std::span<const ColumnPtr> values,
              std::span<const Change> changes,
              runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(changes.size());
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        auto present = std::make_shared<Bits>((size + 63) / 64);
        auto old_present = std::make_shared<Bits>((size + 63) / 64);
        std::vector<std::uint32_t> rows;
        ColumnBuilder subs(TypeKind::kInt, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            rows.push_back(changes[i].row);
            if (changes[i].has_new) {
                set_bit(*present, i);
            }
            if (changes[i].has_old) {
                set_bit(*old_present, i);
            }
            // The old group's change comes first; what stays in its group is one change.
            const std::uint32_t before = batch.sub_at(changes[i].row) * 2;
            const bool is_second = changes[i].has_new && !changes[i].has_old;
            subs.set(i, static_cast<std::int32_t>(before + (is_second ? 1 : 0)));
        }
        for (std::size_t c = 0; c < keys_; ++c) {
            made->columns.push_back(key_column(batch, values, changes, c));
        }
        for (std::size_t c = keys_; c < values.size(); ++c) {
            made->columns.push_back(Column::dictionary(values[c], rows.data(), size));
            made->old_values.push_back(
                batch.old_values.empty()
                    ? Column::nulls(values[c]->type(), size)
                    : Column::dictionary(batch.old_values[c], rows.data(), size));
        }
        made->value_present = std::move(present);
        made->old_present = std::move(old_present);
        made->timestamps = Column::flatten(Column::dictionary(batch.timestamps, rows.data(), size));
        made->seq = Column::flatten(Column::dictionary(batch.seq, rows.data(), size));
        made->sub = subs.finish(size);
        if (batch.record_headers) {
            made->record_headers = Column::dictionary(batch.record_headers, rows.data(), size);
        }
        context.emit(std::move(made));
    }
    /// The group after the change, or before it where there is no after.
    static ColumnPtr key_column(const RowBatch& batch,
                                std::span<const ColumnPtr> values,
                                std::span<const Change> changes,
                                std::size_t c) {
        const auto size = static_cast<std::uint32_t>(changes.size());
        ColumnBuilder builder(values[c]->type(), size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const Column& column = changes[i].has_new ? *values[c] : *batch.old_values[c];
            builder.copy_from(i, column, changes[i].row);
        }
        return builder.finish(size);
    }

    RegroupSpec spec_;
    std::size_t keys_;
    std::vector<Change> changes_;  // scratch
    Buffer old_key_;
    Buffer key_;
};

Status check(const RegroupSpec& spec) {
    const std::size_t keys = spec.output->key.size();
    const std::vector<Field>& values = spec.input->value;
    bool fits = values.size() == keys + spec.output->value.size();
    for (std::size_t i = 0; fits && i < values.size(); ++i) {
        fits = values[i].type == spec.output->field(i).type;
    }
    return fits ? Status(Ok{})
                : Status(Error{ErrorCode::kInvalidArgument,
                               "regroup: the output's columns are not the input's values"});
}

}  // namespace

Result<runtime::OperatorSpec> make_regroup(RegroupSpec spec) {
    MILLRACE_TRY_STATUS(check(spec));
    runtime::OperatorSpec made;
    made.name = "regroup";
    for (const Field& field : spec.output->key) {
        made.detail += (made.detail.empty() ? "" : ", ") + quoted_name(field.name);
    }
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<Regroup>(spec);
    };
    return made;
}

}  // namespace millrace::operators
