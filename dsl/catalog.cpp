#include "dsl/catalog.h"

#include <algorithm>
#include <utility>

#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "dsl/catalog_records.h"

namespace millrace::dsl {

namespace {

constexpr std::string_view kSourcePrefix = "source/";
constexpr std::string_view kQueryPrefix = "query/";
constexpr std::string_view kTypePrefix = "type/";

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::open(Env& env, LogClient& log) {
    auto topic = log.describe_topic(std::string(kCatalogTopic));
    if (!topic.ok() && topic.error().code == ErrorCode::kUnknownTopic) {
        topic = log.create_topic(
            TopicSpec{std::string(kCatalogTopic), 1, {{"cleanup.policy", "compact"}}});
    }
    if (!topic.ok()) {
        return std::move(topic).error().with_context("the catalog cannot be opened");
    }
    std::unique_ptr<Catalog> catalog(new Catalog(env, log, topic.value().id));
    auto replayed = catalog->replay();
    if (!replayed.ok()) {
        return std::move(replayed).error().with_context("the catalog cannot be read");
    }
    return catalog;
}

Status Catalog::replay() {
    const TopicPartition partition{topic_, Partition{0}};
    const Offset end = log_.snapshot().end_of(partition);
    MILLRACE_TRY(Offset at, log_.log_start(partition));
    while (at < end) {
        FetchRequest request;
        request.from = partition;
        request.offset = at;
        MILLRACE_TRY(const FetchResult fetched, fetch_and_wait(log_, request));
        RecordBatchCursor batches(fetched.batches);
        const Offset before = at;
        for (;;) {
            MILLRACE_TRY(const auto batch, batches.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
            RecordCursor records(*batch, payload.bytes);
            RecordView record;
            while (records.next(record)) {
                if (record.key && record.offset >= at) {
                    std::optional<std::string_view> value;
                    if (record.value) {
                        value = as_text(*record.value);
                    }
                    MILLRACE_TRY_STATUS(take_record(as_text(*record.key), value));
                }
            }
            MILLRACE_TRY_STATUS(records.status());
            at = std::max(at, next(batch->last_offset()));
        }
        if (at == before) {
            return Error{ErrorCode::kCorruptJournal,
                         "no records at offset " + std::to_string(at.value)};
        }
    }
    return Ok{};
}

Status Catalog::take_record(std::string_view key, std::optional<std::string_view> value) {
    if (key.substr(0, kSourcePrefix.size()) == kSourcePrefix) {
        const std::string name(key.substr(kSourcePrefix.size()));
        sources_.erase(name);
        if (value) {
            MILLRACE_TRY(SourceInfo source, decode_source(*value));
            sources_.emplace(name, std::move(source));
        }
        return Ok{};
    }
    if (key.substr(0, kQueryPrefix.size()) == kQueryPrefix) {
        const std::string id(key.substr(kQueryPrefix.size()));
        queries_.erase(id);
        if (value) {
            MILLRACE_TRY(NumberedQuery numbered, decode_query(*value));
            next_number_ = std::max(next_number_, numbered.number + 1);
            queries_.emplace(id, Entry{std::move(numbered.query), numbered.number});
        }
        return Ok{};
    }
    if (key.substr(0, kTypePrefix.size()) == kTypePrefix) {
        const std::string name(key.substr(kTypePrefix.size()));
        types_.erase(name);
        if (value) {
            MILLRACE_TRY(DataType type, decode_type(*value));
            types_.emplace(name, std::move(type));
        }
        return Ok{};
    }
    return Error{ErrorCode::kCorruptJournal, "unknown record key: " + std::string(key)};
}

const SourceInfo* Catalog::find_source(const std::string& name) const {
    const auto found = sources_.find(name);
    return found == sources_.end() ? nullptr : &found->second;
}

std::optional<QueryRecord> Catalog::find_query(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(id);
    return found == queries_.end() ? std::nullopt : std::optional(found->second.record);
}

std::vector<QueryRecord> Catalog::queries() const {
    const std::lock_guard lock(mutex_);
    std::vector<const Entry*> entries;
    for (const auto& [id, entry] : queries_) {
        entries.push_back(&entry);
    }
    std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) {
        return a->number < b->number;
    });
    std::vector<QueryRecord> records;
    for (const Entry* entry : entries) {
        records.push_back(entry->record);
    }
    return records;
}

std::vector<std::string> Catalog::source_names() const {
    std::vector<std::string> names;
    for (const auto& [name, source] : sources_) {
        names.push_back(name);
    }
    return names;
}

std::string Catalog::topic_of(const std::string& source) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(source);
    return found == sources_.end() ? "" : found->second.topic;
}

std::vector<QueryRecord> Catalog::users_of(const std::string& source) const {
    std::vector<QueryRecord> users = queries();
    std::erase_if(users, [&](const QueryRecord& query) {
        return query.sink != source &&
               std::find(query.sources.begin(), query.sources.end(), source) == query.sources.end();
    });
    return users;
}

Result<Unit> Catalog::encode(
    const std::vector<std::pair<std::string, std::string>>& records) const {
    RecordBatchBuilder builder;
    const Timestamp now{env_.clock.wall_ms()};
    for (const auto& [key, value] : records) {
        std::optional<ByteView> bytes;
        if (!value.empty()) {
            bytes = as_bytes(value);
        }
        builder.add(as_bytes(key), bytes, now);
    }
    MILLRACE_TRY(Buffer batch, builder.finish());
    Unit unit;
    unit.pieces.push_back(Piece{TopicPartition{topic_, Partition{0}}, std::move(batch)});
    return unit;
}

Status Catalog::apply(const CatalogChange& change) {
    std::vector<std::pair<std::string, std::string>> records;
    std::vector<Entry> entries;
    for (const std::string& name : change.drop_sources) {
        records.emplace_back(std::string(kSourcePrefix) + name, "");
    }
    for (const std::string& id : change.drop_queries) {
        records.emplace_back(std::string(kQueryPrefix) + id, "");
    }
    for (const SourceInfo& source : change.put_sources) {
        records.emplace_back(std::string(kSourcePrefix) + source.name, encode_source(source));
    }
    for (const std::string& name : change.drop_types) {
        records.emplace_back(std::string(kTypePrefix) + name, "");
    }
    for (const auto& [name, type] : change.put_types) {
        records.emplace_back(std::string(kTypePrefix) + name, encode_type(name, type));
    }
    {
        const std::lock_guard lock(mutex_);
        for (const QueryRecord& query : change.put_queries) {
            const auto found = queries_.find(query.id);
            const std::uint64_t number =
                found == queries_.end() ? next_number_++ : found->second.number;
            records.emplace_back(std::string(kQueryPrefix) + query.id, encode_query(query, number));
            entries.push_back(Entry{query, number});
        }
    }
    if (records.empty()) {
        return Ok{};
    }
    MILLRACE_TRY(Unit unit, encode(records));
    MILLRACE_TRY_STATUS(append_and_wait(log_, std::move(unit)));
    const std::lock_guard lock(mutex_);
    for (const std::string& name : change.drop_sources) {
        sources_.erase(name);
    }
    for (const SourceInfo& source : change.put_sources) {
        sources_.insert_or_assign(source.name, source);
    }
    for (const std::string& name : change.drop_types) {
        types_.erase(name);
    }
    for (const auto& [name, type] : change.put_types) {
        types_.insert_or_assign(name, type);
    }
    for (const std::string& id : change.drop_queries) {
        queries_.erase(id);
    }
    for (Entry& entry : entries) {
        const std::string id = entry.record.id;
        queries_.insert_or_assign(id, std::move(entry));
    }
    return Ok{};
}

void Catalog::note_state(const std::string& id, std::string state, std::string error) {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(id);
    if (found == queries_.end() ||
        (found->second.record.state == state && found->second.record.error == error)) {
        return;
    }
    QueryRecord& record = found->second.record;
    record.state = std::move(state);
    record.error = std::move(error);
    auto unit =
        encode({{std::string(kQueryPrefix) + id, encode_query(record, found->second.number)}});
    if (!unit.ok()) {
        return;
    }
    // Under the lock, so that two states of one query reach the log in their order.
    log_.append_atomic(std::move(unit).value(), [&log = env_.log, id](auto done) {
        if (!done.ok()) {
            log.warn("catalog",
                     "the state of query " + id + " was not kept: " + done.error().message);
        }
    });
}

}  // namespace millrace::dsl
