"""millrace sql on a terminal: the real program in a pseudo terminal, keys in, text out. No sleeps: every step waits for what it
expects to see."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import harness

PROMPT = "millrace> "
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>])")
TAB, UP, CTRL_C, CTRL_D = "\t", "\x1b[A", "\x03", "\x04"


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, test, words, environment, rows=24, columns=100):
        self.test = test
        self.raw = ""     # all that came
        self.seen = 0     # of the text without escapes: what was expected already
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, cwd=harness.ROOT, env=environment, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        test.addCleanup(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)

    @property
    def text(self):
        return ESCAPES.sub("", self.raw).replace("\r", "")

    def expect(self, wanted, timeout=harness.TIMEOUT_S):
        """Waits for the text behind what was expected before."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.text.find(wanted, self.seen)
            if found >= 0:
                self.seen = found + len(wanted)
                return
            ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            piece = b""
            if ready:
                try:
                    piece = os.read(self.master, 65536)
                except OSError:  # the other side is closed
                    piece = b""
            if not piece:
                self.test.fail(f"expected {wanted!r} behind {self.text[self.seen - 200:self.seen]!r}, got {self.text[self.seen:]!r}")
            self.raw += piece.decode("utf-8", "replace")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def statement(self, text, *answers):
        """Types a statement and waits for its answers and the next prompt."""
        self.type(text + "\n")
        for answer in answers:
            self.expect(answer)
        self.expect(PROMPT)

    def end(self, keys=CTRL_D):
        """Leaves; gives the exit code. What still comes is read, or the program would wait for it."""
        self.type(keys)
        deadline = time.monotonic() + harness.TIMEOUT_S
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.raw += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return self.process.wait(timeout=harness.TIMEOUT_S)


class Interactive(harness.EndToEnd):
    def shell(self, *words, **size):
        environment = dict(os.environ, TERM="xterm", XDG_STATE_HOME=str(self.directory / "state"), LC_ALL="C.UTF-8")
        terminal = Terminal(self, self.command("sql", "--data", self.data, *words), environment, **size)
        terminal.expect(PROMPT)
        return terminal

    def declare(self, shell):
        shell.statement("CREATE STREAM clicks (userid VARCHAR, url VARCHAR) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
                        "created stream CLICKS")

    def test_statements_completion_and_history(self):
        shell = self.shell()
        shell.statement("help", "Ctrl-D   leaves")
        # A statement over several lines, a quote that stays open over one of them.
        shell.type("CREATE STREAM clicks (userid VARCHAR,\n")
        shell.expect("-> ")
        shell.type("  url VARCHAR) WITH (KAFKA_TOPIC='cl\n")
        shell.expect("'> ")
        shell.type(CTRL_C)
        shell.expect(PROMPT)  # and all of it is forgotten
        self.declare(shell)
        # A source, then a column of it; Tab alone finds the rest of the word.
        shell.type("SELECT url FROM cl" + TAB)
        shell.expect("FROM clicks ")
        shell.type("WHERE us" + TAB)
        shell.expect("WHERE userid ")
        shell.type("= 'bo' EMIT CH" + TAB)
        shell.expect("EMIT CHANGES ")
        shell.type(CTRL_C)
        shell.expect(PROMPT)
        # Several that fit are listed.
        shell.type("SHOW T" + TAB)
        shell.expect("TABLES  TOPICS  TYPES\n" + PROMPT + "SHOW T")
        shell.type(CTRL_C)
        shell.expect(PROMPT)
        # What is wrong is underlined, and the shell goes on.
        shell.statement("SELECT urk FROM clicks EMIT CHANGES;", "statement:1:8: ", "SELECT urk FROM", "^~~")
        # SET and DEFINE hold for what follows.
        shell.statement("DEFINE who = 'ana';", "who = ana")
        shell.statement("INSERT INTO clicks VALUES ('${who}', 'a\x16\x1b[2Jb');")
        shell.statement("SET 'auto.offset.reset' = 'earliest'; SHOW VARIABLES;", "auto.offset.reset = earliest", "who", "ana")
        shell.statement("SELECT * FROM clicks EMIT CHANGES LIMIT 1;", "USERID", "ana", "a\\x1b[2Jb", "(1 row)")
        self.assertEqual(shell.end("exit\n"), 0)
        # The next start remembers.
        history = self.directory / "state" / "millrace" / "history"
        self.assertEqual(history.stat().st_mode & 0o777, 0o600)
        again = self.shell()
        again.type(UP)
        again.expect("SELECT * FROM clicks EMIT CHANGES LIMIT 1;")
        again.type("\n")
        again.expect("(1 row)")
        again.expect(PROMPT)
        self.assertEqual(again.end(), 0)

    def test_ctrl_c_ends_a_push_query_and_gives_the_prompt_back(self):
        shell = self.shell()
        self.declare(shell)
        shell.statement("INSERT INTO clicks VALUES ('ana', 'x');")
        # What follows on the line goes with it.
        for statement in ("SELECT userid FROM clicks EMIT CHANGES;", "PRINT clicks FROM BEGINNING; DROP STREAM clicks;"):
            shell.type(statement + "\n")
            shell.expect("ana")
            shell.type(CTRL_C)
            shell.expect("(1 row)")
            shell.expect(PROMPT)
        shell.statement("SHOW STREAMS;", "CLICKS")
        self.assertEqual(shell.end(), 0)

    def test_a_terminal_that_changes_and_a_process_that_is_told_to_end(self):
        shell = self.shell()
        self.declare(shell)
        shell.statement(f"INSERT INTO clicks VALUES ('ana', '{'x' * 60}');")
        shell.type("SELECT url FROM")
        shell.expect("FROM")
        fcntl.ioctl(shell.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
        shell.type(" clicks EMIT CHANGES LIMIT 1;\n")
        shell.expect("x" * 28 + "…")
        shell.expect("(1 row; 1 cell cut")
        shell.expect(PROMPT)
        shell.type("SELECT half a state")
        shell.expect("state")
        shell.process.send_signal(signal.SIGTERM)
        self.assertEqual(shell.end(""), 0)

    def live_table(self, shell):
        shell.type("SELECT userid, COUNT(*) AS n FROM clicks GROUP BY userid EMIT CHANGES;\n")
        shell.expect("USERID")
        for user, shown in (("ana", "ana     1"), ("ana", "ana     2"), ("bo", "bo      1"), ("ana", "ana     3")):
            self.millrace("sql", "--data", self.data, "-e", f"INSERT INTO clicks VALUES ('{user}', 'x');")
            shell.expect(shown)
        shell.expect("(2 keys; 4 changes)")
        # Drawn over itself: the cursor goes up instead of a new table below.
        self.assertRegex(shell.raw, r"\x1b\[\d+A")
        shell.type(CTRL_C)
        shell.expect("(2 keys; 4 changes)")
        shell.expect(PROMPT)

    def test_a_live_table_while_others_insert(self):
        shell = self.shell()
        self.declare(shell)
        self.live_table(shell)
        self.assertEqual(shell.end(), 0)

    def test_a_shell_on_a_running_server(self):
        process = self.start("server", "--kafka", "127.0.0.1:0", "--data", self.data)
        self.addCleanup(lambda: process.poll() is None and harness.stop(process))
        self.assertIn("ready", process.stdout.readline())
        shell = self.shell()
        self.declare(shell)
        shell.type("SELECT us" + TAB)
        shell.expect("SELECT userid ")
        shell.type(CTRL_C)
        shell.expect(PROMPT)
        shell.statement("DEFINE who = 'ana';", "who = ana")
        shell.statement("INSERT INTO clicks VALUES ('${who}', 'first'); DROP STREAM nobody;", "nobody", "^")
        shell.statement("SELECT url FROM clicks EMIT CHANGES LIMIT 1;", "first", "(1 row)")
        shell.statement("CREATE STREAM other (a INT) WITH (KAFKA_TOPIC='other', VALUE_FORMAT='JSON');", "created stream OTHER")
        shell.statement("DROP STREAM clicks; ", "dropped stream CLICKS")
        shell.statement("CREATE STREAM clicks (userid VARCHAR, url VARCHAR) WITH (KAFKA_TOPIC='fresh', VALUE_FORMAT='JSON');",
                        "created stream CLICKS")
        self.live_table(shell)
        # The server goes: the next statement says so, and the shell ends.
        harness.stop(process)
        shell.type("SHOW STREAMS;\n")
        shell.expect("ended")
        self.assertEqual(shell.end(""), 1)

    def test_small_screens_show_what_fits(self):
        shell = self.shell(rows=8, columns=40)
        self.declare(shell)
        for i in range(7):
            shell.statement(f"INSERT INTO clicks VALUES ('user{i}', '{'x' * 60}');")
        shell.type("SELECT userid, LATEST_BY_OFFSET(url) AS url FROM clicks GROUP BY userid EMIT CHANGES LIMIT 7;\n")
        shell.expect("(7 keys, 3 not shown; 7 changes; 4 ce")
        shell.expect(PROMPT)
        shell.statement("SELECT userid, url FROM clicks EMIT CHANGES LIMIT 2;", "user0", "x…", "user1", "(2 rows; 2 cells cut")
        self.assertEqual(shell.end("quit;\n"), 0)

    def test_json_lines_for_scripts(self):
        self.millrace("sql", "--data", self.data, "-e", "CREATE STREAM s (a VARCHAR, b ARRAY<INT>, c DOUBLE) WITH "
                      "(KAFKA_TOPIC='s', VALUE_FORMAT='JSON'); INSERT INTO s VALUES ('NULL', ARRAY[1, 2], NULL);")
        out, _ = self.millrace("sql", "--data", self.data, "-o", "json", "-e", "SELECT * FROM s EMIT CHANGES LIMIT 1;")
        self.assertEqual(out, '{"A":"NULL","B":[1,2],"C":null}\n')
        out, _ = self.millrace("sql", "--data", self.data, "-e", "SELECT a, COUNT(*) AS n FROM s GROUP BY a EMIT CHANGES LIMIT 1;")
        self.assertEqual(out, "A\tN\nNULL\t1\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    harness.main()
