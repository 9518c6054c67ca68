#include "operators/functions/function_table.h"

namespace millrace::operators {

FunctionFamily null_functions() {
    return {"Nulls and keys",
            {{"AS_VALUE",
              "A copy of a key column for the value.",
              "AS_VALUE(7)",
              "7",
              {{"T -> T", {}, nullptr, FunctionForm::kAlias}}},
             {"COALESCE",
              "The first argument that is not NULL.",
              "COALESCE(NULL, 'a', 'b')",
              "a",
              {{"T... -> T", {}, nullptr, FunctionForm::kCoalesce}}},
             {"IFNULL",
              "The second argument when the first is NULL, else the first.",
              "IFNULL(NULL, 'none')",
              "none",
              {{"T, T -> T", {}, nullptr, FunctionForm::kCoalesce}}},
             {"NULLIF",
              "NULL when both are equal, else the first.",
              "NULLIF('a', 'a')",
              "NULL",
              {{"T, T -> T", {}, nullptr, FunctionForm::kNullIf}}}}};
}

}  // namespace millrace::operators
