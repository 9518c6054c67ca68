// Completer: what can stand at the cursor of a half-written statement.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/catalog_view.h"

namespace millrace::server {

struct Completion {
    std::size_t begin = 0;                // text from here to the cursor is what is replaced
    std::vector<std::string> candidates;  // whole words to put there, sorted
};

/// Keywords by the place in the grammar, and the view's names. Words are written in lower case when
/// the text before is; names that are not plain come in backquotes; a function comes with its '('.
///
/// text    may hold several statements; the one around the cursor counts, also behind the cursor
/// cursor  a byte offset
[[nodiscard]] Completion complete(std::string_view text,
                                  std::size_t cursor,
                                  const dsl::CatalogView& view);

/// The longest text that all candidates begin with, in the spelling of the first.
[[nodiscard]] std::string common_prefix(const std::vector<std::string>& candidates);

}  // namespace millrace::server
