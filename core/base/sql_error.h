// The one list of what can be wrong with a statement: a stable number, a name, what it means and
// what to do. docs/errors.md is made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/sql_error_list.h"

namespace millrace {

/// The first two digits of a number.
enum class SqlErrorClass : std::uint8_t {
    kSyntax = 10,
    kNumericLiteral = 11,
    kUnresolvedName = 12,
    kReservedName = 13,
    kDuplicateColumn = 14,
    kTypeError = 15,
    kFunctionSignature = 16,
    kAggregateRule = 17,
    kWindowRule = 18,
    kJoinRule = 19,
    kKeyDeclaration = 20,
    kKeyMissingFromProjection = 21,
    kUnsupportedMapKey = 22,
    kFormatProperty = 23,
    kFormatTypeSupport = 24,
    kTimestampProperty = 25,
    kHeaderColumnRule = 26,
    kInsertRule = 27,
    kSourceObjectRule = 28,
    kPullQueryRule = 29,
    kSchemaRegistry = 30,
    kRuntimeFailure = 31,
    kOther = 32,
};

struct SqlErrorInfo {
    SqlError error = SqlError::kNone;
    std::string_view identifier;               // "kUnknownColumn"
    ErrorCode code = ErrorCode::kSqlSemantic;  // who can act on it
    std::string_view meaning;                  // one line
    std::string_view remedy;                   // what to do; one line

    /// "unknown_column".
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::uint16_t number() const { return static_cast<std::uint16_t>(error); }
    [[nodiscard]] SqlErrorClass error_class() const {
        return static_cast<SqlErrorClass>(number() / 100);
    }
};

/// All of them, by number.
[[nodiscard]] std::span<const SqlErrorInfo> sql_errors();
/// `error` must be in the list.
[[nodiscard]] const SqlErrorInfo& info_of(SqlError error);
/// "SQL1202".
[[nodiscard]] std::string code_text(SqlError error);
/// The class as documentation prints it: "unresolved-name".
[[nodiscard]] std::string_view name_of(SqlErrorClass error_class);

/// An error without a place; who knows the text adds it (dsl/sql/source_text.h).
[[nodiscard]] Error sql_error(SqlError error, std::string message);

}  // namespace millrace
