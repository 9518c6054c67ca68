#include "operators/expression/like_pattern.h"

#include <cstring>

namespace millrace::operators {

namespace {

constexpr char kAny = '\xff';
constexpr std::size_t kNone = std::string_view::npos;

/// Bytes of the code point that starts with `first`; a stray byte counts as one.
std::size_t code_point_size(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern, std::string_view escape) {
    parts_.emplace_back();
    for (std::size_t i = 0; i < pattern.size();) {
        if (!escape.empty() && pattern.substr(i).starts_with(escape) &&
            i + escape.size() < pattern.size()) {
            i += escape.size();
            const std::size_t size = code_point_size(pattern[i]);
            parts_.back().bytes += pattern.substr(i, size);
            i += size;
        } else if (pattern[i] == '%') {
            parts_.emplace_back();
            ++i;
        } else if (pattern[i] == '_') {
            parts_.back().bytes += kAny;
            parts_.back().has_any = true;
            ++i;
        } else {
            parts_.back().bytes += pattern[i++];
        }
    }
}

/// Bytes of `text` that the part takes at its start; kNone when it does not fit there.
std::size_t LikePattern::match_at(const Part& part, std::string_view text) {
    if (!part.has_any) {
        return text.starts_with(part.bytes) ? part.bytes.size() : kNone;
    }
    std::size_t at = 0;
    for (const char c : part.bytes) {
        if (at >= text.size()) {
            return kNone;
        }
        if (c == kAny) {
            at = std::min(at + code_point_size(text[at]), text.size());
        } else if (text[at] == c) {
            ++at;
        } else {
            return kNone;
        }
    }
    return at;
}

bool LikePattern::ends_with(const Part& part, std::string_view text) {
    if (!part.has_any) {
        return text.ends_with(part.bytes);
    }
    // Find where it would have to start: as many code points from the end as the part has.
    std::size_t points = 0;
    for (const char c : part.bytes) {
        points += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1U : 0U;
    }
    std::size_t at = text.size();
    while (points > 0 && at > 0) {
        --at;
        points -= (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 ? 1U : 0U;
    }
    return points == 0 && match_at(part, text.substr(at)) == text.size() - at;
}

bool LikePattern::matches(std::string_view text) const {
    const std::size_t head = match_at(parts_.front(), text);
    if (parts_.size() == 1 || head == kNone) {
        return head == text.size();
    }
    text.remove_prefix(head);
    // The leftmost place for each part in the middle is as good as any other.
    for (std::size_t i = 1; i + 1 < parts_.size(); ++i) {
        const Part& part = parts_[i];
        if (!part.has_any) {
            const void* found =
                part.bytes.empty()
                    ? text.data()
                    : memmem(text.data(), text.size(), part.bytes.data(), part.bytes.size());
            if (found == nullptr && !part.bytes.empty()) {
                return false;
            }
            if (!part.bytes.empty()) {
                const auto offset =
                    static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
                text.remove_prefix(offset + part.bytes.size());
            }
            continue;
        }
        std::size_t taken = match_at(part, text);
        while (taken == kNone && !text.empty()) {
            text.remove_prefix(std::min(code_point_size(text[0]), text.size()));
            taken = match_at(part, text);
        }
        if (taken == kNone) {
            return false;
        }
        text.remove_prefix(taken);
    }
    return ends_with(parts_.back(), text);
}

namespace {

/// The last pattern that was compiled; a column of patterns seldom changes from row to row.
struct CompiledPattern : KernelState {
    CompiledPattern(std::string_view pattern, std::string_view escape)
        : text(pattern), compiled(pattern, escape) {}
    std::string text;
    LikePattern compiled;
};

void run_like(KernelCall& call) {
    const Reader<StringRef> value(call.args[0]);
    const Reader<StringRef> pattern(call.args[1]);
    auto* out = call.out<std::uint8_t>();
    call.rows.for_each([&](std::uint32_t row) {
        if (!call.args[0].is_valid(row) || !call.args[1].is_valid(row)) {
            out[row] = 0;
            return;
        }
        const std::string_view wanted = pattern[row].view();
        auto* compiled = static_cast<CompiledPattern*>(call.state->get());
        if (compiled == nullptr || compiled->text != wanted) {
            *call.state = std::make_unique<CompiledPattern>(wanted, call.parameter);
            compiled = static_cast<CompiledPattern*>(call.state->get());
        }
        out[row] = compiled->compiled.matches(value[row].view()) ? 1 : 0;
    });
}

}  // namespace

KernelInfo like_kernel() {
    return {run_like, NullPolicy::kOwn};
}

}  // namespace millrace::operators
