package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.TopicLayout;
import io.maskstream.service.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Creates and lists the topics of the loop. */
@Command(name = "topics", description = "Create or list the topics of the loop.", mixinStandardHelpOptions = true)
public final class TopicsCommand {
    private static final long PATIENCE_SECONDS = 20;

    @Command(
            name = "create",
            description = "Create the topics that are missing; existing ones stay as they are.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--partitions", description = "Partitions of the topics keyed by image.") @Nullable
                    Integer partitions)
            throws Exception {
        LoopSettings settings =
                options.load(partitions == null ? Map.of() : Map.of("topics.partitions", Integer.toString(partitions)));
        TopicCreation.Report report;
        try (Admin admin = connect(settings)) {
            report = TopicCreation.create(admin, settings.catalogue().all());
        }
        output.show(
                Map.of(
                        "created", report.created(),
                        "existing", report.existing(),
                        "differences",
                                report.differences().stream()
                                        .map(Object::toString)
                                        .toList()),
                out -> {
                    report.created().forEach(name -> out.println("created " + name));
                    report.existing().forEach(name -> out.println("exists  " + name));
                    report.differences().forEach(difference -> out.println("differs " + difference));
                });
        return (report.isAsLaidOut() ? ExitCode.OK : ExitCode.FAILED).code();
    }

    @Command(
            name = "list",
            description = "List the topics of the catalogue, and whether the cluster has them.",
            mixinStandardHelpOptions = true)
    int list(@Mixin LoopOptions options, @Mixin Output output) throws Exception {
        LoopSettings settings = options.load();
        Set<String> present;
        try (Admin admin = connect(settings)) {
            present = admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        Table table = new Table("topic", "partitions", "kept", "present");
        for (Topic<String, ?> topic : settings.catalogue().all()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", topic.name());
            row.put("partitions", topic.layout().partitions());
            row.put("kept", kept(topic.layout()));
            row.put("present", present.contains(topic.name()));
            rows.add(row);
            table.row(row.values().toArray());
        }
        output.show(rows, table::print);
        return 0;
    }

    /** Connects and waits for an answer, so that a cluster that is away is one line and not a flood of retries. */
    static Admin connect(LoopSettings settings) throws InterruptedException {
        Admin admin = Admin.create(settings.connection().with(Map.of()));
        try {
            admin.describeCluster().nodes().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return admin;
        } catch (TimeoutException | ExecutionException e) {
            admin.close();
            throw new IllegalStateException(
                    "no Kafka answers at " + settings.connection().bootstrapServers()
                            + "; check kafka.bootstrap.servers (-b), and that the brokers run",
                    e);
        }
    }

    private static String kept(TopicLayout layout) {
        if (layout.compacted()) {
            return "last of each key";
        }
        return layout.retention() == null ? "for ever" : layout.retention().toDays() + " days";
    }
}
