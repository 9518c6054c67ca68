// Failures of the `valid` clauses of a .ksy, under the names that generated code throws.
#pragma once

#include "core/wire/kaitai/kaitaistream.h"

namespace millrace::wire::kaitai {

template <class T>
struct validation_not_equal_error : decode_failure {
    validation_not_equal_error(T, T, kstream*, bytes_view /*path*/)
        : decode_failure{"a field has not the value it must have"} {}
};
template <class T>
struct validation_less_than_error : decode_failure {
    validation_less_than_error(T, T, kstream*, bytes_view /*path*/)
        : decode_failure{"a field is too small"} {}
};
template <class T>
struct validation_greater_than_error : decode_failure {
    validation_greater_than_error(T, T, kstream*, bytes_view /*path*/)
        : decode_failure{"a field is too large"} {}
};
template <class T>
struct validation_expr_error : decode_failure {
    validation_expr_error(T, kstream*, bytes_view /*path*/)
        : decode_failure{"the message is longer than its fields"} {}
};

}  // namespace millrace::wire::kaitai
