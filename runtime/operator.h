// The contract between the runtime and one step of a dataflow: DECISIONS on order, time and commits
// live here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/strong.h"
#include "core/record/ids.h"
#include "core/row/row_batch.h"

namespace millrace::runtime {

using InputPort = Strong<struct InputPortTag, std::int32_t>;
/// Which store of an operator a delta belongs to; given by the plan, recorded with the plan's hash.
using StoreId = Strong<struct StoreIdTag, std::uint16_t>;
/// What one commit covers; counts from 1 per query.
using Epoch = Strong<struct EpochTag, std::uint64_t>;

/// Consecutive rows of one input: positions [begin, end) of the selection of `rows`, which is
/// shared and immutable.
struct Run {
    InputPort port;
    RowBatchPtr rows;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// Progress that is not a row.
struct TimeUpdate {
    enum class Kind : std::uint8_t {
        kWatermark,   // no on-time row older than `time` will come
        kEndOfInput,  // `run --once`: every input is used up; under safe semantics open windows
                      // close now, for good
    };
    Kind kind = Kind::kWatermark;
    Timestamp time;
};

/// A due timer. `key` is what the operator gave.
struct Timer {
    Timestamp time;
    Buffer key;
};

/// What a task gives its operators. Borrowed for one call; one thread.
class OpContext {
  public:
    virtual ~OpContext() = default;

    /// Sends rows to every consumer of this operator. At most kRowBatchRowsMax rows; order columns
    /// filled: ascending (seq, sub), seq of the driving input row, sub counting what one input row
    /// fanned out to.
    virtual void emit(RowBatchPtr rows) = 0;

    /// One row that failed: counted, reported once per distinct error, written to the processing
    /// log; the error policy decides whether the query goes on. `rows` is the input the row belongs
    /// to.
    virtual void report(const RowBatch& rows, const RowError& error) = 0;

    /// Only in on_barrier(): the store's key got this value (nullopt = removed) since the last
    /// barrier. One delta per key and barrier. Both are copied.
    virtual void stage_delta(StoreId store, ByteView key, std::optional<ByteView> value) = 0;

    /// Asks for on_timer() once stream time of this task reaches `time`. Timers are part of the
    /// state.
    virtual void set_timer(Timestamp time, ByteView key) = 0;

    /// Tells how many bytes of state the operator holds now. Above state.memory.bytes the query
    /// fails by itself, with a message that names the operator and the setting.
    virtual void set_state_bytes(std::size_t bytes) = 0;

    /// Counts rows that were dropped on purpose, by reason: "late", "null_key", ... Shown by `query
    /// list`.
    virtual void count_dropped(std::string_view reason, std::uint64_t rows) = 0;

    /// Partition this task works on.
    [[nodiscard]] virtual Partition partition() const = 0;
};

/// One step of a dataflow. The runtime calls one instance from one task at a time, never
/// concurrently; instances of other partitions run in parallel. No method blocks or throws. A
/// Status that is not ok fails the query; bad rows go to OpContext::report().
class Operator {
  public:
    virtual ~Operator() = default;

    /// Runs of rows in their one order, over all ports. Rows are shared and immutable; keep a
    /// reference, never a copy per row. The output must not depend on how the same rows are cut
    /// into runs and calls.
    virtual Status process(std::span<const Run> runs, OpContext& context) = 0;

    /// Watermark or end of input; never per-row time, which is the operator's own prefix scan.
    /// Called with growing values.
    virtual Status on_time(TimeUpdate update, OpContext& context) {
        static_cast<void>(update);
        static_cast<void>(context);
        return Ok{};
    }
    virtual Status on_timer(std::span<const Timer> due, OpContext& context) {
        static_cast<void>(due);
        static_cast<void>(context);
        return Ok{};
    }
    /// The end of an epoch: stage the deltas since the last one.
    virtual Status on_barrier(Epoch epoch, OpContext& context) {
        static_cast<void>(epoch);
        static_cast<void>(context);
        return Ok{};
    }
    /// Before the first process(): one committed key of a store, in no particular order; nullopt
    /// never comes.
    virtual Status restore(StoreId store, ByteView key, ByteView value, OpContext& context) {
        static_cast<void>(store);
        static_cast<void>(key);
        static_cast<void>(value);
        static_cast<void>(context);
        return Error{ErrorCode::kNotSupported, "this operator keeps no state"};
    }
};

/// Makes the instance for one partition. Must give equal instances for equal partitions.
using OperatorFactory = std::function<std::unique_ptr<Operator>(Partition)>;

}  // namespace millrace::runtime
