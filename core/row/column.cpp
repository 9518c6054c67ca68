#include "core/row/column.h"

#include <algorithm>

namespace millrace {

namespace {

constexpr std::size_t kArenaChunk = 4096;

void clear_bit(std::vector<std::uint64_t>& words, std::uint32_t bit) {
    words[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
}

bool holds_text(const DataType& type) {
    return type.is(TypeKind::kString) || type.is(TypeKind::kBytes);
}

}  // namespace

std::size_t Column::memory_bytes() const {
    std::size_t bytes = sizeof(Column) + own_bytes_ + (validity_ ? validity_->size() * 8 : 0);
    if (base_) {
        return bytes + base_->memory_bytes();  // which has the same children
    }
    for (const ColumnPtr& child : children_) {
        bytes += child->memory_bytes();
    }
    return bytes;
}

ColumnPtr Column::constant(const ColumnPtr& column, std::uint32_t row, std::uint32_t size) {
    ColumnBuilder builder(column->type(), 1);
    builder.copy_from(0, *column, row);
    const ColumnPtr single = builder.finish(1);
    std::shared_ptr<Column> made(new Column(*single));
    made->encoding_ = Encoding::kConstant;
    made->size_ = size;
    return made;
}

ColumnPtr Column::nulls(DataType type, std::uint32_t size) {
    ColumnBuilder builder(std::move(type), 1);
    builder.set_null(0);
    const ColumnPtr single = builder.finish(1);
    std::shared_ptr<Column> made(new Column(*single));
    made->encoding_ = Encoding::kConstant;
    made->size_ = size;
    return made;
}

ColumnPtr Column::dictionary(const ColumnPtr& base,
                             const std::uint32_t* indices,
                             std::uint32_t size) {
    if (base->encoding_ == Encoding::kConstant) {
        std::shared_ptr<Column> made(new Column(*base));
        made->size_ = size;
        return made;
    }
    auto copy = std::make_shared<std::vector<std::uint32_t>>(size);
    for (std::uint32_t i = 0; i < size; ++i) {
        DCHECK(indices[i] < base->size_);
        (*copy)[i] =
            base->encoding_ == Encoding::kDictionary ? base->indices_[indices[i]] : indices[i];
    }
    std::shared_ptr<Column> made(new Column);
    made->type_ = base->type_;
    made->size_ = size;
    made->encoding_ = Encoding::kDictionary;
    made->indices_ = copy->data();
    made->base_ = base->encoding_ == Encoding::kDictionary ? base->base_ : base;
    made->children_ = made->base_->children_;
    made->own_bytes_ = size * sizeof(std::uint32_t);
    made->pins_.push_back(std::move(copy));
    return made;
}

ColumnPtr Column::flatten(const ColumnPtr& column) {
    if (column->encoding_ == Encoding::kFlat) {
        return column;
    }
    ColumnBuilder builder(column->type_, column->size_);
    if (column->type_.is_nested()) {
        for (std::uint32_t i = 0; i < column->size_; ++i) {
            builder.copy_from(i, *column, i);
        }
        return builder.finish(column->size_);
    }
    // Fixed width: gather values as they are; long strings keep pointing where they did.
    const std::size_t width = column->type_.width();
    const auto* from = static_cast<const std::byte*>(
        column->encoding_ == Encoding::kDictionary ? column->base_->data_ : column->data_);
    std::byte* to = builder.data_.data();
    for (std::uint32_t i = 0; i < column->size_; ++i) {
        std::memcpy(to + i * width, from + column->slot(i) * width, width);
    }
    if (column->may_have_nulls()) {
        for (std::uint32_t i = 0; i < column->size_; ++i) {
            if (!column->is_valid(i)) {
                builder.set_null(i);
            }
        }
    }
    if (holds_text(column->type_)) {
        builder.pin(column);
    }
    return builder.finish(column->size_);
}

ColumnPtr Column::slice(const ColumnPtr& column, std::uint32_t begin, std::uint32_t end) {
    CHECK(begin <= end && end <= column->size_);
    if (begin == 0 && end == column->size_) {
        return column;
    }
    if (column->encoding_ == Encoding::kConstant) {
        std::shared_ptr<Column> made(new Column(*column));
        made->size_ = end - begin;
        return made;
    }
    std::vector<std::uint32_t> indices(end - begin);
    for (std::uint32_t i = begin; i < end; ++i) {
        indices[i - begin] = i;
    }
    return dictionary(column, indices.data(), end - begin);
}

ColumnPtr Column::concatenate(const std::vector<ColumnPtr>& parts) {
    CHECK(!parts.empty());
    if (parts.size() == 1) {
        return parts[0];
    }
    std::uint32_t total = 0;
    for (const ColumnPtr& part : parts) {
        total += part->size();
    }
    ColumnBuilder builder(parts[0]->type(), total);
    std::uint32_t row = 0;
    for (const ColumnPtr& part : parts) {
        const bool is_plain = !part->type().is_nested();
        const bool may_have_nulls = part->may_have_nulls();
        const std::size_t width = part->type().width();
        for (std::uint32_t i = 0; i < part->size(); ++i, ++row) {
            if (may_have_nulls && !part->is_valid(i)) {
                if (is_plain) {
                    builder.set_null(row);
                } else {
                    builder.copy_from(row, *part, i);
                }
            } else if (is_plain) {
                const auto* from = static_cast<const std::byte*>(
                    part->encoding_ == Encoding::kDictionary ? part->base_->data_ : part->data_);
                std::memcpy(
                    builder.data_.data() + row * width, from + part->slot(i) * width, width);
            } else {
                builder.copy_from(row, *part, i);
            }
        }
        if (holds_text(part->type())) {
            builder.pin(part);
        }
    }
    return builder.finish(total);
}

ColumnPtr Column::structure(DataType type,
                            std::uint32_t size,
                            std::vector<ColumnPtr> fields,
                            ValidityWords validity) {
    CHECK(type.is(TypeKind::kStruct) && fields.size() == type.children().size());
    std::shared_ptr<Column> made(new Column);
    made->type_ = std::move(type);
    made->size_ = size;
    made->validity_ = std::move(validity);
    for (ColumnPtr& field : fields) {
        CHECK(field->size() == size);
        made->children_.push_back(flatten(field));
    }
    return made;
}

ColumnPtr Column::list(DataType type,
                       std::uint32_t size,
                       std::vector<std::uint32_t> offsets,
                       std::vector<ColumnPtr> children,
                       ValidityWords validity) {
    CHECK(offsets.size() == std::size_t{size} + 1 && children.size() == type.children().size());
    auto kept = std::make_shared<const std::vector<std::uint32_t>>(std::move(offsets));
    std::shared_ptr<Column> made(new Column);
    made->type_ = std::move(type);
    made->size_ = size;
    made->data_ = kept->data();
    made->own_bytes_ = kept->size() * sizeof(std::uint32_t);
    made->validity_ = std::move(validity);
    for (const ColumnPtr& child : children) {
        CHECK(child->size() >= kept->back());
        made->children_.push_back(flatten(child));
    }
    made->pins_.push_back(std::move(kept));
    return made;
}

ColumnPtr Column::with_validity(const ColumnPtr& column, ValidityWords validity) {
    CHECK(column->encoding_ == Encoding::kFlat);
    std::shared_ptr<Column> made(new Column(*column));
    made->validity_ = std::move(validity);
    return made;
}

ColumnPtr Column::wrap(
    DataType type, std::uint32_t size, const void* values, ValidityWords validity, Pin owner) {
    std::shared_ptr<Column> made(new Column);
    made->own_bytes_ = size * type.width();
    made->type_ = std::move(type);
    made->size_ = size;
    made->data_ = values;
    made->validity_ = std::move(validity);
    made->pins_.push_back(std::move(owner));
    return made;
}

ColumnBuilder::ColumnBuilder(DataType type, std::uint32_t capacity) : type_(std::move(type)) {
    for (const Field& child : type_.children()) {
        children_.emplace_back(child.type, type_.is(TypeKind::kStruct) ? capacity : 0);
    }
    reserve(capacity);
}
ColumnBuilder::~ColumnBuilder() = default;
ColumnBuilder::ColumnBuilder(ColumnBuilder&&) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&&) noexcept = default;

void ColumnBuilder::reserve(std::uint32_t capacity) {
    if (capacity > capacity_) {
        const std::size_t width =
            type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap) ? 4 : type_.width();
        const std::size_t extra = width == 4 && type_.is_nested() ? 1 : 0;  // offsets have one more
        const std::size_t before = data_.size();
        data_.append_zeros((capacity + extra) * width - before);
        if (!validity_.empty()) {
            const std::size_t words = (capacity + 63) / 64;
            // Rows between the old capacity and the end of its last word were set valid when the
            // words were made.
            validity_.resize(words, ~std::uint64_t{0});
        }
        capacity_ = capacity;
    }
}

void ColumnBuilder::grow(std::uint32_t rows) {
    reserve(std::max(rows, std::max<std::uint32_t>(16, capacity_ * 2)));
}

void ColumnBuilder::set_null(std::uint32_t row) {
    ensure(row);
    if (validity_.empty()) {
        validity_.assign((capacity_ + 63) / 64, ~std::uint64_t{0});
    }
    clear_bit(validity_, row);
    if (type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap)) {
        if (row >= list_rows_) {
            set_list(row, 0);
        }
    } else if (type_.is(TypeKind::kStruct)) {
        for (ColumnBuilder& child : children_) {
            child.set_null(row);
        }
    }
}

void ColumnBuilder::rewind(std::uint32_t row) {
    if (!validity_.empty() && row < capacity_) {
        validity_[row / 64] |= ~std::uint64_t{0} << (row % 64);
        std::fill(validity_.begin() + row / 64 + 1, validity_.end(), ~std::uint64_t{0});
    }
    const bool is_list = type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap);
    if (is_list && row < list_rows_) {
        list_rows_ = row;
        list_elements_ = reinterpret_cast<const std::uint32_t*>(data_.data())[row];
    }
    for (ColumnBuilder& child : children_) {
        child.rewind(is_list ? list_elements_ : row);
    }
}

char* ColumnBuilder::arena_bytes(std::size_t size) {
    if (arena_used_ + size > arena_size_) {
        arena_size_ = std::max(
            {kArenaChunk, size, std::min<std::size_t>(arena_total_, std::size_t{1} << 20)});
        arena_ = std::make_shared_for_overwrite<char[]>(arena_size_);
        arena_total_ += arena_size_;
        arena_used_ = 0;
        pins_.push_back(arena_);
    }
    char* at = arena_.get() + arena_used_;
    arena_used_ += size;
    return at;
}

void ColumnBuilder::set_text(std::uint32_t row, std::string_view text) {
    if (text.size() <= StringRef::kInlineMax) {
        set(row, StringRef(text));
        return;
    }
    char* copy = arena_bytes(text.size());
    std::memcpy(copy, text.data(), text.size());
    set(row, StringRef(copy, static_cast<std::uint32_t>(text.size())));
}

void ColumnBuilder::set_borrowed_text(std::uint32_t row, std::string_view text) {
    set(row, StringRef(text));
}

void ColumnBuilder::pin(Pin owner) {
    if (owner && (pins_.empty() || pins_.back() != owner)) {
        pins_.push_back(std::move(owner));
    }
}

void ColumnBuilder::set_list(std::uint32_t row, std::uint32_t count) {
    CHECK(row >= list_rows_);
    ensure(row);
    auto* offsets = reinterpret_cast<std::uint32_t*>(data_.data());
    for (; list_rows_ < row; ++list_rows_) {
        offsets[list_rows_] = list_elements_;
    }
    offsets[row] = list_elements_;
    list_elements_ += count;
    offsets[row + 1] = list_elements_;
    ++list_rows_;
}

void ColumnBuilder::copy_from(std::uint32_t row, const Column& column, std::uint32_t from) {
    if (!column.is_valid(from)) {
        set_null(row);
        return;
    }
    const std::uint32_t slot = column.slot(from);
    switch (type_.kind()) {
        case TypeKind::kString:
        case TypeKind::kBytes:
            set_text(row, column.text(from));
            return;
        case TypeKind::kArray:
        case TypeKind::kMap: {
            const auto* offsets = column.values<std::uint32_t>();
            const std::uint32_t count = offsets[slot + 1] - offsets[slot];
            for (std::size_t c = 0; c < children_.size(); ++c) {
                for (std::uint32_t i = 0; i < count; ++i) {
                    children_[c].copy_from(
                        list_elements_ + i, *column.children()[c], offsets[slot] + i);
                }
            }
            set_list(row, count);
            return;
        }
        case TypeKind::kStruct:
            ensure(row);
            for (std::size_t c = 0; c < children_.size(); ++c) {
                children_[c].copy_from(row, *column.children()[c], slot);
            }
            return;
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDouble:
        case TypeKind::kDecimal:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            break;
    }
    ensure(row);
    const std::size_t width = type_.width();
    std::memcpy(data_.data() + row * width,
                static_cast<const std::byte*>(column.encoding_ == Encoding::kDictionary
                                                  ? column.base_->data_
                                                  : column.data_) +
                    slot * width,
                width);
}

ColumnPtr ColumnBuilder::finish(std::uint32_t size) {
    const bool is_list = type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap);
    reserve(is_list ? std::max<std::uint32_t>(size, 1) : size);  // offsets begin with a 0
    std::shared_ptr<Column> made(new Column);
    if (is_list) {
        CHECK(list_rows_ <= size);
        while (list_rows_ < size) {
            set_list(list_rows_, 0);
        }
    }
    for (ColumnBuilder& child : children_) {
        made->children_.push_back(child.finish(is_list ? list_elements_ : size));
    }
    made->type_ = type_;
    made->size_ = size;
    made->own_bytes_ = data_.size() + arena_total_;
    auto data = std::make_shared<Buffer>(std::move(data_));
    made->data_ = data->data();
    made->pins_ = std::move(pins_);
    made->pins_.push_back(std::move(data));
    if (!validity_.empty()) {
        validity_.resize((size + 63) / 64, ~std::uint64_t{0});
        made->validity_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(validity_));
    }
    *this = ColumnBuilder(type_, 0);
    return made;
}

}  // namespace millrace
