// Calls of administrative handlers without a connection, over a broker in memory.
#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "core/wire/arena.h"
#include "core/wire/decoder.h"
#include "core/wire/encoder.h"
#include "server/kafka/handlers.h"
#include "tests/core/broker/broker_fixture.h"

namespace millrace::server::kafka {

/// Decodes from bytes of its own and keeps what is sent.
class FakeRequest final : public Request {
  public:
    FakeRequest(wire::ApiKey key, std::int16_t version, Buffer body)
        : key_(key), version_(version), body_(std::move(body)) {}

    [[nodiscard]] wire::ApiKey api() const override { return key_; }
    [[nodiscard]] std::int16_t version() const override { return version_; }
    [[nodiscard]] std::string_view client_id() const override { return "tester"; }
    [[nodiscard]] const ConnectionInfo& connection() const override { return connection_; }
    void respond_nothing() override { ++answers_; }
    std::size_t reserve_answer(std::size_t bytes) override { return bytes; }
    void settle_answer(std::size_t /*bytes*/) override {}
    [[nodiscard]] std::span<std::byte> writable(ByteView part) override {
        return {body_.data() + (part.data() - body_.data()), part.size()};
    }
    void set_client_software(std::string /*software*/) override {}

    [[nodiscard]] int answers() const { return answers_; }
    [[nodiscard]] const Buffer& sent() const { return sent_; }

  protected:
    [[nodiscard]] wire::Arena& arena() override { return arena_; }
    [[nodiscard]] ByteView body() const override { return body_.view(); }
    void send(wire::Outbound body) override {
        ++answers_;
        sent_ = body.flat();
    }

  private:
    wire::ApiKey key_;
    std::int16_t version_;
    Buffer body_;
    wire::Arena arena_;
    ConnectionInfo connection_{.local_host = "10.1.2.3", .local_port = 9094, .remote_host = "c"};
    Buffer sent_;
    int answers_ = 0;
};

class HandlerTest : public broker::BrokerTest {
  protected:
    void SetUp() override {
        BrokerTest::SetUp();
        services_.emplace(Services{env_, *broker_, {}});
    }

    /// Sends `request` to the handler that admin_apis() has for it and runs all work.
    template <class Response, class Message>
    Response call(Message request, std::int16_t version) {
        wire::Outbound out;
        wire::encode_response(out, Message::kApi, version, request);
        const auto rows = admin_apis();
        const auto api = std::find_if(
            rows.begin(), rows.end(), [](const Api& row) { return row.key == Message::kApi; });
        EXPECT_LE(api->version_min, version);
        EXPECT_GE(api->version_max, version);
        const auto sent = std::make_shared<FakeRequest>(Message::kApi, version, out.flat());
        api->handle(*services_, sent);
        io_.run_all();
        EXPECT_EQ(sent->answers(), 1);
        auto response = wire::decode_message<Response>(sent->sent().view(), version);
        EXPECT_TRUE(response.ok());
        return response.ok() ? std::move(response).value() : Response();
    }

    std::optional<Services> services_;
};

}  // namespace millrace::server::kafka
