#include "core/base/file.h"

#include "core/base/mutant.h"

namespace millrace {

bool FileSystem::exists(const std::string& path) {
    return info(path).ok();
}

Status FileSystem::remove_all(const std::string& path) {
    auto found = info(path);
    if (!found.ok()) {
        return found.error().code == ErrorCode::kNotFound ? Status{Ok{}} : Status{found.error()};
    }
    if (found.value().is_directory) {
        MILLRACE_TRY(const auto entries, list(path));
        for (const DirectoryEntry& entry : entries) {
            MILLRACE_TRY_STATUS(remove_all(join_path(path, entry.name)));
        }
    }
    return remove(path);
}

Result<Buffer> FileSystem::read_file(const std::string& path) {
    MILLRACE_TRY(const auto file, open(path, OpenMode::kRead));
    MILLRACE_TRY(const std::uint64_t size, file->size());
    Buffer content;
    content.resize(static_cast<std::size_t>(size));
    MILLRACE_TRY(const std::size_t read, file->read_at(0, content.span()));
    content.resize(read);
    return content;
}

Status FileSystem::write_file_atomically(const std::string& path, ByteView content) {
    const std::string temporary = path + ".tmp";
    {
        MILLRACE_TRY(const auto file, open(temporary, OpenMode::kCreate));
        MILLRACE_TRY_STATUS(file->truncate(0));
        MILLRACE_TRY_STATUS(file->write_at(0, content));
        if (!MILLRACE_MUTANT(7)) {
            MILLRACE_TRY_STATUS(file->sync_data());
        }
    }
    MILLRACE_TRY_STATUS(rename(temporary, path));
    return sync_directory(parent_path(path));
}

std::string join_path(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (!path.empty() && path.back() != '/') {
        path += '/';
    }
    path += name;
    return path;
}

std::string parent_path(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string_view::npos) {
        return ".";
    }
    return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace millrace
