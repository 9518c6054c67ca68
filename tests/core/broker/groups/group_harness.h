// A group coordinator over a log in memory and a manual clock: nothing happens until run() says so.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/memory_files.h"
#include "core/broker/groups/coordinator_impl.h"

namespace millrace::broker {

using namespace std::chrono_literals;

/// What a coordinator appended, durable when its completion has run. Can be told to fail.
class GroupLog {
  public:
    explicit GroupLog(IoExecutor& io) : io_(io) {}

    void append(Unit unit, Completion<CommitPosition> done) {
        io_.post([this, unit = std::move(unit), done = std::move(done), life = life_] {
            if (life != life_) {
                return;  // the process that asked is gone
            }
            if (is_failing) {
                ++failed;
                done(Error{ErrorCode::kNoSpace, "no space left"});
                return;
            }
            committed->commit(unit);
            for (const OffsetCommit& offset : unit.offsets) {
                offsets[{offset.group, offset.source}] = offset;
            }
            for (const GroupRecord& group : unit.groups) {
                groups[group.group] = group.value;
            }
            done(CommitPosition{.sequence = ++sequence});
        });
    }
    /// What is on its way is lost; what was answered stays.
    void crash() {
        ++life_;
        committed = std::make_unique<CommittedState>();
        for (const auto& [key, offset] : offsets) {
            committed->restore_offset(offset);
        }
    }

    std::unique_ptr<CommittedState> committed = std::make_unique<CommittedState>();
    std::map<std::string, std::optional<Buffer>> groups;
    std::map<std::pair<std::string, TopicPartition>, OffsetCommit> offsets;
    bool is_failing = false;
    int failed = 0;
    std::uint64_t sequence = 0;

  private:
    IoExecutor& io_;
    int life_ = 0;
};

template <class T>
using Waiting = std::shared_ptr<std::optional<T>>;

template <class T>
std::pair<Waiting<T>, Reply<T>> waiting() {
    auto slot = std::make_shared<std::optional<T>>();
    return {slot, [slot](T answer) {
                CHECK(!slot->has_value());  // answered once
                *slot = std::move(answer);
            }};
}

class GroupHarness {
  public:
    explicit GroupHarness(std::uint64_t seed = 7) : random_(seed) { open(); }
    ~GroupHarness() {
        coordinator_->close();
        io_.run_all();
    }

    void open() {
        coordinator_ = std::make_unique<CoordinatorImpl>(
            env_,
            options_,
            [this](Unit unit, Completion<CommitPosition> done) {
                log_.append(std::move(unit), std::move(done));
            },
            *log_.committed);
        for (const auto& [group, value] : log_.groups) {
            const auto restored = coordinator_->restore(
                group, value ? std::optional<ByteView>(value->view()) : std::nullopt);
            CHECK(restored.ok());
        }
        coordinator_->start();
    }
    /// A stop in good order, then a start.
    void restart() {
        coordinator_->close();
        io_.run_all();
        open();
    }
    /// kill -9: nobody is answered.
    void crash() {
        coordinator_->close();
        coordinator_.reset();
        log_.crash();
        io_.run_all();
        open();
    }
    void with(const GroupOptions& options) {
        options_ = options;
        restart();
    }

    void run() { io_.run_all(); }
    /// Moves time on in steps, so that timers fire when they are due.
    void pass(std::chrono::milliseconds time, std::chrono::milliseconds step = 500ms) {
        for (; time.count() > 0; time -= step) {
            clock_.advance(std::min(time, step));
            run();
        }
    }

    static std::vector<GroupProtocol> protocols(const std::vector<std::string>& names,
                                                const std::string& metadata = "m") {
        std::vector<GroupProtocol> made;
        for (const std::string& name : names) {
            made.push_back({name, Buffer(std::string_view(metadata))});
        }
        return made;
    }
    static JoinRequest request(const std::string& member_id = "") {
        return {.group = "g",
                .member_id = member_id,
                .client_id = "client",
                .client_host = "/127.0.0.1",
                .session_timeout = 10s,
                .rebalance_timeout = 60s,
                .protocol_type = "consumer",
                .protocols = protocols({"range"})};
    }
    Waiting<JoinAnswer> join(JoinRequest request) {
        auto [slot, reply] = waiting<JoinAnswer>();
        coordinator_->join(std::move(request), std::move(reply));
        run();
        return slot;
    }
    Waiting<JoinAnswer> join(const std::string& member_id = "") { return join(request(member_id)); }
    Waiting<SyncAnswer> sync(const std::string& member_id,
                             std::int32_t generation,
                             const std::vector<std::pair<std::string, std::string>>& assigned = {},
                             std::optional<std::string> instance_id = {}) {
        SyncRequest request{.member = {"g", generation, member_id, std::move(instance_id)}};
        for (const auto& [id, assignment] : assigned) {
            request.assignments.push_back({id, Buffer(std::string_view(assignment))});
        }
        auto [slot, reply] = waiting<SyncAnswer>();
        coordinator_->sync(std::move(request), std::move(reply));
        run();
        return slot;
    }
    KafkaError heartbeat(const std::string& member_id,
                         std::int32_t generation,
                         std::optional<std::string> instance_id = {}) {
        return coordinator_->heartbeat({"g", generation, member_id, std::move(instance_id)});
    }
    KafkaError leave(const std::string& member_id, std::optional<std::string> instance_id = {}) {
        const LeaveAnswer answer = coordinator_->leave("g", {{member_id, std::move(instance_id)}});
        run();
        return answer.error != KafkaError::kNone ? answer.error : answer.members.at(0);
    }
    KafkaError commit(const GroupMember& member,
                      std::int64_t next,
                      std::int32_t partition = 0,
                      const std::string& metadata = "") {
        auto [slot, reply] = waiting<std::vector<KafkaError>>();
        coordinator_->commit_offsets({member, {{at(partition), Offset{next}, 3, metadata}}},
                                     std::move(reply));
        run();
        return slot->value().at(0);
    }
    KafkaError commit(std::int64_t next, std::int32_t partition = 0) {
        return commit({.group = "g"}, next, partition);
    }
    FetchedOffset fetch(std::int32_t partition = 0,
                        OffsetStability stability = OffsetStability::kAny) {
        return coordinator_->fetch_offsets("g", {at(partition)}, stability).at(0);
    }
    KafkaError remove(const std::string& group = "g") {
        auto [slot, reply] = waiting<KafkaError>();
        coordinator_->delete_group(group, std::move(reply));
        run();
        return slot->value();
    }
    GroupState state() { return coordinator_->describe("g").state; }

    /// A stable group: ids in the order in which the members joined; each is assigned "p0", "p1",
    /// ... The first one to join leads until it goes.
    std::vector<std::string> form(std::size_t size) {
        std::vector<std::string> ids;
        std::vector<Waiting<JoinAnswer>> joins;
        for (std::size_t i = 0; i < size; ++i) {
            joins = {join()};
            for (const std::string& id : ids) {
                joins.push_back(join(id));
            }
            ids.push_back(joins.front()->value().member_id);
        }
        generation_ = joins.back()->value().generation;
        std::vector<std::pair<std::string, std::string>> assigned;
        for (std::size_t i = 0; i < size; ++i) {
            assigned.emplace_back(ids[i], "p" + std::to_string(i));
        }
        syncs_.clear();
        for (std::size_t i = 0; i < size; ++i) {
            syncs_.push_back(sync(ids[i], generation_, i == 0 ? assigned : decltype(assigned){}));
        }
        return ids;
    }

    static TopicPartition at(std::int32_t partition) {
        TopicId topic;
        topic.bytes[0] = 1;
        return {topic, Partition{partition}};
    }

    MemoryFileSystem files_;
    ManualClock clock_{1'000'000};
    SeededRandom random_;
    ManualIoExecutor io_{clock_};
    Logger logger_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    Env env_{files_, clock_, random_, io_, logger_};
    GroupOptions options_;
    GroupLog log_{io_};
    std::unique_ptr<CoordinatorImpl> coordinator_;
    std::int32_t generation_ = 0;
    std::vector<Waiting<SyncAnswer>> syncs_;
};

}  // namespace millrace::broker
