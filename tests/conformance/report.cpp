#include "tests/conformance/report.h"

#include <algorithm>
#include <cstdio>

namespace millrace::conformance {

namespace {

std::int64_t per_mille(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 1000 : part * 1000 / whole;
}

std::string cell(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? "-" : std::to_string(part) + "/" + std::to_string(whole);
}

std::string percent(std::int64_t part, std::int64_t whole) {
    char text[32];
    std::snprintf(
        text,
        sizeof text,
        " %5.1f%%",
        whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
    return text;
}

std::string row(const std::string& name, const Tally& tally, bool is_total) {
    const std::string positive = cell(tally.passed, tally.positive) + " [" +
                                 std::to_string(tally.passed_strictly) + "]" +
                                 (is_total ? percent(tally.passed, tally.positive) : "");
    const std::string rejected = cell(tally.rejected, tally.errors) +
                                 (is_total ? percent(tally.rejected, tally.errors) : "");
    const std::string message = cell(tally.right_message, tally.errors) +
                                (is_total ? percent(tally.right_message, tally.errors) : "");
    const std::string agreed = cell(tally.agreed, tally.recorded) +
                               (is_total ? percent(tally.agreed, tally.recorded) : "");
    char line[256];
    std::snprintf(line,
                  sizeof line,
                  "%-34s %-22s %-16s %-16s %s\n",
                  name.c_str(),
                  positive.c_str(),
                  rejected.c_str(),
                  message.c_str(),
                  agreed.c_str());
    return line;
}

struct Level {
    const char* name;
    std::int64_t Tally::*part;
    std::int64_t Tally::*whole;
};
constexpr Level kLevels[] = {
    {"positive", &Tally::passed, &Tally::positive},
    {"strict", &Tally::passed_strictly, &Tally::positive},
    {"e1", &Tally::rejected, &Tally::errors},
    {"e2", &Tally::right_message, &Tally::errors},
    {"schema", &Tally::agreed, &Tally::recorded},
};

}  // namespace

void Tally::add(const Tally& other) {
    for (const auto member : {&Tally::positive,
                              &Tally::passed,
                              &Tally::passed_strictly,
                              &Tally::errors,
                              &Tally::rejected,
                              &Tally::right_message,
                              &Tally::recorded,
                              &Tally::agreed}) {
        this->*member += other.*member;
    }
}

void Report::add(const ConformanceCase& given, CaseOutcome outcome) {
    entries_.push_back(
        {given.id, given.stage, given.family, given.error.has_value(), std::move(outcome)});
}

std::map<std::int64_t, Report::Families> Report::tallies() const {
    std::map<std::int64_t, Families> stages;
    for (const Entry& entry : entries_) {
        Tally& tally = stages[entry.stage][entry.family];
        const CaseOutcome& outcome = entry.outcome;
        if (entry.expects_error) {
            ++tally.errors;
            tally.rejected += outcome.is_rejected ? 1 : 0;
            tally.right_message += outcome.is_rejected && outcome.has_right_message ? 1 : 0;
            continue;
        }
        ++tally.positive;
        tally.passed += outcome.passes ? 1 : 0;
        tally.passed_strictly += outcome.passes_strictly ? 1 : 0;
        ++tally.recorded;
        tally.agreed += outcome.schema_agrees.value_or(false) ? 1 : 0;
    }
    // Who rejects everything shall not score.
    for (auto& [stage, families] : stages) {
        for (auto& [family, tally] : families) {
            if (tally.passed * 2 < tally.positive) {
                tally.rejected = 0;
                tally.right_message = 0;
            }
        }
    }
    return stages;
}

std::map<std::int64_t, Tally> Report::stages() const {
    std::map<std::int64_t, Tally> totals;
    for (const auto& [stage, families] : tallies()) {
        for (const auto& [family, tally] : families) {
            totals[stage].add(tally);
        }
    }
    return totals;
}

std::string Report::summary() const {
    char head[160];
    std::snprintf(head,
                  sizeof head,
                  "%-34s %-22s %-16s %-16s %s\n",
                  "stage family",
                  "positive [strict]",
                  "E1",
                  "E2",
                  "schema");
    std::string text = head;
    Tally all;
    std::string totals;
    for (const auto& [stage, families] : tallies()) {
        Tally total;
        for (const auto& [family, tally] : families) {
            text += row("  " + std::to_string(stage) + " " + family, tally, false);
            total.add(tally);
        }
        totals += row("stage " + std::to_string(stage), total, true);
        all.add(total);
    }
    return text + totals + row("all", all, true);
}

std::string Report::failures() const {
    std::string text;
    for (const Entry& entry : entries_) {
        const CaseOutcome& outcome = entry.outcome;
        const std::string id = std::to_string(entry.stage) + " " + entry.id + ": ";
        if (entry.expects_error) {
            if (!outcome.is_rejected) {
                text += "E1     " + id + outcome.reason + "\n";
            } else if (!outcome.has_right_message) {
                text += "E2     " + id + outcome.reason + "\n";
            }
            continue;
        }
        if (!outcome.passes) {
            text += "FAIL   " + id + outcome.reason + "\n";
        } else if (!outcome.passes_strictly) {
            text += "STRICT " + id + outcome.reason + "\n";
        }
        if (!outcome.schema_reason.empty()) {
            text += "SCHEMA " + id + outcome.schema_reason + "\n";
        }
    }
    return text;
}

Json Report::to_json() const {
    Json::Array cases;
    for (const Entry& entry : entries_) {
        const CaseOutcome& outcome = entry.outcome;
        Json item;
        item.set("id", entry.id);
        item.set("stage", entry.stage);
        item.set("family", entry.family);
        if (entry.expects_error) {
            item.set("e1", outcome.is_rejected);
            item.set("e2", outcome.is_rejected && outcome.has_right_message);
        } else {
            item.set("passed", outcome.passes);
            item.set("strict", outcome.passes_strictly);
            item.set("schema", outcome.schema_agrees.value_or(false));
        }
        item.set("reason", outcome.reason);
        item.set("schema_reason", outcome.schema_reason);
        cases.push_back(std::move(item));
    }
    Json report;
    report.set("levels", levels());
    report.set("cases", std::move(cases));
    return report;
}

Json Report::levels() const {
    Json levels{Json::Object{}};
    for (const auto& [stage, tally] : stages()) {
        Json numbers;
        for (const Level& level : kLevels) {
            numbers.set(level.name, per_mille(tally.*level.part, tally.*level.whole));
        }
        levels.set(std::to_string(stage), std::move(numbers));
    }
    return levels;
}

std::string Report::losses(const Json& ratchet) const {
    std::string text;
    for (const auto& [stage, tally] : stages()) {
        const Json* numbers = ratchet.find(std::to_string(stage));
        for (const Level& level : kLevels) {
            const Json* wanted = numbers == nullptr ? nullptr : numbers->find(level.name);
            const std::int64_t reached = per_mille(tally.*level.part, tally.*level.whole);
            if (wanted != nullptr && wanted->if_int() != nullptr && reached < *wanted->if_int()) {
                text += "stage " + std::to_string(stage) + " " + level.name + ": " +
                        std::to_string(reached) + " of 1000, was " +
                        std::to_string(*wanted->if_int()) + "\n";
            }
        }
    }
    return text;
}

}  // namespace millrace::conformance
