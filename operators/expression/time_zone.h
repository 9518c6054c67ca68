// TimeZone: from instants to local time and back, by the system's zone database. UTC and fixed
// offsets never touch it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace millrace::operators {

/// Cheap to copy; any thread.
class TimeZone {
  public:
    TimeZone() = default;  // UTC

    /// "UTC", "GMT", "Z", an offset ("+01:00", "-0730", "UTC+2") or an IANA name ("Europe/Paris").
    /// kInvalidArgument: no such zone on this machine.
    [[nodiscard]] static Result<TimeZone> find(std::string_view name);
    /// A zone by the abbreviation that a time carries ("PST", "CEST"); the region's own rules then
    /// say whether it is summer time, as Java does. Anything else as find().
    [[nodiscard]] static Result<TimeZone> find_abbreviated(std::string_view name);
    [[nodiscard]] static TimeZone fixed(std::int32_t offset_ms);

    /// Milliseconds east of UTC at an instant.
    [[nodiscard]] std::int32_t offset_ms(std::int64_t utc_ms) const;
    /// The instant of a local time. A time that a clock change leaves out moves behind the change;
    /// one that comes twice is the first (both as Java).
    [[nodiscard]] std::int64_t to_utc(std::int64_t local_ms) const;
    /// "PDT"; "UTC"; for fixed offsets "+01:00".
    [[nodiscard]] std::string abbreviation(std::int64_t utc_ms) const;
    /// "America/Los_Angeles".
    [[nodiscard]] std::string id() const;

  private:
    const void* region_ = nullptr;  // of the zone database; nullptr: a fixed offset
    std::int32_t fixed_ms_ = 0;
};

/// "+01:00" and the like. parts: 1 hours and, unless zero, minutes; 2 both; `colon` between them.
[[nodiscard]] std::string offset_text(std::int32_t offset_ms, int parts, bool colon);

}  // namespace millrace::operators
