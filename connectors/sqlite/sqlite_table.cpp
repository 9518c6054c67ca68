#include "connectors/sqlite/sqlite_table.h"

#include <algorithm>
#include <array>

#include "core/row/value.h"

namespace millrace::connectors {

namespace {

constexpr std::string_view kWindowStartName = "window_start";
constexpr std::string_view kWindowEndName = "window_end";
constexpr std::string_view kKafkaNames[] = {
    "__connect_topic", "__connect_partition", "__connect_offset"};

std::string lower_text(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

bool is_same_name(std::string_view a, std::string_view b) {
    return lower_text(a) == lower_text(b);
}

std::string sql_type(const DataType& type) {
    switch (type.kind()) {
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return "INTEGER";
        case TypeKind::kDouble:
            return "REAL";
        case TypeKind::kBytes:
            return "BLOB";
        case TypeKind::kDecimal:  // as text: SQLite's own numbers would round it
        case TypeKind::kString:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            return "TEXT";
    }
    return "TEXT";
}

Error bad_config(std::string message) {
    return {ErrorCode::kConfigInvalid, std::move(message)};
}

std::string list_of_names(const std::vector<SqliteColumn>& columns) {
    std::string list;
    for (const SqliteColumn& column : columns) {
        list += (list.empty() ? "" : ", ") + column.name;
    }
    return list;
}

/// pk.fields for record_key and record_value: names of columns that the mode may take.
Status mark_named_keys(std::vector<SqliteColumn>& columns,
                       const std::vector<std::string>& names,
                       std::size_t record_key_columns,
                       PrimaryKeyMode mode) {
    for (const std::string& name : names) {
        const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
            return is_same_name(column.name, name);
        });
        const bool is_of_key =
            found < columns.begin() + static_cast<std::ptrdiff_t>(record_key_columns);
        if (found == columns.end() || (mode == PrimaryKeyMode::kRecordKey && !is_of_key)) {
            return bad_config("pk.fields names no column of the record's " +
                              std::string(mode == PrimaryKeyMode::kRecordKey ? "key" : "value") +
                              ": " + name + " (columns: " + list_of_names(columns) + ")");
        }
        found->is_key = true;
    }
    return Ok{};
}

Status choose_keys(std::vector<SqliteColumn>& columns,
                   std::size_t record_key_columns,
                   const SqliteTableOptions& options) {
    switch (options.key_mode) {
        case PrimaryKeyMode::kNone:
            return Ok{};
        case PrimaryKeyMode::kKafka:
            return Ok{};  // set where the columns are made
        case PrimaryKeyMode::kRecordKey:
            if (record_key_columns == 0) {
                return bad_config("pk.mode=record_key needs records with a key");
            }
            if (record_key_columns == 1 && options.key_fields.size() == 1) {
                columns[0].name = options.key_fields[0];  // names a key that is one plain value
            }
            if (options.key_fields.empty()) {
                for (std::size_t i = 0; i < record_key_columns; ++i) {
                    columns[i].is_key = true;
                }
                return Ok{};
            }
            return mark_named_keys(
                columns, options.key_fields, record_key_columns, options.key_mode);
        case PrimaryKeyMode::kRecordValue:
            if (options.key_fields.empty()) {
                return bad_config("pk.mode=record_value needs pk.fields");
            }
            return mark_named_keys(
                columns, options.key_fields, record_key_columns, options.key_mode);
    }
    return Ok{};
}

std::string create_statement(const std::string& table, const std::vector<SqliteColumn>& columns) {
    std::string sql = "CREATE TABLE IF NOT EXISTS " + sql_name(table) + " (";
    std::string keys;
    for (const SqliteColumn& column : columns) {
        sql += (&column == columns.data() ? "" : ", ") + sql_name(column.name) + " " +
               column.sql_type + (column.is_key ? " NOT NULL" : "");
        if (column.is_key) {
            keys += (keys.empty() ? "" : ", ") + sql_name(column.name);
        }
    }
    // Rows are found by their key only: without a rowid there is one tree to keep, not two.
    return keys.empty() ? sql + ")" : sql + ", PRIMARY KEY (" + keys + ")) WITHOUT ROWID";
}

/// Makes the table when it is not there, adds missing columns when that is allowed.
Status fit_table(Database& database,
                 const std::string& table,
                 const std::vector<SqliteColumn>& columns,
                 const SqliteTableOptions& options) {
    MILLRACE_TRY(const std::vector<Database::Column> present, database.columns_of(table));
    if (present.empty()) {
        if (!options.auto_create) {
            return bad_config("there is no such table, and auto.create is false: " + table);
        }
        return database.execute(create_statement(table, columns));
    }
    for (const SqliteColumn& column : columns) {
        const bool is_there =
            std::any_of(present.begin(), present.end(), [&](const Database::Column& other) {
                return is_same_name(other.name, column.name);
            });
        if (is_there) {
            continue;
        }
        if (!options.auto_evolve) {
            return bad_config("table " + table + " has no column " + column.name +
                              "; auto.evolve=true would add it");
        }
        if (column.is_key) {
            return bad_config("table " + table + " has no column " + column.name +
                              ", and a column of the primary key cannot be added");
        }
        MILLRACE_TRY_STATUS(database.execute("ALTER TABLE " + sql_name(table) + " ADD COLUMN " +
                                             sql_name(column.name) + " " + column.sql_type));
    }
    return Ok{};
}

/// The parts of a statement and the columns of its parameters, in order.
struct Text {
    std::string sql;
    std::vector<std::size_t> parameters;
};

/// "a=?, b=?" over the columns that are (not) keys.
std::string assignments(const std::vector<SqliteColumn>& columns,
                        bool keys,
                        std::string_view between,
                        std::vector<std::size_t>& parameters) {
    std::string sql;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].is_key == keys) {
            sql += (sql.empty() ? "" : std::string(between)) + sql_name(columns[i].name) + "=?";
            parameters.push_back(i);
        }
    }
    return sql;
}

Text insert_statement(const std::string& table,
                      const std::vector<SqliteColumn>& columns,
                      InsertMode mode) {
    Text text;
    if (mode == InsertMode::kUpdate) {
        text.sql = "UPDATE " + sql_name(table) + " SET ";
        text.sql += assignments(columns, false, ", ", text.parameters);
        text.sql += " WHERE ";
        text.sql += assignments(columns, true, " AND ", text.parameters);
        return text;
    }
    std::string names;
    std::string marks;
    std::string keys;
    std::string changes;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string name = sql_name(columns[i].name);
        names += (i == 0 ? "" : ", ") + name;
        marks += i == 0 ? "?" : ", ?";
        text.parameters.push_back(i);
        if (columns[i].is_key) {
            keys += (keys.empty() ? "" : ", ") + name;
        } else {
            changes += (changes.empty() ? "" : ", ") + name + "=excluded." + name;
        }
    }
    text.sql = "INSERT INTO " + sql_name(table) + " (" + names + ") VALUES (" + marks + ")";
    if (mode == InsertMode::kUpsert) {
        text.sql += " ON CONFLICT (" + keys + ") DO ";
        text.sql += changes.empty() ? "NOTHING" : "UPDATE SET " + changes;
    }
    return text;
}

}  // namespace

Result<std::vector<SqliteColumn>> sqlite_columns(const TopicSchema& schema,
                                                 const SqliteTableOptions& options) {
    std::vector<SqliteColumn> columns;
    const auto cased = [&](std::string_view name) {
        return options.name_case == NameCase::kLower ? lower_text(name) : std::string(name);
    };
    const auto add_field = [&](std::size_t i) {
        const Field& field = schema.schema.field(i);
        columns.push_back({.name = cased(field.name),
                           .source = ColumnSource::kField,
                           .field = i,
                           .sql_type = sql_type(field.type)});
    };
    const std::size_t key_size = schema.schema.key.size();
    const bool is_windowed = schema.schema.window.kind != WindowKind::kNone;
    for (std::size_t i = 0; i < key_size; ++i) {
        add_field(i);
    }
    if (is_windowed) {
        columns.push_back({.name = std::string(kWindowStartName),
                           .source = ColumnSource::kWindowStart,
                           .sql_type = "INTEGER"});
        columns.push_back({.name = std::string(kWindowEndName),
                           .source = ColumnSource::kWindowEnd,
                           .sql_type = "INTEGER"});
    }
    const std::size_t record_key_columns = columns.size();
    for (std::size_t i = key_size; i < schema.schema.size(); ++i) {
        const std::string& name = schema.schema.field(i).name;
        // SELECT WINDOWSTART AS window_start: the key says the same.
        const bool is_window = is_windowed && (is_same_name(name, kWindowStartName) ||
                                               is_same_name(name, kWindowEndName));
        if (!is_window) {
            add_field(i);
        }
    }
    if (options.key_mode == PrimaryKeyMode::kKafka) {
        if (!options.key_fields.empty() && options.key_fields.size() != 3) {
            return bad_config(
                "pk.fields must name three columns with pk.mode=kafka: topic, partition, offset");
        }
        for (std::size_t i = 0; i < 3; ++i) {
            columns.push_back({.name = options.key_fields.empty() ? std::string(kKafkaNames[i])
                                                                  : options.key_fields[i],
                               .source = std::array{ColumnSource::kTopic,
                                                    ColumnSource::kPartition,
                                                    ColumnSource::kOffset}[i],
                               .is_key = true,
                               .sql_type = i == 0 ? "TEXT" : "INTEGER"});
        }
    }
    MILLRACE_TRY_STATUS(choose_keys(columns, record_key_columns, options));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (is_same_name(columns[i].name, columns[j].name)) {
                return bad_config("two columns have the same name in SQLite: " + columns[i].name);
            }
        }
    }
    return columns;
}

Result<SqliteTable> SqliteTable::open(Database& database,
                                      const std::string& name,
                                      const TopicSchema& schema,
                                      const SqliteTableOptions& options) {
    MILLRACE_TRY(std::vector<SqliteColumn> columns, sqlite_columns(schema, options));
    MILLRACE_TRY_STATUS(fit_table(database, name, columns, options));
    const auto as_config_error = [&name](const Error& error) {
        return error.code == ErrorCode::kInvalidArgument
                   ? bad_config("table " + name + " does not fit the settings: " + error.message)
                   : error;
    };
    SqliteTable table(options, std::move(columns));
    Text text = insert_statement(name, table.columns_, options.insert_mode);
    Result<Statement> upsert = database.prepare(text.sql);
    if (!upsert.ok()) {
        return as_config_error(upsert.error());
    }
    table.upsert_.emplace(std::move(upsert).value());
    table.upsert_columns_ = std::move(text.parameters);
    if (options.deletes) {
        std::string sql = "DELETE FROM " + sql_name(name) + " WHERE ";
        sql += assignments(table.columns_, true, " AND ", table.delete_columns_);
        Result<Statement> erase = database.prepare(sql);
        if (!erase.ok()) {
            return as_config_error(erase.error());
        }
        table.delete_.emplace(std::move(erase).value());
    }
    table.texts_.resize(table.columns_.size());
    table.nested_rows_.resize(table.columns_.size());
    for (const SqliteColumn& column : table.columns_) {
        std::unique_ptr<Encoder> encoder;
        if (column.source == ColumnSource::kField &&
            schema.schema.field(column.field).type.is_nested()) {
            MILLRACE_TRY(encoder,
                         make_encoder({.format = Format::kJson, .wrap_single = false},
                                      {schema.schema.field(column.field)}));
        }
        table.nested_.push_back(std::move(encoder));
    }
    return table;
}

/// Which rows to write: all good ones, or only the last of each key when nothing can tell the
/// difference afterwards.
void SqliteTable::select_rows(const SinkBatch& batch) {
    rows_.clear();
    const RowBatch& rows = *batch.rows;
    std::size_t error = 0;
    const bool is_last_wins = options_.insert_mode == InsertMode::kUpsert &&
                              options_.key_mode == PrimaryKeyMode::kRecordKey &&
                              options_.key_fields.empty();
    last_of_key_.clear();
    for (std::uint32_t row = 0; row < rows.size; ++row) {
        while (error < rows.errors.size() && rows.errors[error].row < row) {
            ++error;
        }
        if (error < rows.errors.size() && rows.errors[error].row == row) {
            continue;
        }
        const std::optional<ByteView>& key = batch.records->keys[row];
        if (!is_last_wins || !key) {
            rows_.push_back(row);
            continue;
        }
        const auto [at, is_new] =
            last_of_key_.try_emplace(as_text(*key), static_cast<std::uint32_t>(rows_.size()));
        if (is_new) {
            rows_.push_back(row);
        } else {
            rows_[at->second] = row;
        }
    }
}

Status SqliteTable::write(const SinkBatch& batch, const RejectRecord& reject) {
    select_rows(batch);
    encode_nested(batch);
    for (const std::uint32_t row : rows_) {
        Status written = write_row(batch, row);
        if (written.ok()) {
            continue;
        }
        // A refused statement changed nothing and the transaction goes on: there is no need for a
        // savepoint to find out which record it was.
        if (written.error().code != ErrorCode::kUndecodableRow) {
            return written;
        }
        MILLRACE_TRY_STATUS(reject(batch, row, written.error()));
    }
    return Ok{};
}

Status SqliteTable::write_row(const SinkBatch& batch, std::uint32_t row) {
    const bool is_tombstone = !batch.rows->has_value(row);
    if (is_tombstone && !options_.deletes) {
        return Error{ErrorCode::kUndecodableRow,
                     "the record has no value (a delete); delete.enabled=true with "
                     "pk.mode=record_key would delete its row"};
    }
    Statement& statement = is_tombstone ? *delete_ : *upsert_;
    const std::vector<std::size_t>& parameters = is_tombstone ? delete_columns_ : upsert_columns_;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        bind(statement, static_cast<int>(i) + 1, columns_[parameters[i]], batch, row);
    }
    return statement.run();
}

void SqliteTable::encode_nested(const SinkBatch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (nested_[i] == nullptr) {
            continue;
        }
        all_rows_.clear();
        for (std::uint32_t row = 0; row < batch.rows->size; ++row) {
            all_rows_.push_back(row);
        }
        nested_rows_[i].clear();
        nested_[i]->encode(
            std::span(&batch.rows->columns[columns_[i].field], 1), all_rows_, nested_rows_[i]);
    }
}

void SqliteTable::bind(Statement& statement,
                       int parameter,
                       const SqliteColumn& column,
                       const SinkBatch& batch,
                       std::uint32_t row) {
    const RowBatch& rows = *batch.rows;
    const auto position = static_cast<std::size_t>(&column - columns_.data());
    switch (column.source) {
        case ColumnSource::kWindowStart:
            return statement.bind(parameter, rows.window_start->at<std::int64_t>(row));
        case ColumnSource::kWindowEnd:
            return statement.bind(parameter, rows.window_end->at<std::int64_t>(row));
        case ColumnSource::kTopic:
            return statement.bind_text(parameter, batch.topic->info.name);
        case ColumnSource::kPartition:
            return statement.bind(parameter, std::int64_t{batch.partition.value});
        case ColumnSource::kOffset:
            return statement.bind(parameter, batch.records->offsets[row].value);
        case ColumnSource::kField:
            break;
    }
    const Column& values = *rows.columns[column.field];
    if (!values.is_valid(row)) {
        return statement.bind_null(parameter);
    }
    switch (values.type().kind()) {
        case TypeKind::kBoolean:
            return statement.bind(parameter, std::int64_t{values.at<std::uint8_t>(row)});
        case TypeKind::kInt:
            return statement.bind(parameter, std::int64_t{values.at<std::int32_t>(row)});
        case TypeKind::kBigint:
        case TypeKind::kTimestamp:
            return statement.bind(parameter, values.at<std::int64_t>(row));
        case TypeKind::kDouble:
            return statement.bind(parameter, values.at<double>(row));
        case TypeKind::kString:
            return statement.bind_text(parameter, values.at<StringRef>(row).view());
        case TypeKind::kBytes:
            return statement.bind_bytes(parameter, values.at<StringRef>(row).bytes());
        case TypeKind::kDecimal:
        case TypeKind::kDate:
        case TypeKind::kTime:
            texts_[position] = to_text(value_at(values, row), values.type());
            return statement.bind_text(parameter, texts_[position]);
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct: {
            const std::optional<ByteView> json = nested_rows_[position].row(row);
            return json ? statement.bind_text(parameter, as_text(*json))
                        : statement.bind_null(parameter);
        }
    }
}

}  // namespace millrace::connectors
