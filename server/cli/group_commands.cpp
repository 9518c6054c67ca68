#include "server/cli/group_commands.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/nearest_name.h"
#include "core/broker/broker.h"
#include "core/broker/groups/group_coordinator.h"
#include "core/broker/groups/group_records.h"
#include "server/cli/topic_commands.h"

namespace millrace::server {

namespace {

using broker::GroupDescription;
using broker::GroupState;

constexpr std::string_view kNone = "NULL";  // in a table; null in JSON

/// Waits for a coordinator's answer; for threads of commands only.
template <class Answer, class Ask>
Answer wait_for(const Ask& ask) {
    struct Meeting {
        std::mutex mutex;
        std::condition_variable arrived;
        std::optional<Answer> answer;
    };
    auto meeting = std::make_shared<Meeting>();
    ask([meeting](Answer answer) {
        const std::lock_guard lock(meeting->mutex);
        meeting->answer = std::move(answer);
        meeting->arrived.notify_one();
    });
    std::unique_lock lock(meeting->mutex);
    meeting->arrived.wait(lock, [&] { return meeting->answer.has_value(); });
    return std::move(*meeting->answer);
}

Result<GroupDescription> existing_group(const Arguments& arguments, Node& node) {
    GroupDescription description = node.broker().groups().describe(arguments.name);
    if (description.state != GroupState::kDead) {
        return description;
    }
    std::vector<std::string> names;
    for (const broker::GroupListing& listing : node.broker().groups().list()) {
        names.push_back(listing.group);
    }
    return Error{ErrorCode::kUnknownName,
                 "unknown group: " + arguments.name + did_you_mean(arguments.name, names)};
}

/// Why the coordinator refused, as a sentence about the group.
Error refused(const std::string& group, KafkaError error) {
    const std::string name = "group " + group;
    if (error == KafkaError::kNonEmptyGroup || error == KafkaError::kUnknownMemberId) {
        return {ErrorCode::kInvalidArgument,
                name + " has members: stop its consumers, or wait until their sessions end"};
    }
    if (error == KafkaError::kGroupAuthorizationFailed) {
        return {ErrorCode::kInvalidArgument,
                name + " belongs to a query or connector, which keeps its offsets itself"};
    }
    if (error == KafkaError::kGroupSubscribedToTopic) {
        return {ErrorCode::kInvalidArgument,
                name + " has members that read this topic: stop them first"};
    }
    if (error == KafkaError::kGroupIdNotFound) {
        return {ErrorCode::kUnknownName, "unknown group: " + group};
    }
    return {ErrorCode::kIo, name + " could not be changed: " + std::string(name_of(error))};
}

Status check_no_members(const std::string& group, const GroupDescription& description) {
    if (description.members.empty()) {
        return Ok{};
    }
    const std::size_t count = description.members.size();
    return Error{ErrorCode::kInvalidArgument,
                 "group " + group + " has " + std::to_string(count) +
                     (count == 1 ? " member" : " members") +
                     ": stop its consumers, or wait until their sessions end; then reset"};
}

/// One partition that a command is about.
struct Target {
    TopicPtr topic;
    TopicPartition id;

    [[nodiscard]] std::string text() const {
        return topic->name + "-" + std::to_string(id.partition.value);
    }
};

Result<std::int32_t> parse_partition(std::string_view text, const TopicInfo& topic) {
    std::int32_t partition = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), partition);
    if (problem != std::errc{} || end != text.data() + text.size() || partition < 0 ||
        partition >= topic.partitions) {
        return Error{ErrorCode::kInvalidArgument,
                     "topic " + topic.name + " has partitions 0 to " +
                         std::to_string(topic.partitions - 1) + ", not " + std::string(text)};
    }
    return partition;
}

/// "topic" or "topic:0,2": all partitions, or these.
Status add_targets(std::string_view text, Node& node, std::vector<Target>& targets) {
    const std::size_t colon = text.rfind(':');
    const std::string name(text.substr(0, colon));
    const TopicPtr topic = node.broker().find_topic(name);
    if (!topic) {
        const auto unknown = node.broker().describe_topic(name);  // with the nearest name
        return unknown.ok() ? Error{ErrorCode::kUnknownTopic, "unknown topic: " + name}
                            : unknown.error();
    }
    const auto add = [&](std::int32_t partition) {
        targets.push_back({topic, {topic->id, Partition{partition}}});
    };
    if (colon == std::string_view::npos) {
        for (std::int32_t p = 0; p < topic->partitions; ++p) {
            add(p);
        }
        return Ok{};
    }
    std::string_view rest = text.substr(colon + 1);
    for (;;) {
        const std::size_t comma = rest.find(',');
        MILLRACE_TRY(const std::int32_t partition, parse_partition(rest.substr(0, comma), *topic));
        add(partition);
        if (comma == std::string_view::npos) {
            return Ok{};
        }
        rest.remove_prefix(comma + 1);
    }
}

Result<std::vector<Target>> targets_of(const Arguments& arguments, Node& node) {
    std::vector<Target> targets;
    for (const std::string& text : arguments.topics) {
        MILLRACE_TRY_STATUS(add_targets(text, node, targets));
    }
    return targets;
}

/// Where a reset puts one partition, before it is brought into the range of what is kept.
Result<Offset> wanted_offset(const Arguments& arguments,
                             const Target& target,
                             const PartitionEnds& ends,
                             const std::optional<Offset>& committed,
                             Node& node) {
    if (arguments.to_earliest) {
        return ends.log_start;
    }
    if (arguments.to_offset) {
        return Offset{*arguments.to_offset};
    }
    if (!arguments.to_datetime.empty()) {
        const auto time = parse_datetime(arguments.to_datetime);
        if (!time) {
            return Error{ErrorCode::kInvalidArgument,
                         "not a time such as 2026-01-31T12:00:00Z: " + arguments.to_datetime};
        }
        return node.broker().offset_for_time(target.id, *time);
    }
    if (arguments.shift_by) {
        if (!committed) {
            return Error{ErrorCode::kInvalidArgument,
                         "nothing is committed yet that could be shifted: " + target.text()};
        }
        std::int64_t shifted = 0;
        const bool is_beyond =
            __builtin_add_overflow(committed->value, *arguments.shift_by, &shifted);
        return is_beyond ? (*arguments.shift_by > 0 ? ends.high_watermark : ends.log_start)
                         : Offset{shifted};
    }
    return ends.high_watermark;  // --to-latest
}

std::string text_of(const std::optional<Offset>& offset) {
    return offset ? std::to_string(offset->value) : std::string(kNone);
}

struct Reader {
    std::string member;
    std::string client;
    std::string host;
};

/// Who reads which partition, by topic name; members that read nothing under an empty name.
std::map<std::pair<std::string, std::int32_t>, Reader> readers_of(
    const GroupDescription& description) {
    std::map<std::pair<std::string, std::int32_t>, Reader> readers;
    std::int32_t idle = 0;
    for (const broker::DescribedMember& member : description.members) {
        const Reader reader{member.id, member.client_id, member.client_host};
        const auto topics = broker::parse_assignment(member.assignment);
        bool is_idle = true;
        for (const broker::AssignedTopic& topic :
             topics ? *topics : std::vector<broker::AssignedTopic>{}) {
            for (const std::int32_t partition : topic.partitions) {
                readers[{topic.topic, partition}] = reader;
                is_idle = false;
            }
        }
        if (is_idle) {
            readers[{"", idle++}] = reader;
        }
    }
    return readers;
}

/// Of all partitions that the group has committed.
std::int64_t lag_of(const std::string& group, Node& node) {
    std::int64_t lag = 0;
    for (const auto& [partition, offset] : node.broker().committed_offsets(group)) {
        const auto ends = node.broker().partition_ends(partition);
        if (ends.ok()) {
            lag += std::max<std::int64_t>(ends.value().high_watermark.value - offset.next.value, 0);
        }
    }
    return lag;
}

}  // namespace

Status list_groups(const Arguments& arguments, Node& node, Console& console) {
    TextTable table{.columns = {"GROUP", "STATE", "TYPE", "MEMBERS", "LAG"}, .rows = {}};
    for (const broker::GroupListing& listing : node.broker().groups().list()) {
        const GroupDescription description = node.broker().groups().describe(listing.group);
        table.rows.push_back(
            {listing.group,
             std::string(broker::name_of(listing.state)),
             listing.protocol_type.empty() ? std::string(kNone) : listing.protocol_type,
             std::to_string(description.members.size()),
             std::to_string(lag_of(listing.group, node))});
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status describe_group(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(const GroupDescription description, existing_group(arguments, node));
    auto readers = readers_of(description);
    TextTable table{
        .columns = {"TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER", "CLIENT", "HOST"},
        .rows = {}};
    // By topic name and partition: what is committed and what is only assigned.
    std::map<std::pair<std::string, std::int32_t>, std::optional<Offset>> partitions;
    for (const auto& [id, offset] : node.broker().committed_offsets(arguments.name)) {
        if (const TopicPtr topic = node.broker().find_topic(id.topic)) {
            partitions[{topic->name, id.partition.value}] = offset.next;
        }
    }
    for (const auto& [place, reader] : readers) {
        partitions.try_emplace(place, std::nullopt);
    }
    for (const auto& [place, committed] : partitions) {
        const auto& [name, partition] = place;
        std::optional<Offset> end;
        if (const TopicPtr topic = node.broker().find_topic(name)) {
            const auto ends = node.broker().partition_ends({topic->id, Partition{partition}});
            end = ends.ok() ? std::optional(ends.value().high_watermark) : std::nullopt;
        }
        std::optional<Offset> lag;
        if (committed && end) {
            lag = Offset{std::max<std::int64_t>(end->value - committed->value, 0)};
        }
        const auto reader = readers.find(place);
        const bool is_read = reader != readers.end();
        table.rows.push_back({name.empty() ? std::string(kNone) : name,
                              name.empty() ? std::string(kNone) : std::to_string(partition),
                              text_of(committed),
                              text_of(end),
                              text_of(lag),
                              is_read ? reader->second.member : std::string(kNone),
                              is_read ? reader->second.client : std::string(kNone),
                              is_read ? reader->second.host : std::string(kNone)});
    }
    if (arguments.output == "table") {
        console.out("group       " + arguments.name + "\nstate       " +
                    std::string(broker::name_of(description.state)) + "\n");
        if (description.generation > 0) {
            console.out("generation  " + std::to_string(description.generation) + "\n");
        }
        if (!description.protocol_type.empty()) {
            console.out("type        " + description.protocol_type + "\n");
        }
        if (!description.protocol.empty()) {
            console.out("assignor    " + description.protocol + "\n");
        }
        console.out("members     " + std::to_string(description.members.size()) + "\n");
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status reset_group_offsets(const Arguments& arguments, Node& node, Console& console) {
    const std::string& group = arguments.name;
    const GroupDescription description = node.broker().groups().describe(group);
    if (description.protocol_type == broker::kOwnGroupType) {
        return refused(group, KafkaError::kGroupAuthorizationFailed);
    }
    MILLRACE_TRY_STATUS(check_no_members(group, description));
    MILLRACE_TRY(const std::vector<Target> targets, targets_of(arguments, node));
    const auto committed = node.broker().committed_offsets(group);
    TextTable table{.columns = {"TOPIC", "PARTITION", "BEFORE", "AFTER"}, .rows = {}};
    broker::CommitRequest request{.member = {.group = group}};
    for (const Target& target : targets) {
        const auto found = committed.find(target.id);
        const std::optional<Offset> before =
            found == committed.end() ? std::nullopt : std::optional(found->second.next);
        MILLRACE_TRY(const PartitionEnds ends, node.broker().partition_ends(target.id));
        MILLRACE_TRY(const Offset wanted, wanted_offset(arguments, target, ends, before, node));
        const Offset after = std::clamp(wanted, ends.log_start, ends.high_watermark);
        if (after != wanted) {
            console.err(target.text() + " has offsets " + std::to_string(ends.log_start.value) +
                        " to " + std::to_string(ends.high_watermark.value) + ", so not " +
                        std::to_string(wanted.value) + " but " + std::to_string(after.value) +
                        "\n");
        }
        request.offsets.push_back({.source = target.id, .next = after});
        table.rows.push_back({target.topic->name,
                              std::to_string(target.id.partition.value),
                              text_of(before),
                              std::to_string(after.value)});
    }
    if (!arguments.dry_run) {
        const auto errors = wait_for<std::vector<KafkaError>>([&](auto reply) {
            node.broker().groups().commit_offsets(std::move(request), std::move(reply));
        });
        for (const KafkaError error : errors) {
            if (error != KafkaError::kNone) {
                return refused(group, error);
            }
        }
    }
    console.out(format_as(arguments, table));
    if (arguments.dry_run) {
        console.err("nothing was changed: this was a dry run\n");
    }
    return Ok{};
}

Status delete_group(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(const GroupDescription description, existing_group(arguments, node));
    static_cast<void>(description);
    const auto error = wait_for<KafkaError>(
        [&](auto reply) { node.broker().groups().delete_group(arguments.name, std::move(reply)); });
    if (error != KafkaError::kNone) {
        return refused(arguments.name, error);
    }
    console.out("deleted group " + arguments.name + " and its offsets\n");
    return Ok{};
}

Status delete_group_offsets(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(const GroupDescription description, existing_group(arguments, node));
    static_cast<void>(description);
    MILLRACE_TRY(const std::vector<Target> targets, targets_of(arguments, node));
    std::vector<broker::OffsetsToDelete> topics;
    for (const Target& target : targets) {
        if (topics.empty() || topics.back().id != target.id.topic) {
            topics.push_back({target.topic->name, target.id.topic, {}});
        }
        topics.back().partitions.push_back(target.id.partition);
    }
    const auto deleted = wait_for<broker::DeletedOffsets>([&](auto reply) {
        node.broker().groups().delete_offsets(arguments.name, topics, std::move(reply));
    });
    if (deleted.error != KafkaError::kNone) {
        return refused(arguments.name, deleted.error);
    }
    for (const KafkaError error : deleted.topics) {
        if (error != KafkaError::kNone) {
            return refused(arguments.name, error);
        }
    }
    console.out("deleted the offsets of group " + arguments.name + " for " +
                std::to_string(targets.size()) +
                (targets.size() == 1 ? " partition\n" : " partitions\n"));
    return Ok{};
}

// --- times
// ----------------------------------------------------------------------------------------

namespace {

/// Reads numbers of a fixed number of digits, and what stands between them.
class DigitReader {
  public:
    explicit DigitReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }
    bool skip(char c) {
        const bool is_there = !rest_.empty() && rest_.front() == c;
        rest_.remove_prefix(is_there ? 1 : 0);
        return is_there;
    }
    void expect(char c) { ok_ = skip(c) && ok_; }
    int number(std::size_t digits) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
                ok_ = false;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }
    /// Up to three decimals as milliseconds; more are an error.
    int milliseconds() {
        int value = 0;
        int digits = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            value = value * 10 + number(1);
            if (++digits > 3) {
                ok_ = false;
                return 0;
            }
        }
        ok_ = ok_ && digits > 0;
        for (; digits < 3; ++digits) {
            value *= 10;
        }
        return value;
    }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace

std::optional<Timestamp> parse_datetime(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc{} && end == text.data() + text.size() && number >= 0) {
        return Timestamp{number};
    }
    DigitReader reader(text);
    const int year = reader.number(4);
    reader.expect('-');
    const int month = reader.number(2);
    reader.expect('-');
    const int day = reader.number(2);
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
    int offset_minutes = 0;
    if (!reader.is_at_end()) {
        if (!reader.skip('T')) {
            reader.expect(' ');
        }
        hour = reader.number(2);
        reader.expect(':');
        minute = reader.number(2);
        if (reader.skip(':')) {
            second = reader.number(2);
            millisecond = reader.skip('.') ? reader.milliseconds() : 0;
        }
        if (!reader.skip('Z') && !reader.is_at_end()) {
            const int sign = reader.skip('-') ? -1 : 1;
            if (sign > 0) {
                reader.expect('+');
            }
            const int hours = reader.number(2);
            static_cast<void>(reader.skip(':'));
            offset_minutes = sign * (hours * 60 + reader.number(2));
        }
    }
    if (!reader.ok() || !reader.is_at_end() || !date.ok() || hour > 23 || minute > 59 ||
        second > 59) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    const std::int64_t minutes = days * 1'440 + hour * 60 + minute - offset_minutes;
    return Timestamp{(minutes * 60 + second) * 1'000 + millisecond};
}

}  // namespace millrace::server
