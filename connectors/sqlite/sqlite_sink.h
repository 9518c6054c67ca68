// SqliteSink: records -> rows of a SQLite file, exactly once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/config_def.h"
#include "connectors/connector.h"
#include "connectors/sqlite/sqlite_database.h"
#include "connectors/sqlite/sqlite_table.h"

namespace millrace::connectors {

/// The positions live in the same file and change in the same transaction as the rows:
///
///     _millrace_offsets (connector, topic, partition, next_offset, epoch, topic_id)
///
/// Whatever moment the process dies at, the file holds exactly the rows before `next_offset`. Each
/// open() counts `epoch` up; an older instance that is still alive then finds no row to update,
/// rolls back and fails with kFenced.
class SqliteSink final : public SinkTask {
  public:
    [[nodiscard]] static std::vector<ConfigKey> keys();
    static void check(const Config& config, std::vector<std::string>& problems);
    explicit SqliteSink(Config config);

    [[nodiscard]] bool needs_schema() const override { return true; }
    [[nodiscard]] Result<std::vector<SinkPosition>> open(
        const SinkContext& context, const std::vector<SinkTopic>& topics) override;
    Status put(const SinkBatch& batch) override;
    Status commit() override;
    [[nodiscard]] std::size_t commit_records() const override;
    [[nodiscard]] std::chrono::milliseconds commit_interval() const override;

  private:
    using Place = std::pair<std::string, std::int32_t>;  // topic, partition

    Status take_over(const std::vector<SinkTopic>& topics, std::vector<SinkPosition>& positions);
    Result<std::optional<Offset>> stored_position(Statement& find,
                                                  const SinkTopic& topic,
                                                  Partition partition);
    [[nodiscard]] std::string table_of(const std::string& topic) const;

    Config config_;
    std::string path_;
    SqliteTableOptions options_;

    std::optional<SinkContext> context_;
    // Statements go before the database that they belong to: members die in reverse order.
    std::optional<Database> database_;
    std::optional<Statement> move_;
    std::map<std::string, SqliteTable> tables_;  // by topic
    std::int64_t epoch_ = 0;
    std::map<Place, Offset> moved_;  // since the last commit
    bool is_in_transaction_ = false;
};

}  // namespace millrace::connectors
