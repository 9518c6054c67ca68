#include "connectors/file/csv_reader.h"

#include <algorithm>

namespace millrace::connectors {

CsvReader::Outcome CsvReader::read(std::string_view text, bool is_last) {
    fields_.clear();
    unescaped_used_ = 0;
    consumed_ = 0;
    lines_ = 0;
    std::size_t at = 0;
    for (;;) {
        const bool is_quoted = at < text.size() && text[at] == '"';
        const FieldEnd end =
            is_quoted ? read_quoted(text, is_last, at) : read_plain(text, is_last, at);
        switch (end) {
            case FieldEnd::kDelimiter:
                break;
            case FieldEnd::kRecord:
                consumed_ = at;
                return Outcome::kRecord;
            case FieldEnd::kIncomplete:
                return Outcome::kIncomplete;
            case FieldEnd::kBroken:
                return broken(text);
        }
    }
}

CsvReader::Outcome CsvReader::broken(std::string_view text) {
    // Only the first line is given up: with a quote that never closes, the rest of the file would
    // be lost otherwise.
    const std::size_t line_feed = text.find('\n');
    consumed_ = line_feed == std::string_view::npos ? text.size() : line_feed + 1;
    lines_ = line_feed == std::string_view::npos ? 0 : 1;
    return Outcome::kBroken;
}

CsvReader::FieldEnd CsvReader::read_plain(std::string_view text, bool is_last, std::size_t& at) {
    const std::size_t begin = at;
    std::size_t end = begin;
    while (end < text.size() && text[end] != delimiter_ && text[end] != '\n') {
        ++end;
    }
    if (end == text.size() && !is_last) {
        return FieldEnd::kIncomplete;
    }
    const bool is_line_end = end == text.size() || text[end] == '\n';
    std::size_t field_end = end;
    if (is_line_end && field_end > begin && text[field_end - 1] == '\r') {
        --field_end;
    }
    fields_.push_back({text.substr(begin, field_end - begin), false});
    at = end;
    return end_of_field(text, is_last, at);
}

CsvReader::FieldEnd CsvReader::read_quoted(std::string_view text, bool is_last, std::size_t& at) {
    std::size_t from = at + 1;  // of the run not yet copied
    std::string* copy = nullptr;
    for (;;) {
        const std::size_t quote = text.find('"', from);
        if (quote == std::string_view::npos) {
            if (!is_last) {
                return FieldEnd::kIncomplete;
            }
            problem_ = "column " + std::to_string(fields_.size() + 1) + ": the quote never closes";
            return FieldEnd::kBroken;
        }
        const std::string_view run = text.substr(from, quote - from);
        lines_ += static_cast<std::size_t>(std::count(run.begin(), run.end(), '\n'));
        if (quote + 1 == text.size() && !is_last) {
            return FieldEnd::kIncomplete;  // the next byte may double the quote
        }
        if (quote + 1 < text.size() && text[quote + 1] == '"') {
            if (copy == nullptr) {
                if (unescaped_used_ == unescaped_.size()) {
                    unescaped_.emplace_back();
                }
                copy = &unescaped_[unescaped_used_++];
                copy->clear();
            }
            copy->append(run).push_back('"');
            from = quote + 2;
            continue;
        }
        if (copy != nullptr) {
            copy->append(run);
        }
        fields_.push_back({copy == nullptr ? run : std::string_view(*copy), true});
        at = quote + 1;
        if (at < text.size() && text[at] == '\r') {
            const bool is_end = at + 1 == text.size();
            if (is_end && !is_last) {
                return FieldEnd::kIncomplete;
            }
            if (is_end || text[at + 1] == '\n') {
                ++at;
            }
        }
        return end_of_field(text, is_last, at);
    }
}

CsvReader::FieldEnd CsvReader::end_of_field(std::string_view text, bool is_last, std::size_t& at) {
    if (at == text.size()) {
        return is_last ? FieldEnd::kRecord : FieldEnd::kIncomplete;
    }
    if (text[at] == delimiter_) {
        ++at;
        return FieldEnd::kDelimiter;
    }
    if (text[at] == '\n') {
        ++at;
        ++lines_;
        return FieldEnd::kRecord;
    }
    problem_ = "column " + std::to_string(fields_.size()) + ": text behind a closing quote";
    return FieldEnd::kBroken;
}

}  // namespace millrace::connectors
