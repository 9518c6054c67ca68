#!/usr/bin/env python3
"""Writes messages as independent Kafka clients encode them: one line per message, `name version hex`.

    pip install kio;           make_golden.py kio >kio.txt
    apt-get install python3-kafka;  /usr/bin/python3 make_golden.py kafka-python >kafka_python.txt

Bodies only, without headers. Values are made up, the same on every run; tagged fields keep their defaults, which
leaves them out."""
import dataclasses
import datetime
import importlib
import random
import re
import sys
import typing
import uuid

# api: lowest and highest version, as in core/wire/messages
APIS = {
    "Produce": (0, 11), "Fetch": (4, 16), "ListOffsets": (1, 8), "Metadata": (0, 12), "OffsetCommit": (2, 9),
    "OffsetFetch": (1, 9), "FindCoordinator": (0, 4), "JoinGroup": (0, 9), "Heartbeat": (0, 4), "LeaveGroup": (0, 5),
    "SyncGroup": (0, 5), "DescribeGroups": (0, 5), "ListGroups": (0, 4), "ApiVersions": (0, 4), "CreateTopics": (2, 7),
    "DeleteTopics": (1, 6), "DeleteRecords": (0, 2), "InitProducerId": (0, 4), "OffsetForLeaderEpoch": (2, 4),
    "AddPartitionsToTxn": (0, 3), "AddOffsetsToTxn": (0, 3), "EndTxn": (0, 3), "TxnOffsetCommit": (0, 3),
    "DescribeConfigs": (1, 4), "AlterConfigs": (0, 2), "DescribeLogDirs": (1, 4), "CreatePartitions": (0, 3),
    "DeleteGroups": (0, 2), "ElectLeaders": (0, 2), "IncrementalAlterConfigs": (0, 1), "OffsetDelete": (0, 0),
    "DescribeCluster": (0, 1), "DescribeProducers": (0, 0), "DescribeTransactions": (0, 0), "ListTransactions": (0, 1),
    "DescribeTopicPartitions": (0, 0)}
KINDS = ("Request", "Response")
WORDS = ("", "a", "clicks", "group-1", "naïve", "x" * 130)


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def number(rng, bits):
    return rng.choice([-1, 0, 1, rng.randrange(-2 ** (bits - 1), 2 ** (bits - 1))])


def write(name, version, body):
    print(name, version, body.hex())


# kio: classes generated from Kafka's message definitions


def kio_value(rng, kind, hint):
    from kio.static import primitive
    if kind.startswith("int"):
        return getattr(primitive, "i" + kind[3:])(number(rng, int(kind[3:])))
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "string":
        return rng.choice(WORDS)
    if kind == "uuid":
        return uuid.UUID(int=rng.getrandbits(128) | 1)
    if kind in ("bytes", "records"):
        return rng.randbytes(rng.choice([0, 5, 150]))
    if kind == "error_code":
        from kio.schema.errors import ErrorCode
        return ErrorCode(rng.choice([0, 3, 36]))
    if kind.startswith("timedelta"):
        from kio.static import primitive
        made = getattr(primitive, "i" + re.sub(r"\D", "", kind) + "Timedelta")
        return made.parse(datetime.timedelta(milliseconds=rng.randrange(0, 10 ** 6)))
    if kind.startswith("datetime"):
        from kio.static import primitive
        return primitive.TZAware.parse(datetime.datetime.fromtimestamp(rng.randrange(1, 10 ** 9), datetime.timezone.utc))
    raise ValueError(kind)


def kio_message(rng, cls):
    hints = typing.get_type_hints(cls)
    values = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        if "tag" in field.metadata:
            continue
        arms = typing.get_args(hint)
        nullable = type(None) in arms
        if nullable:
            hint = next(arm for arm in arms if arm is not type(None))
            if rng.random() < 0.3 and field.metadata.get("kafka_type") != "uuid":
                values[field.name] = None
                continue
        if typing.get_origin(hint) is tuple:
            element = typing.get_args(hint)[0]
            made = (lambda: kio_message(rng, element)) if dataclasses.is_dataclass(element) else (
                lambda: kio_value(rng, field.metadata["kafka_type"], element))
            values[field.name] = tuple(made() for _ in range(rng.choice([0, 1, 2])))
        elif dataclasses.is_dataclass(hint):
            values[field.name] = kio_message(rng, hint)
        else:
            values[field.name] = kio_value(rng, field.metadata["kafka_type"], hint)
    return cls(**values)


def write_kio():
    import io
    from kio.serial import entity_writer
    for api, (low, high) in APIS.items():
        for version in range(low, high + 1):
            for kind in KINDS:
                try:
                    module = importlib.import_module(f"kio.schema.{snake(api)}.v{version}.{kind.lower()}")
                except ModuleNotFoundError:
                    continue  # kio dropped what Kafka 4 dropped
                cls = getattr(module, api + kind)
                out = io.BytesIO()
                entity_writer(cls)(out, kio_message(random.Random(f"{api}{kind}{version}"), cls))
                write(api + kind, version, out.getvalue())


# kafka-python: written by hand from the protocol guide


def kafka_python_value(rng, schema):
    from kafka.protocol import types
    if isinstance(schema, types.Schema):
        return tuple(kafka_python_value(rng, field) for field in schema.fields)
    if isinstance(schema, types.Array):
        return [kafka_python_value(rng, schema.array_of) for _ in range(rng.choice([0, 1, 2]))]
    if isinstance(schema, types.String) or schema is types.String:
        return rng.choice(WORDS)
    if schema is types.Boolean:
        return rng.random() < 0.5
    if schema is types.Bytes:
        return bytes(rng.getrandbits(8) for _ in range(rng.choice([0, 5, 150])))
    return number(rng, {types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64}[schema])


# Versions whose definition in kafka-python 2.0.2 is not the protocol's: an array closed too early, a missing field.
WRONG_IN_KAFKA_PYTHON = {("ProduceResponse", 8), ("FindCoordinatorResponse", 1), ("DescribeGroupsResponse", 3),
                         ("AlterConfigsResponse", 1)}


def write_kafka_python():
    modules = [importlib.import_module("kafka.protocol." + name)
               for name in ("admin", "commit", "fetch", "group", "metadata", "offset", "produce")]
    names = {"ListOffsets": "Offset", "FindCoordinator": "GroupCoordinator", "ApiVersions": "ApiVersion"}
    for api, (low, high) in APIS.items():
        for kind in KINDS:
            name = names.get(api, api) + kind
            found = next((getattr(module, name) for module in modules if hasattr(module, name)), [])
            for version, cls in enumerate(found):
                if (api + kind, version) in WRONG_IN_KAFKA_PYTHON:
                    continue
                if low <= version <= high and cls.API_VERSION == version:
                    rng = random.Random(f"{api}{kind}{version}")
                    message = cls(*kafka_python_value(rng, cls.SCHEMA))
                    try:
                        body = message.encode()
                    except TypeError:
                        continue  # its definition of this version cannot be encoded (String without parentheses)
                    write(api + kind, version, body)


if __name__ == "__main__":
    {"kio": write_kio, "kafka-python": write_kafka_python}[sys.argv[1]]()
