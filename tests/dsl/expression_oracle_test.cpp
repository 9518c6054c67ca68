// Expressions against SQLite, on what both dialects mean alike: operands that are not NULL, LIKE
// that looks at case, integers that do not overflow, divisors that are not 0, ASCII texts, doubles
// with few binary digits. Left out where they differ by design: ROUND, DECIMAL, NULL in
// comparisons and AND/OR, texts as numbers.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/sqlite/sqlite_database.h"
#include "core/base/random.h"
#include "core/row/value.h"
#include "dsl/binder.h"
#include "dsl/sql/parser.h"
#include "operators/expression/expression.h"
#include "tests/support/temp_directory.h"

namespace millrace::dsl {
namespace {

enum class Kind : std::uint8_t { kInteger, kDouble, kText, kBoolean };

/// One expression in both dialects.
struct Pair {
    std::string ours;
    std::string sqlite;
};

Pair same(const std::string& text) {
    return {text, text};
}
/// "(a op b)"
Pair infix(const Pair& a, const std::string& op, const Pair& b) {
    return {"(" + a.ours + " " + op + " " + b.ours + ")",
            "(" + a.sqlite + " " + op + " " + b.sqlite + ")"};
}
Pair call(const std::string& ours, const std::string& sqlite, const std::vector<Pair>& args) {
    Pair made{ours + "(", sqlite + "("};
    for (std::size_t i = 0; i < args.size(); ++i) {
        made.ours += (i > 0 ? ", " : "") + args[i].ours;
        made.sqlite += (i > 0 ? ", " : "") + args[i].sqlite;
    }
    return {made.ours + ")", made.sqlite + ")"};
}

class Generator {
  public:
    explicit Generator(SeededRandom& random) : random_(random) {}

    Pair any(Kind kind, int depth) {
        switch (kind) {
            case Kind::kInteger:
                return integer(depth);
            case Kind::kDouble:
                return number(depth);
            case Kind::kText:
                return text(depth);
            case Kind::kBoolean:
                return boolean(depth);
        }
        return same("1");
    }

  private:
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
    std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

    /// At most 20 either way, so that a product with one stays small.
    Pair small_integer() {
        if (below(2) == 0) {
            return same(one_of({"a", "b", "c"}));
        }
        const auto value = static_cast<int>(below(41)) - 20;
        return same(value < 0 ? "(" + std::to_string(value) + ")" : std::to_string(value));
    }
    Pair small_number() {
        return same(one_of({"x", "y", "1.5E0", "0.25E0", "(-3.0E0)", "8.125E0"}));
    }
    Pair choice(Kind kind, int depth) {
        const Pair when = boolean(depth - 1);
        const Pair then = any(kind, depth - 1);
        const Pair otherwise = any(kind, depth - 1);
        return {
            "(CASE WHEN " + when.ours + " THEN " + then.ours + " ELSE " + otherwise.ours + " END)",
            "(CASE WHEN " + when.sqlite + " THEN " + then.sqlite + " ELSE " + otherwise.sqlite +
                " END)"};
    }

    Pair integer(int depth) {
        if (depth == 0) {
            return small_integer();
        }
        switch (below(10)) {
            case 0:
                return infix(integer(depth - 1), "+", integer(depth - 1));
            case 1:
                return infix(integer(depth - 1), "-", integer(depth - 1));
            case 2:
                return infix(integer(depth - 1), "*", small_integer());
            case 3:
                return infix(integer(depth - 1), "/", same(one_of({"3", "(-7)", "2", "11"})));
            case 4:
                return infix(integer(depth - 1), "%", same(one_of({"3", "(-7)", "5"})));
            case 5:
                return call("LEN", "length", {text(depth - 1)});
            case 6:
                return call("ABS", "abs", {integer(depth - 1)});
            case 7:
                return call("INSTR", "instr", {text(depth - 1), text(0)});
            case 8:
                return call("COALESCE", "coalesce", {integer(depth - 1), small_integer()});
            default:
                return choice(Kind::kInteger, depth);
        }
    }

    Pair number(int depth) {
        if (depth == 0) {
            return small_number();
        }
        switch (below(7)) {
            case 0:
                return infix(number(depth - 1), "+", number(depth - 1));
            case 1:
                return infix(number(depth - 1), "-", integer(depth - 1));
            case 2:
                return infix(number(depth - 1), "*", small_number());
            case 3:
                return infix(number(depth - 1), "/", same(one_of({"2.0E0", "(-0.5E0)", "3.0E0"})));
            case 4:
                return call("ABS", "abs", {number(depth - 1)});
            case 5: {
                const Pair operand = integer(depth - 1);
                return {"CAST(" + operand.ours + " AS DOUBLE)",
                        "CAST(" + operand.sqlite + " AS REAL)"};
            }
            default:
                return choice(Kind::kDouble, depth);
        }
    }

    Pair text(int depth) {
        if (depth == 0) {
            return same(one_of({"s", "t", "'ab'", "'B'", "''", "' c '", "'a%b_'"}));
        }
        switch (below(8)) {
            case 0:
                return infix(text(depth - 1), "||", text(depth - 1));
            case 1:
                return call("UCASE", "upper", {text(depth - 1)});
            case 2:
                return call("LCASE", "lower", {text(depth - 1)});
            case 3:
                return call("SUBSTRING",
                            "substr",
                            {text(depth - 1), same(one_of({"1", "2", "4"})), same("3")});
            case 4:
                return call("TRIM", "trim", {text(depth - 1)});
            case 5:
                return call("REPLACE", "replace", {text(depth - 1), same("'a'"), text(0)});
            case 6: {
                const Pair operand = integer(depth - 1);
                return {"CAST(" + operand.ours + " AS VARCHAR)",
                        "CAST(" + operand.sqlite + " AS TEXT)"};
            }
            default:
                return choice(Kind::kText, depth);
        }
    }

    Pair boolean(int depth) {
        const int inner = std::max(depth - 1, 0);
        const std::string compare = one_of({"=", "<>", "<", "<=", ">", ">="});
        switch (below(depth == 0 ? 3 : 9)) {
            case 0:
                return infix(integer(inner), compare, integer(inner));
            case 1:
                return infix(number(inner), compare, number(inner));
            case 2:
                return infix(text(inner), compare, text(inner));
            case 3:
                return infix(boolean(inner), "AND", boolean(inner));
            case 4:
                return infix(boolean(inner), "OR", boolean(inner));
            case 5: {
                const Pair operand = boolean(inner);
                return {"(NOT " + operand.ours + ")", "(NOT " + operand.sqlite + ")"};
            }
            case 6: {
                const Pair value = integer(inner);
                const Pair low = integer(0);
                const Pair high = integer(inner);
                return {
                    "(" + value.ours + " BETWEEN " + low.ours + " AND " + high.ours + ")",
                    "(" + value.sqlite + " BETWEEN " + low.sqlite + " AND " + high.sqlite + ")"};
            }
            case 7:
                return infix(text(inner),
                             one_of({"LIKE", "NOT LIKE"}),
                             same(one_of({"'a%'", "'%b'", "'_b%'", "'%A_'", "'ab'", "'%'"})));
            default:
                return infix(integer(inner), one_of({"IN", "NOT IN"}), same("(1, 2, (-3), 7)"));
        }
    }

    SeededRandom& random_;
};

Schema columns() {
    Schema made;
    made.value = {{"A", TypeKind::kBigint},
                  {"B", TypeKind::kInt},
                  {"C", TypeKind::kBigint},
                  {"X", TypeKind::kDouble},
                  {"Y", TypeKind::kDouble},
                  {"S", TypeKind::kString},
                  {"T", TypeKind::kString}};
    return made;
}

class ExpressionOracle : public ::testing::Test {
  protected:
    static constexpr std::uint32_t kRows = 64;

    void fill(SeededRandom& random) {
        const char* const words[] = {
            "", "a", "ab", "aB", "Ab%", "b_a", " ab ", "abcabc", "a text that is not inline: ab"};
        auto opened = connectors::Database::open(directory_.path() + "/oracle.db");
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        database_.emplace(std::move(opened).value());
        ASSERT_TRUE(database_
                        ->execute("PRAGMA case_sensitive_like = ON; CREATE TABLE r (a INTEGER, b "
                                  "INTEGER, c INTEGER, x REAL, y REAL, s TEXT, t TEXT);")
                        .ok());
        auto insert = database_->prepare("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?)");
        ASSERT_TRUE(insert.ok());
        const Schema schema = columns();
        std::vector<ColumnBuilder> builders;
        for (std::size_t c = 0; c < schema.size(); ++c) {
            builders.emplace_back(schema.field(c).type, kRows);
        }
        for (std::uint32_t row = 0; row < kRows; ++row) {
            for (int c = 0; c < 3; ++c) {
                const std::int64_t value = static_cast<std::int64_t>(random.below(41)) - 20;
                insert.value().bind(c + 1, value);
                set_value(builders[static_cast<std::size_t>(c)],
                          row,
                          c == 1 ? Value(static_cast<std::int32_t>(value)) : Value(value));
            }
            for (int c = 3; c < 5; ++c) {
                const double value = (static_cast<double>(random.below(801)) - 400) / 8;
                insert.value().bind(c + 1, value);
                set_value(builders[static_cast<std::size_t>(c)], row, Value(value));
            }
            for (int c = 5; c < 7; ++c) {
                const std::string_view value = words[random.below(std::size(words))];
                insert.value().bind_text(c + 1, value);
                set_value(builders[static_cast<std::size_t>(c)], row, Value(std::string(value)));
            }
            ASSERT_TRUE(insert.value().run().ok());
            insert.value().reset();
        }
        batch_.size = kRows;
        for (ColumnBuilder& builder : builders) {
            batch_.columns.push_back(builder.finish(kRows));
        }
    }

    std::vector<std::string> ours(const std::string& text, Kind kind) {
        std::vector<std::string> values;
        const sql::SourceText source("t", "SELECT " + text + " FROM s;");
        const auto statements = sql::parse(source);
        EXPECT_TRUE(statements.ok()) << statements.error().message;
        if (!statements.ok()) {
            return values;
        }
        const auto& query = std::get<sql::Select>(statements.value().front().node).query;
        const auto expr = bind(*query.items.front().expr, columns(), source);
        EXPECT_TRUE(expr.ok()) << expr.error().message;
        if (!expr.ok()) {
            return values;
        }
        const auto program = operators::Program::compile({expr.value()});
        EXPECT_TRUE(program.ok()) << program.error().message;
        std::vector<ColumnPtr> outputs;
        std::vector<RowError> errors;
        program.value()->evaluate(batch_, outputs, errors);
        EXPECT_TRUE(errors.empty()) << errors.front().message;
        for (std::uint32_t row = 0; row < kRows; ++row) {
            const Value value = value_at(*outputs[0], row);
            if (kind == Kind::kDouble) {
                const double* const number = std::get_if<double>(&value.data);
                values.push_back(number == nullptr ? "null" : exact(*number));
            } else {
                values.push_back(to_text(value, expr.value()->type));
            }
        }
        return values;
    }

    std::vector<std::string> sqlite(const std::string& text, Kind kind) {
        std::vector<std::string> values;
        const std::string shown = kind == Kind::kDouble ? "printf('%!.20g', " + text + ")" : text;
        auto select = database_->prepare("SELECT " + shown + " FROM r ORDER BY rowid");
        EXPECT_TRUE(select.ok()) << select.error().message;
        while (select.ok()) {
            const auto row = select.value().step();
            EXPECT_TRUE(row.ok()) << row.error().message;
            if (!row.ok() || !row.value()) {
                break;
            }
            if (kind == Kind::kBoolean) {
                values.push_back(select.value().integer(0) != 0 ? "true" : "false");
            } else if (kind == Kind::kDouble) {
                values.push_back(exact(std::strtod(select.value().text(0).c_str(), nullptr)));
            } else {
                values.push_back(select.value().text(0));
            }
        }
        return values;
    }

    static std::string exact(double value) {
        char text[40];
        // 15 digits: SQLite prints from arithmetic of its own, not always the nearest double.
        std::snprintf(text, sizeof text, "%.15g", value + 0.0);
        return text;
    }

    TempDirectory directory_;
    std::optional<connectors::Database> database_;
    RowBatch batch_;
};

TEST_F(ExpressionOracle, SqliteGivesTheSameValues) {
    constexpr std::uint64_t kSeed = 4711;
    constexpr int kExpressions = 3'000;
    constexpr int kDepth = 4;
    const char* const given = std::getenv("MILLRACE_ORACLE_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : kSeed;
    const char* const long_mode = std::getenv("MILLRACE_ORACLE_SECONDS");
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::seconds(long_mode != nullptr ? std::atoi(long_mode) : 0);
    std::cout << "seed " << seed << std::endl;
    SeededRandom random(seed);
    fill(random);
    Generator generator(random);
    int done = 0;
    for (; done < kExpressions || std::chrono::steady_clock::now() < until; ++done) {
        const auto kind = static_cast<Kind>(random.below(4));
        const Pair expression = generator.any(kind, kDepth);
        SCOPED_TRACE(expression.ours);
        const std::vector<std::string> expected = sqlite(expression.sqlite, kind);
        ASSERT_EQ(expected.size(), kRows);
        ASSERT_EQ(ours(expression.ours, kind), expected) << "SQLite: " << expression.sqlite;
    }
    std::cout << done << " expressions" << std::endl;
}

}  // namespace
}  // namespace millrace::dsl
