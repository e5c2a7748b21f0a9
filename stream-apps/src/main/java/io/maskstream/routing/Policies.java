package io.maskstream.routing;

import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.util.ArrayList;
import java.util.List;

/** What a routing policy must hold before it may rule; whoever sends one asks here first. */
public final class Policies {
    private Policies() {}

    /**
     * Returns the policy, if it is sound.
     *
     * @throws IllegalArgumentException naming every field that is not, with what was expected
     */
    public static RoutingPolicy check(RoutingPolicy policy) {
        List<String> problems = problems(policy);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "routing policy " + policy.getVersion() + ": " + String.join("; ", problems));
        }
        return policy;
    }

    private static List<String> problems(RoutingPolicy policy) {
        List<String> problems = new ArrayList<>();
        if (policy.getVersion().isBlank()) {
            problems.add("version is empty, expected a name not used before");
        }
        if (policy.getScore().isBlank()) {
            problems.add("score is empty, expected the name of an image score such as regions");
        }
        boolean quantiles = policy.getThresholds() == ThresholdKind.QUANTILE;
        if (quantiles) {
            share("learnAtMost", policy.getLearnAtMost(), problems);
            share("askAtLeast", policy.getAskAtLeast(), problems);
        }
        if (!(policy.getLearnAtMost() < policy.getAskAtLeast())) {
            problems.add("learnAtMost is " + policy.getLearnAtMost() + ", expected below askAtLeast, which is "
                    + policy.getAskAtLeast());
        }
        share("auditShare", policy.getAuditShare(), problems);
        share("randomArmShare", policy.getRandomArmShare(), problems);
        share("evaluationShare", policy.getEvaluationShare(), problems);
        share("coldStartShare", policy.getColdStartShare(), problems);
        if (!(policy.getTasksPerHour() >= 0) || Double.isInfinite(policy.getTasksPerHour())) {
            problems.add("tasksPerHour is " + policy.getTasksPerHour() + ", expected a finite number from 0 up");
        }
        if (!(policy.getBurst() >= 0) || Double.isInfinite(policy.getBurst())) {
            problems.add("burst is " + policy.getBurst() + ", expected a finite number from 0 up");
        }
        return problems;
    }

    private static void share(String name, double value, List<String> problems) {
        if (!(value >= 0 && value <= 1)) {
            problems.add(name + " is " + value + ", expected a share from 0 to 1");
        }
    }
}
