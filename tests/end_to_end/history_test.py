"""kill -9 of the server under load, many times: what clients saw of the log stays true.

Producers (plain, idempotent, transactional with commits and aborts) and consumers (read_uncommitted, read_committed) run the
whole time, over connections that break; the server is killed at random moments and started again. In the end the history
checker counts anomalies (history.py): there are none.

MILLRACE_HISTORY_KILLS (100), MILLRACE_HISTORY_SECONDS (90) and MILLRACE_HISTORY_SEED choose the size and the run.
"""
import collections
import os
import random
import threading
import time
import traceback

import broker
import harness
import history
import kafka_wire as wire

KILLS = int(os.environ.get("MILLRACE_HISTORY_KILLS", "100"))
SECONDS = float(os.environ.get("MILLRACE_HISTORY_SECONDS", "90"))
SEED = int(os.environ.get("MILLRACE_HISTORY_SEED", "0")) or int(time.time())
TOPIC, PARTITIONS, GROUPS_TOPIC = "history", 3, "inputs"
RETRIABLE = {wire.LEADER_NOT_AVAILABLE, wire.NOT_LEADER_OR_FOLLOWER, wire.COORDINATOR_LOAD_IN_PROGRESS, wire.COORDINATOR_NOT_AVAILABLE,
             wire.NOT_COORDINATOR, wire.CONCURRENT_TRANSACTIONS}
if broker.AGAINST_KAFKA:
    # After a restart its high watermark is behind for a moment.
    RETRIABLE |= {wire.UNKNOWN_TOPIC_OR_PARTITION, wire.OFFSET_OUT_OF_RANGE}


class Refused(Exception):
    """An error of the protocol that no client should see here."""


class Load:
    """What all threads share. `stopping` ends producers at the next whole step, `ended` the consumers."""

    def __init__(self, address, seed):
        self.address, self.seed = address, seed
        self.checker = history.Checker()
        self.stopping, self.ended = threading.Event(), threading.Event()
        self.problems, self.restarts = [], collections.Counter()
        self.lock = threading.Lock()


class Actor(threading.Thread):
    """A client with one connection, which it opens again whenever it breaks."""

    def __init__(self, load, name):
        super().__init__(name=name, daemon=True)
        self.load, self.random, self.connection = load, random.Random(f"{load.seed} {name}"), None

    def run(self):
        try:
            self.act()
        except Exception as problem:
            traceback.print_exc()
            with self.load.lock:
                self.load.problems.append(f"{self.name}: {type(problem).__name__}: {problem}")
        finally:
            if self.connection:
                self.connection.close()

    def call(self, name, *words, **more):
        """One request, again and again until it is answered by something that is not worth another try."""
        deadline = time.monotonic() + 120
        while True:
            try:
                if self.connection is None:
                    self.connection = wire.Connection(self.load.address, client=self.name)
                answer = getattr(self.connection, name)(*words, **more)
            except OSError:
                if self.connection:
                    self.connection.close()
                self.connection = None
                self.load.restarts[self.name] += 1
                answer = None
            if answer is not None:
                error = answer[0] if isinstance(answer, tuple) else answer
                if error == wire.NONE:
                    return answer
                if error not in RETRIABLE:
                    raise Refused(f"{name} {words[:4]}: error {error}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} {words[:2]} is not answered")
            time.sleep(0.005)  # the server is being started again


class Producer(Actor):
    def __init__(self, load, name, kind):
        super().__init__(load, name)
        self.kind, self.number = kind, 0

    def values(self, transaction=None):
        """Some fresh values for one partition; known to the checker."""
        partition, count = self.random.randrange(PARTITIONS), self.random.randint(1, 5)
        size = self.random.choice((0, 20, 200, 2000))
        fresh = [f"{self.name}:{self.number + index}:".encode() + b"." * size for index in range(count)]
        self.load.checker.send(fresh, self.name, self.kind, partition, self.number, transaction)
        self.number += count
        return partition, fresh


class Plain(Producer):
    def act(self):
        while not self.load.stopping.is_set():
            partition, values = self.values()
            _, base = self.call("produce", TOPIC, partition, wire.batch(values))
            self.load.checker.ack(values, partition, base)


class Idempotent(Producer):
    def act(self):
        _, self.pid, self.epoch = self.call("init_producer")
        self.sequences = collections.Counter()
        while not self.load.stopping.is_set():
            partition, values = self.values()
            self.write(partition, values)

    def write(self, partition, values, transactional_id=None):
        records = wire.batch(values, pid=self.pid, epoch=self.epoch, sequence=self.sequences[partition],
                             transactional=transactional_id is not None)
        self.sequences[partition] += len(values)
        _, base = self.call("produce", TOPIC, partition, records, transactional_id=transactional_id)
        self.load.checker.ack(values, partition, base)


class Transactional(Idempotent):
    def act(self):
        self.begin_again()
        number = 0
        while not self.load.stopping.is_set():
            number += 1
            self.transaction(f"{self.name}/{number}", number)

    def begin_again(self):
        """A new epoch; what was open is aborted."""
        self.call("find_coordinator", self.name, 1)
        _, self.pid, self.epoch = self.call("init_producer", self.name)
        self.sequences = collections.Counter()

    def transaction(self, name, number):
        group = f"group.{self.name}" if self.random.random() < 0.5 else None
        for _ in range(self.random.randint(1, 4)):
            partition, values = self.values(name)
            self.call("add_partitions", self.name, self.pid, self.epoch, TOPIC, [partition])
            self.write(partition, values, self.name)
        if group:
            self.call("find_coordinator", group, 0)
            self.call("add_offsets", self.name, self.pid, self.epoch, group)
            self.call("commit_in_transaction", self.name, group, self.pid, self.epoch, GROUPS_TOPIC, 0, number)
        if self.random.random() < 0.1:
            self.begin_again()
            self.load.checker.end(name, False)
            return
        commit = self.random.random() < 0.7
        self.call("end_transaction", self.name, self.pid, self.epoch, commit)
        self.load.checker.end(name, commit, group, number if group else None)


def read(call, partition, position, committed):
    """One fetch: the batches from `position` on and the records that a user gets."""
    isolation = wire.READ_COMMITTED if committed else wire.READ_UNCOMMITTED
    _, high, stable, _, aborted, data = call("fetch", TOPIC, partition, position, isolation, wait_ms=0)
    # The first batch may begin before the position.
    found = [one for one in wire.batches(data) if one.last >= position]
    for one in found:
        if not one.checks():
            raise Refused(f"{partition}@{one.base}: the checksum is wrong")
        if one.last >= (stable if committed else high) and not broker.AGAINST_KAFKA:
            raise Refused(f"{partition}@{one.last}: given out above its end")
    records = wire.given_to_user(found, aborted if committed else None)
    return found, [(offset, value) for offset, _, value in records if offset >= position]


class Consumer(Actor):
    def __init__(self, load, name, committed):
        super().__init__(load, name)
        self.committed = committed
        self.positions = [0] * PARTITIONS

    def act(self):
        while not self.load.ended.is_set():
            if sum(self.poll(partition) for partition in range(PARTITIONS)) == 0:
                time.sleep(0.01)  # nothing new
            if self.random.random() < 0.01:
                # Reads something again: it must be what it was.
                partition = self.random.randrange(PARTITIONS)
                self.positions[partition] = max(0, self.positions[partition] - self.random.randint(1, 200))
                self.load.checker.seek(self.name, partition, self.positions[partition])

    def poll(self, partition):
        """Reads once; gives how many batches came."""
        position = self.positions[partition]
        found, records = read(self.call, partition, position, self.committed)
        if found:
            self.load.checker.poll(self.name, partition, [(max(one.base, position), one.last) for one in found], records, self.committed)
            self.positions[partition] = found[-1].last + 1
        return len(found)


class KillMinusNine(harness.EndToEnd):
    def setUp(self):
        super().setUp()
        if not broker.AGAINST_KAFKA and not broker.has_server():
            self.skipTest("this program has no server command")
        print(f"seed {SEED}", flush=True)
        self.random = random.Random(SEED)
        self.server = broker.start(self.data)
        self.port = self.server.port

    def tearDown(self):
        if self.server.process.poll() is None:
            self.server.kill()
        super().tearDown()

    def again(self):
        """Starts the server on the directory that the last one left."""
        if broker.AGAINST_KAFKA:
            self.server = broker.ApacheKafka(self.data).start(port=self.port)
        else:
            self.server = broker.Millrace(self.data).start(port=self.port)
        self.assertIsNotNone(self.server.address, f"the server did not start again, see {self.data.with_suffix('.log')}")

    def test_nothing_is_lost_doubled_reordered_or_read_too_early(self):
        control = Actor(Load(self.server.address, SEED), "control")
        self.addCleanup(lambda: control.connection and control.connection.close())
        for topic, partitions in ((TOPIC, PARTITIONS), (GROUPS_TOPIC, 1)):
            control.call("create_topic", topic, partitions)
        load = Load(self.server.address, SEED)
        producers = [Plain(load, "plain-1", history.PLAIN), Plain(load, "plain-2", history.PLAIN),
                     Idempotent(load, "idempotent-1", history.IDEMPOTENT), Idempotent(load, "idempotent-2", history.IDEMPOTENT),
                     Transactional(load, "transactional-1", history.TRANSACTIONAL),
                     Transactional(load, "transactional-2", history.TRANSACTIONAL)]
        consumers = [Consumer(load, "all-1", False), Consumer(load, "all-2", False), Consumer(load, "committed-1", True),
                     Consumer(load, "committed-2", True)]
        for actor in producers + consumers:
            actor.start()
        started, starts = time.monotonic(), []
        for kill in range(KILLS):
            # The moment of the kill is the test: nothing is waited for.
            left = SECONDS - (time.monotonic() - started)
            time.sleep(max(0.02, self.random.uniform(0, 2) * left / (KILLS - kill)))
            self.assertIsNone(self.server.process.poll(), "the server ended by itself")
            self.server.kill()
            before = time.monotonic()
            self.again()
            starts.append(time.monotonic() - before)
            self.assertEqual(load.problems, [])
        load.stopping.set()
        for producer in producers:
            producer.join(120)
            self.assertFalse(producer.is_alive(), producer.name)
        load.ended.set()
        for consumer in consumers:
            consumer.join(120)
        self.assertEqual(load.problems, [])
        self.assertIn(self.server.stop(), (0, 143) if broker.AGAINST_KAFKA else (0,))
        self.again()
        self.finish(load, control)
        starts.sort()
        print(f"{KILLS} kills in {time.monotonic() - started:.0f} s; start again: median {starts[len(starts) // 2] * 1000:.0f} ms, "
              f"slowest {starts[-1] * 1000:.0f} ms; {sum(load.restarts.values())} connections broken", flush=True)

    def finish(self, load, control):
        everything = {partition: self.all_of(control, partition, False) for partition in range(PARTITIONS)}
        committed = {partition: self.all_of(control, partition, True) for partition in range(PARTITIONS)}
        groups = {group: control.call("committed_offset", group, GROUPS_TOPIC, 0)[1] for group in load.checker.group_offsets}
        found = load.checker.finish(everything, committed, groups)
        print(load.checker.report(), flush=True)
        self.assertEqual({kind: count for kind, count in found.items() if count}, {})
        for least in ("acknowledged", "polled", "transactions committed", "transactions aborted"):
            self.assertGreater(load.checker.counts[least], KILLS, least)

    def all_of(self, control, partition, committed):
        position, records = 0, []
        while True:
            found, fresh = read(control.call, partition, position, committed)
            if not found:
                return records
            records += fresh
            position = found[-1].last + 1


if __name__ == "__main__":
    harness.main()
