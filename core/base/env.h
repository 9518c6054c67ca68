// Env: everything nondeterministic, in one hand: files, time, randomness, where waiting work runs.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/io_executor.h"
#include "core/base/random.h"
#include "core/base/telemetry.h"

namespace millrace {

/// Borrowed parts; the composition root (server/node, a test, the test driver) owns them and
/// outlives every user.
struct Env {
    FileSystem& files;
    Clock& clock;
    Random& random;
    IoExecutor& io;
    Logger& log;
};

}  // namespace millrace
