#include "server/kafka/connection.h"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/wire/request_decoder.h"
#include "server/kafka/api_table.h"
#include "server/kafka/api_versions.h"

namespace millrace::server::kafka {

namespace {

// Decoded objects take more memory than their bytes, hostile ones much more: so much per request.
constexpr std::size_t kArenaBase = std::size_t{64} << 10;
constexpr std::size_t kArenaPerByte = 16;
// An answer may hold so much also when the budget is spent: readers must get on.
constexpr std::size_t kAnswerMin = std::size_t{64} << 10;
// Requests are looked at for slowness over windows of this length.
constexpr std::chrono::seconds kProgressWindow{5};
constexpr std::size_t kHeldMatters = std::size_t{64} << 10;

bool has_version(const Api& api, std::int16_t version) {
    return version >= api.version_min && version <= api.version_max;
}

std::size_t arena_bytes_max(std::size_t frame) {
    return std::min(kArenaBase + kArenaPerByte * frame, wire::Arena::kBytesMaxDefault);
}

/// The frame of an answer: length and response header before the body.
net::Outgoing framed(wire::Outbound body, std::int32_t correlation_id, bool has_tags) {
    net::Outgoing out;
    out.bytes = std::move(body.bytes);
    out.splices.reserve(body.splices.size());
    for (wire::Outbound::Splice& splice : body.splices) {
        out.splices.push_back({splice.at, splice.view, std::move(splice.owner)});
    }
    constexpr std::size_t kLength = 4;
    out.head_size = kLength + 4 + (has_tags ? 1 : 0);
    store_be(out.head.data(), static_cast<std::int32_t>(out.size() - kLength));
    store_be(out.head.data() + kLength, correlation_id);
    return out;
}

/// What became of one request.
struct Answer {
    enum class Kind : std::uint8_t { kBody, kNothing, kGivenUp };
    std::uint64_t sequence = 0;
    Kind kind = Kind::kGivenUp;
    wire::Outbound body;
    net::MemoryBudget::Charge charge;  // for the records in `body`
};

/// Where any thread leaves answers for the connection's thread. Outlives the connection while
/// somebody works on a request of it.
class AnswerBox {
  public:
    explicit AnswerBox(std::shared_ptr<net::Waker> waker) : waker_(std::move(waker)) {}

    void put(Answer answer) {
        const std::lock_guard lock(mutex_);
        if (waker_ == nullptr) {
            return;  // nobody is there to read it
        }
        answers_.push_back(std::move(answer));
        if (std::exchange(wants_call_, false)) {
            waker_->wake();
        }
    }
    /// The connection's thread will look again before it waits.
    void mute() {
        const std::lock_guard lock(mutex_);
        wants_call_ = false;
    }
    /// What has come; when that is nothing, the next put() calls.
    std::vector<Answer> take() {
        const std::lock_guard lock(mutex_);
        wants_call_ = answers_.empty();
        return std::exchange(answers_, {});
    }
    void detach() {
        const std::lock_guard lock(mutex_);
        waker_.reset();
        answers_.clear();
    }

  private:
    std::mutex mutex_;
    std::shared_ptr<net::Waker> waker_;  // guarded by mutex_, as all below
    std::vector<Answer> answers_;
    bool wants_call_ = true;
};

/// What the requests of one connection share with it.
struct Shared {
    explicit Shared(std::shared_ptr<net::Waker> waker) : box(std::move(waker)) {}
    ConnectionInfo info;
    AnswerBox box;
    std::string client_software;  // connection's thread
};

class ConnectionRequest final : public Request {
  public:
    ConnectionRequest(std::shared_ptr<Shared> shared,
                      net::MemoryBudget& budget,
                      std::uint64_t sequence,
                      RequestFrame frame)
        : shared_(std::move(shared)),
          budget_(budget),
          sequence_(sequence),
          frame_(std::move(frame)),
          arena_(arena_bytes_max(frame_.bytes().size())) {}
    ~ConnectionRequest() override {
        if (!is_answered_.exchange(true)) {
            shared_->box.put({sequence_, Answer::Kind::kGivenUp, {}, {}});
        }
    }
    ConnectionRequest(const ConnectionRequest&) = delete;
    ConnectionRequest& operator=(const ConnectionRequest&) = delete;

    [[nodiscard]] Status read_header() {
        MILLRACE_TRY(head_, wire::decode_request_header(arena_, frame_.bytes()));
        return Ok{};
    }
    /// What decoding took counts as request memory while the request lives.
    void charge_arena() {
        budget_.take(arena_.used());
        arena_charge_ = net::MemoryBudget::Charge(budget_, arena_.used());
    }
    [[nodiscard]] std::int32_t correlation_id() const { return head_.correlation_id; }
    [[nodiscard]] std::string_view decode_failure() const { return arena_.failure(); }

    [[nodiscard]] wire::ApiKey api() const override { return head_.key; }
    [[nodiscard]] std::int16_t version() const override { return head_.version; }
    [[nodiscard]] std::string_view client_id() const override { return head_.client_id; }
    [[nodiscard]] const ConnectionInfo& connection() const override { return shared_->info; }
    void set_client_software(std::string software) override {
        shared_->client_software = std::move(software);
    }
    [[nodiscard]] std::size_t reserve_answer(std::size_t bytes) override {
        settle_answer(0);
        std::size_t granted = bytes;
        while (granted > kAnswerMin) {
            if (budget_.try_take(granted)) {
                answer_charge_ = net::MemoryBudget::Charge(budget_, granted);
                return granted;
            }
            granted /= 2;
        }
        granted = std::min(bytes, kAnswerMin);
        settle_answer(granted);
        return granted;
    }
    void settle_answer(std::size_t bytes) override {
        budget_.take(bytes);
        answer_charge_ = net::MemoryBudget::Charge(budget_, bytes);
    }
    [[nodiscard]] std::span<std::byte> writable(ByteView part) override {
        const std::ptrdiff_t at = part.data() - frame_.page->data();
        CHECK(at >= 0 && static_cast<std::size_t>(at) + part.size() <= frame_.page->size());
        return {frame_.page->data() + at, part.size()};
    }
    void respond_nothing() override { answer(Answer::Kind::kNothing, {}); }

  protected:
    [[nodiscard]] wire::Arena& arena() override { return arena_; }
    [[nodiscard]] ByteView body() const override { return head_.body; }
    void send(wire::Outbound body) override { answer(Answer::Kind::kBody, std::move(body)); }

  private:
    void answer(Answer::Kind kind, wire::Outbound body) {
        CHECK(!is_answered_.exchange(true));  // a request is answered once
        shared_->box.put({sequence_, kind, std::move(body), std::move(answer_charge_)});
    }

    const std::shared_ptr<Shared> shared_;
    net::MemoryBudget& budget_;
    const std::uint64_t sequence_;
    const RequestFrame frame_;
    wire::Arena arena_;
    net::MemoryBudget::Charge arena_charge_;
    net::MemoryBudget::Charge answer_charge_;
    wire::RequestHead head_;
    std::atomic<bool> is_answered_{false};
};

class Connection final : public net::Session {
  public:
    Connection(ConnectionServices& services, net::Stream& stream)
        : services_(services),
          limits_(services.limits),
          stream_(stream),
          shared_(std::make_shared<Shared>(stream.waker())),
          reader_(services.budget,
                  limits_.frame,
                  [&services](std::int16_t key, std::int16_t version) {
                      const Api* api = find_api(services.apis, key);
                      return api != nullptr && has_version(*api, version);
                  }),
          opened_at_(now()),
          active_at_(opened_at_) {
        shared_->info.local_host = stream.local().address.text();
        shared_->info.local_port = stream.local().port;
        shared_->info.remote_host = stream.remote().address.text();
        shared_->info.id = stream.id();
    }

    [[nodiscard]] std::span<std::byte> space() override { return reader_.space(); }

    void received(std::size_t in_space, ByteView more) override {
        active_at_ = now();
        has_received_ = true;
        services_.counters.frame_bytes.add(in_space + more.size());
        if (in_space > 0 && reader_.filled(in_space) == FrameReader::State::kFrame) {
            add_request(reader_.take());
        }
        input_ = more;  // reading is paused while pending_ holds anything
        run();
    }

    void ended() override {
        is_ended_ = true;
        run();
    }
    void sent() override {
        active_at_ = now();
        run();
    }
    void woken() override { run(); }
    void finish() override {
        is_finishing_ = true;
        // What was not started is not begun any more.
        while (slots_.size() > started_) {
            outstanding_bytes_ -= slots_.back().bytes;
            slots_.pop_back();
        }
        run();
    }

    void tick(std::chrono::nanoseconds at) override {
        if (!has_received_ && at - opened_at_ > limits_.first_byte) {
            stream_.close(net::CloseReason::kFirstByteTimeout);
        } else if (memory_wait_ && at - *memory_wait_ > limits_.memory_wait) {
            // Before the next one: that the request is not whole is not the client's doing.
            stream_.close(net::CloseReason::kNoMemory);
        } else if (!has_request_ && at - opened_at_ > limits_.first_request) {
            stream_.close(net::CloseReason::kRequestTimeout);
        } else if (slots_.empty() && !reader_.is_inside_frame() && stream_.unsent_bytes() == 0 &&
                   at - active_at_ > limits_.idle) {
            stream_.close(net::CloseReason::kIdle);
        } else if (is_too_slow(at)) {
            stream_.close(net::CloseReason::kStalled);
        }
    }

    void closed(net::CloseReason reason) override {
        shared_->box.detach();
        forget_memory_wait();
        services_.versions.report(client_name(), versions_);
        if (reason == net::CloseReason::kTooLarge || reason == net::CloseReason::kNoMemory ||
            reason == net::CloseReason::kStalled) {
            warn("closed: " + std::string(net::name_of(reason)) +
                 (reader_.declared() > 0
                      ? ", in a request of " + std::to_string(reader_.declared()) + " bytes"
                      : ""));
        }
        slots_.clear();
    }

  private:
    /// One request, from its frame to its answer.
    struct Slot {
        const Api* api = nullptr;
        std::shared_ptr<ConnectionRequest> request;  // until it is started
        std::int32_t correlation_id = 0;
        bool has_tags = false;  // in the response header
        std::size_t bytes = 0;
        std::optional<Answer> answer;
    };

    [[nodiscard]] std::chrono::nanoseconds now() const {
        return services_.services.env.clock.monotonic();
    }
    [[nodiscard]] std::string client_name() const {
        return shared_->client_software.empty() ? "a client" : shared_->client_software;
    }
    void warn(const std::string& text) {
        services_.problems.warn(now(), "client " + stream_.remote().text() + ": " + text);
    }
    void fail(net::CloseReason reason, const std::string& text) {
        is_failed_ = true;
        warn(text);
        stream_.close(reason);
    }

    void run() {
        pump();
        if (input_.empty()) {
            pending_ = Buffer();
        } else if (input_.data() < pending_.data() ||
                   input_.data() >= pending_.data() + pending_.size()) {
            pending_ = Buffer(input_);
            input_ = pending_;
        }
    }

    /// Everything that can move moves: answers out, requests in.
    void pump() {
        shared_->box.mute();
        do {
            send_answers();
            start_requests();
            read_requests();
            start_requests();
            run_short_work();
        } while ((take_answers() || is_front_answered()) && !is_failed_);
        if (is_failed_) {
            return;
        }
        if (slots_.empty() && (is_finishing_ || (is_ended_ && input_.empty() && !memory_wait_))) {
            stream_.close_when_sent(is_finishing_ ? net::CloseReason::kServerStopping
                                                  : net::CloseReason::kPeerClosed);
        } else if (input_.empty() && has_room() && !memory_wait_) {
            resume();
        } else {
            is_reading_ = false;
            stream_.pause_reading();
        }
    }

    /// Of handlers: what they left to this thread, often an answer.
    static void run_short_work() {
        if (WorkLane* const lane = WorkLane::current()) {
            lane->run();
        }
    }

    void resume() {
        if (!is_reading_) {
            is_reading_ = true;
            mark_progress(now());
        }
        stream_.resume_reading();
    }

    [[nodiscard]] bool has_room() const {
        return !is_finishing_ && slots_.size() < limits_.outstanding_max &&
               (outstanding_bytes_ < limits_.outstanding_bytes_max) &&
               stream_.unsent_bytes() <= limits_.unsent_max;
    }

    void read_requests() {
        while (!is_failed_ && has_room() && (!input_.empty() || memory_wait_)) {
            const bool was_inside = reader_.is_inside_frame();
            const FrameReader::State state = reader_.feed(input_);
            if (!was_inside) {
                mark_progress(active_at_);
            }
            switch (state) {
                case FrameReader::State::kNeedsBytes:
                    forget_memory_wait();
                    return;
                case FrameReader::State::kFrame:
                    forget_memory_wait();
                    add_request(reader_.take());
                    break;
                case FrameReader::State::kNoMemory:
                    if (wait_for_memory()) {
                        return;
                    }
                    break;
                case FrameReader::State::kTooLarge:
                    fail(net::CloseReason::kTooLarge, "a request is too large");
                    return;
                case FrameReader::State::kMalformed:
                    services_.counters.malformed.add();
                    fail(net::CloseReason::kMalformed, "not the Kafka protocol");
                    return;
            }
        }
    }

    /// False when there is memory by now.
    bool wait_for_memory() {
        if (!memory_wait_) {
            memory_wait_ = now();
            services_.counters.memory_waits.add();
        }
        services_.budget.cancel(std::exchange(memory_wait_id_, net::MemoryBudget::WaitId::kNone));
        const FrameReader::Wanted wanted = reader_.wanted();
        memory_wait_id_ = services_.budget.wait(
            wanted.size, wanted.total, [waker = stream_.waker()] { waker->wake(); });
        return memory_wait_id_ != net::MemoryBudget::WaitId::kNone;
    }
    void forget_memory_wait() {
        memory_wait_.reset();
        if (memory_wait_id_ != net::MemoryBudget::WaitId::kNone) {
            services_.budget.cancel(
                std::exchange(memory_wait_id_, net::MemoryBudget::WaitId::kNone));
        }
    }

    void add_request(RequestFrame frame) {
        services_.counters.requests.add();
        const ByteView bytes = frame.bytes();
        const auto key = load_be<std::int16_t>(bytes.data());
        const auto version = load_be<std::int16_t>(bytes.data() + 2);
        const Api* api = find_api(services_.apis, key);
        if (api == nullptr) {
            services_.counters.unknown_apis.add();
            return fail(
                net::CloseReason::kMalformed,
                "unknown API " + std::to_string(key) + " version " + std::to_string(version));
        }
        if (!has_version(*api, version)) {
            services_.counters.unsupported_versions.add();
            if (api->key != wire::ApiKey::kApiVersions) {
                return fail(net::CloseReason::kMalformed,
                            std::string(api->name) + " version " + std::to_string(version) +
                                " is not supported");
            }
            return refuse_api_versions(*api, load_be<std::int32_t>(bytes.data() + 4));
        }
        Slot slot;
        slot.api = api;
        slot.bytes = bytes.size();
        slot.request = std::make_shared<ConnectionRequest>(
            shared_, services_.budget, first_sequence_ + slots_.size(), std::move(frame));
        if (const Status read = slot.request->read_header(); !read.ok()) {
            services_.counters.malformed.add();
            slot.request->respond_nothing();
            return fail(net::CloseReason::kMalformed, read.error().message);
        }
        has_request_ = true;
        slot.correlation_id = slot.request->correlation_id();
        slot.has_tags =
            api->key != wire::ApiKey::kApiVersions && version >= wire::flexible_from(api->key);
        if (services_.versions.is_on()) {
            std::int16_t& chosen = versions_[api->name];
            chosen = std::max(chosen, version);
        }
        outstanding_bytes_ += slot.bytes;
        slots_.push_back(std::move(slot));
    }

    /// The client tries a newer version than ours: it hears of ours in the oldest one.
    void refuse_api_versions(const Api& api, std::int32_t correlation_id) {
        has_request_ = true;
        Slot slot;
        slot.api = &api;
        slot.correlation_id = correlation_id;
        slot.answer = Answer{0, Answer::Kind::kBody, {}, {}};
        wire::ApiVersionsResponse answer = api_versions_answer(KafkaError::kUnsupportedVersion);
        wire::encode_response(slot.answer->body, api.key, 0, answer);
        slots_.push_back(std::move(slot));
    }

    void start_requests() {
        while (!is_failed_ && started_ < slots_.size()) {
            Slot& slot = slots_[started_];
            const bool is_first = started_ == 0;
            if (!is_first && !(is_produce(slot) && is_produce(slots_[started_ - 1]))) {
                return;
            }
            if (stream_.unsent_bytes() > limits_.unsent_max) {
                return;
            }
            ++started_;
            if (slot.answer) {
                continue;
            }
            const std::shared_ptr<ConnectionRequest> request = std::move(slot.request);
            slot.api->handle(services_.services, request);
            request->charge_arena();
            if (!request->decode_failure().empty()) {
                services_.counters.malformed.add();
                fail(net::CloseReason::kMalformed,
                     "malformed " + std::string(slot.api->name) + " version " +
                         std::to_string(request->version()) + ": " +
                         std::string(request->decode_failure()));
            }
        }
    }
    [[nodiscard]] static bool is_produce(const Slot& slot) {
        return slot.api->key == wire::ApiKey::kProduce;
    }

    bool take_answers() {
        std::vector<Answer> answers = shared_->box.take();
        const bool has_come = !answers.empty();
        for (Answer& answer : answers) {
            const std::uint64_t at = answer.sequence - first_sequence_;
            if (answer.sequence < first_sequence_ || at >= slots_.size()) {
                continue;  // of a request that finish() dropped
            }
            if (answer.kind == Answer::Kind::kGivenUp && !is_failed_) {
                services_.counters.unanswered.add();
                fail(net::CloseReason::kFailed,
                     std::string(slots_[at].api->name) + " was not answered");
            }
            slots_[at].answer = std::move(answer);
        }
        return has_come;
    }

    /// Also by a request that was refused while it was read and never had a handler.
    [[nodiscard]] bool is_front_answered() const {
        return !slots_.empty() && started_ > 0 && slots_.front().answer.has_value();
    }
    void send_answers() {
        while (!is_failed_ && is_front_answered()) {
            Slot& slot = slots_.front();
            if (slot.answer->kind == Answer::Kind::kBody) {
                stream_.send(
                    framed(std::move(slot.answer->body), slot.correlation_id, slot.has_tags));
            }
            outstanding_bytes_ -= slot.bytes;
            slots_.pop_front();
            --started_;
            ++first_sequence_;
            active_at_ = now();
        }
    }

    void mark_progress(std::chrono::nanoseconds at) {
        window_at_ = at;
        window_received_ = reader_.received();
        slow_windows_ = 0;
    }
    /// Over windows of kProgressWindow: does the request under way come fast enough?
    [[nodiscard]] bool is_too_slow(std::chrono::nanoseconds at) {
        const auto window = std::chrono::duration_cast<std::chrono::milliseconds>(at - window_at_);
        if (!is_reading_ || !reader_.is_inside_frame() || window < kProgressWindow) {
            return false;
        }
        const std::size_t received = reader_.received() - window_received_;
        const std::size_t rate = received * 1000 / static_cast<std::size_t>(window.count());
        const bool is_pressed = services_.budget.is_waited_for() && reader_.held() > kHeldMatters;
        const int slow_windows = rate < limits_.frame_rate_min ? slow_windows_ + 1 : 0;
        mark_progress(at);
        slow_windows_ = slow_windows;
        return (is_pressed && rate < limits_.pressed_rate_min) ||
               slow_windows_ * kProgressWindow >= limits_.frame_stall;
    }

    ConnectionServices& services_;
    const ConnectionLimits& limits_;
    net::Stream& stream_;
    const std::shared_ptr<Shared> shared_;
    FrameReader reader_;
    ByteView input_;  // read and not looked at yet; outside of received() it points into pending_
    Buffer pending_;
    std::deque<Slot> slots_;            // requests that were not answered, oldest first
    std::uint64_t first_sequence_ = 0;  // of slots_.front()
    std::size_t started_ = 0;           // of slots_, from the front
    std::size_t outstanding_bytes_ = 0;
    ChosenVersions versions_;
    std::optional<std::chrono::nanoseconds> memory_wait_;  // since when
    net::MemoryBudget::WaitId memory_wait_id_ = net::MemoryBudget::WaitId::kNone;
    const std::chrono::nanoseconds opened_at_;
    std::chrono::nanoseconds active_at_;
    std::chrono::nanoseconds window_at_{0};
    std::size_t window_received_ = 0;
    int slow_windows_ = 0;
    bool has_received_ = false;
    bool has_request_ = false;
    bool is_reading_ = true;
    bool is_ended_ = false;
    bool is_finishing_ = false;
    bool is_failed_ = false;
};

}  // namespace

void ProblemLines::warn(std::chrono::nanoseconds now, const std::string& text) {
    std::uint64_t left_out = 0;
    {
        const std::lock_guard lock(mutex_);
        if (now - window_at_ >= kWindow) {
            window_at_ = now;
            lines_ = 0;
            left_out = std::exchange(left_out_, 0);
        }
        if (lines_ >= kLinesMax) {
            ++left_out_;
            return;
        }
        ++lines_;
    }
    if (left_out > 0) {
        log_.warn("kafka", std::to_string(left_out) + " more problems of clients were left out");
    }
    log_.warn("kafka", text);
}

std::unique_ptr<net::Session> make_connection(ConnectionServices& services, net::Stream& stream) {
    return std::make_unique<Connection>(services, stream);
}

}  // namespace millrace::server::kafka
