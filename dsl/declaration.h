// Declaration: CREATE STREAM / TABLE with columns -> a checked SourceInfo.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "dsl/catalog.h"
#include "dsl/settings.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"
#include "dsl/with_properties.h"

namespace millrace::dsl {

struct Declaration {
    SourceInfo source;
    WithProperties with;
};

/// Checks names, keys, types, formats and the timestamp column; the topic is not looked at.
/// kSqlSemantic and kNotSupported with positions.
[[nodiscard]] Result<Declaration> declare(const sql::CreateSource& create,
                                          const Settings& settings,
                                          const sql::SourceText& source);

/// The column that TIMESTAMP='text' names: exactly, in backquotes, or upper-cased; `text` as it is
/// when there is none.
[[nodiscard]] std::string timestamp_column_name(const Schema& schema, const std::string& text);

/// True for a MAP and for a type with one in it: such a column cannot be a key.
[[nodiscard]] bool has_map(const DataType& type);
/// Why the column cannot be a key.
[[nodiscard]] std::string map_key_message(const Field& field);

}  // namespace millrace::dsl
