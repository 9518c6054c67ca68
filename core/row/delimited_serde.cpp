// DELIMITED: one line per row, RFC 4180 quoting, one delimiter character between the columns.
#include <string>

#include "core/row/format_factories.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

Status check_fields(const FormatSpec& format, const std::vector<Field>& fields) {
    if (format.delimiter == '"' || format.delimiter == '\n' || format.delimiter == '\r' ||
        static_cast<unsigned char>(format.delimiter) >= 0x80 || format.delimiter == '\0') {
        return Error{ErrorCode::kConfigInvalid,
                     "delimiter must be one ASCII character other than a quote or a line break: " +
                         shortened(std::string_view(&format.delimiter, 1))};
    }
    for (const Field& field : fields) {
        if (field.type.is_nested()) {
            return unsupported_type(Format::kDelimited, field);
        }
    }
    return Ok{};
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

struct Cell {
    std::string_view text;  // between the quotes, when there are some
    bool is_quoted = false;
    bool has_doubled_quotes = false;
};

// Cuts one line into cells. A quoted cell may hold line breaks; one line break at the end is
// dropped.
class LineSplitter {
  public:
    LineSplitter(std::string_view line, char delimiter) : line_(line), delimiter_(delimiter) {
        if (line_.ends_with('\n')) {
            line_.remove_suffix(1);
        }
        if (line_.ends_with('\r')) {
            line_.remove_suffix(1);
        }
    }

    // The next cell; nullptr or what is wrong with it. Only while !done().
    Reason next(Cell& cell) {
        cell = {};
        if (at_ < line_.size() && line_[at_] == '"') {
            return quoted(cell);
        }
        const std::size_t begin = at_;
        while (at_ < line_.size() && line_[at_] != delimiter_) {
            if (line_[at_] == '\n' || line_[at_] == '\r') {
                return "line break outside quotes";
            }
            ++at_;
        }
        cell.text = line_.substr(begin, at_ - begin);
        step();
        return nullptr;
    }
    [[nodiscard]] bool done() const { return done_; }

  private:
    Reason quoted(Cell& cell) {
        const std::size_t begin = ++at_;
        for (;; ++at_) {
            at_ = line_.find('"', at_);
            if (at_ == std::string_view::npos) {
                at_ = line_.size();
                return "quote is not closed";
            }
            if (at_ + 1 < line_.size() && line_[at_ + 1] == '"') {
                cell.has_doubled_quotes = true;
                ++at_;
                continue;
            }
            break;
        }
        cell.text = line_.substr(begin, at_ - begin);
        cell.is_quoted = true;
        ++at_;
        if (at_ < line_.size() && line_[at_] != delimiter_) {
            return "text behind a closing quote";
        }
        step();
        return nullptr;
    }
    // Behind a cell: over the delimiter, or to the end.
    void step() {
        done_ = at_ >= line_.size();
        ++at_;
    }

    std::string_view line_;
    char delimiter_;
    std::size_t at_ = 0;
    bool done_ = false;
};

class DelimitedDecoder final : public Decoder {
  public:
    DelimitedDecoder(char delimiter, std::vector<Field> fields, std::vector<bool> wanted)
        : delimiter_(delimiter), fields_(std::move(fields)), wanted_(std::move(wanted)) {}

    void decode(std::span<const std::optional<ByteView>> payloads,
                const PagePtr& pin,
                std::vector<ColumnPtr>& columns,
                std::vector<RowError>& errors) override {
        const auto size = static_cast<std::uint32_t>(payloads.size());
        std::vector<ColumnBuilder> builders;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            builders.emplace_back(fields_[i].type, wanted_[i] ? size : 0);
            builders.back().pin(pin);
        }
        for (std::uint32_t row = 0; row < size; ++row) {
            std::string wrong;
            if (payloads[row]) {
                wrong = decode_line(as_text(*payloads[row]), row, builders);
            }
            if (!payloads[row] || !wrong.empty()) {
                for (std::size_t i = 0; i < fields_.size(); ++i) {
                    if (wanted_[i]) {
                        builders[i].set_null(row);
                    }
                }
            }
            if (!wrong.empty()) {
                errors.push_back({row, ErrorCode::kUndecodableRow, std::move(wrong)});
            }
        }
        columns.assign(fields_.size(), nullptr);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (wanted_[i]) {
                columns[i] = builders[i].finish(size);
            }
        }
    }
    [[nodiscard]] std::uint64_t fields_decoded() const override { return fields_decoded_; }

  private:
    // What is wrong; empty when nothing is.
    std::string decode_line(std::string_view line,
                            std::uint32_t row,
                            std::vector<ColumnBuilder>& builders) {
        LineSplitter cells(line, delimiter_);
        std::size_t count = 0;
        for (; !cells.done(); ++count) {
            Cell cell;
            if (const Reason reason = cells.next(cell)) {
                return "line is not DELIMITED: " + std::string(reason) + ": " + shortened(line);
            }
            if (count < fields_.size() && wanted_[count]) {
                ++fields_decoded_;
                if (const Reason reason = set(builders[count], row, cell)) {
                    return described(fields_[count]) + ": " + reason + ": " + shortened(cell.text);
                }
            }
        }
        if (count != fields_.size()) {
            return "line has " + std::to_string(count) + " values for " +
                   std::to_string(fields_.size()) + " columns: " + shortened(line);
        }
        return {};
    }

    Reason set(ColumnBuilder& builder, std::uint32_t row, const Cell& cell) {
        if (cell.text.empty() && !cell.is_quoted) {
            builder.set_null(row);
            return nullptr;
        }
        if (builder.type().is(TypeKind::kString) && !is_utf8(cell.text)) {
            return "not UTF-8";
        }
        if (!cell.has_doubled_quotes) {
            return set_from_text(builder, row, cell.text, Borrow::kYes);
        }
        unquoted_.clear();
        for (std::size_t i = 0; i < cell.text.size(); ++i) {
            unquoted_ += cell.text[i];
            if (cell.text[i] == '"') {
                ++i;  // the other one of the pair
            }
        }
        return set_from_text(builder, row, unquoted_, Borrow::kNo);
    }

    char delimiter_;
    std::vector<Field> fields_;
    std::vector<bool> wanted_;
    std::string unquoted_;
    std::uint64_t fields_decoded_ = 0;
};

class DelimitedEncoder final : public Encoder {
  public:
    DelimitedEncoder(char delimiter, std::size_t fields) : delimiter_(delimiter), fields_(fields) {}

    void encode(std::span<const ColumnPtr> columns,
                std::span<const std::uint32_t> rows,
                EncodedRows& out) override {
        CHECK(columns.size() == fields_);
        ByteWriter writer(out.bytes);
        for (const std::uint32_t row : rows) {
            const bool is_null = fields_ == 1 && !columns[0]->is_valid(row);
            if (!is_null) {
                for (std::size_t i = 0; i < fields_; ++i) {
                    if (i > 0) {
                        writer.put(delimiter_);
                    }
                    if (columns[i]->is_valid(row)) {
                        put_cell(*columns[i], row, i == 0, writer);
                    }
                }
            }
            out.ends.push_back(static_cast<std::uint32_t>(writer.size()));
            out.is_null.push_back(is_null);
        }
    }

  private:
    void put_cell(const Column& column, std::uint32_t row, bool is_first, ByteWriter& out) {
        if (column.type().is(TypeKind::kString)) {
            put_text(column.text(row), is_first, out);
            return;
        }
        scratch_.clear();
        {
            ByteWriter writer(scratch_);
            put_plain(writer, column, row);
        }
        put_text(scratch_.text(), is_first, out);
    }
    void put_text(std::string_view text, bool is_first, ByteWriter& out) const {
        if (!needs_quotes(text, is_first)) {
            out.put(text);
            return;
        }
        out.put('"');
        for (const char c : text) {
            if (c == '"') {
                out.put('"');
            }
            out.put(c);
        }
        out.put('"');
    }
    // Where ksqlDB's writer quotes: besides what RFC 4180 asks for, cells that begin with a control
    // character, blank, '!' or '#', that end in a blank, and first cells that do not begin with an
    // ASCII letter or digit. An empty string is quoted so that it does not read back as null.
    [[nodiscard]] bool needs_quotes(std::string_view text, bool is_first) const {
        if (text.empty() || static_cast<unsigned char>(text.front()) <= '#' ||
            static_cast<unsigned char>(text.back()) <= ' ' ||
            (is_first && !is_letter_or_digit(text.front()))) {
            return true;
        }
        for (const char c : text) {
            if (c == delimiter_ || c == '"' || c == '\n' || c == '\r') {
                return true;
            }
        }
        return false;
    }

    char delimiter_;
    std::size_t fields_;
    Buffer scratch_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_delimited_decoder(const FormatSpec& format,
                                                        const std::vector<Field>& fields,
                                                        const std::vector<bool>& wanted) {
    MILLRACE_TRY_STATUS(check_fields(format, fields));
    return std::unique_ptr<Decoder>(
        std::make_unique<DelimitedDecoder>(format.delimiter, fields, wanted));
}

Result<std::unique_ptr<Encoder>> make_delimited_encoder(const FormatSpec& format,
                                                        const std::vector<Field>& fields) {
    MILLRACE_TRY_STATUS(check_fields(format, fields));
    return std::unique_ptr<Encoder>(
        std::make_unique<DelimitedEncoder>(format.delimiter, fields.size()));
}

}  // namespace millrace
