"""What the end-to-end tests share: run the real program on a temporary directory and look at what it left.

Each test is a Python unittest, called as: python3 NAME_test.py PATH-OF-MILLRACE
"""
import json
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = None  # set by main()
TIMEOUT_S = 300


class EndToEnd(unittest.TestCase):
    """A temporary directory, and the program to run in it. The directory is kept when the test fails."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-"))
        self.data = self.directory / "data"

    def tearDown(self):
        failed = any(problem for _, problem in getattr(self._outcome, "errors", [])) or (
            getattr(self._outcome, "result", None) is not None
            and any(case is self for case, _ in self._outcome.result.failures + self._outcome.result.errors))
        if failed:
            print(f"kept for a look: {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, *words):
        return [str(PROGRAM), *[str(word) for word in words]]

    def millrace(self, *words, code=0, text=None, environment=None):
        """Runs a command; checks its exit code; gives standard output and error."""
        done = subprocess.run(self.command(*words), input=text, capture_output=True, text=True, cwd=ROOT,
                              timeout=TIMEOUT_S, env=environment)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout, done.stderr

    def start(self, *words, environment=None):
        """Starts a command in the background; stop it by its own process id."""
        return subprocess.Popen(self.command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment)

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def connector(self, name, **config):
        """Writes a connector's JSON; '__' in a key stands for '.'."""
        return self.write(f"connectors/{name}.json", json.dumps(
            {"name": name, "config": {key.replace("__", "."): str(value) for key, value in config.items()}}))

    def records(self, topic, data=None):
        """All records of a topic as [(partition, key, value, timestamp)], offsets checked for gaps."""
        out, _ = self.millrace("topic", "consume", topic, "-o", "json", "--data", data or self.data)
        rows = [json.loads(line) for line in out.splitlines()]
        expected = {}
        for row in rows:
            self.assertEqual(row["offset"], expected.get(row["partition"], 0), "offsets have a gap or a repetition")
            expected[row["partition"]] = row["offset"] + 1
        return [(row["partition"], row.get("key", row.get("key_base64")), row.get("value", row.get("value_base64")),
                 row["timestamp"]) for row in rows]

    def sqlite(self, path, query):
        connection = sqlite3.connect(path)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def stop(process, how=signal.SIGTERM):
    process.send_signal(how)
    return process.communicate(timeout=TIMEOUT_S)


def main():
    global PROGRAM
    PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
