// TypePattern: what a parameter of a function takes, with type variables; and how it binds to
// argument types.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/row/data_type.h"

namespace millrace::operators {

/// A type, or a shape of types.
struct TypePattern {
    enum class Kind : std::uint8_t {
        kPlain,     // exactly `plain`
        kDecimal,   // DECIMAL of any precision and scale
        kStruct,    // any STRUCT
        kUnit,      // a time unit: a STRING literal such as 'DAYS'
        kVariable,  // any type, the same everywhere in a signature
        kArray,     // of children[0]
        kMap,       // of children[0] and children[1]
    };
    Kind kind = Kind::kPlain;
    TypeKind plain = TypeKind::kBoolean;
    char variable = 'T';
    std::vector<TypePattern> children{};

    /// As the signature spells it: "ARRAY<T>".
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] bool has_variable() const;
};

/// Reads one pattern and moves `text` behind it. The text is ours: anything else is a bug (CHECK).
[[nodiscard]] TypePattern read_pattern(std::string_view& text);

/// The types that the variables of one call stand for.
class Bindings {
  public:
    /// Whether an argument of `type` fits; binds variables. widening: numbers may become numbers of
    /// a higher rank and texts times.
    [[nodiscard]] bool bind(const TypePattern& pattern, const DataType& type, bool widening) {
        return bind(pattern, type, widening, false);
    }
    /// The pattern with its variables filled in; `given` where the pattern leaves something open.
    /// nullopt: a variable that no argument tells.
    [[nodiscard]] std::optional<DataType> type_of(const TypePattern& pattern,
                                                  const DataType& given) const;

  private:
    struct Binding {
        std::optional<DataType> type{};
        bool is_fixed = false;  // by a type inside of an ARRAY or MAP, which cannot be widened
    };
    bool bind(const TypePattern& pattern, const DataType& type, bool widening, bool is_inside);

    std::array<Binding, 26> variables_;
};

/// The unit's milliseconds: DAYS, HOURS, MINUTES, SECONDS, MILLISECONDS, with and without S, any
/// case.
[[nodiscard]] std::optional<std::int64_t> unit_ms(std::string_view word);

}  // namespace millrace::operators
