#include "core/broker/topic_config.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/nearest_name.h"

namespace millrace::broker {

namespace {

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFlushMsMax = std::int64_t{365} * 86'400'000;
constexpr std::string_view kForEver = "9223372036854775807";
constexpr std::uint64_t kSegmentBytesMin = std::uint64_t{1} << 14;
/// Of topics that Millrace makes for itself.
constexpr std::uint64_t kInternalSegmentBytes = std::uint64_t{16} << 20;
constexpr ConfigType kBoolean = ConfigType::kBoolean;
constexpr ConfigType kString = ConfigType::kString;
constexpr ConfigType kInt = ConfigType::kInt;
constexpr ConfigType kLong = ConfigType::kLong;
constexpr ConfigType kDouble = ConfigType::kDouble;
constexpr ConfigType kList = ConfigType::kList;

// Kafka's topic configs, by name.
// clang-format off
constexpr TopicConfigKey kKeys[] = {
    {"cleanup.policy", "log.cleanup.policy", kList, "delete", 0, 0, "delete compact",
     "delete: old segments go away by retention; compact: the last record of each key stays."},
    {"compression.gzip.level", "compression.gzip.level", kInt, "-1", -1, 9, {},
     "Without effect: batches are compressed with the codec's usual level."},
    {"compression.lz4.level", "compression.lz4.level", kInt, "9", 1, 17, {},
     "Without effect: batches are compressed with the codec's usual level."},
    {"compression.type", "compression.type", kString, "producer", 0, 0, "producer uncompressed none gzip snappy lz4 zstd",
     "The codec batches are stored with; producer: as they came."},
    {"compression.zstd.level", "compression.zstd.level", kInt, "3", -131'072, 22, {},
     "Without effect: batches are compressed with the codec's usual level."},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms", kLong, "86400000", 0, kInt64Max, {},
     "How long a compacted topic keeps the marks of deleted keys."},
    {"durability", "durability", kString, "fsync", 0, 0, "fsync interval cache",
     "fsync: what is acknowledged to acks=all is on the disk. interval: records are visible at once and reach the disk "
     "after flush.ms, flush.bytes or flush.messages; cache: when the system gets to it. Both survive the end of the "
     "process, and may lose the newest records in a power cut."},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms", kLong, "0", 0, kInt64Max, {},
     "Without effect: files are removed at once; readers keep what they have open."},
    {"flush.bytes", "log.flush.interval.bytes", kLong, "67108864", 1, kInt64Max, {},
     "With durability interval: how many bytes a power cut may take."},
    {"flush.messages", "log.flush.interval.messages", kLong, kForEver, 1, kInt64Max, {},
     "With durability interval: how many records a power cut may take. Where durability is not set, a number above 1 "
     "means interval and 1 means fsync."},
    {"flush.ms", "log.flush.interval.ms", kLong, kForEver, 0, kInt64Max, {},
     "With durability interval: how long a record may be unsynced; 1000 when it is not set. Where durability is not "
     "set, a time means interval."},
    {"follower.replication.throttled.replicas", "follower.replication.throttled.replicas", kList, "", 0, 0, {},
     "Without effect: there is one node."},
    {"index.interval.bytes", "log.index.interval.bytes", kInt, "4096", 0, kInt32Max, {},
     "Without effect: the index has an entry every 4096 bytes."},
    {"leader.replication.throttled.replicas", "leader.replication.throttled.replicas", kList, "", 0, 0, {},
     "Without effect: there is one node."},
    {"local.retention.bytes", "log.local.retention.bytes", kLong, "-2", -2, kInt64Max, {},
     "Without effect: all storage is local."},
    {"local.retention.ms", "log.local.retention.ms", kLong, "-2", -2, kInt64Max, {},
     "Without effect: all storage is local."},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", kLong, kForEver, 1, kInt64Max, {},
     "The longest that a record of a compacted topic waits for compaction."},
    {"max.message.bytes", "message.max.bytes", kInt, "1048588", 0, std::int64_t{64} << 20, {},
     "The largest record batch that clients may produce, compressed."},
    {"message.downconversion.enable", "log.message.downconversion.enable", kBoolean, "false", 0, 0, {},
     "Without effect: batches are sent as they are stored."},
    {"message.format.version", "log.message.format.version", kString, "3.0-IV1", 0, 0, {},
     "Without effect: batches have format 2."},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", kLong, kForEver, 0, kInt64Max, {},
     "How far in the future a record's own time may lie."},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms", kLong, kForEver, 0, kInt64Max, {},
     "How old a record's own time may be."},
    {"message.timestamp.difference.max.ms", "log.message.timestamp.difference.max.ms", kLong, kForEver, 0, kInt64Max, {},
     "Without effect: message.timestamp.before.max.ms and message.timestamp.after.max.ms have."},
    {"message.timestamp.type", "log.message.timestamp.type", kString, "CreateTime", 0, 0, "CreateTime LogAppendTime",
     "Whether records keep their producer's time or get ours."},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", kDouble, "0.5", 0, 1, {},
     "The part of a compacted topic's log that is new before compaction runs again."},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", kLong, "0", 0, kInt64Max, {},
     "How long a record of a compacted topic stays as it is."},
    {"min.insync.replicas", "min.insync.replicas", kInt, "1", 1, kInt32Max, {},
     "Without effect: there is one node, and acks=all means what durability says."},
    {"preallocate", "log.preallocate", kBoolean, "true", 0, 0, {},
     "Without effect: files get their disk space ahead of the records."},
    {"remote.log.copy.disable", "remote.log.copy.disable", kBoolean, "false", 0, 0, {},
     "Without effect: all storage is local."},
    {"remote.log.delete.on.disable", "remote.log.delete.on.disable", kBoolean, "false", 0, 0, {},
     "Without effect: all storage is local."},
    {"remote.storage.enable", "remote.storage.enable", kBoolean, "false", 0, 0, "false",
     "All storage is local."},
    {"retention.bytes", "log.retention.bytes", kLong, "-1", -1, kInt64Max, {},
     "How large a partition may grow before its oldest segments go away; -1: without limit."},
    {"retention.ms", "log.retention.ms", kLong, "-1", -1, kInt64Max, {},
     "How long records are kept after they were appended; -1: for ever."},
    {"segment.bytes", "log.segment.bytes", kInt, "1073741824", 14, std::int64_t{1} << 31, {},
     "Where a segment file ends and the next begins; at least 16384 are used."},
    {"segment.index.bytes", "log.index.size.max.bytes", kInt, "10485760", 4, kInt32Max, {},
     "Without effect: indexes are as long as they need to be."},
    {"segment.jitter.ms", "log.roll.jitter.ms", kLong, "0", 0, kInt64Max, {},
     "Without effect: segments end at their age."},
    {"segment.ms", "log.roll.ms", kLong, "604800000", 1, kInt64Max, {},
     "How old the first record of a segment may be when the next one begins."},
    {"unclean.leader.election.enable", "unclean.leader.election.enable", kBoolean, "false", 0, 0, {},
     "Without effect: there is one node."},
};
// clang-format on

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Error refused(const TopicConfigKey& key, const std::string& what, const std::string& value) {
    return Error{ErrorCode::kConfigInvalid,
                 "topic config " + std::string(key.name) + " takes " + what + ": " + value};
}

bool is_choice(const TopicConfigKey& key, std::string_view word) {
    const std::string padded = " " + std::string(key.choices) + " ";
    return !word.empty() && word.find(' ') == std::string_view::npos &&
           padded.find(" " + std::string(word) + " ") != std::string::npos;
}

Status check_number(const TopicConfigKey& key, const std::string& value) {
    const auto number = number_of(value);
    if (!number || *number < key.min || *number > key.max) {
        return refused(
            key,
            "a number from " + std::to_string(key.min) + " to " + std::to_string(key.max),
            value);
    }
    return Ok{};
}

Status check_fraction(const TopicConfigKey& key, const std::string& value) {
    double number = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
    if (end.ec != std::errc{} || end.ptr != value.data() + value.size() ||
        !(number >= static_cast<double>(key.min) && number <= static_cast<double>(key.max))) {
        return refused(
            key,
            "a number from " + std::to_string(key.min) + " to " + std::to_string(key.max),
            value);
    }
    return Ok{};
}

Status check_list(const TopicConfigKey& key, const std::string& value) {
    for (std::size_t from = 0; from <= value.size() && !key.choices.empty();) {
        const std::size_t comma = std::min(value.find(',', from), value.size());
        if (!is_choice(key, std::string_view(value).substr(from, comma - from))) {
            return refused(key, "one or more of " + std::string(key.choices), value);
        }
        from = comma + 1;
    }
    return Ok{};
}

Status check_value(const TopicConfigKey& key, const std::string& value) {
    switch (key.type) {
        case ConfigType::kInt:
        case ConfigType::kLong:
            return check_number(key, value);
        case ConfigType::kDouble:
            return check_fraction(key, value);
        case ConfigType::kList:
            return check_list(key, value);
        case ConfigType::kBoolean:
            if (value != "false" && (value != "true" || key.choices == "false")) {
                return refused(key, key.choices == "false" ? "only false" : "true or false", value);
            }
            return Ok{};
        case ConfigType::kString:
            if (!key.choices.empty() && !is_choice(key, value)) {
                return refused(key, "one of " + std::string(key.choices), value);
            }
            return Ok{};
    }
    return Ok{};
}

std::optional<std::int64_t> number_in(const TopicConfig& config, const std::string& name) {
    const auto found = config.find(name);
    return found == config.end() ? std::nullopt : number_of(found->second);
}

/// What `durability` says; without it, what Kafka's flush settings ask for.
log::Durability durability_of(const TopicConfig& config) {
    const auto found = config.find("durability");
    if (found != config.end()) {
        return found->second == "interval" ? log::Durability::kInterval
               : found->second == "cache"  ? log::Durability::kCache
                                           : log::Durability::kFsync;
    }
    const std::int64_t records = number_in(config, "flush.messages").value_or(kInt64Max);
    const std::int64_t age_ms = number_in(config, "flush.ms").value_or(kInt64Max);
    const bool is_every_record = records <= 1 || age_ms == 0;
    const bool is_never = records == kInt64Max && age_ms == kInt64Max;
    return is_every_record || is_never ? log::Durability::kFsync : log::Durability::kInterval;
}

log::FlushPolicy flush_policy_of(const TopicConfig& config) {
    log::FlushPolicy policy;
    if (const auto age = number_in(config, "flush.ms"); age && *age < kInt64Max) {
        policy.interval = std::chrono::milliseconds(std::min(*age, kFlushMsMax));
    }
    if (const auto bytes = number_in(config, "flush.bytes")) {
        policy.bytes = static_cast<std::uint64_t>(*bytes);
    }
    if (const auto records = number_in(config, "flush.messages")) {
        policy.records = static_cast<std::uint64_t>(*records);
    }
    return policy;
}

}  // namespace

std::span<const TopicConfigKey> topic_config_keys() {
    return kKeys;
}

const TopicConfigKey* find_topic_config_key(std::string_view name) {
    const auto* found = std::lower_bound(
        std::begin(kKeys),
        std::end(kKeys),
        name,
        [](const TopicConfigKey& key, std::string_view wanted) { return key.name < wanted; });
    return found != std::end(kKeys) && found->name == name ? found : nullptr;
}

Status check_topic_config(const TopicConfig& config) {
    for (const auto& [name, value] : config) {
        if (name.starts_with("millrace.")) {
            continue;
        }
        const TopicConfigKey* key = find_topic_config_key(name);
        if (key == nullptr) {
            std::vector<std::string> known;
            for (const TopicConfigKey& k : kKeys) {
                known.emplace_back(k.name);
            }
            return Error{ErrorCode::kConfigInvalid,
                         "unknown topic config: " + name + did_you_mean(name, known)};
        }
        MILLRACE_TRY_STATUS(check_value(*key, value));
    }
    return Ok{};
}

namespace {

/// Milliseconds that fit a count of nanoseconds: longer is for ever all the same.
std::chrono::milliseconds duration_of(std::int64_t ms) {
    constexpr std::int64_t kMsMax = std::int64_t{100} * 366 * 86'400'000;
    return std::chrono::milliseconds(std::min(ms, kMsMax));
}

log::CompactionOptions compaction_options(const TopicConfig& config) {
    log::CompactionOptions options;
    if (const auto found = config.find("min.cleanable.dirty.ratio"); found != config.end()) {
        std::from_chars(found->second.data(),
                        found->second.data() + found->second.size(),
                        options.dirty_ratio_min);
    }
    if (const auto lag = number_in(config, "min.compaction.lag.ms")) {
        options.lag_min = duration_of(*lag);
    }
    if (const auto lag = number_in(config, "max.compaction.lag.ms")) {
        options.lag_max = duration_of(*lag);
    }
    if (const auto retention = number_in(config, "delete.retention.ms")) {
        options.delete_retention = duration_of(*retention);
    }
    return options;
}

}  // namespace

log::PartitionLogOptions log_options(const TopicConfig& config) {
    log::PartitionLogOptions options;
    options.durability = durability_of(config);
    options.flush = flush_policy_of(config);
    if (const auto bytes = number_in(config, "segment.bytes")) {
        options.segment_bytes = std::max(static_cast<std::uint64_t>(*bytes), kSegmentBytesMin);
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
    if (policy != config.end() && policy->second.find("compact") != std::string::npos) {
        options.compaction = compaction_options(config);
    }
    if (const auto age = number_in(config, "retention.ms"); deletes && age && *age >= 0) {
        options.retention_age = std::chrono::milliseconds(*age);
    }
    if (const auto bytes = number_in(config, "retention.bytes"); deletes && bytes && *bytes >= 0) {
        options.retention_bytes = static_cast<std::uint64_t>(*bytes);
    }
    return options;
}

log::PartitionLogOptions log_options(const TopicInfo& topic) {
    log::PartitionLogOptions options = log_options(topic.config);
    if (is_internal_topic(topic.name) && !topic.config.contains("segment.bytes")) {
        // Only closed segments are compacted, and these are read from the front at every start.
        options.segment_bytes = kInternalSegmentBytes;
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
