// Kernels of the string functions. STRING positions and lengths count UTF-16 units, as Java does:
// one per code point, two beyond U+FFFF; a position inside such a pair moves behind it. BYTES count
// bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "operators/expression/kernel.h"

namespace millrace::operators {

/// UTF-16 units of UTF-8 text. Linear, without branches.
[[nodiscard]] std::int32_t utf16_length(std::string_view text);

void run_ucase(KernelCall& call);
void run_lcase(KernelCall& call);
void run_initcap(KernelCall& call);
/// As Java's trim(): everything up to the blank, control characters too. Borrows.
void run_trim(KernelCall& call);
void run_len(KernelCall& call);
void run_len_bytes(KernelCall& call);
/// (text, position[, length]). Borrows.
void run_substring(KernelCall& call);
void run_substring_bytes(KernelCall& call);
/// Any number of arguments; nulls are left out.
void run_concat(KernelCall& call);
/// (text, old, new)
void run_replace(KernelCall& call);
/// (text, length, padding): the result has exactly `length` units.
void run_lpad(KernelCall& call);
void run_rpad(KernelCall& call);
/// (text, part): 1-based position of the first occurrence, 0 if there is none.
void run_instr(KernelCall& call);

}  // namespace millrace::operators
