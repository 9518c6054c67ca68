#include "dsl/lowering.h"

#include <utility>

#include "dsl/binder.h"
#include "dsl/sql/printer.h"
#include "dsl/timestamp_column.h"
#include "operators/map.h"
#include "operators/regroup.h"
#include "operators/table.h"

namespace millrace::dsl {

namespace {

using runtime::Input;

SchemaPtr shared(const Schema& schema) {
    return std::make_shared<const Schema>(schema);
}

class Lowering {
  public:
    explicit Lowering(const sql::SourceText& source) : source_(source) {}

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
                MILLRACE_TRY(auto predicate,
                             bind(*node.predicate, node.inputs[0]->output, source_));
                return add(
                    operators::make_filter(
                        std::move(predicate), shared(node.output), node.key_format, node.is_table),
                    sql::to_text(*node.predicate),
                    std::move(inputs));
            }
            case PlanKind::kProject:
                return project(node, std::move(inputs));
            case PlanKind::kRepartition:
                return Input{inputs[0].from, runtime::EdgeKind::kShuffle};
            case PlanKind::kJoin:
                return join(node, std::move(inputs));
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
            MILLRACE_TRY(auto bound, bind(*item.expr, node.inputs[0]->output, source_));
            spec.key.push_back(std::move(bound));
            detail += (detail.empty() ? "key " : ", ") + sql::to_text(*item.expr);
        }
        detail += detail.empty() || node.value.empty() ? "" : "; ";
        for (const NamedExpr& item : node.value) {
            MILLRACE_TRY(auto bound, bind(*item.expr, node.inputs[0]->output, source_));
            spec.value.push_back(std::move(bound));
            detail += (&item == &node.value.front() ? "" : ", ") + sql::to_text(*item.expr);
        }
        return add(operators::make_project(std::move(spec)), std::move(detail), std::move(inputs));
    }
    /// The catalog name of the table below, for messages.
    static std::string table_name(const PlanNode& node) {
        return node.kind == PlanKind::kSource ? node.source.name : table_name(*node.inputs[0]);
    }
    Result<Input> join(const PlanNode& node, std::vector<Input> inputs) {
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

    const sql::SourceText& source_;
    runtime::Graph graph_;
    operators::Semantics semantics_ = operators::Semantics::kSafe;
    bool is_filtered_ = false;  // the node to lower next stands under a filter
};

}  // namespace

Result<runtime::Graph> lower(const LogicalPlan& plan,
                             const sql::SourceText& source,
                             Deliver deliver,
                             std::function<bool()> has_room) {
    return Lowering(source).run(plan, std::move(deliver), std::move(has_room));
}

}  // namespace millrace::dsl
