// Kill points: named places where a crash test ends the process, as a power button would.
#pragma once

#include <string_view>

namespace millrace {

/// Ends the process with SIGKILL when the environment says MILLRACE_KILL_AT=name:n and this is the
/// n-th time (from 1) that the point is passed. Without that variable it costs one comparison. Any
/// thread.
///
/// The points stand around the steps of a commit: segment.write, wal.write, wal.sync, publish,
/// sink.commit, each as "before.NAME" and "after.NAME".
void kill_point(std::string_view name);

}  // namespace millrace
