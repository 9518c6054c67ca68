#include "connectors/sqlite/sqlite_database.h"

#include <sqlite3.h>

namespace millrace::connectors {

namespace {

/// How long SQLite itself waits for another process's lock, before our retries start.
constexpr int kBusyTimeoutMs = 2000;

Error error_of(sqlite3* database, int result, std::string_view doing) {
    ErrorCode code = ErrorCode::kInvalidArgument;
    switch (result & 0xFF) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            code = ErrorCode::kUndecodableRow;
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            code = ErrorCode::kInUse;
            break;
        case SQLITE_FULL:
            code = ErrorCode::kNoSpace;
            break;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            code = ErrorCode::kIo;
            break;
        default:
            break;
    }
    const char* reason = database == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(database);
    return {code, std::string(doing) + ": " + reason};
}

}  // namespace

std::string sql_name(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        quoted.append(c == '"' ? 2 : 1, c);
    }
    return quoted + "\"";
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    static_cast<void>(sqlite3_finalize(statement));
}

// The bind functions fail only for a parameter that does not exist: the caller's bug, caught by
// the CHECK.
void Statement::bind_null(int parameter) {
    CHECK(sqlite3_bind_null(statement_.get(), parameter) == SQLITE_OK);
}

void Statement::bind(int parameter, std::int64_t value) {
    CHECK(sqlite3_bind_int64(statement_.get(), parameter, value) == SQLITE_OK);
}

void Statement::bind(int parameter, double value) {
    CHECK(sqlite3_bind_double(statement_.get(), parameter, value) == SQLITE_OK);
}

void Statement::bind_text(int parameter, std::string_view text) {
    // A text above SQLite's limit (1 GB) binds as null; records are far smaller.
    const char* at = text.data() == nullptr ? "" : text.data();
    static_cast<void>(sqlite3_bind_text64(
        statement_.get(), parameter, at, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_bytes(int parameter, ByteView bytes) {
    const void* at = bytes.data() == nullptr ? static_cast<const void*>("") : bytes.data();
    static_cast<void>(
        sqlite3_bind_blob64(statement_.get(), parameter, at, bytes.size(), SQLITE_STATIC));
}

Result<bool> Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result == SQLITE_DONE) {
        static_cast<void>(sqlite3_reset(statement_.get()));
        return false;
    }
    Error error = error_of(sqlite3_db_handle(statement_.get()), result, "sqlite");
    static_cast<void>(sqlite3_reset(statement_.get()));
    return error;
}

Status Statement::run() {
    for (;;) {
        MILLRACE_TRY(const bool has_row, step());
        if (!has_row) {
            return Ok{};
        }
    }
}

void Statement::reset() {
    static_cast<void>(sqlite3_reset(statement_.get()));
}

int Statement::columns() const {
    return sqlite3_column_count(statement_.get());
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
    const auto* bytes =
        reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const {
    static_cast<void>(sqlite3_close_v2(database));
}

Result<Database> Database::open(const std::string& path) {
    sqlite3* handle = nullptr;
    const int result =
        sqlite3_open_v2(path.c_str(),
                        &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr);
    Database database(handle);
    if (result != SQLITE_OK) {
        return error_of(handle, result, "cannot open the database " + path);
    }
    static_cast<void>(sqlite3_extended_result_codes(handle, 1));
    static_cast<void>(sqlite3_busy_timeout(handle, kBusyTimeoutMs));
    Status ready = database.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
    if (!ready.ok()) {
        return ready.error().with_context(path);
    }
    return database;
}

Result<Statement> Database::prepare(const std::string& sql) {
    sqlite3_stmt* handle = nullptr;
    const int result = sqlite3_prepare_v3(database_.get(),
                                          sql.c_str(),
                                          static_cast<int>(sql.size() + 1),
                                          SQLITE_PREPARE_PERSISTENT,
                                          &handle,
                                          nullptr);
    Statement statement(handle);
    if (result != SQLITE_OK) {
        return error_of(database_.get(), result, sql);
    }
    return statement;
}

Status Database::execute(const std::string& sql) {
    const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        return error_of(database_.get(), result, sql);
    }
    return Ok{};
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(database_.get());
}

void Database::rollback() {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        static_cast<void>(execute("ROLLBACK"));
    }
}

Result<std::vector<Database::Column>> Database::columns_of(const std::string& table) {
    MILLRACE_TRY(Statement list, prepare("PRAGMA table_info(" + sql_name(table) + ")"));
    std::vector<Column> columns;
    for (;;) {
        MILLRACE_TRY(const bool has_row, list.step());
        if (!has_row) {
            return columns;
        }
        columns.push_back({.name = list.text(1), .is_key = list.integer(5) > 0});
    }
}

}  // namespace millrace::connectors
