#include "dsl/sql/query_parser.h"

#include <array>
#include <limits>
#include <utility>

namespace millrace::dsl::sql {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits{{{"MILLISECOND", 1},
                                      {"SECOND", 1'000},
                                      {"MINUTE", 60'000},
                                      {"HOUR", 3'600'000},
                                      {"DAY", 86'400'000}}};

class QueryParser {
  public:
    explicit QueryParser(TokenReader& reader) : reader_(reader) {}

    Result<Query> run() {
        Query query;
        query.at = reader_.peek().at;
        MILLRACE_TRY_STATUS(reader_.expect_word("SELECT"));
        if (reader_.is_word("DISTINCT")) {
            return reader_.source().error_at(reader_.peek().at,
                                             SqlError::kUnsupported,
                                             "SELECT DISTINCT is not supported yet; GROUP BY "
                                             "gives every group once");
        }
        do {
            MILLRACE_TRY(SelectItem item, select_item());
            query.items.push_back(std::move(item));
        } while (reader_.take_symbol(","));
        if (!reader_.take_word("FROM")) {
            return reader_.unexpected("',' or FROM");
        }
        MILLRACE_TRY(query.from, source());
        MILLRACE_TRY_STATUS(joins(query));
        MILLRACE_TRY_STATUS(clauses(query));
        query.at = join(query.at, reader_.last().at);
        return query;
    }

  private:
    Result<SelectItem> select_item() {
        SelectItem item;
        item.at = reader_.peek().at;
        if (reader_.take_symbol("*")) {
            item.kind = SelectItem::Kind::kStar;
            return item;
        }
        if (reader_.is_name() && reader_.is_symbol(".", 1) && reader_.is_symbol("*", 2)) {
            item.kind = SelectItem::Kind::kSourceStar;
            MILLRACE_TRY(item.source, reader_.expect_name("a source"));
            reader_.take();
            reader_.take();
            item.at = join(item.at, reader_.last().at);
            return item;
        }
        MILLRACE_TRY(item.expr, parse_expression(reader_));
        if (reader_.is_symbol("->") && reader_.is_symbol("*", 1)) {
            reader_.take();
            reader_.take();
            item.kind = SelectItem::Kind::kStructStar;
            item.at = join(item.at, reader_.last().at);
            return item;
        }
        if (reader_.take_word("AS")) {
            MILLRACE_TRY(item.alias, reader_.expect_name("a name"));
        } else if (reader_.is_name()) {
            MILLRACE_TRY(item.alias, reader_.expect_name("a name"));
        }
        item.at = join(item.at, reader_.last().at);
        return item;
    }

    /// Words that go on with the query although they are no reserved ones.
    bool at_clause() const {
        return (reader_.is_word("PARTITION") && reader_.is_word("BY", 1)) ||
               (reader_.is_word("EMIT") &&
                (reader_.is_word("CHANGES", 1) || reader_.is_word("FINAL", 1)));
    }
    Result<SourceRef> source() {
        SourceRef source;
        if (reader_.is_symbol("(")) {
            return reader_.source().error_at(reader_.peek().at,
                                             SqlError::kQueryInFrom,
                                             "a query in FROM is not supported yet; make it a "
                                             "stream or table of its own first");
        }
        MILLRACE_TRY(source.name, reader_.expect_name("a stream or table name"));
        if (reader_.take_word("AS")) {
            MILLRACE_TRY(source.alias, reader_.expect_name("an alias"));
        } else if (reader_.is_name() && !at_clause()) {
            MILLRACE_TRY(source.alias, reader_.expect_name("an alias"));
        }
        return source;
    }

    bool join_type(JoinType& type) {
        if (reader_.take_words({"JOIN"}) || reader_.take_words({"INNER", "JOIN"})) {
            type = JoinType::kInner;
        } else if (reader_.take_words({"LEFT", "JOIN"}) ||
                   reader_.take_words({"LEFT", "OUTER", "JOIN"})) {
            type = JoinType::kLeft;
        } else if (reader_.take_words({"RIGHT", "JOIN"}) ||
                   reader_.take_words({"RIGHT", "OUTER", "JOIN"})) {
            type = JoinType::kRight;
        } else if (reader_.take_words({"FULL", "JOIN"}) ||
                   reader_.take_words({"FULL", "OUTER", "JOIN"}) ||
                   reader_.take_words({"OUTER", "JOIN"})) {
            type = JoinType::kFull;
        } else {
            return false;
        }
        return true;
    }
    Status joins(Query& query) {
        for (;;) {
            Join next;
            next.at = reader_.peek().at;
            if (!join_type(next.type)) {
                if (reader_.is_word("INNER") || reader_.is_word("LEFT") ||
                    reader_.is_word("RIGHT") || reader_.is_word("FULL") ||
                    reader_.is_word("OUTER")) {
                    reader_.take();
                    return reader_.unexpected("JOIN");
                }
                return Ok{};
            }
            MILLRACE_TRY(next.source, source());
            if (reader_.is_word("WITHIN")) {
                MILLRACE_TRY(next.within, within());
            }
            if (!reader_.take_word("ON")) {
                return reader_.unexpected(next.within ? "ON" : "ON or WITHIN");
            }
            MILLRACE_TRY(next.on, parse_expression(reader_));
            next.at = join(next.at, reader_.last().at);
            query.joins.push_back(std::move(next));
        }
    }
    Result<Within> within() {
        Within within;
        within.at = reader_.take().at;
        if (reader_.take_symbol("(")) {
            MILLRACE_TRY(within.before, duration());
            MILLRACE_TRY_STATUS(reader_.expect_symbol(","));
            MILLRACE_TRY(within.after, duration());
            MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        } else {
            MILLRACE_TRY(within.before, duration());
        }
        if (take_grace()) {
            MILLRACE_TRY(within.grace, duration());
        }
        return within;
    }

    /// GRACE PERIOD; the second word may be left out.
    bool take_grace() {
        if (!reader_.take_word("GRACE")) {
            return false;
        }
        reader_.take_word("PERIOD");
        return true;
    }

    Status clauses(Query& query) {
        if (reader_.take_word("WINDOW")) {
            MILLRACE_TRY(query.window, window());
        }
        if (reader_.take_word("WHERE")) {
            MILLRACE_TRY(query.where, parse_expression(reader_));
        }
        query.group_by_at = reader_.peek().at;
        if (reader_.take_word("GROUP")) {
            MILLRACE_TRY_STATUS(reader_.expect_word("BY"));
            MILLRACE_TRY(query.group_by, list());
            query.group_by_at = join(query.group_by_at, reader_.last().at);
        }
        const Span partition_by_at = reader_.peek().at;
        if (reader_.take_words({"PARTITION", "BY"})) {
            if (reader_.is_symbol("(") && reader_.is_symbol(")", 1)) {
                reader_.take();  // nothing: the analyzer says that it is too little
                reader_.take();
            } else {
                MILLRACE_TRY(query.partition_by, list());
            }
            query.partition_by_at = join(partition_by_at, reader_.last().at);
        }
        if (reader_.take_word("HAVING")) {
            MILLRACE_TRY(query.having, parse_expression(reader_));
        }
        if (reader_.take_word("EMIT")) {
            if (reader_.take_word("CHANGES")) {
                query.emit = Emit::kChanges;
            } else if (reader_.take_word("FINAL")) {
                query.emit = Emit::kFinal;
            } else {
                return reader_.unexpected("CHANGES or FINAL");
            }
        }
        query.limit_at = reader_.peek().at;
        if (reader_.take_word("LIMIT")) {
            MILLRACE_TRY(query.limit, reader_.expect_integer("a number of rows"));
            query.limit_at = join(query.limit_at, reader_.last().at);
        }
        return Ok{};
    }
    /// a, b or (a, b); one parenthesised expression is just that expression.
    Result<std::vector<ExprPtr>> list() {
        std::vector<ExprPtr> items;
        const std::size_t begin = reader_.position();
        if (reader_.take_symbol("(")) {
            if (reader_.take_symbol(")")) {
                return reader_.unexpected("an expression between the parentheses");
            }
            do {
                MILLRACE_TRY(ExprPtr item, parse_expression(reader_));
                items.push_back(std::move(item));
            } while (reader_.take_symbol(","));
            if (items.size() > 1 && reader_.take_symbol(")")) {
                return items;
            }
            items.clear();
            reader_.rewind(begin);
        }
        do {
            MILLRACE_TRY(ExprPtr item, parse_value_expression(reader_));
            items.push_back(std::move(item));
        } while (reader_.take_symbol(","));
        return items;
    }

    Result<Window> window() {
        Window window;
        window.at = reader_.peek().at;
        if (!reader_.is_symbol("(", 1) && reader_.is_name() && reader_.is_symbol("(", 2)) {
            MILLRACE_TRY(window.name, reader_.expect_name("a window's name"));
        }
        if (reader_.take_word("TUMBLING")) {
            window.kind = WindowKind::kTumbling;
        } else if (reader_.take_word("HOPPING")) {
            window.kind = WindowKind::kHopping;
        } else if (reader_.take_word("SESSION")) {
            window.kind = WindowKind::kSession;
        } else {
            return reader_.unexpected("TUMBLING, HOPPING or SESSION");
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol("("));
        if (window.kind != WindowKind::kSession) {
            MILLRACE_TRY_STATUS(reader_.expect_word("SIZE"));
        }
        MILLRACE_TRY(window.size, duration());
        if (window.kind == WindowKind::kHopping) {
            MILLRACE_TRY_STATUS(reader_.expect_symbol(","));
            MILLRACE_TRY_STATUS(reader_.expect_words({"ADVANCE", "BY"}));
            MILLRACE_TRY(window.advance, duration());
        }
        while (reader_.take_symbol(",")) {
            if (!window.retention && !window.grace && reader_.take_word("RETENTION")) {
                MILLRACE_TRY(window.retention, duration());
            } else if (!window.grace && take_grace()) {
                MILLRACE_TRY(window.grace, duration());
            } else {
                return reader_.unexpected(window.retention ? "GRACE PERIOD"
                                                           : "RETENTION or GRACE PERIOD");
            }
        }
        if (!reader_.take_symbol(")")) {
            return reader_.unexpected("',' or ')'");
        }
        window.at = join(window.at, reader_.last().at);
        return window;
    }

    Result<Duration> duration() { return parse_duration(reader_); }

    TokenReader& reader_;
};

}  // namespace

Result<Duration> parse_duration(TokenReader& reader) {
    Duration duration;
    duration.at = reader.peek().at;
    MILLRACE_TRY(duration.value, reader.expect_integer("a number of time units"));
    for (const Unit& unit : kUnits) {
        if (reader.take_word(unit.name) || reader.take_word(std::string(unit.name) + "S")) {
            duration.unit = unit.name;
            duration.at = join(duration.at, reader.last().at);
            // Ends of windows are start + size: half the range keeps the sum representable.
            if (duration.value > std::numeric_limits<std::int64_t>::max() / 2 / unit.ms) {
                return reader.fail(
                    duration.at, SqlError::kBadDuration, "this time span is too long");
            }
            duration.ms = duration.value * unit.ms;
            return duration;
        }
    }
    return reader.unexpected("DAYS, HOURS, MINUTES, SECONDS or MILLISECONDS");
}

Result<Query> parse_query(TokenReader& reader) {
    return QueryParser(reader).run();
}

}  // namespace millrace::dsl::sql
