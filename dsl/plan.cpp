#include "dsl/plan.h"

#include "core/row/schema_config.h"
#include "dsl/binder.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/printer.h"

namespace millrace::dsl {

namespace {

std::string format_text(const FormatSpec& format) {
    std::string text(name_of(format.format));
    if (format.format == Format::kDelimited && format.delimiter != ',') {
        text += "('" + std::string(1, format.delimiter) + "')";
    }
    if (format.format == Format::kJson && !format.wrap_single) {
        text += "(unwrapped)";
    }
    return text;
}

std::string list_text(const std::vector<NamedExpr>& items) {
    std::string text;
    for (const NamedExpr& item : items) {
        const std::string expr = sql::to_text(*item.expr);
        text += text.empty() ? "" : ", ";
        text += expr;
        if (expr != sql::name_text(item.name) && expr != item.name) {
            text += " AS " + sql::name_text(item.name);
        }
    }
    return text;
}

std::string window_text(const operators::WindowSpec& window) {
    std::string text =
        std::string(name_of(window.kind)) + " size " + std::to_string(window.size_ms) + " ms";
    if (window.kind == WindowKind::kHopping) {
        text += ", advance " + std::to_string(window.advance_ms) + " ms";
    }
    text += ", grace " + std::to_string(window.effective_grace_ms()) + " ms";
    if (window.retention_ms) {
        text += ", retention " + std::to_string(*window.retention_ms) + " ms";
    }
    return text;
}

std::string join_text(const PlanNode& node) {
    std::string text = "Join (";
    switch (node.join) {
        case operators::JoinKind::kInner:
            text += "inner, ";
            break;
        case operators::JoinKind::kLeft:
            text += "left, ";
            break;
        case operators::JoinKind::kRight:
            text += "right, ";
            break;
        case operators::JoinKind::kFull:
            text += "full, ";
            break;
    }
    switch (node.shape) {
        case JoinShape::kStreamTable:
            return text + "stream with table)";
        case JoinShape::kTableTable:
            return text + "table with table)";
        case JoinShape::kForeignKey:
            return text + "table with table by foreign key)";
        case JoinShape::kStreamStream:
            break;
    }
    const sql::Duration& after = node.within->after ? *node.within->after : node.within->before;
    return text + "stream with stream, within " + std::to_string(node.within->before.ms) +
           " ms before, " + std::to_string(after.ms) + " ms after" +
           (node.within->grace ? ", grace " + std::to_string(node.within->grace->ms) + " ms" : "") +
           ")";
}

std::string names_text(const std::vector<Field>& fields) {
    std::string text;
    for (const Field& field : fields) {
        text += (text.empty() ? "" : ", ") + field.name;
    }
    return text;
}

/// What a property bounds, so that another bound is another query.
std::string limit_text(const AggregateItem& item) {
    std::int64_t limit = operators::AggregateParams::kNoLimit;
    if (item.function == "COLLECT_LIST") {
        limit = item.options.collect_list_limit;
    } else if (item.function == "COLLECT_SET") {
        limit = item.options.collect_set_limit;
    }
    return limit == operators::AggregateParams::kNoLimit
               ? ""
               : " (at most " + std::to_string(limit) + ")";
}

class Describer {
  public:
    explicit Describer(bool is_full) : is_full_(is_full) {}

    std::string run(const LogicalPlan& plan) {
        sink(plan);
        node(*plan.root, 1);
        return std::move(text_);
    }

  private:
    void line(int depth, const std::string& content) {
        text_ += std::string(static_cast<std::size_t>(depth) * 2, ' ') + content + "\n";
    }
    void sink(const LogicalPlan& plan) {
        const PlanSink& sink = plan.sink;
        if (sink.name.empty()) {
            line(0, "Output [" + schema_text(sink.schema.schema, sink.schema.is_table) + "]");
            return;
        }
        line(0,
             "Sink " + std::string(sink.schema.is_table ? "table " : "stream ") +
                 sql::name_text(sink.name) + " -> topic " + sink.topic + ", key " +
                 format_text(sink.schema.key) + ", value " + format_text(sink.schema.value) +
                 (sink.timestamp_column.empty()
                      ? ""
                      : ", time " + sql::name_text(sink.timestamp_column) +
                            (sink.timestamp_format.empty()
                                 ? ""
                                 : " " + sql::string_text(sink.timestamp_format))) +
                 " [" + schema_text(sink.schema.schema, sink.schema.is_table) + "]");
        if (is_full_ && plan.semantics == operators::Semantics::kKsql) {
            line(0, "Semantics ksql");
        }
    }
    void node(const PlanNode& node, int depth) {
        switch (node.kind) {
            case PlanKind::kSource:
                source(node, depth);
                break;
            case PlanKind::kMaterialize:
                line(depth, "Table");
                break;
            case PlanKind::kFilter:
                line(depth, "Filter " + sql::to_text(*node.predicate));
                break;
            case PlanKind::kProject:
                line(depth,
                     "Project " + (node.key.empty() ? "" : "key " + list_text(node.key) + "; ") +
                         list_text(node.value));
                break;
            case PlanKind::kFlatMap:
                line(depth, "Flat map " + list_text(node.value));
                break;
            case PlanKind::kRepartition:
                line(depth, "Repartition by key, " + format_text(node.key_format));
                break;
            case PlanKind::kJoin:
                line(depth, join_text(node));
                break;
            case PlanKind::kSubscribe:
                line(depth, "Subscribe by foreign key " + node.output.key[0].type.to_string());
                break;
            case PlanKind::kRegroup:
                line(depth, "Regroup by " + names_text(node.output.key));
                break;
            case PlanKind::kAggregate:
                aggregate(node, depth);
                break;
        }
        for (const PlanPtr& input : node.inputs) {
            this->node(*input, depth + 1);
        }
    }
    void source(const PlanNode& node, int depth) {
        const SourceInfo& info = node.source;
        std::string text =
            "Source " + std::string(info.kind()) + " " + sql::name_text(info.name) +
            (node.alias.empty() || node.alias == info.name ? ""
                                                           : " AS " + sql::name_text(node.alias)) +
            " <- topic " + info.topic + ", key " + format_text(info.schema.key) + ", value " +
            format_text(info.schema.value);
        if (!info.timestamp_column.empty()) {
            text += ", time " + sql::name_text(info.timestamp_column) +
                    (info.timestamp_format.empty() ? ""
                                                   : " " + sql::string_text(info.timestamp_format));
        }
        std::string wanted;
        for (std::size_t i = 0; i < node.wanted.size(); ++i) {
            if (node.wanted[i]) {
                wanted +=
                    (wanted.empty() ? "" : ", ") + sql::name_text(info.schema.schema.field(i).name);
            }
        }
        text += ", columns " + (wanted.empty() ? "none" : wanted);
        if (is_full_) {
            text += " [" + schema_text(info.schema.schema, info.schema.is_table) + "]";
        }
        line(depth, text);
    }
    void aggregate(const PlanNode& node, int depth) {
        std::string text = "Aggregate by " + names_text(node.output.key) + ":";
        for (const AggregateItem& item : node.calls) {
            text += (&item == &node.calls.front() ? " " : ", ") + item.function + "(";
            for (std::size_t i = 0; i < item.args.size(); ++i) {
                text += (i == 0 ? "" : ", ") + item.args[i];
            }
            for (const Value& value : item.options.constants) {
                const bool is_flag = std::holds_alternative<bool>(value.data);
                text += ", " + to_text(value,
                                       is_flag ? DataType(TypeKind::kBoolean)
                                               : DataType(TypeKind::kBigint));
            }
            text += item.call->is_star ? "*) AS " : ") AS ";
            text += item.name;
            text += limit_text(item);
        }
        if (node.window) {
            text += "; window " + window_text(*node.window);
        }
        text += node.is_final ? "; final results" : "";
        line(depth, text);
    }

    bool is_full_;
    std::string text_;
};

}  // namespace

bool is_own_pseudo_column(const sql::Expr& column) {
    return column.qualifier.empty() && is_pseudo_column(column.text);
}

std::string describe(const LogicalPlan& plan) {
    return Describer(false).run(plan);
}

std::string normalized(const LogicalPlan& plan) {
    return Describer(true).run(plan);
}

std::uint64_t plan_hash(std::string_view normalized_plan) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : normalized_plan) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

std::string role_text(const Schema& schema, std::size_t i, bool is_table) {
    if (i < schema.key.size()) {
        return is_table ? "PRIMARY KEY" : "KEY";
    }
    const HeaderColumn* header = schema.header(i);
    if (header == nullptr) {
        return "";
    }
    return header->key ? "HEADER(" + sql::string_text(*header->key) + ")" : "HEADERS";
}

std::string schema_text(const Schema& schema, bool is_table) {
    std::string text;
    for (const std::size_t i : schema.shown_order()) {
        const std::string role = role_text(schema, i, is_table);
        text += (text.empty() ? "" : ", ") + sql::name_text(schema.field(i).name) + " " +
                schema.field(i).type.to_string() + (role.empty() ? "" : " " + role);
    }
    if (schema.window.kind != WindowKind::kNone) {
        text += " WINDOWED " + std::string(name_of(schema.window.kind));
        if (schema.window.kind != WindowKind::kSession) {
            text += " " + std::to_string(schema.window.size_ms) + " ms";
        }
    }
    return text;
}

}  // namespace millrace::dsl
