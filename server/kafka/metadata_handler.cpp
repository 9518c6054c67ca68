// Metadata: who serves which topics. Topics that are asked for by name may be made on the way.
#include <algorithm>

#include "core/broker/topic_config.h"
#include "core/wire/generated/metadata_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/handlers.h"
#include "server/kafka/leader_epoch.h"

namespace millrace::server::kafka {

namespace {

/// One request makes no more topics than this; the client comes again for the others.
constexpr std::size_t kTopicsMadeMax = 100;

struct Wanted {
    std::optional<std::string> name;
    TopicId id;
};

/// What a request asks for, copied out of its frame.
struct Question {
    bool is_all = false;
    std::vector<Wanted> topics;
    bool may_create = false;
    bool wants_topic_operations = false;
    bool wants_cluster_operations = false;
};

using Response = wire::MetadataResponse;

Question read_question(wire::metadata_request_t& body,
                       std::int16_t version,
                       const KafkaSettings& settings) {
    Question question;
    question.is_all =
        body.topics() == nullptr || (version == 0 && wire::items(body.topics()).empty());
    for (const auto& topic : wire::items(body.topics())) {
        Wanted wanted;
        if (const auto name = wire::optional_text(topic->name())) {
            wanted.name = *name;
        }
        wanted.id = wire::uuid(topic->topic_id());
        question.topics.push_back(std::move(wanted));
    }
    question.may_create =
        settings.auto_create_topics && (version < 4 || body.allow_auto_topic_creation());
    question.wants_topic_operations = version >= 8 && body.include_topic_authorized_operations();
    question.wants_cluster_operations =
        version >= 8 && version <= 10 && body.include_cluster_authorized_operations();
    return question;
}

Response::Topic describe(const TopicInfo& topic, std::int32_t node_id, const Question& question) {
    Response::Topic answer;
    answer.name = topic.name;
    answer.topic_id = topic.id;
    answer.is_internal = topic.is_internal;
    answer.topic_authorized_operations =
        question.wants_topic_operations ? kTopicOperations : kOperationsNotAsked;
    answer.partitions.reserve(static_cast<std::size_t>(topic.partitions));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        answer.partitions.push_back({.partition_index = p,
                                     .leader_id = node_id,
                                     .leader_epoch = kLeaderEpoch,
                                     .replica_nodes = {node_id},
                                     .isr_nodes = {node_id}});
    }
    return answer;
}

Response::Topic refuse(const Wanted& wanted, KafkaError error) {
    Response::Topic answer;
    answer.error = error;
    answer.name = wanted.name;
    answer.topic_id = wanted.id;
    answer.is_internal = wanted.name && broker::is_internal_topic(*wanted.name);
    return answer;
}

class Answering {
  public:
    Answering(Services& services, RequestPtr request, Question question)
        : services_(services), request_(std::move(request)), question_(std::move(question)) {}

    /// True when it takes the making of topics, which waits for the disk.
    [[nodiscard]] bool must_create() const {
        return question_.may_create &&
               std::any_of(question_.topics.begin(), question_.topics.end(), [&](const Wanted& w) {
                   return w.name && can_be_made(*w.name) && !services_.broker.find_topic(*w.name);
               });
    }

    void answer() {
        const KafkaSettings& settings = services_.settings;
        Endpoint endpoint = endpoint_of(settings, request_->connection());
        Response response;
        response.brokers.push_back(
            {.node_id = settings.node_id, .host = std::move(endpoint.host), .port = endpoint.port});
        response.cluster_id = services_.broker.cluster_id().to_string();
        response.controller_id = settings.node_id;
        response.cluster_authorized_operations =
            question_.wants_cluster_operations ? kClusterOperations : kOperationsNotAsked;
        if (question_.is_all) {
            for (const TopicInfo& topic : services_.broker.list_topics()) {
                if (is_client_topic(topic.name)) {
                    response.topics.push_back(describe(topic, settings.node_id, question_));
                }
            }
        }
        for (const Wanted& wanted : question_.topics) {
            response.topics.push_back(answer_one(wanted));
        }
        request_->respond(std::move(response));
    }

  private:
    static bool can_be_made(const std::string& name) {
        return broker::check_topic_name(name).ok() && !broker::is_internal_topic(name);
    }

    Response::Topic answer_one(const Wanted& wanted) {
        if (!wanted.name) {
            return answer_by_id(wanted);
        }
        if (TopicPtr topic = services_.broker.find_topic(*wanted.name)) {
            return describe(*topic, services_.settings.node_id, question_);
        }
        if (!broker::check_topic_name(*wanted.name).ok()) {
            return refuse(wanted, KafkaError::kInvalidTopic);
        }
        if (!question_.may_create || !can_be_made(*wanted.name)) {
            return refuse(wanted, KafkaError::kUnknownTopicOrPartition);
        }
        if (made_ == kTopicsMadeMax) {
            return refuse(wanted, KafkaError::kLeaderNotAvailable);
        }
        ++made_;
        const auto made = services_.broker.create_topic(
            {.name = *wanted.name, .partitions = services_.settings.default_partitions});
        if (made.ok()) {
            services_.env.log.info("kafka", "topic was made for a client: " + *wanted.name);
            return describe(made.value(), services_.settings.node_id, question_);
        }
        // Another client may have been faster.
        const TopicPtr topic = services_.broker.find_topic(*wanted.name);
        return topic ? describe(*topic, services_.settings.node_id, question_)
                     : refuse(wanted, to_kafka_error(made.error().code));
    }

    Response::Topic answer_by_id(const Wanted& wanted) const {
        if (request_->version() < 12 || wanted.id == TopicId{}) {
            return refuse(wanted, KafkaError::kInvalidRequest);
        }
        const TopicPtr topic = services_.broker.find_topic(wanted.id);
        return topic ? describe(*topic, services_.settings.node_id, question_)
                     : refuse(wanted, KafkaError::kUnknownTopicId);
    }

    Services& services_;
    RequestPtr request_;
    Question question_;
    std::size_t made_ = 0;
};

}  // namespace

void handle_metadata(Services& services, RequestPtr request) {
    auto* body = request->decode<wire::metadata_request_t>();
    if (body == nullptr) {
        return;
    }
    Question question = read_question(*body, request->version(), services.settings);
    auto answering = std::make_shared<Answering>(services, std::move(request), std::move(question));
    if (answering->must_create()) {
        services.env.io.post([answering] { answering->answer(); });
    } else {
        answering->answer();
    }
}

}  // namespace millrace::server::kafka
