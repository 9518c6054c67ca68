// A directory of the real file system for one test; removed at its end, kept and named when the
// test failed.
#pragma once

#include <string>

namespace millrace {

class TempDirectory {
  public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace millrace
