// Nearest name: "did you mean ...?" for names that are not there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::dsl {

/// The candidate with the smallest edit distance to `name`, letters compared without regard to
/// case; empty when none is near (at most a third of its length, at least one edit).
[[nodiscard]] std::string nearest_name(std::string_view name,
                                       const std::vector<std::string>& candidates);

/// "; did you mean X?", or "" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       const std::vector<std::string>& candidates);

}  // namespace millrace::dsl
