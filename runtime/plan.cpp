#include "runtime/plan.h"

#include <algorithm>

namespace millrace::runtime {

namespace {

Status resolve_topics(JobPlan& plan, LogClient& log) {
    plan.is_transient = true;
    for (std::size_t id = 0; id < plan.graph.nodes().size(); ++id) {
        const Graph::Node& node = plan.node(id);
        if (node.source) {
            MILLRACE_TRY(TopicInfo info, log.describe_topic(node.source->topic));
            plan.topics.emplace(id, std::move(info));
        } else if (node.sink) {
            MILLRACE_TRY(TopicInfo info, log.describe_topic(node.sink->topic));
            plan.topics.emplace(id, std::move(info));
            plan.is_transient = false;
        }
    }
    return Ok{};
}

/// Partition count of a sub-topology: that of its source topics; without any, `otherwise`.
Result<std::int32_t> count_partitions(const JobPlan& plan,
                                      const std::vector<std::size_t>& nodes,
                                      std::int32_t otherwise) {
    const TopicInfo* first = nullptr;
    for (const std::size_t id : nodes) {
        if (!plan.node(id).source) {
            continue;
        }
        const TopicInfo& topic = plan.topics.at(id);
        if (first != nullptr && topic.partitions != first->partitions) {
            return Error{ErrorCode::kInvalidArgument,
                         "topics that are joined must be co-partitioned: " + first->name + " has " +
                             std::to_string(first->partitions) + " partitions, " + topic.name +
                             " has " + std::to_string(topic.partitions)};
        }
        first = &topic;
    }
    return first != nullptr ? first->partitions : otherwise;
}

/// A shuffle behind a source needs the source's key.
Status check_shuffled_sources(const Graph& graph) {
    for (const Graph::Node& node : graph.nodes()) {
        for (const Input& input : node.inputs) {
            const auto& source = graph.nodes()[static_cast<std::size_t>(input.from.value)].source;
            if (input.edge == EdgeKind::kShuffle && source) {
                for (std::size_t i = 0; i < source->schema->key.size(); ++i) {
                    if (!source->wanted[i]) {
                        return Error{ErrorCode::kInvalidArgument,
                                     "a shuffle behind a source needs its key column: " +
                                         source->schema->key[i].name};
                    }
                }
            }
        }
    }
    return Ok{};
}

Result<TopicInfo> ensure_changelog(const std::string& name,
                                   std::int32_t partitions,
                                   const TopicConfig& config,
                                   LogClient& log) {
    Result<TopicInfo> found = log.describe_topic(name);
    if (!found.ok() && found.error().code == ErrorCode::kUnknownTopic) {
        TopicConfig compacted = config;
        compacted.try_emplace("cleanup.policy", "compact");
        found = log.create_topic({.name = name, .partitions = partitions, .config = compacted});
    }
    if (found.ok() && found.value().partitions != partitions) {
        return Error{ErrorCode::kInvalidArgument,
                     "state was written for " + std::to_string(found.value().partitions) +
                         " partitions, the query now has " + std::to_string(partitions) +
                         "; drop and create it again: " + name};
    }
    return found;
}

}  // namespace

std::string changelog_topic(const std::string& query_id, std::size_t sub_topology) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string name = "_millrace_changelog_";
    for (const char c : query_id) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (is_plain) {
            name += c;
        } else {
            name += {'.', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return name + "_" + std::to_string(sub_topology);
}

Result<JobPlan> make_plan(Graph graph, const JobOptions& options, LogClient& log) {
    MILLRACE_TRY_STATUS(graph.validate());
    MILLRACE_TRY_STATUS(check_shuffled_sources(graph));
    JobPlan plan;
    plan.graph = std::move(graph);
    MILLRACE_TRY_STATUS(resolve_topics(plan, log));
    std::int32_t largest = 1;
    for (std::size_t id = 0; id < plan.graph.nodes().size(); ++id) {
        if (plan.node(id).source) {
            largest = std::max(largest, plan.topics.at(id).partitions);
        }
    }
    plan.sub_topology_of.resize(plan.graph.nodes().size());
    for (const std::vector<NodeId>& ids : plan.graph.sub_topologies()) {
        const std::size_t position = plan.sub_topologies.size();
        PlannedSubTopology made;
        bool is_stateful = false;
        for (const NodeId id : ids) {
            const auto node = static_cast<std::size_t>(id.value);
            made.nodes.push_back(node);
            plan.sub_topology_of[node] = position;
            const auto& op = plan.node(node).op;
            is_stateful = is_stateful || (op && (op->is_stateful || op->uses_timers));
        }
        MILLRACE_TRY(made.partitions, count_partitions(plan, made.nodes, largest));
        if (is_stateful && !plan.is_transient) {
            MILLRACE_TRY(made.changelog,
                         ensure_changelog(changelog_topic(options.query_id, position),
                                          made.partitions,
                                          options.internal_topic_config,
                                          log));
        }
        plan.sub_topologies.push_back(std::move(made));
    }
    return plan;
}

}  // namespace millrace::runtime
