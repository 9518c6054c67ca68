// Variables: DEFINE name = 'value' and ${name}, replaced in the text before it is parsed.
#pragma once

#include <map>
#include <string>

#include "core/base/result.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl::sql {

/// By name as written; names are told apart by case, as in ksqlDB.
using Variables = std::map<std::string, std::string>;

/// A text without references, longer than this, is more than anybody wrote.
inline constexpr std::size_t kSubstitutedBytesMax = std::size_t{16} << 20;

/// The text with every ${name} outside of comments replaced, in string literals too. Values are not
/// looked into again. DEFINE and UNDEFINE in the text hold for the statements behind them.
/// kUnknownName, positioned, for a variable that is not defined; kTooLarge.
[[nodiscard]] Result<std::string> substitute(const SourceText& source, Variables variables);

}  // namespace millrace::dsl::sql
