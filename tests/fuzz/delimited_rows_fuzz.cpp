// DELIMITED rows: no bytes crash the decoder, and what it takes is written and read back the same.
// links: millrace_core_row
#include <cstdint>
#include <cstring>

#include "core/base/page.h"
#include "core/row/serde.h"
#include "core/row/value.h"

using namespace millrace;

namespace {

const std::vector<Field> kFields{{"A", TypeKind::kString},
                                 {"B", TypeKind::kInt},
                                 {"C", TypeKind::kString},
                                 {"D", TypeKind::kDouble},
                                 {"E", TypeKind::kBytes}};

bool decode(ByteView bytes, std::vector<ColumnPtr>& columns) {
    const auto page = Page::allocate(bytes.size());
    if (!bytes.empty()) {
        std::memcpy(page->data(), bytes.data(), bytes.size());
    }
    page->set_size(bytes.size());
    const std::vector<std::optional<ByteView>> rows{page->view()};
    std::vector<RowError> errors;
    auto decoder =
        make_decoder({Format::kDelimited}, kFields, std::vector<bool>(kFields.size(), true));
    decoder.value()->decode(rows, page, columns, errors);
    return errors.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<ColumnPtr> columns;
    if (!decode({reinterpret_cast<const std::byte*>(data), size}, columns)) {
        return 0;
    }
    auto encoder = make_encoder({Format::kDelimited}, kFields);
    EncodedRows encoded;
    const std::uint32_t row = 0;
    encoder.value()->encode(columns, {&row, 1}, encoded);
    std::vector<ColumnPtr> again;
    CHECK(decode(*encoded.row(0), again));
    for (std::size_t i = 0; i < kFields.size(); ++i) {
        CHECK(to_text(value_at(*columns[i], 0), kFields[i].type) ==
              to_text(value_at(*again[i], 0), kFields[i].type));
    }
    return 0;
}
