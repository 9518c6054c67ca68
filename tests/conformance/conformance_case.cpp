#include "tests/conformance/conformance_case.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/record/compression.h"

namespace millrace::conformance {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{512} << 20;

CaseRecord read_record(const JsonText& json) {
    CaseRecord record;
    record.topic = json["topic"].string();
    record.key = json["key"];
    record.value = json["value"];
    if (!json["timestamp"].is_null()) {
        record.timestamp = json["timestamp"].integer();
    }
    if (const JsonText& window = json["window"]; window.is(JsonKind::kObject)) {
        record.window = CaseWindow{window["start"].integer(),
                                   window["end"].integer(),
                                   window["type"].string() == "SESSION"};
    }
    for (const JsonText& header : json["headers"].children) {
        CaseHeader read;
        read.key = header["key"].string();
        if (!header["value_base64"].is_null()) {
            read.value_base64 = header["value_base64"].string();
        }
        record.headers.push_back(std::move(read));
    }
    return record;
}

ExpectedError read_error(const JsonText& json) {
    ExpectedError error;
    const std::string& kind = json["kind"].string();
    error.kind = kind == "parse"     ? ErrorKind::kParse
                 : kind == "runtime" ? ErrorKind::kRuntime
                 : kind == "request" ? ErrorKind::kRequest
                                     : ErrorKind::kStatement;
    error.text =
        json["message"].is_null() ? json["cause_message"].string() : json["message"].string();
    return error;
}

}  // namespace

bool ConformanceCase::has_input(std::string_view topic) const {
    return std::any_of(inputs.begin(), inputs.end(), [topic](const CaseRecord& record) {
        return record.topic == topic;
    });
}

bool ConformanceCase::has_tag(std::string_view tag) const {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

Result<ConformanceCase> read_case(std::string_view line) {
    MILLRACE_TRY(const JsonText json, parse_json_text(line));
    ConformanceCase read;
    read.id = json["id"].string();
    read.suite = json["suite"].string();
    read.family = json["family"].string();
    read.stage = json["stage"].integer();
    for (const JsonText& tag : json["tags"].children) {
        read.tags.push_back(tag.string());
    }
    const JsonText& properties = json["properties"];
    for (std::size_t i = 0; i < properties.children.size(); ++i) {
        read.properties.emplace_back(properties.names[i], properties.children[i].string());
    }
    for (const JsonText& topic : json["create_topics"].children) {
        read.create_topics.push_back(
            {topic["name"].string(), static_cast<std::int32_t>(topic["partitions"].integer())});
    }
    for (const JsonText& statement : json["statements"].children) {
        read.statements.push_back(statement.string());
    }
    for (const JsonText& record : json["inputs"].children) {
        read.inputs.push_back(read_record(record));
    }
    for (const JsonText& record : json["outputs"].children) {
        read.outputs.push_back(read_record(record));
    }
    if (!json["expected_error"].is_null()) {
        read.error = read_error(json["expected_error"]);
    }
    read.post = json["post"];
    read.recorded_sources = json["recorded_sources"];
    return read;
}

Result<std::vector<std::string>> read_lines(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error{ErrorCode::kNotFound, "cannot open " + path};
    }
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (path.ends_with(".gz")) {
        auto inflated = decompress(Codec::kGzip, as_bytes(text), kFileBytesMax);
        if (!inflated.ok()) {
            return std::move(inflated).error().with_context(path);
        }
        text = std::string(as_text(inflated.value()->view()));
    }
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (end > at) {
            lines.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return lines;
}

}  // namespace millrace::conformance
