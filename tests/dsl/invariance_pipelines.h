// Pipelines of the invariance test for every kind of window and join of the dialect.
#pragma once

#include <string>
#include <vector>

#include "tests/dsl/invariance_harness.h"

namespace millrace::dsl {

struct SqlOfPipeline {
    const char* name;
    const char* text;  // makes OUT
};

// A matched pair has one partition and one place in time: no order is left open.
inline constexpr SqlOfPipeline kWindowsAndJoins[] = {
    {"SessionWindow",
     "CREATE TABLE out AS SELECT k, COUNT(*) AS c, SUM(n) AS s, WINDOWSTART AS ws, WINDOWEND AS we "
     "FROM events WINDOW SESSION (700 MILLISECONDS, GRACE PERIOD 2 SECONDS) GROUP BY k;"},
    {"SessionWindowHaving",
     "CREATE TABLE out AS SELECT k, COUNT(*) AS c, LATEST_BY_OFFSET(name) AS l FROM keyed WINDOW "
     "SESSION (400 MILLISECONDS, GRACE PERIOD 1 SECOND) GROUP BY k HAVING COUNT(*) > 2;"},
    {"TumblingFinal",
     "CREATE TABLE out AS SELECT k, COUNT(*) AS c, SUM(x) AS s FROM events WINDOW TUMBLING (SIZE 5 "
     "SECONDS, GRACE PERIOD 4 SECONDS) GROUP BY k EMIT FINAL;"},
    {"HoppingFinal",
     "CREATE TABLE out AS SELECT k, COUNT(*) AS c, MAX(n) AS m FROM keyed WINDOW HOPPING (SIZE 6 "
     "SECONDS, ADVANCE BY 2 SECONDS, GRACE PERIOD 3 SECONDS) GROUP BY k EMIT FINAL;"},
    {"SessionFinal",
     "CREATE TABLE out AS SELECT k, COUNT(*) AS c, MIN(n) AS m FROM events WINDOW SESSION (500 "
     "MILLISECONDS, GRACE PERIOD 1 SECOND) GROUP BY k EMIT FINAL;"},
    {"CollectionAggregates",
     "CREATE TABLE out AS SELECT k, COLLECT_SET(name) AS names, TOPK(n, 3) AS top, "
     "COUNT_DISTINCT(name) AS d, HISTOGRAM(name) AS h, STDDEV_SAMPLE(n) AS sd FROM events WINDOW "
     "TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;"},
    {"AggregateOfATable",
     "CREATE TABLE out AS SELECT level, COUNT(*) AS c, SUM(LEN(city)) AS s FROM users GROUP BY "
     "level;"},
    {"Explode", "CREATE STREAM out AS SELECT k, EXPLODE(SPLIT(name, 'o')) AS part, n FROM keyed;"},
    {"StreamStreamInner",
     "CREATE STREAM out AS SELECT a.k AS k, a.n AS an, b.n AS bn, b.name AS name FROM keyed a JOIN "
     "events b WITHIN 300 MILLISECONDS GRACE PERIOD 400 MILLISECONDS ON a.k = b.k;"},
    {"StreamStreamLeft",
     "CREATE STREAM out AS SELECT a.k AS k, a.n AS an, b.n AS bn FROM keyed a LEFT JOIN events b "
     "WITHIN (100 MILLISECONDS, 200 MILLISECONDS) GRACE PERIOD 400 MILLISECONDS ON a.k = b.k;"},
    {"StreamStreamRight",
     "CREATE STREAM out AS SELECT b.k AS k, a.n AS an, b.n AS bn FROM keyed a RIGHT JOIN events b "
     "WITHIN 200 MILLISECONDS GRACE PERIOD 300 MILLISECONDS ON a.k = b.k;"},
    {"StreamStreamOuter",
     "CREATE STREAM out AS SELECT ROWKEY AS k, a.n AS an, b.n AS bn FROM keyed a FULL OUTER JOIN "
     "events b WITHIN 200 MILLISECONDS GRACE PERIOD 300 MILLISECONDS ON a.k = b.k;"},
    {"TableTableInner",
     "CREATE TABLE out AS SELECT u.k AS k, u.city AS a, c.city AS b, u.level + c.level AS l FROM "
     "users u JOIN cities c ON u.k = c.k;"},
    {"TableTableLeft",
     "CREATE TABLE out AS SELECT u.k AS k, u.city AS a, c.city AS b FROM users u LEFT JOIN cities "
     "c ON u.k = c.k;"},
    {"TableTableOuter",
     "CREATE TABLE out AS SELECT ROWKEY AS k, u.city AS a, c.city AS b FROM users u FULL OUTER "
     "JOIN cities c ON u.k = c.k;"},
    {"ForeignKeyInner",
     "CREATE TABLE out AS SELECT u.k AS k, u.level, c.city AS city FROM users u JOIN cities c ON "
     "CONCAT('k', CAST(u.level AS VARCHAR)) = c.k;"},
    {"ForeignKeyLeft",
     "CREATE TABLE out AS SELECT u.k AS k, u.city AS own, c.city AS city FROM users u LEFT JOIN "
     "cities c ON CONCAT('k', CAST(u.level AS VARCHAR)) = c.k;"},
};

/// `declarations` make the streams EVENTS and KEYED and the tables USERS and CITIES; every pipeline
/// begins with them.
[[nodiscard]] inline std::vector<Pipeline> window_and_join_pipelines(
    const std::string& declarations) {
    std::vector<Pipeline> pipelines;
    for (const SqlOfPipeline& query : kWindowsAndJoins) {
        pipelines.push_back(
            {query.name, {"SET 'table.bootstrap'='off';" + declarations + query.text}, {"OUT"}});
    }
    return pipelines;
}

}  // namespace millrace::dsl
