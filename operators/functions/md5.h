// MD5 (RFC 1321), for the function of that name; not for anything that must be safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace::operators {

[[nodiscard]] std::array<std::uint8_t, 16> md5(std::string_view bytes);

}  // namespace millrace::operators
