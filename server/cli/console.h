// Console: where a command reads and writes: this process's terminal, or a client at the other end
// of control.sock.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace millrace::server {

/// Any thread may write; one thread reads.
class Console {
  public:
    virtual ~Console() = default;
    virtual void out(std::string_view text) = 0;
    virtual void err(std::string_view text) = 0;
    /// The next line of standard input without its end; false at the end of input.
    virtual bool read_line(std::string& line) = 0;
    /// Standard output is a terminal: live progress and colours make sense.
    [[nodiscard]] virtual bool is_terminal() const = 0;
    /// The user asked to stop (Ctrl-C, SIGTERM, or the client went away).
    [[nodiscard]] virtual bool is_cancelled() const = 0;
    /// True once after the user asked to end what is running and go on: Ctrl-C in the shell.
    [[nodiscard]] virtual bool take_interrupt() { return false; }
};

/// Standard input, output and error of this process. Cancelled by SIGINT and SIGTERM once
/// install_signal_handlers() ran; a second signal ends the process at once.
class ProcessConsole final : public Console {
  public:
    void out(std::string_view text) override;
    void err(std::string_view text) override;
    bool read_line(std::string& line) override;
    [[nodiscard]] bool is_terminal() const override;
    [[nodiscard]] bool is_cancelled() const override;
    [[nodiscard]] bool take_interrupt() override;
};

/// First SIGINT or SIGTERM: is_cancelled() of every ProcessConsole. Second: _exit(130). SIGPIPE is
/// ignored.
void install_signal_handlers();

/// For a shell: from now on SIGINT is what ProcessConsole::take_interrupt() tells, and ends the
/// process only when it comes kInterruptsMax times without being taken. Also watches SIGWINCH and
/// SIGCONT.
inline constexpr int kInterruptsMax = 5;
void install_shell_signals();
/// Readable after a signal; for poll. Reading it empty is drain_signal_wake().
[[nodiscard]] int signal_wake_descriptor();
void drain_signal_wake();
/// True once after the terminal changed its size, or the process came to the foreground again.
[[nodiscard]] bool take_terminal_change();

}  // namespace millrace::server
