#include "core/base/overlay_files.h"

#include <gtest/gtest.h>

#include "core/base/memory_files.h"
#include "core/base/random.h"

namespace millrace {
namespace {

void put(FileSystem& files, const std::string& path, std::string_view text) {
    const auto file = files.open(path, OpenMode::kCreate).value();
    CHECK(file->truncate(0).ok());
    CHECK(file->write_at(0, as_bytes(text)).ok());
}

std::string get(FileSystem& files, const std::string& path) {
    const Result<Buffer> content = files.read_file(path);
    return content.ok() ? std::string(content.value().text()) : "none";
}

class OverlayFiles : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(base.create_directories("/d/sub").ok());
        put(base, "/d/a", "base a");
        put(base, "/d/b", "base b");
    }
    MemoryFileSystem base;
    OverlayFileSystem overlay{base};
};

TEST_F(OverlayFiles, WritesAreSeenAboveAndNotBelow) {
    EXPECT_EQ(get(overlay, "/d/a"), "base a");
    const auto file = overlay.open("/d/a", OpenMode::kReadWrite).value();
    ASSERT_TRUE(file->write_at(5, as_bytes("xyz")).ok());
    EXPECT_EQ(get(overlay, "/d/a"), "base xyz");
    EXPECT_EQ(get(base, "/d/a"), "base a");
    put(overlay, "/d/new", "new");
    EXPECT_EQ(get(overlay, "/d/new"), "new");
    EXPECT_FALSE(base.exists("/d/new"));
    EXPECT_EQ(overlay.open("/d/new", OpenMode::kCreateNew).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(overlay.open("/d/none", OpenMode::kRead).error().code, ErrorCode::kNotFound);
}

TEST_F(OverlayFiles, RenamesAndRemovalsAreListed) {
    ASSERT_TRUE(overlay.rename("/d/a", "/d/c").ok());
    ASSERT_TRUE(overlay.remove("/d/b").ok());
    ASSERT_TRUE(overlay.create_directories("/d/x/y").ok());
    std::vector<std::string> names;
    const auto entries = overlay.list("/d").value();
    for (const DirectoryEntry& entry : entries) {
        names.push_back(entry.name + (entry.is_directory ? "/" : ""));
    }
    EXPECT_EQ(names, (std::vector<std::string>{"c", "sub/", "x/"}));
    EXPECT_EQ(get(overlay, "/d/c"), "base a");
    EXPECT_EQ(get(overlay, "/d/a"), "none");
    EXPECT_EQ(overlay.remove("/d/b").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(overlay.list("/none").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(base.list("/d").value().size(), 3U);
}

TEST_F(OverlayFiles, RandomWritesAndCutsGiveWhatAPlainFileGives) {
    SeededRandom random(4);
    std::string model(50'000, 'm');
    put(base, "/d/large", model);
    const std::string untouched = model;
    const auto file = overlay.open("/d/large", OpenMode::kReadWrite).value();
    for (int i = 0; i < 2000; ++i) {
        const std::size_t at = random.below(60'000);
        const std::string text(1 + random.below(9000), static_cast<char>('a' + i % 26));
        switch (random.below(6)) {
            case 0:
                ASSERT_TRUE(file->truncate(at).ok());
                model.resize(at, '\0');
                break;
            case 1:
                ASSERT_TRUE(file->allocate(at).ok());
                model.resize(std::max(model.size(), at), '\0');
                break;
            default:
                ASSERT_TRUE(file->write_at(at, as_bytes(text)).ok());
                model.resize(std::max(model.size(), at + text.size()), '\0');
                model.replace(at, text.size(), text);
        }
        ASSERT_EQ(file->size().value(), model.size());
        Buffer read;
        const std::size_t from = random.below(60'000);
        read.resize(1 + random.below(20'000));
        const std::size_t got = file->read_at(from, read.span()).value();
        const std::string expected =
            from < model.size() ? model.substr(from, read.size()) : std::string();
        ASSERT_TRUE(read.text().substr(0, got) == expected) << i;
    }
    EXPECT_TRUE(get(overlay, "/d/large") == model);
    EXPECT_TRUE(get(base, "/d/large") == untouched);
}

}  // namespace
}  // namespace millrace
