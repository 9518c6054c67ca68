#include "core/base/error.h"

namespace millrace {

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::kOk:
            return "ok";
        case ErrorCode::kInvalidArgument:
            return "invalid_argument";
        case ErrorCode::kUnknownTopic:
            return "unknown_topic";
        case ErrorCode::kOffsetOutOfRange:
            return "offset_out_of_range";
        case ErrorCode::kTopicExists:
            return "topic_exists";
        case ErrorCode::kUnknownName:
            return "unknown_name";
        case ErrorCode::kAlreadyExists:
            return "already_exists";
        case ErrorCode::kFenced:
            return "fenced";
        case ErrorCode::kNotSupported:
            return "not_supported";
        case ErrorCode::kCancelled:
            return "cancelled";
        case ErrorCode::kOutOfOrderSequence:
            return "out_of_order_sequence";
        case ErrorCode::kStaleProducerEpoch:
            return "stale_producer_epoch";
        case ErrorCode::kInvalidTransaction:
            return "invalid_transaction";
        case ErrorCode::kSqlSyntax:
            return "sql_syntax";
        case ErrorCode::kSqlSemantic:
            return "sql_semantic";
        case ErrorCode::kConfigInvalid:
            return "config_invalid";
        case ErrorCode::kCorruptBatch:
            return "corrupt_batch";
        case ErrorCode::kUndecodableRow:
            return "undecodable_row";
        case ErrorCode::kCorruptJournal:
            return "corrupt_journal";
        case ErrorCode::kNewerFormat:
            return "newer_format";
        case ErrorCode::kEvaluation:
            return "evaluation";
        case ErrorCode::kTooLarge:
            return "too_large";
        case ErrorCode::kIo:
            return "io";
        case ErrorCode::kTimedOut:
            return "timed_out";
        case ErrorCode::kNoSpace:
            return "no_space";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kInUse:
            return "in_use";
        case ErrorCode::kOutOfMemoryBudget:
            return "out_of_memory_budget";
    }
    return "unknown";
}

Error Error::with_context(std::string_view context) const {
    return Error{code, std::string(context) + ": " + message, sql};
}

}  // namespace millrace
