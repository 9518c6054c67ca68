// TransactionCoordinatorImpl: the parts of the transaction coordinator behind its interface.
// Sources: coordinator_producers.cpp (ids and epochs), coordinator_requests.cpp (what belongs to an
// open transaction), coordinator_end.cpp (ends, timeouts, expiry), coordinator_state.cpp (changes,
// restoring, questions).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/env.h"
#include "core/base/lifetime.h"
#include "core/broker/transactions/producer_ids.h"
#include "core/broker/transactions/transaction_coordinator.h"
#include "core/broker/transactions/transaction_records.h"

namespace millrace::broker {

class TransactionCoordinatorImpl final : public TransactionCoordinator {
  public:
    /// What the coordinator needs of the broker around it.
    struct Surroundings {
        /// Appends a unit. Units become durable and visible in the order of the calls.
        std::function<void(Unit, Completion<CommitPosition>)> append;
        /// May clients write there in a transaction? UNKNOWN_TOPIC_OR_PARTITION,
        /// TOPIC_AUTHORIZATION_FAILED for internal topics, none.
        std::function<KafkaError(TopicPartition)> check_partition;
        /// May this member commit offsets in a transaction?
        std::function<KafkaError(const GroupMember&)> check_member;
    };

    TransactionCoordinatorImpl(Env& env, TransactionOptions options, Surroundings surroundings);
    ~TransactionCoordinatorImpl() override { close(); }
    TransactionCoordinatorImpl(const TransactionCoordinatorImpl&) = delete;
    TransactionCoordinatorImpl& operator=(const TransactionCoordinatorImpl&) = delete;

    /// One record of the state topic as the log has it; the last one of a key counts. Before
    /// start(). kCorruptBatch, kNewerFormat.
    Status restore(const RecordView& record);
    /// From now on changes go to `state`; open transactions have their whole timeout left.
    void start(TopicPartition state);
    /// Answers all who wait. Not on the I/O executor.
    void close();
    /// The topic is gone: it drops out of open transactions.
    void remove_topic(TopicId topic);

    void init_producer(InitProducerRequest request, Reply<InitProducerAnswer> reply) override;
    void add_partitions(TransactionOwner owner,
                        std::vector<TopicPartition> partitions,
                        Reply<std::vector<KafkaError>> reply) override;
    void add_offsets(TransactionOwner owner, std::string group, Reply<KafkaError> reply) override;
    void commit_offsets(TransactionOffsets request, Reply<std::vector<KafkaError>> reply) override;
    void end(TransactionOwner owner, TransactionEnd how, Reply<KafkaError> reply) override;
    Status check_append(std::int64_t producer_id,
                        std::int16_t producer_epoch,
                        TopicPartition partition) const override;
    bool is_pending(const std::string& group, TopicPartition partition) const override;
    TransactionDescription describe(const std::string& transactional_id) const override;
    std::vector<TransactionListing> list(const TransactionFilter& filter) const override;

  private:
    using MonotonicTime = std::chrono::nanoseconds;
    struct Entry;
    /// One request at an id, run with mutex_ held when no other change of the id is on its way. It
    /// is given the id's entry, or null and why it will not be done.
    using Step = std::function<void(Entry* entry, KafkaError refusal)>;
    struct Entry {
        std::string id;
        Transaction now;  // as it is durable
        bool is_busy = false;
        std::optional<TransactionState> ending;  // shown, and nothing is appended any more
        std::deque<Step> waiting;
        std::optional<MonotonicTime> deadline;  // of the open transaction
        MonotonicTime last_change{0};
        std::size_t size_bytes = 0;  // as written down
    };
    enum class IfUnknown : std::uint8_t { kRefuse, kMake };
    /// Where a change goes from: told with mutex_ not held, on the I/O executor.
    using Done = std::function<void(KafkaError)>;

    // --- the order of requests; all with mutex_ held from here on unless said otherwise
    void run(const std::string& id, IfUnknown if_unknown, Step step);  // without mutex_
    void run_waiting(const std::string& id);
    /// Writes `next` down together with `unit`; `done` when that is over.
    void change(Entry& entry, Transaction next, Unit unit, Done done);
    void on_changed(const std::string& id,
                    const Transaction& next,
                    std::size_t size_bytes,
                    const Result<CommitPosition>& stored);  // without mutex_
    void adopt(Entry& entry, const Transaction& next);
    void forget_if_empty(const std::string& id);
    void index_offsets(const Transaction& transaction, bool is_added);
    [[nodiscard]] Buffer encode_record(const Buffer& key, std::optional<ByteView> value) const;
    [[nodiscard]] KafkaError check_owner(const Entry& entry, const TransactionOwner& owner) const;
    template <class Answer>
    void post(const Reply<Answer>& reply, Answer answer) {
        env_.io.post([reply, answer = std::move(answer)]() mutable { reply(std::move(answer)); });
    }

    // --- producers
    void give_plain_id(Reply<InitProducerAnswer> reply);  // without mutex_
    [[nodiscard]] KafkaError check_init(const InitProducerRequest& request) const;
    void init(Entry& entry,
              const InitProducerRequest& request,
              const Reply<InitProducerAnswer>& reply);
    void init_with_new_id(Entry& entry,
                          const InitProducerRequest& request,
                          const Reply<InitProducerAnswer>& reply);
    void store_init(Entry& entry, Transaction next, const Reply<InitProducerAnswer>& reply);

    // --- ends
    /// The unit that ends the open transaction of `entry` with markers of `epoch`.
    [[nodiscard]] Unit end_unit(const Entry& entry, TransactionEnd how, std::int16_t epoch) const;
    /// Ends it and writes `next` down, which takes over nothing of the open one.
    void end_open(
        Entry& entry, TransactionEnd how, std::int16_t marker_epoch, Transaction next, Done done);
    [[nodiscard]] Transaction with_open_transaction(const Entry& entry) const;

    // --- time
    [[nodiscard]] MonotonicTime now() const { return env_.clock.monotonic(); }
    void set_deadline(Entry& entry, std::optional<MonotonicTime> deadline);
    void arm_timer();
    void on_timer();  // without mutex_
    void abort_overdue(Entry& entry);
    void schedule_expiry();
    void expire_ids();  // without mutex_
    void expire(Entry& entry);

    Env& env_;
    const TransactionOptions options_;
    const Surroundings around_;
    TopicPartition state_partition_;  // set by start()

    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;                  // guarded by mutex_
    std::unordered_map<std::int64_t, Entry*> by_producer_;  // guarded by mutex_
    std::map<std::pair<std::string, TopicPartition>, std::size_t>
        pending_offsets_;                                        // guarded by mutex_; how many
    std::set<std::pair<MonotonicTime, std::string>> deadlines_;  // guarded by mutex_
    TimerId timer_ = TimerId::kNone;                             // guarded by mutex_
    std::optional<MonotonicTime> timer_due_;                     // guarded by mutex_
    TimerId expiry_timer_ = TimerId::kNone;                      // guarded by mutex_
    std::size_t size_bytes_ = 0;                                 // guarded by mutex_; of all ids
    bool is_closed_ = false;                                     // guarded by mutex_
    ProducerIds ids_;
    Lifetime lifetime_;
};

}  // namespace millrace::broker
