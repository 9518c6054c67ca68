#include "core/base/sql_error.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/assert.h"

namespace millrace {

namespace {

constexpr SqlErrorInfo kSqlErrors[] = {
#define MILLRACE_SQL_ERROR_ENTRY(number, name, code, meaning, remedy) \
    {SqlError::name, #name, ErrorCode::code, meaning, remedy},
    MILLRACE_SQL_ERRORS(MILLRACE_SQL_ERROR_ENTRY)
#undef MILLRACE_SQL_ERROR_ENTRY
};

}  // namespace

std::string SqlErrorInfo::name() const {
    std::string text;
    for (const char c : identifier.substr(1)) {  // "kUnknownColumn"
        const bool is_upper = c >= 'A' && c <= 'Z';
        text += is_upper && !text.empty() ? "_" : "";
        text += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

std::span<const SqlErrorInfo> sql_errors() {
    return kSqlErrors;
}

const SqlErrorInfo& info_of(SqlError error) {
    const auto* const found =
        std::find_if(std::begin(kSqlErrors), std::end(kSqlErrors), [&](const SqlErrorInfo& info) {
            return info.error == error;
        });
    CHECK(found != std::end(kSqlErrors));
    return *found;
}

std::string code_text(SqlError error) {
    return "SQL" + std::to_string(static_cast<std::uint16_t>(error));
}

std::string_view name_of(SqlErrorClass error_class) {
    switch (error_class) {
        case SqlErrorClass::kSyntax:
            return "syntax";
        case SqlErrorClass::kNumericLiteral:
            return "numeric-literal";
        case SqlErrorClass::kUnresolvedName:
            return "unresolved-name";
        case SqlErrorClass::kReservedName:
            return "reserved-name";
        case SqlErrorClass::kDuplicateColumn:
            return "duplicate-column";
        case SqlErrorClass::kTypeError:
            return "type-error";
        case SqlErrorClass::kFunctionSignature:
            return "function-signature";
        case SqlErrorClass::kAggregateRule:
            return "aggregate-rule";
        case SqlErrorClass::kWindowRule:
            return "window-rule";
        case SqlErrorClass::kJoinRule:
            return "join-rule";
        case SqlErrorClass::kKeyDeclaration:
            return "key-declaration";
        case SqlErrorClass::kKeyMissingFromProjection:
            return "key-missing-from-projection";
        case SqlErrorClass::kUnsupportedMapKey:
            return "unsupported-map-key";
        case SqlErrorClass::kFormatProperty:
            return "format-property";
        case SqlErrorClass::kFormatTypeSupport:
            return "format-type-support";
        case SqlErrorClass::kTimestampProperty:
            return "timestamp-property";
        case SqlErrorClass::kHeaderColumnRule:
            return "header-column-rule";
        case SqlErrorClass::kInsertRule:
            return "insert-rule";
        case SqlErrorClass::kSourceObjectRule:
            return "source-object-rule";
        case SqlErrorClass::kPullQueryRule:
            return "pull-query-rule";
        case SqlErrorClass::kSchemaRegistry:
            return "schema-registry";
        case SqlErrorClass::kRuntimeFailure:
            return "runtime-failure";
        case SqlErrorClass::kOther:
            return "other";
    }
    return "other";
}

Error sql_error(SqlError error, std::string message) {
    return Error{info_of(error).code, std::move(message), error};
}

}  // namespace millrace
