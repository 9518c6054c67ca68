// millrace test: runs test files and says how they ended.
#pragma once

#include "server/cli/arguments.h"
#include "server/cli/console.h"

namespace millrace::server {

/// 0: all cases are as they should be; 1: some are not, or there are none; 2: a path or a file
/// cannot be read.
[[nodiscard]] int execute_test(const Arguments& arguments, Console& console);

}  // namespace millrace::server
