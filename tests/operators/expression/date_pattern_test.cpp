#include <gtest/gtest.h>

#include "core/base/random.h"
#include "operators/expression/expression.h"
#include "operators/expression/temporal_text.h"

namespace millrace::operators {
namespace {

std::string parse(std::string_view pattern, std::string_view text, std::string_view zone = "UTC") {
    const auto compiled = DatePattern::compile(pattern);
    if (!compiled.ok()) {
        return compiled.error().message;
    }
    const auto ms = compiled.value()->parse_ms(text, zone);
    return ms.ok() ? std::to_string(ms.value()) : ms.error().message;
}

std::string format(std::string_view pattern, std::int64_t ms, std::string_view zone = "UTC") {
    const auto compiled = DatePattern::compile(pattern);
    if (!compiled.ok()) {
        return compiled.error().message;
    }
    const auto text = compiled.value()->format_ms(ms, zone);
    return text.ok() ? text.value() : text.error().message;
}

TEST(DatePatternParse, KnowsTheCommonLayouts) {
    EXPECT_EQ(parse("yyyy/MM/dd HH:mm", "2001/01/10 18:20"), "979150800000");
    EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mm:ssX", "2018-05-11T21:58:33Z"), "1526075913000");
    EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mm:ssX", "2020-05-11T21:58:33z"), "1589234313000");
    EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mm:ss.SSS", "1970-01-01T00:00:01.234"), "1234");
    EXPECT_EQ(parse("yyyyMMddHHmmssSSS", "19700102030405006"), "97445006");
    EXPECT_EQ(parse("yyyyMMdd", "20010110"), "979084800000");
    EXPECT_EQ(parse("yyMMdd", "010110"), "979084800000");
    EXPECT_EQ(parse("d.M.yyyy", "2.1.1970"), "86400000");
    EXPECT_EQ(parse("dd MMM yyyy", "10 jan 2001"), "979084800000");
    EXPECT_EQ(parse("EEEE, d MMMM yyyy", "Wednesday, 10 January 2001"), "979084800000");
    EXPECT_EQ(parse("yyyy-DDD", "2000-366"), "978220800000");
    EXPECT_EQ(parse("h:mm a", "12:05 AM"), "300000");
    EXPECT_EQ(parse("h:mm a", "12:05 pm"), "43500000");
    EXPECT_EQ(parse("kk:mm", "24:01"), "60000");
    EXPECT_EQ(parse("KK:mm a", "00:01 PM"), "43260000");
    EXPECT_EQ(parse("yyyy''MM", "1970'02"), "2678400000");
    EXPECT_EQ(parse("HH", "07"), "25200000");
    EXPECT_EQ(parse("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02"), "86400000");
    EXPECT_EQ(parse("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02 01:00"), "90000000");
    EXPECT_EQ(parse("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02 01:00:01"), "90001000");
    EXPECT_EQ(parse("s.SSSSSS", "1.234567"), "1234");
}

TEST(DatePatternParse, ReadsOffsetsAndZones) {
    EXPECT_EQ(parse("HHx", "10+01"), "32400000");
    EXPECT_EQ(parse("HHx", "10+0130"), "30600000");
    EXPECT_EQ(parse("HHxxx", "10-01:00"), "39600000");
    EXPECT_EQ(parse("HHZ", "10+0100"), "32400000");
    EXPECT_EQ(parse("HHZZZZ", "10GMT+01:00"), "32400000");
    EXPECT_EQ(parse("HHZZZZ", "10GMT"), "36000000");
    EXPECT_EQ(parse("yyyy-MM-dd HH VV", "2001-07-01 00 Europe/Paris"), "993938400000");
    EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mm:ss zzz", "2018-05-11T21:58:33 PST"), "1526101113000");
    EXPECT_EQ(parse("HH", "10", "+01:00"), "32400000");
    EXPECT_EQ(parse("HH", "10", "UTC+1"), "32400000");
}

TEST(DatePatternParse, FollowsClockChangesAsJavaDoes) {
    constexpr std::string_view kPattern = "yyyy-MM-dd HH:mm";
    // 2001-04-01 02:00 jumped to 03:00; 2001-10-28 02:00 to 01:00.
    constexpr std::string_view kZone = "America/Los_Angeles";
    EXPECT_EQ(parse(kPattern, "2001-04-01 01:59", kZone), "986119140000");
    EXPECT_EQ(parse(kPattern, "2001-04-01 02:30", kZone), "986121000000");  // as 03:30
    EXPECT_EQ(parse(kPattern, "2001-04-01 03:30", kZone), "986121000000");
    EXPECT_EQ(parse(kPattern, "2001-10-28 01:30", kZone), "1004257800000");  // the first one
    EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 1'004'257'800'000, kZone), "2001-10-28 01:30 PDT");
    EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 1'004'261'400'000, kZone), "2001-10-28 01:30 PST");
}

TEST(DatePatternParse, TurnsTheLastDaysOfAMonthAsJavaDoes) {
    EXPECT_EQ(parse("yyyy-MM-dd", "2000-02-29"), "951782400000");
    EXPECT_EQ(parse("yyyy-MM-dd", "2001-02-29"), parse("yyyy-MM-dd", "2001-02-28"));
    EXPECT_EQ(parse("yyyy-MM-dd", "1900-02-29"), parse("yyyy-MM-dd", "1900-02-28"));
    EXPECT_EQ(parse("yyyy-MM-dd", "2001-04-31"), parse("yyyy-MM-dd", "2001-04-30"));
    EXPECT_EQ(parse("yyyy-MM-dd HH:mm", "1999-12-31 24:00"), parse("yyyy-MM-dd", "2000-01-01"));
}

TEST(DatePatternParse, ReachesTheEndsOfTheCalendar) {
    EXPECT_EQ(parse("uuuu-MM-dd", "0000-01-01"), "-62167219200000");
    EXPECT_EQ(parse("uuuu-MM-dd HH:mm:ss", "9999-12-31 23:59:59"), "253402300799000");
    EXPECT_EQ(parse("uuuu-MM-dd", "-0001-12-31"), "-62167305600000");
    EXPECT_EQ(parse("uuuu-MM-dd", "+10000-01-01"), "253402300800000");
    EXPECT_EQ(format("uuuu-MM-dd", -62'167'305'600'000), "-0001-12-31");
    EXPECT_EQ(format("uuuu-MM-dd", 253'402'300'800'000), "+10000-01-01");
}

TEST(DatePatternParse, SaysWhereATextDoesNotFit) {
    constexpr std::string_view kPattern = "yyyy/MM/dd HH:mm";
    const auto message = [&](std::string_view wanted, std::string_view text) {
        return "text does not fit the date pattern 'yyyy/MM/dd HH:mm', expected " +
               std::string(wanted) + ": '" + std::string(text) + "'";
    };
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"2001-01-10 18:20", "'/' at position 5"},
        {"2001/13/10 18:20", "a month from 1 to 12 at position 6"},
        {"2001/00/10 18:20", "a month from 1 to 12 at position 6"},
        {"2001/01/32 18:20", "a day of the month from 1 to 31 at position 9"},
        {"2001/01/10 25:20", "a hour from 0 to 24 at position 12"},
        {"2001/01/10 18:60", "a minute from 0 to 59 at position 15"},
        {"2001/01/10 18:2", "2 digits of the minute at position 15"},
        {"2001/01/10 18:2x", "2 digits of the minute at position 15"},
        {"2001/01/10 18:20 ", "nothing more at position 17"},
        {"20011/01/10 18:20", "'/' at position 5"},
        {"01/01/10 18:20", "4 digits of the year at position 1"},
        {"", "4 digits of the year at position 1"},
        {"2001/01/10 24:20", "an hour from 0 to 23 at position 1"},
    };
    for (const auto& [text, wanted] : cases) {
        EXPECT_EQ(parse(kPattern, text), message(wanted, text));
    }
    EXPECT_EQ(
        parse("EEE yyyy-MM-dd", "Mon 2001-01-10"),
        "text does not fit the date pattern 'EEE yyyy-MM-dd', expected the day of the week to "
        "be Wednesday at position 1: 'Mon 2001-01-10'");
    EXPECT_EQ(parse("HH", "10", "Mars/Base"), "unknown time zone: Mars/Base");
}

TEST(DatePatternCompile, NamesTheLetterAndItsPosition) {
    EXPECT_EQ(parse("yyyy-QQ", ""),
              "unknown pattern letter 'Q' at position 6 of the date pattern 'yyyy-QQ'");
    EXPECT_EQ(parse("HHH", ""), "too many letters 'H' at position 1 of the date pattern 'HHH'");
    EXPECT_EQ(parse("'abc", ""), "quote without an end at position 1 of the date pattern ''abc'");
    EXPECT_EQ(parse("yyyy]", ""), "']' without '[' at position 5 of the date pattern 'yyyy]'");
    EXPECT_EQ(parse("{", ""), "reserved character '{' at position 1 of the date pattern '{'");
    EXPECT_FALSE(DatePattern::compile(std::string(2000, '-')).ok());
    EXPECT_EQ(DatePattern::compile("Q").error().code, ErrorCode::kInvalidArgument);
}

TEST(DatePatternFormat, WritesEveryLetter) {
    constexpr std::int64_t kMs = 979'150'805'007;  // Wednesday 2001-01-10 18:20:05.007
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"yyyy-MM-dd'T'HH:mm:ss.SSS", "2001-01-10T18:20:05.007"},
        {"y yy yyyyy", "2001 01 02001"},
        {"M MM MMM MMMM", "1 01 Jan January"},
        {"d dd D DDD", "10 10 10 010"},
        {"H k K h m s", "18 18 6 6 20 5"},
        {"hh a", "06 PM"},
        {"S SS SSSSSS", "0 00 007000"},
        {"E EEEE", "Wed Wednesday"},
        {"X XX XXX x xx xxx Z ZZZZ ZZZZZ", "Z Z Z +00 +0000 +00:00 +0000 GMT Z"},
        {"z VV", "UTC UTC"},
        {"[yyyy]'['''", "2001['"},
    };
    for (const auto& [pattern, text] : cases) {
        EXPECT_EQ(format(pattern, kMs), text) << pattern;
    }
    EXPECT_EQ(format("X XXX Z ZZZZ z VV", kMs, "Asia/Kolkata"),
              "+0530 +05:30 +0530 GMT+05:30 IST Asia/Kolkata");
    EXPECT_EQ(format("HH:mm VV", 0, "-02:30"), "21:30 -02:30");
}

TEST(DatePatternFormat, ReadsBackWhatItWrote) {
    constexpr std::uint64_t kSeed = 20240229;
    SeededRandom random(kSeed);
    const auto pattern = DatePattern::compile("uuuu-MM-dd HH:mm:ss.SSS XXX EEE D").value();
    const auto plain = DatePattern::compile("yyyy/MM/dd HH:mm:ss.SSS").value();
    constexpr std::int64_t kFirst = -62'135'596'800'000;  // 0001-01-01
    constexpr std::uint64_t kSpan = 315'537'897'600'000;  // to the end of 9999
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t ms = kFirst + static_cast<std::int64_t>(random.next() % kSpan);
        const std::string_view zone = i % 3 == 0 ? "UTC" : i % 3 == 1 ? "+05:30" : "-11:00";
        const auto text = pattern->format_ms(ms, zone).value();
        const auto back = pattern->parse_ms(text, "UTC");
        ASSERT_TRUE(back.ok()) << text << " seed " << kSeed << ": " << back.error().message;
        ASSERT_EQ(back.value(), ms) << text << " seed " << kSeed;
        ASSERT_EQ(plain->parse_ms(plain->format_ms(ms, "UTC").value(), "UTC").value(), ms);
    }
    // Summer and winter in a zone; the repeated hour in autumn is written with its offset.
    for (std::int64_t ms = 978'307'200'000; ms < 1'009'843'200'000; ms += 12'345'678) {
        const auto text = pattern->format_ms(ms, "America/New_York").value();
        ASSERT_EQ(pattern->parse_ms(text, "UTC").value(), ms) << text;
    }
}

TEST(Calendar, CountsEveryDayOfFourCenturies) {
    std::int64_t days = days_from_civil(1600, 1, 1);
    for (std::int64_t year = 1600; year < 2000; ++year) {
        for (int month = 1; month <= 12; ++month) {
            for (int day = 1; day <= days_in_month(year, month); ++day, ++days) {
                ASSERT_EQ(days_from_civil(year, month, day), days);
                const CivilDate date = civil_from_days(days);
                ASSERT_TRUE(date.year == year && date.month == month && date.day == day);
            }
        }
    }
    EXPECT_EQ(days_from_civil(2000, 1, 1), 10'957);
    EXPECT_EQ(days - days_from_civil(1600, 1, 1), 146'097);
}

}  // namespace
}  // namespace millrace::operators
