#include "server/cli/table_view.h"

#include <map>

#include "core/base/telemetry.h"
#include "core/row/schema_config.h"
#include "core/row/serde.h"
#include "core/row/value.h"
#include "server/cli/topic_reader.h"

namespace millrace::server {

namespace {

/// Decodes one row at a time: tables shown to people are small.
class RowPrinter {
  public:
    static Result<RowPrinter> make(const TopicSchema& schema) {
        RowPrinter printer(schema);
        const std::vector<bool> all_keys(schema.schema.key.size(), true);
        const std::vector<bool> all_values(schema.schema.value.size(), true);
        MILLRACE_TRY(printer.key_, make_decoder(schema.key, schema.schema.key, all_keys));
        MILLRACE_TRY(printer.value_, make_decoder(schema.value, schema.schema.value, all_values));
        return printer;
    }

    [[nodiscard]] std::vector<std::string> columns() const {
        std::vector<std::string> names;
        for (const Field& field : schema_.schema.key) {
            names.push_back(field.name);
        }
        if (is_windowed()) {
            names.insert(names.end(), {"WINDOWSTART", "WINDOWEND"});
        }
        for (const Field& field : schema_.schema.value) {
            names.push_back(field.name);
        }
        return names;
    }

    Result<std::vector<std::string>> print(const std::string& key, const std::string& value) {
        std::vector<std::string> cells;
        ByteView key_bytes = as_bytes(key);
        std::vector<std::string> window;
        if (is_windowed()) {
            MILLRACE_TRY(const WindowedKey split, split_window(key_bytes, schema_.schema.window));
            key_bytes = split.key;
            window = {format_iso8601(split.start_ms), format_iso8601(split.end_ms)};
        }
        MILLRACE_TRY_STATUS(add(*key_, key_bytes, cells));
        cells.insert(cells.end(), window.begin(), window.end());
        MILLRACE_TRY_STATUS(add(*value_, as_bytes(value), cells));
        return cells;
    }

  private:
    explicit RowPrinter(const TopicSchema& schema) : schema_(schema) {}
    [[nodiscard]] bool is_windowed() const {
        return schema_.schema.window.kind != WindowKind::kNone;
    }

    static Status add(Decoder& decoder, ByteView bytes, std::vector<std::string>& cells) {
        // Decoders read whole pages: the bytes are copied to one, which has the padding they need.
        const std::shared_ptr<Page> page = Page::allocate(bytes.size());
        if (!bytes.empty()) {
            std::memcpy(page->data(), bytes.data(), bytes.size());
        }
        page->set_size(bytes.size());
        const std::optional<ByteView> payload = page->view();
        std::vector<ColumnPtr> columns;
        std::vector<RowError> errors;
        decoder.decode(std::span(&payload, 1), page, columns, errors);
        if (!errors.empty()) {
            return Error{errors.front().code, errors.front().message};
        }
        for (const ColumnPtr& column : columns) {
            cells.push_back(to_text(value_at(*column, 0), column->type()));
        }
        return Ok{};
    }

    TopicSchema schema_;
    std::unique_ptr<Decoder> key_;
    std::unique_ptr<Decoder> value_;
};

}  // namespace

Result<TextTable> read_table(LogClient& log, const std::string& topic) {
    MILLRACE_TRY(const TopicInfo info, log.describe_topic(topic));
    const auto config = info.config.find("millrace.schema");
    if (config == info.config.end()) {
        return Error{ErrorCode::kNotSupported, "topic has no schema to read it by: " + topic};
    }
    MILLRACE_TRY(const TopicSchema schema, decode_topic_schema(config->second));
    ReadPlan plan{.topic = info, .from = {}};
    for (std::int32_t p = 0; p < info.partitions; ++p) {
        MILLRACE_TRY(plan.from[p], log.log_start({info.id, Partition{p}}));
    }
    std::map<std::string, std::string> last;
    const auto keep = [&last](std::int32_t, const RecordView& record) {
        if (record.key && record.value) {
            last[std::string(as_text(*record.key))] = as_text(*record.value);
        } else if (record.key) {
            last.erase(std::string(as_text(*record.key)));
        }
        return true;
    };
    MILLRACE_TRY_STATUS(read_records(log, plan, keep, [] { return false; }));
    MILLRACE_TRY(RowPrinter printer, RowPrinter::make(schema));
    TextTable table{.columns = printer.columns(), .rows = {}};
    for (const auto& [key, value] : last) {
        MILLRACE_TRY(auto cells, printer.print(key, value));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

}  // namespace millrace::server
