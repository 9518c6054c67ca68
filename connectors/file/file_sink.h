// FileSink: records -> lines at the end of one file, exactly once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/config_def.h"
#include "connectors/connector.h"
#include "core/row/serde.h"

namespace millrace::connectors {

/// A commit writes the lines, syncs the file, and then replaces FILE.millrace-offsets, which holds
/// the file's length and the positions in the topics, in one step (written aside, synced, renamed).
/// A crash before the rename leaves lines behind the recorded length: open() cuts them off and they
/// are written again. A crash after it leaves nothing to do. The record lies beside the file, not
/// in the log, because length and positions must change together with nothing in between: two
/// stores could disagree after a crash, one rename cannot.
///
/// What the file held before the first run stays in front.
class FileSink final : public SinkTask {
  public:
    [[nodiscard]] static std::vector<ConfigKey> keys();
    static void check(const Config& config, std::vector<std::string>& problems);
    explicit FileSink(Config config);

    [[nodiscard]] bool needs_schema() const override { return !is_raw_; }
    [[nodiscard]] Result<std::vector<SinkPosition>> open(
        const SinkContext& context, const std::vector<SinkTopic>& topics) override;
    Status put(const SinkBatch& batch) override;
    Status commit() override;
    [[nodiscard]] std::size_t commit_records() const override;
    [[nodiscard]] std::chrono::milliseconds commit_interval() const override;

  private:
    using Place = std::pair<std::string, std::int32_t>;  // topic, partition
    struct Stored {
        Offset next;
        std::string topic_id;
    };

    Status load();
    Status save();
    Status prepare(const std::vector<SinkTopic>& topics);
    void append_raw(const SinkBatch& batch);
    void append_rows(const SinkBatch& batch);

    Config config_;
    std::string path_;
    bool is_raw_;
    FormatSpec format_;

    std::optional<SinkContext> context_;
    std::unique_ptr<File> file_;
    std::map<std::string, std::unique_ptr<Encoder>> encoders_;  // by topic
    std::string header_;
    std::uint64_t length_ = 0;        // committed
    std::map<Place, Stored> stored_;  // committed
    std::map<Place, Stored> moved_;   // since the last commit
    Buffer lines_;                    // not yet written
    EncodedRows encoded_;             // reused
};

}  // namespace millrace::connectors
