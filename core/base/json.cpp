#include "core/base/json.h"

#include <charconv>
#include <cmath>
#include <iterator>

#include <nlohmann/json.hpp>

namespace millrace {

namespace {

constexpr std::size_t kTextBytesMax = std::size_t{16} << 20;
constexpr std::size_t kDepthMax = 128;

struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

Position position_of(std::string_view text, std::size_t at) {
    Position position;
    for (std::size_t i = 0; i < at && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++position.line;
            position.column = 1;
        } else {
            ++position.column;
        }
    }
    return position;
}

std::string place(std::string_view source, Position position) {
    return std::string(source) + ":" + std::to_string(position.line) + ":" +
           std::to_string(position.column);
}

/// Feeds characters to the parser and counts lines as they are consumed, so that each event knows
/// its position.
class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, Position* position) : at_(at), position_(position) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        if (position_ != nullptr) {
            if (*at_ == '\n') {
                ++position_->line;
                position_->column = 1;
            } else {
                ++position_->column;
            }
        }
        ++at_;
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
        return a.at_ == b.at_;
    }

  private:
    const char* at_;
    Position* position_;
};

/// Builds Json from nlohmann's events.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    Builder(std::string_view text, std::string_view source, const Position& position)
        : text_(text), source_(source), position_(position) {}

    bool null() override { return add(Json{}); }
    bool boolean(bool value) override { return add(Json{value}); }
    bool number_integer(number_integer_t value) override { return add(Json{std::int64_t{value}}); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return add(Json{static_cast<double>(value)});
        }
        return add(Json{static_cast<std::int64_t>(value)});
    }
    bool number_float(number_float_t value, const string_t& text) override {
        static_cast<void>(text);
        return add(Json{value});
    }
    bool string(string_t& value) override { return add(Json{std::move(value)}); }
    bool binary(binary_t& value) override {
        static_cast<void>(value);
        return false;
    }
    bool start_object(std::size_t size) override {
        static_cast<void>(size);
        return open(Json{Json::Object{}});
    }
    bool start_array(std::size_t size) override {
        static_cast<void>(size);
        return open(Json{Json::Array{}});
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        if (stack_.back().find(value) != nullptr) {
            error_ = Error{ErrorCode::kInvalidArgument,
                           place(source_, position_) + ": name is given twice: " + value};
            return false;
        }
        names_.back() = std::move(value);
        return true;
    }
    bool parse_error(std::size_t at,
                     const std::string& token,
                     const nlohmann::detail::exception& cause) override {
        static_cast<void>(token);
        std::string_view text = cause.what();
        // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...":
        // ours names the place.
        for (const std::string_view mark : {"syntax error while parsing ", ": "}) {
            if (const std::size_t found = text.find(mark); found != std::string_view::npos) {
                text = text.substr(found + (mark == ": " ? 2 : 13));
                break;
            }
        }
        error_ = Error{ErrorCode::kInvalidArgument,
                       place(source_, position_of(text_, at == 0 ? 0 : at - 1)) +
                           ": not valid JSON: " + std::string(text)};
        return false;
    }

    Result<Json> finish(bool ok) {
        if (!ok) {
            return error_;
        }
        return std::move(root_);
    }

  private:
    bool open(Json value) {
        if (stack_.size() >= kDepthMax) {
            error_ = Error{ErrorCode::kInvalidArgument,
                           place(source_, position_) + ": nested too deep, the limit is " +
                               std::to_string(kDepthMax)};
            return false;
        }
        value.set_position(position_.line, position_.column);
        stack_.push_back(std::move(value));
        names_.emplace_back();
        return true;
    }
    bool close() {
        Json done = std::move(stack_.back());
        stack_.pop_back();
        names_.pop_back();
        place_in_parent(std::move(done));
        return true;
    }
    bool add(Json value) {
        value.set_position(position_.line, position_.column);
        place_in_parent(std::move(value));
        return true;
    }
    void place_in_parent(Json value) {
        if (stack_.empty()) {
            root_ = std::move(value);
        } else if (Json::Array* array = stack_.back().if_array()) {
            array->push_back(std::move(value));
        } else {
            stack_.back().if_object()->emplace_back(std::move(names_.back()), std::move(value));
        }
    }

    std::string_view text_;
    std::string_view source_;
    const Position& position_;
    Json root_;
    std::vector<Json> stack_;
    std::vector<std::string> names_;
    Error error_{ErrorCode::kInvalidArgument, "not valid JSON"};
};

void append_string(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (byte < 0x20) {
                    out += "\\u00";
                    out += kHex[byte >> 4];
                    out += kHex[byte & 15];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void append_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        append_string(out, std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value);
    const std::string_view written(text, static_cast<std::size_t>(end.ptr - text));
    out += written;
    if (written.find_first_of(".e") == std::string_view::npos) {
        out += ".0";
    }
}

void append_line(std::string& out, int indent, int depth) {
    if (indent > 0) {
        out += '\n';
        out.append(static_cast<std::size_t>(indent * depth), ' ');
    }
}

void append_json(std::string& out, const Json& json, int indent, int depth) {
    if (const bool* flag = json.if_bool()) {
        out += *flag ? "true" : "false";
    } else if (const std::int64_t* whole = json.if_int()) {
        out += std::to_string(*whole);
    } else if (const double* number = json.if_double()) {
        append_double(out, *number);
    } else if (const std::string* text = json.if_string()) {
        append_string(out, *text);
    } else if (const Json::Array* array = json.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : ",";
            append_line(out, indent, depth + 1);
            append_json(out, (*array)[i], indent, depth + 1);
        }
        if (!array->empty()) {
            append_line(out, indent, depth);
        }
        out += ']';
    } else if (const Json::Object* object = json.if_object()) {
        out += '{';
        for (std::size_t i = 0; i < object->size(); ++i) {
            out += i == 0 ? "" : ",";
            append_line(out, indent, depth + 1);
            append_string(out, (*object)[i].first);
            out += indent > 0 ? ": " : ":";
            append_json(out, (*object)[i].second, indent, depth + 1);
        }
        if (!object->empty()) {
            append_line(out, indent, depth);
        }
        out += '}';
    } else {
        out += "null";
    }
}

}  // namespace

Result<Json> Json::parse(std::string_view text, std::string_view source) {
    if (text.size() > kTextBytesMax) {
        return Error{ErrorCode::kInvalidArgument,
                     std::string(source) + ": larger than 16 MiB: " + std::to_string(text.size())};
    }
    Position position;
    Builder builder(text, source, position);
    const bool ok = nlohmann::json::sax_parse(CountingIterator(text.data(), &position),
                                              CountingIterator(text.data() + text.size(), nullptr),
                                              &builder);
    return builder.finish(ok);
}

const Json* Json::find(std::string_view name) const {
    if (const Object* object = if_object()) {
        for (const auto& [member, value] : *object) {
            if (member == name) {
                return &value;
            }
        }
    }
    return nullptr;
}

void Json::set(std::string name, Json value) {
    if (is_null()) {
        value_ = Object{};
    }
    Object* object = if_object();
    CHECK(object != nullptr);
    for (auto& [member, old] : *object) {
        if (member == name) {
            old = std::move(value);
            return;
        }
    }
    object->emplace_back(std::move(name), std::move(value));
}

std::string_view Json::type_name() const {
    constexpr std::string_view kNames[] = {
        "null", "boolean", "number", "number", "string", "array", "object"};
    return kNames[value_.index()];
}

std::string Json::dump(int indent) const {
    std::string out;
    append_json(out, *this, indent, 0);
    return out;
}

}  // namespace millrace
