// DataType, Field, Schema: the 13 SQL types and the columns of a source.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

enum class TypeKind : std::uint8_t {
    kBoolean,    // in memory: std::uint8_t, 0 or 1
    kInt,        // std::int32_t
    kBigint,     // std::int64_t
    kDouble,     // double
    kDecimal,    // Int128: the unscaled value
    kString,     // StringRef, UTF-8
    kBytes,      // StringRef
    kDate,       // std::int32_t: days since 1970-01-01
    kTime,       // std::int32_t: milliseconds of the day
    kTimestamp,  // std::int64_t: milliseconds since 1970-01-01 UTC
    kArray,      // child 0: element
    kMap,        // child 0: key (STRING), child 1: value
    kStruct,     // one child per field
};

struct Field;

/// A SQL type. Cheap to copy; nested types share their children.
class DataType {
  public:
    DataType() = default;  // BOOLEAN
    DataType(TypeKind kind)
        : kind_(kind) {}  // NOLINT: a plain kind is a type; not for DECIMAL, ARRAY, MAP, STRUCT
    /// 1 <= precision <= 38, 0 <= scale <= precision.
    [[nodiscard]] static DataType decimal(std::uint8_t precision, std::uint8_t scale);
    [[nodiscard]] static DataType array(DataType element);
    [[nodiscard]] static DataType map(DataType key, DataType value);
    [[nodiscard]] static DataType structure(std::vector<Field> fields);

    [[nodiscard]] TypeKind kind() const { return kind_; }
    [[nodiscard]] bool is(TypeKind kind) const { return kind_ == kind; }
    [[nodiscard]] std::uint8_t precision() const { return precision_; }  // DECIMAL only
    [[nodiscard]] std::uint8_t scale() const { return scale_; }          // DECIMAL only
    /// Element; key and value; or fields, with their names. Empty for plain types.
    [[nodiscard]] const std::vector<Field>& children() const;
    [[nodiscard]] bool is_nested() const { return kind_ >= TypeKind::kArray; }
    [[nodiscard]] bool is_numeric() const {
        return kind_ >= TypeKind::kInt && kind_ <= TypeKind::kDecimal;
    }
    /// Bytes of one value in a column's data; 0 for nested types (ARRAY and MAP keep offsets).
    [[nodiscard]] std::size_t width() const;
    /// As the dialect spells it: "INTEGER", "DECIMAL(4, 2)", "ARRAY<STRING>", "STRUCT<`A` INTEGER,
    /// `b` STRING>".
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const DataType& a, const DataType& b);

  private:
    TypeKind kind_ = TypeKind::kBoolean;
    std::uint8_t precision_ = 0;
    std::uint8_t scale_ = 0;
    std::shared_ptr<const std::vector<Field>> children_;
};

struct Field {
    std::string name;
    DataType type;

    friend bool operator==(const Field&, const Field&) = default;
};

/// A name as SQL text: plain when it reads back the same (upper case, digits, '_'), else in
/// backquotes.
[[nodiscard]] std::string quoted_name(std::string_view name);
/// The same, always in backquotes.
[[nodiscard]] std::string backquoted_name(std::string_view name);

enum class WindowKind : std::uint8_t { kNone, kTumbling, kHopping, kSession };

/// The window of a windowed key.
struct WindowInfo {
    WindowKind kind = WindowKind::kNone;
    std::int64_t size_ms = 0;  // 0 for session windows

    friend bool operator==(const WindowInfo&, const WindowInfo&) = default;
};

/// A column that is made of the records' headers; no part of their value.
struct HeaderColumn {
    Field column;
    std::optional<std::string> key;  // HEADER('key'): the last header of that key; none: HEADERS
    std::size_t values_before = 0;   // value columns that were declared before it

    friend bool operator==(const HeaderColumn&, const HeaderColumn&) = default;
};

/// Columns of a stream or table. In a RowBatch the key columns come first, then the value columns.
struct Schema {
    std::vector<Field> key;
    std::vector<Field> value;
    /// Of what CREATE declared only: rows carry them as value columns, see row_schema().
    std::vector<HeaderColumn> headers;
    WindowInfo window;

    [[nodiscard]] std::size_t size() const { return key.size() + value.size() + headers.size(); }
    /// The i-th column: key columns, value columns, header columns.
    [[nodiscard]] const Field& field(std::size_t i) const {
        if (i < key.size()) {
            return key[i];
        }
        i -= key.size();
        return i < value.size() ? value[i] : headers[i - value.size()].column;
    }
    /// Position among all columns of the column of exactly that name.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
    /// The header column that field(i) is; null for the others.
    [[nodiscard]] const HeaderColumn* header(std::size_t i) const {
        const std::size_t others = key.size() + value.size();
        return i < others ? nullptr : &headers[i - others];
    }
    /// The positions of all columns in the order to show them: keys, then the others as declared.
    [[nodiscard]] std::vector<std::size_t> shown_order() const;
    friend bool operator==(const Schema&, const Schema&) = default;
};

/// The columns of the rows that are read by `declared`: header columns are value columns there,
/// behind the others.
[[nodiscard]] Schema row_schema(Schema declared);

using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace millrace
