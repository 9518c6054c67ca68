#include "operators/functions/cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/row/text_value.h"
#include "core/row/value.h"
#include "operators/expression/temporal_text.h"

namespace millrace::operators {

namespace {

/// Java's doubleToLongBits: one NaN.
std::uint64_t double_bits(double value) {
    constexpr std::uint64_t kNan = 0x7ff8000000000000;
    return std::isnan(value) ? kNan : std::bit_cast<std::uint64_t>(value);
}

template <class T>
int three_way(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

int compare_doubles(double a, double b) {
    if (a < b) {
        return -1;
    }
    if (a > b) {
        return 1;
    }
    return three_way(std::bit_cast<std::int64_t>(double_bits(a)),
                     std::bit_cast<std::int64_t>(double_bits(b)));
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 29;
}

std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word;
        std::memcpy(&word, text.data(), 8);
        hash = mix(hash, word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    return mix(hash, rest);
}

struct Extent {
    std::uint32_t begin;
    std::uint32_t end;
};
Extent extent_of(const Cell& cell) {
    const auto* offsets = cell.column->values<std::uint32_t>();
    const std::uint32_t slot = cell.column->slot(cell.row);
    return {offsets[slot], offsets[slot + 1]};
}

bool equal_arrays(const Cell& a, const Cell& b) {
    const Extent x = extent_of(a);
    const Extent y = extent_of(b);
    if (x.end - x.begin != y.end - y.begin) {
        return false;
    }
    for (std::uint32_t i = 0; i < x.end - x.begin; ++i) {
        if (!equal_cells({a.column->children()[0].get(), x.begin + i},
                         {b.column->children()[0].get(), y.begin + i})) {
            return false;
        }
    }
    return true;
}

/// Whether every entry of `a` is one of `b`'s, which has as many.
bool equal_maps(const Cell& a, const Cell& b) {
    const Extent x = extent_of(a);
    const Extent y = extent_of(b);
    if (x.end - x.begin != y.end - y.begin) {
        return false;
    }
    const auto& left = a.column->children();
    const auto& right = b.column->children();
    for (std::uint32_t i = x.begin; i < x.end; ++i) {
        bool is_found = false;
        for (std::uint32_t j = y.begin; j < y.end && !is_found; ++j) {
            is_found = equal_cells({left[0].get(), i}, {right[0].get(), j}) &&
                       equal_cells({left[1].get(), i}, {right[1].get(), j});
        }
        if (!is_found) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool equal_cells(const Cell& a, const Cell& b) {
    const bool is_valid = a.is_valid();
    if (is_valid != b.is_valid() || !is_valid) {
        return is_valid == b.is_valid();
    }
    switch (a.column->type().kind()) {
        case TypeKind::kArray:
            return equal_arrays(a, b);
        case TypeKind::kMap:
            return equal_maps(a, b);
        case TypeKind::kStruct: {
            const std::uint32_t x = a.column->slot(a.row);
            const std::uint32_t y = b.column->slot(b.row);
            for (std::size_t i = 0; i < a.column->children().size(); ++i) {
                if (!equal_cells({a.column->children()[i].get(), x},
                                 {b.column->children()[i].get(), y})) {
                    return false;
                }
            }
            return true;
        }
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDouble:
        case TypeKind::kDecimal:
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            break;
    }
    return compare_cells(a, b) == 0;
}

int compare_cells(const Cell& a, const Cell& b) {
    switch (a.column->type().kind()) {
        case TypeKind::kBoolean:
            return three_way(a.column->at<std::uint8_t>(a.row), b.column->at<std::uint8_t>(b.row));
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return three_way(a.column->at<std::int32_t>(a.row), b.column->at<std::int32_t>(b.row));
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return three_way(a.column->at<std::int64_t>(a.row), b.column->at<std::int64_t>(b.row));
        case TypeKind::kDouble:
            return compare_doubles(a.column->at<double>(a.row), b.column->at<double>(b.row));
        case TypeKind::kDecimal:
            return three_way(a.column->at<Int128>(a.row), b.column->at<Int128>(b.row));
        case TypeKind::kString:
        case TypeKind::kBytes:
            return a.column->text(a.row).compare(b.column->text(b.row));
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return 0;
}

std::uint64_t hash_cell(const Cell& cell) {
    if (!cell.is_valid()) {
        return 1;
    }
    const Column& column = *cell.column;
    switch (column.type().kind()) {
        case TypeKind::kBoolean:
            return mix(2, column.at<std::uint8_t>(cell.row));
        case TypeKind::kInt:
        case TypeKind::kDate:
        case TypeKind::kTime:
            return mix(3, static_cast<std::uint64_t>(column.at<std::int32_t>(cell.row)));
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return mix(3, static_cast<std::uint64_t>(column.at<std::int64_t>(cell.row)));
        case TypeKind::kDouble:
            return mix(4, double_bits(column.at<double>(cell.row)));
        case TypeKind::kDecimal:
            return mix(5, static_cast<std::uint64_t>(column.at<Int128>(cell.row)));
        case TypeKind::kString:
        case TypeKind::kBytes:
            return hash_text(column.text(cell.row));
        case TypeKind::kArray:
        case TypeKind::kMap: {
            const Extent extent = extent_of(cell);
            const bool is_map = column.type().is(TypeKind::kMap);
            std::uint64_t hash = extent.end - extent.begin;
            for (std::uint32_t i = extent.begin; i < extent.end; ++i) {
                const std::uint64_t one = hash_cell({column.children()[0].get(), i});
                hash = is_map ? hash + one : mix(hash, one);  // maps have no order
            }
            return hash;
        }
        case TypeKind::kStruct:
            break;
    }
    std::uint64_t hash = 6;
    for (const ColumnPtr& child : column.children()) {
        hash = mix(hash, hash_cell({child.get(), column.slot(cell.row)}));
    }
    return hash;
}

void append_cell(std::string& out, const Cell& cell) {
    if (!cell.is_valid()) {
        out += "null";
        return;
    }
    const Column& column = *cell.column;
    char text[kTemporalTextMax];
    switch (column.type().kind()) {
        case TypeKind::kDate:
            out.append(text, write_date(text, column.at<std::int32_t>(cell.row)));
            return;
        case TypeKind::kTime:
            out.append(text, write_time(text, column.at<std::int32_t>(cell.row)));
            return;
        case TypeKind::kTimestamp:
            out.append(text, write_timestamp(text, column.at<std::int64_t>(cell.row)));
            return;
        case TypeKind::kString:
        case TypeKind::kBytes:
            out += column.text(cell.row);
            return;
        case TypeKind::kBoolean:
            out += column.at<std::uint8_t>(cell.row) != 0 ? "true" : "false";
            return;
        case TypeKind::kInt:
            out += std::to_string(column.at<std::int32_t>(cell.row));
            return;
        case TypeKind::kBigint:
            out += std::to_string(column.at<std::int64_t>(cell.row));
            return;
        case TypeKind::kDouble:
            out += double_to_text(column.at<double>(cell.row));
            return;
        case TypeKind::kDecimal:
            out += Decimal{column.at<Int128>(cell.row), column.type().scale()}.to_string();
            return;
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
}

void CellSet::clear() {
    constexpr std::size_t kKeptSlots = 4096;
    entries_.clear();
    if (slots_.size() > kKeptSlots) {
        slots_.clear();  // one long list must not make every short one slow
    }
    std::fill(slots_.begin(), slots_.end(), 0);
}

std::size_t CellSet::slot_of(const Cell& cell, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at] != 0) {
        const Entry& entry = entries_[slots_[at] - 1];
        if (entry.hash == hash && equal_cells(entry.cell, cell)) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

void CellSet::grow() {
    slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
        std::size_t at = entries_[i].hash & mask;
        while (slots_[at] != 0) {
            at = (at + 1) & mask;
        }
        slots_[at] = i + 1;
    }
}

bool CellSet::insert(const Cell& cell) {
    if (entries_.size() * 2 >= slots_.size()) {
        grow();
    }
    const std::uint64_t hash = hash_cell(cell);
    std::uint32_t& slot = slots_[slot_of(cell, hash)];
    if (slot != 0) {
        return false;
    }
    entries_.push_back({cell, hash});
    slot = static_cast<std::uint32_t>(entries_.size());
    return true;
}

bool CellSet::contains(const Cell& cell) const {
    return !entries_.empty() && slots_[slot_of(cell, hash_cell(cell))] != 0;
}

ArgColumn::ArgColumn(const Vector& vector, std::uint32_t size) : vector_(vector) {
    if (vector.column != nullptr) {
        column_ = vector.column;
        return;
    }
    is_wrapped_ = true;
    // Nulls are asked of the vector.
    wrapped_ =
        Column::wrap(*vector.type, vector.is_constant ? 1 : size, vector.values, nullptr, nullptr);
    column_ = wrapped_.get();
}

}  // namespace millrace::operators
