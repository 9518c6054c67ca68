#include "tests/support/test_data.h"

#include "core/base/file.h"

namespace millrace {

std::string test_data_path(std::string_view name) {
    return std::string(MILLRACE_TEST_DATA) + "/" + std::string(name);
}

Buffer read_test_data(std::string_view name) {
    Result<Buffer> content = make_system_files()->read_file(test_data_path(name));
    CHECK(content.ok());
    return std::move(content).value();
}

}  // namespace millrace
