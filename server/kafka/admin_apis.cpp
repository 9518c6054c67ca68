// Rows of the version table: topics, configuration and the cluster.
#include <array>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> admin_apis() {
    using wire::ApiKey;
    // clang-format off
    static constexpr std::array kRows{
        Api{ApiKey::kCreateTopics, "CreateTopics", 2, 7, 2, Permission::kTopicCreate, handle_create_topics},
        Api{ApiKey::kDeleteTopics, "DeleteTopics", 1, 6, 1, Permission::kTopicDelete, handle_delete_topics},
        Api{ApiKey::kDeleteRecords, "DeleteRecords", 0, 2, 0, Permission::kTopicDelete, handle_delete_records},
        Api{ApiKey::kDescribeConfigs, "DescribeConfigs", 1, 4, 1, Permission::kTopicDescribe, handle_describe_configs},
        Api{ApiKey::kAlterConfigs, "AlterConfigs", 0, 2, 0, Permission::kTopicAlter, handle_alter_configs},
        Api{ApiKey::kDescribeLogDirs, "DescribeLogDirs", 1, 4, 1, Permission::kClusterDescribe, handle_describe_log_dirs},
        Api{ApiKey::kCreatePartitions, "CreatePartitions", 0, 3, 0, Permission::kTopicAlter, handle_create_partitions},
        Api{ApiKey::kElectLeaders, "ElectLeaders", 0, 2, 0, Permission::kClusterAlter, handle_elect_leaders},
        Api{ApiKey::kIncrementalAlterConfigs, "IncrementalAlterConfigs", 0, 1, 0, Permission::kTopicAlter, handle_incremental_alter_configs},
        Api{ApiKey::kDescribeCluster, "DescribeCluster", 0, 1, 0, Permission::kClusterDescribe, handle_describe_cluster},
        Api{ApiKey::kDescribeTopicPartitions, "DescribeTopicPartitions", 0, 0, 0, Permission::kTopicDescribe, handle_describe_topic_partitions},
    };
    // clang-format on
    return kRows;
}

}  // namespace millrace::server::kafka
