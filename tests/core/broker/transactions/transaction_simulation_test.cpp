// Producers, zombies and readers of transactions on a faulty disk, with kills, power cuts and
// restarts at random moments, against a plain model. MILLRACE_TXN_SEED starts elsewhere,
// MILLRACE_TXN_SEEDS runs more; a failure prints the seed, which repeats the run.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/core/broker/transactions/transaction_fixture.h"
#include "tests/support/fault_file_system.h"

namespace millrace::broker {
namespace {

using std::chrono::milliseconds;

constexpr int kProducers = 3;
constexpr int kPartitions = 3;
constexpr int kSteps = 120;
constexpr milliseconds kTimeout{10'000};
constexpr const char* kGroup = "group";

/// What became of a transaction. Doubt: the process died before it answered.
enum class Outcome : std::uint8_t { kOpen, kCommitted, kAborted, kDoubt };

struct Sent {
    int partition = 0;
    std::string value;
    Offset at{-1};  // once acknowledged
};

struct ModelTransaction {
    Outcome outcome = Outcome::kOpen;
    std::vector<Sent> sent;
    std::set<int> added;
    std::optional<std::int64_t> group_offset;
    bool has_unknown_offset = false;  // the last batch was not acknowledged
};

/// One process that believes to be the producer of its transactional id.
struct Instance {
    TransactionOwner owner;
    std::map<int, std::int32_t> sequences;              // next one per partition
    std::optional<std::pair<Sent, std::int32_t>> last;  // acknowledged, for a retry
    std::optional<std::size_t> open;                    // index of its transaction
};

struct Producer {
    std::string id;
    std::optional<Instance> current;
    std::vector<Instance> zombies;
};

class TransactionSimulation {
  public:
    explicit TransactionSimulation(std::uint64_t seed)
        : random_(seed), files_(seed * 17 + 3), seed_(seed) {
        for (int i = 0; i < kProducers; ++i) {
            producers_.push_back({.id = "producer-" + std::to_string(i)});
        }
    }
    ~TransactionSimulation() { stop(); }
    TransactionSimulation(const TransactionSimulation&) = delete;
    TransactionSimulation& operator=(const TransactionSimulation&) = delete;

    /// Empty when all held.
    std::string run() {
        start();
        for (int step = 0; step < kSteps && failure_.empty(); ++step) {
            one_step();
            if (has_died()) {
                recover();
            }
            if (failure_.empty()) {
                check_stable_ends();
            }
        }
        if (failure_.empty()) {
            finish();
        }
        return failure_;
    }
    int restarts = 0;
    int committed = 0;
    int aborted = 0;

  private:
    bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
    void fail(const std::string& what) {
        if (failure_.empty()) {
            failure_ = "seed " + std::to_string(seed_) + ": " + what;
        }
    }
    void expect(bool holds, const std::string& what) {
        if (!holds && !has_died()) {
            fail(what);
        }
    }
    bool has_died() { return files_.has_crashed() || is_dead_; }

    // --- the process
    void start() {
        io_ = std::make_unique<ManualIoExecutor>(clock_);
        env_.emplace(Env{files_, clock_, random_, *io_, logger_});
        is_dead_ = false;
        BrokerOptions options;
        options.journal.file_bytes = 64 * 1024;
        options.journal.inline_bytes_max = 8 * 1024;
        options.journal.checkpoint_bytes = 256 * 1024;
        options.journal.on_sync_failure = [this](const Error&) { is_dead_ = true; };
        auto opened = Broker::open(*env_, "/data", options);
        if (!opened.ok()) {
            if (!has_died()) {
                fail("broker does not open: " + opened.error().message);
            }
            return;
        }
        broker_ = std::move(opened).value();
        if (!broker_->find_topic("topic")) {
            expect(broker_
                       ->create_topic({.name = "topic",
                                       .partitions = kPartitions,
                                       .config = {{"segment.bytes", "16384"}}})
                       .ok(),
                   "topic is not made");
        }
        if (const TopicPtr topic = broker_->find_topic("topic")) {
            topic_ = topic->id;
        }
    }
    /// As a process ends that is killed: what it had not written stays unwritten.
    void stop() {
        files_.crash_after(0);
        broker_.reset();
        io_.reset();
    }
    void recover() {
        for (int tries = 0; tries < 10; ++tries) {
            stop();
            ++restarts;
            if (chance(50)) {
                files_.kill();
            } else {
                files_.power_cut(PowerCut::kMixed);
            }
            files_.never_crash();
            if (chance(20)) {
                files_.crash_after(random_.below(40));  // in the recovery, too
            }
            start();
            if (!has_died() || !failure_.empty()) {
                break;
            }
        }
        files_.never_crash();
        expect(broker_ != nullptr, "no recovery");
    }
    void restart_cleanly() {
        expect(broker_->close().ok(), "does not close");
        io_->run_all();
        broker_.reset();
        ++restarts;
        start();
    }

    // --- the steps
    void one_step() {
        if (chance(4)) {
            restart_cleanly();
            return;
        }
        if (chance(8)) {
            files_.crash_after(random_.below(60));
        }
        if (chance(3)) {
            time_passes();
            return;
        }
        if (chance(15)) {
            send_plain();
            return;
        }
        Producer& producer = producers_[random_.below(producers_.size())];
        if (!producer.zombies.empty() && chance(15)) {
            act_as_zombie(producer.zombies[random_.below(producer.zombies.size())]);
        } else if (!producer.current || chance(6)) {
            initialize(producer);
        } else {
            go_on(producer);
        }
    }
    TransactionClient client() {
        return TransactionClient(*broker_, *io_, TransactionClient::Fate::kMayDie);
    }
    TopicPartition partition(int number) const { return {topic_, Partition{number}}; }
    std::string next_value() { return std::to_string(next_value_++) + std::string(200, '.'); }

    void initialize(Producer& producer) {
        if (producer.current) {
            if (producer.current->open) {
                // Whatever becomes of this call: it is not committed any more, unless it was.
                ModelTransaction& open = transactions_[*producer.current->open];
                if (open.outcome == Outcome::kOpen) {
                    open.outcome = Outcome::kAborted;
                }
            }
            producer.zombies.push_back(*producer.current);
            producer.current.reset();
        }
        const InitProducerAnswer given =
            client().init({.transactional_id = producer.id, .timeout = kTimeout});
        if (has_died()) {
            return;
        }
        expect(given.error == KafkaError::kNone, "init answers " + told(given.error));
        if (!producer.zombies.empty()) {
            const TransactionOwner& before = producer.zombies.back().owner;
            expect(given.producer_id == before.producer_id &&
                       given.producer_epoch > before.producer_epoch,
                   "a new producer does not fence the one before");
        }
        producer.current = Instance{.owner = {producer.id, given.producer_id, given.producer_epoch},
                                    .sequences = {}};
    }

    void go_on(Producer& producer) {
        Instance& instance = *producer.current;
        if (!instance.open) {
            transactions_.emplace_back();
            instance.open = transactions_.size() - 1;
        }
        ModelTransaction& open = transactions_[*instance.open];
        const std::uint64_t dice = random_.below(100);
        if (dice < 55) {
            send(instance, open);
        } else if (dice < 65 && instance.last) {
            retry(instance);
        } else if (dice < 72) {
            commit_group_offset(instance, open);
        } else if (!open.added.empty() || open.group_offset) {
            end(producer,
                instance,
                open,
                dice < 90 ? TransactionEnd::kCommit : TransactionEnd::kAbort);
        }
    }

    /// Sends again until it is answered, over restarts, as a client does.
    Produced send_until_answered(const Instance& by,
                                 int to,
                                 std::int32_t sequence,
                                 const std::string& value,
                                 bool is_transactional) {
        for (int tries = 0; tries < 20 && failure_.empty(); ++tries) {
            const Produced answer =
                client().produce(partition(to),
                                 producer_batch({.producer_id = by.owner.producer_id,
                                                 .epoch = by.owner.producer_epoch,
                                                 .sequence = sequence,
                                                 .is_transactional = is_transactional},
                                                value));
            if (!has_died()) {
                return answer;
            }
            recover();
        }
        fail("no answer");
        return {};
    }

    void send(Instance& instance, ModelTransaction& open) {
        const int to = static_cast<int>(random_.below(kPartitions));
        while (!open.added.contains(to) && failure_.empty()) {
            const KafkaError error = client().add(instance.owner, partition(to));
            if (has_died()) {
                recover();
                continue;
            }
            expect(error == KafkaError::kNone, "add answers " + told(error));
            open.added.insert(to);
        }
        std::int32_t& sequence = instance.sequences[to];
        Sent sent{.partition = to, .value = next_value()};
        const Produced answer = send_until_answered(instance, to, sequence, sent.value, true);
        expect(answer.error == KafkaError::kNone, "produce answers " + told(answer.error));
        sent.at = answer.base_offset;
        open.sent.push_back(sent);
        instance.last = {sent, sequence};
        ++sequence;
    }

    void retry(Instance& instance) {
        const auto& [sent, sequence] = *instance.last;
        const ModelTransaction& open = transactions_[*instance.open];
        const Produced answer =
            send_until_answered(instance, sent.partition, sequence, sent.value, true);
        if (open.added.contains(sent.partition)) {
            expect(answer.error == KafkaError::kNone && answer.base_offset == sent.at,
                   "a retry answers " + told(answer.error) + " and offset " +
                       std::to_string(answer.base_offset.value) + ", it was " +
                       std::to_string(sent.at.value));
        } else {
            expect(answer.error == KafkaError::kInvalidTxnState,
                   "a retry without its transaction answers " + told(answer.error));
        }
    }

    void commit_group_offset(Instance& instance, ModelTransaction& open) {
        const std::int64_t offset = next_group_offset_++;
        for (bool is_done = false; !is_done && failure_.empty();) {
            const KafkaError added = client().add_offsets(instance.owner, kGroup);
            expect(added == KafkaError::kNone, "add offsets answers " + told(added));
            TransactionOffsets request{
                .owner = instance.owner, .member = {.group = kGroup}, .offsets = {}};
            request.offsets.push_back({.source = partition(0), .next = Offset{offset}});
            if (!has_died()) {
                const KafkaError error = client().commit_offsets(request).front();
                expect(error == KafkaError::kNone, "offset commit answers " + told(error));
            }
            is_done = !has_died();
            if (!is_done) {
                recover();
            }
        }
        open.group_offset = offset;
    }

    void end(Producer& producer, Instance& instance, ModelTransaction& open, TransactionEnd how) {
        for (int tries = 0; tries < 20 && failure_.empty(); ++tries) {
            const KafkaError error = client().end(instance.owner, how);
            if (!has_died()) {
                expect(error == KafkaError::kNone, "end answers " + told(error));
                settle(open, how);
                instance.open.reset();
                return;
            }
            recover();
            if (chance(30)) {
                // The client died with the broker and never learned what became of it.
                open.outcome = how == TransactionEnd::kCommit ? Outcome::kDoubt : Outcome::kAborted;
                instance.open.reset();
                producer.zombies.push_back(instance);
                producer.current.reset();
                return;
            }
        }
        fail("no answer");
    }

    void settle(ModelTransaction& open, TransactionEnd how) {
        open.outcome = how == TransactionEnd::kCommit ? Outcome::kCommitted : Outcome::kAborted;
        if (how == TransactionEnd::kCommit && open.group_offset) {
            group_offset_ = *open.group_offset;
        }
    }

    void act_as_zombie(Instance& zombie) {
        // Fenced once its successor got an answer.
        const auto& producer =
            *std::find_if(producers_.begin(), producers_.end(), [&](const Producer& candidate) {
                return candidate.id == zombie.owner.transactional_id;
            });
        if (!producer.current) {
            return;
        }
        const int to = static_cast<int>(random_.below(kPartitions));
        const std::string what = chance(50) ? "end" : "send";
        if (what == "end") {
            const KafkaError error = client().end(zombie.owner, TransactionEnd::kCommit);
            expect(error == KafkaError::kProducerFenced, "a zombie's end answers " + told(error));
            return;
        }
        const Produced answer =
            client().produce(partition(to),
                             producer_batch({.producer_id = zombie.owner.producer_id,
                                             .epoch = zombie.owner.producer_epoch,
                                             .sequence = zombie.sequences[to]},
                                            "zombie"));
        expect(answer.error == KafkaError::kInvalidProducerEpoch,
               "a zombie's batch answers " + told(answer.error));
    }

    void time_passes() {
        clock_.advance(kTimeout);
        io_->run_all();
        // All that were open are aborted, or will be by whoever comes next.
        for (Producer& producer : producers_) {
            if (producer.current && producer.current->open) {
                ModelTransaction& open = transactions_[*producer.current->open];
                const bool has_begun = !open.added.empty() || open.group_offset;
                if (has_begun) {
                    open.outcome = Outcome::kAborted;
                    producer.zombies.push_back(*producer.current);
                    producer.current.reset();
                }
            }
        }
        if (has_died()) {
            recover();
        }
        for (Producer& producer : producers_) {
            while (!producer.current && failure_.empty()) {
                initialize(producer);
                if (has_died()) {
                    recover();
                }
            }
        }
    }

    void send_plain() {
        const int to = static_cast<int>(random_.below(kPartitions));
        if (plain_.owner.producer_id < 0) {
            const InitProducerAnswer given = client().init({});
            if (has_died()) {
                return;
            }
            plain_.owner.producer_id = given.producer_id;
            plain_.owner.producer_epoch = given.producer_epoch;
        }
        Sent sent{.partition = to, .value = next_value()};
        const Produced answer =
            send_until_answered(plain_, to, plain_.sequences[to]++, sent.value, false);
        expect(answer.error == KafkaError::kNone, "plain produce answers " + told(answer.error));
        sent.at = answer.base_offset;
        transactions_.push_back({.outcome = Outcome::kCommitted, .sent = {sent}});
    }

    // --- the checks
    static std::string told(KafkaError error) { return std::string(name_of(error)); }

    void check_stable_ends() {
        for (int p = 0; p < kPartitions; ++p) {
            const Result<PartitionEnds> ends = broker_->partition_ends(partition(p));
            Offset expected = ends.value().high_watermark;
            bool is_sure = true;
            for (const Producer& producer : producers_) {
                // Aborted by a call that was not answered: perhaps still open on the broker.
                is_sure = is_sure && (producer.current || producer.zombies.empty());
            }
            for (const ModelTransaction& transaction : transactions_) {
                for (const Sent& sent : transaction.sent) {
                    if (transaction.outcome == Outcome::kOpen && sent.partition == p) {
                        expected = std::min(expected, sent.at);
                    }
                }
            }
            const Offset stable = ends.value().last_stable_offset;
            if (is_sure ? stable != expected : stable > expected) {
                fail("stable end of " + std::to_string(p) + " is " + std::to_string(stable.value) +
                     ", not " + std::to_string(expected.value));
            }
        }
    }

    void finish() {
        files_.never_crash();
        for (Producer& producer : producers_) {
            initialize(producer);
        }
        for (int life = 0; life < 2 && failure_.empty(); ++life) {
            check_contents();
            restart_cleanly();
        }
        const auto offsets = broker_->committed_offsets(kGroup);
        const std::int64_t found = offsets.empty() ? -1 : offsets.begin()->second.next.value;
        bool is_explained = found == group_offset_;
        for (const ModelTransaction& transaction : transactions_) {
            is_explained = is_explained || (transaction.outcome == Outcome::kDoubt &&
                                            transaction.group_offset == found);
        }
        expect(is_explained,
               "the group is at " + std::to_string(found) + ", not at " +
                   std::to_string(group_offset_));
    }

    void check_contents() {
        std::map<std::string, std::pair<int, Offset>> read;
        for (int p = 0; p < kPartitions && failure_.empty(); ++p) {
            Offset at{0};
            Offset before{-1};
            for (;;) {
                const PartitionFetched fetched =
                    client().fetch(partition(p), at, Isolation::kReadCommitted);
                expect(fetched.error == KafkaError::kNone, "fetch answers " + told(fetched.error));
                if (fetched.batches.empty()) {
                    break;
                }
                for (const auto& [value, offset] : committed_records(fetched, at)) {
                    expect(offset > before, "order");
                    before = offset;
                    expect(read.emplace(value, std::pair(p, offset)).second,
                           "read twice: " + value.substr(0, 10));
                }
            }
        }
        std::size_t explained = 0;
        for (const ModelTransaction& transaction : transactions_) {
            std::size_t found = 0;
            for (const Sent& sent : transaction.sent) {
                const auto at = read.find(sent.value);
                if (at != read.end()) {
                    ++found;
                    expect(at->second == std::pair(sent.partition, sent.at),
                           "moved: " + sent.value.substr(0, 10));
                }
            }
            explained += found;
            const bool is_all = found == transaction.sent.size();
            switch (transaction.outcome) {
                case Outcome::kCommitted:
                    expect(is_all, "a committed transaction is not whole");
                    ++committed;
                    break;
                case Outcome::kAborted:
                    expect(found == 0, "an aborted transaction shows");
                    ++aborted;
                    break;
                case Outcome::kDoubt:
                    expect(found == 0 || is_all, "half a transaction shows");
                    break;
                case Outcome::kOpen:
                    expect(found == 0, "an open transaction shows");
                    break;
            }
        }
        expect(explained == read.size(), "records show that nobody committed");
    }

    static std::vector<std::pair<std::string, Offset>> committed_records(
        const PartitionFetched& fetched, Offset& at);

    SeededRandom random_;
    FaultFileSystem files_;
    ManualClock clock_{1'000'000};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    const std::uint64_t seed_;
    std::unique_ptr<ManualIoExecutor> io_;
    std::optional<Env> env_;
    std::unique_ptr<Broker> broker_;
    bool is_dead_ = false;
    TopicId topic_;
    std::string failure_;

    // The model.
    std::vector<Producer> producers_;
    Instance plain_;
    std::deque<ModelTransaction> transactions_;
    std::int64_t group_offset_ = -1;
    std::int64_t next_group_offset_ = 1;
    std::uint64_t next_value_ = 0;
};

std::vector<std::pair<std::string, Offset>> TransactionSimulation::committed_records(
    const PartitionFetched& fetched, Offset& at) {
    std::vector<std::pair<std::string, Offset>> records;
    Offset end = at;
    const std::vector<std::string> values = committed_values(fetched, end);
    at = end;
    std::map<std::string, Offset> offset_of;
    for (const ByteView part : fetched.batches) {
        RecordBatchCursor batches(part);
        for (auto batch = batches.next().value(); batch; batch = batches.next().value()) {
            RecordCursor cursor(*batch, batch->records());
            RecordView record;
            if (!batch->is_control() && cursor.next(record)) {
                offset_of.emplace(as_text(*record.value), batch->base_offset());
            }
        }
    }
    for (const std::string& value : values) {
        records.emplace_back(value, offset_of.at(value));
    }
    return records;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(TransactionSimulation, EveryTransactionShowsWholeOnceOrNotAtAll) {
    const std::uint64_t first = from_environment("MILLRACE_TXN_SEED", 1);
    const std::uint64_t seeds = from_environment("MILLRACE_TXN_SEEDS", 150);
    int restarts = 0;
    int committed = 0;
    int aborted = 0;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        TransactionSimulation simulation(seed);
        const std::string failure = simulation.run();
        ASSERT_TRUE(failure.empty()) << failure;
        restarts += simulation.restarts;
        committed += simulation.committed;
        aborted += simulation.aborted;
    }
    std::printf("seeds %llu to %llu: restarts %d, transactions committed %d, aborted %d\n",
                static_cast<unsigned long long>(first),
                static_cast<unsigned long long>(first + seeds - 1),
                restarts,
                committed,
                aborted);
}

}  // namespace
}  // namespace millrace::broker
