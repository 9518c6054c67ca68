"""The flights pipeline: its table equals what plain SQL in SQLite makes of the same two files."""
import csv
import datetime
import json
import sqlite3
import subprocess

import harness


def expected_table():
    """delay_by_airport by SQLite alone."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE flights (ms INTEGER, delay INTEGER, origin TEXT)")
    connection.execute("CREATE TABLE airports (iata TEXT PRIMARY KEY, city TEXT, state TEXT)")
    utc = datetime.timezone.utc
    with open(harness.ROOT / "examples/data/flights.ndjson") as lines:
        for line in lines:
            flight = json.loads(line)
            when = datetime.datetime.strptime(flight["date"], "%Y/%m/%d %H:%M").replace(tzinfo=utc)
            connection.execute("INSERT INTO flights VALUES (?, ?, ?)",
                               (int(when.timestamp()) * 1000, flight["delay"], flight["origin"]))
    with open(harness.ROOT / "examples/data/airports.csv", newline="") as lines:
        for row in csv.DictReader(lines):
            connection.execute("INSERT INTO airports VALUES (?, ?, ?)", (row["iata"], row["city"], row["state"]))
    day = 86_400_000
    return connection.execute(f"""
        SELECT origin, city, state, ms / {day} * {day}, ms / {day} * {day} + {day}, COUNT(*), AVG(delay), MAX(delay)
        FROM flights JOIN airports ON origin = iata GROUP BY origin, ms / {day} ORDER BY 1, 4""").fetchall()


class Flights(harness.EndToEnd):
    QUERY = ("SELECT origin, city, state, window_start, window_end, flights, avg_delay, max_delay "
             "FROM delay_by_airport ORDER BY 1, 4")

    def run_pipeline(self, *more):
        return self.millrace("run", "examples/flights.sql", "--connectors", "examples/flights", "--data", self.data,
                             "--once", *more)

    def assert_table(self):
        actual = self.sqlite(self.data / "flights.sqlite", self.QUERY)
        expected = expected_table()
        self.assertGreater(len(expected), 1000)
        self.assertEqual(len(actual), len(expected))
        for a, e in zip(actual, expected):
            self.assertEqual(a[:6] + a[7:], e[:6] + e[7:])
            self.assertAlmostEqual(a[6], e[6], places=9)

    def test_leaves_the_table_that_sqlite_computes_and_doubles_nothing_when_run_twice(self):
        self.run_pipeline()
        self.assert_table()
        before = self.records("delay_by_airport")
        self.assertEqual(len(before), sum(row[5] for row in expected_table()))  # one update per joined flight
        self.run_pipeline()
        self.assert_table()
        self.assertEqual(self.records("delay_by_airport"), before)

    def test_says_nothing_with_quiet_and_prints_plain_lines_without_a_terminal(self):
        out, err = self.run_pipeline("--quiet")
        self.assertEqual((out, err), ("", ""))
        self.data = self.directory / "second"
        _, err = self.run_pipeline()
        self.assertIn("finished", err)
        self.assertNotIn("\x1b", err)

    def test_shows_the_demo_with_its_result_and_what_to_try_next(self):
        out, _ = self.millrace("demo", "--examples", "examples", "--data", self.data, "--quiet")
        self.assertIn("ORIGIN", out)
        commands = out.split("Look further:")[1].strip().splitlines()
        self.assertEqual(len(commands), 5)
        for command in commands:  # what it says to try works as it stands
            done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=harness.ROOT, timeout=60)
            self.assertEqual(done.returncode, 0, command + done.stderr)
            self.assertTrue(done.stdout)
        self.assertIn("Atlanta", out)
        self.assert_table()

    def test_looks_at_what_it_left(self):
        self.run_pipeline("--quiet")
        out, _ = self.millrace("topic", "list", "-o", "json", "--data", self.data)
        topics = {row["TOPIC"]: row["RECORDS"] for row in map(json.loads, out.splitlines())}
        self.assertEqual(topics["flights"], 20_000)
        self.assertEqual(topics["airports"], 3_376)
        self.assertNotIn("_millrace_catalog", topics)
        out, _ = self.millrace("query", "list", "--data", self.data)
        self.assertIn("DELAY_BY_AIRPORT", out)
        out, _ = self.millrace("query", "explain", "DELAY_BY_AIRPORT", "--data", self.data)
        self.assertIn("aggregate", out.lower())
        self.assertIn("join", out.lower())
        out, _ = self.millrace("connector", "list", "--data", self.data)
        self.assertIn("flights", out)
        out, _ = self.millrace("sql", "--data", self.data, "-e",
                               "SELECT origin, delay FROM flights EMIT CHANGES LIMIT 3;")
        self.assertEqual(len(out.strip().splitlines()), 4)
        self.assertIn("DTW\t66", out)


if __name__ == "__main__":
    harness.main()
