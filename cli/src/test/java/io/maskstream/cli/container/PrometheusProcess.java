package io.maskstream.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Prometheus from the machine's packages, with the project's own scrape configuration. */
final class PrometheusProcess implements AutoCloseable {
    private static final Path MONITORING = Path.of("..", "monitoring");

    private final Process process;
    private final URI url;
    private final HttpClient client = HttpClient.newHttpClient();

    /**
     * @param directory for its data and configuration
     * @param addresses of the services that the configuration names
     */
    PrometheusProcess(Path directory, Map<String, String> addresses) throws IOException {
        String configuration = Files.readString(MONITORING.resolve("prometheus.yml"));
        for (Map.Entry<String, String> service : addresses.entrySet()) {
            configuration = configuration.replace("[" + service.getKey() + ":", "[" + service.getValue() + ":");
        }
        Path file = Files.writeString(directory.resolve("prometheus.yml"), configuration);
        Files.copy(MONITORING.resolve("alerts.yml"), directory.resolve("alerts.yml"));
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        url = URI.create("http://127.0.0.1:" + port + "/");
        process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + file,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile())
                .start();
    }

    static boolean isThere() throws InterruptedException {
        return Command.works(List.of("prometheus", "--version"));
    }

    /** Returns the value of an expression that has one; NaN before there is any. */
    double value(String expression) throws IOException, InterruptedException {
        URI query = url.resolve("api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        HttpResponse<String> answer;
        try {
            answer = client.send(HttpRequest.newBuilder(query).build(), BodyHandlers.ofString());
        } catch (ConnectException e) {
            return Double.NaN; // still starting
        }
        JsonNode result = new ObjectMapper().readTree(answer.body()).at("/data/result");
        return result.isEmpty() ? Double.NaN : result.get(0).at("/value/1").asDouble();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
