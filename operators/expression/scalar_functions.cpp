#include "operators/expression/scalar_functions.h"

#include <algorithm>
#include <optional>

#include "operators/expression/lambda_functions.h"
#include "operators/expression/math_functions.h"
#include "operators/expression/string_functions.h"
#include "operators/expression/time_functions.h"
#include "operators/expression/type_rules.h"

namespace millrace::operators {

namespace {

using P = ParamKind;
using TypeOf = DataType (*)(std::span<const DataType>);

template <TypeKind Kind>
DataType always(std::span<const DataType> /*args*/) {
    return Kind;
}
DataType first_type(std::span<const DataType> args) {
    return args[0];
}
DataType whole_decimal(std::span<const DataType> args) {
    return DataType::decimal(
        static_cast<std::uint8_t>(std::max(1, args[0].precision() - args[0].scale())), 0);
}

constexpr TypeOf kText = always<TypeKind::kString>;
constexpr TypeOf kInteger = always<TypeKind::kInt>;
constexpr TypeOf kBigint = always<TypeKind::kBigint>;
constexpr TypeOf kDouble = always<TypeKind::kDouble>;

KernelInfo strict(Kernel run) {
    return {run};
}
KernelInfo fallible(Kernel run) {
    return {run, NullPolicy::kStrict, true};
}
KernelInfo borrowing(Kernel run) {
    return {run, NullPolicy::kStrict, false, true};
}

ScalarFunction function(std::string_view name,
                        std::vector<P> params,
                        TypeOf result,
                        KernelInfo kernel) {
    return {name, std::move(params), false, result, FunctionForm::kKernel, kernel};
}
ScalarFunction variadic(std::string_view name, P param, KernelInfo kernel) {
    return {name, {param}, true, first_type, FunctionForm::kKernel, kernel};
}
ScalarFunction special(std::string_view name,
                       std::vector<P> params,
                       bool is_variadic,
                       FunctionForm form) {
    return {name, std::move(params), is_variadic, first_type, form, {}};
}

/// One overload per number type.
void add_numeric(std::vector<ScalarFunction>& all,
                 std::string_view name,
                 KernelInfo (*kernel)(TypeKind),
                 std::vector<P> more,
                 TypeOf result) {
    constexpr std::pair<P, TypeKind> kTypes[] = {{P::kInt, TypeKind::kInt},
                                                 {P::kBigint, TypeKind::kBigint},
                                                 {P::kDecimal, TypeKind::kDecimal},
                                                 {P::kDouble, TypeKind::kDouble}};
    for (const auto& [param, kind] : kTypes) {
        std::vector<P> params = {param};
        params.insert(params.end(), more.begin(), more.end());
        all.push_back(function(name, std::move(params), result, kernel(kind)));
    }
}

void add_strings(std::vector<ScalarFunction>& all) {
    const KernelInfo concat{run_concat, NullPolicy::kOwn};
    all.push_back(variadic("CONCAT", P::kString, concat));
    all.push_back(variadic("CONCAT", P::kBytes, concat));
    all.push_back(function("INITCAP", {P::kString}, kText, strict(run_initcap)));
    all.push_back(function("INSTR", {P::kString, P::kString}, kInteger, strict(run_instr)));
    all.push_back(function("LCASE", {P::kString}, kText, strict(run_lcase)));
    all.push_back(function("LEN", {P::kString}, kInteger, strict(run_len)));
    all.push_back(function("LEN", {P::kBytes}, kInteger, strict(run_len_bytes)));
    all.push_back(function("LPAD", {P::kString, P::kInt, P::kString}, kText, fallible(run_lpad)));
    all.push_back(
        function("REPLACE", {P::kString, P::kString, P::kString}, kText, strict(run_replace)));
    all.push_back(function("RPAD", {P::kString, P::kInt, P::kString}, kText, fallible(run_rpad)));
    for (const bool is_bytes : {false, true}) {
        const P param = is_bytes ? P::kBytes : P::kString;
        const KernelInfo cut = borrowing(is_bytes ? run_substring_bytes : run_substring);
        all.push_back(function("SUBSTRING", {param, P::kInt}, first_type, cut));
        all.push_back(function("SUBSTRING", {param, P::kInt, P::kInt}, first_type, cut));
    }
    all.push_back(function("TRIM", {P::kString}, kText, borrowing(run_trim)));
    all.push_back(function("UCASE", {P::kString}, kText, strict(run_ucase)));
}

void add_maths(std::vector<ScalarFunction>& all) {
    add_numeric(all, "ABS", abs_kernel, {}, first_type);
    add_numeric(all, "CEIL", ceil_kernel, {}, first_type);
    all.push_back(function("EXP", {P::kDouble}, kDouble, strict(run_exp)));
    add_numeric(all, "FLOOR", floor_kernel, {}, first_type);
    all.push_back(variadic("GREATEST", P::kAny, extreme_kernel(true)));
    all.push_back(variadic("LEAST", P::kAny, extreme_kernel(false)));
    all.push_back(function("LN", {P::kDouble}, kDouble, strict(run_ln)));
    all.push_back(function("POWER", {P::kDouble, P::kDouble}, kDouble, strict(run_power)));
    all.push_back(function("ROUND", {P::kInt}, kInteger, round_kernel(TypeKind::kInt)));
    all.push_back(function("ROUND", {P::kBigint}, kBigint, round_kernel(TypeKind::kBigint)));
    all.push_back(function("ROUND", {P::kDouble}, kBigint, round_kernel(TypeKind::kDouble)));
    all.push_back(
        function("ROUND", {P::kDecimal}, whole_decimal, round_kernel(TypeKind::kDecimal)));
    add_numeric(all, "ROUND", round_to_kernel, {P::kInt}, first_type);
    add_numeric(all, "SIGN", sign_kernel, {}, kInteger);
    all.push_back(function("SQRT", {P::kDouble}, kDouble, strict(run_sqrt)));
}

void add_times(std::vector<ScalarFunction>& all) {
    // With and without a zone as the last argument.
    const auto zoned = [&](std::string_view name, P param, TypeOf result, Kernel run) {
        all.push_back(function(name, {param, P::kString}, result, fallible(run)));
        all.push_back(function(name, {param, P::kString, P::kString}, result, fallible(run)));
    };
    constexpr TypeOf kTimestamp = always<TypeKind::kTimestamp>;
    constexpr TypeOf kDate = always<TypeKind::kDate>;
    constexpr TypeOf kTime = always<TypeKind::kTime>;
    zoned("FORMAT_TIMESTAMP", P::kTimestamp, kText, run_format_timestamp);
    zoned("PARSE_TIMESTAMP", P::kString, kTimestamp, run_parse_timestamp);
    zoned("STRINGTOTIMESTAMP", P::kString, kBigint, run_parse_timestamp);
    zoned("TIMESTAMPTOSTRING", P::kBigint, kText, run_format_timestamp);
    all.push_back(
        function("FORMAT_DATE", {P::kDate, P::kString}, kText, fallible(run_format_date)));
    all.push_back(
        function("FORMAT_TIME", {P::kTime, P::kString}, kText, fallible(run_format_time)));
    all.push_back(function("FROM_DAYS", {P::kInt}, kDate, strict(run_same_bits_32)));
    all.push_back(function("FROM_UNIXTIME", {P::kBigint}, kTimestamp, strict(run_same_bits_64)));
    all.push_back(
        function("PARSE_DATE", {P::kString, P::kString}, kDate, fallible(run_parse_date)));
    all.push_back(
        function("PARSE_TIME", {P::kString, P::kString}, kTime, fallible(run_parse_time)));
    all.push_back(function("UNIX_DATE", {P::kDate}, kInteger, strict(run_same_bits_32)));
    all.push_back(function("UNIX_TIMESTAMP", {P::kTimestamp}, kBigint, strict(run_same_bits_64)));
}

std::vector<ScalarFunction> make_functions() {
    std::vector<ScalarFunction> all;
    add_times(all);
    add_strings(all);
    add_maths(all);
    all.push_back(special("AS_VALUE", {P::kAny}, false, FunctionForm::kAlias));
    all.push_back(special("COALESCE", {P::kAny}, true, FunctionForm::kCoalesce));
    all.push_back(special("IFNULL", {P::kAny, P::kAny}, false, FunctionForm::kCoalesce));
    all.push_back(special("NULLIF", {P::kAny, P::kAny}, false, FunctionForm::kNullIf));
    std::stable_sort(
        all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

constexpr FunctionDoc kDocs[] = {
    {"ABS", "The absolute value.", "ABS(-3)", "3"},
    {"AS_VALUE", "A copy of a key column for the value.", "AS_VALUE(7)", "7"},
    {"CEIL", "The least whole number not below.", "CEIL(1.2)", "2.0"},
    {"COALESCE", "The first argument that is not NULL.", "COALESCE(NULL, 'a', 'b')", "a"},
    {"CONCAT", "The texts one after the other, NULLs left out.", "CONCAT('a', NULL, 'b')", "ab"},
    {"EXP", "e to the power of the argument.", "EXP(0)", "1.0"},
    {"FLOOR", "The greatest whole number not above.", "FLOOR(-1.2)", "-2.0"},
    {"FORMAT_DATE",
     "A DATE as text by a Java pattern.",
     "FORMAT_DATE(FROM_DAYS(365), 'yyyy/MM/dd')",
     "1971/01/01"},
    {"FORMAT_TIME",
     "A TIME as text by a Java pattern.",
     "FORMAT_TIME(PARSE_TIME('0915', 'HHmm'), 'h:mm a')",
     "9:15 AM"},
    {"FORMAT_TIMESTAMP",
     "A TIMESTAMP as text by a Java pattern, in a zone (UTC).",
     "FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'yyyy-MM-dd HH:mm', 'Asia/Tokyo')",
     "1970-01-01 09:00"},
    {"FROM_DAYS", "The DATE so many days after 1970-01-01.", "FROM_DAYS(1)", "1970-01-02"},
    {"FROM_UNIXTIME",
     "The TIMESTAMP so many milliseconds after the epoch.",
     "FROM_UNIXTIME(1000)",
     "1970-01-01T00:00:01.000"},
    {"GREATEST", "The greatest argument, NULLs left out.", "GREATEST(1, NULL, 3)", "3"},
    {"IFNULL", "The second argument when the first is NULL.", "IFNULL(NULL, 'none')", "none"},
    {"INITCAP", "Each word with a capital first letter.", "INITCAP('new yORK')", "New York"},
    {"INSTR", "Position of the first occurrence, from 1; 0 if none.", "INSTR('stream', 'e')", "4"},
    {"LCASE", "The text in lower case.", "LCASE('SFO')", "sfo"},
    {"LEAST", "The least argument, NULLs left out.", "LEAST('b', 'a')", "a"},
    {"LEN", "Length in UTF-16 units, or in bytes.", "LEN('stream')", "6"},
    {"LN", "The natural logarithm.", "LN(1)", "0.0"},
    {"LPAD", "Padded or cut on the left to a length.", "LPAD('7', 3, '0')", "007"},
    {"NULLIF", "NULL when both are equal, else the first.", "NULLIF('a', 'a')", "NULL"},
    {"PARSE_DATE",
     "A DATE out of text by a Java pattern.",
     "PARSE_DATE('2.1.1970', 'd.M.yyyy')",
     "1970-01-02"},
    {"PARSE_TIME",
     "A TIME out of text by a Java pattern.",
     "PARSE_TIME('9:15 PM', 'h:mm a')",
     "21:15:00.000"},
    {"PARSE_TIMESTAMP",
     "A TIMESTAMP out of text by a Java pattern, in a zone (UTC).",
     "PARSE_TIMESTAMP('2001/02/03 04:05', 'yyyy/MM/dd HH:mm')",
     "2001-02-03T04:05:00.000"},
    {"POWER", "The first argument to the power of the second.", "POWER(2, 10)", "1024.0"},
    {"REPLACE", "Every occurrence replaced.", "REPLACE('a-b-c', '-', '+')", "a+b+c"},
    {"ROUND", "Rounded to digits behind the point; ties go up.", "ROUND(2.345, 2)", "2.350"},
    {"RPAD", "Padded or cut on the right to a length.", "RPAD('7', 3, '0')", "700"},
    {"SIGN", "-1, 0 or 1.", "SIGN(-2.5)", "-1"},
    {"SQRT", "The square root.", "SQRT(16)", "4.0"},
    {"STRINGTOTIMESTAMP",
     "As PARSE_TIMESTAMP, but milliseconds as BIGINT.",
     "STRINGTOTIMESTAMP('1970-01-02', 'yyyy-MM-dd')",
     "86400000"},
    {"SUBSTRING",
     "From a position, 1-based; negative: from the end.",
     "SUBSTRING('stream', -3, 2)",
     "ea"},
    {"TIMESTAMPTOSTRING",
     "As FORMAT_TIMESTAMP, but of milliseconds as BIGINT.",
     "TIMESTAMPTOSTRING(86400000, 'yyyy-MM-dd')",
     "1970-01-02"},
    {"TRIM", "Without blanks at both ends.", "TRIM('  a b ')", "a b"},
    {"UCASE", "The text in upper case.", "UCASE('sfo')", "SFO"},
    {"UNIX_DATE", "Days of a DATE since 1970-01-01.", "UNIX_DATE(FROM_DAYS(7))", "7"},
    {"UNIX_TIMESTAMP",
     "Milliseconds of a TIMESTAMP since the epoch.",
     "UNIX_TIMESTAMP(FROM_UNIXTIME(7))",
     "7"},
};

std::string upper(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        c = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
    }
    return text;
}

std::span<const ScalarFunction> overloads_of(std::string_view name) {
    const auto& all = scalar_functions();
    const auto less = [](const auto& a, const auto& b) { return a.name < b.name; };
    const ScalarFunction wanted{.name = name};
    const auto [first, last] = std::equal_range(all.begin(), all.end(), wanted, less);
    return {first, last};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

Error unknown_function(const std::string& name) {
    std::string_view nearest;
    std::size_t best = std::max<std::size_t>(2, name.size() / 3 + 1);  // farther names help nobody
    for (const ScalarFunction& function : scalar_functions()) {
        // A name cut short is as near as can be: SUBSTR, TIMESTAMP.
        const std::size_t distance = name.size() > 64 ? best
                                     : name.size() > 2 && function.name.starts_with(name)
                                         ? 0
                                         : edit_distance(name, function.name);
        if (distance < best) {
            best = distance;
            nearest = function.name;
        }
    }
    return Error{ErrorCode::kUnknownName,
                 "unknown function: " + name +
                     (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?")};
}

constexpr int kNoFit = -1;

/// Steps of widening from an argument to a parameter; kNoFit when there is no way.
int widening_steps(const DataType& type, P param) {
    const auto numeric_rank = [](TypeKind kind) {
        return kind == TypeKind::kInt       ? 1
               : kind == TypeKind::kBigint  ? 2
               : kind == TypeKind::kDecimal ? 3
                                            : 4;
    };
    const auto number = [&](TypeKind to) {
        const int steps = numeric_rank(to) - numeric_rank(type.kind());
        return type.is_numeric() && steps >= 0 ? steps : kNoFit;
    };
    const auto exact = [&](TypeKind kind) { return type.is(kind) ? 0 : kNoFit; };
    switch (param) {
        case P::kBoolean:
            return exact(TypeKind::kBoolean);
        case P::kInt:
            return number(TypeKind::kInt);
        case P::kBigint:
            return number(TypeKind::kBigint);
        case P::kDouble:
            return number(TypeKind::kDouble);
        case P::kDecimal:
            return number(TypeKind::kDecimal);
        case P::kString:
            return exact(TypeKind::kString);
        case P::kBytes:
            return exact(TypeKind::kBytes);
        case P::kDate:
            return exact(TypeKind::kDate);
        case P::kTime:
            return exact(TypeKind::kTime);
        case P::kTimestamp:
            return exact(TypeKind::kTimestamp);
        case P::kAny:
            return type.is_nested() ? kNoFit : 0;
    }
    return kNoFit;
}

P param_at(const ScalarFunction& function, std::size_t i) {
    return function.params[std::min(i, function.params.size() - 1)];
}

/// The common type of the arguments of a generic function; nullopt: none, or all are NULL.
std::optional<DataType> generic_type(const ScalarFunction& function,
                                     const std::vector<ExprPtr>& args) {
    std::optional<DataType> type;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (param_at(function, i) != P::kAny || args[i]->is_null_literal) {
            continue;
        }
        const auto both = type ? common_type(*type, args[i]->type) : args[i]->type;
        if (!both) {
            return std::nullopt;
        }
        type = both;
    }
    return type;
}

/// Steps of all arguments together; kNoFit when the overload does not take them.
int steps_of(const ScalarFunction& function, const std::vector<ExprPtr>& args) {
    if (function.is_variadic ? args.size() < function.params.size()
                             : args.size() != function.params.size()) {
        return kNoFit;
    }
    int total = 0;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i]->is_null_literal) {
            continue;
        }
        // A copy and IS NULL-like functions take any type; others only plain ones.
        const bool takes_all = function.form == FunctionForm::kAlias;
        const int steps = takes_all ? 0 : widening_steps(args[i]->type, param_at(function, i));
        if (steps == kNoFit) {
            return kNoFit;
        }
        total += steps;
    }
    const bool is_generic = !args.empty() && param_at(function, 0) == P::kAny;
    return is_generic && !generic_type(function, args) ? kNoFit : total;
}

DataType type_for(P param, const Expr& arg) {
    switch (param) {
        case P::kBoolean:
            return TypeKind::kBoolean;
        case P::kInt:
            return TypeKind::kInt;
        case P::kBigint:
            return TypeKind::kBigint;
        case P::kDouble:
            return TypeKind::kDouble;
        case P::kDecimal:
            return arg.is_null_literal ? DataType::decimal(1, 0) : as_decimal(arg.type);
        case P::kString:
            return TypeKind::kString;
        case P::kBytes:
            return TypeKind::kBytes;
        case P::kDate:
            return TypeKind::kDate;
        case P::kTime:
            return TypeKind::kTime;
        case P::kTimestamp:
            return TypeKind::kTimestamp;
        case P::kAny:
            break;
    }
    return arg.type;
}

std::string_view name_of(P param) {
    switch (param) {
        case P::kBoolean:
            return "BOOLEAN";
        case P::kInt:
            return "INTEGER";
        case P::kBigint:
            return "BIGINT";
        case P::kDouble:
            return "DOUBLE";
        case P::kDecimal:
            return "DECIMAL";
        case P::kString:
            return "STRING";
        case P::kBytes:
            return "BYTES";
        case P::kDate:
            return "DATE";
        case P::kTime:
            return "TIME";
        case P::kTimestamp:
            return "TIMESTAMP";
        case P::kAny:
            return "T";
    }
    return "";
}

}  // namespace

const std::vector<ScalarFunction>& scalar_functions() {
    static const std::vector<ScalarFunction> kFunctions = make_functions();
    return kFunctions;
}

std::span<const FunctionDoc> scalar_function_docs() {
    return kDocs;
}

std::string signature_of(const ScalarFunction& function) {
    std::string text = std::string(function.name) + "(";
    for (std::size_t i = 0; i < function.params.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::string(name_of(function.params[i]));
    }
    return text + (function.is_variadic ? ", ...)" : ")");
}

Result<ResolvedCall> resolve_call(std::string_view name, const std::vector<ExprPtr>& args) {
    const std::string wanted = upper(name);
    const auto overloads = overloads_of(wanted);
    if (overloads.empty()) {
        return unknown_function(wanted);
    }
    const ScalarFunction* best = nullptr;
    int least = 0;
    bool is_ambiguous = false;
    for (const ScalarFunction& overload : overloads) {
        const int steps = steps_of(overload, args);
        if (steps == kNoFit || (best != nullptr && steps > least)) {
            continue;
        }
        is_ambiguous = best != nullptr && steps == least;
        best = &overload;
        least = steps;
    }
    std::string given;
    for (const ExprPtr& arg : args) {
        given += (given.empty() ? "" : ", ") +
                 (arg->is_null_literal ? std::string("null") : arg->type.to_string());
    }
    if (is_ambiguous) {
        return Error{ErrorCode::kSqlSemantic,
                     "function '" + std::string(name) +
                         "' cannot be resolved due to ambiguous method parameters (" + given +
                         "), write CAST(NULL AS type)"};
    }
    if (best == nullptr) {
        std::string valid;
        for (const ScalarFunction& overload : overloads) {
            valid += (valid.empty() ? "" : ", ") + signature_of(overload);
        }
        return Error{ErrorCode::kSqlSemantic,
                     "function '" + std::string(name) + "' does not accept parameters (" + given +
                         "); valid alternatives are: " + valid};
    }
    ResolvedCall resolved{.function = best};
    const auto generic = generic_type(*best, args);
    for (std::size_t i = 0; i < args.size(); ++i) {
        const P param = param_at(*best, i);
        resolved.arg_types.push_back(param == P::kAny && generic ? *generic
                                                                 : type_for(param, *args[i]));
    }
    resolved.result = best->result(resolved.arg_types);
    return resolved;
}

bool is_scalar_function(std::string_view name) {
    return takes_lambda(name) || !overloads_of(upper(name)).empty();
}

}  // namespace millrace::operators
