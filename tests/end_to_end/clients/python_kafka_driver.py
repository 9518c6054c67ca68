"""Driver of python3-kafka (kafka-python 2.0.2)."""
import time

import driver_main
import kafka
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata, TopicPartition


class Member(driver_main.Member):
    def __init__(self, address, group, topic):
        self.address, self.group, self.topic = address, group, topic
        super().__init__()

    def open(self):
        member = self

        class Listener(kafka.ConsumerRebalanceListener):
            def on_partitions_revoked(self, revoked):
                member.partitions = []

            def on_partitions_assigned(self, assigned):
                member.partitions = [part.partition for part in assigned]

        self.consumer = kafka.KafkaConsumer(bootstrap_servers=self.address, group_id=self.group, auto_offset_reset="earliest",
                                            session_timeout_ms=10_000, heartbeat_interval_ms=300, metadata_max_age_ms=2000,
                                            auto_commit_interval_ms=200)
        self.consumer.subscribe([self.topic], listener=Listener())

    def poll(self):
        return [record.value.decode() for records in self.consumer.poll(timeout_ms=100).values() for record in records]

    def close(self):
        self.consumer.close()


class Driver:
    client = f"kafka-python {kafka.__version__}"

    def __init__(self, address):
        self.address, self.members_by_name = address, {}

    def produce(self, topic, partition, codec, records, idempotent=False, acks=-1):
        producer = kafka.KafkaProducer(bootstrap_servers=self.address, acks="all" if acks == -1 else acks, linger_ms=20, retries=5,
                                       compression_type=None if codec == "none" else codec)
        try:
            sent = [producer.send(topic, value.encode(), key.encode(), partition=partition, headers=[("from", b"python")])
                    for key, value in records]
            return {"offsets": [future.get(30).offset for future in sent]}
        finally:
            producer.close()

    def consume(self, topic, partition, start, until, committed=False):
        consumer = kafka.KafkaConsumer(bootstrap_servers=self.address, enable_auto_commit=False)
        try:
            part = TopicPartition(topic, partition)
            consumer.assign([part])
            if start == "earliest":
                consumer.seek_to_beginning(part)
            else:
                consumer.seek(part, start)
            found, deadline = [], time.monotonic() + 30
            while time.monotonic() < deadline:
                for record in consumer.poll(timeout_ms=500).get(part, []):
                    found.append({"offset": record.offset, "key": (record.key or b"").decode(), "value": record.value.decode(),
                                  "headers": [[name, value.decode()] for name, value in record.headers]})
                    if found[-1]["value"] == until:
                        return {"records": found}
            raise TimeoutError(f"{until[:40]} did not come, only {len(found)} records")
        finally:
            consumer.close()

    def join(self, member, group, topic, instance=None, cooperative=False):
        self.members_by_name[member] = Member(self.address, group, topic)

    def members(self):
        return driver_main.view(self.members_by_name)

    def leave(self, member):
        self.members_by_name.pop(member).leave()

    def admin(self, call, **more):
        client = KafkaAdminClient(bootstrap_servers=self.address)
        try:
            return getattr(self, "_" + call)(client, **more)
        finally:
            client.close()

    def _create_topic(self, client, name, partitions=1, configs=None):
        client.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])

    def _delete_topic(self, client, name):
        client.delete_topics([name])

    def _topics(self, client):
        return {"topics": client.list_topics()}

    def _partitions(self, client, topic):
        return {"partitions": len(client.describe_topics([topic])[0]["partitions"])}

    def _create_partitions(self, client, topic, count):
        client.create_partitions({topic: NewPartitions(count)})

    def _describe_config(self, client, topic, key):
        answer = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])[0].to_object()
        return {"value": next(entry["config_value"] if "config_value" in entry else entry["value"]
                              for entry in answer["resources"][0]["config_entries"] if entry["config_names"] == key)}

    def _alter_config(self, client, topic, key, value):
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})])

    def _cluster(self, client):
        answer = client.describe_cluster()
        return {"brokers": [f"{one['host']}:{one['port']}" for one in answer["brokers"]], "id": answer["cluster_id"]}

    def _groups(self, client):
        return {"groups": [group for group, _ in client.list_consumer_groups()]}

    def _describe_group(self, client, group):
        answer = client.describe_consumer_groups([group])[0]
        return {"state": answer.state, "members": len(answer.members)}

    def _delete_group(self, client, group):
        for _, error in client.delete_consumer_groups([group]):
            if error.errno:
                raise error

    def _committed(self, client, group, topic, partition):
        answer = client.list_consumer_group_offsets(group)
        return {"offset": answer[TopicPartition(topic, partition)].offset}

    def _set_offset(self, client, group, topic, partition, offset):
        # This client's admin has no such call: a consumer of the group outside of it commits.
        consumer = kafka.KafkaConsumer(bootstrap_servers=self.address, group_id=group, enable_auto_commit=False)
        part = TopicPartition(topic, partition)
        consumer.assign([part])
        consumer.commit({part: OffsetAndMetadata(offset, "")})
        consumer.close()

    def _offsets(self, client, topic, partition):
        consumer = kafka.KafkaConsumer(bootstrap_servers=self.address)
        part = TopicPartition(topic, partition)
        answer = {"earliest": consumer.beginning_offsets([part])[part], "latest": consumer.end_offsets([part])[part]}
        consumer.close()
        return answer


if __name__ == "__main__":
    driver_main.run(Driver)
