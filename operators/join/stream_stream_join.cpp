#include "operators/join/stream_stream_join.h"

#include <algorithm>
#include <array>
#include <limits>

#include "operators/join/join_buffer.h"
#include "operators/join/joined_rows.h"
#include "operators/join/pending_rows.h"
#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

// Stores 0 and 1 are the rows of the ports.
constexpr runtime::StoreId kPending{2};
constexpr runtime::StoreId kClock{3};
constexpr std::string_view kClockKey = "time";
constexpr std::uint8_t kClockVersion = 1;
/// Nothing waits; small enough to add durations to it.
constexpr std::int64_t kNobodyWaits = std::numeric_limits<std::int64_t>::max() / 2;
constexpr std::int64_t kNoTime = -1;

/// What a row was joined by, in the order in which rows that wait in vain are given up: the side
/// that a LEFT or FULL OUTER JOIN calls left (for RIGHT JOIN the right one) comes second.
std::uint8_t rank_of(JoinKind kind, std::size_t port) {
    return static_cast<std::uint8_t>((kind == JoinKind::kRight) == (port == 0) ? 0 : 1);
}

class StreamStreamJoin final : public runtime::Operator {
  public:
    StreamStreamJoin(const StreamStreamJoinSpec& spec, StateKeys keys)
        : spec_(spec),
          grace_ms_(spec.grace_ms.value_or(kDefaultJoinGraceMs)),
          waits_(spec.grace_ms && spec.kind != JoinKind::kInner),
          reach_ms_{spec.after_ms, spec.before_ms},
          keys_(std::move(keys)),
          buffers_{JoinBuffer(spec.before_ms + spec.after_ms + grace_ms_),
                   JoinBuffer(spec.before_ms + spec.after_ms + grace_ms_)},
          results_({spec.left, spec.right}, spec.output, spec.columns, waits_) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        is_dirty_ = true;
        forget_old();
        tell_size(context);
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        for (std::uint16_t port = 0; port < 2; ++port) {
            buffers_[port].stage(runtime::StoreId{port}, keys_, context);
        }
        pending_.stage(kPending, context);
        erase_lost_keys();
        if (is_dirty_) {
            stage_clock(context);
            is_dirty_ = false;
        }
        tell_size(context);
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store.value < 2) {
            MILLRACE_TRY(const ByteView row, buffers_[store.value].restore(key, value, keys_));
            MILLRACE_TRY_STATUS(check_row(store.value, row));
        } else if (store == kPending) {
            MILLRACE_TRY(const PendingRows::Restored read, pending_.restore(key, value));
            for (const Buffer& row : read.rows) {
                MILLRACE_TRY_STATUS(check_row(port_of(read.rank), row.view()));
            }
        } else if (store == kClock && as_text(key) == kClockKey) {
            MILLRACE_TRY_STATUS(restore_clock(value));
        } else {
            return Error{ErrorCode::kCorruptJournal,
                         "a stream-stream join has no store " + std::to_string(store.value)};
        }
        tell_size(context);
        return Ok{};
    }

  private:
    void tell_size(runtime::OpContext& context) const {
        context.set_state_bytes(keys_.memory_bytes() + buffers_[0].memory_bytes() +
                                buffers_[1].memory_bytes() + pending_.memory_bytes());
    }
    [[nodiscard]] std::size_t port_of(std::uint8_t rank) const {
        return rank_of(spec_.kind, 0) == rank ? 0 : 1;
    }
    /// Read once when restored: later reads rely on it.
    [[nodiscard]] Status check_row(std::size_t port, ByteView row) const {
        if (!results_.fits(port, row)) {
            return Error{ErrorCode::kCorruptJournal,
                         "a join's row does not fit the columns of its side, size " +
                             std::to_string(row.size())};
        }
        return Ok{};
    }
    [[nodiscard]] bool keeps(std::size_t port) const {
        return port == 0 ? keeps_left(spec_.kind) : keeps_right(spec_.kind);
    }

    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const auto port = static_cast<std::size_t>(run.port.value);
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, true, picked_);
        keys_.load(batch, picked_.rows);
        results_.begin(port, batch);
        stored_ = results_.stored_columns(batch);
        std::uint64_t unpicked = 0;
        std::size_t next = 0;  // of picked_
        for (std::uint32_t i = run.begin; i < run.end; ++i) {
            const std::uint32_t row = batch.row(i);
            time_ = std::max(time_, batch.timestamp(row).value);
            if (next < picked_.rows.size() && picked_.rows[next] == row) {
                join(port, batch, row, next++, context);
            } else if (keeps(port) && batch.has_value(row)) {
                make_room(context);
                results_.add_alone(row);
            } else {
                ++unpicked;
            }
        }
        if (unpicked > picked_.null_values) {
            context.count_dropped("null_key", unpicked - picked_.null_values);
        }
        if (picked_.null_values > 0) {
            context.count_dropped("null_value", picked_.null_values);
        }
        results_.flush(context);
    }
    void make_room(runtime::OpContext& context) {
        if (results_.is_full()) {
            results_.flush(context);
        }
    }

    /// at  of the row in picked_
    void join(std::size_t port,
              const RowBatch& batch,
              std::uint32_t row,
              std::size_t at,
              runtime::OpContext& context) {
        const std::int64_t time = batch.timestamp(row).value;
        row_bytes_.clear();
        encode_row(stored_, row, row_bytes_);
        if (buffers_[port].advance(time)) {
            buffers_[port].put(keys_.insert(at).id, time, row_bytes_.view());
        }
        if (waits_ && time == time_) {
            give_up(port, row, context);
        }
        const std::span<const BufferedRow> partners = partners_of(port, at, time);
        const bool frees_partners = waits_ && keeps(1 - port) && !pending_.empty();
        PendingKey freed;
        if (frees_partners && !partners.empty()) {
            freed = pending_key(1 - port, 0, batch, row);
        }
        for (const BufferedRow& partner : partners) {
            if (frees_partners) {
                freed.time = partner.time;
                pending_.remove(freed);
            }
            make_room(context);
            results_.add_match(row, partner.bytes(), std::max(time, partner.time));
        }
        if (!partners.empty() || !keeps(port)) {
            return;
        }
        if (waits_ && time + reach_ms_[port] >= time_) {
            first_pending_ = std::min(first_pending_, time);
            pending_.add(pending_key(port, time, batch, row), row_bytes_.view());
            return;
        }
        make_room(context);
        results_.add_alone(row);
    }

    [[nodiscard]] std::span<const BufferedRow> partners_of(std::size_t port,
                                                           std::size_t at,
                                                           std::int64_t time) const {
        const std::uint32_t key = keys_.find(at);
        if (key == kNoKey) {
            return {};
        }
        return buffers_[1 - port].find(key,
                                       std::max<std::int64_t>(0, time - reach_ms_[1 - port]),
                                       std::max<std::int64_t>(0, time + reach_ms_[port]));
    }

    /// Gives results to rows whose windows have closed.
    void give_up(std::size_t port, std::uint32_t driver, runtime::OpContext& context) {
        if (first_pending_ + reach_ms_[port] + grace_ms_ >= time_) {
            return;
        }
        first_pending_ = kNobodyWaits;
        std::array<bool, 2> is_open{};
        pending_.visit([&](const PendingKey& key, const std::vector<Buffer>& rows) {
            if (is_open[0] && is_open[1]) {
                return PendingRows::Visit::kStop;
            }
            first_pending_ = key.time;
            const std::size_t side = port_of(key.rank);
            if (key.time + reach_ms_[side] + grace_ms_ >= time_) {
                is_open[side] = true;
                return PendingRows::Visit::kKeep;
            }
            for (const Buffer& row : rows) {
                make_room(context);
                results_.add_stranger(driver, side, row.view(), key.time);
            }
            return PendingRows::Visit::kRemove;
        });
    }

    [[nodiscard]] PendingKey pending_key(std::size_t port,
                                         std::int64_t time,
                                         const RowBatch& batch,
                                         std::uint32_t row) {
        key_bytes_.clear();
        keys_.serialize_row(batch, row, key_bytes_);
        return PendingKey{
            .time = time, .rank = rank_of(spec_.kind, port), .key = std::string(key_bytes_.text())};
    }

    void forget_old() {
        for (JoinBuffer& buffer : buffers_) {
            buffer.forget_old(keys_, lost_);
        }
        if (lost_.size() > kRowBatchRowsMax) {
            erase_lost_keys();
        }
    }
    void erase_lost_keys() {
        std::sort(lost_.begin(), lost_.end());
        lost_.erase(std::unique(lost_.begin(), lost_.end()), lost_.end());
        for (const std::uint32_t key : lost_) {
            if (buffers_[0].is_empty(key) && buffers_[1].is_empty(key)) {
                keys_.erase(key);
            }
        }
        lost_.clear();
    }

    void stage_clock(runtime::OpContext& context) {
        Buffer value;
        value.append_le(kClockVersion);
        value.append_le(time_);
        value.append_le(first_pending_);
        for (const JoinBuffer& buffer : buffers_) {
            value.append_le(buffer.newest());
            value.append_le(buffer.next_number());
        }
        context.stage_delta(kClock, as_bytes(kClockKey), value.view());
    }
    Status restore_clock(ByteView value) {
        Cursor in(value);
        const auto version = in.read_le<std::uint8_t>();
        if (in.ok() && version != kClockVersion) {
            return Error{
                ErrorCode::kNewerFormat,
                "join state was written by a newer version, format " + std::to_string(version)};
        }
        time_ = in.read_le<std::int64_t>();
        first_pending_ = in.read_le<std::int64_t>();
        for (JoinBuffer& buffer : buffers_) {
            const auto newest = in.read_le<std::int64_t>();
            buffer.restore_clock(newest, in.read_le<std::uint64_t>());
        }
        if (!in.ok() || in.remaining() != 0) {
            return Error{ErrorCode::kCorruptJournal, "a join's time does not fit its format"};
        }
        return Ok{};
    }

    StreamStreamJoinSpec spec_;
    std::int64_t grace_ms_;
    bool waits_;  // rows without partner wait until their window has closed
    /// How far after a row of a port its partners can be; how far before: that of the other port.
    std::array<std::int64_t, 2> reach_ms_;
    StateKeys keys_;                     // of both sides
    std::array<JoinBuffer, 2> buffers_;  // by port
    PendingRows pending_;
    JoinedRows results_;
    std::int64_t time_ = kNoTime;  // the largest timestamp that came
    bool is_dirty_ = false;        // rows came since the last barrier
    /// A time before which nobody waits.
    std::int64_t first_pending_ = kNobodyWaits;
    std::vector<std::uint32_t> lost_;  // keys that may be without rows

    // Scratch of one run.
    KeyedRows picked_;
    std::vector<ColumnPtr> stored_;
    Buffer row_bytes_;
    Buffer key_bytes_;
};

}  // namespace

Result<runtime::OperatorSpec> make_stream_stream_join(StreamStreamJoinSpec spec) {
    MILLRACE_TRY_STATUS(check_join(*spec.left, *spec.right, *spec.output, spec.columns));
    if (spec.before_ms < 0 || spec.after_ms < 0 || spec.grace_ms.value_or(0) < 0) {
        return Error{ErrorCode::kInvalidArgument,
                     "join: WITHIN and GRACE PERIOD are never below 0"};
    }
    const auto probe = StateKeys::open(spec.left->key, spec.key_format, spec.left->window);
    if (!probe.ok()) {
        return probe.error();
    }
    runtime::OperatorSpec made;
    made.name = "stream-stream join";
    made.detail = std::string(name_of(spec.kind)) + " JOIN within " +
                  std::to_string(spec.before_ms) + " ms before and " +
                  std::to_string(spec.after_ms) + " ms after" +
                  (spec.grace_ms ? ", grace " + std::to_string(*spec.grace_ms) + " ms" : "");
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<StreamStreamJoin>(
            spec, StateKeys::open(spec.left->key, spec.key_format, spec.left->window).value());
    };
    return made;
}

}  // namespace millrace::operators
