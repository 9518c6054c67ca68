// Frames of the commit WAL: encoding and checked parsing. Bytes: docs/formats/journal.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/log/partition_log.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Frames start at multiples of it and are padded to it. Assumed to be written as one by no disk:
/// every part of a frame has its own checksum.
constexpr std::size_t kWalBlockBytes = 4096;
constexpr std::uint16_t kWalVersion = 1;
constexpr std::size_t kWalHeaderBytes = 72;
constexpr std::size_t kWalPartitionBytes = 20;
constexpr std::size_t kWalPieceBytes = 56;

enum class WalPieceKind : std::uint8_t {
    kInline = 1,     // the batches are in the frame's payload
    kReference = 2,  // the batches are only in the segment file, which was synced with the frame
    kLogStart = 3,   // no batches: records below at.offset are deleted
    kRelaxed = 4,    // no batches: from `at` on batches may bypass the journal
    kStrict = 5,     // no batches: all before `at` is synced, from there on the journal has all
};

/// Batches that one unit put into one partition, or a change to it.
struct WalPiece {
    WalPieceKind kind = WalPieceKind::kInline;
    std::uint16_t unit = 0;  // index of the unit in its group
    TopicPartition id;
    LogPosition at;  // offset of the first record, and where its batch starts; the new log start
    Offset last_offset;
    std::uint32_t length = 0;  // bytes of the batches
    std::uint32_t crc = 0;     // wal_crc of the batches
    ByteView payload;          // borrowed; empty for references

    [[nodiscard]] bool has_batches() const {
        return kind == WalPieceKind::kInline || kind == WalPieceKind::kReference;
    }
    /// Where the partition ends behind this piece, which has batches.
    [[nodiscard]] LogPosition end() const {
        return LogPosition{next(last_offset), at.segment, at.position + length};
    }
};

/// What the first 72 bytes of a frame say.
struct WalFrameHeader {
    std::uint64_t lsn = 0;          // where the frame starts
    std::uint64_t prev_end = 0;     // where the frame before it ended
    std::uint64_t durable_lsn = 0;  // everything below was synced before this frame was written
    std::uint64_t salt = 0;         // of this run of the journal
    std::uint64_t group = 0;        // commit sequence; an idle stamp repeats the last group's
    std::uint32_t frame_bytes = 0;  // padding included
    std::uint32_t directory_bytes = 0;
    std::uint32_t payload_bytes = 0;
    std::uint32_t pieces = 0;
    std::uint32_t directory_crc = 0;

    [[nodiscard]] std::uint64_t end() const { return lsn + frame_bytes; }
};

/// CRC-32C started from the salt: what an earlier run left behind never passes.
[[nodiscard]] std::uint32_t wal_crc(ByteView bytes, std::uint64_t salt);

/// Bytes of the directory of a frame.
[[nodiscard]] constexpr std::size_t wal_directory_bytes(std::size_t partitions,
                                                        std::size_t pieces) {
    return partitions * kWalPartitionBytes + pieces * kWalPieceBytes;
}
/// Bytes of a whole frame, padding included.
[[nodiscard]] constexpr std::size_t wal_frame_bytes(std::size_t directory, std::size_t payload) {
    return (kWalHeaderBytes + directory + payload + kWalBlockBytes - 1) / kWalBlockBytes *
           kWalBlockBytes;
}

/// Directory and payload of a frame laid out, so that its size is known before its place.
/// `header` needs salt and group; the sizes and the directory's checksum are filled in. Pieces of a
/// partition stand together, in its order; payloads lie behind each other in the order of pieces.
[[nodiscard]] Buffer encode_wal_frame(WalFrameHeader& header, std::span<const WalPiece> pieces);
/// Writes the header into a frame of encode_wal_frame(), once its lsn, prev_end and durable_lsn
/// are set.
void seal_wal_frame(const WalFrameHeader& header, Buffer& frame);

enum class WalHeaderState : std::uint8_t {
    kAbsent,  // no frame of this salt at this lsn: never written, torn, damaged or from before
    kNewer,   // a frame of this salt and lsn in a newer format
    kOk,
};

/// Parses what stands at `lsn`. Only kOk fills `header`; kNewer sets *version.
[[nodiscard]] WalHeaderState parse_wal_header(ByteView bytes,
                                              std::uint64_t lsn,
                                              std::uint64_t salt,
                                              WalFrameHeader& header,
                                              std::uint16_t* version = nullptr);

/// Parses the directory of a whole frame; the payloads point into `frame` and are not verified.
/// kCorruptJournal when it does not pass its checksum.
[[nodiscard]] Result<std::vector<WalPiece>> parse_wal_directory(const WalFrameHeader& header,
                                                                ByteView frame);

}  // namespace millrace::log
