#include "core/broker/topic_config.h"

#include <algorithm>
#include <charconv>

#include "core/base/nearest_name.h"

namespace millrace::broker {

namespace {

enum class ConfigKind : std::uint8_t { kNumber, kChoice };

struct ConfigKey {
    std::string_view name;
    ConfigKind kind;
    std::int64_t min;          // kNumber
    std::int64_t max;          // kNumber
    std::string_view choices;  // kChoice: separated by blanks
};

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

// Kafka's topic configs that mean something here; retention: -1 is unlimited.
constexpr ConfigKey kKeys[] = {
    {"cleanup.policy", ConfigKind::kChoice, 0, 0, "delete compact compact,delete delete,compact"},
    {"compression.type",
     ConfigKind::kChoice,
     0,
     0,
     "producer uncompressed none gzip snappy lz4 zstd"},
    {"durability", ConfigKind::kChoice, 0, 0, "fsync"},
    {"max.message.bytes", ConfigKind::kNumber, 1, std::int64_t{64} << 20, {}},
    {"message.timestamp.after.max.ms", ConfigKind::kNumber, 0, kInt64Max, {}},
    {"message.timestamp.before.max.ms", ConfigKind::kNumber, 0, kInt64Max, {}},
    {"message.timestamp.type", ConfigKind::kChoice, 0, 0, "CreateTime LogAppendTime"},
    {"retention.bytes", ConfigKind::kNumber, -1, kInt64Max, {}},
    {"retention.ms", ConfigKind::kNumber, -1, kInt64Max, {}},
    {"segment.bytes", ConfigKind::kNumber, 1 << 14, std::int64_t{1} << 31, {}},
    {"segment.ms", ConfigKind::kNumber, 1, kInt64Max, {}},
};

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Status check_value(const ConfigKey& key, const std::string& value) {
    if (key.kind == ConfigKind::kNumber) {
        const auto number = number_of(value);
        if (!number || *number < key.min || *number > key.max) {
            return Error{ErrorCode::kConfigInvalid,
                         "topic config " + std::string(key.name) + " takes a number from " +
                             std::to_string(key.min) + " to " + std::to_string(key.max) + ": " +
                             value};
        }
        return Ok{};
    }
    const std::string padded = " " + std::string(key.choices) + " ";
    if (value.empty() || value.find(' ') != std::string::npos ||
        padded.find(" " + value + " ") == std::string::npos) {
        return Error{ErrorCode::kConfigInvalid,
                     "topic config " + std::string(key.name) + " takes one of " +
                         std::string(key.choices) + ": " + value};
    }
    return Ok{};
}

std::optional<std::int64_t> number_in(const TopicConfig& config, const std::string& name) {
    const auto found = config.find(name);
    return found == config.end() ? std::nullopt : number_of(found->second);
}

}  // namespace

Status check_topic_config(const TopicConfig& config) {
    for (const auto& [name, value] : config) {
        if (name.starts_with("millrace.")) {
            continue;
        }
        const auto* key = std::find_if(
            std::begin(kKeys), std::end(kKeys), [&](const ConfigKey& k) { return k.name == name; });
        if (key == std::end(kKeys)) {
            std::vector<std::string> known;
            for (const ConfigKey& k : kKeys) {
                known.emplace_back(k.name);
            }
            return Error{ErrorCode::kConfigInvalid,
                         "unknown topic config: " + name + did_you_mean(name, known)};
        }
        MILLRACE_TRY_STATUS(check_value(*key, value));
    }
    return Ok{};
}

log::PartitionLogOptions log_options(const TopicConfig& config) {
    log::PartitionLogOptions options;
    if (const auto bytes = number_in(config, "segment.bytes")) {
        options.segment_bytes = static_cast<std::uint64_t>(*bytes);
        options.preallocate_bytes = std::min(options.preallocate_bytes, options.segment_bytes);
    }
    if (const auto age = number_in(config, "segment.ms")) {
        options.segment_age = std::chrono::milliseconds(*age);
    }
    if (const auto bytes = number_in(config, "max.message.bytes")) {
        options.batch_bytes_max = static_cast<std::size_t>(*bytes);
    }
    const auto policy = config.find("cleanup.policy");
    const bool deletes =
        policy == config.end() || policy->second.find("delete") != std::string::npos;
    if (const auto age = number_in(config, "retention.ms"); deletes && age && *age >= 0) {
        options.retention_age = std::chrono::milliseconds(*age);
    }
    if (const auto bytes = number_in(config, "retention.bytes"); deletes && bytes && *bytes >= 0) {
        options.retention_bytes = static_cast<std::uint64_t>(*bytes);
    }
    return options;
}

std::optional<Codec> codec_of(const TopicConfig& config) {
    const auto found = config.find("compression.type");
    if (found == config.end()) {
        return std::nullopt;
    }
    if (found->second == "uncompressed") {
        return Codec::kNone;
    }
    for (const Codec codec :
         {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
        if (found->second == name_of(codec)) {
            return codec;
        }
    }
    return std::nullopt;
}

Status check_topic_name(std::string_view name) {
    const bool has_good_letters = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
    if (name.empty() || name.size() > 249 || name == "." || name == ".." || !has_good_letters) {
        return Error{
            ErrorCode::kInvalidArgument,
            "a topic name is 1 to 249 letters, digits, '.', '_' or '-', and not '.' or '..': " +
                std::string(name.substr(0, 300))};
    }
    return Ok{};
}

bool is_internal_topic(std::string_view name) {
    return name.starts_with("__") || name.starts_with("_millrace_");
}

}  // namespace millrace::broker
