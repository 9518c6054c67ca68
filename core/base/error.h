// The one list of error codes. Ranges say who can act on it; each code has at least one test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

enum class ErrorCode : std::uint16_t {
    kOk = 0,
    // 1000-1999  the caller asked for something impossible
    kInvalidArgument = 1000,
    kUnknownTopic = 1001,
    kOffsetOutOfRange = 1002,
    kTopicExists = 1003,
    kUnknownName = 1004,         // no such query, connector, column, function, configuration key
    kAlreadyExists = 1005,       // a query, connector or source of that name is there
    kFenced = 1006,              // a newer owner writes under this name (stale epoch)
    kNotSupported = 1007,        // understood, but not built
    kCancelled = 1008,           // the caller or a shutdown took the request back
    kOutOfOrderSequence = 1009,  // an idempotent producer left out a batch
    kStaleProducerEpoch = 1010,  // a newer producer holds this id
    kInvalidTransaction = 1011,  // no such transaction is open, or not in this state
    kSqlSyntax = 1100,           // the text cannot be parsed; the message carries line and column
    kSqlSemantic = 1101,         // parsed, but names, types or rules do not fit
    kConfigInvalid = 1200,       // a configuration key or value
    // 2000-2999  the data is bad
    kCorruptBatch = 2000,
    kUndecodableRow = 2001,
    kCorruptJournal = 2002,  // rot below the durable mark, or a format that cannot be read
    kNewerFormat = 2003,     // written by a newer version of Millrace
    kEvaluation = 2004,  // an expression failed for one row (overflow, division by zero, bad cast)
    kTooLarge = 2005,    // a record, batch or row is above its limit
    // 3000-3999  the outside world failed; trying again may help
    kIo = 3000,
    kTimedOut = 3001,
    kNoSpace = 3002,            // disk full; nothing of the request was kept
    kNotFound = 3003,           // a file or directory is not there
    kInUse = 3004,              // another process holds it
    kOutOfMemoryBudget = 3005,  // a configured memory budget is used up
};

/// The code's name as documentation and logs print it, e.g. "unknown_topic". Static storage.
[[nodiscard]] std::string_view name_of(ErrorCode code);

/// What is wrong with a statement: a number of the list in core/base/sql_error_list.h; 0 for errors
/// that are not of SQL.
enum class SqlError : std::uint16_t;

/// What went wrong, for a program (code) and for a person (message).
struct Error {
    ErrorCode code = ErrorCode::kOk;
    std::string message;  // one sentence, lower case, ends with the value that caused it
    SqlError sql{};       // of a statement that was rejected: what is wrong with it

    /// The same error with `context` and ": " put before the message.
    [[nodiscard]] Error with_context(std::string_view context) const;
};

}  // namespace millrace
