// Records of the transaction coordinator: any bytes are refused or make sense.
// links: millrace_core_broker millrace_core_record millrace_core_base
#include <algorithm>
#include <cstdint>
#include <variant>

#include "core/base/assert.h"
#include "core/broker/transactions/transaction_records.h"

namespace {

using namespace millrace;
using namespace millrace::broker;

/// What was accepted is written and read back the same.
void read_transaction(ByteView value) {
    const auto transaction = decode_transaction(value);
    if (!transaction.ok()) {
        return;
    }
    const auto again = decode_transaction(encode_transaction(transaction.value()));
    CHECK(again.ok());
    CHECK(again.value() == transaction.value());
}

void read_producer_ids(ByteView value) {
    const auto next = decode_producer_ids(value);
    if (next.ok()) {
        CHECK(decode_producer_ids(encode_producer_ids(next.value())).value() == next.value());
    }
}

void read_key(ByteView key) {
    const auto decoded = decode_transactions_key(RecordView{.key = key});
    if (!decoded.ok()) {
        return;
    }
    if (const auto* const id = std::get_if<TransactionKey>(&decoded.value())) {
        const Buffer written = encode_transaction_key(id->transactional_id);
        const auto again = decode_transactions_key(RecordView{.key = written.view()});
        CHECK(again.ok());
        CHECK(std::get<TransactionKey>(again.value()).transactional_id == id->transactional_id);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(reinterpret_cast<const std::byte*>(data), size);
    read_transaction(input);
    read_producer_ids(input);
    read_key(input);
    return 0;
}
