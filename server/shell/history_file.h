// HistoryFile: what was typed in the shell, a statement per line, from start to start.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::server {

/// Entries with line feeds and backslashes escaped; mode 0600. Several shells may add to one file;
/// what cannot be read or written is left out without a word: history is a convenience.
class HistoryFile {
  public:
    static constexpr std::size_t kEntriesMax = 2'000;
    static constexpr std::size_t kEntryBytesMax = std::size_t{64} << 10;

    /// Reads the file. One that has become much longer than kEntriesMax is cut to the newest.
    explicit HistoryFile(std::string path);
    /// Oldest first.
    [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }
    /// Appends to the file. Nothing is kept of an entry that starts with a blank or repeats the
    /// last one. True when it was kept.
    bool add(const std::string& entry);

  private:
    void rewrite();

    std::string path_;
    std::vector<std::string> entries_;
};

/// $XDG_STATE_HOME/millrace/history, made with its folder's parents; without that variable
/// ~/.millrace_history. Empty when there is no home either.
[[nodiscard]] std::string history_path();

/// One entry as a line of the file, and back.
[[nodiscard]] std::string encode_history(std::string_view entry);
[[nodiscard]] std::string decode_history(std::string_view line);

}  // namespace millrace::server
