#include "core/record/ids.h"

#include <cstring>

namespace millrace {

TopicId TopicId::make(Random& random) {
    TopicId id;
    const std::uint64_t halves[2] = {random.next(), random.next()};
    std::memcpy(id.bytes.data(), halves, sizeof halves);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);  // version 4
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
    return id;
}

std::string TopicId::to_string() const {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += kHex[bytes[i] >> 4];
        text += kHex[bytes[i] & 15];
    }
    return text;
}

Result<TopicId> TopicId::parse(std::string_view text) {
    TopicId id;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '-' && (i == 8 || i == 13 || i == 18 || i == 23)) {
            continue;
        }
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0 || digits == 32) {
            return Error{ErrorCode::kInvalidArgument, "not a topic id: " + std::string(text)};
        }
        auto& byte = id.bytes[digits / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | digit);
        ++digits;
    }
    if (digits != 32 || text.size() != 36) {
        return Error{ErrorCode::kInvalidArgument, "not a topic id: " + std::string(text)};
    }
    return id;
}

}  // namespace millrace

std::size_t std::hash<millrace::TopicId>::operator()(const millrace::TopicId& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), sizeof halves);
    return static_cast<std::size_t>(halves[0] ^ halves[1] * 0x9E3779B97F4A7C15);
}

std::size_t std::hash<millrace::TopicPartition>::operator()(
    const millrace::TopicPartition& id) const noexcept {
    return std::hash<millrace::TopicId>{}(id.topic) * 31 +
           static_cast<std::size_t>(id.partition.value);
}
