#include "server/kafka/api_table.h"

#include <algorithm>
#include <vector>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

namespace {

std::vector<Api> join_tables() {
    std::vector<Api> rows;
    for (const std::span<const Api> area :
         {connection_apis(), data_apis(), group_apis(), transaction_apis(), admin_apis()}) {
        rows.insert(rows.end(), area.begin(), area.end());
    }
    std::sort(rows.begin(), rows.end(), [](const Api& a, const Api& b) { return a.key < b.key; });
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CHECK(rows[i - 1].key != rows[i].key);
    }
    return rows;
}

std::string versions(std::int16_t from, std::int16_t to) {
    return from == to ? std::to_string(from) : std::to_string(from) + " to " + std::to_string(to);
}

}  // namespace

std::span<const Api> api_table() {
    static const std::vector<Api> kRows = join_tables();
    return kRows;
}

const Api* find_api(std::span<const Api> table, std::int16_t key) {
    const auto found = std::lower_bound(table.begin(), table.end(), key, [](const Api& api, int k) {
        return static_cast<int>(api.key) < k;
    });
    return found != table.end() && static_cast<std::int16_t>(found->key) == key ? &*found : nullptr;
}

std::string_view name_of(Permission permission) {
    switch (permission) {
        case Permission::kNone:
            return "none";
        case Permission::kTopicRead:
            return "topic read";
        case Permission::kTopicWrite:
            return "topic write";
        case Permission::kTopicDescribe:
            return "topic describe";
        case Permission::kTopicAlter:
            return "topic alter";
        case Permission::kTopicCreate:
            return "topic create";
        case Permission::kTopicDelete:
            return "topic delete";
        case Permission::kGroupRead:
            return "group read";
        case Permission::kGroupDescribe:
            return "group describe";
        case Permission::kGroupDelete:
            return "group delete";
        case Permission::kTransactionWrite:
            return "transaction write";
        case Permission::kTransactionDescribe:
            return "transaction describe";
        case Permission::kClusterDescribe:
            return "cluster describe";
        case Permission::kClusterAlter:
            return "cluster alter";
    }
    return "";
}

std::string describe_apis() {
    std::string text =
        "# Kafka APIs\n\n"
        "What `millrace server` answers, as it tells clients in ApiVersions. Made from the version "
        "table in\n`server/kafka/*_apis.cpp` by a test that also compares the two.\n\n"
        "| key | API | versions | permission |\n|---|---|---|---|\n";
    for (const Api& api : api_table()) {
        text += "| " + std::to_string(static_cast<int>(api.key)) + " | " + std::string(api.name) +
                " | " + versions(api.version_min, api.version_max);
        if (api.implemented_min > api.version_min) {
            const auto below = static_cast<std::int16_t>(api.implemented_min - 1);
            text += " (" + versions(api.version_min, below) + " are answered with " +
                    "UNSUPPORTED_VERSION)";
        }
        text += " | " + std::string(name_of(api.permission)) + " |\n";
    }
    text +=
        "\n* ApiVersions in a version that is not in the table is answered in version 0 with "
        "UNSUPPORTED_VERSION and this table.\n"
        "* Any other API or version that is not in the table closes the connection, with a line "
        "in the log.\n"
        "* Permissions are what a principal will need; there is no authorization yet, and the "
        "server listens on loopback\n  addresses unless it is told otherwise.\n";
    return text;
}

}  // namespace millrace::server::kafka
