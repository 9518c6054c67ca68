// Reading the fields of a decoded request, `request` being what Request::decode gave.
//
//     string           text(topic->name())             std::string_view; empty when null
//     nullable string  is_null(request->rack_id())     null, or not in this version
//                      optional_text(config->value())  std::optional<std::string_view>
//     array            for (const auto& topic : items(request->topics())) topic->partitions()
//                      items(topic->partitions()).size()
//     nullable array   request->topics() == nullptr    null, or not in this version
//     array of strings for (const auto& key : items(request->coordinator_keys())) text(key)
//     array of numbers for (const std::int32_t index : items(topic->partition_indexes()))
//     uuid             uuid(topic->topic_id())         TopicId; zeros when not in this version
//     bytes            bytes(member->metadata())       ByteView
//     records          bytes(partition->records()), is_null(partition->records())
//     boolean          request->validate_only()
//     numbers          request->acks()                 the protocol's default when not in this
//                                                      version
//
// Every view points into the request's frame and lives as long as the request.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/base/bytes.h"
#include "core/record/ids.h"
#include "core/wire/kaitai/kafka_types.h"

namespace millrace::wire {

[[nodiscard]] inline bool is_null(const kafka_types_t::text_t* text) {
    return text == nullptr || text->is_null();
}
[[nodiscard]] inline bool is_null(const kafka_types_t::binary_t* bytes) {
    return bytes == nullptr || bytes->is_null();
}

[[nodiscard]] inline std::string_view text(const kafka_types_t::text_t* text) {
    return text == nullptr ? std::string_view() : text->data();
}
[[nodiscard]] inline std::string_view text(const kaitai::ref<kafka_types_t::text_t>& element) {
    return text(element.get());
}
[[nodiscard]] inline std::optional<std::string_view> optional_text(
    const kafka_types_t::text_t* text) {
    return is_null(text) ? std::nullopt : std::optional(text->data());
}

[[nodiscard]] inline ByteView bytes(const kafka_types_t::binary_t* bytes) {
    return bytes == nullptr ? ByteView() : as_bytes(bytes->data());
}

[[nodiscard]] TopicId uuid(std::string_view bytes);

/// The elements of an array; none when it is null.
template <class T>
[[nodiscard]] std::span<const T> items(const kaitai::vec<T>* array) {
    return array == nullptr ? std::span<const T>()
                            : std::span<const T>(array->begin(), array->size());
}

}  // namespace millrace::wire
