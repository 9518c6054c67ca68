#include "dsl/join_planner.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "dsl/binder.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"
#include "operators/join/foreign_key_join.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;

/// The column of a subscription's left side that holds the foreign key.
constexpr std::string_view kForeignKey = "FOREIGN_KEY";

operators::JoinKind kind_of(sql::JoinType type) {
    switch (type) {
        case sql::JoinType::kInner:
            return operators::JoinKind::kInner;
        case sql::JoinType::kLeft:
            return operators::JoinKind::kLeft;
        case sql::JoinType::kRight:
            return operators::JoinKind::kRight;
        case sql::JoinType::kFull:
            return operators::JoinKind::kFull;
    }
    return operators::JoinKind::kInner;
}

std::string_view type_text(sql::JoinType type) {
    switch (type) {
        case sql::JoinType::kInner:
            return "[INNER] JOIN";
        case sql::JoinType::kLeft:
            return "LEFT [OUTER] JOIN";
        case sql::JoinType::kRight:
            return "RIGHT [OUTER] JOIN";
        case sql::JoinType::kFull:
            return "[FULL] OUTER JOIN";
    }
    return "JOIN";
}

/// The alias of the first column in it; "" when it has none.
std::string source_in(const sql::Expr& expr) {
    if (expr.kind == ExprKind::kColumn) {
        return expr.qualifier;
    }
    for (const ExprPtr& child : expr.children) {
        std::string found = source_in(*child);
        if (!found.empty()) {
            return found;
        }
    }
    return "";
}

void collect_pseudo_columns(const ExprPtr& expr,
                            const std::string& alias,
                            std::set<std::string>& names) {
    if (!expr) {
        return;
    }
    if (expr->kind == ExprKind::kColumn && expr->qualifier == alias &&
        is_pseudo_column(expr->text)) {
        names.insert(expr->text);
    }
    for (const ExprPtr& child : expr->children) {
        collect_pseudo_columns(child, alias, names);
    }
}

class JoinPlanner {
  public:
    JoinPlanner(const AnalyzedQuery& query, const sql::SourceText& source)
        : query_(query), source_(source), keys_(join_keys(query)) {}

    Result<PlanPtr> run() {
        if (!query_.has_joins()) {
            PlanPtr node = scan(0);
            return node->is_table ? Result<PlanPtr>(materialize(std::move(node)))
                                  : Result<PlanPtr>(std::move(node));
        }
        MILLRACE_TRY(PlanPtr node, pseudo_columns(scan(0), 0));
        for (std::size_t i = 0; i < query_.joins.size(); ++i) {
            MILLRACE_TRY(PlanPtr right, pseudo_columns(scan(i + 1), i + 1));
            MILLRACE_TRY_STATUS(check(*node, *right, i));
            MILLRACE_TRY(node, join(std::move(node), std::move(right), i));
        }
        const bool needs_old_values = query_.where || query_.is_aggregate;
        return keys_.back().shape == JoinShape::kForeignKey && needs_old_values
                   ? Result<PlanPtr>(materialize(std::move(node)))
                   : Result<PlanPtr>(std::move(node));
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }

    // Sources

    PlanPtr scan(std::size_t index) const {
        const AnalyzedSource& used = query_.sources[index];
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kSource;
        node->source = *used.info;
        node->alias = query_.has_joins() ? used.alias : "";
        node->is_table = used.info->schema.is_table;
        node->key_format = used.info->schema.key;
        node->output = row_schema(used.info->schema.schema);
        for (auto* fields : {&node->output.key, &node->output.value}) {
            for (Field& field : *fields) {
                field.name = node->alias.empty() ? field.name : node->alias + "." + field.name;
            }
        }
        node->wanted.assign(node->output.size(), true);
        return node;
    }
    /// The source with the pseudo columns that the query names with its alias, as columns: behind
    /// the join they would be those of the result.
    Result<PlanPtr> pseudo_columns(PlanPtr input, std::size_t index) const {
        const std::string& alias = query_.sources[index].alias;
        std::set<std::string> names;
        for (const AnalyzedItem& item : query_.items) {
            collect_pseudo_columns(item.expr, alias, names);
        }
        for (const AnalyzedJoin& join : query_.joins) {
            collect_pseudo_columns(join.left, alias, names);
            collect_pseudo_columns(join.right, alias, names);
        }
        for (const auto* exprs : {&query_.group_by, &query_.partition_by}) {
            for (const ExprPtr& expr : *exprs) {
                collect_pseudo_columns(expr, alias, names);
            }
        }
        collect_pseudo_columns(query_.where, alias, names);
        collect_pseudo_columns(query_.having, alias, names);
        if (names.empty()) {
            return input;
        }
        PlanPtr node = copy_columns(*input, query_.at);
        for (const std::string& name : names) {
            const ExprPtr pseudo = plan_column(name, query_.at);
            MILLRACE_TRY(const auto bound, bind(*pseudo, input->output, source_));
            node->value.push_back(NamedExpr{alias + "." + name, pseudo});
            node->output.value.push_back(Field{alias + "." + name, bound->type});
        }
        node->inputs.push_back(std::move(input));
        return node;
    }
    /// A projection of all columns, without its input.
    static PlanPtr copy_columns(const PlanNode& input, const sql::Span& at) {
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kProject;
        node->is_table = input.is_table;
        node->key_format = input.key_format;
        node->output = input.output;
        for (const Field& field : input.output.key) {
            node->key.push_back(NamedExpr{field.name, plan_column(field.name, at)});
        }
        for (const Field& field : input.output.value) {
            node->value.push_back(NamedExpr{field.name, plan_column(field.name, at)});
        }
        return node;
    }

    // Rules

    [[nodiscard]] static std::string got(const AnalyzedJoin& join) {
        const sql::Expr& first = join.is_swapped ? *join.right : *join.left;
        const sql::Expr& second = join.is_swapped ? *join.left : *join.right;
        return " Got " + sql::message_text(first) + " = " + sql::message_text(second) + ".";
    }
    static bool is_key(const sql::Expr& expr, const PlanNode& node) {
        return node.output.key.size() == 1 && expr.kind == ExprKind::kColumn &&
               internal_name(expr) == node.output.key[0].name;
    }

    Status check(const PlanNode& left, const PlanNode& right, std::size_t index) const {
        const AnalyzedJoin& join = query_.joins[index];
        const JoinShape shape = keys_[index].shape;
        const std::string names = " Got " + source_in(*join.left) + " " +
                                  std::string(type_text(join.type)) + " " +
                                  query_.sources[index + 1].alias + ".";
        if (left.is_table && !right.is_table) {
            return fail(join.at,
                        SqlError::kJoinOrder,
                        "Invalid join order: table-stream joins are not supported; only "
                        "stream-table joins." +
                            names);
        }
        MILLRACE_TRY_STATUS(check_within(join, shape));
        if (shape == JoinShape::kStreamTable) {
            if (join.type == sql::JoinType::kFull || join.type == sql::JoinType::kRight) {
                return fail(join.at,
                            SqlError::kJoinType,
                            std::string("Invalid join type: ") +
                                (join.type == sql::JoinType::kFull ? "full" : "right") +
                                "-outer join not supported for stream-table join." + names);
            }
            if (!is_key(*join.right, right)) {
                return fail(join.right->at,
                            SqlError::kJoinNotOnKey,
                            "Invalid join condition: stream-table joins require to join on the "
                            "table's primary key." +
                                got(join) + " The key is " + key_text(right) + ".");
            }
        }
        if ((shape == JoinShape::kTableTable || shape == JoinShape::kForeignKey) &&
            !is_key(*join.right, right)) {
            return fail(join.right->at,
                        SqlError::kJoinNotOnKey,
                        "Invalid join condition: table-table joins require to join on the primary "
                        "key of the right input table." +
                            got(join) + " The key is " + key_text(right) + ".");
        }
        if (shape == JoinShape::kForeignKey) {
            MILLRACE_TRY_STATUS(check_foreign_key(join, index));
        }
        MILLRACE_TRY_STATUS(check_types(left, right, join));
        return check_windows(left, right, join);
    }
    static std::string key_text(const PlanNode& node) {
        std::string text;
        for (const Field& field : node.output.key) {
            text += (text.empty() ? "" : ", ") + field.name;
        }
        return text;
    }
    Status check_within(const AnalyzedJoin& join, JoinShape shape) const {
        if (shape == JoinShape::kStreamStream && !join.within) {
            return fail(join.at,
                        SqlError::kMissingWithin,
                        "Stream-Stream joins must have a WITHIN clause specified. None was "
                        "provided; write WITHIN 1 HOUR, say, before ON");
        }
        if (shape != JoinShape::kStreamStream && join.within) {
            const char* const what =
                shape == JoinShape::kStreamTable ? "Stream-Table" : "Table-Table";
            return fail(join.within->at,
                        SqlError::kNeedlessWithin,
                        std::string("A window definition was provided for a ") + what +
                            " join. These joins are not windowed. Please drop the window "
                            "definition (i.e. the WITHIN clause)");
        }
        return Ok{};
    }
    Status check_foreign_key(const AnalyzedJoin& join, std::size_t index) const {
        if (index > 0) {
            return fail(join.at,
                        SqlError::kForeignKeyChain,
                        "Invalid join condition: foreign-key table-table joins are not supported "
                        "as part of n-way joins." +
                            got(join));
        }
        if (join.type == sql::JoinType::kRight || join.type == sql::JoinType::kFull) {
            return fail(join.at,
                        SqlError::kForeignKeyOuter,
                        std::string(join.type == sql::JoinType::kRight ? "RIGHT" : "FULL") +
                            " OUTER JOIN on a foreign key is not supported");
        }
        return Ok{};
    }
    Status check_types(const PlanNode& left,
                       const PlanNode& right,
                       const AnalyzedJoin& join) const {
        MILLRACE_TRY(const auto left_key, bind(*join.left, left.output, source_));
        MILLRACE_TRY(const auto right_key, bind(*join.right, right.output, source_));
        if (left_key->type == right_key->type) {
            return Ok{};
        }
        std::array<std::string, 2> sides{
            sql::message_text(*join.left) + "{" + left_key->type.to_string() + "}",
            sql::message_text(*join.right) + "{" + right_key->type.to_string() + "}"};
        if (join.is_swapped) {
            std::swap(sides[0], sides[1]);
        }
        return fail(
            join.left->at,
            SqlError::kJoinKeyTypes,
            "Invalid join condition: types don't match. Got " + sides[0] + " = " + sides[1] + ".");
    }
    Status check_windows(const PlanNode& left,
                         const PlanNode& right,
                         const AnalyzedJoin& join) const {
        const WindowInfo& a = left.output.window;
        const WindowInfo& b = right.output.window;
        if (a.kind == WindowKind::kNone && b.kind == WindowKind::kNone) {
            return Ok{};
        }
        const auto text = [](const WindowInfo& window) {
            return window.kind == WindowKind::kNone ? std::string("not windowed")
                                                    : std::string(name_of(window.kind));
        };
        if ((a.kind == WindowKind::kNone) != (b.kind == WindowKind::kNone) ||
            (a.kind == WindowKind::kSession) != (b.kind == WindowKind::kSession)) {
            return fail(
                join.at,
                SqlError::kIncompatibleWindows,
                "Incompatible windowed sources.\nLeft source: " + text(a) +
                    "\nRight source: " + text(b) +
                    "\nSession windowed sources can only be joined to other session windowed "
                    "sources, and may still not result in expected behaviour as session bounds "
                    "must be an exact match for the join to work\nHopping and tumbling windowed "
                    "sources can only be joined to other hopping and tumbling windowed sources");
        }
        const bool is_forced = a.size_ms != b.size_ms || !(left.key_format == right.key_format);
        if (is_forced || !is_key(*join.left, left) || !is_key(*join.right, right)) {
            return fail(join.at,
                        SqlError::kWindowedRepartition,
                        "Implicit repartitioning of windowed sources is not supported. See "
                        "https://github.com/confluentinc/ksql/issues/4385. They are joined on "
                        "their keys, and with windows of one size");
        }
        return Ok{};
    }

    // Plans

    Result<PlanPtr> join(PlanPtr left, PlanPtr right, std::size_t index) {
        const JoinKeys& keys = keys_[index];
        const AnalyzedJoin& on = query_.joins[index];
        if (keys.shape == JoinShape::kForeignKey) {
            return foreign_key_join(std::move(left), std::move(right), on);
        }
        const operators::JoinKind kind = kind_of(on.type);
        const bool left_has_key = has_key(*left, on.left, index);
        // The side whose key has the right format already need not move.
        FormatSpec format = right->key_format;
        if (keys.shape != JoinShape::kStreamTable && left_has_key &&
            left->key_format.format != Format::kNone) {
            format = left->key_format;
        }
        MILLRACE_TRY(const auto key, bind(*on.left, left->output, source_));
        if (format.format == Format::kNone ||
            !make_encoder(format, {Field{std::string(kSyntheticKey), key->type}}).ok()) {
            format = FormatSpec{Format::kJson, ',', false};
        }
        MILLRACE_TRY(left, rekey(std::move(left), on.left, left_has_key, format, keeps_left(kind)));
        MILLRACE_TRY(
            right,
            rekey(
                std::move(right), on.right, is_key(*on.right, *right), format, keeps_right(kind)));
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kJoin;
        node->shape = keys.shape;
        node->join = kind;
        node->within = on.within;
        node->is_table = keys.shape == JoinShape::kTableTable;
        node->key_format = left->key_format;
        node->output.window = left->output.window;
        node->output.key = left->output.key;
        const std::string left_key = left->output.key[0].name;
        if (kind == operators::JoinKind::kFull) {
            node->output.key[0].name = kSyntheticKey;
        }
        const auto add = [&](const std::vector<Field>& fields) {
            for (const Field& field : fields) {
                if (field.name != node->output.key[0].name && field.name != kSyntheticKey) {
                    node->output.value.push_back(field);
                }
            }
        };
        add(left->output.key);
        add(left->output.value);
        add(right->output.key);
        add(right->output.value);
        node->inputs.push_back(std::move(left));
        node->inputs.push_back(std::move(right));
        return node;
    }
    /// The rows are keyed by the expression already.
    [[nodiscard]] bool has_key(const PlanNode& node, const ExprPtr& expr, std::size_t index) const {
        if (is_key(*expr, node)) {
            return true;
        }
        if (index == 0 || query_.joins[index - 1].type == sql::JoinType::kFull ||
            node.output.key.size() != 1) {
            return false;
        }
        const std::string text = sql::to_text(*expr);
        const std::vector<ExprPtr>& equal = keys_[index - 1].equal;
        return std::any_of(equal.begin(), equal.end(), [&](const ExprPtr& other) {
            return sql::to_text(*other) == text;
        });
    }

    /// The rows with `expr` as key, in the partitions of `format`.
    Result<PlanPtr> rekey(PlanPtr input,
                          const ExprPtr& expr,
                          bool is_keyed,
                          const FormatSpec& format,
                          bool keeps_null_keys) const {
        if (is_keyed && input->key_format == format) {
            return input;
        }
        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kProject;
        node->is_table = input->is_table;
        node->key_format = format;
        node->output.window = input->output.window;
        // A table's tombstones go on; a null of a stream joins nothing.
        node->keeps_null_values = input->is_table;
        node->drops_null_keys = !keeps_null_keys;
        std::string name(kSyntheticKey);
        ExprPtr key = expr;
        if (is_keyed) {
            name = input->output.key[0].name;
            key = plan_column(name, expr->at);
        } else if (expr->kind == ExprKind::kColumn) {
            name = internal_name(*expr);
        }
        MILLRACE_TRY(const auto bound, bind(*key, input->output, source_));
        node->output.key = {Field{name, bound->type}};
        node->key = {NamedExpr{name, key}};
        for (std::size_t i = 0; i < input->output.size(); ++i) {
            const Field& field = input->output.field(i);
            if (field.name != name && field.name != kSyntheticKey) {
                node->output.value.push_back(field);
                node->value.push_back(NamedExpr{field.name, plan_column(field.name, expr->at)});
            }
        }
        node->inputs.push_back(std::move(input));
        return repartition(std::move(node));
    }

    Result<PlanPtr> foreign_key_join(PlanPtr left, PlanPtr right, const AnalyzedJoin& on) const {
        const Schema left_schema = left->output;
        const FormatSpec left_format = left->key_format;
        MILLRACE_TRY(const auto bound, bind(*on.left, left->output, source_));
        PlanPtr keyed = copy_columns(*left, on.left->at);
        keyed->value.push_back(NamedExpr{std::string(kForeignKey), on.left});
        keyed->output.value.push_back(Field{std::string(kForeignKey), bound->type});
        keyed->inputs.push_back(std::move(left));

        auto subscribe = std::make_unique<PlanNode>();
        subscribe->kind = PlanKind::kSubscribe;
        subscribe->join = kind_of(on.type);
        subscribe->output = *operators::subscription_schema(keyed->output);
        subscribe->key_format = right->key_format;
        subscribe->left_key_format = left_format;
        subscribe->inputs.push_back(std::move(keyed));

        auto node = std::make_unique<PlanNode>();
        node->kind = PlanKind::kJoin;
        node->shape = JoinShape::kForeignKey;
        node->join = kind_of(on.type);
        node->is_table = true;
        node->key_format = left_format;
        node->output.key = left_schema.key;
        const Schema& right_schema = right->output;
        for (const auto* fields : {&left_schema.value, &right_schema.key, &right_schema.value}) {
            node->output.value.insert(node->output.value.end(), fields->begin(), fields->end());
        }
        node->inputs.push_back(repartition(std::move(subscribe)));
        node->inputs.push_back(std::move(right));
        return repartition(std::move(node));
    }

    const AnalyzedQuery& query_;
    const sql::SourceText& source_;
    std::vector<JoinKeys> keys_;  // by join
};

}  // namespace

Result<PlanPtr> plan_sources(const AnalyzedQuery& query, const sql::SourceText& source) {
    return JoinPlanner(query, source).run();
}

PlanPtr materialize(PlanPtr input) {
    auto node = std::make_unique<PlanNode>();
    node->kind = PlanKind::kMaterialize;
    node->output = input->output;
    node->key_format = input->key_format;
    node->is_table = true;
    node->inputs.push_back(std::move(input));
    return node;
}

PlanPtr repartition(PlanPtr input) {
    auto node = std::make_unique<PlanNode>();
    node->kind = PlanKind::kRepartition;
    node->output = input->output;
    node->key_format = input->key_format;
    node->is_table = input->is_table;
    node->inputs.push_back(std::move(input));
    return node;
}

sql::ExprPtr plan_column(const std::string& name, const sql::Span& at) {
    auto column = std::make_shared<sql::Expr>();
    column->kind = ExprKind::kColumn;
    column->at = at;
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos && dot > 0) {
        column->qualifier = name.substr(0, dot);
    }
    column->text = column->qualifier.empty() ? name : name.substr(dot + 1);
    return column;
}

}  // namespace millrace::dsl
