#include "core/row/value.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace millrace {
namespace {

using Kind = TypeKind;

TEST(DoubleText, IsWhatJavaPrints) {
    for (const auto& [value, text] : std::vector<std::pair<double, std::string>>{
             {0.0, "0.0"},
             {-0.0, "-0.0"},
             {1.0, "1.0"},
             {-1.5, "-1.5"},
             {100.0, "100.0"},
             {123456.789, "123456.789"},
             {9999999.0, "9999999.0"},
             {1e7, "1.0E7"},
             {12345678.0, "1.2345678E7"},
             {1e10, "1.0E10"},
             {1.5e300, "1.5E300"},
             {0.1, "0.1"},
             {0.05, "0.05"},
             {0.001, "0.001"},
             {0.0012345, "0.0012345"},
             {0.00099, "9.9E-4"},
             {1e-5, "1.0E-5"},
             {2e-3, "0.002"},
             {1.0 / 3, "0.3333333333333333"},
             {2e23, "2.0E23"},
             {std::numeric_limits<double>::max(), "1.7976931348623157E308"},
             {std::numeric_limits<double>::min(), "2.2250738585072014E-308"},
             {std::numeric_limits<double>::denorm_min(), "4.9E-324"},
             {std::nan(""), "NaN"},
             {HUGE_VAL, "Infinity"},
             {-HUGE_VAL, "-Infinity"}}) {
        EXPECT_EQ(double_to_text(value), text);
    }
}

TEST(Decimal, ReadsPlainAndExponentForms) {
    EXPECT_EQ(Decimal::parse("-1.20").value(), (Decimal{-120, 2}));
    EXPECT_EQ(Decimal::parse("+5").value(), (Decimal{5, 0}));
    EXPECT_EQ(Decimal::parse(".5").value(), (Decimal{5, 1}));
    EXPECT_EQ(Decimal::parse("12e-3").value(), (Decimal{12, 3}));
    EXPECT_EQ(Decimal::parse("1.5E+3").value(), (Decimal{1500, 0}));
    EXPECT_EQ(Decimal::parse("0e99").value(), (Decimal{0, 0}));
    EXPECT_TRUE(Decimal::parse(std::string(38, '9')).ok());
}

TEST(Decimal, RefusesWhatIsNoNumberOrTooLong) {
    for (const char* text : {"",
                             "-",
                             ".",
                             "1.2.3",
                             "1e",
                             "1e+-5",
                             "1e5x",
                             "x",
                             " 1",
                             "0x1",
                             "1e-50",
                             "1e38",
                             "1e2000"}) {
        const auto parsed = Decimal::parse(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    }
    EXPECT_FALSE(Decimal::parse(std::string(39, '9')).ok());
}

TEST(Decimal, PrintsAllDigitsOfItsScale) {
    EXPECT_EQ((Decimal{-120, 2}).to_string(), "-1.20");
    EXPECT_EQ((Decimal{5, 3}).to_string(), "0.005");
    EXPECT_EQ((Decimal{0, 2}).to_string(), "0.00");
    EXPECT_EQ((Decimal{7, 0}).to_string(), "7");
}

TEST(Value, PrintsAsTheShellDoes) {
    EXPECT_EQ(to_text(Value(), Kind::kInt), "NULL");
    EXPECT_EQ(to_text(true, Kind::kBoolean), "true");
    EXPECT_EQ(to_text(1.0, Kind::kDouble), "1.0");
    EXPECT_EQ(to_text(Decimal{150, 2}, DataType::decimal(4, 2)), "1.50");
    EXPECT_EQ(to_text(std::string("\x01\xff"), Kind::kBytes), "0x01ff");
    EXPECT_EQ(to_text(1, Kind::kDate), "1970-01-02");
    EXPECT_EQ(to_text(3'723'004, Kind::kTime), "01:02:03.004");
    EXPECT_EQ(to_text(std::int64_t{0}, Kind::kTimestamp), "1970-01-01T00:00:00.000");
    EXPECT_EQ(to_text(Value::List{1, Value()}, DataType::array(Kind::kInt)), "[1, NULL]");
    EXPECT_EQ(to_text(Value::List{"", "", "a"}, DataType::array(Kind::kString)), "[, , a]");
    EXPECT_EQ(to_text(Value::List{""}, DataType::array(Kind::kString)), "[]");
    EXPECT_EQ(to_text(Value::List{Value::List{"a", "b"}, Value::List{1, 2}},
                      DataType::map(Kind::kString, Kind::kInt)),
              "{a=1, b=2}");
    EXPECT_EQ(to_text(Value::List{1}, DataType::structure({{"A", Kind::kInt}})), "{A=1}");
}

TEST(Value, OfADecimalIsBroughtToTheColumnsScale) {
    ColumnBuilder builder(DataType::decimal(6, 3));
    set_value(builder, 0, Decimal{15, 1});
    EXPECT_EQ(value_at(*builder.finish(1), 0), Value(Decimal{1500, 3}));
}

}  // namespace
}  // namespace millrace
