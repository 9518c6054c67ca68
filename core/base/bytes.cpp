#include "core/base/bytes.h"

#include <algorithm>

namespace millrace {

bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

int compare(ByteView a, ByteView b) {
    const std::size_t shared = std::min(a.size(), b.size());
    const int order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
    if (order != 0) {
        return order;
    }
    return a.size() < b.size() ? -1 : static_cast<int>(a.size() > b.size());
}

std::size_t varint_size(std::int64_t value) {
    const auto bits = static_cast<std::size_t>(std::bit_width(zigzag(value) | 1));
    return (bits + 6) / 7;
}

void Buffer::append_varint(std::int64_t value) {
    std::uint64_t rest = zigzag(value);
    std::byte encoded[10];
    std::size_t size = 0;
    while (rest >= 0x80) {
        encoded[size++] = static_cast<std::byte>(rest | 0x80);
        rest >>= 7;
    }
    encoded[size++] = static_cast<std::byte>(rest);
    append(ByteView{encoded, size});
}

std::int64_t Cursor::read_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const auto byte = read_le<std::uint8_t>();
        if (!ok_) {
            return 0;
        }
        if (shift == 63 && byte > 1) {
            break;  // more than 64 bits
        }
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return unzigzag(value);
        }
    }
    fail();
    return 0;
}

}  // namespace millrace
