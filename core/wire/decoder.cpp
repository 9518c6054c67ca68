#include "core/wire/decoder.h"

#include <algorithm>

namespace millrace::wire {

std::uint32_t Decoder::unsigned_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        const std::uint8_t group = cursor_.read_be<std::uint8_t>();
        value |= static_cast<std::uint64_t>(group & 0x7f) << shift;
        if (group < 0x80) {
            break;
        }
        if (shift == 28) {
            cursor_.fail();  // a sixth byte
        }
    }
    if (value > 0xffffffff) {
        cursor_.fail();
    }
    return ok() ? static_cast<std::uint32_t>(value) : 0;
}

std::int64_t Decoder::bounded(std::int64_t size) {
    if (size < -1 || size > static_cast<std::int64_t>(cursor_.remaining())) {
        cursor_.fail();
    }
    return ok() ? size : 0;
}

std::int64_t Decoder::count() {
    return bounded(flexible_ ? std::int64_t{unsigned_varint()} - 1
                             : std::int64_t{cursor_.read_be<std::int32_t>()});
}

std::int64_t Decoder::text_length() {
    return bounded(flexible_ ? std::int64_t{unsigned_varint()} - 1
                             : std::int64_t{cursor_.read_be<std::int16_t>()});
}

void Decoder::field(TopicId& value) {
    const ByteView bytes = cursor_.read_bytes(value.bytes.size());
    value = {};
    if (ok()) {
        std::transform(bytes.begin(), bytes.end(), value.bytes.begin(), [](std::byte byte) {
            return std::to_integer<std::uint8_t>(byte);
        });
    }
}

void Decoder::field(std::string& value) {
    std::optional<std::string> text;
    field(text);
    if (!text) {
        cursor_.fail();
    }
    value = std::move(text).value_or(std::string());
}

void Decoder::field(std::optional<std::string>& value) {
    const std::int64_t size = text_length();
    value.reset();
    if (size >= 0) {
        value.emplace(as_text(cursor_.read_bytes(static_cast<std::size_t>(size))));
    }
}

void Decoder::field(Buffer& value) {
    std::optional<Buffer> bytes;
    field(bytes);
    if (!bytes) {
        cursor_.fail();
    }
    value = std::move(bytes).value_or(Buffer());
}

void Decoder::field(std::optional<Buffer>& value) {
    const std::int64_t size = count();
    value.reset();
    if (size >= 0) {
        value.emplace(cursor_.read_bytes(static_cast<std::size_t>(size)));
    }
}

void Decoder::field(Records& value) {
    const std::int64_t size = count();
    value = {};
    value.is_null = size < 0;
    if (size > 0) {
        value.batches.push_back(cursor_.read_bytes(static_cast<std::size_t>(size)));
    }
}

void Decoder::tags() {
    if (!flexible_) {
        return;
    }
    const std::uint32_t fields = unsigned_varint();
    for (std::uint32_t i = 0; i < fields && ok(); ++i) {
        static_cast<void>(unsigned_varint());  // the tag
        cursor_.skip(unsigned_varint());
    }
}

Result<std::int32_t> take_response_header(ByteView& frame, ApiKey key, std::int16_t version) {
    Decoder decoder(frame, version, response_header_version(key, version) == 1);
    std::int32_t correlation_id = 0;
    decoder.field(correlation_id);
    decoder.tags();
    if (!decoder.ok()) {
        return Error{ErrorCode::kInvalidArgument, "a response without a whole header"};
    }
    frame = frame.subspan(frame.size() - decoder.remaining());
    return correlation_id;
}

}  // namespace millrace::wire
