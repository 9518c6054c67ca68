// Outgoing: one message on its way to a socket, in pieces that are sent from where they lie.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"

namespace millrace::net {

/// Moved, never copied. `head` goes first: a frame length or response header that is known only
/// when the rest is there.
struct Outgoing {
    struct Splice {
        std::size_t at = 0;  // position in `bytes` before which the view goes
        ByteView view;
        PagePtr owner;  // keeps the view alive
    };

    std::array<std::byte, 16> head{};
    std::size_t head_size = 0;
    Buffer bytes;
    std::vector<Splice> splices;  // by `at`, ascending

    [[nodiscard]] std::size_t size() const {
        std::size_t total = head_size + bytes.size();
        for (const Splice& splice : splices) {
            total += splice.view.size();
        }
        return total;
    }
};

}  // namespace millrace::net
