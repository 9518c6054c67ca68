#include "server/kafka/api_versions.h"

#include <algorithm>
#include <string_view>

#include "core/wire/generated/api_versions_request.h"
#include "core/wire/kaitai_access.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/api_table.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

constexpr std::int16_t kSoftwareSince = 3;

/// Letters, digits, '.' and '-', as Kafka asks of both names.
bool is_software_name(std::string_view text) {
    const auto is_inner = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    };
    const auto is_edge = [&](char c) { return is_inner(c) && c != '.' && c != '-'; };
    return !text.empty() && is_edge(text.front()) && is_edge(text.back()) &&
           std::all_of(text.begin(), text.end(), is_inner);
}

}  // namespace

wire::ApiVersionsResponse api_versions_answer(KafkaError error) {
    wire::ApiVersionsResponse answer;
    answer.error = error;
    for (const Api& api : api_table()) {
        answer.api_keys.push_back({api.key, api.version_min, api.version_max});
    }
    return answer;
}

void handle_api_versions(Services& services, RequestPtr request) {
    static_cast<void>(services);
    auto* const body = request->decode<wire::api_versions_request_t>();
    if (body == nullptr) {
        return;
    }
    if (request->version() >= kSoftwareSince) {
        const std::string_view name = wire::text(body->client_software_name());
        const std::string_view version = wire::text(body->client_software_version());
        if (!is_software_name(name) || !is_software_name(version)) {
            request->respond(wire::ApiVersionsResponse{.error = KafkaError::kInvalidRequest});
            return;
        }
        request->set_client_software(std::string(name) + " " + std::string(version));
    }
    request->respond(api_versions_answer(KafkaError::kNone));
}

}  // namespace millrace::server::kafka
