#include "core/row/column.h"

#include <gtest/gtest.h>

#include "core/row/row_batch.h"
#include "tests/core/row/row_test_support.h"

namespace millrace {
namespace {

using Kind = TypeKind;

std::vector<Value> values_of(const ColumnPtr& column) {
    std::vector<Value> values;
    for (std::uint32_t row = 0; row < column->size(); ++row) {
        values.push_back(value_at(*column, row));
    }
    return values;
}

const std::string kLong = "a string that is too long to be inline";

TEST(StringRef, IsInlineUpToTwelveBytes) {
    const StringRef small(std::string_view("twelve bytes"));
    EXPECT_TRUE(small.is_inline());
    EXPECT_EQ(small.view(), "twelve bytes");
    const StringRef large{std::string_view(kLong)};
    EXPECT_FALSE(large.is_inline());
    EXPECT_EQ(large.data(), kLong.data());
    const std::string copy = kLong;
    EXPECT_EQ(large, StringRef{std::string_view(copy)});
    EXPECT_FALSE(large == small);
    EXPECT_LT(compare(large, small), 0);
}

TEST(ColumnBuilder, KeepsNullsWhenItGrows) {
    ColumnBuilder builder(Kind::kInt, 3);
    builder.set_null(1);
    for (std::uint32_t row = 2; row < 1000; ++row) {
        if (row % 3 == 0) {
            builder.set_null(row);
        } else {
            builder.set(row, static_cast<std::int32_t>(row));
        }
    }
    const ColumnPtr column = builder.finish(1000);
    EXPECT_EQ(value_at(*column, 0), Value(0));
    EXPECT_FALSE(column->is_valid(1));
    for (std::uint32_t row = 2; row < 1000; ++row) {
        ASSERT_EQ(column->is_valid(row), row % 3 != 0) << row;
    }
    EXPECT_EQ(value_at(*column, 998), Value(998));
}

TEST(ColumnBuilder, IsEmptyAndUsableAfterFinish) {
    ColumnBuilder builder(Kind::kString);
    builder.set_text(0, kLong);
    builder.set_null(1);
    const ColumnPtr first = builder.finish(2);
    builder.set_text(0, "b");
    const ColumnPtr second = builder.finish(2);
    EXPECT_EQ(values_of(first), (std::vector<Value>{kLong, Value()}));
    EXPECT_EQ(values_of(second), (std::vector<Value>{"b", ""}));
    EXPECT_FALSE(second->may_have_nulls());
}

TEST(ColumnBuilder, ListsThatWereSetCanStillBecomeNull) {
    ColumnBuilder builder(DataType::array(Kind::kInt));
    set_value(builder, 0, Value::List{1, 2});
    set_value(builder, 1, Value::List{3});
    builder.set_null(1);
    set_value(builder, 2, Value::List{4});
    const ColumnPtr column = builder.finish(4);
    EXPECT_EQ(values_of(column),
              (std::vector<Value>{Value::List{1, 2}, Value(), Value::List{4}, Value::List{}}));
}

TEST(ColumnBuilder, RewindForgetsRowsAndWhatIsInThem) {
    ColumnBuilder builder(DataType::array(DataType::array(Kind::kString)));
    const Value first(Value::List{Value::List{"a"}, Value(), Value::List{"b", Value()}});
    set_value(builder, 0, first);
    // A row that failed half way: children are filled, the list itself is not set.
    set_value(builder.child(0), builder.list_elements(), Value::List{Value(), "x"});
    builder.child(0).set_null(builder.list_elements() + 1);
    builder.rewind(1);
    set_value(builder, 1, Value::List{Value::List{"c"}, Value::List{"d"}});
    set_value(builder, 2, Value());
    builder.rewind(2);
    set_value(builder, 2, Value::List{Value::List{"e"}});
    EXPECT_EQ(values_of(builder.finish(3)),
              (std::vector<Value>{first,
                                  Value::List{Value::List{"c"}, Value::List{"d"}},
                                  Value::List{Value::List{"e"}}}));
}

TEST(Column, OfNoRowsHasItsFirstOffset) {
    ColumnBuilder builder(DataType::array(Kind::kInt));
    const ColumnPtr column = builder.finish(0);
    EXPECT_EQ(column->values<std::uint32_t>()[0], 0U);
}

TEST(Column, ConstantRepeatsOneRow) {
    const ColumnPtr base = column_of(Kind::kString, {"a", kLong, Value()});
    EXPECT_EQ(values_of(Column::constant(base, 1, 3)), (std::vector<Value>(3, kLong)));
    EXPECT_EQ(values_of(Column::constant(base, 2, 2)), (std::vector<Value>(2)));
    EXPECT_EQ(values_of(Column::nulls(DataType::array(Kind::kInt), 2)), (std::vector<Value>(2)));
    const ColumnPtr list = column_of(DataType::array(Kind::kInt), {Value::List{1}, Value::List{2}});
    EXPECT_EQ(values_of(Column::constant(list, 1, 2)), (std::vector<Value>(2, Value::List{2})));
}

TEST(Column, DictionaryOfADictionaryIsOne) {
    const ColumnPtr base = column_of(Kind::kString, {"a", "b", Value(), kLong});
    const std::uint32_t outer[] = {3, 2, 1};
    const std::uint32_t inner[] = {2, 2, 0, 1};
    const ColumnPtr both = Column::dictionary(Column::dictionary(base, outer, 3), inner, 4);
    EXPECT_EQ(both->base(), base);
    EXPECT_EQ(values_of(both), (std::vector<Value>{"b", "b", kLong, Value()}));
    const ColumnPtr constant = Column::dictionary(Column::constant(base, 0, 9), inner, 4);
    EXPECT_EQ(constant->encoding(), Encoding::kConstant);
    EXPECT_EQ(values_of(constant), (std::vector<Value>(4, "a")));
}

TEST(Column, FlattenKeepsLongStringsAliveWithoutCopyingThem) {
    ColumnPtr flat;
    const char* at = nullptr;
    {
        const ColumnPtr base = column_of(Kind::kString, {kLong, Value(), "b"});
        at = base->text(0).data();
        const std::uint32_t indices[] = {2, 0, 1, 0};
        flat = Column::flatten(Column::dictionary(base, indices, 4));
    }
    EXPECT_EQ(flat->encoding(), Encoding::kFlat);
    EXPECT_EQ(values_of(flat), (std::vector<Value>{"b", kLong, Value(), kLong}));
    EXPECT_EQ(flat->text(1).data(), at);
}

TEST(Column, NestedValuesAreCopiedDeep) {
    const DataType type = DataType::structure(
        {{"L", DataType::array(Kind::kString)}, {"M", DataType::map(Kind::kString, Kind::kInt)}});
    const std::vector<Value> values{
        Value::List{Value::List{kLong, Value()}, Value::List{Value::List{"k"}, Value::List{1}}},
        Value(),
        Value::List{Value(), Value::List{Value::List{}, Value::List{}}},
        Value::List{Value::List{}, Value()}};
    ColumnPtr flat;
    {
        const ColumnPtr base = column_of(type, values);
        const std::uint32_t indices[] = {3, 2, 1, 0};
        const ColumnPtr picked = Column::dictionary(base, indices, 4);
        EXPECT_EQ(values_of(picked),
                  (std::vector<Value>{values[3], values[2], values[1], values[0]}));
        flat = Column::flatten(picked);
    }
    EXPECT_EQ(values_of(flat), (std::vector<Value>{values[3], values[2], values[1], values[0]}));
    EXPECT_EQ(values_of(Column::concatenate({flat, Column::slice(flat, 3, 4)})),
              (std::vector<Value>{values[3], values[2], values[1], values[0], values[0]}));
}

TEST(Column, SliceAndConcatenateAreInverse) {
    const ColumnPtr base = column_of(Kind::kString, {"a", Value(), kLong, "d", Value()});
    for (const ColumnPtr& column : {base, Column::slice(Column::concatenate({base, base}), 2, 7)}) {
        for (std::uint32_t cut = 0; cut <= column->size(); ++cut) {
            const ColumnPtr joined = Column::concatenate(
                {Column::slice(column, 0, cut), Column::slice(column, cut, column->size())});
            EXPECT_EQ(values_of(joined), values_of(column)) << cut;
        }
    }
    EXPECT_EQ(Column::slice(base, 0, 5), base);
    EXPECT_EQ(values_of(Column::concatenate(
                  {Column::constant(base, 2, 2), Column::nulls(Kind::kString, 1)})),
              (std::vector<Value>{kLong, kLong, Value()}));
}

TEST(Column, WrapsMemoryThatAnOwnerKeeps) {
    auto owner = std::make_shared<std::vector<std::int64_t>>(std::vector<std::int64_t>{1, 2, 3});
    const std::weak_ptr<std::vector<std::int64_t>> watch = owner;
    ColumnPtr column = Column::wrap(Kind::kBigint, 3, owner->data(), nullptr, owner);
    owner.reset();
    EXPECT_EQ(value_at(*column, 2), Value(std::int64_t{3}));
    column.reset();
    EXPECT_TRUE(watch.expired());
}

TEST(Column, CountsItsBytesOnce) {
    const ColumnPtr base = column_of(DataType::array(Kind::kBigint),
                                     std::vector<Value>(100, Value::List{std::int64_t{1}}));
    const std::uint32_t indices[] = {0, 1};
    const ColumnPtr picked = Column::dictionary(base, indices, 2);
    EXPECT_GE(base->memory_bytes(), 800U);
    EXPECT_LT(picked->memory_bytes(), base->memory_bytes() + 1000);
}

TEST(RowBatch, CompactKeepsTheSelectedRows) {
    auto rows = std::make_shared<RowBatch>();
    auto schema = std::make_shared<Schema>();
    schema->value = {{"A", Kind::kInt}, {"B", Kind::kString}};
    rows->schema = schema;
    rows->size = 5;
    rows->columns = {column_of(Kind::kInt, {0, 1, Value(), 3, 4}), nullptr};
    rows->timestamps = column_of(
        Kind::kTimestamp,
        {std::int64_t{10}, std::int64_t{11}, std::int64_t{12}, std::int64_t{13}, std::int64_t{14}});
    rows->seq = rows->timestamps;
    rows->selection =
        std::make_shared<std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 2, 3, 4});
    rows->value_present = std::make_shared<std::vector<std::uint64_t>>(1, 0b10111);
    rows->errors = {{1, ErrorCode::kEvaluation, "not selected"},
                    {2, ErrorCode::kEvaluation, "kept"},
                    {4, ErrorCode::kEvaluation, "behind the range"}};
    const RowBatchPtr made = compact(rows, 1, 3);
    EXPECT_EQ(made->size, 2U);
    EXPECT_EQ(made->selection, nullptr);
    EXPECT_EQ(values_of(made->columns[0]), (std::vector<Value>{Value(), 3}));
    EXPECT_EQ(made->columns[1], nullptr);
    EXPECT_EQ(made->timestamp(1), Timestamp{13});
    EXPECT_EQ(made->seq_at(0), 12U);
    EXPECT_TRUE(made->has_value(0));
    EXPECT_FALSE(made->has_value(1));
    ASSERT_EQ(made->errors.size(), 1U);
    EXPECT_EQ(made->errors[0].row, 0U);
    EXPECT_EQ(made->errors[0].message, "kept");
}

TEST(RowBatch, CompactOfAllRowsIsTheBatchItself) {
    auto rows = std::make_shared<RowBatch>();
    rows->size = 2;
    EXPECT_EQ(compact(rows, 0, 2), rows);
}

TEST(DataType, PrintsAsTheDialectSpellsIt) {
    EXPECT_EQ(DataType::decimal(4, 2).to_string(), "DECIMAL(4, 2)");
    EXPECT_EQ(DataType::structure({{"A", Kind::kInt}, {"b`", DataType::array(Kind::kString)}})
                  .to_string(),
              "STRUCT<`A` INTEGER, `b``` ARRAY<STRING>>");
    EXPECT_EQ(DataType::map(Kind::kString, Kind::kBytes).to_string(), "MAP<STRING, BYTES>");
    EXPECT_EQ(DataType::decimal(4, 2), DataType::decimal(4, 2));
    EXPECT_FALSE(DataType::decimal(4, 2) == DataType::decimal(5, 2));
    EXPECT_EQ(DataType::array(Kind::kInt), DataType::array(Kind::kInt));
    EXPECT_FALSE(DataType::array(Kind::kInt) == DataType::array(Kind::kBigint));
}

TEST(Schema, FindsColumnsByExactName) {
    const Schema schema{{{"K", Kind::kInt}}, {{"A", Kind::kInt}}, {}};
    EXPECT_EQ(schema.find("A"), 1U);
    EXPECT_EQ(schema.find("a"), std::nullopt);
    EXPECT_EQ(schema.field(0).name, "K");
}

}  // namespace
}  // namespace millrace
