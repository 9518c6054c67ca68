// FileSource: the records of a file that is read once or grows for ever: rotation and truncation
// are noticed, positions are record boundaries.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/config_def.h"
#include "connectors/connector.h"
#include "connectors/file/file_position.h"
#include "connectors/file/record_format.h"

namespace millrace::connectors {

/// How a growing file is followed:
///
///     renamed, and made anew      the old file is read to its end, then the new one from its start
///     truncated (copytruncate)    read again from its start
///     renamed while we were away  found by its inode in the same directory and finished first
///     replaced by a copy          goes on where it stood, when what was read is still the same
class FileSource final : public SourceTask {
  public:
    [[nodiscard]] static std::vector<ConfigKey> keys();
    /// Adds to `problems` what single keys cannot tell.
    static void check(const Config& config, std::vector<std::string>& problems);
    explicit FileSource(Config config);

    [[nodiscard]] Json partition() const override;
    [[nodiscard]] bool is_bounded(bool once) const override;
    Status open(const SourceContext& context, const std::optional<Json>& offset) override;
    [[nodiscard]] Result<SourceBatch> poll() override;
    [[nodiscard]] std::chrono::milliseconds poll_interval() const override;

  private:
    /// One open file.
    struct Input {
        std::string path;
        std::unique_ptr<File> file;
        FilePosition at = {};
        bool is_main = true;        // it is what `file` names; else a rotated one
        bool is_ended = false;      // nothing will be added: its end ends the last record
        bool has_columns = false;   // the header was read
        std::uint64_t limit = 0;    // bounded: its size when it was opened
        std::uint64_t skipped = 0;  // bytes of an endless record that were searched for its end
    };

    Status resume(const FilePosition& at);
    Result<Input> open_file(const std::string& path, bool is_main);
    Result<std::optional<Input>> find_rotated(const FilePosition& at);
    Status open_main();
    void start_again(Input& input, std::string_view why);

    Result<SourceBatch> at_end(std::uint64_t end, SourceBatch batch);
    Status read_header(Input& input, std::uint64_t end, SourceBatch& batch);
    Result<SourceBatch> read_records(std::uint64_t end);
    Status skip_record(Input& next, std::uint64_t end, SourceBatch& batch);
    Result<std::shared_ptr<Page>> read_block(const Input& input,
                                             std::uint64_t begin,
                                             std::uint64_t end);
    [[nodiscard]] Result<SourceBatch> finish_batch(Input next, SourceBatch batch);
    [[nodiscard]] SourceBatch unmoved() const;
    void warn(std::string_view text) const;

    Config config_;
    std::string path_;
    std::size_t batch_bytes_;
    std::size_t record_bytes_max_;

    std::optional<SourceContext> context_;
    bool is_bounded_ = false;
    std::unique_ptr<RecordFormat> format_;
    std::optional<Input> input_;   // nullopt while the file is not there
    bool was_idle_ = false;        // the last poll found nothing
    bool has_warned_ = false;      // of the missing file
    std::size_t block_bytes_ = 0;  // grows for records longer than a block
};

}  // namespace millrace::connectors
