// Checks of the catalog: what a case says must be there afterwards, and what was recorded of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/catalog.h"
#include "tests/conformance/case_log.h"
#include "tests/conformance/json_text.h"

namespace millrace::conformance {

enum class ColumnRole : std::uint8_t { kValue, kKey, kHeaders };

/// A column as a schema text has it.
struct SchemaColumn {
    std::string name;
    DataType type;
    ColumnRole role = ColumnRole::kValue;

    friend bool operator==(const SchemaColumn&, const SchemaColumn&) = default;
};

/// Reads "`K` STRING KEY, V ARRAY<INTEGER>": names without quotes are upper-cased. kInvalidArgument
/// names the column.
[[nodiscard]] Result<std::vector<SchemaColumn>> read_columns(std::string_view text);

/// The post conditions that count for any engine; the first that does not hold, or empty.
[[nodiscard]] std::string check_post(const JsonText& post,
                                     const dsl::Catalog& catalog,
                                     CaseLog& log);

/// Whether the catalog is what was recorded: names, types, columns, formats. The first difference,
/// or empty.
[[nodiscard]] std::string check_recorded(const JsonText& recorded, const dsl::Catalog& catalog);

}  // namespace millrace::conformance
