// The page docs/errors.md, made from the list of SQL errors.
#pragma once

#include <string>

namespace millrace {

/// One table per class, by number.
[[nodiscard]] std::string sql_error_reference();

}  // namespace millrace
