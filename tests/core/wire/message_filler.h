// Filler: a visitor that gives every field of a message a made-up value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/random.h"
#include "core/record/ids.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"
#include "core/wire/records.h"

namespace millrace::wire {

/// Only fields of `version` are touched. Numbers take their extremes often, strings and arrays are
/// null, empty, short and longer than one varint byte.
class Filler {
  public:
    Filler(Random& random, std::int16_t version) : random_(random), version_(version) {}

    [[nodiscard]] bool since(std::int16_t version) const { return version_ >= version; }
    [[nodiscard]] bool until(std::int16_t version) const { return version_ <= version; }

    void field(bool& value) { value = random_.below(2) == 0; }
    void field(KafkaError& value) { value = static_cast<KafkaError>(number<std::int16_t>()); }
    void field(ApiKey& value) { value = static_cast<ApiKey>(number<std::int16_t>()); }
    template <class T>
    requires std::is_integral_v<T>
    void field(T& value) { value = number<T>(); }
    void field(TopicId& value) {
        for (std::uint8_t& byte : value.bytes) {
            byte = static_cast<std::uint8_t>(random_.next());
        }
    }
    void field(std::string& value) {
        value.clear();
        for (std::uint64_t left = size(); left > 0; --left) {
            value.push_back(static_cast<char>('a' + random_.below(26)));
        }
    }
    void field(std::optional<std::string>& value) {
        if (maybe()) {
            field(value.emplace());
        }
    }
    void field(Buffer& value) {
        std::string text;
        field(text);
        value = Buffer(std::string_view(text));
    }
    void field(Records& value) {
        static const Buffer bytes(std::string_view("record batches, as they are, in two pieces"));
        value.is_null = random_.below(4) == 0;
        if (!value.is_null && maybe()) {
            value.batches = {bytes.view().first(30), bytes.view().subspan(30)};
        }
    }
    void nullable_since(std::int16_t version, std::optional<std::string>& value) {
        if (!since(version) || maybe()) {
            field(value.emplace());
        }
    }
    template <class T>
    void nullable_since(std::int16_t version, std::optional<std::vector<T>>& values) {
        if (!since(version) || maybe()) {
            array(values.emplace());
        }
    }
    template <class T>
    void array(std::vector<T>& values) {
        values.resize(depth_ < 2 ? random_.below(4) : random_.below(2));
        ++depth_;
        for (T& value : values) {
            if constexpr (requires { value.visit(*this); }) {
                value.visit(*this);
            } else {
                field(value);
            }
        }
        --depth_;
    }
    template <class T>
    void array(std::optional<std::vector<T>>& values) {
        if (maybe()) {
            array(values.emplace());
        }
    }
    template <class T>
    void optional(std::optional<T>& value) {
        if (maybe()) {
            value.emplace().visit(*this);
        }
    }
    void tags() {}

  private:
    bool maybe() { return random_.below(3) != 0; }
    std::uint64_t size() {
        static constexpr std::array<std::uint64_t, 6> kSizes = {0, 1, 5, 20, 127, 300};
        return kSizes[random_.below(kSizes.size())];
    }
    template <class T>
    T number() {
        switch (random_.below(4)) {
            case 0:
                return static_cast<T>(-1);
            case 1:
                return std::numeric_limits<T>::max();
            default:
                return static_cast<T>(random_.next());
        }
    }

    Random& random_;
    std::int16_t version_;
    int depth_ = 0;
};

template <class Message>
Message filled(Random& random, std::int16_t version) {
    Message message;
    Filler filler(random, version);
    message.visit(filler);
    return message;
}

}  // namespace millrace::wire
