#include "server/cli/sqlite_oracle.h"

#include <utility>

#include "connectors/sqlite/sqlite_database.h"
#include "dsl/testing/row_codec.h"

namespace millrace::server {

namespace {

using connectors::Database;
using connectors::Statement;
using dsl::testing::OracleTable;

std::string_view type_of(const DataType& type) {
    switch (type.kind()) {
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
            return "INTEGER";
        case TypeKind::kDouble:
            return "REAL";
        case TypeKind::kDecimal:
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return "TEXT";
}

/// `text` must live until the statement was run.
Status bind(
    Statement& insert, int parameter, const Value& value, const Field& field, std::string& text) {
    if (value.is_null()) {
        insert.bind_null(parameter);
    } else if (const bool* truth = std::get_if<bool>(&value.data)) {
        insert.bind(parameter, std::int64_t{*truth ? 1 : 0});
    } else if (const auto* small = std::get_if<std::int32_t>(&value.data);
               small != nullptr && field.type.is(TypeKind::kInt)) {
        insert.bind(parameter, std::int64_t{*small});
    } else if (const auto* number = std::get_if<std::int64_t>(&value.data);
               number != nullptr && field.type.is(TypeKind::kBigint)) {
        insert.bind(parameter, *number);
    } else if (const auto* real = std::get_if<double>(&value.data)) {
        insert.bind(parameter, *real);
    } else if (const auto* string = std::get_if<std::string>(&value.data);
               string != nullptr && field.type.is(TypeKind::kString)) {
        insert.bind_text(parameter, *string);
    } else {
        MILLRACE_TRY(text, dsl::testing::cell_text(value, field));
        insert.bind_text(parameter, text);
    }
    return Ok{};
}

Status fill(Database& database, const OracleTable& table) {
    std::string columns;
    std::string parameters;
    for (const Field& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + connectors::sql_name(column.name) + " " +
                   std::string(type_of(column.type));
        parameters += parameters.empty() ? "?" : ", ?";
    }
    const std::string name = connectors::sql_name(table.name);
    MILLRACE_TRY_STATUS(database.execute("CREATE TABLE " + name + " (" + columns + ")"));
    MILLRACE_TRY(Statement insert,
                 database.prepare("INSERT INTO " + name + " VALUES (" + parameters + ")"));
    std::vector<std::string> texts(table.columns.size());
    for (const std::vector<Value>& row : table.rows) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            MILLRACE_TRY_STATUS(
                bind(insert, static_cast<int>(i) + 1, row[i], table.columns[i], texts[i]));
        }
        MILLRACE_TRY_STATUS(insert.run());
    }
    return Ok{};
}

}  // namespace

Result<std::vector<std::vector<std::optional<std::string>>>> SqliteOracle::query(
    const std::vector<OracleTable>& tables, const std::string& sql) {
    MILLRACE_TRY(Database database, Database::open(":memory:"));
    for (const OracleTable& table : tables) {
        MILLRACE_TRY_STATUS(fill(database, table));
    }
    MILLRACE_TRY(Statement select, database.prepare(sql));
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (;;) {
        MILLRACE_TRY(const bool has_row, select.step());
        if (!has_row) {
            return rows;
        }
        rows.emplace_back();
        for (int i = 0; i < select.columns(); ++i) {
            rows.back().push_back(select.is_null(i) ? std::nullopt : std::optional(select.text(i)));
        }
    }
}

}  // namespace millrace::server
