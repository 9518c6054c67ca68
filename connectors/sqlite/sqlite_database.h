// Database and Statement: SQLite behind Results.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace millrace::connectors {

/// A prepared statement. Must not outlive its Database. One thread at a time.
class Statement {
  public:
    /// Parameters count from 1. Texts and bytes are not copied: they must live until step() was
    /// done.
    void bind_null(int parameter);
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, double value);
    void bind_text(int parameter, std::string_view text);
    void bind_bytes(int parameter, ByteView bytes);

    /// Runs to the next row; false when there is none, and the statement can be bound again.
    [[nodiscard]] Result<bool> step();
    /// Runs a statement that gives no rows.
    [[nodiscard]] Status run();
    void reset();

    /// Of each row.
    [[nodiscard]] int columns() const;
    /// Columns of the current row, from 0.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. One thread at a time.
///
/// Errors: kUndecodableRow when the values are refused (constraint, type, size): the statement had
/// no effect and the transaction goes on; kInUse when another one holds the lock; kNoSpace, kIo;
/// else kInvalidArgument.
class Database {
  public:
    /// Opens or makes the file in WAL mode with full syncs.
    [[nodiscard]] static Result<Database> open(const std::string& path);

    [[nodiscard]] Result<Statement> prepare(const std::string& sql);
    /// Runs one or several statements without parameters.
    Status execute(const std::string& sql);
    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] std::int64_t changes() const;
    /// Rolls an open transaction back; nothing happens when there is none.
    void rollback();

    struct Column {
        std::string name;
        bool is_key = false;
    };
    /// Empty when there is no such table.
    [[nodiscard]] Result<std::vector<Column>> columns_of(const std::string& table);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Database(sqlite3* database) : database_(database) {}

    std::unique_ptr<sqlite3, Close> database_;
};

/// "a\"b" in double quotes, as SQL wants names.
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace millrace::connectors
