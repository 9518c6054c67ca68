// Decoder: reads a message of core/wire/messages by visiting its fields, the mirror of Encoder. For
// our own clients (command line, tests, benches); the server decodes requests with the generated
// readers of core/wire/request_decoder.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"
#include "core/wire/records.h"

namespace millrace::wire {

/// Checks every length and count against the bytes that are left. After the first that does not fit
/// it is bad for good, and fields are read as zero and empty. Not thread-safe.
class Decoder {
  public:
    /// `bytes` lives as long as the Records that are read from it.
    Decoder(ByteView bytes, std::int16_t version, bool flexible)
        : cursor_(bytes), version_(version), flexible_(flexible) {}

    [[nodiscard]] bool ok() const { return cursor_.ok(); }
    [[nodiscard]] std::size_t remaining() const { return cursor_.remaining(); }
    [[nodiscard]] bool since(std::int16_t version) const { return version_ >= version; }
    [[nodiscard]] bool until(std::int16_t version) const { return version_ <= version; }

    void field(bool& value) { value = cursor_.read_be<std::int8_t>() != 0; }
    void field(std::int8_t& value) { value = cursor_.read_be<std::int8_t>(); }
    void field(std::int16_t& value) { value = cursor_.read_be<std::int16_t>(); }
    void field(std::uint16_t& value) { value = cursor_.read_be<std::uint16_t>(); }
    void field(std::int32_t& value) { value = cursor_.read_be<std::int32_t>(); }
    void field(std::int64_t& value) { value = cursor_.read_be<std::int64_t>(); }
    /// Codes that we have no name for keep their number.
    void field(KafkaError& value) {
        value = static_cast<KafkaError>(cursor_.read_be<std::int16_t>());
    }
    void field(ApiKey& value) { value = static_cast<ApiKey>(cursor_.read_be<std::int16_t>()); }
    void field(Offset& value) { field(value.value); }
    void field(Partition& value) { field(value.value); }
    void field(Timestamp& value) { field(value.value); }
    void field(TopicId& value);
    void field(std::string& value);
    void field(std::optional<std::string>& value);
    void field(Buffer& value);
    void field(std::optional<Buffer>& value);
    /// One view of everything, borrowed.
    void field(Records& value);
    /// Before `version` it cannot be null.
    void nullable_since(std::int16_t version, std::optional<std::string>& value) {
        field(value);
        require(value || since(version));
    }
    template <class T>
    void nullable_since(std::int16_t version, std::optional<std::vector<T>>& values) {
        array(values);
        require(values || since(version));
    }

    template <class T>
    void array(std::vector<T>& values) {
        const std::int64_t size = count();
        require(size >= 0);
        read_elements(values, size);
    }
    template <class T>
    void array(std::optional<std::vector<T>>& values) {
        const std::int64_t size = count();
        values.reset();
        if (size >= 0) {
            read_elements(values.emplace(), size);
        }
    }
    template <class T>
    void optional(std::optional<T>& value) {
        value.reset();
        if (cursor_.read_be<std::int8_t>() >= 0 && ok()) {
            value.emplace().visit(*this);
        }
    }
    /// Skips tagged fields.
    void tags();
    [[nodiscard]] bool is_flexible() const { return flexible_; }

  private:
    template <class T>
    void read_elements(std::vector<T>& values, std::int64_t size) {
        values.clear();
        for (std::int64_t i = 0; i < size && ok(); ++i) {
            if constexpr (requires { values.emplace_back().visit(*this); }) {
                values.emplace_back().visit(*this);
            } else {
                field(values.emplace_back());
            }
        }
    }
    void require(bool condition) {
        if (!condition) {
            cursor_.fail();
        }
    }
    /// Elements of an array or bytes of a `bytes` field: -1 is null; at most what is left.
    std::int64_t count();
    std::int64_t text_length();
    std::int64_t bounded(std::int64_t size);
    std::uint32_t unsigned_varint();

    Cursor cursor_;
    std::int16_t version_;
    bool flexible_;
};

/// How many bytes may be left behind a message: none, unless the message says so.
template <class Message>
[[nodiscard]] constexpr std::size_t surplus_max(bool is_flexible) {
    if constexpr (requires { Message::kSurplusMax; }) {
        return is_flexible ? Message::kSurplusMax : 0;
    }
    return 0;
}

/// The body of a request or response; all of `body` must be used.
/// returns  kInvalidArgument when the bytes are no such message
template <class Message>
[[nodiscard]] Result<Message> decode_message(ByteView body, std::int16_t version) {
    const bool is_flexible = version >= flexible_from(Message::kApi);
    Decoder decoder(body, version, is_flexible);
    Message message;
    message.visit(decoder);
    if (!decoder.ok() || decoder.remaining() > surplus_max<Message>(is_flexible)) {
        return Error{ErrorCode::kInvalidArgument,
                     "malformed message, version " + std::to_string(version)};
    }
    return message;
}

/// Reads the header of a response off `frame` (what follows the 4-byte length) and leaves the body.
/// returns  the correlation id
[[nodiscard]] Result<std::int32_t> take_response_header(ByteView& frame,
                                                        ApiKey key,
                                                        std::int16_t version);

/// A response as it came off the socket, without the 4-byte length.
///
///     MILLRACE_TRY(const auto response, decode_response<MetadataResponse>(frame, 12));
template <class Message>
[[nodiscard]] Result<Message> decode_response(ByteView frame, std::int16_t version) {
    MILLRACE_TRY([[maybe_unused]] const std::int32_t correlation_id,
                 take_response_header(frame, Message::kApi, version));
    return decode_message<Message>(frame, version);
}

}  // namespace millrace::wire
