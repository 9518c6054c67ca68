#include "dsl/insert_values.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/base/nearest_name.h"
#include "core/record/partitioner.h"
#include "core/record/record_batch_builder.h"
#include "core/row/serde.h"
#include "dsl/analyzer.h"
#include "dsl/binder.h"
#include "dsl/sql/lexer.h"

namespace millrace::dsl {

namespace {

class Inserter {
  public:
    Inserter(const sql::InsertValues& insert,
             const SourceInfo& target,
             const sql::SourceText& source,
             const Env& env)
        : insert_(insert), target_(target), source_(source), env_(env) {}

    Status collect(std::int64_t now) {
        const Schema& schema = target_.schema.schema;
        time_ = now;
        values_.resize(schema.size());
        std::vector<std::string> names;
        for (const sql::Name& name : insert_.columns) {
            names.push_back(name.text);
        }
        if (names.empty()) {
            for (std::size_t i = 0; i < schema.size() - schema.headers.size(); ++i) {
                names.push_back(schema.field(i).name);
            }
        }
        MILLRACE_TRY_STATUS(refuse_headers());
        if (names.size() != insert_.values.size()) {
            return fail(
                insert_.values_at,
                SqlError::kValueCount,
                insert_.columns.empty()
                    ? "Failed to insert values into '" + target_.name +
                          "'. Expected a value for each column: " + std::to_string(names.size()) +
                          ", found " + std::to_string(insert_.values.size())
                    : "Failed to prepare statement: Expected number columns and values to "
                      "match: " +
                          std::to_string(names.size()) + ", " +
                          std::to_string(insert_.values.size()));
        }
        std::vector<bool> is_given(schema.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
            MILLRACE_TRY_STATUS(take(names[i], i, is_given));
        }
        for (std::size_t i = 0; i < schema.key.size(); ++i) {
            if (target_.schema.is_table && values_[i].is_null()) {
                return fail(insert_.values_at,
                            SqlError::kKeyValueMissing,
                            "a row of a table needs its key " + sql::name_text(schema.key[i].name));
            }
        }
        return Ok{};
    }

    Result<Buffer> encode(std::int32_t partitions, Partition& partition) const {
        const Schema& schema = target_.schema.schema;
        EncodedRows key;
        EncodedRows value;
        MILLRACE_TRY_STATUS(encode_side(target_.schema.key, schema.key, 0, key));
        MILLRACE_TRY_STATUS(
            encode_side(target_.schema.value, schema.value, schema.key.size(), value));
        partition = key.row(0) ? partition_of_key(*key.row(0), partitions) : Partition{0};
        RecordBatchBuilder builder;
        builder.add(key.row(0), value.row(0), Timestamp{time_});
        return builder.finish();
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }
    Status refuse_headers() const {
        const Schema& schema = target_.schema.schema;
        std::string refused;
        sql::Span at;
        for (const sql::Name& name : insert_.columns) {
            const auto index = schema.find(name.text);
            if (index && schema.header(*index) != nullptr) {
                at = refused.empty() ? name.at : at;
                refused += (refused.empty() ? "" : ", ") + sql::name_text(name.text);
            }
        }
        return refused.empty() ? Status(Ok{})
                               : fail(at,
                                      SqlError::kHeaderInsert,
                                      "Cannot insert into HEADER columns: " + refused);
    }
    Status take(const std::string& name, std::size_t i, std::vector<bool>& is_given) {
        const Schema& schema = target_.schema.schema;
        const sql::Span at =
            insert_.columns.empty() ? insert_.values[i]->at : insert_.columns[i].at;
        if (name == "ROWTIME") {
            MILLRACE_TRY(const Value time,
                         evaluate_constant(*insert_.values[i], TypeKind::kBigint, source_, &env_));
            const auto* ms = std::get_if<std::int64_t>(&time.data);
            if (ms == nullptr || *ms < 0) {
                return fail(insert_.values[i]->at,
                            SqlError::kBadRowtime,
                            "ROWTIME takes milliseconds from 0 on");
            }
            time_ = *ms;
            return Ok{};
        }
        const auto index = schema.find(name);
        if (!index) {
            std::vector<std::string> names;
            for (std::size_t c = 0; c < schema.size(); ++c) {
                names.push_back(schema.field(c).name);
            }
            return source_.error_at(
                at,
                SqlError::kUnknownColumn,
                "unknown column " + sql::name_text(name) + did_you_mean(name, names));
        }
        if (is_given[*index]) {
            return fail(
                at, SqlError::kColumnTwice, "column " + sql::name_text(name) + " is given twice");
        }
        is_given[*index] = true;
        MILLRACE_TRY(
            values_[*index],
            evaluate_constant(*insert_.values[i], schema.field(*index).type, source_, &env_));
        return Ok{};
    }
    Status encode_side(const FormatSpec& format,
                       const std::vector<Field>& fields,
                       std::size_t first,
                       EncodedRows& out) const {
        MILLRACE_TRY(const auto encoder, make_encoder(format, fields));
        std::vector<ColumnPtr> columns;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            ColumnBuilder builder(fields[i].type, 1);
            set_value(builder, 0, values_[first + i]);
            columns.push_back(builder.finish(1));
        }
        const std::uint32_t row = 0;
        encoder->encode(columns, std::span(&row, 1), out);
        return Ok{};
    }

    const sql::InsertValues& insert_;
    const SourceInfo& target_;
    const sql::SourceText& source_;
    const Env& env_;
    std::vector<Value> values_;
    std::int64_t time_ = 0;
};

}  // namespace

Status insert_values(const sql::InsertValues& insert,
                     const Catalog& catalog,
                     const sql::SourceText& source,
                     Env& env,
                     LogClient& log) {
    MILLRACE_TRY(const SourceInfo* target, resolve_source(insert.target, catalog, source));
    if (target->is_read_only) {
        return source.error_at(insert.target.at,
                               SqlError::kInsertReadOnly,
                               "Cannot insert values into read-only " +
                                   std::string(target->kind()) + ": " +
                                   sql::name_text(target->name) + " (CREATE SOURCE)");
    }
    if (target->schema.schema.window.kind != WindowKind::kNone) {
        return source.error_at(insert.target.at,
                               SqlError::kInsertWindowed,
                               "Cannot insert values into windowed " + std::string(target->kind()) +
                                   ": " + sql::name_text(target->name));
    }
    Inserter inserter(insert, *target, source, env);
    MILLRACE_TRY_STATUS(inserter.collect(env.clock.wall_ms()));
    MILLRACE_TRY(const TopicInfo topic, log.describe_topic(target->topic));
    Partition partition;
    MILLRACE_TRY(Buffer batch, inserter.encode(topic.partitions, partition));
    Unit unit;
    unit.pieces.push_back(Piece{TopicPartition{topic.id, partition}, std::move(batch)});
    MILLRACE_TRY_STATUS(append_and_wait(log, std::move(unit)));
    return Ok{};
}

}  // namespace millrace::dsl
