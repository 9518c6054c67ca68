#include "dsl/sql/printer.h"

#include <type_traits>

#include "core/row/schema_config.h"
#include "dsl/sql/expression_parser.h"
#include "dsl/sql/lexer.h"

namespace millrace::dsl::sql {

namespace {

int power_of(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kOr:
            return kPowerOr;
        case ExprKind::kAnd:
            return kPowerAnd;
        case ExprKind::kNot:
            return kPowerNot;
        case ExprKind::kCompare:
        case ExprKind::kDistinctFrom:
        case ExprKind::kIsNull:
        case ExprKind::kLike:
        case ExprKind::kIn:
        case ExprKind::kBetween:
            return kPowerPredicate;
        case ExprKind::kConcat:
            return kPowerConcat;
        case ExprKind::kArithmetic:
            return expr.text == "+" || expr.text == "-" ? kPowerSum : kPowerProduct;
        case ExprKind::kNegate:
            return kPowerSign;
        case ExprKind::kLambda:
            return kPowerOr;
        case ExprKind::kNull:
        case ExprKind::kBoolean:
        case ExprKind::kInteger:
        case ExprKind::kDecimal:
        case ExprKind::kDouble:
        case ExprKind::kString:
        case ExprKind::kColumn:
        case ExprKind::kCall:
        case ExprKind::kCase:
        case ExprKind::kCast:
        case ExprKind::kArray:
        case ExprKind::kMap:
        case ExprKind::kStruct:
        case ExprKind::kSubscript:
        case ExprKind::kDereference:
        case ExprKind::kLambdaVariable:
            break;
    }
    return kPowerPostfix;
}

class Printer {
  public:
    /// as_message  see message_text()
    explicit Printer(bool as_message = false) : as_message_(as_message) {}

    std::string take() { return std::move(out_); }

    void expr(const Expr& node, int power = kPowerOr) {
        const bool is_operator = power_of(node) < kPowerSign && node.kind != ExprKind::kLambda;
        if (as_message_ ? is_operator : power_of(node) < power) {
            out_ += '(';
            bare(node);
            out_ += ')';
        } else {
            bare(node);
        }
    }

    void query(const Query& query) {
        out_ += "SELECT ";
        for (std::size_t i = 0; i < query.items.size(); ++i) {
            out_ += i == 0 ? "" : ", ";
            item(query.items[i]);
        }
        out_ += " FROM ";
        source(query.from);
        for (const Join& join : query.joins) {
            this->join(join);
        }
        if (query.window) {
            out_ += " WINDOW ";
            window(*query.window);
        }
        if (query.where) {
            out_ += " WHERE ";
            expr(*query.where);
        }
        list(" GROUP BY ", query.group_by);
        list(" PARTITION BY ", query.partition_by);
        if (query.having) {
            out_ += " HAVING ";
            expr(*query.having);
        }
        if (query.emit != Emit::kNone) {
            out_ += query.emit == Emit::kChanges ? " EMIT CHANGES" : " EMIT FINAL";
        }
        if (query.limit) {
            out_ += " LIMIT " + std::to_string(*query.limit);
        }
    }

    void window(const Window& window) {
        if (window.name) {
            out_ += name_text(window.name->text) + " ";
        }
        out_ += std::string(name_of(window.kind)) + " (";
        out_ += window.kind == WindowKind::kSession ? "" : "SIZE ";
        duration(window.size);
        if (window.advance) {
            out_ += ", ADVANCE BY ";
            duration(*window.advance);
        }
        if (window.retention) {
            out_ += ", RETENTION ";
            duration(*window.retention);
        }
        if (window.grace) {
            out_ += ", GRACE PERIOD ";
            duration(*window.grace);
        }
        out_ += ")";
    }

    void statement(const Statement& statement) {
        std::visit([this](const auto& node) { this->node(node); }, statement.node);
    }

  private:
    void bare(const Expr& node) {
        const auto& children = node.children;
        switch (node.kind) {
            case ExprKind::kNull:
                out_ += as_message_ ? "null" : "NULL";
                break;
            case ExprKind::kBoolean:
                out_ += as_message_ ? (node.text == "TRUE" ? "true" : "false") : node.text;
                break;
            case ExprKind::kInteger:
            case ExprKind::kDecimal:
            case ExprKind::kDouble:
                out_ += node.text;
                break;
            case ExprKind::kString:
                out_ += string_text(node.text);
                break;
            case ExprKind::kColumn:
                out_ += (node.qualifier.empty() ? "" : name_text(node.qualifier) + ".") +
                        name_text(node.text);
                break;
            case ExprKind::kCall:
                out_ += node.text + "(" + (node.is_star ? "*" : "");
                arguments(children, 0);
                out_ += ")";
                break;
            case ExprKind::kNegate:
                negate(*children[0]);
                break;
            case ExprKind::kArithmetic:
            case ExprKind::kCompare:
                infix(node, node.text);
                break;
            case ExprKind::kConcat:
                infix(node, "||");
                break;
            case ExprKind::kAnd:
                infix(node, "AND");
                break;
            case ExprKind::kOr:
                infix(node, "OR");
                break;
            case ExprKind::kNot:
                out_ += "NOT ";
                expr(*children[0], kPowerNot);
                break;
            case ExprKind::kDistinctFrom:
                infix(node, node.is_negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM");
                break;
            case ExprKind::kIsNull:
                expr(*children[0], kPowerPredicate);
                out_ += node.is_negated ? " IS NOT NULL" : " IS NULL";
                break;
            case ExprKind::kLike:
                expr(*children[0], kPowerPredicate);
                out_ += node.is_negated ? " NOT LIKE " : " LIKE ";
                expr(*children[1], kPowerPredicate + 1);
                if (children.size() > 2) {
                    out_ += " ESCAPE ";
                    expr(*children[2], kPowerPostfix);
                }
                break;
            case ExprKind::kIn:
                expr(*children[0], kPowerPredicate);
                out_ += node.is_negated ? " NOT IN (" : " IN (";
                arguments(children, 1);
                out_ += ")";
                break;
            case ExprKind::kBetween:
                expr(*children[0], kPowerPredicate);
                out_ += node.is_negated ? " NOT BETWEEN " : " BETWEEN ";
                expr(*children[1], kPowerPredicate + 1);
                out_ += " AND ";
                expr(*children[2], kPowerPredicate + 1);
                break;
            case ExprKind::kCase:
                case_expression(node);
                break;
            case ExprKind::kCast:
                out_ += "CAST(";
                expr(*children[0]);
                out_ += " AS " + node.type.to_string() + ")";
                break;
            case ExprKind::kArray:
                out_ += "ARRAY[";
                arguments(children, 0);
                out_ += "]";
                break;
            case ExprKind::kMap:
                out_ += "MAP(";
                for (std::size_t i = 0; i < children.size(); i += 2) {
                    out_ += i == 0 ? "" : ", ";
                    expr(*children[i]);
                    out_ += assignment();
                    expr(*children[i + 1]);
                }
                out_ += ")";
                break;
            case ExprKind::kStruct:
                out_ += "STRUCT(";
                for (std::size_t i = 0; i < children.size(); ++i) {
                    out_ +=
                        (i == 0 ? "" : ", ") + name_text(node.names[i]) + std::string(assignment());
                    expr(*children[i]);
                }
                out_ += ")";
                break;
            case ExprKind::kSubscript:
                expr(*children[0], kPowerPostfix);
                out_ += "[";
                expr(*children[1]);
                out_ += "]";
                break;
            case ExprKind::kDereference:
                expr(*children[0], kPowerPostfix);
                out_ += "->" + name_text(node.text);
                break;
            case ExprKind::kLambda:
                lambda(node);
                break;
            case ExprKind::kLambdaVariable:
                out_ += name_text(node.text);
                break;
        }
    }
    [[nodiscard]] std::string_view assignment() const { return as_message_ ? ":=" : " := "; }
    void arguments(const std::vector<ExprPtr>& children, std::size_t from) {
        for (std::size_t i = from; i < children.size(); ++i) {
            out_ += i == from ? "" : ", ";
            expr(*children[i]);
        }
    }
    void infix(const Expr& node, std::string_view symbol) {
        const int power = power_of(node);
        expr(*node.children[0], power);
        out_ += ' ';
        out_ += symbol;
        out_ += ' ';
        expr(*node.children[1], power + 1);
    }
    /// "--" would start a comment; parentheses would nest deeper than what was written.
    void negate(const Expr& operand) {
        out_ += operand.kind == ExprKind::kNegate ? "- " : "-";
        expr(operand, kPowerSign);
    }
    void case_expression(const Expr& node) {
        std::size_t i = 0;
        out_ += "CASE";
        if (node.has_operand) {
            out_ += ' ';
            expr(*node.children[i++]);
        }
        const std::size_t end = node.children.size() - (node.has_else ? 1 : 0);
        for (; i < end; i += 2) {
            out_ += " WHEN ";
            expr(*node.children[i]);
            out_ += " THEN ";
            expr(*node.children[i + 1]);
        }
        if (node.has_else) {
            out_ += " ELSE ";
            expr(*node.children.back());
        }
        out_ += " END";
    }
    void lambda(const Expr& node) {
        out_ += "(";
        for (std::size_t i = 0; i < node.names.size(); ++i) {
            out_ += (i == 0 ? "" : ", ") + name_text(node.names[i]);
        }
        out_ += ") => ";
        expr(*node.children[0]);
    }

    void item(const SelectItem& item) {
        switch (item.kind) {
            case SelectItem::Kind::kStar:
                out_ += "*";
                return;
            case SelectItem::Kind::kSourceStar:
                out_ += name_text(item.source.text) + ".*";
                return;
            case SelectItem::Kind::kStructStar:
                expr(*item.expr, kPowerPostfix);
                out_ += "->*";
                return;
            case SelectItem::Kind::kExpr:
                break;
        }
        expr(*item.expr);
        if (item.alias) {
            out_ += " AS " + name_text(item.alias->text);
        }
    }
    void source(const SourceRef& source) {
        out_ += name_text(source.name.text);
        if (source.alias) {
            out_ += " AS " + name_text(source.alias->text);
        }
    }
    void join(const Join& join) {
        switch (join.type) {
            case JoinType::kInner:
                out_ += " JOIN ";
                break;
            case JoinType::kLeft:
                out_ += " LEFT JOIN ";
                break;
            case JoinType::kRight:
                out_ += " RIGHT JOIN ";
                break;
            case JoinType::kFull:
                out_ += " FULL JOIN ";
                break;
        }
        source(join.source);
        if (join.within) {
            out_ += " WITHIN ";
            if (join.within->after) {
                out_ += "(";
                duration(join.within->before);
                out_ += ", ";
                duration(*join.within->after);
                out_ += ")";
            } else {
                duration(join.within->before);
            }
            if (join.within->grace) {
                out_ += " GRACE PERIOD ";
                duration(*join.within->grace);
            }
        }
        out_ += " ON ";
        expr(*join.on);
    }
    void duration(const Duration& duration) {
        out_ +=
            std::to_string(duration.value) + " " + duration.unit + (duration.value == 1 ? "" : "S");
    }
    void list(std::string_view head, const std::vector<ExprPtr>& items) {
        if (!items.empty()) {
            out_ += head;
            for (std::size_t i = 0; i < items.size(); ++i) {
                out_ += i == 0 ? "" : ", ";
                // "(a)" alone reads back as a parenthesised expression, which is the same tree.
                expr(*items[i], kPowerConcat);
            }
        }
    }
    void with(const std::vector<Property>& properties) {
        if (properties.empty()) {
            return;
        }
        out_ += " WITH (";
        for (std::size_t i = 0; i < properties.size(); ++i) {
            out_ += (i == 0 ? "" : ", ") + name_text(properties[i].name.text) + " = ";
            expr(*properties[i].value);
        }
        out_ += ")";
    }
    void create(bool is_table, bool or_replace, bool is_read_only, bool if_not_exists) {
        out_ += "CREATE ";
        out_ += or_replace ? "OR REPLACE " : "";
        out_ += is_read_only ? "SOURCE " : "";
        out_ += is_table ? "TABLE " : "STREAM ";
        out_ += if_not_exists ? "IF NOT EXISTS " : "";
    }

    void node(const CreateSource& node) {
        create(node.is_table, node.or_replace, node.is_read_only, node.if_not_exists);
        out_ += name_text(node.name.text);
        columns(node.columns);
        with(node.with);
    }
    void columns(const std::vector<ColumnDef>& columns) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const ColumnDef& column = columns[i];
            out_ += (i == 0 ? " (" : ", ") + name_text(column.name.text) + " " +
                    column.type.to_string();
            switch (column.key) {
                case KeyKind::kNone:
                    break;
                case KeyKind::kKey:
                    out_ += " KEY";
                    break;
                case KeyKind::kPrimaryKey:
                    out_ += " PRIMARY KEY";
                    break;
                case KeyKind::kHeaders:
                    out_ +=
                        column.header ? " HEADER(" + string_text(*column.header) + ")" : " HEADERS";
                    break;
            }
        }
        out_ += columns.empty() ? "" : ")";
    }
    void node(const CreateAs& node) {
        create(node.is_table, node.or_replace, false, node.if_not_exists);
        out_ += name_text(node.name.text);
        with(node.with);
        out_ += " AS ";
        query(node.query);
    }
    void node(const InsertSelect& node) {
        out_ += "INSERT INTO " + name_text(node.target.text);
        with(node.with);
        out_ += " ";
        query(node.query);
    }
    void node(const InsertValues& node) {
        out_ += "INSERT INTO " + name_text(node.target.text) + " ";
        values(node.columns, "VALUES", node.values);
    }
    void values(const std::vector<Name>& columns,
                std::string_view word,
                const std::vector<ExprPtr>& values) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            out_ += (i == 0 ? "(" : ", ") + name_text(columns[i].text);
        }
        out_ += columns.empty() ? "" : ") ";
        out_ += word;
        out_ += " (";
        arguments(values, 0);
        out_ += ")";
    }
    void node(const Select& node) { query(node.query); }
    void node(const Drop& node) {
        out_ += node.is_table ? "DROP TABLE " : "DROP STREAM ";
        out_ += node.if_exists ? "IF EXISTS " : "";
        out_ += name_text(node.name.text);
        out_ += node.delete_topic ? " DELETE TOPIC" : "";
    }
    void node(const Show& node) {
        out_ += "SHOW ";
        switch (node.what) {
            case ShowWhat::kStreams:
                out_ += "STREAMS";
                break;
            case ShowWhat::kTables:
                out_ += "TABLES";
                break;
            case ShowWhat::kTopics:
                out_ += "TOPICS";
                break;
            case ShowWhat::kAllTopics:
                out_ += "ALL TOPICS";
                break;
            case ShowWhat::kQueries:
                out_ += "QUERIES";
                break;
            case ShowWhat::kConnectors:
                out_ += "CONNECTORS";
                break;
            case ShowWhat::kProperties:
                out_ += "PROPERTIES";
                break;
            case ShowWhat::kFunctions:
                out_ += "FUNCTIONS";
                break;
            case ShowWhat::kVariables:
                out_ += "VARIABLES";
                break;
            case ShowWhat::kTypes:
                out_ += "TYPES";
                break;
        }
    }
    void node(const Describe& node) {
        out_ += std::string("DESCRIBE ") + (node.is_function ? "FUNCTION " : "") +
                name_text(node.name.text) + (node.is_extended ? " EXTENDED" : "");
    }
    void node(const Explain& node) {
        out_ += "EXPLAIN ";
        if (node.query) {
            out_ += name_text(node.query->text);
        } else {
            statement(*node.statement);
        }
    }
    void node(const Print& node) {
        out_ += "PRINT " + name_text(node.topic.text);
        out_ += node.from_beginning ? " FROM BEGINNING" : "";
        if (node.interval) {
            out_ += " INTERVAL " + std::to_string(*node.interval);
        }
        if (node.limit) {
            out_ += " LIMIT " + std::to_string(*node.limit);
        }
    }
    void node(const SetProperty& node) {
        out_ += "SET " + string_text(node.name) + " = " + string_text(node.value);
    }
    void node(const UnsetProperty& node) { out_ += "UNSET " + string_text(node.name); }
    void node(const Terminate& node) {
        out_ += "TERMINATE " + (node.query ? name_text(node.query->text) : "ALL");
    }
    void node(const Pause& node) {
        out_ += "PAUSE " + (node.query ? name_text(node.query->text) : "ALL");
    }
    void node(const Resume& node) {
        out_ += "RESUME " + (node.query ? name_text(node.query->text) : "ALL");
    }
    void node(const AlterSource& node) {
        out_ += node.is_table ? "ALTER TABLE " : "ALTER STREAM ";
        out_ += name_text(node.name.text);
        for (std::size_t i = 0; i < node.added.size(); ++i) {
            out_ += (i == 0 ? " ADD COLUMN " : ", ADD COLUMN ") +
                    name_text(node.added[i].name.text) + " " + node.added[i].type.to_string();
        }
    }
    void node(const Define& node) {
        out_ += "DEFINE " + node.name + " = " + string_text(node.value);
    }
    void node(const Undefine& node) { out_ += "UNDEFINE " + node.name; }
    void node(const RunScript& node) { out_ += "RUN SCRIPT " + string_text(node.path); }
    void node(const CreateType& node) {
        out_ += "CREATE TYPE " + std::string(node.if_not_exists ? "IF NOT EXISTS " : "") +
                name_text(node.name.text) + " AS " + node.type.to_string();
    }
    void node(const DropType& node) {
        out_ += "DROP TYPE " + std::string(node.if_exists ? "IF EXISTS " : "") +
                name_text(node.name.text);
    }
    void node(const Assert& node) {
        out_ += "ASSERT ";
        std::visit([this](const auto& what) { this->node(what); }, node.what);
    }
    void node(const AssertValues& node) {
        out_ +=
            (node.is_tombstone ? "NULL VALUES " : "VALUES ") + name_text(node.source.text) + " ";
        values(node.columns, node.is_tombstone ? "KEY" : "VALUES", node.values);
    }
    void node(const AssertSource& node) {
        out_ += (node.is_table ? "TABLE " : "STREAM ") + name_text(node.name.text);
        columns(node.columns);
        with(node.with);
    }
    void node(const AssertTopic& node) {
        out_ += node.is_absent ? "NOT EXISTS TOPIC " : "TOPIC ";
        out_ += name_text(node.topic.text);
        with(node.with);
        timeout(node.timeout);
    }
    void node(const AssertSchema& node) {
        out_ += node.is_absent ? "NOT EXISTS SCHEMA" : "SCHEMA";
        out_ += node.subject ? " SUBJECT " + string_text(*node.subject) : "";
        out_ += node.id ? " ID " + std::to_string(*node.id) : "";
        timeout(node.timeout);
    }
    void timeout(const std::optional<Duration>& timeout) {
        if (timeout) {
            out_ += " TIMEOUT ";
            duration(*timeout);
        }
    }
    void node(const Unsupported& node) { out_ += node.text; }

    bool as_message_;
    std::string out_;
};

}  // namespace

std::string to_text(const Expr& expr) {
    Printer printer;
    printer.expr(expr);
    return printer.take();
}

std::string message_text(const Expr& expr) {
    Printer printer(true);
    printer.expr(expr);
    return printer.take();
}

std::string to_text(const Query& query) {
    Printer printer;
    printer.query(query);
    return printer.take();
}

std::string to_text(const Window& window) {
    Printer printer;
    printer.window(window);
    return printer.take();
}

std::string to_text(const Statement& statement) {
    Printer printer;
    printer.statement(statement);
    return printer.take();
}

}  // namespace millrace::dsl::sql
