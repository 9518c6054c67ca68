"""Every mistake has its own message that names the thing and the fix, exit code 1 (usage: 2), and loses nothing."""
import shlex
import signal
import struct
import subprocess
import time

import harness

STREAM = "CREATE STREAM s (a INT, b VARCHAR) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');\n"


class Errors(harness.EndToEnd):
    def fails(self, *words, says=(), code=1, text=None):
        _, err = self.millrace(*words, code=code, text=text)
        for part in says:
            self.assertIn(part, err)
        return err

    def run_with(self, sql, *more, **expectations):
        path = self.write("pipeline.sql", sql)
        return self.fails("run", path, "--data", self.data, "--once", *more, **expectations)

    def test_usage(self):
        self.fails("rn", says=["did you mean run?"], code=2)
        self.fails("topic", "lst", says=["did you mean list?"], code=2)
        self.fails("run", "x.sql", "--onec", code=2)
        self.fails(code=2)
        out, _ = self.millrace("--version")
        self.assertIn("millrace", out)
        for command in (["run"], ["sql"], ["topic"], ["topic", "produce"], ["connector", "list"], ["query", "list"], ["demo"]):
            out, _ = self.millrace(*command, "--help")
            self.assertIn("--help", out)

    def test_missing_sql_file(self):
        self.fails("run", self.directory / "no.sql", "--data", self.data, says=["no.sql", "No such file"])

    def test_unparsable_sql_shows_line_column_caret_and_what_was_expected(self):
        err = self.run_with(STREAM + "CREATE TABLE t AS SELEC a FROM s;\n", says=["pipeline.sql:2:", "^", "expected"])
        self.assertIn("SELEC", err)

    def test_unknown_column_suggests_the_nearest(self):
        self.run_with(STREAM.replace("b VARCHAR", "price INT") + "CREATE STREAM t AS SELECT a, prize FROM s;",
                      says=["pipeline.sql:2:", "PRIZE", "PRICE", "^"])

    def test_unknown_source_suggests_the_nearest(self):
        self.run_with(STREAM + "CREATE STREAM t AS SELECT a FROM ss;", says=["SS", "S"])

    def test_connector_settings(self):
        self.connector("c", connector__class="file-source", fil="x", topic="s", format="ndjson")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["fil", "file", "c.json"])
        self.connector("c", connector__class="file-sorce", file="x", topic="s")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["file-sorce", "file-source"])
        self.connector("c", connector__class="file-source", file="x", topic="s", max__line__bytes="many")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["max.line.bytes", "many"])
        self.write("connectors/c.json", "{\n  \"name\": oops\n}")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["c.json:2"])

    def test_missing_input_file(self):
        self.connector("c", connector__class="file-source", file=self.directory / "gone.ndjson", topic="s", format="ndjson",
                       mode="once")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["gone.ndjson"])

    def test_a_changed_statement_is_refused_and_the_old_one_kept(self):
        self.write("pipeline.sql", STREAM + "CREATE STREAM t AS SELECT a FROM s;")
        self.millrace("run", self.directory / "pipeline.sql", "--data", self.data, "--once")
        self.run_with(STREAM + "CREATE STREAM t AS SELECT a + 1 AS a FROM s;", says=["T", "OR REPLACE"])
        out, _ = self.millrace("query", "list", "--data", self.data)
        self.assertIn("T ", out)

    def test_a_directory_from_the_future(self):
        self.millrace("topic", "list", "--data", self.data)
        superblock = bytearray((self.data / "MILLRACE").read_bytes())
        superblock[8:12] = struct.pack("<I", 7)
        (self.data / "MILLRACE").write_bytes(superblock)
        self.fails("topic", "list", "--data", self.data, says=["format 7", "newer Millrace"])

    def test_a_directory_in_use_is_refused_to_run_and_reached_by_commands(self):
        self.write("pipeline.sql", STREAM)
        process = self.start("run", self.directory / "pipeline.sql", "--data", self.data)
        try:
            deadline = time.monotonic() + 60
            while not (self.data / "control.sock").exists():
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(process.poll())
                time.sleep(0.01)  # waits for another process
            self.fails("run", self.directory / "pipeline.sql", "--data", self.data,
                       says=["in use by another Millrace process", str(self.data)])
            self.millrace("topic", "produce", "s", "--data", self.data, text='{"a":1,"b":"x"}\n{"a":2}\n')
            out, _ = self.millrace("topic", "consume", "s", "--data", self.data)
            self.assertEqual(out.splitlines(), ['{"a":1,"b":"x"}', '{"a":2}'])
        finally:
            harness.stop(process, signal.SIGTERM)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(len(self.records("s")), 2)

    def test_bad_rows_are_skipped_counted_and_reported_with_line_and_reason(self):
        lines = ['{"a":1,"b":"x"}', '{"a":', '{"a":2,"b":"y"}', 'nonsense', '{"a":"many","b":"z"}', '{"a":3,"b":"w"}']
        self.write("in.ndjson", "\n".join(lines) + "\n")
        self.connector("c", connector__class="file-source", file=self.directory / "in.ndjson", topic="s", format="ndjson",
                       mode="once", errors__tolerance="all")
        sql = self.write("pipeline.sql", STREAM + "CREATE STREAM t WITH (KAFKA_TOPIC='t') AS SELECT a FROM s;")
        _, err = self.millrace("run", sql, "--connectors", self.directory / "connectors", "--data", self.data, "--once")
        self.assertIn("in.ndjson:2", err)
        self.assertEqual([value for _, _, value, _ in self.records("t")], ['{"A":1}', '{"A":2}', '{"A":3}'])
        log = [value for _, _, value, _ in self.records("_millrace_processing_log")]
        self.assertEqual(len(log), 3)
        self.assertTrue(any("in.ndjson:2" in entry for entry in log))
        self.assertTrue(any("in.ndjson:4" in entry for entry in log))
        self.assertTrue(any("many" in entry for entry in log))

    def test_a_bad_row_fails_the_connector_when_none_is_tolerated(self):
        self.write("in.ndjson", '{"a":1}\n{"a":\n')
        self.connector("c", connector__class="file-source", file=self.directory / "in.ndjson", topic="s", format="ndjson",
                       mode="once", errors__tolerance="none")
        self.run_with(STREAM, "--connectors", self.directory / "connectors", says=["connector c", "in.ndjson:2"])

    def test_dead_letters_carry_the_raw_line(self):
        self.write("in.ndjson", '{"a":1}\nbroken\n')
        self.connector("c", connector__class="file-source", file=self.directory / "in.ndjson", topic="s", format="ndjson",
                       mode="once", errors__tolerance="all", errors__deadletterqueue__topic__name="dead")
        sql = self.write("pipeline.sql", STREAM)
        self.millrace("run", sql, "--connectors", self.directory / "connectors", "--data", self.data, "--once")
        self.assertEqual([value for _, _, value, _ in self.records("dead")], ["broken"])

    def test_a_join_against_an_empty_table_warns(self):
        self.write("in.ndjson", '{"a":1,"b":"x"}\n')
        self.connector("c", connector__class="file-source", file=self.directory / "in.ndjson", topic="s", format="ndjson",
                       mode="once")
        sql = self.write("pipeline.sql", STREAM +
                         "CREATE TABLE k (id VARCHAR PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='k', VALUE_FORMAT='JSON');\n"
                         "CREATE STREAM j AS SELECT s.b, s.a, k.n FROM s JOIN k ON s.b = k.id;")
        _, err = self.millrace("run", sql, "--connectors", self.directory / "connectors", "--data", self.data, "--once")
        self.assertIn("empty", err)

    def test_a_query_above_its_memory_budget_fails_alone_and_the_list_says_why(self):
        sql = self.write("pipeline.sql", """
            SET 'state.memory.bytes'='1048576';
            CREATE STREAM orders (orderid BIGINT, userid VARCHAR) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
            CREATE TABLE many AS SELECT orderid, COUNT(*) AS n FROM orders GROUP BY orderid;
            CREATE TABLE few AS SELECT userid, COUNT(*) AS n FROM orders GROUP BY userid;""")
        self.connector("o", connector__class="datagen", topic="orders", quickstart="orders", iterations=200_000)
        self.fails("run", sql, "--connectors", self.directory / "connectors", "--data", self.data, "--once",
                   says=["query MANY", "state.memory.bytes", "1048576"])
        out, _ = self.millrace("query", "list", "--data", self.data)
        self.assertIn("state.memory.bytes", out)

    def test_a_full_disk_ends_the_run_and_keeps_what_was_acknowledged(self):
        """On a small tmpfs, in a name space of its own; skipped where the kernel does not allow that."""
        mounts = subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", str(self.directory)], capture_output=True)
        if mounts.returncode != 0:
            self.skipTest("no unprivileged mounts here")
        disk = self.directory / "disk"
        disk.mkdir()
        sql = self.write("pipeline.sql", "CREATE STREAM orders (orderid BIGINT, userid VARCHAR) "
                                         "WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');")
        self.connector("o", connector__class="datagen", topic="orders", quickstart="orders", iterations=2_000_000)
        run = shlex.join(self.command("run", sql, "--connectors", self.directory / "connectors", "--data", disk / "d",
                                      "--once", "--quiet"))
        lists = shlex.join(self.command("topic", "list", "-o", "json", "--data", disk / "d"))
        script = f"mount -t tmpfs -o size=150m tmpfs {disk} && {{ {run}; echo code $?; {lists}; }}"
        done = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, cwd=harness.ROOT,
                              timeout=harness.TIMEOUT_S)
        self.assertIn("code 1", done.stdout, done.stderr)
        self.assertIn(f"no space left on the disk of {disk / 'd'}", done.stderr)
        self.assertRegex(done.stdout, r'"TOPIC":"orders","PARTITIONS":1,"RECORDS":[1-9][0-9]{3,}')


if __name__ == "__main__":
    harness.main()
