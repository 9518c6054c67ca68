#include "server/heap_trim.h"

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace millrace::server {

bool HeapTrim::look(std::chrono::nanoseconds now) {
    constexpr std::size_t kPart = 8;
    const std::size_t kept = budget_.used() + budget_.limit() / kPart;
    if (now < next_ || budget_.peak() <= kept) {
        return false;
    }
    next_ = now + kPause;
    budget_.forget_peak();
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
    return true;
}

}  // namespace millrace::server
