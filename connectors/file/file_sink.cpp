#include "connectors/file/file_sink.h"

#include <algorithm>

#include "connectors/file/csv_format.h"
#include "core/base/json.h"

namespace millrace::connectors {

namespace {

constexpr std::string_view kRecordSuffix = ".millrace-offsets";

/// All columns of a topic: key, window, value.
std::vector<Field> columns_of(const Schema& schema) {
    std::vector<Field> fields = schema.key;
    if (schema.window.kind != WindowKind::kNone) {
        fields.push_back({"WINDOW_START", TypeKind::kBigint});
        fields.push_back({"WINDOW_END", TypeKind::kBigint});
    }
    fields.insert(fields.end(), schema.value.begin(), schema.value.end());
    return fields;
}

std::vector<ColumnPtr> columns_of(const RowBatch& rows) {
    const auto key_size = static_cast<std::ptrdiff_t>(rows.schema->key.size());
    std::vector<ColumnPtr> columns(rows.columns.begin(), rows.columns.begin() + key_size);
    if (rows.window_start != nullptr) {
        columns.push_back(rows.window_start);
        columns.push_back(rows.window_end);
    }
    columns.insert(columns.end(), rows.columns.begin() + key_size, rows.columns.end());
    return columns;
}

std::string csv_header(const std::vector<Field>& fields, char delimiter) {
    std::string header;
    for (const Field& field : fields) {
        if (!header.empty()) {
            header.push_back(delimiter);
        }
        const bool is_plain =
            field.name.find_first_of(std::string("\"\r\n") + delimiter) == std::string::npos;
        if (is_plain) {
            header += field.name;
            continue;
        }
        header.push_back('"');
        for (const char c : field.name) {
            header.append(c == '"' ? 2 : 1, c);
        }
        header.push_back('"');
    }
    return header + "\n";
}

}  // namespace

std::vector<ConfigKey> FileSink::keys() {
    return {
        {.name = "file",
         .type = KeyType::kPath,
         .is_required = true,
         .group = "File",
         .documentation = "The file to write at the end of; FILE.millrace-offsets beside it holds "
                          "its committed length and the positions."},
        {.name = "format",
         .type = KeyType::kEnum,
         .default_value = "lines",
         .allowed = {"lines", "ndjson", "csv"},
         .group = "Format",
         .documentation = "lines writes values as they are; ndjson and csv write all columns of "
                          "the topic's schema: key, window_start and window_end, value."},
        {.name = "csv.header",
         .type = KeyType::kBoolean,
         .default_value = "true",
         .group = "Format",
         .documentation = "An empty file gets a first line with the columns' names."},
        {.name = "csv.delimiter",
         .type = KeyType::kString,
         .default_value = ",",
         .group = "Format",
         .documentation = "One character between fields; \\t is a tab."},
        {.name = "batch.size",
         .type = KeyType::kInt,
         .default_value = "50000",
         .min = 1,
         .max = 10'000'000,
         .group = "Writing",
         .documentation = "Records of one commit at most."},
        {.name = "commit.interval.ms",
         .type = KeyType::kDuration,
         .default_value = "200",
         .min = 0,
         .group = "Writing",
         .documentation = "A commit comes this long after its first record at the latest."},
    };
}

void FileSink::check(const Config& config, std::vector<std::string>& problems) {
    if (!csv_delimiter(config.text("csv.delimiter"))) {
        problems.push_back("key \"csv.delimiter\" must be one character (\\t for a tab), not \"" +
                           config.text("csv.delimiter") + "\"");
    }
    if (config.text("format") == "csv" && config.list("topics").size() > 1) {
        problems.emplace_back("\"format\" csv takes one topic: a file has one header");
    }
}

FileSink::FileSink(Config config)
    : config_(std::move(config)),
      path_(config_.text("file")),
      is_raw_(config_.text("format") == "lines") {
    if (config_.text("format") == "csv") {
        format_.format = Format::kDelimited;
        format_.delimiter = csv_delimiter(config_.text("csv.delimiter")).value_or(',');
    }
}

std::size_t FileSink::commit_records() const {
    return static_cast<std::size_t>(config_.number("batch.size"));
}

std::chrono::milliseconds FileSink::commit_interval() const {
    return config_.duration("commit.interval.ms");
}

Result<std::vector<SinkPosition>> FileSink::open(const SinkContext& context,
                                                 const std::vector<SinkTopic>& topics) {
    context_.emplace(context);
    lines_.clear();
    moved_.clear();
    file_.reset();
    MILLRACE_TRY(file_, context.env.files.open(path_, OpenMode::kCreate));
    if (const Status locked = file_->lock(); !locked.ok()) {
        return locked.error().with_context("another instance writes to " + path_);
    }
    MILLRACE_TRY_STATUS(load());
    MILLRACE_TRY_STATUS(prepare(topics));
    std::vector<SinkPosition> positions;
    for (const SinkTopic& topic : topics) {
        for (std::int32_t i = 0; i < topic.info.partitions; ++i) {
            const auto found = stored_.find({topic.info.name, i});
            SinkPosition position{topic.info.name, Partition{i}, std::nullopt};
            if (found != stored_.end()) {
                if (found->second.topic_id != topic.info.id.to_string()) {
                    return Error{ErrorCode::kConfigInvalid,
                                 "the file was filled from an older topic of the same name; "
                                 "remove it and " +
                                     path_ + std::string(kRecordSuffix) +
                                     " to start over: " + topic.info.name};
                }
                position.next = found->second.next;
            }
            positions.push_back(std::move(position));
        }
    }
    return positions;
}

Status FileSink::prepare(const std::vector<SinkTopic>& topics) {
    encoders_.clear();
    header_.clear();
    if (is_raw_) {
        return Ok{};
    }
    for (const SinkTopic& topic : topics) {
        const std::vector<Field> fields = columns_of(topic.schema->schema);
        MILLRACE_TRY(encoders_[topic.info.name], make_encoder(format_, fields));
        if (format_.format == Format::kDelimited && config_.flag("csv.header")) {
            header_ = csv_header(fields, format_.delimiter);
        }
    }
    return Ok{};
}

/// Reads the record beside the file and cuts off what no commit covers.
Status FileSink::load() {
    const std::string record_path = path_ + std::string(kRecordSuffix);
    stored_.clear();
    MILLRACE_TRY(const std::uint64_t size, file_->size());
    const Result<Buffer> content = context_->env.files.read_file(record_path);
    if (!content.ok()) {
        if (content.error().code != ErrorCode::kNotFound) {
            return content.error();
        }
        length_ = size;
        return save();  // from now on it is known what was there before us
    }
    MILLRACE_TRY(const Json json, Json::parse(content.value().text(), record_path));
    const Json* length = json.find("length");
    const Json* offsets = json.find("offsets");
    const Error broken{ErrorCode::kCorruptJournal,
                       "this is no record of a file sink: " + record_path};
    if (length == nullptr || length->if_int() == nullptr || offsets == nullptr ||
        offsets->if_array() == nullptr) {
        return broken;
    }
    for (const Json& entry : *offsets->if_array()) {
        const Json* topic = entry.find("topic");
        const Json* id = entry.find("topic_id");
        const Json* partition = entry.find("partition");
        const Json* next = entry.find("next_offset");
        if (topic == nullptr || topic->if_string() == nullptr || id == nullptr ||
            id->if_string() == nullptr || partition == nullptr || partition->if_int() == nullptr ||
            next == nullptr || next->if_int() == nullptr) {
            return broken;
        }
        stored_[{*topic->if_string(), static_cast<std::int32_t>(*partition->if_int())}] = {
            Offset{*next->if_int()}, *id->if_string()};
    }
    length_ = static_cast<std::uint64_t>(*length->if_int());
    if (size < length_) {
        return Error{ErrorCode::kConfigInvalid,
                     "the file is shorter than what was committed to it; remove " + record_path +
                         " to start over: " + path_};
    }
    return size > length_ ? file_->truncate(length_) : Status(Ok{});
}

Status FileSink::save() {
    Json::Array offsets;
    for (const auto& [place, stored] : stored_) {
        offsets.push_back(Json(Json::Object{{"topic", place.first},
                                            {"topic_id", stored.topic_id},
                                            {"partition", std::int64_t{place.second}},
                                            {"next_offset", stored.next.value}}));
    }
    const Json record(Json::Object{{"version", 1},
                                   {"connector", context_->connector},
                                   {"length", static_cast<std::int64_t>(length_)},
                                   {"offsets", std::move(offsets)}});
    return context_->env.files.write_file_atomically(path_ + std::string(kRecordSuffix),
                                                     as_bytes(record.dump(2) + "\n"));
}

Status FileSink::put(const SinkBatch& batch) {
    if (is_raw_) {
        append_raw(batch);
    } else {
        append_rows(batch);
    }
    moved_[{batch.topic->info.name, batch.partition.value}] = {batch.next,
                                                               batch.topic->info.id.to_string()};
    return Ok{};
}

void FileSink::append_raw(const SinkBatch& batch) {
    for (const std::optional<ByteView>& value : batch.records->values) {
        if (value) {
            lines_.append(*value);
        }
        lines_.append("\n");
    }
}

void FileSink::append_rows(const SinkBatch& batch) {
    const RowBatch& rows = *batch.rows;
    std::vector<std::uint32_t> good;
    auto error = rows.errors.begin();
    for (std::uint32_t row = 0; row < rows.size; ++row) {
        if (error != rows.errors.end() && error->row == row) {
            ++error;
        } else {
            good.push_back(row);
        }
    }
    encoded_.clear();
    encoders_.at(batch.topic->info.name)->encode(columns_of(rows), good, encoded_);
    for (std::size_t i = 0; i < good.size(); ++i) {
        if (const std::optional<ByteView> line = encoded_.row(i)) {
            lines_.append(*line);
        }
        lines_.append("\n");
    }
}

Status FileSink::commit() {
    if (moved_.empty()) {
        return Ok{};
    }
    std::uint64_t end = length_;
    if (end == 0 && !header_.empty()) {
        MILLRACE_TRY_STATUS(file_->write_at(0, as_bytes(header_)));
        end = header_.size();
    }
    if (!lines_.empty()) {
        MILLRACE_TRY_STATUS(file_->write_at(end, lines_.view()));
        end += lines_.size();
    }
    MILLRACE_TRY_STATUS(file_->sync_data());
    for (const auto& [place, stored] : moved_) {
        stored_[place] = stored;
    }
    length_ = end;
    MILLRACE_TRY_STATUS(save());
    moved_.clear();
    lines_.clear();
    return Ok{};
}

}  // namespace millrace::connectors
