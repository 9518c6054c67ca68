#include "connectors/offset_store.h"

#include "core/record/record_cursor.h"

namespace millrace::connectors {

namespace {

/// Keeps the value of the last record of `key` among `batches`; returns the offset behind them.
Result<Offset> scan(const FetchResult& fetched,
                    Offset from,
                    std::string_view key,
                    std::optional<std::string>& value) {
    RecordBatchCursor batches(fetched.batches);
    Offset behind = from;
    for (;;) {
        MILLRACE_TRY(const std::optional<RecordBatchView> batch, batches.next());
        if (!batch) {
            return behind;
        }
        MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
        RecordCursor records(*batch, payload.bytes);
        RecordView record;
        while (records.next(record)) {
            if (record.offset < from || !record.key || as_text(*record.key) != key) {
                continue;
            }
            value.reset();
            if (record.value) {
                value = std::string(as_text(*record.value));
            }
        }
        MILLRACE_TRY_STATUS(records.status());
        behind = next(batch->last_offset());
    }
}

}  // namespace

std::string OffsetStore::key_of(const std::string& connector, const Json& partition) {
    return Json(Json::Array{Json(connector), partition}).dump();
}

Status OffsetStore::open() {
    const std::lock_guard lock(mutex_);
    if (place_) {
        return Ok{};
    }
    const std::string name(kTopic);
    const Result<TopicInfo> made = log_.create_topic(
        {.name = name, .partitions = 1, .config = {{"cleanup.policy", "compact"}}});
    if (!made.ok() && made.error().code != ErrorCode::kTopicExists) {
        return made.error();
    }
    MILLRACE_TRY(const TopicInfo info, log_.describe_topic(name));
    place_ = TopicPartition{info.id, Partition{0}};
    return Ok{};
}

Result<TopicPartition> OffsetStore::place() const {
    const std::lock_guard lock(mutex_);
    if (!place_) {
        return Error{ErrorCode::kUnknownTopic,
                     "there is no topic of that name: " + std::string(kTopic)};
    }
    return *place_;
}

Result<std::optional<Json>> OffsetStore::load(const std::string& key) const {
    MILLRACE_TRY(const TopicPartition from, place());
    MILLRACE_TRY(Offset at, log_.log_start(from));
    const Offset end = log_.snapshot().end_of(from);
    std::optional<std::string> value;
    while (at < end) {
        MILLRACE_TRY(const FetchResult fetched, fetch_and_wait(log_, {.from = from, .offset = at}));
        if (fetched.batches.empty()) {
            break;
        }
        MILLRACE_TRY(at, scan(fetched, at, key, value));
    }
    if (!value) {
        return std::optional<Json>();
    }
    MILLRACE_TRY(Json offset, Json::parse(*value, kTopic));
    return std::optional(std::move(offset));
}

}  // namespace millrace::connectors
