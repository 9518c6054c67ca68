#include "core/base/kill_point.h"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace millrace {

namespace {

struct Target {
    std::string name;
    std::uint64_t count = 0;
};

Target read_target() {
    Target target;
    const char* setting = std::getenv("MILLRACE_KILL_AT");
    const std::string_view text = setting == nullptr ? "" : setting;
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos) {
        target.name = text.substr(0, colon);
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), target.count);
    }
    return target;
}

}  // namespace

void kill_point(std::string_view name) {
    static const Target kTarget = read_target();
    static std::atomic<std::uint64_t> passed{0};
    if (kTarget.count != 0 && name == kTarget.name && ++passed == kTarget.count) {
        std::raise(SIGKILL);
    }
}

}  // namespace millrace
