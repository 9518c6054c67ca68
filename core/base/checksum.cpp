#include "core/base/checksum.h"

#include <array>

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace millrace {

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, bit-reversed

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ kPolynomial : crc >> 1;
        }
        table[i] = crc;
    }
    return table;
}
constexpr auto kTable = make_table();

#ifdef __SSE4_2__
// Advancing a CRC over `kBlock` zero bytes is linear in its 32 bits: four tables of 256 hold the
// images of its bytes, so three blocks can be summed side by side and joined with two look-ups per
// block.
constexpr std::size_t kBlock = 1024;
using ShiftTable = std::array<std::array<std::uint32_t, 256>, 4>;

ShiftTable make_shift_table() {
    std::array<std::uint32_t, 32> image{};
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        std::uint32_t crc = std::uint32_t{1} << bit;
        for (std::size_t i = 0; i < kBlock; ++i) {
            crc = (crc >> 8) ^ kTable[crc & 0xff];
        }
        image[bit] = crc;
    }
    ShiftTable table{};
    for (std::uint32_t byte = 0; byte < 4; ++byte) {
        for (std::uint32_t value = 0; value < 256; ++value) {
            for (std::uint32_t bit = 0; bit < 8; ++bit) {
                if ((value >> bit & 1) != 0) {
                    table[byte][value] ^= image[byte * 8 + bit];
                }
            }
        }
    }
    return table;
}

std::uint32_t shift_block(const ShiftTable& table, std::uint32_t crc) {
    return table[0][crc & 0xff] ^ table[1][crc >> 8 & 0xff] ^ table[2][crc >> 16 & 0xff] ^
           table[3][crc >> 24];
}

std::uint32_t crc32c_hardware(const std::byte* at, std::size_t size, std::uint32_t seed) {
    static const ShiftTable kShift = make_shift_table();
    std::uint64_t crc = ~seed;
    while (size >= 3 * kBlock) {
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (std::size_t i = 0; i < kBlock; i += 8) {
            crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(at + i));
            second = _mm_crc32_u64(second, load_le<std::uint64_t>(at + kBlock + i));
            third = _mm_crc32_u64(third, load_le<std::uint64_t>(at + 2 * kBlock + i));
        }
        crc = shift_block(kShift, static_cast<std::uint32_t>(crc)) ^ second;
        crc = shift_block(kShift, static_cast<std::uint32_t>(crc)) ^ third;
        at += 3 * kBlock;
        size -= 3 * kBlock;
    }
    for (; size >= 8; at += 8, size -= 8) {
        crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(at));
    }
    auto low = static_cast<std::uint32_t>(crc);
    for (; size > 0; ++at, --size) {
        low = _mm_crc32_u8(low, static_cast<std::uint8_t>(*at));
    }
    return ~low;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    for (const std::byte byte : bytes) {
        crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xff];
    }
    return ~crc;
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) {
#ifdef __SSE4_2__
    return crc32c_hardware(bytes.data(), bytes.size(), seed);
#else
    return crc32c_portable(bytes, seed);
#endif
}

}  // namespace millrace
