#include "dsl/testing/stored_records.h"

#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace::dsl::testing {

namespace {

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

}  // namespace

Status append_records(LogClient& log, const TopicId& topic, const PartitionedRecords& records) {
    Unit unit;
    std::vector<HeaderView> headers;
    for (const auto& [partition, of_partition] : records) {
        if (of_partition.empty()) {
            continue;
        }
        RecordBatchBuilder builder;
        for (const StoredRecord& record : of_partition) {
            headers.clear();
            for (const auto& [key, value] : record.headers) {
                headers.push_back({key, bytes_of(value)});
            }
            builder.add(
                bytes_of(record.key), bytes_of(record.value), Timestamp{record.timestamp}, headers);
        }
        unit.pieces.emplace_back();
        unit.pieces.back().to = {topic, Partition{partition}};
        MILLRACE_TRY(unit.pieces.back().batches, builder.finish());
    }
    if (unit.pieces.empty()) {
        return Ok{};
    }
    MILLRACE_TRY_STATUS(append_and_wait(log, std::move(unit)));
    return Ok{};
}

Result<std::vector<StoredRecord>> read_records(LogClient& log,
                                               const TopicPartition& from,
                                               Offset begin) {
    std::vector<StoredRecord> records;
    const Offset end = log.snapshot().end_of(from);
    for (Offset at = begin; at < end;) {
        FetchRequest request;
        request.from = from;
        request.offset = at;
        MILLRACE_TRY(const FetchResult fetched, fetch_and_wait(log, request));
        RecordBatchCursor batches(fetched.batches);
        const Offset before = at;
        for (;;) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
            RecordCursor cursor(*batch, payload.bytes);
            RecordView view;
            while (cursor.next(view)) {
                if (view.offset >= begin) {  // whole batches are read
                    records.push_back(stored(view));
                }
            }
            MILLRACE_TRY_STATUS(cursor.status());
            at = next(batch->last_offset());
        }
        if (at == before) {
            return Error{ErrorCode::kCorruptBatch,
                         "nothing can be read at offset " + std::to_string(at.value)};
        }
    }
    return records;
}

}  // namespace millrace::dsl::testing
