// "Did you mean ...": the known name that is closest to a misspelt one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

/// The candidate with the fewest edits (insert, delete, replace, swap of neighbours; letter case is
/// free) from `name`, if it is close enough to be meant: at most a third of the name's length, and
/// at least one. Ties: the first.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string> candidates);

/// "; did you mean X?" or "".
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string> candidates);

}  // namespace millrace
