#include "dsl/sql/parser.h"

#include <array>
#include <limits>
#include <utility>

#include "core/base/nearest_name.h"
#include "dsl/sql/assert_parser.h"
#include "dsl/sql/declaration_parser.h"
#include "dsl/sql/query_parser.h"
#include "dsl/sql/token_reader.h"

namespace millrace::dsl::sql {

namespace {

const std::vector<std::string> kStatementWords{"CREATE",
                                               "INSERT",
                                               "SELECT",
                                               "DROP",
                                               "SHOW",
                                               "LIST",
                                               "DESCRIBE",
                                               "EXPLAIN",
                                               "PRINT",
                                               "SET",
                                               "UNSET",
                                               "TERMINATE",
                                               "PAUSE",
                                               "RESUME",
                                               "ALTER",
                                               "DEFINE",
                                               "UNDEFINE",
                                               "ASSERT",
                                               "RUN"};

class StatementParser {
  public:
    explicit StatementParser(TokenReader& reader) : reader_(reader) {}

    Result<std::vector<Statement>> run() {
        std::vector<Statement> statements;
        for (;;) {
            while (reader_.take_symbol(";")) {
            }
            if (reader_.at_end()) {
                return statements;
            }
            MILLRACE_TRY_STATUS(check_length());
            MILLRACE_TRY(Statement statement, parse_statement());
            statements.push_back(std::move(statement));
            if (!reader_.at_end() && !reader_.is_symbol(";")) {
                return reader_.unexpected(expected_behind(statements.back()));
            }
        }
    }

  private:
    /// What is done with a statement takes time by its tokens, some of it by their square.
    Status check_length() const {
        std::size_t count = 0;
        while (!reader_.is_symbol(";", count) && reader_.peek(count).kind != TokenKind::kEnd) {
            if (++count > kStatementTokensMax) {
                return reader_.fail(reader_.peek().at,
                                    SqlError::kTextTooLong,
                                    "this statement has more than " +
                                        std::to_string(kStatementTokensMax) +
                                        " words, numbers and symbols");
            }
        }
        return Ok{};
    }
    static std::string_view expected_behind(const Statement& statement) {
        const Query* query = nullptr;
        if (const auto* select = std::get_if<Select>(&statement.node)) {
            query = &select->query;
        } else if (const auto* create = std::get_if<CreateAs>(&statement.node)) {
            query = &create->query;
        } else if (const auto* insert = std::get_if<InsertSelect>(&statement.node)) {
            query = &insert->query;
        }
        if (query == nullptr || query->emit != Emit::kNone || query->limit || query->having) {
            return "';' or the end of the text";
        }
        if (!query->group_by.empty() || !query->partition_by.empty()) {
            return "HAVING, EMIT, LIMIT, ';' or the end of the text";
        }
        if (query->where) {
            return "an operator, GROUP BY, PARTITION BY, EMIT, LIMIT, ';' or the end of the text";
        }
        return "JOIN, WINDOW, WHERE, GROUP BY, PARTITION BY, EMIT, LIMIT, ';' or the end of the "
               "text";
    }

    Result<Statement> parse_statement() {
        MILLRACE_TRY_STATUS(reader_.enter());
        Statement statement;
        const Span start = reader_.peek().at;
        MILLRACE_TRY_STATUS(parse_node(statement));
        statement.at = join(start, reader_.last().at);
        reader_.leave();
        return statement;
    }

    Status parse_node(Statement& statement) {
        if (reader_.is_word("CREATE")) {
            return create(statement);
        }
        if (reader_.is_word("INSERT")) {
            return insert(statement);
        }
        if (reader_.is_word("SELECT")) {
            MILLRACE_TRY(Query query, parse_query(reader_));
            statement.node = Select{std::move(query)};
            return Ok{};
        }
        if (reader_.is_word("DROP")) {
            return drop(statement);
        }
        if (reader_.is_word("SHOW") || reader_.is_word("LIST")) {
            return show(statement);
        }
        if (reader_.is_word("DESCRIBE")) {
            return describe(statement);
        }
        if (reader_.is_word("EXPLAIN")) {
            return explain(statement);
        }
        if (reader_.is_word("PRINT")) {
            return print(statement);
        }
        if (reader_.is_word("SET") || reader_.is_word("UNSET")) {
            return set(statement);
        }
        if (reader_.take_word("TERMINATE")) {
            MILLRACE_TRY(std::optional<Name> query, query_or_all());
            statement.node = Terminate{std::move(query)};
            return Ok{};
        }
        if (reader_.take_word("PAUSE")) {
            MILLRACE_TRY(std::optional<Name> query, query_or_all());
            statement.node = Pause{std::move(query)};
            return Ok{};
        }
        if (reader_.take_word("RESUME")) {
            MILLRACE_TRY(std::optional<Name> query, query_or_all());
            statement.node = Resume{std::move(query)};
            return Ok{};
        }
        if (reader_.is_word("ALTER")) {
            return alter(statement);
        }
        if (reader_.is_word("DEFINE") || reader_.is_word("UNDEFINE")) {
            return define(statement);
        }
        if (reader_.take_words({"RUN", "SCRIPT"})) {
            const Span at = reader_.peek().at;
            MILLRACE_TRY(std::string path, reader_.expect_string("a file's path as a string"));
            statement.node = RunScript{std::move(path), at};
            return Ok{};
        }
        if (reader_.is_word("ASSERT")) {
            MILLRACE_TRY(Assert parsed, parse_assert(reader_));
            statement.node = std::move(parsed);
            return Ok{};
        }
        std::string expected =
            "a statement (CREATE, INSERT, SELECT, DROP, ALTER, SHOW, DESCRIBE, EXPLAIN, PRINT, "
            "SET, UNSET, DEFINE, UNDEFINE, RUN SCRIPT, TERMINATE, PAUSE, RESUME or ASSERT)";
        const Token& head = reader_.peek();
        if (head.kind != TokenKind::kWord) {
            return reader_.unexpected(expected);
        }
        const auto near = nearest_name(head.text, kStatementWords);
        return reader_.fail(head.at,
                            SqlError::kUnknownStatement,
                            "Syntax Error\nUnknown statement '" + head.text + "'; expected " +
                                (near ? *near + " or another statement" : expected));
    }

    Result<std::optional<Name>> query_or_all() {
        reader_.take_word("QUERY");
        if (reader_.take_word("ALL")) {
            return std::optional<Name>();
        }
        MILLRACE_TRY(Name name, reader_.expect_name("a query's id or ALL"));
        return std::optional<Name>(std::move(name));
    }

    Status alter(Statement& statement) {
        reader_.take();
        AlterSource alter;
        if (reader_.take_word("TABLE")) {
            alter.is_table = true;
        } else if (!reader_.take_word("STREAM")) {
            return reader_.unexpected("STREAM or TABLE");
        }
        MILLRACE_TRY(alter.name, reader_.expect_name("a stream or table name"));
        do {
            MILLRACE_TRY_STATUS(reader_.expect_word("ADD"));
            reader_.take_word("COLUMN");
            ColumnDef column;
            MILLRACE_TRY(column.name, reader_.expect_name("a column name"));
            MILLRACE_TRY(column.type, reader_.expect_type());
            column.at = join(column.name.at, reader_.last().at);
            alter.added.push_back(std::move(column));
        } while (reader_.take_symbol(","));
        statement.node = std::move(alter);
        return Ok{};
    }

    Status define(Statement& statement) {
        const bool is_define = reader_.take().text == "DEFINE";
        const Span at = reader_.peek().at;
        MILLRACE_TRY_STATUS(reader_.expect_name("a variable's name"));
        std::string name(reader_.source().slice(at));  // told apart by case
        if (!is_define) {
            statement.node = Undefine{std::move(name), at};
            return Ok{};
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol("="));
        MILLRACE_TRY(std::string value, reader_.expect_string("its value as a string"));
        statement.node = Define{std::move(name), std::move(value)};
        return Ok{};
    }

    /// Keeps the tokens up to the semicolon as text.
    Status unsupported(Statement& statement, std::string what) {
        Unsupported kept;
        kept.what = std::move(what);
        while (!reader_.at_end() && !reader_.is_symbol(";")) {
            const Token token = reader_.take();
            kept.text +=
                (kept.text.empty() ? "" : " ") + std::string(reader_.source().slice(token.at));
        }
        statement.node = std::move(kept);
        return Ok{};
    }

    Status create(Statement& statement) {
        const std::size_t begin = reader_.position();
        reader_.take();
        const bool or_replace = reader_.take_words({"OR", "REPLACE"});
        if (!or_replace && reader_.take_word("TYPE")) {
            return create_type(statement);
        }
        if ((reader_.is_word("SOURCE") || reader_.is_word("SINK")) &&
            reader_.is_word("CONNECTOR", 1)) {
            const std::string what = "CREATE " + reader_.peek().text + " CONNECTOR";
            reader_.rewind(begin);
            return unsupported(statement, what);
        }
        const bool is_read_only = reader_.take_word("SOURCE");
        bool is_table = false;
        if (reader_.take_word("TABLE")) {
            is_table = true;
        } else if (!reader_.take_word("STREAM")) {
            return reader_.unexpected(is_read_only || or_replace
                                          ? "STREAM or TABLE"
                                          : "STREAM, TABLE, SOURCE or OR REPLACE");
        }
        const bool if_not_exists = reader_.take_words({"IF", "NOT", "EXISTS"});
        MILLRACE_TRY(Name name, reader_.expect_name("a name"));
        std::vector<ColumnDef> columns;
        if (reader_.is_symbol("(")) {
            MILLRACE_TRY(columns, parse_column_defs(reader_));
        }
        for (const ColumnDef& column : columns) {
            MILLRACE_TRY_STATUS(check_key_kind(column, is_table));
        }
        std::vector<Property> properties;
        if (reader_.is_word("WITH")) {
            MILLRACE_TRY(properties, parse_with(reader_));
        }
        if (columns.empty() && !is_read_only && reader_.take_word("AS")) {
            MILLRACE_TRY(Query query, parse_query(reader_));
            statement.node = CreateAs{is_table,
                                      or_replace,
                                      if_not_exists,
                                      std::move(name),
                                      std::move(properties),
                                      std::move(query)};
            return Ok{};
        }
        if (columns.empty() && properties.empty()) {
            return reader_.unexpected("'(' with columns, WITH or AS SELECT");
        }
        statement.node = CreateSource{is_table,
                                      or_replace,
                                      is_read_only,
                                      if_not_exists,
                                      std::move(name),
                                      std::move(columns),
                                      std::move(properties)};
        return Ok{};
    }

    Status create_type(Statement& statement) {
        CreateType create;
        create.if_not_exists = reader_.take_words({"IF", "NOT", "EXISTS"});
        MILLRACE_TRY(create.name, reader_.expect_name("a name"));
        MILLRACE_TRY_STATUS(reader_.expect_word("AS"));
        MILLRACE_TRY(create.type, reader_.expect_type());
        reader_.define_type(create.name.text, create.type);
        statement.node = std::move(create);
        return Ok{};
    }

    Status check_key_kind(const ColumnDef& column, bool is_table) const {
        const KeyKind wrong = is_table ? KeyKind::kKey : KeyKind::kPrimaryKey;
        if (column.key != wrong) {
            return Ok{};
        }
        return reader_.source().error_at(
            column.at,
            SqlError::kWrongKeyKind,
            "Column `" + column.name.text +
                (is_table ? "` is a 'KEY' column: please use 'PRIMARY KEY' for tables."
                          : "` is a 'PRIMARY KEY' column: please use 'KEY' for streams."));
    }

    Status insert(Statement& statement) {
        reader_.take();
        MILLRACE_TRY_STATUS(reader_.expect_word("INTO"));
        MILLRACE_TRY(Name target, reader_.expect_name("a stream or table name"));
        if (reader_.is_word("SELECT") || reader_.is_word("WITH")) {
            std::vector<Property> properties;
            if (reader_.is_word("WITH")) {
                MILLRACE_TRY(properties, parse_with(reader_));
            }
            MILLRACE_TRY(Query query, parse_query(reader_));
            statement.node =
                InsertSelect{std::move(target), std::move(properties), std::move(query)};
            return Ok{};
        }
        InsertValues insert;
        insert.target = std::move(target);
        if (reader_.take_symbol("(")) {
            do {
                MILLRACE_TRY(Name column, reader_.expect_name("a column name"));
                insert.columns.push_back(std::move(column));
            } while (reader_.take_symbol(","));
            MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        }
        if (!reader_.take_word("VALUES")) {
            return reader_.unexpected(insert.columns.empty() ? "SELECT, VALUES or '('" : "VALUES");
        }
        insert.values_at = reader_.peek().at;
        MILLRACE_TRY_STATUS(reader_.expect_symbol("("));
        do {
            MILLRACE_TRY(ExprPtr value, parse_expression(reader_));
            insert.values.push_back(std::move(value));
        } while (reader_.take_symbol(","));
        MILLRACE_TRY_STATUS(reader_.expect_symbol(")"));
        insert.values_at = join(insert.values_at, reader_.last().at);
        statement.node = std::move(insert);
        return Ok{};
    }

    Status drop(Statement& statement) {
        const std::size_t begin = reader_.position();
        reader_.take();
        if (reader_.take_word("TYPE")) {
            DropType type;
            type.if_exists = reader_.take_words({"IF", "EXISTS"});
            MILLRACE_TRY(type.name, reader_.expect_name("a name"));
            reader_.forget_type(type.name.text);
            statement.node = std::move(type);
            return Ok{};
        }
        if (reader_.is_word("CONNECTOR")) {
            reader_.rewind(begin);
            return unsupported(statement, "DROP CONNECTOR");
        }
        Drop drop;
        if (reader_.take_word("TABLE")) {
            drop.is_table = true;
        } else if (!reader_.take_word("STREAM")) {
            return reader_.unexpected("STREAM or TABLE");
        }
        drop.if_exists = reader_.take_words({"IF", "EXISTS"});
        MILLRACE_TRY(drop.name, reader_.expect_name("a name"));
        drop.delete_topic = reader_.take_words({"DELETE", "TOPIC"});
        statement.node = std::move(drop);
        return Ok{};
    }

    Status show(Statement& statement) {
        reader_.take();
        const bool is_all = reader_.take_word("ALL");
        struct Entry {
            std::string_view word;
            ShowWhat what;
        };
        constexpr std::array<Entry, 9> kEntries{{{"STREAMS", ShowWhat::kStreams},
                                                 {"TABLES", ShowWhat::kTables},
                                                 {"TOPICS", ShowWhat::kTopics},
                                                 {"QUERIES", ShowWhat::kQueries},
                                                 {"CONNECTORS", ShowWhat::kConnectors},
                                                 {"PROPERTIES", ShowWhat::kProperties},
                                                 {"FUNCTIONS", ShowWhat::kFunctions},
                                                 {"VARIABLES", ShowWhat::kVariables},
                                                 {"TYPES", ShowWhat::kTypes}}};
        for (const Entry& entry : kEntries) {
            if (!is_all || entry.what == ShowWhat::kTopics) {
                if (reader_.take_word(entry.word)) {
                    statement.node = Show{is_all ? ShowWhat::kAllTopics : entry.what};
                    reader_.take_word("EXTENDED");
                    return Ok{};
                }
            }
        }
        return reader_.unexpected(
            is_all
                ? "TOPICS"
                : "STREAMS, TABLES, TOPICS, QUERIES, CONNECTORS, PROPERTIES, FUNCTIONS, TYPES or "
                  "VARIABLES");
    }

    Status describe(Statement& statement) {
        const std::size_t begin = reader_.position();
        reader_.take();
        Describe describe;
        if (reader_.is_word("FUNCTION") && reader_.is_name(1)) {
            reader_.take();
            describe.is_function = true;
            MILLRACE_TRY(describe.name, reader_.expect_name("a function name"));
            statement.node = std::move(describe);
            return Ok{};
        }
        if (reader_.is_word("CONNECTOR") && reader_.is_name(1)) {
            const std::string what = "DESCRIBE " + reader_.peek().text;
            reader_.rewind(begin);
            return unsupported(statement, what);
        }
        MILLRACE_TRY(describe.name, reader_.expect_name("a stream or table name"));
        describe.is_extended = reader_.take_word("EXTENDED");
        statement.node = std::move(describe);
        return Ok{};
    }

    Status explain(Statement& statement) {
        reader_.take();
        Explain explain;
        if (reader_.is_word("SELECT") || reader_.is_word("CREATE") || reader_.is_word("INSERT")) {
            MILLRACE_TRY(Statement inner, parse_statement());
            explain.statement = std::make_shared<const Statement>(std::move(inner));
        } else if (reader_.is_name()) {
            MILLRACE_TRY(explain.query, reader_.expect_name("a query's id"));
        } else {
            return reader_.unexpected("a query's id, SELECT, CREATE ... AS or INSERT");
        }
        statement.node = std::move(explain);
        return Ok{};
    }

    Status print(Statement& statement) {
        reader_.take();
        Print print;
        if (reader_.peek().kind == TokenKind::kString) {
            const Token token = reader_.take();
            print.topic = Name{token.text, token.at};
        } else {
            MILLRACE_TRY(print.topic, parse_topic_name(reader_));
        }
        print.from_beginning = reader_.take_words({"FROM", "BEGINNING"});
        if (reader_.take_word("INTERVAL") || reader_.take_word("SAMPLE")) {
            MILLRACE_TRY(print.interval, reader_.expect_integer("a number of records"));
        }
        if (reader_.take_word("LIMIT")) {
            MILLRACE_TRY(print.limit, reader_.expect_integer("a number of records"));
        }
        statement.node = std::move(print);
        return Ok{};
    }
    Status set(Statement& statement) {
        const bool is_set = reader_.take().text == "SET";
        const Span at = reader_.peek().at;
        MILLRACE_TRY(std::string name, reader_.expect_string("a property name as a string"));
        if (!is_set) {
            statement.node = UnsetProperty{std::move(name), at};
            return Ok{};
        }
        MILLRACE_TRY_STATUS(reader_.expect_symbol("="));
        MILLRACE_TRY(std::string value, reader_.expect_string("its value as a string"));
        statement.node = SetProperty{std::move(name), std::move(value), at};
        return Ok{};
    }

    TokenReader& reader_;
};

}  // namespace

Result<std::vector<Statement>> parse(const SourceText& source, const TypeNames& types) {
    MILLRACE_TRY(std::vector<Token> tokens, tokenize(source));
    TokenReader reader(source, std::move(tokens), types);
    return StatementParser(reader).run();
}

std::string written_text(const SourceText& source, const Statement& statement) {
    return std::string(source.slice(statement.at));
}

}  // namespace millrace::dsl::sql
