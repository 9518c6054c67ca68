#include "operators/flat_map.h"

#include <algorithm>

namespace millrace::operators {

namespace {

/// Where the elements of a list of a row are.
struct Extent {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
};

Extent extent_of(const Column& list, std::uint32_t row) {
    if (!list.is_valid(row)) {
        return {};
    }
    const auto* offsets = list.values<std::uint32_t>();
    const std::uint32_t slot = list.slot(row);
    return {offsets[slot], offsets[slot + 1] - offsets[slot]};
}

class FlatMap final : public runtime::Operator {
  public:
    FlatMap(SchemaPtr output, std::unique_ptr<Program> program)
        : output_(std::move(output)), program_(std::move(program)) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            spread(run, context);
        }
        return Ok{};
    }

  private:
    /// Evaluates the lists at the run's rows that have a value.
    void spread(const runtime::Run& run, runtime::OpContext& context) {
        std::vector<std::uint32_t> present;
        for (std::uint32_t i = run.begin; i < run.end; ++i) {
            const std::uint32_t row = run.rows->row(i);
            if (run.rows->has_value(row)) {
                present.push_back(row);
            }
        }
        if (present.size() < run.end - run.begin) {
            context.count_dropped("null_value", run.end - run.begin - present.size());
        }
        auto rows = std::make_shared<RowBatch>(*run.rows);
        rows->selection = std::make_shared<const std::vector<std::uint32_t>>(std::move(present));
        std::vector<ColumnPtr> lists;
        std::vector<RowError> errors;
        program_->evaluate(*rows, lists, errors);
        for (const RowError& error : errors) {
            context.report(*rows, error);
        }
        place(*rows, lists, context);
    }

    /// Lays out the rows to make and emits them in batches of bounded size.
    void place(const RowBatch& rows,
               const std::vector<ColumnPtr>& lists,
               runtime::OpContext& context) {
        sources_.clear();
        elements_.assign(lists.size(), {});
        for (const std::uint32_t row : *rows.selection) {
            std::uint32_t longest = 0;
            for (const ColumnPtr& list : lists) {
                longest = std::max(longest, extent_of(*list, row).size);
            }
            for (std::uint32_t i = 0; i < longest; ++i) {
                sources_.push_back(row);
                for (std::size_t l = 0; l < lists.size(); ++l) {
                    const Extent extent = extent_of(*lists[l], row);
                    elements_[l].push_back(i < extent.size ? extent.begin + i : kNone);
                }
                if (sources_.size() == kRowBatchRowsMax) {
                    emit(rows, lists, context);
                }
            }
        }
        if (!sources_.empty()) {
            emit(rows, lists, context);
        }
    }

    void emit(const RowBatch& rows,
              const std::vector<ColumnPtr>& lists,
              runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(sources_.size());
        const auto gathered = [&](const ColumnPtr& column) {
            return column ? Column::dictionary(column, sources_.data(), size) : nullptr;
        };
        auto made = std::make_shared<RowBatch>();
        made->schema = output_;
        made->size = size;
        for (const ColumnPtr& column : rows.columns) {
            made->columns.push_back(gathered(column));
        }
        for (std::size_t i = 0; i < lists.size(); ++i) {
            made->columns.push_back(element_column(*lists[i], elements_[i]));
            elements_[i].clear();
        }
        made->timestamps = Column::flatten(gathered(rows.timestamps));
        made->seq = Column::flatten(gathered(rows.seq));
        made->sub = number_rows(rows);
        made->window_start = gathered(rows.window_start);
        made->window_end = gathered(rows.window_end);
        made->record_headers = gathered(rows.record_headers);
        made->key_present = gather_bits(rows.key_present, sources_);
        made->source_partition = rows.source_partition;
        made->source_offsets = gathered(rows.source_offsets);
        sources_.clear();
        context.emit(std::move(made));
    }

    static ColumnPtr element_column(const Column& list, const std::vector<std::uint32_t>& from) {
        const ColumnPtr& elements = list.children()[0];
        const auto size = static_cast<std::uint32_t>(from.size());
        if (std::find(from.begin(), from.end(), kNone) == from.end()) {
            return Column::dictionary(elements, from.data(), size);
        }
        ColumnBuilder builder(elements->type(), size);
        for (std::uint32_t i = 0; i < size; ++i) {
            if (from[i] == kNone) {
                builder.set_null(i);
            } else {
                builder.copy_from(i, *elements, from[i]);
            }
        }
        return builder.finish(size);
    }

    /// Counts on within one input record, however its rows are cut into batches.
    ColumnPtr number_rows(const RowBatch& rows) {
        ColumnBuilder sub(TypeKind::kInt, static_cast<std::uint32_t>(sources_.size()));
        for (std::uint32_t i = 0; i < sources_.size(); ++i) {
            const std::uint64_t seq = rows.seq_at(sources_[i]);
            next_sub_ = has_seq_ && seq == last_seq_ ? next_sub_ + 1 : 0;
            has_seq_ = true;
            last_seq_ = seq;
            sub.set(i, static_cast<std::int32_t>(next_sub_));
        }
        return sub.finish(static_cast<std::uint32_t>(sources_.size()));
    }

    static constexpr std::uint32_t kNone = 0xffffffff;

    SchemaPtr output_;
    std::unique_ptr<Program> program_;
    std::vector<std::uint32_t> sources_;                // scratch: the input row of each row
    std::vector<std::vector<std::uint32_t>> elements_;  // scratch: by list, its element, or kNone
    bool has_seq_ = false;
    std::uint64_t last_seq_ = 0;
    std::uint32_t next_sub_ = 0;
};

}  // namespace

Result<runtime::OperatorSpec> make_flat_map(FlatMapSpec spec) {
    runtime::OperatorSpec made;
    made.name = "flat map";
    for (const ExprPtr& list : spec.lists) {
        if (!list->type.is(TypeKind::kArray)) {
            return Error{ErrorCode::kSqlSemantic,
                         "rows are made of an ARRAY, not of " + list->type.to_string()};
        }
        made.detail += (made.detail.empty() ? "" : ", ") + list->to_string();
    }
    MILLRACE_TRY(const std::unique_ptr<Program> probe, Program::compile(spec.lists));
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [output = spec.output, lists = std::move(spec.lists)](
                       Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<FlatMap>(output, Program::compile(lists).value());
    };
    return made;
}

}  // namespace millrace::operators
