#include "server/kafka/frame_reader.h"

#include <algorithm>

namespace millrace::server::kafka {

std::span<std::byte> FrameReader::space() {
    if (!page_) {
        return {};
    }
    const std::size_t at = kRequestMin + received_;
    return {page_->page->data() + at, page_->page->capacity() - at};
}

FrameReader::State FrameReader::filled(std::size_t size) {
    received_ += size;
    return settle();
}

FrameReader::State FrameReader::feed(ByteView& bytes) {
    if (head_size_ < kHeadBytes) {
        const State state = take_head(bytes);
        if (state != State::kNeedsBytes || head_size_ < kHeadBytes) {
            return state;
        }
    }
    while (!page_ || (settle() == State::kNeedsBytes && !bytes.empty())) {
        if (space().empty()) {
            if (const State state = grow(); state != State::kNeedsBytes) {
                return state;
            }
            continue;  // a frame that is all head is whole now
        }
        const std::size_t size = std::min(bytes.size(), space().size());
        std::memcpy(space().data(), bytes.data(), size);
        bytes = bytes.subspan(size);
        received_ += size;
    }
    return settle();
}

RequestFrame FrameReader::take() {
    CHECK(settle() == State::kFrame && page_);
    page_->page->set_size(size_);
    RequestFrame frame{std::shared_ptr<Page>(page_, page_->page.get())};
    trusted_ = std::max(trusted_, std::min(size_, kTrustedMax));
    page_.reset();
    head_size_ = 0;
    received_ = 0;
    size_ = 0;
    return frame;
}

FrameReader::State FrameReader::take_head(ByteView& bytes) {
    const std::size_t size = std::min(bytes.size(), kHeadBytes - head_size_);
    std::copy_n(bytes.begin(), size, head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
    bytes = bytes.subspan(size);
    head_size_ += size;
    return check_head();
}

FrameReader::State FrameReader::check_head() {
    if (head_size_ < kLengthBytes) {
        return State::kNeedsBytes;
    }
    const auto declared = load_be<std::int32_t>(head_.data());
    if (declared < static_cast<std::int32_t>(kRequestMin)) {
        return State::kMalformed;
    }
    size_ = static_cast<std::size_t>(declared);
    if (size_ > limits_.known_max || !budget_.can_hold(size_)) {
        return State::kTooLarge;
    }
    if (head_size_ < kHeadBytes) {
        return State::kNeedsBytes;
    }
    const auto key = load_be<std::int16_t>(head_.data() + kLengthBytes);
    const auto version = load_be<std::int16_t>(head_.data() + kLengthBytes + 2);
    return size_ > limits_.unknown_max && !recognise_(key, version) ? State::kTooLarge
                                                                    : State::kNeedsBytes;
}

FrameReader::State FrameReader::grow() {
    const std::size_t old = page_ ? page_->page->capacity() : 0;
    const std::size_t capacity = std::min(size_, page_ ? old * 2 : trusted_);
    wanted_ = {capacity - old, capacity};
    if (!budget_.try_take(capacity - old, capacity)) {
        return State::kNoMemory;
    }
    net::MemoryBudget::Charge more(budget_, capacity - old);
    auto grown = std::make_shared<ChargedPage>();
    grown->page = Page::allocate(capacity);
    if (page_) {
        std::memcpy(grown->page->data(), page_->page->data(), kRequestMin + received_);
        page_->charge.add(more.release());
        grown->charge = std::move(page_->charge);
    } else {
        std::memcpy(grown->page->data(), head_.data() + kLengthBytes, kRequestMin);
        grown->charge = std::move(more);
    }
    page_ = std::move(grown);
    return State::kNeedsBytes;
}

FrameReader::State FrameReader::settle() const {
    const bool is_whole = head_size_ == kHeadBytes && kRequestMin + received_ == size_;
    return is_whole ? State::kFrame : State::kNeedsBytes;
}

}  // namespace millrace::server::kafka
