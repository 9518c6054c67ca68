#include "dsl/catalog_records.h"

#include <utility>

#include "core/base/json.h"

namespace millrace::dsl {

namespace {

constexpr std::int64_t kVersion = 1;

Error bad(std::string_view what) {
    return Error{ErrorCode::kCorruptJournal, "catalog record: " + std::string(what)};
}

Result<Json> document(std::string_view text) {
    auto json = Json::parse(text, "catalog record");
    if (!json.ok()) {
        return Error{ErrorCode::kCorruptJournal, json.error().message};
    }
    const Json* version = json.value().find("version");
    if (version == nullptr || version->if_int() == nullptr) {
        return bad("no version");
    }
    if (*version->if_int() > kVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "the catalog was written by a newer version: " + std::to_string(*version->if_int())};
    }
    return json;
}

Result<std::string> text_of(const Json& json, std::string_view name) {
    const Json* member = json.find(name);
    if (member == nullptr || member->if_string() == nullptr) {
        return bad("member \"" + std::string(name) + "\" must be a string");
    }
    return *member->if_string();
}

}  // namespace

std::string encode_source(const SourceInfo& source) {
    Json json;
    json.set("version", Json(kVersion));
    json.set("name", Json(source.name));
    json.set("schema", topic_schema_to_json(source.schema));
    json.set("topic", Json(source.topic));
    json.set("timestamp_column", Json(source.timestamp_column));
    json.set("timestamp_format", Json(source.timestamp_format));
    json.set("is_read_only", Json(source.is_read_only));
    json.set("query", Json(source.query_id));
    json.set("statement", Json(source.statement));
    return json.dump();
}

Result<SourceInfo> decode_source(std::string_view text) {
    MILLRACE_TRY(const Json json, document(text));
    SourceInfo source;
    MILLRACE_TRY(source.name, text_of(json, "name"));
    const Json* schema = json.find("schema");
    if (schema == nullptr) {
        return bad("no schema");
    }
    MILLRACE_TRY(source.schema, topic_schema_from_json(*schema));
    MILLRACE_TRY(source.topic, text_of(json, "topic"));
    MILLRACE_TRY(source.timestamp_column, text_of(json, "timestamp_column"));
    MILLRACE_TRY(source.timestamp_format, text_of(json, "timestamp_format"));
    MILLRACE_TRY(source.query_id, text_of(json, "query"));
    MILLRACE_TRY(source.statement, text_of(json, "statement"));
    const Json* is_read_only = json.find("is_read_only");
    source.is_read_only =
        is_read_only != nullptr && is_read_only->if_bool() != nullptr && *is_read_only->if_bool();
    return source;
}

std::string encode_query(const QueryRecord& query, std::uint64_t number) {
    Json json;
    json.set("version", Json(kVersion));
    json.set("number", Json(static_cast<std::int64_t>(number)));
    json.set("id", Json(query.id));
    json.set("job", Json(query.job));
    json.set("statement", Json(query.statement));
    json.set("sink", Json(query.sink));
    json.set("plan", Json(query.plan));
    Json::Array sources;
    for (const std::string& source : query.sources) {
        sources.push_back(Json(source));
    }
    json.set("sources", Json(std::move(sources)));
    Json properties(Json::Object{});
    for (const auto& [name, value] : query.properties) {
        properties.set(name, Json(value));
    }
    json.set("properties", std::move(properties));
    json.set("state", Json(query.state));
    json.set("error", Json(query.error));
    json.set("is_paused", Json(query.is_paused));
    return json.dump();
}

Result<NumberedQuery> decode_query(std::string_view text) {
    MILLRACE_TRY(const Json json, document(text));
    NumberedQuery numbered;
    QueryRecord& query = numbered.query;
    const Json* number = json.find("number");
    if (number == nullptr || number->if_int() == nullptr || *number->if_int() < 0) {
        return bad("member \"number\" must be a number");
    }
    numbered.number = static_cast<std::uint64_t>(*number->if_int());
    MILLRACE_TRY(query.id, text_of(json, "id"));
    MILLRACE_TRY(query.job, text_of(json, "job"));
    MILLRACE_TRY(query.statement, text_of(json, "statement"));
    MILLRACE_TRY(query.sink, text_of(json, "sink"));
    MILLRACE_TRY(query.plan, text_of(json, "plan"));
    MILLRACE_TRY(query.state, text_of(json, "state"));
    MILLRACE_TRY(query.error, text_of(json, "error"));
    const Json* is_paused = json.find("is_paused");  // not there before 0.2
    query.is_paused =
        is_paused != nullptr && is_paused->if_bool() != nullptr && *is_paused->if_bool();
    const Json* sources = json.find("sources");
    if (sources == nullptr || sources->if_array() == nullptr) {
        return bad("member \"sources\" must be an array");
    }
    for (const Json& source : *sources->if_array()) {
        if (source.if_string() == nullptr) {
            return bad("\"sources\" must hold strings");
        }
        query.sources.push_back(*source.if_string());
    }
    const Json* properties = json.find("properties");
    if (properties == nullptr || properties->if_object() == nullptr) {
        return bad("member \"properties\" must be an object");
    }
    for (const auto& [name, value] : *properties->if_object()) {
        if (value.if_string() == nullptr) {
            return bad("\"properties\" must hold strings");
        }
        query.properties[name] = *value.if_string();
    }
    return numbered;
}

}  // namespace millrace::dsl
