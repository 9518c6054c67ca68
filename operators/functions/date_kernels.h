// Kernels of the functions on DATE, TIME and TIMESTAMP. Patterns are Java's, zones IANA names, UTC
// when not given.
#pragma once

#include "operators/expression/kernel.h"

namespace millrace::operators {

/// (milliseconds as TIMESTAMP or BIGINT, pattern[, zone]) to text.
void run_format_timestamp(KernelCall& call);
/// (text, pattern[, zone]) to milliseconds.
void run_parse_timestamp(KernelCall& call);
/// (DATE, pattern) to text, and back.
void run_format_date(KernelCall& call);
void run_parse_date(KernelCall& call);
/// (TIME, pattern) to text, and back.
void run_format_time(KernelCall& call);
void run_parse_time(KernelCall& call);
/// The same 32 or 64 bits under another type: UNIX_DATE, FROM_DAYS, UNIX_TIMESTAMP, FROM_UNIXTIME.
void run_same_bits_32(KernelCall& call);
void run_same_bits_64(KernelCall& call);

}  // namespace millrace::operators
