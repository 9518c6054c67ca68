// Groups as administrators see them: DescribeGroups, ListGroups, DeleteGroups.
#include <algorithm>
#include <atomic>
#include <cctype>

#include "core/broker/groups/group_coordinator.h"
#include "core/wire/generated/delete_groups_request.h"
#include "core/wire/generated/describe_groups_request.h"
#include "core/wire/generated/list_groups_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/groups.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

/// Bits of the operations that the protocol knows for a group (read, delete, describe): without
/// authorization everybody may do everything.
constexpr std::int32_t kGroupOperations = 328;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

wire::DescribeGroupsResponse::Group described(broker::GroupDescription description,
                                              std::string group_id) {
    wire::DescribeGroupsResponse::Group group;
    group.group_id = std::move(group_id);
    group.group_state = broker::name_of(description.state);
    group.protocol_type = std::move(description.protocol_type);
    group.protocol_data = std::move(description.protocol);
    group.members.reserve(description.members.size());
    for (broker::DescribedMember& member : description.members) {
        group.members.push_back({.member_id = std::move(member.id),
                                 .group_instance_id = std::move(member.instance_id),
                                 .client_id = std::move(member.client_id),
                                 .client_host = std::move(member.client_host),
                                 .member_metadata = std::move(member.metadata),
                                 .member_assignment = std::move(member.assignment)});
    }
    return group;
}

}  // namespace

void handle_describe_groups(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::describe_groups_request_t>();
    if (body == nullptr) {
        return;
    }
    wire::DescribeGroupsResponse response;
    for (const auto& group : wire::items(body->groups())) {
        std::string id(wire::text(group));
        broker::GroupDescription description = services.broker.groups().describe(id);
        response.groups.push_back(described(std::move(description), std::move(id)));
        response.groups.back().authorized_operations =
            body->include_authorized_operations() ? kGroupOperations : kOperationsNotAsked;
    }
    request->respond(response);
}

void handle_list_groups(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::list_groups_request_t>();
    if (body == nullptr) {
        return;
    }
    const auto states = wire::items(body->states_filter());
    wire::ListGroupsResponse response;
    for (broker::GroupListing& listing : services.broker.groups().list()) {
        const std::string_view state = broker::name_of(listing.state);
        const bool is_wanted =
            states.empty() || std::any_of(states.begin(), states.end(), [&](const auto& wanted) {
                return equal_ignoring_case(wire::text(wanted), state);
            });
        if (is_wanted) {
            response.groups.push_back({.group_id = std::move(listing.group),
                                       .protocol_type = std::move(listing.protocol_type),
                                       .group_state = std::string(state)});
        }
    }
    request->respond(response);
}

void handle_delete_groups(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::delete_groups_request_t>();
    if (body == nullptr) {
        return;
    }
    struct Deleting {
        wire::DeleteGroupsResponse response;
        std::atomic<std::size_t> left{0};
    };
    auto deleting = std::make_shared<Deleting>();
    for (const auto& name : wire::items(body->groups_names())) {
        deleting->response.results.push_back({.group_id = std::string(wire::text(name))});
    }
    auto& results = deleting->response.results;
    deleting->left = results.size();
    if (results.empty()) {
        return request->respond(deleting->response);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        // Each answer has a place of its own; the last one to come sends them all.
        services.broker.groups().delete_group(results[i].group_id,
                                              [deleting, request, i](KafkaError error) {
                                                  deleting->response.results[i].error = error;
                                                  if (deleting->left.fetch_sub(1) == 1) {
                                                      request->respond(deleting->response);
                                                  }
                                              });
    }
}

}  // namespace millrace::server::kafka
