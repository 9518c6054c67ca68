"""millrace doctor: healthy, damaged and repaired directories; a directory that is open; exit codes and JSON."""
import json

import harness


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

    def test_what_is_no_data_directory(self):
        _, err = self.millrace("doctor", "--data", self.directory / "none", code=1)
        self.assertIn("no Millrace data directory", err)
        self.assertFalse((self.directory / "none").exists())


if __name__ == "__main__":
    harness.main()
