#include "connectors/connector.h"

namespace millrace::connectors {

bool is_retriable(ErrorCode code) {
    return code == ErrorCode::kIo || code == ErrorCode::kTimedOut || code == ErrorCode::kNoSpace ||
           code == ErrorCode::kInUse || code == ErrorCode::kOutOfMemoryBudget;
}

}  // namespace millrace::connectors
