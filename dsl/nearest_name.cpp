#include "dsl/nearest_name.h"

#include <algorithm>
#include <cstddef>

namespace millrace::dsl {

namespace {

// Longer names are not compared: the work grows with the product of the lengths.
constexpr std::size_t kComparedMax = 64;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Optimal string alignment: a swap of neighbours is one edit.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> edits(a.size() + 1,
                                                std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        edits[i][0] = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        edits[0][j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
            edits[i][j] =
                std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, edits[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
            }
        }
    }
    return edits[a.size()][b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t best_edits = std::max<std::size_t>(1, name.size() / 3) + 1;
    if (name.size() > kComparedMax) {
        return best;
    }
    for (const std::string& candidate : candidates) {
        if (candidate.size() > kComparedMax) {
            continue;
        }
        const std::size_t edits = distance(name, candidate);
        if (edits < best_edits) {
            best = candidate;
            best_edits = edits;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
    const std::string near = nearest_name(name, candidates);
    return near.empty() ? "" : "; did you mean " + near + "?";
}

}  // namespace millrace::dsl
