// Pipelines of the invariance test for every kind of window and join of the dialect.
#pragma once

#include <string>
#include <vector>

#include "tests/dsl/invariance_harness.h"

namespace millrace::dsl {

/// `declarations` make the streams EVENTS and KEYED and the tables USERS and CITIES; every pipeline
/// begins with them.
[[nodiscard]] std::vector<Pipeline> window_and_join_pipelines(const std::string& declarations);

}  // namespace millrace::dsl
