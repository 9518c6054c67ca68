// Report: counts per stage and family, the failures, and the level that must not be lost again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "tests/conformance/case_runner.h"

namespace millrace::conformance {

struct Tally {
    std::int64_t positive = 0;
    std::int64_t passed = 0;
    std::int64_t passed_strictly = 0;
    std::int64_t errors = 0;
    std::int64_t rejected = 0;       // E1
    std::int64_t right_message = 0;  // E2
    std::int64_t recorded = 0;       // cases with a recorded catalogue
    std::int64_t agreed = 0;

    void add(const Tally& other);
};

class Report {
  public:
    void add(const ConformanceCase& given, CaseOutcome outcome);

    /// Per stage and family, then per stage, then all of it. Error cases of a family count only
    /// where at least half of its positive cases of the stage pass.
    [[nodiscard]] std::string summary() const;
    /// One line per case that does not pass fully.
    [[nodiscard]] std::string failures() const;
    [[nodiscard]] Json to_json() const;

    /// Parts per thousand by stage, as the ratchet keeps them.
    [[nodiscard]] Json levels() const;
    /// Empty when no stage that was run is below `ratchet`; else one line per loss.
    [[nodiscard]] std::string losses(const Json& ratchet) const;

  private:
    struct Entry {
        std::string id;
        std::int64_t stage = 0;
        std::string family;
        bool expects_error = false;
        CaseOutcome outcome;
    };
    using Families = std::map<std::string, Tally>;

    [[nodiscard]] std::map<std::int64_t, Families> tallies() const;
    [[nodiscard]] std::map<std::int64_t, Tally> stages() const;

    std::vector<Entry> entries_;
};

}  // namespace millrace::conformance
