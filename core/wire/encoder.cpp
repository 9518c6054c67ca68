#include "core/wire/encoder.h"

#include <algorithm>
#include <limits>

namespace millrace::wire {

namespace {

constexpr std::size_t kTextBytesMax = std::numeric_limits<std::int16_t>::max();

}  // namespace

void Encoder::unsigned_varint(std::uint64_t value) {
    while (value >= 0x80) {
        out_.bytes.append_be(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out_.bytes.append_be(static_cast<std::uint8_t>(value));
}

void Encoder::count(std::int64_t count) {
    if (flexible_) {
        unsigned_varint(static_cast<std::uint64_t>(count + 1));
    } else {
        out_.bytes.append_be(static_cast<std::int32_t>(count));
    }
}

void Encoder::text(std::string_view value) {
    if (flexible_) {
        unsigned_varint(value.size() + 1);
    } else {
        value = value.substr(0, std::min(value.size(), kTextBytesMax));
        out_.bytes.append_be(static_cast<std::int16_t>(value.size()));
    }
    out_.bytes.append(value);
}

void Encoder::field(const std::string& value) {
    text(value);
}

void Encoder::field(const std::optional<std::string>& value) {
    if (value) {
        text(*value);
    } else if (flexible_) {
        unsigned_varint(0);
    } else {
        out_.bytes.append_be<std::int16_t>(-1);
    }
}

void Encoder::nullable_since(std::int16_t version, const std::optional<std::string>& value) {
    if (value || since(version)) {
        field(value);
    } else {
        text({});
    }
}

void Encoder::field(const Buffer& value) {
    count(static_cast<std::int64_t>(value.size()));
    out_.bytes.append(value.view());
}

void Encoder::field(const std::optional<Buffer>& value) {
    if (value) {
        field(*value);
    } else {
        count(-1);
    }
}

void Encoder::field(const Records& value) {
    if (value.is_null) {
        count(-1);
        return;
    }
    std::size_t size = 0;
    for (const ByteView batch : value.batches) {
        size += batch.size();
    }
    count(static_cast<std::int64_t>(size));
    for (std::size_t i = 0; i < value.batches.size(); ++i) {
        out_.splice(value.batches[i], i < value.owners.size() ? value.owners[i] : PagePtr());
    }
}

}  // namespace millrace::wire
