// A small reader of SQL expressions, so that the tests of this folder can be written as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/row/row_batch.h"
#include "operators/expression/expression.h"

namespace millrace::operators {

/// Literals as the dialect types them (1 INTEGER, 1.5 DECIMAL, 1E0 DOUBLE, 'x', TRUE, NULL),
/// columns of `fields` by name, operators, CASE, CAST, function calls.
[[nodiscard]] Result<ExprPtr> parse_expr(std::string_view sql,
                                         const std::vector<Field>& fields = {});
/// "DECIMAL(4, 2)", "STRING", ...
[[nodiscard]] DataType parse_type(std::string_view sql);

/// A batch whose column i has fields[i] and the values rows[r][i].
[[nodiscard]] RowBatch batch_of(const std::vector<Field>& fields,
                                const std::vector<std::vector<Value>>& rows);

struct Evaluated {
    std::vector<std::string> texts;  // one per row, as the shell prints them
    std::vector<Value> values;
    DataType type;
    std::vector<RowError> errors;
};
/// Output 0 at every row; fails the test when the text does not compile.
[[nodiscard]] Evaluated evaluate(std::string_view sql,
                                 const std::vector<Field>& fields = {},
                                 const std::vector<std::vector<Value>>& rows = {{}});
/// The text of a one-row expression over literals; "error: ..." when it fails at any stage.
[[nodiscard]] std::string result_of(std::string_view sql);

}  // namespace millrace::operators
