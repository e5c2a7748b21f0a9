package io.maskstream.cli;

import io.maskstream.dashboard.DashboardConfig;
import io.maskstream.inference.InferenceConfig;
import io.maskstream.ingest.IngestConfig;
import io.maskstream.labeling.LabelingConfig;
import io.maskstream.quality.QualityConfig;
import io.maskstream.routing.RoutingConfig;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.segmentation.store.FileContentStore;
import io.maskstream.service.HttpConfig;
import io.maskstream.service.Settings;
import io.maskstream.trainer.run.TrainLoopConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every section of the configuration file, bound.
 *
 * @param kafka {@code kafka}: client properties by their own names
 * @param topics {@code topics}
 * @param schema {@code schema}
 * @param store {@code store}
 * @param http {@code http}
 * @param ingest {@code ingest}
 * @param inference {@code inference}
 * @param routing {@code routing}
 * @param labeling {@code labeling}
 * @param quality {@code quality}
 * @param dashboard {@code dashboard}
 * @param trainer {@code trainer}
 */
public record LoopSettings(
        Map<String, String> kafka,
        TopicsConfig topics,
        SchemaConfig schema,
        StoreConfig store,
        HttpConfig http,
        IngestConfig ingest,
        InferenceConfig inference,
        RoutingConfig routing,
        LabelingConfig labeling,
        QualityConfig quality,
        DashboardConfig dashboard,
        TrainLoopConfig trainer) {

    /** Where {@code up} has its broker, and a Kafka on this machine usually is. */
    private static final String LOCAL = "localhost:9092";

    /**
     * How the topics are named and laid out.
     *
     * @param prefix {@code topics.prefix}: put before every name
     * @param partitions {@code topics.partitions}: of the topics keyed by image
     */
    public record TopicsConfig(String prefix, int partitions) {
        /** Returns the catalogue's own. */
        public static TopicsConfig defaults() {
            return new TopicsConfig(Topics.DEFAULT_PREFIX, Topics.DEFAULT_PARTITIONS);
        }
    }

    /**
     * The wire form.
     *
     * @param registry the schema registry
     */
    public record SchemaConfig(Registry registry) {
        /** Returns Avro's single-object encoding, which needs no registry. */
        public static SchemaConfig defaults() {
            return new SchemaConfig(Registry.defaults());
        }

        /**
         * A schema registry.
         *
         * @param url {@code schema.registry.url}: where it is; none uses Avro's single-object encoding
         */
        public record Registry(@Nullable String url) {
            /** Returns no registry. */
            public static Registry defaults() {
                return new Registry(null);
            }
        }
    }

    /**
     * The store of large images and models.
     *
     * @param dir {@code store.dir}: its folder, shared by all stages
     */
    public record StoreConfig(Path dir) {
        /** Returns a folder beside the other data. */
        public static StoreConfig defaults() {
            return new StoreConfig(Path.of("data", "store"));
        }
    }

    /**
     * Binds all sections.
     *
     * @throws io.maskstream.service.SettingsException with every problem there is
     */
    public static LoopSettings bind(Settings settings) {
        LoopSettings bound = new LoopSettings(
                settings.map("kafka"),
                settings.bind("topics", TopicsConfig.class),
                settings.bind("schema", SchemaConfig.class),
                settings.bind("store", StoreConfig.class),
                settings.bind("http", HttpConfig.class),
                settings.bind("ingest", IngestConfig.class),
                settings.bind("inference", InferenceConfig.class),
                settings.bind("routing", RoutingConfig.class),
                settings.bind("labeling", LabelingConfig.class),
                settings.bind("quality", QualityConfig.class),
                settings.bind("dashboard", DashboardConfig.class),
                settings.bind("trainer", TrainLoopConfig.class));
        settings.check();
        return bound;
    }

    /** Returns how to reach the cluster. */
    public KafkaConnection connection() {
        Map<String, String> properties = new HashMap<>(kafka);
        properties.putIfAbsent("bootstrap.servers", LOCAL);
        return new KafkaConnection(properties);
    }

    /** Returns the topics in the wire form that is configured. */
    public Topics catalogue() {
        String url = schema.registry().url();
        Map<String, String> wire = url == null ? Map.of() : Map.of(EventSerdes.REGISTRY_URL, url);
        return new Topics(topics.prefix(), topics.partitions(), EventSerdes.of(wire));
    }

    /** Returns the content store. */
    public ContentStore contentStore() throws IOException {
        return new FileContentStore(store.dir());
    }
}
