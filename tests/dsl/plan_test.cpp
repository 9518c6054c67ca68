#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dsl/engine_fixture.h"

namespace millrace::dsl {
namespace {

class Plans : public EngineFixture {
  protected:
    void SetUp() override {
        ASSERT_EQ(run("CREATE STREAM flights (`date` VARCHAR, delay INT, distance INT, origin "
                      "VARCHAR, destination VARCHAR) WITH (VALUE_FORMAT='JSON', "
                      "TIMESTAMP='date', TIMESTAMP_FORMAT='yyyy/MM/dd HH:mm');"
                      "CREATE TABLE airports (iata VARCHAR PRIMARY KEY, city VARCHAR, state "
                      "VARCHAR) WITH (VALUE_FORMAT='JSON');"
                      "CREATE STREAM keyed (id INT KEY, v INT) WITH (VALUE_FORMAT='JSON');"),
                  "created stream FLIGHTS\ncreated table AIRPORTS\ncreated stream KEYED");
    }
    std::string plan_of(const std::string& query) {
        const std::string text = run("EXPLAIN " + query);
        return text.substr(0, text.find("Operator graph\n"));
    }
};

TEST_F(Plans, JoinAndAggregateInOneStatement) {
    EXPECT_EQ(plan_of("CREATE TABLE d AS SELECT f.origin AS origin, LATEST_BY_OFFSET(a.city) AS "
                      "city, COUNT(*) AS n, AVG(f.delay) AS avg_delay FROM flights f JOIN airports "
                      "a ON f.origin = a.iata WINDOW TUMBLING (SIZE 24 HOURS) WHERE f.delay > 0 "
                      "GROUP BY f.origin EMIT CHANGES;"),
              "Logical plan\n"
              "Sink table D -> topic D, key KAFKA, value JSON [ORIGIN STRING PRIMARY KEY, CITY "
              "STRING, N BIGINT, AVG_DELAY DOUBLE WINDOWED TUMBLING 86400000 ms]\n"
              "  Project key F.ORIGIN AS ORIGIN; KSQL_AGG_VARIABLE_0 AS CITY, "
              "KSQL_AGG_VARIABLE_1 AS N, KSQL_AGG_VARIABLE_2 AS AVG_DELAY\n"
              "    Aggregate by F.ORIGIN: LATEST_BY_OFFSET(A.CITY) AS KSQL_AGG_VARIABLE_0, "
              "COUNT(*) AS KSQL_AGG_VARIABLE_1, AVG(F.DELAY) AS KSQL_AGG_VARIABLE_2; window "
              "TUMBLING size 86400000 ms, grace 0 ms\n"
              "      Project key F.ORIGIN; A.CITY, F.DELAY\n"
              "        Join (inner, stream with table)\n"
              "          Repartition by key, KAFKA\n"
              "            Project key F.ORIGIN; F.DELAY\n"
              "              Filter F.DELAY > 0\n"
              "                Source stream FLIGHTS AS F <- topic FLIGHTS, key KAFKA, value JSON, "
              "time `date` 'yyyy/MM/dd HH:mm', columns `date`, DELAY, ORIGIN\n"
              "          Project key A.IATA; A.CITY\n"
              "            Source table AIRPORTS AS A <- topic AIRPORTS, key KAFKA, value JSON, "
              "columns IATA, CITY\n");
}

TEST_F(Plans, KeepPlaceWhenTheKeyIsTheGroup) {
    const std::string plan =
        plan_of("CREATE TABLE t AS SELECT id, COUNT(*) AS n FROM keyed GROUP BY id;");
    EXPECT_EQ(plan.find("Repartition"), std::string::npos) << plan;
    EXPECT_NE(plan_of("CREATE TABLE t AS SELECT v, COUNT(*) AS n FROM keyed GROUP BY v;")
                  .find("Repartition"),
              std::string::npos);
}

TEST_F(Plans, PutFiltersOfTheStreamBelowTheJoinAndOthersAbove) {
    const std::string plan = plan_of(
        "CREATE STREAM s AS SELECT f.origin, city FROM flights f JOIN airports a ON f.origin = "
        "a.iata WHERE f.delay > 1 AND a.state = 'CA' AND f.delay < 100;");
    const std::size_t join = plan.find("Join");
    EXPECT_LT(plan.find("Filter A.STATE = 'CA'"), join) << plan;
    EXPECT_GT(plan.find("Filter F.DELAY > 1"), join) << plan;
    EXPECT_GT(plan.find("Filter F.DELAY < 100"), join) << plan;
}

TEST_F(Plans, NameUnnamedColumnsAndPrefixAmbiguousOnes) {
    EXPECT_NE(plan_of("CREATE STREAM s AS SELECT id, v + 1, v * 2, v AS w FROM keyed;")
                  .find("[ID INTEGER KEY, KSQL_COL_0 INTEGER, KSQL_COL_1 INTEGER, W INTEGER]"),
              std::string::npos);
    EXPECT_NE(plan_of("CREATE STREAM s AS SELECT * FROM flights f JOIN airports a ON f.origin = "
                      "a.iata;")
                  .find("[F_ORIGIN STRING KEY, `F_date` STRING"),
              std::string::npos);
}

TEST_F(Plans, PartitionByMakesTheKey) {
    EXPECT_NE(plan_of("CREATE STREAM s AS SELECT v, id FROM keyed PARTITION BY v;")
                  .find("[V INTEGER KEY, ID INTEGER]"),
              std::string::npos);
}

TEST_F(Plans, StarOfAPartitionedStreamHasTheNewKeyFirstAndTheOldOneLast) {
    const auto has = [this](const std::string& sql, const std::string& columns) {
        const std::string plan = plan_of(sql);
        EXPECT_NE(plan.find("[" + columns + "]"), std::string::npos) << plan;
    };
    has("CREATE STREAM s AS SELECT * FROM keyed PARTITION BY v;", "V INTEGER KEY, ID INTEGER");
    has("CREATE STREAM s AS SELECT * FROM keyed PARTITION BY v + 1;",
        "KSQL_COL_0 INTEGER KEY, V INTEGER, ID INTEGER");
    has("CREATE STREAM s AS SELECT * FROM keyed PARTITION BY ROWOFFSET;",
        "ROWOFFSET BIGINT KEY, V INTEGER, ID INTEGER");
    has("CREATE STREAM s AS SELECT * FROM keyed PARTITION BY NULL;", "V INTEGER, ID INTEGER");
}

TEST_F(Plans, RejectUnknownNamesWithTheNearest) {
    EXPECT_EQ(run("SELECT dely FROM flights EMIT CHANGES;"),
              "test.sql:1:8: error SQL1202: SELECT column 'DELY' cannot be resolved. Did you mean "
              "DELAY?\n"
              "  SELECT dely FROM flights EMIT CHANGES;\n"
              "         ^~~~");
    EXPECT_EQ(rejection("SELECT delay FROM flihgts EMIT CHANGES;"),
              "unknown stream or table: FLIHGTS does not exist; did you mean FLIGHTS?");
    EXPECT_EQ(
        rejection("SELECT g.delay FROM flights f EMIT CHANGES;"),
        "Failed to prepare statement: 'G' is not a valid stream/table name or alias. Did you mean "
        "F?");
    EXPECT_EQ(rejection("CREATE STREAM s (a INT) WITH (VALUE_FORMT='JSON');"),
              "unknown property VALUE_FORMT; did you mean VALUE_FORMAT?");
    EXPECT_EQ(rejection("SET 'auto.ofset.reset'='latest';"),
              "unknown property: auto.ofset.reset; did you mean auto.offset.reset?");
}

TEST_F(Plans, RejectWhatBreaksTheRules) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"CREATE STREAM s AS SELECT COUNT(*) AS n FROM keyed;",
         "CREATE STREAM AS SELECT statement does not support aggregate function [COUNT(ROWTIME)] "
         "without a GROUP BY clause."},
        {"CREATE TABLE t AS SELECT COUNT(*) AS n FROM keyed GROUP BY id;",
         "Key missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\n"
         "The query used to build `T` must include the grouping expression ID in its projection "
         "(eg, SELECT ID...)."},
        {"CREATE STREAM s AS SELECT id, COUNT(*) AS n FROM keyed GROUP BY id;",
         "this SELECT makes a table: write CREATE TABLE ... AS SELECT"},
        {"CREATE TABLE t AS SELECT id, v FROM keyed;",
         "this SELECT makes a stream: write CREATE STREAM ... AS SELECT, or GROUP BY a key"},
        {"CREATE TABLE t AS SELECT id, v, COUNT(*) AS n FROM keyed GROUP BY id;",
         "Non-aggregate SELECT expression(s) not part of GROUP BY: V\nEither add the column(s) to "
         "the GROUP BY or remove them from the SELECT.\nLATEST_BY_OFFSET(V) would take the latest "
         "value."},
        {"CREATE STREAM s AS SELECT id, id AS j, v FROM keyed;",
         "The projection contains a key column more than once: `ID` and `J`. Write AS_VALUE(ID) "
         "for a copy in the value"},
        {"CREATE STREAM s AS SELECT v FROM keyed;",
         "Key missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\n"
         "The query used to build `S` must include the key column ID in its projection (eg, SELECT "
         "ID...)."},
        {"CREATE STREAM s AS SELECT id, v, v FROM keyed;",
         "Duplicate value columns found in schema: `V` INTEGER. Give one of them an alias"},
        {"CREATE STREAM s AS SELECT id, ROWTIME FROM keyed;",
         "Reserved column name in select: `ROWTIME`. Please remove or alias the column."},
        {"SELECT id FROM keyed WHERE v EMIT CHANGES;",
         "Type error in WHERE expression: Should evaluate to boolean but is V (INTEGER) instead."},
        {"SELECT id FROM keyed WHERE v = NULL EMIT CHANGES;",
         "Error in WHERE expression: Comparison with NULL not supported: INTEGER = NULL\nUse 'IS "
         "NULL' "
         "or 'IS NOT NULL' instead."},
        {"SELECT id FROM keyed WHERE COUNT(*) > 1 EMIT CHANGES;",
         "WHERE cannot hold an aggregate function; HAVING can"},
        {"SELECT id FROM keyed WINDOW TUMBLING (SIZE 1 DAY) EMIT CHANGES;",
         "WINDOW clause requires a GROUP BY clause. Add GROUP BY, or drop WINDOW"},
        {"SELECT id, COUNT(*) FROM keyed GROUP BY id EMIT FINAL;",
         "EMIT FINAL is only supported for windowed aggregations. Give a WINDOW and GROUP BY, or "
         "write EMIT CHANGES"},
        {"SELECT id, SUM(COUNT(*)) FROM keyed GROUP BY id EMIT CHANGES;",
         "Aggregate functions can not be nested: SUM(COUNT(*))"},
        {"SELECT id FROM keyed GROUP BY id EMIT CHANGES;",
         "GROUP BY requires aggregate functions in either the SELECT or HAVING clause. COUNT(*) is "
         "one; a SELECT without GROUP BY keeps the rows"},
        {"SELECT id, COUNT(*) FROM keyed GROUP BY 1 + SUM(v) EMIT CHANGES;",
         "GROUP BY does not support aggregate functions: SUM is an aggregate function."},
        {"SELECT id, TOPK(v, v) FROM keyed GROUP BY id EMIT CHANGES;",
         "Parameter 2 passed to function TOPK must be a literal constant, but was expression: "
         "'V'"},
        {"SELECT id, COUNT(*) FROM keyed WINDOW SESSION (1 DAY) GROUP BY id HAVING WINDOWSTART > 5 "
         "EMIT CHANGES;",
         "Window bounds column WINDOWSTART can only be used in the SELECT clause of windowed "
         "aggregations"},
        {"SELECT iata, MAX(city), MIN(city) FROM airports GROUP BY iata EMIT CHANGES;",
         "The aggregation functions MAX and MIN cannot be applied to a table source, only to a "
         "stream source."},
        {"SELECT f.origin FROM flights f JOIN airports a ON f.delay = a.iata EMIT CHANGES;",
         "Invalid join condition: types don't match. Got F.DELAY{INTEGER} = A.IATA{STRING}."},
        {"SELECT f.origin FROM flights f JOIN airports a ON f.origin = a.city EMIT CHANGES;",
         "Invalid join condition: stream-table joins require to join on the table's primary key. "
         "Got F.ORIGIN = A.CITY. The key is A.IATA."},
        {"SELECT f.origin FROM flights f JOIN keyed k ON f.delay = k.id EMIT CHANGES;",
         "Stream-Stream joins must have a WITHIN clause specified. None was provided; write WITHIN "
         "1 HOUR, say, before ON"},
        {"SELECT f.origin FROM flights f JOIN keyed k WITHIN 1 DAY ON f.delay = 1 EMIT CHANGES;",
         "Invalid comparison expression '1' in join '(F.DELAY = 1)'. Each side of the join "
         "comparision must contain references from exactly one source."},
        {"SELECT f.origin FROM flights f FULL JOIN airports a ON f.origin = a.iata EMIT CHANGES;",
         "Invalid join type: full-outer join not supported for stream-table join. Got F [FULL] "
         "OUTER JOIN A."},
        {"SELECT f.origin FROM airports a JOIN flights f ON f.origin = a.iata EMIT CHANGES;",
         "Invalid join order: table-stream joins are not supported; only stream-table joins. Got A "
         "[INNER] JOIN F."},
        {"SELECT a.id FROM keyed a JOIN keyed b WITHIN 1 DAY ON a.id = b.id EMIT CHANGES;",
         "Can not join 'KEYED' to 'KEYED': self joins are not yet supported."},
        {"SELECT f.origin FROM flights f JOIN airports a ON f.origin = a.iata AND f.delay = 1 EMIT "
         "CHANGES;",
         "Invalid join condition: joins on multiple conditions are not yet supported. Got "
         "((F.ORIGIN = A.IATA) AND (F.DELAY = 1))."},
        {"CREATE TABLE t (a INT) WITH (VALUE_FORMAT='JSON');",
         "Tables require a PRIMARY KEY. Please define the PRIMARY KEY."},
        {"CREATE STREAM s (a INT PRIMARY KEY) WITH (VALUE_FORMAT='JSON');",
         "Column `A` is a 'PRIMARY KEY' column: please use 'KEY' for streams."},
        {"CREATE STREAM s (a INT);",
         "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide "
         "one or "
         "set a default via the 'ksql.persistence.default.format.value' config."},
        {"CREATE STREAM s (a INT) WITH (VALUE_FORMAT='AVRO');",
         "format AVRO is not supported yet; there are JSON, DELIMITED, KAFKA and NONE"},
        {"CREATE STREAM s (a VARCHAR) WITH (VALUE_FORMAT='JSON', TIMESTAMP='a');",
         "Timestamp column, `A`, should be LONG(INT64), TIMESTAMP, or a String with a "
         "timestamp_format "
         "specified"},
        {"SELECT id FROM keyed;",
         "a SELECT without EMIT CHANGES (pull query) is not supported yet; add EMIT CHANGES to "
         "see rows as they come"},
        {"SELECT ARRAY[] FROM keyed EMIT CHANGES;",
         "Array constructor cannot be empty. Please supply at least one element (see "
         "https://github.com/confluentinc/ksql/issues/4239)."},
        {"INSERT INTO keyed SELECT id, v FROM keyed;",
         "this query would read what it writes: KEYED"},
        {"INSERT INTO keyed VALUES (1);",
         "Failed to insert values into 'KEYED'. Expected a value for each column: 2, found 1"},
        {"DROP TABLE keyed;", "KEYED is a stream: write DROP STREAM KEYED"},
        {"CREATE STREAM keyed (a INT) WITH (VALUE_FORMAT='JSON');",
         "a stream named KEYED is there already"},
        {"ALTER TABLE keyed ADD COLUMN x INT;", "KEYED is a stream: write ALTER STREAM KEYED"},
        {"ALTER STREAM keyed ADD COLUMN v INT;",
         "Cannot add column `V` to schema. A column with the same name already exists."},
        {"PAUSE nothing;", "unknown query NOTHING"},
        {"UNDEFINE nothing;", "variable nothing is not defined"},
        {"SHOW ${what};", "variable what is not defined; DEFINE what = 'value'; gives it a value"},
    };
    for (const auto& [sql, message] : cases) {
        EXPECT_EQ(rejection(sql), message) << sql;
    }
}

TEST_F(Plans, SomeLimitsAreKsqlDbsOnly) {
    session_["semantics"] = "ksql";
    run("CREATE STREAM s (k INT KEY, v INT) WITH (VALUE_FORMAT='DELIMITED');"
        "CREATE TABLE t (k INT PRIMARY KEY, w INT) WITH (VALUE_FORMAT='JSON');");
    const std::string nested =
        "CREATE TABLE x WITH (VALUE_FORMAT='JSON') AS SELECT k, AVG(v) AS a FROM s GROUP BY k;";
    const std::string bounds =
        "CREATE TABLE y WITH (VALUE_FORMAT='JSON') AS SELECT s.k, COUNT(*) AS n, WINDOWSTART AS "
        "since FROM s JOIN t ON s.k = t.k WINDOW TUMBLING (SIZE 1 DAY) GROUP BY s.k;";
    EXPECT_TRUE(
        rejection(nested).starts_with("One of the functions used in the statement has an "
                                      "intermediate type"));
    EXPECT_EQ(rejection(bounds), "SELECT column 'WINDOWSTART' cannot be resolved.");
    session_["semantics"] = "safe";
    EXPECT_EQ(run(nested + bounds), "created table X, query X\ncreated table Y, query Y");
}

}  // namespace
}  // namespace millrace::dsl
