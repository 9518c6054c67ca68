#include "core/base/page.h"

#include <array>
#include <bit>
#include <cstring>
#include <mutex>

namespace millrace {

namespace {

/// Memory of pages that are gone, for the next ones of about their size. Pages come and go with
/// every request and every read: the heap would look for room, join and split for each of them.
/// Any thread.
class SparePages {
  public:
    static SparePages& instance() {
        // Never destroyed: pages may outlive everything else that is static.
        static auto* const spare = new SparePages();  // NOLINT
        return *spare;
    }

    /// At least `size` bytes.
    std::unique_ptr<std::byte[]> take(std::size_t size) {
        const std::size_t kind = kind_of(size);
        if (kind < kKinds) {
            const std::lock_guard lock(mutex_);
            if (std::byte* const first = kept_[kind]; first != nullptr) {
                std::memcpy(&kept_[kind], first, sizeof first);
                kept_bytes_ -= size_of(kind);
                return std::unique_ptr<std::byte[]>(first);
            }
        }
        return std::make_unique_for_overwrite<std::byte[]>(kind < kKinds ? size_of(kind) : size);
    }

    /// `bytes` came from take(size). Needs no memory: pages go in destructors.
    void give(std::unique_ptr<std::byte[]> bytes, std::size_t size) {
        const std::size_t kind = kind_of(size);
        if (kind < kKinds) {
            const std::lock_guard lock(mutex_);
            if (kept_bytes_ + size_of(kind) <= kKeptBytesMax) {
                kept_bytes_ += size_of(kind);
                std::byte* const first = bytes.release();
                std::memcpy(first, &kept_[kind], sizeof first);
                kept_[kind] = first;
            }
        }
    }

  private:
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    static constexpr std::size_t kKeptBytesMax = 0;  // every use of a page that is gone is found
#else
    static constexpr std::size_t kKeptBytesMax = std::size_t{8} << 20;
#endif
    // Sizes from 4 KiB to 2 MiB, four to each doubling: at most a fifth is given away.
    static constexpr std::size_t kSmallestBits = 12;
    static constexpr std::size_t kLargestBits = 21;
    static constexpr std::size_t kSteps = 4;
    static constexpr std::size_t kKinds = (kLargestBits - kSmallestBits) * kSteps;

    /// kKinds when pages of that size are not kept.
    static std::size_t kind_of(std::size_t size) {
        if (size <= (std::size_t{1} << kSmallestBits) || size > size_of(kKinds - 1)) {
            return kKinds;
        }
        const auto bits = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;
        const std::size_t step = (std::size_t{1} << bits) / kSteps;
        return (bits - kSmallestBits) * kSteps + (size - 1 - (std::size_t{1} << bits)) / step;
    }
    static constexpr std::size_t size_of(std::size_t kind) {
        const std::size_t base = std::size_t{1} << (kSmallestBits + kind / kSteps);
        return base + base / kSteps * (kind % kSteps + 1);
    }

    std::mutex mutex_;
    // The first of each size; each begins with the address of the next.
    std::array<std::byte*, kKinds> kept_{};  // guarded by mutex_
    std::size_t kept_bytes_ = 0;             // guarded by mutex_
};

}  // namespace

Page::Page(std::size_t capacity)
    : bytes_(SparePages::instance().take(capacity + kPagePadding)), capacity_(capacity) {
    std::memset(bytes_.get() + capacity, 0, kPagePadding);
}

std::shared_ptr<Page> Page::allocate(std::size_t capacity) {
    return {new Page(capacity), [](Page* page) {  // NOLINT: the constructor is private
                SparePages::instance().give(std::move(page->bytes_),
                                            page->capacity_ + kPagePadding);
                delete page;
            }};
}

void Page::set_size(std::size_t size) {
    CHECK(size <= capacity_);
    size_ = size;
}

}  // namespace millrace
