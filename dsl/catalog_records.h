// The catalog's records as JSON text. Format: docs/formats/catalog.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "dsl/catalog.h"

namespace millrace::dsl {

[[nodiscard]] std::string encode_source(const SourceInfo& source);
/// kCorruptJournal names what is wrong; kNewerFormat.
[[nodiscard]] Result<SourceInfo> decode_source(std::string_view text);

[[nodiscard]] std::string encode_type(const std::string& name, const DataType& type);
[[nodiscard]] Result<DataType> decode_type(std::string_view text);

/// number  the place in the order of creation
[[nodiscard]] std::string encode_query(const QueryRecord& query, std::uint64_t number);
struct NumberedQuery {
    QueryRecord query;
    std::uint64_t number = 0;
};
[[nodiscard]] Result<NumberedQuery> decode_query(std::string_view text);

}  // namespace millrace::dsl
