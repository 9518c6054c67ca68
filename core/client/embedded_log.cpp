#include "core/client/embedded_log.h"

namespace millrace {

namespace {

class EmbeddedLog final : public LogClient {
  public:
    explicit EmbeddedLog(broker::Broker& broker) : broker_(broker) {}

    Result<TopicInfo> create_topic(const TopicSpec& spec) override {
        return broker_.create_topic(spec);
    }
    Status delete_topic(const std::string& name) override { return broker_.delete_topic(name); }
    Result<TopicInfo> describe_topic(const std::string& name) override {
        return broker_.describe_topic(name);
    }
    std::vector<TopicInfo> list_topics() override { return broker_.list_topics(); }
    Status alter_config(const std::string& name, const TopicConfig& changes) override {
        return broker_.alter_config(name, changes);
    }
    void append_atomic(Unit unit, Completion<CommitPosition> done) override {
        broker_.append_atomic(std::move(unit), std::move(done));
    }
    FetchId fetch(const FetchRequest& request, Completion<FetchResult> done) override {
        return broker_.fetch(request, std::move(done));
    }
    void cancel_fetch(FetchId fetch) override { broker_.cancel_fetch(fetch); }
    LogSnapshot snapshot() override { return broker_.snapshot(); }
    Result<Offset> log_start(TopicPartition partition) override {
        return broker_.log_start(partition);
    }
    Result<Offset> offset_for_time(TopicPartition partition, Timestamp time) override {
        return broker_.offset_for_time(partition, time);
    }
    std::map<TopicPartition, OffsetCommit> committed_offsets(const std::string& group) override {
        return broker_.committed_offsets(group);
    }
    std::uint64_t committed_epoch(const std::string& owner) override {
        return broker_.committed_epoch(owner);
    }

  private:
    broker::Broker& broker_;
};

}  // namespace

std::unique_ptr<LogClient> make_embedded_log(broker::Broker& broker) {
    return std::make_unique<EmbeddedLog>(broker);
}

}  // namespace millrace
