#include "core/net/server.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/net/socket.h"

namespace millrace::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kWaitMs = 20'000;  // never reached when all is well

/// A blocking client.
class Client {
  public:
    explicit Client(const Endpoint& at) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(at.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ =
            ::connect(socket_.number(), reinterpret_cast<::sockaddr*>(&address), sizeof address) ==
            0;
    }
    [[nodiscard]] bool is_connected() const { return is_connected_; }
    void send(std::string_view text) const {
        while (!text.empty()) {
            const auto count = ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void half_close() const { ::shutdown(socket_.number(), SHUT_WR); }
    /// Exactly `size` bytes, or what came before the end.
    [[nodiscard]] std::string receive(std::size_t size) const {
        std::string got;
        while (got.size() < size) {
            ::pollfd poll{socket_.number(), POLLIN, 0};
            char piece[65536];
            if (::poll(&poll, 1, kWaitMs) <= 0) {
                break;
            }
            const auto count =
                ::recv(socket_.number(), piece, std::min(sizeof piece, size - got.size()), 0);
            if (count <= 0) {
                break;
            }
            got.append(piece, static_cast<std::size_t>(count));
        }
        return got;
    }
    /// True when the server closed the connection.
    [[nodiscard]] bool is_closed() const {
        ::pollfd poll{socket_.number(), POLLIN, 0};
        char byte = 0;
        return ::poll(&poll, 1, kWaitMs) > 0 && ::recv(socket_.number(), &byte, 1, 0) <= 0;
    }

  private:
    Descriptor socket_;
    bool is_connected_ = false;
};

/// Answers every piece with itself; some words do more.
class EchoSession final : public Session {
  public:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::vector<CloseReason> closed;  // guarded by mutex
        milliseconds idle{600'000};
        std::atomic<bool> holds{false};  // finish() does not close
    };
    EchoSession(Shared& shared, Stream& stream, const Clock& clock)
        : shared_(shared), stream_(stream), clock_(clock), active_at_(clock.monotonic()) {}

    std::span<std::byte> space() override { return std::as_writable_bytes(std::span(space_)); }
    void received(std::size_t in_space, ByteView more) override {
        active_at_ = clock_.monotonic();
        std::string text(space_.data(), in_space);
        text += as_text(more);
        if (text == "throw") {
            throw std::runtime_error("a session that throws");
        }
        if (text == "wake") {
            std::thread([waker = stream_.waker()] { waker->wake(); }).detach();
            return;
        }
        if (text == "big") {
            Outgoing out;
            auto page = Page::allocate(kBig);
            std::memset(page->data(), 'x', kBig);
            page->set_size(kBig);
            out.splices.push_back({0, page->view(), page});
            stream_.send(std::move(out));
            return;
        }
        Outgoing out;
        out.bytes = Buffer(std::string_view(text));
        stream_.send(std::move(out));
        if (text == "bye") {
            stream_.close_when_sent(CloseReason::kMalformed);
        }
    }
    void ended() override { stream_.close_when_sent(CloseReason::kPeerClosed); }
    void sent() override {}
    void woken() override {
        Outgoing out;
        out.bytes = Buffer(std::string_view("woken"));
        stream_.send(std::move(out));
    }
    void tick(std::chrono::nanoseconds now) override {
        if (now - active_at_ > shared_.idle) {
            stream_.close(CloseReason::kIdle);
        }
    }
    void finish() override {
        if (!shared_.holds) {
            stream_.close_when_sent(CloseReason::kServerStopping);
        }
    }
    void closed(CloseReason reason) override {
        const std::lock_guard lock(shared_.mutex);
        shared_.closed.push_back(reason);
        shared_.changed.notify_all();
    }

    static constexpr std::size_t kBig = std::size_t{24} << 20;

  private:
    Shared& shared_;
    Stream& stream_;
    const Clock& clock_;
    std::chrono::nanoseconds active_at_;
    std::array<char, 3> space_{};
};

class TcpServer : public ::testing::Test {
  protected:
    TcpServer() {
        options.listeners = {{"127.0.0.1", 0}};
        options.loops = 2;
        options.sweep = milliseconds(2);
    }
    void start() {
        server = Server::start(env, budget, options, [this](Stream& stream) {
                     return std::make_unique<EchoSession>(shared, stream, clock);
                 }).value();
    }
    [[nodiscard]] Endpoint at() const { return server->bound().front(); }
    [[nodiscard]] CloseReason next_close() {
        std::unique_lock lock(shared.mutex);
        EXPECT_TRUE(shared.changed.wait_for(
            lock, milliseconds(kWaitMs), [&] { return !shared.closed.empty(); }));
        const CloseReason reason = shared.closed.front();
        shared.closed.erase(shared.closed.begin());
        return reason;
    }

    std::unique_ptr<FileSystem> files = make_system_files();
    ManualClock clock;
    SeededRandom random{1};
    ManualIoExecutor io{clock};
    Logger log{clock, LogLevel::kOff, stderr_sink()};
    Env env{*files, clock, random, io, log};
    MemoryBudget budget{std::size_t{256} << 20};
    EchoSession::Shared shared;
    ServerOptions options;
    std::unique_ptr<Server> server;
};

TEST_F(TcpServer, AnswersManyConnections) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<Client>(at()));
        clients.back()->send("hello " + std::to_string(i));
    }
    for (int i = 0; i < 50; ++i) {
        const std::string expected = "hello " + std::to_string(i);
        EXPECT_EQ(clients[static_cast<std::size_t>(i)]->receive(expected.size()), expected);
    }
    const ServerStats stats = server->stats();
    EXPECT_EQ(stats.accepted, 50U);
    EXPECT_EQ(stats.open, 50U);
    EXPECT_EQ(stats.bytes_in, stats.bytes_out);
    clients.clear();
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(next_close(), CloseReason::kPeerClosed);
    }
}

TEST_F(TcpServer, SendsMoreThanTheSocketTakesAtOnce) {
    start();
    const Client client(at());
    client.send("big");
    const std::string got = client.receive(EchoSession::kBig);
    EXPECT_EQ(got, std::string(EchoSession::kBig, 'x'));
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(TcpServer, LetsOtherThreadsWakeASession) {
    start();
    const Client client(at());
    client.send("wake");
    EXPECT_EQ(client.receive(5), "woken");
}

TEST_F(TcpServer, AnswersAClientThatSendsNoMore) {
    start();
    const Client client(at());
    client.send("last words");
    client.half_close();
    EXPECT_EQ(client.receive(10), "last words");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(next_close(), CloseReason::kPeerClosed);
}

TEST_F(TcpServer, SendsEverythingBeforeItCloses) {
    start();
    const Client client(at());
    client.send("bye");
    EXPECT_EQ(client.receive(3), "bye");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(next_close(), CloseReason::kMalformed);
}

TEST_F(TcpServer, SurvivesASessionThatThrows) {
    start();
    const Client bad(at());
    bad.send("throw");
    EXPECT_TRUE(bad.is_closed());
    EXPECT_EQ(next_close(), CloseReason::kFailed);
    const Client good(at());
    good.send("ok");
    EXPECT_EQ(good.receive(2), "ok");
}

TEST_F(TcpServer, TellsSessionsTheTime) {
    shared.idle = seconds(60);
    start();
    const Client client(at());
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    clock.advance(seconds(61));
    EXPECT_EQ(next_close(), CloseReason::kIdle);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(TcpServer, DropsAPeerThatDoesNotReadItsAnswers) {
    start();
    const Client client(at());
    client.send("big");
    ::pollfd poll{-1, 0, 0};
    while (server->stats().bytes_out == 0) {
        ::poll(&poll, 1, 1);  // waits for another thread
    }
    clock.advance(seconds(31));
    EXPECT_EQ(next_close(), CloseReason::kStalled);
    while (server->stats().open > 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(budget.used(), 0U);
}

TEST_F(TcpServer, RefusesBeyondItsLimits) {
    options.admission.connections_max = 3;
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<Client>(at()));
        clients.back()->send("x");
        EXPECT_EQ(clients.back()->receive(1), "x");
    }
    const Client refused(at());
    EXPECT_TRUE(refused.is_closed());
    EXPECT_EQ(server->stats().refused_total, 1U);
    clients.pop_back();
    EXPECT_EQ(next_close(), CloseReason::kPeerClosed);
    while (server->stats().open == 3) {
        std::this_thread::yield();
    }
    const Client taken(at());
    taken.send("y");
    EXPECT_EQ(taken.receive(1), "y");
}

TEST_F(TcpServer, PausesAcceptingBeforeDescriptorsAreUsedUp) {
    // Everything above the numbers in use now belongs to the reserve.
    ::rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const Descriptor probe(::dup(0));
    ASSERT_TRUE(probe.is_open());
    const ::rlimit few{static_cast<::rlim_t>(probe.number()) + 60, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    options.descriptors_reserve = 20;
    start();
    // Both ends live in this process: each connection takes two numbers.
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<Client>(at()));
        ASSERT_TRUE(clients.back()->is_connected());
        clients.back()->send("x");
    }
    while (server->stats().pauses == 0) {
        std::this_thread::yield();
    }
    const std::size_t open = server->stats().open;
    EXPECT_LT(open, clients.size());
    EXPECT_TRUE(Descriptor(::dup(0)).is_open()) << "the reserve is there";
    // Room comes back: those who waited are served.
    const std::unique_ptr<Client> waiting = std::move(clients.back());
    clients.clear();
    EXPECT_EQ(waiting->receive(1), "x");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST_F(TcpServer, StopsWhenSessionsAreDone) {
    start();
    const Client client(at());
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    const Endpoint was = at();
    server->stop(seconds(20));
    EXPECT_EQ(next_close(), CloseReason::kServerStopping);
    EXPECT_TRUE(client.is_closed());
    EXPECT_FALSE(Client(was).is_connected());
}

TEST_F(TcpServer, StopsAfterTheGraceWhenSessionsAreNotDone) {
    shared.holds = true;
    start();
    const Client client(at());
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    server->stop(milliseconds(20));
    EXPECT_EQ(next_close(), CloseReason::kServerStopping);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(TcpServer, SaysWhyItCannotListen) {
    start();
    ServerOptions taken = options;
    taken.listeners = {{"127.0.0.1", at().port}};
    const auto none = [](Stream&) { return std::unique_ptr<Session>(); };
    const auto second = Server::start(env, budget, taken, none);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kInUse);
    EXPECT_THAT(second.error().message, ::testing::HasSubstr(at().text()));
    taken.listeners = {{"192.0.2.1", 0}};
    EXPECT_EQ(Server::start(env, budget, taken, none).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(TcpServer, ListensOnSeveralAddresses) {
    options.listeners = {{"127.0.0.1", 0}, {"127.0.0.2", 0}, {"::1", 0}};
    auto started = Server::start(env, budget, options, [this](Stream& stream) {
        return std::make_unique<EchoSession>(shared, stream, clock);
    });
    if (!started.ok()) {
        GTEST_SKIP() << started.error().message;  // a machine without IPv6
    }
    ASSERT_EQ(started.value()->bound().size(), 3U);
    EXPECT_NE(started.value()->bound()[0].port, 0);
    EXPECT_EQ(started.value()->bound()[2].address.text(), "::1");
}

}  // namespace
}  // namespace millrace::net
