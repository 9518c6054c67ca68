#include "server/cli/console.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace millrace::server {

namespace {

volatile std::sig_atomic_t signals_seen = 0;

volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t terminal_changes = 0;
int wake_pipe[2] = {-1, -1};  // written by handlers, set before them

void wake() {
    const int error = errno;
    const char byte = 0;
    static_cast<void>(!::write(wake_pipe[1], &byte, 1));  // full: it is readable anyway
    errno = error;
}

void on_shell_signal(int number) {
    switch (number) {
        case SIGINT:
            interrupts = interrupts + 1;
            if (interrupts >= kInterruptsMax) {
                ::_exit(130);
            }
            break;
        case SIGTERM:
        case SIGHUP:
            signals_seen = signals_seen + 1;
            if (signals_seen > 1) {
                ::_exit(130);
            }
            break;
        default:
            terminal_changes = 1;
            break;
    }
    wake();
}

void on_signal(int number) {
    static_cast<void>(number);
    signals_seen = signals_seen + 1;
    if (signals_seen > 1) {
        ::_exit(130);
    }
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ::ssize_t put = ::write(descriptor, text.data(), text.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return;  // the reader is gone: there is nobody to tell
        }
        text.remove_prefix(static_cast<std::size_t>(put));
    }
}

}  // namespace

void install_signal_handlers() {
    struct ::sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void install_shell_signals() {
    if (::pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
        return;  // no descriptors left: Ctrl-C ends the process, as in every other command
    }
    struct ::sigaction action {};
    action.sa_handler = on_shell_signal;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT}) {
        ::sigaction(number, &action, nullptr);
    }
}

int signal_wake_descriptor() {
    return wake_pipe[0];
}

void drain_signal_wake() {
    char bytes[64];
    while (wake_pipe[0] >= 0 && ::read(wake_pipe[0], bytes, sizeof bytes) > 0) {
    }
}

bool take_terminal_change() {
    const bool has_changed = terminal_changes != 0;
    terminal_changes = 0;
    return has_changed;
}

void ProcessConsole::out(std::string_view text) {
    write_all(STDOUT_FILENO, text);
}
void ProcessConsole::err(std::string_view text) {
    write_all(STDERR_FILENO, text);
}

bool ProcessConsole::read_line(std::string& line) {
    line.clear();
    char* text = nullptr;
    std::size_t capacity = 0;
    const ::ssize_t size = ::getline(&text, &capacity, stdin);
    if (size >= 0) {
        line.assign(text, static_cast<std::size_t>(size));
        if (!line.empty() && line.back() == '\n') {
            line.pop_back();
        }
    }
    std::free(text);
    return size >= 0;
}

bool ProcessConsole::is_terminal() const {
    return ::isatty(STDOUT_FILENO) != 0;
}
bool ProcessConsole::is_cancelled() const {
    return signals_seen > 0;
}
bool ProcessConsole::take_interrupt() {
    const bool was_interrupted = interrupts > 0;
    interrupts = 0;
    return was_interrupted;
}

}  // namespace millrace::server
