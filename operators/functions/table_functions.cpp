#include "operators/functions/table_functions.h"

#include <string>

#include "core/base/sql_error.h"
#include "operators/functions/cells.h"
#include "operators/functions/function_table.h"

namespace millrace::operators {

namespace {

constexpr FunctionDoc kDocs[] = {
    {"CUBE_EXPLODE",
     "Table functions",
     "One row per choice of which elements of an array to replace by NULL; elements that are NULL "
     "are not chosen from.",
     "SELECT CUBE_EXPLODE(ARRAY[A, B]) AS PAIR FROM S;",
     "[NULL, NULL], [NULL, B], [A, NULL], [A, B]"},
    {"EXPLODE",
     "Table functions",
     "One row per element of an array; none for NULL and for an empty one.",
     "SELECT EXPLODE(ITEMS) AS ITEM FROM S;",
     "one row per item"},
};

std::string upper(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        c = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0));
    }
    return text;
}

/// All choices of an array's elements, the first element changing slowest, from none to all.
void run_cube(KernelCall& call) {
    const ListReader list(call.args[0]);
    ListWriter out(call);
    std::vector<std::uint32_t> chosen_from;
    call.for_each_valid([&](std::uint32_t row) {
        chosen_from.clear();
        for (std::uint32_t i = list.begin(row); i < list.end(row); ++i) {
            if (list.child(0).is_valid(i)) {
                chosen_from.push_back(i);
            }
        }
        const std::uint32_t size = list.size(row);
        const auto most = static_cast<std::int64_t>(size == 0 ? 1 : kListMax / size);
        if (chosen_from.size() > 30 || (std::int64_t{1} << chosen_from.size()) > most) {
            call.fail(row,
                      "CUBE_EXPLODE of " + std::to_string(size) + " elements makes too many rows");
            return;
        }
        const std::uint32_t choices = std::uint32_t{1} << chosen_from.size();
        for (std::uint32_t choice = 0; size > 0 && choice < choices; ++choice) {
            ColumnBuilder& inner = out.child(0);
            const std::uint32_t first = inner.list_elements();
            std::uint32_t bit = choices;
            for (std::uint32_t i = 0; i < size; ++i) {
                const Cell element = list.element(list.begin(row) + i);
                bit = element.is_valid() ? bit >> 1 : bit;
                if (element.is_valid() && (choice & bit) != 0) {
                    inner.child(0).copy_from(first + i, *element.column, element.row);
                } else {
                    inner.child(0).set_null(first + i);
                }
            }
            inner.set_list(out.at(), size);
            out.next();
        }
        out.finish(row);
    });
}

const ScalarFunction& cube() {
    static const ScalarFunction kCube{
        .name = "CUBE_EXPLODE", .form = FunctionForm::kKernel, .kernel = fallible(run_cube)};
    return kCube;
}

}  // namespace

std::span<const FunctionDoc> table_function_docs() {
    return kDocs;
}

bool is_table_function(std::string_view name) {
    const std::string wanted = upper(name);
    return wanted == "EXPLODE" || wanted == "CUBE_EXPLODE";
}

Result<ExprPtr> table_function_rows(std::string_view name, std::vector<ExprPtr> args) {
    if (args.size() != 1 || args[0]->is_null_literal || !args[0]->type.is(TypeKind::kArray)) {
        std::string given;
        std::string lower;
        for (const ExprPtr& arg : args) {
            given += (given.empty() ? "" : ", ") +
                     (arg->is_null_literal ? std::string("null") : arg->type.to_string());
        }
        for (const char c : name) {
            lower += static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
        }
        return Error{ErrorCode::kSqlSemantic,
                     "Function '" + lower + "' does not accept parameters (" + given +
                         "). Valid alternatives are: " + upper(name) + "(ARRAY<T>)",
                     SqlError::kBadParameters};
    }
    if (upper(name) == "EXPLODE") {
        return args[0];
    }
    Expr expr;
    expr.kind = ExprKind::kCall;
    expr.type = DataType::array(args[0]->type);
    expr.function = &cube();
    expr.args = std::move(args);
    return ExprPtr(std::make_shared<const Expr>(std::move(expr)));
}

}  // namespace millrace::operators
