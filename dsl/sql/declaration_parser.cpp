#include "dsl/sql/declaration_parser.h"

#include <utility>

#include "dsl/sql/expression_parser.h"

namespace millrace::dsl::sql {

Result<std::vector<ColumnDef>> parse_column_defs(TokenReader& reader) {
    std::vector<ColumnDef> columns;
    reader.take();
    if (reader.take_symbol(")")) {
        return columns;
    }
    do {
        ColumnDef column;
        MILLRACE_TRY(column.name, reader.expect_name("a column name"));
        column.at = column.name.at;
        MILLRACE_TRY(column.type, reader.expect_type());
        if (reader.take_words({"PRIMARY", "KEY"})) {
            column.key = KeyKind::kPrimaryKey;
        } else if (reader.take_word("KEY")) {
            column.key = KeyKind::kKey;
        } else if (reader.take_word("HEADERS")) {
            column.key = KeyKind::kHeaders;
        } else if (reader.take_word("HEADER")) {
            column.key = KeyKind::kHeaders;
            MILLRACE_TRY_STATUS(reader.expect_symbol("("));
            MILLRACE_TRY(column.header, reader.expect_string("a header's name as a string"));
            MILLRACE_TRY_STATUS(reader.expect_symbol(")"));
        }
        column.at = join(column.at, reader.last().at);
        columns.push_back(std::move(column));
    } while (reader.take_symbol(","));
    if (!reader.take_symbol(")")) {
        return reader.unexpected("KEY, PRIMARY KEY, HEADER, ',' or ')'");
    }
    return columns;
}

Result<std::vector<Property>> parse_with(TokenReader& reader) {
    std::vector<Property> properties;
    reader.take();
    MILLRACE_TRY_STATUS(reader.expect_symbol("("));
    if (reader.take_symbol(")")) {
        return properties;
    }
    do {
        Property property;
        if (reader.peek().kind == TokenKind::kString) {  // 'KAFKA_TOPIC' = ... is taken too
            const Token token = reader.take();
            property.name = Name{upper_case(token.text), token.at};
        } else {
            MILLRACE_TRY(property.name, reader.expect_any_name("a property name"));
        }
        MILLRACE_TRY_STATUS(reader.expect_symbol("="));
        MILLRACE_TRY(property.value, parse_literal(reader));
        properties.push_back(std::move(property));
    } while (reader.take_symbol(","));
    if (!reader.take_symbol(")")) {
        return reader.unexpected("',' or ')'");
    }
    return properties;
}

Result<Name> parse_topic_name(TokenReader& reader) {
    MILLRACE_TRY(Name name, reader.expect_name("a topic's name"));
    const Token& token = reader.last();
    if (token.kind == TokenKind::kWord) {
        name.text = std::string(reader.source().slice(token.at));
    }
    return name;
}

}  // namespace millrace::dsl::sql
