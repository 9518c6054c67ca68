#include "core/broker/broker.h"

#include <gtest/gtest.h>

#include "tests/core/broker/broker_fixture.h"

namespace millrace::broker {
namespace {

TEST_F(BrokerTest, KeepsTopicsAndRecordsAcrossAReopen) {
    const TopicInfo topic = create("clicks", 3);
    ASSERT_TRUE(produce(topic, {"a", "b"}).ok());
    reopen();
    EXPECT_EQ(broker_->describe_topic("clicks").value().id, topic.id);
    EXPECT_EQ(broker_->describe_topic("clicks").value().partitions, 3);
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"a", "b"}));
    ASSERT_TRUE(produce(topic, {"c"}).ok());
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(BrokerTest, NamesWhatIsWrongWithATopic) {
    create("clicks");
    EXPECT_EQ(broker_->create_topic({.name = "clicks"}).error().code, ErrorCode::kTopicExists);
    EXPECT_EQ(broker_->create_topic({.name = "../etc"}).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(broker_->create_topic({.name = "x", .partitions = 0}).error().code,
              ErrorCode::kInvalidArgument);
    const auto unknown = broker_->describe_topic("click");
    EXPECT_EQ(unknown.error().code, ErrorCode::kUnknownTopic);
    EXPECT_EQ(unknown.error().message, "unknown topic: click; did you mean clicks?");
    const auto misspelt = broker_->create_topic({.name = "y", .config = {{"retention.mss", "1"}}});
    EXPECT_EQ(misspelt.error().message,
              "unknown topic config: retention.mss; did you mean retention.ms?");
    EXPECT_EQ(
        broker_->create_topic({.name = "z", .config = {{"retention.ms", "soon"}}}).error().code,
        ErrorCode::kConfigInvalid);
}

TEST_F(BrokerTest, AppendsAUnitToAllItsPartitionsOrToNone) {
    const TopicInfo a = create("a");
    const TopicInfo b = create("b");
    Unit good;
    good.pieces.push_back({{a.id, Partition{0}}, batch({"1"})});
    good.pieces.push_back({{b.id, Partition{0}}, batch({"2"})});
    EXPECT_EQ(append(std::move(good)).value().base_offsets,
              (std::vector<Offset>{Offset{0}, Offset{0}}));
    Unit bad;
    bad.pieces.push_back({{a.id, Partition{0}}, batch({"3"})});
    Buffer broken = batch({"4"});
    broken.data()[broken.size() - 1] ^= std::byte{1};
    bad.pieces.push_back({{b.id, Partition{0}}, std::move(broken)});
    EXPECT_EQ(append(std::move(bad)).error().code, ErrorCode::kCorruptBatch);
    EXPECT_EQ(read_all(a), std::vector<std::string>{"1"});
    EXPECT_EQ(read_all(b), std::vector<std::string>{"2"});
}

TEST_F(BrokerTest, FencesRetriesAndZombiesByEpochAcrossAReopen) {
    const TopicInfo topic = create("out");
    const auto unit = [&](std::uint64_t epoch) {
        Unit made;
        made.pieces.push_back({{topic.id, Partition{0}}, batch({"e" + std::to_string(epoch)})});
        made.epoch = UnitEpoch{"query/Q", epoch};
        return made;
    };
    EXPECT_TRUE(append(unit(1)).ok());
    EXPECT_EQ(append(unit(1)).error().code, ErrorCode::kFenced);
    EXPECT_EQ(append(unit(3)).error().code, ErrorCode::kFenced);
    reopen();
    EXPECT_EQ(broker_->committed_epoch("query/Q"), 1U);
    EXPECT_EQ(append(unit(1)).error().code, ErrorCode::kFenced);
    EXPECT_TRUE(append(unit(2)).ok());
    EXPECT_EQ(read_all(topic), (std::vector<std::string>{"e1", "e2"}));
}

TEST_F(BrokerTest, CommitsOffsetsWithTheUnitAndForgetsThemWithTheTopic) {
    const TopicInfo topic = create("in");
    const TopicPartition source{topic.id, Partition{0}};
    Unit unit;
    unit.offsets.push_back({"group", source, Offset{42}, "note"});
    ASSERT_TRUE(append(std::move(unit)).ok());
    reopen();
    const auto committed = broker_->committed_offsets("group");
    ASSERT_EQ(committed.size(), 1U);
    EXPECT_EQ(committed.at(source).next, Offset{42});
    EXPECT_EQ(committed.at(source).metadata, "note");
    ASSERT_TRUE(broker_->delete_topic("in").ok());
    EXPECT_TRUE(broker_->committed_offsets("group").empty());
    create("in");
    reopen();
    EXPECT_TRUE(
        broker_->committed_offsets("group").empty());  // a new topic of that name starts afresh
}

TEST_F(BrokerTest, WakesAWaitingFetchAndEndsOneThatWaitedLongEnough) {
    const TopicInfo topic = create("t");
    std::optional<Result<FetchResult>> woken;
    std::optional<Result<FetchResult>> timed_out;
    const FetchRequest request{.from = {topic.id, Partition{0}},
                               .offset = Offset{0},
                               .wait_max = std::chrono::milliseconds(100)};
    broker_->fetch(request, [&](Result<FetchResult> r) { woken.emplace(std::move(r)); });
    io_.run_all();
    EXPECT_FALSE(woken.has_value());
    ASSERT_TRUE(produce(topic, {"x"}).ok());
    ASSERT_TRUE(woken.has_value() && woken->ok());
    EXPECT_FALSE(woken->value().batches.empty());

    FetchRequest at_end = request;
    at_end.offset = Offset{1};
    broker_->fetch(at_end, [&](Result<FetchResult> r) { timed_out.emplace(std::move(r)); });
    io_.run_all();
    EXPECT_FALSE(timed_out.has_value());
    clock_.advance(std::chrono::milliseconds(100));
    io_.run_all();
    ASSERT_TRUE(timed_out.has_value() && timed_out->ok());
    EXPECT_TRUE(timed_out->value().batches.empty());
}

TEST_F(BrokerTest, CancelsAFetchBeforeAndAfterItBeganToWait) {
    const TopicInfo topic = create("t");
    const FetchRequest request{
        .from = {topic.id, Partition{0}}, .offset = Offset{0}, .wait_max = std::chrono::hours(1)};
    int served = 0;
    const FetchId early = broker_->fetch(request, [&](const Result<FetchResult>&) { ++served; });
    broker_->cancel_fetch(early);
    io_.run_all();
    EXPECT_EQ(served, 1);
    const FetchId late = broker_->fetch(request, [&](const Result<FetchResult>&) { ++served; });
    io_.run_all();
    EXPECT_EQ(served, 1);
    broker_->cancel_fetch(late);
    io_.run_all();
    EXPECT_EQ(served, 2);
    EXPECT_EQ(broker_->inspect().waiting_fetches, 0U);
}

TEST_F(BrokerTest, RefusesADirectoryThatIsInUseOrFromTheFuture) {
    EXPECT_EQ(Broker::open(env_, "/data", {}).error().code, ErrorCode::kInUse);
    ASSERT_TRUE(broker_->close().ok());
    broker_.reset();
    Buffer superblock = files_.read_file("/data/MILLRACE").value();
    store_le(superblock.data() + 8, std::uint32_t{99});
    ASSERT_TRUE(files_.write_file_atomically("/data/MILLRACE", superblock).ok());
    const auto newer = Broker::open(env_, "/data", {});
    EXPECT_EQ(newer.error().code, ErrorCode::kNewerFormat);
    EXPECT_NE(newer.error().message.find("99"), std::string::npos);
    store_le(superblock.data(), std::uint32_t{0});
    ASSERT_TRUE(files_.write_file_atomically("/data/MILLRACE", superblock).ok());
    EXPECT_EQ(Broker::open(env_, "/data", {}).error().code, ErrorCode::kCorruptJournal);
}

TEST_F(BrokerTest, RemovesWhatRetentionNoLongerKeeps) {
    auto made = broker_->create_topic(
        {.name = "short", .config = {{"retention.ms", "60000"}, {"segment.ms", "10000"}}});
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE(produce(made.value(), {"old"}).ok());
    clock_.advance(std::chrono::minutes(5));
    ASSERT_TRUE(produce(made.value(), {"new"}).ok());
    ASSERT_TRUE(broker_->apply_retention().ok());
    EXPECT_EQ(broker_->log_start({made.value().id, Partition{0}}).value(), Offset{1});
}

TEST_F(BrokerTest, RefusesEverythingAfterClose) {
    const TopicInfo topic = create("t");
    ASSERT_TRUE(broker_->close().ok());
    EXPECT_EQ(produce(topic, {"x"}).error().code, ErrorCode::kCancelled);
}

TEST_F(BrokerTest, DeletesATopicAfterAReopenAndKeepsTheOthers) {
    const TopicInfo gone = create("gone", 3);
    const TopicInfo kept = create("kept");
    ASSERT_TRUE(produce(gone, {"x"}).ok());
    ASSERT_TRUE(produce(kept, {"y"}).ok());
    reopen();
    ASSERT_TRUE(broker_->delete_topic("gone").ok());
    EXPECT_EQ(produce(gone, {"z"}).error().code, ErrorCode::kUnknownTopic);
    ASSERT_TRUE(produce(kept, {"z"}).ok());
    reopen();
    EXPECT_EQ(broker_->describe_topic("gone").error().code, ErrorCode::kUnknownTopic);
    EXPECT_EQ(read_all(kept), (std::vector<std::string>{"y", "z"}));
}

TEST_F(BrokerTest, SnapshotsEndsOfAllPartitions) {
    const TopicInfo topic = create("t", 2);
    ASSERT_TRUE(produce(topic, {"x", "y"}).ok());
    const LogSnapshot snapshot = broker_->snapshot();
    EXPECT_EQ(snapshot.end_of({topic.id, Partition{0}}), Offset{2});
    EXPECT_EQ(snapshot.end_of({topic.id, Partition{1}}), Offset{0});
}

}  // namespace
}  // namespace millrace::broker
