#include "dsl/analyzer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/binder.h"
#include "dsl/join_keys.h"
#include "dsl/join_planner.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"
#include "operators/aggregate.h"
#include "operators/expression/expression.h"
#include "operators/functions/table_functions.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;
using sql::SelectItem;

class Analyzer {
  public:
    Analyzer(const sql::Query& query,
             const Catalog& catalog,
             const sql::SourceText& source,
             QueryUse use)
        : query_(query), catalog_(catalog), source_(source), use_(use) {}

    Result<AnalyzedQuery> run() {
        out_.at = query_.at;
        out_.items_at = sql::join(query_.items.front().at, query_.items.back().at);
        MILLRACE_TRY_STATUS(resolve_sources());
        MILLRACE_TRY_STATUS(resolve_joins());
        MILLRACE_TRY_STATUS(resolve_partition_by());  // decides what * stands for
        MILLRACE_TRY_STATUS(resolve_items());
        MILLRACE_TRY_STATUS(resolve_clauses());
        MILLRACE_TRY_STATUS(check_clauses());
        return std::move(out_);
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }

    Status resolve_sources() {
        MILLRACE_TRY_STATUS(add_source(query_.from));
        for (const sql::Join& join : query_.joins) {
            MILLRACE_TRY_STATUS(add_source(join.source));
        }
        return query_.joins.empty() ? Status(Ok{}) : check_joined_sources();
    }
    Status check_joined_sources() const {
        std::string kafka;
        for (std::size_t i = 0; i < out_.sources.size(); ++i) {
            const std::string& name = out_.sources[i].info->name;
            for (std::size_t j = 0; j < i; ++j) {
                if (out_.sources[j].info->name == name) {
                    return fail(out_.sources[i].at,
                                i == 1 ? SqlError::kSelfJoin : SqlError::kSourceTwice,
                                i == 1 ? "Can not join '" + name + "' to '" + name +
                                             "': self joins are not yet supported."
                                       : "N-way joins do not support multiple occurrences of the "
                                         "same source. Source: '" +
                                             name + "'.");
                }
            }
            if (out_.sources[i].info->schema.value.format == Format::kKafka) {
                kafka += (kafka.empty() ? "" : ", ") + name;
            }
        }
        if (!kafka.empty()) {
            return fail(query_.joins.front().at,
                        SqlError::kJoinFormat,
                        "Source(s) " + kafka +
                            " are using the 'KAFKA' value format. This format does not yet "
                            "support JOIN.");
        }
        return Ok{};
    }
    Status add_source(const sql::SourceRef& ref) {
        MILLRACE_TRY(const SourceInfo* info, resolve_source(ref.name, catalog_, source_));
        const sql::Name& alias = ref.alias ? *ref.alias : ref.name;
        for (const AnalyzedSource& other : out_.sources) {
            if (other.alias == alias.text) {
                return fail(alias.at,
                            SqlError::kDuplicateAlias,
                            "two sources have the name " + sql::name_text(alias.text) +
                                "; give one of them an alias");
            }
        }
        out_.sources.push_back(AnalyzedSource{info, alias.text, alias.at});
        return Ok{};
    }

    /// Which source a column belongs to; the first `count` sources are looked at.
    Result<std::size_t> source_of(const sql::Expr& column, std::size_t count) const {
        if (!column.qualifier.empty()) {
            std::vector<std::string> aliases;
            for (std::size_t i = 0; i < count; ++i) {
                if (out_.sources[i].alias == column.qualifier) {
                    return i;
                }
                aliases.push_back(out_.sources[i].alias);
            }
            return source_.error_at(
                column.at, SqlError::kUnknownAlias, unknown_alias(column.qualifier, aliases));
        }
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < count; ++i) {
            if (out_.sources[i].info->schema.schema.find(column.text)) {
                if (found) {
                    return fail(column.at,
                                SqlError::kAmbiguousColumn,
                                "Column '" + column.text + "' is ambiguous. Could be " +
                                    out_.sources[*found].alias + "." + column.text + " or " +
                                    out_.sources[i].alias + "." + column.text + ".");
                }
                found = i;
            }
        }
        if (!found) {
            return unknown_column(column, count);
        }
        return *found;
    }
    static std::string unknown_alias(const std::string& name,
                                     const std::vector<std::string>& aliases) {
        return "Failed to prepare statement: '" + name +
               "' is not a valid stream/table name or alias." +
               sentence(did_you_mean(name, aliases));
    }
    /// A hint ("; did you mean X?") as a sentence of its own.
    static std::string sentence(std::string hint) {
        return hint.empty() ? hint : " D" + hint.substr(3);
    }
    Error unknown_column(const sql::Expr& column, std::size_t count) const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i) {
            const AnalyzedSource& source = out_.sources[i];
            if (!column.qualifier.empty() && source.alias != column.qualifier) {
                continue;
            }
            const Schema& schema = source.info->schema.schema;
            for (std::size_t c = 0; c < schema.size(); ++c) {
                names.push_back(schema.field(c).name);
            }
        }
        const std::string shown =
            column.qualifier.empty() ? column.text : column.qualifier + "." + column.text;
        return source_.error_at(column.at,
                                SqlError::kUnknownColumn,
                                std::string(clause_) + " column '" + shown +
                                    "' cannot be resolved." +
                                    sentence(did_you_mean(column.text, names)));
    }

    /// The column under its internal name.
    Result<ExprPtr> resolve_column(const sql::Expr& column, std::size_t count) const {
        auto resolved = std::make_shared<sql::Expr>(column);
        if (is_pseudo_column(column.text)) {
            MILLRACE_TRY(resolved->qualifier, pseudo_source(column, count));
            return ExprPtr(std::move(resolved));
        }
        if (is_join_key(column)) {
            return ExprPtr(std::move(resolved));
        }
        MILLRACE_TRY(const std::size_t index, source_of(column, count));
        if (!out_.sources[index].info->schema.schema.find(column.text)) {
            return unknown_column(column, count);
        }
        resolved->qualifier = out_.sources.size() > 1 ? out_.sources[index].alias : "";
        return ExprPtr(std::move(resolved));
    }
    /// The key of a join that no column equals.
    bool is_join_key(const sql::Expr& column) const {
        return column.qualifier.empty() && column.text == kSyntheticKey && has_synthetic_key();
    }
    bool has_synthetic_key() const {
        return !query_.joins.empty() && out_.joins.size() == query_.joins.size() &&
               join_keys(out_).back().is_synthetic();
    }
    /// Whose pseudo column it is; "" for that of the rows at hand.
    Result<std::string> pseudo_source(const sql::Expr& column, std::size_t count) const {
        const bool is_bound = column.text == "WINDOWSTART" || column.text == "WINDOWEND";
        std::size_t index = 0;
        if (!column.qualifier.empty()) {
            MILLRACE_TRY(index, source_of(column, count));
        } else if (out_.sources.size() > 1 && !(is_bound && query_.window)) {
            const std::string name = sql::name_text(column.text);
            return fail(column.at,
                        SqlError::kAmbiguousColumn,
                        "Column '" + column.text + "' is ambiguous. Could be " +
                            out_.sources[0].alias + "." + name + " or " + out_.sources[1].alias +
                            "." + name + ".");
        }
        const bool is_of_window = is_bound && query_.window && column.qualifier.empty();
        if (is_bound && !is_of_window && !(query_.window && out_.sources.size() == 1) &&
            out_.sources[index].info->schema.schema.window.kind == WindowKind::kNone) {
            return fail(column.at,
                        SqlError::kBoundsWithoutWindow,
                        std::string(clause_) + " column '" + column.text +
                            "' cannot be resolved. It needs a WINDOW clause or a windowed source");
        }
        return out_.sources.size() > 1 ? column.qualifier : std::string();
    }

    static bool is_function(const std::string& name) {
        return operators::is_scalar_function(name) || operators::is_aggregate_function(name) ||
               operators::is_table_function(name);
    }
    /// names  variables of the lambdas around the expression
    Result<ExprPtr> resolve(const ExprPtr& expr,
                            std::size_t count,
                            const std::vector<std::string>& names = {}) const {
        std::optional<Error> error;
        ExprPtr resolved = rewrite(expr, [&](const ExprPtr& node) -> ExprPtr {
            if (!error && node->kind == ExprKind::kLambda) {
                std::vector<std::string> inner = names;
                inner.insert(inner.end(), node->names.begin(), node->names.end());
                auto body = resolve(node->children[0], count, inner);
                if (!body.ok()) {
                    error = body.error();
                    return node;
                }
                auto copy = std::make_shared<sql::Expr>(*node);
                copy->children = {std::move(body).value()};
                return copy;
            }
            if (!error && node->kind == ExprKind::kCall && !is_function(node->text)) {
                error = source_.place(
                    node->at, operators::call(node->text, {}).error(), SqlError::kUnknownFunction);
            }
            if (error || node->kind != ExprKind::kColumn) {
                return error ? node : nullptr;
            }
            if (node->qualifier.empty() &&
                std::find(names.begin(), names.end(), node->text) != names.end()) {
                auto variable = std::make_shared<sql::Expr>(*node);
                variable->kind = ExprKind::kLambdaVariable;
                return variable;
            }
            auto column = resolve_column(*node, count);
            if (!column.ok()) {
                error = column.error();
                return node;
            }
            return column.value();
        });
        if (error) {
            return *error;
        }
        return resolved;
    }
    Result<ExprPtr> resolve(const ExprPtr& expr) const {
        return resolve(expr, out_.sources.size());
    }

    Status resolve_joins() {
        clause_ = "JOIN ON";
        for (std::size_t i = 0; i < query_.joins.size(); ++i) {
            const sql::Join& join = query_.joins[i];
            const sql::Expr& on = *join.on;
            MILLRACE_TRY_STATUS(check_condition(on, i + 2));
            MILLRACE_TRY(ExprPtr left, resolve_on(on.children[0], i + 2));
            MILLRACE_TRY(ExprPtr right, resolve_on(on.children[1], i + 2));
            MILLRACE_TRY(const std::string left_source, only_source(*left, on));
            MILLRACE_TRY(const std::string right_source, only_source(*right, on));
            const std::string& own = out_.sources[i + 1].alias;
            if (left_source == right_source || (left_source != own && right_source != own)) {
                return fail(on.at,
                            SqlError::kJoinSides,
                            "Each side of the join must reference exactly one source and not the "
                            "same source. Left side references `" +
                                left_source + "` and right references `" + right_source +
                                "`; one of them must be `" + own + "`");
            }
            const bool is_swapped = left_source == own;
            if (is_swapped) {
                std::swap(left, right);
            }
            out_.joins.push_back(AnalyzedJoin{
                join.type, std::move(left), std::move(right), is_swapped, join.within, join.at});
        }
        return Ok{};
    }
    Status check_condition(const sql::Expr& on, std::size_t count) const {
        if (on.kind == ExprKind::kCompare && on.text == "=") {
            return Ok{};
        }
        MILLRACE_TRY(const ExprPtr resolved, resolve(std::make_shared<sql::Expr>(on), count));
        if (on.kind == ExprKind::kAnd || on.kind == ExprKind::kOr) {
            return fail(on.at,
                        SqlError::kJoinConditions,
                        "Invalid join condition: joins on multiple conditions are not yet "
                        "supported. Got " +
                            sql::message_text(*resolved) + ".");
        }
        return fail(on.at,
                    SqlError::kJoinCriteria,
                    "Only equality join criteria is supported, such as ON s.id = t.id. Got " +
                        sql::message_text(*resolved) + ".");
    }
    /// A side of ON; says so where a column of it is not known.
    Result<ExprPtr> resolve_on(const ExprPtr& side, std::size_t count) const {
        if (side->kind == ExprKind::kColumn && !side->qualifier.empty() &&
            !is_pseudo_column(side->text)) {
            MILLRACE_TRY(const std::size_t index, source_of(*side, count));
            const Schema& schema = out_.sources[index].info->schema.schema;
            if (!schema.find(side->text)) {
                std::vector<std::string> names;
                for (std::size_t c = 0; c < schema.size(); ++c) {
                    names.push_back(schema.field(c).name);
                }
                return source_.error_at(side->at,
                                        SqlError::kUnknownColumn,
                                        "JOIN ON column '" + side->qualifier + "." + side->text +
                                            "' cannot be resolved." +
                                            sentence(did_you_mean(side->text, names)));
            }
        }
        return resolve(side, count);
    }
    /// The one source whose columns are in a side of the equality `on`.
    Result<std::string> only_source(const sql::Expr& side, const sql::Expr& on) const {
        std::set<std::string> found;
        collect_sources(side, found);
        if (found.size() != 1) {
            return fail(side.at,
                        SqlError::kJoinSide,
                        "Invalid comparison expression '" + sql::message_text(side) +
                            "' in join '" + sql::message_text(on) +
                            "'. Each side of the join comparision must contain references from "
                            "exactly one source.");
        }
        return *found.begin();
    }
    static void collect_sources(const sql::Expr& expr, std::set<std::string>& found) {
        if (expr.kind == ExprKind::kColumn) {
            found.insert(expr.qualifier);
        }
        for (const ExprPtr& child : expr.children) {
            collect_sources(*child, found);
        }
    }

    Status resolve_items() {
        clause_ = "SELECT";
        for (const SelectItem& item : query_.items) {
            switch (item.kind) {
                case SelectItem::Kind::kStar:
                    if (has_synthetic_key()) {
                        out_.items.push_back(
                            AnalyzedItem{plan_column(std::string(kSyntheticKey), item.at),
                                         std::string(kSyntheticKey),
                                         item.at,
                                         true});
                    }
                    for (const AnalyzedSource& source : out_.sources) {
                        expand(source, item.at);
                    }
                    break;
                case SelectItem::Kind::kSourceStar:
                    MILLRACE_TRY_STATUS(expand_named(item));
                    break;
                case SelectItem::Kind::kStructStar:
                    MILLRACE_TRY_STATUS(expand_struct(item));
                    break;
                case SelectItem::Kind::kExpr:
                    MILLRACE_TRY_STATUS(add_item(item));
                    break;
            }
        }
        return Ok{};
    }
    Status resolve_partition_by() {
        clause_ = "PARTITION BY";
        out_.partition_by_at = query_.partition_by_at;
        if (query_.partition_by.empty() && query_.partition_by_at.length > 0) {
            return fail(query_.partition_by_at,
                        SqlError::kPartitionByNothing,
                        "PARTITION BY requires at least one expression");
        }
        for (const ExprPtr& expr : query_.partition_by) {
            if (expr->kind == ExprKind::kNull && query_.partition_by.size() > 1) {
                return fail(expr->at,
                            SqlError::kPartitionByNull,
                            "Cannot PARTITION BY multiple columns including NULL");
            }
            MILLRACE_TRY(ExprPtr resolved, resolve(expr));
            out_.partition_by.push_back(std::move(resolved));
        }
        return Ok{};
    }
    static bool is_in(const std::vector<ExprPtr>& exprs, const std::string& column) {
        return std::any_of(exprs.begin(), exprs.end(), [&](const ExprPtr& expr) {
            return expr->kind == ExprKind::kColumn && expr->text == column;
        });
    }
    /// * of a stream that is partitioned anew: the new key, the values, then the old key, which is
    /// in the value from here on.
    void expand_partitioned(const AnalyzedSource& source, const sql::Span& at) {
        for (const ExprPtr& expr : out_.partition_by) {
            if (expr->kind != ExprKind::kNull) {
                out_.items.push_back(AnalyzedItem{expr, item_name(*expr), at, true});
            }
        }
        const Schema schema = row_schema(source.info->schema.schema);
        for (const auto* fields : {&schema.value, &schema.key}) {
            for (const Field& field : *fields) {
                if (!is_in(out_.partition_by, field.name)) {
                    auto column = std::make_shared<sql::Expr>();
                    column->kind = ExprKind::kColumn;
                    column->at = at;
                    column->text = field.name;
                    out_.items.push_back(AnalyzedItem{std::move(column), field.name, at, true});
                }
            }
        }
    }
    void expand(const AnalyzedSource& source, const sql::Span& at) {
        const Schema& schema = source.info->schema.schema;
        const bool is_joined = out_.sources.size() > 1;
        if (!out_.partition_by.empty() && !is_joined) {
            expand_partitioned(source, at);
            return;
        }
        for (std::size_t i = 0; i < schema.size(); ++i) {
            auto column = std::make_shared<sql::Expr>();
            column->kind = ExprKind::kColumn;
            column->at = at;
            column->qualifier = is_joined ? source.alias : "";
            column->text = schema.field(i).name;
            const std::string name = is_joined ? source.alias + "_" + column->text : column->text;
            out_.items.push_back(AnalyzedItem{std::move(column), name, at, true});
        }
    }
    Status expand_named(const SelectItem& item) {
        std::vector<std::string> aliases;
        for (const AnalyzedSource& source : out_.sources) {
            if (source.alias == item.source.text) {
                expand(source, item.at);
                return Ok{};
            }
            aliases.push_back(source.alias);
        }
        return source_.error_at(
            item.source.at, SqlError::kUnknownAlias, unknown_alias(item.source.text, aliases));
    }
    /// The columns of all sources as the binder wants to know them.
    Schema columns_of_sources() const {
        Schema all;
        const bool is_joined = out_.sources.size() > 1;
        for (const AnalyzedSource& source : out_.sources) {
            const Schema& schema = source.info->schema.schema;
            for (std::size_t i = 0; i < schema.size(); ++i) {
                Field field = schema.field(i);
                field.name = is_joined ? source.alias + "." + field.name : field.name;
                all.value.push_back(std::move(field));
            }
        }
        return all;
    }
    /// struct->*: one column per field, named as it is.
    Status expand_struct(const SelectItem& item) {
        MILLRACE_TRY(ExprPtr resolved, resolve(item.expr));
        const Schema columns = columns_of_sources();
        MILLRACE_TRY(const auto bound, bind(*resolved, columns, source_));
        if (!bound->type.is(TypeKind::kStruct)) {
            return fail(item.at,
                        SqlError::kNotAStruct,
                        "->* needs a STRUCT, got " + bound->type.to_string());
        }
        for (const Field& field : bound->type.children()) {
            auto part = std::make_shared<sql::Expr>();
            part->kind = ExprKind::kDereference;
            part->at = item.at;
            part->text = field.name;
            part->children = {resolved};
            part->height = resolved->height + 1;
            out_.items.push_back(AnalyzedItem{std::move(part), field.name, item.at, false});
        }
        return Ok{};
    }
    /// A name that no column of a source has and that was not made before: `base`, or with the
    /// first free number behind it.
    std::string fresh_name(const std::string& base, bool is_numbered) {
        if (taken_.empty()) {
            for (const AnalyzedSource& source : out_.sources) {
                const Schema& schema = source.info->schema.schema;
                for (std::size_t i = 0; i < schema.size(); ++i) {
                    taken_.insert((out_.sources.size() > 1 ? source.alias + "_" : "") +
                                  schema.field(i).name);
                }
            }
        }
        std::string name = base + (is_numbered ? "_0" : "");
        for (int& number = numbers_.try_emplace(base, 1).first->second; !taken_.insert(name).second;
             ++number) {
            name = base + "_" + std::to_string(number);
        }
        return name;
    }
    /// A pseudo column cannot be a column of the result under its own name.
    Status check_reserved(const SelectItem& item) const {
        const bool is_bound = item.expr->text == "WINDOWSTART" || item.expr->text == "WINDOWEND";
        if (use_ != QueryUse::kSelect && !item.alias && item.expr->kind == ExprKind::kColumn &&
            item.expr->qualifier.empty() && is_pseudo_column(item.expr->text) &&
            !(is_bound && query_.window)) {
            return fail(item.at,
                        SqlError::kReservedInSelect,
                        "Reserved column name in select: `" + item.expr->text +
                            "`. Please remove or alias the column.");
        }
        return Ok{};
    }
    Status add_item(const SelectItem& item) {
        MILLRACE_TRY_STATUS(check_reserved(item));
        MILLRACE_TRY(ExprPtr resolved, resolve(item.expr));
        std::string name = item.alias ? item.alias->text : item_name(*item.expr);
        out_.items.push_back(AnalyzedItem{std::move(resolved), std::move(name), item.at, false});
        return Ok{};
    }
    /// What an item without an alias is called.
    std::string item_name(const sql::Expr& expr) {
        if (expr.kind == ExprKind::kColumn) {
            return column_item_name(expr);
        }
        return expr.kind == ExprKind::kDereference ? fresh_name(expr.text, false)
                                                   : fresh_name("KSQL_COL", true);
    }
    /// alias.col keeps the prefix only where the name alone would be ambiguous.
    std::string column_item_name(const sql::Expr& column) const {
        std::size_t holders = 0;
        for (const AnalyzedSource& source : out_.sources) {
            holders += is_pseudo_column(column.text) || source.info->schema.schema.find(column.text)
                           ? std::size_t{1}
                           : 0;
        }
        return holders > 1 && !column.qualifier.empty() ? column.qualifier + "_" + column.text
                                                        : column.text;
    }

    Status resolve_clauses() {
        if (query_.where) {
            clause_ = "WHERE";
            MILLRACE_TRY(out_.where, resolve(query_.where));
        }
        out_.group_by_at = query_.group_by_at;
        clause_ = "GROUP BY";
        std::set<std::string> groups;
        for (const ExprPtr& expr : query_.group_by) {
            MILLRACE_TRY(ExprPtr resolved, resolve(expr));
            if (!groups.insert(sql::to_text(*resolved)).second) {
                return fail(expr->at,
                            SqlError::kDuplicateGroup,
                            "Duplicate GROUP BY expression: " + sql::message_text(*expr) +
                                "; name it once");
            }
            out_.group_by.push_back(std::move(resolved));
        }
        out_.is_final = query_.emit == sql::Emit::kFinal;
        out_.is_aggregate = !query_.group_by.empty();
        if (query_.having) {
            clause_ = "HAVING";
            MILLRACE_TRY(out_.having, resolve(query_.having));
        }
        if (query_.window) {
            MILLRACE_TRY_STATUS(resolve_window(*query_.window));
        }
        return Ok{};
    }
    Status resolve_window(const sql::Window& window) {
        operators::WindowSpec spec;
        spec.kind = window.kind;
        spec.size_ms = window.size.ms;
        spec.advance_ms = window.advance ? window.advance->ms : window.size.ms;
        if (spec.size_ms <= 0) {
            return fail(window.size.at,
                        SqlError::kBadWindowSize,
                        window.kind == WindowKind::kSession ? "a session's gap must be above 0"
                                                            : "a window's size must be above 0");
        }
        if (spec.advance_ms <= 0) {
            return fail(window.advance->at, SqlError::kBadWindowSize, "ADVANCE BY must be above 0");
        }
        if (spec.advance_ms > spec.size_ms) {
            return fail(window.advance->at,
                        SqlError::kBadWindowSize,
                        "ADVANCE BY must not be above SIZE: rows in the gap would be in no window");
        }
        if (window.grace) {
            spec.grace_ms = window.grace->ms;
        } else if (out_.is_final) {
            spec.grace_ms = 0;  // a result that waits for rows of another day is of no use
        }
        if (window.retention) {
            spec.retention_ms = window.retention->ms;
            if (window.retention->ms < spec.size_ms + spec.effective_grace_ms() && window.grace) {
                return fail(window.retention->at,
                            SqlError::kBadRetention,
                            window.kind == WindowKind::kSession
                                ? "RETENTION must be at least the gap plus GRACE PERIOD"
                                : "RETENTION must be at least SIZE plus GRACE PERIOD");
            }
        }
        out_.window = spec;
        return Ok{};
    }

    Status check_clauses() const {
        if (out_.is_final && !out_.window) {
            return fail(query_.at,
                        SqlError::kFinalWithoutWindow,
                        "EMIT FINAL is only supported for windowed aggregations. Give a WINDOW and "
                        "GROUP BY, or write EMIT CHANGES");
        }
        MILLRACE_TRY_STATUS(no_aggregate(out_.where, "WHERE"));
        MILLRACE_TRY_STATUS(no_bounds(out_.where, true));
        MILLRACE_TRY_STATUS(no_bounds(out_.having));
        for (const ExprPtr& expr : out_.group_by) {
            if (const sql::Expr* call = find_aggregate(*expr)) {
                return fail(call->at,
                            SqlError::kAggregateMisplaced,
                            "GROUP BY does not support aggregate functions: " + call->text +
                                " is an aggregate function.");
            }
            MILLRACE_TRY_STATUS(no_bounds(expr));
        }
        for (const ExprPtr& expr : out_.partition_by) {
            MILLRACE_TRY_STATUS(no_aggregate(expr, "PARTITION BY"));
        }
        for (const AnalyzedJoin& join : out_.joins) {
            MILLRACE_TRY_STATUS(no_aggregate(join.left, "ON"));
            MILLRACE_TRY_STATUS(no_aggregate(join.right, "ON"));
        }
        if (out_.is_aggregate && !out_.partition_by.empty()) {
            return fail(out_.partition_by_at,
                        SqlError::kPartitionOfGroups,
                        "PARTITION BY and GROUP BY exclude each other");
        }
        if (!out_.is_aggregate) {
            for (const AnalyzedItem& item : out_.items) {
                if (const sql::Expr* call = find_aggregate(*item.expr)) {
                    return fail(
                        call->at,
                        SqlError::kAggregateWithoutGroup,
                        std::string(text_of(use_)) +
                            (use_ == QueryUse::kSelect ? "" : " statement") +
                            " does not support aggregate function [" +
                            (call->is_star ? call->text + "(ROWTIME)" : sql::message_text(*call)) +
                            "] without a GROUP BY clause.");
                }
            }
            if (out_.having) {
                return fail(
                    out_.having->at, SqlError::kHavingWithoutGroup, "HAVING needs GROUP BY");
            }
            if (out_.window) {
                return fail(query_.window->at,
                            SqlError::kWindowWithoutGroup,
                            "WINDOW clause requires a GROUP BY clause. Add GROUP BY, or drop "
                            "WINDOW");
            }
        }
        return Ok{};
    }
    /// The bounds of a WINDOW clause are known behind the aggregation only.
    Status no_bounds(const ExprPtr& expr, bool is_where = false) const {
        if (!expr || !out_.window) {
            return Ok{};
        }
        if (expr->kind == ExprKind::kColumn &&
            (expr->text == "WINDOWSTART" || expr->text == "WINDOWEND")) {
            return fail(expr->at,
                        SqlError::kBoundsMisplaced,
                        is_where ? "Error in WHERE expression: Unknown column " + expr->text +
                                       ". Window bounds are known in the SELECT clause only"
                                 : "Window bounds column " + expr->text +
                                       " can only be used in the SELECT clause of windowed "
                                       "aggregations");
        }
        for (const ExprPtr& child : expr->children) {
            MILLRACE_TRY_STATUS(no_bounds(child, is_where));
        }
        return Ok{};
    }
    Status no_aggregate(const ExprPtr& expr, std::string_view clause) const {
        if (expr && has_aggregate(*expr)) {
            return fail(expr->at,
                        SqlError::kAggregateMisplaced,
                        std::string(clause) + " cannot hold an aggregate function" +
                            (clause == "WHERE" ? "; HAVING can" : ""));
        }
        return Ok{};
    }

    const sql::Query& query_;
    const Catalog& catalog_;
    const sql::SourceText& source_;
    const QueryUse use_;
    AnalyzedQuery out_;
    std::set<std::string> taken_;         // names that generated ones must not have
    std::map<std::string, int> numbers_;  // the next to try behind a generated name
    const char* clause_ = "SELECT";       // that is resolved, for messages
};

}  // namespace

Result<AnalyzedQuery> analyze(const sql::Query& query,
                              const Catalog& catalog,
                              const sql::SourceText& source,
                              QueryUse use) {
    return Analyzer(query, catalog, source, use).run();
}

std::string_view text_of(QueryUse use) {
    switch (use) {
        case QueryUse::kSelect:
            return "SELECT";
        case QueryUse::kCreateStream:
            return "CREATE STREAM AS SELECT";
        case QueryUse::kCreateTable:
            return "CREATE TABLE AS SELECT";
        case QueryUse::kInsert:
            return "INSERT INTO SELECT";
    }
    return "SELECT";
}

Result<const SourceInfo*> resolve_source(const sql::Name& name,
                                         const Catalog& catalog,
                                         const sql::SourceText& source) {
    const SourceInfo* info = catalog.find_source(name.text);
    if (info == nullptr) {
        return source.error_at(name.at,
                               SqlError::kUnknownSource,
                               "unknown stream or table: " + sql::name_text(name.text) +
                                   " does not exist" +
                                   did_you_mean(name.text, catalog.source_names()));
    }
    return info;
}

const sql::Expr* find_aggregate(const sql::Expr& expr) {
    if (expr.kind == ExprKind::kCall && operators::is_aggregate_function(expr.text)) {
        return &expr;
    }
    for (const ExprPtr& child : expr.children) {
        if (const sql::Expr* found = find_aggregate(*child)) {
            return found;
        }
    }
    return nullptr;
}

bool has_aggregate(const sql::Expr& expr) {
    return find_aggregate(expr) != nullptr;
}

sql::ExprPtr rewrite(const sql::ExprPtr& expr,
                     const std::function<sql::ExprPtr(const sql::ExprPtr&)>& replace) {
    if (sql::ExprPtr replaced = replace(expr)) {
        return replaced;
    }
    if (expr->children.empty()) {
        return expr;
    }
    auto copy = std::make_shared<sql::Expr>(*expr);
    for (sql::ExprPtr& child : copy->children) {
        child = rewrite(child, replace);
    }
    return copy;
}

}  // namespace millrace::dsl
