#include "core/base/memory_files.h"

#include <algorithm>
#include <limits>

namespace millrace {

struct MemoryFileSystem::Content {
    std::mutex mutex;
    Buffer bytes;            // guarded by mutex
    bool is_locked = false;  // guarded by mutex
    std::uint64_t inode = 0;
};

namespace {

std::string normalized(const std::string& path) {
    std::string result;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view part(path.data() + at, slash - at);
        if (!part.empty() && part != ".") {
            result += '/';
            result += part;
        }
        at = slash + 1;
    }
    return result;
}

Error not_found(const std::string& path) {
    return Error{ErrorCode::kNotFound, "no such file: " + path};
}

class MemoryFile final : public File {
  public:
    explicit MemoryFile(std::shared_ptr<MemoryFileSystem::Content> content)
        : content_(std::move(content)) {}
    ~MemoryFile() override {
        if (holds_lock_) {
            const std::lock_guard lock(content_->mutex);
            content_->is_locked = false;
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override {
        const std::lock_guard guard(content_->mutex);
        const std::size_t size = content_->bytes.size();
        if (position >= size) {
            return std::size_t{0};
        }
        const std::size_t count = std::min(into.size(), size - static_cast<std::size_t>(position));
        std::copy_n(content_->bytes.data() + position, count, into.data());
        return count;
    }

    Status write_at(std::uint64_t position, ByteView bytes) override {
        const std::lock_guard guard(content_->mutex);
        grow(static_cast<std::size_t>(position) + bytes.size());
        std::copy(bytes.begin(), bytes.end(), content_->bytes.data() + position);
        return Ok{};
    }

    Status sync_data() override { return Ok{}; }

    Status allocate(std::uint64_t size) override {
        const std::lock_guard guard(content_->mutex);
        grow(static_cast<std::size_t>(size));
        return Ok{};
    }

    Status truncate(std::uint64_t size) override {
        const std::lock_guard guard(content_->mutex);
        grow(static_cast<std::size_t>(size));
        content_->bytes.resize(static_cast<std::size_t>(size));
        return Ok{};
    }

    [[nodiscard]] Result<std::uint64_t> size() const override {
        const std::lock_guard guard(content_->mutex);
        return std::uint64_t{content_->bytes.size()};
    }

    void drop_cache() override {}

    Status lock() override {
        const std::lock_guard guard(content_->mutex);
        if (content_->is_locked && !holds_lock_) {
            return Error{ErrorCode::kInUse, "another opener holds the file"};
        }
        content_->is_locked = true;
        holds_lock_ = true;
        return Ok{};
    }

  private:
    void grow(std::size_t size) {
        if (size > content_->bytes.size()) {
            content_->bytes.append_zeros(size - content_->bytes.size());
        }
    }

    std::shared_ptr<MemoryFileSystem::Content> content_;
    bool holds_lock_ = false;
};

}  // namespace

MemoryFileSystem::MemoryFileSystem() {
    directories_.insert("");
}
MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
    const std::string name = normalized(path);
    const std::lock_guard lock(mutex_);
    auto found = files_.find(name);
    if (found != files_.end() && mode == OpenMode::kCreateNew) {
        return Error{ErrorCode::kAlreadyExists, "file is there already: " + path};
    }
    if (found == files_.end()) {
        if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite ||
            !directories_.contains(name.substr(0, name.rfind('/')))) {
            return not_found(path);
        }
        auto content = std::make_shared<Content>();
        content->inode = next_inode_++;
        found = files_.emplace(name, std::move(content)).first;
    }
    return std::unique_ptr<File>(std::make_unique<MemoryFile>(found->second));
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
    const std::string source = normalized(from);
    const std::string target = normalized(to);
    const std::lock_guard lock(mutex_);
    if (const auto found = files_.find(source); found != files_.end()) {
        auto content = found->second;
        files_.erase(found);
        files_[target] = std::move(content);
        return Ok{};
    }
    if (!directories_.contains(source)) {
        return not_found(from);
    }
    const auto moved = [&](const std::string& name) { return target + name.substr(source.size()); };
    const auto is_below = [&](const std::string& name) {
        return name == source || name.starts_with(source + "/");
    };
    std::map<std::string, std::shared_ptr<Content>> files;
    for (auto& [name, content] : files_) {
        files[is_below(name) ? moved(name) : name] = std::move(content);
    }
    std::set<std::string> directories;
    for (const std::string& name : directories_) {
        directories.insert(is_below(name) ? moved(name) : name);
    }
    files_ = std::move(files);
    directories_ = std::move(directories);
    return Ok{};
}

Status MemoryFileSystem::remove(const std::string& path) {
    const std::string name = normalized(path);
    const std::lock_guard lock(mutex_);
    if (files_.erase(name) > 0) {
        return Ok{};
    }
    const auto next_file = files_.lower_bound(name + "/");
    const auto next_directory = directories_.lower_bound(name + "/");
    if ((next_file != files_.end() && next_file->first.starts_with(name + "/")) ||
        (next_directory != directories_.end() && next_directory->starts_with(name + "/"))) {
        return Error{ErrorCode::kIo, "directory is not empty: " + path};
    }
    return directories_.erase(name) > 0 ? Status{Ok{}} : Status{not_found(path)};
}

Status MemoryFileSystem::create_directories(const std::string& path) {
    const std::string name = normalized(path);
    const std::lock_guard lock(mutex_);
    for (std::size_t slash = 0; slash != std::string::npos;) {
        slash = name.find('/', slash + 1);
        directories_.insert(name.substr(0, slash));
    }
    return Ok{};
}

Status MemoryFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return directories_.contains(normalized(path)) ? Status{Ok{}} : Status{not_found(path)};
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) {
    const std::string prefix = normalized(path) + "/";
    const std::lock_guard lock(mutex_);
    if (!directories_.contains(prefix.substr(0, prefix.size() - 1))) {
        return not_found(path);
    }
    std::vector<DirectoryEntry> entries;
    const auto add = [&](const std::string& name, bool is_directory) {
        if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos) {
            entries.push_back({name.substr(prefix.size()), is_directory});
        }
    };
    for (const auto& [name, content] : files_) {
        add(name, false);
    }
    for (const std::string& name : directories_) {
        add(name, true);
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    });
    return entries;
}

Result<FileInfo> MemoryFileSystem::info(const std::string& path) {
    const std::string name = normalized(path);
    const std::lock_guard lock(mutex_);
    if (const auto found = files_.find(name); found != files_.end()) {
        const std::lock_guard content_lock(found->second->mutex);
        return FileInfo{
            .size = found->second->bytes.size(), .device = 1, .inode = found->second->inode};
    }
    if (directories_.contains(name)) {
        return FileInfo{.is_directory = true, .device = 1};
    }
    return not_found(path);
}

Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string& path) {
    static_cast<void>(path);
    return std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

}  // namespace millrace
