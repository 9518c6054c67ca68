// A Kafka server over a broker in memory, on a free port of the loopback address, for tests.
#pragma once

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/broker/broker.h"
#include "core/net/memory_budget.h"
#include "core/record/record_batch.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"
#include "core/wire/messages/fetch.h"
#include "core/wire/messages/metadata.h"
#include "core/wire/messages/produce.h"
#include "server/kafka/server.h"
#include "tests/support/kafka_client.h"

namespace millrace::server::kafka {

/// Real threads and sockets, files in memory.
class KafkaTest : public testing::Test {
  protected:
    void SetUp() override { start({}); }
    void TearDown() override { stop(); }

    void start(const KafkaSettings& settings) {
        broker::BrokerOptions options;
        options.journal.file_bytes = std::uint64_t{4} << 20;
        auto opened = broker::Broker::open(env_, "/data", options);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        broker_ = std::move(opened).value();
        services_.emplace(Services{env_, *broker_, settings});
        KafkaServerOptions server_options;
        server_options.net.listeners = {{"127.0.0.1", 0}};
        server_options.net.loops = 2;
        auto started = KafkaServer::start(*services_, budget_, server_options);
        ASSERT_TRUE(started.ok()) << started.error().message;
        server_ = std::move(started).value();
    }
    void stop() {
        if (server_) {
            server_->stop(std::chrono::milliseconds(100));
            server_.reset();
            EXPECT_TRUE(broker_->close().ok());
            services_.reset();
            broker_.reset();
        }
    }
    void restart(const KafkaSettings& settings = {}) {
        stop();
        start(settings);
    }
    [[nodiscard]] std::uint16_t port() const { return server_->bound().front().port; }

    TopicInfo create(const std::string& name,
                     std::int32_t partitions = 1,
                     TopicConfig config = {}) {
        auto made = broker_->create_topic(
            {.name = name, .partitions = partitions, .config = std::move(config)});
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
        return made.ok() ? made.value() : TopicInfo{};
    }
    static Buffer batch(const std::vector<std::string>& values,
                        Codec codec = Codec::kNone,
                        std::int64_t timestamp = 1) {
        RecordBatchBuilder builder;
        for (const std::string& value : values) {
            builder.add(std::nullopt, as_bytes(value), Timestamp{timestamp});
        }
        return builder.finish(codec).value();
    }

    MemoryFileSystem files_;
    SystemClock clock_;
    SeededRandom random_{11};
    Logger log_{clock_, LogLevel::kOff, [](LogLevel, std::string_view) {}};
    net::MemoryBudget budget_{std::size_t{256} << 20};
    ThreadIoExecutor io_{2};
    Env env_{files_, clock_, random_, io_, log_};
    std::unique_ptr<broker::Broker> broker_;
    std::optional<Services> services_;
    std::unique_ptr<KafkaServer> server_;
};

}  // namespace millrace::server::kafka
