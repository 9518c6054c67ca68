// Edge: a bounded queue of row batches from one strand to another, with progress beside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

#include "core/row/row_batch.h"
#include "runtime/strand.h"

namespace millrace::runtime {

/// One producer strand, one consumer strand. Credit bounds rows and bytes that were pushed and not
/// yet consumed; progress ("nothing below this seq will be pushed any more") needs no credit and is
/// coalesced to its last value.
class Edge {
  public:
    struct Credit {
        std::size_t rows_max = 0;
        std::size_t bytes_max = 0;
    };
    struct Item {
        RowBatchPtr rows;
        std::uint32_t position = 0;  // in the selection: rows before it are consumed
        std::size_t bytes = 0;
    };

    /// peak   raised to the most rows that the edge ever held
    Edge(Credit credit, Strand& producer, Strand& consumer, std::atomic<std::size_t>& peak)
        : credit_(credit), producer_(producer), consumer_(consumer), peak_(peak) {}

    /// Producer: may it push? When not it is woken as soon as it may.
    [[nodiscard]] bool has_credit();
    /// Producer: may go beyond the credit (one row can fan out to many). Rows ascend by seq over
    /// all calls. Does not wake the consumer: advance() does.
    void push(RowBatchPtr rows);
    /// Producer: nothing below `progress` will come. Wakes the consumer when that or pushed rows
    /// are news.
    void advance(std::uint64_t progress);

    /// Consumer: takes what was pushed, and the progress that goes with it. Credit comes back with
    /// consumed() only.
    [[nodiscard]] std::uint64_t receive(std::deque<Item>& items);
    void consumed(std::size_t rows, std::size_t bytes);

  private:
    const Credit credit_;
    Strand& producer_;
    Strand& consumer_;
    std::atomic<std::size_t>& peak_;
    std::mutex mutex_;
    std::deque<Item> items_;            // guarded by mutex_
    std::size_t rows_ = 0;              // guarded by mutex_; pushed and not consumed
    std::size_t bytes_ = 0;             // guarded by mutex_
    std::uint64_t progress_ = 0;        // guarded by mutex_
    bool has_news_ = false;             // guarded by mutex_; rows were pushed since advance()
    bool is_producer_waiting_ = false;  // guarded by mutex_
};

}  // namespace millrace::runtime
