// What identifies the rows of a join: which columns equal its key, and what the key is called.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/analyzer.h"
#include "dsl/plan.h"

namespace millrace::dsl {

/// The key of a join that no column of its sources equals in every row.
inline constexpr std::string_view kSyntheticKey = "ROWKEY";

/// Of one join of a query, after the joins before it.
struct JoinKeys {
    JoinShape shape = JoinShape::kStreamTable;
    /// Columns that equal the key, resolved; the key has the name of the first. Empty: synthetic.
    /// kForeignKey: the columns of the leftmost table's key, all of which make up the key.
    std::vector<sql::ExprPtr> columns;
    /// Expressions of ON that equal the key, columns or not.
    std::vector<sql::ExprPtr> equal;

    [[nodiscard]] bool is_synthetic() const { return columns.empty(); }
};

/// One entry per join. Joins that a rule forbids get some shape; the planner refuses them.
[[nodiscard]] std::vector<JoinKeys> join_keys(const AnalyzedQuery& query);

/// "A.X or B.Y" for messages.
[[nodiscard]] std::string columns_text(const std::vector<sql::ExprPtr>& columns);

}  // namespace millrace::dsl
