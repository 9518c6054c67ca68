#include "core/wire/kaitai/kaitaistream.h"

namespace millrace::wire::kaitai {

namespace {

// What a message may allocate: docs/formats/wire.md says why.
constexpr std::size_t kBytesAlways = std::size_t{64} << 10;
constexpr std::size_t kBytesPerByteRead = 16;

}  // namespace

void throw_end_of_bytes() {
    throw decode_failure{"a length or count is larger than the message"};
}

void throw_over_budget() {
    throw decode_failure{"the message asks for more memory than its size earns"};
}

void throw_invalid(std::string_view what) {
    throw decode_failure{what};
}

std::uint32_t kstream::read_long_varint() {
    std::uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t group = read_u1();
        if (shift == 28 && group > 0x0f) {
            throw_invalid("a varint is longer than 32 bits");
        }
        value |= static_cast<std::uint32_t>(group & 0x7f) << shift;
        if (group < 0x80) {
            return value;
        }
    }
}

void kstream::raise_allowance(std::size_t size) {
    allowed_ = kBytesAlways + kBytesPerByteRead * (static_cast<std::size_t>(pos()) - opaque_);
    if (arena_.used() - used_before_ + size > allowed_) {
        throw_over_budget();
    }
}

}  // namespace millrace::wire::kaitai
