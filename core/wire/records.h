// Records: record batches inside a message, sent from where they lie.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/page.h"

namespace millrace::wire {

/// Views of whole record batches, one after the other on the wire. Moved, never copied.
struct Records {
    std::vector<ByteView> batches;
    std::vector<PagePtr> owners;  // keep the batches alive, batch by batch; may be empty for bytes
                                  // that live longer than the message
    bool is_null = false;
};

}  // namespace millrace::wire
