// Regroup: the changes of a table as changes of the groups that its rows are in.
#pragma once

#include "operators/expression/expression.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct RegroupSpec {
    SchemaPtr input;  // value columns: first the group's, then the others
    /// Key: as many columns as the input's value begins with; value: the rest of them.
    SchemaPtr output;
    FormatSpec key_format;  // of the output
};

/// A row that stays in its group is one change with old and new values; one that moves is two: the
/// old group's, without a new value, then the new group's. A side whose group has a null part is
/// left out and counted as "null_key". Needs old values, see make_table().
[[nodiscard]] Result<runtime::OperatorSpec> make_regroup(RegroupSpec spec);

}  // namespace millrace::operators
