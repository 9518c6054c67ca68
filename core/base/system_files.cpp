// FileSystem over POSIX.
#include <algorithm>
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/system_file.h"

namespace millrace {

namespace {

class SystemFiles final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        int flags = 0;
        switch (mode) {
            case OpenMode::kRead:
                flags |= O_RDONLY;
                break;
            case OpenMode::kReadWrite:
                flags |= O_RDWR;
                break;
            case OpenMode::kCreate:
                flags |= O_RDWR | O_CREAT;
                break;
            case OpenMode::kCreateNew:
                flags |= O_RDWR | O_CREAT | O_EXCL;
                break;
        }
        return pool_.open(path, flags);
    }

    Status rename(const std::string& from, const std::string& to) override {
        return pool_.rename(from, to);
    }

    Status remove(const std::string& path) override { return pool_.remove(path); }

    Status create_directories(const std::string& path) override {
        if (path.empty() || ::mkdir(path.c_str(), 0755) == 0) {
            return Ok{};
        }
        if (errno == ENOENT) {
            MILLRACE_TRY_STATUS(create_directories(parent_path(path)));
            return ::mkdir(path.c_str(), 0755) == 0 ? Status{Ok{}}
                                                    : Status{system_error("make directory", path)};
        }
        struct ::stat found {};
        if (errno == EEXIST && ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
            return Ok{};
        }
        return system_error("make directory", path);
    }

    Status sync_directory(const std::string& path) override {
        MILLRACE_TRY(const int descriptor, pool_.open_descriptor(path, O_RDONLY | O_DIRECTORY));
        Status status = Ok{};
        if (::fsync(descriptor) != 0) {
            status = system_error("sync directory", path);
        }
        ::close(descriptor);
        return status;
    }

    Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
        MILLRACE_TRY(const int descriptor, pool_.open_descriptor(path, O_RDONLY | O_DIRECTORY));
        ::DIR* const directory = ::fdopendir(descriptor);
        if (directory == nullptr) {
            Error error = system_error("list", path);
            ::close(descriptor);
            return error;
        }
        std::vector<DirectoryEntry> entries;
        while (const ::dirent* entry = ::readdir(directory)) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") {
                continue;
            }
            bool is_directory = entry->d_type == DT_DIR;
            if (entry->d_type == DT_UNKNOWN) {
                struct ::stat found {};
                is_directory =
                    ::stat(join_path(path, name).c_str(), &found) == 0 && S_ISDIR(found.st_mode);
            }
            entries.push_back({std::string(name), is_directory});
        }
        ::closedir(directory);
        std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
        return entries;
    }

    Result<FileInfo> info(const std::string& path) override {
        struct ::stat found {};
        if (::stat(path.c_str(), &found) != 0) {
            return system_error("look at", path);
        }
        return FileInfo{
            .size = static_cast<std::uint64_t>(found.st_size),
            .is_directory = S_ISDIR(found.st_mode),
            .device = found.st_dev,
            .inode = found.st_ino,
            .modified_ms = found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1'000'000};
    }

    Result<std::uint64_t> free_bytes(const std::string& path) override {
        struct ::statvfs found {};
        if (::statvfs(path.c_str(), &found) != 0) {
            return system_error("look at the disk of", path);
        }
        return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    }
    Result<std::uint64_t> total_bytes(const std::string& path) override {
        struct ::statvfs found {};
        if (::statvfs(path.c_str(), &found) != 0) {
            return system_error("look at the disk of", path);
        }
        return static_cast<std::uint64_t>(found.f_blocks) * found.f_frsize;
    }

  private:
    DescriptorPool pool_;
};

}  // namespace

std::unique_ptr<FileSystem> make_system_files() {
    return std::make_unique<SystemFiles>();
}

}  // namespace millrace
