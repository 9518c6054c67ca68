#include "dsl/join_keys.h"

#include <algorithm>

#include "dsl/sql/printer.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;

bool same(const sql::Expr& a, const sql::Expr& b) {
    return sql::to_text(a) == sql::to_text(b);
}

bool contains(const std::vector<ExprPtr>& all, const sql::Expr& expr) {
    return std::any_of(
        all.begin(), all.end(), [&](const ExprPtr& other) { return same(*other, expr); });
}

bool is_plain_column(const sql::Expr& expr) {
    return expr.kind == ExprKind::kColumn;
}

std::vector<ExprPtr> key_columns(const AnalyzedSource& source) {
    std::vector<ExprPtr> columns;
    for (const Field& field : source.info->schema.schema.key) {
        auto column = std::make_shared<sql::Expr>();
        column->kind = ExprKind::kColumn;
        column->at = source.at;
        column->qualifier = source.alias;
        column->text = field.name;
        columns.push_back(std::move(column));
    }
    return columns;
}

}  // namespace

std::vector<JoinKeys> join_keys(const AnalyzedQuery& query) {
    std::vector<JoinKeys> all;
    bool is_table = query.sources.front().info->schema.is_table;
    // What equals the key of the rows so far.
    std::vector<ExprPtr> before = key_columns(query.sources.front());
    bool is_one_column = before.size() == 1;
    for (std::size_t i = 0; i < query.joins.size(); ++i) {
        const AnalyzedJoin& join = query.joins[i];
        const bool right_is_table = query.sources[i + 1].info->schema.is_table;
        JoinKeys keys;
        if (!right_is_table) {
            keys.shape = JoinShape::kStreamStream;
        } else if (!is_table) {
            keys.shape = JoinShape::kStreamTable;
        } else {
            keys.shape = is_one_column && contains(before, *join.left) ? JoinShape::kTableTable
                                                                       : JoinShape::kForeignKey;
        }
        is_table = is_table && right_is_table;
        if (keys.shape == JoinShape::kForeignKey) {
            keys.columns = key_columns(query.sources.front());
            keys.equal = keys.columns;
            is_one_column = keys.columns.size() == 1;
            before = keys.columns;
            all.push_back(std::move(keys));
            continue;
        }
        keys.equal = {join.left, join.right};
        if (contains(before, *join.left) && i > 0) {
            for (const ExprPtr& equal : before) {
                if (!contains(keys.equal, *equal)) {
                    keys.equal.push_back(equal);
                }
            }
        }
        if (join.type != sql::JoinType::kFull) {
            std::copy_if(keys.equal.begin(),
                         keys.equal.end(),
                         std::back_inserter(keys.columns),
                         [](const ExprPtr& equal) { return is_plain_column(*equal); });
        }
        before = join.type == sql::JoinType::kFull ? std::vector<ExprPtr>() : keys.equal;
        is_one_column = true;
        all.push_back(std::move(keys));
    }
    return all;
}

std::string columns_text(const std::vector<ExprPtr>& columns) {
    std::string text;
    for (const ExprPtr& column : columns) {
        text += (text.empty() ? "" : " or ") + sql::to_text(*column);
    }
    return text;
}

}  // namespace millrace::dsl
