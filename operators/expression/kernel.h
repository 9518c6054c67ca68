// Kernel: one typed loop over the selected rows of a batch; what it reads, writes and how it
// reports errors.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/row/column.h"
#include "core/row/data_type.h"
#include "core/row/row_batch.h"

namespace millrace {
struct Env;  // core/base/env.h
}

namespace millrace::operators {

/// Memory for texts that kernels make; released as a whole. Whoever keeps a StringRef into it pins
/// it.
class TextArena {
  public:
    /// Room for `size` bytes, valid as long as the arena.
    char* allocate(std::size_t size);
    /// Gives back the unused end of the last allocation.
    void shrink(std::size_t unused) { used_ -= unused; }
    /// Forgets all texts and keeps the largest block.
    void clear();

  private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t block_size_ = 0;
    std::size_t used_ = 0;
};

/// The rows to compute: all of [0, size), or the listed ones, ascending.
struct RowSet {
    const std::uint32_t* selected = nullptr;  // nullptr: all
    std::uint32_t count = 0;                  // how many
    std::uint32_t size = 0;                   // of the batch

    template <class F>
    void for_each(F&& f) const {
        if (selected == nullptr) {
            for (std::uint32_t i = 0; i < size; ++i) {
                f(i);
            }
        } else {
            for (std::uint32_t k = 0; k < count; ++k) {
                f(selected[k]);
            }
        }
    }
    /// True when a loop over all rows costs less than one over the list.
    [[nodiscard]] bool is_dense() const { return selected == nullptr || count >= size / 2; }
};

/// An argument: flat values, or one value for all rows.
struct Vector {
    const void* values = nullptr;
    const std::uint64_t* validity = nullptr;  // nullptr: no nulls; bit 0 when constant
    bool is_constant = false;
    const DataType* type = nullptr;
    /// Nested types only; then `values` is not set. Rows are looked up with column->slot(row).
    const Column* column = nullptr;

    [[nodiscard]] bool is_valid(std::uint32_t row) const {
        const std::uint32_t bit = is_constant ? 0 : row;
        return validity == nullptr || (validity[bit / 64] >> (bit % 64) & 1) != 0;
    }
};

/// Values by row of a flat or constant argument.
template <class T>
class Reader {
  public:
    explicit Reader(const Vector& vector)
        : values_(static_cast<const T*>(vector.values)),
          mask_(vector.is_constant ? 0 : ~std::uint32_t{0}) {}
    const T& operator[](std::uint32_t row) const { return values_[row & mask_]; }

  private:
    const T* values_;
    std::uint32_t mask_;
};

/// What a kernel remembers from batch to batch: compiled patterns, sorted lists.
struct KernelState {
    virtual ~KernelState() = default;
};

/// One run of one kernel. Kernels with strict nulls get `validity` already made from their
/// arguments and leave it; others decide for themselves.
struct KernelCall {
    RowSet rows;
    std::span<const Vector> args{};
    const DataType* type = nullptr;  // of the result
    void* values = nullptr;          // of the result, rows.size of them
    /// Nested results are built here, rows ascending; rows left out are empty, not null. Rows that
    /// `validity` says are null become so afterwards.
    ColumnBuilder* builder = nullptr;
    /// Set by a kernel whose result is a column that was there before, of rows.size rows, with its
    /// own nulls: then nothing else of the result counts.
    ColumnPtr* column = nullptr;
    std::vector<std::uint64_t>* validity = nullptr;  // of the result; empty: no nulls
    TextArena* arena = nullptr;                      // of the result
    std::unique_ptr<KernelState>* state = nullptr;   // of this place in the program
    std::vector<RowError>* errors = nullptr;
    const Env* env = nullptr;      // for volatile kernels; nullptr: at planning time
    std::string_view parameter{};  // LIKE: the escape character
    std::size_t literals = 0;      // IN: how many items, right behind argument 0, never change
    std::size_t field = 0;         // struct->field: its position

    template <class T>
    [[nodiscard]] T* out() const {
        return static_cast<T*>(values);
    }
    void set_null(std::uint32_t row) const;
    [[nodiscard]] bool is_valid(std::uint32_t row) const {
        return validity->empty() || ((*validity)[row / 64] >> (row % 64) & 1) != 0;
    }
    /// The row becomes NULL, with an entry in the list of errors.
    void fail(std::uint32_t row, std::string message) const;
    /// Stores a text that the arena then owns.
    void set_text(std::uint32_t row, std::string_view text) const;
    /// Stores a text that an argument or the arena owns.
    void set_borrowed(std::uint32_t row, std::string_view text) const {
        out<StringRef>()[row] = StringRef(text);
    }

    /// Strict kernels that cost something or can fail: selected rows that are not null.
    template <class F>
    void for_each_valid(F&& f) const {
        if (validity->empty()) {
            rows.for_each(f);
        } else {
            rows.for_each([&](std::uint32_t row) {
                if (((*validity)[row / 64] >> (row % 64) & 1) != 0) {
                    f(row);
                }
            });
        }
    }
};

using Kernel = void (*)(KernelCall& call);

enum class NullPolicy : std::uint8_t {
    kStrict,  // a null argument gives null; the kernel never sees it
    kOwn,     // the kernel looks at nulls itself
};

/// What the program needs to know of a kernel.
struct KernelInfo {
    Kernel run = nullptr;
    NullPolicy nulls = NullPolicy::kStrict;
    bool can_fail = false;
    bool borrows = false;      // results may point into the arguments' memory
    bool is_volatile = false;  // equal calls need not give equal values: RANDOM()
};

}  // namespace millrace::operators
