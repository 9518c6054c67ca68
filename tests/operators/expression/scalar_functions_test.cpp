#include "operators/expression/scalar_functions.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/operators/expression/mini_sql.h"

namespace millrace::operators {
namespace {

TEST(FunctionTable, RunsEveryDocumentedExample) {
    for (const FunctionDoc& doc : scalar_function_docs()) {
        EXPECT_EQ(result_of(doc.example), doc.result) << doc.example;
    }
}

TEST(FunctionTable, DocumentsEveryFunctionOnceInOrder) {
    std::vector<std::string_view> names;
    for (const ScalarFunction& function : scalar_functions()) {
        if (names.empty() || names.back() != function.name) {
            names.push_back(function.name);
        }
    }
    std::vector<std::string_view> documented;
    for (const FunctionDoc& doc : scalar_function_docs()) {
        documented.push_back(doc.name);
    }
    EXPECT_EQ(documented, names);
}

}  // namespace
}  // namespace millrace::operators
