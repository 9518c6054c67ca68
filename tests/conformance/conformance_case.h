// ConformanceCase: one line of a file of cases, read into fields; what the runner is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "tests/conformance/json_text.h"

namespace millrace::conformance {

struct CaseWindow {
    std::int64_t start = 0;
    std::int64_t end = 0;
    bool is_session = false;
};

struct CaseHeader {
    std::string key;
    std::optional<std::string> value_base64;
};

/// A record to feed, or one that is expected.
struct CaseRecord {
    std::string topic;
    JsonText key;
    JsonText value;
    std::optional<std::int64_t> timestamp;  // none: not checked
    std::optional<CaseWindow> window;
    std::vector<CaseHeader> headers;
};

struct CaseTopic {
    std::string name;
    std::int32_t partitions = 1;
};

enum class ErrorKind : std::uint8_t { kParse, kStatement, kRuntime, kRequest };

struct ExpectedError {
    ErrorKind kind = ErrorKind::kStatement;
    std::string text;  // what the message must contain; empty: anything
};

struct ConformanceCase {
    std::string id;
    std::string suite;
    std::string family;
    std::int64_t stage = 0;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<CaseTopic> create_topics;
    std::vector<std::string> statements;
    std::vector<CaseRecord> inputs;
    std::vector<CaseRecord> outputs;
    std::optional<ExpectedError> error;
    JsonText post;
    JsonText recorded_sources;

    [[nodiscard]] bool has_input(std::string_view topic) const;
    [[nodiscard]] bool has_tag(std::string_view tag) const;
};

/// Reads one line.
[[nodiscard]] Result<ConformanceCase> read_case(std::string_view line);

/// The lines of a file; one that ends in .gz is inflated.
[[nodiscard]] Result<std::vector<std::string>> read_lines(const std::string& path);

}  // namespace millrace::conformance
