#include "connectors/file/utf8.h"

#include <cstdint>
#include <cstring>

namespace millrace::connectors {

std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        return follows(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        const bool is_overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool is_surrogate = lead == 0xED && byte(1) >= 0xA0;
        return follows(1) && follows(2) && !is_overlong && !is_surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead < 0xF5) {
        const bool is_overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool is_too_high = lead == 0xF4 && byte(1) >= 0x90;
        return follows(1) && follows(2) && follows(3) && !is_overlong && !is_too_high ? 4 : 0;
    }
    return 0;
}

}  // namespace millrace::connectors
