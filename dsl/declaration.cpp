#include "dsl/declaration.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/row/record_headers.h"
#include "dsl/binder.h"
#include "dsl/sql/lexer.h"
#include "dsl/timestamp_column.h"

namespace millrace::dsl {

namespace {

class Declarer {
  public:
    Declarer(const sql::CreateSource& create,
             const Settings& settings,
             const sql::SourceText& source)
        : create_(create), settings_(settings), source_(source) {}

    Result<Declaration> run() {
        SourceInfo& info = out_.source;
        info.name = create_.name.text;
        info.schema.is_table = create_.is_table;
        info.is_read_only = create_.is_read_only;
        MILLRACE_TRY(out_.with, read_with(create_.with, source_));
        if (create_.columns.empty()) {
            MILLRACE_TRY_STATUS(choose_formats(
                out_.with, settings_, nullptr, create_.name.at, source_, info.schema));
            return fail(create_.name.at,
                        SqlError::kNoColumns,
                        "No columns supplied. They must be listed: taking them from a schema "
                        "registry is not supported yet");
        }
        std::set<std::string> names;
        for (const sql::ColumnDef& column : create_.columns) {
            if (!names.insert(column.name.text).second) {
                return fail(column.name.at,
                            SqlError::kDuplicateColumn,
                            "two columns are named " + sql::name_text(column.name.text));
            }
            MILLRACE_TRY_STATUS(add(column));
        }
        if (create_.is_table && info.schema.schema.key.empty()) {
            return fail(create_.name.at,
                        SqlError::kTableWithoutKey,
                        "Tables require a PRIMARY KEY. Please define the PRIMARY KEY.");
        }
        info.schema.schema.window = out_.with.window.value_or(WindowInfo{});
        if (out_.with.window && info.schema.schema.key.empty()) {
            return fail(create_.name.at,
                        SqlError::kWindowWithoutKey,
                        "a windowed source needs a key column");
        }
        MILLRACE_TRY_STATUS(
            choose_formats(out_.with, settings_, nullptr, create_.name.at, source_, info.schema));
        MILLRACE_TRY_STATUS(
            check_formats(info.schema,
                          out_.with.format_at.length > 0 ? out_.with.format_at : create_.name.at,
                          source_));
        info.topic = out_.with.topic.value_or(info.name);
        MILLRACE_TRY_STATUS(take_timestamp());
        return std::move(out_);
    }

  private:
    Error fail(const sql::Span& at, SqlError error, std::string_view message) const {
        return source_.error_at(at, error, message);
    }
    Status add(const sql::ColumnDef& column) {
        Schema& schema = out_.source.schema.schema;
        const Field field{column.name.text, column.type};
        if (is_pseudo_column(field.name)) {
            return fail(column.name.at,
                        SqlError::kReservedColumn,
                        "'" + field.name +
                            "' is a reserved column name. You cannot use it as a name for a "
                            "column.");
        }
        switch (column.key) {
            case sql::KeyKind::kNone:
                schema.value.push_back(field);
                return Ok{};
            case sql::KeyKind::kHeaders:
                return add_header(column);
            case sql::KeyKind::kKey:
            case sql::KeyKind::kPrimaryKey:
                break;  // the parser saw to it that it is the right one of the two
        }
        if (has_map(column.type)) {
            return fail(column.at, SqlError::kMapAsKey, map_key_message(field));
        }
        schema.key.push_back(field);
        return Ok{};
    }
    Status add_header(const sql::ColumnDef& column) {
        Schema& schema = out_.source.schema.schema;
        const DataType wanted = column.header ? DataType(TypeKind::kBytes) : record_headers_type();
        const std::string kind =
            column.header ? "HEADER('" + *column.header + "')" : std::string("HEADERS");
        if (!(column.type == wanted)) {
            return fail(column.at,
                        SqlError::kHeaderType,
                        "Invalid type for " + (column.header ? "HEADER('key')" : kind) +
                            " column: expected " + wanted.to_string() + ", got " +
                            column.type.to_string());
        }
        for (const HeaderColumn& other : schema.headers) {
            if (other.key == column.header || !other.key || !column.header) {
                return fail(column.at,
                            SqlError::kHeaderConflict,
                            "Schema already contains a " +
                                (other.key ? "HEADER('" + *other.key + "')" : "HEADERS") +
                                " column. There is either one HEADERS column, or HEADER('key') "
                                "columns of different keys");
            }
        }
        schema.headers.push_back(
            {Field{column.name.text, column.type}, column.header, schema.value.size()});
        return Ok{};
    }
    Status take_timestamp() {
        SourceInfo& info = out_.source;
        if (!out_.with.timestamp_column) {
            return Ok{};
        }
        info.timestamp_column =
            timestamp_column_name(info.schema.schema, *out_.with.timestamp_column);
        info.timestamp_format = out_.with.timestamp_format.value_or("");
        const auto extractor = make_timestamp_extractor(
            info.schema.schema, info.timestamp_column, info.timestamp_format);
        if (!extractor.ok()) {
            return source_.place(
                out_.with.timestamp_at, extractor.error(), SqlError::kTimestampType);
        }
        return Ok{};
    }

    const sql::CreateSource& create_;
    const Settings& settings_;
    const sql::SourceText& source_;
    Declaration out_;
};

}  // namespace

Result<Declaration> declare(const sql::CreateSource& create,
                            const Settings& settings,
                            const sql::SourceText& source) {
    return Declarer(create, settings, source).run();
}

std::string timestamp_column_name(const Schema& schema, const std::string& text) {
    if (schema.find(text)) {
        return text;
    }
    if (text.size() > 2 && text.front() == '`' && text.back() == '`') {
        return text.substr(1, text.size() - 2);
    }
    const std::string upper = sql::upper_case(text);
    return schema.find(upper) ? upper : text;
}

bool has_map(const DataType& type) {
    return type.is(TypeKind::kMap) ||
           std::any_of(type.children().begin(), type.children().end(), [](const Field& child) {
               return has_map(child.type);
           });
}

std::string map_key_message(const Field& field) {
    return "Map keys, including types that contain maps, are not supported as they may lead to "
           "unexpected behavior due to inconsistent serialization. Key column name: `" +
           field.name + "`. Column type: " + field.type.to_string() +
           ". See https://github.com/confluentinc/ksql/issues/6621 for more.";
}

}  // namespace millrace::dsl
