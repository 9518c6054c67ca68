#include "dsl/planner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dsl/binder.h"
#include "dsl/declaration.h"
#include "dsl/join_planner.h"
#include "dsl/ksql_limits.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"
#include "dsl/timestamp_column.h"
#include "operators/functions/table_functions.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;

/// "`K` STRING KEY, `V` INTEGER"
std::string quoted_schema(const Schema& schema) {
    std::string text;
    for (std::size_t i = 0; i < schema.size(); ++i) {
        text += (i == 0 ? "`" : ", `") + schema.field(i).name + "` " +
                schema.field(i).type.to_string() + (i < schema.key.size() ? " KEY" : "");
    }
    return text;
}

constexpr std::string_view kKeyMissing =
    "Key missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\n";

bool is_column_named(const sql::Expr& expr, const std::string& name) {
    return expr.kind == ExprKind::kColumn && internal_name(expr) == name;
}

class Planner {
  public:
    Planner(const AnalyzedQuery& query,
            const SinkRequest& sink,
            const Settings& settings,
            const sql::SourceText& source)
        : query_(query), sink_(sink), settings_(settings), source_(source) {
        if (query.has_joins()) {
            keys_ = join_keys(query).back();
        }
    }

    Result<LogicalPlan> run() {
        plan_.semantics = settings_.semantics;
        MILLRACE_TRY_STATUS(check_ksql_limits(query_, settings_, source_));
        for (const AnalyzedSource& used : query_.sources) {
            if (std::find(plan_.sources.begin(), plan_.sources.end(), used.info->name) ==
                plan_.sources.end()) {
                plan_.sources.push_back(used.info->name);
            }
        }
        MILLRACE_TRY_STATUS(check_windowed_tables());
        MILLRACE_TRY(PlanPtr node, plan_sources(query_, source_));
        if (query_.where) {
            MILLRACE_TRY(node, filter(std::move(node), query_.where));
        }
        result_is_table_ = node->is_table || query_.is_aggregate;
        MILLRACE_TRY_STATUS(check_kind());
        if (query_.is_aggregate) {
            MILLRACE_TRY(node, aggregate(std::move(node)));
        } else {
            items_ = query_.items;
        }
        MILLRACE_TRY(node, flat_map(std::move(node)));
        MILLRACE_TRY(node, project(std::move(node)));
        MILLRACE_TRY_STATUS(finish_sink(*node));
        plan_.root = std::move(node);
        return std::move(plan_);
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }

    Status check_windowed_tables() const {
        const AnalyzedSource& first = query_.sources.front();
        const TopicSchema& schema = first.info->schema;
        if (!sink_.name.empty() && !query_.has_joins() && schema.is_table &&
            schema.schema.window.kind != WindowKind::kNone) {
            return fail(first.at,
                        SqlError::kWindowedTable,
                        "KSQL does not support persistent queries on windowed tables. Declare a "
                        "STREAM on the topic and aggregate that");
        }
        return Ok{};
    }

    Result<PlanPtr> filter(PlanPtr input, const ExprPtr& predicate) {
        const bool is_where = predicate == query_.where;
        MILLRACE_TRY(const auto bound,
                     bind(*predicate,
                          input->output,
                          source_,
                          {is_where ? Clause::kWhere : Clause::kHaving, &column_texts_}));
        if (!bound->type.is(TypeKind::kBoolean)) {
            return fail(predicate->at,
                        SqlError::kNotBoolean,
                        std::string("Type error in ") + (is_where ? "WHERE" : "HAVING") +
                            " expression: Should evaluate to boolean but is " +
                            sql::message_text(is_where ? *query_.where : *query_.having) + " (" +
                            bound->type.to_string() + ") instead.");
        }
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kFilter;
        node->output = input->output;
        node->key_format = input->key_format;
        node->is_table = input->is_table;
        node->predicate = predicate;
        node->inputs.push_back(std::move(input));
        return node;
    }
    // GROUP BY

    std::string group_name(const sql::Expr& expr, std::size_t index) const {
        return expr.kind == ExprKind::kColumn ? internal_name(expr)
                                              : "GROUP_" + std::to_string(index);
    }

    Result<PlanPtr> aggregate(PlanPtr input) {
        if (input->is_table && query_.window) {
            return fail(query_.at,
                        SqlError::kWindowOverTable,
                        "WINDOW clause is only supported on streams: a table has no time");
        }
        auto keyed = std::make_unique<PlanNode>();
        keyed->kind = PlanKind::kProject;
        keyed->keeps_null_values = false;
        keyed->drops_null_keys = true;
        MILLRACE_TRY_STATUS(add_groups(*keyed, input->output));
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kAggregate;
        node->is_table = true;
        node->window = query_.window;
        node->is_final = query_.is_final;
        MILLRACE_TRY_STATUS(add_calls(*node, *keyed, input->output));
        MILLRACE_TRY_STATUS(choose_group_format(*keyed, *input));

        bool keeps_place = input->output.window.kind == WindowKind::kNone &&
                           input->output.key.size() == keyed->key.size();
        for (std::size_t i = 0; keeps_place && i < keyed->key.size(); ++i) {
            keeps_place = is_column_named(*keyed->key[i].expr, input->output.key[i].name);
        }
        if (input->is_table) {
            MILLRACE_TRY_STATUS(check_undo(*node));
            keyed = regroup(std::move(keyed), std::move(input));
        } else {
            keyed->inputs.push_back(std::move(input));
        }
        node->output.key = keyed->output.key;
        if (node->window) {
            const bool is_session = node->window->kind == WindowKind::kSession;
            node->output.window =
                WindowInfo{node->window->kind, is_session ? 0 : node->window->size_ms};
        }
        node->key_format = keyed->key_format;
        MILLRACE_TRY_STATUS(type_calls(*node, keyed->output));
        node->inputs.push_back(keeps_place ? std::move(keyed) : repartition(std::move(keyed)));
        PlanPtr result = std::move(node);
        if (query_.having) {
            MILLRACE_TRY(const ExprPtr having, over_groups(query_.having, true));
            MILLRACE_TRY(result, filter(std::move(result), having));
        }
        return result;
    }
    /// The table's rows with their groups as values, then as changes of the groups.
    static PlanPtr regroup(PlanPtr keyed, PlanPtr input) {
        auto values = std::make_unique<PlanNode>();
        values->kind = PlanKind::kProject;
        values->is_table = true;
        values->key_format = input->key_format;
        values->output.key = input->output.key;
        for (const Field& field : input->output.key) {
            values->key.push_back(NamedExpr{field.name, plan_column(field.name, sql::Span{})});
        }
        for (const auto* items : {&keyed->key, &keyed->value}) {
            values->value.insert(values->value.end(), items->begin(), items->end());
        }
        for (const auto* fields : {&keyed->output.key, &keyed->output.value}) {
            values->output.value.insert(values->output.value.end(), fields->begin(), fields->end());
        }
        values->inputs.push_back(std::move(input));
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kRegroup;
        node->is_table = true;
        node->key_format = keyed->key_format;
        node->output = keyed->output;
        node->inputs.push_back(std::move(values));
        return node;
    }
    /// Functions over a table must be able to take a value back.
    Status check_undo(const PlanNode& node) const {
        std::vector<std::string> names;
        const AggregateItem* first = nullptr;
        for (const AggregateItem& item : node.calls) {
            const bool is_told =
                std::find(names.begin(), names.end(), item.function) != names.end();
            if (!operators::can_aggregate_tables(item.function) && !is_told) {
                names.push_back(item.function);
                first = first == nullptr ? &item : first;
            }
        }
        if (first == nullptr) {
            return Ok{};
        }
        return fail(first->call->at,
                    SqlError::kAggregateOverTable,
                    std::string("The aggregation function") + (names.size() > 1 ? "s " : " ") +
                        and_list(names) +
                        " cannot be applied to a table source, only to a stream source.");
    }
    /// "A", "A and B", "A, B and C"
    static std::string and_list(const std::vector<std::string>& names) {
        std::string text;
        for (std::size_t i = 0; i < names.size(); ++i) {
            text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
        }
        return text;
    }
    Status add_groups(PlanNode& keyed, const Schema& input) {
        for (std::size_t i = 0; i < query_.group_by.size(); ++i) {
            const ExprPtr& expr = query_.group_by[i];
            MILLRACE_TRY(const auto bound, bind(*expr, input, source_));
            if (bound->is_null_literal) {
                return fail(expr->at, SqlError::kGroupByNull, "GROUP BY NULL makes no groups");
            }
            const std::string name = group_name(*expr, i);
            if (has_map(bound->type)) {
                return fail(
                    expr->at, SqlError::kMapAsKey, map_key_message(Field{name, bound->type}));
            }
            groups_.try_emplace(sql::to_text(*expr), i);
            keyed.key.push_back(NamedExpr{name, expr});
            keyed.output.key.push_back(Field{name, bound->type});
        }
        return Ok{};
    }
    /// Finds the aggregate calls and rewrites the select list over the aggregate's columns.
    Status add_calls(PlanNode& node, PlanNode& keyed, const Schema& input) {
        for (const AnalyzedItem& item : query_.items) {
            if (const sql::Expr* call = find_table_function(*item.expr)) {
                return fail(call->at,
                            SqlError::kRowsOfAggregate,
                            "Table functions cannot be used with aggregations.");
            }
        }
        MILLRACE_TRY_STATUS(collect_calls(query_.having, node, keyed, input));
        for (const AnalyzedItem& item : query_.items) {
            MILLRACE_TRY_STATUS(collect_calls(item.expr, node, keyed, input));
        }
        if (node.calls.empty()) {
            return fail(query_.group_by_at,
                        SqlError::kGroupWithoutAggregate,
                        "GROUP BY requires aggregate functions in either the SELECT or HAVING "
                        "clause. COUNT(*) is one; a SELECT without GROUP BY keeps the rows");
        }
        for (const AnalyzedItem& item : query_.items) {
            AnalyzedItem over = item;
            MILLRACE_TRY(over.expr, over_groups(item.expr, false));
            items_.push_back(std::move(over));
        }
        return Ok{};
    }
    Status collect_calls(const ExprPtr& expr,
                         PlanNode& node,
                         PlanNode& keyed,
                         const Schema& input) {
        if (!expr) {
            return Ok{};
        }
        if (expr->kind == ExprKind::kCall && operators::is_aggregate_function(expr->text)) {
            return add_call(expr, node, keyed, input);
        }
        for (const ExprPtr& child : expr->children) {
            MILLRACE_TRY_STATUS(collect_calls(child, node, keyed, input));
        }
        return Ok{};
    }
    Status add_call(const ExprPtr& call, PlanNode& node, PlanNode& keyed, const Schema& input) {
        const std::string text = sql::to_text(*call);
        if (aggregate_names_.count(text) != 0) {
            return Ok{};
        }
        AggregateItem item;
        item.name = "KSQL_AGG_VARIABLE_" + std::to_string(node.calls.size());
        item.function = call->text;
        item.call = call;
        item.options.collect_list_limit = settings_.collect_list_limit;
        item.options.collect_set_limit = settings_.collect_set_limit;
        const std::size_t columns = call->children.size() - operators::constant_arguments(
                                                                call->text, call->children.size());
        for (std::size_t i = 0; i < call->children.size(); ++i) {
            const ExprPtr& argument = call->children[i];
            if (has_aggregate(*argument)) {
                return fail(argument->at,
                            SqlError::kNestedAggregate,
                            "Aggregate functions can not be nested: " + sql::message_text(*call));
            }
            if (i < columns) {
                MILLRACE_TRY(std::string name, argument_column(argument, keyed, input));
                item.args.push_back(std::move(name));
            } else {
                MILLRACE_TRY(Value value, constant_argument(*call, i));
                item.options.constants.push_back(std::move(value));
            }
        }
        aggregate_names_.emplace(text, item.name);
        column_texts_.emplace(item.name, sql::message_text(*call));
        node.calls.push_back(std::move(item));
        return Ok{};
    }
    Result<Value> constant_argument(const sql::Expr& call, std::size_t i) const {
        const sql::Expr& argument = *call.children[i];
        const bool is_negative = argument.kind == ExprKind::kNegate;
        const ExprKind kind = is_negative ? argument.children[0]->kind : argument.kind;
        if (kind == ExprKind::kInteger) {
            return evaluate_constant(argument, TypeKind::kBigint, source_);
        }
        if (kind == ExprKind::kBoolean && !is_negative) {
            return evaluate_constant(argument, TypeKind::kBoolean, source_);
        }
        return fail(argument.at,
                    SqlError::kParameterNotConstant,
                    "Parameter " + std::to_string(i + 1) + " passed to function " + call.text +
                        " must be a literal constant, but was expression: '" +
                        sql::message_text(argument) + "'");
    }
    /// The column of `keyed` that holds the argument; added when it is not there yet.
    Result<std::string> argument_column(const ExprPtr& argument,
                                        PlanNode& keyed,
                                        const Schema& input) {
        const std::string text = sql::to_text(*argument);
        for (const auto* items : {&keyed.key, &keyed.value}) {
            for (const NamedExpr& item : *items) {
                if (sql::to_text(*item.expr) == text) {
                    return item.name;
                }
            }
        }
        MILLRACE_TRY(const auto bound, bind(*argument, input, source_));
        const bool is_plain =
            argument->kind == ExprKind::kColumn && !is_own_pseudo_column(*argument);
        std::string name =
            is_plain ? internal_name(*argument) : "ARGUMENT_" + std::to_string(keyed.value.size());
        keyed.value.push_back(NamedExpr{name, argument});
        keyed.output.value.push_back(Field{name, bound->type});
        return name;
    }
    Status type_calls(PlanNode& node, const Schema& input) const {
        for (const AggregateItem& item : node.calls) {
            std::vector<DataType> types;
            std::vector<std::size_t> columns;
            for (const std::string& arg : item.args) {
                const auto index = input.find(arg);
                CHECK(index.has_value());
                columns.push_back(*index);
                types.push_back(input.field(*index).type);
            }
            auto bound =
                operators::bind_aggregate(item.function, types, std::move(columns), item.options);
            if (!bound.ok()) {
                return source_.place(item.call->at, bound.error(), SqlError::kBadParameters);
            }
            node.output.value.push_back(Field{item.name, bound.value().type});
        }
        return Ok{};
    }
    /// The group's key in the format that the result will have, where that holds it.
    Status choose_group_format(PlanNode& keyed, const PlanNode& input) const {
        keyed.key_format = input.key_format;
        if (sink_.with.key_format) {
            keyed.key_format = FormatSpec{*sink_.with.key_format, ',', false};
        }
        if (sink_.existing != nullptr) {
            keyed.key_format = sink_.existing->schema.key;
        }
        if (keyed.key_format.format == Format::kNone ||
            !make_encoder(keyed.key_format, keyed.output.key).ok()) {
            keyed.key_format = FormatSpec{Format::kJson, ',', false};
        }
        return Ok{};
    }

    Error not_grouped(const sql::Expr& column, const sql::Expr& item, bool is_having) const {
        const std::string what =
            is_having ? "HAVING expression not part of GROUP BY: " + sql::message_text(column)
                      : "SELECT expression(s) not part of GROUP BY: " + sql::message_text(item);
        return fail(column.at,
                    is_having ? SqlError::kHavingNotGrouped : SqlError::kNotGrouped,
                    "Non-aggregate " + what +
                        "\nEither add the column(s) to the GROUP BY or remove them from the " +
                        (is_having ? "HAVING" : "SELECT") + ".\nLATEST_BY_OFFSET(" +
                        sql::message_text(column) + ") would take the latest value.");
    }
    /// The expression over the aggregate's output: calls and groups become its columns.
    Result<ExprPtr> over_groups(const ExprPtr& expr, bool is_having) {
        std::optional<Error> error;
        const ExprPtr result = rewrite(expr, [&](const ExprPtr& part) -> ExprPtr {
            const std::string text = sql::to_text(*part);
            const auto call = aggregate_names_.find(text);
            if (call != aggregate_names_.end()) {
                return plan_column(call->second, part->at);
            }
            if (const auto group = groups_.find(text); group != groups_.end()) {
                return part->kind == ExprKind::kColumn
                           ? part
                           : plan_column(group_name(*part, group->second), part->at);
            }
            const bool is_bound = query_.window.has_value() &&
                                  (part->text == "WINDOWSTART" || part->text == "WINDOWEND");
            if (part->kind == ExprKind::kColumn && !is_bound && !is_own_pseudo_column(*part) &&
                !error) {
                error = not_grouped(*part, *expr, is_having);
            }
            return nullptr;
        });
        if (error) {
            return *error;
        }
        return result;
    }

    // Table functions

    static const sql::Expr* find_table_function(const sql::Expr& expr) {
        if (expr.kind == ExprKind::kCall && operators::is_table_function(expr.text)) {
            return &expr;
        }
        for (const ExprPtr& child : expr.children) {
            if (const sql::Expr* found = find_table_function(*child)) {
                return found;
            }
        }
        return nullptr;
    }
    /// Makes rows of the arrays that the table functions of the SELECT list name; the list then
    /// reads the columns that hold their elements.
    Result<PlanPtr> flat_map(PlanPtr input) {
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kFlatMap;
        node->output = input->output;
        node->key_format = input->key_format;
        std::optional<Error> error;
        std::map<std::string, std::string> columns;
        for (AnalyzedItem& item : items_) {
            item.expr = rewrite(item.expr, [&](const ExprPtr& part) -> ExprPtr {
                if (part->kind != ExprKind::kCall || !operators::is_table_function(part->text)) {
                    return nullptr;
                }
                const auto [column, is_new] = columns.try_emplace(
                    sql::to_text(*part), "KSQL_SYNTH_" + std::to_string(columns.size()));
                if (is_new) {
                    const auto rows = bind_table_function(*part, input->output, source_);
                    if (!rows.ok()) {
                        error = error ? error : rows.error();
                        return part;
                    }
                    node->value.push_back(NamedExpr{column->second, part});
                    node->output.value.push_back(
                        Field{column->second, rows.value()->type.children()[0].type});
                }
                return plan_column(column->second, part->at);
            });
        }
        if (error) {
            return *error;
        }
        if (columns.empty()) {
            return input;
        }
        const sql::Span& at = node->value.front().expr->at;
        if (input->is_table) {
            return fail(
                at, SqlError::kRowsOfTable, "Table source is not supported with table functions");
        }
        node->inputs.push_back(std::move(input));
        return node;
    }

    // SELECT and the sink

    Status check_kind() const {
        if (sink_.name.empty()) {
            return Ok{};
        }
        const bool wants_table =
            sink_.existing != nullptr ? sink_.existing->schema.is_table : sink_.is_table;
        if (sink_.existing != nullptr && wants_table) {
            return fail(sink_.at,
                        SqlError::kInsertIntoTable,
                        "INSERT INTO writes into streams, not tables");
        }
        if (result_is_table_ && !wants_table) {
            return fail(sink_.at,
                        SqlError::kWrongResult,
                        sink_.existing != nullptr
                            ? "this SELECT makes a table, and INSERT INTO takes a stream"
                            : "this SELECT makes a table: write CREATE TABLE ... AS SELECT");
        }
        if (!result_is_table_ && wants_table) {
            return fail(sink_.at,
                        SqlError::kWrongResult,
                        "this SELECT makes a stream: write CREATE STREAM ... AS SELECT, or GROUP "
                        "BY a key");
        }
        if (result_is_table_ && !query_.partition_by.empty()) {
            return fail(query_.partition_by_at,
                        SqlError::kPartitionOfTable,
                        "PARTITION BY is for streams; a table keeps its key");
        }
        return Ok{};
    }

    /// What makes up the key of the result.
    std::vector<NamedExpr> result_key(const PlanNode& input) const {
        std::vector<NamedExpr> key;
        if (!query_.partition_by.empty()) {
            for (const ExprPtr& expr : query_.partition_by) {
                if (expr->kind != ExprKind::kNull) {
                    key.push_back(NamedExpr{"", expr});
                }
            }
            return key;
        }
        if (settings_.key_follows_projection && !result_is_table_ && !query_.has_joins()) {
            return selected_key(input);
        }
        for (const Field& field : input.output.key) {
            key.push_back(NamedExpr{field.name, plan_column(field.name, query_.at)});
        }
        return key;
    }
    /// The key columns that the SELECT list names, in its order.
    std::vector<NamedExpr> selected_key(const PlanNode& input) const {
        std::vector<NamedExpr> key;
        for (const AnalyzedItem& item : items_) {
            for (const Field& field : input.output.key) {
                const bool is_new = std::none_of(
                    key.begin(), key.end(), [&](const auto& k) { return k.name == field.name; });
                if (is_new && is_column_named(*item.expr, field.name)) {
                    key.push_back(NamedExpr{field.name, item.expr});
                }
            }
        }
        return key;
    }
    bool names_key(const AnalyzedItem& item, const sql::Expr& key, std::size_t key_index) const {
        if (query_.partition_by.empty()) {
            if (item.expr->kind != ExprKind::kColumn) {
                return false;
            }
            const std::string name = internal_name(*item.expr);
            return name == internal_name(key) ||
                   (query_.has_joins() && !query_.is_aggregate && key_index == 0 &&
                    keys_.shape != JoinShape::kForeignKey &&
                    std::any_of(
                        keys_.columns.begin(), keys_.columns.end(), [&](const ExprPtr& column) {
                            return internal_name(*column) == name;
                        }));
        }
        return sql::to_text(*item.expr) == sql::to_text(key);
    }
    /// Items named as the key itself come before those that only equal it (the table's column).
    std::optional<std::size_t> item_of_key(const sql::Expr& key, std::size_t key_index) const {
        std::optional<std::size_t> equal;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (!names_key(items_[i], key, key_index)) {
                continue;
            }
            if (items_[i].expr->kind != ExprKind::kColumn ||
                internal_name(*items_[i].expr) == internal_name(key)) {
                return i;
            }
            equal = equal ? equal : i;
        }
        return equal;
    }

    Result<PlanPtr> project(PlanPtr input) {
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kProject;
        node->is_table = result_is_table_;
        node->key_format = input->key_format;
        std::vector<std::optional<std::size_t>> key_items;
        for (const AnalyzedItem& item : items_) {
            // What is wrong with an expression is told before what the list as a whole lacks.
            MILLRACE_TRY_STATUS(
                bind(*item.expr, input->output, source_, {Clause::kSelect, &column_texts_}));
        }
        if (!sink_.name.empty()) {
            MILLRACE_TRY_STATUS(project_key(*node, *input, key_items));
            node->output.window = query_.partition_by.empty() ? input->output.window : WindowInfo{};
        } else if (result_is_table_) {
            MILLRACE_TRY_STATUS(carry_key(*node, *input));
        }
        for (std::size_t i = 0; i < items_.size(); ++i) {
            const bool is_key =
                std::find(key_items.begin(), key_items.end(), std::optional(i)) != key_items.end();
            if (is_key) {
                continue;
            }
            const AnalyzedItem& item = items_[i];
            if (!sink_.name.empty()) {
                MILLRACE_TRY_STATUS(check_name(item));
            }
            MILLRACE_TRY(const auto bound, bind(*item.expr, input->output, source_));
            if (bound->is_null_literal) {
                return fail(item.expr->at,
                            SqlError::kUntypedNull,
                            "Can't infer a type of null. Please explicitly cast it to a required "
                            "type, e.g. CAST(null AS VARCHAR).");
            }
            const Field field{item.name, bound->type};
            if (node->output.find(item.name)) {
                return duplicate(item.at, "value", field);
            }
            node->value.push_back(NamedExpr{item.name, item.expr});
            node->output.value.push_back(field);
        }
        if (!sink_.name.empty() && node->value.empty()) {
            return fail(query_.items_at,
                        SqlError::kNoValueColumns,
                        "The projection contains no value columns.");
        }
        node->inputs.push_back(std::move(input));
        return node;
    }
    Error duplicate(const sql::Span& at, const std::string& what, const Field& field) const {
        return fail(at,
                    SqlError::kDuplicateItem,
                    "Duplicate " + what + " columns found in schema: `" + field.name + "` " +
                        field.type.to_string() + ". Give one of them an alias");
    }
    /// A push query over a table: its rows are told apart by a key that may be in no item.
    Status carry_key(PlanNode& node, const PlanNode& input) {
        const std::vector<NamedExpr> key = result_key(input);
        for (std::size_t k = 0; k < key.size(); ++k) {
            MILLRACE_TRY(const auto bound, bind(*key[k].expr, input.output, source_));
            const std::string name = "key " + std::to_string(k);  // no column is named like this
            node.key.push_back(NamedExpr{name, key[k].expr});
            node.output.key.push_back(Field{name, bound->type});
        }
        node.output.window = input.output.window;
        return Ok{};
    }
    Status project_key(PlanNode& node,
                       const PlanNode& input,
                       std::vector<std::optional<std::size_t>>& key_items) {
        std::vector<NamedExpr> key = result_key(input);
        for (std::size_t k = 0; k < key.size(); ++k) {
            const auto found = item_of_key(*key[k].expr, k);
            if (!found) {
                return fail(
                    query_.items_at,
                    query_.has_joins() ? SqlError::kJoinKeyNotSelected : SqlError::kKeyNotSelected,
                    missing_key(key, k));
            }
            const AnalyzedItem& item = items_[*found];
            for (std::size_t i = 0; i < items_.size(); ++i) {
                if (i != *found && !items_[i].is_from_star &&
                    sql::to_text(*items_[i].expr) == sql::to_text(*item.expr)) {
                    const std::string& first = items_[std::min(i, *found)].name;
                    const std::string& second = items_[std::max(i, *found)].name;
                    return fail(items_[i].at,
                                SqlError::kDuplicateKey,
                                key_twice(*item.expr, first, second));
                }
            }
            MILLRACE_TRY_STATUS(check_name(item));
            MILLRACE_TRY(const auto bound, bind(*key[k].expr, input.output, source_));
            if (has_map(bound->type)) {
                return fail(
                    item.at, SqlError::kMapAsKey, map_key_message(Field{item.name, bound->type}));
            }
            if (node.output.find(item.name)) {
                return duplicate(item.at, "key", Field{item.name, bound->type});
            }
            node.key.push_back(NamedExpr{item.name, key[k].expr});
            node.output.key.push_back(Field{item.name, bound->type});
            key_items.push_back(found);
        }
        return Ok{};
    }
    [[nodiscard]] std::string key_twice(const sql::Expr& key,
                                        const std::string& first,
                                        const std::string& second) const {
        const bool is_joined = query_.has_joins() && !key.qualifier.empty();
        return "The projection contains a key column " +
               (is_joined ? "(`" + key.qualifier + "_" + key.text +
                                "`) more than once, aliased as: " + first + " and " + second + "."
                          : "more than once: `" + first + "` and `" + second + "`.") +
               " Write AS_VALUE(" + sql::message_text(key) + ") for a copy in the value";
    }
    /// What the key column is called where the query was written.
    std::string key_text(const sql::Expr& key) const {
        if (query_.is_aggregate) {
            for (std::size_t i = 0; i < query_.group_by.size(); ++i) {
                if (group_name(*query_.group_by[i], i) == internal_name(key)) {
                    return sql::message_text(*query_.group_by[i]);
                }
            }
        }
        return sql::message_text(key);
    }
    /// "A", "A and B", "A, B and C"
    static std::string listed(const std::vector<std::string>& texts, const char* last) {
        std::string list;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            list += (i == 0 ? "" : i + 1 == texts.size() ? last : ", ") + texts[i];
        }
        return list;
    }
    /// All parts of the key that the SELECT list lacks from `first` on.
    std::string missing_key(const std::vector<NamedExpr>& key, std::size_t first) const {
        if (!query_.is_aggregate && query_.partition_by.empty() && query_.has_joins()) {
            return missing_join_key();
        }
        std::vector<std::string> texts;
        const bool names_all = !query_.is_aggregate && query_.partition_by.empty();
        for (std::size_t k = names_all ? 0 : first; k < key.size(); ++k) {
            if (names_all || !item_of_key(*key[k].expr, k)) {
                texts.push_back(key_text(*key[k].expr));
            }
        }
        const std::string what = query_.is_aggregate            ? "grouping expression"
                                 : !query_.partition_by.empty() ? "partitioning expression"
                                                                : "key column";
        std::string example = texts[0];
        for (std::size_t i = 1; i < texts.size(); ++i) {
            example += ", " + texts[i];
        }
        return std::string(kKeyMissing) + "The query used to build `" + sink_.name +
               "` must include the " + what + (texts.size() > 1 ? "s " : " ") +
               listed(texts, " and ") + " in its projection (eg, SELECT " + example + "...).";
    }
    /// Rows of a join are known by what it joins on.
    std::string missing_join_key() const {
        if (keys_.shape == JoinShape::kForeignKey) {
            std::string missing;
            for (const ExprPtr& column : keys_.columns) {
                if (!item_of_key(*column, 0)) {
                    missing += (missing.empty() ? "`" : ", `") + column->text + "`";
                }
            }
            return "Primary key columns missing in projection. For foreign-key table-table joins, "
                   "the projection must include all primary key columns from the left input table "
                   "(`" +
                   query_.sources.front().alias + "`). Missing columns: " + missing + ".";
        }
        const std::string columns =
            keys_.is_synthetic() ? std::string(kSyntheticKey) : columns_text(keys_.columns);
        const std::string first = keys_.is_synthetic() ? std::string(kSyntheticKey)
                                                       : sql::to_text(*keys_.columns.front());
        std::string text = std::string(kKeyMissing) + "The query used to build `" + sink_.name +
                           "` must include the join expression" +
                           (keys_.columns.size() > 1 ? "s " : " ") + columns +
                           " in its projection (eg, SELECT " + first + "...).";
        if (keys_.is_synthetic()) {
            text +=
                "\nROWKEY was added as a synthetic key column because the join criteria did not "
                "match any source column. This expression must be included in the projection "
                "and may be aliased.";
        }
        return text;
    }
    Status check_name(const AnalyzedItem& item) const {
        if (!is_pseudo_column(item.name) || item.is_from_star) {
            return Ok{};
        }
        if (item.expr->kind == ExprKind::kColumn && item.expr->text == item.name) {
            return fail(item.at,
                        SqlError::kReservedInSelect,
                        "Reserved column name in select: `" + item.name +
                            "`. Please remove or alias the column.");
        }
        return fail(item.at,
                    SqlError::kReservedAlias,
                    "`" + item.name +
                        "` is a reserved column name. You cannot use it as an alias for a column.");
    }

    Status finish_sink(PlanNode& node) {
        PlanSink& out = plan_.sink;
        out.name = sink_.name;
        out.schema.is_table = result_is_table_;
        out.schema.schema = node.output;
        if (sink_.name.empty()) {
            out.schema.key = node.key_format;
            return Ok{};
        }
        if (sink_.existing != nullptr) {
            return match_existing(node);
        }
        const bool has_no_key = node.output.key.empty() && !query_.partition_by.empty();
        if (has_no_key && sink_.with.key_format && *sink_.with.key_format != Format::kNone) {
            return fail(sink_.at,
                        SqlError::kFormatWithoutKey,
                        "Key format specified for stream without key columns.");
        }
        const SourceInfo& first = *query_.sources.front().info;
        MILLRACE_TRY_STATUS(
            choose_formats(sink_.with, settings_, &first.schema, sink_.at, source_, out.schema));
        MILLRACE_TRY_STATUS(check_formats(out.schema, sink_.at, source_));
        node.key_format = out.schema.key;
        out.topic = sink_.with.topic ? *sink_.with.topic : settings_.topic_prefix + sink_.name;
        out.partitions = sink_.with.partitions ? *sink_.with.partitions : settings_.sink_partitions;
        if (sink_.with.window) {
            return fail(sink_.at,
                        SqlError::kWindowOfQuery,
                        "WINDOW_TYPE describes a topic that is there; a query's window comes from "
                        "its WINDOW clause");
        }
        if (sink_.with.timestamp_column) {
            MILLRACE_TRY_STATUS(take_timestamp(node));
        }
        return Ok{};
    }
    Status take_timestamp(const PlanNode& node) {
        PlanSink& out = plan_.sink;
        out.timestamp_column = timestamp_column_name(node.output, *sink_.with.timestamp_column);
        out.timestamp_format = sink_.with.timestamp_format.value_or("");
        const auto extractor =
            make_timestamp_extractor(node.output, out.timestamp_column, out.timestamp_format);
        if (!extractor.ok()) {
            return source_.place(
                sink_.with.timestamp_at, extractor.error(), SqlError::kTimestampType);
        }
        return Ok{};
    }
    /// INSERT INTO: columns go by position and must have the target's types.
    Status match_existing(PlanNode& node) {
        const SourceInfo& target = *sink_.existing;
        PlanSink& out = plan_.sink;
        const Schema& wanted = target.schema.schema;
        if (!wanted.headers.empty()) {
            return fail(sink_.at,
                        SqlError::kHeaderInsert,
                        "Cannot insert into " + sql::name_text(target.name) +
                            " because it has header columns");
        }
        const auto same = [](const std::vector<Field>& a, const std::vector<Field>& b) {
            return std::equal(
                a.begin(), a.end(), b.begin(), b.end(), [](const Field& x, const Field& y) {
                    return x.name == y.name && x.type == y.type;
                });
        };
        if (!same(node.output.key, wanted.key) || !same(node.output.value, wanted.value) ||
            !(node.output.window == wanted.window)) {
            return fail(sink_.at,
                        SqlError::kSchemaMismatch,
                        "Incompatible schema between results and sink.\nResult schema is " +
                            quoted_schema(node.output) + "\nSink schema is " +
                            quoted_schema(wanted));
        }
        out.schema = target.schema;
        out.topic = target.topic;
        out.timestamp_column = target.timestamp_column;
        out.timestamp_format = target.timestamp_format;
        node.key_format = out.schema.key;
        return Ok{};
    }

    const AnalyzedQuery& query_;
    const SinkRequest& sink_;
    const Settings& settings_;
    const sql::SourceText& source_;
    LogicalPlan plan_;
    std::vector<AnalyzedItem> items_;                     // over the node that is projected
    JoinKeys keys_;                                       // of the last join
    std::map<std::string, std::size_t> groups_;           // text of GROUP BY -> its place there
    std::map<std::string, std::string> aggregate_names_;  // text of the call -> column
    std::map<std::string, std::string> column_texts_;     // column -> the call in messages
    bool result_is_table_ = false;
};

}  // namespace

Result<LogicalPlan> make_plan(const AnalyzedQuery& query,
                              const SinkRequest& sink,
                              const Settings& settings,
                              const sql::SourceText& source) {
    return Planner(query, sink, settings, source).run();
}

}  // namespace millrace::dsl
