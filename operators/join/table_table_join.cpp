#include "operators/join/table_table_join.h"

#include <algorithm>
#include <array>

#include "operators/join/timed_row_store.h"

namespace millrace::operators {

namespace {

using Bits = std::vector<std::uint64_t>;

void set_bit(Bits& bits, std::uint32_t row, bool value) {
    bits[row / 64] |= std::uint64_t{value} << (row % 64);
}

/// The results of one run, while they are collected.
struct Changes {
    Changes(const TimedRowStore& own, const TimedRowStore& other, std::uint32_t size)
        : before(own.make_row_builders(size)),
          partner(other.make_row_builders(size)),
          has_own(std::make_shared<Bits>((size + 63) / 64)),
          had_own(std::make_shared<Bits>((size + 63) / 64)),
          has_partner(std::make_shared<Bits>((size + 63) / 64)),
          is_there(std::make_shared<Bits>((size + 63) / 64)),
          was_there(std::make_shared<Bits>((size + 63) / 64)) {}

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(rows.size()); }

    std::vector<std::uint32_t> rows;     // of the batch
    std::vector<ColumnBuilder> before;   // this side's row before the change
    std::vector<ColumnBuilder> partner;  // the other side's row
    std::shared_ptr<Bits> has_own;
    std::shared_ptr<Bits> had_own;
    std::shared_ptr<Bits> has_partner;
    std::shared_ptr<Bits> is_there;  // the result
    std::shared_ptr<Bits> was_there;
};

std::vector<ColumnPtr> finish(std::vector<ColumnBuilder>& builders, std::uint32_t size) {
    std::vector<ColumnPtr> columns;
    columns.reserve(builders.size());
    for (ColumnBuilder& builder : builders) {
        columns.push_back(builder.finish(size));
    }
    return columns;
}

class TableTableJoin final : public runtime::Operator {
  public:
    TableTableJoin(const TableTableJoinSpec& spec, TimedRowStore left, TimedRowStore right)
        : spec_(spec), sides_{std::move(left), std::move(right)} {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            process_run(run, context);
        }
        tell_size(context);
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        for (std::uint16_t port = 0; port < 2; ++port) {
            sides_[port].rows().stage(runtime::StoreId{port}, context);
        }
        tell_size(context);
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store.value > 1) {
            return Error{ErrorCode::kCorruptJournal,
                         "a table-table join has no store " + std::to_string(store.value)};
        }
        MILLRACE_TRY_STATUS(sides_[store.value].rows().restore(key, value));
        tell_size(context);
        return Ok{};
    }

  private:
    void tell_size(runtime::OpContext& context) const {
        context.set_state_bytes(sides_[0].rows().memory_bytes() + sides_[1].rows().memory_bytes());
    }
    [[nodiscard]] bool keeps(std::size_t port) const {
        return port == 0 ? keeps_left(spec_.kind) : keeps_right(spec_.kind);
    }

    void process_run(const runtime::Run& run, runtime::OpContext& context) {
        const auto port = static_cast<std::size_t>(run.port.value);
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        const auto size = static_cast<std::uint32_t>(picked_.rows.size());
        if (size == 0) {
            return;
        }
        RowStore& own = sides_[port].rows();
        RowStore& other = sides_[1 - port].rows();
        const std::vector<ColumnPtr> stored = sides_[port].stored_columns(batch);
        own.load(batch, picked_.rows);
        other.load(batch, picked_.rows);
        Changes changes(sides_[port], sides_[1 - port], size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const std::uint32_t row = picked_.rows[i];
            const std::uint32_t before = own.find(i);
            add_change(port, row, batch.has_value(row), before, other.find(i), changes);
            if (batch.has_value(row)) {
                own.put(i, stored, row);
            } else {
                own.remove(i);
            }
        }
        if (changes.size() > 0) {
            emit(port, batch, changes, context);
        }
    }

    /// before, partner  ids of rows, or kNoKey
    void add_change(std::size_t port,
                    std::uint32_t row,
                    bool has_own,
                    std::uint32_t before,
                    std::uint32_t partner,
                    Changes& changes) {
        const bool had_own = before != kNoKey;
        const bool has_partner = partner != kNoKey;
        if (!has_partner && (!keeps(port) || (!has_own && !had_own))) {
            return;
        }
        const auto is_result = [&](bool own) {
            return (own && (has_partner || keeps(port))) || (has_partner && keeps(1 - port));
        };
        const std::uint32_t at = changes.size();
        changes.rows.push_back(row);
        set_bit(*changes.has_own, at, has_own);
        set_bit(*changes.had_own, at, had_own);
        set_bit(*changes.has_partner, at, has_partner);
        set_bit(*changes.is_there, at, is_result(has_own));
        set_bit(*changes.was_there, at, is_result(had_own));
        read(sides_[port].rows(), before, changes.before, at);
        read(sides_[1 - port].rows(), partner, changes.partner, at);
    }
    static void read(const RowStore& store,
                     std::uint32_t id,
                     std::vector<ColumnBuilder>& builders,
                     std::uint32_t at) {
        if (id != kNoKey) {
            store.read(id, builders, at);
            return;
        }
        for (ColumnBuilder& builder : builders) {
            builder.set_null(at);
        }
    }

    void emit(std::size_t port,
              const RowBatch& batch,
              Changes& changes,
              runtime::OpContext& context) const {
        const std::uint32_t size = changes.size();
        const std::size_t keys = spec_.output->key.size();
        const Schema& own_schema = port == 0 ? *spec_.left : *spec_.right;
        const std::vector<ColumnPtr> before = finish(changes.before, size);
        const std::vector<ColumnPtr> partner = finish(changes.partner, size);
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        gather_attributes(batch, changes.rows, *made);
        made->timestamps = later(*made->timestamps, *partner.back());
        for (std::size_t c = 0; c < keys; ++c) {
            made->columns.push_back(
                gather_column(batch.columns[c], own_schema.key[c].type, changes.rows));
        }
        const ValidityWords has_own = batch.value_present ? changes.has_own : nullptr;
        for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
            const JoinColumn& from = spec_.columns[i];
            const DataType& type = spec_.output->value[i].type;
            const bool is_own = from.port == static_cast<std::int32_t>(port);
            if (!is_own) {
                const ColumnPtr column =
                    from.column < keys
                        ? mask_column(made->columns[from.column], changes.has_partner)
                        : partner[from.column - keys];
                made->columns.push_back(column);
                made->old_values.push_back(column);
                continue;
            }
            made->columns.push_back(mask_column(
                gather_column(batch.columns[from.column], type, changes.rows), has_own));
            made->old_values.push_back(
                from.column < keys ? mask_column(made->columns[from.column], changes.had_own)
                                   : before[from.column - keys]);
        }
        made->value_present = std::move(changes.is_there);
        made->old_present = std::move(changes.was_there);
        context.emit(std::move(made));
    }
    static ColumnPtr later(const Column& own, const Column& partner) {
        const std::uint32_t size = own.size();
        ColumnBuilder times(TypeKind::kBigint, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            const auto time = own.at<std::int64_t>(i);
            times.set(i, partner.is_valid(i) ? std::max(time, partner.at<std::int64_t>(i)) : time);
        }
        return times.finish(size);
    }

    TableTableJoinSpec spec_;
    std::array<TimedRowStore, 2> sides_;  // by port
    KeyedRows picked_;                    // scratch of one run
};

}  // namespace

Result<runtime::OperatorSpec> make_table_table_join(TableTableJoinSpec spec) {
    MILLRACE_TRY_STATUS(check_join(*spec.left, *spec.right, *spec.output, spec.columns));
    for (const SchemaPtr& side : {spec.left, spec.right}) {
        const auto probe = TimedRowStore::open(*side, spec.key_format);
        if (!probe.ok()) {
            return probe.error();
        }
    }
    runtime::OperatorSpec made;
    made.name = "table-table join";
    made.detail = std::string(name_of(spec.kind)) + " JOIN";
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<TableTableJoin>(
            spec,
            TimedRowStore::open(*spec.left, spec.key_format).value(),
            TimedRowStore::open(*spec.right, spec.key_format).value());
    };
    return made;
}

}  // namespace millrace::operators
