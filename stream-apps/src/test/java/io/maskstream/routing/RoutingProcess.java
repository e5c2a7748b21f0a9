package io.maskstream.routing;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;

/** Routing in a process of its own, to be killed by {@link RoutingAppIT}. Arguments: brokers, prefix, state directory. */
final class RoutingProcess {
    private RoutingProcess() {}

    public static void main(String[] arguments) throws IOException {
        RoutingApp app = new RoutingApp(
                config(Path.of(arguments[2])),
                KafkaConnection.to(arguments[0]),
                new Topics(arguments[1]),
                new SimpleMeterRegistry());
        app.start();
        while (System.in.read() >= 0) {
            // lives until it is killed, or its parent is gone
        }
        app.close();
    }

    static RoutingConfig config(Path stateDir) {
        RoutingConfig drawn = RoutingExamples.config(RoutingExamples.policy()
                .setAuditShare(0.1)
                .setRandomArmShare(0.1)
                .setEvaluationShare(0.1)
                .setBurst(400)
                .setTasksPerHour(0)
                .build());
        return new RoutingConfig(
                drawn.applicationId(),
                stateDir,
                drawn.commitInterval(),
                2,
                drawn.line(),
                drawn.salt(),
                drawn.policyVersion(),
                drawn.score(),
                drawn.thresholds(),
                drawn.learnAtMost(),
                drawn.askAtLeast(),
                drawn.auditShare(),
                drawn.randomArmShare(),
                drawn.evaluationShare(),
                drawn.coldStartShare(),
                drawn.tasksPerHour(),
                drawn.burst());
    }
}
