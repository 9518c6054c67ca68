#include "core/row/record_headers.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/row/value.h"

namespace millrace {
namespace {

const std::string kLong = "a value that is longer than what fits inline";

std::vector<RecordHeader> headers() {
    return {{3, {"a", as_bytes("1")}},
            {3, {"b", std::nullopt}},
            {3, {"a", as_bytes(kLong)}},
            {5, {"b", as_bytes("")}}};
}

std::string text_of(const std::vector<HeaderView>& views) {
    std::string text;
    for (const HeaderView& view : views) {
        text += std::string(view.key) + "=" +
                (view.value ? std::string(as_text(*view.value)) : "null") + ";";
    }
    return text;
}

TEST(RecordHeaders, AreAnArrayPerRecord) {
    const ColumnPtr all = all_headers(headers(), 3, 3, nullptr);
    EXPECT_EQ(all->type(), record_headers_type());
    EXPECT_EQ(to_text(value_at(*all, 0), all->type()).substr(0, 38),
              "[{KEY=a, VALUE=0x31}, {KEY=b, VALUE=NU");
    EXPECT_EQ(to_text(value_at(*all, 1), all->type()), "[]");
    EXPECT_EQ(to_text(value_at(*all, 2), all->type()), "[{KEY=b, VALUE=0x}]");
}

TEST(RecordHeaders, ReadBackFromEveryEncoding) {
    const ColumnPtr all = all_headers(headers(), 3, 3, nullptr);
    const std::vector<std::uint32_t> rows{2, 0, 0};
    const ColumnPtr picked = Column::dictionary(all, rows.data(), 3);
    std::vector<HeaderView> read;
    read_headers(*all, 0, read);
    EXPECT_EQ(text_of(read), "a=1;b=null;a=" + kLong + ";");
    read_headers(*all, 1, read);
    EXPECT_TRUE(read.empty());
    read_headers(*picked, 0, read);
    EXPECT_EQ(text_of(read), "b=;");
    const ColumnPtr constant = Column::constant(picked, 1, 4);
    read_headers(*constant, 3, read);
    EXPECT_EQ(text_of(read), "a=1;b=null;a=" + kLong + ";");
    const ColumnPtr flat = Column::flatten(picked);
    read_headers(*flat, 2, read);
    EXPECT_EQ(text_of(read), "a=1;b=null;a=" + kLong + ";");
}

TEST(RecordHeaders, OfOneKeyAreTheLast) {
    const ColumnPtr a = last_header(headers(), "a", 3, 3, nullptr);
    EXPECT_EQ(a->text(0), kLong);
    EXPECT_FALSE(a->is_valid(1));
    EXPECT_FALSE(a->is_valid(2));
    const ColumnPtr b = last_header(headers(), "b", 3, 3, nullptr);
    EXPECT_FALSE(b->is_valid(0));
    EXPECT_TRUE(b->is_valid(2));
    EXPECT_EQ(b->text(2), "");
}

TEST(Schema, PutsHeaderColumnsWhereTheyWereDeclared) {
    Schema schema;
    schema.key = {{"K", TypeKind::kInt}};
    schema.value = {{"V", TypeKind::kInt}, {"W", TypeKind::kInt}};
    schema.headers = {{{"A", TypeKind::kBytes}, "a", 0}, {{"B", TypeKind::kBytes}, "b", 2}};
    EXPECT_EQ(schema.size(), 5U);
    EXPECT_EQ(schema.find("B"), 4U);
    EXPECT_EQ(schema.header(2), nullptr);
    EXPECT_EQ(schema.header(3)->column.name, "A");
    EXPECT_EQ(schema.shown_order(), (std::vector<std::size_t>{0, 3, 1, 2, 4}));
    const Schema rows = row_schema(schema);
    EXPECT_EQ(rows.value.size(), 4U);
    EXPECT_EQ(rows.field(4).name, "B");
}

}  // namespace
}  // namespace millrace
