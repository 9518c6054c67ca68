#!/usr/bin/env python3
"""Repeats examples/data/flights.ndjson COPIES times, each copy shifted by 90 days, into one file: 100 copies are 2 million rows.

    bench/make_flights.py OUT.ndjson [COPIES]
"""
import datetime
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "examples/data/flights.ndjson"
FORMAT = "%Y/%m/%d %H:%M"


def main():
    out, copies = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    lines = SOURCE.read_text().splitlines()
    parts = [re.fullmatch(r'(\{"date":")([^"]+)(".*)', line).groups() for line in lines]
    times = [datetime.datetime.strptime(date, FORMAT) for _, date, _ in parts]
    with open(out, "w") as file:
        for copy in range(copies):
            shift = datetime.timedelta(days=90 * copy)
            file.write("".join(f"{head}{(time + shift).strftime(FORMAT)}{tail}\n"
                               for (head, _, tail), time in zip(parts, times)))


if __name__ == "__main__":
    main()
