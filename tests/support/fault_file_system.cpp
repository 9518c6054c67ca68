#include "tests/support/fault_file_system.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace millrace {

namespace {

constexpr std::uint64_t kSectorBytes = 512;

/// Calls `visit` with each name of the path, and whether it is the last one.
template <class Visit>
void for_each_name(std::string_view path, Visit visit) {
    std::string_view name;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, slash - at);
        if (!part.empty() && part != ".") {
            if (!name.empty()) {
                visit(name, false);
            }
            name = part;
        }
        at = slash + 1;
    }
    if (!name.empty()) {
        visit(name, true);
    }
}

bool is_change(FileCall kind) {
    return kind != FileCall::kOpen && kind != FileCall::kRead;
}

void put(Buffer& content, std::uint64_t at, ByteView bytes) {
    const auto end = static_cast<std::size_t>(at) + bytes.size();
    if (content.size() < end) {
        content.append_zeros(end - content.size());
    }
    std::copy(bytes.begin(), bytes.end(), content.data() + at);
}

void set_size(Buffer& content, std::uint64_t size) {
    if (content.size() < size) {
        content.append_zeros(static_cast<std::size_t>(size) - content.size());
    }
    content.resize(static_cast<std::size_t>(size));
}

}  // namespace

/// A file or a directory.
struct FaultFileSystem::Node {
    bool is_directory = false;
    bool is_locked = false;
    std::uint64_t number = 0;

    // A file: what the disk has, what readers see, and the steps from one to the other.
    struct Change {
        std::uint64_t at = 0;  // or the new size
        Buffer bytes;
        bool is_resize = false;
    };
    /// Shared between the images of a disk until one of them changes it.
    class Content {
      public:
        [[nodiscard]] const Buffer& get() const { return *bytes_; }
        Buffer& change() {
            if (bytes_.use_count() > 1) {
                bytes_ = std::make_shared<Buffer>(bytes_->view());
            }
            return *bytes_;
        }

      private:
        std::shared_ptr<Buffer> bytes_ = std::make_shared<Buffer>();
    };
    Content durable;
    Content cache;
    std::vector<std::shared_ptr<const Change>> unsynced;
    std::uint64_t settled = 0;  // changes before `unsynced`

    // A directory: the same for its entries.
    using Entries = std::map<std::string, std::shared_ptr<Node>, std::less<>>;
    struct Move {
        std::string removed;  // empty: none
        std::string added;    // empty: none
        std::shared_ptr<Node> node;
    };
    Entries durable_entries;
    Entries entries;
    std::vector<Move> unsynced_moves;

    void change(Change step) {
        apply(cache.change(), step);
        unsynced.push_back(std::make_shared<const Change>(std::move(step)));
    }
    void move(Move step) {
        apply(entries, step);
        unsynced_moves.push_back(std::move(step));
    }
    static void apply(Buffer& content, const Change& step) {
        if (step.is_resize) {
            set_size(content, step.at);
        } else {
            put(content, step.at, step.bytes);
        }
    }
    static void apply(Entries& entries, const Move& step) {
        if (!step.removed.empty()) {
            entries.erase(step.removed);
        }
        if (!step.added.empty()) {
            entries[step.added] = step.node;
        }
    }
    [[nodiscard]] std::uint64_t changes() const { return settled + unsynced.size(); }
    /// Makes the changes durable that were there when changes() was `last`.
    void sync_up_to(std::uint64_t last) {
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(last - std::min(last, settled), unsynced.size()));
        for (std::size_t i = 0; i < count; ++i) {
            apply(durable.change(), *unsynced[i]);
        }
        unsynced.erase(unsynced.begin(), unsynced.begin() + static_cast<std::ptrdiff_t>(count));
        settled += count;
    }
    void sync() {
        sync_up_to(changes());
        for (const Move& step : unsynced_moves) {
            apply(durable_entries, step);
        }
        unsynced_moves.clear();
    }
    /// Decides what of the unsynced steps reached the disk, and forgets the rest.
    void settle(PowerCut mode, SeededRandom& random);
    void settle_subset(SeededRandom& random);
};

struct FaultFileSystem::Disk {
    std::shared_ptr<Node> root = std::make_shared<Node>();
    SeededRandom random;
    std::uint64_t next_number = 1;
    std::uint64_t generation = 0;  // files opened before a crash are of an older one
    std::uint64_t steps = 0;
    std::optional<std::uint64_t> crash_at;
    bool has_crashed = false;
    std::uint64_t sync_failure_one_in = 0;
    std::optional<std::uint64_t> capacity;
    std::string ignored_directories;
    std::string sync_hook_part;
    std::function<void()> sync_hook;
    std::string read_hook_part;
    std::function<void()> read_hook;
    struct Failure {
        FileCall kind;
        std::uint64_t nth = 0;
        ErrorCode code;
    };
    std::vector<Failure> failures;
    std::array<ErrorCode, kFileCallKinds> always_fail{};
    std::array<std::uint64_t, kFileCallKinds> calls{};
    using Calls = std::array<std::uint64_t, kFileCallKinds>;
    std::unordered_map<std::string, Calls> calls_by_path;
    std::optional<std::uint64_t> image_at;  // step
    ImageTaker image_taker;

    explicit Disk(std::uint64_t seed) : random(seed) { root->is_directory = true; }

    [[nodiscard]] static std::uint64_t used(const Node& node) {
        std::uint64_t total = node.cache.get().size();
        for (const auto& [name, child] : node.entries) {
            total += used(*child);
        }
        return total;
    }
    [[nodiscard]] bool has_room(std::uint64_t growth) const {
        return !capacity || growth == 0 || used(*root) + growth <= *capacity;
    }
    void settle_all(Node& node, PowerCut mode) {
        node.settle(mode, random);
        for (const auto& [name, child] : node.entries) {
            settle_all(*child, mode);
        }
    }
    static void unlock_all(Node& node) {
        node.is_locked = false;
        for (const auto& [name, child] : node.entries) {
            unlock_all(*child);
        }
    }
};

void FaultFileSystem::Node::settle_subset(SeededRandom& random) {
    const std::uint64_t grown = cache.get().size();
    for (const auto& change : unsynced) {
        const Change& step = *change;
        if (step.is_resize) {
            if (random.below(2) == 0) {
                apply(durable.change(), step);
            }
            continue;
        }
        const std::uint64_t end = step.at + step.bytes.size();
        for (std::uint64_t at = step.at; at < end;) {
            const std::uint64_t sector_end = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
            if (random.below(2) == 0) {
                put(durable.change(),
                    at,
                    step.bytes.view().subspan(static_cast<std::size_t>(at - step.at),
                                              static_cast<std::size_t>(sector_end - at)));
            }
            at = sector_end;
        }
    }
    if (durable.get().size() < grown && random.below(2) == 0) {
        set_size(durable.change(), grown);  // the new length arrived, its bytes did not
    }
    for (const Move& step : unsynced_moves) {
        if (random.below(2) == 0) {
            apply(durable_entries, step);
        }
    }
}

void FaultFileSystem::Node::settle(PowerCut mode, SeededRandom& random) {
    if (unsynced.empty() && unsynced_moves.empty()) {
        cache = durable;
        entries = durable_entries;
        return;
    }
    if (mode == PowerCut::kMixed) {
        mode = static_cast<PowerCut>(random.below(4));
    }
    switch (mode) {
        case PowerCut::kLoseAll:
            break;
        case PowerCut::kKeepAll:
            sync();
            break;
        case PowerCut::kKeepPrefix: {
            const std::uint64_t keep = random.below(unsynced.size() + 1);
            for (std::size_t i = 0; i < keep; ++i) {
                apply(durable.change(), *unsynced[i]);
            }
            if (keep < unsynced.size() && !unsynced[keep]->is_resize) {
                const Change& torn = *unsynced[keep];
                const std::uint64_t sectors = torn.bytes.size() / kSectorBytes;
                const std::uint64_t cut =
                    (torn.at / kSectorBytes + random.below(sectors + 1)) * kSectorBytes;
                if (cut > torn.at) {
                    put(durable.change(),
                        torn.at,
                        torn.bytes.view().first(static_cast<std::size_t>(
                            std::min<std::uint64_t>(cut - torn.at, torn.bytes.size()))));
                }
            }
            const std::uint64_t moves = random.below(unsynced_moves.size() + 1);
            for (std::size_t i = 0; i < moves; ++i) {
                apply(durable_entries, unsynced_moves[i]);
            }
            break;
        }
        case PowerCut::kKeepSubset:
        case PowerCut::kMixed:
            settle_subset(random);
            break;
    }
    settled += unsynced.size();
    unsynced.clear();
    unsynced_moves.clear();
    cache = durable;
    entries = durable_entries;
}

class FaultFile final : public File {
  public:
    FaultFile(FaultFileSystem& system,
              std::shared_ptr<FaultFileSystem::Node> node,
              std::string path,
              std::uint64_t generation)
        : system_(system),
          node_(std::move(node)),
          path_(std::move(path)),
          generation_(generation) {}
    ~FaultFile() override {
        const std::lock_guard lock(system_.mutex_);
        if (holds_lock_ && is_alive()) {
            node_->is_locked = false;
        }
    }
    FaultFile(const FaultFile&) = delete;
    FaultFile& operator=(const FaultFile&) = delete;

    Result<std::size_t> read_at(std::uint64_t position, std::span<std::byte> into) override {
        std::unique_lock lock(system_.mutex_);
        if (disk().read_hook && path_.find(disk().read_hook_part) != std::string::npos) {
            const std::function<void()> hook = disk().read_hook;
            lock.unlock();
            hook();
            lock.lock();
        }
        if (auto error = begin(FileCall::kRead)) {
            return *std::move(error);
        }
        const Buffer& content = node_->cache.get();
        if (position >= content.size()) {
            return std::size_t{0};
        }
        const std::size_t count =
            std::min(into.size(), content.size() - static_cast<std::size_t>(position));
        std::copy_n(content.data() + position, count, into.data());
        return count;
    }

    Status write_at(std::uint64_t position, ByteView bytes) override {
        const std::lock_guard lock(system_.mutex_);
        const bool was_alive = is_alive() && !disk().has_crashed;
        auto error = begin(FileCall::kWrite);
        const std::uint64_t size = node_->cache.get().size();
        const std::uint64_t end = position + bytes.size();
        if (!error && !disk().has_room(end > size ? end - size : 0)) {
            error = Error{ErrorCode::kNoSpace, "no space left for " + path_};
        }
        if (error) {
            if (was_alive && !bytes.empty()) {
                // Half done: a prefix that needs no new space.
                const std::uint64_t part = disk().random.below(bytes.size());
                if (disk().has_room(position + part > size ? position + part - size : 0)) {
                    node_->change({.at = position,
                                   .bytes = Buffer(bytes.first(static_cast<std::size_t>(part))),
                                   .is_resize = false});
                }
            }
            return *std::move(error);
        }
        node_->change({.at = position, .bytes = Buffer(bytes), .is_resize = false});
        return Ok{};
    }

    Status sync_data() override {
        std::unique_lock lock(system_.mutex_);
        const bool was_alive = is_alive() && !disk().has_crashed;
        auto error = begin(FileCall::kSync);
        if (error) {
            if (was_alive && !disk().has_crashed) {
                // Linux marks the pages clean although they are not on the disk.
                const auto cache = node_->cache;
                node_->settle(PowerCut::kMixed, disk().random);
                node_->cache = cache;
            }
            return *std::move(error);
        }
        // What was written before; more may come while it is under way.
        const std::uint64_t covered = node_->changes();
        if (disk().sync_hook && path_.find(disk().sync_hook_part) != std::string::npos) {
            const std::function<void()> hook = disk().sync_hook;
            lock.unlock();
            hook();
            lock.lock();
            if (!is_alive() || disk().has_crashed) {
                return dead();
            }
        }
        node_->sync_up_to(covered);
        return Ok{};
    }

    Status allocate(std::uint64_t size) override {
        const std::lock_guard lock(system_.mutex_);
        if (auto error = begin(FileCall::kAllocate)) {
            return *std::move(error);
        }
        if (size <= node_->cache.get().size()) {
            return Ok{};
        }
        if (!disk().has_room(size - node_->cache.get().size())) {
            return Error{ErrorCode::kNoSpace, "no space left for " + path_};
        }
        node_->change({.at = size, .bytes = {}, .is_resize = true});
        return Ok{};
    }

    Status truncate(std::uint64_t size) override {
        const std::lock_guard lock(system_.mutex_);
        if (auto error = begin(FileCall::kTruncate)) {
            return *std::move(error);
        }
        if (size != node_->cache.get().size()) {
            node_->change({.at = size, .bytes = {}, .is_resize = true});
        }
        return Ok{};
    }

    [[nodiscard]] Result<std::uint64_t> size() const override {
        const std::lock_guard lock(system_.mutex_);
        if (!is_alive() || disk().has_crashed) {
            return dead();
        }
        return std::uint64_t{node_->cache.get().size()};
    }

    void drop_cache() override {
        const std::lock_guard lock(system_.mutex_);
        if (!is_alive()) {
            return;
        }
        node_->cache = node_->durable;
        for (const auto& step : node_->unsynced) {
            FaultFileSystem::Node::apply(node_->cache.change(), *step);
        }
    }

    Status lock() override {
        const std::lock_guard guard(system_.mutex_);
        if (!is_alive() || disk().has_crashed) {
            return dead();
        }
        if (node_->is_locked && !holds_lock_) {
            return Error{ErrorCode::kInUse, "another opener holds " + path_};
        }
        node_->is_locked = true;
        holds_lock_ = true;
        return Ok{};
    }

  private:
    [[nodiscard]] FaultFileSystem::Disk& disk() const { return *system_.disk_; }
    [[nodiscard]] bool is_alive() const { return generation_ == disk().generation; }
    [[nodiscard]] Error dead() const {
        return Error{ErrorCode::kIo, "the process that opened it has crashed: " + path_};
    }
    std::optional<Error> begin(FileCall kind) {
        return is_alive() ? system_.begin(kind, path_) : std::optional(dead());
    }

    FaultFileSystem& system_;
    std::shared_ptr<FaultFileSystem::Node> node_;
    std::string path_;
    std::uint64_t generation_;
    bool holds_lock_ = false;
};

FaultFileSystem::FaultFileSystem(std::uint64_t seed) : disk_(std::make_unique<Disk>(seed)) {}
FaultFileSystem::~FaultFileSystem() = default;

std::optional<Error> FaultFileSystem::begin(FileCall kind, const std::string& path) {
    Disk& disk = *disk_;
    if (disk.has_crashed) {
        return Error{ErrorCode::kIo, "crashed before: " + path};
    }
    const auto index = static_cast<std::size_t>(kind);
    ++disk.calls[index];
    ++disk.calls_by_path[path][index];
    if (is_change(kind)) {
        if (disk.image_at && disk.steps >= *disk.image_at) {
            const std::uint64_t wait = disk.image_taker(copy(disk.random.next()));
            disk.image_at = wait == 0 ? std::nullopt : std::optional(disk.steps + wait);
        }
        if (disk.crash_at && disk.steps >= *disk.crash_at) {
            disk.has_crashed = true;
            return Error{ErrorCode::kIo, "crashed at: " + path};
        }
        ++disk.steps;
    }
    std::optional<Error> error;
    for (auto failure = disk.failures.begin(); failure != disk.failures.end();) {
        if (failure->kind == kind && --failure->nth == 0) {
            error = Error{failure->code, "injected failure: " + path};
            failure = disk.failures.erase(failure);
        } else {
            ++failure;
        }
    }
    if (!error && disk.always_fail[index] != ErrorCode::kOk) {
        error = Error{disk.always_fail[index], "injected failure: " + path};
    }
    const bool is_sync = kind == FileCall::kSync || kind == FileCall::kSyncDirectory;
    if (!error && is_sync && disk.sync_failure_one_in > 0 &&
        disk.random.below(disk.sync_failure_one_in) == 0) {
        error = Error{ErrorCode::kIo, "injected failure: " + path};
    }
    return error;
}

Result<std::shared_ptr<FaultFileSystem::Node>> FaultFileSystem::find(
    const std::string& path) const {
    std::shared_ptr<Node> node = disk_->root;
    for_each_name(path, [&node](std::string_view name, bool) {
        if (node != nullptr) {
            const auto found = node->entries.find(name);
            node = found == node->entries.end() ? nullptr : found->second;
        }
    });
    if (node == nullptr) {
        return Error{ErrorCode::kNotFound, "no such file: " + path};
    }
    return node;
}

Result<std::shared_ptr<FaultFileSystem::Node>> FaultFileSystem::find_parent(
    const std::string& path, std::string& name) const {
    std::shared_ptr<Node> node = disk_->root;
    for_each_name(path, [&node, &name](std::string_view part, bool is_last) {
        if (is_last) {
            name = part;
        } else if (node != nullptr) {
            const auto found = node->entries.find(part);
            const bool is_there = found != node->entries.end() && found->second->is_directory;
            node = is_there ? found->second : nullptr;
        }
    });
    if (name.empty()) {
        return Error{ErrorCode::kInvalidArgument, "the root has no parent"};
    }
    if (node == nullptr) {
        return Error{ErrorCode::kNotFound, "no such directory: " + path};
    }
    return node;
}

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    std::string name;
    MILLRACE_TRY(const auto parent, find_parent(path, name));
    const auto found = parent->entries.find(name);
    const bool is_there = found != parent->entries.end();
    if (auto error = begin(is_there ? FileCall::kOpen : FileCall::kCreate, path)) {
        return *std::move(error);
    }
    if (is_there && mode == OpenMode::kCreateNew) {
        return Error{ErrorCode::kAlreadyExists, "file is there already: " + path};
    }
    std::shared_ptr<Node> node;
    if (is_there) {
        node = found->second;
    } else if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite) {
        return Error{ErrorCode::kNotFound, "no such file: " + path};
    } else {
        node = std::make_shared<Node>();
        node->number = disk_->next_number++;
        parent->move({.removed = "", .added = name, .node = node});
    }
    return std::unique_ptr<File>(
        std::make_unique<FaultFile>(*this, std::move(node), path, disk_->generation));
}

Status FaultFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    if (auto error = begin(FileCall::kRename, from)) {
        return *std::move(error);
    }
    std::string source;
    std::string target;
    MILLRACE_TRY(const auto parent, find_parent(from, source));
    MILLRACE_TRY(const auto target_parent, find_parent(to, target));
    MILLRACE_TRY(const auto node, find(from));
    if (parent == target_parent) {
        parent->move({.removed = source, .added = target, .node = node});
    } else {
        target_parent->move({.removed = "", .added = target, .node = node});
        parent->move({.removed = source, .added = "", .node = nullptr});
    }
    return Ok{};
}

Status FaultFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto error = begin(FileCall::kRemove, path)) {
        return *std::move(error);
    }
    std::string name;
    MILLRACE_TRY(const auto parent, find_parent(path, name));
    MILLRACE_TRY(const auto node, find(path));
    if (!node->entries.empty()) {
        return Error{ErrorCode::kIo, "directory is not empty: " + path};
    }
    parent->move({.removed = name, .added = "", .node = nullptr});
    return Ok{};
}

Status FaultFileSystem::create_directories(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Node> node = disk_->root;
    std::optional<Error> failed;
    for_each_name(path, [&](std::string_view part, bool) {
        if (failed) {
            return;
        }
        const auto found = node->entries.find(part);
        if (found != node->entries.end()) {
            node = found->second;
            return;
        }
        failed = begin(FileCall::kCreateDirectory, path);
        if (failed) {
            return;
        }
        auto made = std::make_shared<Node>();
        made->is_directory = true;
        made->number = disk_->next_number++;
        node->move({.removed = "", .added = std::string(part), .node = made});
        node = made;
    });
    return failed ? Status{*std::move(failed)} : Status{Ok{}};
}

Status FaultFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    MILLRACE_TRY(const auto node, find(path));
    if (auto error = begin(FileCall::kSyncDirectory, path)) {
        return *std::move(error);
    }
    if (disk_->ignored_directories.empty() ||
        path.find(disk_->ignored_directories) == std::string::npos) {
        node->sync();
    }
    return Ok{};
}

Result<std::vector<DirectoryEntry>> FaultFileSystem::list(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto error = begin(FileCall::kRead, path)) {
        return *std::move(error);
    }
    MILLRACE_TRY(const auto node, find(path));
    std::vector<DirectoryEntry> entries;
    for (const auto& [name, child] : node->entries) {
        entries.push_back({name, child->is_directory});
    }
    return entries;
}

Result<FileInfo> FaultFileSystem::info(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto error = begin(FileCall::kRead, path)) {
        return *std::move(error);
    }
    MILLRACE_TRY(const auto node, find(path));
    return FileInfo{.size = node->cache.get().size(),
                    .is_directory = node->is_directory,
                    .device = 1,
                    .inode = node->number};
}

Result<std::uint64_t> FaultFileSystem::free_bytes(const std::string& path) {
    static_cast<void>(path);
    const std::lock_guard lock(mutex_);
    const auto all =
        disk_->capacity.value_or(std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    return all - std::min(all, Disk::used(*disk_->root));
}

void FaultFileSystem::crash_after(std::uint64_t steps) {
    const std::lock_guard lock(mutex_);
    disk_->crash_at = disk_->steps + steps;
}

void FaultFileSystem::never_crash() {
    const std::lock_guard lock(mutex_);
    disk_->crash_at.reset();
}

bool FaultFileSystem::has_crashed() const {
    const std::lock_guard lock(mutex_);
    return disk_->has_crashed;
}

std::uint64_t FaultFileSystem::steps() const {
    const std::lock_guard lock(mutex_);
    return disk_->steps;
}

void FaultFileSystem::power_cut(PowerCut mode) {
    const std::lock_guard lock(mutex_);
    disk_->settle_all(*disk_->root, mode);
    Disk::unlock_all(*disk_->root);
    ++disk_->generation;
    disk_->has_crashed = false;
    disk_->crash_at.reset();
}

void FaultFileSystem::kill() {
    const std::lock_guard lock(mutex_);
    Disk::unlock_all(*disk_->root);
    ++disk_->generation;
    disk_->has_crashed = false;
    disk_->crash_at.reset();
}

std::unique_ptr<FaultFileSystem> FaultFileSystem::clone(std::uint64_t seed) const {
    const std::lock_guard lock(mutex_);
    return copy(seed);
}

void FaultFileSystem::take_image(std::uint64_t steps, ImageTaker taker) {
    const std::lock_guard lock(mutex_);
    disk_->image_at = taker ? std::optional(disk_->steps + steps) : std::nullopt;
    disk_->image_taker = std::move(taker);
}

std::unique_ptr<FaultFileSystem> FaultFileSystem::copy(std::uint64_t seed) const {
    auto copy = std::make_unique<FaultFileSystem>(seed);
    std::map<const Node*, std::shared_ptr<Node>> copies;
    // Nodes hang in several maps and lists; each is copied once.
    const auto copy_node = [&copies](const auto& self,
                                     const std::shared_ptr<Node>& node) -> std::shared_ptr<Node> {
        if (node == nullptr) {
            return nullptr;
        }
        auto& made = copies[node.get()];
        if (made != nullptr) {
            return made;
        }
        made = std::make_shared<Node>(*node);
        const auto result = made;
        for (auto* entries : {&result->entries, &result->durable_entries}) {
            for (auto& [name, child] : *entries) {
                child = self(self, child);
            }
        }
        for (auto& step : result->unsynced_moves) {
            step.node = self(self, step.node);
        }
        return result;
    };
    copy->disk_->root = copy_node(copy_node, disk_->root);
    copy->disk_->next_number = disk_->next_number;
    copy->disk_->has_crashed = disk_->has_crashed;
    copy->disk_->capacity = disk_->capacity;
    copy->disk_->ignored_directories = disk_->ignored_directories;
    return copy;
}

void FaultFileSystem::fail(FileCall kind, std::uint64_t nth, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    disk_->failures.push_back({kind, nth, code});
}

void FaultFileSystem::fail_all(FileCall kind, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    disk_->always_fail[static_cast<std::size_t>(kind)] = code;
}

void FaultFileSystem::fail_syncs_by_chance(std::uint64_t one_in) {
    const std::lock_guard lock(mutex_);
    disk_->sync_failure_one_in = one_in;
}

void FaultFileSystem::during_sync(const std::string& part, std::function<void()> hook) {
    const std::lock_guard lock(mutex_);
    disk_->sync_hook_part = part;
    disk_->sync_hook = std::move(hook);
}

void FaultFileSystem::during_read(const std::string& part, std::function<void()> hook) {
    const std::lock_guard lock(mutex_);
    disk_->read_hook_part = part;
    disk_->read_hook = std::move(hook);
}

void FaultFileSystem::ignore_directory_syncs(const std::string& part) {
    const std::lock_guard lock(mutex_);
    disk_->ignored_directories = part;
}

void FaultFileSystem::set_capacity(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock(mutex_);
    disk_->capacity = bytes;
}

std::uint64_t FaultFileSystem::used_bytes() const {
    const std::lock_guard lock(mutex_);
    return Disk::used(*disk_->root);
}

bool FaultFileSystem::flip_bit(const std::string& path, std::uint64_t byte, unsigned bit) {
    const std::lock_guard lock(mutex_);
    const auto node = find(path);
    if (!node.ok() || byte >= node.value()->cache.get().size()) {
        return false;
    }
    Node& file = *node.value();
    file.sync();
    file.durable.change().data()[byte] ^= static_cast<std::byte>(1U << (bit % 8));
    file.cache = file.durable;
    return true;
}

std::uint64_t FaultFileSystem::calls(FileCall kind) const {
    const std::lock_guard lock(mutex_);
    return disk_->calls[static_cast<std::size_t>(kind)];
}

std::uint64_t FaultFileSystem::calls(FileCall kind, const std::string& part) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& [path, counts] : disk_->calls_by_path) {
        if (path.find(part) != std::string::npos) {
            total += counts[static_cast<std::size_t>(kind)];
        }
    }
    return total;
}

void FaultFileSystem::reset_calls() {
    const std::lock_guard lock(mutex_);
    disk_->calls = {};
    disk_->calls_by_path.clear();
}

}  // namespace millrace
