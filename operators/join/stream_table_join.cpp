#include "operators/join/stream_table_join.h"

#include "operators/state/row_store.h"

namespace millrace::operators {

namespace {

constexpr runtime::StoreId kTableRows{0};
constexpr runtime::InputPort kStreamPort{0};

class StreamTableJoin final : public runtime::Operator {
  public:
    StreamTableJoin(const StreamTableJoinSpec& spec, RowStore table)
        : spec_(spec), table_(std::move(table)) {}

    /// Runs come in the rows' one order, so that working on them one after the other shows each
    /// stream row exactly the table rows before it.
    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            if (run.port == kStreamPort) {
                join(run, context);
            } else {
                update_table(run, context);
            }
        }
        context.set_state_bytes(table_.memory_bytes());
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        table_.stage(kTableRows, context);
        context.set_state_bytes(table_.memory_bytes());
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store != kTableRows) {
            return Error{ErrorCode::kCorruptJournal,
                         "a stream-table join has no store " + std::to_string(store.value)};
        }
        MILLRACE_TRY_STATUS(table_.restore(key, value));
        context.set_state_bytes(table_.memory_bytes());
        return Ok{};
    }

  private:
    void update_table(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        table_.load(batch, picked_.rows);
        const std::span<const ColumnPtr> values(batch.columns.data() + spec_.table->key.size(),
                                                spec_.table->value.size());
        for (std::size_t i = 0; i < picked_.rows.size(); ++i) {
            if (batch.has_value(picked_.rows[i])) {
                table_.put(i, values, picked_.rows[i]);
            } else {
                table_.remove(i);
            }
        }
    }

    void join(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, true, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        if (picked_.null_values > 0) {
            context.count_dropped("null_value", picked_.null_values);
        }
        table_.load(batch, picked_.rows);
        matches_.clear();
        std::size_t kept = 0;
        for (std::size_t i = 0; i < picked_.rows.size(); ++i) {
            const std::uint32_t match = table_.find(i);
            if (match != kNoKey || spec_.kind == JoinKind::kLeft) {
                picked_.rows[kept++] = picked_.rows[i];
                matches_.push_back(match);
            }
        }
        const std::size_t missed = picked_.rows.size() - kept;
        if (missed > 0 && !table_.ever_had_a_row()) {
            context.count_dropped("empty_table", missed);
        }
        picked_.rows.resize(kept);
        if (kept > 0) {
            context.emit(enrich(run.rows));
        }
    }

    /// The picked stream rows with their matches.
    RowBatchPtr enrich(const RowBatchPtr& batch) {
        const auto size = static_cast<std::uint32_t>(matches_.size());
        auto made = std::make_shared<RowBatch>(*gather_rows(batch, picked_.rows));
        made->schema = spec_.output;
        made->value_present = nullptr;  // all of these rows have a value
        made->old_values.clear();
        made->old_present = nullptr;
        const bool has_misses =
            std::find(matches_.begin(), matches_.end(), kNoKey) != matches_.end();
        for (std::size_t c = 0; c < spec_.table->key.size(); ++c) {
            const ColumnPtr key = made->columns[c];
            made->columns.push_back(has_misses ? without_misses(*key) : key);
        }
        std::vector<ColumnBuilder> values = make_builders(spec_.table->value, size);
        for (std::uint32_t i = 0; i < size; ++i) {
            if (matches_[i] != kNoKey) {
                table_.read(matches_[i], values, i);
                continue;
            }
            for (ColumnBuilder& builder : values) {
                builder.set_null(i);
            }
        }
        for (ColumnBuilder& builder : values) {
            made->columns.push_back(builder.finish(size));
        }
        return made;
    }

    /// The table's key is the stream's where there was a match, else null.
    [[nodiscard]] ColumnPtr without_misses(const Column& key) const {
        const auto size = static_cast<std::uint32_t>(matches_.size());
        ColumnBuilder builder(key.type(), size);
        for (std::uint32_t i = 0; i < size; ++i) {
            if (matches_[i] == kNoKey) {
                builder.set_null(i);
            } else {
                builder.copy_from(i, key, i);
            }
        }
        return builder.finish(size);
    }

    StreamTableJoinSpec spec_;
    RowStore table_;
    KeyedRows picked_;                    // scratch of one run
    std::vector<std::uint32_t> matches_;  // per picked row: the table's row or kNoKey
};

Status check(const StreamTableJoinSpec& spec) {
    const Schema& stream = *spec.stream;
    const Schema& table = *spec.table;
    if (keeps_right(spec.kind)) {
        return Error{ErrorCode::kSqlSemantic,
                     "join: a stream and a table are joined INNER or LEFT, not " +
                         std::string(name_of(spec.kind))};
    }
    if (stream.key.size() != table.key.size()) {
        return Error{ErrorCode::kSqlSemantic,
                     "join: stream and table have different numbers of key columns: " +
                         std::to_string(stream.key.size()) + " and " +
                         std::to_string(table.key.size())};
    }
    for (std::size_t i = 0; i < stream.key.size(); ++i) {
        if (!(stream.key[i].type == table.key[i].type)) {
            return Error{
                ErrorCode::kSqlSemantic,
                "join: key columns have different types: " + stream.key[i].type.to_string() +
                    " and " + table.key[i].type.to_string()};
        }
    }
    if (spec.output->size() != stream.size() + table.size()) {
        return Error{ErrorCode::kInvalidArgument,
                     "join: the output does not have the columns of both sides: " +
                         std::to_string(spec.output->size())};
    }
    return Ok{};
}

}  // namespace

Result<runtime::OperatorSpec> make_stream_table_join(StreamTableJoinSpec spec) {
    MILLRACE_TRY_STATUS(check(spec));
    MILLRACE_TRY_STATUS([&]() -> Status {
        MILLRACE_TRY(const RowStore probe, RowStore::open(spec.table, spec.key_format));
        return Ok{};
    }());
    runtime::OperatorSpec made;
    made.name = "stream-table join";
    made.detail = std::string(name_of(spec.kind)) + " JOIN " + quoted_name(spec.table_name);
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.key_format;
    made.factory = [spec = std::move(spec)](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<StreamTableJoin>(
            spec, RowStore::open(spec.table, spec.key_format).value());
    };
    return made;
}

}  // namespace millrace::operators
