// LineEditor: libedit, the only place that knows it: a line with a prompt, editing keys, history
// and Tab.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "server/shell/completer.h"

namespace millrace::server {

class LineEditor {
  public:
    enum class Read : std::uint8_t {
        kLine,
        kInterrupted,  // Ctrl-C: the line is dropped
        kEnd,          // Ctrl-D on an empty line, the terminal is gone, or SIGTERM
    };
    struct Options {
        std::vector<std::string> history;  // oldest first
        std::size_t history_max = 1000;
        /// What Tab asks: the line and the cursor's byte offset in it.
        std::function<Completion(std::string_view line, std::size_t cursor)> complete;
        /// Ctrl-C since the last question; the process is told to end.
        std::function<bool()> take_interrupt;
        std::function<bool()> is_ending;
        int wake_descriptor = -1;  // readable when one of the two may have changed
        std::function<void()> drain_wake;
        std::function<bool()> take_terminal_change;
    };

    /// Over standard input and output, which are a terminal.
    [[nodiscard]] static Result<std::unique_ptr<LineEditor>> open(Options options);
    virtual ~LineEditor() = default;

    [[nodiscard]] virtual Read read(const std::string& prompt, std::string& line) = 0;
    virtual void remember(const std::string& entry) = 0;
};

}  // namespace millrace::server
