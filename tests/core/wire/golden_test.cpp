// Messages as independent clients encode them: golden/make_golden.py says how they were made.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/core/wire/message_kinds.h"

namespace millrace::wire {
namespace {

/// tests/core/wire/golden: __FILE__ is relative to the build folder or absolute.
std::filesystem::path golden_folder() {
    const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    return (build / __FILE__).lexically_normal().parent_path() / "golden";
}

Buffer from_hex(const std::string& text) {
    Buffer bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.append_be(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

const MessageKind* kind_of(const std::string& name) {
    for (const MessageKind& kind : message_kinds()) {
        if (kind.name == name) {
            return &kind;
        }
    }
    return nullptr;
}

/// Checks each message of `file`; returns name -> versions.
std::map<std::string, std::set<int>> check(const std::string& file) {
    std::map<std::string, std::set<int>> seen;
    std::ifstream in(golden_folder() / file);
    std::string line;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string name;
        std::int16_t version = 0;
        std::string hex;
        words >> name >> version >> hex;
        SCOPED_TRACE(file + ": " + name + " version " + std::to_string(version));
        const MessageKind* kind = kind_of(name);
        if (kind == nullptr || !kind->versions.contains(version)) {
            ADD_FAILURE() << "no such message";
            continue;
        }
        const Buffer body = from_hex(hex);
        Arena arena;
        EXPECT_TRUE(kind->read(arena, body.view(), version)) << arena.failure();
        const Result<Buffer> again = kind->decode_and_encode(body.view(), version);
        if (!again.ok()) {
            ADD_FAILURE() << again.error().message;
            continue;
        }
        EXPECT_EQ(again.value().text(), body.text());
        seen[name].insert(version);
    }
    return seen;
}

TEST(WireGolden, KioAgreesOnEveryMessage) {
    const auto seen = check("kio.txt");
    EXPECT_EQ(seen.size(), message_kinds().size());
    for (const MessageKind& kind : message_kinds()) {
        const auto versions = seen.find(std::string(kind.name));
        ASSERT_NE(versions, seen.end()) << kind.name;
        EXPECT_TRUE(versions->second.contains(kind.versions.max)) << kind.name;
    }
}

TEST(WireGolden, KafkaPythonAgreesOnItsOlderVersions) {
    const auto seen = check("kafka_python.txt");
    EXPECT_GE(seen.size(), 40u);
}

}  // namespace
}  // namespace millrace::wire
