// FlatMap: one row for every element of one or several arrays of a row.
#pragma once

#include <vector>

#include "operators/expression/expression.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct FlatMapSpec {
    SchemaPtr input;
    /// The input's columns, then one value column per list.
    SchemaPtr output;
    FormatSpec key_format;
    /// ARRAYs over the input. Their elements stand side by side; shorter lists are filled up with
    /// NULL, a row whose lists are all empty or NULL gives no row.
    std::vector<ExprPtr> lists;
};

/// For streams. Rows without value give none.
[[nodiscard]] Result<runtime::OperatorSpec> make_flat_map(FlatMapSpec spec);

}  // namespace millrace::operators
