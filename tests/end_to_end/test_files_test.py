"""millrace test: paths, exit codes, what it prints."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())

STREAM = """statement ok
CREATE STREAM s (id INT KEY, v INT) WITH (kafka_topic='s', value_format='json');
feed s
 1  key=1  {"v":3}
"""
GOOD = STREAM + "expect s\n1  3\n"
BAD = STREAM + "expect s\n1  4\n"
KSQL = """--@test: first
CREATE STREAM s (id INT KEY, v INT) WITH (kafka_topic='s', value_format='json');
INSERT INTO s VALUES (1, 2);
ASSERT VALUES s VALUES (1, 2);
--@test: second
SHOW STREAMS;
"""


class TestFiles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return str(file)

    def run_test(self, *words):
        done = subprocess.run([PROGRAM, "test", *words], capture_output=True, text=True,
                              timeout=120, cwd=self.folder.name)
        return done.returncode, done.stdout, done.stderr

    def test_runs_files_and_folders(self):
        self.write("a/one.test", GOOD)
        self.write("a/b/two.sql", KSQL)
        self.write("a/other.sql", "SELECT broken")
        self.write("a/notes.txt", "no")
        code, out, err = self.run_test("a")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"ok +a/b/two.sql: first \(\d+ ms\)")
        self.assertRegex(out, r"3 passed, 0 failed, \d+ ms\n$")
        self.assertFalse((self.path / "millrace-data").exists())

    def test_says_what_failed_where(self):
        self.write("good.test", GOOD)
        self.write("bad.test", BAD)
        code, out, _ = self.run_test("bad.test", "good.test")
        self.assertEqual(code, 1)
        self.assertIn("FAILED  bad.test:5: other rows than expected in s", out)
        self.assertIn("    - 1  4    (line 6)\n    + 1  3\n", out)
        self.assertIn("1 passed, 1 failed", out)

    def test_prints_json(self):
        self.write("good.test", GOOD)
        self.write("bad.test", BAD)
        code, out, _ = self.run_test("-o", "json", ".")
        self.assertEqual(code, 1)
        bad, good = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((bad["ok"], bad["line"], good["ok"]), (False, 5, True))

    def test_refuses_what_it_cannot_read(self):
        self.write("wrong.test", "no directive\n")
        self.write("empty/x.txt", "")
        code, _, err = self.run_test("wrong.test")
        self.assertEqual(code, 2)
        self.assertIn("wrong.test:1: expected a directive", err)
        self.assertEqual(self.run_test("nowhere.test")[0], 2)
        self.assertEqual(self.run_test("empty")[0], 1)
        self.assertEqual(self.run_test()[0], 2)
        self.assertEqual(self.run_test("--batch-size", "0", "wrong.test")[0], 2)

    def test_any_executor_and_batch_size(self):
        self.write("good.test", GOOD)
        for words in (["--executor", "tbb1"], ["--executor", "tbb4"], ["--batch-size", "1"]):
            self.assertEqual(self.run_test(*words, "good.test")[0], 0)

    def test_assert_is_for_test_files(self):
        done = subprocess.run([PROGRAM, "sql", "-e", "ASSERT TOPIC s;"], capture_output=True,
                              text=True, timeout=120, cwd=self.folder.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn("-e:1:1: ", done.stderr)
        self.assertIn("ASSERT is for test files (millrace test)", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
