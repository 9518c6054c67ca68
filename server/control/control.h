// Control: DIR/control.sock, by which commands reach the process that holds the data directory.
// Frames on the socket: docs/formats/control.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "server/cli/arguments.h"
#include "server/cli/console.h"

namespace millrace::server {

/// Serves one command per connection, each on a thread of its own, at most kClientsMax at a time.
/// The socket is only for the user who owns the directory (mode 0600).
class ControlServer {
  public:
    static constexpr std::size_t kClientsMax = 16;
    using Execute = std::function<Status(const Arguments&, Console&)>;

    [[nodiscard]] static Result<std::unique_ptr<ControlServer>> start(
        const std::string& data_directory, Execute execute);
    virtual ~ControlServer() = default;
    /// Cancels what runs, waits for it and removes the socket.
    virtual void stop() = 0;
};

/// Runs the command in the process that holds the directory and gives its exit code; nullopt when
/// there is none.
[[nodiscard]] std::optional<int> forward_to_running_process(const std::string& data_directory,
                                                            const std::vector<std::string>& words,
                                                            Console& console);

}  // namespace millrace::server
