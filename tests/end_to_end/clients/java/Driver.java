// Driver of the Java client: one JSON request per line in, one JSON answer per line out (see clients/driver.py).
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.AppInfoParser;

public class Driver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static String address;
    private static final Map<String, Member> members = new TreeMap<>();
    private static final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();
    private static Admin admin;

    private static Properties with(Object... pairs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", address);
        for (int i = 0; i < pairs.length; i += 2) {
            properties.put(pairs[i], pairs[i + 1].toString());
        }
        return properties;
    }

    private static KafkaProducer<String, String> producer(Properties properties) {
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Properties properties) {
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static Map<String, Object> produce(JsonNode request) throws Exception {
        Properties properties = with("compression.type", request.get("codec").asText(), "linger.ms", 20,
                "acks", request.path("acks").asInt(-1), "enable.idempotence", request.path("idempotent").asBoolean(false));
        try (KafkaProducer<String, String> producer = producer(properties)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (JsonNode record : request.get("records")) {
                ProducerRecord<String, String> one = new ProducerRecord<>(request.get("topic").asText(),
                        request.get("partition").asInt(), record.get(0).asText(), record.get(1).asText());
                one.headers().add("from", "java".getBytes());
                sent.add(producer.send(one));
            }
            List<Long> offsets = new ArrayList<>();
            for (Future<RecordMetadata> future : sent) {
                offsets.add(future.get(30, TimeUnit.SECONDS).offset());
            }
            return Map.of("offsets", offsets);
        }
    }

    private static Map<String, Object> consume(JsonNode request) {
        boolean committed = request.path("committed").asBoolean(false);
        Properties properties = with("enable.auto.commit", false, "isolation.level", committed ? "read_committed" : "read_uncommitted");
        try (KafkaConsumer<String, String> consumer = consumer(properties)) {
            TopicPartition part = new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
            consumer.assign(List.of(part));
            if (request.get("start").isNumber()) {
                consumer.seek(part, request.get("start").asLong());
            } else {
                consumer.seekToBeginning(List.of(part));
            }
            List<Map<String, Object>> found = new ArrayList<>();
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    List<List<String>> headers = new ArrayList<>();
                    for (Header header : record.headers()) {
                        headers.add(List.of(header.key(), new String(header.value())));
                    }
                    found.add(Map.of("offset", record.offset(), "key", record.key() == null ? "" : record.key(),
                            "value", record.value(), "headers", headers));
                    if (record.value().equals(request.get("until").asText())) {
                        return Map.of("records", found);
                    }
                }
            }
            throw new IllegalStateException("the last record did not come, only " + found.size() + " records");
        }
    }

    /** A member of a group, polling in a thread of its own. */
    private static final class Member implements Runnable {
        private final KafkaConsumer<String, String> consumer;
        private final String topic;
        private final TreeSet<Integer> partitions = new TreeSet<>();
        private final List<String> values = new ArrayList<>();
        private final Thread thread = new Thread(this);
        private volatile boolean leaving;
        private volatile String problem;

        Member(JsonNode request) {
            String strategy = request.path("cooperative").asBoolean(false) ? "CooperativeStickyAssignor" : "RangeAssignor";
            Properties properties = with("group.id", request.get("group").asText(), "auto.offset.reset", "earliest",
                    "session.timeout.ms", 10_000, "heartbeat.interval.ms", 300, "auto.commit.interval.ms", 200,
                    "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + strategy);
            if (request.hasNonNull("instance")) {
                properties.put("group.instance.id", request.get("instance").asText());
            }
            consumer = consumer(properties);
            topic = request.get("topic").asText();
            thread.start();
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                    @Override
                    public void onPartitionsAssigned(Collection<TopicPartition> parts) {
                        synchronized (Member.this) {
                            parts.forEach(part -> partitions.add(part.partition()));
                        }
                    }

                    @Override
                    public void onPartitionsRevoked(Collection<TopicPartition> parts) {
                        synchronized (Member.this) {
                            parts.forEach(part -> partitions.remove(part.partition()));
                        }
                    }
                });
                while (!leaving) {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                        synchronized (this) {
                            values.add(record.value());
                        }
                    }
                }
            } catch (Exception failure) {
                failure.printStackTrace();
                problem = failure.toString();
            }
        }

        synchronized Map<String, Object> view() {
            if (problem != null) {
                throw new IllegalStateException(problem);
            }
            return Map.of("partitions", new ArrayList<>(partitions), "values", new ArrayList<>(values));
        }

        void leave() throws InterruptedException {
            leaving = true;
            thread.join(60_000);
        }
    }

    private static Map<String, Object> transaction(JsonNode request) throws Exception {
        String id = request.get("id").asText();
        KafkaProducer<String, String> producer = producers.get(id);
        if (producer == null) {
            producer = producer(with("transactional.id", id));
            producer.initTransactions();
            producers.put(id, producer);
        }
        String topic = request.get("topic").asText();
        int partition = request.get("partition").asInt();
        producer.beginTransaction();
        for (JsonNode value : request.get("values")) {
            producer.send(new ProducerRecord<>(topic, partition, null, value.asText()));
        }
        if (request.hasNonNull("group")) {
            producer.sendOffsetsToTransaction(
                    Map.of(new TopicPartition(topic, partition), new OffsetAndMetadata(request.get("offset").asLong())),
                    new ConsumerGroupMetadata(request.get("group").asText()));
        }
        if (request.get("commit").asBoolean()) {
            producer.commitTransaction();
        } else {
            producer.flush();
            producer.abortTransaction();
        }
        return Map.of();
    }

    private static <T> T done(org.apache.kafka.common.KafkaFuture<T> future) throws Exception {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw (Exception) failure.getCause();
        }
    }

    private static Map<String, Object> administer(JsonNode request) throws Exception {
        if (admin == null) {
            admin = Admin.create(with());
        }
        String topic = request.path("topic").asText(request.path("name").asText());
        String group = request.path("group").asText();
        TopicPartition part = new TopicPartition(topic, request.path("partition").asInt());
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        switch (request.get("call").asText()) {
            case "create_topic": {
                Map<String, String> configs = new HashMap<>();
                request.path("configs").fields().forEachRemaining(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
                done(admin.createTopics(List.of(new NewTopic(topic, request.path("partitions").asInt(1), (short) 1).configs(configs))).all());
                return Map.of();
            }
            case "delete_topic":
                done(admin.deleteTopics(List.of(topic)).all());
                return Map.of();
            case "topics":
                return Map.of("topics", done(admin.listTopics().names()));
            case "partitions":
                return Map.of("partitions", done(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().size());
            case "create_partitions":
                done(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(request.get("count").asInt()))).all());
                return Map.of();
            case "describe_config":
                return Map.of("value", done(admin.describeConfigs(List.of(resource)).all()).get(resource)
                        .get(request.get("key").asText()).value());
            case "alter_config": {
                ConfigEntry entry = new ConfigEntry(request.get("key").asText(), request.get("value").asText());
                done(admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET)))).all());
                return Map.of();
            }
            case "cluster": {
                List<String> brokers = new ArrayList<>();
                done(admin.describeCluster().nodes()).forEach(node -> brokers.add(node.host() + ":" + node.port()));
                return Map.of("brokers", brokers, "id", done(admin.describeCluster().clusterId()));
            }
            case "delete_records":
                return Map.of("low", done(admin.deleteRecords(
                        Map.of(part, RecordsToDelete.beforeOffset(request.get("offset").asLong()))).lowWatermarks().get(part)).lowWatermark());
            case "groups": {
                List<String> groups = new ArrayList<>();
                done(admin.listGroups().all()).forEach(one -> groups.add(one.groupId()));
                return Map.of("groups", groups);
            }
            case "describe_group": {
                var answer = done(admin.describeConsumerGroups(List.of(group)).all()).get(group);
                return Map.of("state", answer.groupState().toString(), "members", answer.members().size());
            }
            case "delete_group":
                done(admin.deleteConsumerGroups(List.of(group)).all());
                return Map.of();
            case "set_offset":
                done(admin.alterConsumerGroupOffsets(group, Map.of(part, new OffsetAndMetadata(request.get("offset").asLong()))).all());
                return Map.of();
            case "committed":
                return Map.of("offset", done(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).get(part).offset());
            case "offsets":
                return Map.of("earliest", done(admin.listOffsets(Map.of(part, OffsetSpec.earliest())).all()).get(part).offset(),
                        "latest", done(admin.listOffsets(Map.of(part, OffsetSpec.latest())).all()).get(part).offset());
            case "log_dirs": {
                int id = done(admin.describeCluster().nodes()).iterator().next().id();
                long bytes = 0;
                for (LogDirDescription one : done(admin.describeLogDirs(List.of(id)).allDescriptions()).get(id).values()) {
                    for (var replica : one.replicaInfos().entrySet()) {
                        bytes += replica.getKey().topic().equals(topic) ? replica.getValue().size() : 0;
                    }
                }
                return Map.of("bytes", bytes);
            }
            case "delete_offset":
                done(admin.deleteConsumerGroupOffsets(group, Set.of(part)).all());
                return Map.of();
            case "elect":
                return Map.of("problem", done(admin.electLeaders(ElectionType.PREFERRED, Set.of(part)).partitions()).get(part)
                        .map(Throwable::toString).orElse(""));
            case "fence":
                done(admin.fenceProducers(List.of(request.get("id").asText())).all());
                return Map.of();
            case "transaction_state":
                return Map.of("state", done(admin.describeTransactions(List.of(request.get("id").asText())).all())
                        .get(request.get("id").asText()).state().toString());
            case "producers":
                return Map.of("producers", done(admin.describeProducers(List.of(part)).all()).get(part).activeProducers().size());
            case "transactions": {
                List<String> ids = new ArrayList<>();
                done(admin.listTransactions().all()).forEach(one -> ids.add(one.transactionalId()));
                return Map.of("ids", ids);
            }
            default:
                throw new IllegalArgumentException("no admin call " + request.get("call").asText());
        }
    }

    private static Map<String, Object> answer(JsonNode request) throws Exception {
        switch (request.get("op").asText()) {
            case "produce":
                return produce(request);
            case "consume":
                return consume(request);
            case "transaction":
                return transaction(request);
            case "join":
                members.put(request.get("member").asText(), new Member(request));
                return Map.of();
            case "leave":
                members.remove(request.get("member").asText()).leave();
                return Map.of();
            case "members": {
                Map<String, Object> views = new HashMap<>();
                members.forEach((name, member) -> views.put(name, member.view()));
                return Map.of("members", views);
            }
            case "admin":
                return administer(request);
            default:
                throw new IllegalArgumentException("no operation " + request.get("op").asText());
        }
    }

    public static void main(String[] words) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        address = words[0];
        answers.println(JSON.writeValueAsString(Collections.singletonMap("client", "java " + AppInfoParser.getVersion())));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Map<String, Object> answer;
            try {
                answer = answer(JSON.readTree(line));
            } catch (Exception failure) {
                failure.printStackTrace();
                answer = Map.of("error", failure.toString());
            }
            answers.println(JSON.writeValueAsString(answer));
        }
        System.exit(0);
    }
}
