// Records of cases <-> the bytes that lie in topics, by the format and types of the source declared
// there.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/row/schema_config.h"
#include "tests/conformance/case_log.h"
#include "tests/conformance/conformance_case.h"

namespace millrace::conformance {

/// schema   of the source on the record's topic; null when there is none: everything is JSON
[[nodiscard]] Result<StoredRecord> encode_record(const CaseRecord& record,
                                                 const TopicSchema* schema);

/// What an engine wrote, in the form in which cases expect it. DELIMITED records are one string.
struct ReadRecord {
    JsonText key;
    JsonText value;
    std::optional<CaseWindow> window;
    std::int64_t timestamp = 0;
    std::vector<CaseHeader> headers;
};
/// kUndecodableRow says which bytes are not in their format.
[[nodiscard]] Result<ReadRecord> decode_record(const StoredRecord& record,
                                               const TopicSchema* schema);

}  // namespace millrace::conformance
