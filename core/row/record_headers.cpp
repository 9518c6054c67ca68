#include "core/row/record_headers.h"

namespace millrace {

const DataType& record_headers_type() {
    static const DataType kType = DataType::array(
        DataType::structure({{"KEY", TypeKind::kString}, {"VALUE", TypeKind::kBytes}}));
    return kType;
}

ColumnPtr all_headers(std::span<const RecordHeader> headers,
                      std::size_t first,
                      std::uint32_t size,
                      const Pin& pin) {
    ColumnBuilder lists(record_headers_type(), size);
    ColumnBuilder& each = lists.child(0);
    ColumnBuilder& keys = each.child(0);
    ColumnBuilder& values = each.child(1);
    keys.pin(pin);
    values.pin(pin);
    std::size_t at = 0;
    for (std::uint32_t row = 0; row < size; ++row) {
        std::uint32_t element = lists.list_elements();
        const std::uint32_t begin = element;
        for (; at < headers.size() && headers[at].record == first + row; ++at, ++element) {
            each.set_present(element);
            keys.set_borrowed_text(element, headers[at].header.key);
            if (headers[at].header.value) {
                values.set_borrowed_text(element, as_text(*headers[at].header.value));
            } else {
                values.set_null(element);
            }
        }
        lists.set_list(row, element - begin);
    }
    return lists.finish(size);
}

ColumnPtr last_header(std::span<const RecordHeader> headers,
                      std::string_view key,
                      std::size_t first,
                      std::uint32_t size,
                      const Pin& pin) {
    ColumnBuilder values(TypeKind::kBytes, size);
    values.pin(pin);
    std::size_t at = 0;
    for (std::uint32_t row = 0; row < size; ++row) {
        const HeaderView* last = nullptr;
        for (; at < headers.size() && headers[at].record == first + row; ++at) {
            last = headers[at].header.key == key ? &headers[at].header : last;
        }
        if (last != nullptr && last->value) {
            values.set_borrowed_text(row, as_text(*last->value));
        } else {
            values.set_null(row);
        }
    }
    return values.finish(size);
}

void read_headers(const Column& column, std::uint32_t row, std::vector<HeaderView>& out) {
    out.clear();
    if (!column.is_valid(row)) {
        return;
    }
    const auto* offsets = column.values<std::uint32_t>();
    const std::uint32_t slot = column.slot(row);
    const Column& each = *column.children()[0];
    for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
        const std::uint32_t field = each.slot(i);
        const Column& keys = *each.children()[0];
        const Column& values = *each.children()[1];
        out.push_back({keys.text(field), std::nullopt});
        if (values.is_valid(field)) {
            out.back().value = as_bytes(values.text(field));
        }
    }
}

}  // namespace millrace
