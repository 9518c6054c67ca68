"""Driver of kcat: every request is one or more runs of the program, as its users run it."""
import json
import re
import signal
import subprocess
import threading

import driver_main

SEPARATOR = "\x1f"


class Member:
    """kcat -G in the background; its partitions are read from what it says on standard error."""

    def __init__(self, address, group, topic):
        self.partitions, self.values, self.problem = [], [], None
        self.process = subprocess.Popen(
            ["kcat", "-b", address, "-G", group, "-X", "session.timeout.ms=10000", "-X", "heartbeat.interval.ms=300",
             "-X", "auto.commit.interval.ms=200", "-X", "auto.offset.reset=earliest", "-u", topic],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.threads = [threading.Thread(target=self._read_values, daemon=True), threading.Thread(target=self._read_news, daemon=True)]
        for thread in self.threads:
            thread.start()

    def _read_values(self):
        for line in self.process.stdout:
            self.values.append(line.rstrip("\n"))

    def _read_news(self):
        for line in self.process.stderr:
            if "rebalanced" in line:
                self.partitions = [int(index) for index in re.findall(r"\[(\d+)\]", line)] if ": assigned:" in line else []

    def leave(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        for thread in self.threads:
            thread.join(30)
        self.partitions = []


class Driver:
    def __init__(self, address):
        self.address, self.members_by_name = address, {}
        said = subprocess.run(["kcat", "-V"], capture_output=True, text=True).stdout
        self.client = "kcat " + re.search(r"Version (\S+)", said).group(1)

    def run(self, *words, text=None):
        done = subprocess.run(["kcat", "-b", self.address, "-m", "30", *words], input=text, capture_output=True, text=True,
                              timeout=60)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip()[-500:])
        return done.stdout

    def produce(self, topic, partition, codec, records, idempotent=False, acks=-1):
        text = "".join(f"{key}{SEPARATOR}{value}\n" for key, value in records)
        self.run("-P", "-t", topic, "-p", str(partition), "-z", codec, "-K", SEPARATOR, "-H", "from=kcat", "-X", "linger.ms=20",
                 "-X", f"acks={acks}", "-X", f"enable.idempotence={str(idempotent).lower()}", text=text)
        return {"offsets": None}

    def consume(self, topic, partition, start, until, committed=False):
        out = self.run("-C", "-q", "-e", "-J", "-t", topic, "-p", str(partition), "-o", "beginning" if start == "earliest" else str(start),
                       "-X", f"isolation.level={'read_committed' if committed else 'read_uncommitted'}", "-X", "check.crcs=true")
        found = []
        for row in map(json.loads, out.splitlines()):
            headers = row.get("headers") or []
            found.append({"offset": row["offset"], "key": row["key"] or "", "value": row["payload"],
                          "headers": [list(pair) for pair in zip(headers[::2], headers[1::2])]})
            if row["payload"] == until:
                return {"records": found}
        raise RuntimeError(f"{until[:40]} is not there, only {len(found)} records")

    def join(self, member, group, topic, instance=None, cooperative=False):
        self.members_by_name[member] = Member(self.address, group, topic)

    def members(self):
        return driver_main.view(self.members_by_name)

    def leave(self, member):
        self.members_by_name.pop(member).leave()

    def transaction(self, id, topic, partition, values, commit, group=None, offset=None):
        assert commit, "kcat has no way to abort"
        self.run("-P", "-t", topic, "-p", str(partition), "-X", f"transactional.id={id}", text="".join(f"{one}\n" for one in values))

    def admin(self, call, **more):
        return getattr(self, "_" + call)(**more)

    def _listing(self, *words):
        return json.loads(self.run("-L", "-J", *words))

    def _topics(self):
        return {"topics": [one["topic"] for one in self._listing()["topics"]]}

    def _partitions(self, topic):
        return {"partitions": len(self._listing("-t", topic)["topics"][0]["partitions"])}

    def _cluster(self):
        return {"brokers": [one["name"] for one in self._listing()["brokers"]]}

    def _offsets(self, topic, partition):
        found = {}
        for name, timestamp in (("earliest", -2), ("latest", -1)):
            out = self.run("-Q", "-t", f"{topic}:{partition}:{timestamp}")
            found[name] = int(re.search(r"offset (\d+)", out).group(1))
        return found


if __name__ == "__main__":
    driver_main.run(Driver)
