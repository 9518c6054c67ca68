#include "server/shell/line_editor.h"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cwchar>
#include <utility>

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include "server/shell/display_text.h"

namespace millrace::server {

namespace {

constexpr std::size_t kCandidatesShown = 200;

/// libedit counts characters by the locale; SQL text is UTF-8 in any.
void use_utf8() {
    if (std::setlocale(LC_CTYPE, "") == nullptr ||
        std::string_view(::nl_langinfo(CODESET)) != "UTF-8") {
        std::setlocale(LC_CTYPE, "C.UTF-8");
    }
}

class Editor final : public LineEditor {
  public:
    explicit Editor(Options options) : options_(std::move(options)) {}
    ~Editor() override {
        if (edit_ != nullptr) {
            ::el_end(edit_);
        }
        if (history_ != nullptr) {
            ::history_end(history_);
        }
    }
    Editor(const Editor&) = delete;
    Editor& operator=(const Editor&) = delete;

    Status open() {
        use_utf8();
        edit_ = ::el_init("millrace", stdin, stdout, stderr);
        history_ = ::history_init();
        if (edit_ == nullptr || history_ == nullptr) {
            return Error{ErrorCode::kIo, "the terminal cannot be edited on"};
        }
        ::HistEvent event;
        ::history(history_, &event, H_SETSIZE, static_cast<int>(options_.history_max));
        ::history(history_, &event, H_SETUNIQUE, 1);
        ::el_set(edit_, EL_CLIENTDATA, this);
        ::el_set(edit_, EL_EDITOR, "emacs");
        ::el_set(edit_, EL_SIGNAL, 0);
        ::el_set(edit_, EL_PROMPT, &Editor::prompt_of);
        ::el_set(edit_, EL_HIST, ::history, history_);
        ::el_set(edit_, EL_GETCFN, &Editor::on_read);
        ::el_set(edit_, EL_ADDFN, "sql-complete", "complete SQL", &Editor::on_tab);
        ::el_set(edit_, EL_BIND, "^I", "sql-complete", nullptr);
        ::el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
        // Home, End, Delete and word steps as terminals send them.
        ::el_set(edit_, EL_BIND, "\\e[H", "ed-move-to-beg", nullptr);
        ::el_set(edit_, EL_BIND, "\\e[F", "ed-move-to-end", nullptr);
        ::el_set(edit_, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
        ::el_set(edit_, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
        ::el_set(edit_, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
        ::el_source(edit_, nullptr);
        for (const std::string& entry : options_.history) {
            remember(entry);
        }
        return Ok{};
    }

    Read read(const std::string& prompt, std::string& line) override {
        prompt_ = prompt;
        stop_ = Read::kLine;
        line.clear();
        int count = 0;
        const char* const text = ::el_gets(edit_, &count);
        if (text != nullptr && count > 0) {
            line.assign(text, static_cast<std::size_t>(count));
            if (line.back() == '\n') {
                line.pop_back();
            }
            return Read::kLine;
        }
        if (stop_ == Read::kInterrupted) {
            ::el_reset(edit_);
        }
        return stop_ == Read::kInterrupted ? Read::kInterrupted : Read::kEnd;
    }

    void remember(const std::string& entry) override {
        ::HistEvent event;
        ::history(history_, &event, H_ENTER, entry.c_str());
    }

  private:
    static Editor& self_of(::EditLine* edit) {
        void* self = nullptr;
        ::el_get(edit, EL_CLIENTDATA, &self);
        return *static_cast<Editor*>(self);
    }
    static char* prompt_of(::EditLine* edit) { return self_of(edit).prompt_.data(); }
    static int on_read(::EditLine* edit, wchar_t* out) {
        return self_of(edit).next_character(*out);
    }
    static unsigned char on_tab(::EditLine* edit, int) { return self_of(edit).complete(); }

    /// Waits for a key or a signal. 1: a character, 0: the end, -1: Ctrl-C or the end is asked for.
    int next_character(wchar_t& out) {
        std::string bytes;
        for (;;) {
            if (options_.is_ending()) {
                return stop(Read::kEnd);
            }
            if (options_.take_interrupt()) {
                return stop(Read::kInterrupted);
            }
            if (options_.take_terminal_change()) {
                ::el_set(edit_, EL_PREP_TERM, 1);
                ::el_resize(edit_);
                ::el_set(edit_, EL_REFRESH);
            }
            ::pollfd polls[] = {{STDIN_FILENO, POLLIN, 0}, {options_.wake_descriptor, POLLIN, 0}};
            if (::poll(polls, 2, -1) < 0) {
                continue;
            }
            if ((polls[1].revents & POLLIN) != 0) {
                options_.drain_wake();
                continue;
            }
            char byte = 0;
            const ::ssize_t got = ::read(STDIN_FILENO, &byte, 1);
            if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
                return stop(Read::kEnd);
            }
            if (got < 0) {
                continue;
            }
            bytes += byte;
            std::mbstate_t state{};
            const std::size_t taken = std::mbrtowc(&out, bytes.data(), bytes.size(), &state);
            if (taken == static_cast<std::size_t>(-1)) {
                bytes.clear();  // no character of any text
            } else if (taken != static_cast<std::size_t>(-2)) {
                return 1;
            }
        }
    }
    int stop(Read why) {
        stop_ = why;
        errno = EINTR;
        return -1;
    }

    unsigned char complete() {
        const ::LineInfo* const info = ::el_line(edit_);
        const std::string_view line(info->buffer,
                                    static_cast<std::size_t>(info->lastchar - info->buffer));
        const auto cursor = static_cast<std::size_t>(info->cursor - info->buffer);
        const Completion completion = options_.complete(line, cursor);
        if (completion.candidates.empty() || completion.begin > cursor) {
            return CC_REFRESH_BEEP;
        }
        const std::string typed(line.substr(completion.begin, cursor - completion.begin));
        std::string put = common_prefix(completion.candidates);
        const bool is_only = completion.candidates.size() == 1;
        if (is_only && !put.ends_with('(') && !put.ends_with('.')) {
            put += ' ';
        }
        if (is_only || put.size() > typed.size()) {
            ::el_deletestr(edit_, characters_in(typed));
            return ::el_insertstr(edit_, put.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        }
        list(completion.candidates);
        return CC_REDISPLAY;
    }
    static int characters_in(std::string_view text) {
        return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }));
    }

    /// The candidates in columns below the line.
    void list(const std::vector<std::string>& candidates) {
        int columns = 80;
        ::el_get(edit_, EL_GETTC, "co", &columns, nullptr);
        const auto width = static_cast<std::size_t>(std::max(columns, 20));
        const std::size_t count = std::min(candidates.size(), kCandidatesShown);
        std::size_t widest = 1;
        for (std::size_t i = 0; i < count; ++i) {
            widest = std::max(widest, display_width(shown_text(candidates[i])));
        }
        const std::size_t per_line = std::max<std::size_t>(width / (widest + 2), 1);
        std::string text = "\n";
        for (std::size_t i = 0; i < count; ++i) {
            std::string name = shown_text(candidates[i]);
            const bool ends_line = (i + 1) % per_line == 0 || i + 1 == count;
            name += ends_line ? "\n" : std::string(widest + 2 - display_width(name), ' ');
            text += name;
        }
        if (count < candidates.size()) {
            text += "... " + std::to_string(candidates.size() - count) + " more\n";
        }
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }

    Options options_;
    ::EditLine* edit_ = nullptr;
    ::History* history_ = nullptr;
    std::string prompt_;
    Read stop_ = Read::kLine;
};

}  // namespace

Result<std::unique_ptr<LineEditor>> LineEditor::open(Options options) {
    auto editor = std::make_unique<Editor>(std::move(options));
    MILLRACE_TRY_STATUS(editor->open());
    return std::unique_ptr<LineEditor>(std::move(editor));
}

}  // namespace millrace::server
