// RecordFormat: a stretch of a file -> records: lines, NDJSON or CSV.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/config_def.h"
#include "connectors/connector.h"

namespace millrace::connectors {

/// A stretch of a file that starts at a record boundary.
struct FileText {
    std::string_view text;     // pinned by the batch's pins
    bool is_last = false;      // nothing follows: the end ends the last record
    std::uint64_t line = 1;    // number of the first line
    Timestamp timestamp = {};  // for the records
};

struct Consumed {
    std::size_t bytes = 0;
    std::size_t lines = 0;
};

/// Keeps memory between calls. One thread at a time.
class RecordFormat {
  public:
    virtual ~RecordFormat() = default;
    /// The file begins with a header.
    [[nodiscard]] virtual bool has_header() const { return false; }
    /// Reads the header at the front of `input`; nothing consumed: it is not complete yet.
    /// kConfigInvalid when it does not fit the settings or the schema.
    [[nodiscard]] virtual Result<Consumed> read_header(const FileText& input) {
        static_cast<void>(input);
        return Consumed{};
    }
    /// Appends the whole records of `input` to the batch, broken ones to its `bad`; a record that
    /// is not complete stays unconsumed.
    virtual Consumed read(const FileText& input, SourceBatch& batch) = 0;
};

/// The keys of the file source that formats read: format, key.field, csv.*, max.line.bytes.
[[nodiscard]] std::vector<ConfigKey> record_format_keys();

/// kConfigInvalid or kNotSupported when the settings do not fit the topic's schema.
[[nodiscard]] Result<std::unique_ptr<RecordFormat>> make_record_format(
    const Config& config, const std::optional<TopicSchema>& schema);

}  // namespace millrace::connectors
