"""kill -9 at random moments and at named points: afterwards the output topic and the SQLite table equal an uninterrupted run's.

MILLRACE_CRASH_ROWS (2,000,000) and MILLRACE_CRASH_KILLS (20) set the size of the random part; the seed is printed and can be
set by MILLRACE_CRASH_SEED.
"""
import hashlib
import json
import os
import random
import signal
import subprocess
import time

import harness

ROWS = int(os.environ.get("MILLRACE_CRASH_ROWS", "2000000"))
KILLS = int(os.environ.get("MILLRACE_CRASH_KILLS", "20"))
SEED = int(os.environ.get("MILLRACE_CRASH_SEED", "0")) or int(time.time())
POINT_ROWS = 100_000

SQL = """
CREATE STREAM orders (ordertime BIGINT, orderid BIGINT, itemid VARCHAR, userid VARCHAR, orderunits INT, amount DOUBLE, city VARCHAR)
    WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', TIMESTAMP='ordertime');
CREATE TABLE spend WITH (KAFKA_TOPIC='spend', VALUE_FORMAT='JSON') AS
    SELECT userid, COUNT(*) AS orders, SUM(orderunits) AS units, MAX(amount) AS biggest, LATEST_BY_OFFSET(city) AS city
    FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY userid EMIT CHANGES;
"""


class Crashes(harness.EndToEnd):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        print(f"seed {SEED}")

    def prepare(self, rows):
        self.sql = self.write("pipeline.sql", SQL)
        self.connector("orders", connector__class="datagen", topic="orders", quickstart="orders", seed=7, iterations=rows)
        self.write("connectors/sink.json", json.dumps({"name": "sink", "config": {
            "connector.class": "sqlite-sink", "topics": "spend", "file": "${data.dir}/spend.sqlite", "auto.create": "true",
            "insert.mode": "upsert", "pk.mode": "record_key"}}))

    def words(self, data):
        return ["run", self.sql, "--connectors", self.directory / "connectors", "--data", data, "--once", "--quiet",
                "--commit-interval-ms", "5"]

    def finish(self, data):
        self.millrace(*self.words(data))

    def result(self, data):
        """A fingerprint of every record of the output topic in order, how many there are, and the whole SQLite table."""
        consume = subprocess.Popen(self.command("topic", "consume", "spend", "-o", "json", "--data", data), cwd=harness.ROOT,
                                   stdout=subprocess.PIPE)
        digest, count = hashlib.sha256(), 0
        while chunk := consume.stdout.read(1 << 20):
            digest.update(chunk)
            count += chunk.count(b"\n")
        consume.stdout.close()
        self.assertEqual(consume.wait(), 0)
        table = self.sqlite(data / "spend.sqlite", "SELECT * FROM spend ORDER BY userid, window_start")
        return digest.hexdigest(), count, table

    def outputs_so_far(self, data):
        out, _ = self.millrace("topic", "list", "-o", "json", "--data", data)
        return {row["TOPIC"]: row["RECORDS"] for row in map(json.loads, out.splitlines())}.get("spend", 0)

    def assert_same(self, data, expected):
        digest, count, table = self.result(data)
        self.assertEqual(count, expected[1], "records of the output topic")
        self.assertEqual(digest, expected[0], "the output topic's records or their order differ")
        self.assertEqual(table, expected[2])

    def test_random_moments(self):
        self.prepare(ROWS)
        clean = self.directory / "clean"
        started = time.monotonic()
        self.finish(clean)
        whole = time.monotonic() - started
        expected = self.result(clean)
        self.assertEqual(expected[1], ROWS)
        crashed = self.directory / "crashed"
        inside, life, before = 0, whole / KILLS, 0
        for kill in range(KILLS):
            process = self.start(*self.words(crashed))
            try:
                # The moment of the kill is the test: nothing is waited for.
                process.wait(timeout=life * self.random.uniform(0.4, 1.6))
            except subprocess.TimeoutExpired:
                pass
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            self.assertIn(process.returncode, (0, -signal.SIGKILL))
            done = self.outputs_so_far(crashed)
            self.assertGreaterEqual(done, before, "committed output went away")
            inside += 1 if 0 < done < ROWS and process.returncode != 0 else 0
            # Lives become longer when nothing was committed in one, shorter when the end comes too soon.
            share = (done - before) / ROWS
            left = (ROWS - done) / ROWS / (KILLS - kill)
            life *= 1.5 if share == 0 else min(1.5, max(0.5, left / share))
            before = done
        print(f"{inside} of {KILLS} kills fell between the first and the last commit; the last left {before} of {ROWS} rows")
        self.assertGreaterEqual(inside, KILLS * 3 // 4)
        self.finish(crashed)
        self.assert_same(crashed, expected)

    def test_named_points(self):
        self.prepare(POINT_ROWS)
        clean = self.directory / "clean"
        self.finish(clean)
        expected = self.result(clean)
        for point in ("segment.write", "wal.write", "wal.sync", "publish", "sink.commit"):
            for side in ("before", "after"):
                crashed = self.directory / f"{side}.{point}"
                count = 1 if point == "sink.commit" else self.random.randint(8, 30)
                environment = dict(os.environ, MILLRACE_KILL_AT=f"{side}.{point}:{count}")
                process = self.start(*self.words(crashed), environment=environment)
                _, err = process.communicate(timeout=harness.TIMEOUT_S)
                self.assertEqual(process.returncode, -signal.SIGKILL, f"{side}.{point}:{count} was not reached {err}")
                self.finish(crashed)
                self.assert_same(crashed, expected)


if __name__ == "__main__":
    harness.main()
