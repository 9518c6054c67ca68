#include "dsl/testing/assertions.h"

#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/analyzer.h"
#include "dsl/binder.h"
#include "dsl/sql/lexer.h"
#include "dsl/with_properties.h"

namespace millrace::dsl::testing {

namespace {

class Checker {
  public:
    Checker(const sql::Span& at, const sql::SourceText& source, const AssertContext& context)
        : at_(at), source_(source), context_(context) {}

    Status check(const sql::AssertValues& expected) {
        MILLRACE_TRY(const SourceInfo* info,
                     resolve_source(expected.source, context_.catalog, source_));
        MILLRACE_TRY(const Row row, evaluate(expected, *info));
        MILLRACE_TRY(const std::optional<TypedRow> next, context_.next(*info));
        const std::string shown = sql::name_text(info->name);
        if (!next) {
            return failed(expected.source.at, "there is no further record in " + shown);
        }
        const Schema& schema = info->schema.schema;
        if (expected.is_tombstone != next->is_tombstone && !schema.value.empty()) {
            return failed(expected.values_at,
                          expected.is_tombstone
                              ? "the next record of " + shown + " is no tombstone"
                              : "the next record of " + shown + " is a tombstone");
        }
        // Header columns are no part of what is written.
        for (std::size_t i = 0; i < schema.key.size() + schema.value.size(); ++i) {
            const bool is_key = i < schema.key.size();
            if (!is_key && next->is_tombstone) {
                break;
            }
            const Value& actual = is_key ? next->key[i] : next->value[i - schema.key.size()];
            if (expected.is_tombstone && !row.is_given[i]) {
                continue;
            }
            MILLRACE_TRY_STATUS(compare(schema.field(i), row.columns[i], actual));
        }
        const Field time{"ROWTIME", TypeKind::kBigint};
        if (row.time) {
            MILLRACE_TRY_STATUS(compare(time, *row.time, Value(next->timestamp)));
        }
        if (row.window_start && next->window) {
            MILLRACE_TRY_STATUS(compare(
                {"WINDOWSTART", TypeKind::kBigint}, *row.window_start, Value(next->window->first)));
        }
        if (row.window_end && next->window) {
            MILLRACE_TRY_STATUS(compare(
                {"WINDOWEND", TypeKind::kBigint}, *row.window_end, Value(next->window->second)));
        }
        return Ok{};
    }

    Status check(const sql::AssertSource& expected) {
        MILLRACE_TRY(const SourceInfo* info,
                     resolve_source(expected.name, context_.catalog, source_));
        const std::string shown = sql::name_text(info->name);
        if (info->schema.is_table != expected.is_table) {
            return failed(expected.name.at, shown + " is a " + info->kind());
        }
        if (!expected.columns.empty()) {
            MILLRACE_TRY_STATUS(check_columns(expected, *info));
        }
        MILLRACE_TRY(const WithProperties with, read_with(expected.with, source_));
        const auto differs = [&](const std::string& what, const std::string& is) {
            return failed(expected.name.at, what + " of " + shown + " is " + is);
        };
        if (with.topic && *with.topic != info->topic) {
            return differs("the topic", info->topic);
        }
        if (with.key_format && *with.key_format != info->schema.key.format) {
            return differs("the key format", std::string(name_of(info->schema.key.format)));
        }
        if (with.value_format && *with.value_format != info->schema.value.format) {
            return differs("the value format", std::string(name_of(info->schema.value.format)));
        }
        if (with.key_delimiter && *with.key_delimiter != info->schema.key.delimiter) {
            return differs("the key's delimiter", std::string(1, info->schema.key.delimiter));
        }
        if (with.value_delimiter && *with.value_delimiter != info->schema.value.delimiter) {
            return differs("the value's delimiter", std::string(1, info->schema.value.delimiter));
        }
        if (with.wrap_single && *with.wrap_single != info->schema.value.wrap_single) {
            return differs("WRAP_SINGLE_VALUE", info->schema.value.wrap_single ? "TRUE" : "FALSE");
        }
        if (with.timestamp_column &&
            sql::upper_case(*with.timestamp_column) != sql::upper_case(info->timestamp_column)) {
            return differs("the timestamp column",
                           info->timestamp_column.empty() ? "none" : info->timestamp_column);
        }
        if (with.timestamp_format && *with.timestamp_format != info->timestamp_format) {
            return differs("the timestamp format", info->timestamp_format);
        }
        if (with.window && *with.window != info->schema.schema.window) {
            return differs("the window", std::string(name_of(info->schema.schema.window.kind)));
        }
        return check_partitions(with, info->topic, expected.name.at);
    }

    Status check(const sql::AssertTopic& expected) {
        const auto there = context_.log.describe_topic(expected.topic.text);
        if (expected.is_absent) {
            return there.ok() ? Status(failed(expected.topic.at,
                                              "topic " + expected.topic.text + " is there"))
                              : Status(Ok{});
        }
        if (!there.ok()) {
            std::vector<std::string> names;
            for (const TopicInfo& info : context_.log.list_topics()) {
                names.push_back(info.name);
            }
            return failed(expected.topic.at,
                          "topic " + expected.topic.text + " is not there" +
                              did_you_mean(expected.topic.text, names));
        }
        MILLRACE_TRY(const WithProperties with, read_with(expected.with, source_));
        return check_partitions(with, expected.topic.text, expected.topic.at);
    }

    Status check(const sql::AssertSchema& expected) {
        if (expected.is_absent) {
            return Ok{};  // there is no registry, and nothing in it
        }
        return source_.error_at(
            at_, SqlError::kUnsupported, "ASSERT SCHEMA: there is no schema registry yet");
    }

  private:
    struct Row {
        std::vector<Value> columns;
        std::vector<bool> is_given;
        std::optional<Value> time;
        std::optional<Value> window_start;
        std::optional<Value> window_end;
    };

    Error failed(const sql::Span& at, const std::string& message) const {
        return source_.error_at(at, SqlError::kAssertionFailed, message);
    }

    Result<Row> evaluate(const sql::AssertValues& expected, const SourceInfo& info) const {
        const Schema& schema = info.schema.schema;
        std::vector<std::string> names;
        for (const sql::Name& name : expected.columns) {
            names.push_back(name.text);
        }
        if (names.empty()) {
            const std::size_t count =
                schema.key.size() + (expected.is_tombstone ? 0 : schema.value.size());
            for (std::size_t i = 0; i < count; ++i) {
                names.push_back(schema.field(i).name);
            }
        }
        if (names.size() != expected.values.size()) {
            return source_.error_at(expected.values_at,
                                    SqlError::kValueCount,
                                    "expected " + std::to_string(names.size()) + " values, found " +
                                        std::to_string(expected.values.size()));
        }
        Row row;
        row.columns.resize(schema.size());
        row.is_given.resize(schema.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto index = schema.find(names[i]);
            std::optional<Value>* const pseudo = names[i] == "ROWTIME"       ? &row.time
                                                 : names[i] == "WINDOWSTART" ? &row.window_start
                                                 : names[i] == "WINDOWEND"   ? &row.window_end
                                                                             : nullptr;
            if (!index && pseudo == nullptr) {
                return unknown_column(expected, i, names[i], schema);
            }
            const DataType type = index ? schema.field(*index).type : TypeKind::kBigint;
            MILLRACE_TRY(Value value,
                         evaluate_constant(*expected.values[i], type, source_, &context_.env));
            if (index) {
                row.columns[*index] = std::move(value);
                row.is_given[*index] = true;
            } else {
                *pseudo = std::move(value);
            }
        }
        return row;
    }
    Error unknown_column(const sql::AssertValues& expected,
                         std::size_t i,
                         const std::string& name,
                         const Schema& schema) const {
        std::vector<std::string> known;
        for (std::size_t c = 0; c < schema.size(); ++c) {
            known.push_back(schema.field(c).name);
        }
        return source_.error_at(
            expected.columns.empty() ? expected.values[i]->at : expected.columns[i].at,
            SqlError::kUnknownColumn,
            "unknown column " + sql::name_text(name) + did_you_mean(name, known));
    }

    Status compare(const Field& field, const Value& expected, const Value& actual) const {
        if (expected == actual) {
            return Ok{};
        }
        MILLRACE_TRY(const std::string wanted, cell_text(expected, field));
        MILLRACE_TRY(const std::string found, cell_text(actual, field));
        return wanted == found ? Status(Ok{})
                               : Status(failed(at_,
                                               "column " + sql::name_text(field.name) + " is " +
                                                   found + ", not " + wanted));
    }

    Status check_columns(const sql::AssertSource& expected, const SourceInfo& info) const {
        const Schema& schema = info.schema.schema;
        if (expected.columns.size() != schema.size()) {
            return failed(expected.name.at,
                          sql::name_text(info.name) + " has " + std::to_string(schema.size()) +
                              " columns, not " + std::to_string(expected.columns.size()));
        }
        const std::vector<std::size_t> order = schema.shown_order();
        for (std::size_t i = 0; i < order.size(); ++i) {
            const sql::ColumnDef& column = expected.columns[i];
            const bool is_key =
                column.key == sql::KeyKind::kKey || column.key == sql::KeyKind::kPrimaryKey;
            const Field& field = schema.field(order[i]);
            const HeaderColumn* header = schema.header(order[i]);
            if (column.name.text != field.name || column.type != field.type ||
                is_key != (order[i] < schema.key.size()) ||
                (column.key == sql::KeyKind::kHeaders) != (header != nullptr) ||
                (header != nullptr && column.header != header->key)) {
                return failed(column.at,
                              "column " + std::to_string(i + 1) + " is " +
                                  sql::name_text(field.name) + " " + field.type.to_string() +
                                  role_of(info, order[i]));
            }
        }
        return Ok{};
    }

    static std::string role_of(const SourceInfo& info, std::size_t column) {
        const Schema& schema = info.schema.schema;
        if (const HeaderColumn* header = schema.header(column)) {
            return header->key ? " HEADER(" + sql::string_text(*header->key) + ")" : " HEADERS";
        }
        if (column >= schema.key.size()) {
            return "";
        }
        return info.schema.is_table ? " PRIMARY KEY" : " KEY";
    }

    Status check_partitions(const WithProperties& with,
                            const std::string& topic,
                            const sql::Span& at) const {
        if (!with.partitions) {
            return Ok{};
        }
        MILLRACE_TRY(const TopicInfo info, context_.log.describe_topic(topic));
        return info.partitions == *with.partitions
                   ? Status(Ok{})
                   : Status(failed(at,
                                   "topic " + topic + " has " + std::to_string(info.partitions) +
                                       " partitions, not " + std::to_string(*with.partitions)));
    }

    const sql::Span& at_;
    const sql::SourceText& source_;
    const AssertContext& context_;
};

}  // namespace

Status check_assertion(const sql::Assert& expected,
                       const sql::Span& at,
                       const sql::SourceText& source,
                       const AssertContext& context) {
    Checker checker(at, source, context);
    return std::visit([&checker](const auto& what) { return checker.check(what); }, expected.what);
}

}  // namespace millrace::dsl::testing
