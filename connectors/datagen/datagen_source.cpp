#include "connectors/datagen/datagen_source.h"

#include <algorithm>
#include <array>

namespace millrace::connectors {

namespace {

constexpr std::int64_t kBatchRecords = 2000;
/// 2024-01-01 00:00 UTC: the time of record 0 inside the records.
constexpr std::int64_t kFirstTimeMs = 1'704'067'200'000;

std::string padded(std::uint64_t number, std::size_t digits) {
    std::string text = std::to_string(number);
    return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

/// A pick that has no neighbours: SplitMix64 is seeded by seed and record number.
class Picks {
  public:
    Picks(std::uint64_t seed, std::int64_t number)
        : random_(seed * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(number)) {}
    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
    template <std::size_t kSize>
    std::string_view one_of(const std::array<std::string_view, kSize>& choices) {
        return choices[random_.below(kSize)];
    }

  private:
    SeededRandom random_;
};

constexpr std::array<std::string_view, 8> kCities{
    "Berlin", "Lagos", "Lima", "Mumbai", "Oslo", "Osaka", "Quito", "Toronto"};
constexpr std::array<std::string_view, 6> kPages{
    "/", "/cart", "/checkout", "/help", "/products", "/search"};
constexpr std::array<std::string_view, 3> kLevels{"gold", "platinum", "silver"};

SampleRecord order(Picks& picks, std::int64_t number) {
    const std::string id = std::to_string(number);
    const std::uint64_t cents = 100 + picks.below(50'000);
    return {id,
            "{\"ordertime\":" + std::to_string(kFirstTimeMs + number * 100) + ",\"orderid\":" + id +
                ",\"itemid\":\"Item_" + std::to_string(picks.below(500)) + "\",\"userid\":\"User_" +
                std::to_string(picks.below(1000)) +
                "\",\"orderunits\":" + std::to_string(1 + picks.below(9)) +
                ",\"amount\":" + std::to_string(cents / 100) + "." + padded(cents % 100, 2) +
                ",\"city\":\"" + std::string(picks.one_of(kCities)) + "\"}"};
}

SampleRecord click(Picks& picks, std::int64_t number) {
    const std::string user = "User_" + std::to_string(picks.below(1000));
    return {user,
            "{\"clicktime\":" + std::to_string(kFirstTimeMs + number * 50) + ",\"userid\":\"" +
                user + "\",\"page\":\"" + std::string(picks.one_of(kPages)) +
                "\",\"status\":" + (picks.below(20) == 0 ? "404" : "200") +
                ",\"duration\":" + std::to_string(picks.below(3000)) + "}"};
}

SampleRecord user(Picks& picks, std::int64_t number) {
    const std::string id = "User_" + std::to_string(number % 1000);
    return {id,
            "{\"registertime\":" + std::to_string(kFirstTimeMs + number * 1000) + ",\"userid\":\"" +
                id + "\",\"city\":\"" + std::string(picks.one_of(kCities)) + "\",\"level\":\"" +
                std::string(picks.one_of(kLevels)) + "\"}"};
}

}  // namespace

SampleRecord sample_record(const std::string& kind, std::uint64_t seed, std::int64_t number) {
    Picks picks(seed, number);
    if (kind == "orders") {
        return order(picks, number);
    }
    return kind == "clicks" ? click(picks, number) : user(picks, number);
}

std::vector<ConfigKey> DatagenSource::keys() {
    return {
        {.name = "quickstart",
         .type = KeyType::kEnum,
         .is_required = true,
         .allowed = {"orders", "clicks", "users"},
         .group = "Data",
         .documentation = "What the records are about; all are JSON objects with a key."},
        {.name = "seed",
         .type = KeyType::kLong,
         .default_value = "1",
         .min = 0,
         .aliases = {"random.seed"},
         .group = "Data",
         .documentation = "The same seed gives the same records."},
        {.name = "iterations",
         .type = KeyType::kLong,
         .default_value = "-1",
         .min = -1,
         .group = "Data",
         .documentation = "How many records there are in all; -1: no end."},
        {.name = "max.interval",
         .type = KeyType::kDuration,
         .default_value = "0",
         .min = 0,
         .group = "Data",
         .documentation = "Time between two records; 0: as fast as they are taken."},
    };
}

void DatagenSource::check(const Config& config, std::vector<std::string>& problems) {
    static_cast<void>(config);
    static_cast<void>(problems);
}

DatagenSource::DatagenSource(Config config)
    : config_(std::move(config)),
      seed_(static_cast<std::uint64_t>(config_.number("seed"))),
      max_interval_(config_.duration("max.interval")) {
    if (const std::int64_t iterations = config_.number("iterations"); iterations >= 0) {
        iterations_ = iterations;
    }
}

Json DatagenSource::partition() const {
    return Json(Json::Object{{"quickstart", config_.text("quickstart")}});
}

/// Endless data has no end that `once` could mean.
bool DatagenSource::is_bounded(bool once) const {
    static_cast<void>(once);
    return iterations_.has_value();
}

std::chrono::milliseconds DatagenSource::poll_interval() const {
    return std::max(max_interval_, std::chrono::milliseconds{1});
}

Status DatagenSource::open(const SourceContext& context, const std::optional<Json>& offset) {
    context_.emplace(context);
    next_ = 0;
    next_time_ = context.env.clock.monotonic();
    if (offset) {
        const Json* next = offset->find("next");
        if (next == nullptr || next->if_int() == nullptr) {
            return Error{ErrorCode::kCorruptJournal,
                         "the committed offset is none of a datagen source: " + offset->dump()};
        }
        next_ = *next->if_int();
    }
    return Ok{};
}

Result<SourceBatch> DatagenSource::poll() {
    std::int64_t end = next_ + kBatchRecords;
    if (max_interval_.count() > 0) {
        const std::chrono::nanoseconds now = context_->env.clock.monotonic();
        const std::int64_t due = now < next_time_ ? 0 : (now - next_time_) / max_interval_ + 1;
        end = std::min(end, next_ + due);
    }
    if (iterations_) {
        end = std::min(end, std::max(*iterations_, next_));
    }
    SourceBatch batch;
    const auto records = std::make_shared<std::vector<SampleRecord>>();
    const Timestamp now{context_->env.clock.wall_ms()};
    for (std::int64_t i = next_; i < end; ++i) {
        records->push_back(sample_record(config_.text("quickstart"), seed_, i));
    }
    for (const SampleRecord& record : *records) {
        batch.records.push_back({as_bytes(record.key), as_bytes(record.value), now});
    }
    batch.pins.push_back(records);
    batch.is_moved = end > next_;
    next_time_ += max_interval_ * (end - next_);
    next_ = end;
    batch.offset = Json(Json::Object{{"next", next_}});
    batch.is_finished = iterations_ && next_ >= *iterations_;
    return batch;
}

}  // namespace millrace::connectors
