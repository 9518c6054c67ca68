#include "dsl/sql/assert_parser.h"

#include <utility>

#include "dsl/sql/declaration_parser.h"
#include "dsl/sql/expression_parser.h"
#include "dsl/sql/query_parser.h"

namespace millrace::dsl::sql {

namespace {

class AssertParser {
  public:
    explicit AssertParser(TokenReader& reader) : reader_(reader) {}

    Result<Assert> run() {
        reader_.take();
        const bool is_absent = reader_.take_words({"NOT", "EXISTS"});
        if (reader_.take_word("TOPIC")) {
            return topic(is_absent);
        }
        if (reader_.take_word("SCHEMA")) {
            return schema(is_absent);
        }
        if (is_absent) {
            return reader_.unexpected("TOPIC or SCHEMA");
        }
        if (reader_.take_word("VALUES")) {
            return values(false);
        }
        if (reader_.take_word("NULL")) {
            MILLRACE_TRY_STATUS(reader_.expect_word("VALUES"));
            return values(true);
        }
        if (reader_.take_word("STREAM")) {
            return source(false);
        }
        if (reader_.take_word("TABLE")) {
            return source(true);
        }
        return reader_.unexpected(
            "VALUES, NULL VALUES, STREAM, TABLE, TOPIC, SCHEMA or NOT EXISTS");
    }

  private:
    Result<Assert> values(bool is_tombstone) {
        AssertValues node;
        node.is_tombstone = is_tombstone;
        MILLRACE_TRY(node.source, reader_.expect_name("a stream or table name"));
        if (reader_.take_symbol("(")) {
            do {
                MILLRACE_TRY(Name column, reader_.expect_name("a column name"));
                node.columns.push_back(std::move(column));
            } while (reader_.take_symbol(","));
            MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        }
        const std::string_view word = is_tombstone ? "KEY" : "VALUES";
        if (!reader_.take_word(word)) {
            return reader_.unexpected(node.columns.empty() ? std::string(word) + " or '('"
                                                           : std::string(word));
        }
        node.values_at = reader_.peek().at;
        MILLRACE_TRY_STATUS(reader_.expect_symbol("("));
        do {
            MILLRACE_TRY(ExprPtr value, parse_expression(reader_));
            node.values.push_back(std::move(value));
        } while (reader_.take_symbol(","));
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        node.values_at = join(node.values_at, reader_.last().at);
        return Assert{std::move(node)};
    }

    Result<Assert> source(bool is_table) {
        AssertSource node;
        node.is_table = is_table;
        MILLRACE_TRY(node.name, reader_.expect_name("a name"));
        if (reader_.is_symbol("(")) {
            MILLRACE_TRY(node.columns, parse_column_defs(reader_));
        }
        if (reader_.is_word("WITH")) {
            MILLRACE_TRY(node.with, parse_with(reader_));
        }
        return Assert{std::move(node)};
    }

    Result<Assert> topic(bool is_absent) {
        AssertTopic node;
        node.is_absent = is_absent;
        MILLRACE_TRY(node.topic, parse_topic_name(reader_));
        if (reader_.is_word("WITH")) {
            MILLRACE_TRY(node.with, parse_with(reader_));
        }
        MILLRACE_TRY(node.timeout, timeout());
        return Assert{std::move(node)};
    }

    Result<Assert> schema(bool is_absent) {
        AssertSchema node;
        node.is_absent = is_absent;
        if (reader_.take_word("SUBJECT")) {
            if (reader_.peek().kind == TokenKind::kString) {
                node.subject = reader_.take().text;
            } else {
                MILLRACE_TRY(Name name, parse_topic_name(reader_));
                node.subject = std::move(name.text);
            }
        }
        if (reader_.take_word("ID")) {
            MILLRACE_TRY(node.id, reader_.expect_integer("a schema's id"));
        }
        if (!node.subject && !node.id) {
            return reader_.unexpected("SUBJECT or ID");
        }
        MILLRACE_TRY(node.timeout, timeout());
        return Assert{std::move(node)};
    }

    Result<std::optional<Duration>> timeout() {
        if (!reader_.take_word("TIMEOUT")) {
            return std::optional<Duration>();
        }
        MILLRACE_TRY(Duration duration, parse_duration(reader_));
        return std::optional(std::move(duration));
    }

    TokenReader& reader_;
};

}  // namespace

Result<Assert> parse_assert(TokenReader& reader) {
    return AssertParser(reader).run();
}

}  // namespace millrace::dsl::sql
