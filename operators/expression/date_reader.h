// Reads a text by the steps of a date pattern.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "operators/expression/date_steps.h"

namespace millrace::operators {

struct DateReading {
    bool fits = false;
    Fields fields{};
    std::size_t position = 0;  // where it stopped
    std::string wanted{};      // there, for the message
};

/// Follows the steps; stops at the first misfit. Names without regard to case.
[[nodiscard]] DateReading read_date_text(const std::vector<Step>& steps, std::string_view text);

}  // namespace millrace::operators
