#include "core/net/stream.h"

namespace millrace::net {

std::string_view name_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::kPeerClosed:
            return "peer closed";
        case CloseReason::kPeerReset:
            return "peer reset";
        case CloseReason::kFirstByteTimeout:
            return "first byte timeout";
        case CloseReason::kRequestTimeout:
            return "request timeout";
        case CloseReason::kIdle:
            return "idle";
        case CloseReason::kStalled:
            return "stalled";
        case CloseReason::kTooLarge:
            return "too large";
        case CloseReason::kMalformed:
            return "malformed";
        case CloseReason::kNoMemory:
            return "no memory";
        case CloseReason::kFailed:
            return "failed";
        case CloseReason::kServerStopping:
            return "server stopping";
    }
    return "";
}

}  // namespace millrace::net
