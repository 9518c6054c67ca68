// FindCoordinator and the APIs of classic consumer groups.
// Fields, their order and their versions: the protocol guide at kafka.apache.org/protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/record/kafka_error.h"
#include "core/wire/api_key.h"

namespace millrace::wire {

/// Versions 0 to 4; flexible from 3.
struct FindCoordinatorRequest {
    static constexpr ApiKey kApi = ApiKey::kFindCoordinator;
    static constexpr VersionRange kVersions{0, 4};

    std::string key;
    std::int8_t key_type = 0;
    std::vector<std::string> coordinator_keys;

    template <class V>
    void visit(V& v) {
        if (v.until(3)) {
            v.field(key);
        }
        if (v.since(1)) {
            v.field(key_type);
        }
        if (v.since(4)) {
            v.array(coordinator_keys);
        }
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 3.
struct FindCoordinatorResponse {
    static constexpr ApiKey kApi = ApiKey::kFindCoordinator;
    static constexpr VersionRange kVersions{0, 4};

    struct Coordinator {
        std::string key;
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        KafkaError error = KafkaError::kNone;
        std::optional<std::string> error_message;

        template <class V>
        void visit(V& v) {
            v.field(key);
            v.field(node_id);
            v.field(host);
            v.field(port);
            v.field(error);
            v.field(error_message);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::optional<std::string> error_message;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::vector<Coordinator> coordinators;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        if (v.until(3)) {
            v.field(error);
        }
        if (v.since(1) && v.until(3)) {
            v.field(error_message);
        }
        if (v.until(3)) {
            v.field(node_id);
            v.field(host);
            v.field(port);
        }
        if (v.since(4)) {
            v.array(coordinators);
        }
        v.tags();
    }
};

/// Versions 0 to 9; flexible from 6.
struct JoinGroupRequest {
    static constexpr ApiKey kApi = ApiKey::kJoinGroup;
    static constexpr VersionRange kVersions{0, 9};

    struct Protocol {
        std::string name;
        Buffer metadata;

        template <class V>
        void visit(V& v) {
            v.field(name);
            v.field(metadata);
            v.tags();
        }
    };

    std::string group_id;
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string protocol_type;
    std::vector<Protocol> protocols;
    std::optional<std::string> reason;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        v.field(session_timeout_ms);
        if (v.since(1)) {
            v.field(rebalance_timeout_ms);
        }
        v.field(member_id);
        if (v.since(5)) {
            v.field(group_instance_id);
        }
        v.field(protocol_type);
        v.array(protocols);
        if (v.since(8)) {
            v.field(reason);
        }
        v.tags();
    }
};

/// Versions 0 to 9; flexible from 6.
struct JoinGroupResponse {
    static constexpr ApiKey kApi = ApiKey::kJoinGroup;
    static constexpr VersionRange kVersions{0, 9};

    struct Member {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        Buffer metadata;

        template <class V>
        void visit(V& v) {
            v.field(member_id);
            if (v.since(5)) {
                v.field(group_instance_id);
            }
            v.field(metadata);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::int32_t generation_id = -1;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::string leader;
    bool skip_assignment = false;
    std::string member_id;
    std::vector<Member> members;

    template <class V>
    void visit(V& v) {
        if (v.since(2)) {
            v.field(throttle_time_ms);
        }
        v.field(error);
        v.field(generation_id);
        if (v.since(7)) {
            v.field(protocol_type);
        }
        v.nullable_since(7, protocol_name);
        v.field(leader);
        if (v.since(9)) {
            v.field(skip_assignment);
        }
        v.field(member_id);
        v.array(members);
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 4.
struct HeartbeatRequest {
    static constexpr ApiKey kApi = ApiKey::kHeartbeat;
    static constexpr VersionRange kVersions{0, 4};

    std::string group_id;
    std::int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        v.field(generation_id);
        v.field(member_id);
        if (v.since(3)) {
            v.field(group_instance_id);
        }
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 4.
struct HeartbeatResponse {
    static constexpr ApiKey kApi = ApiKey::kHeartbeat;
    static constexpr VersionRange kVersions{0, 4};

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.field(error);
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 4.
struct LeaveGroupRequest {
    static constexpr ApiKey kApi = ApiKey::kLeaveGroup;
    static constexpr VersionRange kVersions{0, 5};

    struct Member {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::optional<std::string> reason;

        template <class V>
        void visit(V& v) {
            v.field(member_id);
            v.field(group_instance_id);
            if (v.since(5)) {
                v.field(reason);
            }
            v.tags();
        }
    };

    std::string group_id;
    std::string member_id;
    std::vector<Member> members;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        if (v.until(2)) {
            v.field(member_id);
        }
        if (v.since(3)) {
            v.array(members);
        }
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 4.
struct LeaveGroupResponse {
    static constexpr ApiKey kApi = ApiKey::kLeaveGroup;
    static constexpr VersionRange kVersions{0, 5};

    struct Member {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(member_id);
            v.field(group_instance_id);
            v.field(error);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::vector<Member> members;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.field(error);
        if (v.since(3)) {
            v.array(members);
        }
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 4.
struct SyncGroupRequest {
    static constexpr ApiKey kApi = ApiKey::kSyncGroup;
    static constexpr VersionRange kVersions{0, 5};

    struct Assignment {
        std::string member_id;
        Buffer assignment;

        template <class V>
        void visit(V& v) {
            v.field(member_id);
            v.field(assignment);
            v.tags();
        }
    };

    std::string group_id;
    std::int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::vector<Assignment> assignments;

    template <class V>
    void visit(V& v) {
        v.field(group_id);
        v.field(generation_id);
        v.field(member_id);
        if (v.since(3)) {
            v.field(group_instance_id);
        }
        if (v.since(5)) {
            v.field(protocol_type);
            v.field(protocol_name);
        }
        v.array(assignments);
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 4.
struct SyncGroupResponse {
    static constexpr ApiKey kApi = ApiKey::kSyncGroup;
    static constexpr VersionRange kVersions{0, 5};

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    Buffer assignment;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.field(error);
        if (v.since(5)) {
            v.field(protocol_type);
            v.field(protocol_name);
        }
        v.field(assignment);
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 5.
struct DescribeGroupsRequest {
    static constexpr ApiKey kApi = ApiKey::kDescribeGroups;
    static constexpr VersionRange kVersions{0, 5};

    std::vector<std::string> groups;
    bool include_authorized_operations = false;

    template <class V>
    void visit(V& v) {
        v.array(groups);
        if (v.since(3)) {
            v.field(include_authorized_operations);
        }
        v.tags();
    }
};

/// Versions 0 to 5; flexible from 5.
struct DescribeGroupsResponse {
    static constexpr ApiKey kApi = ApiKey::kDescribeGroups;
    static constexpr VersionRange kVersions{0, 5};

    struct Member {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        Buffer member_metadata;
        Buffer member_assignment;

        template <class V>
        void visit(V& v) {
            v.field(member_id);
            if (v.since(4)) {
                v.field(group_instance_id);
            }
            v.field(client_id);
            v.field(client_host);
            v.field(member_metadata);
            v.field(member_assignment);
            v.tags();
        }
    };

    struct Group {
        KafkaError error = KafkaError::kNone;
        std::string group_id;
        std::string group_state;
        std::string protocol_type;
        std::string protocol_data;
        std::vector<Member> members;
        std::int32_t authorized_operations = -2147483648;

        template <class V>
        void visit(V& v) {
            v.field(error);
            v.field(group_id);
            v.field(group_state);
            v.field(protocol_type);
            v.field(protocol_data);
            v.array(members);
            if (v.since(3)) {
                v.field(authorized_operations);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Group> groups;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.array(groups);
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 3.
struct ListGroupsRequest {
    static constexpr ApiKey kApi = ApiKey::kListGroups;
    static constexpr VersionRange kVersions{0, 4};

    std::vector<std::string> states_filter;

    template <class V>
    void visit(V& v) {
        if (v.since(4)) {
            v.array(states_filter);
        }
        v.tags();
    }
};

/// Versions 0 to 4; flexible from 3.
struct ListGroupsResponse {
    static constexpr ApiKey kApi = ApiKey::kListGroups;
    static constexpr VersionRange kVersions{0, 4};

    struct Group {
        std::string group_id;
        std::string protocol_type;
        std::string group_state;

        template <class V>
        void visit(V& v) {
            v.field(group_id);
            v.field(protocol_type);
            if (v.since(4)) {
                v.field(group_state);
            }
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    KafkaError error = KafkaError::kNone;
    std::vector<Group> groups;

    template <class V>
    void visit(V& v) {
        if (v.since(1)) {
            v.field(throttle_time_ms);
        }
        v.field(error);
        v.array(groups);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct DeleteGroupsRequest {
    static constexpr ApiKey kApi = ApiKey::kDeleteGroups;
    static constexpr VersionRange kVersions{0, 2};

    std::vector<std::string> groups_names;

    template <class V>
    void visit(V& v) {
        v.array(groups_names);
        v.tags();
    }
};

/// Versions 0 to 2; flexible from 2.
struct DeleteGroupsResponse {
    static constexpr ApiKey kApi = ApiKey::kDeleteGroups;
    static constexpr VersionRange kVersions{0, 2};

    struct Group {
        std::string group_id;
        KafkaError error = KafkaError::kNone;

        template <class V>
        void visit(V& v) {
            v.field(group_id);
            v.field(error);
            v.tags();
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<Group> results;

    template <class V>
    void visit(V& v) {
        v.field(throttle_time_ms);
        v.array(results);
        v.tags();
    }
};

}  // namespace millrace::wire
