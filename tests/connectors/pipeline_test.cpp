#include "tests/connectors/pipeline.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "core/client/embedded_log.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace::connectors {

namespace {

constexpr std::chrono::seconds kPatience{20};

std::optional<std::string> text_of(const std::optional<ByteView>& bytes) {
    return bytes ? std::optional<std::string>(as_text(*bytes)) : std::nullopt;
}

std::optional<ByteView> bytes_of(const std::optional<std::string>& text) {
    return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

std::vector<Field> fields_of(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    return parse_type("STRUCT<" + text + ">").value().children();
}

}  // namespace

Pipeline::Pipeline()
    : logger_(clock_, LogLevel::kOff, stderr_sink()),
      env_{*files_, clock_, random_, io_, logger_},
      broker_(broker::Broker::open(env_, path("log"), {}).value()),
      log_(make_embedded_log(*broker_)) {}

Pipeline::~Pipeline() {
    kill();
}

std::string Pipeline::path(const std::string& name) const {
    return directory_.path() + "/" + name;
}

void Pipeline::write(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
}

void Pipeline::append(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
}

void Pipeline::rename(const std::string& from, const std::string& to) {
    CHECK(files_->rename(path(from), path(to)).ok());
}

void Pipeline::remove(const std::string& name) {
    CHECK(files_->remove(path(name)).ok());
}

std::string Pipeline::read(const std::string& name) {
    return std::string(files_->read_file(path(name)).value().text());
}

void Pipeline::create_topic(const std::string& name,
                            const std::optional<TopicSchema>& schema,
                            std::int32_t partitions) {
    TopicSpec spec{.name = name, .partitions = partitions, .config = {}};
    if (schema) {
        spec.config[std::string(kTopicSchemaConfig)] = encode_topic_schema(*schema);
    }
    const Result<TopicInfo> made = log_->create_topic(spec);
    EXPECT_TRUE(made.ok()) << made.error().message;
}

void Pipeline::produce(const std::string& topic, const Texts& records, std::int32_t partition) {
    RecordBatchBuilder builder;
    for (const auto& [key, value] : records) {
        builder.add(bytes_of(key), bytes_of(value), Timestamp{1000});
    }
    Unit unit;
    unit.pieces.push_back({.to = {log_->describe_topic(topic).value().id, Partition{partition}},
                           .batches = builder.finish().value()});
    const Result<CommitPosition> written = append_and_wait(*log_, std::move(unit));
    EXPECT_TRUE(written.ok()) << written.error().message;
}

std::vector<Offset> Pipeline::ends(const std::string& topic) {
    const TopicInfo info = log_->describe_topic(topic).value();
    const LogSnapshot snapshot = log_->snapshot();
    std::vector<Offset> ends;
    for (std::int32_t i = 0; i < info.partitions; ++i) {
        ends.push_back(snapshot.end_of({info.id, Partition{i}}));
    }
    return ends;
}

std::vector<StoredRecord> Pipeline::records(const std::string& topic) {
    std::vector<StoredRecord> all;
    const TopicInfo info = log_->describe_topic(topic).value();
    const std::vector<Offset> ends = this->ends(topic);
    for (std::int32_t i = 0; i < info.partitions; ++i) {
        const TopicPartition place{info.id, Partition{i}};
        Offset at{0};
        while (at < ends[static_cast<std::size_t>(i)]) {
            const FetchResult fetched =
                fetch_and_wait(*log_, {.from = place, .offset = at}).value();
            RecordBatchCursor batches(fetched.batches);
            while (const std::optional<RecordBatchView> batch = batches.next().value()) {
                const RecordPayload payload = payload_of(*batch, fetched.page).value();
                RecordCursor cursor(*batch, payload.bytes);
                RecordView record;
                while (cursor.next(record)) {
                    if (record.offset < at) {
                        continue;
                    }
                    StoredRecord stored{text_of(record.key), text_of(record.value), {}};
                    for (const HeaderView& header : record.headers) {
                        stored.headers[std::string(header.key)] =
                            text_of(header.value).value_or("");
                    }
                    all.push_back(std::move(stored));
                }
                at = next(batch->last_offset());
            }
        }
    }
    return all;
}

std::vector<std::string> Pipeline::values(const std::string& topic) {
    std::vector<std::string> values;
    for (const StoredRecord& record : records(topic)) {
        values.push_back(record.value.value_or("(null)"));
    }
    return values;
}

Worker& Pipeline::worker() {
    if (!worker_) {
        worker_ = Worker::make({.env = env_,
                                .log = *log_,
                                .report =
                                    [this](const ConnectorProblem& problem) {
                                        const std::lock_guard lock(mutex_);
                                        problems_.push_back(problem);
                                    },
                                .on_state =
                                    [this](const std::string&, ConnectorState) {
                                        const std::lock_guard lock(mutex_);
                                        changed_.notify_all();
                                    }});
    }
    return *worker_;
}

Status Pipeline::add(const std::string& name,
                     std::map<std::string, std::string> config,
                     bool once) {
    config["name"] = name;
    return worker().add({.name = name, .config = std::move(config), .origin = name + ".json"},
                        once);
}

void Pipeline::start() {
    worker().start();
}

ConnectorStatus Pipeline::status(const std::string& name) {
    for (const ConnectorStatus& status : worker().status()) {
        if (status.name == name) {
            return status;
        }
    }
    ADD_FAILURE() << "no connector " << name;
    return {};
}

bool Pipeline::reaches(const std::string& name, ConnectorState state) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return status(name).state == state; });
}

bool Pipeline::has_records(const std::string& topic, std::int64_t count) {
    const TopicInfo info = log_->describe_topic(topic).value();
    // Waits in steps: each fetch returns as soon as the record before the last wanted is there.
    for (std::int64_t seen = 0; seen < count;) {
        const Result<FetchResult> step = fetch_and_wait(
            *log_,
            {.from = {info.id, Partition{0}}, .offset = Offset{seen}, .wait_max = kPatience});
        if (!step.ok() || step.value().batches.empty()) {
            return false;
        }
        seen = step.value().high_watermark.value;
    }
    return true;
}

void Pipeline::stop() {
    worker().stop();
}

void Pipeline::kill() {
    worker_.reset();
}

ConnectorStatus Pipeline::run(const std::string& name,
                              const std::map<std::string, std::string>& config) {
    kill();
    const Status added = add(name, config, true);
    EXPECT_TRUE(added.ok()) << added.error().message;
    if (!added.ok()) {
        return {};
    }
    start();
    EXPECT_TRUE(reaches_end(name));
    return status(name);
}

bool Pipeline::reaches_end(const std::string& name) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
        const ConnectorState state = status(name).state;
        return state != ConnectorState::kStarting && state != ConnectorState::kRunning;
    });
}

std::vector<ConnectorProblem> Pipeline::problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
}

TopicSchema schema_of(const std::string& key, const std::string& value) {
    TopicSchema schema;
    schema.schema.key = fields_of(key);
    schema.schema.value = fields_of(value);
    schema.key.format = schema.schema.key.empty() ? Format::kNone : Format::kKafka;
    schema.value.format = Format::kJson;
    return schema;
}

}  // namespace millrace::connectors
