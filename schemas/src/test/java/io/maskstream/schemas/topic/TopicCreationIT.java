package io.maskstream.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.serde.EventSerdes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicCreationIT {
    private static EmbeddedBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.temporary();
        admin = Admin.create(KafkaConnection.to(broker.bootstrapServers()).with(Map.of()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static Set<String> names(Topics topics) {
        return topics.all().stream().map(Topic::name).collect(Collectors.toSet());
    }

    @Test
    void createsTheCatalogueOnce() throws ExecutionException, InterruptedException {
        Topics topics = new Topics("once.");
        TopicCreation.Report first = TopicCreation.create(admin, topics.all());
        assertThat(Set.copyOf(first.created())).isEqualTo(names(topics));
        assertThat(first.existing()).isEmpty();
        TopicCreation.Report second = TopicCreation.create(admin, topics.all());
        assertThat(second.created()).isEmpty();
        assertThat(Set.copyOf(second.existing())).isEqualTo(names(topics));
        assertThat(second.isAsLaidOut()).isTrue();

        Map<String, String> tasks = config("once.label-tasks");
        assertThat(tasks).containsEntry("cleanup.policy", "compact").containsEntry("max.message.bytes", "16777216");
        assertThat(config("once.annotations")).containsEntry("retention.ms", "-1");
        assertThat(config("once.images")).containsEntry("retention.ms", Long.toString(7L * 24 * 3600 * 1000));
        assertThat(admin.describeTopics(List.of("once.predictions"))
                        .allTopicNames()
                        .get()
                        .values())
                .singleElement()
                .satisfies(found -> assertThat(found.partitions()).hasSize(Topics.DEFAULT_PARTITIONS));
    }

    private static Map<String, String> config(String topic) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get().values().stream()
                .flatMap(config -> config.entries().stream())
                .filter(entry -> entry.value() != null)
                .collect(Collectors.toMap(entry -> entry.name(), entry -> entry.value()));
    }

    @Test
    void reportsWhatDiffersAndLeavesItAlone() throws ExecutionException, InterruptedException {
        Topics topics = new Topics("differs.");
        admin.createTopics(List.of(
                        new NewTopic("differs.images", 2, (short) 1)
                                .configs(Map.of("retention.ms", "1000", "max.message.bytes", "1000000")),
                        new NewTopic("differs.models", 3, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                .all()
                .get();
        TopicCreation.Report report = TopicCreation.create(admin, topics.all());
        assertThat(report.existing()).containsExactlyInAnyOrder("differs.images", "differs.models");
        assertThat(report.differences())
                .extracting(TopicCreation.Difference::topic, TopicCreation.Difference::setting)
                .contains(
                        tuple("differs.images", "partitions"),
                        tuple("differs.images", "retention.ms"),
                        tuple("differs.images", "max.message.bytes"),
                        tuple("differs.models", "partitions"));
        assertThat(report.differences())
                .filteredOn(difference -> difference.topic().equals("differs.images"))
                .first()
                .asString()
                .contains("partitions is 2, expected 4")
                .contains("--alter --topic differs.images --partitions 4");
        assertThat(config("differs.images")).containsEntry("retention.ms", "1000");
    }

    @Test
    void createsEachTopicOnce_whenSeveralProcessesStartTogether() throws ExecutionException, InterruptedException {
        Topics topics = new Topics("race.", 2, EventSerdes.singleObject());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<TopicCreation.Report> create = () -> TopicCreation.create(admin, topics.all());
            int created = 0;
            for (Future<TopicCreation.Report> report : threads.invokeAll(List.of(create, create, create, create))) {
                created += report.get().created().size();
                assertThat(report.get().isAsLaidOut()).isTrue();
            }
            assertThat(created).isEqualTo(topics.all().size());
        } finally {
            threads.shutdownNow();
        }
    }
}
