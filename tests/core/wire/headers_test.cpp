#include <gtest/gtest.h>

#include "core/record/record_batch_builder.h"
#include "core/wire/decoder.h"
#include "core/wire/generated/record_batch.h"
#include "core/wire/generated/response_header.h"
#include "core/wire/messages/api_versions.h"
#include "core/wire/messages/groups.h"
#include "core/wire/messages/produce.h"
#include "core/wire/request_decoder.h"
#include "core/wire/request_encoder.h"

namespace millrace::wire {
namespace {

constexpr std::size_t kLengthBytes = 4;

TEST(WireHeaders, ARequestIsFoundBehindItsHeader) {
    Arena arena;
    for (std::int16_t v = 0; v <= 4; ++v) {
        HeartbeatRequest request;
        request.group_id = "group";
        const Buffer frame = encode_request({.correlation_id = 77, .client_id = "me"}, v, request);
        EXPECT_EQ(load_be<std::int32_t>(frame.data()), static_cast<int>(frame.size()) - 4);
        const auto head = decode_request_header(arena, frame.view().subspan(kLengthBytes));
        ASSERT_TRUE(head.ok());
        EXPECT_EQ(head.value().key, ApiKey::kHeartbeat);
        EXPECT_EQ(head.value().version, v);
        EXPECT_EQ(head.value().correlation_id, 77);
        EXPECT_EQ(head.value().client_id, "me");
        const auto body = decode_message<HeartbeatRequest>(head.value().body, v);
        ASSERT_TRUE(body.ok());
        EXPECT_EQ(body.value().group_id, "group");
    }
}

TEST(WireHeaders, AClientNeedNotNameItself) {
    ApiVersionsRequest request;
    const Buffer frame =
        encode_request({.correlation_id = 1, .client_id = std::nullopt}, 0, request);
    Arena arena;
    const auto head = decode_request_header(arena, frame.view().subspan(kLengthBytes));
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head.value().client_id, "");
    EXPECT_TRUE(head.value().body.empty());
}

TEST(WireHeaders, UnknownApisAndVersionsAreHandedOut) {
    Buffer frame;
    frame.append_be<std::int16_t>(9999);
    frame.append_be<std::int16_t>(-5);
    frame.append_be<std::int32_t>(3);
    frame.append_be<std::int16_t>(-1);
    Arena arena;
    const auto head = decode_request_header(arena, frame.view());
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(static_cast<int>(head.value().key), 9999);
    EXPECT_EQ(head.value().version, -5);
}

TEST(WireHeaders, HalfAHeaderIsMalformed) {
    HeartbeatRequest request;
    const Buffer frame = encode_request({.correlation_id = 1, .client_id = "c"}, 4, request);
    const std::size_t header = kLengthBytes + 8 + 3 + 1;
    Arena arena;
    for (std::size_t size = kLengthBytes; size < header; ++size) {
        const auto head =
            decode_request_header(arena, frame.view().subspan(kLengthBytes, size - kLengthBytes));
        ASSERT_FALSE(head.ok()) << size;
        EXPECT_EQ(head.error().code, ErrorCode::kInvalidArgument);
    }
}

TEST(WireHeaders, VersionsOfHeadersFollowTheRequest) {
    EXPECT_EQ(request_header_version(ApiKey::kProduce, 8), 1);
    EXPECT_EQ(request_header_version(ApiKey::kProduce, 9), 2);
    EXPECT_EQ(response_header_version(ApiKey::kProduce, 8), 0);
    EXPECT_EQ(response_header_version(ApiKey::kProduce, 9), 1);
    EXPECT_EQ(request_header_version(ApiKey::kApiVersions, 3), 2);
    EXPECT_EQ(response_header_version(ApiKey::kApiVersions, 3), 0);
    EXPECT_EQ(response_header_version(ApiKey::kOffsetDelete, 0), 0);
}

TEST(WireHeaders, AResponseIsFoundBehindItsHeader) {
    for (std::int16_t v = 8; v <= 9; ++v) {
        ProduceResponse response;
        response.throttle_time_ms = 12;
        Outbound out;
        out.bytes.append_be<std::int32_t>(5);
        if (response_header_version(ApiKey::kProduce, v) == 1) {
            out.bytes.append_be<std::int8_t>(0);
        }
        encode_response(out, ApiKey::kProduce, v, response);
        const Buffer frame = out.flat();
        const auto read = decode_response<ProduceResponse>(frame.view(), v);
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(read.value().throttle_time_ms, 12);
        EXPECT_FALSE(decode_response<ProduceResponse>(frame.view().first(3), v).ok());

        Arena arena;
        kaitai::kstream stream(frame.view(), arena);
        const kaitai::Reading reading(stream);
        const response_header_t header(response_header_version(ApiKey::kProduce, v), &stream);
        EXPECT_EQ(header.correlation_id(), 5);
    }
}

TEST(WireHeaders, RecordsAreSentFromWhereTheyLie) {
    const Buffer first(std::string_view("first"));
    const Buffer second(std::string_view("second"));
    Outbound out;
    out.bytes.append("a");
    out.splice(first.view(), nullptr);
    out.splice(second.view(), nullptr);
    out.bytes.append("b");
    EXPECT_EQ(out.size(), 13u);
    EXPECT_EQ(out.flat().text(), "afirstsecondb");
    EXPECT_EQ(out.splices[0].view.data(), first.data());
}

TEST(WireHeaders, ABatchIsReadAsItsBuilderWroteIt) {
    RecordBatchBuilder builder;
    builder.add(as_bytes("k"), as_bytes("v"), Timestamp{1000});
    builder.add(std::nullopt, as_bytes("w"), Timestamp{1500});
    const Result<Buffer> built = builder.finish();
    ASSERT_TRUE(built.ok());
    const Buffer& bytes = built.value();
    Arena arena;
    const auto* batch = decode_body<record_batch_t>(arena, bytes.view(), 2);
    ASSERT_NE(batch, nullptr) << arena.failure();
    EXPECT_EQ(batch->base_timestamp(), 1000);
    EXPECT_EQ(batch->max_timestamp(), 1500);
    EXPECT_EQ(batch->records_count(), 2);
    EXPECT_EQ(batch->last_offset_delta(), 1);
    EXPECT_EQ(batch->records().size(), bytes.size() - 61);
    Buffer old(bytes.view());
    old.data()[16] = std::byte{1};  // magic
    EXPECT_EQ(decode_body<record_batch_t>(arena, old.view(), 2), nullptr);
    Buffer torn(bytes.view().first(70));
    EXPECT_EQ(decode_body<record_batch_t>(arena, torn.view(), 2), nullptr);
}

}  // namespace
}  // namespace millrace::wire
