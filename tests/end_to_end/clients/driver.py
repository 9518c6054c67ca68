"""Real clients behind one small interface: each runs in a process of its own and is steered by lines of JSON.

Requests (field `op`) and answers; an answer {"error": text} is raised here as ClientError.

  produce      topic partition codec records=[[key, value]] idempotent acks        -> offsets (or null)
  consume      topic partition start=("earliest" | offset) until=value committed   -> records=[{offset key value headers}]
  join         member group topic instance cooperative; members; leave member      -> members={name: {partitions values}}
  transaction  id topic partition values commit group offset
  admin        call=(create_topic | delete_topic | topics | partitions | create_partitions | describe_config | alter_config |
               cluster | delete_records | groups | describe_group | delete_group | set_offset | committed | offsets)
"""
import hashlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time

import broker
import harness

HERE = pathlib.Path(__file__).resolve().parent
ADMIN = {"create_topic", "delete_topic", "topics", "partitions", "create_partitions", "describe_config", "alter_config", "cluster",
         "delete_records", "groups", "describe_group", "delete_group", "set_offset", "committed", "offsets"}
START_TIMEOUT_S = 180  # a Java client has its driver to compile
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
NODE_PACKAGES = ("kafkajs@2.2.4", "@platformatic/kafka@1.35.0", "zstd-codec@0.1.5")


class ClientError(Exception):
    pass


class Driver:
    """One client process. Not for several threads."""

    def __init__(self, command, address, log, environment=None):
        self.errors = open(log, "ab")
        self.process = subprocess.Popen([*command, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        env=environment)
        self.buffer = b""
        try:
            self.name = self._line(START_TIMEOUT_S)["client"]
        except ClientError:
            self.process.kill()
            self.close()
            raise

    def _line(self, timeout_s):
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise ClientError(f"no answer within {timeout_s} s")
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                raise ClientError(f"the client's process ended with {self.process.wait()}")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, op, timeout_s=90, **fields):
        self.process.stdin.write(json.dumps({"op": op, **fields}).encode() + b"\n")
        self.process.stdin.flush()
        answer = self._line(timeout_s)
        if "error" in answer:
            raise ClientError(f"{self.name}: {op} {fields.get('call', '')}: {answer['error']}")
        return answer

    def admin(self, call, **fields):
        return self.ask("admin", call=call, **fields)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Client:
    """What is known of a client before it runs: how to start it and what it can do."""
    is_debian = False         # part of what scripts/setup installs: never skipped
    codecs = tuple(CODECS)
    writes_headers = True
    admin = ADMIN
    has_members = True
    has_instances = False     # static membership
    has_cooperative = False
    transactions = ()         # what it can do: "commit", "abort", "offsets"
    reads_committed = True
    is_idempotent = True
    delivers_once = True          # a member of a group, where nobody fails
    writes_framed_snappy = False  # in the frames of Java's snappy streams
    reads_framed_snappy = True

    def command(self):
        """The command line; raises broker.Unavailable when it cannot be had."""
        raise NotImplementedError

    def environment(self):
        return None

    def start(self, address, log):
        return Driver(self.command(), address, log, self.environment())


class Kcat(Client):
    name, is_debian = "kcat", True
    is_idempotent = False  # it is, but ends itself as soon as its only broker's connection is cut
    admin = {"topics", "partitions", "cluster", "offsets"}
    transactions = ("commit",)

    def command(self):
        return [sys.executable, HERE / "kcat_driver.py"]


class Librdkafka(Client):
    name, is_debian = "librdkafka", True
    has_instances = has_cooperative = True
    transactions = ("commit", "abort", "offsets")

    def command(self):
        """Built by CMake next to the other tests; by hand where the suite runs without a build."""
        built = harness.PROGRAM.parent / "tests" / "librdkafka_driver"
        if built.exists():
            return [built]
        target = broker.CACHE / "librdkafka_driver"
        source = HERE / "librdkafka_driver.cpp"
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            broker.CACHE.mkdir(parents=True, exist_ok=True)
            subprocess.run(["g++", "-std=c++20", "-O1", "-o", target, source, "-lrdkafka"], check=True)
        return [target]


class PythonKafka(Client):
    name, is_debian = "python3-kafka", True
    admin = ADMIN - {"delete_records"}
    reads_committed = is_idempotent = False
    writes_framed_snappy = True

    def command(self):
        return ["/usr/bin/python3", HERE / "python_kafka_driver.py"]


class Confluent(Client):
    name = "confluent-kafka"
    has_instances = has_cooperative = True
    transactions = ("commit", "abort", "offsets")

    def command(self):
        def install(folder):
            broker.run_quietly([sys.executable, "-m", "venv", folder / "venv"], "no virtual environment")
            broker.run_quietly([folder / "venv" / "bin" / "pip", "install", "-q", "confluent-kafka"], "PyPI is not reachable")

        return [broker.installed("confluent", install) / "venv" / "bin" / "python", HERE / "confluent_driver.py"]


class NodeClient(Client):
    def command(self):
        if not shutil.which("node") or not shutil.which("npm"):
            raise broker.Unavailable("node and npm are not installed")
        self.folder()
        return ["node", HERE / "node" / self.source]

    def environment(self):
        return dict(os.environ, MILLRACE_NODE=str(self.folder()), NODE_NO_WARNINGS="1")

    @staticmethod
    def folder():
        def install(folder):
            broker.run_quietly(["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", *NODE_PACKAGES],
                               "the npm registry is not reachable", cwd=folder)

        return broker.installed("node-packages", install)


class Kafkajs(NodeClient):
    name, source = "kafkajs", "kafkajs_driver.mjs"
    transactions = ("commit", "abort", "offsets")


class Platformatic(NodeClient):
    name, source = "@platformatic/kafka", "platformatic_driver.mjs"
    reads_framed_snappy = False
    delivers_once = False    # repeats what was in flight when a rebalance began
    reads_committed = False  # stops at the last stable offset and does not leave out aborted records
    # has_instances: it has, but leaves the group when it is closed, so nothing static is to be seen
    transactions = ("commit", "abort")


class Java(Client):
    name = "java"
    writes_framed_snappy = True
    has_instances = has_cooperative = True
    transactions = ("commit", "abort", "offsets")

    def command(self):
        """The driver is compiled once where there is a compiler, else at every start."""
        source = HERE / "java" / "Driver.java"
        compiler, jars = shutil.which("javac"), broker.kafka_jars()
        if not compiler:
            return broker.java(str(source))

        def install(folder):
            subprocess.run([compiler, "-nowarn", "-cp", jars, "-d", folder, source], check=True, stderr=subprocess.DEVNULL)

        digest = hashlib.sha256(source.read_bytes() + jars.encode()).hexdigest()[:16]
        classes = broker.installed(f"java-driver-{digest}", install)
        words = broker.java("Driver")
        at = words.index("-cp") + 1
        words[at] = f"{classes}:{words[at]}"
        return words


ALL = (Kcat(), Librdkafka(), PythonKafka(), Confluent(), Kafkajs(), Platformatic(), Java())
