// KeyMap: the newest offset of every key, in bounded memory, for one pass of compaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/record/ids.h"

namespace millrace::log {

/// Keys are known by 128 bits of XXH3 under a seed of their own, 24 bytes with the offset. Two keys
/// out of ten million share them with a chance of 10^-25, and nobody who cannot see the seed can
/// make them. One thread at a time.
class KeyMap {
  public:
    /// bytes_max   what the table may take, also while it grows
    /// seed        random
    KeyMap(std::size_t bytes_max, std::uint64_t seed);

    /// Notes that `key` stands at `offset`; the largest offset of a key wins. False, and nothing
    /// changed, when the key is new and there is no room.
    [[nodiscard]] bool put(ByteView key, Offset offset);
    /// The largest offset put for the key.
    [[nodiscard]] std::optional<Offset> find(ByteView key) const;
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    struct Slot {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::int64_t offset = -1;  // -1: free
    };
    [[nodiscard]] Slot hash(ByteView key) const;
    [[nodiscard]] std::size_t position_of(const Slot& key) const;
    bool grow();

    const std::size_t slots_max_;
    const std::uint64_t seed_;
    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace millrace::log
