#include "operators/expression/scalar_functions.h"

#include <algorithm>
#include <optional>

#include "core/base/sql_error.h"
#include "operators/expression/lambda_functions.h"
#include "operators/expression/type_rules.h"
#include "operators/functions/function_table.h"

namespace millrace::operators {

namespace {

std::string upper(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        c = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
    }
    return text;
}
std::string lower(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        c = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
    }
    return text;
}

const std::vector<FunctionFamily>& families() {
    static const std::vector<FunctionFamily> kFamilies = {string_functions(),
                                                          mask_functions(),
                                                          regexp_functions(),
                                                          bytes_functions(),
                                                          json_functions(),
                                                          url_functions(),
                                                          math_functions(),
                                                          date_functions(),
                                                          array_functions(),
                                                          map_functions(),
                                                          null_functions()};
    return kFamilies;
}

ScalarFunction function_of(std::string_view name, const OverloadSpec& spec) {
    ScalarFunction made{
        .name = name, .result_rule = spec.result, .form = spec.form, .kernel = spec.kernel};
    std::string_view text = spec.signature;
    while (!text.starts_with("->")) {
        made.params.push_back(read_pattern(text));
        if (text.starts_with("...")) {
            made.is_variadic = true;
            text.remove_prefix(3);
        }
        text.remove_prefix(text.starts_with(", ") ? 2 : 1);
    }
    text.remove_prefix(3);
    made.result = read_pattern(text);
    CHECK(text.empty());
    return made;
}

std::vector<ScalarFunction> make_functions() {
    std::vector<ScalarFunction> all;
    for (const FunctionFamily& family : families()) {
        for (const FunctionSpec& function : family.functions) {
            for (const OverloadSpec& overload : function.overloads) {
                all.push_back(function_of(function.name, overload));
            }
        }
    }
    std::stable_sort(
        all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

std::vector<FunctionDoc> make_docs() {
    std::vector<FunctionDoc> docs;
    for (const FunctionFamily& family : families()) {
        for (const FunctionSpec& function : family.functions) {
            docs.push_back({function.name,
                            family.title,
                            function.description,
                            function.example,
                            function.result});
        }
    }
    std::sort(
        docs.begin(), docs.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return docs;
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
    return sql_error(SqlError::kUnknownFunction,
                     "Can't find any functions with the name '" + name + "'" +
                         (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?"));
}

const TypePattern& param_at(const ScalarFunction& function, std::size_t i) {
    return function.params[std::min(i, function.params.size() - 1)];
}

/// What the variables stand for when the overload takes the arguments; nullopt when it does not.
std::optional<Bindings> fit(const ScalarFunction& function,
                            const std::vector<ExprPtr>& args,
                            bool widening) {
    if (function.is_variadic ? args.size() < function.params.size()
                             : args.size() != function.params.size()) {
        return std::nullopt;
    }
    Bindings bindings;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const TypePattern& param = param_at(function, i);
        const Expr& arg = *args[i];
        if (param.kind == TypePattern::Kind::kUnit) {
            const auto* word = arg.kind == ExprKind::kLiteral
                                   ? std::get_if<std::string>(&arg.literal.data)
                                   : nullptr;
            if (word == nullptr || !unit_ms(*word)) {
                return std::nullopt;
            }
        } else if (!arg.is_null_literal && !bindings.bind(param, arg.type, widening)) {
            return std::nullopt;
        }
    }
    return bindings;
}

std::size_t variables_of(const ScalarFunction& function) {
    return static_cast<std::size_t>(
        std::count_if(function.params.begin(), function.params.end(), [](const TypePattern& param) {
            return param.has_variable();
        }));
}

/// Negative when `a` is the better of two overloads that both fit.
int compare_overloads(const ScalarFunction& a, const ScalarFunction& b) {
    if (a.is_variadic != b.is_variadic) {
        return a.is_variadic ? 1 : -1;
    }
    if (a.params.size() != b.params.size()) {
        return a.params.size() > b.params.size() ? -1 : 1;
    }
    const std::size_t of_a = variables_of(a);
    const std::size_t of_b = variables_of(b);
    return of_a == of_b ? 0 : of_a < of_b ? -1 : 1;
}

struct Choice {
    const ScalarFunction* function = nullptr;
    Bindings bindings{};
    bool is_ambiguous = false;
};

Choice choose(std::span<const ScalarFunction> overloads,
              const std::vector<ExprPtr>& args,
              bool widening) {
    Choice best;
    for (const ScalarFunction& overload : overloads) {
        const auto bindings = fit(overload, args, widening);
        if (!bindings) {
            continue;
        }
        const int order =
            best.function == nullptr ? -1 : compare_overloads(overload, *best.function);
        if (order < 0) {
            best = {&overload, *bindings, false};
        } else if (order == 0) {
            best.is_ambiguous = true;
        }
    }
    return best;
}

std::string types_of(const std::vector<ExprPtr>& args) {
    std::string text;
    for (const ExprPtr& arg : args) {
        text += (text.empty() ? "" : ", ") +
                (arg->is_null_literal ? std::string("null") : arg->type.to_string());
    }
    return text;
}

/// Variadic DECIMAL parameters share one type.
void share_decimals(const ScalarFunction& function,
                    const std::vector<ExprPtr>& args,
                    std::vector<DataType>& types) {
    const std::size_t first = function.params.size() - 1;
    if (!function.is_variadic || function.params[first].kind != TypePattern::Kind::kDecimal) {
        return;
    }
    std::optional<DataType> common;
    for (std::size_t i = first; i < args.size(); ++i) {
        if (!args[i]->is_null_literal) {
            common = common ? common_type(*common, types[i]) : types[i];
        }
    }
    for (std::size_t i = first; common && i < args.size(); ++i) {
        types[i] = *common;
    }
}

}  // namespace

const std::vector<ScalarFunction>& scalar_functions() {
    static const std::vector<ScalarFunction> kFunctions = make_functions();
    return kFunctions;
}

std::span<const ScalarFunction> overloads_of(std::string_view name) {
    const auto& all = scalar_functions();
    const std::string wanted = upper(name);
    const auto [first, last] = std::equal_range(
        all.begin(), all.end(), ScalarFunction{.name = wanted}, [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
    return {first, last};
}

const std::vector<FunctionDoc>& scalar_function_docs() {
    static const std::vector<FunctionDoc> kDocs = make_docs();
    return kDocs;
}

std::string signature_of(const ScalarFunction& function) {
    std::string text = std::string(function.name) + "(";
    for (std::size_t i = 0; i < function.params.size(); ++i) {
        text += (i == 0 ? "" : ", ") + function.params[i].to_string();
    }
    return text + (function.is_variadic ? ", ...)" : ")");
}

std::string function_reference() {
    std::string text =
        "# SQL functions\n\n"
        "Scalar functions of the dialect, by family. This page is written by the build from the\n"
        "table that the engine itself uses (`operators/functions/`); a test fails when they "
        "differ,\n"
        "and every example runs as a test. `T`, `K` and `V` stand for any type, the same one "
        "within\n"
        "a signature; `...` is any number of the parameter before it, at least one; `UNIT` is "
        "DAYS,\n"
        "HOURS, MINUTES, SECONDS or MILLISECONDS. Unless its line says otherwise a function gives\n"
        "NULL when an argument is NULL. An argument that a function cannot work with makes the\n"
        "result NULL and is reported to the processing log.\n";
    for (const FunctionFamily& family : families()) {
        text += "\n## " + std::string(family.title) + "\n";
        for (const FunctionSpec& function : family.functions) {
            text += "\n### " + std::string(function.name) + "\n\n" +
                    std::string(function.description) + "\n\n```sql\n";
            for (const ScalarFunction& overload : overloads_of(function.name)) {
                text += signature_of(overload);
                if (overload.result_rule == nullptr) {
                    text += " -> " + overload.result.to_string();
                }
                text += "\n";
            }
            text += "\n" + std::string(function.example) + "  -- " + std::string(function.result) +
                    "\n```\n";
        }
    }
    text +=
        "\n## Lambdas\n\n"
        "A lambda sees the columns of the row and the variables of the lambdas around it "
        "([sql.md](sql.md)).\n";
    for (const FunctionDoc& doc : lambda_function_docs()) {
        text += "\n### " + std::string(doc.name) + "\n\n" + std::string(doc.description) +
                "\n\n```sql\n";
        for (const std::string_view form : lambda_signatures(doc.name)) {
            text += std::string(form) + "\n";
        }
        text += "\n" + std::string(doc.example) + "  -- " + std::string(doc.result) + "\n```\n";
    }
    return text;
}

Result<ResolvedCall> resolve_call(std::string_view name, const std::vector<ExprPtr>& args) {
    const auto overloads = overloads_of(name);
    if (overloads.empty()) {
        return unknown_function(upper(name));
    }
    Choice choice = choose(overloads, args, false);
    if (choice.function == nullptr) {
        choice = choose(overloads, args, true);
    }
    const auto ambiguous = [&] {
        return Error{ErrorCode::kSqlSemantic,
                     "Function '" + lower(name) +
                         "' cannot be resolved due to ambiguous method parameters (" +
                         types_of(args) + "). Write CAST(... AS type) to choose one.",
                     SqlError::kAmbiguousParameters};
    };
    if (choice.is_ambiguous) {
        return ambiguous();
    }
    if (choice.function == nullptr) {
        std::string valid;
        for (const ScalarFunction& overload : overloads) {
            valid += (valid.empty() ? "" : ", ") + signature_of(overload);
        }
        return Error{ErrorCode::kSqlSemantic,
                     "Function '" + lower(name) + "' does not accept parameters (" +
                         types_of(args) + "). Valid alternatives are: " + valid,
                     SqlError::kBadParameters};
    }
    ResolvedCall resolved{.function = choice.function};
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto type = choice.bindings.type_of(param_at(*choice.function, i), args[i]->type);
        const bool is_open = param_at(*choice.function, i).kind == TypePattern::Kind::kVariable;
        if (!type && !is_open) {
            return ambiguous();
        }
        // A NULL of any type is as good as one of another.
        resolved.arg_types.push_back(type.value_or(args[i]->type));
    }
    if (!resolved.arg_types.empty()) {
        share_decimals(*choice.function, args, resolved.arg_types);
    }
    if (choice.function->result_rule != nullptr) {
        resolved.result = choice.function->result_rule(resolved.arg_types);
        return resolved;
    }
    const auto result = choice.bindings.type_of(
        choice.function->result,
        resolved.arg_types.empty() ? DataType() : resolved.arg_types.front());
    if (!result) {
        return ambiguous();
    }
    resolved.result = *result;
    return resolved;
}

bool is_scalar_function(std::string_view name) {
    return takes_lambda(name) || !overloads_of(name).empty();
}

}  // namespace millrace::operators
