"""millrace doctor: healthy, damaged and repaired directories; a directory that is open; exit codes and JSON."""
import json
import struct

import broker
import harness
import kafka_wire


class Doctor(harness.EndToEnd):
    def setUp(self):
        super().setUp()
        self.millrace("topic", "create", "numbers", "--config", "segment.bytes=16384", "--data", self.data)
        for begin in range(0, 400, 50):  # a batch each
            lines = "".join(f"{i}-{'x' * 300}\n" for i in range(begin, begin + 50))
            self.millrace("topic", "produce", "numbers", "--data", self.data, text=lines)

    def examine(self, *words, code=0):
        out, _ = self.millrace("doctor", "-o", "json", "--data", self.data, *words, code=code)
        return json.loads(out)

    def segments(self):
        return sorted(path for path in self.data.glob("topics/*/0/*.log") if path.stat().st_size > 10000)

    def test_a_healthy_directory(self):
        found = self.examine()
        self.assertFalse(found["is_damaged"])
        numbers = next(p for p in found["partitions"] if p["topic"] == "numbers")
        self.assertEqual(numbers["end"], 400)
        self.assertEqual(numbers["records"], 400)
        out, _ = self.millrace("doctor", "--data", self.data)
        self.assertIn("All is well.", out)

    def test_rot_is_named_and_repaired_on_request(self):
        victim = self.segments()[0]
        content = bytearray(victim.read_bytes())
        content[5000] ^= 4
        victim.write_bytes(content)
        found = self.examine(code=1)
        damage = next(p for p in found["partitions"] if p["topic"] == "numbers")["damage"]
        self.assertEqual(len(damage), 1)
        self.assertEqual(damage[0]["file"], str(victim))
        self.assertTrue(damage[0]["begin"] <= 5000 < damage[0]["end"])
        out, _ = self.millrace("doctor", "--data", self.data, code=1)
        self.assertIn("There is damage.", out)
        self.examine("--repair")
        self.assertEqual(len(list((self.data / "quarantine").iterdir())), 1)
        lost = damage[0]["next_offset"] - damage[0]["first_offset"]
        out, _ = self.millrace("topic", "consume", "numbers", "-o", "json", "--data", self.data)
        self.assertEqual(len(out.splitlines()), 400 - lost)

    def test_a_torn_tail_is_no_damage(self):
        server = broker.Millrace(self.data).start()
        try:
            with kafka_wire.Connection(server.address) as client:
                for index in range(5):
                    error, base = client.produce("numbers", 0, kafka_wire.batch([b"more-%d" % index]))
                    self.assertEqual((error, base), (kafka_wire.NONE, 400 + index))
        finally:
            server.kill()
        # The last frame that has records, as a power cut in the middle of its write leaves it: only its header is there.
        journal = max((self.data / "wal").glob("0*.wal"))
        content = journal.read_bytes()
        salt = content[24:32]  # frames of earlier runs have another
        last = max(at for at in range(4096, len(content), 4096) if content[at:at + 4] == b"MRWF" and content[at + 32:at + 40] == salt
                   and struct.unpack_from("<I", content, at + 60)[0] > 0)
        journal.write_bytes(content[:last + 72] + bytes(len(content) - last - 72))
        found = self.examine()
        self.assertFalse(found["is_damaged"])
        self.assertFalse(found["was_stopped_cleanly"])
        self.assertTrue(any("torn tail" in note for note in found["notes"]), found["notes"])
        out, _ = self.millrace("doctor", "--data", self.data)
        self.assertIn("torn tail", out)
        self.assertIn("All is well.", out)
        again = broker.Millrace(self.data).start()
        self.assertEqual(again.stop(), 0)
        self.assertEqual(self.examine()["notes"], [])

    def test_what_is_no_data_directory(self):
        _, err = self.millrace("doctor", "--data", self.directory / "none", code=1)
        self.assertIn("no Millrace data directory", err)
        self.assertFalse((self.directory / "none").exists())


if __name__ == "__main__":
    harness.main()
