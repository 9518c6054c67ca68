#include "dsl/listing.h"

#include "core/base/nearest_name.h"
#include "core/base/sql_error.h"
#include "core/row/serde.h"
#include "dsl/plan.h"
#include "dsl/settings.h"
#include "dsl/sql/lexer.h"
#include "operators/expression/aggregate_functions.h"
#include "operators/expression/lambda_functions.h"
#include "operators/expression/scalar_functions.h"
#include "operators/functions/table_functions.h"

namespace millrace::dsl {

namespace {

std::string format_text(const FormatSpec& format) {
    return std::string(name_of(format.format));
}

StatementResult sources(bool is_table, const Catalog& catalog) {
    StatementResult result;
    result.columns = {"NAME", "TOPIC", "KEY FORMAT", "VALUE FORMAT", "WINDOWED"};
    for (const auto& [name, info] : catalog.sources()) {
        if (info.schema.is_table == is_table) {
            result.rows.push_back(
                {name,
                 info.topic,
                 format_text(info.schema.key),
                 format_text(info.schema.value),
                 info.schema.schema.window.kind == WindowKind::kNone ? "no" : "yes"});
        }
    }
    return result;
}

StatementResult topics(bool with_internal, LogClient& log) {
    StatementResult result;
    result.columns = {"TOPIC", "PARTITIONS", "RECORDS"};
    const LogSnapshot snapshot = log.snapshot();
    for (const TopicInfo& topic : log.list_topics()) {
        if (topic.is_internal && !with_internal) {
            continue;
        }
        std::int64_t records = 0;
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            const TopicPartition partition{topic.id, Partition{i}};
            const auto start = log.log_start(partition);
            records += snapshot.end_of(partition).value -
                       (start.ok() ? start.value().value : std::int64_t{0});
        }
        result.rows.push_back(
            {topic.name, std::to_string(topic.partitions), std::to_string(records)});
    }
    return result;
}

StatementResult queries(const std::vector<QueryInfo>& infos) {
    StatementResult result;
    result.columns = {"QUERY", "STATE", "SINK TOPIC", "ROWS IN", "ROWS OUT", "ERROR"};
    for (const QueryInfo& info : infos) {
        result.rows.push_back({info.id,
                               info.is_running  ? std::string(runtime::name_of(info.stats.state))
                               : info.is_paused ? "paused"
                                                : "not running",
                               info.sink_topic,
                               std::to_string(info.stats.rows_in),
                               std::to_string(info.stats.rows_out),
                               info.stats.error ? info.stats.error->message : ""});
    }
    return result;
}

StatementResult connectors(const ConnectorHost* host) {
    StatementResult result;
    result.columns = {"NAME", "TYPE", "CLASS", "STATE"};
    if (host != nullptr) {
        for (const ConnectorHost::ConnectorInfo& info : host->connectors()) {
            result.rows.push_back({info.name, info.type, info.class_name, info.state});
        }
    }
    return result;
}

StatementResult functions() {
    StatementResult result;
    result.columns = {"FUNCTION", "KIND", "MEANING"};
    std::string last;
    for (const operators::AggregateFunction& function : operators::aggregate_functions()) {
        if (function.name != last) {
            result.rows.push_back(
                {std::string(function.name), "aggregate", std::string(function.summary)});
        }
        last = function.name;
    }
    for (const operators::FunctionDoc& doc : operators::scalar_function_docs()) {
        result.rows.push_back({std::string(doc.name), "scalar", std::string(doc.description)});
    }
    for (const operators::FunctionDoc& doc : operators::lambda_function_docs()) {
        result.rows.push_back({std::string(doc.name), "scalar", std::string(doc.description)});
    }
    for (const operators::FunctionDoc& doc : operators::table_function_docs()) {
        result.rows.push_back({std::string(doc.name), "table", std::string(doc.description)});
    }
    return result;
}

StatementResult variables(const sql::Variables& variables) {
    StatementResult result;
    result.columns = {"VARIABLE", "VALUE"};
    for (const auto& [name, value] : variables) {
        result.rows.push_back({name, value});
    }
    return result;
}

StatementResult types(const Catalog& catalog) {
    StatementResult result;
    result.columns = {"NAME", "TYPE"};
    for (const auto& [name, type] : catalog.types()) {
        result.rows.push_back({name, type.to_string()});
    }
    return result;
}

StatementResult properties(const Properties& session, const Properties& start_values) {
    StatementResult result;
    result.columns = {"PROPERTY", "VALUE", "DEFAULT", "MEANING"};
    for (const PropertyInfo& info : known_properties()) {
        std::string value;
        for (const Properties* source : {&start_values, &session}) {
            for (const auto& [name, set] : *source) {
                const auto canonical = canonical_property(name);
                if (canonical.ok() && canonical.value() == info.name) {
                    value = set;
                }
            }
        }
        result.rows.push_back({std::string(info.name),
                               value.empty() ? std::string(info.default_value) : value,
                               std::string(info.default_value),
                               std::string(info.summary)});
    }
    return result;
}

}  // namespace

StatementResult list(sql::ShowWhat what, const ListingInput& input) {
    switch (what) {
        case sql::ShowWhat::kStreams:
            return sources(false, input.catalog);
        case sql::ShowWhat::kTables:
            return sources(true, input.catalog);
        case sql::ShowWhat::kTopics:
            return topics(false, input.log);
        case sql::ShowWhat::kAllTopics:
            return topics(true, input.log);
        case sql::ShowWhat::kQueries:
            return queries(input.queries);
        case sql::ShowWhat::kConnectors:
            return connectors(input.connectors);
        case sql::ShowWhat::kProperties:
            return properties(input.session, input.start_values);
        case sql::ShowWhat::kFunctions:
            return functions();
        case sql::ShowWhat::kVariables:
            return variables(input.variables);
        case sql::ShowWhat::kTypes:
            return types(input.catalog);
    }
    return {};
}

StatementResult describe_source(const SourceInfo& info,
                                bool is_extended,
                                const ListingInput& input) {
    StatementResult result;
    result.columns = {"COLUMN", "TYPE", "KEY"};
    const Schema& schema = info.schema.schema;
    for (const std::size_t i : schema.shown_order()) {
        const Field& field = schema.field(i);
        result.rows.push_back(
            {field.name, field.type.to_string(), role_text(schema, i, info.schema.is_table)});
    }
    result.message = sql::name_text(info.name) + ": " + info.kind() + ", topic " + info.topic +
                     ", key " + format_text(info.schema.key) + ", value " +
                     format_text(info.schema.value);
    if (schema.window.kind != WindowKind::kNone) {
        result.message += ", windowed " + std::string(name_of(schema.window.kind));
    }
    if (!info.timestamp_column.empty()) {
        result.message += ", time from " + sql::name_text(info.timestamp_column);
    }
    for (const QueryRecord& query : input.catalog.users_of(info.name)) {
        result.message += query.sink == info.name ? "\nwritten by query " : "\nread by query ";
        result.message += query.id;
    }
    if (is_extended) {
        result.message += "\nstatement: " + info.statement;
        for (const QueryInfo& query : input.queries) {
            if (query.sink_topic == info.topic) {
                result.message += "\nquery " + query.id + ": " +
                                  std::to_string(query.stats.rows_in) + " rows in, " +
                                  std::to_string(query.stats.rows_out) + " rows out, " +
                                  std::to_string(query.stats.row_errors) + " row errors, " +
                                  std::to_string(query.stats.state_bytes) + " bytes of state";
            }
        }
    }
    return result;
}

Result<StatementResult> describe_function(const std::string& name) {
    StatementResult result;
    const auto describe = [&](const operators::FunctionDoc& doc) {
        result.message = std::string(doc.name) + ": " + std::string(doc.description) +
                         "\nExample: " + std::string(doc.example) + "  -- " +
                         std::string(doc.result);
    };
    for (const auto& doc : operators::table_function_docs()) {
        if (doc.name == name) {
            describe(doc);
            result.columns = {"SIGNATURE"};
            result.rows.push_back({name + "(ARRAY<T>)"});
            return result;
        }
    }
    for (const auto& doc : operators::lambda_function_docs()) {
        if (doc.name == name) {
            describe(doc);
            result.columns = {"SIGNATURE"};
            for (const std::string_view signature : operators::lambda_signatures(name)) {
                result.rows.push_back({std::string(signature)});
            }
            return result;
        }
    }
    for (const operators::AggregateFunction& function : operators::aggregate_functions()) {
        if (function.name == name) {
            result.message = name + ": " + std::string(function.summary);
            result.columns = {"SIGNATURE"};
            result.rows.push_back({name + "(" + std::string(function.signature) + ")"});
        }
    }
    if (!result.rows.empty()) {
        return result;
    }
    const auto overloads = operators::overloads_of(name);
    if (overloads.empty()) {
        std::vector<std::string> names;
        for (const operators::AggregateFunction& function : operators::aggregate_functions()) {
            names.emplace_back(function.name);
        }
        for (const auto& doc : operators::scalar_function_docs()) {
            names.emplace_back(doc.name);
        }
        return sql_error(SqlError::kUnknownFunction,
                         "Can't find any functions with the name '" + name + "'" +
                             did_you_mean(name, names) + "; SHOW FUNCTIONS lists what there is");
    }
    for (const auto& doc : operators::scalar_function_docs()) {
        if (doc.name == overloads.front().name) {
            describe(doc);
        }
    }
    result.columns = {"SIGNATURE"};
    for (const operators::ScalarFunction& overload : overloads) {
        result.rows.push_back({operators::signature_of(overload)});
    }
    return result;
}

}  // namespace millrace::dsl
