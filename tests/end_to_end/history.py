"""Checks what clients of a log saw against what a log promises. Fed while a load runs; thread-safe.

Values are unique. The anomalies, each counted and described:

  lost-write          an acknowledged record is not at its offset in the end, or a committed one is not read
  duplicate           an idempotent or transactional record is at two offsets
  reordering          records of one producer in one partition are not in the order in which they were sent
  aborted-read        a read_committed reader got a record of a transaction that was aborted
  torn-transaction    a part of a committed transaction is there and a part is not
  inconsistent-offset one offset, two contents: a record was read or acknowledged, vanished, and its offset was used again
  phantom             a record that nobody sent
  poll-skip           a reader jumped over offsets, or went back, without asking for it
  offset-commit       a group's offset is not the one of the last committed transaction
"""
import collections
import threading

ANOMALIES = ("lost-write", "duplicate", "reordering", "aborted-read", "torn-transaction", "inconsistent-offset", "phantom", "poll-skip",
             "offset-commit")
EXAMPLES_MAX = 20
PLAIN, IDEMPOTENT, TRANSACTIONAL = "plain", "idempotent", "transactional"

Sent = collections.namedtuple("Sent", "producer kind partition number transaction")


class Checker:
    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}                # value -> Sent
        self.acked = {}               # value -> offset
        self.ended = {}               # transaction -> committed?
        self.contents = {}            # (partition, offset) -> value, from whoever saw it first
        self.positions = {}           # (reader, partition) -> next offset
        self.committed_reads = {}     # value of a transaction -> a place where a read_committed reader got it
        self.group_offsets = {}       # group -> (partition, offset) of its last committed transaction
        self.counts = collections.Counter()
        self.found = collections.Counter()
        self.examples = []

    def anomaly(self, kind, text):
        self.found[kind] += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(f"{kind}: {text}")

    # What producers do

    def send(self, values, producer, kind, partition, number, transaction=None):
        """Before the request leaves. `number` counts the producer's values."""
        with self.lock:
            for index, value in enumerate(values):
                self.sent[value] = Sent(producer, kind, partition, number + index, transaction)
            self.counts["sent"] += len(values)

    def ack(self, values, partition, base):
        with self.lock:
            for index, value in enumerate(values):
                self.acked[value] = base + index
                self._content(partition, base + index, value, "acknowledged")
            self.counts["acknowledged"] += len(values)

    def end(self, transaction, committed, group=None, place=None):
        """The outcome of a transaction, once it is certain; `place` is the (partition, offset) committed for `group`."""
        with self.lock:
            self.ended[transaction] = committed
            self.counts["transactions committed" if committed else "transactions aborted"] += 1
            if committed and group is not None:
                self.group_offsets[group] = place

    # What consumers see

    def seek(self, reader, partition, offset):
        with self.lock:
            self.positions[reader, partition] = offset

    def poll(self, reader, partition, spans, records, committed):
        """`spans` are the (first, last) of every batch of an answer, `records` the (offset, value) that the reader was given."""
        with self.lock:
            position = self.positions.get((reader, partition), 0)
            for first, last in spans:
                if last < position:
                    self.anomaly("poll-skip", f"{reader} is at {partition}@{position} and got {first} to {last} again")
                elif first > position:
                    self.anomaly("poll-skip", f"{reader} is at {partition}@{position} and got {first}")
                position = max(position, last + 1)
            self.positions[reader, partition] = position
            for offset, value in records:
                self._content(partition, offset, value, reader)
                if committed:
                    sent = self.sent.get(value)
                    if sent is not None and sent.transaction is not None:
                        self.committed_reads[value] = (partition, offset, reader)
            self.counts["polled"] += len(records)

    def _content(self, partition, offset, value, who):
        if value not in self.sent:
            self.anomaly("phantom", f"{value!r} at {partition}@{offset}")
        before = self.contents.setdefault((partition, offset), value)
        if before != value:
            self.anomaly("inconsistent-offset", f"{partition}@{offset} was {before!r}, now {value!r} ({who})")

    # The end

    def finish(self, everything, committed, group_offsets=None):
        """`everything` and `committed`: partition -> [(offset, value)] as the two kinds of readers get it after the load."""
        with self.lock:
            self._compare_contents(everything)
            places = collections.defaultdict(list)
            for partition, records in everything.items():
                for offset, value in records:
                    places[value].append((partition, offset))
            self._lost(everything)
            self._duplicates(places)
            self._order(everything)
            self._transactions(places, committed)
            for group, place in self.group_offsets.items():
                if (group_offsets or {}).get(group) != place:
                    self.anomaly("offset-commit", f"{group} is at {(group_offsets or {}).get(group)} instead of {place}")
        return self.found

    def _compare_contents(self, everything):
        for partition, records in everything.items():
            for offset, value in records:
                self._content(partition, offset, value, "the last reader")

    def _lost(self, everything):
        final = {(partition, offset): value for partition, records in everything.items() for offset, value in records}
        for value, offset in self.acked.items():
            at = (self.sent[value].partition, offset)
            if final.get(at) != value:
                self.anomaly("lost-write", f"{value!r} was acknowledged at {at[0]}@{at[1]}, where {final.get(at)!r} is")
        for at, value in self.contents.items():
            if at not in final:
                self.anomaly("lost-write", f"{value!r} was read at {at[0]}@{at[1]} and is gone")

    def _duplicates(self, places):
        for value, where in places.items():
            sent = self.sent.get(value)
            if sent is not None and sent.kind != PLAIN and len(where) > 1:
                self.anomaly("duplicate", f"{value!r} at {where}")

    def _order(self, everything):
        for partition, records in everything.items():
            last, seen = {}, set()
            for offset, value in records:
                sent = self.sent.get(value)
                if sent is None or value in seen:
                    continue  # a plain producer's repetition may come late
                seen.add(value)
                if sent.number <= last.get(sent.producer, -1):
                    self.anomaly("reordering", f"{value!r} at {partition}@{offset} is behind number {last[sent.producer]}")
                last[sent.producer] = max(sent.number, last.get(sent.producer, -1))

    def _transactions(self, places, committed):
        read = {value: (partition, offset, "the last reader") for partition, records in committed.items() for offset, value in records}
        for value, place in {**self.committed_reads, **read}.items():
            sent = self.sent.get(value)
            if sent is not None and sent.transaction is not None and self.ended.get(sent.transaction) is False:
                self.anomaly("aborted-read", f"{value!r} of aborted {sent.transaction} by {place[2]} at {place[0]}@{place[1]}")
        whole = collections.defaultdict(lambda: [0, 0])
        for value, sent in self.sent.items():
            if sent.transaction is None:
                if value in self.acked and value not in read:
                    self.anomaly("lost-write", f"{value!r} was acknowledged and is not read by read_committed")
            elif self.ended.get(sent.transaction):
                whole[sent.transaction][value in read] += 1
        for transaction, (missing, there) in whole.items():
            if missing and there:
                self.anomaly("torn-transaction", f"{transaction}: {there} records are read and {missing} are not")
            elif missing:
                self.anomaly("lost-write", f"committed {transaction} is not read at all")
        for value, place in self.committed_reads.items():
            if value not in read:
                self.anomaly("lost-write", f"{value!r} was read as committed at {place[0]}@{place[1]} and is gone")

    def report(self):
        lines = [", ".join(f"{count} {name}" for name, count in self.counts.items())]
        lines.append("anomalies: " + ", ".join(f"{name} {self.found[name]}" for name in ANOMALIES))
        return "\n".join(lines + self.examples)
