// Encoder: writes a message by visiting its fields. Each message in core/wire/messages names its
// fields once, in `template <class V> void visit(V& v)`, with the versions in which they travel:
//
//     struct HeartbeatResponse {
//         std::int32_t throttle_time_ms = 0;
//         KafkaError error = KafkaError::kNone;
//         template <class V>
//         void visit(V& v) {
//             if (v.since(1)) v.field(throttle_time_ms);
//             v.field(error);
//             v.tags();
//         }
//     };
//
// Source of every field, its order and its versions: the protocol guide at
// kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"
#include "core/wire/outbound.h"
#include "core/wire/records.h"

namespace millrace::wire {

/// Not thread-safe. `out` outlives it.
class Encoder {
  public:
    Encoder(Outbound& out, std::int16_t version, bool flexible)
        : out_(out), version_(version), flexible_(flexible) {}

    [[nodiscard]] bool since(std::int16_t version) const { return version_ >= version; }
    /// For fields that went away: present up to and with `version`.
    [[nodiscard]] bool until(std::int16_t version) const { return version_ <= version; }

    void field(bool value) { out_.bytes.append_be<std::int8_t>(value ? 1 : 0); }
    void field(std::int8_t value) { out_.bytes.append_be(value); }
    void field(std::int16_t value) { out_.bytes.append_be(value); }
    void field(std::uint16_t value) { out_.bytes.append_be(value); }
    void field(std::int32_t value) { out_.bytes.append_be(value); }
    void field(std::int64_t value) { out_.bytes.append_be(value); }
    void field(KafkaError value) { field(static_cast<std::int16_t>(value)); }
    void field(ApiKey value) { field(static_cast<std::int16_t>(value)); }
    void field(Offset value) { field(value.value); }
    void field(Partition value) { field(value.value); }
    void field(Timestamp value) { field(value.value); }
    void field(const TopicId& value) {
        out_.bytes.append(ByteView(reinterpret_cast<const std::byte*>(value.bytes.data()), 16));
    }
    /// Text that does not fit into the 16-bit length of an inflexible version is cut to 32,767
    /// bytes.
    void field(const std::string& value);
    void field(const std::optional<std::string>& value);
    /// Length-prefixed bytes (`bytes` in the protocol guide).
    void field(const Buffer& value);
    void field(const std::optional<Buffer>& value);
    void field(const Records& value);

    /// Null is only known from `version` on; before it, it travels as empty.
    void nullable_since(std::int16_t version, const std::optional<std::string>& value);
    template <class T>
    void nullable_since(std::int16_t version, std::optional<std::vector<T>>& values) {
        if (values) {
            array(*values);
        } else {
            count(since(version) ? -1 : 0);
        }
    }

    template <class T>
    void array(std::vector<T>& values) {
        count(static_cast<std::int64_t>(values.size()));
        for (T& value : values) {
            element(value);
        }
    }
    template <class T>
    void array(std::optional<std::vector<T>>& values) {
        if (values) {
            array(*values);
        } else {
            count(-1);
        }
    }
    /// A structure that may be null.
    template <class T>
    void optional(std::optional<T>& value) {
        field(static_cast<std::int8_t>(value ? 1 : -1));
        if (value) {
            value->visit(*this);
        }
    }
    /// The end of a structure: no tagged fields.
    void tags() {
        if (flexible_) {
            out_.bytes.append_be<std::int8_t>(0);
        }
    }
    [[nodiscard]] bool is_flexible() const { return flexible_; }

  private:
    template <class T>
    void element(T& value) {
        if constexpr (requires { value.visit(*this); }) {
            value.visit(*this);
        } else {
            field(value);
        }
    }
    /// -1 is null.
    void count(std::int64_t count);
    void text(std::string_view value);
    void unsigned_varint(std::uint64_t value);

    Outbound& out_;
    std::int16_t version_;
    bool flexible_;
};

/// The body of a response, without its header.
template <class Message>
void encode_response(Outbound& out, ApiKey key, std::int16_t version, Message& message) {
    Encoder encoder(out, version, version >= flexible_from(key));
    message.visit(encoder);
}

}  // namespace millrace::wire
