#!/usr/bin/env python3
"""The whole flights pipeline as a user runs it: rows per CPU-second and peak memory; start-up and idle memory.

    bench/flights_pipeline.py [--program build/release/millrace] [--copies 100] [--rounds 3]

The answer is checked: the table's flights must add up to what SQLite joins from the same rows.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def run(words, stdout=subprocess.DEVNULL):
    """Wall seconds, CPU seconds and peak memory (MB) of one process."""
    started = time.monotonic()
    process = subprocess.Popen([str(word) for word in words], cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{words} failed: {error.decode()}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def idle_memory(program, directory):
    """Resident MB of `run` without input, after it has settled."""
    sql = directory / "idle.sql"
    sql.write_text("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');\n")
    process = subprocess.Popen([program, "run", str(sql), "--data", str(directory / "idle"), "--quiet"])
    try:
        time.sleep(1.5)
        pages = int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def first_row(program, directory):
    """Milliseconds from exec to the first row of a push query over an existing topic."""
    data = directory / "start"
    setup = ("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON'); INSERT INTO s (a) VALUES (1);")
    subprocess.run([program, "sql", "--data", str(data), "-e", setup], check=True, stdout=subprocess.DEVNULL)
    times = []
    for _ in range(7):
        started = time.monotonic()
        process = subprocess.Popen([program, "sql", "--data", str(data), "-e", "SELECT a FROM s EMIT CHANGES LIMIT 1;"],
                                   stdout=subprocess.PIPE)
        process.stdout.readline()  # the heading
        process.stdout.readline()
        times.append((time.monotonic() - started) * 1000)
        process.communicate()
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build/release/millrace"))
    parser.add_argument("--copies", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        flights = directory / "flights.ndjson"
        subprocess.run(["python3", ROOT / "bench/make_flights.py", flights, str(options.copies)], check=True)
        shutil.copytree(ROOT / "examples/flights", directory / "connectors")
        source = directory / "connectors/flights-source.json"
        text = json.loads(source.read_text())
        text["config"]["file"] = str(flights)
        source.write_text(json.dumps(text))
        airports = directory / "connectors/airports-source.json"
        text = json.loads(airports.read_text())
        text["config"]["file"] = str(ROOT / "examples/data/airports.csv")
        airports.write_text(json.dumps(text))
        rows = options.copies * 20_000
        figures = []
        for round_number in range(options.rounds):
            data = directory / f"data{round_number}"
            figures.append(run([options.program, "run", ROOT / "examples/flights.sql", "--connectors", directory / "connectors",
                                "--data", data, "--once", "--quiet"]))
            joined = sqlite3.connect(data / "flights.sqlite").execute("SELECT SUM(flights) FROM delay_by_airport").fetchone()[0]
            assert joined == rows, joined  # every origin of the file is in the airports table
            print(f"round {round_number}: {figures[-1][0]:.2f} s wall, {figures[-1][1]:.2f} s CPU, {figures[-1][2]:.0f} MB peak, "
                  f"{joined} flights joined")
            if round_number + 1 < options.rounds:
                shutil.rmtree(data)
        cpu = statistics.median(figure[1] for figure in figures)
        wall = statistics.median(figure[0] for figure in figures)
        peak = max(figure[2] for figure in figures)
        print(f"flights pipeline, {rows} rows: {rows / cpu:,.0f} rows per CPU-second, {rows / wall:,.0f} rows/s wall, "
              f"peak memory {peak:.0f} MB")
        print(f"first row of a push query over an existing topic: {first_row(options.program, directory):.1f} ms after exec")
        print(f"idle memory of a running pipeline: {idle_memory(options.program, directory):.1f} MB")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
