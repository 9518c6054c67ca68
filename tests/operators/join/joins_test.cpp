// Stream-stream, table-table and foreign-key joins against models that take one row at a time.
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "operators/join/foreign_key_join.h"
#include "operators/join/stream_stream_join.h"
#include "operators/join/table_table_join.h"
#include "tests/operators/operator_harness.h"

namespace millrace::operators {
namespace {

constexpr std::size_t kRows = 10'000;
const FormatSpec kKeyFormat{.format = Format::kKafka, .wrap_single = false};

Value key_value(std::int32_t key, TypeKind type) {
    return type == TypeKind::kInt ? Value(key) : Value("k" + std::to_string(key));
}
std::string key_text(std::optional<std::int32_t> key, TypeKind type) {
    return !key                     ? "NULL"
           : type == TypeKind::kInt ? std::to_string(*key)
                                    : "k" + std::to_string(*key);
}
std::string text_of(std::optional<std::int32_t> value) {
    return value ? std::to_string(*value) : "NULL";
}

/// A row of either side: an integer key, an integer value.
struct Row {
    std::int32_t port = 0;
    std::optional<std::int32_t> key;
    std::optional<std::int32_t> value;
    std::int64_t time = 0;

    [[nodiscard]] InputRow input(TypeKind type) const {
        InputRow row{.port = port, .time = time, .has_value = value.has_value()};
        add_value(row.values, key ? key_value(*key, type) : Value());
        if (value) {
            add_value(row.values, *value);
        }
        return row;
    }
};

SchemaPtr side_schema(TypeKind type, const std::string& name) {
    return make_schema({{name, type}}, {{name + "V", TypeKind::kInt}});
}
/// Key; the left key and value, the right key and value.
SchemaPtr joined_schema(TypeKind type) {
    return make_schema({{"ROWKEY", type}},
                       {{"L", type}, {"LV", TypeKind::kInt}, {"R", type}, {"RV", TypeKind::kInt}});
}
const std::vector<JoinColumn> kBothSides{{0, 0}, {0, 1}, {1, 0}, {1, 1}};

std::vector<InputRow> inputs_of(const std::vector<Row>& rows, TypeKind type) {
    std::vector<InputRow> inputs;
    for (const Row& row : rows) {
        inputs.push_back(row.input(type));
    }
    return inputs;
}

void expect_lines(const Lines& lines, const Lines& expected, const Cut& cut) {
    for (std::size_t i = 0; i < std::min(lines.size(), expected.size()); ++i) {
        ASSERT_EQ(lines[i], expected[i])
            << "line " << i << ", cut " << cut.seed << " of " << cut.rows;
    }
    ASSERT_EQ(lines.size(), expected.size()) << "cut " << cut.seed << " of " << cut.rows;
}

// Stream-stream

struct StreamCase {
    JoinKind kind = JoinKind::kInner;
    std::int64_t before = 0;
    std::int64_t after = 0;
    std::optional<std::int64_t> grace;
};

/// Keeps every row; looks at all of them each time.
class StreamModel {
  public:
    StreamModel(const StreamCase& join, TypeKind type) : join_(join), type_(type) {}

    void take(const Row& row) {
        const int port = row.port;
        const std::int64_t t = row.time;
        const bool is_kept = port == 0 ? keeps_left(join_.kind) : keeps_right(join_.kind);
        if (row.key && row.value) {
            newest_[port] = std::max(newest_[port], t);
            kept_[port].push_back(row);
        }
        time_ = std::max(time_, t);
        if (!row.value) {
            return;
        }
        if (!row.key) {
            if (is_kept) {
                alone(port, row);
            }
            return;
        }
        const bool waits = join_.grace && join_.kind != JoinKind::kInner;
        if (waits && t == time_) {
            give_up(port);
        }
        const std::int64_t before = port == 0 ? join_.before : join_.after;
        const std::int64_t after = port == 0 ? join_.after : join_.before;
        const std::int64_t oldest =
            newest_[1 - port] -
            (join_.before + join_.after + join_.grace.value_or(kDefaultJoinGraceMs)) + 1;
        std::vector<Row> partners;
        for (const Row& other : kept_[1 - port]) {
            if (other.key == row.key && other.time >= oldest && other.time >= t - before &&
                other.time <= t + after) {
                partners.push_back(other);
            }
        }
        std::stable_sort(partners.begin(), partners.end(), [](const Row& a, const Row& b) {
            return a.time < b.time;
        });
        for (const Row& other : partners) {
            waiting_.erase({other.time, rank(1 - port), bytes_of(*other.key)});
            const Row& left = port == 0 ? row : other;
            const Row& right = port == 0 ? other : row;
            add(std::max(t, other.time), row.key, left, right);
        }
        if (!partners.empty() || !is_kept) {
            return;
        }
        if (waits && t + after >= time_) {
            first_ = std::min(first_, t);
            waiting_[{t, rank(port), bytes_of(*row.key)}].push_back(row);
        } else {
            alone(port, row);
        }
    }
    [[nodiscard]] const Lines& lines() const { return lines_; }

  private:
    using Waiting = std::tuple<std::int64_t, int, std::string>;

    [[nodiscard]] int rank(int port) const {
        return (join_.kind == JoinKind::kRight ? 1 - port : port) == 0 ? 1 : 0;
    }
    [[nodiscard]] std::string bytes_of(std::int32_t key) const {
        if (type_ != TypeKind::kInt) {
            return "k" + std::to_string(key);
        }
        std::string bytes(4, '\0');
        store_be(reinterpret_cast<std::byte*>(bytes.data()), key);
        return bytes;
    }
    void add(std::int64_t time,
             std::optional<std::int32_t> key,
             const std::optional<Row>& left,
             const std::optional<Row>& right) {
        std::string line = std::to_string(time) + " " + key_text(key, type_) + " |";
        for (const std::optional<Row>& side : {left, right}) {
            line +=
                side ? " " + key_text(side->key, type_) + " " + text_of(side->value) : " NULL NULL";
        }
        lines_.push_back(line);
    }
    void alone(int port, const Row& row) {
        add(row.time,
            row.key,
            port == 0 ? std::optional(row) : std::nullopt,
            port == 0 ? std::nullopt : std::optional(row));
    }
    void give_up(int port) {
        const std::int64_t after = port == 0 ? join_.after : join_.before;
        if (first_ + after + *join_.grace >= time_) {
            return;
        }
        first_ = std::numeric_limits<std::int64_t>::max() / 2;
        std::set<int> open;
        std::vector<Waiting> done;
        for (const auto& [key, rows] : waiting_) {
            if (open.size() == 2) {
                break;
            }
            const std::int64_t t = std::get<0>(key);
            first_ = t;
            const int side = rank(0) == std::get<1>(key) ? 0 : 1;
            const std::int64_t reach = side == 0 ? join_.after : join_.before;
            if (t + reach + *join_.grace >= time_) {
                open.insert(side);
                continue;
            }
            for (const Row& row : rows) {
                alone(side, row);
            }
            done.push_back(key);
        }
        for (const Waiting& key : done) {
            waiting_.erase(key);
        }
    }

    StreamCase join_;
    TypeKind type_;
    std::int64_t time_ = -1;
    std::int64_t newest_[2] = {-1, -1};
    std::int64_t first_ = std::numeric_limits<std::int64_t>::max() / 2;
    std::vector<Row> kept_[2];
    std::map<Waiting, std::vector<Row>> waiting_;
    Lines lines_;
};

std::vector<Row> stream_rows(std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<Row> rows;
    std::int64_t clock = 0;
    for (std::size_t n = 0; n < count; ++n) {
        clock += static_cast<std::int64_t>(random.below(100) == 0 ? random.below(4000)
                                                                  : random.below(12));
        Row row;
        row.port = static_cast<std::int32_t>(random.below(2));
        row.time = clock;
        if (random.below(4) == 0) {
            row.time -= static_cast<std::int64_t>(random.below(random.below(8) == 0 ? 3000 : 60));
            row.time = std::max<std::int64_t>(0, row.time);
        }
        if (random.below(40) != 0) {
            row.key = static_cast<std::int32_t>(random.below(30)) - 10;
        }
        if (random.below(30) != 0) {
            row.value = static_cast<std::int32_t>(n);
        }
        rows.push_back(row);
    }
    return rows;
}

class StreamStreamJoins : public testing::TestWithParam<StreamCase> {};

TEST_P(StreamStreamJoins, EqualAModelThatTakesOneRowAtATime) {
    for (const TypeKind type : {TypeKind::kInt, TypeKind::kString}) {
        // Without grace every row stays for a day: the model looks at all of them.
        const std::vector<Row> rows = stream_rows(kRows, 17);
        StreamModel model(GetParam(), type);
        for (const Row& row : rows) {
            model.take(row);
        }
        ASSERT_GT(model.lines().size(), 300U);
        const std::vector<InputRow> inputs = inputs_of(rows, type);
        for (const Cut& cut : all_cuts()) {
            OperatorHarness harness(make_stream_stream_join({.left = side_schema(type, "L"),
                                                             .right = side_schema(type, "R"),
                                                             .kind = GetParam().kind,
                                                             .before_ms = GetParam().before,
                                                             .after_ms = GetParam().after,
                                                             .grace_ms = GetParam().grace,
                                                             .output = joined_schema(type),
                                                             .columns = kBothSides,
                                                             .key_format = kKeyFormat}),
                                    {side_schema(type, "L"), side_schema(type, "R")});
            harness.feed(inputs, cut);
            expect_lines(harness.out().lines, model.lines(), cut);
            if (HasFatalFailure()) {
                return;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         StreamStreamJoins,
                         testing::Values(StreamCase{JoinKind::kInner, 40, 40, {}},
                                         StreamCase{JoinKind::kInner, 30, 10, 50},
                                         StreamCase{JoinKind::kLeft, 30, 30, {}},
                                         StreamCase{JoinKind::kRight, 10, 40, {}},
                                         StreamCase{JoinKind::kFull, 40, 20, {}},
                                         StreamCase{JoinKind::kLeft, 30, 10, 60},
                                         StreamCase{JoinKind::kRight, 20, 40, 30},
                                         StreamCase{JoinKind::kFull, 15, 45, 20},
                                         StreamCase{JoinKind::kFull, 25, 25, 0}));

TEST(StreamStreamJoin, ForgetsRowsThatNobodyCanJoinAnyMore) {
    OperatorHarness harness(make_stream_stream_join({.left = side_schema(TypeKind::kInt, "L"),
                                                     .right = side_schema(TypeKind::kInt, "R"),
                                                     .before_ms = 10,
                                                     .after_ms = 10,
                                                     .grace_ms = 10,
                                                     .output = joined_schema(TypeKind::kInt),
                                                     .columns = kBothSides,
                                                     .key_format = kKeyFormat}),
                            {side_schema(TypeKind::kInt, "L"), side_schema(TypeKind::kInt, "R")});
    for (std::int32_t n = 0; n < 5000; ++n) {
        harness.feed({Row{n % 2, n, n, n}.input(TypeKind::kInt)});
        if (n % 100 == 99) {
            harness.barrier();
        }
    }
    EXPECT_LT(harness.out().deltas.size(), 100U);
    EXPECT_LT(harness.out().state_bytes, 60'000U);
}

// Table-table

class TableModel {
  public:
    TableModel(JoinKind kind, TypeKind type) : kind_(kind), type_(type) {}

    void take(const Row& row) {
        if (!row.key) {
            return;
        }
        auto& own = sides_[row.port];
        const auto& other = sides_[1 - row.port];
        const auto before = own.find(*row.key);
        const std::optional<Row> old =
            before == own.end() ? std::nullopt : std::optional(before->second);
        const auto found = other.find(*row.key);
        const std::optional<Row> partner =
            found == other.end() ? std::nullopt : std::optional(found->second);
        const std::optional<Row> now = row.value ? std::optional(row) : std::nullopt;
        const bool keeps_own = row.port == 0 ? keeps_left(kind_) : keeps_right(kind_);
        if (partner || (keeps_own && (now || old))) {
            const std::int64_t time = partner ? std::max(row.time, partner->time) : row.time;
            const auto is = result(row.port, now, partner);
            const auto was = result(row.port, old, partner);
            lines_.push_back(std::to_string(time) + " " + key_text(row.key, type_) + " |" +
                             is.value_or(" null") + (was ? " (was" + *was + ")" : ""));
        }
        if (now) {
            own[*row.key] = row;
        } else {
            own.erase(*row.key);
        }
    }
    [[nodiscard]] const Lines& lines() const { return lines_; }

  private:
    [[nodiscard]] std::optional<std::string> result(int port,
                                                    const std::optional<Row>& own,
                                                    const std::optional<Row>& other) const {
        const std::optional<Row>& left = port == 0 ? own : other;
        const std::optional<Row>& right = port == 0 ? other : own;
        if ((!left && !keeps_right(kind_)) || (!right && !keeps_left(kind_)) || (!left && !right)) {
            return std::nullopt;
        }
        std::string text;
        for (const std::optional<Row>& side : {left, right}) {
            text +=
                side ? " " + key_text(side->key, type_) + " " + text_of(side->value) : " NULL NULL";
        }
        return text;
    }

    JoinKind kind_;
    TypeKind type_;
    std::map<std::int32_t, Row> sides_[2];
    Lines lines_;
};

class TableTableJoins : public testing::TestWithParam<JoinKind> {};

TEST_P(TableTableJoins, EqualAModelThatTakesOneRowAtATime) {
    for (const TypeKind type : {TypeKind::kInt, TypeKind::kString}) {
        SeededRandom random(23);
        std::vector<Row> rows;
        TableModel model(GetParam(), type);
        for (std::size_t n = 0; n < kRows; ++n) {
            Row row{.port = static_cast<std::int32_t>(random.below(2)),
                    .time = static_cast<std::int64_t>(random.below(1000))};
            if (random.below(50) != 0) {
                row.key = static_cast<std::int32_t>(random.below(60)) - 20;
            }
            if (random.below(3) != 0) {
                row.value = static_cast<std::int32_t>(n);
            }
            rows.push_back(row);
            model.take(row);
        }
        const std::vector<InputRow> inputs = inputs_of(rows, type);
        for (const Cut& cut : all_cuts()) {
            OperatorHarness harness(make_table_table_join({.left = side_schema(type, "L"),
                                                           .right = side_schema(type, "R"),
                                                           .kind = GetParam(),
                                                           .output = joined_schema(type),
                                                           .columns = kBothSides,
                                                           .key_format = kKeyFormat}),
                                    {side_schema(type, "L"), side_schema(type, "R")});
            harness.feed(inputs, cut);
            expect_lines(harness.out().lines, model.lines(), cut);
            if (HasFatalFailure()) {
                return;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    TableTableJoins,
    testing::Values(JoinKind::kInner, JoinKind::kLeft, JoinKind::kRight, JoinKind::kFull));

// Foreign key: left rows are (key, value, foreign key).

struct LeftRow {
    std::int32_t key = 0;
    std::int32_t value = 0;
    std::optional<std::int32_t> foreign_key;
    std::int64_t time = 0;
};

class ForeignKeyModel {
  public:
    explicit ForeignKeyModel(JoinKind kind) : kind_(kind) {}

    void take_left(std::int32_t key, const std::optional<LeftRow>& now, std::int64_t time) {
        const auto at = left_.find(key);
        const std::optional<LeftRow> old =
            at == left_.end() ? std::nullopt : std::optional(at->second);
        const bool is_left = kind_ == JoinKind::kLeft;
        if (now) {
            left_[key] = *now;
        } else {
            left_.erase(key);
        }
        const bool had_key = old && old->foreign_key;
        const bool has_key = now && now->foreign_key;
        if (is_left ? !old && !now : !had_key && !has_key) {
            return;
        }
        const bool has_right = has_key && right_.count(*now->foreign_key) != 0;
        if (!is_left && !had_key && !has_right) {
            return;
        }
        answer(key, now, time);
    }
    void take_right(std::int32_t key, std::optional<std::int32_t> value, std::int64_t time) {
        if (value) {
            right_[key] = {*value, time};
        } else {
            right_.erase(key);
        }
        std::map<std::string, std::int32_t> subscribers;  // by the bytes of their keys
        for (const auto& [left_key, row] : left_) {
            if (row.foreign_key == key) {
                std::string bytes(4, '\0');
                store_be(reinterpret_cast<std::byte*>(bytes.data()), left_key);
                subscribers[bytes] = left_key;
            }
        }
        for (const auto& [bytes, left_key] : subscribers) {
            answer(left_key, left_[left_key], std::max(time, left_[left_key].time));
        }
    }
    [[nodiscard]] const Lines& lines() const { return lines_; }

  private:
    void answer(std::int32_t key, const std::optional<LeftRow>& row, std::int64_t time) {
        const auto right = row && row->foreign_key ? right_.find(*row->foreign_key) : right_.end();
        if (right != right_.end()) {
            time = std::max(time, right->second.second);
        }
        std::string line = std::to_string(time) + " " + std::to_string(key) + " |";
        if (!row || (right == right_.end() && kind_ == JoinKind::kInner)) {
            line += " null";
        } else {
            line += " " + std::to_string(row->value);
            line += right == right_.end() ? " NULL NULL"
                                          : " " + std::to_string(right->first) + " " +
                                                std::to_string(right->second.first);
        }
        lines_.push_back(line);
    }

    JoinKind kind_;
    std::map<std::int32_t, LeftRow> left_;
    std::map<std::int32_t, std::pair<std::int32_t, std::int64_t>> right_;
    Lines lines_;
};

/// Both steps as one operator, as if there were one partition.
class BothSteps final : public runtime::Operator {
  public:
    BothSteps(const runtime::OperatorSpec& subscribe, const runtime::OperatorSpec& join)
        : subscribe_(subscribe.factory(Partition{0})), join_(join.factory(Partition{0})) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            if (run.port == runtime::InputPort{0}) {
                Between between(*join_, context);
                MILLRACE_TRY_STATUS(subscribe_->process({&run, 1}, between));
            } else {
                MILLRACE_TRY_STATUS(join_->process({&run, 1}, context));
            }
        }
        return Ok{};
    }
    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        Between between(*join_, context);
        MILLRACE_TRY_STATUS(subscribe_->on_barrier(epoch, between));
        return join_->on_barrier(epoch, context);
    }
    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        return store.value >= kSubscribe
                   ? subscribe_->restore(
                         runtime::StoreId{static_cast<std::uint16_t>(store.value - kSubscribe)},
                         key,
                         value,
                         context)
                   : join_->restore(store, key, value, context);
    }

  private:
    static constexpr std::uint16_t kSubscribe = 10;  // its stores come behind

    class Between final : public runtime::OpContext {
      public:
        Between(runtime::Operator& join, runtime::OpContext& context)
            : join_(join), context_(context) {}
        void emit(RowBatchPtr rows) override {
            const runtime::Run run{runtime::InputPort{0}, rows, 0, rows->selected()};
            ASSERT_TRUE(join_.process({&run, 1}, context_).ok());
        }
        void report(const RowBatch& rows, const RowError& error) override {
            context_.report(rows, error);
        }
        void stage_delta(runtime::StoreId store,
                         ByteView key,
                         std::optional<ByteView> value) override {
            context_.stage_delta(
                runtime::StoreId{static_cast<std::uint16_t>(store.value + kSubscribe)}, key, value);
        }
        void set_timer(Timestamp, ByteView) override {}
        void set_state_bytes(std::size_t) override {}
        void count_dropped(std::string_view, std::uint64_t) override {}
        [[nodiscard]] Partition partition() const override { return Partition{0}; }

      private:
        runtime::Operator& join_;
        runtime::OpContext& context_;
    };

    std::unique_ptr<runtime::Operator> subscribe_;
    std::unique_ptr<runtime::Operator> join_;
};

class ForeignKeyJoins : public testing::TestWithParam<JoinKind> {};

TEST_P(ForeignKeyJoins, EqualAModelThatTakesOneRowAtATime) {
    const SchemaPtr left =
        make_schema({{"ID", TypeKind::kInt}}, {{"V", TypeKind::kInt}, {"FK", TypeKind::kInt}});
    const SchemaPtr right = make_schema({{"R", TypeKind::kInt}}, {{"RV", TypeKind::kInt}});
    const SchemaPtr output =
        make_schema({{"ID", TypeKind::kInt}},
                    {{"V", TypeKind::kInt}, {"R", TypeKind::kInt}, {"RV", TypeKind::kInt}});
    SeededRandom random(29);
    std::vector<InputRow> inputs;
    ForeignKeyModel model(GetParam());
    for (std::size_t n = 0; n < kRows; ++n) {
        const auto time = static_cast<std::int64_t>(random.below(1000));
        const auto number = static_cast<std::int32_t>(n);
        const bool has_value = random.below(4) != 0;
        if (random.below(4) == 0) {
            const auto key = static_cast<std::int32_t>(random.below(12)) - 4;
            InputRow row{.port = 1, .time = time, .has_value = has_value};
            add_value(row.values, key);
            if (has_value) {
                add_value(row.values, number);
            }
            inputs.push_back(row);
            model.take_right(key, has_value ? std::optional(number) : std::nullopt, time);
            continue;
        }
        const auto key = static_cast<std::int32_t>(random.below(80)) - 30;
        InputRow row{.port = 0, .time = time, .has_value = has_value};
        add_value(row.values, key);
        std::optional<LeftRow> now;
        if (has_value) {
            now = LeftRow{.key = key, .value = number, .time = time};
            if (random.below(10) != 0) {
                now->foreign_key = static_cast<std::int32_t>(random.below(12)) - 4;
            }
            add_value(row.values, number);
            add_value(row.values, now->foreign_key ? Value(*now->foreign_key) : Value());
        }
        inputs.push_back(row);
        model.take_left(key, now, time);
    }
    for (const Cut& cut : all_cuts()) {
        const auto subscribe = make_subscribe({.left = left,
                                               .kind = GetParam(),
                                               .left_key_format = kKeyFormat,
                                               .right_key_format = kKeyFormat});
        const auto join = make_foreign_key_join({.left = subscription_schema(*left),
                                                 .right = right,
                                                 .left_keys = 1,
                                                 .kind = GetParam(),
                                                 .output = output,
                                                 .columns = {{0, 1}, {1, 0}, {1, 1}},
                                                 .left_key_format = kKeyFormat,
                                                 .right_key_format = kKeyFormat});
        runtime::OperatorSpec both = join.value();
        both.factory = [&](Partition) -> std::unique_ptr<runtime::Operator> {
            return std::make_unique<BothSteps>(subscribe.value(), join.value());
        };
        OperatorHarness harness(both, {left, right});
        harness.feed(inputs, cut);
        expect_lines(harness.out().lines, model.lines(), cut);
        if (HasFatalFailure()) {
            return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         ForeignKeyJoins,
                         testing::Values(JoinKind::kInner, JoinKind::kLeft));

}  // namespace
}  // namespace millrace::operators
