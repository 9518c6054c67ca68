#include "dsl/print_topic.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/base/nearest_name.h"
#include "core/base/telemetry.h"
#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"
#include "core/row/schema_config.h"
#include "core/row/serde.h"
#include "core/row/value.h"

namespace millrace::dsl {

namespace {

constexpr std::chrono::milliseconds kWait{200};

/// As it lies when it is text, else as 0x and hexadecimal digits.
std::string shown(ByteView bytes) {
    const std::string_view text = as_text(bytes);
    bool is_text = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        is_text = is_text && (byte >= 0x20 || c == '\t' || c == '\n' || c == '\r') && byte != 0x7F;
    }
    if (is_text) {
        return std::string(text);
    }
    std::string hex = "0x";
    for (const std::byte byte : bytes) {
        hex += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4U];
        hex += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15U];
    }
    return hex;
}

class KeyText {
  public:
    explicit KeyText(const TopicInfo& topic) {
        const auto found = topic.config.find(std::string(kTopicSchemaConfig));
        if (found == topic.config.end()) {
            return;
        }
        auto schema = decode_topic_schema(found->second);
        if (schema.ok()) {
            schema_ = std::move(schema).value();
        }
    }
    [[nodiscard]] std::string of(ByteView key) const {
        if (!schema_) {
            return shown(key);
        }
        std::string window;
        if (schema_->schema.window.kind != WindowKind::kNone) {
            const auto split = split_window(key, schema_->schema.window);
            if (!split.ok()) {
                return shown(key);
            }
            key = split.value().key;
            window =
                " [" + std::to_string(split.value().start_ms) + ", " +
                (schema_->schema.window.kind == WindowKind::kSession
                     ? std::to_string(split.value().end_ms)
                     : std::to_string(split.value().start_ms + schema_->schema.window.size_ms)) +
                ")";
        }
        return plain(key) + window;
    }

  private:
    /// KAFKA numbers are bytes that nobody can read.
    [[nodiscard]] std::string plain(ByteView key) const {
        if (schema_->key.format != Format::kKafka || schema_->schema.key.size() != 1) {
            return shown(key);
        }
        const DataType& type = schema_->schema.key[0].type;
        if (type.is(TypeKind::kInt) && key.size() == 4) {
            return std::to_string(load_be<std::int32_t>(key.data()));
        }
        if (type.is(TypeKind::kBigint) && key.size() == 8) {
            return std::to_string(load_be<std::int64_t>(key.data()));
        }
        if (type.is(TypeKind::kDouble) && key.size() == 8) {
            return double_to_text(std::bit_cast<double>(load_be<std::int64_t>(key.data())));
        }
        return shown(key);
    }

    std::optional<TopicSchema> schema_;
};

class TopicPrinter {
  public:
    TopicPrinter(const sql::Print& print, TopicInfo topic, LogClient& log, const RowCallback& rows)
        : print_(print), topic_(std::move(topic)), key_text_(topic_), log_(log), rows_(rows) {}

    Status run() {
        MILLRACE_TRY_STATUS(begin());
        while (!is_done_) {
            bool found_any = false;
            for (std::size_t i = 0; i < next_.size() && !is_done_; ++i) {
                MILLRACE_TRY(const bool found, print_partition(i, std::chrono::milliseconds{0}));
                found_any = found_any || found;
            }
            if (!found_any && !is_done_) {
                waited_for_ = (waited_for_ + 1) % next_.size();
                MILLRACE_TRY_STATUS(print_partition(waited_for_, kWait));
                is_done_ = is_done_ || !rows_({});
            }
        }
        return Ok{};
    }

  private:
    Status begin() {
        is_done_ = print_.limit && *print_.limit == 0;
        const LogSnapshot snapshot = log_.snapshot();
        for (std::int32_t i = 0; i < topic_.partitions; ++i) {
            const TopicPartition partition{topic_.id, Partition{i}};
            Offset start = snapshot.end_of(partition);
            if (print_.from_beginning) {
                MILLRACE_TRY(start, log_.log_start(partition));
            }
            next_.push_back(start);
        }
        return Ok{};
    }
    Result<bool> print_partition(std::size_t index, std::chrono::milliseconds wait) {
        FetchRequest request;
        request.from = TopicPartition{topic_.id, Partition{static_cast<std::int32_t>(index)}};
        request.offset = next_[index];
        request.wait_max = wait;
        MILLRACE_TRY(const FetchResult fetched, fetch_and_wait(log_, request));
        RecordBatchCursor batches(fetched.batches);
        bool found = false;
        while (!is_done_) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
            RecordCursor records(*batch, payload.bytes);
            RecordView record;
            while (!is_done_ && records.next(record)) {
                if (record.offset >= next_[index]) {
                    found = true;
                    print_record(record, request.from.partition);
                }
            }
            MILLRACE_TRY_STATUS(records.status());
            next_[index] = std::max(next_[index], next(batch->last_offset()));
        }
        return found;
    }
    void print_record(const RecordView& record, Partition partition) {
        const std::int64_t every = print_.interval.value_or(1);
        if (every > 1 && seen_++ % every != 0) {
            return;
        }
        is_done_ = !rows_({format_iso8601(record.timestamp.value),
                           record.key ? key_text_.of(*record.key) : "<null>",
                           record.value ? shown(*record.value) : "<null>",
                           std::to_string(partition.value),
                           std::to_string(record.offset.value)});
        ++printed_;
        is_done_ = is_done_ || (print_.limit && printed_ >= *print_.limit);
    }

    const sql::Print& print_;
    TopicInfo topic_;
    KeyText key_text_;
    LogClient& log_;
    const RowCallback& rows_;
    std::vector<Offset> next_;
    std::size_t waited_for_ = 0;
    std::int64_t seen_ = 0;
    std::int64_t printed_ = 0;
    bool is_done_ = false;
};

}  // namespace

Status print_topic(const sql::Print& print,
                   const sql::SourceText& source,
                   LogClient& log,
                   const std::function<void(const std::vector<std::string>&)>& header,
                   const RowCallback& rows) {
    auto topic = log.describe_topic(print.topic.text);
    if (!topic.ok()) {
        std::vector<std::string> names;
        for (const TopicInfo& info : log.list_topics()) {
            names.push_back(info.name);
        }
        return source.error_at(
            print.topic.at,
            SqlError::kUnknownTopicName,
            "unknown topic " + print.topic.text + did_you_mean(print.topic.text, names));
    }
    if (header) {
        header({"ROWTIME", "KEY", "VALUE", "PARTITION", "OFFSET"});
    }
    return TopicPrinter(print, std::move(topic).value(), log, rows).run();
}

}  // namespace millrace::dsl
