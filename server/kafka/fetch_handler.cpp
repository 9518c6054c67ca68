// Fetch: record batches on their way out of the log, sent from the pages they were read into.
#include <algorithm>

#include "core/wire/generated/fetch_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/fetch_sessions.h"
#include "server/kafka/handlers.h"
#include "server/kafka/leader_epoch.h"

namespace millrace::server::kafka {

namespace {

using Response = wire::FetchResponse;

constexpr std::int16_t kTopicIdVersionMin = 13;
/// However long a client would wait: one that went away is noticed when its fetch ends.
constexpr std::int32_t kWaitMsMax = 60'000;
// Epochs of a fetch outside a session, and of the first one of a new session.
constexpr std::int32_t kFinalEpoch = -1;
constexpr std::int32_t kInitialEpoch = 0;

FetchTarget target_of(broker::Broker& broker, std::string_view name, TopicId id) {
    FetchTarget target;
    target.topic_name = name;
    const TopicPtr topic = name.empty() ? broker.find_topic(id) : broker.find_topic(name);
    target.is_known = topic != nullptr;
    target.partition.topic = topic ? topic->id : id;
    return target;
}

std::vector<FetchTarget> targets_of(broker::Broker& broker, const wire::fetch_request_t& body) {
    std::vector<FetchTarget> targets;
    for (const auto& topic : wire::items(body.topics())) {
        FetchTarget target =
            target_of(broker, wire::text(topic->topic()), wire::uuid(topic->topic_id()));
        for (const auto& partition : wire::items(topic->partitions())) {
            target.partition.partition = Partition{partition->partition()};
            target.current_leader_epoch = partition->current_leader_epoch();
            target.offset = Offset{partition->fetch_offset()};
            target.bytes_max =
                static_cast<std::size_t>(std::max(partition->partition_max_bytes(), 0));
            targets.push_back(target);
        }
    }
    return targets;
}

std::vector<FetchTarget> forgotten_of(const wire::fetch_request_t& body) {
    std::vector<FetchTarget> targets;
    for (const auto& topic : wire::items(body.forgotten_topics_data())) {
        FetchTarget target;
        target.topic_name = wire::text(topic->topic());
        target.partition.topic = wire::uuid(topic->topic_id());
        for (const std::int32_t partition : wire::items(topic->partitions())) {
            target.partition.partition = Partition{partition};
            targets.push_back(target);
        }
    }
    return targets;
}

/// What stands against reading a partition, before the log is asked.
KafkaError check_target(const FetchTarget& target, bool uses_topic_ids) {
    if (!target.is_known) {
        return uses_topic_ids ? KafkaError::kUnknownTopicId : KafkaError::kUnknownTopicOrPartition;
    }
    return check_leader_epoch(target.current_leader_epoch);
}

/// One fetch between its question and its answer.
class Fetching : public std::enable_shared_from_this<Fetching> {
  public:
    Fetching(Services& services, RequestPtr request, const wire::fetch_request_t& body)
        : services_(services),
          request_(std::move(request)),
          uses_topic_ids_(request_->version() >= kTopicIdVersionMin),
          isolation_(body.isolation_level() == 1 ? Isolation::kReadCommitted
                                                 : Isolation::kReadUncommitted),
          session_id_(body.session_id()),
          session_epoch_(body.session_epoch()) {
        set_.isolation = isolation_;
        set_.bytes_min = static_cast<std::size_t>(std::max(body.min_bytes(), 0));
        set_.bytes_max = static_cast<std::size_t>(std::max(body.max_bytes(), 0));
        set_.wait_max = std::chrono::milliseconds(std::clamp(body.max_wait_ms(), 0, kWaitMsMax));
    }

    void start(const wire::fetch_request_t& body) {
        if (const KafkaError refused = enter_session(body); refused != KafkaError::kNone) {
            Response response;
            response.error = refused;
            request_->respond(std::move(response));
            return;
        }
        answers_.resize(targets_.size());
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            answers_[i].error = check_target(targets_[i], uses_topic_ids_);
            if (answers_[i].error != KafkaError::kNone) {
                set_.wait_max = {};  // errors do not wait
                continue;
            }
            asked_.push_back(i);
            set_.partitions.push_back({.from = targets_[i].partition,
                                       .offset = targets_[i].offset,
                                       .bytes_max = targets_[i].bytes_max});
        }
        if (asked_.empty()) {
            answer();
            return;
        }
        const auto memory = std::make_shared<broker::FetchMemory>(broker::FetchMemory{
            [request = request_](std::size_t bytes) { return request->reserve_answer(bytes); },
            [request = request_](std::size_t bytes) { request->settle_answer(bytes); }});
        services_.broker.fetch_set(
            std::move(set_),
            memory,
            [self = shared_from_this()](Result<std::vector<PartitionFetched>> fetched) {
                self->take(std::move(fetched));
                self->answer();
            });
    }

  private:
    KafkaError enter_session(const wire::fetch_request_t& body) {
        FetchSessions& sessions = *services_.fetch_sessions;
        targets_ = targets_of(services_.broker, body);
        if (session_epoch_ == kFinalEpoch || session_epoch_ == kInitialEpoch) {
            if (session_id_ != 0) {
                sessions.remove(session_id_);
            }
            if (session_epoch_ == kInitialEpoch && !targets_.empty()) {
                session_ = sessions.create(
                    services_.env.clock, services_.env.random, uses_topic_ids_, targets_);
            }
            return KafkaError::kNone;
        }
        session_ = sessions.find(services_.env.clock, session_id_);
        if (!session_) {
            return KafkaError::kFetchSessionIdNotFound;
        }
        if (session_->uses_topic_ids() != uses_topic_ids_) {
            return KafkaError::kFetchSessionTopicIdError;
        }
        if (!session_->advance(session_epoch_, std::move(targets_), forgotten_of(body))) {
            return KafkaError::kInvalidFetchSessionEpoch;
        }
        is_incremental_ = true;
        targets_ = session_->targets();
        refresh_unknown();
        return KafkaError::kNone;
    }

    /// Topics of a session that were not there may be there now.
    void refresh_unknown() {
        for (FetchTarget& target : targets_) {
            if (target.is_known) {
                continue;
            }
            const FetchTarget now =
                target_of(services_.broker, target.topic_name, target.partition.topic);
            if (now.is_known) {
                target.is_known = true;
                target.partition.topic = now.partition.topic;
                session_->set_topic(target);
            }
        }
    }

    void take(Result<std::vector<PartitionFetched>> fetched) {
        for (std::size_t i = 0; i < asked_.size(); ++i) {
            PartitionFetched& answer = answers_[asked_[i]];
            if (!fetched.ok()) {
                answer.error = to_kafka_error(fetched.error().code);
                continue;
            }
            answer = std::move(fetched.value()[i]);
            FetchTarget& target = targets_[asked_[i]];
            if (answer.error == KafkaError::kUnknownTopicOrPartition &&
                !services_.broker.find_topic(target.partition.topic)) {
                // It went since the session met it; one of its name may come.
                target.is_known = false;
                if (session_) {
                    session_->set_topic(target);
                }
                answer.error = check_target(target, uses_topic_ids_);
            }
        }
    }

    void answer() {
        Response response;
        response.session_id = session_ ? session_->id() : 0;
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            const bool is_told = !session_ || session_->must_tell(targets_[i], answers_[i]);
            if (is_told || !is_incremental_) {
                add(response, targets_[i], std::move(answers_[i]));
            }
        }
        request_->respond(std::move(response));
    }

    void add(Response& response, const FetchTarget& target, PartitionFetched fetched) const {
        const bool is_same_topic = !response.responses.empty() &&
                                   response.responses.back().topic == target.topic_name &&
                                   response.responses.back().topic_id == target.partition.topic;
        if (!is_same_topic) {
            auto& topic = response.responses.emplace_back();
            topic.topic = target.topic_name;
            topic.topic_id = target.partition.topic;
        }
        auto& partition = response.responses.back().partitions.emplace_back();
        partition.partition_index = target.partition.partition.value;
        partition.error = fetched.error;
        partition.high_watermark = fetched.high_watermark.value;
        partition.last_stable_offset = fetched.last_stable_offset.value;
        partition.log_start_offset = fetched.log_start.value;
        if (isolation_ == Isolation::kReadCommitted) {
            auto& aborted = partition.aborted_transactions.emplace();
            for (const AbortedTransaction& transaction : fetched.aborted) {
                aborted.push_back({.producer_id = transaction.producer_id,
                                   .first_offset = transaction.first_offset.value});
            }
        }
        partition.records.batches = std::move(fetched.batches);
        partition.records.owners = std::move(fetched.pages);
    }

    Services& services_;
    RequestPtr request_;
    const bool uses_topic_ids_;
    const Isolation isolation_;
    const std::int32_t session_id_;
    const std::int32_t session_epoch_;
    bool is_incremental_ = false;
    FetchSessionPtr session_;  // null outside a session
    FetchSet set_;             // until it is handed to the log
    std::vector<FetchTarget> targets_;
    std::vector<PartitionFetched> answers_;  // of each target
    std::vector<std::size_t> asked_;         // targets that the log was asked for
};

}  // namespace

void handle_fetch(Services& services, RequestPtr request) {
    const auto* body = request->decode<wire::fetch_request_t>();
    if (body == nullptr) {
        return;
    }
    const auto fetching = std::make_shared<Fetching>(services, std::move(request), *body);
    fetching->start(*body);
}

}  // namespace millrace::server::kafka
