#include "core/net/admission.h"

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress kLoopback = IpAddress::v4(0x7f000001);
const IpAddress kStranger = IpAddress::v4(0x0a000001);
const IpAddress kOther = IpAddress::v4(0x0a000002);

TEST(Admission, KeepsAReserveForThisMachine) {
    Admission admission({.connections_max = 5,
                         .loopback_reserve = 2,
                         .per_origin_max = 100,
                         .per_origin_rate = 100,
                         .per_origin_burst = 100});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kNone);
    }
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kTotal);
    EXPECT_EQ(admission.admit(kLoopback, seconds(0)), Refusal::kNone);
    EXPECT_EQ(admission.admit(kLoopback, seconds(0)), Refusal::kNone);
    EXPECT_EQ(admission.admit(kLoopback, seconds(0)), Refusal::kTotal);
    EXPECT_EQ(admission.open(), 5U);
    admission.release(kStranger);
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kTotal);  // into the reserve
    EXPECT_EQ(admission.admit(kLoopback, seconds(0)), Refusal::kNone);
}

TEST(Admission, LimitsWhatOneHostHolds) {
    Admission admission({.connections_max = 100,
                         .loopback_reserve = 0,
                         .per_origin_max = 2,
                         .per_origin_rate = 100,
                         .per_origin_burst = 100});
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kNone);
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kNone);
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kPerOrigin);
    EXPECT_EQ(admission.admit(kOther, seconds(0)), Refusal::kNone);
    admission.release(kStranger);
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kNone);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(admission.admit(kLoopback, seconds(0)), Refusal::kNone);
    }
}

TEST(Admission, LimitsHowOftenAHostConnects) {
    Admission admission({.connections_max = 1000,
                         .loopback_reserve = 0,
                         .per_origin_max = 1000,
                         .per_origin_rate = 100,
                         .per_origin_burst = 200});
    milliseconds now(5);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(admission.admit(kStranger, now), Refusal::kNone);
    }
    EXPECT_EQ(admission.admit(kStranger, now), Refusal::kRate);
    now += milliseconds(10);
    EXPECT_EQ(admission.admit(kStranger, now), Refusal::kNone);
    EXPECT_EQ(admission.admit(kStranger, now), Refusal::kRate);
    now += seconds(60);  // the bucket is full again, and no fuller
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(admission.admit(kStranger, now), Refusal::kNone);
    }
    EXPECT_EQ(admission.admit(kStranger, now), Refusal::kRate);
    EXPECT_EQ(admission.admit(kOther, now), Refusal::kNone);
}

TEST(Admission, RemembersABoundedNumberOfHosts) {
    Admission admission({.connections_max = 10,
                         .loopback_reserve = 0,
                         .per_origin_max = 10,
                         .per_origin_rate = 100,
                         .per_origin_burst = 200});
    for (std::uint32_t i = 0; i < Admission::kOriginsMax; ++i) {
        const IpAddress from = IpAddress::v4(0x0b000000 + i);
        ASSERT_EQ(admission.admit(from, seconds(0)), Refusal::kNone);
        admission.release(from);
    }
    EXPECT_EQ(admission.admit(kStranger, seconds(0)), Refusal::kRate);
    EXPECT_EQ(admission.admit(kStranger, seconds(10)), Refusal::kNone);  // the quiet are forgotten
}

}  // namespace
}  // namespace millrace::net
