// Kernels of the string functions. STRING positions and lengths count UTF-16 units, as Java does:
// one per code point, two beyond U+FFFF; a position inside such a pair moves behind it. BYTES count
// bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "operators/expression/kernel.h"

namespace millrace::operators {

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
void run_lpad_bytes(KernelCall& call);
void run_rpad_bytes(KernelCall& call);
/// (text, part[, position[, occurrence]]): 1-based position of an occurrence, 0 if there is none; a
/// negative position searches from the end to the start.
void run_instr(KernelCall& call);

}  // namespace millrace::operators
