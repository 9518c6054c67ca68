"""System calls that fail, and the process that ends in the middle of them: what was acknowledged is served afterwards.

strace kills the server at its n-th pwrite, fdatasync, rename ... or makes the n-th one fail, while a scripted load runs; then the
server is started again without strace and everything that was acknowledged must be there. MILLRACE_FAULTS=all tries every n;
otherwise MILLRACE_FAULTS_SAMPLE (8) of them per kind are drawn (MILLRACE_FAULTS_SEED, printed). A full disk is a small tmpfs in
a name space of its own. What cannot run here is skipped by name.
"""
import collections
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

import broker
import harness
import kafka_wire as wire

ALL = os.environ.get("MILLRACE_FAULTS", "") == "all"
SAMPLE = int(os.environ.get("MILLRACE_FAULTS_SAMPLE", "8"))
SEED = int(os.environ.get("MILLRACE_FAULTS_SEED", "0")) or int(time.time())
WRITES = ("write", "pwrite64", "pwritev", "pwritev2", "writev", "fallocate", "ftruncate")
SYNCS = ("fdatasync", "fsync", "sync_file_range", "syncfs")
NAMES = ("rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir")
RETRY_S = 20


class Ended(Exception):
    """The server is gone."""


class Script:
    """A fixed list of requests, and a model of what was acknowledged. Ends early when the server does."""

    def __init__(self, address):
        self.address = address
        self.connection = None
        self.topics = {}                                  # name -> partitions, of topics that are surely there
        self.unsure_topics = set()                        # being created or deleted when the server went
        self.records = collections.defaultdict(dict)      # (topic, partition) -> offset -> value
        self.starts = collections.defaultdict(int)        # (topic, partition) -> acknowledged log start
        self.asked_starts = collections.defaultdict(int)
        self.committed, self.aborted = set(), set()       # values of transactions that have ended
        self.offsets = {}                                 # (group, topic, partition) -> the offsets that it may be at
        self.acknowledged = 0

    def call(self, name, *words, **more):
        """One request; a storage error is tried again for a while, since the fault happens once."""
        deadline = time.monotonic() + RETRY_S
        while True:
            try:
                if self.connection is None:
                    self.connection = wire.Connection(self.address, timeout_s=RETRY_S)
                answer = getattr(self.connection, name)(*words, **more)
            except OSError as problem:
                if self.connection:
                    self.connection.close()
                raise Ended(str(problem)) from problem
            error = answer[0] if isinstance(answer, tuple) else answer
            if error == wire.NONE:
                self.acknowledged += 1
                return answer
            if name == "create_topic" and error == wire.TOPIC_ALREADY_EXISTS:
                return answer  # made by the try before, whose answer was an error
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} {words[:3]}: error {error} for {RETRY_S} s after a fault that happens once")
            time.sleep(0.01)  # waits for the server to recover from the fault

    def run(self):
        try:
            self._run()
        except Ended:
            return False
        finally:
            if self.connection:
                self.connection.close()
        return True

    def _run(self):
        self.create("first", 2)
        for index in range(8):
            self.produce("first", index % 2, [b"plain-%d-%d" % (index, one) for one in range(3)])
        self.create("second", 1)
        _, pid, epoch = self.call("init_producer")
        for index in range(4):
            values = [b"idempotent-%d-%d" % (index, one) for one in range(2)]
            self.produce("second", 0, values, pid=pid, epoch=epoch, sequence=2 * index)
        self.call("find_coordinator", "transactional", 1)
        self.call("find_coordinator", "group", 0)
        _, pid, epoch = self.call("init_producer", "transactional")
        for index, commit in enumerate((True, False, True)):
            values = {("first", 0): [b"txn-%d-a" % index], ("second", 0): [b"txn-%d-b" % index]}
            self.transaction(pid, epoch, index, values, commit)
        for offset in (3, 5):
            self.offsets["group", "first", 1] = self.offsets.get(("group", "first", 1), {-1}) | {offset}
            self.call("commit_offset", "group", "first", 1, offset)
            self.offsets["group", "first", 1] = {offset}
        self.asked_starts["first", 1] = 4
        _, low = self.call("delete_records", "first", 1, 4)
        self.starts["first", 1] = low
        self.produce("first", 1, [b"x" * 100_000, b"y" * 100_000])
        self.unsure_topics.add("second")
        self.topics.pop("second")
        self.call("delete_topic", "second")
        self.unsure_topics.discard("second")
        self.create("third", 3)
        for index in range(6):
            self.produce("third", index % 3, [b"last-%d" % index])

    def create(self, name, partitions):
        self.unsure_topics.add(name)
        self.call("create_topic", name, partitions)
        self.topics[name] = partitions
        self.unsure_topics.discard(name)

    def produce(self, topic, partition, values, transactional_id=None, **producer):
        records = wire.batch(values, transactional=transactional_id is not None, **producer)
        _, base = self.call("produce", topic, partition, records, transactional_id=transactional_id)
        for index, value in enumerate(values):
            self.records[topic, partition][base + index] = value

    def transaction(self, pid, epoch, index, values, commit):
        for (topic, partition), some in values.items():
            self.call("add_partitions", "transactional", pid, epoch, topic, [partition])
            self.produce(topic, partition, some, "transactional", pid=pid, epoch=epoch, sequence=index)
        self.call("add_offsets", "transactional", pid, epoch, "group")
        key = ("group", "first", 0)
        self.call("commit_in_transaction", "transactional", "group", pid, epoch, "first", 0, 10 + index)
        if commit:
            self.offsets[key] = self.offsets.get(key, {-1}) | {10 + index}
        self.call("end_transaction", "transactional", pid, epoch, commit)
        if commit:
            self.offsets[key] = {10 + index}
        (self.committed if commit else self.aborted).update(value for some in values.values() for value in some)

    # Afterwards

    def verify(self, test, address):
        """Everything that was acknowledged is served by the server at `address`, which also takes new records."""
        with wire.Connection(address) as connection:
            there = connection.metadata()["topics"]
            for topic, partitions in self.topics.items():
                test.assertIn(topic, there)
                test.assertEqual([one[0] for one in there[topic]["partitions"]], list(range(partitions)))
                for partition in range(partitions):
                    self._verify_partition(test, connection, topic, partition)
            for topic in ("first", "second", "third"):
                if topic not in self.topics and topic not in self.unsure_topics:
                    test.assertNotIn(topic, there, "deleted or never created")
            for (group, topic, partition), allowed in self.offsets.items():
                error, offset = connection.committed_offset(group, topic, partition)
                test.assertEqual(error, wire.NONE)
                test.assertIn(offset, allowed, (group, topic, partition))

    def _verify_partition(self, test, connection, topic, partition):
        at = (topic, partition)
        error, start = connection.list_offset(topic, partition, wire.EARLIEST)
        test.assertEqual(error, wire.NONE)
        test.assertTrue(self.starts[at] <= start <= max(self.starts[at], self.asked_starts[at]), f"{at} starts at {start}")
        everything = dict(self._all(test, connection, topic, partition, start, False))
        for offset, value in self.records[at].items():
            if offset >= start:
                test.assertEqual(everything.get(offset, b"")[:60], value[:60], f"{at}@{offset}")
                test.assertEqual(everything[offset], value)
        committed = {value for _, value in self._all(test, connection, topic, partition, start, True)}
        for value in set(self.records[at].values()) & self.committed:
            test.assertIn(value, committed)
        test.assertFalse(committed & self.aborted, "read_committed gave records of an aborted transaction")
        error, base = connection.produce(topic, partition, wire.batch([b"afterwards"]))
        test.assertEqual(error, wire.NONE)
        test.assertGreater(base, max(self.records[at], default=-1))

    @staticmethod
    def _all(test, connection, topic, partition, position, committed):
        found = []
        while True:
            error, _, _, _, aborted, data = connection.fetch(topic, partition, position, int(committed), wait_ms=0)
            test.assertEqual(error, wire.NONE, f"fetch {topic}-{partition}@{position}")
            some = [one for one in wire.batches(data) if one.last >= position]
            if not some:
                return found
            for one in some:
                test.assertTrue(one.checks())
            found += [(offset, value) for offset, _, value in wire.given_to_user(some, aborted if committed else None)]
            position = some[-1].last + 1


def strace_runs():
    try:
        return subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=openat", "true"],
                              capture_output=True).returncode == 0
    except OSError:
        return False


class Faults(harness.EndToEnd):
    @classmethod
    def setUpClass(cls):
        if not broker.has_server():
            raise unittest.SkipTest("this program has no server command")
        print(f"seed {SEED}", flush=True)
        cls.random = random.Random(SEED)

    def setUp(self):
        super().setUp()
        self.running = None

    def tearDown(self):
        if self.running and self.running.process.poll() is None:
            self.running.kill()
        super().tearDown()

    def traced(self, data, calls, inject=()):
        """Starts the server under strace; its address is None when it ended before it was ready. strace ends with its child's signal."""
        log = data.with_suffix(".strace")
        # A signal that is injected where seccomp stops the process is lost (strace 6.1, Linux 6.x).
        fast = [] if any(":signal=" in word for word in inject) else ["--seccomp-bpf"]
        prefix = ["strace", "-f", *fast, "-q", "-o", str(log), "-e", f"trace={','.join('?' + call for call in calls)}",
                  "-e", "signal=none", *inject]
        server = broker.Millrace(data).start(prefix=prefix)
        self.running = server
        return server

    def end(self, server):
        """Ends the traced server, whose process is a child of strace's."""
        if server.process.poll() is None:
            for child in children_of(server.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGTERM)
            server.process.wait(30)
        server._close()

    def calls_per_thread(self):
        """How often the busiest thread makes each call in an undisturbed run."""
        data = self.directory / "count"
        server = self.traced(data, WRITES + SYNCS + NAMES)
        script = Script(server.address)
        self.assertTrue(script.run(), "the script does not run undisturbed")
        self.end(server)
        counts = collections.Counter()
        for line in data.with_suffix(".strace").read_text().splitlines():
            found = re.match(r"(\d+) +(\w+)\(", line)
            if found:
                counts[found.group(2), found.group(1)] += 1
        most = collections.Counter()
        for (call, _), count in counts.items():
            most[call] = max(most[call], count)
        print(f"calls of the busiest thread: {dict(most)}; {script.acknowledged} requests acknowledged", flush=True)
        return most

    def cases(self, counts, calls):
        every = [(call, n) for call in calls for n in range(1, counts[call] + 1)]
        return every if ALL else sorted(self.random.sample(every, min(SAMPLE, len(every))))

    def one(self, name, calls, inject):
        """Runs the script with one fault and checks what is left.

        Gives: the script ran to its end (the fault may come when the server stops), the exit code, was the fault injected.
        """
        data = self.directory / name
        server = self.traced(data, calls, ["-e", f"inject={inject}"])
        script, whole = Script(server.address), False
        if server.address:
            whole = script.run()
            if whole:
                self.end(server)
            else:
                server.process.wait(30)
                server._close()
        code = server.process.returncode
        # strace has no time to write of the signal that ends itself, too.
        happened = code == -signal.SIGKILL or "INJECTED" in data.with_suffix(".strace").read_text()
        again = broker.Millrace(data).start()
        self.running = again
        self.assertIsNotNone(again.address, f"{name}: the server does not start on what the fault left")
        script.verify(self, again.address)
        self.assertEqual(again.stop(), 0, name)
        shutil.rmtree(data, ignore_errors=True)
        return whole, code, happened

    def needs_strace(self):
        if not strace_runs():
            self.skipTest("strace is not there or may not trace")

    def test_killed_at_the_nth_call(self):
        self.needs_strace()
        counts, reached = self.calls_per_thread(), 0
        cases = self.cases(counts, [call for call in SYNCS + NAMES + WRITES])
        for call, n in cases:
            with self.subTest(call=call, n=n):
                _, code, happened = self.one(f"kill-{call}-{n}", [call], f"{call}:signal=SIGKILL:when={n}")
                reached += happened
                if happened:
                    self.assertNotEqual(code, 0)
        print(f"killed at {reached} of {len(cases)} calls", flush=True)
        self.assertGreater(reached, len(cases) // 2)

    def test_a_failing_sync_ends_the_process(self):
        self.needs_strace()
        counts, reached = self.calls_per_thread(), 0
        cases = self.cases(counts, SYNCS)
        for call, n in cases:
            with self.subTest(call=call, n=n):
                _, code, happened = self.one(f"eio-{call}-{n}", [call], f"{call}:error=EIO:when={n}")
                reached += happened
                if happened:
                    self.assertNotEqual(code, 0, "the server went on after a sync that failed")
        print(f"{reached} of {len(cases)} syncs failed", flush=True)
        self.assertGreater(reached, len(cases) // 2)

    def test_a_failing_write_loses_nothing(self):
        self.needs_strace()
        counts = self.calls_per_thread()
        file_writes = [call for call in WRITES if call not in ("write", "writev")]
        for error in ("ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"):
            cases = self.cases(counts, file_writes)
            survived = 0
            for call, n in cases if ALL else cases[:max(2, SAMPLE // 2)]:
                with self.subTest(error=error, call=call, n=n):
                    whole, _, _ = self.one(f"{error}-{call}-{n}", [call], f"{call}:error={error}:when={n}")
                    survived += whole
            print(f"{error}: {len(cases)} writes failed, the server went on after {survived}", flush=True)


def children_of(pid):
    """The processes that `pid` started."""
    with open(f"/proc/{pid}/task/{pid}/children") as listing:
        return [int(word) for word in listing.read().split()]


class FullDisk(harness.EndToEnd):
    """D12: producers get an error that they may retry, all else goes on, and producing resumes without a restart."""
    SIZE_MB, RESERVE_BYTES = 64, 8 << 20

    def setUp(self):
        super().setUp()
        if not broker.has_server():
            self.skipTest("this program has no server command")
        mounts = subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", str(self.directory)], capture_output=True)
        if mounts.returncode != 0:
            self.skipTest("no unprivileged mounts here")

    def test_a_full_disk_refuses_producers_only_and_resumes(self):
        disk = self.directory / "disk"
        disk.mkdir()
        config = self.write("millrace.json", json.dumps({"disk.free.bytes.min": self.RESERVE_BYTES}))
        script = f'mount -t tmpfs -o size={self.SIZE_MB}m tmpfs {disk} && exec "$@"'
        server = broker.Millrace(disk / "data")
        server.start(prefix=["unshare", "-Urm", "sh", "-c", script, "sh"], words=["--config", str(config)],
                     log=self.directory / "server.log")
        try:
            self.assertIsNotNone(server.address, (self.directory / "server.log").read_text())
            with wire.Connection(server.address) as connection:
                self.rounds(connection)
            self.assertIsNone(server.process.poll(), "the server ended")
            self.assertEqual(server.stop(), 0)
        finally:
            if server.process.poll() is None:
                server.kill()

    def rounds(self, connection):
        self.assertEqual(connection.create_topic("kept", 1), wire.NONE)
        kept = [self.produced(connection, "kept", b"kept-%d" % index) for index in range(3)]
        for number in range(5):
            topic = f"fill-{number}"
            self.assertEqual(connection.create_topic(topic, 1), wire.NONE)
            high = self.fill(connection, topic)
            self.goes_on(connection, topic, high, number, kept)
            if number % 2:
                self.assertEqual(connection.delete_topic(topic), wire.NONE)
            else:
                self.assertEqual(connection.delete_records(topic, 0, -1), (wire.NONE, high))
            kept.append(self.resumed(connection, b"kept-again-%d" % number))
            if number % 2 == 0:
                self.assertEqual(connection.delete_topic(topic), wire.NONE)

    def produced(self, connection, topic, value):
        error, base = connection.produce(topic, 0, wire.batch([value]))
        self.assertEqual(error, wire.NONE)
        return base, value

    def fill(self, connection, topic):
        """Writes until the server refuses; gives the end of what it took."""
        records, high = wire.batch([os.urandom(256 << 10)]), 0
        for _ in range(self.SIZE_MB * 8):
            error, base = connection.produce(topic, 0, records)
            if error != wire.NONE:
                self.assertEqual(error, wire.KAFKA_STORAGE_ERROR)
                self.assertGreater(high, 20, "refused long before the disk was full")
                return high
            self.assertEqual(base, high)
            high += 1
        self.fail("the disk was never full")

    def goes_on(self, connection, topic, high, number, kept):
        """Reads, metadata and offset commits work on a full disk; nothing acknowledged is missing."""
        self.assertEqual(connection.list_offset(topic, 0, wire.LATEST), (wire.NONE, high))
        for offset in (0, high - 1):
            error, *_, data = connection.fetch(topic, 0, offset, wait_ms=0)
            self.assertEqual(error, wire.NONE)
            self.assertEqual(wire.batches(data)[0].base, offset)
        self.assertEqual(connection.commit_offset("group", topic, 0, number), wire.NONE)
        self.assertEqual(connection.committed_offset("group", topic, 0), (wire.NONE, number))
        error, *_, data = connection.fetch("kept", 0, 0, wait_ms=0)
        self.assertEqual([(offset, value) for one in wire.batches(data) for offset, _, value in one.records], kept)

    def resumed(self, connection, value):
        deadline = time.monotonic() + 30
        while True:
            error, base = connection.produce("kept", 0, wire.batch([value]))
            if error == wire.NONE:
                return base, value
            self.assertEqual(error, wire.KAFKA_STORAGE_ERROR)
            self.assertLess(time.monotonic(), deadline, "room was made, and producers are still refused")
            time.sleep(0.05)  # waits for the server to free the room


class FewDescriptors(harness.EndToEnd):
    """D14: with fewer descriptors than partitions and connections nothing fails; connections wait until there is room."""
    DESCRIPTORS, PARTITIONS, CONNECTIONS = 64, 500, 200

    def test_many_partitions_and_connections_share_few_descriptors(self):
        if not broker.has_server():
            self.skipTest("this program has no server command")
        server = broker.Millrace(self.directory / "data")
        prefix = ["sh", "-c", f'ulimit -n {self.DESCRIPTORS} && exec "$@"', "sh"]
        for is_first in (True, False):
            server.start(prefix=prefix, log=self.directory / "server.log")
            self.assertIsNotNone(server.address, (self.directory / "server.log").read_text())
            with wire.Connection(server.address) as connection:
                if is_first:
                    self.assertEqual(connection.create_topic("many", self.PARTITIONS), wire.NONE)
                    self.produce_all(connection)
                self.crowd(server.address)
                self.read_all(connection)
            self.assertEqual(server.stop(), 0, (self.directory / "server.log").read_text())

    def produce_all(self, connection):
        for partition in range(self.PARTITIONS):
            self.assertEqual(connection.produce("many", partition, wire.batch([b"%d" % partition])), (wire.NONE, 0))

    def crowd(self, address):
        """More connections than descriptors: they are taken once others have gone."""
        with contextlib.ExitStack() as stack:
            for _ in range(self.CONNECTIONS):
                stack.enter_context(wire.Connection(address))
        with wire.Connection(address) as connection:
            self.assertEqual(len(connection.metadata(["many"])["topics"]["many"]["partitions"]), self.PARTITIONS)

    def read_all(self, connection):
        for partition in range(self.PARTITIONS):
            error, *_, data = connection.fetch("many", partition, 0, wait_ms=0)
            self.assertEqual(error, wire.NONE)
            self.assertEqual([value for one in wire.batches(data) for _, _, value in one.records], [b"%d" % partition])


if __name__ == "__main__":
    harness.main()
