// ProducerState: what one partition knows of idempotent producers and of transactions.
// Rules: docs/formats/producers.md, which also has the bytes of a snapshot.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/log/transaction_facts.h"
#include "core/record/ids.h"
#include "core/record/record_batch.h"
#include "core/record/transaction.h"

namespace millrace::log {

/// Batches of one producer that are known again when they are sent twice.
constexpr std::size_t kProducerBatches = 5;

/// One producer as DescribeProducers shows it.
struct ProducerInfo {
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
    std::int32_t last_sequence = -1;  // -1: only a marker came with this epoch
    Timestamp last_timestamp{-1};     // largest of its last batch
    std::int32_t coordinator_epoch = -1;
    std::optional<Offset> transaction_start;  // set while a transaction is open

    friend bool operator==(const ProducerInfo&, const ProducerInfo&) = default;
};

/// The sequence number `by` after `sequence`; 0 follows 2^31 - 1.
[[nodiscard]] std::int32_t advance_sequence(std::int32_t sequence, std::int32_t by);

/// Where a snapshot was taken: the state covers the log before `offset`.
struct ProducerStamp {
    Offset offset;
    Offset segment;                   // base of the segment that holds the end
    std::uint64_t position = 0;       // of the end in it
    std::uint64_t last_position = 0;  // of the last batch before the end, in the same segment
    std::uint32_t last_crc = 0;       // its checksum; both are unused when `position` is 0

    friend bool operator==(const ProducerStamp&, const ProducerStamp&) = default;
};

/// Staging is undone or published in log order, like the log itself: a producer may have several
/// batches on their way. The log's writer calls the first group of methods, one thread at a time;
/// readers are any thread and see what was published.
class ProducerState {
  public:
    struct Limits {
        std::chrono::nanoseconds expiration{std::chrono::hours{24}};
        std::size_t producers_max = 50'000;  // beyond it the longest idle ones are forgotten
    };

    ProducerState();
    explicit ProducerState(Limits limits);

    // --- the writer's side

    /// Takes the batch, which has a producer id and will stand at `base`. Returns the offset at
    /// which the same batch stands already: it is then not to be written. kOutOfOrderSequence,
    /// kStaleProducerEpoch, kInvalidTransaction, kCorruptBatch: nothing changed.
    Result<std::optional<Offset>> stage(const RecordBatchView& batch,
                                        Offset base,
                                        std::chrono::nanoseconds now);
    /// Takes back what was staged at or after `to`.
    void unstage(Offset to);
    /// Makes what was staged below `end` visible.
    void publish(Offset end);
    /// Takes a batch of the log as it is: it was checked when it was written.
    void replay(const RecordBatchView& batch, std::chrono::nanoseconds now);
    /// Forgets producers that were idle for too long, or are too many, and aborted transactions
    /// below `log_start`. Never a producer with an open transaction or a batch on its way.
    void expire(Offset log_start, std::chrono::nanoseconds now);
    /// True when a published batch changed anything since the last snapshot().
    [[nodiscard]] bool is_changed() const;
    /// The published state, to be kept in a file.
    [[nodiscard]] Buffer snapshot(const ProducerStamp& stamp,
                                  std::chrono::nanoseconds now,
                                  std::int64_t wall_ms);
    /// The stamp of a snapshot whose checksum is right. kCorruptBatch, kNewerFormat.
    [[nodiscard]] static Result<ProducerStamp> read_stamp(ByteView snapshot);
    /// Replaces an empty state by the snapshot's. Times come from ages, plus the time since the
    /// snapshot was written when the wall clock tells a sane one.
    Status restore(ByteView snapshot, std::chrono::nanoseconds now, std::int64_t wall_ms);

    /// Compaction removed these abort markers, and before them all that was aborted by them.
    void forget_aborted(const std::vector<Offset>& markers);

    // --- readers

    /// What compaction must know; stable_end is left as it is.
    [[nodiscard]] TransactionFacts facts() const;
    /// First offset of the oldest open transaction; the largest offset there is without one.
    [[nodiscard]] Offset first_unstable() const { return first_unstable_.load(); }
    /// Aborted transactions with a record in [from, to), in the order of their markers.
    [[nodiscard]] std::vector<AbortedTransaction> aborted(Offset from, Offset to) const;
    /// By producer id.
    [[nodiscard]] std::vector<ProducerInfo> producers() const;

  private:
    struct Batch {
        std::int32_t first_sequence = -1;
        std::int32_t last_sequence = -1;
        Offset first_offset;
    };
    struct Producer {
        std::int16_t epoch = -1;
        std::uint8_t batch_count = 0;
        std::array<Batch, kProducerBatches> batches{};  // oldest first
        std::optional<Offset> transaction_start;
        std::int32_t coordinator_epoch = -1;
        Timestamp last_timestamp{-1};
        std::chrono::nanoseconds last_activity{0};  // monotonic

        void remember(const Batch& batch);
        [[nodiscard]] const Batch* find(std::int32_t first, std::int32_t last) const;
        [[nodiscard]] std::int32_t last_sequence() const;
    };
    using Producers = std::unordered_map<std::int64_t, Producer>;

    /// A transaction that ended with an abort.
    struct Aborted {
        std::int64_t producer_id = -1;
        Offset first;          // its first record
        Offset marker;         // its end
        Offset unstable_then;  // first_unstable() right behind the marker
    };
    enum class Change : std::uint8_t { kNone, kBegin, kCommit, kAbort };
    struct Staged {
        Offset base;
        Offset last;
        std::int64_t producer_id = -1;
        std::optional<Producer> before;  // nullopt: it was not known
        Change change = Change::kNone;
        Offset transaction_start;  // of the transaction that begins or ends
    };

    Result<std::optional<Offset>> check(const RecordBatchView& batch,
                                        const TransactionMarker* marker) const;
    Staged take(const RecordBatchView& batch,
                Offset base,
                const TransactionMarker* marker,
                std::chrono::nanoseconds now);
    void make_visible(const Staged& staged);
    [[nodiscard]] Producers published_producers() const;
    void forget_surplus();

    const Limits limits_;
    mutable std::mutex mutex_;
    Producers producers_;                  // guarded by mutex_; with all that is staged
    std::deque<Staged> staged_;            // guarded by mutex_; in log order, not published yet
    std::deque<Aborted> aborted_;          // guarded by mutex_; published, by marker
    std::map<Offset, std::int64_t> open_;  // guarded by mutex_; published, by first offset
    bool is_changed_ = false;              // guarded by mutex_
    std::atomic<Offset> first_unstable_{Offset{std::numeric_limits<std::int64_t>::max()}};
    std::atomic<std::size_t> staged_count_{0};  // so that publish() is free without producers
};

}  // namespace millrace::log
