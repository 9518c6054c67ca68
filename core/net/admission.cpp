#include "core/net/admission.h"

#include <algorithm>

namespace millrace::net {

Refusal Admission::admit(const IpAddress& from, std::chrono::nanoseconds now) {
    const bool is_local = from.is_loopback();
    const std::lock_guard lock(mutex_);
    const std::size_t reserve = std::min(limits_.loopback_reserve, limits_.connections_max);
    if (open_ >= limits_.connections_max - (is_local ? 0 : reserve)) {
        return Refusal::kTotal;
    }
    if (!is_local) {
        const IpAddress key = from.origin();
        auto found = origins_.find(key);
        if (found == origins_.end()) {
            forget_quiet_origins(now);
            if (origins_.size() >= kOriginsMax) {
                return Refusal::kRate;  // a flood from everywhere: those who are in go on
            }
            found = origins_.emplace(key, Origin{0, limits_.per_origin_burst, now}).first;
        }
        Origin& origin = found->second;
        if (origin.open >= limits_.per_origin_max) {
            return Refusal::kPerOrigin;
        }
        origin.tokens = tokens_at(origin, now);
        origin.at = now;
        if (origin.tokens < 1) {
            return Refusal::kRate;
        }
        origin.tokens -= 1;
        ++origin.open;
    }
    ++open_;
    return Refusal::kNone;
}

void Admission::release(const IpAddress& from) {
    const std::lock_guard lock(mutex_);
    CHECK(open_ > 0);
    --open_;
    if (!from.is_loopback()) {
        const auto found = origins_.find(from.origin());
        CHECK(found != origins_.end() && found->second.open > 0);
        --found->second.open;
    }
}

std::size_t Admission::open() const {
    const std::lock_guard lock(mutex_);
    return open_;
}

double Admission::tokens_at(const Origin& origin, std::chrono::nanoseconds now) const {
    const double seconds = std::chrono::duration<double>(now - origin.at).count();
    return std::min(limits_.per_origin_burst, origin.tokens + seconds * limits_.per_origin_rate);
}

void Admission::forget_quiet_origins(std::chrono::nanoseconds now) {
    // Only when there are many, and then once a second. A full bucket says nothing worth keeping.
    if (origins_.size() < kOriginsMax || now < next_cleaning_) {
        return;
    }
    next_cleaning_ = now + std::chrono::seconds(1);
    std::erase_if(origins_, [&](const auto& entry) {
        return entry.second.open == 0 && tokens_at(entry.second, now) >= limits_.per_origin_burst;
    });
}

}  // namespace millrace::net
