// What an oracle is given and how its answer is compared.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "dsl/catalog.h"
#include "dsl/testing/oracle.h"
#include "dsl/testing/row_codec.h"

namespace millrace::dsl::testing {

/// A table's last rows by key, a stream's all. Columns: the key's, WINDOWSTART and WINDOWEND of a
/// windowed key, the value's, then ROWTIME and ROWPARTITION where they are wanted.
[[nodiscard]] Result<OracleTable> final_table(const SourceInfo& info,
                                              std::vector<TypedRow> rows,
                                              bool has_pseudo_columns);

/// Empty when the answer has the table's rows, in any order; DOUBLE to 12 digits. An error: it has
/// another number of columns.
[[nodiscard]] Result<std::string> oracle_difference(
    const std::vector<std::vector<std::optional<std::string>>>& answer, const OracleTable& table);

}  // namespace millrace::dsl::testing
