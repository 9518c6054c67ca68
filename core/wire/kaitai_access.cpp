#include "core/wire/kaitai_access.h"

#include <cstring>

namespace millrace::wire {

TopicId uuid(std::string_view bytes) {
    TopicId id;
    if (bytes.size() == id.bytes.size()) {
        std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    }
    return id;
}

}  // namespace millrace::wire
