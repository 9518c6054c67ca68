#include "dsl/analyzer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/binder.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"
#include "operators/aggregate.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;
using sql::SelectItem;

class Analyzer {
  public:
    Analyzer(const sql::Query& query, const Catalog& catalog, const sql::SourceText& source)
        : query_(query), catalog_(catalog), source_(source) {}

    Result<AnalyzedQuery> run() {
        out_.at = query_.at;
        MILLRACE_TRY_STATUS(resolve_sources());
        MILLRACE_TRY_STATUS(resolve_joins());
        MILLRACE_TRY_STATUS(resolve_items());
        MILLRACE_TRY_STATUS(resolve_clauses());
        MILLRACE_TRY_STATUS(check_clauses());
        return std::move(out_);
    }

  private:
    Error fail(const sql::Span& at, std::string_view message) const {
        return source_.error_at(at, ErrorCode::kSqlSemantic, message);
    }
    Error unsupported(const sql::Span& at, std::string_view message) const {
        return source_.error_at(at, ErrorCode::kNotSupported, message);
    }

    Status resolve_sources() {
        MILLRACE_TRY_STATUS(add_source(query_.from));
        for (const sql::Join& join : query_.joins) {
            MILLRACE_TRY_STATUS(add_source(join.source));
        }
        return Ok{};
    }
    Status add_source(const sql::SourceRef& ref) {
        MILLRACE_TRY(const SourceInfo* info, resolve_source(ref.name, catalog_, source_));
        const sql::Name& alias = ref.alias ? *ref.alias : ref.name;
        for (const AnalyzedSource& other : out_.sources) {
            if (other.alias == alias.text) {
                return fail(alias.at,
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
            return source_.error_at(column.at,
                                    ErrorCode::kUnknownName,
                                    "unknown source " + sql::name_text(column.qualifier) +
                                        did_you_mean(column.qualifier, aliases));
        }
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < count; ++i) {
            if (out_.sources[i].info->schema.schema.find(column.text)) {
                if (found) {
                    return fail(column.at,
                                "column " + sql::name_text(column.text) + " is in both " +
                                    sql::name_text(out_.sources[*found].alias) + " and " +
                                    sql::name_text(out_.sources[i].alias) + "; write " +
                                    sql::name_text(out_.sources[*found].alias) + "." +
                                    sql::name_text(column.text) + " or " +
                                    sql::name_text(out_.sources[i].alias) + "." +
                                    sql::name_text(column.text));
                }
                found = i;
            }
        }
        if (!found) {
            return unknown_column(column, count);
        }
        return *found;
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
        return source_.error_at(
            column.at,
            ErrorCode::kUnknownName,
            "unknown column " + sql::name_text(column.text) + did_you_mean(column.text, names));
    }

    /// The column under its internal name.
    Result<ExprPtr> resolve_column(const sql::Expr& column, std::size_t count) const {
        auto resolved = std::make_shared<sql::Expr>(column);
        if (is_pseudo_column(column.text)) {
            MILLRACE_TRY_STATUS(check_pseudo(column, count));
            resolved->qualifier.clear();
            return ExprPtr(std::move(resolved));
        }
        MILLRACE_TRY(const std::size_t index, source_of(column, count));
        if (!out_.sources[index].info->schema.schema.find(column.text)) {
            return unknown_column(column, count);
        }
        resolved->qualifier = out_.sources.size() > 1 ? out_.sources[index].alias : "";
        return ExprPtr(std::move(resolved));
    }
    Status check_pseudo(const sql::Expr& column, std::size_t count) const {
        if (!column.qualifier.empty()) {
            MILLRACE_TRY(const std::size_t index, source_of(column, count));
            if (index != 0) {
                return unsupported(
                    column.at,
                    sql::name_text(column.text) + " of a joined table is not supported yet");
            }
        }
        const bool is_place = column.text == "ROWPARTITION" || column.text == "ROWOFFSET";
        if (is_place && !query_.joins.empty()) {
            return unsupported(column.at,
                               sql::name_text(column.text) + " in a join is not supported yet");
        }
        const bool is_bound = column.text == "WINDOWSTART" || column.text == "WINDOWEND";
        if (is_bound && !query_.window &&
            out_.sources[0].info->schema.schema.window.kind == WindowKind::kNone) {
            return fail(
                column.at,
                sql::name_text(column.text) + " needs a WINDOW clause or a windowed source");
        }
        return Ok{};
    }

    Result<ExprPtr> resolve(const ExprPtr& expr, std::size_t count) const {
        std::optional<Error> error;
        ExprPtr resolved = rewrite(expr, [&](const ExprPtr& node) -> ExprPtr {
            if (node->kind == ExprKind::kLambda) {
                return node;  // its names are its own; the binder says what is supported
            }
            if (error || node->kind != ExprKind::kColumn) {
                return error ? node : nullptr;
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
        for (std::size_t i = 0; i < query_.joins.size(); ++i) {
            const sql::Join& join = query_.joins[i];
            const sql::Expr& on = *join.on;
            if (on.kind != ExprKind::kCompare || on.text != "=") {
                return fail(on.at,
                            "a join needs one equality between its two sides, such as ON "
                            "s.id = t.id");
            }
            MILLRACE_TRY(ExprPtr left, resolve(on.children[0], i + 2));
            MILLRACE_TRY(ExprPtr right, resolve(on.children[1], i + 2));
            const std::string& own = out_.sources[i + 1].alias;
            const bool is_swapped = uses_only(*left, own) && !uses_only(*right, own);
            if (is_swapped) {
                std::swap(left, right);
            }
            if (!uses_only(*right, own) || uses(*left, own)) {
                return fail(on.at,
                            "one side of the equality must be of " + sql::name_text(own) +
                                ", the other of the sources before it");
            }
            out_.joins.push_back(
                AnalyzedJoin{join.type, std::move(left), std::move(right), join.at});
        }
        return Ok{};
    }
    static bool uses(const sql::Expr& expr, const std::string& alias) {
        if (expr.kind == ExprKind::kColumn) {
            return expr.qualifier == alias;
        }
        return std::any_of(expr.children.begin(), expr.children.end(), [&](const ExprPtr& child) {
            return uses(*child, alias);
        });
    }
    static bool uses_others(const sql::Expr& expr, const std::string& alias) {
        if (expr.kind == ExprKind::kColumn) {
            return expr.qualifier != alias;
        }
        return std::any_of(expr.children.begin(), expr.children.end(), [&](const ExprPtr& child) {
            return uses_others(*child, alias);
        });
    }
    static bool uses_only(const sql::Expr& expr, const std::string& alias) {
        return uses(expr, alias) && !uses_others(expr, alias);
    }

    Status resolve_items() {
        for (const SelectItem& item : query_.items) {
            switch (item.kind) {
                case SelectItem::Kind::kStar:
                    for (const AnalyzedSource& source : out_.sources) {
                        expand(source, item.at);
                    }
                    break;
                case SelectItem::Kind::kSourceStar:
                    MILLRACE_TRY_STATUS(expand_named(item));
                    break;
                case SelectItem::Kind::kStructStar:
                    return unsupported(item.at, "->* is not supported yet");
                case SelectItem::Kind::kExpr:
                    MILLRACE_TRY_STATUS(add_item(item));
                    break;
            }
        }
        std::set<std::string> names;
        for (const AnalyzedItem& item : out_.items) {
            if (!names.insert(item.name).second) {
                return fail(item.at,
                            "the SELECT list has two columns named " + sql::name_text(item.name) +
                                "; give one of them an alias");
            }
        }
        return Ok{};
    }
    void expand(const AnalyzedSource& source, const sql::Span& at) {
        const Schema& schema = source.info->schema.schema;
        const bool is_joined = out_.sources.size() > 1;
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
        return source_.error_at(item.source.at,
                                ErrorCode::kUnknownName,
                                "unknown source " + sql::name_text(item.source.text) +
                                    did_you_mean(item.source.text, aliases));
    }
    Status add_item(const SelectItem& item) {
        MILLRACE_TRY(ExprPtr resolved, resolve(item.expr));
        std::string name;
        if (item.alias) {
            name = item.alias->text;
        } else if (item.expr->kind == ExprKind::kColumn) {
            name = column_item_name(*item.expr);
        } else if (item.expr->kind == ExprKind::kDereference) {
            name = item.expr->text;
        } else {
            name = "KSQL_COL_" + std::to_string(unnamed_++);
        }
        out_.items.push_back(AnalyzedItem{std::move(resolved), std::move(name), item.at, false});
        return Ok{};
    }
    /// alias.col keeps the prefix only where the name alone would be ambiguous.
    std::string column_item_name(const sql::Expr& column) const {
        std::size_t holders = 0;
        for (const AnalyzedSource& source : out_.sources) {
            holders += source.info->schema.schema.find(column.text) ? std::size_t{1} : 0;
        }
        return holders > 1 && !column.qualifier.empty() ? column.qualifier + "_" + column.text
                                                        : column.text;
    }

    Status resolve_clauses() {
        if (query_.where) {
            MILLRACE_TRY(out_.where, resolve(query_.where));
        }
        out_.group_by_at = query_.group_by_at;
        std::set<std::string> groups;
        for (const ExprPtr& expr : query_.group_by) {
            MILLRACE_TRY(ExprPtr resolved, resolve(expr));
            if (!groups.insert(sql::to_text(*resolved)).second) {
                return fail(
                    expr->at,
                    "Duplicate GROUP BY expression: " + sql::to_text(*expr) + "; name it once");
            }
            out_.group_by.push_back(std::move(resolved));
        }
        out_.is_final = query_.emit == sql::Emit::kFinal;
        out_.is_aggregate = !query_.group_by.empty();
        out_.partition_by_at = query_.partition_by_at;
        for (const ExprPtr& expr : query_.partition_by) {
            MILLRACE_TRY(ExprPtr resolved, resolve(expr));
            out_.partition_by.push_back(std::move(resolved));
        }
        if (query_.having) {
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
                        window.kind == WindowKind::kSession ? "a session's gap must be above 0"
                                                            : "a window's size must be above 0");
        }
        if (spec.advance_ms <= 0) {
            return fail(window.advance->at, "ADVANCE BY must be above 0");
        }
        if (spec.advance_ms > spec.size_ms) {
            return fail(window.advance->at,
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
                        "EMIT FINAL is only supported for windowed aggregations. Give a WINDOW and "
                        "GROUP BY, or write EMIT CHANGES");
        }
        MILLRACE_TRY_STATUS(no_aggregate(out_.where, "WHERE"));
        MILLRACE_TRY_STATUS(no_bounds(out_.where));
        MILLRACE_TRY_STATUS(no_bounds(out_.having));
        for (const ExprPtr& expr : out_.group_by) {
            if (const sql::Expr* call = find_aggregate(*expr)) {
                return fail(call->at,
                            "GROUP BY does not support aggregate functions: " + call->text +
                                " is an aggregate function");
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
            return fail(out_.partition_by_at, "PARTITION BY and GROUP BY exclude each other");
        }
        if (!out_.is_aggregate) {
            for (const AnalyzedItem& item : out_.items) {
                if (const sql::Expr* call = find_aggregate(*item.expr)) {
                    return fail(call->at,
                                "SELECT does not support aggregate function [" +
                                    sql::to_text(*call) + "] without a GROUP BY clause");
                }
            }
            if (out_.having) {
                return fail(out_.having->at, "HAVING needs GROUP BY");
            }
            if (out_.window) {
                return fail(query_.window->at,
                            "WINDOW clause requires a GROUP BY clause. Add GROUP BY, or drop "
                            "WINDOW");
            }
        }
        return Ok{};
    }
    /// The bounds of a WINDOW clause are known behind the aggregation only.
    Status no_bounds(const ExprPtr& expr) const {
        if (!expr || !out_.window) {
            return Ok{};
        }
        if (expr->kind == ExprKind::kColumn &&
            (expr->text == "WINDOWSTART" || expr->text == "WINDOWEND")) {
            return fail(expr->at,
                        "Window bounds column " + expr->text +
                            " can only be used in the SELECT clause of windowed aggregations");
        }
        for (const ExprPtr& child : expr->children) {
            MILLRACE_TRY_STATUS(no_bounds(child));
        }
        return Ok{};
    }
    Status no_aggregate(const ExprPtr& expr, std::string_view clause) const {
        if (expr && has_aggregate(*expr)) {
            return fail(expr->at,
                        std::string(clause) + " cannot hold an aggregate function" +
                            (clause == "WHERE" ? "; HAVING can" : ""));
        }
        return Ok{};
    }

    const sql::Query& query_;
    const Catalog& catalog_;
    const sql::SourceText& source_;
    AnalyzedQuery out_;
    int unnamed_ = 0;
};

}  // namespace

Result<AnalyzedQuery> analyze(const sql::Query& query,
                              const Catalog& catalog,
                              const sql::SourceText& source) {
    return Analyzer(query, catalog, source).run();
}

Result<const SourceInfo*> resolve_source(const sql::Name& name,
                                         const Catalog& catalog,
                                         const sql::SourceText& source) {
    const SourceInfo* info = catalog.find_source(name.text);
    if (info == nullptr) {
        return source.error_at(name.at,
                               ErrorCode::kUnknownName,
                               "unknown stream or table " + sql::name_text(name.text) +
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
