package io.maskstream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpServerTest {
    private static final String ANNA = "0123456789abcdef-anna";
    private static final String OTTO = "0123456789abcdef-otto";

    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server = new HttpServer(HttpConfig.defaults().withPort(0), Authenticator.open());

    @TempDir
    private Path directory;

    @BeforeAll
    static void letTheClientSetTheHost() {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void answersEveryone_whenThereAreNoTokens() throws Exception {
        start();
        assertThat(get("/operate").statusCode()).isEqualTo(200);
        assertThat(get("/operate").body()).isEqualTo("local");
    }

    @Test
    void asksForAToken_whenThereIsNone() throws Exception {
        startWithTokens();
        HttpResponse<String> answer = get("/look");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).contains("\"error\":\"this needs a token\"").contains("\"remedy\"");
        assertThat(get("/look", "Authorization", "Bearer " + ANNA + "x").statusCode())
                .isEqualTo(401);
    }

    @Test
    void refusesARole_whenItIsTooSmall() throws Exception {
        startWithTokens();
        assertThat(get("/look", "Authorization", "Bearer " + ANNA).body()).isEqualTo("anna");
        assertThat(get("/operate", "Authorization", "Bearer " + ANNA).statusCode())
                .isEqualTo(403);
        assertThat(get("/operate", "Authorization", "Bearer " + OTTO).statusCode())
                .isEqualTo(200);
    }

    @Test
    void keepsTheTokenInACookie_whenAPersonSignsIn() throws Exception {
        startWithTokens();
        HttpRequest signIn = request("/api/login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("token=" + ANNA))
                .build();
        String cookie = client.send(signIn, BodyHandlers.ofString())
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow();
        assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict");
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertThat(get("/look", "Cookie", pair).body()).isEqualTo("anna");
    }

    @Test
    void sendsABrowserToTheSignInPage_whenItHasNoToken() throws Exception {
        startWithTokens();
        HttpResponse<String> answer = get("/look", "Accept", "text/html");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).contains("/login");
        assertThat(get("/login").body()).contains("Your token");
    }

    @Test
    void refusesAForeignHostName_whenBoundToThisMachine() throws Exception {
        start();
        assertThat(get("/look", "Host", "evil.example:" + server.port()).statusCode())
                .isEqualTo(421);
    }

    @Test
    void refusesAWrite_whenAnotherSitesPageSendsIt() throws Exception {
        start();
        HttpRequest foreign = request("/write")
                .header("Origin", "http://evil.example")
                .POST(BodyPublishers.ofString("x"))
                .build();
        assertThat(client.send(foreign, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        HttpRequest own = request("/write")
                .header("Origin", "http://localhost:" + server.port())
                .POST(BodyPublishers.ofString("x"))
                .build();
        assertThat(client.send(own, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesABody_whenItIsTooLarge() throws Exception {
        HttpConfig small = new HttpConfig("127.0.0.1", 0, List.of(), List.of(), null, false, 1024);
        server = new HttpServer(small, Authenticator.open());
        start();
        HttpRequest large = request("/write")
                .POST(BodyPublishers.ofByteArray(new byte[2048]))
                .build();
        HttpResponse<String> answer = client.send(large, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("at most 1024 bytes");
    }

    @Test
    void answersInJson_whenSomethingIsWrong() throws Exception {
        start();
        assertThat(get("/nothing-here").statusCode()).isEqualTo(404);
        assertThat(get("/nothing-here").body()).contains("\"error\"");
        HttpResponse<String> broken = get("/break");
        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(broken.body()).doesNotContain("secret detail");
    }

    @Test
    void servesLibrariesWithoutTheirVersion_whenTheyAreWebJars() throws Exception {
        start();
        HttpResponse<String> script = get("/webjars/uplot/dist/uPlot.esm.js");
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(script.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/javascript");
        assertThat(script.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'self'");
        assertThat(get("/web/../application.properties").statusCode()).isEqualTo(404);
        assertThat(get("/web/..%2f..%2flogback.xml").statusCode()).isIn(400, 404);
    }

    @Test
    void reportsEveryPart_whenAskedForHealth() throws Exception {
        server.health("routing", () -> true).health("inference", () -> false);
        start();
        HttpResponse<String> answer = get("/health");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"routing\":\"ok\"").contains("\"inference\":\"failed\"");
    }

    @Test
    void showsJvmFigures_whenScraped() throws Exception {
        try (ProcessMetrics metrics = new ProcessMetrics()) {
            server.metrics(metrics);
            start();
            assertThat(get("/metrics").body()).contains("jvm_memory_used_bytes");
        }
    }

    @Test
    void doesNotListenToOthers_whenThereAreNoTokens() {
        HttpConfig everywhere = new HttpConfig("0.0.0.0", 0, List.of(), List.of(), null, false, 4096);
        assertThatThrownBy(() -> new HttpServer(everywhere, Authenticator.open()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http.tokens");
    }

    @Test
    void namesTheHolderOnly_whenATokenIsTooShort() {
        HttpConfig config =
                new HttpConfig("127.0.0.1", 0, List.of(), List.of("anna:viewer:short-one"), null, false, 4096);
        assertThatThrownBy(() -> Authenticator.of(config))
                .hasMessageContaining("anna")
                .hasMessageContaining("at least 16")
                .hasMessageNotContaining("short-one");
    }

    @Test
    void saysWhichPort_whenItIsTaken() throws Exception {
        start();
        HttpServer second = new HttpServer(HttpConfig.defaults().withPort(server.port()), Authenticator.open());
        assertThatThrownBy(second::start)
                .hasMessageContaining(":" + server.port())
                .hasMessageContaining("--port");
    }

    private void start() {
        server.route(
                        HandlerType.GET,
                        "/look",
                        Role.VIEWER,
                        context -> context.result(HttpServer.identity(context).name()))
                .route(
                        HandlerType.GET,
                        "/operate",
                        Role.OPERATOR,
                        context -> context.result(HttpServer.identity(context).name()))
                .route(
                        HandlerType.POST,
                        "/write",
                        Role.VIEWER,
                        context -> context.result(Integer.toString(context.bodyAsBytes().length)))
                .route(HandlerType.GET, "/break", Role.VIEWER, context -> {
                    throw new IllegalStateException("secret detail");
                })
                .start();
    }

    private void startWithTokens() throws IOException {
        Path file = Files.writeString(directory.resolve("tokens"), "# people\notto:operator:" + OTTO + "\n");
        HttpConfig config =
                new HttpConfig("127.0.0.1", 0, List.of(), List.of("anna:viewer:" + ANNA), file, false, 4096);
        server = new HttpServer(config, Authenticator.of(config));
        start();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path).GET();
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path));
    }
}
