#!/usr/bin/env python3
"""Millrace beside Apache Kafka 4.x on one machine, in one interleaved run; prints the table of docs/benchmarks.md.

    python3 bench/compare/compare.py [--program build/release/millrace] [--rounds 7] [--only start,librdkafka,java,latency]
                                     [--messages 400000] [--data DIR] [--durability fsync,cache] [--json FILE]

Both servers run the whole time on fresh directories of the same disk, each with its own defaults: Kafka acknowledges from the
page cache, Millrace after the disk (`fsync`) unless a topic says otherwise (`cache`). Each round runs every load against each
of them, in an order that changes; the first round warms up and is not counted. Figures are medians over the rounds. The
ceiling is the same librdkafka against its own mock broker inside its process.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "end_to_end"), str(ROOT / "tests" / "end_to_end" / "clients")]
import broker
import harness
import kafka_wire

SIZE = 1000
TICKS = os.sysconf("SC_CLK_TCK")
LOADS = ("start", "librdkafka", "java", "latency", "partitions")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


class Peer:
    """One server, and the configuration that its topics get."""

    def __init__(self, name, server, configs):
        self.name, self.server, self.configs = name, server, configs
        self.fresh = 0

    def topic(self, partitions=1):
        """A new topic, ready to be written."""
        self.fresh += 1
        name = f"bench-{self.name}-{self.fresh}".replace(" ", "-")
        with kafka_wire.Connection(self.server.address) as connection:
            error = connection.create_topic(name, partitions, self.configs)
            if error:
                raise SystemExit(f"{self.name}: the topic could not be created: error {error}")
            while any(one["error"] or len(one["partitions"]) < partitions or any(part[1] for part in one["partitions"])
                      for one in connection.metadata([name])["topics"].values()):
                time.sleep(0.02)  # waits for the other process
        return name

    def drop(self, name):
        with kafka_wire.Connection(self.server.address) as connection:
            connection.delete_topic(name)


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = collections.defaultdict(lambda: collections.defaultdict(list))  # what -> peer -> [value]
        self.counting = False
        built = pathlib.Path(options.program).resolve().parent / "bench" / "rdkafka_bench"
        if not built.exists():
            raise SystemExit(f"{built} is missing: cmake --build build/release --target rdkafka_bench")
        self.rdkafka = str(built)

    def note(self, what, peer, value):
        if self.counting:
            self.rows[what][peer].append(value)

    def librdkafka(self, what, address, **words):
        command = [self.rdkafka, what, "--broker", address]
        for key, value in words.items():
            command += [f"--{key}", str(value)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def java_performance(self, main, *words):
        done = subprocess.run(broker.java(f"org.apache.kafka.tools.{main}", *words, heap="512m"), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{main}: {done.stdout}{done.stderr}")
        return done.stdout

    # Loads

    def run_librdkafka(self, peer):
        messages, topic, pid = self.options.messages, peer.topic(), peer.server.process.pid
        for what, label in (("produce", "librdkafka produce, MB/s"), ("consume", "librdkafka consume, MB/s")):
            before = cpu_seconds(pid)
            answer = self.librdkafka(what, peer.server.address, topic=topic, messages=messages, size=SIZE)
            self.note(label, peer.name, answer["mb_per_s"])
            self.note(f"server CPU s per GB, {what}", peer.name, (cpu_seconds(pid) - before) / (messages * SIZE / 1e9))
        peer.drop(topic)

    def run_partitions(self, peer):
        topic = peer.topic(16)
        answer = self.librdkafka("produce", peer.server.address, topic=topic, messages=self.options.messages, size=100, partitions=16)
        self.note("librdkafka produce, 16 partitions, 100 B, MB/s", peer.name, answer["mb_per_s"])
        peer.drop(topic)

    def run_java(self, peer):
        messages, topic = self.options.messages, peer.topic()
        out = self.java_performance("ProducerPerformance", "--topic", topic, "--num-records", messages, "--record-size", SIZE,
                                    "--throughput", "-1", "--producer-props", f"bootstrap.servers={peer.server.address}")
        self.note("Java ProducerPerformance, MB/s", peer.name, float(re.findall(r"\(([\d.]+) MB/sec\)", out)[-1]) * 1.048576)
        out = self.java_performance("ConsumerPerformance", "--topic", topic, "--messages", messages, "--bootstrap-server",
                                    peer.server.address, "--timeout", "30000")
        row = [word.strip() for word in out.strip().splitlines()[-1].split(",")]
        # Without the time that joining the group took.
        self.note("Java ConsumerPerformance, MB/s", peer.name, float(row[8]) * 1.048576)
        peer.drop(topic)

    def run_latency(self, peer):
        topic = peer.topic()
        rate = self.options.rate
        answer = self.librdkafka("latency", peer.server.address, topic=topic, messages=rate * 4, size=SIZE, rate=rate, linger=0)
        self.note(f"produce latency p50 at {rate}/s, ms", peer.name, answer["p50_ms"])
        self.note(f"produce latency p99 at {rate}/s, ms", peer.name, answer["p99_ms"])
        peer.drop(topic)

    def run_start(self, peer, directory):
        """A server of its own: from the start of the process to the first answer to Metadata, then its memory when idle."""
        shutil.rmtree(directory, ignore_errors=True)
        fresh = type(peer.server)(directory)
        port = broker.free_port()
        if isinstance(fresh, broker.ApacheKafka):
            fresh.format(port)
        began = time.monotonic()
        fresh.spawn(port)
        while True:
            try:
                with kafka_wire.Connection(f"127.0.0.1:{port}", timeout_s=10) as connection:
                    if connection.metadata([])["brokers"]:
                        break
            except OSError:
                time.sleep(0.0005)  # polls for the other process
        self.note("start to first Metadata, ms", peer.name, (time.monotonic() - began) * 1000)
        time.sleep(1)  # idle
        self.note("idle memory, MB", peer.name, resident_mb(fresh.process.pid))
        fresh.stop()

    def ceiling(self):
        answer = self.librdkafka("produce", "mock", messages=self.options.messages, size=SIZE)
        self.note("librdkafka produce, MB/s", "mock broker", answer["mb_per_s"])

    # The run

    def run(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-compare-", dir=self.options.data))
        harness.PROGRAM = pathlib.Path(self.options.program).resolve()
        servers = []
        try:
            kafka = broker.ApacheKafka(directory / "kafka").start(heap="1g", flags=())
            servers.append(kafka)
            # It acknowledges from the page cache, as `cache` does; flushed, it promises what `fsync` does.
            peers = [Peer("Apache Kafka", kafka, {}), Peer("Apache Kafka flushed", kafka, {"flush.messages": "1"})]
            if not self.options.kafka_only:
                millrace = broker.Millrace(directory / "millrace").start()
                servers.append(millrace)
                for durability in self.options.durability.split(","):
                    peers.append(Peer(f"Millrace {durability}", millrace, {"durability": durability}))
            for round_number in range(self.options.rounds + 1):
                self.counting = round_number > 0
                self.one_round(peers if round_number % 2 else peers[::-1], directory)
                print(f"round {round_number} of {self.options.rounds}", file=sys.stderr, flush=True)
        finally:
            for server in servers:
                server.stop()
            shutil.rmtree(directory, ignore_errors=True)

    def one_round(self, peers, directory):
        if "librdkafka" in self.options.only:
            self.ceiling()
        for load in self.options.only:
            for peer in peers:
                if load == "start":
                    if peer is next(one for one in peers if one.server is peer.server):
                        self.run_start(peer, directory / "start")
                else:
                    getattr(self, f"run_{load}")(peer)

    def table(self):
        names = ["Apache Kafka"] + [name for name in dict.fromkeys(peer for row in self.rows.values() for peer in row)
                                    if name not in ("Apache Kafka", "mock broker")] + ["mock broker"]
        lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
        for what, row in self.rows.items():
            cells = [f"{statistics.median(row[name]):.3g} ({min(row[name]):.3g} to {max(row[name]):.3g})" if row.get(name) else "-"
                     for name in names]
            lines.append(f"| {what} | " + " | ".join(cells) + " |")
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "release" / "millrace"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(LOADS))
    parser.add_argument("--messages", type=int, default=400_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--durability", default="fsync,cache")
    parser.add_argument("--data", default=None, help="where the directories are made; the system's place for temporary files")
    parser.add_argument("--kafka-only", action="store_true", help="try the loads without Millrace")
    parser.add_argument("--json", help="the single values of every round")
    options = parser.parse_args()
    bench = Bench(options)
    bench.run()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    print(f"{options.rounds} interleaved rounds, {options.messages} records of {SIZE} bytes, {os.cpu_count()} cores, {commit}:\n")
    print(bench.table())
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(bench.rows, indent=1))


if __name__ == "__main__":
    main()
