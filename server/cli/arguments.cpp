#include "server/cli/arguments.h"

#include <functional>
#include <sstream>

#include <CLI/CLI.hpp>

#include "core/base/nearest_name.h"

namespace millrace::server {

namespace {

constexpr const char* kVersion = "millrace 0.1.0 (data format 1)";

constexpr const char* kAbout =
    "Millrace: a durable log, connectors and streaming SQL in one program.\n"
    "Try: millrace demo";

/// Adds a subcommand whose choice sets Arguments::command.
CLI::App* add_command(CLI::App& parent,
                      Arguments& arguments,
                      const std::string& path,
                      const std::string& about) {
    const std::size_t blank = path.rfind(' ');
    CLI::App* command =
        parent.add_subcommand(blank == std::string::npos ? path : path.substr(blank + 1), about);
    command->callback([&arguments, path] { arguments.command = path; });
    return command;
}

void add_data(CLI::App* command, Arguments& arguments) {
    command->add_option("--data", arguments.data_directory, "data directory")
        ->each([&arguments](const std::string&) { arguments.is_data_given = true; })
        ->capture_default_str();
}
void add_output(CLI::App* command, Arguments& arguments) {
    command->add_option("-o,--output", arguments.output, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
}
void add_name(CLI::App* command, Arguments& arguments, const char* what) {
    command->add_option("NAME", arguments.name, what)->required();
}

void add_run(CLI::App& app, Arguments& arguments) {
    CLI::App* run =
        add_command(app, arguments, "run", "run a pipeline: SQL and connectors, embedded");
    run->add_option(
           "FILE", arguments.sql_file, "SQL file to apply; statements already there are resumed")
        ->required();
    run->add_option("--connectors",
                    arguments.connectors,
                    "connector JSON: files or directories; ${data.dir} is the data directory");
    run->add_flag("--once", arguments.once, "until the inputs are used up, then exit 0");
    run->add_flag("--quiet", arguments.quiet, "no progress");
    run->add_option("--workers", arguments.workers, "threads that run queries; 0: one per core")
        ->capture_default_str();
    run->add_option(
           "--commit-interval-ms", arguments.commit_interval_ms, "milliseconds between commits")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{3'600'000}))
        ->capture_default_str();
    run->add_option(
           "--state-memory-bytes", arguments.state_bytes_max, "most bytes of state of one query")
        ->capture_default_str();
    add_data(run, arguments);
}

void add_server(CLI::App& app, Arguments& arguments) {
    CLI::App* server = add_command(app, arguments, "server", "serve Kafka clients");
    server->add_option("--config", arguments.config_file, "JSON file; keys: docs/configuration.md");
    server
        ->add_option("--kafka",
                     arguments.kafka,
                     "HOST:PORT to listen on, repeatable; port 0 takes a free one; default: "
                     "127.0.0.1:9092")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    server->add_flag("--insecure-bind",
                     arguments.insecure_bind,
                     "listen on other than loopback addresses although there is no authentication");
    add_data(server, arguments);
}

void add_sql(CLI::App& app, Arguments& arguments) {
    CLI::App* sql = add_command(
        app, arguments, "sql", "execute SQL: -e TEXT, -f FILE, standard input, or interactively");
    sql->footer(
        "On a terminal: a shell with history and completion (Tab); help lists what it knows.\n"
        "SELECT over a table is drawn in place while it changes. -o json: an object per line.\n"
        "History: $XDG_STATE_HOME/millrace/history or ~/.millrace_history. See docs/shell.md.");
    sql->add_option("-e,--execute", arguments.statements, "statements to execute");
    sql->add_option("-f,--file", arguments.sql_files, "files of statements to execute");
    // For the other end of control.sock: no help names it.
    sql->add_flag("--session", arguments.is_session)->group("");
    add_data(sql, arguments);
    add_output(sql, arguments);
}

void add_test(CLI::App& app, Arguments& arguments) {
    CLI::App* test = add_command(app, arguments, "test", "run test files: docs/testing.md");
    test->add_option("PATH", arguments.test_paths, "files, or folders of .test and .sql files")
        ->required();
    test->add_option("--batch-size",
                     arguments.batch_size,
                     "most rows that operators get at once; default: as the files say")
        ->check(CLI::Range(1, 4096));
    test->add_option("--executor",
                     arguments.executor,
                     "deterministic (no threads), tbb1 or tbb4 (oneTBB with 1 or 4 workers)")
        ->check(CLI::IsMember({"deterministic", "tbb1", "tbb4"}))
        ->capture_default_str();
    add_output(test, arguments);
}

void add_topic(CLI::App& app, Arguments& arguments) {
    CLI::App* topic =
        app.add_subcommand("topic", "create, list, describe, delete, produce, consume");
    topic->require_subcommand(1);
    CLI::App* create = add_command(*topic, arguments, "topic create", "create a topic");
    add_name(create, arguments, "topic");
    create->add_option("--partitions", arguments.partitions, "how many")->capture_default_str();
    create->add_option("--config", arguments.config, "key=value, e.g. retention.ms=86400000");
    CLI::App* list = add_command(*topic, arguments, "topic list", "list topics");
    list->add_flag(
        "--internal", arguments.include_internal, "also the topics that Millrace keeps for itself");
    CLI::App* describe = add_command(
        *topic, arguments, "topic describe", "partitions, offsets and config of a topic");
    add_name(describe, arguments, "topic");
    CLI::App* remove =
        add_command(*topic, arguments, "topic delete", "delete a topic and its records");
    add_name(remove, arguments, "topic");
    CLI::App* produce = add_command(
        *topic, arguments, "topic produce", "append lines of standard input as records");
    add_name(produce, arguments, "topic");
    produce->add_option(
        "--key-separator", arguments.key_separator, "text between key and value on each line");
    CLI::App* consume = add_command(*topic, arguments, "topic consume", "print records");
    add_name(consume, arguments, "topic");
    consume->add_option("--partition", arguments.partition, "only this one; default: all");
    consume->add_option("--offset",
                        arguments.offset,
                        "first offset; negative: that many before the end; default: the start");
    consume->add_option("--limit", arguments.limit, "stop after so many records");
    consume->add_flag("--follow", arguments.follow, "wait for more at the end");
    for (CLI::App* command : {create, list, describe, remove, produce, consume}) {
        add_data(command, arguments);
        add_output(command, arguments);
    }
}

void add_group(CLI::App& app, Arguments& arguments) {
    CLI::App* group = app.add_subcommand(
        "group", "consumer groups: list, describe, reset-offsets, delete, delete-offsets");
    group->require_subcommand(1);
    CLI::App* list = add_command(*group,
                                 arguments,
                                 "group list",
                                 "groups, their state, members and how far they are behind");
    CLI::App* describe = add_command(
        *group, arguments, "group describe", "members, partitions, committed offsets and lag");
    CLI::App* reset = add_command(*group,
                                  arguments,
                                  "group reset-offsets",
                                  "let a group without members go on from another place");
    CLI::App* remove =
        add_command(*group, arguments, "group delete", "forget a group without members");
    CLI::App* forget = add_command(
        *group, arguments, "group delete-offsets", "forget what a group committed for topics");
    for (CLI::App* command : {describe, reset, remove, forget}) {
        add_name(command, arguments, "group");
    }
    for (CLI::App* command : {reset, forget}) {
        command
            ->add_option("--topic", arguments.topics, "topic, or topic:partition,...; repeatable")
            ->required()
            ->allow_extra_args(false);
    }
    CLI::Option_group* target = reset->add_option_group("target", "where the group goes on");
    target->add_flag("--to-earliest", arguments.to_earliest, "from the first record kept");
    target->add_flag("--to-latest", arguments.to_latest, "from what comes next");
    target->add_option("--to-offset", arguments.to_offset, "from this offset");
    target->add_option("--to-datetime",
                       arguments.to_datetime,
                       "from the first record at or after a time, e.g. 2026-01-31T12:00:00Z");
    target->add_option(
        "--shift-by", arguments.shift_by, "so many records on; back when it is negative");
    target->require_option(1);
    reset->add_flag("--dry-run", arguments.dry_run, "only show what would change");
    for (CLI::App* command : {list, describe, reset, remove, forget}) {
        add_data(command, arguments);
        add_output(command, arguments);
    }
}

void add_rest(CLI::App& app, Arguments& arguments) {
    CLI::App* connector = app.add_subcommand("connector", "list connectors and their classes");
    connector->require_subcommand(1);
    CLI::App* list = add_command(
        *connector, arguments, "connector list", "connectors, their state and where they stand");
    CLI::App* classes = add_command(*connector,
                                    arguments,
                                    "connector classes",
                                    "every class with its configuration keys, as Markdown");
    static_cast<void>(classes);
    CLI::App* query = app.add_subcommand("query", "list and explain persistent queries");
    query->require_subcommand(1);
    CLI::App* queries = add_command(
        *query, arguments, "query list", "queries, their state, figures and last error");
    CLI::App* explain = add_command(*query,
                                    arguments,
                                    "query explain",
                                    "logical plan and operator graph of a query or statement");
    add_name(explain, arguments, "query id or statement");
    for (CLI::App* command : {list, queries, explain}) {
        add_data(command, arguments);
        add_output(command, arguments);
    }
    CLI::App* doctor = add_command(
        app, arguments, "doctor", "look at every byte of a data directory and say what is damaged");
    doctor->add_flag("--repair",
                     arguments.repair,
                     "make derived files again, and let readers pass by what is lost; a copy of it "
                     "goes to quarantine");
    add_data(doctor, arguments);
    add_output(doctor, arguments);
    CLI::App* demo = add_command(
        app, arguments, "demo", "run the flights example end to end and show its result");
    demo->add_option("--examples",
                     arguments.examples_directory,
                     "folder with flights.sql; default: looked for beside the program");
    demo->add_flag("--quiet", arguments.quiet, "no progress");
    add_data(demo, arguments);
}

void add_log_level(CLI::App& app, Arguments& arguments) {
    app.add_option("--log-level", arguments.log_level, "debug, info, warn, error or off")
        ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
        ->each([&arguments](const std::string&) { arguments.is_log_level_given = true; })
        ->capture_default_str();
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        add_log_level(*command, arguments);
    }
}

std::string suggestion(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* at = &app;
    for (const std::string& word : words) {
        std::vector<std::string> names;
        const CLI::App* found = nullptr;
        for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
            names.push_back(command->get_name());
            found = command->get_name() == word ? command : found;
        }
        if (found == nullptr) {
            return word.starts_with("-") ? "" : did_you_mean(word, names);
        }
        at = found;
    }
    return "";
}

}  // namespace

ParsedArguments parse_arguments(const std::vector<std::string>& words) {
    ParsedArguments parsed;
    CLI::App app(kAbout, "millrace");
    app.set_version_flag("--version", kVersion);
    app.require_subcommand(1);
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    add_server(app, parsed.arguments);
    add_run(app, parsed.arguments);
    add_sql(app, parsed.arguments);
    add_test(app, parsed.arguments);
    add_topic(app, parsed.arguments);
    add_group(app, parsed.arguments);
    add_rest(app, parsed.arguments);
    add_log_level(app, parsed.arguments);
    try {
        app.parse(
            std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them last first
    } catch (const CLI::ParseError& problem) {
        std::ostringstream out;
        std::ostringstream err;
        const bool is_fine = app.exit(problem, out, err) == 0;
        parsed.exit_code = is_fine ? 0 : 2;
        parsed.text = is_fine
                          ? out.str()
                          : "millrace: " + std::string(problem.what()) + suggestion(app, words) +
                                "\nRun with --help for what there is.\n";
    }
    return parsed;
}

}  // namespace millrace::server
