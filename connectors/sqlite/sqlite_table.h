// SqliteTable: one topic's table: its columns, its statements, and rows on their way into it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/connector.h"
#include "connectors/sqlite/sqlite_database.h"

namespace millrace::connectors {

enum class InsertMode : std::uint8_t { kInsert, kUpsert, kUpdate };
enum class PrimaryKeyMode : std::uint8_t { kNone, kRecordKey, kRecordValue, kKafka };
enum class NameCase : std::uint8_t { kLower, kAsIs };

struct SqliteTableOptions {
    InsertMode insert_mode = InsertMode::kInsert;
    PrimaryKeyMode key_mode = PrimaryKeyMode::kNone;
    std::vector<std::string> key_fields;  // empty: as the mode says
    bool auto_create = true;
    bool auto_evolve = false;
    bool deletes = false;
    NameCase name_case = NameCase::kLower;
};

/// Where a column's value comes from.
enum class ColumnSource : std::uint8_t {
    kField,  // key or value column of the topic's schema
    kWindowStart,
    kWindowEnd,
    kTopic,
    kPartition,
    kOffset,
};

struct SqliteColumn {
    std::string name;
    ColumnSource source = ColumnSource::kField;
    std::size_t field = 0;  // kField: position in the schema, key columns first
    bool is_key = false;    // of the table's primary key
    std::string sql_type;
};

/// What a topic's records become as columns. Key columns of the record come first, then the window,
/// then the value. kConfigInvalid when pk.mode, pk.fields and the schema do not fit.
[[nodiscard]] Result<std::vector<SqliteColumn>> sqlite_columns(const TopicSchema& schema,
                                                               const SqliteTableOptions& options);

/// Rows into one table. One thread at a time; must not outlive the database.
class SqliteTable {
  public:
    /// Makes or extends the table as the options allow, and prepares its statements. kConfigInvalid
    /// names the table and what does not fit.
    [[nodiscard]] static Result<SqliteTable> open(Database& database,
                                                  const std::string& name,
                                                  const TopicSchema& schema,
                                                  const SqliteTableOptions& options);

    /// Writes the rows of `batch` in the current transaction; what the table refuses goes to
    /// `reject`. With upserts by record key only the last row of a key is written.
    Status write(const SinkBatch& batch, const RejectRecord& reject);

  private:
    SqliteTable(SqliteTableOptions options, std::vector<SqliteColumn> columns)
        : options_(std::move(options)), columns_(std::move(columns)) {}

    void select_rows(const SinkBatch& batch);
    Status write_row(const SinkBatch& batch, std::uint32_t row);
    void bind(Statement& statement,
              int parameter,
              const SqliteColumn& column,
              const SinkBatch& batch,
              std::uint32_t row);
    void encode_nested(const SinkBatch& batch);

    SqliteTableOptions options_;
    std::vector<SqliteColumn> columns_;
    std::optional<Statement> upsert_;          // or insert, or update
    std::vector<std::size_t> upsert_columns_;  // in the order of its parameters
    std::optional<Statement> delete_;
    std::vector<std::size_t> delete_columns_;

    std::vector<std::uint32_t> rows_;  // of the batch, to be written
    std::unordered_map<std::string_view, std::uint32_t> last_of_key_;
    std::vector<std::string> texts_;  // bound texts that no column holds, by parameter
    std::vector<std::unique_ptr<Encoder>> nested_;  // by column; null for plain types
    std::vector<EncodedRows> nested_rows_;
    std::vector<std::uint32_t> all_rows_;
};

}  // namespace millrace::connectors
