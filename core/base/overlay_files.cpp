#include "core/base/overlay_files.h"

#include <algorithm>
#include <array>

namespace millrace {

namespace {

constexpr std::uint64_t kPageBytes = 4096;

Error not_found(const std::string& path) {
    return Error{ErrorCode::kNotFound, "no such file: " + path};
}

}  // namespace

struct OverlayFileSystem::Content {
    std::mutex mutex;
    std::unique_ptr<File> base;    // null: there is none below
    std::uint64_t base_bytes = 0;  // guarded by mutex; so much of it still counts
    std::uint64_t size = 0;        // guarded by mutex
    std::int64_t modified_ms = 0;
    std::map<std::uint64_t, std::array<std::byte, kPageBytes>> pages;  // guarded by mutex

    Status fill_from_base(std::uint64_t position, std::span<std::byte> into) {
        std::fill(into.begin(), into.end(), std::byte{0});
        if (base == nullptr || position >= base_bytes) {
            return Ok{};
        }
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), base_bytes - position));
        const Result<std::size_t> got = base->read_at(position, into.first(count));
        return got.ok() ? Status{Ok{}} : Status{got.error()};
    }
    Result<std::array<std::byte, kPageBytes>*> page_at(std::uint64_t number) {
        const auto found = pages.find(number);
        if (found != pages.end()) {
            return &found->second;
        }
        std::array<std::byte, kPageBytes> page;
        MILLRACE_TRY_STATUS(fill_from_base(number * kPageBytes, page));
        return &pages.emplace(number, page).first->second;
    }
    void cut(std::uint64_t to) {
        base_bytes = std::min(base_bytes, to);
        pages.erase(pages.upper_bound(to / kPageBytes), pages.end());
        if (const auto last = pages.find(to / kPageBytes); last != pages.end()) {
            std::fill(last->second.begin() + static_cast<std::ptrdiff_t>(to % kPageBytes),
                      last->second.end(),
                      std::byte{0});
        }
    }
};

namespace {

class OverlayFile final : public File {
  public:
    explicit OverlayFile(std::shared_ptr<OverlayFileSystem::Content> content)
        : content_(std::move(content)) {}

    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override {
        const std::lock_guard lock(content_->mutex);
        if (position >= content_->size) {
            return std::size_t{0};
        }
        into = into.first(static_cast<std::size_t>(
            std::min<std::uint64_t>(into.size(), content_->size - position)));
        MILLRACE_TRY_STATUS(content_->fill_from_base(position, into));
        const std::uint64_t end = position + into.size();
        for (auto at = content_->pages.lower_bound(position / kPageBytes);
             at != content_->pages.end() && at->first * kPageBytes < end;
             ++at) {
            const std::uint64_t page_begin = at->first * kPageBytes;
            const std::uint64_t from = std::max(position, page_begin);
            const std::uint64_t to = std::min(end, page_begin + kPageBytes);
            std::copy_n(at->second.data() + (from - page_begin),
                        to - from,
                        into.data() + (from - position));
        }
        return into.size();
    }
    Status write_at(std::uint64_t position, ByteView bytes) override {
        const std::lock_guard lock(content_->mutex);
        for (std::size_t done = 0; done < bytes.size();) {
            const std::uint64_t at = position + done;
            const auto inside = static_cast<std::size_t>(at % kPageBytes);
            const std::size_t count =
                std::min(bytes.size() - done, static_cast<std::size_t>(kPageBytes) - inside);
            MILLRACE_TRY(auto* const page, content_->page_at(at / kPageBytes));
            std::copy_n(bytes.data() + done, count, page->data() + inside);
            done += count;
        }
        content_->size = std::max(content_->size, position + bytes.size());
        return Ok{};
    }
    Status sync_data() override { return Ok{}; }
    Status allocate(std::uint64_t size) override {
        const std::lock_guard lock(content_->mutex);
        content_->size = std::max(content_->size, size);
        return Ok{};
    }
    Status truncate(std::uint64_t size) override {
        const std::lock_guard lock(content_->mutex);
        content_->cut(size);
        content_->size = size;
        return Ok{};
    }
    [[nodiscard]] Result<std::uint64_t> size() const override {
        const std::lock_guard lock(content_->mutex);
        return content_->size;
    }
    void drop_cache() override {
        if (content_->base != nullptr) {
            content_->base->drop_cache();
        }
    }
    Status lock() override { return Ok{}; }

  private:
    std::shared_ptr<OverlayFileSystem::Content> content_;
};

}  // namespace

OverlayFileSystem::OverlayFileSystem(FileSystem& base) : base_(base) {}
OverlayFileSystem::~OverlayFileSystem() = default;

/// With mutex_ held.
Result<std::shared_ptr<OverlayFileSystem::Content>> OverlayFileSystem::find(
    const std::string& path) {
    const auto known = nodes_.find(path);
    if (known != nodes_.end()) {
        if (known->second.is_removed || known->second.is_directory) {
            return not_found(path);
        }
        return known->second.content;
    }
    MILLRACE_TRY(const FileInfo found, base_.info(path));
    if (found.is_directory) {
        return Error{ErrorCode::kIo, "is a directory: " + path};
    }
    auto content = std::make_shared<Content>();
    MILLRACE_TRY(content->base, base_.open(path, OpenMode::kRead));
    content->base_bytes = found.size;
    content->size = found.size;
    content->modified_ms = found.modified_ms;
    nodes_[path] = {.is_removed = false, .is_directory = false, .content = content};
    return content;
}

Result<std::unique_ptr<File>> OverlayFileSystem::open(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    Result<std::shared_ptr<Content>> found = find(path);
    if (found.ok() && mode == OpenMode::kCreateNew) {
        return Error{ErrorCode::kAlreadyExists, "file is there already: " + path};
    }
    const bool may_make = mode == OpenMode::kCreate || mode == OpenMode::kCreateNew;
    if (!found.ok() && found.error().code == ErrorCode::kNotFound && may_make) {
        auto content = std::make_shared<Content>();
        nodes_[path] = {.is_removed = false, .is_directory = false, .content = content};
        found = content;
    }
    MILLRACE_TRY(auto content, std::move(found));
    return std::unique_ptr<File>(std::make_unique<OverlayFile>(std::move(content)));
}

Status OverlayFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    MILLRACE_TRY(auto content, find(from));
    nodes_[to] = {.is_removed = false, .is_directory = false, .content = std::move(content)};
    nodes_[from] = {.is_removed = true, .is_directory = false, .content = nullptr};
    return Ok{};
}

Status OverlayFileSystem::remove(const std::string& path) {
    MILLRACE_TRY(const FileInfo found, info(path));
    const std::lock_guard lock(mutex_);
    nodes_[path] = {.is_removed = true, .is_directory = found.is_directory, .content = nullptr};
    return Ok{};
}

Status OverlayFileSystem::create_directories(const std::string& path) {
    for (std::string at = path;; at = parent_path(at)) {
        if (info(at).ok()) {
            return Ok{};
        }
        const std::lock_guard lock(mutex_);
        nodes_[at] = {.is_removed = false, .is_directory = true, .content = nullptr};
        if (parent_path(at) == at) {
            return Ok{};
        }
    }
}

Status OverlayFileSystem::sync_directory(const std::string& path) {
    return exists(path) ? Status{Ok{}} : Status{not_found(path)};
}

Result<std::vector<DirectoryEntry>> OverlayFileSystem::list(const std::string& path) {
    MILLRACE_TRY(const FileInfo found, info(path));
    if (!found.is_directory) {
        return Error{ErrorCode::kIo, "is no directory: " + path};
    }
    std::map<std::string, DirectoryEntry> entries;
    if (auto below = base_.list(path); below.ok()) {
        for (DirectoryEntry& entry : below.value()) {
            entries.emplace(entry.name, entry);
        }
    }
    const std::lock_guard lock(mutex_);
    const std::string prefix = join_path(path, "");
    for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);
         ++at) {
        const std::string name = at->first.substr(prefix.size());
        if (name.empty() || name.find('/') != std::string::npos) {
            continue;
        }
        if (at->second.is_removed) {
            entries.erase(name);
        } else {
            entries[name] = {.name = name, .is_directory = at->second.is_directory};
        }
    }
    std::vector<DirectoryEntry> sorted;
    for (auto& [name, entry] : entries) {
        sorted.push_back(std::move(entry));
    }
    return sorted;
}

Result<FileInfo> OverlayFileSystem::info(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto known = nodes_.find(path);
    if (known == nodes_.end()) {
        return base_.info(path);
    }
    if (known->second.is_removed) {
        return not_found(path);
    }
    FileInfo info;
    info.is_directory = known->second.is_directory;
    if (known->second.content != nullptr) {
        const std::lock_guard content_lock(known->second.content->mutex);
        info.size = known->second.content->size;
        info.modified_ms = known->second.content->modified_ms;
    }
    return info;
}

Result<std::uint64_t> OverlayFileSystem::free_bytes(const std::string& path) {
    return base_.free_bytes(path);
}

}  // namespace millrace
