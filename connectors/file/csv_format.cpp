#include "connectors/file/csv_format.h"

#include <algorithm>

#include "connectors/file/csv_reader.h"
#include "core/base/nearest_name.h"
#include "core/row/text_value.h"

namespace millrace::connectors {

namespace {

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

bool is_same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return lower(x) == lower(y);
           });
}

/// The exact name wins over one that differs in case only.
std::size_t find_column(const std::vector<std::string>& columns, std::string_view name) {
    std::size_t found = kNoColumn;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] == name) {
            return i;
        }
        if (found == kNoColumn && is_same_name(columns[i], name)) {
            found = i;
        }
    }
    return found;
}

void append_json_text(Buffer& out, std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    out.append("\"");
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text.substr(done, i - done));
        done = i + 1;
        if (c == '"' || c == '\\') {
            const char escaped[] = {'\\', static_cast<char>(c)};
            out.append(std::string_view(escaped, 2));
        } else {
            const char escaped[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
            out.append(std::string_view(escaped, 6));
        }
    }
    out.append(text.substr(done));
    out.append("\"");
}

/// Writes each record as a JSON object of texts, or through the topic's schema.
class ValueWriter {
  public:
    virtual ~ValueWriter() = default;
    virtual void set_columns(const std::vector<std::string>& columns) = 0;
    /// Takes the record's fields. kUndecodableRow, and nothing taken, when one does not fit.
    virtual Status add(const std::vector<CsvField>& fields) = 0;
    /// The record added last is to be dropped.
    virtual void drop() = 0;
    /// The record added last is good.
    virtual void keep() = 0;
    /// Sets the values of the batch's records from `first_record` on: one was kept for each.
    virtual void finish(SourceBatch& batch, std::size_t first_record) = 0;
};

class JsonTextWriter final : public ValueWriter {
  public:
    void set_columns(const std::vector<std::string>& columns) override {
        openings_.clear();
        for (const std::string& column : columns) {
            Buffer opening;
            opening.append(openings_.empty() ? "{" : ",");
            append_json_text(opening, column);
            opening.append(":");
            openings_.emplace_back(opening.text());
        }
    }
    Status add(const std::vector<CsvField>& fields) override {
        begin_ = texts_.size();
        for (std::size_t i = 0; i < fields.size(); ++i) {
            texts_.append(openings_[i]);
            append_json_text(texts_, fields[i].text);
        }
        texts_.append("}");
        return Ok{};
    }
    void drop() override { texts_.resize(begin_); }
    void keep() override { ends_.push_back(texts_.size()); }
    void finish(SourceBatch& batch, std::size_t first_record) override {
        const auto texts = std::make_shared<const Buffer>(std::move(texts_));
        texts_ = Buffer();
        std::size_t begin = 0;
        for (std::size_t i = first_record; i < batch.records.size(); ++i) {
            const std::size_t end = ends_[i - first_record];
            batch.records[i].value = texts->view().subspan(begin, end - begin);
            begin = end;
        }
        ends_.clear();
        batch.pins.push_back(texts);
    }

  private:
    std::vector<std::string> openings_;  // text before each field
    Buffer texts_;
    std::size_t begin_ = 0;  // of the record added last
    std::vector<std::size_t> ends_;
};

class TypedWriter final : public ValueWriter {
  public:
    explicit TypedWriter(std::unique_ptr<TextRowEncoder> rows) : rows_(std::move(rows)) {}

    void set_columns(const std::vector<std::string>& columns) override {
        names_ = columns;
        columns_.clear();
        for (const Field& field : rows_->fields()) {
            columns_.push_back(find_column(columns, field.name));
        }
    }
    Status add(const std::vector<CsvField>& fields) override {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const CsvField* field = columns_[i] == kNoColumn ? nullptr : &fields[columns_[i]];
            if (field == nullptr || (field->text.empty() && !field->is_quoted)) {
                rows_->set_null(i);
            } else if (!rows_->set(i, field->text)) {
                rows_->drop();
                return Error{ErrorCode::kUndecodableRow,
                             "column " + names_[columns_[i]] + " is no " +
                                 rows_->fields()[i].type.to_string() + ": " +
                                 std::string(field->text.substr(0, 80))};
            }
        }
        return Ok{};
    }
    void drop() override { rows_->drop(); }
    void keep() override { rows_->keep(); }
    void finish(SourceBatch& batch, std::size_t first_record) override {
        const std::shared_ptr<const EncodedRows> rows = rows_->finish();
        for (std::size_t i = first_record; i < batch.records.size(); ++i) {
            batch.records[i].value = rows->row(i - first_record);
        }
        batch.pins.push_back(rows);
    }

  private:
    std::unique_ptr<TextRowEncoder> rows_;
    std::vector<std::string> names_;
    std::vector<std::size_t> columns_;  // of each schema field
};

struct CsvSettings {
    char delimiter = ',';
    bool has_header = true;
    std::size_t record_bytes_max = 0;
    std::vector<std::string> columns;  // without header
};

class CsvFormat final : public RecordFormat {
  public:
    CsvFormat(CsvSettings settings,
              std::unique_ptr<KeyColumn> key,
              std::unique_ptr<ValueWriter> values,
              std::vector<std::string> expected)
        : settings_(std::move(settings)),
          reader_(settings_.delimiter),
          key_(std::move(key)),
          values_(std::move(values)),
          expected_(std::move(expected)) {}

    [[nodiscard]] bool has_header() const override { return settings_.has_header; }

    Result<Consumed> read_header(const FileText& input) override {
        FileText rest = input;
        constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
        const std::size_t mark = rest.text.starts_with(kByteOrderMark) ? 3 : 0;
        rest.text.remove_prefix(mark);
        if (rest.text.empty()) {
            return Consumed{};
        }
        switch (reader_.read(rest.text, rest.is_last)) {
            case CsvReader::Outcome::kIncomplete:
                return Consumed{};
            case CsvReader::Outcome::kBroken:
                return Error{ErrorCode::kConfigInvalid,
                             "the header is broken: " + reader_.problem()};
            case CsvReader::Outcome::kRecord:
                break;
        }
        std::vector<std::string> columns;
        for (const CsvField& field : reader_.fields()) {
            columns.emplace_back(field.text);
        }
        MILLRACE_TRY_STATUS(set_columns(columns));
        return Consumed{mark + reader_.consumed(), reader_.lines()};
    }

    Status set_columns(const std::vector<std::string>& columns) {
        key_column_ = kNoColumn;
        if (key_ != nullptr) {
            key_column_ = find_column(columns, key_->name());
            if (key_column_ == kNoColumn) {
                return no_such_column("key.field " + key_->name(), key_->name(), columns);
            }
        }
        for (const std::string& name : expected_) {
            if (find_column(columns, name) == kNoColumn) {
                return no_such_column("column " + name + " of the topic's schema", name, columns);
            }
        }
        column_count_ = columns.size();
        values_->set_columns(columns);
        return Ok{};
    }

    Consumed read(const FileText& input, SourceBatch& batch) override {
        if (!settings_.has_header && column_count_ == 0) {
            name_columns_by_number(input);
        }
        const std::size_t first = batch.records.size();
        Consumed done;
        while (done.bytes < input.text.size()) {
            const std::string_view text = input.text.substr(done.bytes);
            const CsvReader::Outcome outcome = reader_.read(text, input.is_last);
            if (outcome == CsvReader::Outcome::kIncomplete) {
                break;
            }
            const std::string_view raw = text.substr(0, reader_.consumed());
            if (outcome == CsvReader::Outcome::kBroken || !reader_.is_blank()) {
                const Status added = outcome == CsvReader::Outcome::kBroken
                                         ? Error{ErrorCode::kUndecodableRow, reader_.problem()}
                                         : add_record(raw);
                if (added.ok()) {
                    batch.records.push_back({std::nullopt, std::nullopt, input.timestamp});
                } else {
                    batch.bad.push_back({.file = {},
                                         .line = input.line + done.lines,
                                         .error = added.error(),
                                         .raw = std::string(raw.substr(0, kBadInputBytesMax))});
                }
            }
            done.bytes += reader_.consumed();
            done.lines += reader_.lines();
        }
        values_->finish(batch, first);
        if (key_ != nullptr) {
            key_->finish(batch, first);
        }
        return done;
    }

  private:
    static Error no_such_column(const std::string& what,
                                const std::string& name,
                                const std::vector<std::string>& columns) {
        const std::optional<std::string> near = nearest_name(name, columns);
        std::string list;
        for (const std::string& column : columns) {
            list += (list.empty() ? "" : ", ") + column;
        }
        return {ErrorCode::kConfigInvalid,
                what + " is not among the file's columns" +
                    (near ? ", did you mean " + *near + "?" : "") + " (" + list + ")"};
    }

    /// Without header, schema and csv.columns: as many as the first record has fields.
    void name_columns_by_number(const FileText& input) {
        if (reader_.read(input.text, input.is_last) != CsvReader::Outcome::kRecord) {
            return;
        }
        std::vector<std::string> columns;
        while (columns.size() < reader_.fields().size()) {
            columns.push_back("column" + std::to_string(columns.size() + 1));
        }
        column_count_ = columns.size();
        key_column_ = key_ == nullptr ? kNoColumn : find_column(columns, key_->name());
        values_->set_columns(columns);
    }

    /// The record that the reader holds. kUndecodableRow, kTooLarge.
    Status add_record(std::string_view raw) {
        const std::vector<CsvField>& fields = reader_.fields();
        if (raw.size() > settings_.record_bytes_max) {
            return Error{ErrorCode::kTooLarge,
                         "the record is longer than max.line.bytes: " + std::to_string(raw.size()) +
                             " bytes"};
        }
        if (fields.size() != column_count_) {
            return Error{ErrorCode::kUndecodableRow,
                         "expected " + std::to_string(column_count_) + " columns, found " +
                             std::to_string(fields.size())};
        }
        if (!is_utf8(raw)) {
            return Error{ErrorCode::kUndecodableRow, "the record is not UTF-8"};
        }
        MILLRACE_TRY_STATUS(values_->add(fields));
        if (key_ != nullptr) {
            const CsvField* field = key_column_ == kNoColumn ? nullptr : &fields[key_column_];
            const bool is_missing = field == nullptr || (field->text.empty() && !field->is_quoted);
            Status added =
                key_->add(is_missing ? std::nullopt : std::optional<std::string_view>(field->text));
            if (!added.ok()) {
                values_->drop();
                return added;
            }
        }
        values_->keep();
        return Ok{};
    }

    CsvSettings settings_;
    CsvReader reader_;
    std::unique_ptr<KeyColumn> key_;  // null: records have no key
    std::unique_ptr<ValueWriter> values_;
    std::vector<std::string> expected_;  // columns that the schema needs
    std::size_t key_column_ = kNoColumn;
    std::size_t column_count_ = 0;
};

}  // namespace

std::optional<char> csv_delimiter(std::string_view text) {
    if (text == "\\t") {
        return '\t';
    }
    const bool is_one = text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r';
    return is_one ? std::optional(text[0]) : std::nullopt;
}

Result<std::unique_ptr<RecordFormat>> make_csv_format(const Config& config,
                                                      const std::optional<TopicSchema>& schema,
                                                      std::unique_ptr<KeyColumn> key) {
    CsvSettings settings;
    settings.delimiter = csv_delimiter(config.text("csv.delimiter")).value_or(',');
    settings.has_header = config.flag("csv.header");
    settings.record_bytes_max = static_cast<std::size_t>(config.number("max.line.bytes"));
    settings.columns = config.list("csv.columns");
    std::unique_ptr<ValueWriter> values = std::make_unique<JsonTextWriter>();
    std::vector<std::string> expected;
    if (schema) {
        MILLRACE_TRY(auto rows, TextRowEncoder::make(schema->value, schema->schema.value));
        values = std::make_unique<TypedWriter>(std::move(rows));
        for (const Field& field : schema->schema.value) {
            expected.push_back(field.name);
        }
        if (settings.columns.empty()) {
            for (std::size_t i = 0; i < schema->schema.size(); ++i) {
                settings.columns.push_back(schema->schema.field(i).name);
            }
        }
    }
    const std::vector<std::string> columns = settings.columns;
    const bool is_named = !settings.has_header && !columns.empty();
    auto format = std::make_unique<CsvFormat>(
        std::move(settings), std::move(key), std::move(values), std::move(expected));
    if (is_named) {
        MILLRACE_TRY_STATUS(format->set_columns(columns));
    }
    return std::unique_ptr<RecordFormat>(std::move(format));
}

}  // namespace millrace::connectors
