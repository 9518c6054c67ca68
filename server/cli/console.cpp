#include "server/cli/console.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace millrace::server {

namespace {

volatile std::sig_atomic_t signals_seen = 0;

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

}  // namespace millrace::server
