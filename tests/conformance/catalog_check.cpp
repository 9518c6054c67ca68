#include "tests/conformance/catalog_check.h"

#include <algorithm>
#include <set>

#include "dsl/plan.h"
#include "dsl/sql/lexer.h"

namespace millrace::conformance {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) {
        text.remove_suffix(1);
    }
    return text;
}

/// At commas that stand in no brackets and no quotes.
std::vector<std::string_view> split_columns(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    char quote = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '`' || c == '"' || c == '\'') {
            quote = c;
        } else if (c == '<' || c == '(') {
            ++depth;
        } else if (c == '>' || c == ')') {
            --depth;
        } else if (c == ',' && depth == 0) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

bool take_end(std::string_view& text, std::string_view word) {
    if (text.size() < word.size() ||
        dsl::sql::upper_case(text.substr(text.size() - word.size())) != word) {
        return false;
    }
    text.remove_suffix(word.size());
    text = trimmed(text);
    return true;
}

Result<SchemaColumn> read_column(std::string_view text) {
    const std::string_view whole = text;
    SchemaColumn column;
    if (!text.empty() && (text[0] == '`' || text[0] == '"')) {
        const std::size_t close = text.find(text[0], 1);
        if (close == std::string_view::npos) {
            return Error{ErrorCode::kInvalidArgument, "open quote: " + std::string(whole)};
        }
        column.name = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        const std::size_t blank = std::min(text.find(' '), text.size());
        column.name = dsl::sql::upper_case(text.substr(0, blank));
        text.remove_prefix(blank);
    }
    text = trimmed(text);
    if (take_end(text, " KEY")) {
        take_end(text, " PRIMARY");
        column.role = ColumnRole::kKey;
    } else if (const std::size_t header = dsl::sql::upper_case(text).rfind(" HEADER");
               header != std::string::npos) {
        text = trimmed(text.substr(0, header));
        column.role = ColumnRole::kHeaders;
    }
    auto type = parse_type(text);
    if (!type.ok()) {
        return std::move(type).error().with_context(whole);
    }
    column.type = std::move(type).value();
    return column;
}

std::string kind_name(const dsl::SourceInfo& info) {
    return info.schema.is_table ? "TABLE" : "STREAM";
}

std::vector<SchemaColumn> columns_of(const Schema& schema) {
    std::vector<SchemaColumn> columns;
    for (const std::size_t i : schema.shown_order()) {
        const Field& field = schema.field(i);
        columns.push_back({field.name,
                           field.type,
                           i < schema.key.size()         ? ColumnRole::kKey
                           : schema.header(i) != nullptr ? ColumnRole::kHeaders
                                                         : ColumnRole::kValue});
    }
    return columns;
}

/// Empty when they agree.
std::string compare_schema(const std::string& expected, const dsl::SourceInfo& info) {
    const auto wanted = read_columns(expected);
    if (wanted.ok() && wanted.value() == columns_of(info.schema.schema)) {
        return {};
    }
    return "schema of " + info.name + ": expected " + expected + ", got " +
           dsl::schema_text(info.schema.schema, info.schema.is_table);
}

/// The features of a side as cases name them: wrapping is only said where it is not the default.
std::set<std::string> features_of(const TopicSchema& schema, bool is_key) {
    const FormatSpec& format = is_key ? schema.key : schema.value;
    const std::vector<Field>& fields = is_key ? schema.schema.key : schema.schema.value;
    std::set<std::string> features;
    if (format.format == Format::kJson && fields.size() == 1 && (is_key || !format.wrap_single)) {
        features.insert("UNWRAP_SINGLES");
    }
    return features;
}

std::string check_features(const JsonText& expected, const dsl::SourceInfo& info, bool is_key) {
    if (expected.is_null()) {
        return {};
    }
    std::set<std::string> wanted;
    for (const JsonText& feature : expected.children) {
        wanted.insert(feature.string());
    }
    if (wanted == features_of(info.schema, is_key)) {
        return {};
    }
    return std::string(is_key ? "key" : "value") + " features of " + info.name + ": expected " +
           expected.dump();
}

std::string check_window(const JsonText& format, const dsl::SourceInfo& info) {
    const WindowInfo& window = info.schema.schema.window;
    const std::string wanted =
        format["windowType"].is_null() ? "NONE" : format["windowType"].string();
    const std::int64_t size = format["windowSize"].integer();
    if (wanted != name_of(window.kind) || size != window.size_ms) {
        return "window of " + info.name + ": expected " + wanted + " of " + std::to_string(size) +
               " ms, got " + std::string(name_of(window.kind)) + " of " +
               std::to_string(window.size_ms) + " ms";
    }
    return {};
}

std::string check_format(const std::string& what, const std::string& expected, Format format) {
    return expected == name_of(format)
               ? std::string()
               : what + ": expected " + expected + ", got " + std::string(name_of(format));
}

std::string check_source(const JsonText& expected, const dsl::Catalog& catalog) {
    const dsl::SourceInfo* info = catalog.find_source(expected["name"].string());
    if (info == nullptr) {
        return "there is no " + expected["name"].string();
    }
    if (dsl::sql::upper_case(expected["type"].string()) != kind_name(*info)) {
        return info->name + " is a " + info->kind();
    }
    std::vector<std::string> problems;
    if (!expected["schema"].is_null()) {
        problems.push_back(compare_schema(expected["schema"].string(), *info));
    }
    if (!expected["valueFormat"].is_null()) {
        problems.push_back(check_format("value format of " + info->name,
                                        expected["valueFormat"].string(),
                                        info->schema.value.format));
    }
    if (!expected["isSource"].is_null() &&
        (expected["isSource"].string() == "true") != info->is_read_only) {
        problems.push_back(info->name + (info->is_read_only ? " is" : " is not") + " read-only");
    }
    problems.push_back(check_features(expected["keyFeatures"], *info, true));
    problems.push_back(check_features(expected["valueFeatures"], *info, false));
    if (const JsonText& format = expected["keyFormat"]; !format.is_null()) {
        if (!format["format"].is_null()) {
            problems.push_back(check_format(
                "key format of " + info->name, format["format"].string(), info->schema.key.format));
        }
        problems.push_back(check_window(format, *info));
    }
    for (const std::string& problem : problems) {
        if (!problem.empty()) {
            return problem;
        }
    }
    return {};
}

std::string check_topic(const JsonText& expected, const dsl::Catalog& catalog, CaseLog& log) {
    const std::string& name = expected["name"].string();
    const auto topic = log.describe_topic(name);
    if (!topic.ok()) {
        return topic.error().message;
    }
    for (const char* member : {"keySchema", "valueSchema", "keySchemaId", "valueSchemaId"}) {
        if (!expected[member].is_null()) {
            return "topic " + name + ": there is no schema registry to compare " + member + " with";
        }
    }
    if (!expected["partitions"].is_null() &&
        expected["partitions"].integer() != topic.value().partitions) {
        return "topic " + name + ": expected " + expected["partitions"].string() +
               " partitions, got " + std::to_string(topic.value().partitions);
    }
    for (const auto& [source, info] : catalog.sources()) {
        if (info.topic != name) {
            continue;
        }
        for (const bool is_key : {true, false}) {
            const JsonText& format = expected[is_key ? "keyFormat" : "valueFormat"]["format"];
            const FormatSpec& own = is_key ? info.schema.key : info.schema.value;
            if (!format.is_null()) {
                std::string problem =
                    check_format("format of " + name, format.string(), own.format);
                if (!problem.empty()) {
                    return problem;
                }
            }
        }
    }
    return {};
}

}  // namespace

Result<std::vector<SchemaColumn>> read_columns(std::string_view text) {
    std::vector<SchemaColumn> columns;
    if (trimmed(text).empty()) {
        return columns;
    }
    for (const std::string_view part : split_columns(text)) {
        MILLRACE_TRY(SchemaColumn column, read_column(trimmed(part)));
        columns.push_back(std::move(column));
    }
    return columns;
}

std::string check_post(const JsonText& post, const dsl::Catalog& catalog, CaseLog& log) {
    for (const JsonText& source : post["sources"].children) {
        std::string problem = check_source(source, catalog);
        if (!problem.empty()) {
            return problem;
        }
    }
    for (const JsonText& topic : post["topics"].children) {
        std::string problem = check_topic(topic, catalog, log);
        if (!problem.empty()) {
            return problem;
        }
    }
    return {};
}

std::string check_recorded(const JsonText& recorded, const dsl::Catalog& catalog) {
    for (const JsonText& expected : recorded.children) {
        const dsl::SourceInfo* info = catalog.find_source(expected["name"].string());
        if (info == nullptr) {
            return "there is no " + expected["name"].string();
        }
        if (expected["type"].string() != kind_name(*info)) {
            return info->name + " is a " + info->kind();
        }
        for (const std::string& problem : {compare_schema(expected["schema"].string(), *info),
                                           check_format("key format of " + info->name,
                                                        expected["key_format"].string(),
                                                        info->schema.key.format),
                                           check_format("value format of " + info->name,
                                                        expected["value_format"].string(),
                                                        info->schema.value.format)}) {
            if (!problem.empty()) {
                return problem;
            }
        }
    }
    if (recorded.children.size() != catalog.sources().size()) {
        return "expected " + std::to_string(recorded.children.size()) + " sources, got " +
               std::to_string(catalog.sources().size());
    }
    return {};
}

}  // namespace millrace::conformance
