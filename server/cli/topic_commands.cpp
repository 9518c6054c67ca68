#include "server/cli/topic_commands.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/record/partitioner.h"
#include "core/record/record_batch_builder.h"
#include "core/row/byte_writer.h"
#include "core/row/text_value.h"
#include "server/cli/topic_reader.h"

namespace millrace::server {

namespace {

constexpr std::size_t kProduceBatchBytes = std::size_t{256} << 10;

/// Bytes as text for people: UTF-8 as it is, control characters and other bytes escaped.
std::string shown(const std::optional<ByteView>& bytes) {
    if (!bytes) {
        return "NULL";
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    const bool is_text = is_utf8(as_text(*bytes));
    std::string text;
    for (const char c : as_text(*bytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (!is_text && byte >= 0x80)) {
            text += "\\x";
            text += kHex[byte >> 4];
            text += kHex[byte & 15];
        } else {
            text += c;
        }
    }
    return text;
}

/// `name`: the text, or null; bytes that are no UTF-8 go to `name`_base64 instead.
void set_bytes(Json& json, const std::string& name, const std::optional<ByteView>& bytes) {
    if (!bytes || is_utf8(as_text(*bytes))) {
        json.set(name, bytes ? Json(as_text(*bytes)) : Json());
        return;
    }
    Buffer encoded;
    {
        ByteWriter writer(encoded);
        put_base64(writer, as_text(*bytes));
    }
    json.set(name + "_base64", encoded.text());
}

/// Collects records per partition and appends them as one unit.
class Producer {
  public:
    Producer(LogClient& log, const Clock& clock, TopicInfo topic)
        : log_(log),
          clock_(clock),
          topic_(std::move(topic)),
          builders_(static_cast<std::size_t>(topic_.partitions)) {}

    Status add(const std::optional<ByteView>& key, ByteView value) {
        const auto partition = key ? partition_of_key(*key, topic_.partitions).value
                                   : static_cast<std::int32_t>(batches_ % topic_.partitions);
        auto& builder = builders_[static_cast<std::size_t>(partition)];
        const std::size_t before = builder.size_bytes();
        builder.add(key, value, Timestamp{clock_.wall_ms()});
        bytes_ += builder.size_bytes() - before;
        ++records_;
        return bytes_ >= kProduceBatchBytes ? flush() : Status{Ok{}};
    }

    Status flush() {
        Unit unit;
        for (std::size_t p = 0; p < builders_.size(); ++p) {
            if (!builders_[p].empty()) {
                MILLRACE_TRY(Buffer batch, builders_[p].finish());
                unit.pieces.push_back(
                    {{topic_.id, Partition{static_cast<std::int32_t>(p)}}, std::move(batch)});
            }
        }
        bytes_ = 0;
        ++batches_;
        if (unit.pieces.empty()) {
            return Ok{};
        }
        const auto appended = append_and_wait(log_, std::move(unit));
        return appended.ok() ? Status{Ok{}} : Status{appended.error()};
    }

    [[nodiscard]] std::uint64_t records() const { return records_; }

  private:
    LogClient& log_;
    const Clock& clock_;
    TopicInfo topic_;
    std::vector<RecordBatchBuilder> builders_;
    std::size_t bytes_ = 0;
    std::int64_t batches_ = 0;
    std::uint64_t records_ = 0;
};

Result<std::map<std::int32_t, Offset>> start_offsets(const Arguments& arguments,
                                                     const TopicInfo& topic,
                                                     LogClient& log) {
    std::map<std::int32_t, Offset> from;
    const LogSnapshot ends = log.snapshot();
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        if (arguments.partition >= 0 && arguments.partition != p) {
            continue;
        }
        const TopicPartition id{topic.id, Partition{p}};
        MILLRACE_TRY(const Offset start, log.log_start(id));
        const std::int64_t wanted = arguments.offset.value_or(start.value);
        const std::int64_t asked = wanted < 0 ? ends.end_of(id).value + wanted : wanted;
        from[p] = Offset{std::clamp(asked, start.value, ends.end_of(id).value)};
    }
    if (from.empty()) {
        return Error{ErrorCode::kInvalidArgument,
                     "topic " + topic.name + " has partitions 0 to " +
                         std::to_string(topic.partitions - 1) + ", not " +
                         std::to_string(arguments.partition)};
    }
    return from;
}

}  // namespace

std::string format_as(const Arguments& arguments, const TextTable& table) {
    return arguments.output == "json" ? format_json_lines(table) : format_table(table);
}

Status create_topic(const Arguments& arguments, Node& node, Console& console) {
    TopicSpec spec{.name = arguments.name, .partitions = arguments.partitions};
    for (const std::string& entry : arguments.config) {
        const std::size_t equals = entry.find('=');
        if (equals == std::string::npos) {
            return Error{ErrorCode::kInvalidArgument, "--config takes key=value: " + entry};
        }
        spec.config[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    MILLRACE_TRY(const TopicInfo topic, node.log().create_topic(spec));
    console.out("created topic " + topic.name + " with " + std::to_string(topic.partitions) +
                (topic.partitions == 1 ? " partition\n" : " partitions\n"));
    return Ok{};
}

Status list_topics(const Arguments& arguments, Node& node, Console& console) {
    const LogSnapshot ends = node.log().snapshot();
    TextTable table{.columns = {"TOPIC", "PARTITIONS", "RECORDS"}, .rows = {}};
    for (const TopicInfo& topic : node.log().list_topics()) {
        if (topic.is_internal && !arguments.include_internal) {
            continue;
        }
        std::int64_t records = 0;
        for (std::int32_t p = 0; p < topic.partitions; ++p) {
            const TopicPartition id{topic.id, Partition{p}};
            MILLRACE_TRY(const Offset start, node.log().log_start(id));
            records += ends.end_of(id).value - start.value;
        }
        table.rows.push_back(
            {topic.name, std::to_string(topic.partitions), std::to_string(records)});
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status describe_topic(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(const TopicInfo topic, node.log().describe_topic(arguments.name));
    const LogSnapshot ends = node.log().snapshot();
    TextTable table{.columns = {"PARTITION", "START", "END"}, .rows = {}};
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition id{topic.id, Partition{p}};
        MILLRACE_TRY(const Offset start, node.log().log_start(id));
        table.rows.push_back({std::to_string(p),
                              std::to_string(start.value),
                              std::to_string(ends.end_of(id).value)});
    }
    if (arguments.output == "table") {
        console.out("topic       " + topic.name + "\nid          " + topic.id.to_string() + "\n");
        const auto durability = topic.config.find("durability");
        console.out("durability  " +
                    (durability == topic.config.end() ? "fsync" : durability->second) + "\n");
        for (const auto& [key, value] : topic.config) {
            console.out("config      " + key + "=" + value + "\n");
        }
    }
    console.out(format_as(arguments, table));
    return Ok{};
}

Status delete_topic(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY_STATUS(node.log().delete_topic(arguments.name));
    console.out("deleted topic " + arguments.name + "\n");
    return Ok{};
}

Status produce(const Arguments& arguments, Node& node, Console& console) {
    MILLRACE_TRY(TopicInfo topic, node.log().describe_topic(arguments.name));
    Producer producer(node.log(), node.env().clock, std::move(topic));
    std::string line;
    while (!console.is_cancelled() && console.read_line(line)) {
        const std::size_t split = arguments.key_separator.empty()
                                      ? std::string::npos
                                      : line.find(arguments.key_separator);
        const std::string_view text = line;
        if (split == std::string::npos) {
            MILLRACE_TRY_STATUS(producer.add(std::nullopt, as_bytes(text)));
        } else {
            MILLRACE_TRY_STATUS(
                producer.add(as_bytes(text.substr(0, split)),
                             as_bytes(text.substr(split + arguments.key_separator.size()))));
        }
    }
    MILLRACE_TRY_STATUS(producer.flush());
    console.err("appended " + with_thousands(producer.records()) + " records to " + arguments.name +
                "\n");
    return Ok{};
}

Status consume(const Arguments& arguments, Node& node, Console& console) {
    ReadPlan plan;
    plan.follow = arguments.follow;
    MILLRACE_TRY(plan.topic, node.log().describe_topic(arguments.name));
    MILLRACE_TRY(plan.from, start_offsets(arguments, plan.topic, node.log()));
    std::int64_t left = arguments.limit.value_or(std::numeric_limits<std::int64_t>::max());
    const auto visit = [&](std::int32_t partition, const RecordView& record) {
        if (left-- <= 0) {
            return false;
        }
        if (arguments.output == "json") {
            Json json;
            json.set("partition", std::int64_t{partition});
            json.set("offset", record.offset.value);
            json.set("timestamp", record.timestamp.value);
            set_bytes(json, "key", record.key);
            set_bytes(json, "value", record.value);
            console.out(json.dump() + "\n");
        } else {
            console.out((record.key ? shown(record.key) + "\t" : "") + shown(record.value) + "\n");
        }
        return left > 0;
    };
    return left > 0 ? read_records(node.log(), plan, visit, [&] { return console.is_cancelled(); })
                    : Status{Ok{}};
}

}  // namespace millrace::server
