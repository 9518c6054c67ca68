// JobPlan: what a graph comes to on the topics of a log: sub-topologies with partition counts and
// changelogs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/client/log_client.h"
#include "runtime/graph.h"
#include "runtime/job.h"

namespace millrace::runtime {

struct PlannedSubTopology {
    std::vector<std::size_t> nodes;  // ascending: inputs before their consumers
    std::int32_t partitions = 1;     // as many tasks
    std::optional<TopicInfo> changelog;
};

struct JobPlan {
    Graph graph;
    std::vector<PlannedSubTopology> sub_topologies;
    std::vector<std::size_t> sub_topology_of;  // by node
    std::map<std::size_t, TopicInfo> topics;   // by source or sink node
    /// No sink topic: a push query. It commits nothing and keeps no changelog.
    bool is_transient = false;

    [[nodiscard]] const Graph::Node& node(std::size_t id) const { return graph.nodes()[id]; }
};

/// Resolves topics, counts partitions, makes missing changelog topics. kUnknownTopic;
/// kInvalidArgument for graphs that cannot run: topics joined by forward edges that are not
/// co-partitioned, a changelog with another partition count.
[[nodiscard]] Result<JobPlan> make_plan(Graph graph, const JobOptions& options, LogClient& log);

/// "_millrace_changelog_<query>_<sub-topology>"; characters that no topic name takes become ".xx".
[[nodiscard]] std::string changelog_topic(const std::string& query_id, std::size_t sub_topology);

}  // namespace millrace::runtime
