"""The rules of the protocol that clients rely on, one request at a time, without a client library.

Every rule was seen at Apache Kafka: MILLRACE_TEST_BROKER=kafka runs the same there.
"""
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

import broker
import harness
import kafka_wire as wire

directory = None
server = None
CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_TOPIC, UNSUPPORTED_VERSION, INVALID_REQUEST = 2, 10, 17, 35, 42
INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_RECORD, INVALID_CONFIG, ILLEGAL_GENERATION, UNKNOWN_MEMBER = 37, 38, 87, 40, 22, 25
INVALID_REQUIRED_ACKS, INVALID_PRODUCER_ID_MAPPING, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, NON_EMPTY_GROUP = 21, 49, 69, 24, 68
RETRIABLE = (wire.COORDINATOR_NOT_AVAILABLE, wire.COORDINATOR_LOAD_IN_PROGRESS, wire.NOT_COORDINATOR, wire.CONCURRENT_TRANSACTIONS,
             wire.NOT_LEADER_OR_FOLLOWER)


def setUpModule():
    global directory, server
    if not broker.AGAINST_KAFKA and not broker.has_server():
        raise unittest.SkipTest("this program has no server command")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-protocol-"))
    server = broker.start(directory / "data")


def tearDownModule():
    if server:
        code = server.stop()
        assert broker.AGAINST_KAFKA or code == 0, f"the server ended with {code}, see {directory}"
        shutil.rmtree(directory, ignore_errors=True)


class Rules(unittest.TestCase):
    def setUp(self):
        self.wire = wire.Connection(server.address)
        self.addCleanup(self.wire.close)
        self.topic = self._testMethodName[5:60]

    def create(self, partitions=1, configs=()):
        self.assertEqual(self.wire.create_topic(self.topic, partitions, configs), wire.NONE)
        deadline = time.monotonic() + 30
        while True:
            found = self.wire.metadata([self.topic])["topics"][self.topic]
            if found["error"] == 0 and len(found["partitions"]) == partitions:
                return self.topic
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)  # waits for another process

    def patiently(self, call, *words, **more):
        """The first answer that is not `try again`."""
        deadline = time.monotonic() + 60
        while True:
            answer = getattr(self.wire, call)(*words, **more)
            if (answer[0] if isinstance(answer, tuple) else answer) not in RETRIABLE or time.monotonic() > deadline:
                return answer
            time.sleep(0.02)  # waits for another process

    def producer(self, transactional_id=None):
        if transactional_id:
            self.patiently("find_coordinator", transactional_id, 1)
        error, pid, epoch = self.patiently("init_producer", transactional_id)
        self.assertEqual(error, wire.NONE)
        return pid, epoch

    def write(self, *values, partition=0, transactional_id=None, **more):
        records = wire.batch([value.encode() for value in values], transactional=transactional_id is not None, **more)
        return self.patiently("produce", self.topic, partition, records, transactional_id=transactional_id)

    def read(self, offset=0, partition=0, isolation=wire.READ_UNCOMMITTED, **more):
        error, _, _, _, aborted, data = self.wire.fetch(self.topic, partition, offset, isolation, **more)
        if broker.AGAINST_KAFKA and error:
            # A topic that is just being made; busy waiting is good enough for the other broker.
            return self.read(offset, partition, isolation, **more)
        self.assertEqual(error, wire.NONE)
        records = wire.given_to_user(wire.batches(data), aborted if isolation else None)
        return [value.decode() for at, _, value in records if at >= offset]


class Producing(Rules):
    def test_offsets_count_records(self):
        self.create()
        self.assertEqual(self.write("a", "b", "c"), (wire.NONE, 0))
        self.assertEqual(self.write("d"), (wire.NONE, 3))
        self.assertEqual(self.read(), ["a", "b", "c", "d"])
        self.assertEqual(self.read(2), ["c", "d"])

    def test_unknown_places_are_named_as_such(self):
        self.create()
        self.assertEqual(self.wire.produce("nowhere", 0, wire.batch([b"x"]))[0], wire.UNKNOWN_TOPIC_OR_PARTITION)
        self.assertEqual(self.write("x", partition=7)[0], wire.UNKNOWN_TOPIC_OR_PARTITION)
        self.assertEqual(self.wire.fetch("nowhere", 0, 0, wait_ms=0)[0], wire.UNKNOWN_TOPIC_OR_PARTITION)
        self.assertEqual(self.wire.list_offset(self.topic, 5, wire.LATEST)[0], wire.UNKNOWN_TOPIC_OR_PARTITION)

    def test_a_batch_with_a_wrong_checksum_is_refused(self):
        self.create()
        records = bytearray(wire.batch([b"some value"]))
        records[-3] ^= 1
        self.assertEqual(self.wire.produce(self.topic, 0, bytes(records))[0], CORRUPT_MESSAGE)
        self.assertEqual(self.wire.list_offset(self.topic, 0, wire.LATEST), (wire.NONE, 0))

    def test_a_batch_above_the_limit_is_refused(self):
        self.create()
        self.assertEqual(self.write("x" * 1_100_000)[0], MESSAGE_TOO_LARGE)
        self.assertEqual(self.write("x" * 900_000), (wire.NONE, 0))

    def test_a_topic_has_its_own_limit(self):
        self.create(configs={"max.message.bytes": "1000"})
        self.assertEqual(self.write("x" * 2000)[0], MESSAGE_TOO_LARGE)
        self.assertEqual(self.write("x" * 500), (wire.NONE, 0))

    def test_only_three_acks_are_known(self):
        self.create()
        self.assertEqual(self.wire.produce(self.topic, 0, wire.batch([b"x"]), acks=2)[0], INVALID_REQUIRED_ACKS)

    def test_acks_0_has_no_answer_and_the_next_request_has(self):
        self.create()
        self.wire.send_produce(self.topic, 0, wire.batch([b"quiet"]), acks=0)
        self.assertEqual(self.write("loud"), (wire.NONE, 1))
        self.assertEqual(self.read(), ["quiet", "loud"])

    def test_requests_of_one_connection_are_answered_in_order(self):
        self.create()
        for index in range(20):
            self.wire.send_produce(self.topic, 0, wire.batch([b"%d" % index]))
        sent, self.wire.correlation = self.wire.correlation, self.wire.correlation - 20
        for index in range(20):
            self.wire.correlation += 1
            self.assertEqual(self.wire.produced(), (wire.NONE, index))
        self.assertEqual(self.wire.correlation, sent)

    def test_a_compacted_topic_wants_keys(self):
        self.create(configs={"cleanup.policy": "compact"})
        self.assertEqual(self.write("no key")[0], INVALID_RECORD)
        self.assertEqual(self.wire.produce(self.topic, 0, wire.batch([(b"k", b"v")])), (wire.NONE, 0))

    def test_a_log_append_time_topic_stamps_records_itself(self):
        self.create(configs={"message.timestamp.type": "LogAppendTime"})
        before = int(time.time() * 1000)
        self.write("x", timestamp=before - 3_600_000)
        one = wire.batches(self.wire.fetch(self.topic, 0, 0)[5])[0]
        self.assertTrue(one.attributes & 8)
        self.assertTrue(before <= one.max_timestamp <= int(time.time() * 1000))
        self.assertTrue(one.checks())


class Reading(Rules):
    def test_an_offset_that_is_not_there_is_out_of_range(self):
        self.create()
        self.write("a", "b")
        self.assertEqual(self.wire.fetch(self.topic, 0, 3, wait_ms=0)[0], wire.OFFSET_OUT_OF_RANGE)
        self.assertEqual(self.wire.fetch(self.topic, 0, -1, wait_ms=0)[0], wire.OFFSET_OUT_OF_RANGE)
        self.assertEqual(self.wire.fetch(self.topic, 0, 2, wait_ms=0)[:3], (wire.NONE, 2, 2))

    def test_a_fetch_at_the_end_waits_and_is_woken_by_a_record(self):
        self.create()
        started, got = time.monotonic(), []
        reader = threading.Thread(target=lambda: got.append(self.read(wait_ms=20_000)))
        reader.start()
        time.sleep(0.3)  # the fetch is to be waiting by then
        with wire.Connection(server.address) as other:
            other.produce(self.topic, 0, wire.batch([b"late"]))
        reader.join(30)
        self.assertEqual(got, [["late"]])
        self.assertLess(time.monotonic() - started, 10)

    def test_a_fetch_at_the_end_gives_up_after_its_time(self):
        self.create()
        started = time.monotonic()
        self.assertEqual(self.read(wait_ms=300), [])
        self.assertGreater(time.monotonic() - started, 0.25)

    def test_a_batch_larger_than_asked_for_is_given_whole(self):
        self.create()
        self.write("x" * 100_000)
        self.write("y")
        self.assertEqual(self.read(bytes_max=1000), ["x" * 100_000])
        self.assertEqual(self.read(1, bytes_max=1000), ["y"])

    def test_offsets_are_found_by_time(self):
        self.create()
        for index in range(5):
            self.write(f"v{index}", timestamp=1_000_000 + 1000 * index)
        ask = lambda timestamp: self.wire.list_offset(self.topic, 0, timestamp)
        self.assertEqual(ask(1_000_000), (wire.NONE, 0))
        self.assertEqual(ask(1_001_500), (wire.NONE, 2))
        self.assertEqual(ask(1_004_001), (wire.NONE, -1))
        self.assertEqual(ask(wire.EARLIEST), (wire.NONE, 0))
        self.assertEqual(ask(wire.LATEST), (wire.NONE, 5))

    def test_records_inside_a_batch_are_found_by_time(self):
        self.create()
        self.write("a", "b", timestamp=5000)
        self.write("c", timestamp=4000)
        self.write("d", timestamp=7000)
        self.assertEqual(self.wire.list_offset(self.topic, 0, 5001), (wire.NONE, 3))

    def test_deleted_records_are_out_of_range(self):
        self.create()
        for index in range(6):
            self.write(f"v{index}")
        self.assertEqual(self.wire.delete_records(self.topic, 0, 4), (wire.NONE, 4))
        self.assertEqual(self.wire.fetch(self.topic, 0, 3, wait_ms=0)[0], wire.OFFSET_OUT_OF_RANGE)
        self.assertEqual(self.read(4), ["v4", "v5"])
        self.assertEqual(self.wire.delete_records(self.topic, 0, 2), (wire.NONE, 4))
        self.assertEqual(self.wire.delete_records(self.topic, 0, 9)[0], wire.OFFSET_OUT_OF_RANGE)
        self.assertEqual(self.wire.delete_records(self.topic, 0, -1), (wire.NONE, 6))
        self.assertEqual(self.write("next"), (wire.NONE, 6))


class Topics(Rules):
    def test_names_and_numbers_are_checked(self):
        for name in ("", ".", "..", "a b", "a/b", "x" * 250):
            self.assertEqual(self.wire.create_topic(name), INVALID_TOPIC, name)
        self.assertEqual(self.wire.create_topic("zero", 0), INVALID_PARTITIONS)
        self.assertEqual(self.wire.create_topic("config", 1, {"retention.ms": "many"}), INVALID_CONFIG)
        self.assertEqual(self.wire.create_topic("config", 1, {"no.such.key": "1"}), INVALID_CONFIG)

    def test_a_topic_is_created_once(self):
        self.create(3)
        self.assertEqual(self.wire.create_topic(self.topic, 3), wire.TOPIC_ALREADY_EXISTS)
        self.assertEqual(self.wire.delete_topic(self.topic), wire.NONE)
        self.assertEqual(self.wire.delete_topic("never.there"), wire.UNKNOWN_TOPIC_OR_PARTITION)

    def test_a_topic_made_again_is_empty(self):
        self.create()
        self.write("old")
        self.assertEqual(self.wire.delete_topic(self.topic), wire.NONE)
        deadline = time.monotonic() + 30
        while self.wire.create_topic(self.topic) != wire.NONE:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)  # waits for another process
        while self.wire.metadata([self.topic])["topics"][self.topic]["error"]:
            time.sleep(0.01)  # waits for another process
        self.assertEqual(self.wire.list_offset(self.topic, 0, wire.LATEST), (wire.NONE, 0))
        self.assertEqual(self.write("new"), (wire.NONE, 0))
        self.assertEqual(self.read(), ["new"])

    def test_asking_for_metadata_creates_a_topic_only_when_allowed(self):
        self.assertEqual(self.wire.metadata([self.topic])["topics"][self.topic]["error"], wire.UNKNOWN_TOPIC_OR_PARTITION)
        self.wire.metadata([self.topic], create=True)
        deadline = time.monotonic() + 30
        while self.wire.metadata([self.topic])["topics"][self.topic]["error"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)  # waits for another process
        self.assertEqual(self.write("x"), (wire.NONE, 0))

    def test_brokers_are_named_by_the_address_that_was_used(self):
        host, port = server.address.rsplit(":", 1)
        self.assertEqual([one[1:3] for one in self.wire.metadata([])["brokers"]], [(host, int(port))])


class Idempotence(Rules):
    def test_a_repeated_batch_is_answered_with_its_first_offset(self):
        self.create()
        pid, epoch = self.producer()
        for sequence in range(5):
            self.assertEqual(self.write(f"v{sequence}", pid=pid, epoch=epoch, sequence=sequence), (wire.NONE, sequence))
        for sequence in (4, 0, 2):
            self.assertEqual(self.write(f"v{sequence}", pid=pid, epoch=epoch, sequence=sequence), (wire.NONE, sequence))
        self.assertEqual(self.read(), [f"v{index}" for index in range(5)])

    def test_a_gap_in_the_sequence_is_refused(self):
        self.create()
        pid, epoch = self.producer()
        self.write("a", pid=pid, epoch=epoch, sequence=0)
        self.assertEqual(self.write("c", pid=pid, epoch=epoch, sequence=2)[0], wire.OUT_OF_ORDER_SEQUENCE)
        self.assertEqual(self.write("b", pid=pid, epoch=epoch, sequence=1), (wire.NONE, 1))

    def test_partitions_count_their_own_sequences(self):
        self.create(2)
        pid, epoch = self.producer()
        self.assertEqual(self.write("a", pid=pid, epoch=epoch, sequence=0), (wire.NONE, 0))
        self.assertEqual(self.write("b", partition=1, pid=pid, epoch=epoch, sequence=0), (wire.NONE, 0))

    def test_producer_ids_differ(self):
        self.assertEqual(len({self.producer()[0] for _ in range(10)}), 10)


class Transactions(Rules):
    def begin(self, partitions=(0,)):
        self.name = f"txn.{self.topic}"
        self.pid, self.epoch = self.producer(self.name)
        self.join(partitions)

    def join(self, partitions=(0,)):
        self.assertEqual(self.patiently("add_partitions", self.name, self.pid, self.epoch, self.topic, partitions), wire.NONE)

    def put(self, value, sequence, partition=0):
        error, base = self.write(value, partition=partition, transactional_id=self.name, pid=self.pid, epoch=self.epoch, sequence=sequence)
        self.assertEqual(error, wire.NONE)
        return base

    def end(self, commit):
        return self.patiently("end_transaction", self.name, self.pid, self.epoch, commit)

    def until(self, accept, get):
        deadline = time.monotonic() + 30
        while not accept(get()):
            self.assertLess(time.monotonic(), deadline, get())
            time.sleep(0.01)  # waits for another process

    def test_what_is_open_is_held_back_and_all_behind_it(self):
        self.create()
        self.write("before")
        self.begin()
        self.put("open", 0)
        self.write("behind")
        self.assertEqual(self.read(), ["before", "open", "behind"])
        self.assertEqual(self.read(isolation=wire.READ_COMMITTED), ["before"])
        self.assertEqual(self.wire.fetch(self.topic, 0, 0)[1:3], (3, 1))
        self.assertEqual(self.wire.list_offset(self.topic, 0, wire.LATEST, wire.READ_COMMITTED), (wire.NONE, 1))
        self.assertEqual(self.end(True), wire.NONE)
        self.until(lambda got: got == ["before", "open", "behind"], lambda: self.read(isolation=wire.READ_COMMITTED))
        self.assertEqual(self.wire.list_offset(self.topic, 0, wire.LATEST), (wire.NONE, 4))

    def test_what_is_aborted_is_left_out(self):
        self.create()
        self.begin()
        self.put("no", 0)
        self.assertEqual(self.end(False), wire.NONE)
        self.join()
        self.put("yes", 1)
        self.assertEqual(self.end(True), wire.NONE)
        self.until(lambda got: got == ["yes"], lambda: self.read(isolation=wire.READ_COMMITTED))
        self.assertEqual(self.read(), ["no", "yes"])

    def test_a_transaction_ends_once_and_may_be_told_so_again(self):
        self.create()
        self.begin()
        self.put("x", 0)
        self.assertEqual(self.end(True), wire.NONE)
        self.assertEqual(self.end(True), wire.NONE)
        self.assertEqual(self.end(False), wire.INVALID_TXN_STATE)

    def test_a_new_epoch_fences_the_old_one_and_aborts_what_was_open(self):
        self.create()
        self.begin()
        self.put("lost", 0)
        error, pid, epoch = self.patiently("init_producer", self.name)
        self.assertEqual((error, pid, epoch > self.epoch), (wire.NONE, self.pid, True))
        self.assertIn(self.end(True), (wire.INVALID_PRODUCER_EPOCH, wire.PRODUCER_FENCED))
        self.assertIn(self.patiently("add_partitions", self.name, self.pid, self.epoch, self.topic, [0]),
                      (wire.INVALID_PRODUCER_EPOCH, wire.PRODUCER_FENCED))
        self.until(lambda offsets: offsets[0] == offsets[1] == 2, lambda: self.wire.fetch(self.topic, 0, 0, wait_ms=0)[1:3])
        self.assertEqual(self.write("late", transactional_id=self.name, pid=self.pid, epoch=self.epoch, sequence=1)[0],
                         wire.INVALID_PRODUCER_EPOCH)
        self.assertEqual(self.read(isolation=wire.READ_COMMITTED, wait_ms=0), [])

    def test_a_partition_that_was_not_added_takes_no_transactional_records(self):
        self.create(2)
        self.begin((0,))
        error, _ = self.write("x", partition=1, transactional_id=self.name, pid=self.pid, epoch=self.epoch, sequence=0)
        self.assertEqual(error, wire.INVALID_TXN_STATE)

    def test_an_unknown_transactional_id_is_refused(self):
        self.create()
        self.patiently("find_coordinator", "txn.nobody", 1)
        self.assertEqual(self.patiently("end_transaction", "txn.nobody", 12345, 0, True), INVALID_PRODUCER_ID_MAPPING)

    def test_offsets_are_committed_with_the_transaction(self):
        self.create()
        self.begin()
        group = f"group.{self.topic}"
        self.patiently("find_coordinator", group)
        for number, commit in ((5, True), (9, False)):
            self.join()
            self.put("x", number // 6)
            self.assertEqual(self.patiently("add_offsets", self.name, self.pid, self.epoch, group), wire.NONE)
            self.assertEqual(self.patiently("commit_in_transaction", self.name, group, self.pid, self.epoch, self.topic, 0, number), wire.NONE)
            self.assertEqual(self.end(commit), wire.NONE)
            self.until(lambda answer: answer == (wire.NONE, 5), lambda: self.wire.committed_offset(group, self.topic, 0))


class Groups(Rules):
    def test_offsets_are_kept_for_groups_without_members(self):
        self.create()
        group = f"group.{self.topic}"
        self.patiently("find_coordinator", group)
        self.assertEqual(self.patiently("commit_offset", group, self.topic, 0, 3), wire.NONE)
        self.assertEqual(self.wire.committed_offset(group, self.topic, 0), (wire.NONE, 3))
        self.assertEqual(self.wire.committed_offset(group, self.topic, 1), (wire.NONE, -1))
        self.assertEqual(self.wire.committed_offset("group.nobody", self.topic, 0), (wire.NONE, -1))

    def test_a_member_that_is_not_known_is_refused(self):
        self.create()
        group = f"group.{self.topic}"
        self.patiently("find_coordinator", group)
        self.assertEqual(self.patiently("commit_offset", group, self.topic, 0, 0), wire.NONE)
        self.assertEqual(self.patiently("heartbeat", group, 1, "nobody"), UNKNOWN_MEMBER)


class Versions(Rules):
    def test_a_version_of_the_future_is_answered_in_the_oldest_form(self):
        answer = self.wire.request(wire.API_VERSIONS, 99, b"\0")  # newer headers end with tagged fields
        self.assertEqual(answer.take("h"), UNSUPPORTED_VERSION)
        ranges = {api: (low, high) for api, low, high in answer.array(lambda: answer.take("hhh"))}
        self.assertIn(wire.API_VERSIONS, ranges)
        # The connection is still good.
        self.assertEqual(self.wire.api_versions()[0], wire.NONE)

    def test_an_unknown_request_ends_the_connection(self):
        with self.assertRaises(OSError):
            self.wire.request(1234, 0, b"")
        with wire.Connection(server.address) as again:
            self.assertEqual(again.api_versions()[0], wire.NONE)


if __name__ == "__main__":
    harness.main()
