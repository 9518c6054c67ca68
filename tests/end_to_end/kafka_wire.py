"""A small Kafka client that does exactly what it is told: no cache, no retry, no background thread.

Speaks the newest versions before the flexible encodings, which every broker of the last years knows. Each call is one request
and waits for its answer; errors of the protocol come back as numbers, errors of the connection as OSError.
"""
import socket
import struct

NONE = 0
OFFSET_OUT_OF_RANGE = 1
UNKNOWN_TOPIC_OR_PARTITION = 3
LEADER_NOT_AVAILABLE = 5
NOT_LEADER_OR_FOLLOWER = 6
COORDINATOR_LOAD_IN_PROGRESS = 14
COORDINATOR_NOT_AVAILABLE = 15
NOT_COORDINATOR = 16
TOPIC_ALREADY_EXISTS = 36
POLICY_VIOLATION = 44
OUT_OF_ORDER_SEQUENCE = 45
DUPLICATE_SEQUENCE = 46
INVALID_PRODUCER_EPOCH = 47
INVALID_TXN_STATE = 48
CONCURRENT_TRANSACTIONS = 51
KAFKA_STORAGE_ERROR = 56
UNKNOWN_PRODUCER_ID = 59
PRODUCER_FENCED = 90

READ_UNCOMMITTED, READ_COMMITTED = 0, 1
EARLIEST, LATEST = -2, -1
ABORT_MARKER, COMMIT_MARKER = 0, 1

PRODUCE, FETCH, LIST_OFFSETS, METADATA, OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR = 0, 1, 2, 3, 8, 9, 10
HEARTBEAT = 12
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, DELETE_RECORDS, INIT_PRODUCER_ID = 18, 19, 20, 21, 22
ADD_PARTITIONS_TO_TXN, ADD_OFFSETS_TO_TXN, END_TXN, TXN_OFFSET_COMMIT, DESCRIBE_CLUSTER = 24, 25, 26, 28, 60


def _crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_CRC32C = _crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC32C[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def varint(value):
    """A zigzag varint, as in records."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


def batch(values, timestamp=1_700_000_000_000, pid=-1, epoch=-1, sequence=-1, transactional=False):
    """One uncompressed record batch. A value is bytes, or (key, value)."""
    records = bytearray()
    for delta, value in enumerate(values):
        key, value = value if isinstance(value, tuple) else (None, value)
        body = b"\0" + varint(0) + varint(delta)
        body += varint(-1) if key is None else varint(len(key)) + key
        body += varint(-1) if value is None else varint(len(value)) + value
        body += varint(0)
        records += varint(len(body)) + body
    checked = struct.pack(">hiqqqhii", 0x10 if transactional else 0, len(values) - 1, timestamp, timestamp, pid, epoch, sequence,
                          len(values)) + bytes(records)
    return struct.pack(">qiibI", 0, len(checked) + 9, 0, 2, crc32c(checked)) + checked


class Batch:
    """The head of a stored batch; `raw` are its bytes without the leader epoch, `records` [(offset, key, value)]."""

    def __init__(self, raw, keep_records=True):
        (self.base, self.length, self.leader_epoch, self.magic, self.crc, self.attributes, self.last_delta, self.base_timestamp,
         self.max_timestamp, self.pid, self.epoch, self.sequence, self.count) = struct.unpack_from(">qiibIhiqqqhii", raw)
        self.raw = raw
        self.codec = self.attributes & 7
        self.transactional = bool(self.attributes & 0x10)
        self.control = bool(self.attributes & 0x20)
        self.last = self.base + self.last_delta
        self.records = self._records() if keep_records and self.codec == 0 else []

    def checks(self):
        return crc32c(self.raw[21:]) == self.crc

    def _records(self):
        found, at = [], 61
        for _ in range(self.count):
            length, at = read_varint(self.raw, at)
            end = at + length
            at += 1
            _, at = read_varint(self.raw, at)
            delta, at = read_varint(self.raw, at)
            size, at = read_varint(self.raw, at)
            key = None if size < 0 else self.raw[at:at + size]
            at += max(size, 0)
            size, at = read_varint(self.raw, at)
            value = None if size < 0 else self.raw[at:at + size]
            found.append((self.base + delta, key, value))
            at = end
        return found


def batches(data, keep_records=True):
    """The whole batches of a fetch answer; a cut one at the end is left out, as clients do."""
    found, at = [], 0
    while at + 61 <= len(data):
        size = struct.unpack_from(">i", data, at + 8)[0] + 12
        if at + size > len(data):
            break
        found.append(Batch(data[at:at + size], keep_records))
        at += size
    return found


def given_to_user(found, aborted=None):
    """The records that a client hands out: no markers; with an answer's `aborted` list, nothing of aborted transactions."""
    records, waiting, aborting = [], sorted(aborted or (), key=lambda pair: pair[1]), set()
    for one in found:
        while waiting and waiting[0][1] <= one.last:
            aborting.add(waiting.pop(0)[0])
        if one.control:
            if struct.unpack(">hh", one.records[0][1])[1] == ABORT_MARKER:
                aborting.discard(one.pid)
        elif not (one.transactional and one.pid in aborting):
            records += one.records
    return records


def string(text):
    if text is None:
        return b"\xff\xff"
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def bytes(self):
        size = self.take("i")
        if size < 0:
            return b""
        piece = self.data[self.at:self.at + size]
        self.at += size
        return piece

    def string(self):
        size = self.take("h")
        if size < 0:
            return None
        piece = self.data[self.at:self.at + size].decode()
        self.at += size
        return piece

    def array(self, one):
        return [one() for _ in range(self.take("i"))]


class Connection:
    """One TCP connection. Not for several threads."""

    def __init__(self, address, timeout_s=30, client="wire"):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = string(client)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def _exactly(self, size):
        got = bytearray()
        while len(got) < size:
            piece = self.socket.recv(min(size - len(got), 1 << 20))
            if not piece:
                raise ConnectionResetError("the broker closed the connection")
            got += piece
        return bytes(got)

    def send(self, api, version, body):
        self.correlation += 1
        frame = struct.pack(">hhi", api, version, self.correlation) + self.client + body
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)

    def receive(self):
        size = struct.unpack(">i", self._exactly(4))[0]
        frame = self._exactly(size)
        correlation = struct.unpack_from(">i", frame)[0]
        if correlation != self.correlation:
            raise ConnectionError(f"answer {correlation} to request {self.correlation}")
        return Reader(frame[4:])

    def request(self, api, version, body):
        self.send(api, version, body)
        return self.receive()

    # Topics

    def api_versions(self):
        answer = self.request(API_VERSIONS, 0, b"")
        error = answer.take("h")
        return error, {api: (low, high) for api, low, high in answer.array(lambda: answer.take("hhh"))}

    def metadata(self, topics=None, create=False):
        answer = self.request(METADATA, 4, (struct.pack(">i", -1) if topics is None else array([string(t) for t in topics])) +
                              struct.pack(">b", create))
        answer.take("i")
        brokers = answer.array(lambda: (answer.take("i"), answer.string(), answer.take("i"), answer.string()))
        cluster, controller = answer.string(), answer.take("i")

        def partition():
            error, index, leader = answer.take("hii")
            answer.array(lambda: answer.take("i"))
            answer.array(lambda: answer.take("i"))
            return index, error, leader

        def topic():
            error, name, internal = answer.take("h"), answer.string(), answer.take("b")
            return name, {"error": error, "internal": bool(internal), "partitions": sorted(answer.array(partition))}

        return {"brokers": brokers, "cluster": cluster, "controller": controller, "topics": dict(answer.array(topic))}

    def create_topic(self, name, partitions=1, configs=()):
        body = array([string(name) + struct.pack(">ih", partitions, 1) + array([]) +
                      array([string(key) + string(value) for key, value in dict(configs).items()])])
        answer = self.request(CREATE_TOPICS, 4, body + struct.pack(">ib", 30_000, 0))
        answer.take("i")
        return answer.array(lambda: (answer.string(), answer.take("h"), answer.string()))[0][1]

    def delete_topic(self, name):
        answer = self.request(DELETE_TOPICS, 1, array([string(name)]) + struct.pack(">i", 30_000))
        answer.take("i")
        return answer.array(lambda: (answer.string(), answer.take("h")))[0][1]

    def delete_records(self, topic, partition, offset):
        """(error, low watermark)"""
        answer = self.request(DELETE_RECORDS, 1, array([string(topic) + array([struct.pack(">iq", partition, offset)])]) +
                              struct.pack(">i", 30_000))
        answer.take("i")
        topics = answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("iqh"))))
        _, low, error = topics[0][1][0]
        return error, low

    # Records

    def produce(self, topic, partition, records, acks=-1, transactional_id=None):
        """(error, base offset); `records` is an encoded batch."""
        self.send_produce(topic, partition, records, acks, transactional_id)
        return (NONE, -1) if acks == 0 else self.produced()

    def send_produce(self, topic, partition, records, acks=-1, transactional_id=None):
        self.send(PRODUCE, 7, string(transactional_id) + struct.pack(">hi", acks, 30_000) + array(
            [string(topic) + array([struct.pack(">ii", partition, len(records)) + records])]))

    def produced(self):
        answer = self.receive()
        topics = answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ihqqq"))))
        _, error, base, _, _ = topics[0][1][0]
        return error, base

    def fetch(self, topic, partition, offset, isolation=READ_UNCOMMITTED, wait_ms=500, bytes_max=1 << 20):
        """(error, high watermark, last stable offset, log start, [(pid, first offset)] aborted, record bytes)"""
        body = struct.pack(">iiiibii", -1, wait_ms, 1, bytes_max, isolation, 0, -1)
        body += array([string(topic) + array([struct.pack(">iiqqi", partition, -1, offset, -1, bytes_max)])])
        answer = self.request(FETCH, 11, body + array([]) + string(""))
        answer.take("ihi")

        def one():
            _, error, high, stable, start = answer.take("ihqqq")
            aborted = answer.array(lambda: answer.take("qq"))
            answer.take("i")
            return error, high, stable, start, aborted, answer.bytes()

        return answer.array(lambda: (answer.string(), answer.array(one)))[0][1][0]

    def list_offset(self, topic, partition, timestamp, isolation=READ_UNCOMMITTED):
        """(error, offset)"""
        answer = self.request(LIST_OFFSETS, 2, struct.pack(">ib", -1, isolation) +
                              array([string(topic) + array([struct.pack(">iq", partition, timestamp)])]))
        answer.take("i")
        _, error, _, offset = answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ihqq"))))[0][1][0]
        return error, offset

    # Producer ids and transactions

    def init_producer(self, transactional_id=None, timeout_ms=60_000):
        """(error, pid, epoch)"""
        answer = self.request(INIT_PRODUCER_ID, 1, string(transactional_id) + struct.pack(">i", timeout_ms))
        answer.take("i")
        return answer.take("hqh")

    def add_partitions(self, transactional_id, pid, epoch, topic, partitions):
        answer = self.request(ADD_PARTITIONS_TO_TXN, 1, string(transactional_id) + struct.pack(">qh", pid, epoch) + array(
            [string(topic) + array([struct.pack(">i", partition) for partition in partitions])]))
        answer.take("i")
        errors = answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ih"))))[0][1]
        return max((error for _, error in errors), default=NONE)

    def add_offsets(self, transactional_id, pid, epoch, group):
        answer = self.request(ADD_OFFSETS_TO_TXN, 1, string(transactional_id) + struct.pack(">qh", pid, epoch) + string(group))
        return answer.take("ih")[1]

    def end_transaction(self, transactional_id, pid, epoch, commit):
        answer = self.request(END_TXN, 1, string(transactional_id) + struct.pack(">qhb", pid, epoch, commit))
        return answer.take("ih")[1]

    def commit_in_transaction(self, transactional_id, group, pid, epoch, topic, partition, offset):
        body = string(transactional_id) + string(group) + struct.pack(">qh", pid, epoch)
        body += array([string(topic) + array([struct.pack(">iqi", partition, offset, -1) + string("")])])
        answer = self.request(TXN_OFFSET_COMMIT, 2, body)
        answer.take("i")
        return answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ih"))))[0][1][0][1]

    # Groups

    def find_coordinator(self, key, kind=0):
        """(error, host:port)"""
        answer = self.request(FIND_COORDINATOR, 1, string(key) + struct.pack(">b", kind))
        answer.take("i")
        error, _, _ = answer.take("h"), answer.string(), answer.take("i")
        return error, f"{answer.string()}:{answer.take('i')}"

    def heartbeat(self, group, generation, member):
        answer = self.request(HEARTBEAT, 1, string(group) + struct.pack(">i", generation) + string(member))
        return answer.take("ih")[1]

    def commit_offset(self, group, topic, partition, offset):
        body = string(group) + struct.pack(">i", -1) + string("") + struct.pack(">q", -1)
        body += array([string(topic) + array([struct.pack(">iq", partition, offset) + string("")])])
        answer = self.request(OFFSET_COMMIT, 2, body)
        return answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ih"))))[0][1][0][1]

    def committed_offset(self, group, topic, partition):
        """(error, offset); offset -1 when there is none."""
        body = string(group) + array([string(topic) + array([struct.pack(">i", partition)])])
        answer = self.request(OFFSET_FETCH, 1, body)

        def one():
            _, offset = answer.take("iq")
            answer.string()
            return answer.take("h"), offset

        return answer.array(lambda: (answer.string(), answer.array(one)))[0][1][0]
