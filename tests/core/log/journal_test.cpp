#include "core/log/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/log/journal_fixture.h"

namespace millrace::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class JournalCommit : public JournalFixture {};
class JournalReopen : public JournalFixture {};

TEST_F(JournalCommit, AnswersAndShowsAUnitOverManyPartitions) {
    open();
    const auto committed = commit({{0, "a"}, {1, "b"}, {5, "c"}});
    ASSERT_TRUE(committed.ok()) << committed.error().message;
    EXPECT_EQ(committed.value().sequence, 1U);
    EXPECT_THAT(committed.value().base_offsets, ElementsAre(Offset{0}, Offset{0}, Offset{0}));
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b"));
    EXPECT_THAT(values(5), ElementsAre("c"));
}

TEST_F(JournalCommit, SyncsAGroupOfManyUnitsOverManyPartitionsOnce) {
    options.frame_inline_bytes_max = 24 * 1024;
    open();
    warm_up(8);
    files.reset_calls();
    for (int i = 0; i < 100; ++i) {
        submit({{i % 8, "x"}, {(i + 3) % 8, "y"}});
    }
    run();
    ASSERT_EQ(answers.size(), 100U);
    for (const auto& answer : answers) {
        ASSERT_TRUE(answer.ok());
        EXPECT_EQ(answer.value().sequence, answers.front().value().sequence);
    }
    EXPECT_EQ(files.calls(FileCall::kSync), 1U);
    EXPECT_EQ(files.calls(FileCall::kSync, "/data/wal/"), 1U);
    EXPECT_EQ(files.calls(FileCall::kSyncDirectory), 0U);
}

TEST_F(JournalReopen, FindsWhatWasCommittedAfterACleanEnd) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    ASSERT_TRUE(commit({{1, "c"}}).ok());
    close();
    reopen();
    EXPECT_EQ(journal->recovery().frames_replayed, 0U);
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b", "c"));
    EXPECT_EQ(commit({{1, "d"}}).value().base_offsets.front(), Offset{2});
}

TEST_F(JournalReopen, FindsWhatWasCommittedAfterAPowerCut) {
    open();
    ASSERT_TRUE(commit({{0, "a"}, {1, "b"}}).ok());
    ASSERT_TRUE(commit({{1, std::string(3000, 'r')}}).ok());  // a reference
    ASSERT_TRUE(commit({{1, "c"}}).ok());
    drop();
    files.power_cut(PowerCut::kLoseAll);
    open();
    EXPECT_EQ(journal->recovery().frames_replayed, 3U);
    EXPECT_THAT(values(0), ElementsAre("a"));
    EXPECT_THAT(values(1), ElementsAre("b", std::string(3000, 'r'), "c"));
    EXPECT_EQ(commit({{0, "d"}}).value().sequence, 4U);
}

TEST_F(JournalReopen, CommitsWhatWasQueuedBeforeItCloses) {
    open();
    submit({{0, "a"}});
    submit({{0, std::string(3000, 'r')}});
    close();  // nothing was run on the executor: the caller does the work
    run();
    EXPECT_EQ(answers.size(), 2U);
    reopen();
    EXPECT_THAT(values(0), ElementsAre("a", std::string(3000, 'r')));
}

}  // namespace
}  // namespace millrace::log
