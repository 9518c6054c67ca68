#include "operators/table.h"

#include "operators/state/row_store.h"

namespace millrace::operators {

namespace {

constexpr runtime::StoreId kRows{0};

class Table final : public runtime::Operator {
  public:
    Table(SchemaPtr schema, RowStore rows) : schema_(std::move(schema)), rows_(std::move(rows)) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        context.set_state_bytes(rows_.memory_bytes());
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        rows_.stage(kRows, context);
        context.set_state_bytes(rows_.memory_bytes());
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store != kRows) {
            return Error{ErrorCode::kCorruptJournal,
                         "a table has no store " + std::to_string(store.value)};
        }
        MILLRACE_TRY_STATUS(rows_.restore(key, value));
        context.set_state_bytes(rows_.memory_bytes());
        return Ok{};
    }

  private:
    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        const auto size = static_cast<std::uint32_t>(picked_.rows.size());
        if (size == 0) {
            return;
        }
        std::vector<ColumnBuilder> old = make_builders(schema_->value, size);
        auto old_present = std::make_shared<std::vector<std::uint64_t>>((size + 63) / 64);
        const std::span<const ColumnPtr> values(batch.columns.data() + schema_->key.size(),
                                                schema_->value.size());
        rows_.load(batch, picked_.rows);
        for (std::uint32_t i = 0; i < size; ++i) {
            const std::uint32_t before = rows_.find(i);
            if (before != kNoKey) {
                rows_.read(before, old, i);
                (*old_present)[i / 64] |= std::uint64_t{1} << (i % 64);
            } else {
                for (ColumnBuilder& builder : old) {
                    builder.set_null(i);
                }
            }
            if (batch.has_value(picked_.rows[i])) {
                rows_.put(i, values, picked_.rows[i]);
            } else {
                rows_.remove(i);
            }
        }
        auto made = std::make_shared<RowBatch>(*gather_rows(run.rows, picked_.rows));
        made->schema = schema_;
        made->old_values.clear();
        for (ColumnBuilder& builder : old) {
            made->old_values.push_back(builder.finish(size));
        }
        made->old_present = std::move(old_present);
        context.emit(std::move(made));
    }

    SchemaPtr schema_;
    RowStore rows_;
    KeyedRows picked_;  // scratch
};

}  // namespace

Result<runtime::OperatorSpec> make_table(TableSpec spec) {
    MILLRACE_TRY_STATUS([&]() -> Status {
        MILLRACE_TRY(const RowStore probe, RowStore::open(spec.schema, spec.key_format));
        return Ok{};
    }());
    runtime::OperatorSpec made;
    made.name = "table";
    made.detail = spec.name;
    made.is_stateful = true;
    made.output = spec.schema;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<Table>(spec.schema,
                                       RowStore::open(spec.schema, spec.key_format).value());
    };
    return made;
}

}  // namespace millrace::operators
