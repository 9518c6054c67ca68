// DatagenSource: seeded sample records for demos, tests and benches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/config_def.h"
#include "connectors/connector.h"

namespace millrace::connectors {

/// Record i is a function of seed and i alone: after a restart it goes on as if nothing had
/// happened. With a rate the records come as time passes; without one, as fast as they are taken.
class DatagenSource final : public SourceTask {
  public:
    [[nodiscard]] static std::vector<ConfigKey> keys();
    static void check(const Config& config, std::vector<std::string>& problems);
    explicit DatagenSource(Config config);

    [[nodiscard]] Json partition() const override;
    [[nodiscard]] bool is_bounded(bool once) const override;
    Status open(const SourceContext& context, const std::optional<Json>& offset) override;
    [[nodiscard]] Result<SourceBatch> poll() override;
    [[nodiscard]] std::chrono::milliseconds poll_interval() const override;

  private:
    Config config_;
    std::uint64_t seed_;
    std::optional<std::int64_t> iterations_;  // nullopt: endless
    std::chrono::milliseconds max_interval_;  // 0: no pause
    std::optional<SourceContext> context_;
    std::int64_t next_ = 0;                  // number of the next record
    std::chrono::nanoseconds next_time_{0};  // monotonic: when it is due
};

/// One sample record.
struct SampleRecord {
    std::string key;
    std::string value;  // JSON
};

/// kind   orders, clicks or users
[[nodiscard]] SampleRecord sample_record(const std::string& kind,
                                         std::uint64_t seed,
                                         std::int64_t number);

}  // namespace millrace::connectors
