// Journal frames, checkpoints: any bytes are either refused or parse into something sane.
// links: millrace_core_log millrace_core_record millrace_core_base
#include <cstdint>

#include "core/base/assert.h"
#include "core/log/checkpoint.h"
#include "core/log/wal_frame.h"

namespace {

using namespace millrace;
using namespace millrace::log;

/// The first 16 bytes choose lsn and salt; then comes the frame. The checksums are made right, as
/// random bytes would never get past them.
void parse_frame(ByteView input) {
    Cursor cursor(input);
    const auto lsn = cursor.read_le<std::uint64_t>();
    const auto salt = cursor.read_le<std::uint64_t>();
    if (!cursor.ok()) {
        return;
    }
    Buffer frame(cursor.rest());
    for (const bool is_mended : {false, true}) {
        if (is_mended && frame.size() >= kWalHeaderBytes) {
            store_le(frame.data() + 8, lsn);
            store_le(frame.data() + 32, salt);
            const auto directory = load_le<std::uint32_t>(frame.data() + 52);
            if (directory <= frame.size() - kWalHeaderBytes) {
                store_le(frame.data() + 64,
                         wal_crc(frame.view().subspan(kWalHeaderBytes, directory), salt));
            }
            store_le(frame.data() + 68, wal_crc(frame.view().first(68), salt));
        }
        WalFrameHeader header;
        if (parse_wal_header(frame, lsn, salt, header) != WalHeaderState::kOk) {
            continue;
        }
        CHECK(header.lsn == lsn);
        CHECK(header.salt == salt);
        const auto pieces = parse_wal_directory(header, frame);
        if (!pieces.ok()) {
            continue;
        }
        for (const WalPiece& piece : pieces.value()) {
            CHECK(piece.kind == WalPieceKind::kReference || piece.payload.size() == piece.length);
            CHECK(piece.last_offset >= piece.at.offset);
            static_cast<void>(wal_crc(piece.payload, salt));
        }
    }
}

void parse_any_checkpoint(ByteView input) {
    const auto parsed = parse_checkpoint(input);
    if (parsed.ok()) {
        CHECK(parse_checkpoint(encode_checkpoint(parsed.value())).value() == parsed.value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(reinterpret_cast<const std::byte*>(data), size);
    parse_frame(input);
    parse_any_checkpoint(input);
    return 0;
}
