#include "operators/functions/md5.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

namespace millrace::operators {

namespace {

using Words = std::array<std::uint32_t, 4>;

/// The RFC's table: 2^32 times the sine of 1, 2, ... 64.
std::array<std::uint32_t, 64> make_sines() {
    std::array<std::uint32_t, 64> sines{};
    for (std::size_t i = 0; i < sines.size(); ++i) {
        sines[i] = static_cast<std::uint32_t>(
            std::floor(std::abs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
    }
    return sines;
}

void add_block(Words& state, const char* block) {
    static const std::array<std::uint32_t, 64> kSines = make_sines();
    constexpr int kShifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    std::uint32_t words[16];
    std::memcpy(words, block, sizeof words);
    auto [a, b, c, d] = state;
    for (std::uint32_t i = 0; i < 64; ++i) {
        std::uint32_t mixed = 0;
        std::uint32_t word = 0;
        if (i < 16) {
            mixed = (b & c) | (~b & d);
            word = i;
        } else if (i < 32) {
            mixed = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
        } else if (i < 48) {
            mixed = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            mixed = c ^ (b | ~d);
            word = 7 * i % 16;
        }
        const std::uint32_t sum = a + mixed + kSines[i] + words[word];
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, kShifts[i / 16][i % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view bytes) {
    Words state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (; bytes.size() >= 64; bytes.remove_prefix(64)) {
        add_block(state, bytes.data());
    }
    std::string tail(bytes);
    tail += '\x80';
    tail.resize(tail.size() <= 56 ? 56 : 120, '\0');
    tail.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    for (std::size_t i = 0; i < tail.size(); i += 64) {
        add_block(state, tail.data() + i);
    }
    std::array<std::uint8_t, 16> digest{};
    std::memcpy(digest.data(), state.data(), digest.size());
    return digest;
}

}  // namespace millrace::operators
