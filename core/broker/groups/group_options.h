// GroupOptions: limits and times of consumer groups.
#pragma once

#include <chrono>
#include <cstddef>

namespace millrace::broker {

/// Limits and times of groups, by their names in Kafka where there is one.
struct GroupOptions {
    std::chrono::milliseconds session_timeout_min{6'000};      // group.min.session.timeout.ms
    std::chrono::milliseconds session_timeout_max{1'800'000};  // group.max.session.timeout.ms
    /// group.initial.rebalance.delay.ms: how long the first rebalance of an empty group waits for
    /// more members.
    std::chrono::milliseconds initial_rebalance_delay{0};
    std::size_t group_size_max = 10'000;                  // group.max.size: members of one group
    std::size_t groups_max = 100'000;                     // with members or with committed offsets
    std::size_t group_bytes_max = std::size_t{16} << 20;  // subscriptions and assignments of one
    std::size_t bytes_max = std::size_t{256} << 20;       // the same of all groups
    std::size_t offset_bytes_max = std::size_t{256} << 20;  // committed offsets of all groups
    std::size_t offset_metadata_bytes_max = 4'096;          // offset.metadata.max.bytes
    /// offsets.retention: how long offsets outlive the last member, or the last commit of a group
    /// that never had one.
    std::chrono::milliseconds offsets_retention{std::chrono::hours{7 * 24}};
    std::chrono::milliseconds offsets_retention_check{600'000};
    /// How long a member that joined for the first time may wait for the rebalance to end: its
    /// client may be gone.
    std::chrono::milliseconds new_member_timeout{300'000};
};

}  // namespace millrace::broker
