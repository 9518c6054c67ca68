#include "server/cli/commands.h"

#include <functional>
#include <map>

#include "core/base/json.h"
#include "server/cli/group_commands.h"
#include "server/cli/progress.h"
#include "server/cli/test_command.h"
#include "server/cli/text_table.h"
#include "server/cli/topic_commands.h"
#include "server/cli/topic_reader.h"
#include "server/control/control.h"
#include "server/pipeline.h"
#include "server/shell/display_text.h"
#include "server/shell/session_wire.h"

namespace millrace::server {

namespace {

// --- sql
// ------------------------------------------------------------------------------------------------------------------

/// The folder of connector files: what `${connectors.dir}` stands for.
std::string directory_of(const std::string& path) {
    const auto info = make_system_files()->info(path);
    return info.ok() && info.value().is_directory ? path : parent_path(path);
}

/// The process that holds the directory, and has started its queries, executes for another one.
Status serve_sql(const Arguments& arguments, Node& node, Console& console) {
    if (!arguments.is_session) {
        return Error{ErrorCode::kNotSupported, "not a command of this version of Millrace"};
    }
    MILLRACE_TRY(dsl::QueryEngine * engine, node.engine());
    const auto session =
        make_local_session(*engine, arguments.output == "json" ? CellForm::kJson : CellForm::kText);
    serve_session(*session, console);
    return Ok{};
}

// --- query and connector
// ----------------------------------------------------------------------------------------------

Status list_queries(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(dsl::QueryEngine * engine, node.engine());
    TextTable table{.columns = {"QUERY", "STATE", "ROWS IN", "ROWS OUT", "DROPPED", "LAG", "ERROR"},
                    .rows = {}};
    for (const dsl::QueryInfo& query : engine->queries()) {
        std::uint64_t dropped = query.stats.row_errors;
        for (const auto& [reason, rows] : query.stats.dropped) {
            dropped += rows;
        }
        std::int64_t lag = 0;
        for (const runtime::SourceProgress& source : query.stats.sources) {
            lag += source.high_watermark.value - source.committed.value;
        }
        table.rows.push_back({query.id,
                              std::string(runtime::name_of(query.stats.state)),
                              std::to_string(query.stats.rows_in),
                              std::to_string(query.stats.rows_out),
                              std::to_string(dropped),
                              std::to_string(lag),
                              query.stats.error ? query.stats.error->message : ""});
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status explain_query(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(dsl::QueryEngine * engine, node.engine());
    MILLRACE_TRY(const std::string text, engine->explain(arguments.name));
    console.out(text + (text.ends_with('\n') ? "" : "\n"));
    return Ok{};
}

/// Connectors of the running process; without one, where each stood when it last committed.
Status list_connectors(const Arguments& arguments, Node& node, Console& console) {
    TextTable table{
        .columns = {"CONNECTOR", "KIND", "STATE", "RECORDS", "SKIPPED", "POSITION", "ERROR"},
        .rows = {}};
    std::map<std::string, std::string> positions;
    if (const auto topic = node.log().describe_topic("_millrace_connect_offsets"); topic.ok()) {
        ReadPlan plan{.topic = topic.value(), .from = {{0, Offset{0}}}};
        MILLRACE_TRY_STATUS(read_records(
            node.log(),
            plan,
            [&](std::int32_t, const RecordView& record) {
                const auto key =
                    record.key ? Json::parse(as_text(*record.key)) : Result<Json>{Json{}};
                const Json::Array* parts = key.ok() ? key.value().if_array() : nullptr;
                if (parts != nullptr && !parts->empty() && parts->front().if_string() != nullptr) {
                    positions[*parts->front().if_string()] =
                        record.value ? std::string(as_text(*record.value)) : "";
                }
                return true;
            },
            [&] { return console.is_cancelled(); }));
    }
    for (const connectors::ConnectorStatus& status : node.worker().status()) {
        const std::string position = positions[status.name];
        positions.erase(status.name);
        table.rows.push_back({status.name,
                              status.kind == connectors::ConnectorKind::kSource ? "source" : "sink",
                              std::string(connectors::name_of(status.state)),
                              std::to_string(status.records),
                              std::to_string(status.skipped + status.dead_lettered),
                              position,
                              status.error ? status.error->message : ""});
    }
    for (const auto& [name, position] : positions) {
        table.rows.push_back({name, "source", "not running", "", "", position, ""});
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status print_connector_classes(const Arguments&, Node&, Console& console) {
    console.out(connectors::describe_connectors());
    return Ok{};
}

using CommandFunction = Status (*)(const Arguments&, Node&, Console&);
const std::map<std::string, CommandFunction>& commands() {
    static const std::map<std::string, CommandFunction> kCommands = {
        {"sql", serve_sql},
        {"topic create", create_topic},
        {"topic list", list_topics},
        {"topic describe", describe_topic},
        {"topic delete", delete_topic},
        {"topic produce", produce},
        {"topic consume", consume},
        {"group list", list_groups},
        {"group describe", describe_group},
        {"group reset-offsets", reset_group_offsets},
        {"group delete", delete_group},
        {"group delete-offsets", delete_group_offsets},
        {"connector list", list_connectors},
        {"doctor", examine_running},
        {"connector classes", print_connector_classes},
        {"query list", list_queries},
        {"query explain", explain_query},
    };
    return kCommands;
}

Status open_and_execute(const Arguments& arguments, Console& console) {
    MILLRACE_TRY(auto node, Node::open(node_options(arguments)));
    const Status executed = execute_command(arguments, *node, console);
    const Status closed = node->close();
    return executed.ok() ? closed : executed;
}

}  // namespace

NodeOptions node_options(const Arguments& arguments) {
    NodeOptions options;
    options.data_directory = arguments.data_directory;
    static_cast<void>(parse_log_level(arguments.log_level, options.log_level));
    options.workers = arguments.workers;
    options.commit_interval = std::chrono::milliseconds(arguments.commit_interval_ms);
    options.state_bytes_max = arguments.state_bytes_max;
    return options;
}

Status execute_command(const Arguments& arguments, Node& node, Console& console) {
    const auto found = commands().find(arguments.command);
    if (found == commands().end()) {
        return Error{ErrorCode::kNotSupported,
                     "this command needs the data directory for itself: " + arguments.command};
    }
    return found->second(arguments, node, console);
}

Status execute_run(const Arguments& arguments, Console& console) {
    const auto files = make_system_files();
    auto sql = files->read_file(arguments.sql_file);
    if (!sql.ok()) {
        return sql.error();
    }
    MILLRACE_TRY(auto node, Node::open(node_options(arguments)));
    PipelineOptions options{
        .sql = std::string(sql.value().text()), .sql_name = arguments.sql_file, .connectors = {}};
    options.data_directory = arguments.data_directory;
    options.once = arguments.once;
    for (const std::string& path : arguments.connectors) {
        MILLRACE_TRY(auto loaded,
                     connectors::load_connectors(node->env(),
                                                 path,
                                                 {{"data.dir", arguments.data_directory},
                                                  {"connectors.dir", directory_of(path)}}));
        options.connectors.insert(options.connectors.end(), loaded.begin(), loaded.end());
    }
    Pipeline pipeline(*node, std::move(options));
    MILLRACE_TRY_STATUS(pipeline.prepare());
    MILLRACE_TRY(const dsl::QueryEngine* engine, node->engine());
    // Other commands on this directory reach this process through its socket.
    auto control = ControlServer::start(arguments.data_directory,
                                        [&](const Arguments& request, Console& remote) {
                                            return execute_command(request, *node, remote);
                                        });
    if (!control.ok()) {
        node->env().log.warn("control", control.error().message);
    }
    Progress progress(console, node->env().clock, arguments.quiet);
    const Status ran = pipeline.run(
        [&] { return console.is_cancelled(); },
        [&](bool is_last) {
            progress.update(progress_lines(node->worker().status(), engine->queries()), is_last);
        });
    if (control.ok()) {
        control.value()->stop();
    }
    const Status closed = node->close();
    return ran.ok() ? closed : ran;
}

int run_main(const std::vector<std::string>& words, Console& console) {
    const ParsedArguments parsed = parse_arguments(words);
    if (parsed.exit_code) {
        if (*parsed.exit_code == 0) {
            console.out(parsed.text);
        } else {
            console.err(parsed.text);
        }
        return *parsed.exit_code;
    }
    const Arguments& arguments = parsed.arguments;
    Status done = Ok{};
    if (arguments.command == "test") {
        return execute_test(arguments, console);
    }
    if (arguments.command == "run") {
        done = execute_run(arguments, console);
    } else if (arguments.command == "server") {
        done = execute_server(arguments, console);
    } else if (arguments.command == "demo") {
        done = execute_demo(arguments, console);
    } else if (arguments.command == "sql" && !arguments.is_session) {
        done = execute_sql(arguments, console);
    } else if (arguments.command == "connector classes") {
        console.out(connectors::describe_connectors());
    } else if (const auto code =
                   forward_to_running_process(arguments.data_directory, words, console)) {
        return *code;
    } else if (arguments.command == "doctor") {
        const Result<bool> is_damaged = execute_doctor(arguments, console);
        if (is_damaged.ok()) {
            return is_damaged.value() ? 1 : 0;
        }
        done = is_damaged.error();
    } else {
        done = open_and_execute(arguments, console);
    }
    if (!done.ok()) {
        console.err("millrace: " + shown_lines(done.error().message) + "\n");
        return 1;
    }
    return 0;
}

}  // namespace millrace::server
