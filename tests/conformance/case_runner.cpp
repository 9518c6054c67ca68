#include "tests/conformance/case_runner.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "dsl/catalog.h"
#include "dsl/persistent_query.h"
#include "dsl/query_engine.h"
#include "dsl/testing/test_bench.h"
#include "tests/conformance/case_log.h"
#include "tests/conformance/catalog_check.h"
#include "tests/conformance/comparison.h"
#include "tests/conformance/record_text.h"

namespace millrace::conformance {

namespace {

using runtime::JobState;

/// What UNIX_TIMESTAMP() and a record without a time see: some day in 2023.
constexpr std::int64_t kWallMs = 1'700'000'000'000;
constexpr std::chrono::milliseconds kIdleMove{10};

/// The message without place, source line and caret: what an error says in its own words.
std::string own_words(const std::string& message) {
    std::size_t end = message.size();
    // The two last lines of a message with a place are indented by two blanks.
    for (int line = 0; line < 2; ++line) {
        const std::size_t feed = message.rfind('\n', end == 0 ? 0 : end - 1);
        if (feed == std::string::npos || message.compare(feed, 3, "\n  ") != 0) {
            return message;
        }
        end = feed;
    }
    return message.substr(0, end);
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    constexpr std::size_t kShown = 400;
    return text.size() > kShown ? text.substr(0, kShown) + "..." : text;
}

/// One case at work.
class CaseRun {
  public:
    CaseRun(const ConformanceCase& given, const RunOptions& options, runtime::Executor* threads)
        : case_(given), options_(options), bench_(kWallMs, threads) {
        bench_.set_immediate(true);
    }

    CaseOutcome run() {
        if (case_.suite != "qtt") {
            outcome_.reason = "needs queries over REST";
            return outcome_;
        }
        if (auto prepared = prepare(); !prepared.ok()) {
            outcome_.reason = "cannot be prepared: " + prepared.error().message;
            return outcome_;
        }
        const std::optional<Error> error = execute();
        if (options_.keeps_output && error) {
            outcome_.output.push_back("error " + one_line(error->message));
        }
        if (case_.error && case_.error->kind != ErrorKind::kRuntime) {
            judge_rejection(error);
            return outcome_;
        }
        if (error) {
            outcome_.reason = "rejected: " + one_line(own_words(error->message));
            return outcome_;
        }
        const Status done = feed_and_run();
        if (options_.keeps_output) {
            keep_output(done);
        }
        if (case_.error) {
            outcome_.is_rejected = !done.ok();
            outcome_.has_right_message =
                !done.ok() && done.error().message.find(case_.error->text) != std::string::npos;
            outcome_.reason = done.ok() ? "no query failed" : done.error().message;
            return outcome_;
        }
        judge(done);
        return outcome_;
    }

  private:
    Status prepare() {
        for (const CaseTopic& topic : case_.create_topics) {
            MILLRACE_TRY_STATUS(log_.create_topic({topic.name, topic.partitions, {}}));
        }
        for (const auto& [name, value] : case_.properties) {
            if (name == "use.exact.numeric.comparison") {
                compare_.exact_numbers = value != "false";
            } else {
                session_[name] = value;
            }
        }
        compare_.ignores_zero_time = case_.inputs.empty();
        engine_options_.properties = {{"semantics", "ksql"}};
        engine_options_.batch_rows_max = options_.batch_rows;
        MILLRACE_TRY(
            engine_,
            dsl::QueryEngine::open({bench_.env(), log_, bench_.executor()}, engine_options_));
        return Ok{};
    }

    /// All statements; the error of the first that fails.
    std::optional<Error> execute() {
        std::string text;
        for (const std::string& statement : case_.statements) {
            text += statement + "\n";
        }
        const auto done = engine_->execute(
            text,
            "case",
            session_,
            nullptr,
            [](const auto&) { return false; },
            [this](const dsl::StatementResult&) { ++executed_; });
        if (!done.ok()) {
            return done.error();
        }
        return std::nullopt;
    }

    void judge_rejection(const std::optional<Error>& error) {
        if (!error) {
            outcome_.reason = "accepted; should say: " + one_line(case_.error->text);
            return;
        }
        const bool is_syntax = error->code == ErrorCode::kSqlSyntax;
        const std::string words = one_line(own_words(error->message));
        if (case_.error->kind == ErrorKind::kParse ? !is_syntax : is_syntax) {
            outcome_.reason = std::string(is_syntax ? "a syntax error" : "no syntax error") + ": " +
                              words + "; should say: " + one_line(case_.error->text);
            return;
        }
        if (!is_syntax && executed_ + 1 != case_.statements.size()) {
            outcome_.reason = "statement " + std::to_string(executed_ + 1) + " of " +
                              std::to_string(case_.statements.size()) + " is rejected: " + words;
            return;
        }
        outcome_.is_rejected = true;
        outcome_.has_right_message =
            own_words(error->message).find(case_.error->text) != std::string::npos;
        if (!outcome_.has_right_message) {
            outcome_.reason = "says: " + words + "; should say: " + one_line(case_.error->text);
        }
    }

    /// The source whose records a topic has. Of several the first that was declared, for outputs
    /// the first that a query writes.
    const dsl::SourceInfo* source_on(const std::string& topic, bool is_output) const {
        const dsl::SourceInfo* found = nullptr;
        for (const auto& [name, info] : catalog_->sources()) {
            if (info.topic == topic &&
                (found == nullptr ||
                 (is_output ? found->query_id.empty()
                            : !found->query_id.empty() && info.query_id.empty()))) {
                found = &info;
            }
        }
        return found;
    }

    Status feed_and_run() {
        MILLRACE_TRY(catalog_, dsl::Catalog::open(bench_.env(), log_));
        const std::vector<dsl::QueryRecord> queries = catalog_->queries();
        if (queries.empty()) {
            return Error{ErrorCode::kInvalidArgument, "no query was created"};
        }
        MILLRACE_TRY_STATUS(feed());
        log_.set_running();
        bench_.set_immediate(false);
        for (const dsl::QueryRecord& query : queries) {
            auto done = run_query(query);
            if (!done.ok()) {
                return std::move(done).error().with_context("query " + query.id);
            }
        }
        return Ok{};
    }

    Status feed() {
        std::map<std::string, std::vector<StoredRecord>> topics;
        for (const CaseRecord& record : case_.inputs) {
            const dsl::SourceInfo* source = source_on(record.topic, false);
            auto encoded = encode_record(record, source == nullptr ? nullptr : &source->schema);
            if (!encoded.ok()) {
                return std::move(encoded).error().with_context("input of " + record.topic);
            }
            topics[record.topic].push_back(std::move(encoded).value());
        }
        for (const auto& [topic, records] : topics) {
            // Queries get the inputs only, not what INSERT VALUES wrote there before.
            if (log_.size(topic) > 0) {
                MILLRACE_TRY_STATUS(log_.clear(topic));
            }
            MILLRACE_TRY_STATUS(log_.append(topic, records));
        }
        return Ok{};
    }

    /// Feeds what the case lists in that order, then the topics that it does not list.
    void order_rows(const runtime::Graph& graph,
                    std::vector<std::int32_t>& script,
                    std::map<std::string, std::vector<Offset>>& ends) {
        const auto& nodes = graph.nodes();
        std::vector<std::pair<std::string, std::int32_t>> sources;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].source) {
                sources.emplace_back(nodes[i].source->topic, static_cast<std::int32_t>(i));
            }
        }
        std::map<std::string, std::int64_t> given;
        for (const CaseRecord& record : case_.inputs) {
            ++given[record.topic];
            for (const auto& [topic, node] : sources) {
                if (topic == record.topic) {
                    script.push_back(node);
                }
            }
        }
        for (const auto& [topic, node] : sources) {
            const auto found = given.find(topic);
            const std::int64_t end = found == given.end() ? log_.size(topic) : found->second;
            if (found == given.end()) {
                script.insert(script.end(), static_cast<std::size_t>(end), node);
            }
            ends[topic] = {Offset{end}};
        }
    }

    Status run_query(const dsl::QueryRecord& record) {
        MILLRACE_TRY(dsl::QueryToRun run,
                     dsl::revive(record, *catalog_, engine_options_, bench_.env()));
        std::map<std::string, std::vector<Offset>> ends;
        run.options.interleave = runtime::InterleavePolicy::kScripted;
        run.options.batch_rows_max = options_.batch_rows;
        order_rows(run.graph, run.options.script, ends);
        runtime::JobServices services{bench_.env(),
                                      log_,
                                      bench_.executor(),
                                      [this](const runtime::ProcessingError& error) {
                                          const std::lock_guard lock(errors_mutex_);
                                          row_error_ = error.step + ": " + error.message;
                                      },
                                      nullptr};
        MILLRACE_TRY(const std::unique_ptr<runtime::Job> job,
                     runtime::Job::create(std::move(run.graph), run.options, std::move(services)));
        job->finish_at(std::move(ends));
        job->start();
        const auto is_over = [&job] {
            const JobState state = job->state();
            return state != JobState::kStarting && state != JobState::kRunning;
        };
        if (!bench_.work_until(is_over, kIdleMove)) {
            return Error{ErrorCode::kTimedOut, "does not come to its end"};
        }
        if (job->state() != JobState::kFinished) {
            return job->stats().error.value_or(
                Error{ErrorCode::kInvalidArgument, "ended " + std::string(name_of(job->state()))});
        }
        return Ok{};
    }

    void keep_output(const Status& done) {
        if (!done.ok()) {
            outcome_.output.push_back("error " + one_line(done.error().message));
        }
        bench_.set_immediate(true);
        for (const TopicInfo& topic : log_.list_topics()) {
            if (topic.is_internal) {
                continue;
            }
            const auto records = log_.read(topic.name);
            if (!records.ok()) {
                outcome_.output.push_back(topic.name + ": " + records.error().message);
                continue;
            }
            for (const StoredRecord& record : records.value()) {
                outcome_.output.push_back(topic.name + " " + line_of(record));
            }
        }
    }

    void judge(const Status& done) {
        Match worst = Match::kEqual;
        if (!done.ok()) {
            worst = Match::kDifferent;
            outcome_.reason = one_line(own_words(done.error().message));
        } else {
            worst = compare_outputs();
        }
        if (catalog_) {
            const std::string problem = check_post(case_.post, *catalog_, log_);
            if (!problem.empty()) {
                worst = Match::kDifferent;
                outcome_.reason += (outcome_.reason.empty() ? "" : "; ") + problem;
            }
            if (!case_.recorded_sources.is_null()) {
                outcome_.schema_reason = check_recorded(case_.recorded_sources, *catalog_);
                outcome_.schema_agrees = outcome_.schema_reason.empty();
            }
        }
        outcome_.passes_strictly = worst == Match::kEqual;
        outcome_.passes = worst != Match::kDifferent;
        if (!outcome_.passes && !row_error_.empty()) {
            outcome_.reason += " (row error: " + one_line(own_words(row_error_)) + ")";
        }
    }

    Match compare_outputs() {
        std::map<std::string, std::vector<const CaseRecord*>> expected;
        for (const CaseRecord& record : case_.outputs) {
            expected[record.topic].push_back(&record);
        }
        Match worst = Match::kEqual;
        for (const auto& [topic, records] : expected) {
            const Comparison compared = compare_topic(topic, records);
            worst = std::max(worst, compared.match);
            if (outcome_.reason.empty() && compared.match != Match::kEqual) {
                outcome_.reason = one_line(compared.difference);
            }
        }
        return worst;
    }

    Comparison compare_topic(const std::string& topic,
                             const std::vector<const CaseRecord*>& expected) {
        const auto stored = log_read(topic);
        if (!stored.ok()) {
            return {Match::kDifferent, stored.error().message};
        }
        const dsl::SourceInfo* source = source_on(topic, true);
        const TopicSchema* schema = source == nullptr ? nullptr : &source->schema;
        std::vector<SchemaColumn> recorded;
        if (source != nullptr) {
            recorded = recorded_columns(source->name);
        }
        std::vector<Field> key_fields;
        std::vector<Field> value_fields;
        for (const SchemaColumn& column : recorded) {
            (column.role == ColumnRole::kKey ? key_fields : value_fields)
                .push_back({column.name, column.type});
        }
        ComparedSide key;
        ComparedSide value;
        if (schema != nullptr) {
            key = {recorded.empty() ? &schema->schema.key : &key_fields,
                   schema->schema.key.size() == 1};
            value = {recorded.empty() ? &schema->schema.value : &value_fields,
                     schema->schema.value.size() == 1 && !schema->value.wrap_single};
        }
        Comparison worst;
        const std::size_t common = std::min(expected.size(), stored.value().size());
        for (std::size_t i = 0; i < common; ++i) {
            const std::string where = topic + " record " + std::to_string(i) + " ";
            const auto actual = decode_record(stored.value()[i], schema);
            if (!actual.ok()) {
                return {Match::kDifferent, where + actual.error().message};
            }
            Comparison compared =
                compare_records(*expected[i], actual.value(), key, value, compare_);
            if (compared.match > worst.match) {
                worst = {compared.match, where + compared.difference};
            }
        }
        if (worst.match != Match::kDifferent && expected.size() != stored.value().size()) {
            return {Match::kDifferent,
                    topic + ": expected " + std::to_string(expected.size()) + " records, got " +
                        std::to_string(stored.value().size())};
        }
        return worst;
    }

    Result<std::vector<StoredRecord>> log_read(const std::string& topic) {
        bench_.set_immediate(true);
        return log_.read(topic);
    }

    std::vector<SchemaColumn> recorded_columns(const std::string& name) const {
        for (const JsonText& source : case_.recorded_sources.children) {
            if (source["name"].string() == name) {
                auto read = read_columns(source["schema"].string());
                return read.ok() ? std::move(read).value() : std::vector<SchemaColumn>{};
            }
        }
        return {};
    }

    const ConformanceCase& case_;
    const RunOptions& options_;
    CaseOutcome outcome_;
    CompareOptions compare_;

    dsl::testing::TestBench bench_;
    CaseLog log_{bench_.io()};
    dsl::Properties session_;
    dsl::EngineOptions engine_options_;
    std::unique_ptr<dsl::QueryEngine> engine_;
    std::unique_ptr<dsl::Catalog> catalog_;
    std::size_t executed_ = 0;  // statements
    std::mutex errors_mutex_;
    std::string row_error_;  // the last one; guarded by errors_mutex_ while queries run
};

}  // namespace

CaseRunner::CaseRunner(RunOptions options) : options_(options) {
    if (options_.workers > 0) {
        threads_ = runtime::make_tbb_executor(options_.workers);
    }
}

CaseRunner::~CaseRunner() = default;

CaseOutcome CaseRunner::run(const ConformanceCase& given) {
    return CaseRun(given, options_, threads_.get()).run();
}

}  // namespace millrace::conformance
