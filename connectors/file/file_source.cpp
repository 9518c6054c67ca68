#include "connectors/file/file_source.h"

#include <algorithm>
#include <cstring>

#include "connectors/file/csv_format.h"

namespace millrace::connectors {

namespace {

std::string file_name(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::vector<ConfigKey> FileSource::keys() {
    std::vector<ConfigKey> keys = {
        {.name = "file",
         .type = KeyType::kPath,
         .is_required = true,
         .group = "File",
         .documentation = "The file to read."},
        {.name = "mode",
         .type = KeyType::kEnum,
         .default_value = "tail",
         .allowed = {"tail", "once"},
         .group = "File",
         .documentation = "tail follows a growing file over rotation and truncation; once reads to "
                          "the end that the file has at the start, and finishes."},
        {.name = "start.position",
         .type = KeyType::kEnum,
         .default_value = "beginning",
         .allowed = {"beginning", "end"},
         .group = "File",
         .documentation = "Where the very first run starts; later ones go on where the last "
                          "stopped."},
        {.name = "batch.bytes",
         .type = KeyType::kInt,
         .default_value = "2097152",
         .min = 1,
         .max = std::int64_t{64} << 20,
         .aliases = {"batch.size"},
         .group = "File",
         .documentation = "Bytes of the file that are read and committed together."},
        {.name = "poll.interval.ms",
         .type = KeyType::kDuration,
         .default_value = "100",
         .min = 1,
         .group = "File",
         .documentation = "How often a file that has nothing new is looked at."},
    };
    const std::vector<ConfigKey> format = record_format_keys();
    keys.insert(keys.end(), format.begin(), format.end());
    return keys;
}

void FileSource::check(const Config& config, std::vector<std::string>& problems) {
    if (!csv_delimiter(config.text("csv.delimiter"))) {
        problems.push_back("key \"csv.delimiter\" must be one character (\\t for a tab), not \"" +
                           config.text("csv.delimiter") + "\"");
    }
    if (config.text("format") == "lines" && !config.text("key.field").empty()) {
        problems.emplace_back("key \"key.field\" needs \"format\" ndjson or csv: lines have none");
    }
}

FileSource::FileSource(Config config)
    : config_(std::move(config)),
      path_(config_.text("file")),
      batch_bytes_(static_cast<std::size_t>(config_.number("batch.bytes"))),
      record_bytes_max_(static_cast<std::size_t>(config_.number("max.line.bytes"))) {}

Json FileSource::partition() const {
    return Json(Json::Object{{"file", path_}});
}

bool FileSource::is_bounded(bool once) const {
    return once || config_.text("mode") == "once";
}

std::chrono::milliseconds FileSource::poll_interval() const {
    return config_.duration("poll.interval.ms");
}

void FileSource::warn(std::string_view text) const {
    context_->env.log.warn("connector " + context_->connector, path_ + ": " + std::string(text));
}

Status FileSource::open(const SourceContext& context, const std::optional<Json>& offset) {
    context_.emplace(context);
    is_bounded_ = is_bounded(context.once);
    input_.reset();
    was_idle_ = false;
    block_bytes_ = batch_bytes_;
    MILLRACE_TRY(format_, make_record_format(config_, context.schema));
    if (!offset) {
        MILLRACE_TRY_STATUS(open_main());
        if (input_ && config_.text("start.position") == "end") {
            MILLRACE_TRY(input_->at.position, input_->file->size());
            MILLRACE_TRY_STATUS(update_marks(*input_->file, input_->at));
        }
        return Ok{};
    }
    MILLRACE_TRY(const FilePosition at, FilePosition::from_json(*offset));
    return resume(at);
}

Result<FileSource::Input> FileSource::open_file(const std::string& path, bool is_main) {
    FileSystem& files = context_->env.files;
    MILLRACE_TRY(auto file, files.open(path, OpenMode::kRead));
    MILLRACE_TRY(const FileInfo info, files.info(path));
    if (info.is_directory) {
        return Error{ErrorCode::kConfigInvalid, "this is a directory, not a file: " + path};
    }
    Input input{.path = path, .file = std::move(file), .is_main = is_main, .limit = info.size};
    input.at.device = info.device;
    input.at.inode = info.inode;
    input.is_ended = !is_main;
    return input;
}

Status FileSource::open_main() {
    Result<Input> opened = open_file(path_, true);
    if (opened.ok()) {
        input_.emplace(std::move(opened).value());
        return Ok{};
    }
    if (opened.error().code != ErrorCode::kNotFound) {
        return opened.error();
    }
    if (is_bounded_) {
        return Error{ErrorCode::kNotFound, "the file to read is not there: " + path_};
    }
    if (!has_warned_) {
        warn("the file is not there yet; waiting for it");
        has_warned_ = true;
    }
    return Ok{};
}

Status FileSource::resume(const FilePosition& at) {
    MILLRACE_TRY_STATUS(open_main());
    const bool is_same_file =
        input_ && input_->at.inode == at.inode && input_->at.device == at.device;
    if (!is_same_file) {
        MILLRACE_TRY(std::optional<Input> rotated, find_rotated(at));
        if (rotated) {
            input_ = std::move(rotated);
            return Ok{};
        }
    }
    if (!input_) {
        return Ok{};
    }
    MILLRACE_TRY(const bool is_same_content, holds(*input_->file, at));
    if (is_same_content) {
        const FilePosition identity = input_->at;
        input_->at = at;
        input_->at.device = identity.device;
        input_->at.inode = identity.inode;
        return Ok{};
    }
    start_again(*input_, is_same_file ? "the file was truncated" : "this is another file now");
    return Ok{};
}

Result<std::optional<FileSource::Input>> FileSource::find_rotated(const FilePosition& at) {
    const std::string directory = parent_path(path_);
    Result<std::vector<DirectoryEntry>> entries = context_->env.files.list(directory);
    if (!entries.ok()) {
        return std::optional<Input>();
    }
    for (const DirectoryEntry& entry : entries.value()) {
        const std::string path = join_path(directory, entry.name);
        const Result<FileInfo> info = context_->env.files.info(path);
        if (!info.ok() || info.value().is_directory || info.value().inode != at.inode ||
            info.value().device != at.device) {
            continue;
        }
        MILLRACE_TRY(Input found, open_file(path, false));
        MILLRACE_TRY(const bool is_it, holds(*found.file, at));
        if (is_it) {
            found.at = at;
            return std::optional<Input>(std::move(found));
        }
    }
    return std::optional<Input>();
}

void FileSource::start_again(Input& input, std::string_view why) {
    warn(std::string(why) + "; reads it from its start");
    input.at = FilePosition{.device = input.at.device, .inode = input.at.inode};
    input.has_columns = false;
    input.skipped = 0;
}

SourceBatch FileSource::unmoved() const {
    SourceBatch batch;
    batch.bytes_done = input_ ? input_->at.position : 0;
    if (is_bounded_ && input_) {
        batch.bytes_total = input_->limit;
    }
    return batch;
}

Result<SourceBatch> FileSource::poll() {
    if (!input_) {
        MILLRACE_TRY_STATUS(open_main());
        if (!input_) {
            return unmoved();
        }
    }
    MILLRACE_TRY(const std::uint64_t size, input_->file->size());
    const std::uint64_t end = is_bounded_ && input_->is_main ? std::min(size, input_->limit) : size;
    if (size < input_->at.position) {
        start_again(*input_, "the file was truncated");
        return finish_batch(std::move(*input_), SourceBatch{.is_moved = true});
    }
    if (end <= input_->at.position) {
        return at_end(end, unmoved());
    }
    if (was_idle_) {
        // Truncated and grown past our position between two polls: only the bytes tell.
        MILLRACE_TRY(const bool is_same, holds(*input_->file, input_->at));
        if (!is_same) {
            start_again(*input_, "the file was truncated");
            was_idle_ = false;
            return finish_batch(std::move(*input_), SourceBatch{.is_moved = true});
        }
    }
    return read_records(end);
}

/// Nothing more in this file for now: maybe there is another one under its name.
Result<SourceBatch> FileSource::at_end(std::uint64_t end, SourceBatch batch) {
    was_idle_ = true;
    if (is_bounded_ && input_->is_main) {
        batch.is_finished = true;
        return batch;
    }
    const Result<FileInfo> info = context_->env.files.info(path_);
    if (!info.ok()) {
        // Renamed, and the new one is not there yet; or removed. Whoever has the old one open may
        // still write to it.
        if (info.error().code != ErrorCode::kNotFound) {
            return info.error();
        }
        batch.is_finished = is_bounded_;
        return batch;
    }
    const bool is_other =
        info.value().inode != input_->at.inode || info.value().device != input_->at.device;
    if (!is_other) {
        return batch;
    }
    if (!input_->is_ended && end > input_->at.position) {
        input_->is_ended = true;  // the line without an end will not get one any more
        return batch;
    }
    MILLRACE_TRY(Input next, open_file(path_, true));
    warn("the file was rotated; goes on with the new one");
    batch.is_moved = true;
    return finish_batch(std::move(next), std::move(batch));
}

Result<std::shared_ptr<Page>> FileSource::read_block(const Input& input,
                                                     std::uint64_t begin,
                                                     std::uint64_t end) {
    auto page = Page::allocate(static_cast<std::size_t>(end - begin));
    std::size_t done = 0;
    while (done < page->capacity()) {
        MILLRACE_TRY(
            const std::size_t got,
            input.file->read_at(begin + done, {page->data() + done, page->capacity() - done}));
        if (got == 0) {
            break;  // truncated meanwhile; the next poll sees it
        }
        done += got;
    }
    page->set_size(done);
    return page;
}

Status FileSource::read_header(Input& input, std::uint64_t end, SourceBatch& batch) {
    // Always from the start of the file: after a restart the columns have to be known again.
    const std::uint64_t block_end =
        std::min<std::uint64_t>(end, std::max(batch_bytes_, record_bytes_max_));
    MILLRACE_TRY(const auto page, read_block(input, 0, block_end));
    const bool is_last = page->size() == end && (is_bounded_ || input.is_ended);
    MILLRACE_TRY(const Consumed header,
                 format_->read_header({.text = as_text(page->view()), .is_last = is_last}));
    if (header.bytes == 0) {
        if (page->size() >= record_bytes_max_) {
            return Error{ErrorCode::kConfigInvalid,
                         "the header is longer than max.line.bytes: " + path_};
        }
        return Ok{};
    }
    input.has_columns = true;
    if (input.at.position < header.bytes) {
        input.at.position = header.bytes;
        input.at.line = header.lines;
        batch.is_moved = true;
    }
    return Ok{};
}

Result<SourceBatch> FileSource::read_records(std::uint64_t end) {
    SourceBatch batch = unmoved();
    if (format_->has_header() && !input_->has_columns) {
        const Status read = read_header(*input_, end, batch);
        if (!read.ok()) {
            return read.error().with_context(input_->path);
        }
        if (!input_->has_columns) {
            return at_end(end, std::move(batch));
        }
        if (batch.is_moved) {
            return finish_batch(std::move(*input_), std::move(batch));
        }
    }
    FilePosition at = input_->at;
    const std::uint64_t block_end = std::min<std::uint64_t>(end, at.position + block_bytes_);
    MILLRACE_TRY(const auto page, read_block(*input_, at.position, block_end));
    const bool reaches_end = at.position + page->size() == end;
    const FileText text{.text = as_text(page->view()),
                        .is_last = reaches_end && (is_bounded_ || input_->is_ended),
                        .line = at.line + 1,
                        .timestamp = Timestamp{context_->env.clock.wall_ms()}};
    batch.pins.push_back(page);
    const Consumed done = format_->read(text, batch);
    if (done.bytes == 0) {
        if (reaches_end) {
            return at_end(end, unmoved());
        }
        if (block_bytes_ <= record_bytes_max_ + 2) {
            block_bytes_ = std::min(block_bytes_ * 2, record_bytes_max_ + 3);
            return read_records(end);
        }
        MILLRACE_TRY_STATUS(skip_record(*input_, end, batch));
        if (!batch.is_moved) {
            return at_end(end, unmoved());
        }
        return finish_batch(std::move(*input_), std::move(batch));
    }
    block_bytes_ = batch_bytes_;
    was_idle_ = false;
    batch.is_moved = true;
    at.position += done.bytes;
    at.line += done.lines;
    MILLRACE_TRY_STATUS(update_marks(*input_->file, at));
    input_->at = at;
    return finish_batch(std::move(*input_), std::move(batch));
}

/// Goes past a record that is longer than max.line.bytes: to the next line.
Status FileSource::skip_record(Input& next, std::uint64_t end, SourceBatch& batch) {
    std::uint64_t at = std::max(next.at.position, next.skipped);
    std::optional<std::uint64_t> line_feed;
    while (at < end && !line_feed) {
        MILLRACE_TRY(
            const auto page,
            read_block(next, at, std::min<std::uint64_t>(end, at + (std::uint64_t{1} << 20))));
        if (page->size() == 0) {
            break;
        }
        const std::size_t found = as_text(page->view()).find('\n');
        if (found != std::string_view::npos) {
            line_feed = at + found;
        }
        at += page->size();
    }
    next.skipped = at;
    const bool is_last = at >= end && (is_bounded_ || next.is_ended);
    if (!line_feed && !is_last) {
        return Ok{};
    }
    const std::uint64_t record_end = line_feed ? *line_feed + 1 : end;
    MILLRACE_TRY(
        const auto start,
        read_block(next,
                   next.at.position,
                   std::min<std::uint64_t>(record_end, next.at.position + kBadInputBytesMax)));
    batch.bad.push_back({.file = {},
                         .line = next.at.line + 1,
                         .error = {ErrorCode::kTooLarge,
                                   "the record is longer than max.line.bytes: " +
                                       std::to_string(record_end - next.at.position) + " bytes"},
                         .raw = std::string(as_text(start->view()))});
    next.at.position = record_end;
    next.at.line += line_feed ? 1U : 0U;
    next.skipped = 0;
    block_bytes_ = batch_bytes_;
    was_idle_ = false;
    batch.is_moved = true;
    return update_marks(*next.file, next.at);
}

Result<SourceBatch> FileSource::finish_batch(Input next, SourceBatch batch) {
    for (BadInput& bad : batch.bad) {
        bad.file = file_name(next.path);
    }
    batch.offset = next.at.to_json(path_);
    batch.bytes_done = next.at.position;
    if (is_bounded_) {
        batch.bytes_total = next.limit;
        batch.is_finished = next.is_main && next.at.position >= next.limit;
    }
    input_.emplace(std::move(next));
    return batch;
}

}  // namespace millrace::connectors
