#include "tests/conformance/case_log.h"

namespace millrace::conformance {

namespace {

constexpr Partition kOnly{0};

std::string printable(const std::optional<std::string>& bytes) {
    if (!bytes) {
        return "null";
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text = "'";
    for (const char c : *bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\') {
            text += c;
        } else {
            text += "\\x";
            text += kHex[byte >> 4U];
            text += kHex[byte & 15U];
        }
    }
    return text + "'";
}

}  // namespace

std::string line_of(const StoredRecord& record) {
    std::string line = "at " + std::to_string(record.timestamp) + " key " + printable(record.key) +
                       " value " + printable(record.value);
    for (const auto& [key, value] : record.headers) {
        line += " header " + printable(key) + " " + printable(value);
    }
    return line;
}

Status CaseLog::clear(const std::string& topic) {
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    MILLRACE_TRY_STATUS(memory_.delete_topic(topic));
    MILLRACE_TRY_STATUS(memory_.create_topic({topic, 1, info.config}));
    return Ok{};
}

Status CaseLog::append(const std::string& topic, const std::vector<StoredRecord>& records) {
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    return dsl::testing::append_records(memory_, info.id, {{kOnly.value, records}});
}

Result<std::vector<StoredRecord>> CaseLog::read(const std::string& topic) {
    MILLRACE_TRY(const TopicInfo info, memory_.describe_topic(topic));
    return dsl::testing::read_records(memory_, {info.id, kOnly});
}

std::int64_t CaseLog::size(const std::string& topic) {
    const auto info = memory_.describe_topic(topic);
    return info.ok() ? memory_.snapshot().end_of({info.value().id, kOnly}).value : 0;
}

TopicInfo CaseLog::shown(TopicInfo info) const {
    const auto found = declared_.find(info.name);
    info.partitions = is_running_ || found == declared_.end() ? 1 : found->second;
    return info;
}

Result<TopicInfo> CaseLog::create_topic(const TopicSpec& spec) {
    TopicSpec single = spec;
    single.partitions = 1;
    MILLRACE_TRY(TopicInfo info, memory_.create_topic(single));
    declared_[spec.name] = spec.partitions;
    return shown(std::move(info));
}

Status CaseLog::delete_topic(const std::string& name) {
    declared_.erase(name);
    return memory_.delete_topic(name);
}

Result<TopicInfo> CaseLog::describe_topic(const std::string& name) {
    MILLRACE_TRY(TopicInfo info, memory_.describe_topic(name));
    return shown(std::move(info));
}

std::vector<TopicInfo> CaseLog::list_topics() {
    std::vector<TopicInfo> infos;
    for (TopicInfo& info : memory_.list_topics()) {
        infos.push_back(shown(std::move(info)));
    }
    return infos;
}

Status CaseLog::alter_config(const std::string& name, const TopicConfig& changes) {
    return memory_.alter_config(name, changes);
}

void CaseLog::append_atomic(Unit unit, Completion<CommitPosition> done) {
    for (Piece& piece : unit.pieces) {
        piece.to.partition = kOnly;
    }
    memory_.append_atomic(std::move(unit), std::move(done));
}

FetchId CaseLog::fetch(const FetchRequest& request, Completion<FetchResult> done) {
    FetchRequest single = request;
    single.from.partition = kOnly;
    return memory_.fetch(single, std::move(done));
}

void CaseLog::cancel_fetch(FetchId fetch) {
    memory_.cancel_fetch(fetch);
}

LogSnapshot CaseLog::snapshot() {
    return memory_.snapshot();
}

Result<Offset> CaseLog::log_start(TopicPartition partition) {
    return memory_.log_start({partition.topic, kOnly});
}

Result<Offset> CaseLog::offset_for_time(TopicPartition partition, Timestamp time) {
    return memory_.offset_for_time({partition.topic, kOnly}, time);
}

std::map<TopicPartition, OffsetCommit> CaseLog::committed_offsets(const std::string& group) {
    return memory_.committed_offsets(group);
}

std::uint64_t CaseLog::committed_epoch(const std::string& owner) {
    return memory_.committed_epoch(owner);
}

}  // namespace millrace::conformance
