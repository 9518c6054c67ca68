#include "tests/support/temp_directory.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/assert.h"

namespace millrace {

TempDirectory::TempDirectory() : path_(testing::TempDir() + "millrace-XXXXXX") {
    CHECK(::mkdtemp(path_.data()) != nullptr);
}

TempDirectory::~TempDirectory() {
    if (testing::Test::HasFailure()) {
        std::fprintf(stderr, "kept for a look: %s\n", path_.c_str());
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace millrace
