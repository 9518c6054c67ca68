#include <algorithm>
#include <string>
#include <unordered_map>

#include "core/row/text_value.h"
#include "core/row/value.h"
#include "operators/expression/cast_kernels.h"
#include "operators/expression/wide_decimal.h"
#include "operators/functions/function_table.h"
#include "operators/functions/json_reader.h"

namespace millrace::operators {

namespace {

/// Paths seldom change from row to row.
struct LastPath : KernelState {
    std::string text;
    Result<JsonPath> path = JsonPath();
};

const Result<JsonPath>& path_at(const KernelCall& call, std::uint32_t row) {
    const std::string_view wanted = Reader<StringRef>(call.args[1])[row].view();
    auto* last = static_cast<LastPath*>(call.state->get());
    if (last == nullptr || last->text != wanted) {
        auto made = std::make_unique<LastPath>();
        made->text = wanted;
        made->path = read_json_path(wanted);
        last = made.get();
        *call.state = std::move(made);
    }
    return last->path;
}

void not_json(const KernelCall& call, std::uint32_t row, std::string_view text) {
    call.fail(row, "not JSON: '" + shortened(text) + "'");
}

void run_extract(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    JsonReader reader;
    call.for_each_valid([&](std::uint32_t row) {
        const auto& path = path_at(call, row);
        if (!path.ok()) {
            call.fail(row, path.error().message);
            return;
        }
        const auto document = reader.read(from[row].view());
        if (!document) {
            not_json(call, row, from[row].view());
            return;
        }
        const auto found = json_at(*document, path.value());
        if (!found || *found == "null") {
            call.set_null(row);
            return;
        }
        call.set_text(row, json_plain(*found));
    });
}

void run_is_json(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    JsonReader reader;
    call.rows.for_each([&](std::uint32_t row) {
        call.out<std::uint8_t>()[row] =
            call.args[0].is_valid(row) && reader.read(from[row].view(), true) ? 1 : 0;
    });
}

/// Calls `f(row, value)` for every row whose text holds an array (or an object); others are NULL.
template <bool Objects, class F>
void for_each_container(KernelCall& call, F f) {
    const Reader<StringRef> from(call.args[0]);
    JsonReader reader;
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const auto value = reader.read(text);
        if (!value) {
            if (text.empty()) {
                call.set_null(row);
            } else {
                not_json(call, row, text);
            }
        } else if (Objects ? is_json_object(*value) : is_json_array(*value)) {
            f(row, *value);
        } else {
            call.set_null(row);
        }
    });
}

void run_length(KernelCall& call) {
    std::vector<JsonText> elements;
    for_each_container<false>(call, [&](std::uint32_t row, JsonText array) {
        json_elements(array, elements);
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(elements.size());
    });
}

void run_items(KernelCall& call) {
    ListWriter out(call);
    std::vector<JsonText> elements;
    std::string text;
    for_each_container<false>(call, [&](std::uint32_t row, JsonText array) {
        json_elements(array, elements);
        for (const JsonText element : elements) {
            text.clear();
            append_compact_json(text, element);
            out.add_text(text);
        }
        out.finish(row);
    });
}

void run_keys(KernelCall& call) {
    ListWriter out(call);
    std::vector<JsonEntry> entries;
    for_each_container<true>(call, [&](std::uint32_t row, JsonText object) {
        json_entries(object, entries);
        for (const JsonEntry& entry : entries) {
            out.add_text(entry.key);
        }
        out.finish(row);
    });
}

void run_records(KernelCall& call) {
    ListWriter out(call);
    std::vector<JsonEntry> entries;
    for_each_container<true>(call, [&](std::uint32_t row, JsonText object) {
        json_entries(object, entries);
        for (const JsonEntry& entry : entries) {
            out.text(0, entry.key);
            out.text(1, json_plain(entry.value));
            out.next();
        }
        out.finish(row);
    });
}

/// Whether an element of a JSON array is the value.
bool is_equal(JsonText element, const Cell& value) {
    const bool is_number =
        element.front() == '-' || (element.front() >= '0' && element.front() <= '9');
    const bool is_whole = is_number && element.find_first_of(".eE") == std::string_view::npos;
    const Column& column = *value.column;
    switch (column.type().kind()) {
        case TypeKind::kBoolean:
            return element == (column.at<std::uint8_t>(value.row) != 0 ? "true" : "false");
        case TypeKind::kInt:
            return is_whole && parse_integer(element) == column.at<std::int32_t>(value.row);
        case TypeKind::kBigint:
            return is_whole && parse_integer(element) == column.at<std::int64_t>(value.row);
        case TypeKind::kDouble:
            return is_number && parse_double(element) == column.at<double>(value.row);
        case TypeKind::kDecimal: {
            const auto number = Decimal::parse(is_number ? element : "");
            return number.ok() && compare_decimals(number.value().unscaled,
                                                   number.value().scale,
                                                   column.at<Int128>(value.row),
                                                   column.type().scale()) == 0;
        }
        case TypeKind::kString:
            return element.front() == '"' && json_plain(element) == column.text(value.row);
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return false;
}

void run_contains(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const ArgColumn wanted(call.args[1], call.rows.size);
    JsonReader reader;
    std::vector<JsonText> elements;
    call.rows.for_each([&](std::uint32_t row) {
        const auto array =
            call.args[0].is_valid(row) ? reader.read(from[row].view()) : std::optional<JsonText>();
        bool is_found = false;
        if (array && is_json_array(*array)) {
            json_elements(*array, elements);
            is_found = std::any_of(elements.begin(), elements.end(), [&](JsonText element) {
                return wanted.is_valid(row) ? is_equal(element, wanted.cell(row))
                                            : element == "null";
            });
        }
        call.out<std::uint8_t>()[row] = is_found ? 1 : 0;
    });
}

/// Objects become one object, anything else one array.
std::string joined(const std::vector<std::string>& documents) {
    JsonReader reader;
    const bool are_objects = std::all_of(
        documents.begin(), documents.end(), [](const auto& text) { return is_json_object(text); });
    std::string out(1, are_objects ? '{' : '[');
    const auto comma = [&] { out += out.size() > 1 ? "," : ""; };
    if (!are_objects) {
        for (const std::string& document : documents) {
            const bool is_list = is_json_array(document);
            const std::string_view inner =
                is_list ? std::string_view(document).substr(1, document.size() - 2)
                        : std::string_view(document);
            if (!inner.empty()) {
                comma();
                out += inner;
            }
        }
        return out + "]";
    }
    std::vector<std::pair<std::string, std::string>> merged;
    std::unordered_map<std::string, std::size_t> places;
    std::vector<JsonEntry> entries;
    for (const std::string& document : documents) {
        json_entries(*reader.read(document), entries);
        for (const JsonEntry& entry : entries) {
            const auto [place, is_new] = places.try_emplace(entry.key, merged.size());
            if (is_new) {
                merged.emplace_back(entry.key, entry.value);
            } else {
                merged[place->second].second = entry.value;
            }
        }
    }
    for (const auto& [key, value] : merged) {
        comma();
        append_json_string(out, key);
        out += ":" + value;
    }
    return out + "}";
}

void run_concat(KernelCall& call) {
    JsonReader reader;
    std::vector<std::string> documents;
    call.for_each_valid([&](std::uint32_t row) {
        documents.clear();
        for (const Vector& arg : call.args) {
            const std::string_view text = Reader<StringRef>(arg)[row].view();
            const auto value = reader.read(text);
            if (!value) {
                not_json(call, row, text);
                return;
            }
            append_compact_json(documents.emplace_back(), *value);
        }
        call.set_text(row, joined(documents));
    });
}

void run_to_json(KernelCall& call) {
    const ArgColumn from(call.args[0], call.rows.size);
    std::string text;
    call.rows.for_each([&](std::uint32_t row) {
        text.clear();
        if (from.is_valid(row)) {
            append_json(text, from.cell(row));
        } else {
            text = "null";
        }
        call.set_text(row, text);
    });
}

}  // namespace

FunctionFamily json_functions() {
    return {"JSON text",
            {{"EXTRACTJSONFIELD",
              "The value at a path of a JSON text, as text; numbers as they are written.",
              "EXTRACTJSONFIELD('{\"log\": {\"lines\": [1.50, 2]}}', '$.log.lines[0]')",
              "1.50",
              {{"STRING, STRING -> STRING", fallible(run_extract)}}},
             {"IS_JSON_STRING",
              "Whether the text is JSON; false for NULL.",
              "IS_JSON_STRING('[1, 2]')",
              "true",
              {{"STRING -> BOOLEAN", null_aware(run_is_json)}}},
             {"JSON_ARRAY_CONTAINS",
              "Whether a JSON array holds the value; false when the text is no array.",
              "JSON_ARRAY_CONTAINS('[1, 2, 3]', 3)",
              "true",
              {{"STRING, T -> BOOLEAN", null_aware(run_contains)}}},
             {"JSON_ARRAY_LENGTH",
              "The number of elements of a JSON array; NULL when the text is none.",
              "JSON_ARRAY_LENGTH('[1, [2, 3]]')",
              "2",
              {{"STRING -> INTEGER", fallible(run_length)}}},
             {"JSON_CONCAT",
              "JSON objects as one object, the last of equal keys; arrays and other values as one "
              "array.",
              "JSON_CONCAT('{\"a\": 1}', '{\"b\": 2}')",
              "{\"a\":1,\"b\":2}",
              {{"STRING... -> STRING", fallible(run_concat)}}},
             {"JSON_ITEMS",
              "The elements of a JSON array, each as JSON text; NULL when the text is none.",
              "JSON_ITEMS('[1, {\"a\": 2}]')",
              "[1, {\"a\":2}]",
              {{"STRING -> ARRAY<STRING>", fallible(run_items)}}},
             {"JSON_KEYS",
              "The keys of a JSON object; NULL when the text is none.",
              "JSON_KEYS('{\"a\": 1, \"b\": {\"c\": 2}}')",
              "[a, b]",
              {{"STRING -> ARRAY<STRING>", fallible(run_keys)}}},
             {"JSON_RECORDS",
              "The keys of a JSON object and its values as text; NULL when the text is none.",
              "JSON_RECORDS('{\"a\": \"abc\", \"d\": 1}')",
              "{a=abc, d=1}",
              {{"STRING -> MAP<STRING, STRING>", fallible(run_records)}}},
             {"TO_JSON_STRING",
              "Any value as JSON text; NULL is null.",
              "TO_JSON_STRING(SPLIT('a,b', ','))",
              "[\"a\",\"b\"]",
              {{"T -> STRING", null_aware(run_to_json)}}}}};
}

}  // namespace millrace::operators
