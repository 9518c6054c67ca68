// Streams, tables and types: CREATE, ALTER, DROP.
#include <algorithm>
#include <utility>

#include "core/base/nearest_name.h"
#include "core/row/schema_config.h"
#include "dsl/declaration.h"
#include "dsl/query_engine_impl.h"
#include "dsl/sql/printer.h"

namespace millrace::dsl {

namespace {

std::string declared_text(const SourceInfo& info) {
    return std::string(info.kind()) + " " + schema_text(info.schema.schema, info.schema.is_table) +
           "\nformats: " + encode_topic_schema(info.schema) + "\ntopic: " + info.topic +
           "\ntimestamp: " + info.timestamp_column + " " + info.timestamp_format +
           (info.is_read_only ? "\nread-only" : "");
}

}  // namespace

std::string Engine::difference(const std::string& was, const std::string& now) {
    std::size_t at = 0;
    std::size_t line = 0;
    while (at < was.size() && at < now.size() && was[at] == now[at]) {
        if (was[at++] == '\n') {
            line = at;
        }
    }
    const auto line_of = [&](const std::string& text) {
        std::string shown = text.substr(line, text.find('\n', line) - line);
        shown.erase(0, std::min(shown.find_first_not_of(' '), shown.size()));
        return shown.empty() ? std::string("nothing") : shown;
    };
    return "\n  it is:   " + line_of(was) + "\n  text is: " + line_of(now);
}

std::int32_t Engine::partitions_of(const std::string& topic) const {
    const auto info = services_.log.describe_topic(topic);
    return info.ok() ? info.value().partitions : 0;
}

// Streams, tables and their topics

Status Engine::ensure_topic(const SourceInfo& info,
                            std::int32_t partitions,
                            const WithProperties& with,
                            const sql::Span& at,
                            const sql::SourceText& source) {
    TopicSchema written = info.schema;
    written.schema.headers.clear();  // connectors read and write keys and values
    const std::string schema = encode_topic_schema(written);
    const auto there = services_.log.describe_topic(info.topic);
    if (!there.ok() && there.error().code != ErrorCode::kUnknownTopic) {
        return source.place(at, there.error(), SqlError::kTopicRefused);
    }
    if (!there.ok()) {
        TopicSpec spec;
        spec.name = info.topic;
        spec.partitions = partitions;
        // Event times may be years old: only an explicit RETENTION_MS lets records expire.
        spec.config["retention.ms"] = with.retention_ms.value_or("-1");
        spec.config[std::string(kTopicSchemaConfig)] = schema;
        auto made = services_.log.create_topic(spec);
        if (!made.ok()) {
            return source.place(at, made.error(), SqlError::kTopicRefused);
        }
        return Ok{};
    }
    if (with.partitions && *with.partitions != there.value().partitions) {
        return source.error_at(at,
                               SqlError::kPartitionsFixed,
                               "topic " + info.topic + " is there with " +
                                   std::to_string(there.value().partitions) + " partitions, not " +
                                   std::to_string(*with.partitions));
    }
    for (const auto& [name, other] : catalog_->sources()) {
        if (other.topic == info.topic && name != info.name) {
            return Ok{};  // the first declaration of a topic is what connectors go by
        }
    }
    return services_.log.alter_config(info.topic, {{std::string(kTopicSchemaConfig), schema}});
}

Status Engine::check_replacement(const SourceInfo& was,
                                 const SourceInfo& now,
                                 const sql::Span& at,
                                 const sql::SourceText& source) const {
    if (was.schema.is_table != now.schema.is_table) {
        return source.error_at(at,
                               SqlError::kCannotReplace,
                               sql::name_text(was.name) + " is a " + was.kind() +
                                   " and cannot become a " + now.kind());
    }
    if (was.schema == now.schema && was.topic == now.topic) {
        return Ok{};
    }
    for (const QueryRecord& query : catalog_->users_of(was.name)) {
        if (query.sink != was.name || query.id != was.query_id) {
            return source.error_at(at,
                                   SqlError::kSourceInUse,
                                   "cannot change the columns, formats or topic of " +
                                       sql::name_text(was.name) + " while query " + query.id +
                                       " uses it; drop that first");
        }
    }
    return Ok{};
}

Result<StatementResult> Engine::node(const sql::CreateSource& create, Session& session) {
    const sql::SourceText& source = session.source;
    MILLRACE_TRY(const Settings own, settings(session, create.name.at));
    MILLRACE_TRY(Declaration declared, declare(create, own, source));
    SourceInfo& info = declared.source;
    info.statement = sql::to_text(*statement_);
    StatementResult result;
    const std::string what = std::string(info.kind()) + " " + sql::name_text(info.name);
    const SourceInfo* there = catalog_->find_source(info.name);
    if (create.or_replace && (info.is_read_only || (there != nullptr && there->is_read_only))) {
        const std::string kind = info.kind();
        return source.error_at(create.name.at,
                               SqlError::kReplaceReadOnly,
                               "Cannot add " + kind + " '" + info.name +
                                   "': CREATE OR REPLACE is not supported on source " + kind +
                                   "s.");
    }
    if (there != nullptr && !create.or_replace) {
        if (create.if_not_exists) {
            result.message = what + " is there already";
            return result;
        }
        if (session.mode == StatementMode::kApply && there->query_id.empty()) {
            const std::string was = declared_text(*there);
            const std::string now = declared_text(info);
            if (was == now) {
                result.message = "kept " + what;
                return result;
            }
            return source.error_at(create.name.at,
                                   SqlError::kDeclaredOtherwise,
                                   what +
                                       " is there with another declaration; CREATE OR REPLACE "
                                       "changes it on purpose" +
                                       difference(was, now));
        }
        return source.error_at(create.name.at,
                               SqlError::kSourceExists,
                               std::string("a ") + there->kind() + " named " +
                                   sql::name_text(info.name) + " is there already");
    }
    if (there != nullptr) {
        MILLRACE_TRY_STATUS(check_replacement(*there, info, create.name.at, source));
        info.query_id = there->query_id;
    }
    const sql::Span at = create.name.at;
    MILLRACE_TRY_STATUS(
        ensure_topic(info, declared.with.partitions.value_or(1), declared.with, at, source));
    CatalogChange change;
    change.put_sources = {info};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    session.created.insert(info.name);
    result.message = (there != nullptr ? "replaced " : "created ") + what;
    return result;
}

/// Columns are added behind the value's others. A query that reads or writes the source was planned
/// without them, so there must be none.
Result<StatementResult> Engine::node(const sql::AlterSource& alter, Session& session) {
    const sql::SourceText& source = session.source;
    MILLRACE_TRY(const SourceInfo* there, resolve_source(alter.name, *catalog_, source));
    const std::string shown = sql::name_text(there->name);
    const auto refuse = [&](const sql::Span& at, SqlError error, const std::string& message) {
        return source.error_at(at, error, message);
    };
    if (there->schema.is_table != alter.is_table) {
        return refuse(alter.name.at,
                      SqlError::kWrongKind,
                      shown + " is a " + there->kind() + ": write ALTER " +
                          (there->schema.is_table ? "TABLE " : "STREAM ") + shown);
    }
    if (there->is_read_only) {
        return refuse(alter.name.at,
                      SqlError::kAlterReadOnly,
                      std::string("Cannot alter ") + there->kind() + " '" + there->name +
                          "': ALTER operations are not supported on source " + there->kind() +
                          "s.");
    }
    if (!there->query_id.empty()) {
        return refuse(alter.name.at,
                      SqlError::kAlterQuery,
                      "ALTER command is not supported for CREATE ... AS statements; use CREATE OR "
                      "REPLACE");
    }
    SourceInfo changed = *there;
    for (const sql::ColumnDef& column : alter.added) {
        if (changed.schema.schema.find(column.name.text)) {
            return refuse(column.at,
                          SqlError::kColumnExists,
                          "Cannot add column `" + column.name.text +
                              "` to schema. A column with the same name already exists.");
        }
        changed.schema.schema.value.push_back({column.name.text, column.type});
    }
    MILLRACE_TRY_STATUS(check_replacement(*there, changed, alter.name.at, source));
    MILLRACE_TRY_STATUS(ensure_topic(changed, 1, WithProperties{}, alter.name.at, source));
    CatalogChange change;
    change.put_sources = {changed};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    StatementResult result;
    result.message = std::string("altered ") + changed.kind() + " " + shown;
    return result;
}

Result<StatementResult> Engine::node(const sql::Drop& drop, Session& session) {
    const sql::SourceText& source = session.source;
    StatementResult result;
    const std::string shown = sql::name_text(drop.name.text);
    if (drop.if_exists && catalog_->find_source(drop.name.text) == nullptr) {
        result.message = "there is no " + shown;
        return result;
    }
    if (catalog_->find_source(drop.name.text) == nullptr) {
        return source.error_at(drop.name.at,
                               SqlError::kUnknownSource,
                               std::string(drop.is_table ? "Table " : "Stream ") + drop.name.text +
                                   " does not exist" +
                                   did_you_mean(drop.name.text, catalog_->source_names()));
    }
    MILLRACE_TRY(const SourceInfo* info, resolve_source(drop.name, *catalog_, source));
    if (drop.delete_topic && info->is_read_only) {
        return source.error_at(drop.name.at,
                               SqlError::kDeleteReadOnly,
                               "Cannot delete topic for read-only source: " + info->name);
    }
    if (info->schema.is_table != drop.is_table) {
        return source.error_at(drop.name.at,
                               SqlError::kWrongKind,
                               shown + " is a " + info->kind() + ": write DROP " +
                                   (info->schema.is_table ? "TABLE " : "STREAM ") + shown);
    }
    CatalogChange change;
    for (const QueryRecord& query : catalog_->users_of(info->name)) {
        if (query.id == info->query_id) {
            change.drop_queries.push_back(query.id);
            continue;
        }
        return source.error_at(drop.name.at,
                               SqlError::kSourceInUse,
                               shown + " is used by query " + query.id +
                                   (query.sink == info->name ? "; TERMINATE " + query.id + " first"
                                                             : "; DROP " + query.sink + " first"));
    }
    const std::string topic = info->topic;
    for (const std::string& id : change.drop_queries) {
        remove_query(id);
    }
    change.drop_sources = {drop.name.text};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = std::string("dropped ") + (drop.is_table ? "table " : "stream ") + shown;
    if (drop.delete_topic) {
        for (const auto& [name, other] : catalog_->sources()) {
            if (other.topic == topic) {
                result.message +=
                    "; topic " + topic + " stays: " + sql::name_text(name) + " uses it too";
                return result;
            }
        }
        MILLRACE_TRY_STATUS(services_.log.delete_topic(topic));
        result.message += " and topic " + topic;
    }
    return result;
}

Result<StatementResult> Engine::node(const sql::CreateType& create, Session& session) {
    StatementResult result;
    const std::string shown = sql::name_text(create.name.text);
    if (catalog_->types().count(create.name.text) != 0) {
        if (!create.if_not_exists) {
            return session.source.error_at(
                create.name.at, SqlError::kTypeExists, "type " + shown + " exists already");
        }
        result.message = "type " + shown + " exists already";
        return result;
    }
    CatalogChange change;
    change.put_types.emplace(create.name.text, create.type);
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = "created type " + shown;
    return result;
}

Result<StatementResult> Engine::node(const sql::DropType& drop, Session& session) {
    StatementResult result;
    const std::string shown = sql::name_text(drop.name.text);
    if (catalog_->types().count(drop.name.text) == 0) {
        if (!drop.if_exists) {
            std::vector<std::string> names;
            for (const auto& [name, type] : catalog_->types()) {
                names.push_back(name);
            }
            return session.source.error_at(
                drop.name.at,
                SqlError::kUnknownType,
                "unknown type " + shown + did_you_mean(drop.name.text, names));
        }
        result.message = "there is no type " + shown;
        return result;
    }
    CatalogChange change;
    change.drop_types = {drop.name.text};
    MILLRACE_TRY_STATUS(catalog_->apply(change));
    result.message = "dropped type " + shown;
    return result;
}

}  // namespace millrace::dsl
