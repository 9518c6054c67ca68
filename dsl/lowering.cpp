#include "dsl/lowering.h"

#include <algorithm>
#include <utility>

#include "dsl/binder.h"
#include "dsl/sql/printer.h"
#include "dsl/timestamp_column.h"
#include "operators/flat_map.h"
#include "operators/join/foreign_key_join.h"
#include "operators/join/stream_stream_join.h"
#include "operators/join/stream_table_join.h"
#include "operators/join/table_table_join.h"
#include "operators/map.h"
#include "operators/regroup.h"
#include "operators/table.h"

namespace millrace::dsl {

namespace {

using runtime::Input;

SchemaPtr shared(const Schema& schema) {
    return std::make_shared<const Schema>(schema);
}

/// True when the expression reads more of a record than its key columns, which come first.
bool needs_value(const operators::Expr& expr, std::size_t key_columns) {
    using operators::ExprKind;
    if (expr.kind == ExprKind::kColumn) {
        return expr.column >= key_columns;
    }
    if (expr.kind == ExprKind::kRowTime || expr.kind == ExprKind::kRowPartition ||
        expr.kind == ExprKind::kRowOffset) {
        return true;
    }
    return std::any_of(expr.args.begin(), expr.args.end(), [key_columns](const auto& arg) {
        return needs_value(*arg, key_columns);
    });
}

class Lowering {
  public:
    Lowering(const sql::SourceText& source, const Env* env) : source_(source), env_(env) {}

    Result<runtime::Graph> run(const LogicalPlan& plan,
                               Deliver deliver,
                               std::function<bool()> has_room) {
        semantics_ = plan.semantics;
        MILLRACE_TRY(const Input rows, lower(*plan.root));
        if (plan.sink.name.empty()) {
            runtime::CallbackSinkSpec spec;
            spec.schema = shared(plan.root->output);
            spec.deliver = std::move(deliver);
            spec.has_room = std::move(has_room);
            graph_.add_callback_sink(std::move(spec), rows);
            return std::move(graph_);
        }
        runtime::SinkSpec spec;
        spec.topic = plan.sink.topic;
        spec.schema = shared(plan.sink.schema.schema);
        spec.key_format = plan.sink.schema.key;
        spec.value_format = plan.sink.schema.value;
        if (!plan.sink.timestamp_column.empty()) {
            MILLRACE_TRY(spec.timestamp_extractor,
                         make_timestamp_extractor(
                             *spec.schema, plan.sink.timestamp_column, plan.sink.timestamp_format));
        }
        graph_.add_sink(std::move(spec), rows);
        return std::move(graph_);
    }

  private:
    Result<Input> lower(const PlanNode& node) {
        const bool is_filtered = is_filtered_;
        std::vector<Input> inputs;
        for (const PlanPtr& input : node.inputs) {
            // HAVING: a row that stops passing becomes a tombstone, one that never passed nothing.
            is_filtered_ = node.kind == PlanKind::kFilter && input->kind == PlanKind::kAggregate;
            MILLRACE_TRY(const Input lowered, lower(*input));
            inputs.push_back(lowered);
        }
        switch (node.kind) {
            case PlanKind::kSource:
                return source(node);
            case PlanKind::kMaterialize: {
                operators::TableSpec spec;
                spec.schema = shared(node.output);
                spec.key_format = node.key_format;
                spec.name = node.inputs[0]->source.name;
                return add(operators::make_table(std::move(spec)), "", std::move(inputs));
            }
            case PlanKind::kFilter: {
                MILLRACE_TRY(auto predicate, bound(*node.predicate, node.inputs[0]->output));
                return add(
                    operators::make_filter(
                        std::move(predicate), shared(node.output), node.key_format, node.is_table),
                    sql::to_text(*node.predicate),
                    std::move(inputs));
            }
            case PlanKind::kProject:
                return project(node, std::move(inputs));
            case PlanKind::kFlatMap:
                return flat_map(node, std::move(inputs));
            case PlanKind::kRepartition:
                return Input{inputs[0].from, runtime::EdgeKind::kShuffle};
            case PlanKind::kJoin:
                return join(node, std::move(inputs));
            case PlanKind::kSubscribe: {
                operators::SubscribeSpec spec;
                spec.left = shared(node.inputs[0]->output);
                spec.kind = node.join;
                spec.left_key_format = node.left_key_format;
                spec.right_key_format = node.key_format;
                return add(operators::make_subscribe(std::move(spec)), "", std::move(inputs));
            }
            case PlanKind::kRegroup: {
                operators::RegroupSpec spec;
                spec.input = shared(node.inputs[0]->output);
                spec.output = shared(node.output);
                spec.key_format = node.key_format;
                return add(operators::make_regroup(std::move(spec)), "", std::move(inputs));
            }
            case PlanKind::kAggregate:
                return aggregate(node, is_filtered, std::move(inputs));
        }
        return Error{ErrorCode::kNotSupported, "unknown plan node"};
    }
    Result<Input> add(Result<runtime::OperatorSpec> spec,
                      std::string detail,
                      std::vector<Input> inputs) {
        if (!spec.ok()) {
            return std::move(spec).error();
        }
        runtime::OperatorSpec made = std::move(spec).value();
        if (!detail.empty()) {
            made.detail = std::move(detail);
        }
        return Input{graph_.add_operator(std::move(made), std::move(inputs)),
                     runtime::EdgeKind::kForward};
    }

    Result<Input> source(const PlanNode& node) {
        runtime::SourceSpec spec;
        spec.topic = node.source.topic;
        // The declared names: records are decoded by them. Behind it columns go by position.
        spec.schema = shared(node.source.schema.schema);
        spec.key_format = node.source.schema.key;
        spec.value_format = node.source.schema.value;
        spec.wanted = node.wanted;
        spec.is_table = node.is_table;
        if (!node.source.timestamp_column.empty()) {
            MILLRACE_TRY(spec.timestamp_extractor,
                         make_timestamp_extractor(node.source.schema.schema,
                                                  node.source.timestamp_column,
                                                  node.source.timestamp_format));
        }
        return Input{graph_.add_source(std::move(spec)), runtime::EdgeKind::kForward};
    }
    Result<Input> project(const PlanNode& node, std::vector<Input> inputs) {
        operators::ProjectSpec spec;
        spec.output = shared(node.output);
        spec.key_format = node.key_format;
        spec.keeps_null_values = node.keeps_null_values;
        spec.drops_null_keys = node.drops_null_keys;
        spec.is_table = node.is_table;
        std::string detail;
        for (const NamedExpr& item : node.key) {
            MILLRACE_TRY(auto made, bound(*item.expr, node.inputs[0]->output));
            spec.null_without_value.push_back(
                needs_value(*made, node.inputs[0]->output.key.size()));
            spec.key.push_back(std::move(made));
            detail += (detail.empty() ? "key " : ", ") + sql::to_text(*item.expr);
        }
        detail += detail.empty() || node.value.empty() ? "" : "; ";
        for (const NamedExpr& item : node.value) {
            MILLRACE_TRY(auto made, bound(*item.expr, node.inputs[0]->output));
            spec.value.push_back(std::move(made));
            detail += (&item == &node.value.front() ? "" : ", ") + sql::to_text(*item.expr);
        }
        return add(operators::make_project(std::move(spec)), std::move(detail), std::move(inputs));
    }
    Result<Input> flat_map(const PlanNode& node, std::vector<Input> inputs) {
        operators::FlatMapSpec spec;
        spec.input = shared(node.inputs[0]->output);
        spec.output = shared(node.output);
        spec.key_format = node.key_format;
        std::string detail;
        for (const NamedExpr& item : node.value) {
            MILLRACE_TRY(auto list, bind_table_function(*item.expr, *spec.input, source_));
            spec.lists.push_back(env_ == nullptr ? std::move(list)
                                                 : operators::with_env(list, *env_));
            detail += (detail.empty() ? "" : ", ") + sql::to_text(*item.expr);
        }
        return add(operators::make_flat_map(std::move(spec)), std::move(detail), std::move(inputs));
    }
    /// The catalog name of the table below, for messages.
    static std::string table_name(const PlanNode& node) {
        return node.kind == PlanKind::kSource ? node.source.name : table_name(*node.inputs[0]);
    }
    /// Where the columns of a join's result come from; names are unique.
    static std::vector<operators::JoinColumn> join_columns(const PlanNode& node) {
        std::vector<operators::JoinColumn> columns;
        for (const Field& field : node.output.value) {
            operators::JoinColumn& column = columns.emplace_back();
            auto index = node.inputs[0]->output.find(field.name);
            if (!index) {
                index = node.inputs[1]->output.find(field.name);
                column.port = 1;
            }
            CHECK(index.has_value());
            column.column = static_cast<std::uint32_t>(*index);
        }
        return columns;
    }
    Result<Input> join(const PlanNode& node, std::vector<Input> inputs) {
        const std::string on =
            node.inputs[0]->output.key[0].name + " = " + node.inputs[1]->output.key[0].name;
        switch (node.shape) {
            case JoinShape::kStreamTable:
                return stream_table_join(node, std::move(inputs));
            case JoinShape::kStreamStream: {
                operators::StreamStreamJoinSpec spec;
                spec.left = shared(node.inputs[0]->output);
                spec.right = shared(node.inputs[1]->output);
                spec.kind = node.join;
                spec.before_ms = node.within->before.ms;
                spec.after_ms =
                    node.within->after ? node.within->after->ms : node.within->before.ms;
                if (node.within->grace) {
                    spec.grace_ms = node.within->grace->ms;
                }
                spec.output = shared(node.output);
                spec.columns = join_columns(node);
                spec.key_format = node.key_format;
                return add(
                    operators::make_stream_stream_join(std::move(spec)), on, std::move(inputs));
            }
            case JoinShape::kTableTable: {
                operators::TableTableJoinSpec spec;
                spec.left = shared(node.inputs[0]->output);
                spec.right = shared(node.inputs[1]->output);
                spec.kind = node.join;
                spec.output = shared(node.output);
                spec.columns = join_columns(node);
                spec.key_format = node.key_format;
                return add(
                    operators::make_table_table_join(std::move(spec)), on, std::move(inputs));
            }
            case JoinShape::kForeignKey:
                break;
        }
        operators::ForeignKeyJoinSpec spec;
        spec.left = shared(node.inputs[0]->output);
        spec.right = shared(node.inputs[1]->output);
        spec.left_keys = node.output.key.size();
        spec.kind = node.join;
        spec.output = shared(node.output);
        spec.columns = join_columns(node);
        for (operators::JoinColumn& column : spec.columns) {
            // The foreign key, the key of a subscription, is no column of the left table.
            column.column -= column.port == 0 ? 1 : 0;
        }
        spec.left_key_format = node.key_format;
        spec.right_key_format = node.inputs[1]->key_format;
        return add(operators::make_foreign_key_join(std::move(spec)), on, std::move(inputs));
    }
    Result<Input> stream_table_join(const PlanNode& node, std::vector<Input> inputs) {
        operators::StreamTableJoinSpec spec;
        spec.stream = shared(node.inputs[0]->output);
        spec.table = shared(node.inputs[1]->output);
        spec.kind = node.join;
        spec.output = shared(node.output);
        spec.key_format = node.key_format;
        spec.table_name = table_name(*node.inputs[1]);
        return add(operators::make_stream_table_join(std::move(spec)),
                   node.output.key[0].name + " = " + node.inputs[1]->output.key[0].name,
                   std::move(inputs));
    }
    Result<Input> aggregate(const PlanNode& node, bool is_filtered, std::vector<Input> inputs) {
        const Schema& input = node.inputs[0]->output;
        operators::AggregateSpec spec;
        spec.input = shared(input);
        spec.output = shared(node.output);
        spec.window = node.window;
        spec.key_format = node.key_format;
        spec.semantics = semantics_;
        spec.emits_old_values = is_filtered;
        spec.is_table = node.inputs[0]->is_table;
        spec.emits_final = node.is_final;
        for (const AggregateItem& item : node.calls) {
            std::vector<DataType> types;
            std::vector<std::size_t> columns;
            for (const std::string& arg : item.args) {
                const auto index = input.find(arg);
                CHECK(index.has_value());
                columns.push_back(*index);
                types.push_back(input.field(*index).type);
            }
            MILLRACE_TRY(
                operators::AggregateCall call,
                operators::bind_aggregate(item.function, types, std::move(columns), item.options));
            spec.calls.push_back(std::move(call));
        }
        return add(operators::make_aggregate(std::move(spec)), "", std::move(inputs));
    }

    /// The expression, with what its functions draw from.
    Result<operators::ExprPtr> bound(const sql::Expr& expr, const Schema& schema) const {
        MILLRACE_TRY(operators::ExprPtr made, bind(expr, schema, source_));
        return env_ == nullptr ? made : operators::with_env(made, *env_);
    }

    const sql::SourceText& source_;
    const Env* env_;
    runtime::Graph graph_;
    operators::Semantics semantics_ = operators::Semantics::kSafe;
    bool is_filtered_ = false;  // the node to lower next stands under a filter
};

}  // namespace

Result<runtime::Graph> lower(const LogicalPlan& plan,
                             const sql::SourceText& source,
                             Deliver deliver,
                             std::function<bool()> has_room,
                             const Env* env) {
    return Lowering(source, env).run(plan, std::move(deliver), std::move(has_room));
}

}  // namespace millrace::dsl
