// One pair of makers per format; make_decoder() and make_encoder() choose among them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/serde.h"

namespace millrace {

/// How JSON rows are read. Both give the same columns, errors and counts: tests compare them.
enum class JsonReading : std::uint8_t {
    kPredicting,  // by JsonFastReader, the general reader where that one gives up
    kGeneral,     // always by the general reader
};

// All take what make_decoder() and make_encoder() take, and fail like them.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_json_decoder(
    const FormatSpec& format,
    const std::vector<Field>& fields,
    const std::vector<bool>& wanted,
    JsonReading reading = JsonReading::kPredicting);
[[nodiscard]] Result<std::unique_ptr<Encoder>> make_json_encoder(const FormatSpec& format,
                                                                 const std::vector<Field>& fields);
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_delimited_decoder(
    const FormatSpec& format, const std::vector<Field>& fields, const std::vector<bool>& wanted);
[[nodiscard]] Result<std::unique_ptr<Encoder>> make_delimited_encoder(
    const FormatSpec& format, const std::vector<Field>& fields);
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_kafka_decoder(const std::vector<Field>& fields,
                                                                  const std::vector<bool>& wanted);
[[nodiscard]] Result<std::unique_ptr<Encoder>> make_kafka_encoder(const std::vector<Field>& fields);

/// kNotSupported unless JSON can hold the columns; names the first that it cannot.
[[nodiscard]] Status check_json_fields(const std::vector<Field>& fields);

/// "column `a` INTEGER": how every message about a field begins.
[[nodiscard]] std::string described(const Field& field);
/// That a format has no form for the column: "The 'KAFKA' format does not support type 'MAP',
/// column: `A`".
[[nodiscard]] Error unsupported_type(Format format, const Field& field);

}  // namespace millrace
