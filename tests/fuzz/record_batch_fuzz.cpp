// Any bytes through everything that reads record batches.
// links: millrace_core_record
//
// The checksum is asked and then ignored, so that mutations get to the records behind it.
#include <algorithm>
#include <cstdint>

#include "core/record/record_batch.h"
#include "core/record/record_cursor.h"

using namespace millrace;

namespace {

constexpr std::size_t kInflatedMax = std::size_t{1} << 20;

void read_records(const RecordBatchView& batch) {
    const Result<RecordPayload> payload = payload_of(batch, nullptr, kInflatedMax);
    if (!payload.ok()) {
        return;
    }
    CHECK(payload.value().bytes.size() <= std::max(kInflatedMax, batch.size_bytes()));
    RecordColumns columns;
    const Status decoded =
        decode_records(batch, payload.value().bytes, batch.base_offset(), columns);
    RecordCursor cursor(batch, payload.value().bytes);
    RecordView record;
    std::size_t count = 0;
    while (cursor.next(record)) {
        if (decoded.ok() && !batch.is_control()) {
            CHECK(columns.offsets[count] == record.offset);
            CHECK(columns.timestamps[count] == record.timestamp);
            CHECK(columns.keys[count].has_value() == record.key.has_value());
            CHECK(columns.values[count].has_value() == record.value.has_value());
        }
        ++count;
    }
    if (!batch.is_control()) {
        CHECK(decoded.ok() == cursor.status().ok());
        CHECK(columns.size() == (decoded.ok() ? count : 0));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    RecordBatchCursor batches(bytes);
    while (true) {
        const auto batch = batches.next();
        if (!batch.ok() || !batch.value()) {
            return 0;
        }
        static_cast<void>(batch.value()->verify_crc());
        read_records(*batch.value());
    }
}
