// SqlSession: statements in, their answers out: the shell's way to an engine in this process or in
// the one that holds the data directory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "dsl/catalog_view.h"
#include "dsl/query_engine.h"

namespace millrace::server {

/// How the cells of rows are written: for people, or as JSON texts.
enum class CellForm : std::uint8_t { kText, kJson };

/// One row of SELECT or PRINT.
struct SessionRow {
    std::string key;                 // tells apart the rows of a table
    std::vector<std::string> cells;  // empty: the table's row of that key is gone
};

/// What a text of statements answers, in order, on the thread that executes it.
class SessionEvents {
  public:
    virtual ~SessionEvents() = default;
    virtual void begin_rows(const std::vector<std::string>& columns, bool is_table) = 0;
    /// False: no more rows are wanted.
    virtual bool row(const SessionRow& row) = 0;
    /// Asked every now and then while no row comes. False: no more rows are wanted.
    virtual bool wants_more() = 0;
    virtual void answer(const dsl::StatementResult& result) = 0;
};

/// Keeps SET and DEFINE from text to text. One thread at a time.
class SqlSession {
  public:
    virtual ~SqlSession() = default;
    /// name   what errors call the text
    [[nodiscard]] virtual Status execute(const std::string& text,
                                         const std::string& name,
                                         SessionEvents& events) = 0;
    [[nodiscard]] virtual Result<dsl::CatalogView> view() = 0;
    /// False: the process that executed is gone, every further call fails.
    [[nodiscard]] virtual bool is_open() const = 0;
};

/// Over an engine of this process, which outlives it.
[[nodiscard]] std::unique_ptr<SqlSession> make_local_session(dsl::QueryEngine& engine,
                                                             CellForm form);

/// A value as JSON text: numbers, true, false and null as such; NaN and infinity, times and bytes
/// (Base64) as strings; nested values as arrays and objects.
[[nodiscard]] std::string to_json(const Value& value, const DataType& type);

}  // namespace millrace::server
