#include "tests/conformance/case_log.h"

#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

namespace millrace::conformance {

namespace {

constexpr Partition kOnly{0};

std::optional<ByteView> bytes_of(const std::optional<std::string>& text) {
    return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

std::optional<std::string> text_of(const std::optional<ByteView>& bytes) {
    return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

StoredRecord stored(const RecordView& view) {
    StoredRecord record;
    record.key = text_of(view.key);
    record.value = text_of(view.value);
    record.timestamp = view.timestamp.value;
    for (const HeaderView& header : view.headers) {
        record.headers.emplace_back(header.key, text_of(header.value));
    }
    return record;
}

std::string printable(const std::optional<std::string>& bytes) {
    if (!bytes) {
        return "null";
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text = "'";
    for (const char c : *bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\') {
            text += c;
        } else {
            text += "\\x";
            text += kHex[byte >> 4U];
            text += kHex[byte & 15U];
        }
    }
    return text + "'";
}

}  // namespace

std::string line_of(const StoredRecord& record) {
    std::string line = "at " + std::to_string(record.timestamp) + " key " + printable(record.key) +
                       " value " + printable(record.value);
    for (const auto& [key, value] : record.headers) {
        line += " header " + printable(key) + " " + printable(value);
    }
    return line;
}

void SwitchedIo::post(Work work) {
    if (is_immediate_) {
        work();
    } else {
        later_.post(std::move(work));
    }
}

TimerId SwitchedIo::post_after(std::chrono::nanoseconds delay, Work work) {
    return later_.post_after(delay, std::move(work));
}

bool SwitchedIo::cancel(TimerId timer) {
    return later_.cancel(timer);
}

Status CaseLog::clear(const std::string& topic) {
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    MILLRACE_TRY_STATUS(memory_.delete_topic(topic));
    MILLRACE_TRY_STATUS(memory_.create_topic({topic, 1, info.config}));
    return Ok{};
}

Status CaseLog::append(const std::string& topic, const std::vector<StoredRecord>& records) {
    if (records.empty()) {
        return Ok{};
    }
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    RecordBatchBuilder builder;
    std::vector<HeaderView> headers;
    for (const StoredRecord& record : records) {
        headers.clear();
        for (const auto& [key, value] : record.headers) {
            headers.push_back({key, bytes_of(value)});
        }
        builder.add(
            bytes_of(record.key), bytes_of(record.value), Timestamp{record.timestamp}, headers);
    }
    Unit unit;
    unit.pieces.emplace_back();
    unit.pieces.back().to = {info.id, kOnly};
    MILLRACE_TRY(unit.pieces.back().batches, builder.finish());
    MILLRACE_TRY_STATUS(append_and_wait(memory_, std::move(unit)));
    return Ok{};
}

Result<std::vector<StoredRecord>> CaseLog::read(const std::string& topic) {
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    std::vector<StoredRecord> records;
    const std::int64_t end = size(topic);
    for (Offset at{0}; at.value < end;) {
        FetchRequest request;
        request.from = {info.id, kOnly};
        request.offset = at;
        MILLRACE_TRY(const FetchResult fetched, fetch_and_wait(memory_, request));
        RecordBatchCursor batches(fetched.batches);
        for (;;) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
            RecordCursor cursor(*batch, payload.bytes);
            RecordView view;
            while (cursor.next(view)) {
                records.push_back(stored(view));
            }
            MILLRACE_TRY_STATUS(cursor.status());
            at = next(batch->last_offset());
        }
    }
    return records;
}

std::int64_t CaseLog::size(const std::string& topic) {
    const auto info = memory_.describe_topic(topic);
    return info.ok() ? memory_.snapshot().end_of({info.value().id, kOnly}).value : 0;
}

TopicInfo CaseLog::shown(TopicInfo info) const {
    const auto found = declared_.find(info.name);
    info.partitions = is_running_ || found == declared_.end() ? 1 : found->second;
    return info;
}

Result<TopicInfo> CaseLog::create_topic(const TopicSpec& spec) {
    TopicSpec single = spec;
    single.partitions = 1;
    MILLRACE_TRY(TopicInfo info, memory_.create_topic(single));
    declared_[spec.name] = spec.partitions;
    return shown(std::move(info));
}

Status CaseLog::delete_topic(const std::string& name) {
    declared_.erase(name);
    return memory_.delete_topic(name);
}

Result<TopicInfo> CaseLog::describe_topic(const std::string& name) {
    MILLRACE_TRY(TopicInfo info, memory_.describe_topic(name));
    return shown(std::move(info));
}

std::vector<TopicInfo> CaseLog::list_topics() {
    std::vector<TopicInfo> infos;
    for (TopicInfo& info : memory_.list_topics()) {
        infos.push_back(shown(std::move(info)));
    }
    return infos;
}

Status CaseLog::alter_config(const std::string& name, const TopicConfig& changes) {
    return memory_.alter_config(name, changes);
}

void CaseLog::append_atomic(Unit unit, Completion<CommitPosition> done) {
    for (Piece& piece : unit.pieces) {
        piece.to.partition = kOnly;
    }
    memory_.append_atomic(std::move(unit), std::move(done));
}

FetchId CaseLog::fetch(const FetchRequest& request, Completion<FetchResult> done) {
    FetchRequest single = request;
    single.from.partition = kOnly;
    return memory_.fetch(single, std::move(done));
}

void CaseLog::cancel_fetch(FetchId fetch) {
    memory_.cancel_fetch(fetch);
}

LogSnapshot CaseLog::snapshot() {
    return memory_.snapshot();
}

Result<Offset> CaseLog::log_start(TopicPartition partition) {
    return memory_.log_start({partition.topic, kOnly});
}

Result<Offset> CaseLog::offset_for_time(TopicPartition partition, Timestamp time) {
    return memory_.offset_for_time({partition.topic, kOnly}, time);
}

std::map<TopicPartition, OffsetCommit> CaseLog::committed_offsets(const std::string& group) {
    return memory_.committed_offsets(group);
}

std::uint64_t CaseLog::committed_epoch(const std::string& owner) {
    return memory_.committed_epoch(owner);
}

}  // namespace millrace::conformance
