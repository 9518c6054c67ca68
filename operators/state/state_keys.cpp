#include "operators/state/state_keys.h"

#include <algorithm>
#include <numeric>

namespace millrace::operators {

namespace {

/// How many keys ahead a slot is fetched.
constexpr std::size_t kPrefetchAhead = 16;

bool is_integer_kind(TypeKind kind) {
    switch (kind) {
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            return true;
        case TypeKind::kBoolean:
        case TypeKind::kDouble:
        case TypeKind::kDecimal:
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kArray:
        case TypeKind::kMap:
        case TypeKind::kStruct:
            break;
    }
    return false;
}

template <class T>
void load_integers(const Column& column,
                   std::span<const std::uint32_t> selected,
                   std::vector<std::uint64_t>& out) {
    const T* values = column.values<T>();
    if (column.encoding() == Encoding::kFlat) {
        for (std::size_t i = 0; i < selected.size(); ++i) {
            out[i] = static_cast<std::uint64_t>(std::int64_t{values[selected[i]]});
        }
        return;
    }
    for (std::size_t i = 0; i < selected.size(); ++i) {
        out[i] = static_cast<std::uint64_t>(std::int64_t{values[column.slot(selected[i])]});
    }
}

}  // namespace

Result<StateKeys> StateKeys::open(std::vector<Field> fields,
                                  const FormatSpec& format,
                                  const WindowInfo& window) {
    if (fields.empty()) {
        return Error{ErrorCode::kInvalidArgument, "a keyed store needs at least one key column"};
    }
    if (format.format == Format::kNone) {
        return Error{ErrorCode::kNotSupported, "a keyed store needs a key format, not NONE"};
    }
    StateKeys keys;
    keys.window_ = window;
    keys.is_integer_ = fields.size() == 1 && is_integer_kind(fields[0].type.kind()) &&
                       window.kind == WindowKind::kNone;
    MILLRACE_TRY(keys.encoder_, make_encoder(format, fields));
    MILLRACE_TRY(keys.decoder_,
                 make_decoder(format, fields, std::vector<bool>(fields.size(), true)));
    keys.fields_ = std::move(fields);
    return keys;
}

void StateKeys::load(const RowBatch& rows, std::span<const std::uint32_t> selected) {
    loaded_.resize(selected.size());
    if (is_integer_) {
        const Column& column = *rows.columns[0];
        if (column.type().width() == 4) {
            load_integers<std::int32_t>(column, selected, loaded_);
        } else {
            load_integers<std::int64_t>(column, selected, loaded_);
        }
        return;
    }
    encoded_.clear();
    if (window_.kind == WindowKind::kNone) {
        encoder_->encode({rows.columns.data(), fields_.size()}, selected, encoded_);
    } else {
        encode_windowed(rows, selected);
    }
    for (std::size_t i = 0; i < selected.size(); ++i) {
        loaded_[i] = BytesIndex::hash(*encoded_.row(i));
    }
}

void StateKeys::encode_windowed(const RowBatch& rows, std::span<const std::uint32_t> selected) {
    plain_.clear();
    encoder_->encode({rows.columns.data(), fields_.size()}, selected, plain_);
    for (std::size_t i = 0; i < selected.size(); ++i) {
        encoded_.bytes.append(*plain_.row(i));
        append_window(encoded_.bytes,
                      window_,
                      rows.window_start->at<std::int64_t>(selected[i]),
                      rows.window_end->at<std::int64_t>(selected[i]));
        encoded_.ends.push_back(static_cast<std::uint32_t>(encoded_.bytes.size()));
        encoded_.is_null.push_back(false);
    }
}

void StateKeys::insert_all(std::vector<std::uint32_t>& made) {
    ids_.resize(loaded_.size());
    if (is_integer_) {
        integers_.insert_all(loaded_.data(), loaded_.size(), ids_.data(), made);
        return;
    }
    for (std::size_t i = 0; i < loaded_.size(); ++i) {
        if (i + kPrefetchAhead < loaded_.size()) {
            bytes_.prefetch(loaded_[i + kPrefetchAhead]);
        }
        const KeyId key = bytes_.insert(*encoded_.row(i), loaded_[i]);
        ids_[i] = key.id;
        if (key.is_new) {
            made.push_back(static_cast<std::uint32_t>(i));
        }
    }
}

void StateKeys::erase(std::uint32_t id) {
    if (is_integer_) {
        integers_.erase(id);
    } else {
        bytes_.erase(id);
    }
}

void StateKeys::serialize(std::span<const std::uint32_t> ids, EncodedRows& out) {
    if (!is_integer_) {
        for (const std::uint32_t id : ids) {
            out.bytes.append(bytes_.key(id));
            out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
            out.is_null.push_back(false);
        }
        return;
    }
    const ColumnPtr column = integer_column(ids);
    std::vector<std::uint32_t> rows(ids.size());
    std::iota(rows.begin(), rows.end(), 0U);
    encoder_->encode({&column, 1}, rows, out);
}

ColumnPtr StateKeys::integer_column(std::span<const std::uint32_t> ids) const {
    const auto size = static_cast<std::uint32_t>(ids.size());
    ColumnBuilder builder(fields_[0].type, size);
    for (std::uint32_t i = 0; i < size; ++i) {
        const std::uint64_t key = integers_.key(ids[i]);
        if (fields_[0].type.width() == 4) {
            builder.set(i, static_cast<std::int32_t>(static_cast<std::uint32_t>(key)));
        } else {
            builder.set(i, static_cast<std::int64_t>(key));
        }
    }
    return builder.finish(size);
}

std::vector<ColumnPtr> StateKeys::columns(std::span<const std::uint32_t> ids) {
    if (is_integer_) {
        return {integer_column(ids)};
    }
    EncodedRows encoded;
    serialize(ids, encoded);
    const std::shared_ptr<Page> page = Page::allocate(encoded.bytes.size());
    std::copy(encoded.bytes.data(), encoded.bytes.data() + encoded.bytes.size(), page->data());
    page->set_size(encoded.bytes.size());
    std::vector<std::optional<ByteView>> payloads;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t begin = i == 0 ? 0 : encoded.ends[i - 1];
        payloads.emplace_back(page->view().subspan(begin, encoded.ends[i] - begin));
    }
    std::vector<ColumnPtr> columns;
    std::vector<RowError> errors;
    decoder_->decode(payloads, page, columns, errors);
    CHECK(errors.empty());  // the encoder of the same format made them
    return columns;
}

void StateKeys::serialize_row(const RowBatch& rows, std::uint32_t row, Buffer& out) {
    plain_.clear();
    encoder_->encode({rows.columns.data(), fields_.size()}, {&row, 1}, plain_);
    out.append(*plain_.row(0));
    if (window_.kind != WindowKind::kNone) {
        append_window(out,
                      window_,
                      rows.window_start->at<std::int64_t>(row),
                      rows.window_end->at<std::int64_t>(row));
    }
}

void StateKeys::save(std::uint32_t id, Buffer& value) const {
    if (is_integer_) {
        value.append_le(integers_.key(id));
    }
}

Result<KeyId> StateKeys::restore(ByteView key, Cursor& value) {
    if (!is_integer_) {
        return bytes_.insert(key, BytesIndex::hash(key));
    }
    const auto integer = value.read_le<std::uint64_t>();
    if (!value.ok()) {
        return Error{ErrorCode::kCorruptJournal, "state delta ends inside its key"};
    }
    return integers_.insert(integer);
}

std::size_t StateKeys::memory_bytes() const {
    return integers_.memory_bytes() + bytes_.memory_bytes() + loaded_.capacity() * 8 +
           encoded_.bytes.size() + encoded_.ends.capacity() * 4;
}

void pick_keyed_rows(const RowBatch& rows,
                     std::uint32_t begin,
                     std::uint32_t end,
                     bool needs_value,
                     KeyedRows& out) {
    out.rows.clear();
    out.null_keys = 0;
    out.null_values = 0;
    const auto key_end =
        rows.columns.begin() + static_cast<std::ptrdiff_t>(rows.schema->key.size());
    const bool may_have_null_keys =
        std::any_of(rows.columns.begin(), key_end, [](const ColumnPtr& column) {
            return column->may_have_nulls();
        });
    if (!may_have_null_keys && !(needs_value && rows.value_present)) {
        out.rows.resize(end - begin);
        if (rows.selection) {
            std::copy(
                rows.selection->begin() + begin, rows.selection->begin() + end, out.rows.begin());
        } else {
            std::iota(out.rows.begin(), out.rows.end(), begin);
        }
        return;
    }
    for (std::uint32_t i = begin; i < end; ++i) {
        const std::uint32_t row = rows.row(i);
        if (may_have_null_keys &&
            std::any_of(rows.columns.begin(), key_end, [row](const ColumnPtr& column) {
                return !column->is_valid(row);
            })) {
            ++out.null_keys;
        } else if (needs_value && !rows.has_value(row)) {
            ++out.null_values;
        } else {
            out.rows.push_back(row);
        }
    }
}

RowBatchPtr gather_rows(const RowBatchPtr& batch, const std::vector<std::uint32_t>& rows) {
    if (rows.size() == batch->size) {
        if (!batch->selection) {
            return batch;
        }
        auto all = std::make_shared<RowBatch>(*batch);
        all->selection = nullptr;
        return all;
    }
    auto picked = std::make_shared<RowBatch>(*batch);
    picked->selection = std::make_shared<const std::vector<std::uint32_t>>(rows);
    picked->errors.clear();
    return compact(picked, 0, static_cast<std::uint32_t>(rows.size()));
}

}  // namespace millrace::operators
