#include "core/broker/space_watch.h"

#include <algorithm>

namespace millrace::broker {

namespace {

constexpr std::uint64_t kFreeBytesMin = std::uint64_t{1} << 30;
constexpr std::uint64_t kFreePart = 20;

}  // namespace

void SpaceWatch::look() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        return;  // somebody else is looking; the last answer is good enough until then
    }
    bytes_since_ = 0;
    next_look_ns_ = (env_.clock.monotonic() + kInterval).count();
    const Result<std::uint64_t> free = env_.files.free_bytes(directory_);
    const Result<std::uint64_t> total = env_.files.total_bytes(directory_);
    if (!free.ok() || !total.ok()) {
        is_full_ = false;
        return;
    }
    limit_bytes_ = wanted_.value_or(std::max(kFreeBytesMin, total.value() / kFreePart));
    free_bytes_ = free.value();
    const bool is_full = free.value() < limit_bytes_;
    if (is_full != is_full_.exchange(is_full)) {
        const std::string figures = std::to_string(free.value()) +
                                    " bytes are free, the limit is " +
                                    std::to_string(limit_bytes_.load());
        if (is_full) {
            env_.log.error("log", "disk is nearly full, producers are refused: " + figures);
        } else {
            env_.log.info("log", "disk has room again, producers are taken: " + figures);
        }
    }
}

Status SpaceWatch::check(std::uint64_t bytes) {
    if (wanted_ == std::uint64_t{0}) {
        return Ok{};
    }
    const std::uint64_t since = bytes_since_.fetch_add(bytes) + bytes;
    if (since >= kBytesBetween || env_.clock.monotonic().count() >= next_look_ns_) {
        look();
    }
    if (!is_full_) {
        return Ok{};
    }
    return Error{ErrorCode::kNoSpace,
                 "disk is nearly full: " + std::to_string(free_bytes_.load()) +
                     " bytes are free, producers are taken from " +
                     std::to_string(limit_bytes_.load()) + " on"};
}

}  // namespace millrace::broker
