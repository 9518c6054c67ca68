// Table source: turns a table's changelog rows into changes with old values, and materialises them.
#pragma once

#include "operators/expression/expression.h"
#include "runtime/graph.h"

namespace millrace::operators {

struct TableSpec {
    SchemaPtr schema;
    FormatSpec key_format;
    std::string name;  // of the table
};

/// Keeps the latest row per key; emits every change with old_values and old_present. Rows with a
/// null key are dropped and counted as "null_key"; a tombstone for a key that is not there is still
/// emitted.
[[nodiscard]] Result<runtime::OperatorSpec> make_table(TableSpec spec);

}  // namespace millrace::operators
