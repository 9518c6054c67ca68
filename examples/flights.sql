-- Delays by airport and day: flights from a file, joined with a table of airports, aggregated in windows of a day.
-- Run it:  millrace run examples/flights.sql --connectors examples/flights --data DIR --once

CREATE STREAM flights (
    date VARCHAR,
    delay INT,          -- minutes; negative: early
    distance INT,       -- miles
    origin VARCHAR,
    destination VARCHAR
) WITH (
    KAFKA_TOPIC = 'flights',
    VALUE_FORMAT = 'JSON',
    TIMESTAMP = 'date',                       -- event time is the flight's own time, not the time of import
    TIMESTAMP_FORMAT = 'yyyy/MM/dd HH:mm'
);

CREATE TABLE airports (
    iata VARCHAR PRIMARY KEY,
    name VARCHAR,
    city VARCHAR,
    state VARCHAR,
    country VARCHAR,
    latitude DOUBLE,
    longitude DOUBLE
) WITH (
    KAFKA_TOPIC = 'airports',
    VALUE_FORMAT = 'JSON'
);

-- The airports' records carry today's time, the flights that of 2001. Joined strictly by time, no flight would find its
-- airport; table.bootstrap = end (the default) reads the table to its end first. See docs/sql.md, "Tables before streams".
CREATE TABLE delay_by_airport WITH (KAFKA_TOPIC = 'delay_by_airport', VALUE_FORMAT = 'JSON') AS
    SELECT
        f.origin AS origin,
        LATEST_BY_OFFSET(a.city) AS city,
        LATEST_BY_OFFSET(a.state) AS state,
        COUNT(*) AS flights,
        AVG(f.delay) AS avg_delay,
        MAX(f.delay) AS max_delay
    FROM flights f
    JOIN airports a ON f.origin = a.iata
    WINDOW TUMBLING (SIZE 24 HOURS)
    GROUP BY f.origin
    EMIT CHANGES;
