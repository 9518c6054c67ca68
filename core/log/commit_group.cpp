#include "core/log/commit_group.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>

#include "core/base/kill_point.h"

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

Status CommitGroup::stage(PendingUnit& pending, std::vector<StagedAppend>& staged) {
    std::vector<JournalPiece>& pieces = pending.unit.pieces;
    std::vector<LogPosition> before;
    Status status = Ok{};
    for (JournalPiece& piece : pieces) {
        before.push_back(piece.log->staged_end());
        auto placed = piece.log->stage(piece.batches.span());
        if (!placed.ok()) {
            before.pop_back();
            status = std::move(placed).error();
            break;
        }
        staged.push_back(placed.value());
    }
    for (std::size_t i = 0; i < pieces.size() && status.ok(); ++i) {
        if (staged[i].duplicate_of) {
            continue;
        }
        kill_point("before.segment.write");
        status = pieces[i].log->write(staged[i], pieces[i].batches);
        kill_point("after.segment.write");
    }
    if (!status.ok()) {
        for (std::size_t i = before.size(); i-- > 0;) {
            pieces[i].log->unstage(before[i]);
        }
    }
    return status;
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
    for (const JournalPiece& piece : pieces) {
        CHECK(piece.log != nullptr);
        bytes += piece.batches.size();
        if (piece.batches.size() > std::numeric_limits<std::uint32_t>::max()) {
            return refuse({ErrorCode::kTooLarge,
                           "one piece of an atomic unit is above 4 GiB: " +
                               std::to_string(piece.batches.size()) + " bytes"});
        }
    }
    // As if every piece were of a partition of its own: the sum never gets smaller than that.
    if (wal_directory_bytes(pieces.size(), pieces.size()) > limits_->directory_bytes_max) {
        return refuse({ErrorCode::kTooLarge,
                       "atomic unit has more pieces than a journal frame takes: " +
                           std::to_string(pieces.size())});
    }
    const std::size_t all = pieces_.size() + pieces.size();
    if (!empty() && (wal_directory_bytes(all, all) > limits_->directory_bytes_max ||
                     bytes_ + bytes > limits_->group_bytes_max)) {
        return Added::kFull;
    }

    std::vector<StagedAppend> staged;
    if (Status status = stage(pending, staged); !status.ok()) {
        return refuse(std::move(status).error());
    }
    Unit unit{.unit = std::move(pending.unit), .base_offsets = {}};
    for (std::size_t i = 0; i < staged.size(); ++i) {
        const JournalPiece& piece = unit.unit.pieces[i];
        unit.base_offsets.push_back(staged[i].base_offset);
        if (staged[i].duplicate_of) {
            continue;  // published, or earlier in this group: durable when the group is
        }
        pieces_.push_back(WalPiece{.unit = static_cast<std::uint16_t>(units_.size()),
                                   .id = piece.id,
                                   .at = staged[i].at,
                                   .last_offset = staged[i].last_offset,
                                   .length = static_cast<std::uint32_t>(piece.batches.size()),
                                   .payload = piece.batches});
        piece_log_.push_back(piece.log);
        touched_[piece.log] = Touched{piece.id, staged[i].end};
    }
    bytes_ += bytes;
    units_.push_back(std::move(unit));
    return Added::kTaken;
}

Buffer CommitGroup::encode(WalFrameHeader& header) {
    std::size_t inline_bytes = 0;
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        WalPiece& piece = pieces_[i];
        piece.crc = wal_crc(piece.payload, header.salt);
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
        while (inline_bytes > limits_->inline_bytes_max) {
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

std::vector<PartitionLog*> CommitGroup::partitions_to_sync(JournalMutant mutant) const {
    std::set<PartitionLog*> logs;
    // Not those that only made a new file: recovery makes it again for pieces that the WAL carries.
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (pieces_[i].kind == WalPieceKind::kReference &&
            mutant != JournalMutant::kNoReferenceSync) {
            logs.insert(piece_log_[i]);
        }
    }
    return {logs.begin(), logs.end()};
}

void CommitGroup::publish_ends() {
    kill_point("before.publish");
    for (const auto& [log, touched] : touched_) {
        log->publish(touched.end);
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
