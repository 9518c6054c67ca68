#include "core/log/compaction/key_map.h"

#include <algorithm>

#include <xxhash.h>

namespace millrace::log {

namespace {

constexpr std::size_t kFirstSlots = 1024;

/// Above three quarters the searches get long.
bool is_crowded(std::size_t size, std::size_t slots) {
    return size >= slots / 4 * 3;
}

}  // namespace

// While it grows the old table, half as large, is there as well.
KeyMap::KeyMap(std::size_t bytes_max, std::uint64_t seed)
    : slots_max_(std::max<std::size_t>(bytes_max / sizeof(Slot) / 3 * 2, 8)),
      seed_(seed),
      slots_(std::min(kFirstSlots, slots_max_)) {}

KeyMap::Slot KeyMap::hash(ByteView key) const {
    const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
    return Slot{.low = hash.low64, .high = hash.high64};
}

std::size_t KeyMap::position_of(const Slot& key) const {
    std::size_t at = static_cast<std::size_t>(key.high % slots_.size());
    while (slots_[at].offset >= 0 && (slots_[at].low != key.low || slots_[at].high != key.high)) {
        at = at + 1 == slots_.size() ? 0 : at + 1;
    }
    return at;
}

bool KeyMap::grow() {
    if (slots_.size() == slots_max_) {
        return false;
    }
    std::vector<Slot> old(std::min(slots_.size() * 2, slots_max_));
    old.swap(slots_);
    for (const Slot& slot : old) {
        if (slot.offset >= 0) {
            slots_[position_of(slot)] = slot;
        }
    }
    return true;
}

bool KeyMap::put(ByteView key, Offset offset) {
    Slot wanted = hash(key);
    std::size_t at = position_of(wanted);
    if (slots_[at].offset < 0) {
        if (is_crowded(size_, slots_.size())) {
            if (!grow()) {
                return false;
            }
            at = position_of(wanted);
        }
        ++size_;
    }
    wanted.offset = std::max(slots_[at].offset, offset.value);
    slots_[at] = wanted;
    return true;
}

std::optional<Offset> KeyMap::find(ByteView key) const {
    const Slot& slot = slots_[position_of(hash(key))];
    return slot.offset < 0 ? std::nullopt : std::optional(Offset{slot.offset});
}

}  // namespace millrace::log
