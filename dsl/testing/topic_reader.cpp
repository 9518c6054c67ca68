#include "dsl/testing/topic_reader.h"

#include <iterator>
#include <utility>

namespace millrace::dsl::testing {

std::vector<Offset>& TopicReader::seen(const TopicInfo& topic) {
    std::vector<Offset>& seen = seen_[topic.id];
    seen.resize(static_cast<std::size_t>(topic.partitions));
    return seen;
}

Result<std::vector<std::vector<StoredRecord>>> TopicReader::records(const std::string& topic,
                                                                    Look look) {
    MILLRACE_TRY(const TopicInfo info, bench_.log().describe_topic(topic));
    std::vector<Offset>& seen_offsets = seen(info);
    std::vector<std::vector<StoredRecord>> partitions;
    for (std::int32_t p = 0; p < info.partitions; ++p) {
        const TopicPartition partition{info.id, Partition{p}};
        Offset& from = seen_offsets[static_cast<std::size_t>(p)];
        MILLRACE_TRY(auto read, bench_.read(partition, look == Look::kAll ? Offset{0} : from));
        if (look == Look::kUnseen) {
            from = bench_.log().snapshot().end_of(partition);
        }
        partitions.push_back(std::move(read));
    }
    return partitions;
}

Result<std::vector<TypedRow>> TopicReader::rows(const SourceInfo& info, Look look) {
    MILLRACE_TRY(const auto partitions, records(info.topic, look));
    const RowCodec codec(info.schema);
    std::vector<TypedRow> rows;
    for (std::size_t p = 0; p < partitions.size(); ++p) {
        MILLRACE_TRY(auto more, codec.decode(partitions[p], static_cast<std::int32_t>(p)));
        std::move(more.begin(), more.end(), std::back_inserter(rows));
    }
    return rows;
}

Result<std::optional<TypedRow>> TopicReader::next(const SourceInfo& info) {
    MILLRACE_TRY(const TopicInfo topic, bench_.log().describe_topic(info.topic));
    std::vector<Offset>& seen_offsets = seen(topic);
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        Offset& from = seen_offsets[static_cast<std::size_t>(p)];
        MILLRACE_TRY(auto read, bench_.read({topic.id, Partition{p}}, from));
        if (!read.empty()) {
            read.resize(1);
            from = Offset{from.value + 1};
            MILLRACE_TRY(auto rows, RowCodec(info.schema).decode(read, p));
            return std::optional(std::move(rows.front()));
        }
    }
    return std::optional<TypedRow>();
}

}  // namespace millrace::dsl::testing
