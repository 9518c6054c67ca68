// Result<T>: a value or an Error, for failures that a correct caller must expect.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "core/base/assert.h"
#include "core/base/error.h"

namespace millrace {

/// Either a T or an Error. Ignoring one is a compile warning (an error in Debug).
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

    [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }

    /// The value. Asking for it after a failure is a bug in the caller and stops the process.
    T& value() & {
        CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        CHECK(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    const Error& error() const& {
        CHECK(!ok());
        return *std::get_if<1>(&state_);
    }
    Error&& error() && {
        CHECK(!ok());
        return std::move(*std::get_if<1>(&state_));
    }

    const T& value() const& {
        CHECK(ok());
        return *std::get_if<0>(&state_);
    }

  private:
    std::variant<T, Error> state_;
};

/// Success without a value.
struct Ok {};
using Status = Result<Ok>;

}  // namespace millrace

#define MILLRACE_CONCAT_INNER(a, b) a##b
#define MILLRACE_CONCAT(a, b) MILLRACE_CONCAT_INNER(a, b)

/// MILLRACE_TRY_STATUS(file.sync_data()); returns the error to our caller, or goes on.
#define MILLRACE_TRY_STATUS(expression)                         \
    do {                                                        \
        if (auto try_status = (expression); !try_status.ok()) { \
            return std::move(try_status).error();               \
        }                                                       \
    } while (false)

/// MILLRACE_TRY(auto batch, read_batch(cursor)); returns the error to our caller if there is one.
#define MILLRACE_TRY_IMPL(tmp, target, expression) \
    auto tmp = (expression);                       \
    if (!tmp.ok()) {                               \
        return std::move(tmp).error();             \
    }                                              \
    target = std::move(tmp).value()
#define MILLRACE_TRY(target, expression) \
    MILLRACE_TRY_IMPL(MILLRACE_CONCAT(try_, __LINE__), target, expression)
