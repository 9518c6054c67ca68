#include "operators/map.h"

#include <algorithm>

#include "operators/state/state_keys.h"

namespace millrace::operators {

namespace {

using Bits = std::vector<std::uint64_t>;

void set_bit(Bits& bits, std::uint32_t row) {
    bits[row / 64] |= std::uint64_t{1} << (row % 64);
}
bool has_bit(const Bits& bits, std::uint32_t row) {
    return (bits[row / 64] >> (row % 64) & 1) != 0;
}
Bits bits_of(const std::vector<std::uint32_t>& rows, std::uint32_t size) {
    Bits bits((size + 63) / 64);
    for (const std::uint32_t row : rows) {
        set_bit(bits, row);
    }
    return bits;
}

/// The batch with another selection; columns are shared.
std::shared_ptr<RowBatch> with_selection(const RowBatch& rows,
                                         std::vector<std::uint32_t> selected) {
    auto made = std::make_shared<RowBatch>(rows);
    made->selection = std::make_shared<const std::vector<std::uint32_t>>(std::move(selected));
    made->errors.clear();
    return made;
}

/// The rows of a run, as row numbers.
std::vector<std::uint32_t> rows_of(const runtime::Run& run) {
    std::vector<std::uint32_t> rows(run.end - run.begin);
    for (std::uint32_t i = run.begin; i < run.end; ++i) {
        rows[i - run.begin] = run.rows->row(i);
    }
    return rows;
}

bool is_whole(const runtime::Run& run) {
    return run.begin == 0 && run.end == run.rows->selected();
}

/// A table's rows as they were before their change: the key columns and the old values.
std::shared_ptr<RowBatch> before_change(const RowBatch& rows, std::vector<std::uint32_t> selected) {
    std::shared_ptr<RowBatch> made = with_selection(rows, std::move(selected));
    std::copy(rows.old_values.begin(),
              rows.old_values.end(),
              made->columns.begin() + static_cast<std::ptrdiff_t>(rows.schema->key.size()));
    made->old_values.clear();
    made->old_present = nullptr;
    made->value_present = nullptr;
    return made;
}

/// The column with more nulls: at every row whose bit is clear.
ColumnPtr null_where_clear(const ColumnPtr& column, const Bits& present) {
    const ColumnPtr flat = Column::flatten(column);
    auto validity = std::make_shared<Bits>(present);
    if (const std::uint64_t* words = flat->validity()) {
        for (std::size_t i = 0; i < validity->size(); ++i) {
            (*validity)[i] &= words[i];
        }
    }
    return Column::with_validity(flat, std::move(validity));
}

/// Which rows of a selection had a value before, and which have one now.
struct Presence {
    std::vector<std::uint32_t> had;
    std::vector<std::uint32_t> has;
};
Presence presence_of(const RowBatch& rows, const std::vector<std::uint32_t>& selected) {
    Presence presence;
    for (const std::uint32_t row : selected) {
        if (rows.had_value(row)) {
            presence.had.push_back(row);
        }
        if (rows.has_value(row)) {
            presence.has.push_back(row);
        }
    }
    return presence;
}

class Filter final : public runtime::Operator {
  public:
    Filter(SchemaPtr schema, std::unique_ptr<Program> program, bool is_table)
        : schema_(std::move(schema)), program_(std::move(program)), is_table_(is_table) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            if (is_table_) {
                filter_table(run, context);
            } else {
                filter_stream(run, context);
            }
        }
        return Ok{};
    }

  private:
    /// The rows of `rows` that pass, ascending.
    std::vector<std::uint32_t> passing(const RowBatch& rows, runtime::OpContext* reported_to) {
        std::vector<std::uint32_t> passed;
        errors_.clear();
        program_->filter(rows, passed, errors_);
        for (const RowError& error : errors_) {
            if (reported_to != nullptr) {
                reported_to->report(rows, error);
            }
        }
        return passed;
    }

    void filter_stream(const runtime::Run& run, runtime::OpContext& context) {
        RowBatchPtr rows = run.rows;
        if (rows->value_present || !is_whole(run)) {
            std::vector<std::uint32_t> present = rows_of(run);
            const std::size_t all = present.size();
            std::erase_if(present, [&](std::uint32_t row) { return !rows->has_value(row); });
            if (present.size() < all) {
                context.count_dropped("null_value", all - present.size());
            }
            rows = with_selection(*rows, std::move(present));
        }
        std::vector<std::uint32_t> passed = passing(*rows, &context);
        if (passed.empty()) {
            return;
        }
        if (passed.size() == rows->selected() && rows->schema == schema_) {
            context.emit(rows);
            return;
        }
        std::shared_ptr<RowBatch> made = with_selection(*rows, std::move(passed));
        made->schema = schema_;
        context.emit(std::move(made));
    }

    void filter_table(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& rows = *run.rows;
        const std::vector<std::uint32_t> selected = rows_of(run);
        const Presence presence = presence_of(rows, selected);
        const Bits passes =
            bits_of(presence.has.empty() ? presence.has
                                         : passing(*with_selection(rows, presence.has), &context),
                    rows.size);
        // Its errors were reported when these values were new.
        const Bits passed =
            bits_of(presence.had.empty() ? presence.had
                                         : passing(*before_change(rows, presence.had), nullptr),
                    rows.size);
        // Without old values nobody knows whether a row used to pass: its tombstone must go out.
        const bool knows_old = rows.old_present || !rows.old_values.empty();
        std::vector<std::uint32_t> kept;
        for (const std::uint32_t row : selected) {
            if (!knows_old || has_bit(passes, row) || has_bit(passed, row)) {
                kept.push_back(row);
            }
        }
        if (kept.empty()) {
            return;
        }
        std::shared_ptr<RowBatch> made = with_selection(rows, std::move(kept));
        made->schema = schema_;
        made->value_present = std::make_shared<const Bits>(passes);
        made->old_present = knows_old ? std::make_shared<const Bits>(passed) : nullptr;
        context.emit(std::move(made));
    }

    SchemaPtr schema_;
    std::unique_ptr<Program> program_;
    bool is_table_;
    std::vector<RowError> errors_;  // scratch
};

class Project final : public runtime::Operator {
  public:
    /// old_program  the value expressions alone, for old values; only with tables
    Project(const ProjectSpec& spec,
            std::unique_ptr<Program> program,
            std::unique_ptr<Program> old_program)
        : spec_(spec), program_(std::move(program)), old_program_(std::move(old_program)) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            project(run, context);
        }
        return Ok{};
    }

  private:
    void project(const runtime::Run& run, runtime::OpContext& context) {
        RowBatchPtr rows = run.rows;
        const bool drops_null_values = !spec_.keeps_null_values && rows->value_present;
        if (drops_null_values || !is_whole(run)) {
            std::vector<std::uint32_t> present = rows_of(run);
            const std::size_t all = present.size();
            if (drops_null_values) {
                std::erase_if(present, [&](std::uint32_t row) { return !rows->has_value(row); });
            }
            if (present.size() < all) {
                context.count_dropped("null_value", all - present.size());
            }
            rows = with_selection(*rows, std::move(present));
        }
        if (rows->selected() == 0) {
            return;
        }
        auto made = std::make_shared<RowBatch>(*rows);
        made->schema = spec_.output;
        made->errors.clear();
        made->columns.clear();
        errors_.clear();
        program_->evaluate(*rows, made->columns, errors_);
        for (const RowError& error : errors_) {
            // What an expression makes of a value that is not there is nobody's error.
            if (rows->has_value(error.row)) {
                context.report(*rows, error);
            }
        }
        for (std::size_t i = 0; rows->value_present && i < spec_.null_without_value.size(); ++i) {
            if (spec_.null_without_value[i]) {
                made->columns[i] = null_where_clear(made->columns[i], *rows->value_present);
            }
        }
        made->key_present = key_presence(*rows);
        if (old_program_ && !rows->old_values.empty()) {
            project_old_values(*rows, *made);
        } else {
            made->old_values.clear();
        }
        if (!spec_.drops_null_keys || drop_null_keys(*made, context)) {
            context.emit(std::move(made));
        }
    }

    /// Which rows have a key: a null key stays null as long as the key columns stay. PARTITION BY
    /// several columns makes a key of nulls of it, as in ksqlDB.
    [[nodiscard]] ValidityWords key_presence(const RowBatch& rows) const {
        return rows.key_present && keeps_key(rows.schema->key.size()) ? rows.key_present : nullptr;
    }
    [[nodiscard]] bool keeps_key(std::size_t size) const {
        for (std::size_t i = 0; i < spec_.key.size(); ++i) {
            if (spec_.key[i]->kind != ExprKind::kColumn || spec_.key[i]->column != i) {
                return false;
            }
        }
        return spec_.key.size() == size;
    }

    void project_old_values(const RowBatch& rows, RowBatch& made) {
        std::vector<std::uint32_t> had;
        for (std::uint32_t i = 0; i < rows.selected(); ++i) {
            if (rows.had_value(rows.row(i))) {
                had.push_back(rows.row(i));
            }
        }
        made.old_values.clear();
        errors_.clear();  // reported when these values were new
        old_program_->evaluate(*before_change(rows, std::move(had)), made.old_values, errors_);
    }

    /// False when no row is left.
    bool drop_null_keys(RowBatch& made, runtime::OpContext& context) {
        KeyedRows keyed;
        pick_keyed_rows(made, 0, made.selected(), false, keyed);
        if (keyed.null_keys > 0) {
            context.count_dropped("null_key", keyed.null_keys);
            made.selection =
                std::make_shared<const std::vector<std::uint32_t>>(std::move(keyed.rows));
        }
        return made.selected() > 0;
    }

    ProjectSpec spec_;
    std::unique_ptr<Program> program_;
    std::unique_ptr<Program> old_program_;
    std::vector<RowError> errors_;  // scratch
};

std::string list_of(const std::vector<ExprPtr>& expressions, const std::vector<Field>& names) {
    std::string text;
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const std::string expression = expressions[i]->to_string();
        const std::string name = quoted_name(names[i].name);
        text += text.empty() ? "" : ", ";
        text += expression == name ? name : expression + " AS " + name;
    }
    return text;
}

Status check_types(const std::vector<ExprPtr>& expressions, const std::vector<Field>& fields) {
    if (expressions.size() != fields.size()) {
        return Error{
            ErrorCode::kInvalidArgument,
            "project: as many expressions as columns are needed: " + std::to_string(fields.size())};
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!(expressions[i]->type == fields[i].type)) {
            return Error{ErrorCode::kInvalidArgument,
                         "project: column " + fields[i].name + " is " + fields[i].type.to_string() +
                             ", its expression " + expressions[i]->type.to_string()};
        }
    }
    return Ok{};
}

}  // namespace

Result<runtime::OperatorSpec> make_filter(ExprPtr predicate,
                                          SchemaPtr input,
                                          FormatSpec key_format,
                                          bool is_table) {
    if (!predicate->type.is(TypeKind::kBoolean)) {
        return Error{ErrorCode::kSqlSemantic,
                     "a filter must be BOOLEAN, not " + predicate->type.to_string()};
    }
    MILLRACE_TRY(const std::unique_ptr<Program> probe, Program::compile({predicate}));
    runtime::OperatorSpec made;
    made.name = "filter";
    made.detail = predicate->to_string();
    made.output = input;
    made.key_format = key_format;
    made.factory = [predicate = std::move(predicate), input = std::move(input), is_table](
                       Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<Filter>(input, Program::compile({predicate}).value(), is_table);
    };
    return made;
}

Result<runtime::OperatorSpec> make_project(ProjectSpec spec) {
    MILLRACE_TRY_STATUS(check_types(spec.key, spec.output->key));
    MILLRACE_TRY_STATUS(check_types(spec.value, spec.output->value));
    std::vector<ExprPtr> all = spec.key;
    all.insert(all.end(), spec.value.begin(), spec.value.end());
    MILLRACE_TRY(const std::unique_ptr<Program> probe, Program::compile(all));
    runtime::OperatorSpec made;
    made.name = "project";
    made.detail = list_of(spec.key, spec.output->key);
    made.detail += made.detail.empty() || spec.value.empty() ? "" : "; ";
    made.detail += list_of(spec.value, spec.output->value);
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec),
                    all = std::move(all)](Partition) -> std::unique_ptr<runtime::Operator> {
        std::unique_ptr<Program> old_program;
        if (spec.is_table) {
            old_program = Program::compile(spec.value).value();
        }
        return std::make_unique<Project>(
            spec, Program::compile(all).value(), std::move(old_program));
    };
    return made;
}

}  // namespace millrace::operators
