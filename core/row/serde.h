// Decoder and Encoder: bytes of keys and values <-> columns, in a format named by a FormatSpec.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"
#include "core/base/result.h"
#include "core/row/column.h"
#include "core/row/data_type.h"
#include "core/row/row_batch.h"

namespace millrace {

enum class Format : std::uint8_t { kJson, kDelimited, kKafka, kNone };

/// "JSON", "DELIMITED", "KAFKA", "NONE"; any case. kConfigInvalid lists what there is.
[[nodiscard]] Result<Format> parse_format(std::string_view name);
[[nodiscard]] std::string_view name_of(Format format);

struct FormatSpec {
    Format format = Format::kJson;
    char delimiter = ',';  // DELIMITED
    /// JSON with a single column: true writes and reads {"NAME": value}, false the bare value.
    bool wrap_single = true;

    friend bool operator==(const FormatSpec&, const FormatSpec&) = default;
};

/// Reads payloads of one format into columns. One thread at a time; keeps parser memory between
/// calls.
class Decoder {
  public:
    virtual ~Decoder() = default;

    /// Decodes payloads (nullopt = null bytes: every column null at that row, no error).
    ///
    /// pin      keeps the payloads' memory alive; long strings may point into it. At least
    /// kPagePadding bytes behind each
    ///          payload are readable
    /// columns  receives one column per field of make_decoder(), a null pointer for those not
    /// wanted errors   receives one entry per row that is not in the format or does not fit a
    /// field's type; all columns are null
    ///          at that row. Other rows are not affected
    virtual void decode(std::span<const std::optional<ByteView>> payloads,
                        const PagePtr& pin,
                        std::vector<ColumnPtr>& columns,
                        std::vector<RowError>& errors) = 0;
    /// Field values decoded so far, over all calls: shows that unwanted fields cost nothing.
    [[nodiscard]] virtual std::uint64_t fields_decoded() const = 0;
};

/// fields   all columns of that side (key or value), in declared order
/// wanted   which of them to decode; as many as fields
/// kNotSupported when the format cannot hold the fields' types; the message names the column and
/// type.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_decoder(const FormatSpec& format,
                                                            const std::vector<Field>& fields,
                                                            const std::vector<bool>& wanted);

/// Encoded rows, back to back: row i is bytes[ends[i-1], ends[i]), null when is_null[i].
struct EncodedRows {
    Buffer bytes;
    std::vector<std::uint32_t> ends;
    std::vector<bool> is_null;

    void clear() {
        bytes.clear();
        ends.clear();
        is_null.clear();
    }
    [[nodiscard]] std::optional<ByteView> row(std::size_t i) const {
        if (is_null[i]) {
            return std::nullopt;
        }
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return bytes.view().subspan(begin, ends[i] - begin);
    }
};

/// Writes columns in one format. One thread at a time.
class Encoder {
  public:
    virtual ~Encoder() = default;
    /// Appends one encoded row per entry of `rows` (row numbers into the columns). No fields, or
    /// format NONE: null. A row with exactly one field that is null, unwrapped: null.
    virtual void encode(std::span<const ColumnPtr> columns,
                        std::span<const std::uint32_t> rows,
                        EncodedRows& out) = 0;
};

/// fields   columns of that side, in order. kNotSupported as make_decoder().
[[nodiscard]] Result<std::unique_ptr<Encoder>> make_encoder(const FormatSpec& format,
                                                            const std::vector<Field>& fields);

/// A windowed key's bytes = the plain key's + 8 bytes big-endian window start (session: end, then
/// start), as Kafka Streams writes them.
void append_window(Buffer& key,
                   const WindowInfo& window,
                   std::int64_t start_ms,
                   std::int64_t end_ms);

struct WindowedKey {
    ByteView key;
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
};
/// kUndecodableRow when the bytes are too short.
[[nodiscard]] Result<WindowedKey> split_window(ByteView bytes, const WindowInfo& window);

}  // namespace millrace
