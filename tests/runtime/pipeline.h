// Pipeline: topics, graphs and small operators that the runtime's tests share.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/client/log_client.h"
#include "core/client/memory_log.h"
#include "core/record/partitioner.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "runtime/job.h"
#include "runtime/test_driver.h"

namespace millrace::runtime::test {

using millrace::MemoryLog;

inline SchemaPtr schema_of(std::vector<Field> key, std::vector<Field> value) {
    return std::make_shared<const Schema>(Schema{std::move(key), std::move(value), {}});
}

inline const FormatSpec kKafkaFormat{.format = Format::kKafka};

/// K STRING KEY, V BIGINT
inline SchemaPtr number_schema() {
    return schema_of({{"K", TypeKind::kString}}, {{"V", TypeKind::kBigint}});
}

inline SourceSpec number_source(std::string topic, bool is_table = false) {
    SourceSpec spec;
    spec.topic = std::move(topic);
    spec.schema = number_schema();
    spec.key_format = kKafkaFormat;
    spec.value_format = kKafkaFormat;
    spec.wanted = {true, true};
    spec.is_table = is_table;
    return spec;
}

inline SinkSpec number_sink(std::string topic) {
    SinkSpec spec;
    spec.topic = std::move(topic);
    spec.schema = number_schema();
    spec.key_format = kKafkaFormat;
    spec.value_format = kKafkaFormat;
    return spec;
}

/// One output record: key, value ("null" or the number), timestamp.
using Seen = std::tuple<std::string, std::string, std::int64_t>;
using Topic = std::vector<std::vector<Seen>>;  // by partition

inline std::string bigint_bytes(std::int64_t value) {
    std::string bytes(8, '\0');
    store_be(reinterpret_cast<std::byte*>(bytes.data()), value);
    return bytes;
}

struct Fed {
    std::string key;
    std::optional<std::string> value;  // encoded
    std::int64_t time = 0;
};

inline void make_topic(LogClient& log, const std::string& name, std::int32_t partitions) {
    ASSERT_TRUE(log.create_topic({.name = name, .partitions = partitions, .config = {}}).ok());
}

/// Appends records by the key's partition, `per_batch` to a record batch. Does not wait.
inline void feed(LogClient& log,
                 const std::string& topic,
                 const std::vector<Fed>& records,
                 std::size_t per_batch = 100) {
    const TopicInfo info = log.describe_topic(topic).value();
    std::map<std::int32_t, std::vector<const Fed*>> parts;
    for (const Fed& record : records) {
        parts[partition_of_key(as_bytes(record.key), info.partitions).value].push_back(&record);
    }
    for (const auto& [partition, part] : parts) {
        Unit unit;
        unit.pieces.push_back({{info.id, Partition{partition}}, {}});
        RecordBatchBuilder builder;
        for (std::size_t i = 0; i < part.size(); ++i) {
            const Fed& fed = *part[i];
            builder.add(as_bytes(fed.key),
                        fed.value ? std::optional(as_bytes(*fed.value)) : std::nullopt,
                        Timestamp{fed.time});
            if (static_cast<std::size_t>(builder.record_count()) == per_batch ||
                i + 1 == part.size()) {
                unit.pieces[0].batches.append(builder.finish().value().view());
            }
        }
        log.append_atomic(std::move(unit), [](Result<CommitPosition> done) {
            ASSERT_TRUE(done.ok()) << done.error().message;
        });
    }
}

/// Everything in a topic. Only with a log that answers fetches by posting to `io`, which is run.
inline Topic read_topic(LogClient& log, const std::string& name, ManualIoExecutor* io) {
    const TopicInfo info = log.describe_topic(name).value();
    const LogSnapshot snapshot = log.snapshot();
    Topic topic(static_cast<std::size_t>(info.partitions));
    for (std::int32_t p = 0; p < info.partitions; ++p) {
        const TopicPartition id{info.id, Partition{p}};
        for (Offset at{0}; at < snapshot.end_of(id);) {
            std::optional<FetchResult> fetched;
            if (io != nullptr) {
                log.fetch({.from = id, .offset = at, .bytes_max = kPageSize, .wait_max = {}},
                          [&fetched](Result<FetchResult> result) {
                              fetched = std::move(result).value();
                          });
                io->run_all();
            } else {
                fetched =
                    fetch_and_wait(
                        log, {.from = id, .offset = at, .bytes_max = kPageSize, .wait_max = {}})
                        .value();
            }
            RecordBatchCursor cursor(fetched->batches);
            for (auto batch = cursor.next().value(); batch; batch = cursor.next().value()) {
                RecordColumns columns;
                EXPECT_TRUE(decode_records(*batch, batch->records(), at, columns).ok());
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    topic[static_cast<std::size_t>(p)].emplace_back(
                        columns.keys[i] ? std::string(as_text(*columns.keys[i])) : "null",
                        !columns.values[i]
                            ? "null"
                            : std::to_string(load_be<std::int64_t>(columns.values[i]->data())),
                        columns.timestamps[i].value);
                }
                at = next(batch->last_offset());
            }
        }
    }
    return topic;
}

/// Rows as an operator makes them, from parts: for operators that emit one row per input row.
class RowMaker {
  public:
    void add(std::string_view key, std::int64_t value, const RowBatch& from, std::uint32_t row) {
        keys_.set_text(size_, key);
        values_.set(size_, value);
        times_.set(size_, from.timestamp(row).value);
        seqs_.set(size_, static_cast<std::int64_t>(from.seq_at(row)));
        subs_.set(size_,
                  static_cast<std::int32_t>(size_ > 0 && last_ == from.seq_at(row) ? ++sub_ : 0));
        sub_ = last_ == from.seq_at(row) ? sub_ : 0;
        last_ = from.seq_at(row);
        ++size_;
    }
    void emit_when(std::uint32_t rows, OpContext& context) {
        if (size_ >= rows) {
            context.emit(finish());
        }
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    RowBatchPtr finish() {
        auto rows = std::make_shared<RowBatch>();
        rows->schema = number_schema();
        rows->size = size_;
        rows->columns = {keys_.finish(size_), values_.finish(size_)};
        rows->timestamps = times_.finish(size_);
        rows->seq = seqs_.finish(size_);
        rows->sub = subs_.finish(size_);
        size_ = 0;
        return rows;
    }

  private:
    ColumnBuilder keys_{TypeKind::kString};
    ColumnBuilder values_{TypeKind::kBigint};
    ColumnBuilder times_{TypeKind::kBigint};
    ColumnBuilder seqs_{TypeKind::kBigint};
    ColumnBuilder subs_{TypeKind::kInt};
    std::uint32_t size_ = 0;
    std::uint64_t last_ = ~std::uint64_t{0};
    std::uint32_t sub_ = 0;
};

/// New key: value modulo `groups`; drops every 7th value; values divisible by 10 come out twice.
class Rekey final : public Operator {
  public:
    explicit Rekey(std::int64_t groups) : groups_(groups) {}
    Status process(std::span<const Run> runs, OpContext& context) override {
        RowMaker made;
        for (const Run& run : runs) {
            for (std::uint32_t i = run.begin; i < run.end; ++i) {
                const std::uint32_t row = run.rows->row(i);
                const auto value = run.rows->columns[1]->at<std::int64_t>(row);
                if (value % 7 == 0) {
                    context.count_dropped("seventh", 1);
                    continue;
                }
                made.add("g" + std::to_string(value % groups_), value, *run.rows, row);
                if (value % 10 == 0) {
                    made.add("g" + std::to_string(value % groups_ + 1), 1, *run.rows, row);
                }
                made.emit_when(1000, context);
            }
        }
        made.emit_when(1, context);
        return Ok{};
    }

  private:
    std::int64_t groups_;
};

/// Running hash of the values per key: differs as soon as any order does. Delta per changed key.
class Fold final : public Operator {
  public:
    Status process(std::span<const Run> runs, OpContext& context) override {
        RowMaker made;
        for (const Run& run : runs) {
            for (std::uint32_t i = run.begin; i < run.end; ++i) {
                const std::uint32_t row = run.rows->row(i);
                const std::string key(run.rows->columns[0]->text(row));
                std::int64_t& state = state_[key];
                state =
                    (state * 31 + run.rows->columns[1]->at<std::int64_t>(row) + run.port.value) %
                    1'000'000'007;
                dirty_.insert(key);
                made.add(key, state, *run.rows, row);
                made.emit_when(1000, context);
            }
        }
        made.emit_when(1, context);
        context.set_state_bytes(state_.size() * 100);
        return Ok{};
    }
    Status on_barrier(Epoch, OpContext& context) override {
        for (const std::string& key : dirty_) {
            context.stage_delta(StoreId{0}, as_bytes(key), as_bytes(bigint_bytes(state_.at(key))));
        }
        dirty_.clear();
        return Ok{};
    }
    Status restore(StoreId, ByteView key, ByteView value, OpContext& context) override {
        state_[std::string(as_text(key))] = load_be<std::int64_t>(value.data());
        context.set_state_bytes(state_.size() * 100);
        return Ok{};
    }

  private:
    std::map<std::string, std::int64_t> state_;
    std::set<std::string> dirty_;
};

template <class Op, class... Args>
OperatorSpec op(std::string name, bool is_stateful, Args... args) {
    OperatorSpec spec;
    spec.name = std::move(name);
    spec.factory = [args...](Partition) { return std::make_unique<Op>(args...); };
    spec.is_stateful = is_stateful;
    spec.output = number_schema();
    spec.key_format = kKafkaFormat;
    return spec;
}

/// numbers -> rekey -> shuffle -> fold -> folded
inline Graph fold_graph() {
    Graph graph;
    const NodeId source = graph.add_source(number_source("numbers"));
    const NodeId rekeyed =
        graph.add_operator(op<Rekey>("rekey", false, std::int64_t{23}), {{source}});
    const NodeId folded =
        graph.add_operator(op<Fold>("fold", true), {{rekeyed, EdgeKind::kShuffle}});
    graph.add_sink(number_sink("folded"), {folded});
    return graph;
}

inline JobOptions options_of(std::string query_id) {
    JobOptions options;
    options.query_id = std::move(query_id);
    options.plan_hash = 42;
    return options;
}

/// Numbers 0.. with times that go back now and then.
inline std::vector<Fed> numbers(std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<Fed> fed;
    for (std::size_t i = 0; i < count; ++i) {
        fed.push_back({"k" + std::to_string(random.below(100)),
                       bigint_bytes(static_cast<std::int64_t>(random.below(1'000'000))),
                       static_cast<std::int64_t>(1'000 + i * 10 + random.below(50))});
    }
    return fed;
}

/// A driver, a log with the topics "numbers" and "folded", and what runs on them.
struct Bench {
    explicit Bench(std::int32_t partitions, std::uint64_t seed = 0)
        : driver(seed), log(driver.io()) {
        make_topic(log, "numbers", partitions);
        make_topic(log, "folded", partitions);
    }
    ~Bench() { driver.crash_all(); }
    Job& start(JobOptions options, Graph graph = fold_graph()) {
        auto started = driver.start(std::move(graph), std::move(options), log);
        EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().message);
        return *started.value();
    }
    Topic output() { return read_topic(log, "folded", &driver.io()); }

    TestDriver driver;
    MemoryLog log;
};

inline std::size_t rows_of(const Topic& topic) {
    std::size_t rows = 0;
    for (const auto& part : topic) {
        rows += part.size();
    }
    return rows;
}

inline std::map<std::string, std::vector<Offset>> ends_of(LogClient& log,
                                                          const std::string& topic) {
    const TopicInfo info = log.describe_topic(topic).value();
    const LogSnapshot snapshot = log.snapshot();
    std::vector<Offset> ends;
    for (std::int32_t p = 0; p < info.partitions; ++p) {
        ends.push_back(snapshot.end_of({info.id, Partition{p}}));
    }
    return {{topic, ends}};
}

}  // namespace millrace::runtime::test
