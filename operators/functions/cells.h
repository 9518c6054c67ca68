// One value of a column, whatever its type: equality, order, hash, text, sets of values. As Java's
// equals() and compareTo() have it: NaN equals NaN and is the greatest, 0.0 is above -0.0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/row/column.h"
#include "operators/expression/kernel.h"

namespace millrace::operators {

/// A value's place.
struct Cell {
    const Column* column = nullptr;
    std::uint32_t row = 0;

    [[nodiscard]] bool is_valid() const { return column->is_valid(row); }
};

/// Both of one type; null equals null.
[[nodiscard]] bool equal_cells(const Cell& a, const Cell& b);
/// Negative, 0, positive. Both plain, of one type and not null.
[[nodiscard]] int compare_cells(const Cell& a, const Cell& b);
[[nodiscard]] std::uint64_t hash_cell(const Cell& cell);
/// Appends as Java's String.valueOf: "null", "1.0", dates and times in ISO form. Plain types.
void append_cell(std::string& out, const Cell& cell);

/// Distinct values; keeps its memory from row to row. Up to 2^31 values.
class CellSet {
  public:
    void clear();
    /// False when an equal value is there.
    bool insert(const Cell& cell);
    [[nodiscard]] bool contains(const Cell& cell) const;

  private:
    [[nodiscard]] std::size_t slot_of(const Cell& cell, std::uint64_t hash) const;
    void grow();

    struct Entry {
        Cell cell;
        std::uint64_t hash;
    };
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> slots_;  // 0: free; else 1 + position in entries_
};

/// Any argument of a kernel as a column.
class ArgColumn {
  public:
    /// `size` rows, of the batch.
    ArgColumn(const Vector& vector, std::uint32_t size);

    [[nodiscard]] bool is_valid(std::uint32_t row) const { return vector_.is_valid(row); }
    [[nodiscard]] Cell cell(std::uint32_t row) const {
        return {column_, is_wrapped_ && vector_.is_constant ? 0 : row};
    }

  private:
    const Vector& vector_;
    ColumnPtr wrapped_;
    bool is_wrapped_ = false;
    const Column* column_ = nullptr;
};

/// The elements of an ARRAY or the entries of a MAP, row by row.
class ListReader {
  public:
    explicit ListReader(const Vector& vector)
        : column_(vector.column), offsets_(column_->values<std::uint32_t>()) {}

    [[nodiscard]] std::uint32_t begin(std::uint32_t row) const {
        return offsets_[column_->slot(row)];
    }
    [[nodiscard]] std::uint32_t end(std::uint32_t row) const {
        return offsets_[column_->slot(row) + 1];
    }
    [[nodiscard]] std::uint32_t size(std::uint32_t row) const { return end(row) - begin(row); }
    /// ARRAY: 0 the elements. MAP: 0 the keys, 1 the values. By position, begin() to end().
    [[nodiscard]] const Column& child(std::size_t i) const { return *column_->children()[i]; }
    /// Element `at` of child 0.
    [[nodiscard]] Cell element(std::uint32_t at) const { return {&child(0), at}; }

  private:
    const Column* column_;
    const std::uint32_t* offsets_;
};

/// Writes the result of a kernel that gives an ARRAY or a MAP, rows ascending.
class ListWriter {
  public:
    explicit ListWriter(const KernelCall& call) : builder_(*call.builder) {}

    /// Child `child` of the next entry; every child of an entry is set once, then next().
    void copy(std::size_t child, const Cell& cell) {
        builder_.child(child).copy_from(at(), *cell.column, cell.row);
    }
    void text(std::size_t child, std::string_view value) {
        builder_.child(child).set_text(at(), value);
    }
    void null(std::size_t child) { builder_.child(child).set_null(at()); }
    template <class T>
    void value(std::size_t child, T value) {
        builder_.child(child).set(at(), value);
    }
    [[nodiscard]] ColumnBuilder& child(std::size_t i) { return builder_.child(i); }
    /// Where the next entry is, in the children.
    [[nodiscard]] std::uint32_t at() const { return builder_.list_elements() + count_; }
    void next() { ++count_; }
    /// An ARRAY's element and next().
    void add(const Cell& cell) {
        copy(0, cell);
        next();
    }
    void add_text(std::string_view value) {
        text(0, value);
        next();
    }
    /// Ends the list of a row.
    void finish(std::uint32_t row) {
        builder_.set_list(row, count_);
        count_ = 0;
    }

  private:
    ColumnBuilder& builder_;
    std::uint32_t count_ = 0;
};

}  // namespace millrace::operators
