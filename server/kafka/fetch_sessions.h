// Fetch sessions (KIP-227): what a consumer reads is remembered, so that its fetches name only what
// changed, and so do the answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/broker/requests.h"

namespace millrace::server::kafka {

/// One partition of a fetch, as the client names it.
struct FetchTarget {
    std::string topic_name;  // empty when the client names topics by id
    TopicPartition partition;
    bool is_known =
        false;  // the topic is there; otherwise `partition.topic` is what the client said
    std::int32_t current_leader_epoch = -1;
    Offset offset;
    std::size_t bytes_max = 0;
};

/// One consumer's session. Its client has one fetch under way at a time; should it have two, each
/// sees a whole state.
class FetchSession {
  public:
    FetchSession(std::int32_t id, bool uses_topic_ids) : id_(id), uses_topic_ids_(uses_topic_ids) {}

    [[nodiscard]] std::int32_t id() const { return id_; }
    [[nodiscard]] bool uses_topic_ids() const { return uses_topic_ids_; }

    /// Takes part in the session at `epoch`: adds or changes `targets`, drops `forgotten`.
    /// False when another epoch is due; then nothing changed.
    bool advance(std::int32_t epoch,
                 std::vector<FetchTarget> targets,
                 const std::vector<FetchTarget>& forgotten);
    /// Everything that is read now, those first that waited longest for records.
    [[nodiscard]] std::vector<FetchTarget> targets() const;
    /// Remembers what is answered.
    /// returns  whether it says anything that the client does not know already
    bool must_tell(const FetchTarget& target, const PartitionFetched& fetched);
    /// Remembers whether the target's topic is there, and which one has the name now.
    void set_topic(const FetchTarget& target);
    [[nodiscard]] std::size_t size() const;

  private:
    struct Key {
        std::string topic_name;
        TopicId topic;  // zeros when there is a name
        Partition partition;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct Entry {
        FetchTarget target;
        // As last told; the values of nobody so that a new partition is told at once.
        Offset high_watermark{-1};
        Offset log_start{-1};
    };
    using Entries = std::list<Entry>;
    [[nodiscard]] static Key key_of(const FetchTarget& target);

    const std::int32_t id_;
    const bool uses_topic_ids_;
    mutable std::mutex mutex_;
    std::int32_t epoch_ = 1;  // guarded by mutex_; the one due next
    Entries entries_;         // guarded by mutex_; in the order in which they are read
    std::unordered_map<Key, Entries::iterator, KeyHash> by_key_;  // guarded by mutex_
};
using FetchSessionPtr = std::shared_ptr<FetchSession>;

/// All sessions of a server. Any thread may call it.
class FetchSessions {
  public:
    static constexpr std::size_t kSessionsMax = 1'000;
    static constexpr std::size_t kPartitionsMax = 1'000'000;  // of all sessions at their start
    /// A session that was quiet for so long gives way to a new one.
    static constexpr std::chrono::minutes kIdleMax{2};

    /// A new session with these targets; null when there is no place: the client then fetches
    /// everything every time.
    [[nodiscard]] FetchSessionPtr create(Clock& clock,
                                         Random& random,
                                         bool uses_topic_ids,
                                         std::vector<FetchTarget> targets);
    /// Null when it is not there (any more).
    [[nodiscard]] FetchSessionPtr find(Clock& clock, std::int32_t id);
    void remove(std::int32_t id);
    [[nodiscard]] std::size_t size() const;

  private:
    struct Kept {
        FetchSessionPtr session;
        std::size_t partitions = 0;
        std::chrono::nanoseconds last_used{0};  // monotonic
    };
    using Order = std::list<Kept>;
    void erase(Order::iterator at);

    mutable std::mutex mutex_;
    Order order_;                                              // guarded by mutex_; quietest first
    std::unordered_map<std::int32_t, Order::iterator> by_id_;  // guarded by mutex_
    std::size_t partitions_ = 0;                               // guarded by mutex_
};

}  // namespace millrace::server::kafka
