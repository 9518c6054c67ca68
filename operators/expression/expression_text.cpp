#include "operators/expression/expression_text.h"

#include "operators/expression/scalar_functions.h"
#include "operators/expression/type_rules.h"

namespace millrace::operators {

std::string_view name_of(CompareOp op) {
    switch (op) {
        case CompareOp::kEqual:
            return "=";
        case CompareOp::kNotEqual:
            return "<>";
        case CompareOp::kLess:
            return "<";
        case CompareOp::kLessOrEqual:
            return "<=";
        case CompareOp::kGreater:
            return ">";
        case CompareOp::kGreaterOrEqual:
            return ">=";
    }
    return "";
}

std::string_view word_of(CompareOp op) {
    switch (op) {
        case CompareOp::kEqual:
            return "EQUAL";
        case CompareOp::kNotEqual:
            return "NOT_EQUAL";
        case CompareOp::kLess:
            return "LESS_THAN";
        case CompareOp::kLessOrEqual:
            return "LESS_THAN_OR_EQUAL";
        case CompareOp::kGreater:
            return "GREATER_THAN";
        case CompareOp::kGreaterOrEqual:
            return "GREATER_THAN_OR_EQUAL";
    }
    return "";
}

std::string type_text(const Expr& expr) {
    return expr.is_null_literal ? "null" : expr.type.to_string();
}

std::string kind_text(const DataType& type) {
    const std::string text = type.to_string();
    return text.substr(0, text.find_first_of("<("));
}

std::string_view name_of(ArithmeticOp op) {
    switch (op) {
        case ArithmeticOp::kAdd:
            return "+";
        case ArithmeticOp::kSubtract:
            return "-";
        case ArithmeticOp::kMultiply:
            return "*";
        case ArithmeticOp::kDivide:
            return "/";
        case ArithmeticOp::kModulo:
            return "%";
    }
    return "";
}

namespace {

/// A nested literal as the constructors that give it.
std::string nested_text(const Value& value, const DataType& type) {
    const auto part = [](const Value& item, const DataType& item_type) {
        return literal(item, item_type)->to_string();
    };
    const auto& items = std::get<Value::List>(value.data);
    std::string text = type.is(TypeKind::kArray) ? "ARRAY["
                       : type.is(TypeKind::kMap) ? "MAP("
                                                 : "STRUCT(";
    const char* separator = "";
    if (type.is(TypeKind::kMap)) {
        const auto& keys = std::get<Value::List>(items[0].data);
        const auto& values = std::get<Value::List>(items[1].data);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            text += separator + part(keys[i], type.children()[0].type) +
                    ":=" + part(values[i], type.children()[1].type);
            separator = ", ";
        }
        return text + ")";
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool is_struct = type.is(TypeKind::kStruct);
        const Field& field = type.children()[is_struct ? i : 0];
        text += separator + (is_struct ? quoted_name(field.name) + ":=" : "") +
                part(items[i], field.type);
        separator = ", ";
    }
    return text + (type.is(TypeKind::kArray) ? "]" : ")");
}

}  // namespace

std::string Expr::to_string() const {
    const auto list = [this](std::size_t from) {
        std::string text;
        for (std::size_t i = from; i < args.size(); ++i) {
            text += (i == from ? "" : ", ") + args[i]->to_string();
        }
        return text;
    };
    const auto infix = [this](std::string_view op) {
        return "(" + args[0]->to_string() + " " + std::string(op) + " " + args[1]->to_string() +
               ")";
    };
    switch (kind) {
        case ExprKind::kLiteral: {
            if (is_null_literal || literal.is_null()) {
                return is_null_literal ? "null" : "CAST(NULL AS " + type.to_string() + ")";
            }
            if (type.is_nested()) {
                return nested_text(literal, type);
            }
            std::string text = to_text(literal, type);
            if (type.is(TypeKind::kString) || is_temporal(type)) {
                for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) {
                    text.insert(at, 1, '\'');
                }
                return "'" + text + "'";
            }
            if (type.is(TypeKind::kDouble)) {
                if (text.ends_with('N') || text.ends_with('y')) {
                    return "CAST('" + text + "' AS DOUBLE)";
                }
                return text.find('E') == std::string::npos ? text + "E0" : text;
            }
            return text;
        }
        case ExprKind::kColumn:
            return name;
        case ExprKind::kRowTime:
            return "ROWTIME";
        case ExprKind::kWindowStart:
            return "WINDOWSTART";
        case ExprKind::kWindowEnd:
            return "WINDOWEND";
        case ExprKind::kRowPartition:
            return "ROWPARTITION";
        case ExprKind::kRowOffset:
            return "ROWOFFSET";
        case ExprKind::kCall:
            return std::string(function->name) + "(" + list(0) + ")";
        case ExprKind::kArithmetic:
            return infix(name_of(arithmetic));
        case ExprKind::kCompare:
            return infix(name_of(compare));
        case ExprKind::kAnd:
            return infix("AND");
        case ExprKind::kOr:
            return infix("OR");
        case ExprKind::kNot:
            return "(NOT " + args[0]->to_string() + ")";
        case ExprKind::kIsNull:
            return "(" + args[0]->to_string() + " IS NULL)";
        case ExprKind::kIsNotNull:
            return "(" + args[0]->to_string() + " IS NOT NULL)";
        case ExprKind::kLike: {
            const std::string escape = like_escape == "'" ? "''" : like_escape;
            return "(" + args[0]->to_string() + " LIKE " + args[1]->to_string() +
                   (escape.empty() ? "" : " ESCAPE '" + escape + "'") + ")";
        }
        case ExprKind::kIn:
            return "(" + args[0]->to_string() + " IN (" + list(1) + "))";
        case ExprKind::kBetween:
            return "(" + args[0]->to_string() + " BETWEEN " + args[1]->to_string() + " AND " +
                   args[2]->to_string() + ")";
        case ExprKind::kCase: {
            std::string text = "(CASE";
            for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
                text += " WHEN " + args[i]->to_string() + " THEN " + args[i + 1]->to_string();
            }
            return text + (has_else ? " ELSE " + args.back()->to_string() : "") + " END)";
        }
        case ExprKind::kCast:
            return "CAST(" + args[0]->to_string() + " AS " + type.to_string() + ")";
        case ExprKind::kConcat:
            return infix("||");
        case ExprKind::kNegate:
            return "(-" + args[0]->to_string() + ")";
        case ExprKind::kArray:
            return "ARRAY[" + list(0) + "]";
        case ExprKind::kMap: {
            std::string text = "MAP(";
            for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
                text +=
                    (i == 0 ? "" : ", ") + args[i]->to_string() + ":=" + args[i + 1]->to_string();
            }
            return text + ")";
        }
        case ExprKind::kStruct: {
            std::string text = "STRUCT(";
            for (std::size_t i = 0; i < args.size(); ++i) {
                text += (i == 0 ? "" : ", ") + quoted_name(type.children()[i].name) +
                        ":=" + args[i]->to_string();
            }
            return text + ")";
        }
        case ExprKind::kSubscript:
            return args[0]->to_string() + "[" + args[1]->to_string() + "]";
        case ExprKind::kDereference:
            return args[0]->to_string() + "->" + quoted_name(args[0]->type.children()[column].name);
        case ExprKind::kLambdaVariable:
            return quoted_name(name);
        case ExprKind::kLambda: {
            std::string text = "(";
            for (const ExprPtr& param : params) {
                text += (&param == &params.front() ? "" : ", ") + param->to_string();
            }
            return text + ") => " + args[0]->to_string();
        }
        case ExprKind::kLambdaCall:
            return name + "(" + list(0) + ")";
    }
    return {};
}

}  // namespace millrace::operators
