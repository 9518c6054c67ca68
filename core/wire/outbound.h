// Outbound: a response on its way to a socket: encoded bytes with spans of record pages between
// them.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"

namespace millrace::wire {

/// Bytes of its own, cut where somebody else's bytes go: records are sent from the pages they were
/// read into. Moved, never copied.
class Outbound {
  public:
    struct Splice {
        std::size_t at = 0;  // position in `bytes` before which the view goes
        ByteView view;
        PagePtr owner;
    };

    Buffer bytes;
    std::vector<Splice> splices;  // by `at`, ascending

    void splice(ByteView view, PagePtr owner) {
        splices.push_back({bytes.size(), view, std::move(owner)});
    }
    [[nodiscard]] std::size_t size() const {
        std::size_t total = bytes.size();
        for (const Splice& splice : splices) {
            total += splice.view.size();
        }
        return total;
    }
    /// Everything in one piece, copied: for clients and tests.
    [[nodiscard]] Buffer flat() const;
};

}  // namespace millrace::wire
