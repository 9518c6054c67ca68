// IntegerIndex, BytesIndex: open-addressing tables from a key to a small dense id.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"

namespace millrace::operators {

/// What a key became: its id, and whether this call made it. Ids are dense from 0 and reused after
/// erase(), so that parallel arrays can be indexed by them.
struct KeyId {
    std::uint32_t id = 0;
    bool is_new = false;
};
constexpr std::uint32_t kNoKey = ~std::uint32_t{0};

/// Keys that fit in 64 bits, held in the slots: one cache line per probe. Linear probing, at most
/// half full, backward-shift deletion (no tombstones, so memory and probe lengths do not creep up).
class IntegerIndex {
  public:
    IntegerIndex();

    [[nodiscard]] std::uint32_t find(std::uint64_t key) const;
    KeyId insert(std::uint64_t key);
    /// insert() for `count` keys, in order; ids[i] is that of keys[i]. Appends to `made`, in order,
    /// the positions of keys that were new.
    void insert_all(const std::uint64_t* keys,
                    std::size_t count,
                    std::uint32_t* ids,
                    std::vector<std::uint32_t>& made);
    void erase(std::uint32_t id);
    [[nodiscard]] std::uint64_t key(std::uint32_t id) const { return keys_[id]; }
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t id_plus_1 = 0;  // 0: free
        std::uint32_t unused = 0;
    };

    /// Fibonacci hashing; folding the halves first keeps keys apart that differ only in high bits.
    [[nodiscard]] std::size_t home(std::uint64_t key) const {
        return ((key ^ (key >> 32)) * 0x9E3779B97F4A7C15U) >> shift_;
    }
    KeyId insert_new(std::uint64_t key, std::size_t at);
    void grow();

    std::vector<Slot> slots_;
    std::vector<std::uint64_t> keys_;  // by id
    std::vector<std::uint32_t> free_;
    std::size_t mask_ = 0;
    unsigned shift_ = 0;
    std::size_t size_ = 0;
};

/// Keys of any length, copied into an arena. Slots hold 32 hash bits as a tag, so that a probe
/// rarely looks at a key that is not the right one. Hash: XXH3_64 with seed 0, slot from its low
/// bits.
class BytesIndex {
  public:
    BytesIndex();

    [[nodiscard]] static std::uint64_t hash(ByteView key);
    [[nodiscard]] std::uint32_t find(ByteView key, std::uint64_t hash) const;
    KeyId insert(ByteView key, std::uint64_t hash);
    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
    void erase(std::uint32_t id);
    /// Valid until the next erase().
    [[nodiscard]] ByteView key(std::uint32_t id) const {
        return {entries_[id].at, entries_[id].size};
    }
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t id_plus_1 = 0;  // 0: free
    };
    struct Entry {
        std::uint64_t hash = 0;
        const std::byte* at = nullptr;
        std::uint32_t size = 0;
        bool is_live = false;
    };

    const std::byte* copy(ByteView key);
    void grow();
    /// Copies the live keys into a fresh arena.
    void compact();

    std::vector<Slot> slots_;
    std::vector<Entry> entries_;  // by id
    std::vector<std::uint32_t> free_;
    std::size_t mask_ = 0;
    std::size_t size_ = 0;
    std::vector<std::unique_ptr<std::byte[]>> arena_;
    std::byte* arena_at_ = nullptr;
    std::size_t arena_left_ = 0;
    std::size_t arena_bytes_ = 0;
    std::size_t live_bytes_ = 0;
};

}  // namespace millrace::operators
