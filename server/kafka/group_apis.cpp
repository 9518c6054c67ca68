// Rows of the version table: consumer groups and their offsets.
#include <array>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> group_apis() {
    using wire::ApiKey;
    static constexpr std::array kRows{
        Api{ApiKey::kOffsetCommit,
            "OffsetCommit",
            2,
            9,
            2,
            Permission::kGroupRead,
            handle_offset_commit},
        Api{ApiKey::kOffsetFetch,
            "OffsetFetch",
            1,
            9,
            1,
            Permission::kGroupDescribe,
            handle_offset_fetch},
        Api{ApiKey::kFindCoordinator,
            "FindCoordinator",
            0,
            4,
            0,
            Permission::kGroupDescribe,
            handle_find_coordinator},
        Api{ApiKey::kJoinGroup, "JoinGroup", 0, 9, 0, Permission::kGroupRead, handle_join_group},
        Api{ApiKey::kHeartbeat, "Heartbeat", 0, 4, 0, Permission::kGroupRead, handle_heartbeat},
        Api{ApiKey::kLeaveGroup, "LeaveGroup", 0, 5, 0, Permission::kGroupRead, handle_leave_group},
        Api{ApiKey::kSyncGroup, "SyncGroup", 0, 5, 0, Permission::kGroupRead, handle_sync_group},
        Api{ApiKey::kDescribeGroups,
            "DescribeGroups",
            0,
            5,
            0,
            Permission::kGroupDescribe,
            handle_describe_groups},
        Api{ApiKey::kListGroups,
            "ListGroups",
            0,
            4,
            0,
            Permission::kClusterDescribe,
            handle_list_groups},
        Api{ApiKey::kDeleteGroups,
            "DeleteGroups",
            0,
            2,
            0,
            Permission::kGroupDelete,
            handle_delete_groups},
        Api{ApiKey::kOffsetDelete,
            "OffsetDelete",
            0,
            0,
            0,
            Permission::kGroupDelete,
            handle_offset_delete},
    };
    return kRows;
}

}  // namespace millrace::server::kafka
