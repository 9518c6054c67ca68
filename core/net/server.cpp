#include "core/net/server.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "core/net/event_loop.h"
#include "core/net/socket.h"

namespace millrace::net {

namespace {

constexpr std::size_t kLoopsDefaultMax = 4;
constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kPause{
    100};  // accepting tries again after so long at the latest
constexpr std::chrono::seconds kRefusalLogEvery{10};

std::size_t loop_count(std::size_t wanted) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return wanted > 0 ? wanted : std::min(cores, kLoopsDefaultMax);
}

/// The first descriptor number that belongs to the reserve. The system gives out the lowest free
/// number, so a high one says that few are left.
int first_reserved_descriptor(std::size_t reserve) {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t all = std::min<std::size_t>(limit.rlim_cur, 1U << 30);
    if (reserve == 0) {
        reserve = std::clamp<std::size_t>(all / 4, 16, 1024);
    }
    return static_cast<int>(all - std::min(reserve, all / 2));
}

struct Listener {
    Descriptor socket;
    Endpoint bound;
};

class ServerImpl final : public Server {
  public:
    ServerImpl(Env& env, MemoryBudget& budget, ServerOptions options, SessionFactory make_session)
        : options_(std::move(options)),
          admission_(options_.admission),
          services_{
              env,
              budget,
              std::move(make_session),
              [this](const Endpoint& remote, CloseReason reason) { on_closed(remote, reason); }},
          reserved_from_(first_reserved_descriptor(options_.descriptors_reserve)) {}
    ~ServerImpl() override { stop(std::chrono::milliseconds(0)); }
    ServerImpl(const ServerImpl&) = delete;
    ServerImpl& operator=(const ServerImpl&) = delete;

    Status open() {
        for (const HostPort& at : options_.listeners) {
            MILLRACE_TRY(const Endpoint endpoint, resolve(at));
            MILLRACE_TRY(Descriptor socket, listen_on(endpoint));
            const Endpoint bound = local_endpoint(socket.number());
            bound_.push_back(bound);
            listeners_.push_back({std::move(socket), bound});
        }
        spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        const LoopOptions loop{options_.sweep, options_.stall_max, options_.stall_max_pressed};
        for (std::size_t i = 0; i < loop_count(options_.loops); ++i) {
            MILLRACE_TRY(auto made, EventLoop::start(services_, loop));
            loops_.push_back(std::move(made));
        }
        loops_.front()->post([this] {
            for (const Listener& listener : listeners_) {
                const Status watched = loops_.front()->watch(
                    listener.socket.number(), [this, &listener] { accept_some(listener); });
                if (!watched.ok()) {
                    services_.env.log.error("net", watched.error().message);
                }
            }
            rearm_all();
        });
        return Ok{};
    }

    [[nodiscard]] const std::vector<Endpoint>& bound() const override { return bound_; }

    [[nodiscard]] ServerStats stats() const override {
        ServerStats stats;
        stats.accepted = accepted_.value();
        stats.refused_total = refused_total_.value();
        stats.refused_per_origin = refused_per_origin_.value();
        stats.refused_rate = refused_rate_.value();
        stats.refused_descriptors = refused_descriptors_.value();
        stats.pauses = pauses_.value();
        for (std::size_t i = 0; i < kCloseReasons; ++i) {
            stats.closed[i] = closed_[i].value();
        }
        stats.open = admission_.open();
        for (const auto& loop : loops_) {
            stats.bytes_in += loop->bytes_in();
            stats.bytes_out += loop->bytes_out();
        }
        return stats;
    }

    void stop(std::chrono::milliseconds grace) override {
        if (loops_.empty() || is_stopped_.exchange(true)) {
            return;
        }
        stop_accepting();
        for (const auto& loop : loops_) {
            loop->finish();
        }
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, grace, [&] { return admission_.open() == 0; });
        }
        // Loop 0 last: closed connections of the others post to it.
        while (!loops_.empty()) {
            loops_.pop_back();
        }
    }

  private:
    void stop_accepting() {
        bool is_done = false;
        loops_.front()->post([&] {
            for (Listener& listener : listeners_) {
                loops_.front()->forget(listener.socket.number());
                listener.socket = Descriptor();
            }
            const std::lock_guard lock(mutex_);
            is_accepting_over_ = true;
            is_done = true;
            changed_.notify_all();
        });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return is_done; });
    }

    void rearm_all() {
        for (const Listener& listener : listeners_) {
            loops_.front()->rearm(listener.socket.number());
        }
    }

    // From here to pause(): loop 0's thread.
    void accept_some(const Listener& listener) {
        for (int i = 0; i < kAcceptsInARow; ++i) {
            if (is_near_limit()) {
                pause();
                return;
            }
            ::sockaddr_storage address{};
            ::socklen_t size = sizeof address;
            Descriptor socket(::accept4(listener.socket.number(),
                                        reinterpret_cast<::sockaddr*>(&address),
                                        &size,
                                        SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket.is_open()) {
                if (errno == EAGAIN || errno == EWOULDBLOCK) {
                    break;
                }
                if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                    refuse_one(listener);
                    pause();
                    return;
                }
                continue;  // the peer gave up while it was in the queue
            }
            admit(std::move(socket), endpoint_of(reinterpret_cast<::sockaddr&>(address)));
        }
        loops_.front()->rearm(listener.socket.number());
    }

    /// True when the next descriptor would come out of the reserve, or there is none.
    [[nodiscard]] bool is_near_limit() const {
        const Descriptor next(::fcntl(spare_.number(), F_DUPFD_CLOEXEC, 0));
        return spare_.is_open() && (!next.is_open() || next.number() >= reserved_from_);
    }

    void admit(Descriptor socket, Endpoint remote) {
        const Refusal refusal = admission_.admit(remote.address, services_.env.clock.monotonic());
        switch (refusal) {
            case Refusal::kNone:
                break;
            case Refusal::kTotal:
                return refuse(refused_total_, remote, "the limit of connections is reached");
            case Refusal::kPerOrigin:
                return refuse(refused_per_origin_, remote, "too many connections from this host");
            case Refusal::kRate:
                return refuse(refused_rate_, remote, "this host connects too often");
        }
        accepted_.add();
        tune_connection(socket.number());
        const Endpoint local = local_endpoint(socket.number());
        const auto least =
            std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
                return a->connections() < b->connections();
            });
        (*least)->adopt({std::move(socket), local, remote, next_id_++});
    }

    /// At most one line per kRefusalLogEvery: a flood must not fill the log.
    void refuse(Counter& counter, const Endpoint& remote, std::string_view why) {
        counter.add();
        const std::chrono::nanoseconds now = services_.env.clock.monotonic();
        if (now >= next_refusal_log_) {
            next_refusal_log_ = now + kRefusalLogEvery;
            services_.env.log.warn(
                "net",
                "refused a connection from " + remote.address.text() + ": " + std::string(why));
        }
    }

    /// No descriptor is left at all: the spare one lets the peer hear of it.
    void refuse_one(const Listener& listener) {
        spare_ = Descriptor();
        const Descriptor refused(
            ::accept4(listener.socket.number(), nullptr, nullptr, SOCK_CLOEXEC));
        if (refused.is_open()) {
            refuse(refused_descriptors_, listener.bound, "no file descriptor is left");
        }
        spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }

    /// Connections wait in the system's queue until one of ours closes, or kPause is over.
    void pause() {
        if (is_paused_.exchange(true)) {
            return;
        }
        pauses_.add();
        loops_.front()->post_after(kPause, [this] { resume(); });
    }
    void resume() {
        if (is_paused_.exchange(false)) {
            rearm_all();
        }
    }

    /// Any loop's thread.
    void on_closed(const Endpoint& remote, CloseReason reason) {
        closed_[static_cast<std::size_t>(reason)].add();
        admission_.release(remote.address);
        const std::lock_guard lock(mutex_);
        if (is_accepting_over_) {
            changed_.notify_all();
        } else if (is_paused_.load()) {
            loops_.front()->post([this] { resume(); });
        }
    }

    const ServerOptions options_;
    Admission admission_;
    LoopServices services_;
    const int reserved_from_;
    std::vector<Listener> listeners_;
    std::vector<Endpoint> bound_;
    Descriptor spare_;
    std::uint64_t next_id_ = 1;                     // loop 0
    std::chrono::nanoseconds next_refusal_log_{0};  // loop 0
    std::atomic<bool> is_paused_{false};
    std::atomic<bool> is_stopped_{false};
    Counter accepted_;
    Counter refused_total_;
    Counter refused_per_origin_;
    Counter refused_rate_;
    Counter refused_descriptors_;
    Counter pauses_;
    std::array<Counter, kCloseReasons> closed_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_accepting_over_ = false;  // guarded by mutex_
    std::vector<std::unique_ptr<EventLoop>> loops_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Env& env,
                                              MemoryBudget& budget,
                                              ServerOptions options,
                                              SessionFactory make_session) {
    auto server =
        std::make_unique<ServerImpl>(env, budget, std::move(options), std::move(make_session));
    MILLRACE_TRY_STATUS(server->open());
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace millrace::net
