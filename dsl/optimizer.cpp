#include "dsl/optimizer.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "dsl/binder.h"
#include "operators/join/foreign_key_join.h"

namespace millrace::dsl {

namespace {

using sql::ExprKind;
using sql::ExprPtr;
using Names = std::set<std::string>;

void collect_columns(const sql::Expr& expr, Names& names) {
    if (expr.kind == ExprKind::kColumn && !is_own_pseudo_column(expr)) {
        names.insert(internal_name(expr));
    }
    for (const ExprPtr& child : expr.children) {
        collect_columns(*child, names);
    }
}

bool reads_only(const sql::Expr& expr, const Schema& schema) {
    Names names;
    collect_columns(expr, names);
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return schema.find(name).has_value();
    });
}

void split_conjuncts(const ExprPtr& expr, std::vector<ExprPtr>& conjuncts) {
    if (expr->kind == ExprKind::kAnd) {
        split_conjuncts(expr->children[0], conjuncts);
        split_conjuncts(expr->children[1], conjuncts);
    } else {
        conjuncts.push_back(expr);
    }
}

ExprPtr join_conjuncts(const std::vector<ExprPtr>& conjuncts) {
    ExprPtr all = conjuncts.front();
    for (std::size_t i = 1; i < conjuncts.size(); ++i) {
        auto both = std::make_shared<sql::Expr>();
        both->kind = ExprKind::kAnd;
        both->at = all->at;
        both->children = {all, conjuncts[i]};
        both->height = std::max(all->height, conjuncts[i]->height) + 1;
        all = std::move(both);
    }
    return all;
}

PlanPtr filter_over(PlanPtr input, ExprPtr predicate) {
    auto node = std::make_unique<PlanNode>();
    node->kind = PlanKind::kFilter;
    node->output = input->output;
    node->key_format = input->key_format;
    node->is_table = input->is_table;
    node->predicate = std::move(predicate);
    node->inputs.push_back(std::move(input));
    return node;
}

/// Rows of its left side that will be filtered need not be joined. Not so in the other joins: there
/// a row that joins nothing moves time, or is a change of a table.
bool is_filtered_early(const PlanNode& node) {
    return node.kind == PlanKind::kJoin && node.shape == JoinShape::kStreamTable;
}

/// Puts the filter below re-keying steps, whose columns keep their names.
void sink_filter(PlanPtr& node, const ExprPtr& predicate) {
    const bool is_rekeying =
        node->kind == PlanKind::kRepartition || node->kind == PlanKind::kProject;
    if ((is_rekeying || is_filtered_early(*node)) &&
        reads_only(*predicate, node->inputs[0]->output)) {
        sink_filter(node->inputs[0], predicate);
        return;
    }
    node = filter_over(std::move(node), predicate);
}

/// A projection of just the needed columns over `node`, which carries more.
PlanPtr narrow(PlanPtr input, const Names& needed, bool keeps_null_values) {
    auto node = std::make_unique<PlanNode>();
    node->kind = PlanKind::kProject;
    node->key_format = input->key_format;
    node->is_table = input->is_table;
    node->keeps_null_values = keeps_null_values;
    node->output.window = input->output.window;
    const auto column = [](const Field& field) {
        auto expr = std::make_shared<sql::Expr>();
        expr->kind = ExprKind::kColumn;
        const std::size_t dot = field.name.find('.');
        expr->qualifier = dot == std::string::npos ? "" : field.name.substr(0, dot);
        expr->text = dot == std::string::npos ? field.name : field.name.substr(dot + 1);
        return expr;
    };
    for (const Field& field : input->output.key) {
        node->key.push_back(NamedExpr{field.name, column(field)});
        node->output.key.push_back(field);
    }
    for (const Field& field : input->output.value) {
        if (needed.count(field.name) != 0) {
            node->value.push_back(NamedExpr{field.name, column(field)});
            node->output.value.push_back(field);
        }
    }
    node->inputs.push_back(std::move(input));
    return node;
}

bool is_narrow(const PlanNode& node, const Names& needed) {
    if (node.kind == PlanKind::kSource || node.kind == PlanKind::kFilter) {
        return std::all_of(node.output.value.begin(),
                           node.output.value.end(),
                           [&](const Field& field) { return needed.count(field.name) != 0; });
    }
    return true;
}

class Pruner {
  public:
    void prune(PlanNode& node, Names needed) {
        switch (node.kind) {
            case PlanKind::kSource:
                source(node, needed);
                return;
            case PlanKind::kMaterialize:
                all_of(*node.inputs[0], needed);
                break;
            case PlanKind::kFilter:
                collect_columns(*node.predicate, needed);
                break;
            case PlanKind::kProject:
                needed = project(node, needed);
                break;
            case PlanKind::kFlatMap:
                for (const NamedExpr& item : node.value) {
                    collect_columns(*item.expr, needed);
                }
                break;
            case PlanKind::kRepartition:
                break;
            case PlanKind::kJoin:
                if (node.shape == JoinShape::kStreamTable) {
                    join(node, needed);
                } else {
                    join_columns(node, needed);
                }
                return;
            case PlanKind::kSubscribe: {
                PlanNode& left = *node.inputs[0];
                needed.insert(left.output.value.back().name);  // the foreign key
                prune(left, needed);
                node.output = *operators::subscription_schema(left.output);
                return;
            }
            case PlanKind::kRegroup:
                for (const Field& field : node.output.key) {
                    needed.insert(field.name);
                }
                break;
            case PlanKind::kAggregate:
                needed.clear();
                for (const AggregateItem& item : node.calls) {
                    needed.insert(item.args.begin(), item.args.end());
                }
                break;
        }
        prune(*node.inputs[0], needed);
        if (node.kind == PlanKind::kRegroup) {
            const std::vector<Field>& values = node.inputs[0]->output.value;
            node.output.value.assign(
                values.begin() + static_cast<std::ptrdiff_t>(node.output.key.size()), values.end());
            return;
        }
        if (node.kind != PlanKind::kProject && node.kind != PlanKind::kAggregate) {
            const std::vector<Field> made = made_by(node);
            node.output = node.inputs[0]->output;
            node.output.value.insert(node.output.value.end(), made.begin(), made.end());
        }
    }

  private:
    /// The columns that a flat map puts behind those of its input.
    static std::vector<Field> made_by(const PlanNode& node) {
        if (node.kind != PlanKind::kFlatMap) {
            return {};
        }
        const auto made = static_cast<std::ptrdiff_t>(node.value.size());
        return {node.output.value.end() - made, node.output.value.end()};
    }
    static void all_of(const PlanNode& node, Names& needed) {
        for (std::size_t i = 0; i < node.output.size(); ++i) {
            needed.insert(node.output.field(i).name);
        }
    }
    static void source(PlanNode& node, const Names& needed) {
        const Schema& schema = node.source.schema.schema;
        for (std::size_t i = 0; i < schema.size(); ++i) {
            node.wanted[i] = needed.count(node.output.field(i).name) != 0 ||
                             i < schema.key.size() ||
                             schema.field(i).name == node.source.timestamp_column;
        }
    }
    static Names project(PlanNode& node, const Names& wanted) {
        std::vector<NamedExpr> kept;
        std::vector<Field> fields;
        Names needed;
        for (std::size_t i = 0; i < node.value.size(); ++i) {
            if (wanted.count(node.value[i].name) != 0) {
                collect_columns(*node.value[i].expr, needed);
                kept.push_back(node.value[i]);
                fields.push_back(node.output.value[i]);
            }
        }
        for (const NamedExpr& item : node.key) {
            collect_columns(*item.expr, needed);
        }
        node.value = std::move(kept);
        node.output.value = std::move(fields);
        return needed;
    }
    /// A join whose operator picks the columns of its result.
    void join_columns(PlanNode& node, const Names& needed) {
        std::erase_if(node.output.value,
                      [&](const Field& field) { return needed.count(field.name) == 0; });
        for (PlanPtr& input : node.inputs) {
            prune(*input, needed);
        }
    }
    void join(PlanNode& node, const Names& needed) {
        for (PlanPtr& input : node.inputs) {
            const bool is_table = &input == &node.inputs.back();
            if (!is_narrow(*input, needed)) {
                input = narrow(std::move(input), needed, is_table);
            }
            prune(*input, needed);
        }
        const PlanNode& stream = *node.inputs[0];
        const PlanNode& table = *node.inputs[1];
        node.output.key = stream.output.key;
        node.output.value = stream.output.value;
        for (const auto* fields : {&table.output.key, &table.output.value}) {
            node.output.value.insert(node.output.value.end(), fields->begin(), fields->end());
        }
    }
};

}  // namespace

void push_filters(PlanPtr& root) {
    for (PlanPtr& input : root->inputs) {
        push_filters(input);
    }
    if (root->kind != PlanKind::kFilter || !is_filtered_early(*root->inputs[0])) {
        return;
    }
    std::vector<ExprPtr> conjuncts;
    split_conjuncts(root->predicate, conjuncts);
    std::vector<ExprPtr> staying;
    PlanPtr join = std::move(root->inputs[0]);
    for (const ExprPtr& conjunct : conjuncts) {
        if (reads_only(*conjunct, join->inputs[0]->output)) {
            sink_filter(join->inputs[0], conjunct);
        } else {
            staying.push_back(conjunct);
        }
    }
    root =
        staying.empty() ? std::move(join) : filter_over(std::move(join), join_conjuncts(staying));
}

void prune_columns(LogicalPlan& plan) {
    Names needed;
    for (std::size_t i = 0; i < plan.root->output.size(); ++i) {
        needed.insert(plan.root->output.field(i).name);
    }
    Pruner().prune(*plan.root, needed);
}

void optimize(LogicalPlan& plan) {
    push_filters(plan.root);
    prune_columns(plan);
}

}  // namespace millrace::dsl
