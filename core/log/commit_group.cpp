#include "core/log/commit_group.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "core/base/kill_point.h"
#include "core/base/mutant.h"

namespace millrace::log {

namespace {

constexpr std::size_t kUnitsMax = 65'535;  // a piece names its unit in 16 bits

}  // namespace

Result<FrameLimits> FrameLimits::of(const JournalOptions& options) {
    constexpr std::uint64_t kFileBytesMin = 8 * kWalBlockBytes;
    constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;
    if (options.file_bytes < kFileBytesMin || options.file_bytes > kFileBytesMax ||
        options.file_bytes % kWalBlockBytes != 0) {
        return Error{ErrorCode::kConfigInvalid,
                     "size of a journal file must be a multiple of 4096 from " +
                         std::to_string(kFileBytesMin) + " to " + std::to_string(kFileBytesMax) +
                         ": " + std::to_string(options.file_bytes)};
    }
    const auto capacity = static_cast<std::size_t>(options.file_bytes - kWalBlockBytes);
    FrameLimits limits;
    limits.inline_piece_bytes_max = options.inline_bytes_max;
    limits.inline_bytes_max = std::min(options.frame_inline_bytes_max, capacity / 2);
    limits.directory_bytes_max =
        std::min(capacity - limits.inline_bytes_max - kWalBlockBytes, std::size_t{8} << 20);
    limits.group_bytes_max = options.group_bytes_max;
    return limits;
}

Status CommitGroup::stage(std::vector<JournalPiece>& pieces, std::vector<Offset>& base_offsets) {
    for (JournalPiece& piece : pieces) {
        MILLRACE_TRY_STATUS(stage_durability(*piece.log, piece.id));
        const LogPosition before = piece.log->staged_end();
        auto staged = piece.log->stage(piece.batches.span());
        if (!staged.ok()) {
            return std::move(staged).error();
        }
        base_offsets.push_back(staged.value().base_offset);
        if (staged.value().duplicate_of) {
            continue;  // published, or before this one on its way: durable when this unit is
        }
        pieces_.push_back(WalPiece{.unit = static_cast<std::uint16_t>(units_.size()),
                                   .id = piece.id,
                                   .at = staged.value().at,
                                   .last_offset = staged.value().last_offset,
                                   .length = static_cast<std::uint32_t>(piece.batches.size()),
                                   .payload = piece.batches});
        places_.push_back({.log = piece.log,
                           .before = before,
                           .batches = piece.batches,
                           .is_late = is_late(*piece.log)});
    }
    return Ok{};
}

/// Until a frame that says otherwise is synced, recovery may take whole batches behind the end for
/// ones that bypassed the journal.
bool CommitGroup::is_late(PartitionLog& log) const {
    return !MILLRACE_MUTANT(20) && (log.is_relaxed() || changing_->contains(&log));
}

/// When the options want another durability than the journal knows of: says so in this frame.
Status CommitGroup::stage_durability(PartitionLog& log, TopicPartition id) {
    const bool is_wanted = log.durability() != Durability::kFsync;
    if (is_wanted == log.is_relaxed() || changing_->contains(&log)) {
        return Ok{};
    }
    if (is_wanted) {
        MILLRACE_TRY_STATUS(log.cut_tail());
    }
    const LogPosition at = log.staged_end();
    pieces_.push_back(WalPiece{.kind = is_wanted ? WalPieceKind::kRelaxed : WalPieceKind::kStrict,
                               .unit = static_cast<std::uint16_t>(units_.size()),
                               .id = id,
                               .at = at,
                               .last_offset = at.offset});
    places_.push_back({.log = &log, .before = {}, .batches = {}});
    changing_->insert(&log);
    return Ok{};
}

Status CommitGroup::stage_moves(const std::vector<LogStartMove>& moves) {
    for (const LogStartMove& move : moves) {
        const Offset end = move.log->high_watermark();
        const Offset before = move.before == Offset{-1} ? end : move.before;
        if (before < Offset{0} || before > end) {
            return Error{ErrorCode::kOffsetOutOfRange,
                         "cannot delete records before offset " + std::to_string(before.value) +
                             ", the high watermark is " + std::to_string(end.value)};
        }
        // Also when readers see a log start above it already: what retention removed, a power cut
        // may bring back, and the answer to this unit promises that it does not.
        if (before == Offset{0}) {
            continue;
        }
        if (MILLRACE_MUTANT(16)) {
            move.log->raise_log_start(before);
        }
        pieces_.push_back(WalPiece{.kind = WalPieceKind::kLogStart,
                                   .unit = static_cast<std::uint16_t>(units_.size()),
                                   .id = move.id,
                                   .at = {.offset = before, .segment = before},
                                   .last_offset = before});
        places_.push_back({.log = move.log, .before = {}, .batches = {}});
    }
    return Ok{};
}

void CommitGroup::unstage_from(std::size_t first) {
    while (places_.size() > first) {
        if (pieces_.back().has_batches()) {
            places_.back().log->unstage(places_.back().before);
        } else if (pieces_.back().kind != WalPieceKind::kLogStart) {
            changing_->erase(places_.back().log);
        }
        places_.pop_back();
        pieces_.pop_back();
    }
}

CommitGroup::Added CommitGroup::add(PendingUnit& pending, Error& refusal) {
    const auto refuse = [&refusal](Error error) {
        refusal = std::move(error);
        return Added::kRefused;
    };
    if (units_.size() == kUnitsMax || (!empty() && bytes_ >= limits_->group_bytes_max)) {
        return Added::kFull;
    }
    if (!pending.is_admitted && pending.unit.admit) {
        if (Status admitted = pending.unit.admit(pending.unit.pieces); !admitted.ok()) {
            return refuse(std::move(admitted).error());
        }
    }
    pending.is_admitted = true;
    const std::vector<JournalPiece>& pieces = pending.unit.pieces;
    std::size_t bytes = 0;
    std::size_t late_bytes = 0;
    std::size_t count = pieces.size() + pending.unit.moves.size();
    for (const JournalPiece& piece : pieces) {
        CHECK(piece.log != nullptr);
        bytes += piece.batches.size();
        const bool is_relaxed = piece.log->is_relaxed();
        const bool changes = is_relaxed != (piece.log->durability() != Durability::kFsync);
        count += changes ? 1 : 0;
        late_bytes += is_relaxed || changes ? piece.batches.size() : 0;
        if (piece.batches.size() > std::numeric_limits<std::uint32_t>::max()) {
            return refuse({ErrorCode::kTooLarge,
                           "one piece of an atomic unit is above 4 GiB: " +
                               std::to_string(piece.batches.size()) + " bytes"});
        }
    }
    // As if every piece were of a partition of its own: the sum never gets smaller than that.
    if (wal_directory_bytes(count, count) > limits_->directory_bytes_max) {
        return refuse(
            {ErrorCode::kTooLarge,
             "atomic unit has more pieces than a journal frame takes: " + std::to_string(count)});
    }
    if (late_bytes > limits_->inline_bytes_max) {
        return refuse({ErrorCode::kTooLarge,
                       "atomic unit has more for topics with relaxed durability than " +
                           std::to_string(limits_->inline_bytes_max) +
                           " bytes: " + std::to_string(late_bytes)});
    }
    const std::size_t all = pieces_.size() + count;
    if (!empty() && (wal_directory_bytes(all, all) > limits_->directory_bytes_max ||
                     late_bytes_ + late_bytes > limits_->inline_bytes_max ||
                     bytes_ + bytes > limits_->group_bytes_max)) {
        return Added::kFull;
    }

    const std::size_t first_piece = pieces_.size();
    std::vector<Offset> base_offsets;
    base_offsets.reserve(pieces.size());
    Status status = stage(pending.unit.pieces, base_offsets);
    if (status.ok()) {
        status = stage_moves(pending.unit.moves);
    }
    if (!status.ok()) {
        unstage_from(first_piece);
        return refuse(std::move(status).error());
    }
    bytes_ += bytes;
    late_bytes_ += late_bytes;
    can_wait_for_sync_ = can_wait_for_sync_ && pending.unit.can_wait_for_sync;
    units_.push_back({.unit = std::move(pending.unit),
                      .base_offsets = std::move(base_offsets),
                      .first_piece = first_piece});
    return Added::kTaken;
}

Status CommitGroup::write_last(PendingUnit& refused) {
    Unit& unit = units_.back();
    const std::size_t first = unit.first_piece;
    Status status = Ok{};
    for (std::size_t i = first; i < pieces_.size() && status.ok(); ++i) {
        if (!pieces_[i].has_batches()) {
            continue;
        }
        const StagedAppend staged{.at = pieces_[i].at, .end = pieces_[i].end()};
        status = places_[i].is_late ? places_[i].log->reserve(staged)
                                    : places_[i].log->write(staged, places_[i].batches);
    }
    if (!status.ok()) {
        unstage_from(first);
        refused.unit = std::move(unit.unit);
        units_.pop_back();
    }
    return status;
}

std::vector<PendingUnit> CommitGroup::take_back() {
    unstage_from(0);
    std::vector<PendingUnit> units;
    for (Unit& unit : units_) {
        units.push_back({.unit = std::move(unit.unit), .is_admitted = true});
    }
    units_.clear();
    touched_.clear();
    bytes_ = 0;
    late_bytes_ = 0;
    can_wait_for_sync_ = true;
    return units;
}

/// So that what goes to one partition lies together: in the frame, and for one write.
void CommitGroup::sort_by_partition() {
    const auto is_before = [this](std::size_t a, std::size_t b) {
        return pieces_[a].id < pieces_[b].id;
    };
    std::vector<std::size_t> order(pieces_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!std::is_sorted(order.begin(), order.end(), is_before)) {
        std::stable_sort(order.begin(), order.end(), is_before);
        std::vector<WalPiece> pieces;
        std::vector<Place> places;
        pieces.reserve(order.size());
        places.reserve(order.size());
        for (const std::size_t i : order) {
            pieces.push_back(pieces_[i]);
            places.push_back(places_[i]);
        }
        pieces_ = std::move(pieces);
        places_ = std::move(places);
    }
    touched_.clear();
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (i == 0 || places_[i].log != places_[i - 1].log) {
            touched_.push_back({.log = places_[i].log, .id = pieces_[i].id});
        }
        Touched& touched = touched_.back();
        switch (pieces_[i].kind) {
            case WalPieceKind::kInline:
            case WalPieceKind::kReference:
                touched.end = pieces_[i].end();
                break;
            case WalPieceKind::kLogStart:
                touched.log_start =
                    std::max(pieces_[i].at.offset, touched.log_start.value_or(Offset{0}));
                break;
            case WalPieceKind::kRelaxed:
            case WalPieceKind::kStrict:
                touched.is_relaxed = pieces_[i].kind == WalPieceKind::kRelaxed;
                break;
        }
    }
}

Buffer CommitGroup::encode(WalFrameHeader& header) {
    sort_by_partition();
    std::size_t inline_bytes = 0;
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        WalPiece& piece = pieces_[i];
        if (!piece.has_batches()) {
            continue;
        }
        piece.crc = wal_crc(piece.payload, header.salt);
        if (places_[i].is_late) {
            piece.kind = WalPieceKind::kInline;
            inline_bytes += piece.length;
            continue;
        }
        piece.kind = WalPieceKind::kReference;
        if (piece.length < limits_->inline_piece_bytes_max) {
            candidates.push_back(i);
            inline_bytes += piece.length;
        }
    }
    if (inline_bytes > limits_->inline_bytes_max) {
        std::sort(candidates.begin(), candidates.end(), [this](std::size_t a, std::size_t b) {
            return pieces_[a].length < pieces_[b].length;
        });
        while (inline_bytes > limits_->inline_bytes_max && !candidates.empty()) {
            inline_bytes -= pieces_[candidates.back()].length;
            candidates.pop_back();
        }
    }
    for (const std::size_t i : candidates) {
        pieces_[i].kind = WalPieceKind::kInline;
    }
    for (WalPiece& piece : pieces_) {
        if (piece.kind == WalPieceKind::kReference) {
            piece.payload = {};
        }
    }
    return encode_wal_frame(header, pieces_);
}

Status CommitGroup::write(const WalFrameHeader& header, ByteView frame) {
    ByteView payload = frame.subspan(kWalHeaderBytes + header.directory_bytes);
    for (std::size_t i = 0; i < pieces_.size();) {
        if (!pieces_[i].has_batches()) {
            ++i;
            continue;
        }
        StagedAppend run{.at = pieces_[i].at, .end = pieces_[i].end()};
        if (places_[i].is_late) {
            payload = payload.subspan(pieces_[i].length);
            MILLRACE_TRY_STATUS(places_[i].log->reserve(run));
            ++i;
            continue;
        }
        ByteView bytes = places_[i].batches;
        std::size_t end = i + 1;
        if (pieces_[i].kind == WalPieceKind::kInline) {
            std::size_t size = pieces_[i].length;
            for (; end < pieces_.size() && places_[end].log == places_[i].log &&
                   !places_[end].is_late && pieces_[end].kind == WalPieceKind::kInline &&
                   pieces_[end].at.segment == run.at.segment;
                 ++end) {
                size += pieces_[end].length;
                run.end = pieces_[end].end();
            }
            bytes = payload.first(size);
            payload = payload.subspan(size);
        }
        kill_point("before.segment.write");
        MILLRACE_TRY_STATUS(places_[i].log->write(run, bytes));
        kill_point("after.segment.write");
        i = end;
    }
    return Ok{};
}

Status CommitGroup::write_late() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (places_[i].is_late) {
            const StagedAppend staged{.at = pieces_[i].at, .end = pieces_[i].end()};
            MILLRACE_TRY_STATUS(places_[i].log->write(staged, places_[i].batches));
        }
    }
    return Ok{};
}

std::vector<PartitionLog::SyncTask> CommitGroup::unsynced_references() const {
    // Not of partitions that only made a new file: recovery makes it again for pieces that the WAL
    // carries.
    std::vector<PartitionLog::SyncTask> tasks;
    const PartitionLog* last = nullptr;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const bool has_prefix = !MILLRACE_MUTANT(21) && (places_[i].log->is_relaxed() ||
                                                         changing_->contains(places_[i].log));
        if ((pieces_[i].kind == WalPieceKind::kReference || has_prefix) && places_[i].log != last) {
            last = places_[i].log;
            for (PartitionLog::SyncTask& task : places_[i].log->unsynced()) {
                tasks.push_back(std::move(task));
            }
        }
    }
    return tasks;
}

void CommitGroup::publish_ends() {
    kill_point("before.publish");
    for (const Touched& touched : touched_) {
        const bool is_early = MILLRACE_MUTANT(3) && touched.end &&
                              touched.end->offset <= touched.log->high_watermark();
        if (touched.end && !is_early) {
            touched.log->publish(*touched.end);
        }
        if (touched.log_start) {
            touched.log->raise_log_start(*touched.log_start);
        }
        if (touched.is_relaxed) {
            touched.log->set_relaxed(*touched.is_relaxed);
            changing_->erase(touched.log);
        }
    }
    kill_point("after.publish");
}

void CommitGroup::tell_published(std::uint64_t sequence) {
    for (Unit& unit : units_) {
        if (unit.unit.published) {
            unit.unit.published(UnitCommitted{sequence, unit.base_offsets});
        }
    }
}

Work CommitGroup::take_written(std::uint64_t sequence) {
    std::vector<std::pair<std::function<void(const UnitCommitted&)>, UnitCommitted>> calls;
    for (Unit& unit : units_) {
        if (unit.unit.written) {
            calls.emplace_back(std::move(unit.unit.written),
                               UnitCommitted{sequence, unit.base_offsets});
        }
    }
    if (calls.empty()) {
        return {};
    }
    return [calls = std::move(calls)] {
        for (const auto& [written, committed] : calls) {
            written(committed);
        }
    };
}

Work CommitGroup::take_answers(std::uint64_t sequence) {
    auto units = std::make_shared<std::vector<Unit>>(std::move(units_));
    return [units, sequence] {
        for (Unit& unit : *units) {
            if (unit.unit.done) {
                unit.unit.done(UnitCommitted{sequence, std::move(unit.base_offsets)});
            }
        }
    };
}

Work CommitGroup::take_answers(const Error& error) {
    auto units = std::make_shared<std::vector<Unit>>(std::move(units_));
    return [units, error] {
        for (Unit& unit : *units) {
            if (unit.unit.done) {
                unit.unit.done(error);
            }
        }
    };
}

}  // namespace millrace::log
