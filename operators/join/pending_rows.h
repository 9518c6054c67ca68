// PendingRows: rows of an outer join that wait to hear that nobody joined them.
#pragma once

#include <compare>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// Which rows wait together; the order is the order in which they are given up.
struct PendingKey {
    std::int64_t time = 0;
    std::uint8_t rank = 0;  // of the side
    std::string key;        // serialized, compared as bytes

    friend auto operator<=>(const PendingKey&, const PendingKey&) = default;
};

/// One delta per changed key and barrier. One thread. docs/formats/deltas.md
class PendingRows {
  public:
    [[nodiscard]] bool empty() const { return waiting_ == 0; }
    void add(PendingKey key, ByteView row);
    /// Somebody joined them.
    void remove(const PendingKey& key);

    /// Calls visit(key, rows) in order; it answers what shall happen.
    enum class Visit : std::uint8_t { kKeep, kRemove, kStop };
    template <class Visitor>
    void visit(Visitor visitor) {
        for (auto at = entries_.begin(); at != entries_.end();) {
            const auto next = std::next(at);
            if (!at->second.rows.empty()) {
                switch (visitor(at->first, at->second.rows)) {
                    case Visit::kKeep:
                        break;
                    case Visit::kRemove:
                        remove(at);
                        break;
                    case Visit::kStop:
                        return;
                }
            }
            at = next;
        }
    }

    void stage(runtime::StoreId store, runtime::OpContext& context);
    struct Restored {
        std::uint8_t rank = 0;
        std::span<const Buffer> rows;  // unchecked; valid until it changes
    };
    [[nodiscard]] Result<Restored> restore(ByteView key, ByteView value);
    [[nodiscard]] std::size_t memory_bytes() const { return bytes_; }

  private:
    struct Entry {
        std::vector<Buffer> rows;  // none: removed, and the log has to hear of it
        bool is_dirty = false;
        bool is_persisted = false;
    };
    using Entries = std::map<PendingKey, Entry>;

    void remove(Entries::iterator at);
    void touch(const PendingKey& key, Entry& entry);

    Entries entries_;
    std::vector<PendingKey> dirty_;
    std::size_t waiting_ = 0;  // keys with rows
    std::size_t bytes_ = 0;
};

}  // namespace millrace::operators
