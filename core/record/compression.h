// Compression: the codecs of record batches behind one function pair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/base/result.h"

namespace millrace {

/// Numbered as in the attributes of a record batch. What each writes and takes:
/// docs/formats/record_batch.md.
enum class Codec : std::uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

/// "none", "gzip", "snappy", "lz4", "zstd": the values of compression.type.
[[nodiscard]] std::string_view name_of(Codec codec);

/// What one batch may inflate to unless the caller says otherwise.
constexpr std::size_t kInflatedBytesMax = std::size_t{64} << 20;

/// Appends `plain`, compressed, to `out`. kTooLarge above 1 GiB. On an error `out` is as it was.
Status compress(Codec method, ByteView plain, Buffer& out);

/// Inflates into a page of its own. Memory grows as output comes (at most twice what came), so
/// bytes that claim much and hold little cost little. On top of it: a codec's window, 8 MiB at
/// most.
///
/// limit    output bytes; kTooLarge beyond them, and for a zstd window above 8 MiB
/// errors   kCorruptBatch for bytes that are not in the codec's format, or end early
[[nodiscard]] Result<PagePtr> decompress(Codec method,
                                         ByteView compressed,
                                         std::size_t limit = kInflatedBytesMax);

}  // namespace millrace
