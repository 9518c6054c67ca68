#include "server/shell/completer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <set>

#include "dsl/sql/lexer.h"
#include "server/shell/sql_scanner.h"

namespace millrace::server {

namespace {

using dsl::CatalogView;
using dsl::SourceView;

constexpr std::array kStatements{
    "ALTER", "CREATE", "DEFINE", "DESCRIBE", "DROP", "EXPLAIN",   "INSERT INTO", "LIST",
    "PAUSE", "PRINT",  "RESUME", "SELECT",   "SET",  "SHOW",      "TERMINATE",   "UNDEFINE",
    "UNSET", "clear",  "exit",   "help",     "quit", "RUN SCRIPT"};
constexpr std::array kListed{"ALL TOPICS",
                             "CONNECTORS",
                             "FUNCTIONS",
                             "PROPERTIES",
                             "QUERIES",
                             "STREAMS",
                             "TABLES",
                             "TOPICS",
                             "TYPES",
                             "VARIABLES"};
constexpr std::array kTypes{"ARRAY<",
                            "BIGINT",
                            "BOOLEAN",
                            "BYTES",
                            "DATE",
                            "DECIMAL(",
                            "DOUBLE",
                            "INT",
                            "MAP<",
                            "STRING",
                            "STRUCT<",
                            "TIME",
                            "TIMESTAMP",
                            "VARCHAR"};
constexpr std::array kJoins{"FULL JOIN", "INNER JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN"};
constexpr std::array kUnits{"DAYS", "HOURS", "MILLISECONDS", "MINUTES", "SECONDS"};

/// Words behind which an operand comes.
constexpr std::array kBeforeOperand{"AND",
                                    "BETWEEN",
                                    "BY",
                                    "CASE",
                                    "DISTINCT",
                                    "ELSE",
                                    "FROM",
                                    "HAVING",
                                    "IN",
                                    "JOIN",
                                    "LIKE",
                                    "NOT",
                                    "ON",
                                    "OR",
                                    "SELECT",
                                    "THEN",
                                    "WHEN",
                                    "WHERE",
                                    "AS_VALUE"};
/// Words that end a list of sources, and therefore are no alias.
constexpr std::array kAfterSource{"AS",
                                  "EMIT",
                                  "FULL",
                                  "GROUP",
                                  "HAVING",
                                  "INNER",
                                  "JOIN",
                                  "LEFT",
                                  "LIMIT",
                                  "ON",
                                  "PARTITION",
                                  "RIGHT",
                                  "WHERE",
                                  "WINDOW",
                                  "WITHIN"};

enum class Clause {
    kSelect,
    kFrom,
    kOn,
    kWindow,
    kWhere,
    kGroup,
    kPartition,
    kHaving,
    kEmit,
    kLimit
};

template <class List>
bool is_one_of(const List& list, std::string_view word) {
    return std::any_of(
        list.begin(), list.end(), [&](std::string_view each) { return each == word; });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}
bool has_prefix(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return lower(a) == lower(b);
           });
}
bool has_lower(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}
bool has_upper(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A lexeme before the cursor.
struct Token {
    LexemeKind kind = LexemeKind::kSymbol;
    std::string text;   // as written
    std::string upper;  // of a word: upper-cased; of a quoted name: what is in the quotes
};

/// The fields of "STRUCT<A INTEGER, `b` ARRAY<STRING>>"; none of another type.
std::vector<SourceView::Column> fields_of(std::string_view type) {
    constexpr std::string_view kStruct = "STRUCT<";
    std::vector<SourceView::Column> fields;
    if (!type.starts_with(kStruct) || !type.ends_with('>')) {
        return fields;
    }
    type.remove_prefix(kStruct.size());
    type.remove_suffix(1);
    std::size_t depth = 0;
    std::size_t begin = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i <= type.size(); ++i) {
        const char c = i < type.size() ? type[i] : ',';
        is_quoted = is_quoted != (c == '`');
        depth += c == '<' || c == '(' ? 1U : 0U;
        depth -= (c == '>' || c == ')') && depth > 0 ? 1U : 0U;
        if (c != ',' || ((depth > 0 || is_quoted) && i < type.size())) {
            continue;
        }
        std::string_view field = type.substr(begin, i - begin);
        field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
        const bool has_quotes = field.starts_with('`');
        const std::size_t name_end = has_quotes ? field.find('`', 1) : field.find(' ');
        if (name_end != std::string_view::npos) {
            std::string_view rest = field.substr(name_end + 1);
            rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
            const std::size_t name_begin = has_quotes ? 1 : 0;
            fields.push_back(
                {std::string(field.substr(name_begin, name_end - name_begin)), std::string(rest)});
        }
        begin = i + 1;
    }
    return fields;
}

struct NamedSource {
    const SourceView* source = nullptr;
    std::string name;   // upper-cased, or as quoted
    std::string alias;  // the same; empty without
};

class Completer {
  public:
    Completer(std::string_view text, std::size_t cursor, const CatalogView& view)
        : text_(text), cursor_(std::min(cursor, text.size())), view_(view) {}

    Completion run() {
        if (!read()) {
            return {};
        }
        find_sources();
        if (open_string_) {
            complete_string();
        } else if (!tokens_.empty() && tokens_.back().text == ".") {
            complete_qualified();
        } else if (!tokens_.empty() && tokens_.back().text == "->") {
            complete_field();
        } else if (tokens_.empty()) {
            add_words(kStatements);
        } else {
            complete_statement(0);
        }
        std::sort(out_.candidates.begin(), out_.candidates.end());
        out_.candidates.erase(std::unique(out_.candidates.begin(), out_.candidates.end()),
                              out_.candidates.end());
        return std::move(out_);
    }

  private:
    // --- reading the text

    /// False when nothing can be completed here.
    bool read() {
        std::size_t begin = 0;
        std::size_t end = text_.size();
        std::vector<Lexeme> all = scan_sql(text_);
        for (const Lexeme& lexeme : all) {
            if (lexeme.kind == LexemeKind::kSymbol && text_[lexeme.begin] == ';') {
                if (lexeme.end <= cursor_) {
                    begin = lexeme.end;
                } else {
                    end = std::min(end, lexeme.begin);
                }
            }
        }
        out_.begin = cursor_;
        for (const Lexeme& lexeme : all) {
            if (lexeme.begin < begin || lexeme.end > end) {
                continue;
            }
            const bool is_around = lexeme.begin < cursor_ && cursor_ <= lexeme.end;
            const bool is_inside = is_around && (lexeme.is_open || cursor_ < lexeme.end);
            if (lexeme.kind == LexemeKind::kComment) {
                if (is_inside) {
                    return false;
                }
                continue;
            }
            const std::string_view written = text_.substr(lexeme.begin, lexeme.end - lexeme.begin);
            Token token{lexeme.kind, std::string(written), {}};
            token.upper = lexeme.kind == LexemeKind::kWord ? dsl::sql::upper_case(written)
                          : lexeme.kind == LexemeKind::kQuotedName && !lexeme.is_open
                              ? std::string(written.substr(1, written.size() - 2))
                              : std::string(written);
            if (is_around && lexeme.kind == LexemeKind::kWord) {
                out_.begin = lexeme.begin;
                prefix_ = text_.substr(lexeme.begin, cursor_ - lexeme.begin);
            } else if (is_inside && lexeme.kind == LexemeKind::kString) {
                out_.begin = lexeme.begin + 1;
                prefix_ = text_.substr(out_.begin, cursor_ - out_.begin);
                open_string_ = true;
            } else if (is_inside || (is_around && lexeme.kind == LexemeKind::kNumber)) {
                return false;  // a number or a quoted name is known only to who types it
            } else if (lexeme.end <= cursor_) {
                tokens_.push_back(token);
            }
            if (!is_around || lexeme.kind != LexemeKind::kWord) {
                whole_.push_back(std::move(token));
            }
        }
        std::string_view sample;
        if (!prefix_.empty() && !open_string_) {
            sample = prefix_;
        } else if (!tokens_.empty()) {
            sample = tokens_.front().text;
        }
        is_lower_ = has_lower(sample) && !has_upper(sample);
        return true;
    }

    [[nodiscard]] const SourceView* source_named(std::string_view name) const {
        const auto found = std::find_if(view_.sources.begin(),
                                        view_.sources.end(),
                                        [&](const SourceView& each) { return each.name == name; });
        return found == view_.sources.end() ? nullptr : &*found;
    }

    /// The sources of FROM, JOIN, INTO, ALTER: of the whole statement, behind the cursor too.
    void find_sources() {
        for (std::size_t i = 0; i + 1 < whole_.size(); ++i) {
            const std::string& word = whole_[i].upper;
            const bool is_place = whole_[i].kind == LexemeKind::kWord &&
                                  (word == "FROM" || word == "JOIN" || word == "INTO");
            if (!is_place || !is_name(whole_[i + 1])) {
                continue;
            }
            NamedSource named{source_named(whole_[i + 1].upper), whole_[i + 1].upper, {}};
            std::size_t next = i + 2;
            if (next < whole_.size() && whole_[next].upper == "AS") {
                ++next;
            }
            if (next < whole_.size() && is_name(whole_[next]) && word != "INTO" &&
                !is_one_of(kAfterSource, whole_[next].upper)) {
                named.alias = whole_[next].upper;
            }
            if (named.source != nullptr) {
                sources_.push_back(std::move(named));
            }
        }
    }
    static bool is_name(const Token& token) {
        return token.kind == LexemeKind::kWord || token.kind == LexemeKind::kQuotedName;
    }

    // --- adding candidates

    void add(std::string candidate) {
        if (has_prefix(candidate, prefix_)) {
            out_.candidates.push_back(std::move(candidate));
        }
    }
    void add_word(std::string_view word) { add(is_lower_ ? lower_case(word) : std::string(word)); }
    template <class List>
    void add_words(const List& words) {
        for (const std::string_view word : words) {
            add_word(word);
        }
    }
    void add_words(std::initializer_list<std::string_view> words) {
        add_words<std::initializer_list<std::string_view>>(words);
    }
    /// A name of the catalog; in backquotes when it is not plain. The prefix is that of the name
    /// either way.
    void add_name(const std::string& name, std::string_view behind = "") {
        const std::string written = dsl::sql::name_text(name);
        if (written == name) {
            add_word(name + std::string(behind));
        } else if (has_prefix(name, prefix_)) {
            out_.candidates.push_back(written + std::string(behind));
        }
    }
    enum class Kind { kAny, kStream, kTable };
    void add_sources(Kind kind = Kind::kAny) {
        for (const SourceView& source : view_.sources) {
            if (kind == Kind::kAny || source.is_table == (kind == Kind::kTable)) {
                add_name(source.name);
            }
        }
    }
    void add_columns(const SourceView& source) {
        for (const SourceView::Column& column : source.columns) {
            add_name(column.name);
        }
    }
    void add_types() {
        add_words(kTypes);
        for (const std::string& type : view_.types) {
            add_name(type);
        }
    }
    void add_functions() {
        for (const std::string& function : view_.functions) {
            add_word(function + "(");
        }
    }
    void add_queries() {
        for (const std::string& query : view_.queries) {
            add_name(query);
        }
        add_word("ALL");
    }
    void add_operands() {
        bool is_windowed = false;
        for (const NamedSource& named : sources_) {
            add_columns(*named.source);
            is_windowed = is_windowed || named.source->is_windowed;
            if (sources_.size() > 1 || !named.alias.empty()) {
                add_name(named.alias.empty() ? named.name : named.alias, ".");
            }
        }
        if (sources_.empty() && !prefix_.empty()) {  // nothing is named yet: whatever there is
            for (const SourceView& source : view_.sources) {
                add_columns(source);
            }
        }
        add_functions();
        add_words({"CASE",
                   "CAST(",
                   "FALSE",
                   "NOT",
                   "NULL",
                   "ROWOFFSET",
                   "ROWPARTITION",
                   "ROWTIME",
                   "TRUE"});
        if (is_windowed || has_word("WINDOW")) {
            add_words({"WINDOWEND", "WINDOWSTART"});
        }
    }

    // --- where the cursor is

    [[nodiscard]] const std::string& word(std::size_t i) const {
        static const std::string kNone;
        return i < tokens_.size() ? tokens_[i].upper : kNone;
    }
    [[nodiscard]] const std::string& last() const { return tokens_.back().upper; }
    [[nodiscard]] bool has_word(std::string_view wanted) const {
        return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) {
            return token.kind == LexemeKind::kWord && token.upper == wanted;
        });
    }
    /// Position of the innermost parenthesis that is open at the cursor.
    [[nodiscard]] std::optional<std::size_t> open_parenthesis() const {
        std::size_t closed = 0;
        for (std::size_t i = tokens_.size(); i-- > 0;) {
            if (tokens_[i].text == ")") {
                ++closed;
            } else if (tokens_[i].text == "(") {
                if (closed == 0) {
                    return i;
                }
                --closed;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] bool is_in_with() const {
        const auto open = open_parenthesis();
        return open && *open > 0 && word(*open - 1) == "WITH";
    }
    /// At the start of an element of a list in parentheses.
    [[nodiscard]] bool starts_element() const { return last() == "(" || last() == ","; }

    // --- the statements; `at` is where they begin: behind EXPLAIN not at 0

    void complete_statement(std::size_t at) {
        const std::string& head = word(at);
        const std::size_t count = tokens_.size() - at;
        if (is_in_with()) {
            if (starts_element()) {
                for (const std::string& property : view_.with_properties) {
                    add_word(property + "=");
                }
            }
        } else if (const auto select = select_at(at)) {
            complete_query(*select);
        } else if (head == "SHOW" || head == "LIST") {
            if (count == 1) {
                add_words(kListed);
            } else if (last() == "ALL") {
                add_word("TOPICS");
            }
        } else if (head == "DESCRIBE") {
            complete_describe(count);
        } else if (head == "EXPLAIN") {
            complete_explain(at, count);
        } else if (head == "PRINT") {
            complete_print(count);
        } else if (head == "SET" || head == "UNSET") {
            if (count == 1) {
                for (const std::string& setting : view_.settings) {
                    add("'" + setting + "'");
                }
            }
        } else if (head == "TERMINATE" || head == "PAUSE" || head == "RESUME") {
            if (count == 1) {
                add_queries();
            }
        } else if (head == "RUN") {
            if (count == 1) {
                add_word("SCRIPT");
            }
        } else if (head == "DROP") {
            complete_drop(at, count);
        } else if (head == "ALTER") {
            complete_alter(at, count);
        } else if (head == "INSERT") {
            complete_insert(at, count);
        } else if (head == "CREATE") {
            complete_create(at);
        }
    }
    [[nodiscard]] std::optional<std::size_t> select_at(std::size_t at) const {
        for (std::size_t i = at; i < tokens_.size(); ++i) {
            if (tokens_[i].kind == LexemeKind::kWord && tokens_[i].upper == "SELECT") {
                return i;
            }
        }
        return std::nullopt;
    }
    void complete_describe(std::size_t count) {
        if (count == 1) {
            add_sources();
            add_word("FUNCTION");
        } else if (count == 2 && last() == "FUNCTION") {
            for (const std::string& function : view_.functions) {
                add_word(function);
            }
        } else if (count == 2) {
            add_word("EXTENDED");
        }
    }
    void complete_explain(std::size_t at, std::size_t count) {
        if (count == 1) {
            for (const std::string& query : view_.queries) {
                add_name(query);
            }
            add_words({"CREATE", "INSERT INTO", "SELECT"});
        } else {
            complete_statement(at + 1);
        }
    }
    void complete_print(std::size_t count) {
        if (count == 1) {
            for (const std::string& topic : view_.topics) {
                const bool is_plain = dsl::sql::name_text(topic) == topic;
                add(is_plain ? topic : "'" + topic + "'");
            }
        } else if (last() == "FROM") {
            add_word("BEGINNING");
        } else {
            add_words({"FROM BEGINNING", "INTERVAL", "LIMIT"});
        }
    }
    void complete_drop(std::size_t at, std::size_t count) {
        const std::string& what = word(at + 1);
        if (count == 1) {
            add_words({"STREAM", "TABLE", "TYPE"});
        } else if (last() == "IF") {
            add_word("EXISTS");
        } else if (last() == "DELETE") {
            add_word("TOPIC");
        } else if (count == 2 || last() == "EXISTS") {
            if (what == "TYPE") {
                for (const std::string& type : view_.types) {
                    add_name(type);
                }
            } else {
                add_sources(what == "TABLE" ? Kind::kTable : Kind::kStream);
            }
            if (count == 2) {
                add_word("IF EXISTS");
            }
        } else if (what != "TYPE" && last() != "TOPIC") {
            add_word("DELETE TOPIC");
        }
    }
    void complete_alter(std::size_t at, std::size_t count) {
        if (count == 1) {
            add_words({"STREAM", "TABLE"});
        } else if (count == 2) {
            add_sources(word(at + 1) == "TABLE" ? Kind::kTable : Kind::kStream);
        } else if (count == 3 || last() == ",") {
            add_word("ADD COLUMN");
        } else if (last() == "ADD") {
            add_word("COLUMN");
        } else if (word(tokens_.size() - 2) == "COLUMN" || word(tokens_.size() - 2) == "ADD") {
            add_types();
        }
    }
    void complete_insert(std::size_t at, std::size_t count) {
        const auto open = open_parenthesis();
        if (count == 1) {
            add_word("INTO");
        } else if (count == 2) {
            add_sources();
        } else if (open && word(*open - 1) != "VALUES") {
            if (starts_element()) {
                if (const SourceView* source = source_named(word(at + 2)); source != nullptr) {
                    add_columns(*source);
                }
                add_word("ROWTIME");
            }
        } else if (open) {
            sources_.clear();
            add_functions();
            add_words({"CAST(", "FALSE", "NULL", "TRUE"});
        } else if (last() != "VALUES") {
            add_words({"SELECT", "VALUES (", "WITH ("});
        }
    }
    void complete_create(std::size_t at) {
        std::size_t i = at + 1;
        if (word(i) == "OR") {
            if (i + 1 == tokens_.size()) {
                add_word("REPLACE");
                return;
            }
            i += 2;
        }
        const bool is_source = word(i) == "SOURCE";
        i += is_source ? 1U : 0U;
        if (i >= tokens_.size()) {
            add_words({"STREAM", "TABLE"});
            if (i == at + 1) {
                add_words({"OR REPLACE", "SOURCE", "TYPE"});
            } else if (!is_source) {
                add_word("SOURCE");
            }
            return;
        }
        const std::string what = word(i++);
        if (i == tokens_.size()) {
            add_word("IF NOT EXISTS");
            return;
        }
        if (last() == "IF" || last() == "NOT") {
            add_words({last() == "IF" ? "NOT EXISTS" : "EXISTS"});
            return;
        }
        if (word(i) == "IF") {
            i += 3;
        }
        if (i >= tokens_.size()) {
            return;  // a new name
        }
        complete_declaration(i, what);
    }
    /// Behind CREATE STREAM name, which is at `name`.
    void complete_declaration(std::size_t name, const std::string& what) {
        if (what == "TYPE") {
            if (last() == "AS" || last() == "<" || last() == ",") {
                add_types();
            } else if (name + 1 == tokens_.size()) {
                add_word("AS");
            }
        } else if (open_parenthesis()) {
            complete_column(what);
        } else if (name + 1 == tokens_.size()) {
            add_words({"(", "AS SELECT", "WITH ("});
        } else if (last() == "AS") {
            add_word("SELECT");
        } else if (last() == ")") {
            const bool has_with = has_word("WITH");
            add_word(has_with ? "AS SELECT" : "WITH (");
        }
    }
    /// Inside the column list of CREATE.
    void complete_column(const std::string& what) {
        const std::size_t size = tokens_.size();
        if (starts_element()) {
            return;  // a new name
        }
        if (last() == "<" || is_name(tokens_.back())) {
            const std::string& before = word(size - 2);
            if (last() == "<" || before == "(" || before == "," || before == "<") {
                add_types();
            } else if (last() == "PRIMARY") {
                add_word("KEY");
            } else if (last() != "KEY") {
                add_word(what == "TABLE" ? "PRIMARY KEY" : "KEY");
            }
        } else if (last() == ">" || last() == ")") {
            add_word(what == "TABLE" ? "PRIMARY KEY" : "KEY");
        }
    }

    // --- queries

    void complete_query(std::size_t select) {
        Clause clause = Clause::kSelect;
        std::size_t clause_at = select;
        std::size_t depth = 0;
        for (std::size_t i = select; i < tokens_.size(); ++i) {
            const Token& token = tokens_[i];
            depth += token.text == "(" ? 1U : 0U;
            depth -= token.text == ")" && depth > 0 ? 1U : 0U;
            if (token.kind != LexemeKind::kWord || depth > 0) {
                continue;
            }
            if (const auto found = clause_of(token.upper)) {
                clause = *found;
                clause_at = i;
            }
        }
        if (const auto open = open_parenthesis();
            open && *open > select && clause == Clause::kWindow) {
            complete_window(*open);
            return;
        }
        if (open_parenthesis() && (word(*open_parenthesis() - 1) == "WITHIN")) {
            if (tokens_.back().kind == LexemeKind::kNumber) {
                add_words(kUnits);
            }
            return;
        }
        switch (clause) {
            case Clause::kFrom:
                complete_from(clause_at);
                return;
            case Clause::kWindow:
                if (last() == "WINDOW") {
                    add_words({"HOPPING (", "SESSION (", "TUMBLING ("});
                } else if (last() == ")") {
                    add_clauses(clause);
                }
                return;
            case Clause::kEmit:
                last() == "EMIT" ? add_words({"CHANGES", "FINAL"}) : add_words({"LIMIT"});
                return;
            case Clause::kLimit:
                return;
            case Clause::kGroup:
            case Clause::kPartition:
                if (clause_at + 1 == tokens_.size()) {
                    add_word("BY");
                    return;
                }
                break;
            case Clause::kSelect:
            case Clause::kOn:
            case Clause::kWhere:
            case Clause::kHaving:
                break;
        }
        complete_expression(clause, clause_at);
    }
    static std::optional<Clause> clause_of(const std::string& word) {
        static const std::vector<std::pair<std::string_view, Clause>> kClauses{
            {"SELECT", Clause::kSelect},
            {"FROM", Clause::kFrom},
            {"JOIN", Clause::kFrom},
            {"WITHIN", Clause::kFrom},
            {"ON", Clause::kOn},
            {"WINDOW", Clause::kWindow},
            {"WHERE", Clause::kWhere},
            {"GROUP", Clause::kGroup},
            {"PARTITION", Clause::kPartition},
            {"HAVING", Clause::kHaving},
            {"EMIT", Clause::kEmit},
            {"LIMIT", Clause::kLimit}};
        for (const auto& [name, clause] : kClauses) {
            if (name == word) {
                return clause;
            }
        }
        return std::nullopt;
    }
    void complete_expression(Clause clause, std::size_t clause_at) {
        const Token& before = tokens_.back();
        const bool is_operand_next =
            clause_at + 1 == tokens_.size() ||
            (before.kind == LexemeKind::kSymbol && before.text != ")" && before.text != "]" &&
             !(before.text == "*" && clause_at + 2 == tokens_.size())) ||
            (before.kind == LexemeKind::kWord && is_one_of(kBeforeOperand, before.upper));
        if (is_operand_next) {
            add_operands();
            if (clause == Clause::kSelect && clause_at + 1 == tokens_.size()) {
                add_word("*");
            }
            return;
        }
        if (before.upper == "IS" && before.kind == LexemeKind::kWord) {
            add_words({"DISTINCT FROM", "NOT DISTINCT FROM", "NOT NULL", "NULL"});
            return;
        }
        if (before.upper == "AS" && before.kind == LexemeKind::kWord) {
            if (open_parenthesis()) {
                add_types();  // CAST(x AS ...)
            }
            return;
        }
        if (open_parenthesis()) {
            add_word("AS");
        }
        add_words({"AND", "BETWEEN", "IN (", "IS", "LIKE", "NOT", "OR"});
        if (has_word("CASE")) {
            add_words({"ELSE", "END", "THEN", "WHEN"});
        }
        if (open_parenthesis()) {
            return;
        }
        if (clause == Clause::kSelect) {
            add_words({"AS", "FROM"});
            return;
        }
        if (clause == Clause::kOn) {
            add_words(kJoins);
        }
        add_clauses(clause);
    }
    void add_clauses(Clause behind) {
        static const std::vector<std::pair<Clause, std::string_view>> kClauses{
            {Clause::kWindow, "WINDOW"},
            {Clause::kWhere, "WHERE"},
            {Clause::kGroup, "GROUP BY"},
            {Clause::kPartition, "PARTITION BY"},
            {Clause::kHaving, "HAVING"},
            {Clause::kEmit, "EMIT CHANGES"},
            {Clause::kEmit, "EMIT FINAL"},
            {Clause::kLimit, "LIMIT"}};
        for (const auto& [clause, name] : kClauses) {
            if (clause > behind) {
                add_word(name);
            }
        }
    }
    void complete_from(std::size_t clause_at) {
        if (word(clause_at) == "WITHIN") {
            if (tokens_.back().kind == LexemeKind::kNumber) {
                add_words(kUnits);
            } else if (tokens_.size() > clause_at + 2) {
                add_words({"GRACE PERIOD", "ON"});
            }
            return;
        }
        const std::size_t behind = tokens_.size() - clause_at - 1;  // tokens of the clause so far
        if (behind == 0) {
            add_sources();
            return;
        }
        if (last() == "AS") {
            return;  // a new name
        }
        if (is_one_of(kJoins, last() + " JOIN") || last() == "OUTER") {
            add_word("JOIN");
            return;
        }
        if (behind == 1) {
            add_word("AS");
        }
        if (word(clause_at) == "JOIN") {
            add_words({"ON", "WITHIN"});
            return;
        }
        add_words(kJoins);
        add_clauses(Clause::kFrom);
    }
    void complete_window(std::size_t open) {
        const bool is_session = word(open - 1) == "SESSION";
        if (tokens_.back().kind == LexemeKind::kNumber) {
            add_words(kUnits);
        } else if (last() == "ADVANCE") {
            add_word("BY");
        } else if (last() == "GRACE") {
            add_word("PERIOD");
        } else if (starts_element()) {
            if (!is_session) {
                add_word("SIZE");
            }
            if (word(open - 1) == "HOPPING") {
                add_word("ADVANCE BY");
            }
            add_words({"GRACE PERIOD", "RETENTION"});
        }
    }

    // --- behind a dot or an arrow, and in quotes

    /// column->field->...
    void complete_field() {
        std::size_t first = tokens_.size() - 1;  // of the chain's arrows
        while (first >= 3 && tokens_[first - 2].text == "->") {
            first -= 2;
        }
        if (first == 0) {
            return;
        }
        std::string type;
        for (const NamedSource& named : sources_) {
            for (const SourceView::Column& column : named.source->columns) {
                type = column.name == word(first - 1) ? column.type : type;
            }
        }
        for (std::size_t i = first + 1; i < tokens_.size(); i += 2) {
            std::string inner;
            for (const SourceView::Column& field : fields_of(type)) {
                inner = field.name == word(i) ? field.type : inner;
            }
            type = std::move(inner);
        }
        for (const SourceView::Column& field : fields_of(type)) {
            add_name(field.name);
        }
    }

    void complete_qualified() {
        if (tokens_.size() < 2) {
            return;
        }
        const std::string& qualifier = word(tokens_.size() - 2);
        for (const NamedSource& named : sources_) {
            if (named.alias == qualifier || named.name == qualifier) {
                add_columns(*named.source);
            }
        }
    }
    void complete_string() {
        const auto add_quoted = [this](const std::string& text) { add(text + "'"); };
        const std::string& head = word(0);
        if (head == "SET" || head == "UNSET") {
            if (tokens_.size() == 1) {
                std::for_each(view_.settings.begin(), view_.settings.end(), add_quoted);
            }
            return;
        }
        if (head == "PRINT") {
            std::for_each(view_.topics.begin(), view_.topics.end(), add_quoted);
            return;
        }
        if (!is_in_with() || tokens_.size() < 2) {
            return;
        }
        const std::string& property = word(tokens_.size() - 2);
        if (property.ends_with("FORMAT") && property != "TIMESTAMP_FORMAT") {
            std::for_each(view_.formats.begin(), view_.formats.end(), add_quoted);
        } else if (property == "KAFKA_TOPIC") {
            std::for_each(view_.topics.begin(), view_.topics.end(), add_quoted);
        } else if (property == "WINDOW_TYPE") {
            for (const char* const kind : {"HOPPING", "SESSION", "TUMBLING"}) {
                add_quoted(kind);
            }
        }
    }

    std::string_view text_;
    std::size_t cursor_;
    const CatalogView& view_;
    Completion out_;
    std::string_view prefix_;
    bool open_string_ = false;
    bool is_lower_ = false;
    std::vector<Token> tokens_;  // of the statement, before the word at the cursor
    std::vector<Token> whole_;   // of the statement, without the word at the cursor
    std::vector<NamedSource> sources_;
};

}  // namespace

Completion complete(std::string_view text, std::size_t cursor, const CatalogView& view) {
    return Completer(text, cursor, view).run();
}

std::string common_prefix(const std::vector<std::string>& candidates) {
    if (candidates.empty()) {
        return {};
    }
    std::string common = candidates.front();
    for (const std::string& each : candidates) {
        std::size_t size = 0;
        while (size < common.size() && size < each.size() &&
               lower(common[size]) == lower(each[size])) {
            ++size;
        }
        common.resize(size);
    }
    return common;
}

}  // namespace millrace::server
