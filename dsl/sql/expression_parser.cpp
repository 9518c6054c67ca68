#include "dsl/sql/expression_parser.h"

#include <cmath>
#include <utility>

#include "operators/expression/cast_kernels.h"
#include "operators/expression/scalar_functions.h"

namespace millrace::dsl::sql {

namespace {

struct BinaryRule {
    std::string_view symbol;
    ExprKind kind;
    int power;
};
constexpr BinaryRule kBinaryRules[] = {
    {"||", ExprKind::kConcat, kPowerConcat},
    {"+", ExprKind::kArithmetic, kPowerSum},
    {"-", ExprKind::kArithmetic, kPowerSum},
    {"*", ExprKind::kArithmetic, kPowerProduct},
    {"/", ExprKind::kArithmetic, kPowerProduct},
    {"%", ExprKind::kArithmetic, kPowerProduct},
};
constexpr std::string_view kComparisons[] = {"=", "<>", "!=", "<", "<=", ">", ">="};

/// Whether the function's first argument is a time unit, a bare word.
bool takes_unit(std::string_view function) {
    for (const operators::ScalarFunction& overload : operators::overloads_of(function)) {
        if (!overload.params.empty() &&
            overload.params[0].kind == operators::TypePattern::Kind::kUnit) {
            return true;
        }
    }
    return false;
}

class ExpressionParser {
  public:
    explicit ExpressionParser(TokenReader& reader) : reader_(reader) {}

    /// An expression whose operators all bind at least as strongly as `power`.
    Result<ExprPtr> parse(int power) {
        MILLRACE_TRY_STATUS(reader_.enter());
        auto expr = parse_entered(power);
        reader_.leave();
        return expr;
    }

    Result<ExprPtr> literal() {
        const Span start = reader_.peek().at;
        if (reader_.take_symbol("-")) {
            MILLRACE_TRY(ExprPtr operand, plain_literal());
            return negate(start, std::move(operand));
        }
        return plain_literal();
    }

  private:
    Result<ExprPtr> finish(Expr expr) {
        std::uint32_t height = 0;
        for (const ExprPtr& child : expr.children) {
            height = std::max(height, child->height);
        }
        expr.height = height + 1;
        if (expr.height > kExprHeightMax) {
            return reader_.fail(
                expr.at,
                SqlError::kTooDeep,
                "this expression has more than " + std::to_string(kExprHeightMax) + " levels");
        }
        return ExprPtr(std::make_shared<const Expr>(std::move(expr)));
    }
    Expr start_at(ExprKind kind, const Span& at) const {
        Expr expr;
        expr.kind = kind;
        expr.at = at;
        return expr;
    }
    /// The node from `start` to the last token taken.
    Result<ExprPtr> close(Expr expr) {
        expr.at = join(expr.at, reader_.last().at);
        return finish(std::move(expr));
    }

    Result<ExprPtr> parse_entered(int power) {
        MILLRACE_TRY(ExprPtr left, prefix(power));
        for (;;) {
            auto longer = infix(left, power);
            if (!longer.ok()) {
                return longer;
            }
            if (longer.value() == nullptr) {
                return left;
            }
            left = std::move(longer).value();
        }
    }

    Result<ExprPtr> prefix(int power) {
        const Span start = reader_.peek().at;
        if (power <= kPowerNot && reader_.is_word("NOT")) {
            reader_.take();
            MILLRACE_TRY(ExprPtr operand, parse(kPowerNot));
            Expr expr = start_at(ExprKind::kNot, start);
            expr.children = {std::move(operand)};
            return close(std::move(expr));
        }
        if (reader_.take_symbol("-")) {
            MILLRACE_TRY(ExprPtr operand, parse(kPowerSign));
            return negate(start, std::move(operand));
        }
        if (reader_.take_symbol("+")) {
            return parse(kPowerSign);
        }
        return primary();
    }
    Result<ExprPtr> negate(const Span& start, ExprPtr operand) {
        Expr expr = start_at(ExprKind::kNegate, start);
        expr.children = {std::move(operand)};
        return close(std::move(expr));
    }

    /// The expression that goes on behind `left`; null when nothing that binds strongly enough
    /// follows.
    Result<ExprPtr> infix(const ExprPtr& left, int power) {
        const Token& token = reader_.peek();
        if (token.kind == TokenKind::kSymbol) {
            return symbol_infix(left, power);
        }
        if (token.kind != TokenKind::kWord) {
            return ExprPtr();
        }
        if (power <= kPowerOr && reader_.take_word("OR")) {
            return binary(ExprKind::kOr, left, kPowerOr + 1, "");
        }
        if (power <= kPowerAnd && reader_.take_word("AND")) {
            return binary(ExprKind::kAnd, left, kPowerAnd + 1, "");
        }
        if (power <= kPowerPredicate) {
            return predicate(left);
        }
        return ExprPtr();
    }

    Result<ExprPtr> symbol_infix(const ExprPtr& left, int power) {
        const std::string symbol = reader_.peek().text;
        if (symbol == "[") {
            return subscript(left);
        }
        if (symbol == "->") {
            return dereference(left);
        }
        for (const BinaryRule& rule : kBinaryRules) {
            if (rule.symbol == symbol && power <= rule.power) {
                reader_.take();
                return binary(rule.kind,
                              left,
                              rule.power + 1,
                              rule.kind == ExprKind::kArithmetic ? symbol : "");
            }
        }
        for (const std::string_view comparison : kComparisons) {
            if (comparison == symbol && power <= kPowerPredicate) {
                reader_.take();
                return binary(
                    ExprKind::kCompare, left, kPowerPredicate + 1, symbol == "!=" ? "<>" : symbol);
            }
        }
        return ExprPtr();
    }

    Result<ExprPtr> binary(ExprKind kind, const ExprPtr& left, int power, std::string text) {
        MILLRACE_TRY(ExprPtr right, parse(power));
        Expr expr = start_at(kind, left->at);
        expr.text = std::move(text);
        expr.children = {left, std::move(right)};
        return close(std::move(expr));
    }

    Result<ExprPtr> subscript(const ExprPtr& left) {
        reader_.take();
        MILLRACE_TRY(ExprPtr index, parse(kPowerOr));
        MILLRACE_TRY_STATUS(reader_.expect_symbol("]"));
        Expr expr = start_at(ExprKind::kSubscript, left->at);
        expr.children = {left, std::move(index)};
        return close(std::move(expr));
    }
    Result<ExprPtr> dereference(const ExprPtr& left) {
        if (reader_.is_symbol("*", 1)) {
            return ExprPtr();  // struct->* belongs to the select list
        }
        reader_.take();
        MILLRACE_TRY(Name field, reader_.expect_any_name("a field name"));
        Expr expr = start_at(ExprKind::kDereference, left->at);
        expr.text = std::move(field.text);
        expr.children = {left};
        return close(std::move(expr));
    }

    Result<ExprPtr> predicate(const ExprPtr& left) {
        if (reader_.take_word("IS")) {
            const bool is_negated = reader_.take_word("NOT");
            if (reader_.take_word("DISTINCT")) {
                MILLRACE_TRY_STATUS(reader_.expect_word("FROM"));
                MILLRACE_TRY(ExprPtr right, parse(kPowerPredicate + 1));
                Expr expr = start_at(ExprKind::kDistinctFrom, left->at);
                expr.is_negated = is_negated;
                expr.children = {left, std::move(right)};
                return close(std::move(expr));
            }
            if (!reader_.take_word("NULL")) {
                return reader_.unexpected(is_negated ? "NULL or DISTINCT FROM"
                                                     : "NULL, NOT NULL or DISTINCT FROM");
            }
            Expr expr = start_at(ExprKind::kIsNull, left->at);
            expr.is_negated = is_negated;
            expr.children = {left};
            return close(std::move(expr));
        }
        const bool is_negated = reader_.is_word("NOT");
        const std::size_t ahead = is_negated ? 1 : 0;
        if (reader_.is_word("LIKE", ahead)) {
            return like(left, is_negated);
        }
        if (reader_.is_word("IN", ahead)) {
            return in_list(left, is_negated);
        }
        if (reader_.is_word("BETWEEN", ahead)) {
            return between(left, is_negated);
        }
        if (is_negated) {
            reader_.take();
            return reader_.unexpected("LIKE, IN or BETWEEN");
        }
        return ExprPtr();
    }
    Expr begin_predicate(ExprKind kind, const ExprPtr& left, bool is_negated) {
        if (is_negated) {
            reader_.take();
        }
        reader_.take();
        Expr expr = start_at(kind, left->at);
        expr.is_negated = is_negated;
        expr.children = {left};
        return expr;
    }
    Result<ExprPtr> like(const ExprPtr& left, bool is_negated) {
        Expr expr = begin_predicate(ExprKind::kLike, left, is_negated);
        MILLRACE_TRY(ExprPtr pattern, parse(kPowerPredicate + 1));
        expr.children.push_back(std::move(pattern));
        if (reader_.take_word("ESCAPE")) {
            if (reader_.peek().kind != TokenKind::kString) {
                return reader_.unexpected("a string of one character");
            }
            MILLRACE_TRY(ExprPtr escape, primary());
            expr.children.push_back(std::move(escape));
        }
        return close(std::move(expr));
    }
    Result<ExprPtr> in_list(const ExprPtr& left, bool is_negated) {
        Expr expr = begin_predicate(ExprKind::kIn, left, is_negated);
        MILLRACE_TRY_STATUS(reader_.expect_symbol("("));
        do {
            MILLRACE_TRY(ExprPtr item, parse(kPowerOr));
            expr.children.push_back(std::move(item));
        } while (reader_.take_symbol(","));
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        return close(std::move(expr));
    }
    Result<ExprPtr> between(const ExprPtr& left, bool is_negated) {
        Expr expr = begin_predicate(ExprKind::kBetween, left, is_negated);
        MILLRACE_TRY(ExprPtr low, parse(kPowerPredicate + 1));
        MILLRACE_TRY_STATUS(reader_.expect_word("AND"));
        MILLRACE_TRY(ExprPtr high, parse(kPowerPredicate + 1));
        expr.children.push_back(std::move(low));
        expr.children.push_back(std::move(high));
        return close(std::move(expr));
    }

    Result<ExprPtr> plain_literal() {
        const Token& token = reader_.peek();
        const bool is_word = token.kind == TokenKind::kWord;
        if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kDecimal ||
            token.kind == TokenKind::kFloat || token.kind == TokenKind::kString ||
            (is_word && (token.text == "TRUE" || token.text == "FALSE" || token.text == "NULL"))) {
            return primary();
        }
        return reader_.unexpected("a literal");
    }

    Result<ExprPtr> primary() {
        const Token token = reader_.peek();
        switch (token.kind) {
            case TokenKind::kInteger:
                return leaf(ExprKind::kInteger);
            case TokenKind::kDecimal:
                return leaf(ExprKind::kDecimal);
            case TokenKind::kFloat:
                if (const auto value = operators::parse_double(token.text);
                    !value || std::isinf(*value)) {
                    return reader_.fail(token.at,
                                        SqlError::kDoubleOverflow,
                                        "Number overflows DOUBLE: " + token.text);
                }
                return leaf(ExprKind::kDouble);
            case TokenKind::kString:
                return leaf(ExprKind::kString);
            case TokenKind::kSymbol:
                if (reader_.take_symbol("(")) {
                    MILLRACE_TRY(ExprPtr inner, parse(kPowerOr));
                    MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
                    return inner;
                }
                break;
            case TokenKind::kWord:
            case TokenKind::kQuotedName:
                return word_primary(token);
            case TokenKind::kEnd:
                break;
        }
        return reader_.unexpected("an expression");
    }
    Result<ExprPtr> leaf(ExprKind kind) {
        Token token = reader_.take();
        Expr expr = start_at(kind, token.at);
        expr.text = std::move(token.text);
        return finish(std::move(expr));
    }
    Result<ExprPtr> word_primary(const Token& token) {
        if (token.kind == TokenKind::kWord) {
            if (token.text == "NULL") {
                return leaf(ExprKind::kNull);
            }
            if (token.text == "TRUE" || token.text == "FALSE") {
                return leaf(ExprKind::kBoolean);
            }
            if (token.text == "CASE") {
                return case_expression();
            }
            if (token.text == "CAST") {
                return cast();
            }
            if (token.text == "ARRAY" && reader_.is_symbol("[", 1)) {
                return array();
            }
            if (token.text == "MAP" && reader_.is_symbol("(", 1)) {
                return map();
            }
            if (token.text == "STRUCT" && reader_.is_symbol("(", 1)) {
                return structure();
            }
            if (reader_.is_symbol("(", 1) &&
                !(is_reserved(token.text) && token.text != "LEFT" && token.text != "RIGHT")) {
                return call();
            }
            if (is_reserved(token.text)) {
                return reader_.unexpected("an expression");
            }
        }
        Name name;
        MILLRACE_TRY(name, reader_.expect_name("a column name"));
        Expr expr = start_at(ExprKind::kColumn, name.at);
        expr.text = std::move(name.text);
        if (reader_.is_symbol(".") && !reader_.is_symbol("*", 1)) {
            reader_.take();
            MILLRACE_TRY(Name column, reader_.expect_any_name("a column name"));
            expr.qualifier = std::move(expr.text);
            expr.text = std::move(column.text);
        }
        return close(std::move(expr));
    }

    Result<ExprPtr> case_expression() {
        Expr expr = start_at(ExprKind::kCase, reader_.take().at);
        if (!reader_.is_word("WHEN")) {
            MILLRACE_TRY(ExprPtr operand, parse(kPowerOr));
            expr.has_operand = true;
            expr.children.push_back(std::move(operand));
        }
        if (!reader_.is_word("WHEN")) {
            return reader_.unexpected("WHEN");
        }
        while (reader_.take_word("WHEN")) {
            MILLRACE_TRY(ExprPtr when, parse(kPowerOr));
            MILLRACE_TRY_STATUS(reader_.expect_word("THEN"));
            MILLRACE_TRY(ExprPtr then, parse(kPowerOr));
            expr.children.push_back(std::move(when));
            expr.children.push_back(std::move(then));
        }
        if (reader_.take_word("ELSE")) {
            MILLRACE_TRY(ExprPtr otherwise, parse(kPowerOr));
            expr.has_else = true;
            expr.children.push_back(std::move(otherwise));
        }
        if (!reader_.take_word("END")) {
            return reader_.unexpected(expr.has_else ? "END" : "WHEN, ELSE or END");
        }
        return close(std::move(expr));
    }
    Result<ExprPtr> cast() {
        Expr expr = start_at(ExprKind::kCast, reader_.take().at);
        MILLRACE_TRY_STATUS(reader_.expect_symbol("("));
        MILLRACE_TRY(ExprPtr operand, parse(kPowerOr));
        MILLRACE_TRY_STATUS(reader_.expect_word("AS"));
        MILLRACE_TRY(expr.type, reader_.expect_type());
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        expr.children = {std::move(operand)};
        return close(std::move(expr));
    }
    Result<ExprPtr> array() {
        Expr expr = start_at(ExprKind::kArray, reader_.take().at);
        reader_.take();
        if (!reader_.is_symbol("]")) {
            do {
                MILLRACE_TRY(ExprPtr item, parse(kPowerOr));
                expr.children.push_back(std::move(item));
            } while (reader_.take_symbol(","));
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol("]"));
        return close(std::move(expr));
    }
    Result<ExprPtr> map() {
        Expr expr = start_at(ExprKind::kMap, reader_.take().at);
        reader_.take();
        if (!reader_.is_symbol(")")) {
            do {
                MILLRACE_TRY(ExprPtr key, parse(kPowerOr));
                MILLRACE_TRY_STATUS(reader_.expect_symbol(":="));
                MILLRACE_TRY(ExprPtr value, parse(kPowerOr));
                expr.children.push_back(std::move(key));
                expr.children.push_back(std::move(value));
            } while (reader_.take_symbol(","));
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        return close(std::move(expr));
    }
    Result<ExprPtr> structure() {
        Expr expr = start_at(ExprKind::kStruct, reader_.take().at);
        reader_.take();
        if (!reader_.is_symbol(")")) {
            do {
                MILLRACE_TRY(Name field, reader_.expect_any_name("a field name"));
                MILLRACE_TRY_STATUS(reader_.expect_symbol(":="));
                MILLRACE_TRY(ExprPtr value, parse(kPowerOr));
                expr.names.push_back(std::move(field.text));
                expr.children.push_back(std::move(value));
            } while (reader_.take_symbol(","));
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        return close(std::move(expr));
    }
    Result<ExprPtr> call() {
        Token name = reader_.take();
        Expr expr = start_at(ExprKind::kCall, name.at);
        expr.text = std::move(name.text);
        reader_.take();
        if (reader_.is_name() && reader_.is_symbol(",", 1) && takes_unit(expr.text) &&
            operators::unit_ms(reader_.peek().text)) {
            Token word = reader_.take();
            Expr unit = start_at(ExprKind::kString, word.at);
            unit.text = std::move(word.text);
            MILLRACE_TRY(ExprPtr first, close(std::move(unit)));
            expr.children.push_back(std::move(first));
            reader_.take();
        }
        if (expr.children.empty() && reader_.take_symbol("*")) {
            expr.is_star = true;
        } else if (!reader_.is_symbol(")")) {
            do {
                MILLRACE_TRY(ExprPtr argument, call_argument());
                expr.children.push_back(std::move(argument));
            } while (reader_.take_symbol(","));
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        return close(std::move(expr));
    }
    Result<ExprPtr> call_argument() {
        const std::size_t position = reader_.position();
        Expr expr = start_at(ExprKind::kLambda, reader_.peek().at);
        if (lambda_head(expr.names)) {
            MILLRACE_TRY(ExprPtr body, parse(kPowerOr));
            expr.children = {std::move(body)};
            return close(std::move(expr));
        }
        reader_.rewind(position);
        return parse(kPowerOr);
    }
    /// name => or (name, name) =>
    bool lambda_head(std::vector<std::string>& names) {
        if (reader_.is_name() && reader_.is_symbol("=>", 1)) {
            names.push_back(reader_.take().text);
            reader_.take();
            return true;
        }
        if (!reader_.take_symbol("(")) {
            return false;
        }
        do {
            if (!reader_.is_name()) {
                names.clear();
                return false;
            }
            names.push_back(reader_.take().text);
        } while (reader_.take_symbol(","));
        if (reader_.take_symbol(")") && reader_.take_symbol("=>")) {
            return true;
        }
        names.clear();
        return false;
    }

    TokenReader& reader_;
};

}  // namespace

Result<ExprPtr> parse_expression(TokenReader& reader) {
    return ExpressionParser(reader).parse(kPowerOr);
}

Result<ExprPtr> parse_value_expression(TokenReader& reader) {
    return ExpressionParser(reader).parse(kPowerConcat);
}

Result<ExprPtr> parse_literal(TokenReader& reader) {
    return ExpressionParser(reader).literal();
}

}  // namespace millrace::dsl::sql
