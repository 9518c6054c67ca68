#include "tests/conformance/json_text.h"

#include <charconv>

#include "core/row/json_scanner.h"

namespace millrace::conformance {

namespace {

class Reader {
  public:
    explicit Reader(std::string_view text) {
        // The scanners may load a few bytes behind the end.
        padded_.reserve(text.size() + kPadding);
        padded_ = text;
        padded_.append(kPadding, '\0');
        at_ = padded_.data();
        end_ = at_ + text.size();
    }

    Result<JsonText> document() {
        JsonText value;
        skip();
        if (!read(value, 0) || (skip(), at_ != end_)) {
            return Error{ErrorCode::kInvalidArgument,
                         "not JSON at byte " + std::to_string(at_ - padded_.data())};
        }
        return value;
    }

  private:
    static constexpr std::size_t kPadding = 64;

    void skip() { at_ = skip_json_space(at_, end_); }
    bool take(char c) {
        skip();
        if (at_ < end_ && *at_ == c) {
            ++at_;
            return true;
        }
        return false;
    }

    bool read_string(std::string& to) {
        if (!take('"')) {
            return false;
        }
        bool has_escapes = false;
        const char* const close = scan_json_string(at_, end_, has_escapes);
        if (close == nullptr) {
            return false;
        }
        const std::string_view raw(at_, static_cast<std::size_t>(close - at_));
        to = raw;
        if (has_escapes) {
            const std::ptrdiff_t size = unescape_json(raw, to.data());
            if (size < 0) {
                return false;
            }
            to.resize(static_cast<std::size_t>(size));
        }
        at_ = close + 1;
        return true;
    }

    bool read_children(JsonText& value, std::uint32_t depth, char close) {
        const bool is_object = value.is(JsonKind::kObject);
        ++at_;
        if (take(close)) {
            return true;
        }
        do {
            if (is_object) {
                std::string name;
                if (!read_string(name) || !take(':')) {
                    return false;
                }
                value.names.push_back(std::move(name));
            }
            skip();
            value.children.emplace_back();
            if (!read(value.children.back(), depth + 1)) {
                return false;
            }
        } while (take(','));
        return take(close);
    }

    bool read(JsonText& value, std::uint32_t depth) {
        if (at_ == end_ || depth > kJsonDepthMax) {
            return false;
        }
        switch (*at_) {
            case '{':
                value.kind = JsonKind::kObject;
                return read_children(value, depth, '}');
            case '[':
                value.kind = JsonKind::kArray;
                return read_children(value, depth, ']');
            case '"':
                value.kind = JsonKind::kString;
                return read_string(value.text);
            default:
                break;
        }
        const char* const close = scan_json_value(at_, end_, depth);
        if (close == nullptr) {
            return false;
        }
        const std::string_view token(at_, static_cast<std::size_t>(close - at_));
        at_ = close;
        value.kind = token == "null"                       ? JsonKind::kNull
                     : token == "true" || token == "false" ? JsonKind::kBoolean
                                                           : JsonKind::kNumber;
        value.text = value.is_null() ? std::string_view() : token;
        return true;
    }

    std::string padded_;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
};

void write(const JsonText& value, ByteWriter& out);

void write_members(const JsonText& value, ByteWriter& out) {
    for (std::size_t i = 0; i < value.children.size(); ++i) {
        if (i > 0) {
            out.put(',');
        }
        if (value.is(JsonKind::kObject)) {
            put_json_string(out, std::string_view(value.names[i]));
            out.put(':');
        }
        write(value.children[i], out);
    }
}

void write(const JsonText& value, ByteWriter& out) {
    switch (value.kind) {
        case JsonKind::kNull:
            out.put("null");
            return;
        case JsonKind::kBoolean:
        case JsonKind::kNumber:
            out.put(value.text);
            return;
        case JsonKind::kString:
            put_json_string(out, std::string_view(value.text));
            return;
        case JsonKind::kArray:
            out.put('[');
            write_members(value, out);
            out.put(']');
            return;
        case JsonKind::kObject:
            out.put('{');
            write_members(value, out);
            out.put('}');
            return;
    }
}

}  // namespace

const JsonText* JsonText::find(std::string_view name) const {
    for (std::size_t i = names.size(); i > 0; --i) {
        if (names[i - 1] == name) {
            return &children[i - 1];
        }
    }
    return nullptr;
}

const JsonText& JsonText::operator[](std::string_view name) const {
    static const JsonText kNone;
    const JsonText* found = find(name);
    return found == nullptr ? kNone : *found;
}

std::int64_t JsonText::integer() const {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string JsonText::dump() const {
    Buffer bytes;
    {
        ByteWriter out(bytes);
        write(*this, out);
    }
    return std::string(bytes.text());
}

JsonText JsonText::of_string(std::string_view text) {
    JsonText value;
    value.kind = JsonKind::kString;
    value.text = text;
    return value;
}

JsonText JsonText::of_number(std::string_view text) {
    JsonText value;
    value.kind = JsonKind::kNumber;
    value.text = text;
    return value;
}

Result<JsonText> parse_json_text(std::string_view text) {
    return Reader(text).document();
}

}  // namespace millrace::conformance
