#include "core/log/producer_state.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "core/base/checksum.h"

namespace millrace::log {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr Offset kNoOffset{std::numeric_limits<std::int64_t>::max()};
constexpr std::uint64_t kSnapshotMagic = 0x3144'4f52'5052'4d00;  // "\0MRPROD1"
constexpr std::uint32_t kSnapshotVersion = 1;
constexpr std::size_t kChecksumAt = 12;
constexpr std::size_t kSnapshotHeaderBytes = 80;
/// A start that finds more than this since the snapshot was written takes it for a wrong clock.
constexpr std::int64_t kDowntimeMsMax = std::int64_t{400} * 86'400'000;
/// How many are forgotten at once when there are too many: the search is paid for by many batches.
constexpr std::size_t kForgetDivisor = 10;

std::string describe(const RecordBatchView& batch) {
    return "producer " + std::to_string(batch.producer_id()) + " epoch " +
           std::to_string(batch.producer_epoch());
}

std::int32_t last_sequence_of(const RecordBatchView& batch) {
    return advance_sequence(batch.base_sequence(), batch.last_offset_delta());
}

Error damaged_snapshot(std::string_view what) {
    return Error{ErrorCode::kCorruptBatch, "producer snapshot is damaged: " + std::string(what)};
}

std::uint32_t checksum_of(ByteView snapshot) {
    return crc32c(snapshot.subspan(kChecksumAt + sizeof(std::uint32_t)),
                  crc32c(snapshot.first(kChecksumAt)));
}

std::int64_t whole_ms(nanoseconds duration) {
    return std::chrono::duration_cast<milliseconds>(duration).count();
}

}  // namespace

std::int32_t advance_sequence(std::int32_t sequence, std::int32_t by) {
    constexpr std::int64_t kSequences = std::int64_t{1} << 31;
    return static_cast<std::int32_t>((std::int64_t{sequence} + by) % kSequences);
}

ProducerState::ProducerState() : ProducerState(Limits{}) {}

ProducerState::ProducerState(Limits limits) : limits_(limits) {}

void ProducerState::Producer::remember(const Batch& batch) {
    if (batch_count == batches.size()) {
        std::move(batches.begin() + 1, batches.end(), batches.begin());
        --batch_count;
    }
    batches[batch_count++] = batch;
}

const ProducerState::Batch* ProducerState::Producer::find(std::int32_t first,
                                                          std::int32_t last) const {
    const auto* const end = batches.data() + batch_count;
    const auto* const found = std::find_if(batches.data(), end, [&](const Batch& batch) {
        return batch.first_sequence == first && batch.last_sequence == last;
    });
    return found == end ? nullptr : found;
}

std::int32_t ProducerState::Producer::last_sequence() const {
    return batch_count == 0 ? -1 : batches[batch_count - 1U].last_sequence;
}

Result<std::optional<Offset>> ProducerState::check(const RecordBatchView& batch,
                                                   const TransactionMarker* marker) const {
    const auto found = producers_.find(batch.producer_id());
    const bool is_known = found != producers_.end();
    if (is_known && batch.producer_epoch() < found->second.epoch) {
        return Error{
            ErrorCode::kStaleProducerEpoch,
            describe(batch) + " is fenced by epoch " + std::to_string(found->second.epoch)};
    }
    if (marker != nullptr) {
        return std::optional<Offset>{};
    }
    if (batch.producer_epoch() < 0 || batch.base_sequence() < 0) {
        return Error{
            ErrorCode::kCorruptBatch,
            describe(batch) + " sent no sequence: " + std::to_string(batch.base_sequence())};
    }
    if (!is_known) {
        return std::optional<Offset>{};  // forgotten or new: any sequence is taken
    }
    const Producer& producer = found->second;
    const bool is_new_epoch = batch.producer_epoch() > producer.epoch;
    if (!is_new_epoch) {
        if (const Batch* const same =
                producer.find(batch.base_sequence(), last_sequence_of(batch))) {
            return std::optional(same->first_offset);
        }
    }
    const std::int32_t expected = is_new_epoch || producer.batch_count == 0
                                      ? 0
                                      : advance_sequence(producer.last_sequence(), 1);
    if (batch.base_sequence() != expected) {
        return Error{ErrorCode::kOutOfOrderSequence,
                     describe(batch) + " must go on with sequence " + std::to_string(expected) +
                         ", it sent " + std::to_string(batch.base_sequence())};
    }
    if (producer.transaction_start && !batch.is_transactional()) {
        return Error{ErrorCode::kInvalidTransaction,
                     describe(batch) + " sent a batch outside of its open transaction"};
    }
    return std::optional<Offset>{};
}

ProducerState::Staged ProducerState::take(const RecordBatchView& batch,
                                          Offset base,
                                          const TransactionMarker* marker,
                                          nanoseconds now) {
    Staged staged{.base = base,
                  .last = Offset{base.value + batch.last_offset_delta()},
                  .producer_id = batch.producer_id()};
    if (producers_.size() >= limits_.producers_max && !producers_.contains(batch.producer_id())) {
        forget_surplus();
    }
    const auto [at, is_new] = producers_.try_emplace(batch.producer_id());
    Producer& producer = at->second;
    if (!is_new) {
        staged.before = producer;
    }
    if (producer.epoch != batch.producer_epoch()) {
        producer.epoch = batch.producer_epoch();
        producer.batch_count = 0;
    }
    producer.last_activity = now;
    producer.last_timestamp = batch.max_timestamp();
    if (marker != nullptr) {
        producer.coordinator_epoch = marker->coordinator_epoch;
        if (producer.transaction_start) {
            const bool is_commit = marker->end == TransactionEnd::kCommit;
            staged.change = is_commit ? Change::kCommit : Change::kAbort;
            staged.transaction_start = *producer.transaction_start;
            producer.transaction_start.reset();
        }
        return staged;
    }
    producer.remember({.first_sequence = batch.base_sequence(),
                       .last_sequence = last_sequence_of(batch),
                       .first_offset = base});
    // Compaction keeps the last batch of a producer when all its records are gone: no transaction.
    if (batch.is_transactional() && batch.record_count() > 0 && !producer.transaction_start) {
        producer.transaction_start = base;
        staged.change = Change::kBegin;
        staged.transaction_start = base;
    }
    return staged;
}

void ProducerState::make_visible(const Staged& staged) {
    is_changed_ = true;
    if (staged.change == Change::kNone) {
        return;
    }
    if (staged.change == Change::kBegin) {
        open_.emplace(staged.transaction_start, staged.producer_id);
    } else {
        open_.erase(staged.transaction_start);
    }
    const Offset unstable = open_.empty() ? kNoOffset : open_.begin()->first;
    if (staged.change == Change::kAbort) {
        aborted_.push_back({.producer_id = staged.producer_id,
                            .first = staged.transaction_start,
                            .marker = staged.last,
                            .unstable_then = unstable});
    }
    // After the abort is on the list: who sees records as stable also finds them aborted.
    first_unstable_.store(unstable);
}

Result<std::optional<Offset>> ProducerState::stage(const RecordBatchView& batch,
                                                   Offset base,
                                                   nanoseconds now) {
    std::optional<TransactionMarker> marker;
    if (batch.is_control()) {
        MILLRACE_TRY(marker, decode_marker(batch));
    }
    const std::lock_guard lock(mutex_);
    const TransactionMarker* const kind = marker ? &*marker : nullptr;
    MILLRACE_TRY(const std::optional<Offset> duplicate, check(batch, kind));
    if (!duplicate) {
        staged_.push_back(take(batch, base, kind, now));
        staged_count_.store(staged_.size());
    }
    return duplicate;
}

void ProducerState::unstage(Offset to) {
    if (staged_count_.load() == 0) {
        return;
    }
    const std::lock_guard lock(mutex_);
    while (!staged_.empty() && staged_.back().base >= to) {
        Staged& last = staged_.back();
        if (last.before) {
            producers_[last.producer_id] = *last.before;
        } else {
            producers_.erase(last.producer_id);
        }
        staged_.pop_back();
    }
    staged_count_.store(staged_.size());
}

void ProducerState::publish(Offset end) {
    if (staged_count_.load() == 0) {
        return;
    }
    const std::lock_guard lock(mutex_);
    while (!staged_.empty() && staged_.front().last < end) {
        make_visible(staged_.front());
        staged_.pop_front();
    }
    staged_count_.store(staged_.size());
}

void ProducerState::replay(const RecordBatchView& batch, nanoseconds now) {
    std::optional<TransactionMarker> marker;
    if (batch.is_control()) {
        Result<TransactionMarker> decoded = decode_marker(batch);
        if (!decoded.ok()) {
            return;  // compaction left an empty batch, or a kind that newer versions know
        }
        marker = decoded.value();
    }
    const std::lock_guard lock(mutex_);
    make_visible(take(batch, batch.base_offset(), marker ? &*marker : nullptr, now));
}

void ProducerState::expire(Offset log_start, nanoseconds now) {
    const std::lock_guard lock(mutex_);
    while (!aborted_.empty() && aborted_.front().marker < log_start) {
        aborted_.pop_front();
    }
    if (staged_.empty()) {
        std::erase_if(producers_, [&](const auto& entry) {
            return now - entry.second.last_activity >= limits_.expiration &&
                   !entry.second.transaction_start;
        });
    }
}

void ProducerState::forget_aborted(const std::vector<Offset>& markers) {
    const std::unordered_set<Offset> gone(markers.begin(), markers.end());
    const std::lock_guard lock(mutex_);
    std::erase_if(aborted_, [&](const Aborted& one) { return gone.contains(one.marker); });
    is_changed_ = true;
}

TransactionFacts ProducerState::facts() const {
    TransactionFacts facts;
    const std::lock_guard lock(mutex_);
    for (const Aborted& one : aborted_) {
        facts.aborted.push_back(
            {.producer_id = one.producer_id, .first = one.first, .marker = one.marker});
    }
    for (const auto& [id, producer] : published_producers()) {
        facts.last_batches.emplace(id,
                                   producer.batch_count == 0
                                       ? Offset{-1}
                                       : producer.batches[producer.batch_count - 1U].first_offset);
    }
    return facts;
}

void ProducerState::forget_surplus() {
    std::unordered_set<std::int64_t> staged;
    for (const Staged& one : staged_) {
        staged.insert(one.producer_id);
    }
    std::vector<std::pair<nanoseconds, std::int64_t>> idle;
    for (const auto& [id, producer] : producers_) {
        if (!producer.transaction_start && !staged.contains(id)) {
            idle.emplace_back(producer.last_activity, id);
        }
    }
    const std::size_t count = std::min(idle.size(), limits_.producers_max / kForgetDivisor + 1);
    std::nth_element(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(count), idle.end());
    for (std::size_t i = 0; i < count; ++i) {
        producers_.erase(idle[i].second);
    }
}

bool ProducerState::is_changed() const {
    const std::lock_guard lock(mutex_);
    return is_changed_;
}

ProducerState::Producers ProducerState::published_producers() const {
    Producers published = producers_;
    for (auto staged = staged_.rbegin(); staged != staged_.rend(); ++staged) {
        if (staged->before) {
            published[staged->producer_id] = *staged->before;
        } else {
            published.erase(staged->producer_id);
        }
    }
    return published;
}

std::vector<AbortedTransaction> ProducerState::aborted(Offset from, Offset to) const {
    std::vector<AbortedTransaction> found;
    const std::lock_guard lock(mutex_);
    auto at = std::lower_bound(
        aborted_.begin(), aborted_.end(), from, [](const Aborted& aborted, Offset offset) {
            return aborted.marker < offset;
        });
    for (; at != aborted_.end(); ++at) {
        if (at->first < to) {
            found.push_back({.producer_id = at->producer_id, .first_offset = at->first});
        }
        // Transactions that ended later began at or behind what was unstable then, or behind the
        // marker.
        if (std::min(at->unstable_then, at->marker) >= to) {
            break;
        }
    }
    return found;
}

std::vector<ProducerInfo> ProducerState::producers() const {
    std::vector<ProducerInfo> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, producer] : published_producers()) {
            all.push_back({.producer_id = id,
                           .epoch = producer.epoch,
                           .last_sequence = producer.last_sequence(),
                           .last_timestamp = producer.last_timestamp,
                           .coordinator_epoch = producer.coordinator_epoch,
                           .transaction_start = producer.transaction_start});
        }
    }
    std::sort(all.begin(), all.end(), [](const ProducerInfo& a, const ProducerInfo& b) {
        return a.producer_id < b.producer_id;
    });
    return all;
}

// --- snapshots ----------------------------------------------------------------------------------

Buffer ProducerState::snapshot(const ProducerStamp& stamp, nanoseconds now, std::int64_t wall_ms) {
    const std::lock_guard lock(mutex_);
    const Producers published = published_producers();
    Buffer out;
    out.append_le(kSnapshotMagic);
    out.append_le(kSnapshotVersion);
    out.append_le(std::uint32_t{0});  // the checksum, below
    out.append_le(stamp.offset.value);
    out.append_le(stamp.segment.value);
    out.append_le(stamp.position);
    out.append_le(stamp.last_position);
    out.append_le(stamp.last_crc);
    out.append_le(static_cast<std::uint32_t>(published.size()));
    out.append_le(static_cast<std::uint64_t>(aborted_.size()));
    out.append_le(wall_ms);
    out.append_zeros(kSnapshotHeaderBytes - out.size());
    for (const auto& [id, producer] : published) {
        out.append_le(id);
        out.append_le(producer.epoch);
        out.append_le(std::uint16_t{producer.batch_count});
        out.append_le(producer.coordinator_epoch);
        out.append_le(producer.transaction_start.value_or(Offset{-1}).value);
        out.append_le(producer.last_timestamp.value);
        out.append_le(whole_ms(now - producer.last_activity));
        for (std::size_t i = 0; i < producer.batch_count; ++i) {
            out.append_le(producer.batches[i].first_sequence);
            out.append_le(producer.batches[i].last_sequence);
            out.append_le(producer.batches[i].first_offset.value);
        }
    }
    for (const Aborted& aborted : aborted_) {
        out.append_le(aborted.producer_id);
        out.append_le(aborted.first.value);
        out.append_le(aborted.marker.value);
        out.append_le(aborted.unstable_then.value);
    }
    store_le(out.data() + kChecksumAt, checksum_of(out));
    is_changed_ = false;
    return out;
}

Result<ProducerStamp> ProducerState::read_stamp(ByteView snapshot) {
    Cursor cursor(snapshot);
    const auto magic = cursor.read_le<std::uint64_t>();
    const auto version = cursor.read_le<std::uint32_t>();
    const auto checksum = cursor.read_le<std::uint32_t>();
    if (snapshot.size() < kSnapshotHeaderBytes || magic != kSnapshotMagic ||
        checksum != checksum_of(snapshot)) {
        return damaged_snapshot("checksum");
    }
    if (version != kSnapshotVersion) {
        return Error{ErrorCode::kNewerFormat,
                     "producer snapshot has format " + std::to_string(version)};
    }
    return ProducerStamp{.offset = Offset{cursor.read_le<std::int64_t>()},
                         .segment = Offset{cursor.read_le<std::int64_t>()},
                         .position = cursor.read_le<std::uint64_t>(),
                         .last_position = cursor.read_le<std::uint64_t>(),
                         .last_crc = cursor.read_le<std::uint32_t>()};
}

Status ProducerState::restore(ByteView snapshot, nanoseconds now, std::int64_t wall_ms) {
    if (const Result<ProducerStamp> stamp = read_stamp(snapshot); !stamp.ok()) {
        return stamp.error();
    }
    Cursor cursor(snapshot);
    cursor.skip(kSnapshotHeaderBytes - 28);
    const auto producer_count = cursor.read_le<std::uint32_t>();
    const auto aborted_count = cursor.read_le<std::uint64_t>();
    std::int64_t downtime_ms = wall_ms - cursor.read_le<std::int64_t>();
    if (downtime_ms < 0 || downtime_ms > kDowntimeMsMax) {
        downtime_ms = 0;
    }
    cursor.skip(8);
    Producers producers;
    std::map<Offset, std::int64_t> open;
    for (std::uint32_t i = 0; i < producer_count && cursor.ok(); ++i) {
        const auto id = cursor.read_le<std::int64_t>();
        Producer producer;
        producer.epoch = cursor.read_le<std::int16_t>();
        const auto batch_count = cursor.read_le<std::uint16_t>();
        producer.coordinator_epoch = cursor.read_le<std::int32_t>();
        const Offset transaction_start{cursor.read_le<std::int64_t>()};
        producer.last_timestamp = Timestamp{cursor.read_le<std::int64_t>()};
        const std::int64_t age_ms =
            std::clamp<std::int64_t>(cursor.read_le<std::int64_t>(), 0, kDowntimeMsMax);
        producer.last_activity = now - milliseconds(age_ms + downtime_ms);
        if (batch_count > kProducerBatches) {
            cursor.fail();
        }
        for (std::uint16_t b = 0; b < batch_count && cursor.ok(); ++b) {
            Batch batch;
            batch.first_sequence = cursor.read_le<std::int32_t>();
            batch.last_sequence = cursor.read_le<std::int32_t>();
            batch.first_offset = Offset{cursor.read_le<std::int64_t>()};
            producer.remember(batch);
        }
        if (transaction_start.value >= 0) {
            producer.transaction_start = transaction_start;
            open.emplace(transaction_start, id);
        }
        producers.emplace(id, producer);
    }
    std::deque<Aborted> aborted;
    for (std::uint64_t i = 0; i < aborted_count && cursor.ok(); ++i) {
        Aborted one;
        one.producer_id = cursor.read_le<std::int64_t>();
        one.first = Offset{cursor.read_le<std::int64_t>()};
        one.marker = Offset{cursor.read_le<std::int64_t>()};
        one.unstable_then = Offset{cursor.read_le<std::int64_t>()};
        aborted.push_back(one);
    }
    if (!cursor.ok() || cursor.remaining() > 0) {
        return damaged_snapshot("its length");
    }
    const std::lock_guard lock(mutex_);
    CHECK(staged_.empty());
    producers_ = std::move(producers);
    aborted_ = std::move(aborted);
    open_ = std::move(open);
    first_unstable_.store(open_.empty() ? kNoOffset : open_.begin()->first);
    return Ok{};
}

}  // namespace millrace::log
