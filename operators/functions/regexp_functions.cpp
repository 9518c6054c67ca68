#include <optional>
#include <string>

#include "operators/functions/cells.h"
#include "operators/functions/function_table.h"
#include "operators/functions/regexp.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

using Spans = std::vector<std::optional<TextSpan>>;

/// The last pattern that was compiled; patterns seldom change from row to row.
struct LastRegexp : KernelState {
    std::string text;
    Result<std::shared_ptr<const Regexp>> compiled = std::shared_ptr<const Regexp>();
};

/// The pattern of an argument at a row; nullptr, and the row fails, when it is none.
const Regexp* regexp_at(const KernelCall& call, std::size_t arg, std::uint32_t row) {
    const std::string_view wanted = Reader<StringRef>(call.args[arg])[row].view();
    auto* last = static_cast<LastRegexp*>(call.state->get());
    if (last == nullptr || last->text != wanted) {
        auto made = std::make_unique<LastRegexp>();
        made->text = wanted;
        made->compiled = Regexp::compile(wanted);
        last = made.get();
        *call.state = std::move(made);
    }
    if (!last->compiled.ok()) {
        call.fail(row, last->compiled.error().message);
        return nullptr;
    }
    return last->compiled.value().get();
}

/// Calls `f(spans)` for every match, as Java's Matcher.find() goes on; false when the row failed.
template <class F>
bool for_each_match(
    const KernelCall& call, std::uint32_t row, const Regexp& regexp, std::string_view text, F f) {
    Spans spans;
    for (std::size_t from = 0; from <= text.size();) {
        const auto found = regexp.find(text, from, spans);
        if (!found.ok()) {
            call.fail(row, found.error().message);
            return false;
        }
        if (!found.value()) {
            return true;
        }
        const TextSpan match = *spans[0];
        f(spans);
        from = match.end;
        if (match.begin == match.end) {
            from += from < text.size() ? sequence_size(text[from]) : 1;
        }
    }
    return true;
}

/// The group that the last argument names; nullopt when the pattern has no such group.
std::optional<std::size_t> group_at(const KernelCall& call,
                                    std::uint32_t row,
                                    const Regexp& regexp) {
    if (call.args.size() < 3) {
        return 0;
    }
    const std::int32_t group = Reader<std::int32_t>(call.args[2])[row];
    if (group < 0 || static_cast<std::size_t>(group) > regexp.groups()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(group);
}

/// (pattern, text[, group])
void run_extract(KernelCall& call) {
    const Reader<StringRef> from(call.args[1]);
    Spans spans;
    call.for_each_valid([&](std::uint32_t row) {
        const Regexp* const regexp = regexp_at(call, 0, row);
        if (regexp == nullptr) {
            return;
        }
        const std::string_view text = from[row].view();
        const auto group = group_at(call, row, *regexp);
        const auto found = regexp->find(text, 0, spans);
        if (!found.ok()) {
            call.fail(row, found.error().message);
        } else if (!group || !found.value() || !spans[*group]) {
            call.set_null(row);
        } else {
            const TextSpan span = *spans[*group];
            call.set_borrowed(row, text.substr(span.begin, span.end - span.begin));
        }
    });
}

void run_extract_all(KernelCall& call) {
    const Reader<StringRef> from(call.args[1]);
    ListWriter out(call);
    std::vector<std::optional<TextSpan>> parts;
    call.for_each_valid([&](std::uint32_t row) {
        const Regexp* const regexp = regexp_at(call, 0, row);
        if (regexp == nullptr) {
            return;
        }
        const auto group = group_at(call, row, *regexp);
        if (!group) {
            call.set_null(row);
            return;
        }
        const std::string_view text = from[row].view();
        parts.clear();
        if (!for_each_match(call, row, *regexp, text, [&](const Spans& spans) {
                parts.push_back(spans[*group]);
            })) {
            return;
        }
        for (const auto& part : parts) {
            if (part) {
                out.text(0, text.substr(part->begin, part->end - part->begin));
            } else {
                out.null(0);
            }
            out.next();
        }
        out.finish(row);
    });
}

/// A replacement as Java reads it: $1 and ${name} are groups, a backslash takes the next character
/// as it is.
class Replacement {
  public:
    static Result<Replacement> read(std::string_view text, const Regexp& regexp) {
        Replacement made;
        made.parts_.push_back({});
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\') {
                if (++i == text.size()) {
                    return bad("a backslash at the end of the replacement");
                }
                made.parts_.back().literal += text[i];
            } else if (text[i] == '$') {
                MILLRACE_TRY(const std::size_t group, read_group(text, i, regexp));
                made.parts_.push_back({group, {}});
            } else {
                made.parts_.back().literal += text[i];
            }
        }
        return made;
    }

    void append(std::string& out, std::string_view text, const Spans& spans) const {
        for (const Part& part : parts_) {
            if (part.group && spans[*part.group]) {
                const TextSpan span = *spans[*part.group];
                out += text.substr(span.begin, span.end - span.begin);
            }
            out += part.literal;
        }
    }

  private:
    /// A group and the text behind it.
    struct Part {
        std::optional<std::size_t> group{};
        std::string literal{};
    };

    static Error bad(std::string what) {
        return Error{ErrorCode::kInvalidArgument, std::move(what)};
    }
    /// `i` at the dollar; at the last character of the group afterwards.
    static Result<std::size_t> read_group(std::string_view text,
                                          std::size_t& i,
                                          const Regexp& regexp) {
        const auto digit_at = [&](std::size_t at) -> std::optional<std::size_t> {
            const bool is_digit = at < text.size() && text[at] >= '0' && text[at] <= '9';
            return is_digit ? std::optional(static_cast<std::size_t>(text[at] - '0'))
                            : std::nullopt;
        };
        if (i + 1 < text.size() && text[i + 1] == '{') {
            const std::size_t end = text.find('}', i);
            const std::string_view name = text.substr(
                i + 2, end == std::string_view::npos ? std::string_view::npos : end - i - 2);
            const auto group = regexp.group_of(name);
            if (end == std::string_view::npos || !group) {
                return bad("the pattern has no group " + std::string(name));
            }
            i = end;
            return *group;
        }
        const auto first = digit_at(i + 1);
        if (!first || *first > regexp.groups()) {
            return bad("the replacement names a group that the pattern has not");
        }
        std::size_t group = *first;
        ++i;
        for (auto next = digit_at(i + 1); next && group * 10 + *next <= regexp.groups();
             next = digit_at(i + 1)) {
            group = group * 10 + *next;
            ++i;
        }
        return group;
    }

    std::vector<Part> parts_;
};

/// (text, pattern, replacement)
void run_replace(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> with(call.args[2]);
    std::string built;
    call.for_each_valid([&](std::uint32_t row) {
        const Regexp* const regexp = regexp_at(call, 1, row);
        if (regexp == nullptr) {
            return;
        }
        const auto replacement = Replacement::read(with[row].view(), *regexp);
        if (!replacement.ok()) {
            call.fail(row, replacement.error().message);
            return;
        }
        const std::string_view text = from[row].view();
        std::size_t done = 0;
        built.clear();
        if (for_each_match(call, row, *regexp, text, [&](const Spans& spans) {
                built += text.substr(done, spans[0]->begin - done);
                replacement.value().append(built, text, spans);
                done = spans[0]->end;
            })) {
            built += text.substr(done);
            call.set_text(row, built);
        }
    });
}

/// (text, pattern)
void run_split(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> by(call.args[1]);
    ListWriter out(call);
    std::vector<std::string_view> parts;
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        const bool splits_all = by[row].size() == 0;
        const Regexp* const regexp = regexp_at(call, 1, row);
        if (regexp == nullptr) {
            return;
        }
        std::size_t done = 0;
        parts.clear();
        if (!for_each_match(call, row, *regexp, text, [&](const Spans& spans) {
                // An empty match at the start splits nothing off, as in Java.
                if (spans[0]->end > 0) {
                    parts.push_back(text.substr(done, spans[0]->begin - done));
                    done = spans[0]->end;
                }
            })) {
            return;
        }
        if (!splits_all || text.empty()) {
            parts.push_back(text.substr(done));
        }
        for (const std::string_view part : parts) {
            out.add_text(part);
        }
        out.finish(row);
    });
}

}  // namespace

FunctionFamily regexp_functions() {
    const KernelInfo extract{run_extract, NullPolicy::kStrict, true, true};
    return {
        "Regular expressions",
        {{"REGEXP_EXTRACT",
          "The first match of a Java pattern in a text, or a group of it; NULL without match.",
          "REGEXP_EXTRACT('(.*) (.*)', 'hello there', 2)",
          "there",
          {{"STRING, STRING -> STRING", extract}, {"STRING, STRING, INTEGER -> STRING", extract}}},
         {"REGEXP_EXTRACT_ALL",
          "Every match of a Java pattern in a text, or a group of each.",
          "REGEXP_EXTRACT_ALL('([a-z]+) ([a-z]+)', 'hello there nice day', 2)",
          "[there, day]",
          {{"STRING, STRING -> ARRAY<STRING>", fallible(run_extract_all)},
           {"STRING, STRING, INTEGER -> ARRAY<STRING>", fallible(run_extract_all)}}},
         {"REGEXP_REPLACE",
          "Every match of a Java pattern replaced; $1 stands for a group.",
          "REGEXP_REPLACE('2001-02-03', '([0-9]+)-([0-9]+)', '$2/$1')",
          "02/2001-03",
          {{"STRING, STRING, STRING -> STRING", fallible(run_replace)}}},
         {"REGEXP_SPLIT_TO_ARRAY",
          "The parts of a text between the matches of a Java pattern; an empty pattern splits "
          "every character.",
          "REGEXP_SPLIT_TO_ARRAY('aabcda', '(ab|cd)')",
          "[a, , a]",
          {{"STRING, STRING -> ARRAY<STRING>", fallible(run_split)}}}}};
}

}  // namespace millrace::operators
