#include "core/log/recovery.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/mutant.h"
#include "core/log/segment_writer.h"
#include "core/log/wal_frame.h"
#include "core/record/record_batch.h"

namespace millrace::log {

namespace {

constexpr std::size_t kScanBytes = std::size_t{1} << 20;
/// A batch in a segment that claims more is damaged.
constexpr std::size_t kBatchBytesMax = std::size_t{256} << 20;

std::string describe(TopicPartition id) {
    return id.topic.to_string() + "/" + std::to_string(id.partition.value);
}

std::string describe(const WalPiece& piece) {
    return describe(piece.id) + " offsets " + std::to_string(piece.at.offset.value) + " to " +
           std::to_string(piece.last_offset.value);
}

Error newer_frame(std::uint64_t lsn, std::uint16_t version) {
    return Error{ErrorCode::kNewerFormat,
                 "journal frame was written in format " + std::to_string(version) +
                     " by a newer version of Millrace, this one reads format " +
                     std::to_string(kWalVersion) + ": lsn " + std::to_string(lsn)};
}

/// One piece of a frame with the bytes that will stand in the segment.
struct VerifiedPiece {
    WalPiece piece;
    Buffer from_segment;  // when the frame does not carry them (or no longer does)
    bool is_whole = false;
    bool is_prefix_whole = true;  // what bypassed the journal before it
    bool is_healed = false;

    [[nodiscard]] ByteView batches() const {
        return from_segment.empty() ? piece.payload : from_segment.view();
    }
};

struct VerifiedFrame {
    WalFrameHeader header;
    Buffer bytes;
    std::vector<VerifiedPiece> pieces;
    bool has_directory = false;  // false: what the frame held is not known

    [[nodiscard]] bool is_whole() const {
        return has_directory && std::all_of(pieces.begin(), pieces.end(), [](const auto& piece) {
                   return piece.is_whole && piece.is_prefix_whole;
               });
    }
    [[nodiscard]] bool is_healed() const {
        return std::any_of(
            pieces.begin(), pieces.end(), [](const auto& piece) { return piece.is_healed; });
    }
    void forget_healed() {
        for (VerifiedPiece& piece : pieces) {
            piece.is_healed = false;
        }
    }
};

class Recovery {
  public:
    Recovery(Env& env,
             const std::string& data_directory,
             WalFiles& wal,
             const std::function<bool(TopicPartition)>& is_known,
             Checkpoint from)
        : wal_(wal),
          is_known_(is_known),
          segments_(env.files, data_directory),
          state_(std::move(from)) {
        std::erase_if(state_.partitions, [&](const auto& entry) { return !is_known(entry.first); });
        for (const auto& [id, state] : state_.partitions) {
            if (state.is_relaxed) {
                ever_relaxed_.insert(id);
            }
        }
    }

    Status walk();
    Status finish() { return segments_.sync(); }
    [[nodiscard]] Checkpoint& state() { return state_; }
    [[nodiscard]] RecoveryReport& report() { return report_; }

  private:
    Result<std::optional<WalFrameHeader>> header_at(std::uint64_t lsn);
    Result<std::optional<WalFrameHeader>> frame_behind(std::uint64_t end);
    Result<std::optional<WalFrameHeader>> proof_of(std::uint64_t lsn, std::uint64_t from);
    Result<VerifiedFrame> verify(const WalFrameHeader& header);
    Status apply(const VerifiedFrame& frame);
    Status settle_evidence(const VerifiedFrame& frame);
    Status bridge(TopicPartition id, PartitionState& state, Offset target);
    enum class Follow : std::uint8_t { kLook, kRewrite };
    Result<LogPosition> follow_batches(TopicPartition id,
                                       LogPosition from,
                                       std::optional<Offset> target,
                                       Follow how = Follow::kRewrite);
    Status verify_bypassed(VerifiedFrame& frame);
    Status keep_bypassed(TopicPartition id, PartitionState& state, std::optional<Offset> target);
    Status keep_relaxed_tails();
    Status extend_behind_gap();

    WalFiles& wal_;
    const std::function<bool(TopicPartition)>& is_known_;
    SegmentWriter segments_;
    Checkpoint state_;
    RecoveryReport report_;
    /// Partitions that the checkpoint or a frame since calls relaxed.
    std::set<TopicPartition> ever_relaxed_;
    /// Frames were accepted for what stands in segments, where it may not be synced.
    bool has_evidence_in_cache_ = false;
    bool has_gap_ = false;                 // frames whose directory is lost were passed
    std::set<TopicPartition> behind_gap_;  // partitions with a piece since the last gap
};

Result<std::optional<WalFrameHeader>> Recovery::header_at(std::uint64_t lsn) {
    Buffer bytes;
    bytes.resize(kWalHeaderBytes);
    MILLRACE_TRY(const std::size_t got, wal_.read(lsn, bytes.span()));
    WalFrameHeader header;
    std::uint16_t version = 0;
    switch (parse_wal_header(bytes.view().first(got), lsn, state_.salt, header, &version)) {
        case WalHeaderState::kAbsent:
            break;
        case WalHeaderState::kNewer:
            return newer_frame(lsn, version);
        case WalHeaderState::kOk:
            return std::optional(header);
    }
    return std::optional<WalFrameHeader>{};
}

/// The frame that says it comes right behind `end`: there, or first in the next file.
Result<std::optional<WalFrameHeader>> Recovery::frame_behind(std::uint64_t end) {
    for (const std::uint64_t lsn : {end, wal_.file_end(end)}) {
        MILLRACE_TRY(const auto header, header_at(lsn));
        if (header && header->prev_end == end) {
            return header;
        }
    }
    return std::optional<WalFrameHeader>{};
}

/// The first frame at or behind `from` that was written when everything up to beyond `lsn` had
/// been synced.
Result<std::optional<WalFrameHeader>> Recovery::proof_of(std::uint64_t lsn, std::uint64_t from) {
    Buffer chunk;
    chunk.resize(kScanBytes);
    for (std::uint64_t at = from;;) {
        MILLRACE_TRY(const std::size_t got, wal_.read(at, chunk.span()));
        if (got == 0) {
            return std::optional<WalFrameHeader>{};
        }
        for (std::size_t block = 0; block < got; block += kWalBlockBytes) {
            WalFrameHeader header;
            std::uint16_t version = 0;
            const ByteView bytes = chunk.view().first(got).subspan(block);
            const auto state = parse_wal_header(bytes, at + block, state_.salt, header, &version);
            if (state == WalHeaderState::kNewer) {
                return newer_frame(at + block, version);
            }
            if (state == WalHeaderState::kOk && header.durable_lsn > lsn) {
                return std::optional(header);
            }
        }
        at += (got + kWalBlockBytes - 1) / kWalBlockBytes * kWalBlockBytes;
    }
}

Result<VerifiedFrame> Recovery::verify(const WalFrameHeader& header) {
    VerifiedFrame frame;
    frame.header = header;
    frame.bytes.resize(header.frame_bytes);
    MILLRACE_TRY(const std::size_t got, wal_.read(header.lsn, frame.bytes.span()));
    frame.bytes.resize(got);
    auto pieces = parse_wal_directory(header, frame.bytes);
    if (!pieces.ok()) {
        return frame;
    }
    frame.has_directory = true;
    for (const WalPiece& piece : pieces.value()) {
        if (!is_known_(piece.id)) {
            continue;  // of a topic that was deleted since
        }
        VerifiedPiece verified;
        verified.piece = piece;
        if (!piece.has_batches()) {
            verified.is_whole = true;
            frame.pieces.push_back(std::move(verified));
            continue;
        }
        const bool is_inline = piece.kind == WalPieceKind::kInline;
        verified.is_whole =
            is_inline ? MILLRACE_MUTANT(15) || wal_crc(piece.payload, header.salt) == piece.crc
                      : MILLRACE_MUTANT(9);
        if (!verified.is_whole) {
            MILLRACE_TRY(verified.from_segment, segments_.read(piece));
            verified.is_whole = verified.from_segment.size() == piece.length &&
                                wal_crc(verified.from_segment, header.salt) == piece.crc;
            verified.is_healed = is_inline && verified.is_whole;
        }
        frame.pieces.push_back(std::move(verified));
    }
    MILLRACE_TRY_STATUS(verify_bypassed(frame));
    return frame;
}

/// What bypassed the journal before a frame's pieces was synced together with the frame.
Status Recovery::verify_bypassed(VerifiedFrame& frame) {
    std::map<TopicPartition, PartitionState> states;
    for (VerifiedPiece& verified : frame.pieces) {
        const WalPiece& piece = verified.piece;
        const auto known = state_.partitions.find(piece.id);
        PartitionState& state =
            states
                .try_emplace(piece.id,
                             known == state_.partitions.end() ? PartitionState{} : known->second)
                .first->second;
        if (state.is_relaxed && piece.at.offset > state.end.offset) {
            MILLRACE_TRY(state.end,
                         follow_batches(piece.id, state.end, piece.at.offset, Follow::kLook));
            verified.is_prefix_whole = state.end.offset >= piece.at.offset;
        }
        if (piece.has_batches()) {
            state.end = piece.end();
        }
        state.is_relaxed = piece.kind == WalPieceKind::kRelaxed ||
                           (state.is_relaxed && piece.kind != WalPieceKind::kStrict);
    }
    return Ok{};
}

/// Takes over batches that bypassed the journal, up to `target` or as far as they go.
Status Recovery::keep_bypassed(TopicPartition id,
                               PartitionState& state,
                               std::optional<Offset> target) {
    if (state.is_relaxed && (!target || state.end.offset < *target)) {
        MILLRACE_TRY(state.end, follow_batches(id, state.end, target));
    }
    return Ok{};
}

Status Recovery::keep_relaxed_tails() {
    for (auto& [id, state] : state_.partitions) {
        MILLRACE_TRY_STATUS(keep_bypassed(id, state, std::nullopt));
    }
    return Ok{};
}

/// Frames whose directory is lost stood between the end of `id` and `target`: what they put there
/// is in the segments, as batches that follow each other.
Status Recovery::bridge(TopicPartition id, PartitionState& state, Offset target) {
    MILLRACE_TRY(const LogPosition reached, follow_batches(id, state.end, target));
    const std::string range = describe(id) + " offsets " + std::to_string(state.end.offset.value) +
                              " to " + std::to_string(target.value - 1);
    if (reached.offset == target) {
        report_.healed.push_back(range + ": lost journal frame, followed the batches");
    } else {
        report_.corrupt.push_back(range + ": lost journal frame, batches end at offset " +
                                  std::to_string(reached.offset.value));
    }
    return Ok{};
}

/// Walks valid batches from `from` on and writes them again, so that the sync at the end covers
/// them. Returns where they stop.
Result<LogPosition> Recovery::follow_batches(TopicPartition id,
                                             LogPosition from,
                                             std::optional<Offset> target,
                                             Follow how) {
    LogPosition at = from;
    LogPosition reached = from;
    while (!target || at.offset < *target) {
        MILLRACE_TRY(const Buffer prefix,
                     segments_.read(id, at.segment, at.position, kRecordBatchPrefixBytes));
        const auto size = prefix.size() == kRecordBatchPrefixBytes
                              ? RecordBatchView::encoded_size(prefix)
                              : std::nullopt;
        Buffer bytes;
        if (size && *size <= kBatchBytesMax &&
            load_be<std::int64_t>(prefix.data()) == at.offset.value) {
            MILLRACE_TRY(bytes, segments_.read(id, at.segment, at.position, *size));
        }
        const auto batch = RecordBatchView::parse(bytes);
        if (!batch.ok() || !batch.value().verify_crc().ok()) {
            if (at.segment == at.offset) {
                break;
            }
            at = LogPosition{at.offset, at.offset, 0};  // the partition may have rolled here
            continue;
        }
        WalPiece piece;
        piece.id = id;
        piece.at = at;
        piece.last_offset = batch.value().last_offset();
        piece.length = static_cast<std::uint32_t>(bytes.size());
        if (how == Follow::kRewrite) {
            MILLRACE_TRY_STATUS(segments_.write(piece, bytes));
        }
        at = reached = piece.end();
    }
    return reached;
}

/// When recovery itself is cut short, all that it wrote may stay and what it read from the cache
/// may go. A frame that loses its references then counts as torn, and its pieces in relaxed
/// partitions would pass for batches that bypassed the journal: they are written only when what the
/// frames up to this one were accepted for is on the disk.
Status Recovery::settle_evidence(const VerifiedFrame& frame) {
    bool has_late = false;
    std::set<TopicPartition> met;
    for (const VerifiedPiece& verified : frame.pieces) {
        const WalPiece& piece = verified.piece;
        if (piece.kind == WalPieceKind::kRelaxed) {
            ever_relaxed_.insert(piece.id);
        }
        if (verified.is_whole && !verified.from_segment.empty()) {
            MILLRACE_TRY_STATUS(segments_.write(piece, verified.from_segment));
            has_evidence_in_cache_ = true;
        }
        if (!ever_relaxed_.contains(piece.id)) {
            continue;
        }
        has_late = has_late || piece.has_batches();
        PartitionState& state = state_.partitions[piece.id];
        if (met.insert(piece.id).second && state.is_relaxed && state.end.offset < piece.at.offset) {
            // What leads up to the first piece was a condition as well.
            MILLRACE_TRY_STATUS(keep_bypassed(piece.id, state, piece.at.offset));
            has_evidence_in_cache_ = true;
        }
    }
    if (has_late && has_evidence_in_cache_ && !MILLRACE_MUTANT(24)) {
        MILLRACE_TRY_STATUS(segments_.sync());
        has_evidence_in_cache_ = false;
    }
    return Ok{};
}

Status Recovery::apply(const VerifiedFrame& frame) {
    MILLRACE_TRY_STATUS(settle_evidence(frame));
    for (const VerifiedPiece& verified : frame.pieces) {
        const WalPiece& piece = verified.piece;
        PartitionState& state = state_.partitions[piece.id];
        MILLRACE_TRY_STATUS(keep_bypassed(piece.id, state, piece.at.offset));
        switch (piece.kind) {
            case WalPieceKind::kLogStart:
                state.log_start = std::max(state.log_start, piece.at.offset);
                continue;
            case WalPieceKind::kRelaxed:
            case WalPieceKind::kStrict:
                state.is_relaxed = piece.kind == WalPieceKind::kRelaxed;
                continue;
            case WalPieceKind::kInline:
            case WalPieceKind::kReference:
                break;
        }
        if (piece.at.offset < state.end.offset) {
            return Error{ErrorCode::kCorruptJournal,
                         "journal goes back in " + describe(piece) + ", which ended at offset " +
                             std::to_string(state.end.offset.value)};
        }
        if (piece.at.offset > state.end.offset) {
            MILLRACE_TRY_STATUS(bridge(piece.id, state, piece.at.offset));
        }
        if (!verified.is_whole) {
            report_.corrupt.push_back(describe(piece) + ": damaged in the journal and the segment");
            MILLRACE_TRY_STATUS(segments_.extend(piece));
        } else if (!MILLRACE_MUTANT(10)) {
            MILLRACE_TRY_STATUS(segments_.write(piece, verified.batches()));
        }
        if (verified.is_healed) {
            report_.healed.push_back(describe(piece) + ": damaged journal frame, segment is whole");
        }
        state.end = piece.end();
        if (has_gap_) {
            behind_gap_.insert(piece.id);
        }
    }
    state_.group = std::max(state_.group, frame.header.group);
    ++report_.frames_replayed;
    return Ok{};
}

/// Partitions that no frame behind the gap mentions: their committed batches are the ones that
/// follow each other in the segment. The last, never committed group may add some of its own, which
/// is why these partitions are reported as corrupt even when every batch is whole.
Status Recovery::extend_behind_gap() {
    for (auto& [id, state] : state_.partitions) {
        if (behind_gap_.contains(id)) {
            continue;
        }
        MILLRACE_TRY(const LogPosition reached, follow_batches(id, state.end, std::nullopt));
        if (reached.offset > state.end.offset) {
            report_.corrupt.push_back(describe(id) + " offsets " +
                                      std::to_string(state.end.offset.value) + " to " +
                                      std::to_string(reached.offset.value - 1) +
                                      ": lost journal frame, kept the whole batches found there");
            state.end = reached;
        }
    }
    return Ok{};
}

Status Recovery::walk() {
    if (state_.is_clean) {
        return Ok{};
    }
    // Pieces of relaxed partitions go into their segments only behind a frame that cannot vanish.
    MILLRACE_TRY_STATUS(wal_.settle());
    for (;;) {
        const std::uint64_t end = state_.lsn;
        MILLRACE_TRY(const auto header, frame_behind(end));
        VerifiedFrame frame;
        if (header) {
            MILLRACE_TRY(frame, verify(*header));
            if (frame.is_whole() && frame.is_healed()) {
                // Without a later frame that vouches for it, it is the last one, torn by the crash:
                // its segments were on the disk before it. Nothing rotted.
                MILLRACE_TRY(const auto proof, proof_of(header->lsn, header->end()));
                if (!proof) {
                    frame.forget_healed();
                }
            }
        }
        if (!frame.is_whole()) {
            MILLRACE_TRY(const auto proof,
                         proof_of(header ? header->lsn : end,
                                  header ? header->end() : end + kWalBlockBytes));
            if (!proof || MILLRACE_MUTANT(11)) {
                report_.torn_bytes = header ? header->frame_bytes : 0;
                break;
            }
            if (!frame.has_directory) {
                // The frames that vouch for the next one are lost: go on where it says they ended.
                const std::uint64_t next_end = header ? header->end() : proof->prev_end;
                report_.corrupt.push_back("journal frames from lsn " + std::to_string(end) +
                                          " to " + std::to_string(next_end));
                has_gap_ = true;
                behind_gap_.clear();
                state_.lsn = next_end;
                continue;
            }
        }
        MILLRACE_TRY_STATUS(apply(frame));
        state_.lsn = frame.header.end();
    }
    if (has_gap_) {
        MILLRACE_TRY_STATUS(extend_behind_gap());
    }
    return MILLRACE_MUTANT(22) ? Status{Ok{}} : keep_relaxed_tails();
}

}  // namespace

std::string journal_directory_of(const std::string& data_directory) {
    return join_path(data_directory, "wal");
}

Result<Recovered> recover_journal(Env& env,
                                  const std::string& data_directory,
                                  WalFiles& wal,
                                  CheckpointStore& checkpoints,
                                  const std::function<bool(TopicPartition)>& is_known) {
    MILLRACE_TRY(auto found, checkpoints.load());
    if (found.readable.empty()) {
        return Error{ErrorCode::kCorruptJournal,
                     "no readable checkpoint, look at the directory with `millrace doctor`: " +
                         journal_directory_of(data_directory)};
    }
    Recovery recovery(env, data_directory, wal, is_known, std::move(found.readable.front()));
    for (const std::string& path : found.damaged) {
        recovery.report().healed.push_back(path + ": damaged checkpoint, the other one is whole");
    }
    MILLRACE_TRY_STATUS(recovery.walk());
    MILLRACE_TRY_STATUS(recovery.finish());

    Recovered recovered{.state = std::move(recovery.state()),
                        .report = std::move(recovery.report())};
    for (const auto& [id, state] : recovered.state.partitions) {
        recovered.report.ends.emplace(id, state.end);
        recovered.report.log_starts.emplace(id, state.log_start);
        if (state.is_relaxed) {
            recovered.report.relaxed.insert(id);
        }
    }
    recovered.state.sequence = found.sequence_max + 1;
    recovered.state.lsn = std::max(recovered.state.lsn, wal.end_lsn());
    recovered.state.salt = env.random.next();
    recovered.state.is_clean = false;
    return recovered;
}

}  // namespace millrace::log
