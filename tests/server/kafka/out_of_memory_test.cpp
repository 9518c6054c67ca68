// Every allocation that a connection makes for a request fails once: the request ends its
// connection, and nothing else is touched.
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "core/wire/api_key.h"
#include "server/kafka/api_table.h"
#include "server/kafka/connection.h"
#include "tests/core/broker/broker_fixture.h"
#include "tests/core/wire/message_table.h"

namespace {

/// Allocations of this thread until one fails; below 0: none does.
thread_local long allocations_left = -1;

bool fails_now() {
    return allocations_left >= 0 && allocations_left-- == 0;
}

void* allocate(std::size_t size) {
    if (fails_now()) {
        throw std::bad_alloc();
    }
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

}  // namespace

// For the whole test program; they do what the library's do until a test counts.
void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace millrace::server::kafka {
namespace {

class Peer final : public net::Stream, public net::Waker {
  public:
    void send(net::Outgoing message) override { sent.push_back(std::move(message)); }
    [[nodiscard]] std::size_t unsent_bytes() const override { return 0; }
    void pause_reading() override {}
    void resume_reading() override {}
    void close(net::CloseReason reason) override { closed = reason; }
    void close_when_sent(net::CloseReason reason) override { closed = reason; }
    [[nodiscard]] const net::Endpoint& local() const override { return here; }
    [[nodiscard]] const net::Endpoint& remote() const override { return here; }
    [[nodiscard]] std::uint64_t id() const override { return 7; }
    [[nodiscard]] std::shared_ptr<net::Waker> waker() override {
        return {std::shared_ptr<void>(), this};
    }
    void wake() override {}

    net::Endpoint here{net::IpAddress::v4(0x7f000001), 9092};
    std::vector<net::Outgoing> sent;
    std::optional<net::CloseReason> closed;
};

Buffer frame(const wire::MessageKind& kind, Random& random) {
    const std::int16_t version = kind.versions.max;
    Buffer rest;
    rest.append_be(static_cast<std::int16_t>(kind.key));
    rest.append_be(version);
    rest.append_be(std::int32_t{1});
    rest.append_be(std::int16_t{4});
    rest.append(std::string_view("test"));
    if (version >= wire::flexible_from(kind.key)) {
        rest.append_be(std::int8_t{0});
    }
    rest.append(kind.make(random, version).view());
    Buffer bytes;
    bytes.append_be(static_cast<std::int32_t>(rest.size()));
    bytes.append(rest.view());
    return bytes;
}

class OutOfMemory : public broker::BrokerTest {
  protected:
    void SetUp() override {
        BrokerTest::SetUp();
        services_.emplace(Services{env_, *broker_, {}});
        shared_.emplace(*services_, budget_, ConnectionLimits{}, api_table());
    }
    void TearDown() override {
        shared_.reset();
        services_.reset();
        BrokerTest::TearDown();
    }

    /// As the event loop does it: what is thrown ends the connection.
    template <class Call>
    bool fails(Call&& call) {
        try {
            call();
        } catch (const std::bad_alloc&) {
            allocations_left = -1;
            return true;
        }
        return false;
    }

    /// Sends `bytes` on a connection of its own where allocation `n` fails. False when there are
    /// fewer.
    bool run(const Buffer& bytes, long n) {
        Peer peer;
        const std::unique_ptr<net::Session> session = make_connection(*shared_, peer);
        allocations_left = n;
        bool has_failed = fails([&] { session->received(0, bytes.view()); });
        long left = std::exchange(allocations_left, -1);
        for (int i = 0; i < 4 && !has_failed; ++i) {
            io_.run_all();  // the log's own work is not part of it
            allocations_left = left;
            has_failed = fails([&] { session->woken(); });
            left = std::exchange(allocations_left, -1);
        }
        session->closed(net::CloseReason::kFailed);
        io_.run_all();
        return has_failed || left < 0;
    }

    /// A well-behaved client gets its answer.
    void expect_service() {
        Peer peer;
        const std::unique_ptr<net::Session> session = make_connection(*shared_, peer);
        Buffer bytes;
        bytes.append_be(std::int32_t{10});
        bytes.append_be(static_cast<std::int16_t>(wire::ApiKey::kApiVersions));
        bytes.append_be(std::int16_t{0});
        bytes.append_be(std::int32_t{77});
        bytes.append_be(std::int16_t{-1});
        session->received(0, bytes.view());
        io_.run_all();
        session->woken();
        ASSERT_EQ(peer.sent.size(), 1U);
        session->closed(net::CloseReason::kPeerClosed);
    }

    net::MemoryBudget budget_{std::size_t{64} << 20};
    std::optional<Services> services_;
    std::optional<ConnectionServices> shared_;
};

TEST_F(OutOfMemory, LetsPagesGo) {
    std::vector<std::shared_ptr<Page>> pages;
    for (int i = 0; i < 40; ++i) {
        pages.push_back(Page::allocate(std::size_t{4} << (10 + i % 8)));
    }
    allocations_left = 0;
    pages.clear();
    EXPECT_EQ(std::exchange(allocations_left, -1), 0) << "a page that went asked for memory";
}

TEST_F(OutOfMemory, EndsOneConnectionWhicheverAllocationFails) {
    constexpr long kAllocationsMax = 20'000;
    constexpr std::uint64_t kSeeds = 10;
    const TopicInfo clicks = create("clicks", 2);
    int requests = 0;
    long failures = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SeededRandom random(seed);
        for (const wire::MessageKind& kind : wire::message_kinds()) {
            if (!kind.is_request) {
                continue;
            }
            SCOPED_TRACE(std::string(kind.name) + ", seed " + std::to_string(seed));
            const Buffer bytes = frame(kind, random);
            long n = 0;
            while (n < kAllocationsMax && run(bytes, n)) {
                ++n;
            }
            ASSERT_LT(n, kAllocationsMax);
            expect_service();
            EXPECT_EQ(budget_.used(), 0U) << "memory of a request that is gone is still charged";
            failures += n;
            ++requests;
        }
    }
    EXPECT_GE(requests, 300);
    EXPECT_GT(failures, 10 * requests);
    RecordProperty("failed_allocations", std::to_string(failures));
    EXPECT_TRUE(produce(clicks, {"still works"}).ok());
}

}  // namespace
}  // namespace millrace::server::kafka
