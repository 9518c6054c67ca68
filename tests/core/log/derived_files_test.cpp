// Indexes, snapshots of producers and the state of compaction are derived: whatever becomes of
// them, the log is what it was. And a segment that is missing is said, not passed over.
#include <gtest/gtest.h>

#include "tests/core/log/compaction/compaction_fixture.h"
#include "tests/support/fault_file_system.h"

namespace millrace::log {
namespace {

bool is_derived(const std::string& name) {
    return name.ends_with(".index") || name.ends_with(".producers") || name == "compaction";
}

RecordBatchFields producer(std::int32_t sequence) {
    return {.producer_id = 9, .producer_epoch = 3, .base_sequence = sequence};
}

/// A compacted partition with producers and several segments.
void fill(CompactionFixture& made, int from, int to) {
    for (int i = from; i < to; ++i) {
        made.append({{"key " + std::to_string(i % 7), std::string(150, 'x')},
                     {"own " + std::to_string(i), "v"}},
                    Codec::kNone,
                    producer(2 * i));
        made.partition.clock().advance(std::chrono::seconds(1));
    }
}

std::map<std::string, Buffer> derived_files(CompactionFixture& made) {
    std::map<std::string, Buffer> found;
    const std::string directory = parent_path(made.partition.path(Offset{0}));
    for (const std::string& name : made.files()) {
        if (is_derived(name)) {
            found[name] = made.partition.files().read_file(join_path(directory, name)).value();
        }
    }
    return found;
}

TEST(DerivedFiles, AnyDamageToThemLeavesTheLogAsItWas) {
    FaultFileSystem template_disk(1);
    CompactionFixture made(&template_disk);
    made.partition.open();
    fill(made, 0, 60);
    made.roll();
    ASSERT_TRUE(made.compact().ok());
    ASSERT_TRUE(save_compaction_state(template_disk,
                                      parent_path(made.partition.path(Offset{0})),
                                      {.cleaned_to = made.cleaned_to, .horizon = std::nullopt})
                    .ok());
    fill(made, 60, 80);
    const LogPosition end = made.partition.end();
    const std::vector<ModelRecord> expected = made.read();
    const Offset by_time =
        made.partition.log().offset_for_time(Timestamp{expected[20].timestamp}).value();
    made.partition.reopen();
    made.partition.close();
    const auto present = derived_files(made);
    // The same files from a later day: ahead of the log.
    const auto later_disk = template_disk.clone(2);
    std::map<std::string, Buffer> later;
    {
        CompactionFixture ahead(later_disk.get());
        ASSERT_TRUE(ahead.partition.try_open(end).ok());
        fill(ahead, 80, 200);
        ahead.roll();
        ASSERT_TRUE(ahead.compact().ok());
        ahead.partition.reopen();
        ahead.partition.close();
        later = derived_files(ahead);
    }
    std::vector<std::string> names;
    for (const auto& [name, content] : present) {
        names.push_back(name);
    }
    for (const auto& [name, content] : later) {
        if (!present.contains(name)) {
            names.push_back(name);
        }
    }
    ASSERT_GE(names.size(), 8U);
    const std::string directory = parent_path(made.partition.path(Offset{0}));

    constexpr std::uint64_t kCases = 1200;
    for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        SeededRandom random(seed);
        const auto disk = template_disk.clone(seed);
        for (std::uint64_t i = 0; i <= random.below(4); ++i) {
            const std::string& name = names[random.below(names.size())];
            const std::string path = join_path(directory, name);
            Buffer content = present.contains(name) ? present.at(name) : Buffer{};
            switch (random.below(6)) {
                case 0:
                    static_cast<void>(disk->remove(path));
                    continue;
                case 1:
                    content.resize(random.below(content.size() + 1));
                    break;
                case 2:
                    if (!content.empty()) {
                        content.data()[random.below(content.size())] ^=
                            static_cast<std::byte>(1U << random.below(8));
                    }
                    break;
                case 3:
                    std::fill_n(content.data(), content.size(), std::byte{0});
                    break;
                case 4:
                    content = later.contains(name) ? later.at(name) : Buffer{};
                    break;
                default: {
                    const std::string& other = names[random.below(names.size())];
                    content = later.contains(other) ? later.at(other) : Buffer{};
                }
            }
            const auto file = disk->open(path, OpenMode::kCreate).value();
            ASSERT_TRUE(file->truncate(0).ok());
            ASSERT_TRUE(file->write_at(0, content).ok());
        }
        CompactionFixture opened(disk.get());
        opened.partition.clock().set_wall_ms(made.partition.clock().wall_ms());
        const Status status = opened.partition.try_open(end);
        ASSERT_TRUE(status.ok()) << status.error().message;
        ASSERT_TRUE(opened.read() == expected);
        ASSERT_EQ(opened.partition.log().offset_for_time(Timestamp{expected[20].timestamp}).value(),
                  by_time);
        // The last batch is known again, and the next sequence is the one that is taken.
        Buffer again = CompactionFixture::batch_of(
            {{"key 2", std::string(150, 'x')}, {"own 79", "v"}}, 0, Codec::kNone, producer(158));
        const auto duplicate = opened.partition.log().stage(again.span());
        ASSERT_TRUE(duplicate.ok()) << duplicate.error().message;
        ASSERT_EQ(duplicate.value().duplicate_of, Offset{158});
        Buffer gap = CompactionFixture::batch_of({{"a", "b"}}, 0, Codec::kNone, producer(200));
        ASSERT_EQ(opened.partition.log().stage(gap.span()).error().code,
                  ErrorCode::kOutOfOrderSequence);
        ASSERT_EQ(opened.append({{"a", "b"}}, Codec::kNone, producer(160)), Offset{160});
        const CompactionState state = load_compaction_state(*disk, directory);
        ASSERT_GE(state.cleaned_to.value, 0);
    }
}

TEST(MissingSegment, APartitionWithoutItsMiddleIsRefusedByName) {
    CompactionFixture made;
    made.partition.options().compaction.reset();
    made.partition.open();
    fill(made, 0, 90);
    const auto segments = made.partition.log().closed_segments();
    ASSERT_GE(segments.size(), 4U);
    const Offset base = segments[2]->base();
    const Offset next = segments[2]->next_offset();
    made.partition.close();
    for (const bool keeps_indexes : {true, false}) {
        for (const std::string& name : made.files()) {
            const std::string path = join_path(parent_path(made.partition.path(Offset{0})), name);
            if (path == made.partition.path(base) || (!keeps_indexes && name.ends_with(".index"))) {
                ASSERT_TRUE(made.partition.files().remove(path).ok());
            }
        }
        const Status opened = made.partition.try_open(made.partition.end());
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().code, ErrorCode::kCorruptBatch);
        EXPECT_EQ(opened.error().message,
                  "segment file is missing: " + made.partition.path(base) + ", with offsets " +
                      std::to_string(base.value) + " to " + std::to_string(next.value - 1) +
                      "; restore it from a copy, or give them up with `millrace doctor "
                      "--repair`");
    }
}

TEST(MissingSegment, ASegmentThatLostItsEndIsDamagedAndTheRestIsServed) {
    CompactionFixture made;
    made.partition.options().compaction.reset();
    made.partition.open();
    fill(made, 0, 60);
    const auto segments = made.partition.log().closed_segments();
    const Offset base = segments[1]->base();
    const Offset behind = segments[2]->base();
    made.partition.reopen();
    made.partition.close();
    const auto file = made.partition.files().open(made.partition.path(base), OpenMode::kReadWrite);
    const Buffer content = made.partition.files().read_file(made.partition.path(base)).value();
    const RecordBatchView first = RecordBatchView::parse(content).value();
    ASSERT_TRUE(file.value()->truncate(first.size_bytes()).ok());
    const Status opened = made.partition.try_open(made.partition.end());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_TRUE(made.partition.log().read(base, 1).ok());
    EXPECT_EQ(made.partition.log().read(next(first.last_offset()), 1).error().code,
              ErrorCode::kCorruptBatch);
    EXPECT_TRUE(made.partition.log().read(behind, 1).ok());
}

}  // namespace
}  // namespace millrace::log
