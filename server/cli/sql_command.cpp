// millrace sql: statements of the command line, of files, of standard input, or typed in.
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "server/cli/commands.h"
#include "server/control/control.h"
#include "server/shell/session_wire.h"
#include "server/shell/shell.h"

namespace millrace::server {

namespace {

ScreenSize screen_size() {
    ::winsize size{};
    ScreenSize screen;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        screen.columns = size.ws_col;
        screen.rows = size.ws_row;
    }
    return screen;
}

/// A terminal that obeys the sequences that tables are drawn with.
bool can_draw(const Console& console) {
    const char* const term = std::getenv("TERM");
    return console.is_terminal() && term != nullptr && std::string_view(term) != "dumb" &&
           term[0] != '\0';
}

/// A session in this process, and what it needs; or one elsewhere.
struct OpenSession {
    std::unique_ptr<Node> node;
    std::unique_ptr<SqlSession> session;
    std::unique_ptr<ControlServer> control;

    Status close() {
        if (control) {
            control->stop();
        }
        session.reset();
        return node ? node->close() : Status{Ok{}};
    }
};

Result<OpenSession> open_session(const Arguments& arguments, bool is_shell) {
    const CellForm form = arguments.output == "json" ? CellForm::kJson : CellForm::kText;
    OpenSession open;
    open.session = connect_session(arguments.data_directory, form);
    if (open.session) {
        return open;
    }
    MILLRACE_TRY(open.node, Node::open(node_options(arguments)));
    MILLRACE_TRY(dsl::QueryEngine * engine, open.node->engine());
    MILLRACE_TRY_STATUS(engine->start({}, {}, false));
    open.session = make_local_session(*engine, form);
    if (is_shell) {
        // Somebody thinks at the prompt for hours: others get at the directory meanwhile.
        auto control = ControlServer::start(
            arguments.data_directory,
            [node = open.node.get()](const Arguments& request, Console& remote) {
                return execute_command(request, *node, remote);
            });
        if (control.ok()) {
            open.control = std::move(control).value();
        } else {
            open.node->env().log.warn("control", control.error().message);
        }
    }
    return open;
}

Status execute_texts(const Arguments& arguments,
                     SqlSession& session,
                     ResultPrinter& printer,
                     Console& console) {
    const auto execute = [&](const std::string& text, const std::string& name) {
        Status done = session.execute(text, name, printer);
        printer.finish();
        static_cast<void>(printer.take_cancelled());  // Ctrl-C ends the command itself
        return done;
    };
    for (const std::string& text : arguments.statements) {
        MILLRACE_TRY_STATUS(execute(text, "-e"));
    }
    const auto files = make_system_files();
    for (const std::string& path : arguments.sql_files) {
        const auto text = files->read_file(path);
        if (!text.ok()) {
            return text.error();
        }
        MILLRACE_TRY_STATUS(execute(std::string(text.value().text()), path));
    }
    if (arguments.statements.empty() && arguments.sql_files.empty()) {
        std::string text;
        std::string line;
        while (console.read_line(line)) {
            text += line + "\n";
        }
        return execute(text, "stdin");
    }
    return Ok{};
}

}  // namespace

Status execute_sql(const Arguments& arguments, Console& console) {
    const bool is_shell = arguments.statements.empty() && arguments.sql_files.empty() &&
                          ::isatty(STDIN_FILENO) != 0 && console.is_terminal();
    if (is_shell) {
        install_shell_signals();
    }
    MILLRACE_TRY(OpenSession open, open_session(arguments, is_shell));
    ResultPrinter::Options options;
    options.form = arguments.output == "json" ? PrintForm::kJson
                   : can_draw(console)        ? PrintForm::kTerminal
                                              : PrintForm::kPlain;
    options.screen = screen_size;
    options.is_cancelled = [&console] {
        return console.is_cancelled() || console.take_interrupt();
    };
    const SystemClock clock;
    ResultPrinter printer(std::move(options), console, clock);
    Status done = Ok{};
    if (is_shell) {
        HistoryFile history(history_path());
        done = run_shell({*open.session, printer, console}, history);
    } else {
        done = execute_texts(arguments, *open.session, printer, console);
    }
    const Status closed = open.close();
    return done.ok() ? closed : done;
}

}  // namespace millrace::server
