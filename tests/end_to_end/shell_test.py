"""Push queries and PRINT from the command line: many rows, slow readers, Ctrl-C."""
import signal
import subprocess
import time

import harness

ROWS = 150_000


class Shell(harness.EndToEnd):
    def fill(self):
        sql = self.write("pipeline.sql", "CREATE STREAM orders (orderid BIGINT, userid VARCHAR) "
                                         "WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');")
        self.connector("o", connector__class="datagen", topic="orders", quickstart="orders", iterations=ROWS)
        self.millrace("run", sql, "--connectors", self.directory / "connectors", "--data", self.data, "--once", "--quiet")

    def test_a_push_query_waits_for_its_reader_and_loses_no_row(self):
        self.fill()
        process = subprocess.Popen(self.command("sql", "--data", self.data, "-e",
                                                f"SELECT orderid FROM orders EMIT CHANGES LIMIT {ROWS};"),
                                   cwd=harness.ROOT, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ORDERID\n")
        time.sleep(0.5)  # a slow reader: by now the query is far ahead and has to pause
        rows = [int(line) for line in process.stdout]
        process.stdout.close()
        self.assertEqual(process.wait(timeout=harness.TIMEOUT_S), 0)
        self.assertEqual(rows, list(range(ROWS)))

    def test_ctrl_c_ends_what_waits_for_rows(self):
        self.millrace("sql", "--data", self.data, "-e",
                      "CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON'); INSERT INTO s (a) VALUES (7);")
        for words in (["sql", "-e", "SELECT a FROM s EMIT CHANGES;"], ["sql", "-e", "PRINT s FROM BEGINNING;"],
                      ["topic", "consume", "s", "--follow"]):
            process = self.start(*words, "--data", self.data)
            while "7" not in process.stdout.readline():
                self.assertIsNone(process.poll())
            started = time.monotonic()
            harness.stop(process, signal.SIGINT)
            self.assertEqual(process.returncode, 0, words)
            self.assertLess(time.monotonic() - started, 20, words)


if __name__ == "__main__":
    harness.main()
