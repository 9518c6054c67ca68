#include "server/shell/shell.h"

#include <optional>
#include <string_view>
#include <utility>

#include "dsl/sql/lexer.h"
#include "server/shell/display_text.h"
#include "server/shell/sql_scanner.h"

namespace millrace::server {

namespace {

constexpr std::string_view kPrompt = "millrace> ";

constexpr std::string_view kHelp =
    "Statements end with a semicolon and may go over several lines; docs/sql.md lists them.\n"
    "\n"
    "  SHOW STREAMS;  SHOW TABLES;  SHOW TOPICS;  SHOW QUERIES;  SHOW FUNCTIONS;  SHOW "
    "PROPERTIES;\n"
    "  DESCRIBE name;  DESCRIBE FUNCTION name;  EXPLAIN name;  PRINT 'topic' FROM BEGINNING;\n"
    "  SELECT ... EMIT CHANGES;      rows as they come, until Ctrl-C or LIMIT\n"
    "  SET 'name' = 'value';  DEFINE name = 'value';  RUN SCRIPT 'file.sql';\n"
    "\n"
    "  help, clear, exit or quit\n"
    "  Tab      completes keywords, names, functions, properties and settings\n"
    "  Up, Down history; Ctrl-R searches it\n"
    "  Ctrl-C   drops the statement, or ends a query that shows rows\n"
    "  Ctrl-D   leaves\n";

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t begin = line.find_first_not_of(kBlanks);
    return begin == std::string_view::npos
               ? std::string_view{}
               : line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

class Shell {
  public:
    Shell(const ShellParts& parts, HistoryFile& history) : parts_(parts), history_(history) {}

    Status run() {
        LineEditor::Options options;
        options.history = history_.entries();
        options.history_max = HistoryFile::kEntriesMax;
        options.complete = [this](std::string_view line, std::size_t cursor) {
            return complete_line(line, cursor);
        };
        options.take_interrupt = [this] { return parts_.console.take_interrupt(); };
        options.is_ending = [this] { return parts_.console.is_cancelled(); };
        options.wake_descriptor = signal_wake_descriptor();
        options.drain_wake = drain_signal_wake;
        options.take_terminal_change = take_terminal_change;
        MILLRACE_TRY(editor_, LineEditor::open(std::move(options)));
        parts_.console.out("Millrace SQL. help says what there is, Ctrl-D leaves.\n");
        std::string line;
        while (!is_leaving_ && !parts_.console.is_cancelled()) {
            switch (editor_->read(prompt(), line)) {
                case LineEditor::Read::kEnd:
                    parts_.console.out("\n");
                    return Ok{};
                case LineEditor::Read::kInterrupted:
                    parts_.console.out("\n");
                    pending_.clear();
                    break;
                case LineEditor::Read::kLine:
                    take(line);
                    break;
            }
            if (lost_) {
                return *lost_;
            }
        }
        return Ok{};
    }

  private:
    std::string prompt() const {
        if (pending_.empty()) {
            return std::string(kPrompt);
        }
        const char open = split_statements(pending_).open_quote;
        const std::string mark = open == '\0' ? "->" : std::string(1, open) + ">";
        return std::string(kPrompt.size() - mark.size() - 1, ' ') + mark + " ";
    }

    void take(const std::string& line) {
        if (pending_.empty() && is_own_word(trimmed(line))) {
            return;
        }
        pending_ += line + "\n";
        if (pending_.size() > dsl::sql::kSqlTextBytesMax) {
            parts_.console.err("the text is longer than " +
                               std::to_string(dsl::sql::kSqlTextBytesMax) + " bytes: dropped\n");
            pending_.clear();
            return;
        }
        SplitText split = split_statements(pending_);
        pending_ = std::move(split.rest);
        const bool is_private = line.starts_with(' ');
        for (const std::string& statement : split.statements) {
            const std::string entry = (is_private ? " " : "") + one_line_statement(statement);
            if (history_.add(entry)) {
                editor_->remember(entry);
            }
        }
        for (const std::string& statement : split.statements) {
            if (!execute(statement)) {
                break;
            }
        }
    }

    /// help, clear, exit, quit; with or without a semicolon.
    bool is_own_word(std::string_view line) {
        if (line.ends_with(';')) {
            line = trimmed(line.substr(0, line.size() - 1));
        }
        const std::string word = dsl::sql::upper_case(line);
        if (word == "HELP" || word == "?") {
            parts_.console.out(kHelp);
        } else if (word == "CLEAR") {
            parts_.console.out("\x1b[H\x1b[2J");
        } else if (word == "EXIT" || word == "QUIT") {
            is_leaving_ = true;
        } else {
            return false;
        }
        return true;
    }

    bool execute(const std::string& statement) {
        static_cast<void>(parts_.console.take_interrupt());  // what came before is not meant
        const Status done = parts_.session.execute(statement, "statement", parts_.printer);
        parts_.printer.finish();
        view_.reset();
        const bool was_cancelled = parts_.printer.take_cancelled();
        if (done.ok()) {
            return !was_cancelled;  // who ends one statement of a line means the line
        }
        if (!parts_.session.is_open()) {
            lost_ = done.error();
        } else {
            parts_.console.err(shown_lines(done.error().message) + "\n");
        }
        return false;
    }

    Completion complete_line(std::string_view line, std::size_t cursor) {
        // Others change the catalog too: every new line asks again.
        if (!view_ || pending_.empty()) {
            auto view = parts_.session.view();
            if (!view.ok()) {
                return {};
            }
            view_ = std::move(view).value();
        }
        const std::string text = pending_ + std::string(line);
        Completion completion = complete(text, pending_.size() + cursor, *view_);
        if (completion.begin < pending_.size()) {
            return {};  // the word began on a line that is no longer edited
        }
        completion.begin -= pending_.size();
        return completion;
    }

    const ShellParts& parts_;
    HistoryFile& history_;
    std::unique_ptr<LineEditor> editor_;
    std::optional<dsl::CatalogView> view_;
    std::optional<Error> lost_;
    std::string pending_;  // lines of a statement that has not ended
    bool is_leaving_ = false;
};

}  // namespace

Status run_shell(const ShellParts& parts, HistoryFile& history) {
    return Shell(parts, history).run();
}

}  // namespace millrace::server
