// Settings: the properties of SET 'name'='value' as typed values, with ksqlDB's spellings.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/row/serde.h"
#include "dsl/query_engine.h"
#include "operators/aggregate.h"
#include "runtime/graph.h"

namespace millrace::dsl {

/// What a statement runs under.
struct Settings {
    operators::Semantics semantics = operators::Semantics::kSafe;
    runtime::TableBootstrap table_bootstrap = runtime::TableBootstrap::kEnd;
    bool start_at_end = false;  // auto.offset.reset=latest
    bool fail_on_row_error = false;
    std::chrono::milliseconds commit_interval{100};
    std::chrono::milliseconds finalize_idle{0};  // 0: never
    std::uint32_t batch_rows_max = 1024;
    std::size_t state_bytes_max = std::size_t{1} << 30;
    std::optional<Format> key_format;  // defaults for sources that name none
    std::optional<Format> value_format;
    std::optional<bool> wrap_single;
    /// Most elements of what COLLECT_LIST and COLLECT_SET collect.
    std::int64_t collect_list_limit = operators::AggregateParams::kNoLimit;
    std::int64_t collect_set_limit = operators::AggregateParams::kNoLimit;
    std::string topic_prefix;          // of output topics named after their query
    std::int32_t sink_partitions = 0;  // 0: as many as the source
    /// ksqlDB's new planner: the key of a stream without PARTITION BY is what the SELECT list names
    /// of its source's key, in that order; none of it: no key.
    bool key_follows_projection = false;
};

/// One line of documentation per property, for SHOW PROPERTIES and docs/sql.md.
struct PropertyInfo {
    std::string_view name;
    std::string_view default_value;
    std::string_view summary;
};
[[nodiscard]] const std::vector<PropertyInfo>& known_properties();

/// The name as we spell it: "ksql.streams.auto.offset.reset" is "auto.offset.reset". kUnknownName
/// suggests the nearest one.
[[nodiscard]] Result<std::string> canonical_property(std::string_view name);

/// Reads the properties over the engine's start values. kConfigInvalid names the property, its
/// value and what it takes; kNotSupported; kUnknownName.
[[nodiscard]] Result<Settings> read_settings(const EngineOptions& options,
                                             const Properties& session);

/// The properties that a persistent query keeps: those that change what it computes or how it
/// runs, under our spelling.
[[nodiscard]] Properties persistent_properties(const EngineOptions& options,
                                               const Properties& session);

}  // namespace millrace::dsl
