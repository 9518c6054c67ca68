// Every code of the list of SQL errors is provoked by a statement, says where and what, and leaves
// the catalog as it was.
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "core/base/sql_error.h"
#include "core/base/sql_error_reference.h"
#include "tests/dsl/engine_fixture.h"
#include "tests/support/test_data.h"

namespace millrace::dsl {
namespace {

constexpr const char* kSources =
    "CREATE STREAM s (k STRING KEY, a INT, b STRING, big BIGINT, f BOOLEAN, st STRUCT<x INT>,"
    " m MAP<STRING, INT>, arr ARRAY<INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
    "CREATE STREAM s2 (k STRING KEY, a INT) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='JSON');"
    "CREATE STREAM p3 (k STRING KEY, a INT) WITH (KAFKA_TOPIC='p3', VALUE_FORMAT='JSON',"
    " PARTITIONS=3);"
    "CREATE STREAM kf (k STRING KEY, a INT) WITH (KAFKA_TOPIC='kf', VALUE_FORMAT='KAFKA');"
    "CREATE STREAM dl (k STRING KEY, a INT) WITH (KAFKA_TOPIC='dl', VALUE_FORMAT='DELIMITED');"
    "CREATE SOURCE STREAM ro (k STRING KEY, a INT) WITH (KAFKA_TOPIC='ro', VALUE_FORMAT='JSON');"
    "CREATE STREAM w (k STRING KEY, a INT) WITH (KAFKA_TOPIC='w', VALUE_FORMAT='JSON',"
    " WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');"
    "CREATE STREAM w5 (k STRING KEY, a INT) WITH (KAFKA_TOPIC='w5', VALUE_FORMAT='JSON',"
    " WINDOW_TYPE='TUMBLING', WINDOW_SIZE='5 SECONDS');"
    "CREATE STREAM ws (k STRING KEY, a INT) WITH (KAFKA_TOPIC='ws', VALUE_FORMAT='JSON',"
    " WINDOW_TYPE='SESSION');"
    "CREATE TABLE t (k STRING PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='t',"
    " VALUE_FORMAT='JSON');"
    "CREATE TABLE t2 (k STRING PRIMARY KEY, a INT) WITH (KAFKA_TOPIC='t2', VALUE_FORMAT='JSON');"
    "CREATE TABLE t3 (k STRING PRIMARY KEY, a INT) WITH (KAFKA_TOPIC='t3', VALUE_FORMAT='JSON');"
    "CREATE TABLE wt (k STRING PRIMARY KEY, a INT) WITH (KAFKA_TOPIC='wt', VALUE_FORMAT='JSON',"
    " WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');"
    "CREATE STREAM hs (a INT, h BYTES HEADER('h')) WITH (KAFKA_TOPIC='hs', VALUE_FORMAT='JSON');"
    "CREATE TYPE ty AS STRUCT<x INT>;"
    "CREATE STREAM q AS SELECT k, a FROM s;"
    "INSERT INTO q WITH (QUERY_ID='fill') SELECT k, a FROM s2;";

/// The WITH clause of a stream that is not there.
const std::string kWith = " WITH (KAFKA_TOPIC='x', VALUE_FORMAT='JSON')";
const std::string kEmit = " EMIT CHANGES;";

struct Provocation {
    SqlError error;
    std::string sql;
};

/// A stream of one column, with a property more.
std::string with(const std::string& properties) {
    return "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='x', " + properties + ");";
}
std::string keyed_with(const std::string& properties) {
    return "CREATE STREAM x (k STRING KEY, a INT) WITH (KAFKA_TOPIC='x', " + properties + ");";
}
std::string shows(const std::string& item) {
    return "SELECT " + item + " FROM s" + kEmit;
}
std::string groups(const std::string& items, const std::string& rest) {
    return "CREATE TABLE x AS SELECT " + items + " FROM s " + rest + ";";
}
std::string joins(const std::string& what) {
    return "CREATE STREAM x AS SELECT * FROM " + what + ";";
}

std::vector<Provocation> provocations() {
    using E = SqlError;
    return {
        {E::kUnexpectedText, "SELECT a FORM s;"},
        {E::kUnknownStatement, "SELEKT a FROM s;"},
        {E::kUnclosed, "SELECT 'a FROM s;"},
        {E::kBadCharacter, "SELECT a ? b FROM s;"},
        {E::kBadName, "SELECT `` FROM s;"},
        {E::kTooDeep, "SELECT " + std::string(300, '(') + "1"},
        {E::kTextTooLong, std::string(std::size_t{1} << 20, ' ') + "SELECT"},
        {E::kBadVariable, "SELECT ${x FROM s;"},
        {E::kBadType, "CREATE STREAM x (a NOTYPE)" + kWith},
        {E::kBadDuration,
         "SELECT k, COUNT(*) FROM s WINDOW TUMBLING (SIZE 9223372036854775807 DAYS) GROUP BY k" +
             kEmit},
        {E::kNumberTooLarge, "SELECT a FROM s EMIT CHANGES LIMIT 99999999999999999999;"},
        {E::kDoubleOverflow, shows("1E999")},
        {E::kBigintOverflow, shows("99999999999999999999")},
        {E::kDecimalOverflow, shows("1." + std::string(40, '1'))},
        {E::kUnknownSource, "SELECT * FROM nowhere" + kEmit},
        {E::kUnknownColumn, shows("nothing")},
        {E::kAmbiguousColumn, "SELECT a FROM s JOIN s2 WITHIN 1 HOUR ON s.k = s2.k" + kEmit},
        {E::kUnknownAlias, shows("z.a")},
        {E::kUnknownFunction, shows("nosuch(a)")},
        {E::kUnknownField, shows("st->nosuch")},
        {E::kUnknownQuery, "TERMINATE nosuch;"},
        {E::kUnknownType, "DROP TYPE nosuch;"},
        {E::kUnknownVariable, shows("${nosuch}")},
        {E::kUnknownSetting, "SET 'nosuch'='1';"},
        {E::kUnknownTopicName, "PRINT nosuch;"},
        {E::kNoSuchOperator, shows("a IN (a, f)")},
        {E::kReservedColumn, "CREATE STREAM x (ROWTIME BIGINT)" + kWith},
        {E::kReservedAlias, "CREATE STREAM x AS SELECT k, a AS ROWTIME FROM s;"},
        {E::kReservedInSelect, "CREATE STREAM x AS SELECT k, ROWTIME FROM s;"},
        {E::kDuplicateColumn, "CREATE STREAM x (a INT, a INT)" + kWith},
        {E::kDuplicateItem, "CREATE STREAM x AS SELECT k, a, b AS a FROM s;"},
        {E::kDuplicateAlias, "SELECT 1 FROM s c JOIN s2 c WITHIN 1 HOUR ON c.k = c.k" + kEmit},
        {E::kDuplicateField, shows("STRUCT(x := 1, x := 2)")},
        {E::kDuplicateGroup, groups("a, COUNT(*)", "GROUP BY a, a")},
        {E::kDuplicateKey, "CREATE STREAM x AS SELECT k, k AS k2, a FROM s;"},
        {E::kDuplicateVariable, shows("TRANSFORM(m, (x, x) => x, (x, y) => y)")},
        {E::kCannotCompare, shows("a = f")},
        {E::kNullComparison, shows("a = NULL")},
        {E::kBadArithmetic, shows("f + 1")},
        {E::kNotBoolean, "SELECT a FROM s WHERE a" + kEmit},
        {E::kBadCast, shows("CAST(b AS ARRAY<INT>)")},
        {E::kUnreadableText, shows("ARRAY[1, 'x']")},
        {E::kMixedTypes, shows("CASE WHEN f THEN a ELSE b END")},
        {E::kOnlyNulls, shows("CASE WHEN f THEN NULL ELSE NULL END")},
        {E::kUntypedNull, shows("NULL")},
        {E::kEmptyConstructor, shows("ARRAY[]")},
        {E::kBadSubscript, shows("a[1]")},
        {E::kNotAStruct, shows("a->x")},
        {E::kBadKeyType, shows("MAP(arr := 1)")},
        {E::kBadLike, shows("a LIKE 'x'")},
        {E::kBadConcat, shows("arr || b")},
        {E::kCannotConvert, "INSERT INTO s2 (k, a) VALUES ('x', ARRAY[1]);"},
        {E::kBadParameters, shows("ABS(f)")},
        {E::kAmbiguousParameters, shows("GREATEST(NULL, NULL)")},
        {E::kStarParameter, shows("PI(*)")},
        {E::kLambdaMisplaced, shows("ABS((x) => x)")},
        {E::kLambdaVariables, shows("TRANSFORM(arr, (x, y) => x)")},
        {E::kLambdaResult, shows("FILTER(arr, (x) => x)")},
        {E::kTableFunctionMisplaced, "SELECT a FROM s WHERE EXPLODE(arr) = 1" + kEmit},
        {E::kAggregateWithoutGroup, groups("COUNT(*)", "")},
        {E::kGroupWithoutAggregate, groups("a", "GROUP BY a")},
        {E::kNotGrouped, groups("a, b, COUNT(*)", "GROUP BY a")},
        {E::kHavingNotGrouped, groups("a, COUNT(*)", "GROUP BY a HAVING LEN(b) > 1")},
        {E::kAggregateMisplaced, "SELECT a FROM s WHERE COUNT(*) > 1" + kEmit},
        {E::kNestedAggregate, groups("a, SUM(COUNT(*))", "GROUP BY a")},
        {E::kAggregateOverTable,
         "CREATE TABLE x AS SELECT a, LATEST_BY_OFFSET(b) FROM t GROUP BY a;"},
        {E::kParameterNotConstant, groups("a, EARLIEST_BY_OFFSET(b, a)", "GROUP BY a")},
        {E::kHavingWithoutGroup, "SELECT a FROM s HAVING a > 1" + kEmit},
        {E::kRowsOfAggregate, groups("a, EXPLODE(arr), COUNT(*)", "GROUP BY a")},
        {E::kRowsOfTable, "CREATE TABLE x AS SELECT k, EXPLODE(ARRAY[a]) FROM t;"},
        {E::kPartitionOfGroups, groups("a, COUNT(*)", "GROUP BY a PARTITION BY a")},
        {E::kGroupByNull, groups("COUNT(*)", "GROUP BY NULL")},
        {E::kPartitionByNothing, "CREATE STREAM x AS SELECT * FROM s PARTITION BY ();"},
        {E::kStateOfFormat,
         "SET 'semantics'='ksql'; CREATE TABLE x AS SELECT k, AVG(a) FROM dl GROUP BY k;"},
        {E::kWindowWithoutGroup, "SELECT * FROM s WINDOW TUMBLING (SIZE 1 SECOND)" + kEmit},
        {E::kFinalWithoutWindow, "SELECT a, COUNT(*) FROM s GROUP BY a EMIT FINAL;"},
        {E::kBoundsMisplaced,
         groups("COUNT(*)", "WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY WINDOWSTART")},
        {E::kBoundsWithoutWindow, shows("WINDOWSTART AS x")},
        {E::kBadWindowSize, groups("a, COUNT(*)", "WINDOW TUMBLING (SIZE 0 SECONDS) GROUP BY a")},
        {E::kBadRetention,
         groups("a, COUNT(*)",
                "WINDOW TUMBLING (SIZE 10 SECONDS, RETENTION 5 SECONDS, GRACE PERIOD 1 SECOND) "
                "GROUP BY a")},
        {E::kWindowOverTable,
         "CREATE TABLE x AS SELECT a, COUNT(*) FROM t WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY a;"},
        {E::kWindowedTable, "CREATE TABLE x AS SELECT * FROM wt;"},
        {E::kWindowedRepartition, joins("w JOIN w5 WITHIN 1 HOUR ON w.k = w5.k")},
        {E::kBadWindowText,
         keyed_with("VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='3 bobs'")},
        {E::kBadWindowType,
         keyed_with("VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION', WINDOW_SIZE='3 DAYS'")},
        {E::kWindowWithoutKey, with("VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION'")},
        {E::kWindowOfQuery, "CREATE STREAM x WITH (WINDOW_TYPE='SESSION') AS SELECT * FROM s2;"},
        {E::kSelfJoin, joins("s2 c JOIN s2 d WITHIN 1 HOUR ON c.k = d.k")},
        {E::kSourceTwice, joins("s2 c JOIN t ON c.k = t.k JOIN s2 d WITHIN 1 HOUR ON c.k = d.k")},
        {E::kJoinFormat, joins("kf JOIN s2 WITHIN 1 HOUR ON kf.k = s2.k")},
        {E::kJoinCriteria, joins("s2 JOIN p3 WITHIN 1 HOUR ON s2.a > p3.a")},
        {E::kJoinConditions, joins("s2 JOIN p3 WITHIN 1 HOUR ON s2.k = p3.k AND s2.a = p3.a")},
        {E::kJoinSides, joins("s2 JOIN t ON s2.k = t.k JOIN t2 ON s2.k = t.k")},
        {E::kJoinSide, joins("s2 JOIN t ON s2.k = 'x'")},
        {E::kJoinOrder, joins("t JOIN s2 ON t.k = s2.k")},
        {E::kJoinType, joins("s2 FULL OUTER JOIN t ON s2.k = t.k")},
        {E::kJoinNotOnKey, joins("s2 JOIN t ON s2.k = t.b")},
        {E::kMissingWithin, joins("s2 JOIN p3 ON s2.k = p3.k")},
        {E::kNeedlessWithin, joins("s2 JOIN t WITHIN 1 HOUR ON s2.k = t.k")},
        {E::kForeignKeyChain,
         "CREATE TABLE x AS SELECT * FROM t JOIN t2 ON t.k = t2.k JOIN t3 ON t.b = t3.k;"},
        {E::kForeignKeyOuter, "CREATE TABLE x AS SELECT * FROM t RIGHT JOIN t2 ON t.b = t2.k;"},
        {E::kJoinKeyTypes, joins("s2 JOIN t ON s2.a = t.k")},
        {E::kIncompatibleWindows, joins("w JOIN ws WITHIN 1 HOUR ON w.k = ws.k")},
        {E::kPartitionCounts, joins("s2 JOIN p3 WITHIN 1 HOUR ON s2.k = p3.k")},
        {E::kWrongKeyKind, "CREATE STREAM x (k INT PRIMARY KEY, a INT)" + kWith},
        {E::kTableWithoutKey, "CREATE TABLE x (a INT)" + kWith},
        {E::kPartitionByNull, "CREATE STREAM x AS SELECT * FROM s2 PARTITION BY NULL, a;"},
        {E::kPartitionOfTable, "CREATE TABLE x AS SELECT * FROM t PARTITION BY a;"},
        {E::kKeyNotSelected, "CREATE STREAM x AS SELECT a FROM s;"},
        {E::kJoinKeyNotSelected,
         "CREATE STREAM x AS SELECT s.b FROM s JOIN s2 WITHIN 1 HOUR ON s.k = s2.k;"},
        {E::kNoValueColumns, "CREATE STREAM x AS SELECT k FROM s;"},
        {E::kMapAsKey, "CREATE STREAM x (k MAP<STRING, INT> KEY, a INT)" + kWith},
        {E::kMapKeysNotText, "CREATE STREAM x AS SELECT k, MAP(a := 1) AS c FROM s;"},
        {E::kUnknownFormat, with("VALUE_FORMAT='nosuch'")},
        {E::kMissingFormat, "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='x');"},
        {E::kFormatConflict, with("FORMAT='JSON', KEY_FORMAT='JSON'")},
        {E::kBadDelimiter, with("VALUE_FORMAT='DELIMITED', VALUE_DELIMITER=''")},
        {E::kConfigOfFormat, with("VALUE_FORMAT='JSON', VALUE_DELIMITER='|'")},
        {E::kBadWrapping, with("VALUE_FORMAT='KAFKA', WRAP_SINGLE_VALUE=TRUE")},
        {E::kUnknownProperty, with("VALUE_FROMAT='JSON'")},
        {E::kPropertyTwice, with("VALUE_FORMAT='JSON', VALUE_FORMAT='JSON'")},
        {E::kBadPropertyValue, with("VALUE_FORMAT='JSON', PARTITIONS=0")},
        {E::kNoneWithColumns, with("VALUE_FORMAT='NONE'")},
        {E::kSeveralColumns,
         "CREATE STREAM x (a INT, b INT) WITH (KAFKA_TOPIC='x', VALUE_FORMAT='KAFKA');"},
        {E::kFormatWithoutKey,
         "CREATE STREAM x WITH (KEY_FORMAT='JSON') AS SELECT a FROM s PARTITION BY NULL;"},
        {E::kPartitionsFixed,
         "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='JSON', PARTITIONS=2);"},
        {E::kTypeOfFormat,
         "CREATE STREAM x (a BOOLEAN) WITH (KAFKA_TOPIC='x', VALUE_FORMAT='KAFKA');"},
        {E::kTimestampType,
         "CREATE STREAM x (a BOOLEAN) WITH (KAFKA_TOPIC='x', VALUE_FORMAT='JSON', "
         "TIMESTAMP='a');"},
        {E::kTimestampColumn, with("VALUE_FORMAT='JSON', TIMESTAMP='nosuch'")},
        {E::kTimestampFormat, with("VALUE_FORMAT='JSON', TIMESTAMP_FORMAT='yyyy'")},
        {E::kHeaderType, "CREATE STREAM x (a INT, h INT HEADER('h'))" + kWith},
        {E::kHeaderConflict,
         "CREATE STREAM x (a INT, h BYTES HEADER('h'), i BYTES HEADER('h'))" + kWith},
        {E::kHeaderInsert, "INSERT INTO hs (h) VALUES (NULL);"},
        {E::kSchemaMismatch, "INSERT INTO s2 SELECT k, b FROM s;"},
        {E::kInsertIntoTable, "INSERT INTO t SELECT * FROM t2;"},
        {E::kInsertReadOnly, "INSERT INTO ro VALUES ('x', 1);"},
        {E::kValueCount, "INSERT INTO s2 (k) VALUES ('x', 1);"},
        {E::kColumnTwice, "INSERT INTO s2 (k, k) VALUES ('x', 'y');"},
        {E::kKeyValueMissing, "INSERT INTO t (a) VALUES (1);"},
        {E::kInsertWindowed, "INSERT INTO w VALUES ('x', 1);"},
        {E::kBadRowtime, "INSERT INTO s2 (ROWTIME, k) VALUES (-1, 'x');"},
        {E::kSourceExists, "CREATE STREAM s2 (a INT)" + kWith},
        {E::kWrongKind, "DROP TABLE s2;"},
        {E::kSourceInUse, "DROP STREAM s;"},
        {E::kReplaceReadOnly, "CREATE OR REPLACE STREAM ro (a INT)" + kWith},
        {E::kAlterReadOnly, "ALTER STREAM ro ADD COLUMN x INT;"},
        {E::kDeleteReadOnly, "DROP STREAM ro DELETE TOPIC;"},
        {E::kAlterQuery, "ALTER STREAM q ADD COLUMN x INT;"},
        {E::kColumnExists, "ALTER STREAM p3 ADD COLUMN a INT;"},
        {E::kCannotReplace, "CREATE OR REPLACE TABLE p3 (k STRING PRIMARY KEY, a INT)" + kWith},
        {E::kWrongResult, "CREATE TABLE x AS SELECT * FROM s2;"},
        {E::kQueryCycle, "INSERT INTO q SELECT k, a FROM q;"},
        {E::kQueryExists, "INSERT INTO q WITH (QUERY_ID='fill') SELECT k, a FROM p3;"},
        {E::kTypeExists, "CREATE TYPE ty AS STRUCT<x INT>;"},
        {E::kNoColumns, "CREATE STREAM x" + kWith},
        {E::kPullQuery, "SELECT * FROM s;"},
        {E::kLimitOfQuery, "CREATE STREAM x AS SELECT * FROM s2 EMIT CHANGES LIMIT 1;"},
        {E::kRegistryFormat, with("VALUE_FORMAT='AVRO'")},
        {E::kRegistryProperty, with("VALUE_FORMAT='JSON', VALUE_SCHEMA_ID=1")},
        {E::kConstantFailed, "INSERT INTO s2 (k, a) VALUES ('x', 1 / 0);"},
        {E::kUnsupported, "SELECT DISTINCT a FROM s" + kEmit},
        {E::kBadSetting, "SET 'auto.offset.reset'='nowhere';"},
        {E::kScriptDepth, "RUN SCRIPT 'loop.sql';"},
        {E::kScriptUnreadable, "RUN SCRIPT 'nosuch.sql';"},
        {E::kCannotExplain, "EXPLAIN INSERT INTO s2 VALUES ('x', 1);"},
        {E::kTopicRefused, "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='', VALUE_FORMAT='JSON');"},
        {E::kQueryInFrom, "SELECT * FROM (SELECT * FROM s)" + kEmit},
        {E::kVariablesTooLong,
         "DEFINE v = '" + std::string(100'000, 'x') + "'; SELECT '" +
             [] {
                 std::string many;
                 for (int i = 0; i < 200; ++i) {
                     many += "${v}";
                 }
                 return many;
             }() +
             "' FROM s;"},
    };
}

/// What `run FILE.sql` refuses and a shell does not.
std::vector<Provocation> provocations_of_files() {
    return {{SqlError::kRowsInFile, "SELECT * FROM s" + kEmit},
            {SqlError::kScriptMisplaced, "RUN SCRIPT 'loop.sql';"},
            {SqlError::kAssertMisplaced, "ASSERT TOPIC s;"},
            {SqlError::kDeclaredOtherwise, "CREATE STREAM s2 (k STRING KEY, z INT)" + kWith}};
}

class SqlErrors : public EngineFixture {
  protected:
    void SetUp() override {
        const auto made = engine_->execute(kSources, "sources.sql", session_, {}, {});
        ASSERT_TRUE(made.ok()) << made.error().message;
        ASSERT_TRUE(
            files_.write_file_atomically("loop.sql", as_bytes("RUN SCRIPT 'loop.sql';")).ok());
    }
    std::string catalog() {
        return run("SHOW STREAMS; SHOW TABLES; SHOW TYPES; SHOW ALL TOPICS; SHOW QUERIES;");
    }
    std::optional<Error> error_of(const std::string& sql, bool is_file) {
        Properties session;
        std::map<std::string, std::string> variables;
        const auto done = is_file ? engine_->apply(sql, "test.sql", session)
                                  : engine_->execute(
                                        sql,
                                        "test.sql",
                                        session,
                                        {},
                                        [](const auto&) { return false; },
                                        {},
                                        &variables);
        return done.ok() ? std::nullopt : std::optional(done.error());
    }
    /// The code, the place and the underlined text are there; the catalog is what it was.
    void expect(const Provocation& given, bool is_file) {
        const std::string shown = given.sql.substr(0, 200);
        const std::string before = catalog();
        const std::optional<Error> error = error_of(given.sql, is_file);
        ASSERT_TRUE(error.has_value()) << code_text(given.error) << " accepted: " << shown;
        EXPECT_EQ(code_text(error->sql), code_text(given.error)) << shown << "\n" << error->message;
        EXPECT_NE(error->message.find("error " + code_text(given.error) + ": "), std::string::npos)
            << shown << "\n"
            << error->message.substr(0, 300);
        EXPECT_NE(error->message.find(".sql:"), std::string::npos) << error->message.substr(0, 300);
        EXPECT_EQ(error->message.back() == '^' || error->message.back() == '~', true)
            << error->message.substr(0, 300);
        EXPECT_EQ(catalog(), before) << shown;
    }
};

TEST_F(SqlErrors, EveryCodeIsProvokedAndLeavesTheCatalogAsItWas) {
    std::set<SqlError> provoked;
    for (const Provocation& given : provocations()) {
        expect(given, false);
        provoked.insert(given.error);
    }
    for (const Provocation& given : provocations_of_files()) {
        expect(given, true);
        provoked.insert(given.error);
    }
    provoked.insert(SqlError::kAssertionFailed);  // of test files: tests/dsl/testing
    for (const SqlErrorInfo& info : sql_errors()) {
        EXPECT_TRUE(provoked.count(info.error) == 1)
            << "no statement provokes " << code_text(info.error) << " " << info.name();
    }
}

TEST(SqlErrorList, GoesUpAndSaysWhatToDo) {
    std::uint16_t last = 0;
    std::set<std::string> names;
    for (const SqlErrorInfo& info : sql_errors()) {
        EXPECT_GT(info.number(), last);
        last = info.number();
        EXPECT_TRUE(names.insert(info.name()).second) << info.name();
        EXPECT_FALSE(info.meaning.empty() || info.remedy.empty()) << info.name();
        EXPECT_NE(name_of(info.error_class()), "") << info.name();
    }
}

TEST(SqlErrorList, IsWhatTheReferencePageShows) {
    const std::string path = test_data_path("../../docs/errors.md");
    if (std::getenv("MILLRACE_UPDATE_DOCS") != nullptr) {
        std::ofstream(path) << sql_error_reference();
    }
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    EXPECT_EQ(page.str(), sql_error_reference())
        << "run this test once with MILLRACE_UPDATE_DOCS=1 to write the page anew";
}

}  // namespace
}  // namespace millrace::dsl
