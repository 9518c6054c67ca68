#include "connectors/runner.h"

#include <algorithm>
#include <exception>

namespace millrace::connectors {

namespace {

constexpr std::chrono::milliseconds kFirstRetryDelay{100};
constexpr std::size_t kLoggedRecordBytesMax = 200;

}  // namespace

std::string_view name_of(ConnectorState state) {
    switch (state) {
        case ConnectorState::kStarting:
            return "starting";
        case ConnectorState::kRunning:
            return "running";
        case ConnectorState::kFinished:
            return "finished";
        case ConnectorState::kStopped:
            return "stopped";
        case ConnectorState::kFailed:
            return "failed";
    }
    return "";
}

std::optional<std::chrono::milliseconds> RetryTimer::next(const Error& error) {
    if (!is_retriable(error.code)) {
        return std::nullopt;
    }
    const std::chrono::nanoseconds now = clock_.monotonic();
    if (tries_ == 0) {
        first_failure_ = now;
    }
    if (timeout_.count() >= 0 && now - first_failure_ >= timeout_) {
        return std::nullopt;
    }
    const std::uint32_t doublings = std::min<std::uint32_t>(tries_++, 20);
    return std::min(kFirstRetryDelay * (std::int64_t{1} << doublings), delay_max_);
}

Runner::Runner(const WorkerServices& services, ConnectorSpec spec)
    : services_(services),
      spec_(std::move(spec)),
      retry_(services_.env.clock,
             spec_.config.duration("errors.retry.timeout"),
             spec_.config.duration("errors.retry.delay.max.ms")),
      skips_bad_records_(spec_.config.text("errors.tolerance") == "all"),
      logs_bad_records_(spec_.config.flag("errors.log.enable")),
      logs_raw_records_(spec_.config.flag("errors.log.include.messages")),
      dead_letter_topic_(spec_.config.text("errors.deadletterqueue.topic.name")) {
    status_.name = spec_.name;
    status_.kind = spec_.kind;
    status_.class_name = spec_.class_name;
    status_.topics = spec_.topics;
}

void Runner::start() {
    thread_ = std::thread([this] { run_thread(); });
}

void Runner::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

ConnectorStatus Runner::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Runner::finish_topic(const std::string& topic, const std::vector<Offset>& ends) {
    static_cast<void>(topic);
    static_cast<void>(ends);
}

void Runner::run_thread() {
    set_state(ConnectorState::kStarting, std::nullopt);
    Result<ConnectorState> end = ConnectorState::kStopped;
    try {
        end = run();
    } catch (const std::exception&
                 thrown) {  // out of memory, say: this connector fails, not the process
        end = Error{ErrorCode::kIo, std::string("stopped unexpectedly: ") + thrown.what()};
    }
    if (end.ok()) {
        set_state(end.value(), std::nullopt);
    } else if (end.error().code == ErrorCode::kCancelled && signal_.is_raised()) {
        set_state(ConnectorState::kStopped, std::nullopt);
    } else {
        set_state(ConnectorState::kFailed, end.error());
    }
}

void Runner::set_state(ConnectorState state, std::optional<Error> error) {
    if (error) {
        services_.env.log.error("connector " + spec_.name, error->message);
    }
    change_status([&](ConnectorStatus& status) {
        status.state = state;
        status.error = std::move(error);
    });
    if (services_.on_state) {
        services_.on_state(spec_.name, state);
    }
}

void Runner::set_running() {
    if (status().state != ConnectorState::kRunning) {
        set_state(ConnectorState::kRunning, std::nullopt);
    }
}

void Runner::change_status(const std::function<void(ConnectorStatus&)>& change) {
    const std::lock_guard lock(mutex_);
    change(status_);
}

void Runner::log_warning(std::string_view text) const {
    services_.env.log.warn("connector " + spec_.name, text);
}

Result<bool> Runner::pause_before_retry(const Error& error) {
    const std::optional<std::chrono::milliseconds> delay = retry_.next(error);
    if (!delay) {
        return false;
    }
    log_warning(error.message + "; tries again in " + std::to_string(delay->count()) + " ms");
    if (!signal_.pause(services_.env.io, *delay)) {
        return Error{ErrorCode::kCancelled, "stopped while waiting to try again: " + error.message};
    }
    return true;
}

Status Runner::take_bad_record(const std::string& place, const Error& error, std::string_view raw) {
    if (services_.report) {
        services_.report({.connector = spec_.name, .place = place, .error = error});
    }
    if (logs_bad_records_) {
        std::string text = place + ": " + error.message;
        if (logs_raw_records_) {
            text += ": " + std::string(raw.substr(0, kLoggedRecordBytesMax));
        }
        log_warning(text);
    }
    if (!skips_bad_records_) {
        return error.with_context(place);
    }
    change_status([this](ConnectorStatus& status) {
        ++(is_dead_lettering() ? status.dead_lettered : status.skipped);
    });
    return Ok{};
}

}  // namespace millrace::connectors
