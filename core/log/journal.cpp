#include "core/log/journal.h"

#include <algorithm>

#include "core/log/commit_group.h"
#include "core/log/recovery.h"
#include "core/log/sequencer.h"

namespace millrace::log {

namespace {

class WalJournal final : public Journal {
  public:
    WalJournal(std::shared_ptr<Sequencer> sequencer, RecoveryReport report)
        : sequencer_(std::move(sequencer)), report_(std::move(report)) {}
    ~WalJournal() override { sequencer_->abandon(); }
    WalJournal(const WalJournal&) = delete;
    WalJournal& operator=(const WalJournal&) = delete;

    [[nodiscard]] const RecoveryReport& recovery() const override { return report_; }
    void add_partition(TopicPartition id, PartitionLog* log) override {
        sequencer_->add_partition(id, log);
    }
    void remove_partition(TopicPartition id) override { sequencer_->remove_partition(id); }
    void submit(JournalUnit unit) override { sequencer_->submit(std::move(unit)); }
    std::uint64_t read_consistently(const std::function<void()>& read) const override {
        return sequencer_->read_consistently(read);
    }
    Status between_groups(const std::function<Status(const ReplayFloor&)>& work) override {
        return sequencer_->between_groups(work);
    }
    Status apply_retention() override { return sequencer_->apply_retention(); }
    Status checkpoint() override { return sequencer_->checkpoint(); }
    Status close() override { return sequencer_->close(); }
    [[nodiscard]] JournalStats stats() const override { return sequencer_->stats(); }

  private:
    std::shared_ptr<Sequencer> sequencer_;  // posted work holds it weakly
    RecoveryReport report_;
};

/// True when no journal was ever made here. A first start that crashed before its first checkpoint
/// was durable counts as never: nothing can have been acknowledged.
Result<bool> is_new(FileSystem& files, const std::string& data_directory, const WalFiles& wal) {
    MILLRACE_TRY(const auto entries, files.list(journal_directory_of(data_directory)));
    const bool has_checkpoint = std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
        return entry.name.starts_with("ckpt-") && !entry.name.ends_with(".tmp");
    });
    const auto topics = files.list(join_path(data_directory, "topics"));
    return !has_checkpoint && wal.empty() && (!topics.ok() || topics.value().empty());
}

void tell(Logger& log, const RecoveryReport& report) {
    if (report.torn_bytes > 0) {
        log.info("journal",
                 "cut a torn frame, which was never committed: " +
                     std::to_string(report.torn_bytes) + " bytes");
    }
    for (const std::string& line : report.healed) {
        log.warn("journal", "healed " + line);
    }
    for (const std::string& line : report.corrupt) {
        log.error("journal", "corrupt " + line);
    }
}

}  // namespace

JournalOptions JournalOptions::fitting(FileSystem& files, const std::string& directory) const {
    constexpr std::uint64_t kFilePart = 64;  // of the disk; two checkpoints' worth is 8 of them
    constexpr std::uint64_t kFileBytesMin = std::uint64_t{1} << 20;
    constexpr std::uint64_t kCheckpointFiles = 4;
    JournalOptions fitting = *this;
    const Result<std::uint64_t> total = files.total_bytes(directory);
    if (total.ok()) {
        const std::uint64_t part = total.value() / kFilePart / kWalBlockBytes * kWalBlockBytes;
        fitting.file_bytes = std::min(file_bytes, std::max(part, kFileBytesMin));
    }
    if (fitting.file_bytes < file_bytes) {
        fitting.checkpoint_bytes =
            std::min(checkpoint_bytes, kCheckpointFiles * fitting.file_bytes);
    }
    return fitting;
}

Result<std::unique_ptr<Journal>> Journal::open(Env& env,
                                               const std::string& data_directory,
                                               JournalOptions options,
                                               std::function<bool(TopicPartition)> is_known) {
    MILLRACE_TRY(const FrameLimits limits, FrameLimits::of(options));
    const std::string directory = journal_directory_of(data_directory);
    MILLRACE_TRY_STATUS(env.files.create_directories(directory));
    MILLRACE_TRY_STATUS(env.files.sync_directory(data_directory));
    MILLRACE_TRY_STATUS(env.files.sync_directory(parent_path(data_directory)));
    MILLRACE_TRY(WalFiles wal, WalFiles::open(env.files, directory, options.file_bytes));
    CheckpointStore checkpoints(env.files, directory);

    MILLRACE_TRY(const bool is_first, is_new(env.files, data_directory, wal));
    Recovered recovered;
    if (is_first) {
        recovered.state.sequence = 1;
        recovered.state.salt = env.random.next();
    } else {
        MILLRACE_TRY(recovered, recover_journal(env, data_directory, wal, checkpoints, is_known));
        tell(env.log, recovered.report);
    }
    auto sequencer = std::make_shared<Sequencer>(
        env, std::move(options), limits, std::move(wal), std::move(checkpoints), recovered.state);
    MILLRACE_TRY_STATUS(sequencer->start());
    return std::unique_ptr<Journal>(
        std::make_unique<WalJournal>(std::move(sequencer), std::move(recovered.report)));
}

}  // namespace millrace::log
