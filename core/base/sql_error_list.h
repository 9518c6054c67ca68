// The one list of what can be wrong with a statement. A number stays with its meaning for ever; new
// ones go to the end of their class, the first two digits (SqlErrorClass in sql_error.h).
// docs/errors.md is made from it.
#pragma once

#include <cstdint>

// clang-format off
/// X(number, name, ErrorCode, what it means, what to do)
#define MILLRACE_SQL_ERRORS(X)                                                                     \
    /* syntax */                                                                                   \
    X(1001, kUnexpectedText, kSqlSyntax,                                                           \
      "the text does not go on as the grammar says",                                               \
      "write what the message expects at the marked place")                                        \
    X(1002, kUnknownStatement, kSqlSyntax,                                                         \
      "no statement begins like this",                                                             \
      "see docs/sql.md for the statements; the message names the nearest one")                     \
    X(1003, kUnclosed, kSqlSyntax,                                                                 \
      "a string, a quoted name or a comment has no end",                                           \
      "close it where it ends; a quote inside of it is written twice")                             \
    X(1004, kBadCharacter, kSqlSyntax,                                                             \
      "a character that cannot stand here, or bytes that are no UTF-8",                            \
      "remove it, or put it between quotes")                                                       \
    X(1005, kBadName, kSqlSyntax,                                                                  \
      "something that cannot be a name or a number",                                               \
      "put a name that is not plain between backquotes; it needs at least one character")          \
    X(1006, kTooDeep, kSqlSyntax,                                                                  \
      "nested or chained deeper than the limit",                                                   \
      "split it: put parts into streams or tables of their own")                                   \
    X(1007, kTextTooLong, kSqlSyntax,                                                              \
      "the text is longer than 1 MiB, or a statement longer than 10000 words",                     \
      "send the statements in several texts; split the statement")                                 \
    X(1008, kBadVariable, kSqlSyntax,                                                              \
      "a variable that is not written ${name}",                                                    \
      "close the name with }")                                                                     \
    X(1009, kBadType, kSqlSyntax,                                                                  \
      "no type, or one whose parameters are out of bounds",                                        \
      "see docs/sql.md for the types; CREATE TYPE gives names to others")                          \
    X(1010, kBadDuration, kSqlSyntax,                                                              \
      "a time span that cannot be read or is too long",                                            \
      "write a whole number and DAYS, HOURS, MINUTES, SECONDS or MILLISECONDS")                    \
    /* numeric-literal */                                                                          \
    X(1101, kNumberTooLarge, kSqlSyntax,                                                           \
      "a number that does not fit where it stands",                                                \
      "write a smaller one")                                                                       \
    X(1102, kDoubleOverflow, kSqlSyntax,                                                           \
      "a number with an exponent that is beyond DOUBLE",                                           \
      "write one between -1.7976931348623157E308 and 1.7976931348623157E308")                      \
    X(1103, kBigintOverflow, kSqlSemantic,                                                         \
      "a whole number that is beyond BIGINT",                                                      \
      "write it with a decimal point (DECIMAL) or with E0 (DOUBLE)")                               \
    X(1104, kDecimalOverflow, kSqlSemantic,                                                        \
      "a number of more than 38 digits",                                                           \
      "write it with fewer digits, or with E0 (DOUBLE)")                                           \
    /* unresolved-name */                                                                          \
    X(1201, kUnknownSource, kUnknownName,                                                          \
      "there is no stream or table of this name",                                                  \
      "create it first; SHOW STREAMS and SHOW TABLES list what is there")                          \
    X(1202, kUnknownColumn, kUnknownName,                                                          \
      "no source of the query has this column, or not at this place",                              \
      "DESCRIBE the source; aliases of the SELECT list cannot be used in other clauses")           \
    X(1203, kAmbiguousColumn, kSqlSemantic,                                                        \
      "several sources have a column of this name",                                                \
      "write the source's alias and a point before it")                                            \
    X(1204, kUnknownAlias, kUnknownName,                                                           \
      "no source of the query has this name or alias",                                             \
      "use the alias that FROM or JOIN gives; it replaces the source's name")                      \
    X(1205, kUnknownFunction, kUnknownName,                                                        \
      "there is no function of this name",                                                         \
      "SHOW FUNCTIONS lists them")                                                                 \
    X(1206, kUnknownField, kUnknownName,                                                           \
      "the STRUCT has no field of this name",                                                      \
      "DESCRIBE the source; a field whose name is not in capitals stands between backquotes")      \
    X(1207, kUnknownQuery, kUnknownName,                                                           \
      "there is no query of this name",                                                            \
      "SHOW QUERIES lists them")                                                                   \
    X(1208, kUnknownType, kUnknownName,                                                            \
      "there is no custom type of this name",                                                      \
      "SHOW TYPES lists them")                                                                     \
    X(1209, kUnknownVariable, kUnknownName,                                                        \
      "a variable that nobody defined",                                                            \
      "DEFINE it, or write $${name} for the text itself")                                          \
    X(1210, kUnknownSetting, kUnknownName,                                                         \
      "there is no session property of this name",                                                 \
      "SHOW PROPERTIES lists them")                                                                \
    X(1211, kUnknownTopicName, kUnknownTopic,                                                      \
      "there is no topic of this name",                                                            \
      "SHOW TOPICS lists them; the name of a topic keeps its case")                                \
    X(1212, kNoSuchOperator, kSqlSemantic,                                                         \
      "values of these types cannot be compared in a list",                                        \
      "CAST one side to the type of the other")                                                    \
    /* reserved-name */                                                                            \
    X(1301, kReservedColumn, kSqlSemantic,                                                         \
      "a declared column has the name of a pseudo column",                                         \
      "name it differently")                                                                       \
    X(1302, kReservedAlias, kSqlSemantic,                                                          \
      "an alias is the name of a pseudo column",                                                   \
      "choose another alias")                                                                      \
    X(1303, kReservedInSelect, kSqlSemantic,                                                       \
      "a pseudo column would become a column of the result under its own name",                    \
      "give it an alias")                                                                          \
    /* duplicate-column */                                                                         \
    X(1401, kDuplicateColumn, kSqlSemantic,                                                        \
      "two declared columns have one name",                                                        \
      "rename one of them")                                                                        \
    X(1402, kDuplicateItem, kSqlSemantic,                                                          \
      "two items of the SELECT list have one name",                                                \
      "give one of them an alias")                                                                 \
    X(1403, kDuplicateAlias, kSqlSemantic,                                                         \
      "two sources of a query have one name",                                                      \
      "give one of them an alias")                                                                 \
    X(1404, kDuplicateField, kSqlSemantic,                                                         \
      "two fields of a STRUCT have one name",                                                      \
      "rename one of them")                                                                        \
    X(1405, kDuplicateGroup, kSqlSemantic,                                                         \
      "GROUP BY names an expression twice",                                                        \
      "name it once")                                                                              \
    X(1406, kDuplicateKey, kSqlSemantic,                                                           \
      "the SELECT list has the key more than once",                                                \
      "write AS_VALUE(column) for a copy in the value")                                            \
    X(1407, kDuplicateVariable, kSqlSemantic,                                                      \
      "two variables of a lambda have one name",                                                   \
      "rename one of them")                                                                        \
    /* type-error */                                                                               \
    X(1501, kCannotCompare, kSqlSemantic,                                                          \
      "values of these types cannot be compared with this operator",                               \
      "CAST one side to the type of the other")                                                    \
    X(1502, kNullComparison, kSqlSemantic,                                                         \
      "a comparison with NULL, which is never true",                                               \
      "write IS NULL or IS NOT NULL")                                                              \
    X(1503, kBadArithmetic, kSqlSemantic,                                                          \
      "these types cannot be calculated with",                                                     \
      "CAST the operands to numbers; || concatenates texts")                                       \
    X(1504, kNotBoolean, kSqlSemantic,                                                             \
      "a condition that is not BOOLEAN",                                                           \
      "compare the value with something")                                                          \
    X(1505, kBadCast, kSqlSemantic,                                                                \
      "there is no conversion between these types",                                                \
      "go over a third type, STRING say, or use a function")                                       \
    X(1506, kUnreadableText, kSqlSemantic,                                                         \
      "a text that cannot be read as the type that its place wants",                               \
      "write a value of that type")                                                                \
    X(1507, kMixedTypes, kSqlSemantic,                                                             \
      "parts that must be of one type are not",                                                    \
      "CAST them to one type")                                                                     \
    X(1508, kOnlyNulls, kSqlSemantic,                                                              \
      "nothing but NULL where a type is to come from",                                             \
      "write CAST(NULL AS type) for one of them")                                                  \
    X(1509, kUntypedNull, kSqlSemantic,                                                            \
      "a column that is NULL and has no type",                                                     \
      "write CAST(NULL AS type)")                                                                  \
    X(1510, kEmptyConstructor, kSqlSemantic,                                                       \
      "a constructor without anything in it, which has no type",                                   \
      "put at least one element into it")                                                          \
    X(1511, kBadSubscript, kSqlSemantic,                                                           \
      "[...] behind something that has no elements, or with a wrong index",                        \
      "an ARRAY takes a whole number from 1 on, a MAP a key of its type")                          \
    X(1512, kNotAStruct, kSqlSemantic,                                                             \
      "-> behind something that is no STRUCT",                                                     \
      "leave out -> and the field")                                                                \
    X(1513, kBadKeyType, kSqlSemantic,                                                             \
      "the keys of a MAP are ARRAYs, MAPs or STRUCTs",                                             \
      "make a STRING of them")                                                                     \
    X(1514, kBadLike, kSqlSemantic,                                                                \
      "LIKE with something other than texts, or an ESCAPE of several characters",                  \
      "CAST the operands to STRING; ESCAPE takes one character")                                   \
    X(1515, kBadConcat, kSqlSemantic,                                                              \
      "|| between types that cannot be concatenated",                                              \
      "CAST both sides to STRING, or both to BYTES")                                               \
    X(1516, kCannotConvert, kSqlSemantic,                                                          \
      "a value of another type than its place wants",                                              \
      "write a value of that type, or CAST it")                                                    \
    /* function-signature */                                                                       \
    X(1601, kBadParameters, kSqlSemantic,                                                          \
      "the function does not take these parameters",                                               \
      "DESCRIBE FUNCTION shows what it takes; CAST what does not fit")                             \
    X(1602, kAmbiguousParameters, kSqlSemantic,                                                    \
      "several variants of the function take these parameters equally well",                       \
      "CAST parameters to choose one")                                                             \
    X(1603, kStarParameter, kSqlSemantic,                                                          \
      "* as parameter of a function other than COUNT",                                             \
      "name the parameters")                                                                       \
    X(1604, kLambdaMisplaced, kSqlSemantic,                                                        \
      "a lambda outside of the functions that take one",                                           \
      "use it in TRANSFORM, FILTER or REDUCE")                                                     \
    X(1605, kLambdaVariables, kSqlSemantic,                                                        \
      "a lambda with more or fewer variables than its function gives",                             \
      "write (x) => for an ARRAY, (key, value) => for a MAP; REDUCE gives the state first")        \
    X(1606, kLambdaResult, kSqlSemantic,                                                           \
      "a lambda gives another type than its function wants",                                       \
      "CAST the lambda's result")                                                                  \
    X(1607, kTableFunctionMisplaced, kSqlSemantic,                                                 \
      "a function that makes rows outside of the SELECT list, or inside of another one",           \
      "let it stand in the SELECT list of a query of its own")                                     \
    /* aggregate-rule */                                                                           \
    X(1701, kAggregateWithoutGroup, kSqlSemantic,                                                  \
      "an aggregate function without GROUP BY",                                                    \
      "add GROUP BY")                                                                              \
    X(1702, kGroupWithoutAggregate, kSqlSemantic,                                                  \
      "GROUP BY without an aggregate function",                                                    \
      "add one, COUNT(*) say, or leave out GROUP BY")                                              \
    X(1703, kNotGrouped, kSqlSemantic,                                                             \
      "the SELECT list has something that is neither grouped by nor aggregated",                   \
      "add it to GROUP BY, or aggregate it: LATEST_BY_OFFSET(column) takes the latest value")      \
    X(1704, kHavingNotGrouped, kSqlSemantic,                                                       \
      "HAVING has something that is neither grouped by nor aggregated",                            \
      "add it to GROUP BY, aggregate it, or move the condition to WHERE")                          \
    X(1705, kAggregateMisplaced, kSqlSemantic,                                                     \
      "an aggregate function where there are no groups",                                           \
      "use it in SELECT and HAVING only")                                                          \
    X(1706, kNestedAggregate, kSqlSemantic,                                                        \
      "an aggregate function inside of another",                                                   \
      "aggregate twice: in a table, then in a query over it")                                      \
    X(1707, kAggregateOverTable, kSqlSemantic,                                                     \
      "an aggregate function that cannot take back what a row of a table was",                     \
      "use one that can, or read the topic as a stream")                                           \
    X(1708, kParameterNotConstant, kSqlSemantic,                                                   \
      "a parameter that must be a literal is none",                                                \
      "write a number or TRUE or FALSE")                                                           \
    X(1709, kHavingWithoutGroup, kSqlSemantic,                                                     \
      "HAVING without GROUP BY",                                                                   \
      "use WHERE, or add GROUP BY")                                                                \
    X(1710, kRowsOfAggregate, kSqlSemantic,                                                        \
      "a function that makes rows in an aggregation",                                              \
      "make the rows in a stream of their own, then aggregate that")                               \
    X(1711, kRowsOfTable, kSqlSemantic,                                                            \
      "a function that makes rows over a table",                                                   \
      "read the table's topic as a stream")                                                        \
    X(1712, kPartitionOfGroups, kSqlSemantic,                                                      \
      "PARTITION BY and GROUP BY in one query",                                                    \
      "leave out PARTITION BY: the groups are the key")                                            \
    X(1713, kGroupByNull, kSqlSemantic,                                                            \
      "GROUP BY NULL makes no groups",                                                             \
      "group by a constant, 1 say, to have one group")                                             \
    X(1714, kPartitionByNothing, kSqlSemantic,                                                     \
      "PARTITION BY without an expression",                                                        \
      "name a column, or write PARTITION BY NULL for no key")                                      \
    X(1715, kStateOfFormat, kSqlSemantic,                                                          \
      "the value format cannot hold what an aggregate function keeps",                             \
      "declare the source with VALUE_FORMAT='JSON', or SET 'semantics'='safe'")                    \
    /* window-rule */                                                                              \
    X(1801, kWindowWithoutGroup, kSqlSemantic,                                                     \
      "WINDOW without GROUP BY",                                                                   \
      "add GROUP BY, or leave out WINDOW")                                                         \
    X(1802, kFinalWithoutWindow, kSqlSemantic,                                                     \
      "EMIT FINAL for something other than a windowed aggregation",                                \
      "add WINDOW and GROUP BY, or write EMIT CHANGES")                                            \
    X(1803, kBoundsMisplaced, kSqlSemantic,                                                        \
      "a window's bound where the windows do not exist yet",                                       \
      "use WINDOWSTART and WINDOWEND in the SELECT list")                                          \
    X(1804, kBoundsWithoutWindow, kUnknownName,                                                    \
      "a window's bound in a query without windows",                                               \
      "add WINDOW, or read a windowed source")                                                     \
    X(1805, kBadWindowSize, kSqlSemantic,                                                          \
      "a window's size, advance or gap is out of bounds",                                          \
      "sizes are above 0, and ADVANCE BY is not above SIZE")                                       \
    X(1806, kBadRetention, kSqlSemantic,                                                           \
      "windows would be forgotten before they close",                                              \
      "let RETENTION be at least the size plus GRACE PERIOD")                                      \
    X(1807, kWindowOverTable, kSqlSemantic,                                                        \
      "WINDOW over a table",                                                                       \
      "leave out WINDOW, or read the table's topic as a stream")                                   \
    X(1808, kWindowedTable, kSqlSemantic,                                                          \
      "a query over a windowed table",                                                             \
      "declare a stream on the topic, with the same WINDOW_TYPE, and query that")                  \
    X(1809, kWindowedRepartition, kSqlSemantic,                                                    \
      "windowed sources that a join would have to move",                                           \
      "join them on their keys; their windows must have one size")                                 \
    X(1810, kBadWindowText, kSqlSyntax,                                                            \
      "WINDOW_SIZE cannot be read",                                                                \
      "write WINDOW_SIZE='10 SECONDS', say")                                                       \
    X(1811, kBadWindowType, kSqlSemantic,                                                          \
      "WINDOW_TYPE and WINDOW_SIZE do not go together",                                            \
      "TUMBLING and HOPPING need WINDOW_SIZE, SESSION has none")                                   \
    X(1812, kWindowWithoutKey, kSqlSemantic,                                                       \
      "a windowed source without a key",                                                           \
      "declare a KEY column: the window is a part of the key")                                     \
    X(1813, kWindowOfQuery, kSqlSemantic,                                                          \
      "WINDOW_TYPE for the result of a query",                                                     \
      "write a WINDOW clause")                                                                     \
    /* join-rule */                                                                                \
    X(1901, kSelfJoin, kSqlSemantic,                                                               \
      "a source is joined with itself",                                                            \
      "copy it into a second stream or table and join that")                                       \
    X(1902, kSourceTwice, kSqlSemantic,                                                            \
      "a source occurs twice in an n-way join",                                                    \
      "copy it into a second stream or table and join that")                                       \
    X(1903, kJoinFormat, kSqlSemantic,                                                             \
      "a joined source has the value format KAFKA",                                                \
      "copy it into a stream or table with another VALUE_FORMAT")                                  \
    X(1904, kJoinCriteria, kSqlSemantic,                                                           \
      "ON is no equality",                                                                         \
      "write ON a.x = b.y; other conditions go to WHERE")                                          \
    X(1905, kJoinConditions, kSqlSemantic,                                                         \
      "ON has several conditions",                                                                 \
      "join on one STRUCT or text of both columns; other conditions go to WHERE")                  \
    X(1906, kJoinSides, kSqlSemantic,                                                              \
      "ON does not compare the joined source with one before it",                                  \
      "let one side name the joined source and the other side one before it")                      \
    X(1907, kJoinSide, kSqlSemantic,                                                               \
      "a side of ON names no source, or several",                                                  \
      "let each side have columns of one source")                                                  \
    X(1908, kJoinOrder, kSqlSemantic,                                                              \
      "a table is joined with a stream",                                                           \
      "name the stream first: a stream can be joined with tables")                                 \
    X(1909, kJoinType, kSqlSemantic,                                                               \
      "a stream cannot be joined with a table in this way",                                        \
      "use JOIN or LEFT JOIN")                                                                     \
    X(1910, kJoinNotOnKey, kSqlSemantic,                                                           \
      "a table is not joined on its primary key",                                                  \
      "join on the key; make a table with the other column as its key first")                      \
    X(1911, kMissingWithin, kSqlSemantic,                                                          \
      "a join of two streams without WITHIN",                                                      \
      "say how far apart in time rows may be: WITHIN 1 HOUR")                                      \
    X(1912, kNeedlessWithin, kSqlSemantic,                                                         \
      "WITHIN in a join with a table",                                                             \
      "leave it out: a table's row holds until it changes")                                        \
    X(1913, kForeignKeyChain, kSqlSemantic,                                                        \
      "a foreign-key join in an n-way join",                                                       \
      "make it a table of its own, and join that")                                                 \
    X(1914, kForeignKeyOuter, kSqlSemantic,                                                        \
      "RIGHT or FULL OUTER JOIN on a foreign key",                                                 \
      "use JOIN or LEFT JOIN, or exchange the sides")                                              \
    X(1915, kJoinKeyTypes, kSqlSemantic,                                                           \
      "the two sides of ON have different types",                                                  \
      "CAST one side; the column of a table must stay as it is")                                   \
    X(1916, kIncompatibleWindows, kSqlSemantic,                                                    \
      "sources with windows of different kinds are joined",                                        \
      "join SESSION with SESSION, and TUMBLING or HOPPING with each other")                        \
    X(1917, kPartitionCounts, kSqlSemantic,                                                        \
      "joined topics have different numbers of partitions",                                        \
      "copy one of them with PARTITIONS as many as the other has")                                 \
    /* key-declaration */                                                                          \
    X(2001, kWrongKeyKind, kSqlSyntax,                                                             \
      "KEY in a table, or PRIMARY KEY in a stream",                                                \
      "write PRIMARY KEY for tables and KEY for streams")                                          \
    X(2002, kTableWithoutKey, kSqlSemantic,                                                        \
      "a table without a primary key",                                                             \
      "write PRIMARY KEY behind the column that tells rows apart")                                 \
    X(2003, kPartitionByNull, kSqlSemantic,                                                        \
      "PARTITION BY has NULL beside other expressions",                                            \
      "write NULL alone for no key")                                                               \
    X(2004, kPartitionOfTable, kSqlSemantic,                                                       \
      "PARTITION BY over a table, which keeps its key",                                            \
      "leave it out, or GROUP BY the column")                                                      \
    /* key-missing-from-projection */                                                              \
    X(2101, kKeyNotSelected, kSqlSemantic,                                                         \
      "the SELECT list lacks the key of the result",                                               \
      "add it to the list")                                                                        \
    X(2102, kJoinKeyNotSelected, kSqlSemantic,                                                     \
      "the SELECT list lacks what the rows of a join are known by",                                \
      "add one of the columns that the message names")                                             \
    X(2103, kNoValueColumns, kSqlSemantic,                                                         \
      "the SELECT list has nothing but the key",                                                   \
      "add a column; AS_VALUE(key) is one")                                                        \
    /* unsupported-map-key */                                                                      \
    X(2201, kMapAsKey, kSqlSemantic,                                                               \
      "a key column is a MAP, or has one in it",                                                   \
      "take single entries, column['name'], as the key")                                           \
    X(2202, kMapKeysNotText, kSqlSemantic,                                                         \
      "the format writes only MAPs with STRING keys",                                              \
      "CAST the keys to STRING")                                                                   \
    /* format-property */                                                                          \
    X(2301, kUnknownFormat, kSqlSemantic,                                                          \
      "there is no such format",                                                                   \
      "write JSON, DELIMITED, KAFKA or NONE")                                                      \
    X(2302, kMissingFormat, kSqlSemantic,                                                          \
      "no value format is given",                                                                  \
      "write WITH (VALUE_FORMAT='JSON'), or set a default")                                        \
    X(2303, kFormatConflict, kSqlSemantic,                                                         \
      "FORMAT beside KEY_FORMAT or VALUE_FORMAT",                                                  \
      "write FORMAT alone, or the other two")                                                      \
    X(2304, kBadDelimiter, kSqlSemantic,                                                           \
      "a delimiter that is not one character",                                                     \
      "write one character, 'TAB' or 'SPACE'")                                                     \
    X(2305, kConfigOfFormat, kSqlSemantic,                                                         \
      "a property that the format does not have",                                                  \
      "leave it out, or choose the format that has it")                                            \
    X(2306, kBadWrapping, kSqlSemantic,                                                            \
      "WRAP_SINGLE_VALUE does not go with the format or the columns",                              \
      "it is for one value column in JSON; leave it out")                                          \
    X(2307, kUnknownProperty, kSqlSemantic,                                                        \
      "WITH has an unknown property",                                                              \
      "see docs/sql.md for the properties; the message names the nearest one")                     \
    X(2308, kPropertyTwice, kSqlSemantic,                                                          \
      "WITH has a property twice",                                                                 \
      "leave out one of them")                                                                     \
    X(2309, kBadPropertyValue, kSqlSemantic,                                                       \
      "a property has a value that it cannot have",                                                \
      "write a value as the message says")                                                         \
    X(2310, kNoneWithColumns, kSqlSemantic,                                                        \
      "format NONE with columns to write",                                                         \
      "choose another format, or leave out the columns")                                           \
    X(2311, kSeveralColumns, kSqlSemantic,                                                         \
      "format KAFKA with several columns",                                                         \
      "choose another format, JSON say")                                                           \
    X(2312, kFormatWithoutKey, kSqlSemantic,                                                       \
      "KEY_FORMAT for a result without a key",                                                     \
      "leave it out")                                                                              \
    X(2313, kPartitionsFixed, kSqlSemantic,                                                        \
      "PARTITIONS differs from what the topic has",                                                \
      "leave it out, or use another topic")                                                        \
    /* format-type-support */                                                                      \
    X(2401, kTypeOfFormat, kSqlSemantic,                                                           \
      "the format cannot write a column of this type",                                             \
      "choose another format, or CAST the column to STRING")                                       \
    /* timestamp-property */                                                                       \
    X(2501, kTimestampType, kSqlSemantic,                                                          \
      "the TIMESTAMP column is no time",                                                           \
      "name a BIGINT or TIMESTAMP column, or a STRING with TIMESTAMP_FORMAT")                      \
    X(2502, kTimestampColumn, kSqlSemantic,                                                        \
      "TIMESTAMP names a column that is not there",                                                \
      "name one of the source's columns")                                                          \
    X(2503, kTimestampFormat, kSqlSemantic,                                                        \
      "TIMESTAMP_FORMAT cannot be read, or has nothing to read",                                   \
      "write a pattern as yyyy-MM-dd HH:mm:ss, for a STRING column")                               \
    /* header-column-rule */                                                                       \
    X(2601, kHeaderType, kSqlSemantic,                                                             \
      "a header column of a wrong type",                                                           \
      "write BYTES for HEADER('key') and ARRAY<STRUCT<KEY STRING, VALUE BYTES>> for HEADERS")      \
    X(2602, kHeaderConflict, kSqlSemantic,                                                         \
      "two header columns that do not go together",                                                \
      "write one HEADERS column, or HEADER('key') columns of different keys")                      \
    X(2603, kHeaderInsert, kSqlSemantic,                                                           \
      "a value for a header column",                                                               \
      "leave the column out: headers are written by who writes the records")                       \
    /* insert-rule */                                                                              \
    X(2701, kSchemaMismatch, kSqlSemantic,                                                         \
      "the columns of the SELECT are not those of the target",                                     \
      "give the items the target's names, types and order")                                        \
    X(2702, kInsertIntoTable, kSqlSemantic,                                                        \
      "INSERT INTO ... SELECT with a table on one side",                                           \
      "insert rows of a stream into a stream; CREATE TABLE AS makes tables")                       \
    X(2703, kInsertReadOnly, kSqlSemantic,                                                         \
      "the target is read-only (CREATE SOURCE)",                                                   \
      "declare it without SOURCE")                                                                 \
    X(2704, kValueCount, kSqlSemantic,                                                             \
      "more or fewer values than columns",                                                         \
      "write one value per column; list the columns to leave some out")                            \
    X(2705, kColumnTwice, kSqlSemantic,                                                            \
      "a column of INSERT is named twice",                                                         \
      "leave out one of them")                                                                     \
    X(2706, kKeyValueMissing, kSqlSemantic,                                                        \
      "a row of a table without its key",                                                          \
      "give a value that is not NULL for the primary key")                                         \
    X(2707, kInsertWindowed, kSqlSemantic,                                                         \
      "the target's key is windowed",                                                              \
      "insert into the source that the windows are made of")                                       \
    X(2708, kBadRowtime, kSqlSemantic,                                                             \
      "ROWTIME is no time",                                                                        \
      "write milliseconds since 1970, from 0 on")                                                  \
    /* source-object-rule */                                                                       \
    X(2801, kSourceExists, kAlreadyExists,                                                         \
      "a stream or table of this name is there",                                                   \
      "choose another name, write CREATE OR REPLACE, or DROP it first")                            \
    X(2802, kWrongKind, kSqlSemantic,                                                              \
      "a stream is called a table, or a table a stream",                                           \
      "write the other word")                                                                      \
    X(2803, kSourceInUse, kSqlSemantic,                                                            \
      "a query reads or writes it",                                                                \
      "end what the message names first")                                                          \
    X(2804, kReplaceReadOnly, kSqlSemantic,                                                        \
      "CREATE OR REPLACE of a read-only source",                                                   \
      "DROP it and CREATE it again")                                                               \
    X(2805, kAlterReadOnly, kSqlSemantic,                                                          \
      "ALTER of a read-only source",                                                               \
      "DROP it and CREATE it again")                                                               \
    X(2806, kDeleteReadOnly, kSqlSemantic,                                                         \
      "DELETE TOPIC of a read-only source",                                                        \
      "DROP it without DELETE TOPIC")                                                              \
    X(2807, kAlterQuery, kSqlSemantic,                                                             \
      "ALTER of what a query makes",                                                               \
      "write CREATE OR REPLACE with the changed query")                                            \
    X(2808, kColumnExists, kSqlSemantic,                                                           \
      "ALTER adds a column that is there",                                                         \
      "choose another name")                                                                       \
    X(2809, kCannotReplace, kSqlSemantic,                                                          \
      "a stream cannot become a table, nor a table a stream",                                      \
      "DROP it and CREATE it again")                                                               \
    X(2810, kWrongResult, kSqlSemantic,                                                            \
      "the SELECT makes a table where a stream is wanted, or a stream for a table",                \
      "write CREATE TABLE for aggregations and tables, else CREATE STREAM")                        \
    X(2811, kDeclaredOtherwise, kAlreadyExists,                                                    \
      "it is there, but declared differently",                                                     \
      "write CREATE OR REPLACE to change it on purpose")                                           \
    X(2812, kQueryCycle, kNotSupported,                                                            \
      "a query would read what it writes",                                                         \
      "write into another stream")                                                                 \
    X(2813, kQueryExists, kAlreadyExists,                                                          \
      "the same query runs already",                                                               \
      "TERMINATE the other one, or give this one a QUERY_ID")                                      \
    X(2814, kTypeExists, kSqlSemantic,                                                             \
      "a custom type of this name is there",                                                       \
      "choose another name, DROP TYPE it, or write IF NOT EXISTS")                                 \
    X(2815, kNoColumns, kNotSupported,                                                             \
      "a stream or table without columns",                                                         \
      "list the columns between parentheses")                                                      \
    /* pull-query-rule */                                                                          \
    X(2901, kPullQuery, kNotSupported,                                                             \
      "a SELECT without EMIT CHANGES",                                                             \
      "add EMIT CHANGES to see rows as they come")                                                 \
    X(2902, kLimitOfQuery, kSqlSemantic,                                                           \
      "LIMIT in a query that does not end",                                                        \
      "leave it out")                                                                              \
    /* schema-registry */                                                                          \
    X(3001, kRegistryFormat, kNotSupported,                                                        \
      "a format that is not built yet",                                                            \
      "write JSON, DELIMITED, KAFKA or NONE")                                                      \
    X(3002, kRegistryProperty, kNotSupported,                                                      \
      "a property of schema registries, which are not built yet",                                  \
      "leave it out")                                                                              \
    /* runtime-failure */                                                                          \
    X(3101, kConstantFailed, kEvaluation,                                                          \
      "a value cannot be calculated",                                                              \
      "the message says why: a division by zero, say")                                             \
    /* other */                                                                                    \
    X(3201, kUnsupported, kNotSupported,                                                           \
      "a statement that is understood but not built yet",                                          \
      "see docs/sql.md for the statements")                                                        \
    X(3202, kBadSetting, kConfigInvalid,                                                           \
      "a session property has a value that it cannot have",                                        \
      "write a value as the message says; UNSET gives the default back")                           \
    X(3203, kScriptDepth, kTooLarge,                                                               \
      "scripts run each other without an end",                                                     \
      "take out the RUN SCRIPT that leads back")                                                   \
    X(3204, kScriptUnreadable, kNotFound,                                                          \
      "the script cannot be read",                                                                 \
      "check the path: it starts where the shell was started")                                     \
    X(3205, kRowsInFile, kNotSupported,                                                            \
      "SELECT or PRINT in a file that is run",                                                     \
      "use them in the shell (millrace sql)")                                                      \
    X(3206, kCannotExplain, kSqlSemantic,                                                          \
      "EXPLAIN of something other than a query",                                                   \
      "explain SELECT, CREATE ... AS SELECT or INSERT INTO ... SELECT")                            \
    X(3207, kTopicRefused, kInvalidArgument,                                                       \
      "the log cannot make or read the topic",                                                     \
      "the message says why; a topic's name has letters, digits, '.', '_' and '-'")                \
    X(3208, kScriptMisplaced, kSqlSyntax,                                                          \
      "RUN SCRIPT outside of the shell",                                                           \
      "run the file itself: millrace run FILE")                                                    \
    X(3209, kQueryInFrom, kNotSupported,                                                           \
      "a query in FROM",                                                                           \
      "make it a stream or table of its own first")                                                \
    X(3210, kVariablesTooLong, kTooLarge,                                                          \
      "the text with its variables is longer than the limit",                                      \
      "give the variables shorter values")                                                         \
    X(3211, kAssertMisplaced, kSqlSyntax,                                                          \
      "ASSERT outside of a test file",                                                             \
      "put it into a .test file and run that: millrace test FILE")                                 \
    X(3212, kAssertionFailed, kInvalidArgument,                                                    \
      "what a test file asserts does not hold",                                                    \
      "the message says what was found instead")
// clang-format on

namespace millrace {

enum class SqlError : std::uint16_t {
    kNone = 0,  // not an error of SQL
#define MILLRACE_SQL_ERROR_NUMBER(number, name, code, meaning, remedy) name = number,
    MILLRACE_SQL_ERRORS(MILLRACE_SQL_ERROR_NUMBER)
#undef MILLRACE_SQL_ERROR_NUMBER
};

}  // namespace millrace
