#include "operators/state/key_index.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <xxhash.h>

#include "core/base/assert.h"

namespace millrace::operators {

namespace {

constexpr std::size_t kSlotsMin = 16;
constexpr std::size_t kArenaChunk = 65'536;
/// How many keys ahead a slot is fetched; between 8 and 32 makes no difference. A table below
/// kSlotsInCache slots (256 KiB) does not gain from it.
constexpr std::size_t kPrefetchAhead = 16;
constexpr std::size_t kSlotsInCache = 16'384;
/// Below this an arena is not worth compacting.
constexpr std::size_t kCompactMin = 2 * kArenaChunk;

bool is_full(std::size_t size, std::size_t slots) {
    return size * 2 >= slots;
}

std::uint32_t take_id(std::vector<std::uint32_t>& free, std::size_t next) {
    if (free.empty()) {
        CHECK(next < kNoKey - 1);
        return static_cast<std::uint32_t>(next);
    }
    const std::uint32_t id = free.back();
    free.pop_back();
    return id;
}

}  // namespace

IntegerIndex::IntegerIndex()
    : slots_(kSlotsMin), mask_(kSlotsMin - 1), shift_(64U - std::bit_width(kSlotsMin - 1)) {}

std::uint32_t IntegerIndex::find(std::uint64_t key) const {
    for (std::size_t at = home(key);; at = (at + 1) & mask_) {
        const Slot& slot = slots_[at];
        if (slot.id_plus_1 == 0) {
            return kNoKey;
        }
        if (slot.key == key) {
            return slot.id_plus_1 - 1;
        }
    }
}

KeyId IntegerIndex::insert(std::uint64_t key) {
    for (std::size_t at = home(key);; at = (at + 1) & mask_) {
        const Slot& slot = slots_[at];
        if (slot.id_plus_1 == 0) {
            return insert_new(key, at);
        }
        if (slot.key == key) {
            return {.id = slot.id_plus_1 - 1, .is_new = false};
        }
    }
}

void IntegerIndex::insert_all(const std::uint64_t* keys,
                              std::size_t count,
                              std::uint32_t* ids,
                              std::vector<std::uint32_t>& made) {
    const bool is_large = slots_.size() > kSlotsInCache;
    for (std::size_t i = 0; i < count; ++i) {
        if (is_large && i + kPrefetchAhead < count) {
            __builtin_prefetch(&slots_[home(keys[i + kPrefetchAhead])]);
        }
        // The first slot nearly always is the one.
        const Slot& slot = slots_[home(keys[i])];
        if (slot.key == keys[i] && slot.id_plus_1 != 0) {
            ids[i] = slot.id_plus_1 - 1;
            continue;
        }
        const KeyId key = insert(keys[i]);
        ids[i] = key.id;
        if (key.is_new) {
            made.push_back(static_cast<std::uint32_t>(i));
        }
    }
}

KeyId IntegerIndex::insert_new(std::uint64_t key, std::size_t at) {
    const std::uint32_t id = take_id(free_, keys_.size());
    if (id == keys_.size()) {
        keys_.push_back(key);
    } else {
        keys_[id] = key;
    }
    slots_[at] = Slot{.key = key, .id_plus_1 = id + 1};
    if (is_full(++size_, slots_.size())) {
        grow();
    }
    return {.id = id, .is_new = true};
}

void IntegerIndex::grow() {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    mask_ = slots_.size() - 1;
    --shift_;
    for (const Slot& slot : before) {
        if (slot.id_plus_1 != 0) {
            std::size_t at = home(slot.key);
            while (slots_[at].id_plus_1 != 0) {
                at = (at + 1) & mask_;
            }
            slots_[at] = slot;
        }
    }
}

void IntegerIndex::erase(std::uint32_t id) {
    std::size_t hole = home(keys_[id]);
    while (slots_[hole].id_plus_1 != id + 1) {
        CHECK(slots_[hole].id_plus_1 != 0);
        hole = (hole + 1) & mask_;
    }
    // Move back every later slot of the cluster that may stand at the hole.
    for (std::size_t at = (hole + 1) & mask_; slots_[at].id_plus_1 != 0; at = (at + 1) & mask_) {
        const std::size_t wanted = home(slots_[at].key);
        if (((at - wanted) & mask_) >= ((at - hole) & mask_)) {
            slots_[hole] = slots_[at];
            hole = at;
        }
    }
    slots_[hole] = Slot{};
    free_.push_back(id);
    --size_;
}

std::size_t IntegerIndex::memory_bytes() const {
    return slots_.size() * sizeof(Slot) + keys_.capacity() * 8 + free_.capacity() * 4;
}

BytesIndex::BytesIndex() : slots_(kSlotsMin), mask_(kSlotsMin - 1) {}

std::uint64_t BytesIndex::hash(ByteView key) {
    return XXH3_64bits(key.data(), key.size());
}

std::uint32_t BytesIndex::find(ByteView key, std::uint64_t hash) const {
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
        const Slot slot = slots_[at];
        if (slot.id_plus_1 == 0) {
            return kNoKey;
        }
        if (slot.tag == tag && equal(this->key(slot.id_plus_1 - 1), key)) {
            return slot.id_plus_1 - 1;
        }
    }
}

KeyId BytesIndex::insert(ByteView key, std::uint64_t hash) {
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & mask_;
    for (; slots_[at].id_plus_1 != 0; at = (at + 1) & mask_) {
        if (slots_[at].tag == tag && equal(this->key(slots_[at].id_plus_1 - 1), key)) {
            return {.id = slots_[at].id_plus_1 - 1, .is_new = false};
        }
    }
    const std::uint32_t id = take_id(free_, entries_.size());
    if (id == entries_.size()) {
        entries_.emplace_back();
    }
    entries_[id] = Entry{.hash = hash,
                         .at = copy(key),
                         .size = static_cast<std::uint32_t>(key.size()),
                         .is_live = true};
    slots_[at] = Slot{.tag = tag, .id_plus_1 = id + 1};
    if (is_full(++size_, slots_.size())) {
        grow();
    }
    return {.id = id, .is_new = true};
}

const std::byte* BytesIndex::copy(ByteView key) {
    if (key.size() > arena_left_) {
        const std::size_t chunk = std::max(kArenaChunk, key.size());
        arena_.push_back(std::make_unique_for_overwrite<std::byte[]>(chunk));
        arena_at_ = arena_.back().get();
        arena_left_ = chunk;
        arena_bytes_ += chunk;
    }
    std::byte* at = arena_at_;
    std::copy(key.begin(), key.end(), at);
    arena_at_ += key.size();
    arena_left_ -= key.size();
    live_bytes_ += key.size();
    return at;
}

void BytesIndex::grow() {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    mask_ = slots_.size() - 1;
    for (const Slot& slot : before) {
        if (slot.id_plus_1 != 0) {
            std::size_t at = entries_[slot.id_plus_1 - 1].hash & mask_;
            while (slots_[at].id_plus_1 != 0) {
                at = (at + 1) & mask_;
            }
            slots_[at] = slot;
        }
    }
}

void BytesIndex::erase(std::uint32_t id) {
    std::size_t hole = entries_[id].hash & mask_;
    while (slots_[hole].id_plus_1 != id + 1) {
        CHECK(slots_[hole].id_plus_1 != 0);
        hole = (hole + 1) & mask_;
    }
    for (std::size_t at = (hole + 1) & mask_; slots_[at].id_plus_1 != 0; at = (at + 1) & mask_) {
        const std::size_t wanted = entries_[slots_[at].id_plus_1 - 1].hash & mask_;
        if (((at - wanted) & mask_) >= ((at - hole) & mask_)) {
            slots_[hole] = slots_[at];
            hole = at;
        }
    }
    slots_[hole] = Slot{};
    live_bytes_ -= entries_[id].size;
    entries_[id] = Entry{};
    free_.push_back(id);
    --size_;
    if (arena_bytes_ > kCompactMin && live_bytes_ < arena_bytes_ / 2) {
        compact();
    }
}

void BytesIndex::compact() {
    const std::vector<std::unique_ptr<std::byte[]>> before = std::exchange(arena_, {});
    arena_left_ = 0;
    arena_bytes_ = 0;
    live_bytes_ = 0;
    for (Entry& entry : entries_) {
        if (entry.is_live) {
            entry.at = copy({entry.at, entry.size});
        }
    }
}

std::size_t BytesIndex::memory_bytes() const {
    return slots_.size() * sizeof(Slot) + entries_.capacity() * sizeof(Entry) +
           free_.capacity() * 4 + arena_bytes_;
}

}  // namespace millrace::operators
