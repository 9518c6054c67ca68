"""Driver of PyPI's confluent-kafka, which carries the newest librdkafka."""
import time

import confluent_kafka
import driver_main
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType)


def check(error):
    if error is not None:
        raise KafkaException(error)


class Member(driver_main.Member):
    def __init__(self, address, group, topic, instance, cooperative):
        self.config = {"bootstrap.servers": address, "group.id": group, "auto.offset.reset": "earliest",
                       "session.timeout.ms": 10_000, "heartbeat.interval.ms": 300, "auto.commit.interval.ms": 200}
        if instance:
            self.config["group.instance.id"] = instance
        if cooperative:
            self.config["partition.assignment.strategy"] = "cooperative-sticky"
        self.topic, self.cooperative = topic, cooperative
        super().__init__()

    def open(self):
        def assigned(consumer, parts):
            fresh = [part.partition for part in parts]
            self.partitions = self.partitions + fresh if self.cooperative else fresh

        def revoked(consumer, parts):
            gone = {part.partition for part in parts}
            self.partitions = [part for part in self.partitions if part not in gone]

        self.consumer = Consumer(self.config)
        self.consumer.subscribe([self.topic], on_assign=assigned, on_revoke=revoked, on_lost=revoked)

    def poll(self):
        values = []
        for message in self.consumer.consume(500, 0.1):
            check(message.error())
            values.append(message.value().decode())
        return values

    def close(self):
        self.consumer.close()


class Driver:
    client = f"confluent-kafka {confluent_kafka.__version__} (librdkafka {confluent_kafka.libversion()[0]})"

    def __init__(self, address):
        self.address, self.members_by_name, self.producers = address, {}, {}

    def produce(self, topic, partition, codec, records, idempotent=False, acks=-1):
        offsets = {}
        producer = Producer({"bootstrap.servers": self.address, "compression.type": codec, "linger.ms": 20, "acks": acks,
                             "enable.idempotence": idempotent})
        for index, (key, value) in enumerate(records):
            def delivered(error, message, index=index):
                offsets[index] = str(error) if error else message.offset()
            producer.produce(topic, value.encode(), key.encode(), partition, headers=[("from", b"confluent")],
                             on_delivery=delivered)
        if producer.flush(30):
            raise TimeoutError("records are not acknowledged")
        found = [offsets[index] for index in range(len(records))]
        bad = [one for one in found if isinstance(one, str)]
        if bad:
            raise RuntimeError(bad[0])
        return {"offsets": found}

    def consume(self, topic, partition, start, until, committed=False):
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": "none", "enable.auto.commit": False, "check.crcs": True,
                             "isolation.level": "read_committed" if committed else "read_uncommitted"})
        try:
            consumer.assign([TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING if start == "earliest" else start)])
            found, deadline = [], time.monotonic() + 30
            while time.monotonic() < deadline:
                for message in consumer.consume(500, 0.5):
                    check(message.error())
                    found.append({"offset": message.offset(), "key": (message.key() or b"").decode(),
                                  "value": message.value().decode(),
                                  "headers": [[name, value.decode()] for name, value in message.headers() or []]})
                    if found[-1]["value"] == until:
                        return {"records": found}
            raise TimeoutError(f"{until[:40]} did not come, only {len(found)} records")
        finally:
            consumer.close()

    def join(self, member, group, topic, instance=None, cooperative=False):
        self.members_by_name[member] = Member(self.address, group, topic, instance, cooperative)

    def members(self):
        return driver_main.view(self.members_by_name)

    def leave(self, member):
        self.members_by_name.pop(member).leave()

    def transaction(self, id, topic, partition, values, commit, group=None, offset=None):
        producer = self.producers.get(id)
        if producer is None:
            producer = self.producers[id] = Producer({"bootstrap.servers": self.address, "transactional.id": id})
            producer.init_transactions(30)
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value.encode(), partition=partition)
        if group is not None:
            consumer = Consumer({"bootstrap.servers": self.address, "group.id": group})
            producer.send_offsets_to_transaction([TopicPartition(topic, partition, offset)], consumer.consumer_group_metadata(), 30)
            consumer.close()
        if commit:
            producer.commit_transaction(30)
        else:
            producer.flush(30)
            producer.abort_transaction(30)

    def admin(self, call, **more):
        return getattr(self, "_" + call)(AdminClient({"bootstrap.servers": self.address}), **more)

    def _create_topic(self, client, name, partitions=1, configs=None):
        client.create_topics([NewTopic(name, partitions, 1, config=configs or {})])[name].result(30)

    def _delete_topic(self, client, name):
        client.delete_topics([name])[name].result(30)

    def _topics(self, client):
        return {"topics": list(client.list_topics(timeout=30).topics)}

    def _partitions(self, client, topic):
        answer = client.describe_topics(confluent_kafka.TopicCollection([topic]))[topic].result(30)
        return {"partitions": len(answer.partitions)}

    def _create_partitions(self, client, topic, count):
        client.create_partitions([NewPartitions(topic, count)])[topic].result(30)

    def _describe_config(self, client, topic, key):
        future, = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
        return {"value": future.result(30)[key].value}

    def _alter_config(self, client, topic, key, value):
        change = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)])
        future, = client.incremental_alter_configs([change]).values()
        future.result(30)

    def _cluster(self, client):
        answer = client.describe_cluster().result(30)
        return {"brokers": [f"{node.host}:{node.port}" for node in answer.nodes], "id": answer.cluster_id}

    def _delete_records(self, client, topic, partition, offset):
        future, = client.delete_records([TopicPartition(topic, partition, offset)]).values()
        return {"low": future.result(30).low_watermark}

    def _groups(self, client):
        answer = client.list_consumer_groups().result(30)
        for error in answer.errors:
            raise error
        return {"groups": [group.group_id for group in answer.valid]}

    def _describe_group(self, client, group):
        answer = client.describe_consumer_groups([group])[group].result(30)
        return {"state": answer.state.name, "members": len(answer.members)}

    def _delete_group(self, client, group):
        client.delete_consumer_groups([group])[group].result(30)

    def _set_offset(self, client, group, topic, partition, offset):
        change = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
        client.alter_consumer_group_offsets([change])[group].result(30)

    def _committed(self, client, group, topic, partition):
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition)])
        return {"offset": client.list_consumer_group_offsets([wanted])[group].result(30).topic_partitions[0].offset}

    def _offsets(self, client, topic, partition):
        part, found = TopicPartition(topic, partition), {}
        for name, spec in (("earliest", OffsetSpec.earliest()), ("latest", OffsetSpec.latest())):
            future, = client.list_offsets({part: spec}).values()
            found[name] = future.result(30).offset
        return found


if __name__ == "__main__":
    driver_main.run(Driver)
