// CsvReader: one CSV record at a time (RFC 4180: quotes, doubled quotes, line breaks inside
// quotes; any delimiter; LF or CRLF).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::connectors {

struct CsvField {
    std::string_view text;   // unquoted; lives until the next read() and as long as the input
    bool is_quoted = false;  // tells "" from nothing
};

/// Reads records out of a text. Keeps memory between records. One thread at a time.
class CsvReader {
  public:
    explicit CsvReader(char delimiter) : delimiter_(delimiter) {}

    enum class Outcome : std::uint8_t {
        kRecord,      // fields() holds it
        kBroken,      // problem() says why; consumed() reaches to the end of its first line
        kIncomplete,  // the text ends inside the record and more may come
    };
    /// Reads the record at the front of `text`.
    ///
    /// is_last   nothing follows `text`: its end ends the record
    Outcome read(std::string_view text, bool is_last);

    [[nodiscard]] const std::vector<CsvField>& fields() const { return fields_; }
    /// Bytes of the record, line break included. After kBroken: up to the line break (or the end)
    /// from which reading can go on.
    [[nodiscard]] std::size_t consumed() const { return consumed_; }
    /// Line breaks among the consumed bytes.
    [[nodiscard]] std::size_t lines() const { return lines_; }
    /// What is wrong, e.g. "column 3: text behind a closing quote".
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// The record is an empty line: one field, empty, not quoted.
    [[nodiscard]] bool is_blank() const {
        return fields_.size() == 1 && fields_[0].text.empty() && !fields_[0].is_quoted;
    }

  private:
    enum class FieldEnd : std::uint8_t { kDelimiter, kRecord, kIncomplete, kBroken };
    FieldEnd read_plain(std::string_view text, bool is_last, std::size_t& at);
    FieldEnd read_quoted(std::string_view text, bool is_last, std::size_t& at);
    FieldEnd end_of_field(std::string_view text, bool is_last, std::size_t& at);
    Outcome broken(std::string_view text);

    char delimiter_;
    std::vector<CsvField> fields_;
    std::deque<std::string> unescaped_;  // texts of fields that had doubled quotes; never moved
    std::size_t unescaped_used_ = 0;
    std::size_t consumed_ = 0;
    std::size_t lines_ = 0;
    std::string problem_;
};

}  // namespace millrace::connectors
