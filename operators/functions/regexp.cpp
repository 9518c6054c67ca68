#include "operators/functions/regexp.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <string>

#include <pcre2.h>
#include <re2/re2.h>

#include "core/row/text_value.h"

namespace millrace::operators {

namespace {

constexpr std::size_t kPatternMax = 10'000;
constexpr std::int64_t kRe2MemoryMax = 8 << 20;
constexpr std::uint32_t kSteps = 1'000'000;    // of one search by PCRE2
constexpr std::uint32_t kHeapKib = 16 * 1024;  // likewise

using Spans = std::vector<std::optional<TextSpan>>;

class Re2Regexp final : public Regexp {
  public:
    Re2Regexp(std::string_view pattern, const re2::RE2::Options& options)
        : compiled_(re2::StringPiece(pattern.data(), pattern.size()), options) {}

    [[nodiscard]] bool is_good() const { return compiled_.ok(); }
    std::size_t groups() const override {
        return static_cast<std::size_t>(compiled_.NumberOfCapturingGroups());
    }
    std::optional<std::size_t> group_of(std::string_view name) const override {
        const auto found = compiled_.NamedCapturingGroups().find(std::string(name));
        if (found == compiled_.NamedCapturingGroups().end()) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(found->second);
    }
    Result<bool> find(std::string_view text, std::size_t from, Spans& spans) const override {
        const std::size_t count = groups() + 1;
        std::vector<re2::StringPiece> parts(count);
        spans.assign(count, std::nullopt);
        if (!compiled_.Match(re2::StringPiece(text.data(), text.size()),
                             from,
                             text.size(),
                             re2::RE2::UNANCHORED,
                             parts.data(),
                             static_cast<int>(count))) {
            return false;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (parts[i].data() != nullptr) {
                const auto begin = static_cast<std::size_t>(parts[i].data() - text.data());
                spans[i] = TextSpan{begin, begin + parts[i].size()};
            }
        }
        return true;
    }

  private:
    re2::RE2 compiled_;
};

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
struct FreeContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
using Code = std::unique_ptr<pcre2_code, FreeCode>;

PCRE2_SPTR bytes_of(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
}

class Pcre2Regexp final : public Regexp {
  public:
    explicit Pcre2Regexp(Code code) : code_(std::move(code)) {
        std::uint32_t count = 0;
        pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &count);
        groups_ = count;
    }

    std::size_t groups() const override { return groups_; }
    std::optional<std::size_t> group_of(std::string_view name) const override {
        const std::string ended(name);
        const int number = pcre2_substring_number_from_name(code_.get(), bytes_of(ended));
        return number < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(number));
    }
    Result<bool> find(std::string_view text, std::size_t from, Spans& spans) const override {
        const std::unique_ptr<pcre2_match_data, FreeMatch> match(
            pcre2_match_data_create_from_pattern(code_.get(), nullptr));
        const std::unique_ptr<pcre2_match_context, FreeContext> context(
            pcre2_match_context_create(nullptr));
        if (!match || !context) {
            return Error{ErrorCode::kInvalidArgument, "no memory to match a regular expression"};
        }
        pcre2_set_match_limit(context.get(), kSteps);
        pcre2_set_heap_limit(context.get(), kHeapKib);
        const int found = pcre2_match(
            code_.get(), bytes_of(text), text.size(), from, 0, match.get(), context.get());
        if (found == PCRE2_ERROR_NOMATCH) {
            return false;
        }
        if (found < 0) {
            char reason[128] = {};
            pcre2_get_error_message(found, reinterpret_cast<PCRE2_UCHAR*>(reason), sizeof reason);
            return Error{ErrorCode::kInvalidArgument,
                         "the regular expression was given up: " + std::string(reason)};
        }
        const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(match.get());
        spans.assign(groups_ + 1, std::nullopt);
        for (std::size_t i = 0; i < spans.size() && i < static_cast<std::size_t>(found); ++i) {
            if (ends[2 * i] != PCRE2_UNSET && ends[2 * i] <= ends[2 * i + 1]) {
                spans[i] = TextSpan{ends[2 * i], ends[2 * i + 1]};
            }
        }
        return true;
    }

  private:
    Code code_;
    std::size_t groups_ = 0;
};

}  // namespace

Result<std::shared_ptr<const Regexp>> Regexp::compile(std::string_view pattern) {
    if (pattern.size() > kPatternMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "a regular expression has at most " + std::to_string(kPatternMax) +
                         " bytes, this one: " + std::to_string(pattern.size())};
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRe2MemoryMax);
    auto simple = std::make_shared<Re2Regexp>(pattern, options);
    if (simple->is_good()) {
        return std::shared_ptr<const Regexp>(std::move(simple));
    }
    int error = 0;
    PCRE2_SIZE at = 0;
    Code code(pcre2_compile(bytes_of(pattern),
                            pattern.size(),
                            PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                            &error,
                            &at,
                            nullptr));
    if (!code) {
        char reason[128] = {};
        pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(reason), sizeof reason);
        return Error{ErrorCode::kInvalidArgument,
                     "not a regular expression: '" + shortened(pattern) + "', " +
                         std::string(reason) + " at character " + std::to_string(at + 1)};
    }
    return std::shared_ptr<const Regexp>(std::make_shared<Pcre2Regexp>(std::move(code)));
}

}  // namespace millrace::operators
