// Members of consumer groups: FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup.
#include "core/broker/groups/group_coordinator.h"
#include "core/wire/generated/find_coordinator_request.h"
#include "core/wire/generated/heartbeat_request.h"
#include "core/wire/generated/join_group_request.h"
#include "core/wire/generated/leave_group_request.h"
#include "core/wire/generated/sync_group_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/groups.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

using std::chrono::milliseconds;
using wire::kafka_types_t;

// Versions in which something changed.
constexpr std::int16_t kFindInBatches = 4;
constexpr std::int16_t kJoinWithRebalanceTimeout = 1;
constexpr std::int16_t kJoinWithKnownId = 4;
constexpr std::int16_t kJoinWithoutAssignment = 9;
constexpr std::int16_t kLeaveInBatches = 3;

// What a coordinator is looked for.
constexpr std::int8_t kForGroup = 0;
constexpr std::int8_t kForTransaction = 1;

/// An instance id that is empty is none.
std::optional<std::string> instance_id(const kafka_types_t::text_t* text) {
    const std::string_view id = wire::text(text);
    return id.empty() ? std::nullopt : std::optional<std::string>(id);
}

std::optional<std::string> nullable(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

void answer_join(Request& request, broker::JoinAnswer answer) {
    wire::JoinGroupResponse response;
    response.error = answer.error;
    response.generation_id = answer.generation;
    response.protocol_type = nullable(std::move(answer.protocol_type));
    response.protocol_name = nullable(std::move(answer.protocol));
    response.leader = std::move(answer.leader);
    response.skip_assignment = answer.skips_assignment;
    response.member_id = std::move(answer.member_id);
    response.members.reserve(answer.members.size());
    for (broker::JoinedMember& member : answer.members) {
        response.members.push_back({.member_id = std::move(member.id),
                                    .group_instance_id = std::move(member.instance_id),
                                    .metadata = std::move(member.metadata)});
    }
    request.respond(response);
}

}  // namespace

void handle_find_coordinator(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::find_coordinator_request_t>();
    if (body == nullptr) {
        return;
    }
    // This is the only broker: it coordinates everything.
    const Endpoint here = endpoint_of(services.settings, request->connection());
    const bool is_known = body->key_type() == kForGroup || body->key_type() == kForTransaction;
    const KafkaError error = is_known ? KafkaError::kNone : KafkaError::kInvalidRequest;
    wire::FindCoordinatorResponse::Coordinator found{
        .node_id = is_known ? services.settings.node_id : -1,
        .host = is_known ? here.host : "",
        .port = is_known ? here.port : -1,
        .error = error};
    if (!is_known) {
        found.error_message =
            "there are coordinators for groups (0) and transactions (1), not for type " +
            std::to_string(body->key_type());
    }
    wire::FindCoordinatorResponse response;
    if (request->version() < kFindInBatches) {
        response.error = error;
        response.error_message = found.error_message;
        response.node_id = found.node_id;
        response.host = found.host;
        response.port = found.port;
    } else {
        for (const auto& key : wire::items(body->coordinator_keys())) {
            found.key = wire::text(key);
            response.coordinators.push_back(found);
        }
    }
    request->respond(response);
}

void handle_join_group(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::join_group_request_t>();
    if (body == nullptr) {
        return;
    }
    const std::int16_t version = request->version();
    const milliseconds session_timeout{body->session_timeout_ms()};
    broker::JoinRequest join{.group = std::string(wire::text(body->group_id())),
                             .member_id = std::string(wire::text(body->member_id())),
                             .instance_id = instance_id(body->group_instance_id()),
                             .client_id = std::string(request->client_id()),
                             .client_host = "/" + request->connection().remote_host,
                             .session_timeout = session_timeout,
                             .rebalance_timeout = version >= kJoinWithRebalanceTimeout
                                                      ? milliseconds{body->rebalance_timeout_ms()}
                                                      : session_timeout,
                             .protocol_type = std::string(wire::text(body->protocol_type())),
                             .must_know_its_id = version >= kJoinWithKnownId,
                             .can_skip_assignment = version >= kJoinWithoutAssignment};
    for (const auto& protocol : wire::items(body->protocols())) {
        join.protocols.push_back(
            {std::string(wire::text(protocol->name())), Buffer(wire::bytes(protocol->metadata()))});
    }
    services.broker.groups().join(std::move(join), [request](broker::JoinAnswer answer) {
        answer_join(*request, std::move(answer));
    });
}

void handle_sync_group(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::sync_group_request_t>();
    if (body == nullptr) {
        return;
    }
    const auto optional_string = [](const kafka_types_t::text_t* text) {
        const auto view = wire::optional_text(text);
        return view ? std::optional<std::string>(*view) : std::nullopt;
    };
    broker::SyncRequest sync{.member = {.group = std::string(wire::text(body->group_id())),
                                        .generation = body->generation_id(),
                                        .member_id = std::string(wire::text(body->member_id())),
                                        .instance_id = instance_id(body->group_instance_id())},
                             .protocol_type = optional_string(body->protocol_type()),
                             .protocol = optional_string(body->protocol_name())};
    for (const auto& assignment : wire::items(body->assignments())) {
        sync.assignments.push_back({std::string(wire::text(assignment->member_id())),
                                    Buffer(wire::bytes(assignment->assignment()))});
    }
    services.broker.groups().sync(std::move(sync), [request](broker::SyncAnswer answer) {
        request->respond(
            wire::SyncGroupResponse{.error = answer.error,
                                    .protocol_type = nullable(std::move(answer.protocol_type)),
                                    .protocol_name = nullable(std::move(answer.protocol)),
                                    .assignment = std::move(answer.assignment)});
    });
}

void handle_heartbeat(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::heartbeat_request_t>();
    if (body == nullptr) {
        return;
    }
    const KafkaError error =
        services.broker.groups().heartbeat({.group = std::string(wire::text(body->group_id())),
                                            .generation = body->generation_id(),
                                            .member_id = std::string(wire::text(body->member_id())),
                                            .instance_id = instance_id(body->group_instance_id())});
    request->respond(wire::HeartbeatResponse{.error = error});
}

void handle_leave_group(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::leave_group_request_t>();
    if (body == nullptr) {
        return;
    }
    const bool is_batch = request->version() >= kLeaveInBatches;
    std::vector<broker::LeavingMember> leaving;
    if (!is_batch) {
        leaving.push_back({std::string(wire::text(body->member_id())), std::nullopt});
    }
    for (const auto& member : wire::items(body->members())) {
        leaving.push_back({std::string(wire::text(member->member_id())),
                           instance_id(member->group_instance_id())});
    }
    const broker::LeaveAnswer answer =
        services.broker.groups().leave(std::string(wire::text(body->group_id())), leaving);
    wire::LeaveGroupResponse response{.error = answer.error};
    if (!is_batch && answer.error == KafkaError::kNone) {
        response.error = answer.members.front();
    }
    for (std::size_t i = 0; is_batch && i < answer.members.size(); ++i) {
        response.members.push_back({.member_id = leaving[i].member_id,
                                    .group_instance_id = leaving[i].instance_id,
                                    .error = answer.members[i]});
    }
    request->respond(response);
}

}  // namespace millrace::server::kafka
