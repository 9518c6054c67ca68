"""A Kafka broker for the suites: Millrace's server, or Apache Kafka itself.

MILLRACE_TEST_BROKER=kafka runs the same suites against Apache Kafka (from Maven Central): what passes there is a right test
of the protocol. Everything that is downloaded lives in MILLRACE_TEST_CACHE (~/.cache/millrace-tests).
"""
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import time

import harness

CACHE = pathlib.Path(os.environ.get("MILLRACE_TEST_CACHE", pathlib.Path.home() / ".cache" / "millrace-tests"))
AGAINST_KAFKA = os.environ.get("MILLRACE_TEST_BROKER", "millrace") == "kafka"
START_TIMEOUT_S = 60
CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"


class Unavailable(Exception):
    """Something that a suite needs cannot be had here; the text says what and why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_quietly(words, why, **more):
    """Runs a download step; a failure makes the suite unavailable instead of failing it."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, **more)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(f"{why}: {problem}") from problem
    if done.returncode != 0:
        tail = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise Unavailable(f"{why}: {tail[0][:200]}")


def installed(name, install):
    """The folder CACHE/name, made by install(folder) once; an unfinished installation is not taken for one."""
    folder = CACHE / name
    mark = folder / ".complete"
    if not mark.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        mark.touch()
    return folder


def kafka_jars():
    """The class path of Apache Kafka's broker and tools."""
    pom = CLIENTS / "java" / "pom.xml"
    version = re.search(r"<kafka.version>(.*?)<", pom.read_text()).group(1)
    if not shutil.which("java") or not shutil.which("mvn"):
        raise Unavailable("java and mvn are not installed")

    def install(folder):
        shutil.copy(pom, folder)
        run_quietly(["mvn", "-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime",
                     f"-DoutputDirectory={folder / 'lib'}"], "Maven Central is not reachable", cwd=folder)
        (folder / "log4j2.yaml").write_text("Configuration: {Loggers: {Root: {level: 'off'}}}\n")

    return f"{installed(f'kafka-{version}', install)}/lib/*"


def java(main, *words, heap="256m"):
    """The command line that runs one of Apache Kafka's classes."""
    jars = kafka_jars()
    quiet = pathlib.Path(jars).parent.parent / "log4j2.yaml"
    return ["java", f"-Xmx{heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
            f"-Dlog4j2.configurationFile={quiet}", "-cp", jars, main, *[str(word) for word in words]]


class Broker:
    """One running server. `address` is host:port, `process` the child; stop() ends it by its own process id."""

    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.process = None
        self.address = None

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._close()

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self._close()
        return self.process.returncode

    def _close(self):
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


class Millrace(Broker):
    """`prefix` goes before the command (strace ...); `log` takes standard error; `words` are further options."""

    def start(self, port=0, **more):
        self.spawn(port, **more)
        self.address = self._ready()
        return self

    def spawn(self, port, prefix=(), words=(), environment=None, log=None):
        """Starts the process; does not wait."""
        command = [*prefix, str(harness.PROGRAM), "server", "--data", str(self.data), "--kafka", f"127.0.0.1:{port}", *words]
        with open(log or self.data.with_suffix(".log"), "ab") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment)

    def _ready(self):
        """Reads up to the `ready` line without buffering ahead; None when the process ended before it."""
        got, deadline = b"", time.monotonic() + START_TIMEOUT_S
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.kill()
                raise AssertionError(f"no ready line after {START_TIMEOUT_S} s, only {got!r}")
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                self.process.wait()
                self._close()
                return None
            got += piece
            for line in got.decode(errors="replace").split("\n")[:-1]:
                if line.startswith("ready"):
                    found = re.search(r"(127\.0\.0\.1:\d+)", line)
                    if not found:
                        raise AssertionError(f"the ready line names no address: {line}")
                    return found.group(1)


class ApacheKafka(Broker):
    """A single KRaft node with its own defaults, apart from what one node needs (replication factors of 1)."""

    def start(self, port=0, **more):
        port = port or free_port()
        self.format(port)
        self.spawn(port, **more)
        self._wait()
        return self

    def format(self, port):
        """Writes the configuration and, on a fresh directory, the storage's identity."""
        controller = self._controller_port()
        self.data.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={self.data}/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
""")
        if not (self.data / "log" / "meta.properties").exists():
            subprocess.run(java("kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", self.config), check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def spawn(self, port, heap="512m", flags=("-XX:TieredStopAtLevel=1",)):
        """Starts the process; does not wait."""
        words = java("kafka.Kafka", self.config, heap=heap)
        words = [word for word in words if word not in ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")]
        with open(self.data / "kafka.log", "ab") as errors:
            self.process = subprocess.Popen([words[0], *flags, *words[1:]], stdout=errors, stderr=errors)
        self.address = f"127.0.0.1:{port}"

    @property
    def config(self):
        return self.data / "server.properties"

    def _controller_port(self):
        """The one of the first start: it is part of the quorum's state."""
        found = re.search(r"voters=1@127.0.0.1:(\d+)", self.config.read_text()) if self.config.exists() else None
        return int(found.group(1)) if found else free_port()

    def _wait(self):
        import kafka_wire
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"Apache Kafka ended with {self.process.returncode}; see {self.data}/kafka.log")
            try:
                with kafka_wire.Connection(self.address, timeout_s=5) as connection:
                    if connection.metadata([])["brokers"]:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"Apache Kafka did not start; see {self.data}/kafka.log")
            time.sleep(0.2)  # waits for another process


def has_server():
    """Whether the program under test has the `server` command."""
    done = subprocess.run([str(harness.PROGRAM), "server", "--help"], capture_output=True, text=True)
    return done.returncode == 0 and "--kafka" in done.stdout


def start(data, **options):
    """The broker under test on a fresh or an existing directory."""
    return ApacheKafka(data).start() if AGAINST_KAFKA else Millrace(data).start(**options)
