#include "server/shell/completer.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using Names = std::vector<std::string>;

dsl::CatalogView view() {
    dsl::CatalogView view;
    view.sources = {
        {"CLICKS", false, false, {{"USERID", "STRING"}, {"URL", "STRING"}, {"date", "STRING"}}},
        {"USERS", true, false, {{"USERID", "STRING"}, {"CITY", "STRING"}}},
        {"ORDERS",
         false,
         false,
         {{"AT",
           "STRUCT<CITY STRING, `zip code` DECIMAL(5, 0), GEO STRUCT<LAT DOUBLE, LON DOUBLE>>"}}},
        {"VISITS", true, true, {{"USERID", "STRING"}, {"N", "BIGINT"}}}};
    view.queries = {"VISITS"};
    view.topics = {"clicks", "user-events"};
    view.types = {"ADDRESS"};
    dsl::add_vocabulary(view);
    return view;
}

/// The candidates at '|'.
Names at(std::string text) {
    const std::size_t cursor = text.find('|');
    text.erase(cursor, 1);
    return complete(text, cursor, view()).candidates;
}
bool offers(const std::string& text, const std::string& candidate) {
    const Names names = at(text);
    return std::find(names.begin(), names.end(), candidate) != names.end();
}

TEST(Completer, OffersStatementsAtTheStart) {
    EXPECT_EQ(at("SEL|"), Names{"SELECT"});
    EXPECT_EQ(at("sel|"), Names{"select"});
    EXPECT_EQ(at("SHOW TABLES; de|"), (Names{"define", "describe"}));
    EXPECT_TRUE(offers("|", "CREATE"));
}

TEST(Completer, ReplacesOnlyTheWordAtTheCursor) {
    const Completion completion = complete("SELECT * FROM cli", 17, view());
    EXPECT_EQ(completion.begin, 14U);
    EXPECT_EQ(completion.candidates, Names{"clicks"});
}

TEST(Completer, KnowsSourcesAfterFromJoinAndInto) {
    EXPECT_EQ(at("SELECT * FROM |"), (Names{"CLICKS", "ORDERS", "USERS", "VISITS"}));
    EXPECT_EQ(at("SELECT * FROM clicks c JOIN U|"), Names{"USERS"});
    EXPECT_EQ(at("INSERT INTO C|"), Names{"CLICKS"});
    EXPECT_EQ(at("DROP TABLE |"), (Names{"IF EXISTS", "USERS", "VISITS"}));
    EXPECT_EQ(at("DROP STREAM IF EXISTS |"), (Names{"CLICKS", "ORDERS"}));
    EXPECT_EQ(at("DESCRIBE us|"), Names{"users"});
}

TEST(Completer, OffersTheColumnsOfTheSourcesNamedAnywhereInTheStatement) {
    EXPECT_EQ(at("SELECT ur| FROM clicks;"),
              (Names{"url",
                     "url_decode_param(",
                     "url_encode_param(",
                     "url_extract_fragment(",
                     "url_extract_host(",
                     "url_extract_parameter(",
                     "url_extract_path(",
                     "url_extract_port(",
                     "url_extract_protocol(",
                     "url_extract_query("}));
    EXPECT_TRUE(offers("SELECT * FROM users WHERE CI|", "CITY"));
    EXPECT_FALSE(offers("SELECT | FROM users", "URL"));
    EXPECT_TRUE(offers("SELECT | FROM visits", "WINDOWSTART"));
    EXPECT_FALSE(offers("SELECT | FROM users", "WINDOWSTART"));
}

TEST(Completer, QuotesNamesThatAreNotPlain) {
    EXPECT_TRUE(offers("SELECT da| FROM clicks", "`date`"));
}

TEST(Completer, FollowsAliases) {
    EXPECT_EQ(at("SELECT c.| FROM clicks c JOIN users u ON c.userid = u.userid"),
              (Names{"URL", "USERID", "`date`"}));
    EXPECT_EQ(at("SELECT c.userid FROM clicks AS c JOIN users AS u ON u.ci|"), Names{"city"});
    EXPECT_TRUE(offers("SELECT | FROM clicks c JOIN users u ON c.userid = u.userid", "U."));
}

TEST(Completer, FollowsArrowsIntoStructs) {
    EXPECT_EQ(at("SELECT at->| FROM orders"), (Names{"CITY", "GEO", "`zip code`"}));
    EXPECT_EQ(at("SELECT o.AT->GEO->L| FROM orders o"), (Names{"LAT", "LON"}));
    EXPECT_EQ(at("SELECT AT->CITY->| FROM orders"), Names{});
}

TEST(Completer, KnowsWhichClausesMayFollow) {
    EXPECT_EQ(at("SELECT url FR|"), Names{"FROM"});
    EXPECT_EQ(at("SELECT url FROM clicks EMIT |"), (Names{"CHANGES", "FINAL"}));
    EXPECT_TRUE(offers("SELECT url FROM clicks |", "GROUP BY"));
    EXPECT_EQ(at("SELECT url FROM clicks WHERE url = 'x' W|"), Names{});
    EXPECT_EQ(at("SELECT url FROM clicks GROUP |"), Names{"BY"});
    EXPECT_TRUE(offers("SELECT url FROM clicks WHERE url IS |", "NOT NULL"));
    EXPECT_TRUE(offers("SELECT * FROM clicks c LEFT |", "JOIN"));
    EXPECT_EQ(at("SELECT 1 FROM clicks WINDOW TUMBLING (SIZE 5 M|"),
              (Names{"MILLISECONDS", "MINUTES"}));
    EXPECT_EQ(at("SELECT 1 FROM clicks WINDOW HOP|"), Names{"HOPPING ("});
}

TEST(Completer, OffersFunctionsTypesPropertiesAndSettings) {
    EXPECT_EQ(at("SELECT COU|"), (Names{"COUNT(", "COUNT_DISTINCT("}));
    EXPECT_EQ(at("DESCRIBE FUNCTION SUBS|"), Names{"SUBSTRING"});
    EXPECT_EQ(at("CREATE STREAM s (a BI|"), Names{"BIGINT"});
    EXPECT_EQ(at("CREATE STREAM s (a ADD|"), Names{"ADDRESS"});
    EXPECT_EQ(at("CREATE TABLE t (a INT P|"), Names{"PRIMARY KEY"});
    EXPECT_EQ(at("CREATE STREAM s (a INT) WITH (KAF|"), Names{"KAFKA_TOPIC="});
    EXPECT_EQ(at("CREATE STREAM s (a INT) WITH (VALUE_FORMAT='J|"), Names{"JSON'"});
    EXPECT_EQ(at("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='u|"), Names{"user-events'"});
    EXPECT_EQ(at("SET 'seman|"), Names{"semantics'"});
    EXPECT_TRUE(offers("SET |", "'auto.offset.reset'"));
    EXPECT_EQ(at("INSERT INTO users (ci|"), Names{"city"});
    EXPECT_EQ(at("TERMINATE |"), (Names{"ALL", "VISITS"}));
    EXPECT_EQ(at("PRINT us|"), Names{});
    EXPECT_EQ(at("PRINT 'us|"), Names{"user-events'"});
}

TEST(Completer, StaysQuietWhereNothingIsKnown) {
    EXPECT_EQ(at("SELECT 'a|"), Names{});
    EXPECT_EQ(at("SELECT 1 -- fr|"), Names{});
    EXPECT_EQ(at("SELECT `da|"), Names{});
    EXPECT_EQ(at("CREATE STREAM n|"), Names{});
}

TEST(Completer, TakesAnyTextAndCursor) {
    const std::string text = "SELECT ((( , . -> FROM WITH ( ' \" ` /* \xff";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        for (std::size_t cursor = 0; cursor <= size + 1; ++cursor) {
            const Completion completion = complete(text.substr(0, size), cursor, view());
            EXPECT_LE(completion.begin, size);
        }
    }
}

TEST(Completer, FindsWhatCandidatesShare) {
    EXPECT_EQ(common_prefix({"URL", "url_decode"}), "URL");
    EXPECT_EQ(common_prefix({"A", "B"}), "");
    EXPECT_EQ(common_prefix({}), "");
}

}  // namespace
}  // namespace millrace::server
