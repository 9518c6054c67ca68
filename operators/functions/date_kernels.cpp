#include "operators/functions/date_kernels.h"

#include "operators/expression/expression.h"
#include "operators/expression/temporal_text.h"

namespace millrace::operators {

namespace {

/// The last pattern that was compiled; patterns seldom change from row to row.
struct LastPattern : KernelState {
    std::string text;
    Result<std::shared_ptr<const DatePattern>> compiled = std::shared_ptr<const DatePattern>();
};

/// The pattern of argument 1 at a row.
const Result<std::shared_ptr<const DatePattern>>& pattern_at(const KernelCall& call,
                                                             std::uint32_t row) {
    const std::string_view wanted = Reader<StringRef>(call.args[1])[row].view();
    auto* last = static_cast<LastPattern*>(call.state->get());
    if (last == nullptr || last->text != wanted) {
        auto made = std::make_unique<LastPattern>();
        made->text = wanted;
        made->compiled = DatePattern::compile(wanted);
        last = made.get();
        *call.state = std::move(made);
    }
    return last->compiled;
}

std::string_view zone_at(const KernelCall& call, std::uint32_t row) {
    return call.args.size() < 3 ? std::string_view("UTC")
                                : Reader<StringRef>(call.args[2])[row].view();
}

/// T: what the argument holds; to_ms: milliseconds since the epoch.
template <class T, class ToMs>
void run_format(KernelCall& call, ToMs to_ms) {
    const Reader<T> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto& pattern = pattern_at(call, row);
        if (!pattern.ok()) {
            call.fail(row, pattern.error().message);
            return;
        }
        const auto text = pattern.value()->format_ms(to_ms(from[row]), zone_at(call, row));
        if (!text.ok()) {
            call.fail(row, text.error().message);
            return;
        }
        call.set_text(row, text.value());
    });
}

template <class T, class FromMs>
void run_parse(KernelCall& call, FromMs from_ms) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto& pattern = pattern_at(call, row);
        if (!pattern.ok()) {
            call.fail(row, pattern.error().message);
            return;
        }
        const auto ms = pattern.value()->parse_ms(from[row].view(), zone_at(call, row));
        if (!ms.ok()) {
            call.fail(row, ms.error().message);
            return;
        }
        call.out<T>()[row] = static_cast<T>(from_ms(ms.value()));
    });
}

template <class T>
void run_same_bits(KernelCall& call) {
    const Reader<T> from(call.args[0]);
    call.rows.for_each([&](std::uint32_t row) { call.out<T>()[row] = from[row]; });
}

}  // namespace

void run_format_timestamp(KernelCall& call) {
    run_format<std::int64_t>(call, [](std::int64_t ms) { return ms; });
}
void run_parse_timestamp(KernelCall& call) {
    run_parse<std::int64_t>(call, [](std::int64_t ms) { return ms; });
}
void run_format_date(KernelCall& call) {
    run_format<std::int32_t>(call, [](std::int32_t days) { return days * kMsPerDay; });
}
void run_parse_date(KernelCall& call) {
    run_parse<std::int32_t>(call, [](std::int64_t ms) { return floor_div(ms, kMsPerDay); });
}
void run_format_time(KernelCall& call) {
    run_format<std::int32_t>(call, [](std::int32_t ms) { return std::int64_t{ms}; });
}
void run_parse_time(KernelCall& call) {
    run_parse<std::int32_t>(
        call, [](std::int64_t ms) { return ms - floor_div(ms, kMsPerDay) * kMsPerDay; });
}
void run_same_bits_32(KernelCall& call) {
    run_same_bits<std::int32_t>(call);
}
void run_same_bits_64(KernelCall& call) {
    run_same_bits<std::int64_t>(call);
}

}  // namespace millrace::operators
