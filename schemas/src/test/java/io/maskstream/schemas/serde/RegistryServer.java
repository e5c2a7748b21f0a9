package io.maskstream.schemas.serde;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two calls of the Apicurio registry's API, version 3, that the serdes make, over real HTTP: register a schema, and
 * return the schema of a content id. A registry itself is a server application that no build can start in its process.
 */
final class RegistryServer implements AutoCloseable {
    private static final Pattern BY_CONTENT_ID = Pattern.compile(".*/ids/contentIds/(\\d+).*");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final List<String> schemas = new ArrayList<>();
    final List<String> requests = new ArrayList<>();

    RegistryServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/apis/registry/v3";
    }

    /** Keeps a schema as if another process had registered it, and returns its content id. */
    synchronized int keep(String schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        return schemas.indexOf(schema) + 1;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(exchange.getRequestMethod() + " " + path);
        Matcher byId = BY_CONTENT_ID.matcher(path);
        if (path.contains("/references")) {
            respond(exchange, 200, "[]");
        } else if (byId.matches() && Integer.parseInt(byId.group(1)) <= schemas.size()) {
            respond(exchange, 200, schemas.get(Integer.parseInt(byId.group(1)) - 1));
        } else if (exchange.getRequestMethod().equals("POST")) {
            int id =
                    keep(JSON.readTree(body).findPath("content").path("content").asText());
            respond(
                    exchange,
                    200,
                    "{\"artifact\":{\"groupId\":\"default\",\"artifactId\":\"t\",\"artifactType\":\"AVRO\"},"
                            + "\"version\":{\"groupId\":\"default\",\"artifactId\":\"t\",\"version\":\"1\","
                            + "\"artifactType\":\"AVRO\",\"globalId\":" + (100 + id) + ",\"contentId\":" + id + "}}");
        } else {
            respond(exchange, 404, "{\"status\":404,\"title\":\"no such schema\",\"name\":\"NotFound\"}");
        }
    }

    private static void respond(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
