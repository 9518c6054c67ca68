#include "connectors/config_def.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/assert.h"
#include "core/base/nearest_name.h"

namespace millrace::connectors {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_text(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : ", ") + part;
    }
    return text;
}

template <class T>
bool parse_all(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

std::string range_of(const ConfigKey& key) {
    if (key.min && key.max) {
        return " from " + std::to_string(*key.min) + " to " + std::to_string(*key.max);
    }
    if (key.min) {
        return " of at least " + std::to_string(*key.min);
    }
    return key.max ? " of at most " + std::to_string(*key.max) : "";
}

std::string wanted(const ConfigKey& key) {
    switch (key.type) {
        case KeyType::kString:
            return "must be a text";
        case KeyType::kInt:
        case KeyType::kLong:
            return "must be a whole number" + range_of(key);
        case KeyType::kDouble:
            return "must be a number" + range_of(key);
        case KeyType::kBoolean:
            return "must be true or false";
        case KeyType::kList:
            return "must be a list of names separated by commas";
        case KeyType::kEnum:
            return "must be one of " + joined(key.allowed);
        case KeyType::kPath:
            return "must be the name of a file";
        case KeyType::kDuration:
            return "must be a whole number of milliseconds" + range_of(key);
    }
    return "";
}

bool is_in_range(const ConfigKey& key, std::int64_t value) {
    return (!key.min || value >= *key.min) && (!key.max || value <= *key.max);
}

/// The value in its one spelling; nullopt when it does not fit the key.
std::optional<std::string> canonical(const ConfigKey& key, std::string_view raw) {
    const std::string_view text = key.type == KeyType::kString ? raw : trimmed(raw);
    std::int64_t whole = 0;
    double real = 0;
    switch (key.type) {
        case KeyType::kString:
            return std::string(text);
        case KeyType::kInt:
            if (!parse_all(text, whole) || whole < std::numeric_limits<std::int32_t>::min() ||
                whole > std::numeric_limits<std::int32_t>::max() || !is_in_range(key, whole)) {
                return std::nullopt;
            }
            return std::to_string(whole);
        case KeyType::kLong:
        case KeyType::kDuration:
            if (!parse_all(text, whole) || !is_in_range(key, whole)) {
                return std::nullopt;
            }
            return std::to_string(whole);
        case KeyType::kDouble:
            if (!parse_all(text, real) || !std::isfinite(real) ||
                (key.min && real < static_cast<double>(*key.min)) ||
                (key.max && real > static_cast<double>(*key.max))) {
                return std::nullopt;
            }
            return std::string(text);
        case KeyType::kBoolean: {
            const std::string value = lower_text(text);
            return value == "true" || value == "false" ? std::optional(value) : std::nullopt;
        }
        case KeyType::kEnum: {
            const std::string value = lower_text(text);
            const bool is_known =
                std::find(key.allowed.begin(), key.allowed.end(), value) != key.allowed.end();
            return is_known ? std::optional(value) : std::nullopt;
        }
        case KeyType::kList:
            return std::string(text);
        case KeyType::kPath:
            if (text.empty() || text.find('\0') != std::string_view::npos) {
                return std::nullopt;
            }
            return std::string(text);
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(KeyType type) {
    switch (type) {
        case KeyType::kString:
            return "string";
        case KeyType::kInt:
            return "int";
        case KeyType::kLong:
            return "long";
        case KeyType::kDouble:
            return "double";
        case KeyType::kBoolean:
            return "boolean";
        case KeyType::kList:
            return "list";
        case KeyType::kEnum:
            return "enum";
        case KeyType::kPath:
            return "path";
        case KeyType::kDuration:
            return "duration (ms)";
    }
    return "";
}

const Config::Entry& Config::entry(std::string_view key) const {
    const auto found = entries_.find(key);
    CHECK(found != entries_.end());
    return found->second;
}

bool Config::has(std::string_view key) const {
    return entry(key).value.has_value();
}

const std::string& Config::text(std::string_view key) const {
    static const std::string kNothing;
    const Entry& found = entry(key);
    return found.value ? *found.value : kNothing;
}

std::int64_t Config::number(std::string_view key) const {
    const Entry& found = entry(key);
    CHECK(found.type == KeyType::kInt || found.type == KeyType::kLong);
    std::int64_t value = 0;
    CHECK(found.value && parse_all(std::string_view(*found.value), value));
    return value;
}

double Config::real(std::string_view key) const {
    const Entry& found = entry(key);
    CHECK(found.type == KeyType::kDouble);
    double value = 0;
    CHECK(found.value && parse_all(std::string_view(*found.value), value));
    return value;
}

bool Config::flag(std::string_view key) const {
    const Entry& found = entry(key);
    CHECK(found.type == KeyType::kBoolean && found.value);
    return *found.value == "true";
}

std::vector<std::string> Config::list(std::string_view key) const {
    const Entry& found = entry(key);
    CHECK(found.type == KeyType::kList);
    return found.value ? split_list(*found.value) : std::vector<std::string>{};
}

std::chrono::milliseconds Config::duration(std::string_view key) const {
    const Entry& found = entry(key);
    CHECK(found.type == KeyType::kDuration);
    std::int64_t value = 0;
    CHECK(found.value && parse_all(std::string_view(*found.value), value));
    return std::chrono::milliseconds{value};
}

ConfigDef::ConfigDef(std::vector<ConfigKey> keys) : keys_(std::move(keys)) {}

void ConfigDef::add(const std::vector<ConfigKey>& keys) {
    keys_.insert(keys_.end(), keys.begin(), keys.end());
}

const ConfigKey* ConfigDef::find(std::string_view name) const {
    for (const ConfigKey& key : keys_) {
        if (key.name == name ||
            std::find(key.aliases.begin(), key.aliases.end(), name) != key.aliases.end()) {
            return &key;
        }
    }
    return nullptr;
}

std::string ConfigDef::unknown_key(const std::string& name) const {
    std::vector<std::string> names;
    for (const ConfigKey& key : keys_) {
        names.push_back(key.name);
    }
    const std::optional<std::string> near = nearest_name(name, names);
    return "unknown key " + quoted(name) + (near ? ": did you mean " + quoted(*near) + "?" : "");
}

Config ConfigDef::parse(const std::map<std::string, std::string>& given,
                        std::vector<std::string>& problems) const {
    Config config;
    for (const ConfigKey& key : keys_) {
        config.entries_[key.name] = {key.type, key.default_value};
    }
    std::map<std::string, std::string> source_of;  // key -> the spelling that gave it
    for (const auto& [name, value] : given) {
        const ConfigKey* key = find(name);
        if (key == nullptr) {
            problems.push_back(unknown_key(name));
            continue;
        }
        if (const auto [at, is_new] = source_of.emplace(key->name, name); !is_new) {
            problems.push_back("keys " + quoted(at->second) + " and " + quoted(name) +
                               " mean the same: give one of them");
            continue;
        }
        std::optional<std::string> checked = canonical(*key, value);
        if (!checked) {
            problems.push_back("key " + quoted(name) + " " + wanted(*key) + ", not " +
                               quoted(value));
            continue;
        }
        config.entries_[key->name].value = std::move(checked);
    }
    for (const ConfigKey& key : keys_) {
        const Config::Entry& found = config.entries_[key.name];
        const bool is_empty = !found.value || trimmed(*found.value).empty();
        if (key.is_required && is_empty && (!source_of.contains(key.name) || found.value)) {
            problems.push_back("key " + quoted(key.name) + " is missing: " + key.documentation);
        }
    }
    return config;
}

std::vector<ConfigKey> common_keys() {
    const std::string group = "Common";
    return {
        {.name = "name",
         .type = KeyType::kString,
         .group = group,
         .documentation = "The connector's name; its progress is kept under it."},
        {.name = "connector.class",
         .type = KeyType::kString,
         .is_required = true,
         .group = group,
         .documentation = "Which connector this is; the names of Kafka Connect's classes are "
                          "accepted too."},
        {.name = "tasks.max",
         .type = KeyType::kInt,
         .default_value = "1",
         .min = 1,
         .group = group,
         .documentation = "Every connector runs as one task; a larger number is taken as 1, with a "
                          "warning."},
        {.name = "key.converter",
         .type = KeyType::kEnum,
         .allowed = {"org.apache.kafka.connect.storage.stringconverter", "stringconverter"},
         .group = group,
         .documentation = "Accepted for Kafka Connect's sake. Keys follow the topic's schema, else "
                          "they are text."},
        {.name = "value.converter",
         .type = KeyType::kEnum,
         .allowed = {"org.apache.kafka.connect.json.jsonconverter",
                     "jsonconverter",
                     "org.apache.kafka.connect.storage.stringconverter",
                     "stringconverter"},
         .group = group,
         .documentation = "Accepted for Kafka Connect's sake. Values follow the topic's schema, "
                          "else the connector's format."},
        {.name = "value.converter.schemas.enable",
         .type = KeyType::kEnum,
         .default_value = "false",
         .allowed = {"false"},
         .group = group,
         .documentation = "Values never carry a schema of their own."},
        {.name = "key.converter.schemas.enable",
         .type = KeyType::kEnum,
         .default_value = "false",
         .allowed = {"false"},
         .group = group,
         .documentation = "Keys never carry a schema of their own."},
        {.name = "errors.tolerance",
         .type = KeyType::kEnum,
         .default_value = "none",
         .allowed = {"none", "all"},
         .group = "Errors",
         .documentation = "What a bad record does: none fails the connector, all skips the record, "
                          "counts and reports it."},
        {.name = "errors.deadletterqueue.topic.name",
         .type = KeyType::kString,
         .default_value = "",
         .group = "Errors",
         .documentation = "A topic that gets the bad records, with headers that say where they "
                          "stood and why they failed. Needs errors.tolerance=all."},
        {.name = "errors.log.enable",
         .type = KeyType::kBoolean,
         .default_value = "false",
         .group = "Errors",
         .documentation = "Also writes every bad record's place and reason to the log of the "
                          "program."},
        {.name = "errors.log.include.messages",
         .type = KeyType::kBoolean,
         .default_value = "false",
         .group = "Errors",
         .documentation = "Adds the start of the bad record itself to those lines. Records may "
                          "hold secrets."},
        {.name = "errors.retry.timeout",
         .type = KeyType::kDuration,
         .default_value = "60000",
         .min = -1,
         .group = "Errors",
         .documentation = "How long an operation that failed for an outside reason (disk full, I/O "
                          "error, lock) is tried again; -1 is for ever, 0 never."},
        {.name = "errors.retry.delay.max.ms",
         .type = KeyType::kDuration,
         .default_value = "10000",
         .min = 1,
         .group = "Errors",
         .documentation = "The longest pause between two tries; the first is 100 ms and each is "
                          "twice the one before."},
    };
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> entries;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (const std::string_view entry = trimmed(text.substr(0, comma)); !entry.empty()) {
            entries.emplace_back(entry);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return entries;
}

Error config_error(const std::string& origin,
                   const std::string& connector,
                   const std::vector<std::string>& problems) {
    std::string message = (origin.empty() ? "" : origin + ": ") + "connector " + connector + ": ";
    if (problems.size() == 1) {
        message += problems.front();
    } else {
        message += std::to_string(problems.size()) + " problems";
        for (const std::string& problem : problems) {
            message += "\n  " + problem;
        }
    }
    return {ErrorCode::kConfigInvalid, std::move(message)};
}

}  // namespace millrace::connectors
