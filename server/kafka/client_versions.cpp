#include "server/kafka/client_versions.h"

namespace millrace::server::kafka {

void ClientVersions::report(std::string_view software, const ChosenVersions& versions) {
    if (!is_on() || versions.empty()) {
        return;
    }
    std::string line(software);
    line += " uses";
    for (const auto& [name, version] : versions) {
        line += " " + std::string(name) + " " + std::to_string(version);
    }
    {
        const std::lock_guard lock(mutex_);
        if (reported_.size() >= kKindsMax || !reported_.insert(line).second) {
            return;
        }
    }
    log_.debug("kafka", line);
}

}  // namespace millrace::server::kafka
