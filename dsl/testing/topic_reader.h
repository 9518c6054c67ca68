// TopicReader: what lies in topics, decoded; knows what was looked at before.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/testing/engine_bench.h"
#include "dsl/testing/row_codec.h"

namespace millrace::dsl::testing {

enum class Look : std::uint8_t {
    kAll,     // everything; it counts as looked at no more than before
    kUnseen,  // what nobody has looked at yet
};

/// One thread, with an EngineBench that outlives it.
class TopicReader {
  public:
    explicit TopicReader(EngineBench& bench) : bench_(bench) {}

    /// By partition.
    [[nodiscard]] Result<std::vector<std::vector<StoredRecord>>> records(const std::string& topic,
                                                                         Look look);
    /// Of a stream's or table's topic, one partition after the other.
    [[nodiscard]] Result<std::vector<TypedRow>> rows(const SourceInfo& info, Look look);
    /// The first unseen one; none: there is none.
    [[nodiscard]] Result<std::optional<TypedRow>> next(const SourceInfo& info);

  private:
    std::vector<Offset>& seen(const TopicInfo& topic);

    EngineBench& bench_;
    std::map<TopicId, std::vector<Offset>> seen_;  // by partition
};

}  // namespace millrace::dsl::testing
