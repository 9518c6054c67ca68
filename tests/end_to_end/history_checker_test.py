"""The history checker finds each anomaly that is planted, and nothing in a history without one."""
import unittest

import harness
import history

P = ("t", 0)


class Planted(unittest.TestCase):
    """A history with two plain, two idempotent records and three transactions; each test spoils one thing."""

    def setUp(self):
        self.checker = checker = history.Checker()
        checker.send([b"p0", b"p1"], "plain", history.PLAIN, P, 0)
        checker.ack([b"p0", b"p1"], P, 0)
        checker.send([b"i0"], "idem", history.IDEMPOTENT, P, 0)
        checker.ack([b"i0"], P, 2)
        checker.send([b"i1"], "idem", history.IDEMPOTENT, P, 1)
        checker.ack([b"i1"], P, 3)
        for number, (name, committed) in enumerate((("x", True), ("y", False), ("z", True))):
            values = [name.encode() + b"0", name.encode() + b"1"]
            checker.send(values, "txn", history.TRANSACTIONAL, P, 2 * number, transaction=name)
            checker.ack(values, P, 4 + 3 * number)
            checker.end(name, committed, "group", (P, 10 + number))
        self.everything = [(0, b"p0"), (1, b"p1"), (2, b"i0"), (3, b"i1"), (4, b"x0"), (5, b"x1"), (7, b"y0"), (8, b"y1"), (10, b"z0"),
                           (11, b"z1")]
        self.committed = [(offset, value) for offset, value in self.everything if value[:1] != b"y"]
        self.groups = {"group": (P, 12)}

    def finds(self, *kinds):
        found = self.checker.finish({P: self.everything}, {P: self.committed}, self.groups)
        self.assertEqual({kind for kind, count in found.items() if count}, set(kinds), self.checker.report())

    def test_nothing_in_a_good_history(self):
        spans = [(0, 1), (2, 2), (3, 3), (4, 5), (6, 6), (7, 8), (9, 9), (10, 11), (12, 12)]
        self.checker.poll("all", P, spans, self.everything, committed=False)
        self.checker.poll("committed", P, spans, self.committed, committed=True)
        self.finds()

    def test_a_plain_producer_may_repeat_itself(self):
        self.everything.append((13, b"p1"))
        self.committed.append((13, b"p1"))
        self.finds()

    def test_an_open_transaction_is_neither(self):
        self.checker.send([b"o0"], "other", history.TRANSACTIONAL, P, 0, transaction="open")
        self.everything.append((13, b"o0"))
        self.finds()

    def test_a_lost_write(self):
        del self.everything[1], self.committed[1]
        self.finds("lost-write")

    def test_a_lost_tail(self):
        self.checker.send([b"p2"], "plain", history.PLAIN, P, 2)
        self.checker.ack([b"p2"], P, 13)
        self.finds("lost-write")

    def test_a_record_that_was_read_and_vanished(self):
        self.checker.send([b"p2"], "plain", history.PLAIN, P, 2)
        self.checker.poll("all", P, [(0, 13)], [(13, b"p2")], committed=False)
        self.finds("lost-write")

    def test_a_committed_transaction_that_nobody_reads(self):
        self.committed = [pair for pair in self.committed if pair[1][:1] != b"x"]
        self.finds("lost-write")

    def test_a_torn_transaction(self):
        self.committed = [pair for pair in self.committed if pair[1] != b"x1"]
        self.finds("torn-transaction")

    def test_a_duplicate(self):
        self.everything.append((13, b"i1"))
        self.committed.append((13, b"i1"))
        self.finds("duplicate")

    def test_a_reordering(self):
        self.checker.acked.pop(b"i0")
        self.checker.acked.pop(b"i1")
        self.checker.contents.pop((P, 2))
        self.checker.contents.pop((P, 3))
        self.everything[2:4] = self.committed[2:4] = [(2, b"i1"), (3, b"i0")]
        self.finds("reordering")

    def test_an_aborted_read_in_the_end(self):
        self.committed.append((7, b"y0"))
        self.finds("aborted-read")

    def test_an_aborted_read_on_the_way(self):
        self.checker.poll("committed", P, [(0, 8)], [(7, b"y0")], committed=True)
        self.finds("aborted-read", "lost-write")

    def test_an_offset_that_was_used_twice(self):
        self.checker.send([b"p2"], "plain", history.PLAIN, P, 2)
        self.checker.poll("all", P, [(0, 13)], [(13, b"p2")], committed=False)
        self.checker.send([b"p3"], "plain", history.PLAIN, P, 3)
        self.everything.append((13, b"p3"))
        self.committed.append((13, b"p3"))
        self.finds("inconsistent-offset")

    def test_a_phantom(self):
        self.everything.append((13, b"never sent"))
        self.finds("phantom")

    def test_a_jump(self):
        self.checker.poll("all", P, [(0, 1), (3, 3)], [], committed=False)
        self.finds("poll-skip")

    def test_a_step_back(self):
        self.checker.poll("all", P, [(0, 3)], [], committed=False)
        self.checker.poll("all", P, [(2, 2)], [], committed=False)
        self.finds("poll-skip")

    def test_a_seek_is_no_step_back(self):
        self.checker.poll("all", P, [(0, 3)], [], committed=False)
        self.checker.seek("all", P, 0)
        self.checker.poll("all", P, [(0, 3)], [], committed=False)
        self.finds()

    def test_an_offset_commit_of_another_transaction(self):
        self.groups = {"group": (P, 11)}
        self.finds("offset-commit")

    def test_every_anomaly_has_its_test(self):
        self.assertEqual(len(history.ANOMALIES), 9)


if __name__ == "__main__":
    harness.main()
