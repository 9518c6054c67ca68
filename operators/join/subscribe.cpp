#include <algorithm>

#include "operators/join/foreign_key_join.h"
#include "operators/join/subscription.h"
#include "operators/state/row_codec.h"
#include "operators/state/row_store.h"

namespace millrace::operators {

namespace {

constexpr runtime::StoreId kForeignKeys{0};

class Subscribe final : public runtime::Operator {
  public:
    Subscribe(const SubscribeSpec& spec, SchemaPtr output, RowStore known)
        : spec_(spec),
          output_(std::move(output)),
          foreign_key_(spec.left->size() - 1),
          foreign_key_type_(spec.left->value.back().type),
          known_(std::move(known)) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        context.set_state_bytes(known_.memory_bytes());
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        known_.stage(kForeignKeys, context);
        context.set_state_bytes(known_.memory_bytes());
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store != kForeignKeys) {
            return Error{ErrorCode::kCorruptJournal,
                         "a subscription has no store " + std::to_string(store.value)};
        }
        MILLRACE_TRY_STATUS(known_.restore(key, value));
        context.set_state_bytes(known_.memory_bytes());
        return Ok{};
    }

  private:
    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        known_.load(batch, picked_.rows);
        const ColumnPtr& column = batch.columns[foreign_key_];
        std::uint64_t null_foreign_keys = 0;
        for (std::size_t i = 0; i < picked_.rows.size(); ++i) {
            if (rows_.size() + 2 > kRowBatchRowsMax) {
                flush(batch, context);
            }
            const std::uint32_t row = picked_.rows[i];
            const bool has = batch.has_value(row);
            const std::uint32_t id = known_.find(i);
            before_.clear();
            if (id != kNoKey) {
                before_.append(known_.bytes(id));
            }
            now_.clear();
            if (has) {
                encode_row({&column, 1}, row, now_);
            }
            if (!change(row, has, id != kNoKey)) {
                ++null_foreign_keys;
            }
            if (has) {
                known_.put(i, {&column, 1}, row);
            } else {
                known_.remove(i);
            }
        }
        if (null_foreign_keys > 0) {
            context.count_dropped("null_foreign_key", null_foreign_keys);
        }
        flush(batch, context);
    }

    /// Whether the bytes of encode_row() hold a foreign key that is not null.
    static bool is_set(const Buffer& bytes) {
        return !bytes.empty() && bytes.data()[0] != std::byte{0};
    }

    /// False when the row has no foreign key and INNER has no use for it.
    bool change(std::uint32_t row, bool has, bool had) {
        const bool is_left = spec_.kind == JoinKind::kLeft;
        if (!has) {
            if (had && (is_left || is_set(before_))) {
                add(row, before_, Subscription::kRemove);
            }
            return true;
        }
        if (!is_left && !is_set(now_)) {
            if (is_set(before_)) {
                add(row, before_, Subscription::kRemove);
            }
            return false;
        }
        if (is_set(before_) && !equal(before_.view(), now_.view())) {
            add(row, before_, Subscription::kLeave);
        }
        add(row,
            now_,
            is_left || is_set(before_) ? Subscription::kSet : Subscription::kSetIfMatched);
        return true;
    }
    void add(std::uint32_t row, const Buffer& foreign_key, Subscription what) {
        const auto at = static_cast<std::uint32_t>(rows_.size());
        Cursor in(foreign_key.view());
        CHECK(decode_row(in, {&keys_, 1}, at));
        what_.set(at, static_cast<std::int32_t>(what));
        rows_.push_back(row);
    }

    void flush(const RowBatch& batch, runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(rows_.size());
        if (size == 0) {
            return;
        }
        auto made = std::make_shared<RowBatch>();
        made->schema = output_;
        made->size = size;
        gather_attributes(batch, rows_, *made);
        ColumnBuilder sub(TypeKind::kInt, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            sub.set(i, numbers_.next(batch.seq_at(rows_[i])));
        }
        made->sub = sub.finish(size);
        made->columns.push_back(keys_.finish(size));
        for (std::size_t c = 0; c < foreign_key_; ++c) {
            made->columns.push_back(
                gather_column(batch.columns[c], spec_.left->field(c).type, rows_));
        }
        made->columns.push_back(what_.finish(size));
        rows_.clear();
        context.emit(std::move(made));
    }

    SubscribeSpec spec_;
    SchemaPtr output_;
    std::size_t foreign_key_;  // its column
    DataType foreign_key_type_;
    RowStore known_;  // foreign keys by primary key
    SubNumbers numbers_;

    // Scratch of one run.
    KeyedRows picked_;
    Buffer before_;
    Buffer now_;
    std::vector<std::uint32_t> rows_;
    ColumnBuilder keys_{foreign_key_type_};
    ColumnBuilder what_{TypeKind::kInt};
};

/// The primary key and the foreign key alone.
SchemaPtr known_schema(const Schema& left) {
    return std::make_shared<const Schema>(
        Schema{.key = left.key, .value = {left.value.back()}, .window = left.window});
}

}  // namespace

SchemaPtr subscription_schema(const Schema& left) {
    auto made = std::make_shared<Schema>();
    made->key.push_back(left.value.back());
    made->value = left.key;
    made->value.insert(made->value.end(), left.value.begin(), left.value.end() - 1);
    made->value.push_back(Field{"SUBSCRIPTION", TypeKind::kInt});
    return made;
}

Result<runtime::OperatorSpec> make_subscribe(SubscribeSpec spec) {
    if (spec.kind != JoinKind::kInner && spec.kind != JoinKind::kLeft) {
        return Error{ErrorCode::kSqlSemantic,
                     std::string(name_of(spec.kind)) + " JOIN on a foreign key is not supported"};
    }
    if (spec.left->key.empty() || spec.left->value.empty() ||
        spec.left->window.kind != WindowKind::kNone) {
        return Error{ErrorCode::kInvalidArgument,
                     "a foreign-key join needs a key, a foreign key and no window"};
    }
    const auto probe = RowStore::open(known_schema(*spec.left), spec.left_key_format);
    if (!probe.ok()) {
        return probe.error();
    }
    const SchemaPtr output = subscription_schema(*spec.left);
    runtime::OperatorSpec made;
    made.name = "subscribe";
    made.detail = "to " + quoted_name(spec.left->value.back().name);
    made.is_stateful = true;
    made.output = output;
    made.key_format = spec.right_key_format;
    made.factory = [spec = std::move(spec),
                    output](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<Subscribe>(
            spec, output, RowStore::open(known_schema(*spec.left), spec.left_key_format).value());
    };
    return made;
}

}  // namespace millrace::operators
