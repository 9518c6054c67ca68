#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "operators/functions/function_table.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

/// What stands for upper-case letters, lower-case letters, digits and the rest; nullopt: they stay.
using Masks = std::array<std::optional<std::string_view>, 4>;

Masks masks_at(const KernelCall& call, std::uint32_t row, std::size_t first) {
    Masks masks = {"X", "x", "n", "-"};
    for (std::size_t i = 0; first + i < call.args.size(); ++i) {
        const Vector& arg = call.args[first + i];
        masks[i] =
            arg.is_valid(row) ? std::optional(Reader<StringRef>(arg)[row].view()) : std::nullopt;
    }
    return masks;
}

std::size_t class_of(char32_t point) {
    if (point >= U'0' && point <= U'9') {
        return 2;
    }
    return is_upper_point(point) ? 0 : is_lower_point(point) ? 1 : 3;
}

/// Masks the code points whose number lies in [begin, end).
void put_masked(const KernelCall& call,
                std::uint32_t row,
                std::string_view text,
                const Masks& masks,
                std::int64_t begin,
                std::int64_t end) {
    std::string masked;
    std::int64_t number = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
        const std::size_t before = at;
        const char32_t point = next_point(text, at);
        const auto& mask = masks[class_of(point)];
        if (number < begin || number >= end || !mask) {
            masked += text.substr(before, at - before);
        } else {
            masked += *mask;
        }
    }
    call.set_text(row, masked);
}

void run_mask(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row)) {
            call.set_null(row);
            return;
        }
        put_masked(call,
                   row,
                   from[row].view(),
                   masks_at(call, row, 1),
                   0,
                   std::numeric_limits<std::int64_t>::max());
    });
}

enum class Side : std::uint8_t { kKeepLeft, kKeepRight, kLeft, kRight };

/// (text, count[, masks])
template <Side S>
void run_mask_side(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<std::int32_t> count(call.args[1]);
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row) || !call.args[1].is_valid(row)) {
            call.set_null(row);
            return;
        }
        const std::int64_t n = count[row];
        if (n < 0) {
            call.fail(row, "the number of characters must not be negative: " + std::to_string(n));
            return;
        }
        const std::string_view text = from[row].view();
        std::int64_t size = 0;
        for (std::size_t at = 0; at < text.size(); ++size) {
            static_cast<void>(next_point(text, at));
        }
        const std::int64_t begin = S == Side::kKeepLeft ? n : S == Side::kRight ? size - n : 0;
        const std::int64_t end = S == Side::kKeepRight ? size - n : S == Side::kLeft ? n : size;
        put_masked(call, row, text, masks_at(call, row, 2), begin, end);
    });
}

template <Side S>
std::vector<OverloadSpec> side_overloads() {
    const KernelInfo kernel = null_aware_fallible(run_mask_side<S>);
    return {{"STRING, INTEGER -> STRING", kernel},
            {"STRING, INTEGER, STRING, STRING, STRING, STRING -> STRING", kernel}};
}

}  // namespace

FunctionFamily mask_functions() {
    return {
        "Masks",
        {{"MASK",
          "Upper-case letters become X, lower-case ones x, digits n and all else -, or what the "
          "four texts behind the first say; NULL leaves that kind alone.",
          "MASK('My Test $123')",
          "Xx-Xxxx--nnn",
          {{"STRING -> STRING", null_aware(run_mask)},
           {"STRING, STRING, STRING, STRING, STRING -> STRING", null_aware(run_mask)}}},
         {"MASK_KEEP_LEFT",
          "As MASK, but the first characters stay.",
          "MASK_KEEP_LEFT('My Test $123', 4)",
          "My Txxx--nnn",
          side_overloads<Side::kKeepLeft>()},
         {"MASK_KEEP_RIGHT",
          "As MASK, but the last characters stay.",
          "MASK_KEEP_RIGHT('My Test $123', 4)",
          "Xx-Xxxx-$123",
          side_overloads<Side::kKeepRight>()},
         {"MASK_LEFT",
          "As MASK, but of the first characters only.",
          "MASK_LEFT('My Test $123', 4)",
          "Xx-Xest $123",
          side_overloads<Side::kLeft>()},
         {"MASK_RIGHT",
          "As MASK, but of the last characters only.",
          "MASK_RIGHT('My Test $123', 4)",
          "My Test -nnn",
          side_overloads<Side::kRight>()}}};
}

}  // namespace millrace::operators
