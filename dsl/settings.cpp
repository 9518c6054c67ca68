#include "dsl/settings.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/nearest_name.h"
#include "core/base/sql_error.h"
#include "dsl/sql/lexer.h"

namespace millrace::dsl {

namespace {

Error invalid(std::string_view name, std::string_view value, std::string_view takes) {
    return Error{ErrorCode::kConfigInvalid,
                 "property " + std::string(name) + " takes " + std::string(takes) + ": " +
                     std::string(value)};
}

Result<std::int64_t> whole_number(std::string_view name,
                                  std::string_view value,
                                  std::int64_t least,
                                  std::int64_t most) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc{} || end != value.data() + value.size() || number < least ||
        number > most) {
        return invalid(
            name, value, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

Result<bool> boolean(std::string_view name, std::string_view value) {
    const std::string upper = sql::upper_case(value);
    if (upper != "TRUE" && upper != "FALSE") {
        return invalid(name, value, "true or false");
    }
    return upper == "TRUE";
}

/// Position of the value among `choices`, without regard to case.
Result<std::size_t> choice(std::string_view name,
                           std::string_view value,
                           const std::vector<std::string_view>& choices) {
    std::string listed;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (sql::upper_case(value) == sql::upper_case(choices[i])) {
            return i;
        }
        listed += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + std::string(choices[i]);
    }
    return invalid(name, value, listed);
}

using Apply = Status (*)(Settings& settings, std::string_view name, std::string_view value);

struct Property {
    PropertyInfo info;
    bool is_kept;  // with a persistent query
    Apply apply;
};

Status accept(Settings&, std::string_view, std::string_view) {
    return Ok{};
}

Status apply_semantics(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::size_t picked, choice(name, value, {"safe", "ksql"}));
    settings.semantics = picked == 0 ? operators::Semantics::kSafe : operators::Semantics::kKsql;
    settings.table_bootstrap =
        picked == 0 ? runtime::TableBootstrap::kEnd : runtime::TableBootstrap::kOff;
    return Ok{};
}
Status apply_bootstrap(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::size_t picked, choice(name, value, {"end", "off"}));
    settings.table_bootstrap =
        picked == 0 ? runtime::TableBootstrap::kEnd : runtime::TableBootstrap::kOff;
    return Ok{};
}
Status apply_coalesce(Settings&, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::size_t picked, choice(name, value, {"exact", "batch", "interval"}));
    if (picked != 0) {
        return Error{ErrorCode::kNotSupported,
                     "emit.coalesce=" + std::string(value) +
                         " is not supported yet; every update is emitted (exact)"};
    }
    return Ok{};
}
Status apply_cache(Settings&, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t bytes,
                 whole_number(name, value, 0, std::numeric_limits<std::int64_t>::max()));
    if (bytes != 0) {
        return Error{
            ErrorCode::kNotSupported,
            std::string(name) + " above 0 (coalesced output) is not supported yet; set it to 0"};
    }
    return Ok{};
}
Status apply_planner(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.key_follows_projection, boolean(name, value));
    return Ok{};
}
Status apply_reset(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::size_t picked, choice(name, value, {"earliest", "latest"}));
    settings.start_at_end = picked == 1;
    return Ok{};
}
Status apply_commit(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t ms, whole_number(name, value, 1, 3'600'000));
    settings.commit_interval = std::chrono::milliseconds{ms};
    return Ok{};
}
/// "5s", "500 ms", "1 minute"; a number alone is milliseconds; "off".
Result<std::chrono::milliseconds> duration(std::string_view name, std::string_view value) {
    constexpr std::int64_t kMost = 24LL * 3'600'000;
    static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"", 1},
                                                                           {"MS", 1},
                                                                           {"MILLISECOND", 1},
                                                                           {"MILLISECONDS", 1},
                                                                           {"S", 1'000},
                                                                           {"SECOND", 1'000},
                                                                           {"SECONDS", 1'000},
                                                                           {"M", 60'000},
                                                                           {"MINUTE", 60'000},
                                                                           {"MINUTES", 60'000},
                                                                           {"H", 3'600'000},
                                                                           {"HOUR", 3'600'000},
                                                                           {"HOURS", 3'600'000}};
    const std::string upper = sql::upper_case(value);
    if (upper == "OFF") {
        return std::chrono::milliseconds{0};
    }
    const char* const end = upper.data() + upper.size();
    std::int64_t number = 0;
    const auto [stopped, code] = std::from_chars(upper.data(), end, number);
    const std::string_view rest(stopped, static_cast<std::size_t>(end - stopped));
    const std::string_view unit = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
    for (const auto& [text, ms] : kUnits) {
        if (code == std::errc{} && unit == text && number >= 0 && number <= kMost / ms) {
            return std::chrono::milliseconds{number * ms};
        }
    }
    return invalid(name, value, "a time up to a day such as 500ms, 5s or 1 minute, or off");
}
Status apply_finalize(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.finalize_idle, duration(name, value));
    return Ok{};
}
Status apply_state(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t bytes,
                 whole_number(name, value, 1 << 20, std::numeric_limits<std::int64_t>::max()));
    settings.state_bytes_max = static_cast<std::size_t>(bytes);
    return Ok{};
}
Status apply_rows(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t rows, whole_number(name, value, 1, kRowBatchRowsMax));
    settings.batch_rows_max = static_cast<std::uint32_t>(rows);
    return Ok{};
}
Status apply_guarantee(Settings&, std::string_view name, std::string_view value) {
    MILLRACE_TRY_STATUS(choice(name, value, {"exactly_once_v2", "exactly_once", "at_least_once"}));
    return Ok{};
}
Status apply_tolerance(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::size_t picked, choice(name, value, {"all", "none"}));
    settings.fail_on_row_error = picked == 1;
    return Ok{};
}
Status apply_fail(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.fail_on_row_error, boolean(name, value));
    return Ok{};
}
Status apply_key_format(Settings& settings, std::string_view, std::string_view value) {
    MILLRACE_TRY(settings.key_format, parse_format(value));
    return Ok{};
}
Status apply_value_format(Settings& settings, std::string_view, std::string_view value) {
    MILLRACE_TRY(settings.value_format, parse_format(value));
    return Ok{};
}
Status apply_wrap(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.wrap_single, boolean(name, value));
    return Ok{};
}
Status apply_prefix(Settings& settings, std::string_view, std::string_view value) {
    settings.topic_prefix = value;
    return Ok{};
}
/// Below 0: no limit, as ksqlDB reads it.
Result<std::int64_t> items_limit(std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t limit,
                 whole_number(name, value, -1, std::numeric_limits<std::int32_t>::max()));
    return limit < 0 ? operators::AggregateParams::kNoLimit : limit;
}
Status apply_list_limit(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.collect_list_limit, items_limit(name, value));
    return Ok{};
}
Status apply_set_limit(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(settings.collect_set_limit, items_limit(name, value));
    return Ok{};
}
Status apply_partitions(Settings& settings, std::string_view name, std::string_view value) {
    MILLRACE_TRY(const std::int64_t count, whole_number(name, value, 1, 10'000));
    settings.sink_partitions = static_cast<std::int32_t>(count);
    return Ok{};
}

// In the order in which they are applied: `semantics` sets defaults that later ones override.
const std::vector<Property>& properties() {
    static const std::vector<Property> kProperties{
        {{"semantics", "safe", "safe, or ksql: bit-compatible with ksqlDB"}, true, apply_semantics},
        {{"finalize.idle",
          "off",
          "5s: windows close (safe semantics) when no source had a new record for so long"},
         true,
         apply_finalize},
        {{"table.bootstrap",
          "end (safe), off (ksql)",
          "end: a table is read to its end before a stream that joins it starts"},
         true,
         apply_bootstrap},
        {{"emit.coalesce", "exact", "exact: one output per update"}, true, apply_coalesce},
        {{"cache.max.bytes.buffering", "0", "0 means emit.coalesce=exact"}, true, apply_cache},
        {{"auto.offset.reset", "earliest", "where a new query starts to read: earliest or latest"},
         true,
         apply_reset},
        {{"commit.interval.ms", "100", "time between commits; it does not change any output"},
         true,
         apply_commit},
        {{"state.memory.bytes", "1073741824", "memory for the state of one query"},
         true,
         apply_state},
        {{"batch.rows.max", "1024", "rows worked on at once; it does not change any output"},
         true,
         apply_rows},
        {{"processing.guarantee", "exactly_once_v2", "accepted; every query is exactly-once"},
         false,
         apply_guarantee},
        {{"errors.tolerance",
          "all",
          "all: rows that fail are skipped and reported; none: the query fails"},
         true,
         apply_tolerance},
        {{"ksql.fail.on.deserialization.error", "false", "true is errors.tolerance=none"},
         true,
         apply_fail},
        {{"ksql.persistence.default.format.key", "KAFKA", "KEY_FORMAT when none is given"},
         true,
         apply_key_format},
        {{"ksql.persistence.default.format.value", "", "VALUE_FORMAT when none is given"},
         true,
         apply_value_format},
        {{"ksql.persistence.wrap.single.values", "true", "WRAP_SINGLE_VALUE when none is given"},
         true,
         apply_wrap},
        {{"ksql.output.topic.name.prefix", "", "put before topics named after their query"},
         true,
         apply_prefix},
        {{"ksql.sink.partitions", "", "PARTITIONS when none is given"}, true, apply_partitions},
        {{"ksql.sink.replicas", "1", "accepted; there is one copy"}, false, accept},
        {{"num.stream.threads", "", "accepted; workers are shared by all queries"}, false, accept},
        {{"ksql.functions.collect_list.limit",
          "-1",
          "most elements of a COLLECT_LIST; further values are left out; -1: no limit"},
         true,
         apply_list_limit},
        {{"ksql.functions.collect_set.limit",
          "-1",
          "most elements of a COLLECT_SET; further values are left out; -1: no limit"},
         true,
         apply_set_limit},
        {{"ksql.new.query.planner.enabled",
          "false",
          "true: the SELECT list of a stream says which columns of its key stay, and their order"},
         true,
         apply_planner},
        {{"topology.optimization", "", "accepted without effect"}, false, accept},
        {{"default.timestamp.extractor", "", "accepted without effect"}, false, accept},
        {{"__emit.interval.ms.kstreams.windowed.aggregation__", "", "accepted without effect"},
         false,
         accept},
        {{"ksql.windowed.session.key.legacy", "", "accepted without effect"}, false, accept},
        {{"ksql.query.pull.table.scan.enabled", "", "accepted without effect"}, false, accept},
        {{"ksql.query.pull.range.scan.enabled", "", "accepted without effect"}, false, accept},
        {{"ksql.query.pull.stream.enabled", "", "accepted without effect"}, false, accept},
        {{"ksql.query.pull.limit.clause.enabled", "", "accepted without effect"}, false, accept},
    };
    return kProperties;
}

const Property* find_property(std::string_view name) {
    for (const Property& property : properties()) {
        if (property.info.name == name) {
            return &property;
        }
    }
    return nullptr;
}

/// Session values over start values, under our spelling.
Result<Properties> merged(const EngineOptions& options, const Properties& session) {
    Properties all;
    for (const Properties* source : {&options.properties, &session}) {
        for (const auto& [name, value] : *source) {
            MILLRACE_TRY(const std::string canonical, canonical_property(name));
            all[canonical] = value;
        }
    }
    return all;
}

}  // namespace

const std::vector<PropertyInfo>& known_properties() {
    static const std::vector<PropertyInfo> kInfos = [] {
        std::vector<PropertyInfo> infos;
        for (const Property& property : properties()) {
            infos.push_back(property.info);
        }
        return infos;
    }();
    return kInfos;
}

Result<std::string> canonical_property(std::string_view name) {
    if (find_property(name) != nullptr) {
        return std::string(name);
    }
    for (const std::string_view prefix : {"ksql.streams.", "ksql."}) {
        if (name.substr(0, prefix.size()) == prefix) {
            const std::string_view rest = name.substr(prefix.size());
            if (find_property(rest) != nullptr) {
                return std::string(rest);
            }
        }
    }
    std::vector<std::string> names;
    for (const Property& property : properties()) {
        names.emplace_back(property.info.name);
    }
    return sql_error(SqlError::kUnknownSetting,
                     "unknown property: " + std::string(name) + did_you_mean(name, names));
}

Result<Settings> read_settings(const EngineOptions& options, const Properties& session) {
    Settings settings;
    settings.commit_interval = options.commit_interval;
    settings.batch_rows_max = options.batch_rows_max;
    settings.state_bytes_max = options.state_bytes_max;
    MILLRACE_TRY(const Properties all, merged(options, session));
    for (const Property& property : properties()) {
        const auto found = all.find(std::string(property.info.name));
        if (found != all.end()) {
            MILLRACE_TRY_STATUS(property.apply(settings, found->first, found->second));
        }
    }
    return settings;
}

Properties persistent_properties(const EngineOptions& options, const Properties& session) {
    Properties kept;
    const auto all = merged(options, session);
    if (all.ok()) {
        for (const auto& [name, value] : all.value()) {
            if (find_property(name)->is_kept) {
                kept[name] = value;
            }
        }
    }
    return kept;
}

}  // namespace millrace::dsl
