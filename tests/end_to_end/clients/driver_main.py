"""The frame of a driver written in Python: one JSON request per line in, one JSON answer per line out.

A driver lets the suites steer a client: clients/driver.py lists the requests. A driver in Python defines a class whose methods
are the requests, with the request's fields as named arguments, and calls run(class).
"""
import json
import sys
import threading
import traceback


def run(driver_class, *more):
    # A client that prints must not disturb the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    driver = driver_class(sys.argv[1], *more)
    print(json.dumps({"client": driver.client}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(driver, request.pop("op"))(**request) or {}
        except Exception as problem:  # everything a client raises is an answer here
            traceback.print_exc()
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), file=answers, flush=True)


class Member:
    """A member of a group: a thread that polls. Subclasses open(), poll() -> [value], close() and keep `partitions`."""

    def __init__(self):
        self.partitions, self.values, self.problem = [], [], None
        self.leaving, self.pause = threading.Event(), None
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    def _live(self):
        try:
            self.open()
            while not self.leaving.is_set():
                self.values += self.poll()
            self.close()
        except Exception as problem:
            traceback.print_exc()
            self.problem = f"{type(problem).__name__}: {problem}"

    def leave(self):
        self.leaving.set()
        self.thread.join(60)
        if self.thread.is_alive():
            raise TimeoutError("the member does not leave")
        self.partitions = []


def view(members):
    """The answer to the request `members`."""
    for name, member in members.items():
        if member.problem:
            raise RuntimeError(f"member {name}: {member.problem}")
    return {"members": {name: {"partitions": sorted(member.partitions), "values": list(member.values)}
                        for name, member in members.items()}}
