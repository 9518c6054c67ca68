#include "core/broker/groups/group.h"

#include <algorithm>

#include "core/broker/groups/group_records.h"

namespace millrace::broker {

std::string_view name_of(GroupState state) {
    switch (state) {
        case GroupState::kEmpty:
            return "Empty";
        case GroupState::kPreparingRebalance:
            return "PreparingRebalance";
        case GroupState::kCompletingRebalance:
            return "CompletingRebalance";
        case GroupState::kStable:
            return "Stable";
        case GroupState::kDead:
            return "Dead";
    }
    return "Dead";
}

bool Member::supports(const std::vector<GroupProtocol>& other) const {
    return std::equal(protocols.begin(),
                      protocols.end(),
                      other.begin(),
                      other.end(),
                      [](const GroupProtocol& a, const GroupProtocol& b) {
                          return a.name == b.name && equal(a.metadata, b.metadata);
                      });
}

const Buffer& Member::metadata_for(const std::string& protocol) const {
    static const Buffer kNothing;
    for (const GroupProtocol& candidate : protocols) {
        if (candidate.name == protocol) {
            return candidate.metadata;
        }
    }
    return kNothing;
}

std::size_t Member::size_bytes() const {
    std::size_t size = sizeof(Member) + id.size() + client_id.size() + client_host.size() +
                       (instance_id ? instance_id->size() : 0) + assignment.size();
    for (const GroupProtocol& candidate : protocols) {
        size += sizeof(GroupProtocol) + candidate.name.size() + candidate.metadata.size();
    }
    return size;
}

Member* Group::find(const std::string& member_id) {
    const auto found = members_.find(member_id);
    return found == members_.end() ? nullptr : &found->second;
}

const std::string* Group::holder_of(const std::string& instance_id) const {
    const auto found = static_members_.find(instance_id);
    return found == static_members_.end() ? nullptr : &found->second;
}

std::size_t Group::joining_count() const {
    return static_cast<std::size_t>(
        std::count_if(members_.begin(), members_.end(), [](const auto& entry) {
            return static_cast<bool>(entry.second.joining);
        }));
}

bool Group::has_all_joined() const {
    return pending.empty() && std::all_of(members_.begin(), members_.end(), [](const auto& entry) {
               return static_cast<bool>(entry.second.joining);
           });
}

KafkaError Group::check_member(const std::string& member_id,
                               const std::optional<std::string>& instance_id) const {
    if (instance_id) {
        const std::string* holder = holder_of(*instance_id);
        if (holder == nullptr) {
            return KafkaError::kUnknownMemberId;
        }
        return *holder == member_id ? KafkaError::kNone : KafkaError::kFencedInstanceId;
    }
    return members_.contains(member_id) ? KafkaError::kNone : KafkaError::kUnknownMemberId;
}

Member& Group::add(Member member) {
    if (leader_.empty()) {
        leader_ = member.id;
    }
    if (member.instance_id) {
        static_members_[*member.instance_id] = member.id;
    }
    std::string id = member.id;
    return members_.insert_or_assign(std::move(id), std::move(member)).first->second;
}

void Group::remove(const std::string& member_id) {
    const auto found = members_.find(member_id);
    CHECK(found != members_.end());
    if (found->second.instance_id) {
        static_members_.erase(*found->second.instance_id);
    }
    members_.erase(found);
    unsynced.erase(member_id);
    if (leader_ == member_id) {
        leader_ = members_.empty() ? std::string{} : members_.begin()->first;
    }
}

Member& Group::replace_static(const std::string& old_id, const std::string& new_id) {
    auto node = members_.extract(old_id);
    CHECK(!node.empty());
    node.key() = new_id;
    node.mapped().id = new_id;
    CHECK(node.mapped().instance_id.has_value());
    static_members_[*node.mapped().instance_id] = new_id;
    if (unsynced.erase(old_id) > 0) {
        unsynced.insert(new_id);
    }
    if (leader_ == old_id) {
        leader_ = new_id;
    }
    return members_.insert(std::move(node)).position->second;
}

bool Group::elect_joined_leader() {
    const Member* leader = find(leader_);
    if (leader != nullptr && leader->joining) {
        return true;
    }
    for (const auto& [id, member] : members_) {
        if (member.joining) {
            leader_ = id;
            return true;
        }
    }
    return false;
}

bool Group::is_supported_by_all(const std::string& name) const {
    return std::all_of(members_.begin(), members_.end(), [&name](const auto& entry) {
        const std::vector<GroupProtocol>& own = entry.second.protocols;
        return std::any_of(own.begin(), own.end(), [&name](const GroupProtocol& candidate) {
            return candidate.name == name;
        });
    });
}

bool Group::accepts(const std::string& type, const std::vector<GroupProtocol>& protocols) const {
    if (type.empty() || protocols.empty()) {
        return false;
    }
    if (members_.empty()) {
        return true;
    }
    return type == protocol_type &&
           std::any_of(protocols.begin(), protocols.end(), [this](const GroupProtocol& candidate) {
               return is_supported_by_all(candidate.name);
           });
}

std::string Group::select_protocol() const {
    const auto leader = members_.find(leader_);
    CHECK(leader != members_.end());
    std::vector<std::pair<std::string, std::size_t>> votes;
    for (const GroupProtocol& candidate : leader->second.protocols) {
        if (is_supported_by_all(candidate.name)) {
            votes.emplace_back(candidate.name, 0);
        }
    }
    CHECK(!votes.empty());  // nobody is let in without a protocol that all share
    for (const auto& [id, member] : members_) {
        for (const GroupProtocol& own : member.protocols) {
            const auto voted = std::find_if(votes.begin(), votes.end(), [&own](const auto& vote) {
                return vote.first == own.name;
            });
            if (voted != votes.end()) {
                ++voted->second;
                break;
            }
        }
    }
    return std::max_element(votes.begin(),
                            votes.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

std::chrono::milliseconds Group::rebalance_timeout() const {
    std::chrono::milliseconds longest{0};
    for (const auto& [id, member] : members_) {
        longest = std::max(longest, member.rebalance_timeout);
    }
    return longest;
}

std::optional<std::set<std::string>> Group::subscribed_topics() const {
    if (protocol_type != kConsumerProtocolType) {
        return std::nullopt;
    }
    std::set<std::string> topics;
    for (const auto& [id, member] : members_) {
        // Before a protocol is chosen, any of the member's own tells its topics.
        const Buffer& metadata = protocol.empty() && !member.protocols.empty()
                                     ? member.protocols.front().metadata
                                     : member.metadata_for(protocol);
        const auto subscribed = parse_subscribed_topics(metadata);
        if (!subscribed) {
            return std::nullopt;
        }
        topics.insert(subscribed->begin(), subscribed->end());
    }
    return topics;
}

}  // namespace millrace::broker
