// ConfigDef: the declared keys of a connector class: one table for parsing, messages and
// documentation.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace millrace::connectors {

enum class KeyType : std::uint8_t {
    kString,
    kInt,       // 32 bits
    kLong,      // 64 bits
    kDouble,    // decimal point, not NaN
    kBoolean,   // true or false
    kList,      // comma separated, blanks around entries do not count
    kEnum,      // one of `allowed`, any case
    kPath,      // a file's name
    kDuration,  // whole milliseconds
};
[[nodiscard]] std::string_view name_of(KeyType type);

/// One configuration key.
struct ConfigKey {
    std::string name;
    KeyType type = KeyType::kString;
    /// What stands when the key is not given; nullopt: the key has no value then.
    std::optional<std::string> default_value = {};
    bool is_required = false;
    std::optional<std::int64_t> min = {};   // numbers and durations, inclusive
    std::optional<std::int64_t> max = {};   // numbers and durations, inclusive
    std::vector<std::string> allowed = {};  // kEnum; lower case
    std::vector<std::string> aliases = {};  // other spellings of the name
    std::string group = {};                 // heading in the documentation
    std::string documentation = {};         // one or two sentences
};

/// Checked values. Asking for a key that the class does not declare is a bug (CHECK).
class Config {
  public:
    /// Given, or there is a default.
    [[nodiscard]] bool has(std::string_view key) const;
    /// The text; empty when the key has no value. Enums come in lower case.
    [[nodiscard]] const std::string& text(std::string_view key) const;
    /// kInt and kLong; the key must have a value.
    [[nodiscard]] std::int64_t number(std::string_view key) const;
    /// kDouble; the key must have a value.
    [[nodiscard]] double real(std::string_view key) const;
    /// kBoolean; the key must have a value.
    [[nodiscard]] bool flag(std::string_view key) const;
    /// kList; empty when the key has no value.
    [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
    /// kDuration; the key must have a value.
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view key) const;

  private:
    friend class ConfigDef;
    struct Entry {
        KeyType type = KeyType::kString;
        std::optional<std::string> value;
    };
    [[nodiscard]] const Entry& entry(std::string_view key) const;

    std::map<std::string, Entry, std::less<>> entries_;
};

/// The keys of one connector class.
class ConfigDef {
  public:
    ConfigDef() = default;
    explicit ConfigDef(std::vector<ConfigKey> keys);

    void add(const std::vector<ConfigKey>& keys);
    [[nodiscard]] const std::vector<ConfigKey>& keys() const { return keys_; }

    /// Reads `given`. Every problem goes to `problems`, one sentence each; values that have one are
    /// left out of the result.
    [[nodiscard]] Config parse(const std::map<std::string, std::string>& given,
                               std::vector<std::string>& problems) const;

  private:
    [[nodiscard]] const ConfigKey* find(std::string_view name) const;
    [[nodiscard]] std::string unknown_key(const std::string& name) const;

    std::vector<ConfigKey> keys_;
};

/// Keys that every connector has; sources and sinks add `topic` or `topics` themselves.
[[nodiscard]] std::vector<ConfigKey> common_keys();

/// Splits at commas and trims blanks; empty entries are dropped.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

/// One Error of all problems: "flights.json: connector flights: a; b" or, for several, one line
/// each.
[[nodiscard]] Error config_error(const std::string& origin,
                                 const std::string& connector,
                                 const std::vector<std::string>& problems);

}  // namespace millrace::connectors
