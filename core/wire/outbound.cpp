#include "core/wire/outbound.h"

namespace millrace::wire {

Buffer Outbound::flat() const {
    Buffer all;
    all.reserve(size());
    std::size_t from = 0;
    for (const Splice& splice : splices) {
        all.append(bytes.view().subspan(from, splice.at - from));
        all.append(splice.view);
        from = splice.at;
    }
    all.append(bytes.view().subspan(from));
    return all;
}

}  // namespace millrace::wire
