// Session aggregate: running aggregates per key and session, with tombstones for what merges.
#pragma once

#include <string>

#include "operators/aggregate.h"

namespace millrace::operators {

/// See make_aggregate(), which checks the spec and calls this for WINDOW SESSION. The gap is the
/// window's size.
[[nodiscard]] Result<runtime::OperatorSpec> make_session_aggregate(AggregateSpec spec,
                                                                   std::string detail);

}  // namespace millrace::operators
