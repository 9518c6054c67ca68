#include "runtime/edge.h"

#include <algorithm>

namespace millrace::runtime {

bool Edge::has_credit() {
    const std::lock_guard lock(mutex_);
    const bool has = rows_ < credit_.rows_max && bytes_ < credit_.bytes_max;
    is_producer_waiting_ = !has;
    return has;
}

void Edge::push(RowBatchPtr rows) {
    const std::size_t bytes = rows->memory_bytes();
    const std::lock_guard lock(mutex_);
    rows_ += rows->selected();
    bytes_ += bytes;
    std::size_t peak = peak_.load();
    while (peak < rows_ && !peak_.compare_exchange_weak(peak, rows_)) {
    }
    items_.push_back(Item{std::move(rows), 0, bytes});
    has_news_ = true;
}

void Edge::advance(std::uint64_t progress) {
    {
        const std::lock_guard lock(mutex_);
        if (progress <= progress_ && !has_news_) {
            return;
        }
        progress_ = std::max(progress_, progress);
        has_news_ = false;
    }
    consumer_.wake();
}

std::uint64_t Edge::receive(std::deque<Item>& items) {
    const std::lock_guard lock(mutex_);
    for (Item& item : items_) {
        items.push_back(std::move(item));
    }
    items_.clear();
    return progress_;
}

void Edge::consumed(std::size_t rows, std::size_t bytes) {
    {
        const std::lock_guard lock(mutex_);
        rows_ -= rows;
        bytes_ -= bytes;
        if (!is_producer_waiting_ || rows_ >= credit_.rows_max || bytes_ >= credit_.bytes_max) {
            return;
        }
        is_producer_waiting_ = false;
    }
    producer_.wake();
}

}  // namespace millrace::runtime
