#include "runtime/graph.h"

#include <map>
#include <numeric>

namespace millrace::runtime {

namespace {

std::size_t root_of(std::vector<std::size_t>& parents, std::size_t node) {
    while (parents[node] != node) {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    return node;
}

std::string node_name(const Graph::Node& node) {
    if (node.source) {
        return std::string(node.source->is_table ? "table" : "stream") + " topic " +
               node.source->topic;
    }
    if (node.op) {
        return node.op->detail.empty() ? node.op->name : node.op->name + " " + node.op->detail;
    }
    return node.sink ? "sink topic " + node.sink->topic : "sink client";
}

Error invalid(std::size_t node, const std::string& what) {
    return Error{ErrorCode::kInvalidArgument, "node " + std::to_string(node) + " " + what};
}

Status check_node(std::size_t id, const Graph::Node& node) {
    if (node.source) {
        if (!node.source->schema) {
            return invalid(id, "is a source without schema: " + node.source->topic);
        }
        if (node.source->wanted.size() != node.source->schema->size()) {
            return invalid(
                id, "is a source whose `wanted` does not fit its schema: " + node.source->topic);
        }
        return Ok{};
    }
    if (node.inputs.empty()) {
        return invalid(id, "has no input: " + node_name(node));
    }
    if (node.op && (!node.op->factory || !node.op->output)) {
        return invalid(id, "is an operator without factory or output schema: " + node.op->name);
    }
    if (node.sink && !node.sink->schema) {
        return invalid(id, "is a sink without schema: " + node.sink->topic);
    }
    if (node.callback && (!node.callback->schema || !node.callback->deliver)) {
        return invalid(id, "is a client sink without schema or function");
    }
    return Ok{};
}

}  // namespace

NodeId Graph::add(Node node) {
    nodes_.push_back(std::move(node));
    return NodeId{static_cast<std::int32_t>(nodes_.size() - 1)};
}

NodeId Graph::add_source(SourceSpec spec) {
    Node node;
    node.source = std::move(spec);
    return add(std::move(node));
}

NodeId Graph::add_operator(OperatorSpec spec, std::vector<Input> inputs) {
    Node node;
    node.op = std::move(spec);
    node.inputs = std::move(inputs);
    return add(std::move(node));
}

NodeId Graph::add_sink(SinkSpec spec, Input input) {
    Node node;
    node.sink = std::move(spec);
    node.inputs = {input};
    return add(std::move(node));
}

NodeId Graph::add_callback_sink(CallbackSinkSpec spec, Input input) {
    Node node;
    node.callback = std::move(spec);
    node.inputs = {input};
    return add(std::move(node));
}

std::vector<std::vector<NodeId>> Graph::sub_topologies() const {
    std::vector<std::size_t> parents(nodes_.size());
    std::iota(parents.begin(), parents.end(), std::size_t{0});
    for (std::size_t id = 0; id < nodes_.size(); ++id) {
        for (const Input& input : nodes_[id].inputs) {
            if (input.edge == EdgeKind::kForward) {
                const std::size_t a = root_of(parents, id);
                const std::size_t b = root_of(parents, static_cast<std::size_t>(input.from.value));
                parents[std::max(a, b)] = std::min(a, b);
            }
        }
    }
    std::map<std::size_t, std::vector<NodeId>> by_root;  // a root is its set's first node
    for (std::size_t id = 0; id < nodes_.size(); ++id) {
        by_root[root_of(parents, id)].push_back(NodeId{static_cast<std::int32_t>(id)});
    }
    std::vector<std::vector<NodeId>> cut;
    for (auto& [root, ids] : by_root) {
        cut.push_back(std::move(ids));
    }
    return cut;
}

Status Graph::validate() const {
    std::vector<bool> is_consumed(nodes_.size());
    for (std::size_t id = 0; id < nodes_.size(); ++id) {
        MILLRACE_TRY_STATUS(check_node(id, nodes_[id]));
        for (const Input& input : nodes_[id].inputs) {
            const auto from = static_cast<std::size_t>(input.from.value);
            if (input.from.value < 0 || from >= id) {
                return invalid(
                    id, "has an input that is not there: node " + std::to_string(input.from.value));
            }
            if (nodes_[from].sink || nodes_[from].callback) {
                return invalid(id, "reads from a sink: node " + std::to_string(from));
            }
            is_consumed[from] = true;
        }
    }
    for (std::size_t id = 0; id < nodes_.size(); ++id) {
        if (!is_consumed[id] && !nodes_[id].sink && !nodes_[id].callback) {
            return invalid(id, "has no consumer: " + node_name(nodes_[id]));
        }
    }
    return nodes_.empty() ? Status(Error{ErrorCode::kInvalidArgument, "the graph has no node"})
                          : Status(Ok{});
}

std::string Graph::describe() const {
    std::string text;
    const auto cut = sub_topologies();
    for (std::size_t s = 0; s < cut.size(); ++s) {
        text += "Sub-topology " + std::to_string(s) + "\n";
        for (const NodeId id : cut[s]) {
            const Node& node = nodes_[static_cast<std::size_t>(id.value)];
            text += "  " + std::to_string(id.value) + ": " + node_name(node);
            for (std::size_t i = 0; i < node.inputs.size(); ++i) {
                text += i == 0 ? " <- " : ", ";
                text += std::to_string(node.inputs[i].from.value);
                text += node.inputs[i].edge == EdgeKind::kShuffle ? " (shuffle)" : "";
            }
            text += "\n";
        }
    }
    return text;
}

}  // namespace millrace::runtime
