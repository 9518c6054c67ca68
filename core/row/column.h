// Column: one column of a row batch: values, validity, encoding; immutable once shared.
// ColumnBuilder makes one.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/row/data_type.h"
#include "core/row/string_ref.h"

namespace millrace {

class Column;
using ColumnPtr = std::shared_ptr<const Column>;
/// Something that must stay alive while a column does: a log page, an arena, another column.
using Pin = std::shared_ptr<const void>;

enum class Encoding : std::uint8_t {
    kFlat,        // one value per row
    kConstant,    // one value for all rows
    kDictionary,  // one index per row into a base column
};

/// One bit per row, set = not null. A null pointer means that no row is null.
using ValidityWords = std::shared_ptr<const std::vector<std::uint64_t>>;

/// Values of one type for `size` rows. What stands at a null row is undefined. Any thread may read
/// it.
class Column {
  public:
    [[nodiscard]] const DataType& type() const { return type_; }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] Encoding encoding() const { return encoding_; }

    /// The physical values (see TypeKind): `size` of them when flat, one when constant, the base's
    /// when dictionary. T must be the kind's C++ type; for ARRAY and MAP the std::uint32_t offsets
    /// (one more than there are values).
    template <class T>
    [[nodiscard]] const T* values() const {
        DCHECK(type_.width() == 0 || sizeof(T) == type_.width());
        return static_cast<const T*>(encoding_ == Encoding::kDictionary ? base_->data_ : data_);
    }
    /// Position in values() of row `i`.
    [[nodiscard]] std::uint32_t slot(std::uint32_t i) const {
        switch (encoding_) {
            case Encoding::kFlat:
                return i;
            case Encoding::kConstant:
                return 0;
            case Encoding::kDictionary:
                return indices_[i];
        }
        return i;
    }
    template <class T>
    [[nodiscard]] const T& at(std::uint32_t i) const {
        return values<T>()[slot(i)];
    }
    [[nodiscard]] std::string_view text(std::uint32_t i) const { return at<StringRef>(i).view(); }
    /// Not null.
    [[nodiscard]] bool is_valid(std::uint32_t i) const {
        if (encoding_ == Encoding::kDictionary) {
            return base_->is_valid(indices_[i]);
        }
        const std::uint32_t bit = encoding_ == Encoding::kConstant ? 0 : i;
        return !validity_ || ((*validity_)[bit / 64] >> (bit % 64) & 1) != 0;
    }
    /// False only when it is certain that no row is null.
    [[nodiscard]] bool may_have_nulls() const {
        return encoding_ == Encoding::kDictionary ? base_->may_have_nulls() : validity_ != nullptr;
    }
    /// Words of a flat column's validity; nullptr when no row is null. Flat only.
    [[nodiscard]] const std::uint64_t* validity() const {
        DCHECK(encoding_ == Encoding::kFlat);
        return validity_ ? validity_->data() : nullptr;
    }
    [[nodiscard]] const ValidityWords& validity_words() const { return validity_; }
    /// Dictionary only.
    [[nodiscard]] const std::uint32_t* indices() const { return indices_; }
    [[nodiscard]] const ColumnPtr& base() const { return base_; }

    /// ARRAY: elements; MAP: keys, values; STRUCT: fields (as many rows as this has slots). By
    /// slot, not by row.
    [[nodiscard]] const std::vector<ColumnPtr>& children() const { return children_; }

    /// Bytes that it keeps alive, pins of shared pages not counted twice.
    [[nodiscard]] std::size_t memory_bytes() const;
    [[nodiscard]] const std::vector<Pin>& pins() const { return pins_; }

    /// `size` rows that all have the value of row `row` of `column`.
    [[nodiscard]] static ColumnPtr constant(const ColumnPtr& column,
                                            std::uint32_t row,
                                            std::uint32_t size);
    /// `size` nulls.
    [[nodiscard]] static ColumnPtr nulls(DataType type, std::uint32_t size);
    /// Row i is row indices[i] of `base`; the indices are copied. A dictionary of a dictionary is
    /// collapsed.
    [[nodiscard]] static ColumnPtr dictionary(const ColumnPtr& base,
                                              const std::uint32_t* indices,
                                              std::uint32_t size);
    /// The same rows, flat. Long strings are not copied: the result pins what they point into.
    [[nodiscard]] static ColumnPtr flatten(const ColumnPtr& column);
    /// Rows [begin, end) of it.
    [[nodiscard]] static ColumnPtr slice(const ColumnPtr& column,
                                         std::uint32_t begin,
                                         std::uint32_t end);
    /// The rows of `parts`, one after the other; all of one type.
    [[nodiscard]] static ColumnPtr concatenate(const std::vector<ColumnPtr>& parts);

    /// A flat STRUCT of these fields, each of `size` rows; no row of it is null unless `validity`
    /// says so. The fields are shared, those that are not flat are flattened.
    [[nodiscard]] static ColumnPtr structure(DataType type,
                                             std::uint32_t size,
                                             std::vector<ColumnPtr> fields,
                                             ValidityWords validity);
    /// A flat ARRAY or MAP of `size` rows; row i holds elements [offsets[i], offsets[i + 1]) of the
    /// children, which are shared (those that are not flat are flattened).
    [[nodiscard]] static ColumnPtr list(DataType type,
                                        std::uint32_t size,
                                        std::vector<std::uint32_t> offsets,
                                        std::vector<ColumnPtr> children,
                                        ValidityWords validity);
    /// The flat column with other validity words; values are shared.
    [[nodiscard]] static ColumnPtr with_validity(const ColumnPtr& column, ValidityWords validity);
    /// A flat column over memory that `owner` keeps alive; validity may be null.
    [[nodiscard]] static ColumnPtr wrap(
        DataType type, std::uint32_t size, const void* values, ValidityWords validity, Pin owner);

  private:
    friend class ColumnBuilder;
    Column() = default;

    DataType type_;
    std::uint32_t size_ = 0;
    Encoding encoding_ = Encoding::kFlat;
    const void* data_ = nullptr;  // kept alive by pins_
    ValidityWords validity_;
    const std::uint32_t* indices_ = nullptr;  // kept alive by pins_
    ColumnPtr base_;
    std::vector<ColumnPtr> children_;
    std::vector<Pin> pins_;
    std::size_t own_bytes_ = 0;
};

/// Makes a flat column row by row, in any order of rows. Rows that were never set hold zero values,
/// not nulls. Grows as needed. One thread.
class ColumnBuilder {
  public:
    explicit ColumnBuilder(DataType type, std::uint32_t capacity = 0);
    ~ColumnBuilder();
    ColumnBuilder(ColumnBuilder&&) noexcept;
    ColumnBuilder& operator=(ColumnBuilder&&) noexcept;

    [[nodiscard]] const DataType& type() const { return type_; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    void reserve(std::uint32_t capacity);

    /// The values of a plain type, `capacity()` of them; pointers go stale when it grows.
    template <class T>
    [[nodiscard]] T* values() {
        DCHECK(sizeof(T) == type_.width());
        return reinterpret_cast<T*>(data_.data());
    }
    template <class T>
    void set(std::uint32_t row, T value) {
        ensure(row);
        values<T>()[row] = value;
    }
    /// A row that is null stays so until rewind().
    void set_null(std::uint32_t row);
    /// STRUCT: row `row` is there; its fields are set in the children.
    void set_present(std::uint32_t row) { ensure(row); }
    /// Forgets rows `row` and later: they may be set anew, those of ARRAY and MAP too.
    void rewind(std::uint32_t row);
    /// Copies the bytes of long strings into an arena of the column.
    void set_text(std::uint32_t row, std::string_view text);
    /// Points at `text`, which a pin (see pin()) keeps alive. Short strings are inlined all the
    /// same.
    void set_borrowed_text(std::uint32_t row, std::string_view text);
    void pin(Pin owner);

    /// ARRAY and MAP: row `row` holds the next `count` elements of the children. Rows must be set
    /// in order, each once; those left out are empty.
    void set_list(std::uint32_t row, std::uint32_t count);
    /// ARRAY: 0 the elements. MAP: 0 the keys, 1 the values. STRUCT: the fields, by the row of this
    /// column.
    [[nodiscard]] ColumnBuilder& child(std::size_t i) { return children_[i]; }
    /// ARRAY and MAP: elements in all so far: where set_list()'s next elements start in the
    /// children.
    [[nodiscard]] std::uint32_t list_elements() const { return list_elements_; }
    /// Copies one value (nested ones too).
    void copy_from(std::uint32_t row, const Column& column, std::uint32_t from);

    /// The first `size` rows as a column. The builder is empty afterwards.
    [[nodiscard]] ColumnPtr finish(std::uint32_t size);

  private:
    friend class Column;
    void ensure(std::uint32_t row) {
        if (row >= capacity_) {
            grow(row + 1);
        }
    }
    void grow(std::uint32_t rows);
    char* arena_bytes(std::size_t size);

    DataType type_;
    std::uint32_t capacity_ = 0;
    Buffer data_;                          // values, or the offsets of ARRAY and MAP
    std::vector<std::uint64_t> validity_;  // empty while no row is null
    std::vector<ColumnBuilder> children_;
    std::uint32_t list_elements_ = 0;
    std::uint32_t list_rows_ = 0;
    std::vector<Pin> pins_;
    std::shared_ptr<char[]> arena_;
    std::size_t arena_used_ = 0;
    std::size_t arena_size_ = 0;
    std::size_t arena_total_ = 0;
};

}  // namespace millrace
