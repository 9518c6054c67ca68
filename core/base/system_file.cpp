#include "core/base/system_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace {

namespace {

constexpr std::size_t kFilesMin = 8;

std::size_t half_of_all_descriptors() {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::size_t{1} << 20;
    }
    return std::max<std::size_t>(limit.rlim_cur / 2, kFilesMin);
}

bool is_out_of_descriptors(int number) {
    return number == EMFILE || number == ENFILE;
}

}  // namespace

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

// --- the pool -----------------------------------------------------------------------------------

DescriptorPool::DescriptorPool(std::size_t limit)
    : limit_(limit > 0 ? limit : half_of_all_descriptors()) {}

Result<int> DescriptorPool::open_with_room(const std::string& path, int flags) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
        if (descriptor >= 0) {
            return descriptor;
        }
        const int number = errno;
        if (number == EINTR) {
            continue;
        }
        if (!is_out_of_descriptors(number) || !close_one()) {
            errno = number;
            return system_error((flags & O_DIRECTORY) != 0 ? "open directory" : "open", path);
        }
    }
}

Result<int> DescriptorPool::open_descriptor(const std::string& path, int flags) {
    const std::lock_guard lock(mutex_);
    return open_with_room(path, flags);
}

Result<std::unique_ptr<File>> DescriptorPool::open(const std::string& path, int flags) {
    const std::lock_guard lock(mutex_);
    while (open_ >= limit_ && close_one()) {
    }
    MILLRACE_TRY(const int descriptor, open_with_room(path, flags));
    auto file = std::make_unique<SystemFile>(*this, descriptor, path, flags & O_ACCMODE);
    add(*file);
    return std::unique_ptr<File>(std::move(file));
}

void DescriptorPool::add(SystemFile& file) {
    struct ::stat found {};
    if (::fstat(file.descriptor_, &found) == 0) {
        file.device_ = found.st_dev;
        file.inode_ = found.st_ino;
    } else {
        file.is_pinned_ = true;  // nobody could tell that it is the same file again
    }
    file.place_ = files_.insert(files_.end(), &file);
    ++open_;
}

void DescriptorPool::forget(SystemFile& file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file.place_);
    if (file.descriptor_ >= 0) {
        ::close(file.descriptor_);
        --open_;
    }
}

bool DescriptorPool::close_one() {
    // Twice around: the first time takes away the marks of use.
    for (std::size_t looks = 2 * files_.size(); looks > 0; --looks) {
        SystemFile& file = *files_.front();
        files_.splice(files_.end(), files_, files_.begin());
        if (file.is_pinned_ || file.was_used_.exchange(false)) {
            continue;
        }
        int nobody = 0;
        if (!file.users_.compare_exchange_strong(nobody, SystemFile::kClosed)) {
            continue;
        }
        const std::uint64_t writes = file.writes_;
        if (file.synced_writes_ != writes) {
            if (::fdatasync(file.descriptor_) != 0) {
                file.has_lost_writes_ = true;
            }
            file.synced_writes_ = writes;
        }
        ::close(file.descriptor_);
        file.descriptor_ = -1;
        --open_;
        return true;
    }
    return false;
}

Status DescriptorPool::reopen(SystemFile& file) {
    const std::lock_guard lock(mutex_);
    return reopen_locked(file);
}

Status DescriptorPool::reopen_locked(SystemFile& file) {
    if (file.users_ != SystemFile::kClosed) {
        return Ok{};  // another thread was faster
    }
    while (open_ >= limit_ && close_one()) {
    }
    MILLRACE_TRY(const int descriptor, open_with_room(file.path_, file.flags_));
    struct ::stat found {};
    if (::fstat(descriptor, &found) != 0 || found.st_dev != file.device_ ||
        found.st_ino != file.inode_) {
        ::close(descriptor);
        return Error{
            ErrorCode::kIo,
            "another file stands where this one was, somebody else moved it: " + file.path_};
    }
    file.descriptor_ = descriptor;
    ++open_;
    file.was_used_ = true;
    file.users_ = 0;
    return Ok{};
}

void DescriptorPool::pin(const std::string& path) {
    for (SystemFile* const file : files_) {
        if (file->path_ == path) {
            file->is_pinned_ = true;
            if (file->users_ == SystemFile::kClosed) {
                static_cast<void>(reopen_locked(*file));  // using it says what is wrong
            }
        }
    }
}

Status DescriptorPool::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    pin(to);
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return system_error("rename", from);
    }
    for (SystemFile* const file : files_) {
        const std::string& path = file->path_;
        if (path.starts_with(from) && (path.size() == from.size() || path[from.size()] == '/')) {
            file->path_.replace(0, from.size(), to);
        }
    }
    return Ok{};
}

Status DescriptorPool::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    pin(path);
    return ::remove(path.c_str()) == 0 ? Status{Ok{}} : Status{system_error("remove", path)};
}

// --- a file -------------------------------------------------------------------------------------

/// The descriptor, for one call.
class SystemFile::Use {
  public:
    explicit Use(const SystemFile& file) : file_(file), descriptor_(file.acquire()) {}
    ~Use() {
        if (descriptor_.ok()) {
            file_.release();
        }
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    [[nodiscard]] bool ok() const { return descriptor_.ok(); }
    [[nodiscard]] const Error& error() const { return descriptor_.error(); }
    operator int() const { return descriptor_.value(); }  // NOLINT: it is a descriptor

  private:
    const SystemFile& file_;
    const Result<int> descriptor_;
};

SystemFile::SystemFile(DescriptorPool& pool, int descriptor, std::string path, int flags)
    : pool_(pool), descriptor_(descriptor), path_(std::move(path)), flags_(flags) {}

SystemFile::~SystemFile() {
    pool_.forget(*this);
}

Result<int> SystemFile::acquire() const {
    for (;;) {
        int users = users_.load();
        while (users >= 0) {
            if (users_.compare_exchange_weak(users, users + 1)) {
                if (!was_used_.load(std::memory_order_relaxed)) {
                    was_used_.store(true, std::memory_order_relaxed);
                }
                return descriptor_;
            }
        }
        // Its own pool, which may open it again behind a const call.
        MILLRACE_TRY_STATUS(pool_.reopen(const_cast<SystemFile&>(*this)));
    }
}

Error SystemFile::failed(std::string_view action) const {
    const int number = errno;
    const std::lock_guard lock(pool_.mutex_);  // a rename changes the path
    errno = number;
    return system_error(action, path_);
}

Result<std::size_t> SystemFile::read_at(std::uint64_t position, std::span<std::byte> into) {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    std::size_t done = 0;
    while (done < into.size()) {
        const ::ssize_t got = ::pread(descriptor,
                                      into.data() + done,
                                      into.size() - done,
                                      static_cast<::off_t>(position + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failed("read");
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Status SystemFile::write_at(std::uint64_t position, ByteView bytes) {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    writes_.fetch_add(1);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ::ssize_t put = ::pwrite(descriptor,
                                       bytes.data() + done,
                                       bytes.size() - done,
                                       static_cast<::off_t>(position + done));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return failed("write");
        }
        done += static_cast<std::size_t>(put);
    }
    return Ok{};
}

Status SystemFile::sync_data() {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    if (has_lost_writes_) {
        errno = EIO;
        return failed("sync");
    }
    const std::uint64_t writes = writes_;
    if (::fdatasync(descriptor) != 0) {
        return failed("sync");
    }
    std::uint64_t synced = synced_writes_;
    while (synced < writes && !synced_writes_.compare_exchange_weak(synced, writes)) {
    }
    return Ok{};
}

Status SystemFile::allocate(std::uint64_t size) {
    int number = 0;
    {
        const Use descriptor(*this);
        if (!descriptor.ok()) {
            return descriptor.error();
        }
        writes_.fetch_add(1);
        do {
            number = ::posix_fallocate(descriptor, 0, static_cast<::off_t>(size));
        } while (number == EINTR);
    }
    if (number == EOPNOTSUPP || number == EINVAL) {
        MILLRACE_TRY(const std::uint64_t now, this->size());
        return now >= size ? Status{Ok{}} : truncate(size);
    }
    errno = number;
    return number == 0 ? Status{Ok{}} : Status{failed("reserve space for")};
}

Status SystemFile::truncate(std::uint64_t size) {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    writes_.fetch_add(1);
    int number = 0;
    do {
        number = ::ftruncate(descriptor, static_cast<::off_t>(size));
    } while (number != 0 && errno == EINTR);
    return number == 0 ? Status{Ok{}} : Status{failed("set the size of")};
}

Result<std::uint64_t> SystemFile::size() const {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    struct ::stat found {};
    if (::fstat(descriptor, &found) != 0) {
        return failed("look at");
    }
    return static_cast<std::uint64_t>(found.st_size);
}

void SystemFile::drop_cache() {
    const Use descriptor(*this);
    if (descriptor.ok()) {
        ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    }
}

Status SystemFile::lock() {
    const Use descriptor(*this);
    if (!descriptor.ok()) {
        return descriptor.error();
    }
    {
        const std::lock_guard lock(pool_.mutex_);
        is_pinned_ = true;  // closing it would give the lock away
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        return Ok{};
    }
    if (errno == EWOULDBLOCK) {
        const std::lock_guard lock(pool_.mutex_);
        return Error{ErrorCode::kInUse, "another process holds " + path_};
    }
    return failed("lock");
}

}  // namespace millrace
