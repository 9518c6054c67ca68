#include "dsl/ksql_limits.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace millrace::dsl {

namespace {

/// Aggregates that ksqlDB works out in a STRUCT or an ARRAY.
constexpr std::array<std::string_view, 7> kNestedAccumulators{"AVG",
                                                              "CORRELATION",
                                                              "COUNT_DISTINCT",
                                                              "EARLIEST_BY_OFFSET",
                                                              "LATEST_BY_OFFSET",
                                                              "STDDEV_SAMP",
                                                              "STDDEV_SAMPLE"};

class LimitCheck {
  public:
    LimitCheck(const AnalyzedQuery& query, const sql::SourceText& source)
        : query_(query),
          source_(source),
          is_delimited_(query.sources.front().info->schema.value.format == Format::kDelimited) {}

    Status run() const {
        for (const AnalyzedItem& item : query_.items) {
            MILLRACE_TRY_STATUS(check(*item.expr, "SELECT"));
        }
        return query_.having ? check(*query_.having, "HAVING") : Status(Ok{});
    }

  private:
    Status check(const sql::Expr& expr, std::string_view clause) const {
        const bool is_nested =
            expr.kind == sql::ExprKind::kCall &&
            std::find(kNestedAccumulators.begin(), kNestedAccumulators.end(), expr.text) !=
                kNestedAccumulators.end();
        if (is_nested && is_delimited_) {
            return source_.error_at(
                expr.at,
                SqlError::kStateOfFormat,
                "One of the functions used in the statement has an intermediate type that the "
                "value format can not handle. Please remove the function or change the format.");
        }
        const bool is_bound = expr.kind == sql::ExprKind::kColumn && expr.qualifier.empty() &&
                              query_.window &&
                              (expr.text == "WINDOWSTART" || expr.text == "WINDOWEND");
        if (is_bound && query_.has_joins()) {
            return source_.error_at(
                expr.at,
                SqlError::kUnknownColumn,
                std::string(clause) + " column '" + expr.text + "' cannot be resolved.");
        }
        for (const sql::ExprPtr& child : expr.children) {
            MILLRACE_TRY_STATUS(check(*child, clause));
        }
        return Ok{};
    }

    const AnalyzedQuery& query_;
    const sql::SourceText& source_;
    const bool is_delimited_;
};

}  // namespace

Status check_ksql_limits(const AnalyzedQuery& query,
                         const Settings& settings,
                         const sql::SourceText& source) {
    return settings.semantics == operators::Semantics::kKsql ? LimitCheck(query, source).run()
                                                             : Status(Ok{});
}

}  // namespace millrace::dsl
