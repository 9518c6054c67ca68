#include "core/broker/produce_policy.h"

#include <charconv>

#include "core/broker/topic_config.h"
#include "core/record/recompress.h"
#include "core/record/record_cursor.h"

namespace millrace::broker {

namespace {

constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kAttributesAt = 21;
constexpr std::int8_t kMagic = 2;

std::optional<std::int64_t> number_of(const TopicConfig& config, const std::string& key) {
    const auto found = config.find(key);
    if (found == config.end()) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const std::string& text = found->second;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    return end.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

std::string value_of(const TopicConfig& config, const std::string& key) {
    const auto found = config.find(key);
    return found == config.end() ? std::string() : found->second;
}

Refusal refusal_of(const Error& error) {
    KafkaError code = KafkaError::kInvalidRecord;
    if (error.code == ErrorCode::kNotSupported) {
        code = KafkaError::kUnsupportedCompressionType;
    } else if (error.code == ErrorCode::kTooLarge) {
        code = KafkaError::kMessageTooLarge;
    }
    return {code, error.message};
}

/// Damage on the way here must be told from a client's bug: the first is worth another try.
Refusal unsound(const RecordBatchView& batch, const Error& error) {
    if (const Status intact = batch.verify_crc(); !intact.ok()) {
        return {KafkaError::kCorruptMessage, intact.error().message};
    }
    return refusal_of(error);
}

std::optional<Refusal> check_format(ByteView bytes) {
    if (bytes.empty()) {
        return Refusal{KafkaError::kInvalidRecord, "there is no record batch"};
    }
    if (bytes.size() > kMagicAt) {
        const auto magic = load_be<std::int8_t>(bytes.data() + kMagicAt);
        if (magic == 0 || magic == 1) {
            return Refusal{KafkaError::kUnsupportedForMessageFormat,
                           "message format " + std::to_string(magic) +
                               " is not taken, only record batches of format 2"};
        }
        if (magic == kMagic && bytes.size() >= kRecordBatchHeaderBytes) {
            const int codec = load_be<std::uint16_t>(bytes.data() + kAttributesAt) & 7;
            if (codec > static_cast<int>(Codec::kZstd)) {
                return Refusal{KafkaError::kUnsupportedCompressionType,
                               "unknown compression codec: " + std::to_string(codec)};
            }
        }
    }
    return std::nullopt;
}

std::optional<Refusal> check_header(const RecordBatchView& batch, std::size_t piece_bytes) {
    const auto invalid = [](std::string message) {
        return Refusal{KafkaError::kInvalidRecord, std::move(message)};
    };
    if (batch.size_bytes() != piece_bytes) {
        return invalid("a partition takes one record batch per request, bytes behind it: " +
                       std::to_string(piece_bytes - batch.size_bytes()));
    }
    if (batch.is_control()) {
        return invalid("clients may not write control batches");
    }
    if (batch.record_count() < 1 ||
        batch.record_count() != std::int64_t{batch.last_offset_delta()} + 1) {
        return invalid("record count of a record batch does not fit its offsets: " +
                       std::to_string(batch.record_count()));
    }
    const bool is_idempotent = batch.producer_id() >= 0;
    if (is_idempotent && (batch.producer_epoch() < 0 || batch.base_sequence() < 0)) {
        return invalid("a batch with a producer id needs an epoch and a sequence number");
    }
    if (!is_idempotent && batch.is_transactional()) {
        return invalid("a transactional batch needs a producer id");
    }
    return std::nullopt;
}

std::optional<Refusal> check_times(const RecordBatchView& batch,
                                   const RecordSummary& records,
                                   const ProducePolicy& policy,
                                   Timestamp now) {
    if (policy.timestamp_type == TimestampType::kLogAppendTime) {
        return std::nullopt;
    }
    if (batch.timestamp_type() == TimestampType::kLogAppendTime) {
        return Refusal{KafkaError::kInvalidTimestamp,
                       "producers may not say that the log gave the timestamps"};
    }
    const auto refuse = [](Timestamp time, const char* limit) {
        return Refusal{KafkaError::kInvalidTimestamp,
                       "timestamp of a record is beyond " + std::string(limit) + ": " +
                           std::to_string(time.value)};
    };
    // Compared without overflow: both limits are positive, timestamps may be anything.
    if (policy.before_max && records.min_timestamp.value < now.value - policy.before_max->count()) {
        return refuse(records.min_timestamp, "message.timestamp.before.max.ms");
    }
    if (policy.after_max && records.max_timestamp.value > now.value &&
        static_cast<std::uint64_t>(records.max_timestamp.value) -
                static_cast<std::uint64_t>(now.value) >
            static_cast<std::uint64_t>(policy.after_max->count())) {
        return refuse(records.max_timestamp, "message.timestamp.after.max.ms");
    }
    return std::nullopt;
}

}  // namespace

ProducePolicy produce_policy(const TopicInfo& topic) {
    const auto duration = [&](const char* key) -> std::optional<std::chrono::milliseconds> {
        const auto ms = number_of(topic.config, key);
        return ms ? std::optional(std::chrono::milliseconds(*ms)) : std::nullopt;
    };
    ProducePolicy policy;
    policy.topic_name = topic.name;
    policy.is_internal = topic.is_internal;
    policy.needs_keys =
        value_of(topic.config, "cleanup.policy").find("compact") != std::string::npos;
    if (const auto bytes = number_of(topic.config, "max.message.bytes")) {
        policy.batch_bytes_max = static_cast<std::size_t>(*bytes);
    }
    if (value_of(topic.config, "message.timestamp.type") == "LogAppendTime") {
        policy.timestamp_type = TimestampType::kLogAppendTime;
    }
    policy.before_max = duration("message.timestamp.before.max.ms");
    policy.after_max = duration("message.timestamp.after.max.ms");
    policy.codec = codec_of(topic.config);
    return policy;
}

std::optional<Refusal> admit_produced(BatchBytes& piece,
                                      const ProducePolicy& policy,
                                      Timestamp now) {
    if (policy.is_internal) {
        return Refusal{KafkaError::kInvalidTopic,
                       "clients may not write to an internal topic: " + policy.topic_name};
    }
    if (auto refused = check_format(piece)) {
        return refused;
    }
    const Result<RecordBatchView> parsed = RecordBatchView::parse(piece);
    if (!parsed.ok()) {
        return Refusal{KafkaError::kCorruptMessage, parsed.error().message};
    }
    const RecordBatchView& batch = parsed.value();
    if (auto refused = check_header(batch, piece.size())) {
        return refused;
    }
    if (batch.size_bytes() > policy.batch_bytes_max) {
        return Refusal{KafkaError::kMessageTooLarge,
                       "record batch is larger than max.message.bytes of " + policy.topic_name +
                           " (" + std::to_string(policy.batch_bytes_max) +
                           "): " + std::to_string(batch.size_bytes())};
    }
    const Result<RecordPayload> payload = payload_of(batch, nullptr);
    if (!payload.ok()) {
        return unsound(batch, payload.error());
    }
    const Result<RecordSummary> records = summarize_records(batch, payload.value().bytes);
    if (!records.ok()) {
        return unsound(batch, records.error());
    }
    if (policy.needs_keys && records.value().has_null_key) {
        return Refusal{KafkaError::kInvalidRecord,
                       "a record of a compacted topic needs a key: " + policy.topic_name};
    }
    if (auto refused = check_times(batch, records.value(), policy, now)) {
        return refused;
    }

    const bool is_stamped = policy.timestamp_type == TimestampType::kLogAppendTime;
    const Timestamp max_timestamp = is_stamped ? now : records.value().max_timestamp;
    const bool is_restamped = is_stamped || batch.max_timestamp() != max_timestamp;
    const bool is_recompressed = policy.codec && *policy.codec != batch.codec();
    if (!is_restamped && !is_recompressed) {
        return std::nullopt;
    }
    if (const Status intact = batch.verify_crc(); !intact.ok()) {
        return Refusal{KafkaError::kCorruptMessage, intact.error().message};
    }
    if (is_recompressed) {
        Result<Buffer> recompressed = recompress(batch, *policy.codec);
        if (!recompressed.ok()) {
            return refusal_of(recompressed.error());
        }
        piece = std::move(recompressed).value();
    }
    if (is_restamped) {
        restamp(piece.span(), policy.timestamp_type, max_timestamp);
    }
    return std::nullopt;
}

}  // namespace millrace::broker
