// More open files than descriptors: nothing is lost, and renames, removals and locks are respected.
#include "core/base/system_file.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace millrace {
namespace {

constexpr std::size_t kLimit = 8;

class DescriptorPoolTest : public testing::Test {
  protected:
    std::unique_ptr<File> open(const std::string& name) {
        auto file = pool.open(path(name), O_RDWR | O_CREAT);
        EXPECT_TRUE(file.ok());
        return std::move(file).value();
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return join_path(directory.path(), name);
    }
    static void write(File& file, const std::string& text) {
        ASSERT_TRUE(file.write_at(0, as_bytes(text)).ok());
    }
    static std::string read(File& file) {
        std::string text(64, '\0');
        const auto got = file.read_at(0, std::as_writable_bytes(std::span(text)));
        EXPECT_TRUE(got.ok()) << got.error().message;
        text.resize(got.ok() ? got.value() : 0);
        return text;
    }
    /// So many that all others have given up their descriptors.
    void crowd() {
        for (std::size_t i = 0; i < 2 * kLimit; ++i) {
            others.push_back(open("other" + std::to_string(others.size())));
            write(*others.back(), "other");
        }
    }

    TempDirectory directory;
    DescriptorPool pool{kLimit};
    std::vector<std::unique_ptr<File>> others;
};

TEST_F(DescriptorPoolTest, KeepsToItsLimitAndLosesNothing) {
    std::vector<std::unique_ptr<File>> files;
    for (std::size_t i = 0; i < 10 * kLimit; ++i) {
        files.push_back(open(std::to_string(i)));
        write(*files.back(), "file " + std::to_string(i));
        EXPECT_LE(pool.open_count(), kLimit);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_EQ(read(*files[i]), "file " + std::to_string(i));
        EXPECT_TRUE(files[i]->sync_data().ok());
        EXPECT_LE(pool.open_count(), kLimit);
    }
    files.clear();
    EXPECT_EQ(pool.open_count(), 0U);
}

TEST_F(DescriptorPoolTest, ManyThreadsShareFewDescriptors) {
    std::vector<std::unique_ptr<File>> files;
    for (std::size_t i = 0; i < 4 * kLimit; ++i) {
        files.push_back(open(std::to_string(i)));
    }
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t round = 0; round < 50; ++round) {
                for (std::size_t i = t; i < files.size(); i += 4) {
                    const std::string text = std::to_string(i) + " " + std::to_string(round + 100);
                    write(*files[i], text);
                    EXPECT_EQ(read(*files[i]), text);
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_LE(pool.open_count(), kLimit + 4);  // those in use at one moment are kept
}

TEST_F(DescriptorPoolTest, FindsAFileUnderItsNewName) {
    const auto file = open("old");
    write(*file, "content");
    crowd();
    ASSERT_TRUE(pool.rename(path("old"), path("new")).ok());
    write(*open("old"), "another file");
    crowd();
    EXPECT_EQ(read(*file), "content");
}

TEST_F(DescriptorPoolTest, FindsAFileInARenamedDirectory) {
    const auto files = make_system_files();
    ASSERT_TRUE(files->create_directories(path("dir")).ok());
    const auto file = open("dir/file");
    write(*file, "content");
    crowd();
    ASSERT_TRUE(pool.rename(path("dir"), path("moved")).ok());
    EXPECT_EQ(read(*file), "content");
}

TEST_F(DescriptorPoolTest, KeepsARemovedFileForWhoHasItOpen) {
    const auto removed = open("removed");
    write(*removed, "removed");
    const auto replaced = open("replaced");
    write(*replaced, "replaced");
    write(*open("by"), "by");
    crowd();
    ASSERT_TRUE(pool.remove(path("removed")).ok());
    ASSERT_TRUE(pool.rename(path("by"), path("replaced")).ok());
    crowd();
    EXPECT_EQ(read(*removed), "removed");
    EXPECT_EQ(read(*replaced), "replaced");
}

TEST_F(DescriptorPoolTest, KeepsALock) {
    const auto file = open("locked");
    ASSERT_TRUE(file->lock().ok());
    crowd();
    DescriptorPool another;
    const auto second = another.open(path("locked"), O_RDWR);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second.value()->lock().error().code, ErrorCode::kInUse);
}

TEST_F(DescriptorPoolTest, RefusesAnotherFileInThePlaceOfOne) {
    const auto file = open("mine");
    write(*file, "mine");
    crowd();
    // Behind the pool's back.
    const auto files = make_system_files();
    ASSERT_TRUE(files->rename(path("mine"), path("away")).ok());
    write(*open("mine"), "not mine");
    crowd();
    std::string text(4, '\0');
    const auto got = file->read_at(0, std::as_writable_bytes(std::span(text)));
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().message.find("another file stands"), std::string::npos);
}

}  // namespace
}  // namespace millrace
