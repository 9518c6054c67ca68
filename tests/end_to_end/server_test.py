"""The server as a program: how it starts, what it refuses, how it stops, what it does after crashes and without descriptors."""
import os
import pathlib
import signal
import socket
import time

import broker
import harness
import kafka_wire

MIB = 1 << 20


class ServerTest(harness.EndToEnd):

    def setUp(self):
        super().setUp()
        self.running = []

    def tearDown(self):
        for server in self.running:
            if server.process.poll() is None:
                server.kill()
            server._close()
        super().tearDown()

    def serve(self, *words, **more):
        server = broker.Millrace(self.data)
        self.running.append(server)
        return server.start(words=words, **more)

    def refused(self, *words):
        """Standard error of a server that does not start."""
        out, err = self.millrace("server", "--data", self.data, *words, code=1)
        self.assertEqual(out, "")
        return err

    def log_of(self, server):
        return server.data.with_suffix(".log").read_text()

    def test_serves_until_it_is_told_to_stop(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            server = self.serve()
            with kafka_wire.Connection(server.address) as client:
                error, versions = client.api_versions()
                self.assertEqual(error, kafka_wire.NONE)
                self.assertEqual(versions[18], (0, 4))
                server.process.send_signal(how)
                self.assertEqual(server.process.wait(timeout=30), 0)

    def test_prints_every_address_in_one_line(self):
        process = self.start("server", "--data", self.data, "--kafka", "127.0.0.1:0", "--kafka", "127.0.0.2:0")
        line = process.stdout.readline()
        harness.stop(process)
        self.assertRegex(line, rf"^ready kafka=127\.0\.0\.1:\d+,127\.0\.0\.2:\d+ data={self.data}\n$")

    def test_commands_reach_the_server(self):
        server = self.serve()
        self.millrace("topic", "create", "t", "--partitions", "3", "--data", self.data)
        with kafka_wire.Connection(server.address) as client:
            self.assertEqual(len(client.metadata(["t"])["topics"]["t"]["partitions"]), 3)
            self.assertEqual(client.produce("t", 1, kafka_wire.batch([b"from a client"])), (kafka_wire.NONE, 0))
        self.assertEqual([value for _, _, value, _ in self.records("t")], ["from a client"])
        self.assertEqual(server.stop(), 0)
        self.assertEqual([value for _, _, value, _ in self.records("t")], ["from a client"])

    def test_runs_queries_that_the_catalog_has(self):
        self.serve()
        self.millrace("sql", "-e", "CREATE STREAM a (v STRING) WITH (kafka_topic='a', value_format='json', partitions=1);"
                      "CREATE STREAM b WITH (kafka_topic='b') AS SELECT v FROM a EMIT CHANGES;", "--data", self.data)
        self.assertEqual(self.running[0].stop(), 0)
        server = self.serve()
        self.millrace("topic", "produce", "a", "--data", self.data, text='{"V":"through"}\n')
        deadline = time.monotonic() + 30
        while not self.records("b"):
            self.assertLess(time.monotonic(), deadline, "the query of an earlier run does not run")
        self.assertEqual(server.stop(), 0)

    def test_refuses_addresses_that_others_reach(self):
        err = self.refused("--kafka", "0.0.0.0:0")
        self.assertIn("no authentication", err)
        self.assertIn("--insecure-bind", err)
        self.assertIn("0.0.0.0:0", err)
        self.assertFalse((self.data / "MILLRACE").exists())
        process = self.start("server", "--data", self.data, "--kafka", "0.0.0.0:0", "--insecure-bind")
        self.assertTrue(process.stdout.readline().startswith("ready kafka=0.0.0.0:"))
        _, err = harness.stop(process)
        self.assertEqual(process.returncode, 0)
        self.assertIn("there is no authentication", err)

    def test_says_what_is_wrong_with_its_configuration(self):
        def error_of(text):
            return self.refused("--config", self.write("c.json", text))

        self.assertIn("did you mean kafka.listeners?", error_of('{"kafka.listenerz": ["127.0.0.1:0"]}'))
        self.assertIn("c.json:1:", error_of('{"kafka.listenerz": []}'))
        self.assertIn("true or false", error_of('{"kafka.auto.create.topics": 1}'))
        self.assertIn("no-such.json", self.refused("--config", self.directory / "no-such.json"))
        self.assertIn("HOST:PORT", self.refused("--kafka", "9092"))

    def test_says_that_a_port_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            err = self.refused("--kafka", f"127.0.0.1:{other.getsockname()[1]}")
        self.assertIn("taken", err)
        for _ in range(6):
            self.assertNotIn("recovery", self.refused("--kafka", "192.0.2.1:0"))  # not here; not a crash either

    def test_d17_refuses_a_directory_that_is_in_use(self):
        server = self.serve()
        begun = time.monotonic()
        err = self.refused("--kafka", "127.0.0.1:0")
        self.assertLess(time.monotonic() - begun, 1.0 + 4.0 * (os.getloadavg()[0] > 4))
        self.assertIn("another millrace process", err)
        server.kill()
        self.assertEqual(self.serve().stop(), 0)  # a lock that kill -9 left behind is none

    def test_d20_goes_into_recovery_mode_after_crashes(self):
        server = self.serve()
        with kafka_wire.Connection(server.address) as client:
            client.create_topic("t")
            self.assertEqual(client.produce("t", 0, kafka_wire.batch([b"kept"])), (kafka_wire.NONE, 0))
        server.stop()
        for _ in range(5):
            server = self.serve()
            self.assertNotIn("recovery", self.log_of(server))
            server.process.send_signal(signal.SIGABRT)
            server.process.wait(timeout=30)
        server = self.serve()
        self.assertIn("recovery mode", self.log_of(server))
        self.assertIn("SIGTERM", self.log_of(server))
        with kafka_wire.Connection(server.address) as client:
            self.assertEqual(client.produce("t", 0, kafka_wire.batch([b"refused"]))[0], kafka_wire.KAFKA_STORAGE_ERROR)
            self.assertIn(b"kept", client.fetch("t", 0, 0)[5])
        self.assertEqual(server.stop(), 0)
        server = self.serve()
        with kafka_wire.Connection(server.address) as client:
            self.assertEqual(client.produce("t", 0, kafka_wire.batch([b"taken"])), (kafka_wire.NONE, 1))
        self.assertEqual(server.stop(), 0)

    def test_d20_does_not_count_kills_from_outside(self):
        for _ in range(7):
            server = self.serve()
            self.assertNotIn("recovery", self.log_of(server))
            server.kill()

    def test_d14_lives_through_a_want_of_descriptors(self):
        server = self.serve(prefix=["bash", "-c", 'ulimit -n 256; exec "$@"', "server"])
        with kafka_wire.Connection(server.address) as client:
            self.assertEqual(client.create_topic("t", partitions=100), kafka_wire.NONE)
            for partition in range(100):
                self.assertEqual(client.produce("t", partition, kafka_wire.batch([b"before"])), (kafka_wire.NONE, 0))
            host, port = server.address.split(":")
            crowd = [socket.create_connection((host, int(port)), timeout=20) for _ in range(200)]
            for partition in range(100):
                self.assertEqual(client.produce("t", partition, kafka_wire.batch([b"meanwhile"])), (kafka_wire.NONE, 1))
                self.assertIn(b"before", client.fetch("t", partition, 0)[5])
        for one in crowd:
            one.close()
        with kafka_wire.Connection(server.address) as client:  # in the crowd's queue, and then served
            self.assertEqual(client.produce("t", 0, kafka_wire.batch([b"after"])), (kafka_wire.NONE, 2))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(len(self.records("t")), 201)

    def test_starts_fast_and_small(self):
        times = []
        for _ in range(10):
            begun = time.monotonic()
            server = self.serve()
            with kafka_wire.Connection(server.address) as client:
                client.metadata([])
            times.append(time.monotonic() - begun)
            resident = 0
            for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    resident = int(line.split()[1]) * 1024
            self.assertEqual(server.stop(), 0)
        print(f"start to first Metadata: best {min(times) * 1000:.0f} ms of {len(times)}; idle memory "
              f"{resident / MIB:.1f} MiB")
        self.assertLess(min(times), 0.5)  # 50 ms where nothing else runs
        self.assertLess(resident, 25 * MIB)


if __name__ == "__main__":
    harness.main()
