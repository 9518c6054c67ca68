#include "operators/join/joined_rows.h"

#include <algorithm>

#include "operators/state/row_codec.h"

namespace millrace::operators {

JoinedRows::JoinedRows(const std::array<SchemaPtr, 2>& sides,
                       SchemaPtr output,
                       std::vector<JoinColumn> columns,
                       bool has_strangers)
    : output_(std::move(output)),
      columns_(std::move(columns)),
      has_strangers_(has_strangers),
      is_windowed_(output_->window.kind != WindowKind::kNone) {
    for (std::size_t port = 0; port < 2; ++port) {
        Side& side = sides_[port];
        side.schema = sides[port];
        for (std::size_t c = 0; c < side.schema->size(); ++c) {
            side.stored.push_back(side.schema->field(c));
        }
        if (is_windowed_) {
            side.stored.push_back(Field{"WINDOWSTART", TypeKind::kBigint});
            side.stored.push_back(Field{"WINDOWEND", TypeKind::kBigint});
        }
        side.is_used =
            has_strangers ||
            std::any_of(columns_.begin(), columns_.end(), [port](const JoinColumn& column) {
                return column.port == static_cast<std::int32_t>(port);
            });
        side.builders = make_builders(side.stored, 0);
    }
}

std::vector<ColumnPtr> JoinedRows::stored_columns(const RowBatch& batch) const {
    std::vector<ColumnPtr> columns = batch.columns;
    if (is_windowed_) {
        columns.push_back(batch.window_start);
        columns.push_back(batch.window_end);
    }
    return columns;
}

bool JoinedRows::fits(std::size_t port, ByteView row) const {
    std::vector<ColumnBuilder> probe = make_builders(sides_[port].stored, 1);
    Cursor in(row);
    return decode_row(in, probe, 0) && in.remaining() == 0;
}

void JoinedRows::begin(std::size_t port, const RowBatch& batch) {
    DCHECK(drivers_.empty());
    port_ = port;
    batch_ = &batch;
    stored_ = stored_columns(batch);
}

void JoinedRows::add(std::uint32_t driver, std::int64_t time) {
    drivers_.push_back(driver);
    times_.push_back(time);
}

void JoinedRows::set_nulls(Side& side) {
    if (side.is_used) {
        for (ColumnBuilder& builder : side.builders) {
            builder.set_null(static_cast<std::uint32_t>(drivers_.size()));
        }
    }
}

void JoinedRows::decode(Side& side, ByteView row) {
    if (side.is_used) {
        Cursor in(row);
        CHECK(decode_row(in, side.builders, static_cast<std::uint32_t>(drivers_.size())));
    }
}

void JoinedRows::copy_own(std::uint32_t row) {
    if (!has_strangers_) {
        return;  // gathered as a whole
    }
    const auto at = static_cast<std::uint32_t>(drivers_.size());
    Side& own = sides_[port_];
    for (std::size_t c = 0; c < own.stored.size(); ++c) {
        if (stored_[c]) {
            own.builders[c].copy_from(at, *stored_[c], row);
        } else {
            own.builders[c].set_null(at);
        }
    }
}

void JoinedRows::add_match(std::uint32_t row, ByteView partner, std::int64_t time) {
    decode(sides_[1 - port_], partner);
    copy_own(row);
    add(row, time);
}

void JoinedRows::add_alone(std::uint32_t row) {
    set_nulls(sides_[1 - port_]);
    copy_own(row);
    add(row, batch_->timestamp(row).value);
}

void JoinedRows::add_stranger(std::uint32_t driver,
                              std::size_t port,
                              ByteView row,
                              std::int64_t time) {
    decode(sides_[port], row);
    set_nulls(sides_[1 - port]);
    add(driver, time);
}

std::vector<ColumnPtr> JoinedRows::own_columns() {
    const auto size = static_cast<std::uint32_t>(drivers_.size());
    Side& own = sides_[port_];
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < own.stored.size(); ++c) {
        columns.push_back(has_strangers_ ? own.builders[c].finish(size)
                                         : gather_column(stored_[c], own.stored[c].type, drivers_));
    }
    return columns;
}

/// The other's where the own is null.
ColumnPtr JoinedRows::either(const ColumnPtr& own, const ColumnPtr& other) const {
    if (!has_strangers_) {
        return own;
    }
    ColumnBuilder builder(own->type(), own->size());
    for (std::uint32_t i = 0; i < own->size(); ++i) {
        if (own->is_valid(i)) {
            builder.copy_from(i, *own, i);
        } else if (other->is_valid(i)) {
            builder.copy_from(i, *other, i);
        } else {
            builder.set_null(i);
        }
    }
    return builder.finish(own->size());
}

void JoinedRows::flush(runtime::OpContext& context) {
    const auto size = static_cast<std::uint32_t>(drivers_.size());
    if (size == 0) {
        return;
    }
    const std::vector<ColumnPtr> own = own_columns();
    Side& other_side = sides_[1 - port_];
    std::vector<ColumnPtr> other(other_side.stored.size());
    if (other_side.is_used) {
        for (std::size_t c = 0; c < other.size(); ++c) {
            other[c] = other_side.builders[c].finish(size);
        }
    }
    auto made = std::make_shared<RowBatch>();
    made->schema = output_;
    made->size = size;
    gather_attributes(*batch_, drivers_, *made);
    ColumnBuilder times(TypeKind::kBigint, size);
    ColumnBuilder sub(TypeKind::kInt, size);
    for (std::uint32_t i = 0; i < size; ++i) {
        times.set(i, times_[i]);
        sub.set(i, numbers_.next(batch_->seq_at(drivers_[i])));
    }
    made->timestamps = times.finish(size);
    made->sub = sub.finish(size);
    if (is_windowed_) {
        const std::size_t start = own.size() - 2;
        const std::size_t other_start = other.size() - 2;
        made->window_start = either(own[start], other[other_start]);
        made->window_end = either(own[start + 1], other[other_start + 1]);
    }
    for (std::size_t c = 0; c < output_->key.size(); ++c) {
        made->columns.push_back(either(own[c], other[c]));
    }
    for (const JoinColumn& from : columns_) {
        made->columns.push_back(
            (static_cast<std::size_t>(from.port) == port_ ? own : other)[from.column]);
    }
    drivers_.clear();
    times_.clear();
    context.emit(std::move(made));
}

}  // namespace millrace::operators
