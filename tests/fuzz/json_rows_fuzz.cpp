// JSON rows: no bytes crash the decoder, and both ways of reading agree on all of them.
// links: millrace_core_row
#include <cstdint>
#include <cstring>

#include "core/base/page.h"
#include "core/row/format_factories.h"
#include "core/row/value.h"

using namespace millrace;

namespace {

const std::vector<Field> kFields{
    {"A", TypeKind::kInt},
    {"B", TypeKind::kString},
    {"C", TypeKind::kDouble},
    {"D", TypeKind::kBytes},
    {"E", DataType::decimal(10, 2)},
    {"L", DataType::array(TypeKind::kBigint)},
    {"M", DataType::map(TypeKind::kString, DataType::structure({{"X", TypeKind::kBoolean}}))}};

struct Decoded {
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;
};

Decoded decode(ByteView bytes,
               const std::vector<bool>& wanted,
               bool is_wrapped,
               JsonReading reading) {
    const auto page = Page::allocate(bytes.size());
    std::memcpy(page->data(), bytes.data(), bytes.size());
    page->set_size(bytes.size());
    // One row per line, so that a row is read after others have taught the keys.
    std::vector<std::optional<ByteView>> rows;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= bytes.size(); ++i) {
        if (i == bytes.size() || page->data()[i] == std::byte{'\n'}) {
            rows.emplace_back(page->view().subspan(begin, i - begin));
            begin = i + 1;
        }
    }
    const FormatSpec format{Format::kJson, ',', is_wrapped};
    const std::vector<Field> fields(is_wrapped ? kFields : std::vector<Field>{kFields.back()});
    auto decoder = make_json_decoder(format, fields, wanted, reading);
    Decoded decoded;
    decoder.value()->decode(rows, page, decoded.columns, decoded.errors);
    return decoded;
}

void check_equal(const Decoded& a, const Decoded& b) {
    CHECK(a.errors.size() == b.errors.size());
    for (std::size_t i = 0; i < a.errors.size(); ++i) {
        CHECK(a.errors[i].row == b.errors[i].row && a.errors[i].message == b.errors[i].message);
    }
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        for (std::uint32_t row = 0; a.columns[i] && row < a.columns[i]->size(); ++row) {
            const Value left = value_at(*a.columns[i], row);
            const Value right = value_at(*b.columns[i], row);
            // By text: two NaN are the same here.
            CHECK(to_text(left, a.columns[i]->type()) == to_text(right, a.columns[i]->type()));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes{reinterpret_cast<const std::byte*>(data), size};
    const std::vector<bool> flat{true, true, true, true, true, false, false};
    const std::vector<bool> all(kFields.size(), true);
    check_equal(decode(bytes, flat, true, JsonReading::kPredicting),
                decode(bytes, flat, true, JsonReading::kGeneral));
    static_cast<void>(decode(bytes, all, true, JsonReading::kGeneral));
    static_cast<void>(decode(bytes, {true}, false, JsonReading::kGeneral));
    return 0;
}
