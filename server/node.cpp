#include "server/node.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "core/base/random.h"
#include "core/broker/broker.h"
#include "core/client/embedded_log.h"
#include "runtime/job.h"
#include "server/problem_log.h"

namespace millrace::server {

namespace {

// One may sit in a sync, one in a checkpoint, the rest serve fetches.
constexpr std::size_t kIoThreads = 4;

class NodeImpl final : public Node, public dsl::ConnectorHost {
  public:
    explicit NodeImpl(const NodeOptions& options)
        : options_(options),
          files_(make_system_files()),
          random_(entropy_seed()),
          logger_(clock_, options.log_level, stderr_sink()),
          io_(std::make_unique<ThreadIoExecutor>(kIoThreads)),
          env_{*files_, clock_, random_, *io_, logger_} {}
    ~NodeImpl() override { static_cast<void>(close()); }
    NodeImpl(const NodeImpl&) = delete;
    NodeImpl& operator=(const NodeImpl&) = delete;

    Status open() {
        broker::BrokerOptions options;
        options.is_read_only = options_.is_read_only;
        options.groups = options_.groups;
        options.free_bytes_min = options_.disk_free_bytes_min;
        MILLRACE_TRY(broker_, broker::Broker::open(env_, options_.data_directory, options));
        log_ = make_embedded_log(*broker_);
        return Ok{};
    }

    Env& env() override { return env_; }
    LogClient& log() override { return *log_; }
    broker::Broker& broker() override { return *broker_; }

    Result<dsl::QueryEngine*> engine() override {
        const std::lock_guard lock(mutex_);
        if (!engine_) {
            executor_ = runtime::make_tbb_executor(
                options_.workers > 0 ? options_.workers
                                     : std::max(1U, std::thread::hardware_concurrency()));
            const dsl::EngineOptions options{.commit_interval = options_.commit_interval,
                                             .state_bytes_max = options_.state_bytes_max};
            MILLRACE_TRY(engine_, dsl::QueryEngine::open({env_, *log_, *executor_, this}, options));
        }
        return engine_.get();
    }

    connectors::Worker& worker() override {
        const std::lock_guard lock(mutex_);
        if (!worker_) {
            problems_ = std::make_unique<ProblemLog>(env_, *log_);
            worker_ = connectors::Worker::make(
                {env_,
                 *log_,
                 [this](const connectors::ConnectorProblem& problem) { problems_->add(problem); },
                 [this](const std::string&, connectors::ConnectorState) {
                     if (connector_changed_) {
                         connector_changed_();
                     }
                 }});
        }
        return *worker_;
    }

    void on_connector_state(std::function<void()> callback) override {
        connector_changed_ = std::move(callback);
    }

    std::vector<ConnectorInfo> connectors() const override {
        std::vector<ConnectorInfo> infos;
        const std::lock_guard lock(mutex_);
        if (worker_) {
            for (const connectors::ConnectorStatus& status : worker_->status()) {
                infos.push_back(
                    {status.name,
                     status.kind == connectors::ConnectorKind::kSource ? "source" : "sink",
                     status.class_name,
                     std::string(connectors::name_of(status.state))});
            }
        }
        return infos;
    }

    Status close() override {
        if (worker_) {
            worker_->stop();
            worker_.reset();
        }
        if (problems_) {
            problems_->flush();
            problems_.reset();
        }
        if (engine_) {
            engine_->stop();
            engine_.reset();
        }
        executor_.reset();
        log_.reset();
        Status closed = broker_ ? broker_->close() : Status{Ok{}};
        broker_.reset();
        io_.reset();
        return closed;
    }

  private:
    NodeOptions options_;
    std::unique_ptr<FileSystem> files_;
    SystemClock clock_;
    SeededRandom random_;
    Logger logger_;
    std::unique_ptr<ThreadIoExecutor> io_;
    Env env_;
    std::unique_ptr<broker::Broker> broker_;
    std::unique_ptr<LogClient> log_;
    mutable std::mutex mutex_;  // engine_ and worker_ are made once
    std::unique_ptr<runtime::Executor> executor_;
    std::unique_ptr<dsl::QueryEngine> engine_;
    std::unique_ptr<ProblemLog> problems_;
    std::unique_ptr<connectors::Worker> worker_;
    std::function<void()> connector_changed_;
};

}  // namespace

Result<std::unique_ptr<Node>> Node::open(const NodeOptions& options) {
    auto node = std::make_unique<NodeImpl>(options);
    MILLRACE_TRY_STATUS(node->open());
    return std::unique_ptr<Node>(std::move(node));
}

}  // namespace millrace::server
