"""Unmodified Kafka clients against the server: codecs across clients, groups, static members, offsets, transactions, admin.

One suite per client; each says "skipped: CLIENT: REASON" when its registry cannot be reached (Debian's clients are never
skipped). MILLRACE_TEST_BROKER=kafka runs the same against Apache Kafka. Words after the program choose tests, as in unittest.
"""
import concurrent.futures
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients"))
import broker
import cutting_proxy
import driver
import harness
import kafka_wire
from driver import ClientError

WAIT_S = 60
directory = None
server = None
drivers = {}
lock = threading.Lock()


def setUpModule():
    global directory, server
    if not broker.AGAINST_KAFKA and not broker.has_server():
        raise unittest.SkipTest("this program has no server command")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-clients-"))
    server = broker.start(directory / "data")


def tearDownModule():
    for one in drivers.values():
        one.close()
    if server is None:
        return
    code = server.stop()
    if not broker.AGAINST_KAFKA and code != 0:
        raise AssertionError(f"the server ended with {code}; its log is in {directory}")
    if sys.exc_info()[0] is None and not Base.failed:
        shutil.rmtree(directory, ignore_errors=True)
    else:
        print(f"kept for a look: {directory}", file=sys.stderr)


def driver_of(client):
    """The client's process, started once; raises broker.Unavailable."""
    with lock:
        if client.name not in drivers:
            drivers[client.name] = client.start(server.address, directory / f"{client.name.replace('/', '_')}.log")
            print(f"{client.name}: {drivers[client.name].name}", flush=True)
        return drivers[client.name]


def skip(client, problem):
    if client.is_debian:
        raise AssertionError(f"{client.name} must be there: {problem}")
    print(f"skipped: {client.name}: {problem}", flush=True)
    raise unittest.SkipTest(f"{client.name}: {problem}")


def eventually(get, accept, what, timeout_s=WAIT_S):
    """Asks again until the answer is accepted."""
    deadline = time.monotonic() + timeout_s
    while True:
        last = get()
        if accept(last):
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_s} s; last: {str(last)[:600]}")
        time.sleep(0.05)  # waits for another process


class Base(unittest.TestCase):
    failed = False

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        Base.failed = Base.failed or len(result.failures) + len(result.errors) > before

    def setUp(self):
        self.wire = kafka_wire.Connection(server.address)
        self.addCleanup(self.wire.close)
        # A connection without a request is closed after some seconds; some clients take long to start.
        self.wire.api_versions()

    def create(self, name, partitions=1, configs=()):
        self.assertEqual(self.wire.create_topic(name, partitions, configs), kafka_wire.NONE)
        eventually(lambda: self.wire.metadata([name])["topics"][name],
                   lambda topic: topic["error"] == 0 and len(topic["partitions"]) == partitions, f"topic {name} is served")
        return name

    def stored(self, topic, partition=0):
        """Every batch of a partition, markers included."""
        found, offset = [], self.wire.list_offset(topic, partition, kafka_wire.EARLIEST)[1]
        while True:
            error, high, _, _, _, data = self.wire.fetch(topic, partition, offset)
            self.assertEqual(error, kafka_wire.NONE)
            fresh = [batch for batch in kafka_wire.batches(data) if batch.last >= offset]
            for batch in fresh:
                self.assertTrue(batch.checks(), f"{topic}-{partition}@{batch.base}: checksum")
            found += fresh
            if not fresh or fresh[-1].last + 1 >= high:
                return found
            offset = fresh[-1].last + 1

    def fill(self, topic, partition, values):
        records = kafka_wire.batch([value.encode() for value in values])
        # Apache Kafka names a new topic's leader before that leads.
        error, base = eventually(lambda: self.wire.produce(topic, partition, records),
                                 lambda answer: answer[0] != kafka_wire.NOT_LEADER_OR_FOLLOWER, "the partition is led")
        self.assertEqual(error, kafka_wire.NONE)
        return base


def records_of(writer, codec):
    return [[f"key-{index}", f"{writer} {codec} {index} " + "words " * 100] for index in range(30)]


class Codecs(Base):
    """What one client writes in any codec, every client reads."""

    def test_what_one_client_writes_the_others_read(self):
        clients = []
        for client in driver.ALL:
            try:
                driver_of(client)
                clients.append(client)
            except broker.Unavailable as problem:
                self.assertFalse(client.is_debian, f"{client.name}: {problem}")
                print(f"skipped: {client.name}: {problem}", flush=True)
        for client in clients:
            for topic in self.topics(client):
                self.create(topic)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for _ in pool.map(self.write, clients):
                pass
        for client in clients:
            self.check_stored(client)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            problems = [problem for found in pool.map(lambda reader: self.read(reader, clients), clients) for problem in found]
        self.assertEqual(problems, [], "\n".join(problems))
        print(f"{len(clients)} clients read each other's records in {len(driver.CODECS)} codecs", flush=True)

    @staticmethod
    def topics(client):
        """The client's topics with the codecs in them. Snappy in Java's frames is apart: one client cannot read it."""
        name = "codecs." + client.name.strip("@").replace("/", ".")
        if not client.writes_framed_snappy:
            return {name: list(driver.CODECS)}
        return {name: [codec for codec in driver.CODECS if codec != "snappy"], name + ".snappy": ["snappy"]}

    def write(self, client):
        for topic, codecs in self.topics(client).items():
            for number, codec in enumerate(codecs):
                answer = driver_of(client).ask("produce", topic=topic, partition=0, codec=codec, records=records_of(client.name, codec))
                if answer["offsets"] is not None:
                    assert answer["offsets"] == list(range(30 * number, 30 * number + 30)), f"{client.name} {codec}: {answer}"

    def check_stored(self, client):
        """The codec that was asked for is the one on the disk: clients turn codecs off silently when they distrust a broker."""
        for topic, codecs in self.topics(client).items():
            counts = {}
            for batch in self.stored(topic):
                self.assertEqual(batch.magic, 2)
                counts[batch.codec] = counts.get(batch.codec, 0) + batch.count
            self.assertEqual(counts, {driver.CODECS[codec]: 30 for codec in codecs}, client.name)

    def read(self, reader, writers):
        problems = []
        for writer in writers:
            for topic, codecs in self.topics(writer).items():
                if topic.endswith(".snappy") and not reader.reads_framed_snappy:
                    continue
                try:
                    self.read_topic(reader, topic, [(key, value) for codec in codecs for key, value in records_of(writer.name, codec)])
                except (ClientError, AssertionError) as problem:
                    problems.append(f"{reader.name} reads {topic}: {str(problem)[:300]}")
        return problems

    def read_topic(self, reader, topic, expected):
        answer = driver_of(reader).ask("consume", topic=topic, partition=0, start="earliest", until=expected[-1][1])["records"]
        self.assertEqual([(one["key"], one["value"]) for one in answer], expected)
        self.assertEqual([one["offset"] for one in answer], list(range(len(expected))))
        self.assertEqual({one["headers"][0][0] for one in answer if len(one["headers"]) == 1}, {"from"})


class Suite(Base):
    """What every client does, as far as it can; a client's class only names it."""
    client = None

    @classmethod
    def setUpClass(cls):
        if cls.client is None:
            raise unittest.SkipTest("the frame of the suites")
        try:
            cls.driver = driver_of(cls.client)
        except broker.Unavailable as problem:
            skip(cls.client, problem)
        cls.prefix = cls.client.name.strip("@").replace("/", ".").replace(" ", "-")

    def needs(self, has, what):
        if not has:
            self.skipTest(f"{self.client.name} has no {what}")

    def name(self, suffix):
        return f"{self.prefix}.{suffix}"

    # Producing

    def test_an_answer_lost_on_the_way_doubles_nothing_with_idempotence(self):
        self.needs(self.client.is_idempotent, "idempotent producer")
        topic = self.create(self.name("retry"))
        proxy = cutting_proxy.CuttingProxy(server.address)
        self.addCleanup(proxy.close)
        other = self.client.start(proxy.address, directory / "retry.log")
        self.addCleanup(other.close)
        proxy.lose_answers(kafka_wire.PRODUCE, 2)
        for wave in range(3):
            other.ask("produce", topic=topic, partition=0, codec="none", idempotent=True,
                      records=[[f"k{index}", f"{wave}-{index}"] for index in range(20)])
        self.assertEqual(proxy.left(kafka_wire.PRODUCE), 0, "no answer was lost")
        values = [value.decode() for batch in self.stored(topic) for _, _, value in batch.records]
        self.assertEqual(values, [f"{wave}-{index}" for wave in range(3) for index in range(20)])
        self.assertTrue(all(batch.pid >= 0 for batch in self.stored(topic)))

    def test_every_acks_setting_stores_the_records(self):
        topic = self.create(self.name("acks"))
        for acks in (0, 1, -1):
            self.driver.ask("produce", topic=topic, partition=0, codec="none", acks=acks,
                            records=[[f"k{index}", f"{acks}-{index}"] for index in range(10)])
        answer = self.driver.ask("consume", topic=topic, partition=0, start="earliest", until="-1-9")["records"]
        self.assertEqual([one["value"] for one in answer], [f"{acks}-{index}" for acks in (0, 1, -1) for index in range(10)])

    # Groups

    def settled(self, members, partitions, accept=lambda views: True):
        """Waits until the members own every partition, each one once, and each of them some."""
        def good(views):
            owned = [part for view in views.values() for part in view["partitions"]]
            return (set(views) == members and sorted(owned) == list(range(partitions)) and accept(views)
                    and all(view["partitions"] for view in views.values()))
        return eventually(lambda: self.driver.ask("members")["members"], good, "every partition has one owner")

    def wave(self, topic, partitions, name):
        """Ten records into each partition."""
        values = {f"{name}-{part}-{index}" for part in range(partitions) for index in range(10)}
        for part in range(partitions):
            self.fill(topic, part, [f"{name}-{part}-{index}" for index in range(10)])
        return values

    def seen(self, name):
        return [value for view in self.driver.ask("members")["members"].values() for value in view["values"]
                if value.startswith(name)]

    def arrives(self, values, name):
        got = eventually(lambda: self.seen(name), lambda got: set(got) >= values, f"all of {name} is consumed")
        if self.client.delivers_once:
            self.assertEqual(len(got), len(values), f"a record of {name} was consumed twice")

    def test_a_group_of_three_of_which_one_leaves(self):
        self.group_of_three(cooperative=False)

    def test_a_cooperative_group_of_three_of_which_one_leaves(self):
        self.needs(self.client.has_cooperative, "cooperative assignor")
        self.group_of_three(cooperative=True)

    def group_of_three(self, cooperative):
        kind = "cooperative" if cooperative else "eager"
        topic, group = self.create(self.name(kind), 6), self.name(f"{kind}.group")
        for member in ("a", "b", "c"):
            self.driver.ask("join", member=member, group=group, topic=topic, cooperative=cooperative)
        self.settled({"a", "b", "c"}, 6)
        self.arrives(self.wave(topic, 6, "one"), "one")
        self.driver.ask("leave", member="b")
        self.settled({"a", "c"}, 6)
        self.arrives(self.wave(topic, 6, "two"), "two")
        for member in ("a", "c"):
            self.driver.ask("leave", member=member)
        # What was consumed was committed: the next member reads nothing of it again.
        self.driver.ask("join", member="d", group=group, topic=topic)
        self.settled({"d"}, 6)
        self.arrives(self.wave(topic, 6, "three"), "three")
        if self.client.delivers_once:
            self.assertEqual(len(self.seen("")), 60)
        self.driver.ask("leave", member="d")

    def test_a_static_member_comes_back_to_its_partitions(self):
        self.needs(self.client.has_instances, "static membership")
        topic, group = self.create(self.name("static"), 6), self.name("static.group")

        def join(member):
            self.driver.ask("join", member=member, group=group, topic=topic, instance=f"instance-{member}")

        for member in ("a", "b", "c"):
            join(member)
        before = {name: view["partitions"] for name, view in self.settled({"a", "b", "c"}, 6).items()}
        self.driver.ask("leave", member="b")
        join("b")
        after = {name: view["partitions"] for name, view in self.settled({"a", "b", "c"}, 6).items()}
        self.assertEqual(after, before)
        self.arrives(self.wave(topic, 6, "back"), "back")
        for member in ("a", "b", "c"):
            self.driver.ask("leave", member=member)

    # Offsets

    def test_reading_from_an_offset(self):
        topic = self.create(self.name("seek"))
        self.fill(topic, 0, [f"v{index}" for index in range(20)])
        answer = self.driver.ask("consume", topic=topic, partition=0, start=13, until="v19")["records"]
        self.assertEqual([one["offset"] for one in answer], list(range(13, 20)))

    def test_offsets_of_a_group_are_reset(self):
        self.needs("set_offset" in self.client.admin, "call that sets offsets")
        topic, group = self.create(self.name("reset")), self.name("reset.group")
        self.fill(topic, 0, [f"v{index}" for index in range(20)])
        self.driver.ask("join", member="a", group=group, topic=topic)
        self.arrives({f"v{index}" for index in range(20)}, "v")
        self.driver.ask("leave", member="a")
        at = eventually(lambda: self.driver.admin("committed", group=group, topic=topic, partition=0)["offset"],
                        lambda offset: offset == 20, "the group's offset is committed")
        self.assertEqual(at, 20)
        self.driver.admin("set_offset", group=group, topic=topic, partition=0, offset=5)
        self.assertEqual(self.driver.admin("committed", group=group, topic=topic, partition=0)["offset"], 5)
        self.driver.ask("join", member="b", group=group, topic=topic)
        self.arrives({f"v{index}" for index in range(5, 20)}, "v")
        self.driver.ask("leave", member="b")

    # Transactions

    def test_transactions_commit_and_abort(self):
        self.needs(self.client.transactions, "transactions")
        topic, group = self.create(self.name("transactions")), self.name("transactions.group")
        plan = [("one", "commit"), ("two", "abort"), ("three", "commit"), ("four", "abort"), ("five", "commit")]
        plan = [(name, end) for name, end in plan if end in self.client.transactions]
        written, kept, offset = [], [], -1
        for number, (name, end) in enumerate(plan):
            values = [f"{name}-{index}" for index in range(5)]
            more = {"group": group, "offset": number} if "offsets" in self.client.transactions else {}
            self.driver.ask("transaction", id=self.name("transactional"), topic=topic, partition=0, values=values,
                            commit=end == "commit", **more)
            written += values
            if end == "commit":
                kept += values
                offset = number
        got = [one["value"] for one in self.driver.ask("consume", topic=topic, partition=0, start="earliest", until=written[-1])["records"]]
        self.assertEqual(got, written)
        if self.client.reads_committed:
            got = [one["value"] for one in self.driver.ask("consume", topic=topic, partition=0, start="earliest", until=kept[-1],
                                                          committed=True)["records"]]
            self.assertEqual(got, kept)
        markers = [batch for batch in self.stored(topic) if batch.control]
        self.assertEqual(len(markers), len(plan))
        if "offsets" in self.client.transactions:
            eventually(lambda: self.wire.committed_offset(group, topic, 0), lambda answer: answer == (kafka_wire.NONE, offset),
                       f"the last committed transaction's offset {offset}")

    # Admin

    def test_admin_calls(self):
        topic, group, can = self.name("admin"), self.name("admin.group"), self.client.admin
        ask = self.driver.admin
        if "create_topic" in can:
            ask("create_topic", name=topic, partitions=3, configs={"retention.ms": "3600000"})
            with self.assertRaises(ClientError) as twice:
                ask("create_topic", name=topic, partitions=3)
            self.assertRegex(str(twice.exception).lower(), "exist")
        else:
            self.create(topic, 3, {"retention.ms": "3600000"})
        eventually(lambda: ask("topics")["topics"], lambda topics: topic in topics, "the topic is listed")
        eventually(lambda: ask("partitions", topic=topic)["partitions"], lambda count: count == 3, "it has 3 partitions")
        if "create_partitions" in can:
            ask("create_partitions", topic=topic, count=5)
            eventually(lambda: ask("partitions", topic=topic)["partitions"], lambda count: count == 5, "it has 5 partitions")
        if "describe_config" in can:
            self.assertEqual(ask("describe_config", topic=topic, key="retention.ms")["value"], "3600000")
            ask("alter_config", topic=topic, key="retention.ms", value="7200000")
            eventually(lambda: ask("describe_config", topic=topic, key="retention.ms")["value"], lambda value: value == "7200000",
                       "the configuration is altered")
        answer = ask("cluster")
        self.assertEqual(answer["brokers"], [server.address])
        self.assertTrue(answer.get("id", "some"))
        self.fill(topic, 0, [f"v{index}" for index in range(10)])
        self.assertEqual(ask("offsets", topic=topic, partition=0), {"earliest": 0, "latest": 10})
        if "delete_records" in can:
            self.assertEqual(ask("delete_records", topic=topic, partition=0, offset=4)["low"], 4)
            self.assertEqual(ask("offsets", topic=topic, partition=0), {"earliest": 4, "latest": 10})
        if "groups" in can:
            ask("set_offset", group=group, topic=topic, partition=0, offset=7)
            self.assertIn(group, ask("groups")["groups"])
            answer = ask("describe_group", group=group)
            self.assertEqual((answer["state"].lower(), answer["members"]), ("empty", 0))
            ask("delete_group", group=group)
            self.assertNotIn(group, ask("groups")["groups"])
        if "delete_topic" in can:
            ask("delete_topic", name=topic)
            eventually(lambda: ask("topics")["topics"], lambda topics: topic not in topics, "the topic is gone")
            with self.assertRaises(ClientError):
                ask("delete_topic", name=topic + ".unknown")


for one in driver.ALL:
    title = "".join(word.capitalize() for word in one.name.strip("@").replace("/", "-").replace("3", "").split("-"))
    globals()[title] = type(title, (Suite,), {"client": one})


class MixedGroup(Base):
    """Members from different clients share one group: the protocol's metadata passes through the broker untouched."""

    def test_clients_with_the_range_assignor_share_a_group(self):
        topic, group = self.create("mixed", 8), "mixed.group"
        joined = {}
        for client in driver.ALL:
            if client.name in ("kafkajs", "@platformatic/kafka"):
                continue  # these name their assignors in their own way
            try:
                joined[client.name] = driver_of(client)
            except broker.Unavailable as problem:
                self.assertFalse(client.is_debian, problem)
        for name, one in joined.items():
            one.ask("join", member=name, group=group, topic=topic)
        # Range gives one member at least one of the 8 partitions.
        self.settled(joined)
        first = next(iter(joined))
        joined.pop(first).ask("leave", member=first)
        self.settled(joined)
        for part in range(8):
            self.fill(topic, part, [f"v{part}"])
        eventually(lambda: sorted(value for one in joined.values() for view in one.ask("members")["members"].values()
                                  for value in view["values"]), lambda got: got == sorted(f"v{part}" for part in range(8)),
                   "each record once")
        for name, one in joined.items():
            one.ask("leave", member=name)

    def settled(self, joined):
        def views():
            return [one.ask("members")["members"][name]["partitions"] for name, one in joined.items()]
        return eventually(views, lambda found: all(found) and sorted(sum(found, [])) == list(range(8)), "every partition has one owner")


class JavaAdmin(Base):
    """Calls that only Java's admin client makes."""

    def setUp(self):
        super().setUp()
        try:
            self.driver = driver_of(driver.Java())
        except broker.Unavailable as problem:
            skip(driver.Java(), problem)

    def test_transactions_and_producers_are_described(self):
        topic, ask = self.create("java.described"), self.driver.admin
        self.driver.ask("transaction", id="java.described", topic=topic, partition=0, values=["x"], commit=True)
        eventually(lambda: ask("transaction_state", id="java.described")["state"], lambda state: state == "CompleteCommit",
                   "the transaction is complete")
        self.assertIn("java.described", ask("transactions")["ids"])
        self.assertEqual(ask("producers", topic=topic, partition=0)["producers"], 1)
        ask("fence", id="java.described")
        with self.assertRaises(ClientError):
            self.driver.ask("transaction", id="java.described", topic=topic, partition=0, values=["y"], commit=True)

    def test_directories_leaders_and_single_offsets(self):
        topic, ask = self.create("java.directories", 2), self.driver.admin
        self.fill(topic, 0, ["x" * 5000])
        self.assertGreater(ask("log_dirs", topic=topic)["bytes"], 5000)
        self.assertRegex(ask("elect", topic=topic, partition=0)["problem"], "^$|ElectionNotNeeded")
        for partition in (0, 1):
            ask("set_offset", group="java.group", topic=topic, partition=partition, offset=1 - partition)
        ask("delete_offset", group="java.group", topic=topic, partition=0)
        self.assertEqual(self.wire.committed_offset("java.group", topic, 0), (kafka_wire.NONE, -1))
        self.assertEqual(self.wire.committed_offset("java.group", topic, 1), (kafka_wire.NONE, 0))


class JavaTools(Base):
    """Apache Kafka's own command line tools."""

    @classmethod
    def setUpClass(cls):
        try:
            broker.kafka_jars()
        except broker.Unavailable as problem:
            print(f"skipped: Apache Kafka's console tools: {problem}", flush=True)
            raise unittest.SkipTest(str(problem))

    def tool(self, main, *words, text=None, code=0):
        done = subprocess.run(broker.java(main, *words), input=text, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, f"{main} {words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def test_topics_records_groups_and_configurations(self):
        at = ("--bootstrap-server", server.address)
        commands = "org.apache.kafka.tools."
        topics, configs = commands + "TopicCommand", "kafka.admin.ConfigCommand"
        groups = commands + "consumer.group.ConsumerGroupCommand"
        self.tool(topics, *at, "--create", "--topic", "tools", "--partitions", "2", "--config", "retention.ms=3600000")
        self.assertIn("PartitionCount: 2", self.tool(topics, *at, "--describe", "--topic", "tools"))
        lines = "".join(f"key{index}:value{index}\n" for index in range(100))
        self.tool(commands + "ConsoleProducer", *at, "--topic", "tools", "--property", "parse.key=true", "--property",
                  "key.separator=:", "--compression-codec", "zstd", text=lines)
        out = self.tool(commands + "consumer.ConsoleConsumer", *at, "--topic", "tools", "--from-beginning", "--max-messages", "100",
                        "--group", "tools.group", "--property", "print.key=true", "--property", "key.separator=:")
        self.assertEqual(sorted(out.split()), sorted(lines.split()))
        out = self.tool(groups, *at, "--describe", "--group", "tools.group")
        rows = [line.split() for line in out.splitlines() if line.startswith("tools.group")]
        self.assertEqual(sum(int(row[3]) for row in rows), 100, out)
        self.assertEqual([row[5] for row in rows], ["0", "0"], out)
        out = self.tool(groups, *at, "--reset-offsets", "--group", "tools.group", "--topic", "tools", "--to-earliest", "--execute")
        self.assertEqual([line.split()[3] for line in out.splitlines() if line.startswith("tools.group")], ["0", "0"])
        self.tool(configs, *at, "--alter", "--entity-type", "topics", "--entity-name", "tools", "--add-config", "retention.ms=7200000")
        self.assertIn("retention.ms=7200000", self.tool(configs, *at, "--describe", "--entity-type", "topics", "--entity-name", "tools"))
        request = directory / "delete.json"
        request.write_text(json.dumps({"version": 1, "partitions": [{"topic": "tools", "partition": 0, "offset": 1}]}))
        self.assertIn("low_watermark: 1", self.tool(commands + "DeleteRecordsCommand", *at, "--offset-json-file", request))
        self.assertIn("tools:0:1", self.tool(commands + "GetOffsetShell", *at, "--topic", "tools", "--time", "-2"))
        self.tool(groups, *at, "--delete", "--group", "tools.group")
        self.tool(topics, *at, "--delete", "--topic", "tools")

    def test_transactional_load(self):
        self.create("tools.load", 3)
        out = self.tool("org.apache.kafka.tools.ProducerPerformance", "--topic", "tools.load", "--num-records", "20000",
                        "--record-size", "100", "--throughput", "-1", "--transactional-id", "tools.load", "--transaction-duration-ms",
                        "50", "--producer-props", f"bootstrap.servers={server.address}")
        self.assertIn("20000 records sent", out)
        count = sum(batch.count for part in range(3) for batch in self.stored("tools.load", part) if not batch.control)
        self.assertEqual(count, 20000)


class VersionTable(Base):
    """The ranges that old clients misread (librdkafka before 2.11 tests single old versions) stay as they must be."""

    def test_the_ranges_that_old_clients_need(self):
        error, ranges = self.wire.api_versions()
        self.assertEqual(error, kafka_wire.NONE)
        self.assertEqual(ranges[kafka_wire.PRODUCE][0], 0, "above 0, librdkafka 2.0.2 turns gzip, snappy and lz4 off")
        self.assertLessEqual(ranges[kafka_wire.FETCH][0], 4, "above 4, librdkafka 2.0.2 writes old messages")
        self.assertGreaterEqual(ranges[kafka_wire.FETCH][1], 11)
        self.assertEqual(ranges[kafka_wire.FIND_COORDINATOR][0], 0, "above 0, its group consumers hang")
        self.assertLessEqual(ranges[kafka_wire.METADATA][0], 4, "above 4, it hangs")
        self.assertIn(kafka_wire.INIT_PRODUCER_ID, ranges, "without it the Java producer fails")
        if not broker.AGAINST_KAFKA:
            self.assertEqual(ranges[kafka_wire.ADD_PARTITIONS_TO_TXN], (0, 3), "above 3, @platformatic/kafka sends the brokers' form")
            self.assertNotIn(71, ranges, "advertised and not answered, librdkafka 2.15 and Java drop the connection")
            self.assertNotIn(72, ranges)

    def test_old_produce_requests_are_refused_by_error_and_not_by_silence(self):
        topic = self.create("old.produce")
        records = kafka_wire.batch([b"x"])
        with kafka_wire.Connection(server.address) as connection:
            body = (b"\xff\xff\x00\x00\x75\x30" + kafka_wire.array([kafka_wire.string(topic) + kafka_wire.array(
                [b"\0\0\0\0" + len(records).to_bytes(4, "big") + records])]))
            try:
                answer = connection.request(kafka_wire.PRODUCE, 2, body)
                error = answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ihqq"))))[0][1][0][1]
                self.assertEqual(error, 35)
            except ConnectionError:
                self.assertTrue(broker.AGAINST_KAFKA, "closed instead of answered")
        self.assertEqual(self.stored(topic), [])


if __name__ == "__main__":
    harness.main()
