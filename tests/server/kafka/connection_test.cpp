#include "server/kafka/connection.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/wire/generated/metadata_request.h"
#include "core/wire/request_decoder.h"
#include "server/kafka/handlers.h"

namespace millrace::server::kafka {
namespace {

using net::CloseReason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Requests that reached their handler and were not answered; the newest last.
std::deque<RequestPtr> started;

void keep(Services& services, RequestPtr request) {
    static_cast<void>(services);
    started.push_back(std::move(request));
}
void give_up(Services& services, RequestPtr request) {
    static_cast<void>(services);
    static_cast<void>(request);
}
void decode(Services& services, RequestPtr request) {
    static_cast<void>(services);
    if (request->decode<wire::metadata_request_t>() != nullptr) {
        request->respond_nothing();
    }
}

/// An answer that is one number, so that tests can tell answers apart.
struct Number {
    std::int32_t value = 0;
    template <class V>
    void visit(V& v) {
        v.field(value);
    }
};

/// The connection's other side, without a network.
class FakeStream final : public net::Stream, public net::Waker {
  public:
    void send(net::Outgoing message) override {
        Buffer flat(ByteView(message.head.data(), message.head_size));
        flat.append(message.bytes);
        unsent += holds ? flat.size() : 0;
        sent.push_back(std::move(flat));
    }
    [[nodiscard]] std::size_t unsent_bytes() const override { return unsent; }
    void pause_reading() override { is_paused = true; }
    void resume_reading() override { is_paused = false; }
    void close(CloseReason reason) override { closed = closed ? closed : reason; }
    void close_when_sent(CloseReason reason) override { closed = closed ? closed : reason; }
    [[nodiscard]] const net::Endpoint& local() const override { return here; }
    [[nodiscard]] const net::Endpoint& remote() const override { return there; }
    [[nodiscard]] std::uint64_t id() const override { return 7; }
    [[nodiscard]] std::shared_ptr<net::Waker> waker() override {
        return {std::shared_ptr<void>(), this};
    }
    void wake() override { ++wakes; }

    net::Endpoint here{net::IpAddress::v4(0x7f000001), 9092};
    net::Endpoint there{net::IpAddress::v4(0x7f000001), 40000};
    std::vector<Buffer> sent;
    bool holds = false;  // the socket takes nothing
    std::size_t unsent = 0;
    bool is_paused = false;
    std::optional<CloseReason> closed;
    int wakes = 0;
};

class KafkaConnection : public ::testing::Test {
  protected:
    void SetUp() override {
        broker = broker::Broker::open(env, "/data", {}).value();
        services.emplace(Services{env, *broker, {}});
        connect();
    }
    void TearDown() override {
        started.clear();
        connection.reset();
        shared.reset();
        services.reset();
        EXPECT_TRUE(close_broker());
    }
    bool close_broker() {
        // Closing waits for work that this test's executor runs.
        broker.reset();
        io.run_all();
        return true;
    }
    void connect(ConnectionLimits limits = {}) {
        connection.reset();
        shared.emplace(*services, budget, limits, table);
        stream = FakeStream();
        connection = make_connection(*shared, stream);
    }

    /// A request with an empty body; its correlation id is `correlation`.
    static Buffer request(wire::ApiKey key,
                          std::int32_t correlation,
                          std::int16_t version = 0,
                          std::string_view body = "") {
        Buffer bytes;
        bytes.append_be(static_cast<std::int32_t>(14 + body.size()));
        bytes.append_be(static_cast<std::int16_t>(key));
        bytes.append_be(version);
        bytes.append_be(correlation);
        bytes.append_be(std::int16_t{4});
        bytes.append(std::string_view("test"));
        bytes.append(body);
        return bytes;
    }
    void send(const Buffer& bytes) { connection->received(0, bytes); }
    void produce(std::int32_t correlation) { send(request(wire::ApiKey::kProduce, correlation)); }
    void fetch(std::int32_t correlation) { send(request(wire::ApiKey::kFetch, correlation)); }
    /// Answers the n-th request that waits in a handler, from elsewhere.
    void answer(std::size_t n = 0) {
        const RequestPtr request = started[n];
        started.erase(started.begin() + static_cast<std::ptrdiff_t>(n));
        request->respond(Number{5});
        connection->woken();
    }
    [[nodiscard]] std::vector<std::int32_t> correlations() const {
        std::vector<std::int32_t> found;
        for (const Buffer& answer : stream.sent) {
            EXPECT_EQ(load_be<std::int32_t>(answer.data()),
                      static_cast<std::int32_t>(answer.size() - 4));
            found.push_back(load_be<std::int32_t>(answer.data() + 4));
        }
        return found;
    }

    MemoryFileSystem files;
    ManualClock clock{1'000};
    SeededRandom random{1};
    ManualIoExecutor io{clock};
    std::vector<std::string> lines;
    Logger log{clock, LogLevel::kDebug, [this](LogLevel, std::string_view line) {
                   lines.emplace_back(line);
               }};
    Env env{files, clock, random, io, log};
    net::MemoryBudget budget{64 * kMiB};
    std::unique_ptr<broker::Broker> broker;
    std::optional<Services> services;
    std::vector<Api> table{
        {wire::ApiKey::kProduce, "Produce", 0, 3, 0, Permission::kNone, keep},
        {wire::ApiKey::kFetch, "Fetch", 0, 3, 0, Permission::kNone, keep},
        {wire::ApiKey::kListOffsets, "ListOffsets", 0, 0, 0, Permission::kNone, give_up},
        {wire::ApiKey::kMetadata, "Metadata", 0, 8, 0, Permission::kNone, decode},
        {wire::ApiKey::kApiVersions,
         "ApiVersions",
         0,
         4,
         0,
         Permission::kNone,
         handle_api_versions},
    };
    std::optional<ConnectionServices> shared;
    FakeStream stream;
    std::unique_ptr<net::Session> connection;
};

TEST_F(KafkaConnection, AnswersInTheOrderOfRequests) {
    produce(1);
    produce(2);
    produce(3);
    ASSERT_EQ(started.size(), 3U) << "produce requests overlap";
    answer(1);
    answer(1);
    EXPECT_THAT(correlations(), ElementsAre());
    answer(0);
    EXPECT_THAT(correlations(), ElementsAre(1, 2, 3));
    EXPECT_EQ(started.size(), 0U);
}

TEST_F(KafkaConnection, StartsOthersWhenAllBeforeThemAreAnswered) {
    produce(1);
    fetch(2);
    produce(3);
    produce(4);
    EXPECT_EQ(started.size(), 1U);
    answer();
    EXPECT_EQ(started.size(), 1U);
    EXPECT_EQ(started.front()->api(), wire::ApiKey::kFetch);
    answer();
    EXPECT_EQ(started.size(), 2U);
    answer();
    answer();
    EXPECT_THAT(correlations(), ElementsAre(1, 2, 3, 4));
}

TEST_F(KafkaConnection, SendsNothingForARequestWithoutAnswer) {
    produce(1);
    produce(2);
    started.front()->respond_nothing();
    started.pop_front();
    connection->woken();
    answer();
    EXPECT_THAT(correlations(), ElementsAre(2));
    EXPECT_FALSE(stream.closed);
}

TEST_F(KafkaConnection, IsWokenOnceForAnswersFromOtherThreads) {
    produce(1);
    produce(2);
    EXPECT_EQ(stream.wakes, 0);
    started[0]->respond(Number{});
    started[1]->respond(Number{});
    EXPECT_EQ(stream.wakes, 1);
    connection->woken();
    EXPECT_THAT(correlations(), ElementsAre(1, 2));
}

TEST_F(KafkaConnection, TellsVersionsToAClientThatIsTooNew) {
    send(request(wire::ApiKey::kApiVersions, 9, 99));
    ASSERT_THAT(correlations(), ElementsAre(9));
    Cursor answer(stream.sent.front().view().subspan(8));
    EXPECT_EQ(answer.read_be<std::int16_t>(), 35);  // UNSUPPORTED_VERSION, in version 0
    const auto rows = answer.read_be<std::int32_t>();
    std::map<std::int16_t, std::pair<std::int16_t, std::int16_t>> versions;
    for (std::int32_t i = 0; i < rows; ++i) {
        const auto key = answer.read_be<std::int16_t>();
        const auto low = answer.read_be<std::int16_t>();
        versions[key] = {low, answer.read_be<std::int16_t>()};
    }
    EXPECT_TRUE(answer.ok());
    EXPECT_EQ(answer.remaining(), 0U);
    EXPECT_EQ(versions[18], (std::pair<std::int16_t, std::int16_t>(0, 4)));
    EXPECT_FALSE(stream.closed);
}

TEST_F(KafkaConnection, AnswersApiVersionsWithAnOldHeader) {
    // Version 3 is flexible, but its answer has no tagged fields in the header.
    Buffer bytes;
    const std::string_view body(
        "\0\6rdkaf\6"
        "2.0.2\0",
        14);
    bytes.append_be(static_cast<std::int32_t>(8 + 2 + body.size()));
    bytes.append_be(std::int16_t{18});
    bytes.append_be(std::int16_t{3});
    bytes.append_be(std::int32_t{77});
    bytes.append_be(std::int16_t{-1});
    bytes.append(body);
    send(bytes);
    ASSERT_THAT(correlations(), ElementsAre(77));
    EXPECT_EQ(load_be<std::int16_t>(stream.sent.front().data() + 8), 0);  // the error at once
    connection->closed(CloseReason::kPeerClosed);
    EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("rdkaf 2.0.2 uses ApiVersions 3")));
}

TEST_F(KafkaConnection, RefusesANameThatNoClientHas) {
    Buffer bytes;
    const std::string_view body(
        "\0\5a\nb!\2"
        "1\0",
        9);
    bytes.append_be(static_cast<std::int32_t>(8 + 2 + body.size()));
    bytes.append_be(std::int16_t{18});
    bytes.append_be(std::int16_t{3});
    bytes.append_be(std::int32_t{1});
    bytes.append_be(std::int16_t{-1});
    bytes.append(body);
    send(bytes);
    ASSERT_EQ(stream.sent.size(), 1U);
    EXPECT_EQ(load_be<std::int16_t>(stream.sent.front().data() + 8), 42);
}

TEST_F(KafkaConnection, ClosesOnWhatIsNotInTheTable) {
    send(request(static_cast<wire::ApiKey>(4711), 1));
    EXPECT_EQ(stream.closed, CloseReason::kMalformed);
    EXPECT_EQ(shared->counters.unknown_apis.value(), 1U);
    EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("unknown API 4711")));
    connect();
    send(request(wire::ApiKey::kFetch, 1, 4));
    EXPECT_EQ(stream.closed, CloseReason::kMalformed);
    EXPECT_EQ(shared->counters.unsupported_versions.value(), 1U);
    EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("Fetch version 4 is not")));
}

TEST_F(KafkaConnection, ClosesOnGarbage) {
    send(Buffer(std::string_view("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    EXPECT_TRUE(stream.closed);
    connect();
    send(request(wire::ApiKey::kMetadata, 1, 4, "\x7f\xff\xff\xff"));  // 2 billion topics
    EXPECT_EQ(stream.closed, CloseReason::kMalformed);
    EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("malformed Metadata version 4")));
    connect();
    Buffer cut;
    cut.append_be(std::int32_t{12});
    cut.append_be(std::int16_t{3});
    cut.append_be(std::int16_t{0});
    cut.append_be(std::int32_t{1});
    cut.append_be(std::int32_t{0x7fff0000});  // a client id that is longer than the frame
    send(cut);
    EXPECT_EQ(stream.closed, CloseReason::kMalformed);
}

TEST_F(KafkaConnection, ClosesWhenARequestIsGivenUp) {
    send(request(wire::ApiKey::kListOffsets, 1));
    EXPECT_EQ(stream.closed, CloseReason::kFailed);
    EXPECT_EQ(shared->counters.unanswered.value(), 1U);
}

TEST_F(KafkaConnection, StopsReadingWhenTooManyRequestsAreUnderWay) {
    ConnectionLimits limits;
    limits.outstanding_max = 4;
    connect(limits);
    Buffer many;
    for (std::int32_t i = 0; i < 10; ++i) {
        many.append(request(wire::ApiKey::kProduce, i));
    }
    send(many);
    EXPECT_EQ(started.size(), 4U);
    EXPECT_TRUE(stream.is_paused);
    for (int i = 0; i < 10; ++i) {
        ASSERT_FALSE(started.empty());
        answer();
    }
    EXPECT_EQ(correlations().size(), 10U);
    EXPECT_FALSE(stream.is_paused);
}

TEST_F(KafkaConnection, StopsReadingWhenRequestsUnderWayAreLarge) {
    ConnectionLimits limits;
    limits.outstanding_bytes_max = 1000;
    connect(limits);
    const std::string body(800, 'x');
    send(request(wire::ApiKey::kProduce, 1, 0, body));
    EXPECT_FALSE(stream.is_paused);
    send(request(wire::ApiKey::kProduce, 2, 0, body));
    EXPECT_TRUE(stream.is_paused);
    EXPECT_EQ(started.size(), 2U);
    answer();
    EXPECT_FALSE(stream.is_paused);
}

TEST_F(KafkaConnection, StartsNothingWhileAnswersAreNotTaken) {
    ConnectionLimits limits;
    limits.unsent_max = 10;
    connect(limits);
    stream.holds = true;
    fetch(1);
    answer();
    EXPECT_GT(stream.unsent, 10U);
    EXPECT_TRUE(stream.is_paused);
    stream.unsent = 0;
    connection->sent();
    EXPECT_FALSE(stream.is_paused);
    fetch(2);
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(KafkaConnection, WaitsForRequestMemory) {
    budget.take(64 * kMiB);
    fetch(1);
    EXPECT_TRUE(stream.is_paused);
    EXPECT_EQ(started.size(), 0U);
    EXPECT_EQ(stream.wakes, 0);
    budget.give_back(64 * kMiB);
    EXPECT_EQ(stream.wakes, 1);
    connection->woken();
    EXPECT_EQ(started.size(), 1U);
    EXPECT_FALSE(stream.is_paused);
    answer();
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(KafkaConnection, GivesUpWaitingForMemory) {
    budget.take(64 * kMiB);
    fetch(1);
    connection->tick(clock.monotonic() + seconds(9));
    EXPECT_FALSE(stream.closed);
    connection->tick(clock.monotonic() + seconds(11));
    EXPECT_EQ(stream.closed, CloseReason::kNoMemory);
    connection->closed(CloseReason::kNoMemory);
    EXPECT_FALSE(budget.is_waited_for());
}

TEST_F(KafkaConnection, ClosesWhoSaysNothing) {
    const auto opened = clock.monotonic();
    connection->tick(opened + milliseconds(4'999));
    EXPECT_FALSE(stream.closed);
    connection->tick(opened + milliseconds(5'001));
    EXPECT_EQ(stream.closed, CloseReason::kFirstByteTimeout);
}

TEST_F(KafkaConnection, ClosesWhoSendsNoWholeRequest) {
    const auto opened = clock.monotonic();
    const Buffer bytes = request(wire::ApiKey::kFetch, 1);
    connection->received(0, bytes.view().first(bytes.size() - 1));
    connection->tick(opened + milliseconds(9'999));
    EXPECT_FALSE(stream.closed);
    connection->tick(opened + milliseconds(10'001));
    EXPECT_EQ(stream.closed, CloseReason::kRequestTimeout);
}

TEST_F(KafkaConnection, ClosesWhoIsIdleButNotWhoWaits) {
    fetch(1);
    clock.advance(seconds(601));
    connection->tick(clock.monotonic());
    EXPECT_FALSE(stream.closed) << "its request is under way";
    answer();
    connection->tick(clock.monotonic() + seconds(599));
    EXPECT_FALSE(stream.closed);
    connection->tick(clock.monotonic() + seconds(601));
    EXPECT_EQ(stream.closed, CloseReason::kIdle);
}

TEST_F(KafkaConnection, ClosesWhoTricklesARequest) {
    fetch(1);
    answer();
    const Buffer bytes = request(wire::ApiKey::kProduce, 2, 0, std::string(100'000, 'x'));
    std::size_t at = 0;
    for (int second = 0; second < 29; ++second) {
        connection->received(0, bytes.view().subspan(at++, 1));
        clock.advance(seconds(1));
        connection->tick(clock.monotonic());
        ASSERT_FALSE(stream.closed) << second;
    }
    for (int second = 0; second < 10 && !stream.closed; ++second) {
        connection->received(0, bytes.view().subspan(at++, 1));
        clock.advance(seconds(1));
        connection->tick(clock.monotonic());
    }
    EXPECT_EQ(stream.closed, CloseReason::kStalled);
}

TEST_F(KafkaConnection, MakesRoomForOthersWhoWaitForMemory) {
    fetch(1);
    answer();
    const Buffer bytes = request(wire::ApiKey::kProduce, 2, 0, std::string(kMiB, 'x'));
    connection->received(0, bytes.view().first(kMiB / 2));
    clock.advance(seconds(6));
    connection->tick(clock.monotonic());
    EXPECT_FALSE(stream.closed) << "nobody is in need";
    const std::size_t rest = budget.limit() - budget.used();
    ASSERT_TRUE(budget.try_take(rest, 1));
    ASSERT_NE(budget.wait(rest, rest, [] {}), net::MemoryBudget::WaitId::kNone);
    clock.advance(seconds(6));
    connection->tick(clock.monotonic());
    EXPECT_EQ(stream.closed, CloseReason::kStalled);
    budget.give_back(rest);
}

TEST_F(KafkaConnection, AnswersAfterAHalfClose) {
    fetch(1);
    connection->ended();
    EXPECT_FALSE(stream.closed);
    answer();
    EXPECT_THAT(correlations(), ElementsAre(1));
    EXPECT_EQ(stream.closed, CloseReason::kPeerClosed);
    connect();
    connection->ended();
    EXPECT_EQ(stream.closed, CloseReason::kPeerClosed);
}

TEST_F(KafkaConnection, FinishesWhatIsUnderWay) {
    produce(1);
    fetch(2);  // not started yet: it is not begun any more
    connection->finish();
    EXPECT_FALSE(stream.closed);
    EXPECT_TRUE(stream.is_paused);
    answer();
    EXPECT_THAT(correlations(), ElementsAre(1));
    EXPECT_EQ(stream.closed, CloseReason::kServerStopping);
    EXPECT_EQ(started.size(), 0U);
}

TEST_F(KafkaConnection, IsGoneBeforeItsAnswer) {
    fetch(1);
    connection->closed(CloseReason::kPeerReset);
    connection.reset();
    started.front()->respond(Number{});
    EXPECT_EQ(stream.wakes, 0);
    started.clear();
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(KafkaConnection, DoesNotFillTheLog) {
    for (int i = 0; i < 100; ++i) {
        connect();
        send(request(static_cast<wire::ApiKey>(4711), 1));
    }
    // connect() makes new shared services; the limit belongs to them.
    lines.clear();
    connect();
    for (int i = 0; i < 100; ++i) {
        connection = make_connection(*shared, stream);
        send(request(static_cast<wire::ApiKey>(4711), 1));
    }
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(ProblemLines::kLinesMax));
    clock.advance(seconds(11));
    send(request(static_cast<wire::ApiKey>(4711), 1));
}

}  // namespace
}  // namespace millrace::server::kafka
