#include "core/broker/superblock.h"

#include "core/base/checksum.h"

namespace millrace::broker {

namespace {

constexpr std::string_view kMagic = "MILLRACE";
constexpr std::size_t kSize =
    48;  // magic 8, version 4, reserved 4, features 8, cluster id 16, zero 4, crc 4

Buffer encode(const TopicId& cluster_id) {
    Buffer bytes;
    bytes.append(kMagic);
    bytes.append_le(kFormatVersion);
    bytes.append_zeros(4);
    bytes.append_le(std::uint64_t{0});  // feature bits: none yet
    bytes.append(ByteView{reinterpret_cast<const std::byte*>(cluster_id.bytes.data()),
                          cluster_id.bytes.size()});
    bytes.append_zeros(4);
    bytes.append_le(crc32c(bytes));
    return bytes;
}

Result<TopicId> decode(ByteView bytes, const std::string& directory) {
    Cursor cursor(bytes);
    const ByteView magic = cursor.read_bytes(kMagic.size());
    const auto version = cursor.read_le<std::uint32_t>();
    cursor.skip(4);
    const auto features = cursor.read_le<std::uint64_t>();
    const ByteView id = cursor.read_bytes(16);
    cursor.skip(4);
    if (!cursor.ok() || as_text(magic) != kMagic) {
        return Error{ErrorCode::kCorruptJournal,
                     "this is no Millrace data directory: " + directory +
                         "/MILLRACE is damaged or something else; give another --data, or restore "
                         "that file"};
    }
    if (version > kFormatVersion) {
        return Error{ErrorCode::kNewerFormat,
                     "the data directory " + directory + " has format " + std::to_string(version) +
                         ", this program knows up to " + std::to_string(kFormatVersion) +
                         ": use a newer Millrace"};
    }
    if (cursor.read_le<std::uint32_t>() != crc32c(bytes.subspan(0, kSize - 4))) {
        return Error{ErrorCode::kCorruptJournal,
                     "checksum of " + directory +
                         "/MILLRACE does not fit: the file is damaged; restore it from a copy"};
    }
    if (features != 0) {
        return Error{ErrorCode::kNewerFormat,
                     "the data directory " + directory +
                         " uses features that this program does not know: use a newer Millrace"};
    }
    TopicId cluster_id;
    std::memcpy(cluster_id.bytes.data(), id.data(), id.size());
    return cluster_id;
}

}  // namespace

Result<std::unique_ptr<Superblock>> Superblock::open(Env& env, const std::string& data_directory) {
    const std::string path = join_path(data_directory, "MILLRACE");
    MILLRACE_TRY_STATUS(env.files.create_directories(data_directory));
    // The lock is on a file of its own that is never replaced: the superblock itself is renamed
    // into place.
    MILLRACE_TRY(auto lock, env.files.open(join_path(data_directory, "LOCK"), OpenMode::kCreate));
    if (Status locked = lock->lock(); !locked.ok()) {
        if (locked.error().code == ErrorCode::kInUse) {
            return Error{
                ErrorCode::kInUse,
                "the data directory " + data_directory +
                    " is in use by another Millrace process: stop it, or give another --data"};
        }
        return locked.error();
    }
    if (!env.files.exists(path)) {
        MILLRACE_TRY_STATUS(
            env.files.write_file_atomically(path, encode(TopicId::make(env.random))));
        MILLRACE_TRY_STATUS(env.files.sync_directory(parent_path(data_directory)));
    }
    MILLRACE_TRY(const Buffer bytes, env.files.read_file(path));
    MILLRACE_TRY(const TopicId cluster_id, decode(bytes, data_directory));
    return std::unique_ptr<Superblock>(
        new Superblock(std::move(lock), cluster_id));  // NOLINT: private constructor
}

}  // namespace millrace::broker
