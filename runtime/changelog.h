// Changelog: a task's state deltas as records, and reading them back at start.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "runtime/component.h"
#include "runtime/operator.h"
#include "runtime/topic_sink.h"

namespace millrace::runtime {

/// Record key: store id (u16 big-endian), node (u16 big-endian), the store's key. Record value: the
/// store's value; null = removed. The last record of a key counts.
struct ChangelogKey {
    StoreId store;
    std::uint16_t node = 0;
    ByteView key;

    /// nullopt when the bytes are too short.
    [[nodiscard]] static std::optional<ChangelogKey> parse(ByteView bytes);
    void append_to(Buffer& bytes) const;
};

/// Stores of the task itself; operators number theirs from 0.
constexpr StoreId kTimerStore{0xffff};  // key: time (u64 big-endian), the timer's key; no value
constexpr StoreId kStreamTimeStore{0xfffe};  // no key; value: ms (i64 big-endian)

/// Last value by record key.
using ChangelogState = std::unordered_map<std::string, std::string>;

/// Reads a changelog partition up to `end` on the I/O executor; `done` runs there. kCorruptBatch
/// names topic and partition: state is never guessed.
void read_changelog(Component& component,
                    const TopicInfo& topic,
                    Partition partition,
                    Offset end,
                    std::function<void(Result<ChangelogState>)> done);

}  // namespace millrace::runtime
