#include <string>

#include "core/base/env.h"
#include "core/row/text_value.h"
#include "operators/expression/temporal_text.h"
#include "operators/expression/time_zone.h"
#include "operators/functions/date_kernels.h"
#include "operators/functions/function_table.h"

namespace millrace::operators {

namespace {

/// (unit, number, time): the milliseconds to add.
std::int64_t interval_at(const KernelCall& call, std::uint32_t row, bool adds) {
    const std::int64_t unit = *unit_ms(Reader<StringRef>(call.args[0])[row].view());
    const std::int64_t number = Reader<std::int32_t>(call.args[1])[row];
    return unit * (adds ? number : -number);  // at most 2^31 days: far from 2^63 milliseconds
}

template <bool Adds>
void run_shift_timestamp(KernelCall& call) {
    const Reader<std::int64_t> from(call.args[2]);
    call.for_each_valid([&](std::uint32_t row) {
        std::int64_t ms = 0;
        if (__builtin_add_overflow(from[row], interval_at(call, row, Adds), &ms)) {
            call.fail(row, "the sum is no TIMESTAMP any more");
            return;
        }
        call.out<std::int64_t>()[row] = ms;
    });
}

template <bool Adds>
void run_shift_date(KernelCall& call) {
    const Reader<std::int32_t> from(call.args[2]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::int64_t days =
            floor_div(from[row] * kMsPerDay + interval_at(call, row, Adds), kMsPerDay);
        if (days != static_cast<std::int32_t>(days)) {
            call.fail(row, "the sum is no DATE any more");
            return;
        }
        call.out<std::int32_t>()[row] = static_cast<std::int32_t>(days);
    });
}

/// Around the clock.
template <bool Adds>
void run_shift_time(KernelCall& call) {
    const Reader<std::int32_t> from(call.args[2]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::int64_t ms = from[row] + interval_at(call, row, Adds);
        call.out<std::int32_t>()[row] =
            static_cast<std::int32_t>(ms - floor_div(ms, kMsPerDay) * kMsPerDay);
    });
}

/// The two zones of CONVERT_TZ, which seldom change from row to row.
struct LastZones : KernelState {
    std::string names[2];
    Result<TimeZone> zones[2] = {TimeZone(), TimeZone()};
};

/// (timestamp, from, to): the same reading of the clock in the other zone's terms.
void run_convert_tz(KernelCall& call) {
    const Reader<std::int64_t> from(call.args[0]);
    if (!*call.state) {
        *call.state = std::make_unique<LastZones>();
    }
    auto& last = *static_cast<LastZones*>(call.state->get());
    call.for_each_valid([&](std::uint32_t row) {
        for (std::size_t i = 0; i < 2; ++i) {
            const std::string_view name = Reader<StringRef>(call.args[i + 1])[row].view();
            if (last.names[i] != name) {
                last.names[i] = name;
                last.zones[i] = TimeZone::find(name);
            }
            if (!last.zones[i].ok()) {
                call.fail(row, last.zones[i].error().message);
                return;
            }
        }
        const std::int64_t ms = from[row];
        call.out<std::int64_t>()[row] =
            ms - last.zones[0].value().offset_ms(ms) + last.zones[1].value().offset_ms(ms);
    });
}

template <class T>
void run_now(KernelCall& call) {
    call.rows.for_each([&](std::uint32_t row) {
        if (call.env == nullptr) {
            call.fail(row, "there is no current time outside of a query");
            return;
        }
        const std::int64_t ms = call.env->clock.wall_ms();
        call.out<T>()[row] = static_cast<T>(sizeof(T) == 8 ? ms : floor_div(ms, kMsPerDay));
    });
}

/// With and without a zone behind the pattern.
FunctionSpec zoned(std::string_view name,
                   std::string_view description,
                   std::string_view example,
                   std::string_view result,
                   std::string_view plain,
                   std::string_view with_zone,
                   Kernel run) {
    return {
        name, description, example, result, {{plain, fallible(run)}, {with_zone, fallible(run)}}};
}

/// One overload that may fail.
FunctionSpec single(std::string_view name,
                    std::string_view description,
                    std::string_view example,
                    std::string_view result,
                    std::string_view signature,
                    Kernel run) {
    return {name, description, example, result, {{signature, fallible(run)}}};
}

std::vector<FunctionSpec> shifts() {
    return {single("DATEADD",
                   "A DATE so many units later.",
                   "DATEADD('DAYS', 5, FROM_DAYS(1))",
                   "1970-01-07",
                   "UNIT, INTEGER, DATE -> DATE",
                   run_shift_date<true>),
            single("DATESUB",
                   "A DATE so many units earlier.",
                   "DATESUB('DAYS', 1, FROM_DAYS(1))",
                   "1970-01-01",
                   "UNIT, INTEGER, DATE -> DATE",
                   run_shift_date<false>),
            single("TIMEADD",
                   "A TIME so many units later, around the clock.",
                   "TIMEADD('HOURS', 2, PARSE_TIME('23:15', 'HH:mm'))",
                   "01:15:00.000",
                   "UNIT, INTEGER, TIME -> TIME",
                   run_shift_time<true>),
            single("TIMESTAMPADD",
                   "A TIMESTAMP so many units later.",
                   "TIMESTAMPADD('SECONDS', 1, FROM_UNIXTIME(0))",
                   "1970-01-01T00:00:01.000",
                   "UNIT, INTEGER, TIMESTAMP -> TIMESTAMP",
                   run_shift_timestamp<true>),
            single("TIMESTAMPSUB",
                   "A TIMESTAMP so many units earlier.",
                   "TIMESTAMPSUB('MINUTES', 1, FROM_UNIXTIME(60000))",
                   "1970-01-01T00:00:00.000",
                   "UNIT, INTEGER, TIMESTAMP -> TIMESTAMP",
                   run_shift_timestamp<false>),
            single("TIMESUB",
                   "A TIME so many units earlier, around the clock.",
                   "TIMESUB('HOURS', 2, PARSE_TIME('01:15', 'HH:mm'))",
                   "23:15:00.000",
                   "UNIT, INTEGER, TIME -> TIME",
                   run_shift_time<false>)};
}

}  // namespace

FunctionFamily date_functions() {
    FunctionFamily family{
        "Dates and times",
        {{"CONVERT_TZ",
          "A TIMESTAMP that shows a clock in one zone, as that clock's time in another.",
          "CONVERT_TZ(FROM_UNIXTIME(0), '+0200', '+0500')",
          "1970-01-01T03:00:00.000",
          {{"TIMESTAMP, STRING, STRING -> TIMESTAMP", fallible(run_convert_tz)}}},
         single("DATETOSTRING",
                "As FORMAT_DATE, but of days since 1970-01-01 as INTEGER.",
                "DATETOSTRING(365, 'yyyy/MM/dd')",
                "1971/01/01",
                "INTEGER, STRING -> STRING",
                run_format_date),
         single("FORMAT_DATE",
                "A DATE as text by a Java pattern.",
                "FORMAT_DATE(FROM_DAYS(365), 'yyyy/MM/dd')",
                "1971/01/01",
                "DATE, STRING -> STRING",
                run_format_date),
         single("FORMAT_TIME",
                "A TIME as text by a Java pattern.",
                "FORMAT_TIME(PARSE_TIME('0915', 'HHmm'), 'h:mm a')",
                "9:15 AM",
                "TIME, STRING -> STRING",
                run_format_time),
         zoned("FORMAT_TIMESTAMP",
               "A TIMESTAMP as text by a Java pattern, in a zone (UTC).",
               "FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'yyyy-MM-dd HH:mm', 'Asia/Tokyo')",
               "1970-01-01 09:00",
               "TIMESTAMP, STRING -> STRING",
               "TIMESTAMP, STRING, STRING -> STRING",
               run_format_timestamp),
         {"FROM_DAYS",
          "The DATE so many days after 1970-01-01.",
          "FROM_DAYS(1)",
          "1970-01-02",
          {{"INTEGER -> DATE", strict(run_same_bits_32)}}},
         {"FROM_UNIXTIME",
          "The TIMESTAMP so many milliseconds after the epoch.",
          "FROM_UNIXTIME(1000)",
          "1970-01-01T00:00:01.000",
          {{"BIGINT -> TIMESTAMP", strict(run_same_bits_64)}}},
         single("PARSE_DATE",
                "A DATE out of text by a Java pattern.",
                "PARSE_DATE('2.1.1970', 'd.M.yyyy')",
                "1970-01-02",
                "STRING, STRING -> DATE",
                run_parse_date),
         single("PARSE_TIME",
                "A TIME out of text by a Java pattern.",
                "PARSE_TIME('9:15 PM', 'h:mm a')",
                "21:15:00.000",
                "STRING, STRING -> TIME",
                run_parse_time),
         zoned("PARSE_TIMESTAMP",
               "A TIMESTAMP out of text by a Java pattern, in a zone (UTC).",
               "PARSE_TIMESTAMP('2001/02/03 04:05', 'yyyy/MM/dd HH:mm')",
               "2001-02-03T04:05:00.000",
               "STRING, STRING -> TIMESTAMP",
               "STRING, STRING, STRING -> TIMESTAMP",
               run_parse_timestamp),
         single("STRINGTODATE",
                "As PARSE_DATE, but days since 1970-01-01 as INTEGER.",
                "STRINGTODATE('1970/01/08', 'yyyy/MM/dd')",
                "7",
                "STRING, STRING -> INTEGER",
                run_parse_date),
         zoned("STRINGTOTIMESTAMP",
               "As PARSE_TIMESTAMP, but milliseconds since the epoch as BIGINT.",
               "STRINGTOTIMESTAMP('1970-01-02', 'yyyy-MM-dd')",
               "86400000",
               "STRING, STRING -> BIGINT",
               "STRING, STRING, STRING -> BIGINT",
               run_parse_timestamp),
         zoned("TIMESTAMPTOSTRING",
               "As FORMAT_TIMESTAMP, but of milliseconds since the epoch as BIGINT.",
               "TIMESTAMPTOSTRING(86400000, 'yyyy-MM-dd')",
               "1970-01-02",
               "BIGINT, STRING -> STRING",
               "BIGINT, STRING, STRING -> STRING",
               run_format_timestamp),
         {"UNIX_DATE",
          "Days of a DATE since 1970-01-01; without argument, of today.",
          "UNIX_DATE(FROM_DAYS(7))",
          "7",
          {{"-> INTEGER", drawn(run_now<std::int32_t>)},
           {"DATE -> INTEGER", strict(run_same_bits_32)}}},
         {"UNIX_TIMESTAMP",
          "Milliseconds of a TIMESTAMP since the epoch; without argument, of now.",
          "UNIX_TIMESTAMP(FROM_UNIXTIME(7))",
          "7",
          {{"-> BIGINT", drawn(run_now<std::int64_t>)},
           {"TIMESTAMP -> BIGINT", strict(run_same_bits_64)}}}}};
    for (FunctionSpec& shift_function : shifts()) {
        family.functions.push_back(std::move(shift_function));
    }
    return family;
}

}  // namespace millrace::operators
