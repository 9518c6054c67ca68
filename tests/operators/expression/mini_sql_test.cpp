#include "tests/operators/expression/mini_sql.h"

#include <cctype>
#include <charconv>

#include <gtest/gtest.h>

namespace millrace::operators {

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return out;
}

class Parser {
  public:
    Parser(std::string_view text, const std::vector<Field>& fields) : fields_(fields) {
        for (std::size_t i = 0; i < text.size();) {
            const char c = text[i];
            if (c == ' ' || c == '\n') {
                ++i;
                continue;
            }
            std::size_t end = i + 1;
            if (c == '\'') {
                std::string value;
                for (end = i + 1; end < text.size(); ++end) {
                    if (text[end] == '\'') {
                        if (end + 1 < text.size() && text[end + 1] == '\'') {
                            ++end;
                        } else {
                            break;
                        }
                    }
                    value += text[end];
                }
                tokens_.push_back("'" + value);
                i = end + 1;
                continue;
            }
            const auto is_word = [&](std::size_t at) {
                return at < text.size() &&
                       (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_');
            };
            if (std::isdigit(static_cast<unsigned char>(c))) {
                while (is_word(end) || (end < text.size() && text[end] == '.') ||
                       (end < text.size() && (text[end] == '-' || text[end] == '+') &&
                        (text[end - 1] == 'E' || text[end - 1] == 'e'))) {
                    ++end;
                }
            } else if (is_word(i)) {
                while (is_word(end)) {
                    ++end;
                }
            } else if (i + 1 < text.size()) {
                const std::string_view two = text.substr(i, 2);
                if (two == "<=" || two == ">=" || two == "<>" || two == "||" || two == "!=") {
                    end = i + 2;
                }
            }
            tokens_.emplace_back(text.substr(i, end - i));
            i = end;
        }
    }

    Result<ExprPtr> parse() {
        MILLRACE_TRY(ExprPtr expr, disjunction());
        if (at_ != tokens_.size()) {
            return bad();
        }
        return expr;
    }
    DataType type() {
        const std::string name = upper(next());
        if (name == "DECIMAL") {
            static_cast<void>(take("("));
            const int precision = std::stoi(next());
            static_cast<void>(take(","));
            const int scale = std::stoi(next());
            static_cast<void>(take(")"));
            return DataType::decimal(static_cast<std::uint8_t>(precision),
                                     static_cast<std::uint8_t>(scale));
        }
        if (name == "ARRAY") {
            static_cast<void>(take("<"));
            DataType element = type();
            static_cast<void>(take(">"));
            return DataType::array(element);
        }
        for (const TypeKind kind : {TypeKind::kBoolean,
                                    TypeKind::kBigint,
                                    TypeKind::kDouble,
                                    TypeKind::kBytes,
                                    TypeKind::kDate,
                                    TypeKind::kTime,
                                    TypeKind::kTimestamp}) {
            if (DataType(kind).to_string() == name) {
                return kind;
            }
        }
        return name == "INT" || name == "INTEGER" ? TypeKind::kInt : TypeKind::kString;
    }

  private:
    [[nodiscard]] Error bad() const {
        return Error{ErrorCode::kSqlSyntax,
                     "unexpected " + (at_ < tokens_.size() ? tokens_[at_] : "end")};
    }
    [[nodiscard]] bool peek(std::string_view token) const {
        return at_ < tokens_.size() && upper(tokens_[at_]) == token;
    }
    bool take(std::string_view token) {
        const bool found = peek(token);
        at_ += found ? 1 : 0;
        return found;
    }
    std::string next() { return at_ < tokens_.size() ? tokens_[at_++] : ""; }

    Result<ExprPtr> disjunction() {
        MILLRACE_TRY(ExprPtr left, conjunction());
        while (take("OR")) {
            MILLRACE_TRY(ExprPtr right, conjunction());
            MILLRACE_TRY(left, logical_or(left, right));
        }
        return left;
    }
    Result<ExprPtr> conjunction() {
        MILLRACE_TRY(ExprPtr left, negation());
        while (take("AND")) {
            MILLRACE_TRY(ExprPtr right, negation());
            MILLRACE_TRY(left, logical_and(left, right));
        }
        return left;
    }
    Result<ExprPtr> negation() {
        if (take("NOT")) {
            MILLRACE_TRY(ExprPtr operand, negation());
            return logical_not(operand);
        }
        return predicate();
    }
    Result<ExprPtr> predicate() {
        MILLRACE_TRY(ExprPtr left, joined());
        if (take("IS")) {
            const bool negated = take("NOT");
            static_cast<void>(take("NULL"));
            return is_null(left, negated);
        }
        const bool negated = take("NOT");
        if (take("LIKE")) {
            MILLRACE_TRY(ExprPtr pattern, joined());
            std::string escape;
            if (take("ESCAPE")) {
                escape = next().substr(1);
            }
            return like(left, pattern, escape, negated);
        }
        if (take("BETWEEN")) {
            MILLRACE_TRY(ExprPtr low, joined());
            static_cast<void>(take("AND"));
            MILLRACE_TRY(ExprPtr high, joined());
            return between(left, low, high, negated);
        }
        if (take("IN")) {
            static_cast<void>(take("("));
            MILLRACE_TRY(auto items, list());
            return in_list(left, items, negated);
        }
        constexpr std::pair<std::string_view, CompareOp> kOps[] = {
            {"=", CompareOp::kEqual},
            {"<>", CompareOp::kNotEqual},
            {"!=", CompareOp::kNotEqual},
            {"<", CompareOp::kLess},
            {"<=", CompareOp::kLessOrEqual},
            {">", CompareOp::kGreater},
            {">=", CompareOp::kGreaterOrEqual}};
        for (const auto& [token, op] : kOps) {
            if (take(token)) {
                MILLRACE_TRY(ExprPtr right, joined());
                return compare(op, left, right);
            }
        }
        return left;
    }
    Result<ExprPtr> joined() {
        MILLRACE_TRY(ExprPtr left, sum());
        while (take("||")) {
            MILLRACE_TRY(ExprPtr right, sum());
            MILLRACE_TRY(left, concat(left, right));
        }
        return left;
    }
    Result<ExprPtr> sum() {
        MILLRACE_TRY(ExprPtr left, product());
        while (peek("+") || peek("-")) {
            const ArithmeticOp op = take("+") ? ArithmeticOp::kAdd : ArithmeticOp::kSubtract;
            at_ += op == ArithmeticOp::kSubtract ? 1 : 0;
            MILLRACE_TRY(ExprPtr right, product());
            MILLRACE_TRY(left, arithmetic(op, left, right));
        }
        return left;
    }
    Result<ExprPtr> product() {
        MILLRACE_TRY(ExprPtr left, unary());
        for (;;) {
            ArithmeticOp op = ArithmeticOp::kMultiply;
            if (take("/")) {
                op = ArithmeticOp::kDivide;
            } else if (take("%")) {
                op = ArithmeticOp::kModulo;
            } else if (!take("*")) {
                return left;
            }
            MILLRACE_TRY(ExprPtr right, unary());
            MILLRACE_TRY(left, arithmetic(op, left, right));
        }
    }
    Result<ExprPtr> unary() {
        if (take("-")) {
            MILLRACE_TRY(ExprPtr operand, unary());
            return negate(operand);
        }
        return primary();
    }
    Result<std::vector<ExprPtr>> list() {
        std::vector<ExprPtr> items;
        while (!take(")")) {
            MILLRACE_TRY(ExprPtr item, disjunction());
            items.push_back(item);
            if (!take(",") && !peek(")")) {
                return bad();
            }
        }
        return items;
    }
    Result<ExprPtr> number(const std::string& text) {
        if (text.find_first_of("eE") != std::string::npos) {
            return literal(Value(std::stod(text)), TypeKind::kDouble);
        }
        if (text.find('.') != std::string::npos) {
            MILLRACE_TRY(const Decimal decimal, Decimal::parse(text));
            const auto digits = static_cast<std::uint8_t>(text.size() - 1);
            return literal(Value(decimal), DataType::decimal(digits, decimal.scale));
        }
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value == static_cast<std::int32_t>(value)
                   ? literal(Value(static_cast<std::int32_t>(value)), TypeKind::kInt)
                   : literal(Value(value), TypeKind::kBigint);
    }
    Result<ExprPtr> primary() {
        if (take("(")) {
            MILLRACE_TRY(ExprPtr inner, disjunction());
            return take(")") ? Result<ExprPtr>(inner) : bad();
        }
        if (take("CASE")) {
            std::vector<ExprPtr> whens;
            std::vector<ExprPtr> thens;
            ExprPtr otherwise;
            while (take("WHEN")) {
                MILLRACE_TRY(ExprPtr when, disjunction());
                static_cast<void>(take("THEN"));
                MILLRACE_TRY(ExprPtr then, disjunction());
                whens.push_back(when);
                thens.push_back(then);
            }
            if (take("ELSE")) {
                MILLRACE_TRY(otherwise, disjunction());
            }
            static_cast<void>(take("END"));
            return case_when(whens, thens, otherwise);
        }
        if (take("CAST")) {
            static_cast<void>(take("("));
            MILLRACE_TRY(ExprPtr operand, disjunction());
            static_cast<void>(take("AS"));
            const DataType to = type();
            static_cast<void>(take(")"));
            return cast(operand, to);
        }
        const std::string token = next();
        if (token.empty()) {
            return bad();
        }
        if (token[0] == '\'') {
            return literal(Value(token.substr(1)), TypeKind::kString);
        }
        if (std::isdigit(static_cast<unsigned char>(token[0]))) {
            return number(token);
        }
        const std::string name = upper(token);
        if (name == "NULL") {
            return null_literal();
        }
        if (name == "TRUE" || name == "FALSE") {
            return literal(Value(name == "TRUE"), TypeKind::kBoolean);
        }
        if (name == "ROWTIME") {
            return pseudo_column(ExprKind::kRowTime);
        }
        if (take("(")) {
            MILLRACE_TRY(auto args, list());
            return call(token, args);
        }
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (fields_[i].name == name) {
                return column(i, fields_[i]);
            }
        }
        --at_;
        return bad();
    }

    const std::vector<Field>& fields_;
    std::vector<std::string> tokens_;
    std::size_t at_ = 0;
};

}  // namespace

Result<ExprPtr> parse_expr(std::string_view sql, const std::vector<Field>& fields) {
    return Parser(sql, fields).parse();
}

DataType parse_type(std::string_view sql) {
    return Parser(sql, {}).type();
}

RowBatch batch_of(const std::vector<Field>& fields, const std::vector<std::vector<Value>>& rows) {
    RowBatch batch;
    batch.size = static_cast<std::uint32_t>(rows.size());
    for (std::size_t c = 0; c < fields.size(); ++c) {
        ColumnBuilder builder(fields[c].type, batch.size);
        for (std::uint32_t r = 0; r < batch.size; ++r) {
            set_value(builder, r, rows[r][c]);
        }
        batch.columns.push_back(builder.finish(batch.size));
    }
    ColumnBuilder times(TypeKind::kBigint, batch.size);
    for (std::uint32_t r = 0; r < batch.size; ++r) {
        times.set(r, std::int64_t{1000} * r);
    }
    batch.timestamps = times.finish(batch.size);
    return batch;
}

Evaluated evaluate(std::string_view sql,
                   const std::vector<Field>& fields,
                   const std::vector<std::vector<Value>>& rows) {
    Evaluated out;
    const auto expr = parse_expr(sql, fields);
    if (!expr.ok()) {
        ADD_FAILURE() << sql << ": " << expr.error().message;
        return out;
    }
    auto program = Program::compile({expr.value()});
    if (!program.ok()) {
        ADD_FAILURE() << sql << ": " << program.error().message;
        return out;
    }
    const RowBatch batch = batch_of(fields, rows);
    std::vector<ColumnPtr> columns;
    program.value()->evaluate(batch, columns, out.errors);
    EXPECT_EQ(columns.size(), 1U);
    EXPECT_EQ(columns[0]->size(), batch.size);
    EXPECT_EQ(columns[0]->type(), expr.value()->type) << sql;
    out.type = columns[0]->type();
    for (std::uint32_t r = 0; r < batch.size; ++r) {
        out.values.push_back(value_at(*columns[0], r));
        out.texts.push_back(to_text(out.values.back(), out.type));
    }
    return out;
}

std::string result_of(std::string_view sql) {
    const auto expr = parse_expr(sql);
    if (!expr.ok()) {
        return "error: " + expr.error().message;
    }
    auto program = Program::compile({expr.value()});
    if (!program.ok()) {
        return "error: " + program.error().message;
    }
    const RowBatch one = batch_of({}, {{}});
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;
    program.value()->evaluate(one, columns, errors);
    if (!errors.empty()) {
        EXPECT_TRUE(value_at(*columns[0], 0).is_null()) << sql;
        return "error: " + errors[0].message;
    }
    return to_text(value_at(*columns[0], 0), columns[0]->type());
}

namespace {

TEST(MiniSql, ReadsPrecedenceAndPrintsItBack) {
    const std::vector<Field> fields = {{"A", TypeKind::kInt}, {"B", TypeKind::kString}};
    const auto text = [&](std::string_view sql) {
        const auto expr = parse_expr(sql, fields);
        return expr.ok() ? expr.value()->to_string() : expr.error().message;
    };
    EXPECT_EQ(text("a + 2 * -a > 7 OR NOT b = 'it''s' AND a IS NULL"),
              "(((A + (2 * (-A))) > 7) OR ((NOT (B = 'it''s')) AND (A IS NULL)))");
    EXPECT_EQ(text("CASE WHEN a IN (1, 2) THEN b ELSE 'x' END"),
              "(CASE WHEN (A IN (1, 2)) THEN B ELSE 'x' END)");
    for (const std::string_view sql : {"a + 1.50 - 2E0",
                                       "b LIKE 'a!%' ESCAPE '!'",
                                       "a NOT BETWEEN 1 AND 5",
                                       "CAST(CAST(a AS DECIMAL(4, 2)) AS STRING) || 'x'",
                                       "COALESCE(b, CAST(NULL AS STRING), SUBSTRING(b, 2))"}) {
        const std::string once = text(sql);
        EXPECT_EQ(text(once), once);
    }
}

}  // namespace
}  // namespace millrace::operators
