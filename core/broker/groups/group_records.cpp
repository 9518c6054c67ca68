#include "core/broker/groups/group_records.h"

namespace millrace::broker {

namespace {

constexpr std::int16_t kGroupValueVersion = 3;
constexpr std::int16_t kFirstVersionWithRebalanceTimeout = 1;
constexpr std::int16_t kFirstVersionWithTime = 2;
constexpr std::int16_t kFirstVersionWithInstance = 3;

void append_string(Buffer& out, std::string_view text) {
    out.append_be(static_cast<std::int16_t>(text.size()));
    out.append(text);
}

void append_nullable(Buffer& out, const std::string& text) {
    if (text.empty()) {
        out.append_be(std::int16_t{-1});
    } else {
        append_string(out, text);
    }
}

void append_bytes(Buffer& out, ByteView bytes) {
    out.append_be(static_cast<std::int32_t>(bytes.size()));
    out.append(bytes);
}

std::optional<std::string> read_nullable(Cursor& cursor) {
    const auto size = cursor.read_be<std::int16_t>();
    if (size < 0) {
        return std::nullopt;
    }
    return std::string(as_text(cursor.read_bytes(static_cast<std::size_t>(size))));
}

std::string read_string(Cursor& cursor) {
    auto text = read_nullable(cursor);
    if (!text) {
        cursor.fail();
    }
    return std::move(text).value_or("");
}

Buffer read_bytes(Cursor& cursor) {
    const auto size = cursor.read_be<std::int32_t>();
    if (size < 0) {
        cursor.fail();
        return {};
    }
    return Buffer(cursor.read_bytes(static_cast<std::size_t>(size)));
}

/// Counts are bounded by the bytes that are there: each element takes at least `element_bytes`.
std::size_t read_count(Cursor& cursor, std::size_t element_bytes) {
    const auto count = cursor.read_be<std::int32_t>();
    if (count < 0 || static_cast<std::size_t>(count) > cursor.remaining() / element_bytes) {
        cursor.fail();
        return 0;
    }
    return static_cast<std::size_t>(count);
}

Member read_member(Cursor& cursor, std::int16_t version, const std::string& protocol) {
    Member member;
    member.id = read_string(cursor);
    if (version >= kFirstVersionWithInstance) {
        member.instance_id = read_nullable(cursor);
    }
    member.client_id = read_string(cursor);
    member.client_host = read_string(cursor);
    if (version >= kFirstVersionWithRebalanceTimeout) {
        member.rebalance_timeout = std::chrono::milliseconds{cursor.read_be<std::int32_t>()};
    }
    member.session_timeout = std::chrono::milliseconds{cursor.read_be<std::int32_t>()};
    if (version < kFirstVersionWithRebalanceTimeout) {
        member.rebalance_timeout = member.session_timeout;
    }
    member.protocols.push_back({protocol, read_bytes(cursor)});
    member.assignment = read_bytes(cursor);
    return member;
}

}  // namespace

Buffer encode_group_value(const Group& group) {
    Buffer out;
    out.append_be(kGroupValueVersion);
    append_string(out, group.protocol_type);
    out.append_be(group.generation);
    append_nullable(out, group.protocol);
    append_nullable(out, group.leader());
    out.append_be(group.state_since_ms);
    out.append_be(static_cast<std::int32_t>(group.members().size()));
    for (const auto& [id, member] : group.members()) {
        append_string(out, id);
        append_nullable(out, member.instance_id.value_or(""));
        append_string(out, member.client_id);
        append_string(out, member.client_host);
        out.append_be(static_cast<std::int32_t>(member.rebalance_timeout.count()));
        out.append_be(static_cast<std::int32_t>(member.session_timeout.count()));
        append_bytes(out, member.metadata_for(group.protocol));
        append_bytes(out, member.assignment);
    }
    return out;
}

Status decode_group_value(ByteView value, Group& group) {
    Cursor cursor(value);
    const auto version = cursor.read_be<std::int16_t>();
    group.protocol_type = read_string(cursor);
    group.generation = cursor.read_be<std::int32_t>();
    group.protocol = read_nullable(cursor).value_or("");
    std::string leader = read_nullable(cursor).value_or("");
    if (version >= kFirstVersionWithTime) {
        group.state_since_ms = cursor.read_be<std::int64_t>();
    }
    constexpr std::size_t kMemberBytesMin = 18;
    for (std::size_t left = read_count(cursor, kMemberBytesMin); left > 0 && cursor.ok(); --left) {
        group.add(read_member(cursor, version, group.protocol));
    }
    const bool has_leader = group.members().empty() || group.find(leader) != nullptr;
    if (!cursor.ok() || version < 0 || version > kGroupValueVersion || !has_leader) {
        return Error{ErrorCode::kCorruptBatch,
                     "the record of consumer group cannot be read: " + group.id()};
    }
    group.set_leader(group.members().empty() ? std::string{} : std::move(leader));
    group.state = group.members().empty() ? GroupState::kEmpty : GroupState::kStable;
    return Ok{};
}

std::optional<std::vector<std::string>> parse_subscribed_topics(ByteView metadata) {
    Cursor cursor(metadata);
    const auto version = cursor.read_be<std::int16_t>();
    std::vector<std::string> topics;
    for (std::size_t left = read_count(cursor, 2); left > 0 && cursor.ok(); --left) {
        topics.push_back(read_string(cursor));
    }
    return cursor.ok() && version >= 0 ? std::optional(std::move(topics)) : std::nullopt;
}

std::optional<std::vector<AssignedTopic>> parse_assignment(ByteView assignment) {
    if (assignment.empty()) {
        return std::vector<AssignedTopic>{};  // a member that got nothing
    }
    Cursor cursor(assignment);
    const auto version = cursor.read_be<std::int16_t>();
    std::vector<AssignedTopic> topics;
    for (std::size_t left = read_count(cursor, 6); left > 0 && cursor.ok(); --left) {
        AssignedTopic& topic = topics.emplace_back();
        topic.topic = read_string(cursor);
        for (std::size_t p = read_count(cursor, 4); p > 0 && cursor.ok(); --p) {
            topic.partitions.push_back(cursor.read_be<std::int32_t>());
        }
    }
    return cursor.ok() && version >= 0 ? std::optional(std::move(topics)) : std::nullopt;
}

}  // namespace millrace::broker
