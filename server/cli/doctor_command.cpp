// millrace doctor: what is damaged in a data directory, and what to do about it.
#include <map>

#include "core/base/json.h"
#include "core/broker/inspection.h"
#include "server/cli/commands.h"
#include "server/cli/text_table.h"

namespace millrace::server {

namespace {

using broker::DirectoryInspection;
using broker::InspectedPartition;
using broker::InspectedSegment;

std::string range_text(const log::DamagedRange& range) {
    return "bytes " + std::to_string(range.begin) + " to " + std::to_string(range.end) +
           ", offsets " + std::to_string(range.first.value) + " to " +
           std::to_string(range.next.value - 1) + ": " + range.what;
}

std::string state_of(const InspectedPartition& partition) {
    return partition.is_damaged() ? "damaged" : partition.derived.empty() ? "ok" : "ok, rebuilds";
}

void print_list(Console& console, std::string_view heading, const std::vector<std::string>& lines) {
    if (!lines.empty()) {
        console.out(std::string(heading) + "\n");
        for (const std::string& line : lines) {
            console.out("  " + line + "\n");
        }
    }
}

void print_table(const DirectoryInspection& found, const std::string& directory, Console& console) {
    console.out("directory " + directory + ", cluster " + found.cluster_id + ", " +
                (found.was_stopped_cleanly ? "stopped cleanly" : "not stopped cleanly") + "\n");
    print_list(console, "damage:", found.damage);
    print_list(console, "left from a crash, the next start tidies up:", found.notes);
    TextTable table{
        .columns = {"topic", "partition", "start", "end", "segments", "records", "bytes", "state"},
        .rows = {}};
    for (const InspectedPartition& partition : found.partitions) {
        std::uint64_t records = 0;
        for (const InspectedSegment& segment : partition.segments) {
            records += segment.records;
        }
        table.rows.push_back({partition.topic,
                              std::to_string(partition.id.partition.value),
                              std::to_string(partition.log_start.value),
                              std::to_string(partition.end.value),
                              std::to_string(partition.segments.size()),
                              std::to_string(records),
                              std::to_string(partition.bytes),
                              state_of(partition)});
    }
    console.out(format_table(table));
    for (const InspectedPartition& partition : found.partitions) {
        const std::string name =
            partition.topic + "-" + std::to_string(partition.id.partition.value);
        std::vector<std::string> damage = partition.damage;
        for (const InspectedSegment& segment : partition.segments) {
            for (const log::DamagedRange& range : segment.damage) {
                damage.push_back(segment.path + " " + range_text(range));
            }
        }
        print_list(console, "damage in " + name + ":", damage);
        print_list(console,
                   "derived files of " + name + ", the next start makes them again:",
                   partition.derived);
    }
    console.out(found.is_damaged() ? "There is damage.\n" : "All is well.\n");
}

Json::Array texts(const std::vector<std::string>& lines) {
    Json::Array array;
    for (const std::string& line : lines) {
        array.emplace_back(line);
    }
    return array;
}

Json to_json(const InspectedPartition& partition) {
    Json::Array damage;
    std::uint64_t records = 0;
    for (const InspectedSegment& segment : partition.segments) {
        records += segment.records;
        for (const log::DamagedRange& range : segment.damage) {
            Json entry;
            entry.set("file", segment.path);
            entry.set("begin", static_cast<std::int64_t>(range.begin));
            entry.set("end", static_cast<std::int64_t>(range.end));
            entry.set("first_offset", range.first.value);
            entry.set("next_offset", range.next.value);
            entry.set("what", range.what);
            damage.push_back(std::move(entry));
        }
    }
    for (const std::string& line : partition.damage) {
        Json entry;
        entry.set("what", line);
        damage.push_back(std::move(entry));
    }
    Json json;
    json.set("topic", partition.topic);
    json.set("partition", std::int64_t{partition.id.partition.value});
    json.set("log_start", partition.log_start.value);
    json.set("end", partition.end.value);
    json.set("segments", static_cast<std::int64_t>(partition.segments.size()));
    json.set("records", static_cast<std::int64_t>(records));
    json.set("bytes", static_cast<std::int64_t>(partition.bytes));
    json.set("damage", std::move(damage));
    json.set("derived", texts(partition.derived));
    return json;
}

void print_json(const DirectoryInspection& found, const std::string& directory, Console& console) {
    Json::Array partitions;
    for (const InspectedPartition& partition : found.partitions) {
        partitions.push_back(to_json(partition));
    }
    Json json;
    json.set("directory", directory);
    json.set("cluster_id", found.cluster_id);
    json.set("is_damaged", found.is_damaged());
    json.set("was_stopped_cleanly", found.was_stopped_cleanly);
    json.set("damage", texts(found.damage));
    json.set("notes", texts(found.notes));
    json.set("partitions", std::move(partitions));
    console.out(json.dump(2) + "\n");
}

}  // namespace

Result<bool> execute_doctor(const Arguments& arguments, Console& console) {
    const auto files = make_system_files();
    SystemClock clock;
    SeededRandom random(entropy_seed());
    ThreadIoExecutor io(1);
    Logger logger(clock, LogLevel::kError, [&](LogLevel, std::string_view line) {
        console.err(std::string(line) + "\n");
    });
    Env env{*files, clock, random, io, logger};
    if (arguments.repair) {
        MILLRACE_TRY(const std::vector<broker::Repair> repairs,
                     broker::repair_directory(env, arguments.data_directory));
        for (const broker::Repair& repair : repairs) {
            console.err("repair: " + repair.what + "\n");
        }
    }
    MILLRACE_TRY(const DirectoryInspection found,
                 broker::inspect_directory(env, arguments.data_directory));
    if (arguments.output == "json") {
        print_json(found, arguments.data_directory, console);
    } else {
        print_table(found, arguments.data_directory, console);
    }
    return found.is_damaged();
}

Status examine_running(const Arguments& arguments, Node& node, Console& console) {
    if (arguments.repair) {
        return Error{
            ErrorCode::kInUse,
            "a running server holds " + node.broker().data_directory() + ": stop it, then repair"};
    }
    MILLRACE_TRY(const std::vector<log::ScrubFinding> findings, node.broker().scrub());
    TextTable table{
        .columns = {"topic", "partition", "file", "begin", "end", "first", "last", "what"},
        .rows = {}};
    for (const log::ScrubFinding& finding : findings) {
        const TopicPtr topic = node.broker().find_topic(finding.id.topic);
        table.rows.push_back({topic == nullptr ? finding.id.topic.to_string() : topic->name,
                              std::to_string(finding.id.partition.value),
                              finding.path,
                              std::to_string(finding.range.begin),
                              std::to_string(finding.range.end),
                              std::to_string(finding.range.first.value),
                              std::to_string(finding.range.next.value - 1),
                              finding.range.what});
    }
    if (arguments.output == "json") {
        console.out(format_json_lines(table));
    } else if (!findings.empty()) {
        console.out(format_table(table));
    }
    const std::vector<std::string>& corrupt = node.broker().inspect().recovery.corrupt;
    if (findings.empty() && corrupt.empty()) {
        if (arguments.output != "json") {
            console.out("All closed segments are intact.\n");
        }
        return Ok{};
    }
    return Error{ErrorCode::kCorruptBatch,
                 "there is damage: " + std::to_string(findings.size()) +
                     " ranges of segments, and the journal reported " +
                     std::to_string(corrupt.size())};
}

}  // namespace millrace::server
