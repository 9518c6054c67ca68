#include "core/log/segment_writer.h"

namespace millrace::log {

namespace {

constexpr std::size_t kOpenFilesMax = 256;

}  // namespace

std::string SegmentWriter::path_of(TopicPartition id, Offset segment) const {
    return join_path(PartitionLog::directory_of(data_directory_, id),
                     PartitionLog::segment_file_name(segment));
}

Status SegmentWriter::limit_open_files() {
    if (open_.size() >= kOpenFilesMax) {
        MILLRACE_TRY_STATUS(sync());
        open_.clear();
    }
    return Ok{};
}

Result<Buffer> SegmentWriter::read(const WalPiece& piece) {
    return read(piece.id, piece.at.segment, piece.at.position, piece.length);
}

Result<Buffer> SegmentWriter::read(TopicPartition id,
                                   Offset segment,
                                   std::uint64_t at,
                                   std::size_t length) {
    const std::string path = path_of(id, segment);
    auto found = open_.find(path);
    if (found == open_.end()) {
        MILLRACE_TRY_STATUS(limit_open_files());
        auto file = files_->open(path, OpenMode::kReadWrite);
        if (!file.ok()) {
            return file.error().code == ErrorCode::kNotFound ? Result<Buffer>{Buffer{}}
                                                             : Result<Buffer>{file.error()};
        }
        file.value()->drop_cache();
        found = open_.emplace(path, Open{.file = std::move(file).value()}).first;
    }
    Buffer bytes;
    bytes.resize(length);
    MILLRACE_TRY(const std::size_t got, found->second.file->read_at(at, bytes.span()));
    bytes.resize(got);
    return bytes;
}

Result<File*> SegmentWriter::open_for_write(const WalPiece& piece) {
    const std::string path = path_of(piece.id, piece.at.segment);
    auto found = open_.find(path);
    if (found == open_.end()) {
        MILLRACE_TRY_STATUS(limit_open_files());
        const std::string directory = parent_path(path);
        if (!files_->exists(directory)) {
            MILLRACE_TRY_STATUS(files_->create_directories(directory));
        }
        MILLRACE_TRY(auto file, files_->open(path, OpenMode::kCreate));
        found = open_.emplace(path, Open{.file = std::move(file)}).first;
    }
    if (!found->second.is_written) {
        // Also when nothing had to be made: a crash may have come before the directories' own sync.
        const std::string directory = parent_path(path);
        const std::string topic = parent_path(directory);
        directories_.insert({directory, topic, parent_path(topic), data_directory_});
        found->second.is_written = true;
    }
    return found->second.file.get();
}

Status SegmentWriter::write(const WalPiece& piece, ByteView batches) {
    MILLRACE_TRY(File* const file, open_for_write(piece));
    return file->write_at(piece.at.position, batches);
}

Status SegmentWriter::extend(const WalPiece& piece) {
    MILLRACE_TRY(File* const file, open_for_write(piece));
    return file->allocate(piece.at.position + piece.length);
}

Status SegmentWriter::sync() {
    for (auto& [path, open] : open_) {
        if (open.is_written) {
            MILLRACE_TRY_STATUS(open.file->sync_data());
            open.is_written = false;
        }
    }
    // Innermost last would do as well: nothing is served before all of them are synced.
    for (const std::string& directory : directories_) {
        MILLRACE_TRY_STATUS(files_->sync_directory(directory));
    }
    directories_.clear();
    return Ok{};
}

}  // namespace millrace::log
