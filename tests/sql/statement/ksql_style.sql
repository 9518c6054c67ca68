-- ksqlDB's way to write tests: a case per header, statements only.
--@test: a projection
CREATE STREAM foo (id INT KEY, col1 INT) WITH (kafka_topic='foo', value_format='JSON');
CREATE STREAM bar AS SELECT id, col1 * 2 AS twice FROM foo;

INSERT INTO foo (rowtime, id, col1) VALUES (1, 1, 4);
ASSERT VALUES bar (rowtime, id, twice) VALUES (1, 1, 8);
ASSERT STREAM bar (id INT KEY, twice INT) WITH (kafka_topic='BAR', value_format='JSON');

--@test: a table takes back what it had
CREATE STREAM foo (id INT KEY, col1 INT) WITH (kafka_topic='foo', value_format='JSON');
CREATE TABLE bar AS SELECT id, SUM(col1) AS total FROM foo GROUP BY id HAVING SUM(col1) > 0;

INSERT INTO foo VALUES (1, 4);
ASSERT VALUES bar VALUES (1, 4);
INSERT INTO foo VALUES (1, -4);
ASSERT NULL VALUES bar (id) KEY (1);

--@test: a column that is not there
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: cannot be resolved
CREATE STREAM foo (id INT KEY, col1 INT) WITH (kafka_topic='foo', value_format='JSON');
CREATE STREAM bar AS SELECT id, col2 FROM foo;
