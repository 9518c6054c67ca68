// Drives one operator by hand: rows in, lines of text out, deltas kept and replayed.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/row/value.h"
#include "runtime/graph.h"

namespace millrace::operators {

/// One input row. Values are key columns, then value columns; no value columns = a null value.
struct InputRow {
    std::int32_t port = 0;
    std::int64_t time = 0;
    std::vector<Value> values = {};
    bool has_value = true;
};

/// What an operator's context captured.
class CapturingContext final : public runtime::OpContext {
  public:
    void emit(RowBatchPtr rows) override {
        ASSERT_GT(rows->selected(), 0U);
        ASSERT_LE(rows->size, kRowBatchRowsMax);
        ASSERT_EQ(rows->columns.size(), rows->schema->size());
        for (const ColumnPtr& column : rows->columns) {
            ASSERT_EQ(column->size(), rows->size);
        }
        for (std::uint32_t i = 0; i < rows->selected(); ++i) {
            const std::uint32_t row = rows->row(i);
            const std::pair<std::uint64_t, std::uint32_t> order(rows->seq_at(row),
                                                                rows->sub_at(row));
            ASSERT_TRUE(!last_order || *last_order < order) << "rows out of order";
            last_order = order;
            lines.push_back(line_of(*rows, row));
            seqs.push_back(order);
        }
        batches.push_back(std::move(rows));
    }
    void report(const RowBatch& rows, const RowError& error) override {
        errors.push_back(std::to_string(rows.seq_at(error.row)) + ": " + error.message);
    }
    void stage_delta(runtime::StoreId store, ByteView key, std::optional<ByteView> value) override {
        const std::pair<std::uint16_t, std::string> at(store.value, as_text(key));
        ASSERT_TRUE(staged.insert(at).second) << "two deltas of one key in one barrier";
        if (value) {
            deltas[at] = std::string(as_text(*value));
        } else {
            ASSERT_EQ(deltas.erase(at), 1U) << "removes what was never there";
        }
    }
    void set_timer(Timestamp, ByteView) override {}
    void set_state_bytes(std::size_t bytes) override { state_bytes = bytes; }
    void count_dropped(std::string_view reason, std::uint64_t rows) override {
        dropped[std::string(reason)] += rows;
    }
    [[nodiscard]] Partition partition() const override { return Partition{0}; }

    /// "time [start,end) key | value" or "... | null"; with old values: " (was ...)".
    static std::string line_of(const RowBatch& rows, std::uint32_t row) {
        std::string text = std::to_string(rows.timestamp(row).value);
        if (rows.window_start) {
            text += " [" + std::to_string(rows.window_start->at<std::int64_t>(row)) + "," +
                    std::to_string(rows.window_end->at<std::int64_t>(row)) + ")";
        }
        const Schema& schema = *rows.schema;
        for (std::size_t c = 0; c < schema.key.size(); ++c) {
            text += " " + to_text(value_at(*rows.columns[c], row), schema.key[c].type);
        }
        text += " |";
        const auto values = [&](const ColumnPtr* columns) {
            for (std::size_t c = 0; c < schema.value.size(); ++c) {
                text += " " + to_text(value_at(*columns[c], row), schema.value[c].type);
            }
        };
        if (rows.has_value(row)) {
            values(rows.columns.data() + schema.key.size());
        } else {
            text += " null";
        }
        if (rows.had_value(row)) {
            text += " (was";
            values(rows.old_values.data());
            text += ")";
        }
        return text;
    }

    std::vector<RowBatchPtr> batches;
    std::vector<std::string> lines;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> seqs;
    std::vector<std::string> errors;
    std::map<std::string, std::uint64_t> dropped;
    std::map<std::pair<std::uint16_t, std::string>, std::string> deltas;  // as a log replays them
    std::set<std::pair<std::uint16_t, std::string>> staged;               // by this barrier
    std::optional<std::pair<std::uint64_t, std::uint32_t>> last_order;
    std::size_t state_bytes = 0;
};

/// How rows are cut.
struct Cut {
    std::uint32_t rows = 4096;  // most rows of a batch
    bool is_random = false;     // sizes between 1 and `rows`, several runs per call
    bool is_disguised = false;  // dictionary columns, rows that are not selected
    std::uint64_t seed = 1;
    double restart_chance = 0;  // of a barrier and a restart after a call
};

class OperatorHarness {
  public:
    OperatorHarness(Result<runtime::OperatorSpec> spec, std::vector<SchemaPtr> inputs)
        : spec_(std::move(spec).value()), inputs_(std::move(inputs)) {
        operator_ = spec_.factory(Partition{0});
    }

    CapturingContext& out() { return context_; }

    /// Feeds rows in their order.
    void feed(const std::vector<InputRow>& rows, const Cut& cut = {}) {
        SeededRandom random(cut.seed);
        std::vector<runtime::Run> runs;
        const auto process = [&] {
            ASSERT_TRUE(operator_->process(runs, context_).ok());
            runs.clear();
            if (cut.restart_chance > 0 &&
                static_cast<double>(random.below(1000)) < cut.restart_chance * 1000) {
                barrier();
                restart();
            }
        };
        for (std::size_t at = 0; at < rows.size();) {
            const std::size_t most = cut.is_random ? 1 + random.below(cut.rows) : cut.rows;
            std::size_t end = at + 1;
            while (end < rows.size() && end - at < most && rows[end].port == rows[at].port) {
                ++end;
            }
            add_runs({rows.begin() + static_cast<std::ptrdiff_t>(at),
                      rows.begin() + static_cast<std::ptrdiff_t>(end)},
                     cut,
                     random,
                     runs);
            at = end;
            if (!cut.is_random || random.below(3) == 0 || at == rows.size()) {
                process();
            }
        }
    }

    void barrier() {
        context_.staged.clear();
        const Status status = operator_->on_barrier(runtime::Epoch{++epoch_}, context_);
        ASSERT_TRUE(status.ok());
    }
    /// A new instance from the committed deltas.
    void restart() {
        operator_ = spec_.factory(Partition{0});
        for (const auto& [at, value] : context_.deltas) {
            const Status status = operator_->restore(
                runtime::StoreId{at.first}, as_bytes(at.second), as_bytes(value), context_);
            ASSERT_TRUE(status.ok()) << status.error().message;
        }
    }
    [[nodiscard]] Status restore(std::uint16_t store, std::string_view key, ByteView value) {
        return operator_->restore(runtime::StoreId{store}, as_bytes(key), value, context_);
    }
    void end_of_input() {
        ASSERT_TRUE(
            operator_
                ->on_time({.kind = runtime::TimeUpdate::Kind::kEndOfInput, .time = Timestamp{0}},
                          context_)
                .ok());
    }

    /// A batch of the rows; `disguise` hides them among others behind a selection.
    RowBatchPtr make_batch(const std::vector<InputRow>& rows, bool disguise = false) {
        const SchemaPtr& schema = inputs_[static_cast<std::size_t>(rows[0].port)];
        const auto size = static_cast<std::uint32_t>(rows.size());
        auto batch = std::make_shared<RowBatch>();
        batch->schema = schema;
        batch->size = size;
        for (std::size_t c = 0; c < schema->size(); ++c) {
            ColumnBuilder builder(schema->field(c).type, size);
            for (std::uint32_t i = 0; i < size; ++i) {
                const bool is_there = c < rows[i].values.size();
                set_value(builder, i, is_there ? rows[i].values[c] : Value());
            }
            batch->columns.push_back(builder.finish(size));
        }
        ColumnBuilder times(TypeKind::kBigint, size);
        ColumnBuilder seqs(TypeKind::kBigint, size);
        auto present = std::make_shared<std::vector<std::uint64_t>>((size + 63) / 64);
        bool all_present = true;
        for (std::uint32_t i = 0; i < size; ++i) {
            times.set(i, rows[i].time);
            seqs.set(i, static_cast<std::int64_t>(next_seq_++));
            if (rows[i].has_value) {
                (*present)[i / 64] |= std::uint64_t{1} << (i % 64);
            } else {
                all_present = false;
            }
        }
        batch->timestamps = times.finish(size);
        batch->seq = seqs.finish(size);
        batch->value_present = all_present ? nullptr : present;
        return disguise ? disguised(*batch) : batch;
    }

  private:
    /// Every row twice, as dictionaries, only the second one selected.
    static RowBatchPtr disguised(const RowBatch& plain) {
        auto batch = std::make_shared<RowBatch>(plain);
        batch->size = plain.size * 2;
        std::vector<std::uint32_t> indices(batch->size);
        std::vector<std::uint32_t> selected(plain.size);
        auto present = std::make_shared<std::vector<std::uint64_t>>((batch->size + 63) / 64);
        for (std::uint32_t i = 0; i < plain.size; ++i) {
            indices[2 * i] = plain.size - 1 - i;
            indices[2 * i + 1] = i;
            selected[i] = 2 * i + 1;
            (*present)[selected[i] / 64] |= std::uint64_t{plain.has_value(i)} << (selected[i] % 64);
        }
        const auto spread = [&](ColumnPtr& column) {
            column = Column::dictionary(column, indices.data(), batch->size);
        };
        for (ColumnPtr& column : batch->columns) {
            spread(column);
        }
        spread(batch->timestamps);
        spread(batch->seq);
        batch->value_present = plain.value_present ? present : nullptr;
        batch->selection = std::make_shared<const std::vector<std::uint32_t>>(selected);
        return batch;
    }

    void add_runs(const std::vector<InputRow>& rows,
                  const Cut& cut,
                  Random& random,
                  std::vector<runtime::Run>& runs) {
        const bool disguise = cut.is_disguised && rows.size() <= 2048 && random.below(2) == 0;
        const RowBatchPtr batch = make_batch(rows, disguise);
        const auto size = static_cast<std::uint32_t>(rows.size());
        const runtime::InputPort port{rows[0].port};
        const auto middle =
            cut.is_random ? static_cast<std::uint32_t>(random.below(size + 1)) : size;
        if (middle > 0) {
            runs.push_back({.port = port, .rows = batch, .begin = 0, .end = middle});
        }
        if (middle < size) {
            runs.push_back({.port = port, .rows = batch, .begin = middle, .end = size});
        }
    }

    runtime::OperatorSpec spec_;
    std::vector<SchemaPtr> inputs_;
    std::unique_ptr<runtime::Operator> operator_;
    CapturingContext context_;
    std::uint64_t epoch_ = 0;
    std::uint64_t next_seq_ = 1;
};

/// The ways to cut that must not show in the output.
inline std::vector<Cut> all_cuts() {
    return {
        {.rows = 1},
        {.rows = 2},
        {.rows = 7},
        {.rows = 4096},
        {.rows = 300, .is_random = true, .seed = 11},
        {.rows = 40, .is_random = true, .is_disguised = true, .seed = 12},
        {.rows = 2000, .is_random = true, .is_disguised = true, .seed = 13},
        {.rows = 200, .is_random = true, .seed = 14, .restart_chance = 0.3},
        {.rows = 30, .is_random = true, .is_disguised = true, .seed = 15, .restart_chance = 0.03}};
}

inline SchemaPtr make_schema(std::vector<Field> key,
                             std::vector<Field> value,
                             WindowInfo window = {}) {
    return std::make_shared<const Schema>(
        Schema{.key = std::move(key), .value = std::move(value), .window = window});
}

using Lines = std::vector<std::string>;

/// Out of line: g++ 12 sees uninitialized variants in inlined moves of temporaries.
[[gnu::noinline]] inline void add_value(std::vector<Value>& values, const Value& value) {
    values.push_back(value);
}

}  // namespace millrace::operators
