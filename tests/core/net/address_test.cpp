#include "core/net/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::net {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
    const auto parsed = parse_host_port(text);
    return parsed.ok() ? "" : parsed.error().message;
}

IpAddress address(const std::string& host) {
    return resolve({host, 1}).value().address;
}

TEST(HostPort, ReadsNamesAndAddresses) {
    EXPECT_EQ(parse_host_port("localhost:9092").value().host, "localhost");
    EXPECT_EQ(parse_host_port("127.0.0.1:0").value().port, 0);
    EXPECT_EQ(parse_host_port("[::1]:65535").value().host, "::1");
    EXPECT_EQ(parse_host_port("[::1]:65535").value().port, 65535);
}

TEST(HostPort, SaysWhatIsWrong) {
    EXPECT_THAT(error_of("localhost"), HasSubstr("no port"));
    EXPECT_THAT(error_of("localhost:"), HasSubstr("0 to 65535"));
    EXPECT_THAT(error_of("localhost:65536"), HasSubstr("0 to 65535"));
    EXPECT_THAT(error_of("localhost:-1"), HasSubstr("0 to 65535"));
    EXPECT_THAT(error_of("::1:9092"), HasSubstr("brackets"));
    EXPECT_THAT(error_of(":9092"), HasSubstr("no host"));
    EXPECT_THAT(error_of("[]:9092"), HasSubstr("no host"));
    EXPECT_THAT(error_of("a b:9092"), HasSubstr("no host"));
}

TEST(IpAddress, KnowsItsKind) {
    EXPECT_TRUE(address("127.0.0.1").is_loopback());
    EXPECT_TRUE(address("127.9.9.9").is_loopback());
    EXPECT_TRUE(address("::1").is_loopback());
    EXPECT_TRUE(address("::ffff:127.0.0.1").is_loopback());
    EXPECT_FALSE(address("10.0.0.1").is_loopback());
    EXPECT_FALSE(address("::2").is_loopback());
    EXPECT_TRUE(address("0.0.0.0").is_any());
    EXPECT_TRUE(address("::").is_any());
    EXPECT_FALSE(address("::1").is_any());
}

TEST(IpAddress, PrintsAsPeopleWriteIt) {
    EXPECT_EQ((Endpoint{address("10.1.2.3"), 9092}.text()), "10.1.2.3:9092");
    EXPECT_EQ((Endpoint{address("2001:db8::7"), 9092}.text()), "[2001:db8::7]:9092");
    EXPECT_EQ(address("::ffff:10.1.2.3").text(), "10.1.2.3");
}

TEST(IpAddress, CountsOneIpv6NetworkAsOneOrigin) {
    EXPECT_EQ(address("2001:db8::1").origin(), address("2001:db8::2").origin());
    EXPECT_NE(address("2001:db8::1").origin(), address("2001:db8:0:1::1").origin());
    EXPECT_NE(address("10.0.0.1").origin(), address("10.0.0.2").origin());
}

TEST(Resolve, NamesAHostThatIsNotThere) {
    const auto resolved = resolve({"no-such-host.invalid", 1});
    ASSERT_FALSE(resolved.ok());
    EXPECT_EQ(resolved.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(resolved.error().message, HasSubstr("no-such-host.invalid"));
}

}  // namespace
}  // namespace millrace::net
