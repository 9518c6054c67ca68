// Record: key, value, headers and timestamp, as stored in a record batch.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/record/ids.h"

namespace millrace {

struct HeaderView {
    std::string_view key;
    std::optional<ByteView> value;  // nullopt is null
};

/// One record, borrowed: valid as long as the bytes it was read from (or was pointed at).
struct RecordView {
    std::optional<ByteView> key;    // nullopt is null
    std::optional<ByteView> value;  // nullopt is null: a tombstone in a table
    std::vector<HeaderView> headers;
    Timestamp timestamp;
    Offset offset;  // given by the log; ignored when building
};

}  // namespace millrace
