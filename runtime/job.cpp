#include "runtime/job.h"

#include <algorithm>

#include "runtime/changelog.h"
#include "runtime/commit.h"
#include "runtime/component.h"
#include "runtime/interleaver.h"
#include "runtime/task.h"
#include "runtime/topic_source.h"

namespace millrace::runtime {

namespace {

bool is_final(JobState state) {
    return state == JobState::kFinished || state == JobState::kStopped ||
           state == JobState::kFailed;
}

/// Everything of one run. Lives until the last strand run or completion that knows it is gone; what
/// works (sources, tasks, edges) goes earlier, when the run ends.
class JobRun : public std::enable_shared_from_this<JobRun> {
  public:
    JobRun(JobPlan plan, JobOptions options, JobServices services)
        : component_(std::move(plan), std::move(options), std::move(services)) {}

    Status build();
    void start();
    void finish_at(std::map<std::string, std::vector<Offset>> ends);
    void resume();
    void fail(Error error) { end(JobState::kFailed, std::move(error)); }
    void kill();
    /// No callbacks from now on.
    void abandon();

    [[nodiscard]] JobStats stats() const;
    [[nodiscard]] JobState state() const;
    [[nodiscard]] Component& component() { return component_; }
    /// Inside the gate only.
    [[nodiscard]] Interleaver& interleaver() { return *interleaver_; }
    [[nodiscard]] CommitCoordinator& coordinator() { return *coordinator_; }

  private:
    struct TaskSlot {
        std::size_t sub_topology = 0;
        Partition partition;
        std::unique_ptr<Task> task;
    };

    Status make_tasks();
    Status make_sources();
    Status make_exchanges();
    Status make_exchange(std::size_t consumer, std::size_t port, std::size_t producer);
    [[nodiscard]] Task& task(std::size_t sub_topology, std::int32_t partition);
    Edge& make_edge(Strand& producer, Strand& consumer);

    void begin();
    Result<std::vector<Interleaver::Begin>> find_begins(const LogSnapshot& snapshot,
                                                        bool& is_first_start);
    Result<Interleaver::Begin> find_begin(const TopicSource& source,
                                          const std::map<TopicPartition, OffsetCommit>& committed,
                                          const LogSnapshot& snapshot,
                                          bool& is_first_start);
    void restore(TaskSlot& slot, Offset end);
    void restored_one();
    void launch();

    bool set_state(JobState state, std::optional<Error> error);
    void end(JobState state, std::optional<Error> error);
    void tear_down();
    void notify(JobState state);

    Component component_;
    std::vector<std::unique_ptr<Edge>> edges_;
    std::vector<TaskSlot> tasks_;                        // by (sub-topology, partition)
    std::vector<std::unique_ptr<TopicSource>> sources_;  // by (node, partition)
    std::unique_ptr<Interleaver> interleaver_;
    std::unique_ptr<CommitCoordinator> coordinator_;
    std::vector<Interleaver::Begin> begins_;
    bool commits_begin_ = false;
    std::atomic<std::size_t> restoring_{0};

    mutable std::mutex state_mutex_;
    JobState state_ = JobState::kStarting;  // guarded by state_mutex_
    std::optional<Error> error_;            // guarded by state_mutex_

    std::mutex teardown_mutex_;
    bool is_torn_down_ = false;  // guarded by teardown_mutex_

    std::recursive_mutex callback_mutex_;  // recursive: on_state may end the job
    bool is_abandoned_ = false;            // guarded by callback_mutex_
};

Status JobRun::build() {
    component_.home.keeper = weak_from_this();
    component_.fail = [this](Error error) { fail(std::move(error)); };
    component_.end_query = [this] { interleaver_->finish_now(); };
    interleaver_ = std::make_unique<Interleaver>(component_, [this](InterleaveEnd how) {
        end(how == InterleaveEnd::kFinished ? JobState::kFinished : JobState::kStopped,
            std::nullopt);
    });
    MILLRACE_TRY_STATUS(make_tasks());
    MILLRACE_TRY_STATUS(make_sources());
    MILLRACE_TRY_STATUS(make_exchanges());
    std::vector<Task*> tasks;
    coordinator_ =
        std::make_unique<CommitCoordinator>(component_, tasks_.size(), interleaver_->strand());
    for (const TaskSlot& slot : tasks_) {
        slot.task->set_coordinator(*coordinator_);
        tasks.push_back(slot.task.get());
    }
    interleaver_->set_parts(std::move(tasks), *coordinator_);
    return Ok{};
}

Status JobRun::make_tasks() {
    for (std::size_t s = 0; s < component_.plan.sub_topologies.size(); ++s) {
        for (std::int32_t p = 0; p < component_.plan.sub_topologies[s].partitions; ++p) {
            MILLRACE_TRY(std::unique_ptr<Task> made, Task::make(component_, s, Partition{p}));
            tasks_.push_back({s, Partition{p}, std::move(made)});
        }
    }
    return Ok{};
}

Status JobRun::make_sources() {
    for (std::size_t id = 0; id < component_.plan.graph.nodes().size(); ++id) {
        if (!component_.plan.node(id).source) {
            continue;
        }
        const TopicInfo& topic = component_.plan.topics.at(id);
        for (std::int32_t p = 0; p < topic.partitions; ++p) {
            MILLRACE_TRY(std::unique_ptr<TopicSource> made,
                         TopicSource::make(component_, id, Partition{p}, sources_.size()));
            component_.figures.add_source({topic.name, Partition{p}, {}, {}, {}});
            Task& to = task(component_.plan.sub_topology_of[id], p);
            Edge& edge = make_edge(interleaver_->strand(), to.strand());
            to.connect_source(id, edge);
            interleaver_->add_source(*made, edge);
            sources_.push_back(std::move(made));
        }
    }
    return Ok{};
}

Status JobRun::make_exchanges() {
    for (std::size_t id = 0; id < component_.plan.graph.nodes().size(); ++id) {
        const std::vector<Input>& inputs = component_.plan.node(id).inputs;
        for (std::size_t port = 0; port < inputs.size(); ++port) {
            if (inputs[port].edge == EdgeKind::kShuffle) {
                MILLRACE_TRY_STATUS(
                    make_exchange(id, port, static_cast<std::size_t>(inputs[port].from.value)));
            }
        }
    }
    return Ok{};
}

Status JobRun::make_exchange(std::size_t consumer, std::size_t port, std::size_t producer) {
    const JobPlan& plan = component_.plan;
    const Graph::Node& from = plan.node(producer);
    const std::size_t from_sub = plan.sub_topology_of[producer];
    const std::size_t to_sub = plan.sub_topology_of[consumer];
    const FormatSpec& format = from.op ? from.op->key_format : from.source->key_format;
    const SchemaPtr& schema = from.op ? from.op->output : from.source->schema;
    for (std::int32_t p = 0; p < plan.sub_topologies[from_sub].partitions; ++p) {
        MILLRACE_TRY(std::unique_ptr<Exchange> exchange,
                     Exchange::make(format, schema, Partition{p}));
        for (std::int32_t q = 0; q < plan.sub_topologies[to_sub].partitions; ++q) {
            Edge& edge = make_edge(task(from_sub, p).strand(), task(to_sub, q).strand());
            exchange->add_target(edge);
            task(to_sub, q).connect_shuffle(consumer, port, edge);
        }
        task(from_sub, p).add_exchange(producer, std::move(exchange));
    }
    return Ok{};
}

Task& JobRun::task(std::size_t sub_topology, std::int32_t partition) {
    for (const TaskSlot& slot : tasks_) {
        if (slot.sub_topology == sub_topology && slot.partition.value == partition) {
            return *slot.task;
        }
    }
    CHECK(false);
}

Edge& JobRun::make_edge(Strand& producer, Strand& consumer) {
    edges_.push_back(std::make_unique<Edge>(
        Edge::Credit{component_.options.edge_rows_max, component_.options.edge_bytes_max},
        producer,
        consumer,
        component_.figures.edge_rows_peak));
    return *edges_.back();
}

void JobRun::start() {
    component_.services.env.io.post(component_.guarded([this] { begin(); }));
}

void JobRun::finish_at(std::map<std::string, std::vector<Offset>> ends) {
    const LogSnapshot snapshot = component_.services.log.snapshot();
    for (const auto& [node, topic] : component_.plan.topics) {
        if (component_.plan.node(node).source) {
            std::vector<Offset>& partitions = ends[topic.name];
            for (auto p = static_cast<std::int32_t>(partitions.size()); p < topic.partitions; ++p) {
                partitions.push_back(snapshot.end_of({topic.id, Partition{p}}));
            }
        }
    }
    interleaver_->finish_at(ends);
}

void JobRun::begin() {
    LogClient& log = component_.services.log;
    const LogSnapshot snapshot = log.snapshot();
    bool is_first_start = false;
    Result<std::vector<Interleaver::Begin>> begins = find_begins(snapshot, is_first_start);
    if (!begins.ok()) {
        fail(std::move(begins).error());
        return;
    }
    begins_ = std::move(begins).value();
    commits_begin_ =
        is_first_start && component_.options.start_at_end && !component_.plan.is_transient;
    coordinator_->start(log.committed_epoch("query/" + component_.options.query_id));
    restoring_.store(tasks_.size());
    for (TaskSlot& slot : tasks_) {
        const auto& changelog = component_.plan.sub_topologies[slot.sub_topology].changelog;
        if (changelog) {
            restore(slot, snapshot.end_of({changelog->id, slot.partition}));
        } else {
            restored_one();
        }
    }
}

Result<std::vector<Interleaver::Begin>> JobRun::find_begins(const LogSnapshot& snapshot,
                                                            bool& is_first_start) {
    const std::map<TopicPartition, OffsetCommit> committed =
        component_.services.log.committed_offsets(component_.options.query_id);
    std::vector<Interleaver::Begin> begins;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        MILLRACE_TRY(const Interleaver::Begin begin,
                     find_begin(*sources_[i], committed, snapshot, is_first_start));
        component_.figures.set_committed(i, begin.from);
        begins.push_back(begin);
    }
    return begins;
}

Result<Interleaver::Begin> JobRun::find_begin(
    const TopicSource& source,
    const std::map<TopicPartition, OffsetCommit>& committed,
    const LogSnapshot& snapshot,
    bool& is_first_start) {
    const JobOptions& options = component_.options;
    Interleaver::Begin begin;
    const Offset log_end = snapshot.end_of(source.id());
    const bool is_bootstrapped =
        source.spec().is_table && options.table_bootstrap == TableBootstrap::kEnd;
    const auto found = committed.find(source.id());
    if (found != committed.end()) {
        const std::optional<SourceMemory> memory = SourceMemory::parse(found->second.metadata);
        if (!memory || memory->plan_hash != options.plan_hash) {
            return Error{ErrorCode::kInvalidArgument,
                         "committed state was made by another plan of this query; drop it and "
                         "create it again, or use CREATE OR REPLACE: " +
                             options.query_id};
        }
        begin.from = found->second.next;
        begin.memory = *memory;
    } else if (options.start_at_end && !is_bootstrapped) {
        is_first_start = true;
        begin.from = log_end;
    } else {
        is_first_start = true;
        MILLRACE_TRY(begin.from, component_.services.log.log_start(source.id()));
    }
    if (is_bootstrapped && !begin.memory.bootstrap_end) {
        begin.memory.bootstrap_end = log_end;
    }
    return begin;
}

void JobRun::restore(TaskSlot& slot, Offset end) {
    const TopicInfo& changelog = *component_.plan.sub_topologies[slot.sub_topology].changelog;
    read_changelog(
        component_, changelog, slot.partition, end, [this, &slot](Result<ChangelogState> state) {
            Status restored =
                state.ok() ? slot.task->restore(state.value()) : Status(std::move(state).error());
            if (restored.ok()) {
                restored_one();
            } else {
                fail(std::move(restored).error().with_context("cannot restore state"));
            }
        });
}

void JobRun::restored_one() {
    if (restoring_.fetch_sub(1) == 1) {
        launch();
    }
}

void JobRun::launch() {
    if (component_.gate.is_closed() || !set_state(JobState::kRunning, std::nullopt)) {
        return;
    }
    interleaver_->start(begins_, commits_begin_);
    component_.services.env.io.post(
        [self = shared_from_this()] { self->notify(JobState::kRunning); });
}

/// False when it has ended already.
bool JobRun::set_state(JobState state, std::optional<Error> error) {
    const std::lock_guard lock(state_mutex_);
    if (is_final(state_)) {
        return false;
    }
    state_ = state;
    error_ = std::move(error);
    return true;
}

/// From inside the gate: nothing runs any more as soon as those that are inside have left.
void JobRun::end(JobState state, std::optional<Error> error) {
    if (!set_state(state, std::move(error))) {
        return;
    }
    component_.gate.close();
    component_.services.env.io.post([self = shared_from_this(), state] {
        self->tear_down();
        self->notify(state);
    });
}

/// Waits until nobody is inside and drops all that was not committed.
void JobRun::tear_down() {
    component_.gate.close();
    component_.gate.wait_idle();
    const std::lock_guard lock(teardown_mutex_);
    if (is_torn_down_) {
        return;
    }
    is_torn_down_ = true;
    for (const auto& source : sources_) {
        source->stop();
    }
    coordinator_.reset();
    interleaver_.reset();
    tasks_.clear();
    sources_.clear();
    edges_.clear();
}

/// Inside the gate.
void JobRun::resume() {
    for (const TaskSlot& slot : tasks_) {
        slot.task->wake();
    }
}

void JobRun::kill() {
    static_cast<void>(set_state(JobState::kStopped, std::nullopt));
    tear_down();
}

void JobRun::abandon() {
    const std::lock_guard lock(callback_mutex_);
    is_abandoned_ = true;
}

void JobRun::notify(JobState state) {
    const std::lock_guard lock(callback_mutex_);
    // With several I/O threads the news that it runs can come behind the news that it ended.
    const bool is_stale = state == JobState::kRunning && is_final(this->state());
    if (!is_abandoned_ && !is_stale && component_.services.on_state) {
        component_.services.on_state(state);
    }
}

JobStats JobRun::stats() const {
    JobStats stats = component_.figures.collect();
    const std::lock_guard lock(state_mutex_);
    stats.state = state_;
    stats.error = error_;
    return stats;
}

JobState JobRun::state() const {
    const std::lock_guard lock(state_mutex_);
    return state_;
}

/// The handle. Methods that act on a run that has ended do nothing.
class RunningJob final : public Job {
  public:
    explicit RunningJob(std::shared_ptr<JobRun> run) : run_(std::move(run)) {}
    ~RunningJob() override {
        run_->abandon();
        run_->kill();
    }

    void start() override {
        inside([this] { run_->start(); });
    }
    void set_bootstrap_ends(const std::string& topic, std::vector<Offset> ends) override {
        inside([&] { run_->interleaver().set_bootstrap_ends(topic, ends); });
    }
    void hold_bootstrap(const std::string& topic) override {
        inside([&] { run_->interleaver().hold_bootstrap(topic); });
    }
    void finish_at(std::map<std::string, std::vector<Offset>> ends) override {
        inside([&] { run_->finish_at(std::move(ends)); });
    }
    void stop() override {
        inside([this] {
            run_->coordinator().give_up_when_full();
            run_->interleaver().stop();
        });
    }
    void kill() override { run_->kill(); }
    void resume() override {
        inside([this] { run_->resume(); });
    }
    void request_commit() override {
        inside([this] { run_->coordinator().request(); });
    }
    [[nodiscard]] JobStats stats() const override { return run_->stats(); }
    [[nodiscard]] JobState state() const override { return run_->state(); }

  private:
    void inside(const std::function<void()>& call) {
        const GatePass pass(run_->component().gate);
        if (pass.entered()) {
            call();
        }
    }

    std::shared_ptr<JobRun> run_;
};

}  // namespace

std::string_view name_of(JobState state) {
    switch (state) {
        case JobState::kStarting:
            return "starting";
        case JobState::kRunning:
            return "running";
        case JobState::kFinished:
            return "finished";
        case JobState::kStopped:
            return "stopped";
        case JobState::kFailed:
            return "failed";
    }
    return "unknown";
}

Result<std::unique_ptr<Job>> Job::create(Graph graph, JobOptions options, JobServices services) {
    if (options.query_id.empty() || options.batch_rows_max < 1 ||
        options.batch_rows_max > kRowBatchRowsMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "a job needs a query id and batches of 1 to " +
                         std::to_string(kRowBatchRowsMax) +
                         " rows: " + std::to_string(options.batch_rows_max)};
    }
    MILLRACE_TRY(JobPlan plan, make_plan(std::move(graph), options, services.log));
    auto run = std::make_shared<JobRun>(std::move(plan), std::move(options), std::move(services));
    MILLRACE_TRY_STATUS(run->build());
    return std::unique_ptr<Job>(std::make_unique<RunningJob>(std::move(run)));
}

}  // namespace millrace::runtime
