#include "operators/functions/json_reader.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "core/row/byte_writer.h"
#include "core/row/json_scanner.h"
#include "core/row/text_value.h"
#include "core/row/value.h"

namespace millrace::operators {

namespace {

constexpr std::size_t kPadding = 32;  // the scanners look a little behind the end

/// Walks over a value that has passed the scanner.
class Walk {
  public:
    explicit Walk(JsonText value) : at_(value.data()), end_(value.data() + value.size()) {}

    /// Enters the array or object.
    void enter() { ++at_; }
    /// False at the closing bracket.
    bool more() {
        at_ = skip_json_space(at_, end_);
        if (at_ < end_ && *at_ == ',') {
            at_ = skip_json_space(at_ + 1, end_);
        }
        return at_ < end_ && *at_ != ']' && *at_ != '}';
    }
    JsonText value() {
        at_ = skip_json_space(at_, end_);
        const char* const begin = at_;
        at_ = scan_json_value(begin, end_, 0);
        CHECK(at_ != nullptr);
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }
    void colon() { at_ = skip_json_space(at_, end_) + 1; }

  private:
    const char* at_;
    const char* end_;
};

/// The text of a JSON string with its quotes.
std::string unquoted(JsonText string) {
    const std::string_view raw = string.substr(1, string.size() - 2);
    if (raw.find('\\') == std::string_view::npos) {
        return std::string(raw);
    }
    std::string text(raw.size(), '\0');
    const std::ptrdiff_t size = unescape_json(raw, text.data());
    // Half a surrogate pair is no character.
    return size < 0 ? std::string(raw) : text.substr(0, static_cast<std::size_t>(size));
}

template <class F>
void write_to(std::string& out, F write) {
    Buffer buffer;
    {
        ByteWriter writer(buffer);
        write(writer);
    }
    out += buffer.text();
}

class PathReader {
  public:
    explicit PathReader(std::string_view text) : text_(text) {}

    Result<JsonPath> read() {
        if (text_.empty() || text_[0] != '$') {
            return bad("it starts with $");
        }
        at_ = 1;
        JsonPath path;
        while (at_ < text_.size()) {
            if (text_[at_] == '.') {
                ++at_;
                MILLRACE_TRY(JsonStep step, member());
                path.push_back(std::move(step));
            } else if (text_[at_] == '[') {
                ++at_;
                MILLRACE_TRY(JsonStep step, subscript());
                path.push_back(std::move(step));
            } else {
                return bad("a . or [ is missing");
            }
        }
        return path;
    }

  private:
    Error bad(std::string_view what) const {
        return Error{ErrorCode::kInvalidArgument,
                     "not a JSON path: '" + shortened(text_) + "', " + std::string(what) +
                         " (character " + std::to_string(at_ + 1) + ")"};
    }
    Result<JsonStep> member() {
        const std::size_t end = std::min(text_.find_first_of(".[", at_), text_.size());
        if (end == at_) {
            return bad("a name is missing");
        }
        JsonStep step = std::string(text_.substr(at_, end - at_));
        at_ = end;
        return step;
    }
    Result<JsonStep> subscript() {
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            const std::size_t end = text_.find(text_[at_], at_ + 1);
            if (end == std::string_view::npos || end + 1 >= text_.size() || text_[end + 1] != ']') {
                return bad("the name in [ ] has no end");
            }
            JsonStep step = std::string(text_.substr(at_ + 1, end - at_ - 1));
            at_ = end + 2;
            return step;
        }
        std::int64_t number = 0;
        const char* const begin = text_.data() + at_;
        const char* const last = text_.data() + text_.size();
        const auto parsed = std::from_chars(begin, last, number);
        if (parsed.ec != std::errc{} || parsed.ptr == last || *parsed.ptr != ']') {
            return bad("a number or a quoted name is missing in [ ]");
        }
        at_ += static_cast<std::size_t>(parsed.ptr - begin) + 1;
        return JsonStep(number);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void append_list(std::string& out, const Cell& cell) {
    const Column& column = *cell.column;
    const bool is_map = column.type().is(TypeKind::kMap);
    const auto* offsets = column.values<std::uint32_t>();
    const std::uint32_t slot = column.slot(cell.row);
    out += is_map ? '{' : '[';
    for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
        out += i > offsets[slot] ? "," : "";
        if (is_map) {
            std::string key;
            append_cell(key, {column.children()[0].get(), i});
            append_json_string(out, key);
            out += ':';
        }
        append_json(out, {column.children()[is_map ? 1 : 0].get(), i});
    }
    out += is_map ? '}' : ']';
}

void append_struct(std::string& out, const Cell& cell) {
    const std::vector<Field>& fields = cell.column->type().children();
    const std::uint32_t slot = cell.column->slot(cell.row);
    out += '{';
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += i > 0 ? "," : "";
        append_json_string(out, fields[i].name);
        out += ':';
        append_json(out, {cell.column->children()[i].get(), slot});
    }
    out += '}';
}

}  // namespace

Result<JsonPath> read_json_path(std::string_view text) {
    return PathReader(text).read();
}

std::optional<JsonText> JsonReader::read(std::string_view text, bool is_whole) {
    padded_.assign(text);
    padded_.append(kPadding, '\0');
    const char* const end = padded_.data() + text.size();
    const char* const begin = skip_json_space(padded_.data(), end);
    const char* const behind = begin < end ? scan_json_value(begin, end, 0) : nullptr;
    if (behind == nullptr || (is_whole && skip_json_space(behind, end) != end)) {
        return std::nullopt;
    }
    return JsonText(begin, static_cast<std::size_t>(behind - begin));
}

bool is_json_array(JsonText value) {
    return value.front() == '[';
}
bool is_json_object(JsonText value) {
    return value.front() == '{';
}

void json_elements(JsonText array, std::vector<JsonText>& elements) {
    elements.clear();
    Walk walk(array);
    walk.enter();
    while (walk.more()) {
        elements.push_back(walk.value());
    }
}

void json_entries(JsonText object, std::vector<JsonEntry>& entries) {
    entries.clear();
    std::unordered_map<std::string, std::size_t> places;
    Walk walk(object);
    walk.enter();
    while (walk.more()) {
        std::string key = unquoted(walk.value());
        walk.colon();
        const JsonText value = walk.value();
        const auto [place, is_new] = places.try_emplace(key, entries.size());
        if (is_new) {
            entries.push_back({std::move(key), value});
        } else {
            entries[place->second].value = value;
        }
    }
}

std::optional<JsonText> json_at(JsonText value, const JsonPath& path) {
    for (const JsonStep& step : path) {
        std::optional<JsonText> found;
        Walk walk(value);
        walk.enter();
        if (const auto* name = std::get_if<std::string>(&step); name != nullptr) {
            while (is_json_object(value) && walk.more()) {
                const bool is_it = unquoted(walk.value()) == *name;
                walk.colon();
                const JsonText member = walk.value();
                found = is_it ? std::optional(member) : found;
            }
        } else if (is_json_array(value)) {
            const std::int64_t wanted = std::get<std::int64_t>(step);
            for (std::int64_t i = 0; wanted >= 0 && i <= wanted && walk.more(); ++i) {
                const JsonText element = walk.value();
                found = i == wanted ? std::optional(element) : std::nullopt;
            }
        }
        if (!found) {
            return std::nullopt;
        }
        value = *found;
    }
    return value;
}

std::string json_plain(JsonText value) {
    if (value.front() == '"') {
        return unquoted(value);
    }
    std::string text;
    append_compact_json(text, value);
    return text;
}

void append_compact_json(std::string& out, JsonText value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (is_json_space(value[i])) {
            continue;
        }
        if (value[i] != '"') {
            out += value[i];
            continue;
        }
        std::size_t end = i + 1;
        while (value[end] != '"') {
            end += value[end] == '\\' ? std::size_t{2} : std::size_t{1};
        }
        append_json_string(out, unquoted(value.substr(i, end + 1 - i)));
        i = end;
    }
}

void append_json_string(std::string& out, std::string_view text) {
    write_to(out, [&](ByteWriter& writer) { put_json_string(writer, text); });
}

void append_json(std::string& out, const Cell& cell) {
    if (!cell.is_valid()) {
        out += "null";
        return;
    }
    const Column& column = *cell.column;
    switch (column.type().kind()) {
        case TypeKind::kArray:
        case TypeKind::kMap:
            append_list(out, cell);
            return;
        case TypeKind::kStruct:
            append_struct(out, cell);
            return;
        case TypeKind::kString:
            append_json_string(out, column.text(cell.row));
            return;
        case TypeKind::kBytes:
            out += '"';
            write_to(out, [&](ByteWriter& writer) { put_base64(writer, column.text(cell.row)); });
            out += '"';
            return;
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            out += '"';
            append_cell(out, cell);
            out += '"';
            return;
        case TypeKind::kDouble:
            if (!std::isfinite(column.at<double>(cell.row))) {
                append_json_string(out, double_to_text(column.at<double>(cell.row)));
                return;
            }
            break;
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDecimal:
            break;
    }
    append_cell(out, cell);
}

}  // namespace millrace::operators
