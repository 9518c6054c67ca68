// FileSystem over POSIX.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/file.h"

namespace millrace {

namespace {

Error system_error(std::string_view action, const std::string& path) {
    const int number = errno;
    ErrorCode code = ErrorCode::kIo;
    if (number == ENOSPC || number == EDQUOT) {
        code = ErrorCode::kNoSpace;
    } else if (number == ENOENT || number == ENOTDIR) {
        code = ErrorCode::kNotFound;
    } else if (number == EEXIST) {
        code = ErrorCode::kAlreadyExists;
    }
    return Error{code, "cannot " + std::string(action) + " " + path + ": " + std::strerror(number)};
}

class SystemFile final : public File {
  public:
    SystemFile(int descriptor, std::string path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    ~SystemFile() override { ::close(descriptor_); }
    SystemFile(const SystemFile&) = delete;
    SystemFile& operator=(const SystemFile&) = delete;

    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override {
        std::size_t done = 0;
        while (done < into.size()) {
            const ::ssize_t got = ::pread(descriptor_,
                                          into.data() + done,
                                          into.size() - done,
                                          static_cast<::off_t>(position + done));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return system_error("read", path_);
            }
            if (got == 0) {
                break;
            }
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Status write_at(std::uint64_t position, ByteView bytes) override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ::ssize_t put = ::pwrite(descriptor_,
                                           bytes.data() + done,
                                           bytes.size() - done,
                                           static_cast<::off_t>(position + done));
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put < 0) {
                return system_error("write", path_);
            }
            done += static_cast<std::size_t>(put);
        }
        return Ok{};
    }

    Status sync_data() override {
        return ::fdatasync(descriptor_) == 0 ? Status{Ok{}} : Status{system_error("sync", path_)};
    }

    Status allocate(std::uint64_t size) override {
        int failed = 0;
        do {
            failed = ::posix_fallocate(descriptor_, 0, static_cast<::off_t>(size));
        } while (failed == EINTR);
        if (failed == EOPNOTSUPP || failed == EINVAL) {
            MILLRACE_TRY(const std::uint64_t now, this->size());
            return now >= size ? Status{Ok{}} : truncate(size);
        }
        errno = failed;
        return failed == 0 ? Status{Ok{}} : Status{system_error("reserve space for", path_)};
    }

    Status truncate(std::uint64_t size) override {
        int failed = 0;
        do {
            failed = ::ftruncate(descriptor_, static_cast<::off_t>(size));
        } while (failed != 0 && errno == EINTR);
        return failed == 0 ? Status{Ok{}} : Status{system_error("set the size of", path_)};
    }

    [[nodiscard]] Result<std::uint64_t> size() const override {
        struct ::stat found {};
        if (::fstat(descriptor_, &found) != 0) {
            return system_error("look at", path_);
        }
        return static_cast<std::uint64_t>(found.st_size);
    }

    void drop_cache() override { ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED); }

    Status lock() override {
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
            return Ok{};
        }
        if (errno == EWOULDBLOCK) {
            return Error{ErrorCode::kInUse, "another process holds " + path_};
        }
        return system_error("lock", path_);
    }

  private:
    int descriptor_;
    std::string path_;
};

class SystemFiles final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        int flags = O_CLOEXEC;
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
        const int descriptor = ::open(path.c_str(), flags, 0644);
        if (descriptor < 0) {
            return system_error("open", path);
        }
        return std::unique_ptr<File>(std::make_unique<SystemFile>(descriptor, path));
    }

    Status rename(const std::string& from, const std::string& to) override {
        return ::rename(from.c_str(), to.c_str()) == 0 ? Status{Ok{}}
                                                       : Status{system_error("rename", from)};
    }

    Status remove(const std::string& path) override {
        return ::remove(path.c_str()) == 0 ? Status{Ok{}} : Status{system_error("remove", path)};
    }

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
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) {
            return system_error("open directory", path);
        }
        Status status = Ok{};
        if (::fsync(descriptor) != 0) {
            status = system_error("sync directory", path);
        }
        ::close(descriptor);
        return status;
    }

    Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
        ::DIR* directory = ::opendir(path.c_str());
        if (directory == nullptr) {
            return system_error("list", path);
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
};

}  // namespace

std::unique_ptr<FileSystem> make_system_files() {
    return std::make_unique<SystemFiles>();
}

}  // namespace millrace
