// DeleteRecords: partitions forget their oldest records.
#include <atomic>

#include "core/wire/generated/delete_records_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/topics.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/cluster_view.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

/// The answers of the partitions as they come in; the last one sends them.
class DeletingRecords {
  public:
    DeletingRecords(RequestPtr request, wire::DeleteRecordsResponse response)
        : request_(std::move(request)), response_(std::move(response)) {}

    [[nodiscard]] wire::DeleteRecordsResponse& response() { return response_; }
    void begin_one() { left_.fetch_add(1, std::memory_order_relaxed); }
    void end_one() {
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            request_->respond(std::move(response_));
        }
    }

  private:
    RequestPtr request_;
    wire::DeleteRecordsResponse response_;
    std::atomic<std::size_t> left_{1};  // one for who hands them out
};

KafkaError check_deletion(const TopicPtr& topic, std::int32_t partition, std::int64_t offset) {
    if (!topic || !is_client_topic(topic->name) || partition < 0 ||
        partition >= topic->partitions) {
        return KafkaError::kUnknownTopicOrPartition;
    }
    if (topic->is_internal) {
        return KafkaError::kTopicAuthorizationFailed;
    }
    const auto policy = topic->config.find("cleanup.policy");
    if (policy != topic->config.end() && policy->second == "compact") {
        return KafkaError::kPolicyViolation;  // its oldest records are as good as any
    }
    return offset < -1 ? KafkaError::kOffsetOutOfRange : KafkaError::kNone;
}

wire::DeleteRecordsResponse skeleton(const wire::delete_records_request_t& body) {
    wire::DeleteRecordsResponse response;
    for (const auto& topic : wire::items(body.topics())) {
        auto& answer = response.topics.emplace_back();
        answer.name = wire::text(topic->name());
        for (const auto& partition : wire::items(topic->partitions())) {
            answer.partitions.push_back(
                {.partition_index = partition->partition_index(), .low_watermark = -1});
        }
    }
    return response;
}

}  // namespace

void handle_delete_records(Services& services, RequestPtr request) {
    auto* const body = request->decode<wire::delete_records_request_t>();
    if (body == nullptr) {
        return;
    }
    const auto topics = wire::items(body->topics());
    auto call = std::make_shared<DeletingRecords>(request, skeleton(*body));
    for (std::size_t t = 0; t < topics.size(); ++t) {
        const TopicPtr topic = services.broker.find_topic(wire::text(topics[t]->name()));
        const auto partitions = wire::items(topics[t]->partitions());
        for (std::size_t p = 0; p < partitions.size(); ++p) {
            const std::int32_t index = partitions[p]->partition_index();
            const std::int64_t offset = partitions[p]->offset();
            auto& answer = call->response().topics[t].partitions[p];
            answer.error = check_deletion(topic, index, offset);
            if (answer.error != KafkaError::kNone) {
                continue;
            }
            call->begin_one();
            services.broker.delete_records({topic->id, Partition{index}},
                                           Offset{offset},
                                           [call, &answer](const Result<Offset>& start) {
                                               if (start.ok()) {
                                                   answer.low_watermark = start.value().value;
                                               } else {
                                                   answer.error =
                                                       to_kafka_error(start.error().code);
                                               }
                                               call->end_one();
                                           });
        }
    }
    call->end_one();
}

}  // namespace millrace::server::kafka
