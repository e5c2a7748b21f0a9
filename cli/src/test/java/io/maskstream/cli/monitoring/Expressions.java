package io.maskstream.cli.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The PromQL expressions of the rules and dashboards, and which series they ask for. */
final class Expressions {
    private static final Pattern RULE = Pattern.compile("(?m)^\\s*expr: (.+)$");
    private static final Pattern SELECTOR = Pattern.compile("([a-z_:][a-zA-Z0-9_:]*)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
    private static final Pattern NAME = Pattern.compile("\\b([a-z_:][a-zA-Z0-9_:]*)\\b(?!\\s*\\()");
    private static final Set<String> WORDS =
            Set.of("and", "or", "unless", "bool", "offset", "group_left", "group_right");

    /** Made by Prometheus itself. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up");

    /** Labels that the scrape configuration adds. */
    private static final Set<String> OF_THE_SCRAPE = Set.of("job", "instance", "stage");

    private Expressions() {}

    /** Returns the expressions of a file of alert rules. */
    static List<String> ofRules(Path file) throws IOException {
        List<String> expressions = new ArrayList<>();
        Matcher rule = RULE.matcher(Files.readString(file));
        while (rule.find()) {
            expressions.add(rule.group(1));
        }
        return expressions;
    }

    /** Returns the expressions of a Grafana dashboard, those of its annotations too. */
    static List<String> ofDashboard(Path file) throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
        List<String> expressions = new ArrayList<>();
        dashboard.findValues("expr").forEach(expression -> expressions.add(expression.asText()));
        return expressions;
    }

    /** Returns the names of the metrics that an expression reads. */
    static Set<String> metrics(String expression) {
        String bare = GROUPING.matcher(expression.replaceAll("\"[^\"]*\"", ""))
                .replaceAll(" ")
                .replaceAll("\\{[^}]*}", "")
                .replaceAll("\\[[^]]*]", "");
        Set<String> names = new TreeSet<>();
        Matcher name = NAME.matcher(bare);
        while (name.find()) {
            if (!WORDS.contains(name.group(1))) {
                names.add(name.group(1));
            }
        }
        names.removeAll(OF_PROMETHEUS);
        return names;
    }

    /** Returns, for each selected metric of an expression, the label values that the stage itself has to set. */
    static Map<String, Set<String>> labels(String expression) {
        Map<String, Set<String>> labels = new TreeMap<>();
        Matcher selector = SELECTOR.matcher(expression);
        while (selector.find()) {
            Matcher matcher = MATCHER.matcher(selector.group(2));
            while (matcher.find()) {
                if (!OF_THE_SCRAPE.contains(matcher.group(1)) && !OF_PROMETHEUS.contains(selector.group(1))) {
                    labels.computeIfAbsent(selector.group(1), metric -> new TreeSet<>())
                            .add(matcher.group(1) + "=\"" + matcher.group(2) + "\"");
                }
            }
        }
        return labels;
    }
}
