#include "connectors/file/record_format.h"

#include <algorithm>
#include <cstring>

#include "connectors/file/csv_format.h"
#include "connectors/file/json_line.h"
#include "connectors/file/key_column.h"

namespace millrace::connectors {

namespace {

/// Calls take(line without its line break, line number) for each line of `input`.
template <class Take>
Consumed each_line(const FileText& input, Take take) {
    Consumed done;
    const std::string_view text = input.text;
    while (done.bytes < text.size()) {
        const char* begin = text.data() + done.bytes;
        const std::size_t rest = text.size() - done.bytes;
        const auto* feed = static_cast<const char*>(std::memchr(begin, '\n', rest));
        if (feed == nullptr && !input.is_last) {
            break;
        }
        std::size_t size = feed == nullptr ? rest : static_cast<std::size_t>(feed - begin);
        const std::uint64_t number = input.line + done.lines;
        done.bytes += size + (feed == nullptr ? 0U : 1U);
        done.lines += feed == nullptr ? 0U : 1U;
        if (size > 0 && begin[size - 1] == '\r') {
            --size;
        }
        take(std::string_view(begin, size), number);
    }
    return done;
}

BadInput bad_line(std::uint64_t number, ErrorCode code, std::string reason, std::string_view raw) {
    return {.file = {},
            .line = number,
            .error = {code, std::move(reason)},
            .raw = std::string(raw.substr(0, kBadInputBytesMax))};
}

bool is_too_long(std::string_view line,
                 std::size_t bytes_max,
                 std::uint64_t number,
                 SourceBatch& batch) {
    if (line.size() <= bytes_max) {
        return false;
    }
    batch.bad.push_back(bad_line(
        number,
        ErrorCode::kTooLarge,
        "the line is longer than max.line.bytes: " + std::to_string(line.size()) + " bytes",
        line));
    return true;
}

class LinesFormat final : public RecordFormat {
  public:
    explicit LinesFormat(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

    Consumed read(const FileText& input, SourceBatch& batch) override {
        return each_line(input, [&](std::string_view line, std::uint64_t number) {
            if (!is_too_long(line, line_bytes_max_, number, batch)) {
                batch.records.push_back({std::nullopt, as_bytes(line), input.timestamp});
            }
        });
    }

  private:
    std::size_t line_bytes_max_;
};

class NdjsonFormat final : public RecordFormat {
  public:
    NdjsonFormat(std::size_t line_bytes_max, std::unique_ptr<KeyColumn> key)
        : line_bytes_max_(line_bytes_max),
          key_(std::move(key)),
          line_(key_ == nullptr ? "" : key_->name()) {}

    Consumed read(const FileText& input, SourceBatch& batch) override {
        const std::size_t first = batch.records.size();
        const Consumed done = each_line(input, [&](std::string_view line, std::uint64_t number) {
            read_line(line, number, input.timestamp, batch);
        });
        if (key_ != nullptr) {
            key_->finish(batch, first);
        }
        return done;
    }

  private:
    void read_line(std::string_view line,
                   std::uint64_t number,
                   Timestamp timestamp,
                   SourceBatch& batch) {
        if (line.find_first_not_of(" \t") == std::string_view::npos) {
            return;  // blank lines are no records
        }
        if (is_too_long(line, line_bytes_max_, number, batch)) {
            return;
        }
        if (!line_.read(line)) {
            batch.bad.push_back(bad_line(
                number, ErrorCode::kUndecodableRow, "not a JSON object: " + line_.problem(), line));
            return;
        }
        if (key_ != nullptr) {
            if (Status added = key_->add(line_.member()); !added.ok()) {
                batch.bad.push_back(
                    bad_line(number, added.error().code, added.error().message, line));
                return;
            }
        }
        batch.records.push_back({std::nullopt, as_bytes(line), timestamp});
    }

    std::size_t line_bytes_max_;
    std::unique_ptr<KeyColumn> key_;  // null: records have no key
    JsonLine line_;
};

}  // namespace

std::vector<ConfigKey> record_format_keys() {
    return {
        {.name = "format",
         .type = KeyType::kEnum,
         .default_value = "lines",
         .allowed = {"lines", "ndjson", "csv"},
         .group = "Format",
         .documentation = "What a record is: a line as it stands, a line that is one JSON object, "
                          "or a CSV record."},
        {.name = "key.field",
         .type = KeyType::kString,
         .default_value = "",
         .group = "Format",
         .documentation = "The JSON member or CSV column that is the record's key, whatever the "
                          "case of its letters; a record without it is a bad record. Empty: "
                          "records have no key."},
        {.name = "csv.header",
         .type = KeyType::kBoolean,
         .default_value = "true",
         .group = "Format",
         .documentation = "The first record names the columns."},
        {.name = "csv.columns",
         .type = KeyType::kList,
         .default_value = "",
         .group = "Format",
         .documentation = "Names of the columns of a file without header. Empty: those of the "
                          "topic's schema (key first), else column1, column2, ..."},
        {.name = "csv.delimiter",
         .type = KeyType::kString,
         .default_value = ",",
         .group = "Format",
         .documentation = "One character between fields; \\t is a tab."},
        {.name = "max.line.bytes",
         .type = KeyType::kInt,
         .default_value = "1048576",
         .min = 1,
         .max = std::int64_t{64} << 20,
         .group = "Format",
         .documentation = "A longer record is a bad record."},
    };
}

Result<std::unique_ptr<RecordFormat>> make_record_format(const Config& config,
                                                         const std::optional<TopicSchema>& schema) {
    const auto line_bytes_max = static_cast<std::size_t>(config.number("max.line.bytes"));
    const std::string& format = config.text("format");
    if (format == "lines") {
        return std::unique_ptr<RecordFormat>(std::make_unique<LinesFormat>(line_bytes_max));
    }
    std::unique_ptr<KeyColumn> key;
    if (!config.text("key.field").empty()) {
        MILLRACE_TRY(key, KeyColumn::make(config.text("key.field"), schema));
    }
    if (format == "ndjson") {
        return std::unique_ptr<RecordFormat>(
            std::make_unique<NdjsonFormat>(line_bytes_max, std::move(key)));
    }
    return make_csv_format(config, schema, std::move(key));
}

}  // namespace millrace::connectors
