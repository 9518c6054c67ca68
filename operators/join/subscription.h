// What a subscription of a foreign-key join asks for: the two steps' common word.
#pragma once

#include <cstdint>

namespace millrace::operators {

enum class Subscription : std::int32_t {
    kLeave = 0,         // forget the left row; its next foreign key answers for it
    kRemove = 1,        // forget the left row and say so
    kSet = 2,           // keep the left row; answer, with a tombstone if there is no right row
    kSetIfMatched = 3,  // keep the left row; answer only if there is a right row
};

}  // namespace millrace::operators
