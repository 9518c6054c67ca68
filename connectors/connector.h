// SourceTask and SinkTask: what a connector implements. The runners call them; they know neither
// threads nor the log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "core/record/record_cursor.h"
#include "core/row/row_batch.h"
#include "core/row/schema_config.h"

namespace millrace::connectors {

// ---- sources

/// One record to write. The views live as long as the batch's pins.
struct SourceRecord {
    std::optional<ByteView> key;
    std::optional<ByteView> value;
    Timestamp timestamp;
};

/// Input that is no record: it goes the way that errors.tolerance says.
struct BadInput {
    std::string file;        // or what else the input is called
    std::uint64_t line = 0;  // from 1; 0 = has none
    Error error;
    std::string raw;  // the input itself, cut to kBadInputBytesMax
};
constexpr std::size_t kBadInputBytesMax = std::size_t{64} << 10;

/// What one poll gave.
struct SourceBatch {
    std::vector<SourceRecord> records = {};
    std::vector<BadInput> bad = {};
    /// Where the source stands behind all of this; committed together with it.
    Json offset = {};
    /// `offset` differs from the one before. An unmoved batch is empty and is not committed.
    bool is_moved = false;
    /// There will be nothing more.
    bool is_finished = false;
    std::vector<Pin> pins = {};

    std::uint64_t bytes_done = 0;  // of the input, from its start
    std::optional<std::uint64_t> bytes_total = {};
};

struct SourceContext {
    Env& env;
    std::string connector;
    /// The topic's schema, when CREATE has given it one.
    std::optional<TopicSchema> schema;
    /// Read to the size that the input has now, then finish.
    bool once = false;
};

/// One thread at a time: open, then polls. Errors of the codes is_retriable() knows are tried
/// again; after one the task must stand where it stood before the call.
class SourceTask {
  public:
    virtual ~SourceTask() = default;
    /// Which input this is: the key of its offsets, e.g. {"file":"/data/flights.ndjson"}.
    [[nodiscard]] virtual Json partition() const = 0;
    /// It finishes by itself.
    [[nodiscard]] virtual bool is_bounded(bool once) const = 0;
    /// offset   committed last; nullopt when there is none yet. May be called again after a failure
    virtual Status open(const SourceContext& context, const std::optional<Json>& offset) = 0;
    /// The next records; an unmoved batch when there are none now. Does not wait.
    [[nodiscard]] virtual Result<SourceBatch> poll() = 0;
    /// How long the runner waits after a poll that gave nothing.
    [[nodiscard]] virtual std::chrono::milliseconds poll_interval() const = 0;
};

// ---- sinks

/// A topic that a sink reads, as it stands when the sink opens.
struct SinkTopic {
    TopicInfo info;
    /// Always there when the task's needs_schema().
    std::optional<TopicSchema> schema;
};

/// Records of one partition in offset order: as they are and, for a task that needs_schema(),
/// decoded. Row i of `rows` is record i; failed rows are in rows->errors and do not count.
struct SinkBatch {
    const SinkTopic* topic = nullptr;
    Partition partition;
    const RecordColumns* records = nullptr;
    RowBatchPtr rows;
    Offset next;  // the position behind these records
};

/// Where a sink stands in one partition.
struct SinkPosition {
    std::string topic;
    Partition partition;
    /// First offset that it has not written; nullopt: it never wrote, start where the log starts.
    std::optional<Offset> next;
};

/// Tells the runner of a record that the sink's store refuses. The answer is the error to return
/// (errors.tolerance=none), or success: go on without the record.
using RejectRecord =
    std::function<Status(const SinkBatch& batch, std::uint32_t row, const Error& error)>;

struct SinkContext {
    Env& env;
    std::string connector;
    RejectRecord reject;
};

/// One thread at a time. The task keeps its positions in its own store, changed in one step with
/// what it writes. After an error the runner opens it again: it then stands at its last commit.
class SinkTask {
  public:
    virtual ~SinkTask() = default;
    /// Wants SinkBatch::rows; the runner waits until its topics have a schema.
    [[nodiscard]] virtual bool needs_schema() const = 0;
    /// Takes the store for itself (an older instance gets kFenced from now on), drops what is not
    /// committed, and says where each partition goes on, in order of topics and partitions.
    /// `topics` outlives the task's use.
    [[nodiscard]] virtual Result<std::vector<SinkPosition>> open(
        const SinkContext& context, const std::vector<SinkTopic>& topics) = 0;
    /// Takes a batch into the current commit.
    virtual Status put(const SinkBatch& batch) = 0;
    /// Makes everything put since the last commit durable, with the positions behind it.
    virtual Status commit() = 0;
    /// A commit comes when this many records were put ...
    [[nodiscard]] virtual std::size_t commit_records() const = 0;
    /// ... or this long after the first of them.
    [[nodiscard]] virtual std::chrono::milliseconds commit_interval() const = 0;
};

/// The outside world may be better the next time.
[[nodiscard]] bool is_retriable(ErrorCode code);

}  // namespace millrace::connectors
