// Files that tests bring along: tests/data.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace millrace {

/// The path of a file or folder below tests/data.
[[nodiscard]] std::string test_data_path(std::string_view name);
/// Its content; a file that is missing stops the test.
[[nodiscard]] Buffer read_test_data(std::string_view name);

}  // namespace millrace
