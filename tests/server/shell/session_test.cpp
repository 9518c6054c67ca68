// What lies between the lines that are typed and the engine: splitting, history, texts on the wire.
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "server/shell/history_file.h"
#include "server/shell/session_wire.h"
#include "server/shell/sql_scanner.h"
#include "tests/support/temp_directory.h"

namespace millrace::server {
namespace {

using Texts = std::vector<std::string>;

TEST(SqlScanner, SplitsAtSemicolonsOutsideOfQuotesAndComments) {
    const SplitText split =
        split_statements("SHOW TABLES; SELECT ';' -- no; end\n FROM `a;b` /* ; */; ;; SELECT 1");
    EXPECT_EQ(split.statements,
              (Texts{"SHOW TABLES;", "SELECT ';' -- no; end\n FROM `a;b` /* ; */;"}));
    EXPECT_EQ(split.rest, " SELECT 1");
    EXPECT_EQ(split.open_quote, '\0');
}

TEST(SqlScanner, TellsWhatIsStillOpen) {
    EXPECT_EQ(split_statements("SELECT 'it''s").open_quote, '\'');
    EXPECT_EQ(split_statements("SELECT `a").open_quote, '`');
    EXPECT_EQ(split_statements("SELECT 1 /* and").open_quote, '*');
    EXPECT_EQ(split_statements("SELECT 1 -- it's").open_quote, '\0');
    EXPECT_EQ(split_statements("  -- nothing\n").rest, "");
}

TEST(SqlScanner, PutsAStatementOnOneLine) {
    EXPECT_EQ(one_line_statement("SELECT a, -- first\n       'x\ny'\n  FROM  s;"),
              "SELECT a, 'x\ny' FROM  s;");
}

TEST(SqlScanner, MakesScriptsAbsolute) {
    EXPECT_EQ(
        with_absolute_scripts("RUN SCRIPT 'a.sql'; run script '/b.sql'; SELECT 'a';", "/it's"),
        "RUN SCRIPT '/it''s/a.sql'; run script '/b.sql'; SELECT 'a';");
}

TEST(History, SurvivesAndIsPrivateAndBounded) {
    const TempDirectory directory;
    const std::string path = directory.path() + "/history";
    {
        HistoryFile history(path);
        EXPECT_TRUE(history.entries().empty());
        EXPECT_TRUE(history.add("SELECT 'a\nb\\n';"));
        EXPECT_FALSE(history.add("SELECT 'a\nb\\n';"));  // the same again
        EXPECT_FALSE(history.add(" SET 'secret' = 'x';"));
    }
    struct ::stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(HistoryFile(path).entries(), Texts{"SELECT 'a\nb\\n';"});
    {
        std::ofstream file(path, std::ios::app);
        for (std::size_t i = 0; i < 2 * HistoryFile::kEntriesMax; ++i) {
            file << "SELECT " << i << ";\n";
        }
    }
    const HistoryFile history(path);
    EXPECT_EQ(history.entries().size(), HistoryFile::kEntriesMax);
    EXPECT_EQ(history.entries().back(),
              "SELECT " + std::to_string(2 * HistoryFile::kEntriesMax - 1) + ";");
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_LT(static_cast<std::size_t>(info.st_size), HistoryFile::kEntriesMax * 14);
    // Without a place to keep it there is still a history for this start.
    HistoryFile nowhere("");
    EXPECT_TRUE(nowhere.add("SHOW TABLES;"));
}

TEST(SessionWire, CarriesTheView) {
    dsl::CatalogView view;
    view.sources = {{"S", true, true, {{"A\"", "INTEGER"}}}};
    view.queries = {"Q"};
    view.topics = {"t"};
    view.types = {"ADDRESS"};
    const auto decoded = decode_view(encode_view(view));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded.value().sources, view.sources);
    EXPECT_EQ(decoded.value().queries, view.queries);
    EXPECT_EQ(decoded.value().topics, view.topics);
    EXPECT_EQ(decoded.value().types, view.types);
    EXPECT_FALSE(decoded.value().functions.empty());
    EXPECT_FALSE(decode_view("{").ok());
}

TEST(SessionJson, WritesValuesByType) {
    const DataType array = DataType::array(TypeKind::kString);
    EXPECT_EQ(to_json(Value{}, TypeKind::kInt), "null");
    EXPECT_EQ(to_json(Value("1"), TypeKind::kString), "\"1\"");
    EXPECT_EQ(to_json(Value("NULL"), TypeKind::kString), "\"NULL\"");
    EXPECT_EQ(to_json(Value(1.5), TypeKind::kDouble), "1.5");
    EXPECT_EQ(to_json(Value(1.0 / 0.0), TypeKind::kDouble), "\"Infinity\"");
    EXPECT_EQ(to_json(Value(Decimal{120, 2}), DataType::decimal(5, 2)), "1.20");
    EXPECT_EQ(to_json(Value(Value::List{Value("a\n"), Value{}}), array), "[\"a\\n\",null]");
    EXPECT_EQ(
        to_json(Value(Value::List{Value(Value::List{Value("k")}), Value(Value::List{Value(true)})}),
                DataType::map(TypeKind::kString, TypeKind::kBoolean)),
        "{\"k\":true}");
    EXPECT_EQ(to_json(Value(Value::List{Value(std::int32_t{1})}),
                      DataType::structure({{"A", TypeKind::kInt}})),
              "{\"A\":1}");
}

}  // namespace
}  // namespace millrace::server
