// Produce: record batches on their way into the log.
#include <map>

#include "core/record/record_batch.h"
#include "core/wire/generated/produce_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

using Response = wire::ProduceResponse;

constexpr std::int16_t kVersionMin = 3;      // of record batches in format 2
constexpr std::int16_t kZstdVersionMin = 7;  // older clients cannot read it

/// The error that all partitions get without being looked at, if any.
KafkaError check_request(std::int16_t version, std::int16_t acks) {
    if (version < kVersionMin) {
        return KafkaError::kUnsupportedVersion;
    }
    return acks < -1 || acks > 1 ? KafkaError::kInvalidRequiredAcks : KafkaError::kNone;
}

bool is_zstd(ByteView batch) {
    constexpr std::size_t kAttributesAt = 21;
    return batch.size() >= kRecordBatchHeaderBytes &&
           (load_be<std::uint16_t>(batch.data() + kAttributesAt) & 7) ==
               static_cast<int>(Codec::kZstd);
}

/// The answer to one request while its pieces are in the log's hands.
class Answering {
  public:
    Answering(Services& services, RequestPtr request, std::int16_t acks)
        : services_(services), request_(std::move(request)), acks_(acks) {}

    void add_topic(const wire::produce_request_t::topic_t& topic, KafkaError refused) {
        const std::string_view name = wire::text(topic.name());
        const TopicPtr found = services_.broker.find_topic(name);
        auto& answers = response_.responses.emplace_back();
        answers.name = name;
        for (const auto& partition : wire::items(topic.partition_data())) {
            Response::Partition& answer = answers.partition_responses.emplace_back();
            answer.index = partition->index();
            answer.base_offset = -1;
            const ByteView records = wire::bytes(partition->records());
            if (refused != KafkaError::kNone) {
                answer.error = refused;
            } else if (!found) {
                answer.error = KafkaError::kUnknownTopicOrPartition;
            } else if (is_zstd(records) && request_->version() < kZstdVersionMin) {
                answer.error = KafkaError::kUnsupportedCompressionType;
                answer.error_message = "zstd takes Produce version 7 or above";
            } else {
                // No copy: the log writes its offsets into the request's frame.
                pieces_.push_back({{found->id, Partition{partition->index()}},
                                   BatchBytes(request_->writable(records), request_)});
                places_.push_back(
                    {response_.responses.size() - 1, answers.partition_responses.size() - 1});
            }
        }
    }

    [[nodiscard]] std::vector<ProducePiece> take_pieces() { return std::move(pieces_); }

    void answer(const std::vector<Produced>& produced) {
        for (std::size_t i = 0; i < produced.size(); ++i) {
            const Place place = places_[i];
            Response::Partition& answer =
                response_.responses[place.topic].partition_responses[place.partition];
            answer.error = produced[i].error;
            answer.base_offset = produced[i].base_offset.value;
            answer.log_append_time_ms = produced[i].log_append_time.value;
            answer.log_start_offset = produced[i].log_start.value;
            if (!produced[i].message.empty()) {
                answer.error_message = produced[i].message;
            }
        }
        if (acks_ != 0) {
            request_->respond(std::move(response_));
        } else if (!has_error()) {
            request_->respond_nothing();
        }
        // An error that nobody waits for closes the connection: it is the only sign there is, and
        // makes the client ask for metadata again.
    }

  private:
    struct Place {
        std::size_t topic = 0;
        std::size_t partition = 0;
    };

    [[nodiscard]] bool has_error() const {
        for (const Response::Topic& topic : response_.responses) {
            for (const Response::Partition& partition : topic.partition_responses) {
                if (partition.error != KafkaError::kNone) {
                    return true;
                }
            }
        }
        return false;
    }

    Services& services_;
    RequestPtr request_;
    const std::int16_t acks_;
    Response response_;
    std::vector<ProducePiece> pieces_;
    std::vector<Place> places_;  // where the answer of each piece goes
};

}  // namespace

void handle_produce(Services& services, RequestPtr request) {
    auto* body = request->decode<wire::produce_request_t>();
    if (body == nullptr) {
        return;
    }
    const std::int16_t acks = body->acks();
    const KafkaError refused = check_request(request->version(), acks);
    auto answering = std::make_shared<Answering>(services, std::move(request), acks);
    for (const auto& topic : wire::items(body->topic_data())) {
        answering->add_topic(*topic, refused);
    }
    services.broker.produce(answering->take_pieces(),
                            static_cast<Acks>(acks),
                            [answering](const Result<std::vector<Produced>>& produced) {
                                answering->answer(produced.value());
                            });
}

}  // namespace millrace::server::kafka
