#include "connectors/worker.h"

#include <algorithm>
#include <mutex>

#include "connectors/config_def.h"
#include "connectors/offset_store.h"
#include "connectors/registry.h"
#include "connectors/sink_runner.h"
#include "connectors/source_runner.h"

namespace millrace::connectors {

namespace {

class ThreadedWorker final : public Worker {
  public:
    explicit ThreadedWorker(WorkerServices services)
        : services_(std::move(services)), offsets_(services_.log) {}
    ~ThreadedWorker() override { end(StopMode::kAtOnce); }

    Status add(const ConnectorSettings& settings, bool once) override;
    void start() override;
    [[nodiscard]] std::set<std::string> source_topics(bool only_bounded) const override;
    [[nodiscard]] std::set<std::string> sink_topics() const override;
    void finish_topic(const std::string& topic, const std::vector<Offset>& ends) override;
    void stop() override { end(StopMode::kGraceful); }
    [[nodiscard]] std::vector<ConnectorStatus> status() const override;

  private:
    Result<ConnectorSpec> spec_of(const ConnectorClass& found,
                                  const ConnectorSettings& settings,
                                  bool once);
    Status make_topics(const ConnectorSpec& spec);
    Status make_topic(const std::string& name, std::int32_t partitions);
    void end(StopMode mode);

    WorkerServices services_;
    OffsetStore offsets_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Runner>> runners_;  // guarded by mutex_; only added to
    std::size_t started_ = 0;                       // guarded by mutex_
};

Result<ConnectorSpec> ThreadedWorker::spec_of(const ConnectorClass& found,
                                              const ConnectorSettings& settings,
                                              bool once) {
    std::vector<std::string> problems;
    ConnectorSpec spec{.name = settings.name,
                       .class_name = found.name,
                       .kind = found.kind,
                       .config = found.keys.parse(settings.config, problems),
                       .topics = {},
                       .once = once};
    // Keys that hang together are judged only when each is good by itself.
    if (problems.empty()) {
        found.check(spec.config, problems);
        const std::string& dead_letters = spec.config.text("errors.deadletterqueue.topic.name");
        if (!dead_letters.empty() && spec.config.text("errors.tolerance") == "none") {
            problems.emplace_back(
                "\"errors.deadletterqueue.topic.name\" needs \"errors.tolerance\" all");
        }
        spec.topics = found.kind == ConnectorKind::kSink
                          ? spec.config.list("topics")
                          : std::vector<std::string>{spec.config.text("topic")};
        if (!dead_letters.empty() &&
            std::count(spec.topics.begin(), spec.topics.end(), dead_letters) > 0) {
            problems.emplace_back("the dead letter topic must be another one than " + dead_letters);
        }
    }
    if (!problems.empty()) {
        return config_error(settings.origin, settings.name, problems);
    }
    return spec;
}

Status ThreadedWorker::add(const ConnectorSettings& settings, bool once) {
    const auto class_name = settings.config.find("connector.class");
    if (class_name == settings.config.end()) {
        return config_error(settings.origin, settings.name, {"key \"connector.class\" is missing"});
    }
    const Result<const ConnectorClass*> found = find_connector_class(class_name->second);
    if (!found.ok()) {
        return config_error(settings.origin, settings.name, {found.error().message});
    }
    MILLRACE_TRY(ConnectorSpec spec, spec_of(*found.value(), settings, once));
    if (spec.config.number("tasks.max") > 1) {
        services_.env.log.warn("connector " + spec.name,
                               "tasks.max is taken as 1: every connector runs as one task");
    }
    const std::lock_guard lock(mutex_);
    for (const auto& runner : runners_) {
        if (runner->spec().name == spec.name) {
            return Error{ErrorCode::kAlreadyExists,
                         "a connector of that name is there: " + spec.name};
        }
    }
    if (const Status made = make_topics(spec); !made.ok()) {
        return made.error().with_context("connector " + spec.name);
    }
    const Config config = spec.config;
    if (spec.kind == ConnectorKind::kSource) {
        runners_.push_back(std::make_unique<SourceRunner>(
            services_, std::move(spec), found.value()->make_source(config), offsets_));
    } else {
        runners_.push_back(std::make_unique<SinkRunner>(
            services_, std::move(spec), found.value()->make_sink(config)));
    }
    return Ok{};
}

Status ThreadedWorker::make_topic(const std::string& name, std::int32_t partitions) {
    const Result<TopicInfo> made =
        services_.log.create_topic({.name = name, .partitions = partitions, .config = {}});
    if (!made.ok() && made.error().code != ErrorCode::kTopicExists) {
        return made.error();
    }
    return Ok{};
}

Status ThreadedWorker::make_topics(const ConnectorSpec& spec) {
    if (spec.kind == ConnectorKind::kSource) {
        const auto partitions =
            static_cast<std::int32_t>(spec.config.number("topic.creation.default.partitions"));
        MILLRACE_TRY_STATUS(make_topic(spec.topics.front(), partitions));
        MILLRACE_TRY_STATUS(offsets_.open());
    }
    const std::string& dead_letters = spec.config.text("errors.deadletterqueue.topic.name");
    return dead_letters.empty() ? Status(Ok{}) : make_topic(dead_letters, 1);
}

void ThreadedWorker::start() {
    const std::lock_guard lock(mutex_);
    for (; started_ < runners_.size(); ++started_) {
        runners_[started_]->start();
    }
}

std::set<std::string> ThreadedWorker::source_topics(bool only_bounded) const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> topics;
    std::set<std::string> endless;
    for (const auto& runner : runners_) {
        if (runner->spec().kind == ConnectorKind::kSource) {
            std::set<std::string>& into = runner->is_bounded() ? topics : endless;
            into.insert(runner->spec().topics.begin(), runner->spec().topics.end());
        }
    }
    for (const std::string& topic : endless) {
        if (only_bounded) {
            topics.erase(topic);
        } else {
            topics.insert(topic);
        }
    }
    return topics;
}

std::set<std::string> ThreadedWorker::sink_topics() const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> topics;
    for (const auto& runner : runners_) {
        if (runner->spec().kind == ConnectorKind::kSink) {
            topics.insert(runner->spec().topics.begin(), runner->spec().topics.end());
        }
    }
    return topics;
}

void ThreadedWorker::finish_topic(const std::string& topic, const std::vector<Offset>& ends) {
    const std::lock_guard lock(mutex_);
    for (const auto& runner : runners_) {
        const std::vector<std::string>& topics = runner->spec().topics;
        if (runner->spec().kind == ConnectorKind::kSink &&
            std::find(topics.begin(), topics.end(), topic) != topics.end()) {
            runner->finish_topic(topic, ends);
        }
    }
}

void ThreadedWorker::end(StopMode mode) {
    std::vector<Runner*> started;
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < started_; ++i) {
            started.push_back(runners_[i].get());
        }
    }
    for (Runner* runner : started) {
        runner->stop(mode);
    }
    // Outside the lock: status() must answer while a long commit ends.
    for (Runner* runner : started) {
        runner->join();
    }
}

std::vector<ConnectorStatus> ThreadedWorker::status() const {
    const std::lock_guard lock(mutex_);
    std::vector<ConnectorStatus> all;
    for (const auto& runner : runners_) {
        all.push_back(runner->status());
    }
    return all;
}

}  // namespace

std::unique_ptr<Worker> Worker::make(WorkerServices services) {
    return std::make_unique<ThreadedWorker>(std::move(services));
}

}  // namespace millrace::connectors
