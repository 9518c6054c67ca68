#include "server/shell/history_file.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace::server {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;

/// An open file, closed at the end.
class Descriptor {
  public:
    Descriptor(const std::string& path, int flags)
        : value_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] bool is_open() const { return value_ >= 0; }

    [[nodiscard]] std::string read_all() const {
        std::string text;
        char piece[16 << 10];
        while (text.size() < kFileBytesMax) {
            const ::ssize_t got = ::read(value_, piece, sizeof piece);
            if (got <= 0) {
                break;
            }
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }
    /// One write: lines of several shells do not mix.
    [[nodiscard]] bool write(const std::string& text) const {
        return ::fchmod(value_, 0600) == 0 &&
               ::write(value_, text.data(), text.size()) == static_cast<::ssize_t>(text.size());
    }

  private:
    int value_;
};

}  // namespace

HistoryFile::HistoryFile(std::string path) : path_(std::move(path)) {
    const Descriptor file(path_, O_RDONLY);
    if (path_.empty() || !file.is_open()) {
        return;
    }
    const std::string text = file.read_all();
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) {
            entries_.push_back(decode_history(std::string_view(text).substr(begin, end - begin)));
        }
        begin = end + 1;
    }
    if (entries_.size() > kEntriesMax) {
        const bool is_long = entries_.size() > 2 * kEntriesMax;
        entries_.erase(entries_.begin(), entries_.end() - static_cast<std::ptrdiff_t>(kEntriesMax));
        if (is_long) {
            rewrite();
        }
    }
}

void HistoryFile::rewrite() {
    std::string text;
    for (const std::string& entry : entries_) {
        text += encode_history(entry) + "\n";
    }
    const std::string fresh = path_ + "." + std::to_string(::getpid());
    const Descriptor file(fresh, O_WRONLY | O_CREAT | O_EXCL);
    if (file.is_open() && (!file.write(text) || std::rename(fresh.c_str(), path_.c_str()) != 0)) {
        ::unlink(fresh.c_str());
    }
}

bool HistoryFile::add(const std::string& entry) {
    if (entry.empty() || entry.front() == ' ' || entry.size() > kEntryBytesMax ||
        (!entries_.empty() && entries_.back() == entry)) {
        return false;
    }
    entries_.push_back(entry);
    if (entries_.size() > kEntriesMax) {
        entries_.erase(entries_.begin());
    }
    if (!path_.empty()) {
        const Descriptor file(path_, O_WRONLY | O_CREAT | O_APPEND);
        static_cast<void>(file.is_open() && file.write(encode_history(entry) + "\n"));
    }
    return true;
}

std::string history_path() {
    const char* const state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && state[0] == '/') {
        const std::string folder = std::string(state) + "/millrace";
        ::mkdir(state, 0700);
        ::mkdir(folder.c_str(), 0700);
        return folder + "/history";
    }
    const char* const home = std::getenv("HOME");
    return home != nullptr && home[0] == '/' ? std::string(home) + "/.millrace_history" : "";
}

std::string encode_history(std::string_view entry) {
    std::string line;
    for (const char c : entry) {
        if (c == '\n') {
            line += "\\n";
        } else if (c == '\\') {
            line += "\\\\";
        } else {
            line += c;
        }
    }
    return line;
}

std::string decode_history(std::string_view line) {
    std::string entry;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) {
            ++i;
            entry += line[i] == 'n' ? '\n' : line[i];
        } else {
            entry += line[i];
        }
    }
    return entry;
}

}  // namespace millrace::server
