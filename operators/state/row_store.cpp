#include "operators/state/row_store.h"

#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

constexpr std::uint8_t kDeltaVersion = 1;

}  // namespace

Result<RowStore> RowStore::open(const SchemaPtr& schema, const FormatSpec& format) {
    MILLRACE_TRY(StateKeys keys, StateKeys::open(schema->key, format, schema->window));
    return RowStore(schema, std::move(keys));
}

RowStore::Entry& RowStore::entry(std::uint32_t id) {
    if (id >= entries_.size()) {
        entries_.resize(id + 1);
    }
    return entries_[id];
}

void RowStore::touch(std::uint32_t id) {
    if (!entries_[id].is_dirty) {
        entries_[id].is_dirty = true;
        dirty_.push_back(id);
    }
}

void RowStore::put(std::size_t i, std::span<const ColumnPtr> values, std::uint32_t row) {
    scratch_.clear();
    encode_row(values, row, scratch_);
    const std::uint32_t id = keys_.insert(i).id;
    Entry& kept = entry(id);
    row_bytes_ += scratch_.size() - kept.row.size();
    if (kept.row.size() == scratch_.size()) {
        std::copy(scratch_.data(), scratch_.data() + scratch_.size(), kept.row.data());
    } else {
        kept.row = Buffer(scratch_.view());
    }
    kept.is_present = true;
    ever_had_a_row_ = true;
    touch(id);
}

void RowStore::remove(std::size_t i) {
    const std::uint32_t id = find(i);
    if (id == kNoKey) {
        return;
    }
    Entry& kept = entries_[id];
    row_bytes_ -= kept.row.size();
    kept.row = Buffer();
    kept.is_present = false;
    touch(id);
}

void RowStore::read(std::uint32_t id, std::span<ColumnBuilder> builders, std::uint32_t at) const {
    Cursor in(entries_[id].row.view());
    CHECK(decode_row(in, builders, at));
}

void RowStore::stage(runtime::StoreId store, runtime::OpContext& context) {
    EncodedRows keys;
    keys_.serialize(dirty_, keys);
    Buffer value;
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        Entry& changed = entries_[dirty_[i]];
        changed.is_dirty = false;
        if (changed.is_present) {
            value.clear();
            value.append_le(kDeltaVersion);
            keys_.save(dirty_[i], value);
            value.append(changed.row.view());
            context.stage_delta(store, *keys.row(i), value.view());
            changed.is_persisted = true;
            continue;
        }
        if (changed.is_persisted) {
            context.stage_delta(store, *keys.row(i), std::nullopt);
        }
        changed = Entry{};
        keys_.erase(dirty_[i]);
    }
    dirty_.clear();
}

Status RowStore::restore(ByteView key, ByteView value) {
    Cursor in(value);
    const auto version = in.read_le<std::uint8_t>();
    if (in.ok() && version != kDeltaVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "table state was written by a newer version, format " + std::to_string(version)};
    }
    MILLRACE_TRY(const KeyId id, keys_.restore(key, in));
    // Decoded once to see that it can be: read() then relies on it.
    const ByteView row = in.rest();
    std::vector<ColumnBuilder> probe = make_builders(schema_->value, 1);
    if (!decode_row(in, probe, 0) || in.remaining() != 0) {
        return Error{ErrorCode::kCorruptJournal,
                     "table state does not fit the columns of its key, size " +
                         std::to_string(value.size())};
    }
    Entry& kept = entry(id.id);
    row_bytes_ += row.size() - kept.row.size();
    kept = Entry{.row = Buffer(row), .is_present = true, .is_persisted = true};
    ever_had_a_row_ = true;
    return Ok{};
}

std::size_t RowStore::memory_bytes() const {
    return keys_.memory_bytes() + entries_.capacity() * sizeof(Entry) + row_bytes_ +
           dirty_.capacity() * sizeof(std::uint32_t);
}

std::vector<ColumnBuilder> make_builders(const std::vector<Field>& fields, std::uint32_t rows) {
    std::vector<ColumnBuilder> builders;
    builders.reserve(fields.size());
    for (const Field& field : fields) {
        builders.emplace_back(field.type, rows);
    }
    return builders;
}

}  // namespace millrace::operators
