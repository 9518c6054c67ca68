#include "core/net/event_loop.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/net/send_queue.h"

namespace millrace::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// One read takes at most so much beside what goes straight into the session's space.
constexpr std::size_t kScratchBytes = std::size_t{256} << 10;
// A connection yields to its neighbours after so many system calls in a row.
constexpr int kReadsInARow = 16;
constexpr int kWritesInARow = 16;

class TcpStream;

/// What streams use of their loop.
struct LoopState {
    LoopState(LoopServices& loop_services, const LoopOptions& loop_options)
        : services(loop_services), options(loop_options), scratch(kScratchBytes) {}

    LoopServices& services;
    const LoopOptions options;
    asio::io_context io{1};
    std::vector<std::byte> scratch;
    std::unordered_map<std::uint64_t, std::shared_ptr<TcpStream>> streams;  // loop's thread
    std::atomic<std::size_t> connections{0};
    Counter bytes_in;
    Counter bytes_out;
};

/// Reaches the stream while it is open.
class StreamWaker final : public Waker {
  public:
    explicit StreamWaker(std::shared_ptr<TcpStream> stream) : stream_(std::move(stream)) {}
    void wake() override;
    /// woken() begins: later calls ask again.
    void begin() { is_asked_.store(false); }
    void detach() {
        const std::lock_guard lock(mutex_);
        stream_.reset();
    }

  private:
    std::atomic<bool> is_asked_{false};
    std::mutex mutex_;
    std::shared_ptr<TcpStream> stream_;  // guarded by mutex_
};

class TcpStream final : public Stream, public std::enable_shared_from_this<TcpStream> {
  public:
    TcpStream(LoopState& loop, Accepted accepted)
        : loop_(loop),
          socket_(loop.io),
          local_(accepted.local),
          remote_(accepted.remote),
          id_(accepted.id),
          queue_(loop.services.budget) {
        error_code failed;
        socket_.assign(accepted.socket.number(), failed);
        if (!failed) {
            static_cast<void>(accepted.socket.release());
        }
    }

    /// False: the connection could not be served and is gone.
    bool open() {
        if (!socket_.is_open()) {
            return false;
        }
        waker_ = std::make_shared<StreamWaker>(shared_from_this());
        progress_at_ = now();
        enter([&] { session_ = loop_.services.make_session(*this); });
        wait_readable();
        return true;
    }

    void send(Outgoing message) override {
        if (queue_.empty()) {
            progress_at_ = now();
        }
        queue_.push(std::move(message));
    }
    [[nodiscard]] std::size_t unsent_bytes() const override { return queue_.size(); }
    void pause_reading() override { is_paused_ = true; }
    void resume_reading() override {
        is_paused_ = false;
        wait_readable();
    }
    void close(CloseReason reason) override {
        if (!is_closed_) {
            is_closed_ = true;
            reason_ = reason;
        }
    }
    void close_when_sent(CloseReason reason) override {
        is_paused_ = true;
        closes_when_sent_ = true;
        reason_ = reason;
    }
    [[nodiscard]] const Endpoint& local() const override { return local_; }
    [[nodiscard]] const Endpoint& remote() const override { return remote_; }
    [[nodiscard]] std::uint64_t id() const override { return id_; }
    [[nodiscard]] std::shared_ptr<Waker> waker() override { return waker_; }

    /// Any thread.
    void post_woken() {
        asio::post(loop_.io, [self = shared_from_this()] { self->woken(); });
    }
    void woken() {
        waker_->begin();
        enter([&] { session_->woken(); });
    }
    void finish() {
        enter([&] { session_->finish(); });
    }
    void close_now(CloseReason reason) {
        enter([&] { close(reason); });
    }
    void tick(std::chrono::nanoseconds at) {
        const auto patience = loop_.services.budget.is_waited_for()
                                  ? loop_.options.stall_max_pressed
                                  : loop_.options.stall_max;
        enter([&] {
            if (!queue_.empty() && at - progress_at_ > patience) {
                close(CloseReason::kStalled);
            } else {
                session_->tick(at);
            }
        });
    }

  private:
    [[nodiscard]] std::chrono::nanoseconds now() const {
        return loop_.services.env.clock.monotonic();
    }

    /// Runs a call into the session, then writes what it queued and ends what it closed. A
    /// connection's exceptions stop here.
    template <class Call>
    void enter(Call&& call) {
        if (is_gone_) {
            return;
        }
        attempt(std::forward<Call>(call));
        WorkLane::current()->run();
        while (!is_closed_ && flush()) {
            attempt([&] { session_->sent(); });
        }
        if (is_closed_) {
            end();
        }
    }
    template <class Call>
    void attempt(Call&& call) {
        try {
            call();
        } catch (const std::exception& problem) {
            loop_.services.env.log.error(
                "net", "connection from " + remote_.text() + " failed: " + problem.what());
            close(CloseReason::kFailed);
        }
    }

    void wait_readable() {
        if (is_waiting_readable_ || is_paused_ || is_closed_ || is_ended_) {
            return;
        }
        is_waiting_readable_ = true;
        socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const error_code& failed) {
                               self->is_waiting_readable_ = false;
                               if (!failed) {
                                   self->read();
                               }
                           });
    }

    void read() {
        for (int i = 0; i < kReadsInARow; ++i) {
            if (is_paused_ || is_closed_ || is_ended_ || !read_once()) {
                break;
            }
        }
        wait_readable();
    }

    /// False when the socket has no more for now.
    bool read_once() {
        const std::span<std::byte> space = session_->space();
        std::array<::iovec, 2> into{::iovec{space.data(), space.size()},
                                    ::iovec{loop_.scratch.data(), loop_.scratch.size()}};
        const auto count =
            ::readv(socket_.native_handle(), into.data(), static_cast<int>(into.size()));
        if (count < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                close_now(CloseReason::kPeerReset);
            }
            return errno == EINTR;
        }
        if (count == 0) {
            is_ended_ = true;
            enter([&] { session_->ended(); });
            return false;
        }
        const auto size = static_cast<std::size_t>(count);
        loop_.bytes_in.add(size);
        const std::size_t in_space = std::min(size, space.size());
        enter(
            [&] { session_->received(in_space, ByteView(loop_.scratch).first(size - in_space)); });
        return size == space.size() + loop_.scratch.size();
    }

    /// Writes what the socket takes. True when that emptied the queue.
    bool flush() {
        if (is_waiting_writable_ || queue_.empty()) {
            if (queue_.empty() && closes_when_sent_) {
                close(reason_);
            }
            return false;
        }
        for (int i = 0; i < kWritesInARow && !queue_.empty(); ++i) {
            const auto ranges = queue_.ranges();
            ::msghdr message{};
            message.msg_iov = const_cast<::iovec*>(ranges.data());  // NOLINT: only read
            message.msg_iovlen = ranges.size();
            const auto count = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
                close(CloseReason::kPeerReset);
                return false;
            }
            if (count < 0) {
                break;
            }
            loop_.bytes_out.add(static_cast<std::uint64_t>(count));
            queue_.consume(static_cast<std::size_t>(count));
            progress_at_ = now();
        }
        if (!queue_.empty()) {
            wait_writable();
            return false;
        }
        if (closes_when_sent_) {
            close(reason_);
            return false;
        }
        return true;
    }

    void wait_writable() {
        is_waiting_writable_ = true;
        socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                           [self = shared_from_this()](const error_code& failed) {
                               self->is_waiting_writable_ = false;
                               if (!failed) {
                                   self->enter([] {});
                               }
                           });
    }

    void end() {
        is_gone_ = true;
        waker_->detach();
        error_code ignored;
        socket_.close(ignored);
        if (session_) {
            try {
                session_->closed(reason_);
            } catch (const std::exception& problem) {
                loop_.services.env.log.error("net", problem.what());
            }
        }
        // The session may be on the stack: it goes when nothing of it runs any more.
        asio::post(loop_.io, [self = shared_from_this()] {
            self->session_.reset();
            self->queue_.clear();
            self->loop_.streams.erase(self->id_);
            self->loop_.connections.fetch_sub(1);
            self->loop_.services.on_closed(self->remote_, self->reason_);
        });
    }

    LoopState& loop_;
    asio::posix::stream_descriptor socket_;
    const Endpoint local_;
    const Endpoint remote_;
    const std::uint64_t id_;
    std::shared_ptr<StreamWaker> waker_;
    std::unique_ptr<Session> session_;
    SendQueue queue_;
    std::chrono::nanoseconds progress_at_{0};  // when the peer last took bytes
    CloseReason reason_ = CloseReason::kPeerClosed;
    bool is_waiting_readable_ = false;
    bool is_waiting_writable_ = false;
    bool is_paused_ = false;
    bool is_ended_ = false;  // the peer sends no more
    bool closes_when_sent_ = false;
    bool is_closed_ = false;  // to be ended when the call under way returns
    bool is_gone_ = false;
};

void StreamWaker::wake() {
    if (is_asked_.exchange(true)) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (stream_) {
        stream_->post_woken();
    }
}

class AsioLoop final : public EventLoop {
  public:
    AsioLoop(LoopServices& services, const LoopOptions& options)
        : state_(services, options), sweep_(state_.io), work_(state_.io.get_executor()) {}
    ~AsioLoop() override {
        if (thread_.joinable()) {
            post([this] { close_all(); });
            thread_.join();
        }
    }
    AsioLoop(const AsioLoop&) = delete;
    AsioLoop& operator=(const AsioLoop&) = delete;

    void start() {
        thread_ = std::thread([this] {
            const WorkLane lane;
            state_.io.run();
        });
    }

    void post(Work work) override { asio::post(state_.io, std::move(work)); }
    void post_after(std::chrono::milliseconds delay, Work work) override {
        post([this, delay, work = std::move(work)] {
            auto timer = std::make_shared<asio::steady_timer>(state_.io, delay);
            timer->async_wait([timer, work](const error_code& failed) {
                if (!failed) {
                    work();
                }
            });
        });
    }

    void adopt(Accepted accepted) override {
        asio::post(state_.io, [this, accepted = std::move(accepted)]() mutable {
            const Endpoint remote = accepted.remote;
            const std::uint64_t id = accepted.id;
            auto stream = std::make_shared<TcpStream>(state_, std::move(accepted));
            state_.connections.fetch_add(1);
            if (is_finishing_ || !stream->open()) {
                state_.connections.fetch_sub(1);
                state_.services.on_closed(remote, CloseReason::kServerStopping);
                return;
            }
            state_.streams.emplace(id, std::move(stream));
            sweep_later();
        });
    }

    void finish() override {
        post([this] {
            is_finishing_ = true;
            for (const auto& stream : snapshot()) {
                stream->finish();
            }
        });
    }

    Status watch(int descriptor, Work work) override {
        auto made = std::make_unique<Watched>(state_.io, std::move(work));
        error_code failed;
        made->descriptor.assign(descriptor, failed);
        if (failed) {
            return Error{ErrorCode::kIo, "cannot watch a socket: " + failed.message()};
        }
        watched_[descriptor] = std::move(made);
        return Ok{};
    }
    void rearm(int descriptor) override {
        const auto found = watched_.find(descriptor);
        if (found == watched_.end()) {
            return;
        }
        found->second->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                             [this, descriptor](const error_code& failed) {
                                                 const auto at = watched_.find(descriptor);
                                                 if (!failed && at != watched_.end()) {
                                                     at->second->work();
                                                 }
                                             });
    }
    void forget(int descriptor) override {
        const auto found = watched_.find(descriptor);
        if (found != watched_.end()) {
            static_cast<void>(found->second->descriptor.release());
            watched_.erase(found);
        }
    }

    [[nodiscard]] std::size_t connections() const override { return state_.connections.load(); }
    [[nodiscard]] std::uint64_t bytes_in() const override { return state_.bytes_in.value(); }
    [[nodiscard]] std::uint64_t bytes_out() const override { return state_.bytes_out.value(); }

  private:
    struct Watched {
        Watched(asio::io_context& io, Work call) : descriptor(io), work(std::move(call)) {}
        asio::posix::stream_descriptor descriptor;
        Work work;
    };

    [[nodiscard]] std::vector<std::shared_ptr<TcpStream>> snapshot() const {
        std::vector<std::shared_ptr<TcpStream>> streams;
        streams.reserve(state_.streams.size());
        for (const auto& [id, stream] : state_.streams) {
            streams.push_back(stream);
        }
        return streams;
    }

    /// Runs only while there are connections: an idle server sleeps.
    void sweep_later() {
        if (is_sweeping_) {
            return;
        }
        is_sweeping_ = true;
        sweep_.expires_after(state_.options.sweep);
        sweep_.async_wait([this](const error_code& failed) {
            is_sweeping_ = false;
            if (failed || state_.streams.empty()) {
                return;
            }
            const std::chrono::nanoseconds now = state_.services.env.clock.monotonic();
            for (const auto& stream : snapshot()) {
                stream->tick(now);
            }
            sweep_later();
        });
    }

    void close_all() {
        is_finishing_ = true;
        for (const auto& stream : snapshot()) {
            stream->close_now(CloseReason::kServerStopping);
        }
        while (!watched_.empty()) {
            forget(watched_.begin()->first);
        }
        sweep_.cancel();
        // Behind what closing posted.
        post([this] {
            work_.reset();
            state_.io.stop();
        });
    }

    LoopState state_;
    asio::steady_timer sweep_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::map<int, std::unique_ptr<Watched>> watched_;  // loop's thread, as all below
    bool is_sweeping_ = false;
    bool is_finishing_ = false;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::start(LoopServices& services,
                                                    const LoopOptions& options) {
    try {
        auto loop = std::make_unique<AsioLoop>(services, options);
        loop->start();
        return std::unique_ptr<EventLoop>(std::move(loop));
    } catch (const std::exception& problem) {  // no descriptor or thread left
        return Error{ErrorCode::kIo,
                     "cannot start a network thread: " + std::string(problem.what())};
    }
}

}  // namespace millrace::net
