#include "connectors/sqlite/sqlite_sink.h"

#include "core/base/kill_point.h"

namespace millrace::connectors {

namespace {

constexpr std::string_view kUrlPrefix = "jdbc:sqlite:";
constexpr std::string_view kTopicMark = "${topic}";

InsertMode insert_mode_of(const std::string& text) {
    if (text == "upsert") {
        return InsertMode::kUpsert;
    }
    return text == "update" ? InsertMode::kUpdate : InsertMode::kInsert;
}

PrimaryKeyMode key_mode_of(const std::string& text) {
    if (text == "record_key") {
        return PrimaryKeyMode::kRecordKey;
    }
    if (text == "record_value") {
        return PrimaryKeyMode::kRecordValue;
    }
    return text == "kafka" ? PrimaryKeyMode::kKafka : PrimaryKeyMode::kNone;
}

std::string path_of(const Config& config) {
    const std::string& url = config.text("connection.url");
    return url.empty() ? config.text("file") : url.substr(kUrlPrefix.size());
}

}  // namespace

std::vector<ConfigKey> SqliteSink::keys() {
    return {
        {.name = "connection.url",
         .type = KeyType::kString,
         .default_value = "",
         .group = "Database",
         .documentation = "jdbc:sqlite:PATH. Or give file."},
        {.name = "file",
         .type = KeyType::kString,
         .default_value = "",
         .group = "Database",
         .documentation = "The SQLite file; it is made when it is not there."},
        {.name = "table.name.format",
         .type = KeyType::kString,
         .default_value = "${topic}",
         .group = "Table",
         .documentation = "The table of a topic; ${topic} stands for its name."},
        {.name = "insert.mode",
         .type = KeyType::kEnum,
         .default_value = "insert",
         .allowed = {"insert", "upsert", "update"},
         .group = "Writing",
         .documentation = "insert adds a row per record, upsert adds or replaces the row of the "
                          "primary key, update changes rows that are there."},
        {.name = "pk.mode",
         .type = KeyType::kEnum,
         .default_value = "none",
         .allowed = {"none", "record_key", "record_value", "kafka"},
         .group = "Table",
         .documentation = "What the primary key is: nothing, the record's key (with window_start "
                          "and window_end when it is windowed), columns of the value, or topic, "
                          "partition and offset."},
        {.name = "pk.fields",
         .type = KeyType::kList,
         .default_value = "",
         .group = "Table",
         .documentation = "Columns of the primary key. With record_key empty means all of the "
                          "key's; a single one renames a key of one column. With kafka three "
                          "names."},
        {.name = "auto.create",
         .type = KeyType::kBoolean,
         .default_value = "true",
         .group = "Table",
         .documentation = "Make a table that is not there."},
        {.name = "auto.evolve",
         .type = KeyType::kBoolean,
         .default_value = "false",
         .group = "Table",
         .documentation = "Add columns that a table lacks; they may be null."},
        {.name = "column.names.case",
         .type = KeyType::kEnum,
         .default_value = "lower",
         .allowed = {"lower", "as-is"},
         .group = "Table",
         .documentation = "Column names as SQLite shows them: in lower case, or as the schema "
                          "has them."},
        {.name = "delete.enabled",
         .type = KeyType::kBoolean,
         .default_value = "false",
         .group = "Writing",
         .documentation = "A record without a value deletes the row of its key; needs "
                          "pk.mode=record_key. When false such a record is a bad record."},
        {.name = "batch.size",
         .type = KeyType::kInt,
         .default_value = "50000",
         .min = 1,
         .max = 10'000'000,
         .group = "Writing",
         .documentation = "Records of one transaction at most."},
        {.name = "commit.interval.ms",
         .type = KeyType::kDuration,
         .default_value = "200",
         .min = 0,
         .group = "Writing",
         .documentation = "A transaction is committed this long after its first record at the "
                          "latest."},
    };
}

void SqliteSink::check(const Config& config, std::vector<std::string>& problems) {
    const std::string& url = config.text("connection.url");
    const bool has_file = !config.text("file").empty();
    if (url.empty() != has_file) {
        problems.emplace_back("give one of \"connection.url\" (jdbc:sqlite:PATH) and \"file\"");
    } else if (!url.empty() && (!std::string_view(url).starts_with(kUrlPrefix) ||
                                url.size() == kUrlPrefix.size())) {
        problems.push_back("key \"connection.url\" must be jdbc:sqlite:PATH, not \"" + url + "\"");
    }
    const std::string& key_mode = config.text("pk.mode");
    if (config.text("insert.mode") != "insert" && key_mode == "none") {
        problems.push_back("\"insert.mode\" " + config.text("insert.mode") +
                           " needs a primary key: set \"pk.mode\" to record_key, record_value or "
                           "kafka");
    }
    if (config.flag("delete.enabled") && key_mode != "record_key") {
        problems.emplace_back("\"delete.enabled\" needs \"pk.mode\" record_key");
    }
    if (key_mode == "record_value" && config.list("pk.fields").empty()) {
        problems.emplace_back("\"pk.mode\" record_value needs \"pk.fields\"");
    }
}

SqliteSink::SqliteSink(Config config) : config_(std::move(config)), path_(path_of(config_)) {
    options_ = {.insert_mode = insert_mode_of(config_.text("insert.mode")),
                .key_mode = key_mode_of(config_.text("pk.mode")),
                .key_fields = config_.list("pk.fields"),
                .auto_create = config_.flag("auto.create"),
                .auto_evolve = config_.flag("auto.evolve"),
                .deletes = config_.flag("delete.enabled"),
                .name_case = config_.text("column.names.case") == "lower" ? NameCase::kLower
                                                                          : NameCase::kAsIs};
}

std::size_t SqliteSink::commit_records() const {
    return static_cast<std::size_t>(config_.number("batch.size"));
}

std::chrono::milliseconds SqliteSink::commit_interval() const {
    return config_.duration("commit.interval.ms");
}

std::string SqliteSink::table_of(const std::string& topic) const {
    std::string name = config_.text("table.name.format");
    for (std::size_t at = name.find(kTopicMark); at != std::string::npos;
         at = name.find(kTopicMark, at + topic.size())) {
        name.replace(at, kTopicMark.size(), topic);
    }
    return name;
}

Result<std::vector<SinkPosition>> SqliteSink::open(const SinkContext& context,
                                                   const std::vector<SinkTopic>& topics) {
    context_.emplace(context);
    tables_.clear();
    move_.reset();
    database_.reset();
    moved_.clear();
    is_in_transaction_ = false;
    MILLRACE_TRY(Database database, Database::open(path_));
    database_.emplace(std::move(database));
    MILLRACE_TRY_STATUS(database_->execute("BEGIN IMMEDIATE"));
    std::vector<SinkPosition> positions;
    Status taken = take_over(topics, positions);
    if (taken.ok()) {
        taken = database_->execute("COMMIT");
    }
    if (!taken.ok()) {
        tables_.clear();
        database_->rollback();
        return taken.error().with_context(path_);
    }
    MILLRACE_TRY(Statement move,
                 database_->prepare("UPDATE _millrace_offsets SET next_offset=? WHERE connector=? "
                                    "AND topic=? AND partition=? AND epoch=?"));
    move_.emplace(std::move(move));
    return positions;
}

Status SqliteSink::take_over(const std::vector<SinkTopic>& topics,
                             std::vector<SinkPosition>& positions) {
    Database& database = *database_;
    MILLRACE_TRY_STATUS(database.execute(
        "CREATE TABLE IF NOT EXISTS _millrace_offsets (connector TEXT NOT NULL, topic TEXT NOT "
        "NULL, partition INTEGER NOT NULL, next_offset INTEGER, epoch INTEGER NOT NULL, topic_id "
        "TEXT NOT NULL, PRIMARY KEY (connector, topic, partition)) WITHOUT ROWID"));
    MILLRACE_TRY(Statement last,
                 database.prepare("SELECT max(epoch) FROM _millrace_offsets WHERE connector=?"));
    last.bind_text(1, context_->connector);
    MILLRACE_TRY(const bool has_last, last.step());
    epoch_ = (has_last ? last.integer(0) : 0) + 1;
    last.reset();
    MILLRACE_TRY(Statement find,
                 database.prepare("SELECT next_offset, topic_id FROM _millrace_offsets WHERE "
                                  "connector=? AND topic=? AND partition=?"));
    MILLRACE_TRY(Statement take,
                 database.prepare("INSERT INTO _millrace_offsets (connector, topic, partition, "
                                  "next_offset, epoch, topic_id) VALUES (?, ?, ?, ?, ?, ?) ON "
                                  "CONFLICT DO UPDATE SET epoch=excluded.epoch"));
    for (const SinkTopic& topic : topics) {
        const std::string table_name = table_of(topic.info.name);
        Result<SqliteTable> table =
            SqliteTable::open(database, table_name, *topic.schema, options_);
        if (!table.ok()) {
            return table.error();
        }
        tables_.insert_or_assign(topic.info.name, std::move(table).value());
        const std::string topic_id = topic.info.id.to_string();
        for (std::int32_t i = 0; i < topic.info.partitions; ++i) {
            MILLRACE_TRY(const std::optional<Offset> next,
                         stored_position(find, topic, Partition{i}));
            positions.push_back({topic.info.name, Partition{i}, next});
            take.bind_text(1, context_->connector);
            take.bind_text(2, topic.info.name);
            take.bind(3, std::int64_t{i});
            take.bind_null(4);
            take.bind(5, epoch_);
            take.bind_text(6, topic_id);
            MILLRACE_TRY_STATUS(take.run());
        }
    }
    return Ok{};
}

Result<std::optional<Offset>> SqliteSink::stored_position(Statement& find,
                                                          const SinkTopic& topic,
                                                          Partition partition) {
    find.bind_text(1, context_->connector);
    find.bind_text(2, topic.info.name);
    find.bind(3, std::int64_t{partition.value});
    MILLRACE_TRY(const bool has_row, find.step());
    std::optional<Offset> next;
    if (has_row) {
        if (!find.is_null(0)) {
            next = Offset{find.integer(0)};
        }
        const bool is_same_topic = find.text(1) == topic.info.id.to_string();
        find.reset();
        if (!is_same_topic) {
            return Error{ErrorCode::kConfigInvalid,
                         "the file was filled from an older topic of the same name; remove it, or "
                         "its rows in _millrace_offsets to read the new topic from its start: " +
                             topic.info.name};
        }
    }
    return next;
}

Status SqliteSink::put(const SinkBatch& batch) {
    if (!is_in_transaction_) {
        MILLRACE_TRY_STATUS(database_->execute("BEGIN IMMEDIATE"));
        is_in_transaction_ = true;
    }
    const auto table = tables_.find(batch.topic->info.name);
    CHECK(table != tables_.end());
    MILLRACE_TRY_STATUS(table->second.write(batch, context_->reject));
    moved_[{batch.topic->info.name, batch.partition.value}] = batch.next;
    return Ok{};
}

Status SqliteSink::commit() {
    if (!is_in_transaction_) {
        return Ok{};
    }
    for (const auto& [place, next] : moved_) {
        move_->bind(1, next.value);
        move_->bind_text(2, context_->connector);
        move_->bind_text(3, place.first);
        move_->bind(4, std::int64_t{place.second});
        move_->bind(5, epoch_);
        MILLRACE_TRY_STATUS(move_->run());
        if (database_->changes() == 0) {
            database_->rollback();
            is_in_transaction_ = false;
            return Error{ErrorCode::kFenced,
                         "another instance of this connector writes to the file now: " + path_};
        }
    }
    kill_point("before.sink.commit");
    MILLRACE_TRY_STATUS(database_->execute("COMMIT"));
    kill_point("after.sink.commit");
    is_in_transaction_ = false;
    moved_.clear();
    return Ok{};
}

}  // namespace millrace::connectors
