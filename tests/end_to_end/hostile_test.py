"""Hostile peers on the server's sockets, while a well-behaved client keeps working and memory stays within the budget.

Bounded: under a minute in all. Limits are shortened by configuration so that every one of them is reached.
"""
import json
import pathlib
import random
import resource
import select
import socket
import struct
import threading
import time

import broker
import harness
import kafka_wire
from kafka_wire import string

MIB = 1 << 20
BUDGET = 160 * MIB
SOCKETS = 5_000
SEED = 20_260_101


def raise_descriptor_limit(wanted):
    """As many descriptors as this user may have, up to `wanted`; gives how many there are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return most if soft == resource.RLIM_INFINITY else soft


def head(api, version, correlation=1, client=b"hostile"):
    return struct.pack(">hhih", api, version, correlation, len(client)) + client


def frame(api, version, body=b""):
    payload = head(api, version) + body
    return struct.pack(">i", len(payload)) + payload


class GoodClient(threading.Thread):
    """Produces a record and reads it back, again and again, and notes how long each round took."""

    def __init__(self, address):
        super().__init__()
        self.connection = kafka_wire.Connection(address, client="good")
        self.rounds = []
        self.problem = None
        self.stopping = threading.Event()
        error = self.connection.create_topic("good")
        if error != kafka_wire.NONE:
            raise AssertionError(f"create topic: error {error}")

    def run(self):
        number = 0
        try:
            while not self.stopping.is_set():
                begun = time.monotonic()
                value = b"%d " % number + b"x" * 1000
                error, offset = self.connection.produce("good", 0, kafka_wire.batch([value]))[:2]
                if error != kafka_wire.NONE or offset != number:
                    raise AssertionError(f"produce: error {error}, offset {offset} for record {number}")
                got = self.connection.fetch("good", 0, number)
                if got[0] != kafka_wire.NONE or value not in got[5]:
                    raise AssertionError(f"record {number} was not read back")
                self.rounds.append(time.monotonic() - begun)
                number += 1
                self.stopping.wait(0.01)
        except (OSError, AssertionError) as problem:
            self.problem = problem

    def stop(self):
        self.stopping.set()
        self.join()
        self.connection.close()


class Memory(threading.Thread):
    """The largest resident size of a process while it is watched."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.peak, self.stopping = pid, 0, threading.Event()

    def now(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def run(self):
        while not self.stopping.wait(0.02):
            self.peak = max(self.peak, self.now())

    def stop(self):
        self.stopping.set()
        self.join()


class HostileTest(harness.EndToEnd):

    def setUp(self):
        super().setUp()
        self.descriptors = raise_descriptor_limit(SOCKETS + 500)
        config = self.write("server.json", json.dumps({
            "limits.request.memory.bytes": BUDGET, "limits.first.byte.ms": 2_000, "limits.first.request.ms": 4_000,
            "limits.stall.ms": 5_000}))
        self.server = broker.Millrace(self.data).start(words=["--config", str(config)])
        self.address = ("127.0.0.1", self.server.port)
        self.memory = Memory(self.server.process.pid)
        self.base = self.memory.now()
        self.memory.start()
        self.good = GoodClient(self.server.address)
        self.good.start()
        self.sockets = []

    def tearDown(self):
        for one in self.sockets:
            one.close()
        if self.server.process.poll() is None:
            self.good.stop()
            self.memory.stop()
            self.server.kill()
        super().tearDown()

    def connect(self):
        made = socket.create_connection(self.address, timeout=20)
        self.sockets.append(made)
        return made

    def hang_up(self):
        for one in self.sockets:
            one.close()
        self.sockets = []

    def wait_closed(self, sockets, seconds):
        """All of them see the end of the connection in time."""
        poll = select.poll()
        waiting = {one.fileno(): one for one in sockets}
        for number in waiting:
            poll.register(number, select.POLLIN | select.POLLHUP | select.POLLERR)
        deadline = time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            for number, _ in poll.poll(200):
                try:
                    if waiting[number].recv(65536):
                        continue
                except OSError:
                    pass
                poll.unregister(number)
                del waiting[number]
        self.assertFalse(waiting, f"{len(waiting)} connections were not closed within {seconds} s")

    def still_good(self, rounds=5):
        """The well-behaved client goes on."""
        begun = len(self.good.rounds)
        deadline = time.monotonic() + 20
        while len(self.good.rounds) < begun + rounds and self.good.problem is None and time.monotonic() < deadline:
            time.sleep(0.01)  # waits for the other thread's rounds
        self.assertIsNone(self.good.problem)
        self.assertGreaterEqual(len(self.good.rounds), begun + rounds, "the well-behaved client is stuck")

    def test_server_survives_hostile_peers(self):
        self.still_good(20)
        for attack in (self.idle_sockets, self.oversized, self.garbage, self.bombs, self.half_closes, self.slow_senders,
                       self.declared_lengths, self.slow_readers):
            begun, seen = time.monotonic(), len(self.good.rounds)
            attack()
            self.hang_up()
            self.still_good()
            rounds = sorted(self.good.rounds[seen:])
            print(f"{attack.__name__}: {time.monotonic() - begun:.1f} s, {len(rounds)} good rounds, slowest "
                  f"{rounds[-1] * 1000:.0f} ms, peak memory {self.memory.peak / MIB:.0f} MiB")
        self.good.stop()
        self.memory.stop()
        self.assertEqual(self.server.stop(), 0)
        allowed = self.base + BUDGET + BUDGET // 10 + 48 * MIB  # the last: 5,000 sockets, and what malloc keeps
        self.assertLess(self.memory.peak, allowed, f"{self.memory.peak / MIB:.0f} MiB")

    def idle_sockets(self):
        count = min(SOCKETS, self.descriptors - 200)
        if count < SOCKETS:
            print(f"idle sockets: only {count}, the limit of descriptors is {self.descriptors}")
        idle = [self.connect() for _ in range(count)]
        self.still_good()
        self.wait_closed(idle, 15)

    def oversized(self):
        known = head(0, 9)
        for payload in (struct.pack(">i", 0x7FFFFFFF), struct.pack(">i", -1), struct.pack(">i", 0), struct.pack(">i", 7),
                        struct.pack(">i", 100 * MIB + 1) + known, struct.pack(">i", 70_000) + head(4711, 0),
                        struct.pack(">i", 70_000) + head(3, 99)):
            one = self.connect()
            one.sendall(payload)
            self.wait_closed([one], 10)

    def garbage(self):
        draws = random.Random(SEED)
        peers = []
        for number in range(100):
            one = self.connect()
            text = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" if number == 0 else draws.randbytes(draws.randrange(12, 5_000))
            try:
                one.sendall(text)
            except OSError:
                pass  # closed while it was still talking
            peers.append(one)
        self.wait_closed(peers, 15)

    def bombs(self):
        many = b"\xff\xff\xff\xff\x0f"  # 2^32 - 1 as an unsigned varint
        zeros = bytes(MIB)
        cases = [
            frame(3, 12, many + bytes(64)),  # tagged fields of the header
            frame(3, 12, b"\0" + many + bytes(1000)),  # topics
            frame(3, 4, struct.pack(">i", 0x7FFFFFFF) + bytes(1000)),
            frame(3, 12, b"\xff\xff\x3f" + bytes(2 * MIB)),  # tagged fields of no size, one after the other
            frame(3, 4, struct.pack(">i", MIB // 2) + zeros),  # half a million empty names
            frame(1, 12, b"\0" + struct.pack(">iiiibii", -1, 0, 1, MIB, 0, 0, 0) + many + zeros),
            frame(0, 9, b"\0\0" + struct.pack(">hi", -1, 1000) + many + zeros),
            frame(19, 5, b"\0" + many + zeros),
            frame(10, 4, b"\0\0" + many + zeros),
        ]
        for case in cases:
            peers = []
            for _ in range(8):
                one = self.connect()
                try:
                    one.sendall(frame(18, 0) + case)
                    one.shutdown(socket.SHUT_WR)  # a case that is answered ends here, others are closed
                except OSError:
                    pass
                peers.append(one)
            self.wait_closed(peers, 20)

    def half_closes(self):
        for _ in range(50):
            one = self.connect()
            one.sendall(frame(18, 0))
            one.shutdown(socket.SHUT_WR)
            size = struct.unpack(">i", one.recv(4, socket.MSG_WAITALL))[0]
            self.assertEqual(len(one.recv(size, socket.MSG_WAITALL)), size)
            self.assertEqual(one.recv(1), b"")

    def slow_senders(self):
        """One byte at a time: half of them before their first request, half in a later one."""
        peers = []
        for number in range(200):
            one = self.connect()
            if number % 2:
                one.sendall(frame(18, 0))
                size = struct.unpack(">i", one.recv(4, socket.MSG_WAITALL))[0]
                one.recv(size, socket.MSG_WAITALL)
            peers.append(one)
        slow = struct.pack(">i", 50_000) + head(0, 9)
        slow += bytes(50_000)
        for at in range(40):
            for one in peers:
                try:
                    one.send(slow[at:at + 1])
                except OSError:
                    pass  # closed by now
            time.sleep(0.05)  # the slowness is the attack
        self.still_good()
        self.wait_closed(peers, 20)

    def declared_lengths(self):
        """100 MiB are declared by each of a hundred, and begun."""
        peers = []
        part = bytes(64 << 10)
        for _ in range(100):
            one = self.connect()
            one.sendall(frame(18, 0) + struct.pack(">i", 100 * MIB) + head(0, 9))
            one.setblocking(False)
            peers.append(one)
        sent = dict.fromkeys(peers, 0)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and any(size < 2 * MIB for size in sent.values()):
            _, writable, _ = select.select([], [one for one in peers if sent[one] < 2 * MIB], [], 0.1)
            for one in writable:
                try:
                    sent[one] += one.send(part)
                except OSError:
                    sent[one] = 2 * MIB
        self.still_good()
        self.wait_closed(peers, 30)

    def slow_readers(self):
        """They ask for megabytes, and do not read them."""
        with kafka_wire.Connection(self.server.address) as connection:
            connection.create_topic("large")
            for _ in range(6):
                error = connection.produce("large", 0, kafka_wire.batch([b"y" * (900 << 10)]))[0]
                self.assertEqual(error, kafka_wire.NONE)
        ask = struct.pack(">iiiibii", -1, 0, 1, 50 * MIB, 0, 0, -1) + kafka_wire.array([
            string("large") + kafka_wire.array([struct.pack(">iiqqi", 0, -1, 0, -1, 50 * MIB)])])
        ask += kafka_wire.array([]) + string("")
        for _ in range(60):
            one = self.connect()
            one.sendall(frame(1, 11, ask))
        self.still_good(20)


if __name__ == "__main__":
    harness.main()
