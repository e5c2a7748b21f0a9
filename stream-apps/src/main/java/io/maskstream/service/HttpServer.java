package io.maskstream.service;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.SameSite;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of a process: routes with a role each, pages from the class path, {@code /metrics} and {@code /health}.
 *
 * <p>Add routes and pages, then {@link #start}. Nothing is open by accident: a path without a route is refused, a route
 * without a sufficient token is refused, and without tokens the server listens on this machine only. Requests under a
 * foreign host name (DNS rebinding) and writing requests that another site's page sends are refused as well. Every error
 * is JSON: {@code {"error": …, "remedy": …}}.
 *
 * <p>A person signs in on {@code /login}, which keeps the token in a cookie that scripts cannot read; programs send it
 * as {@code Authorization: Bearer …}.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final String COOKIE = "maskstream_token";
    private static final String IDENTITY = "maskstream.identity";
    private static final int COOKIE_SECONDS = 30 * 24 * 3600;
    private static final int MOST_THREADS = 24;
    private static final String POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
            + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private final HttpConfig config;
    private final Authenticator authenticator;
    private final List<Route> routes = new ArrayList<>();
    private final Map<String, Supplier<Boolean>> health = new LinkedHashMap<>();
    private @Nullable Javalin javalin;

    private record Route(HandlerType method, String path, Role role, Handler handler) {}

    /**
     * @throws IllegalArgumentException if the address is reachable from other machines and there are no tokens
     */
    public HttpServer(HttpConfig config, Authenticator authenticator) {
        if (authenticator.isOpen() && !config.isLoopback()) {
            throw new IllegalArgumentException("http.bind is " + config.bind()
                    + ", which other machines reach, and there are no tokens; set http.tokens or http.tokens-file,"
                    + " or bind to 127.0.0.1");
        }
        this.config = config;
        this.authenticator = authenticator;
        route(HandlerType.GET, "/health", Role.PUBLIC, this::answerHealth);
        route(HandlerType.POST, "/api/login", Role.PUBLIC, this::login);
        route(HandlerType.GET, "/web/<file>", Role.PUBLIC, HttpServer::servePageFile);
        route(HandlerType.GET, "/webjars/<file>", Role.PUBLIC, HttpServer::serveLibrary);
        page("/login", "login", Role.PUBLIC);
    }

    /**
     * Adds a route; before {@link #start}.
     *
     * @param path as Javalin reads it, {@code /api/label/{task}} for a segment, {@code <rest>} for several
     * @param role who may use it
     */
    public HttpServer route(HandlerType method, String path, Role role, Handler handler) {
        if (javalin != null) {
            throw new IllegalStateException("the server has started; add " + path + " before");
        }
        routes.add(new Route(method, path, role, handler));
        return this;
    }

    /**
     * Adds a page: {@code path} answers with {@code /web/<name>/index.html} of the class path. Its other files, which the page
     * names as {@code /web/<name>/…}, and libraries as {@code /webjars/<library>/…}, need no token; what they show does.
     */
    public HttpServer page(String path, String name, Role role) {
        return route(
                HandlerType.GET,
                path,
                role,
                context -> serve(context, name + "/index.html", WebResources.page(name + "/index.html")));
    }

    /** Adds {@code /metrics} in the Prometheus text format. */
    public HttpServer metrics(ProcessMetrics metrics) {
        return route(
                HandlerType.GET,
                "/metrics",
                config.publicMetrics() ? Role.PUBLIC : Role.VIEWER,
                context -> context.contentType(ProcessMetrics.CONTENT_TYPE).result(metrics.scrape()));
    }

    /** Adds a part whose state {@code /health} reports: 200 while all are well, else 503. */
    public HttpServer health(String part, Supplier<Boolean> isHealthy) {
        health.put(part, isHealthy);
        return this;
    }

    /** Returns who sends this request; for use in handlers. */
    public static Identity identity(Context context) {
        return Objects.requireNonNull(context.attribute(IDENTITY), "the request has not passed the server's check");
    }

    /**
     * Starts to listen.
     *
     * @throws IllegalStateException if the port is taken, saying which
     */
    public HttpServer start() {
        Javalin started = Javalin.create(this::configure);
        try {
            started.start(config.bind(), config.port());
        } catch (RuntimeException e) {
            started.stop();
            throw new IllegalStateException(
                    "cannot listen on " + config.bind() + ":" + config.port()
                            + "; choose another port (http.port or --port), or stop the process that uses it",
                    e);
        }
        javalin = started;
        LOG.info("Serving on {}", url());
        return this;
    }

    /** Returns the port it listens on. */
    public int port() {
        return Objects.requireNonNull(javalin, "the server has not started").port();
    }

    /** Returns the address of the root, with a slash at its end. */
    public URI url() {
        String host = config.isLoopback() ? "localhost" : config.bind();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/");
    }

    @Override
    public void close() {
        Javalin running = javalin;
        if (running != null) {
            running.stop();
        }
    }

    private void configure(JavalinConfig javalinConfig) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.startup.startupWatcherEnabled = false;
        javalinConfig.http.maxRequestSize = config.maxBodyBytes();
        javalinConfig.http.prefer405over404 = true;
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 4);
        threads.setName("http");
        javalinConfig.jetty.threadPool = threads;
        javalinConfig.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        for (Route route : routes) {
            javalinConfig.routes.addHttpHandler(route.method, route.path, guarded(route));
        }
        javalinConfig.routes.before(HttpServer::setHeaders);
        javalinConfig.routes.exception(
                HttpProblem.class,
                (problem, context) ->
                        answer(context, problem.status(), String.valueOf(problem.getMessage()), problem.remedy()));
        javalinConfig.routes.exception(
                HttpResponseException.class,
                (problem, context) -> answer(
                        context,
                        problem.getStatus(),
                        String.valueOf(problem.getMessage()),
                        problem.getStatus() == 413
                                ? "send at most " + config.maxBodyBytes() + " bytes"
                                : "check the method, the path and the parameters"));
        javalinConfig.routes.exception(Exception.class, (problem, context) -> {
            String id = UUID.randomUUID().toString();
            LOG.error("Request {} {} failed ({})", context.method(), context.path(), id, problem);
            answer(context, 500, "the server failed (" + id + ")", "look for that id in the server's log");
        });
    }

    private Handler guarded(Route route) {
        return context -> {
            refuseForeignHost(context);
            if (!route.method.equals(HandlerType.GET) && !route.method.equals(HandlerType.HEAD)) {
                refuseOtherSites(context);
            }
            Identity identity = authenticator.identify(token(context));
            if (!route.role.equals(Role.PUBLIC)) {
                if (identity == null) {
                    if (isPageRequest(context)) {
                        context.redirect("/login");
                        return;
                    }
                    throw new HttpProblem(
                            401, "this needs a token", "sign in on /login, or send Authorization: Bearer <token>");
                }
                if (!identity.role().includes(route.role)) {
                    throw new HttpProblem(
                            403,
                            "this needs the role " + route.role.name().toLowerCase(Locale.ROOT),
                            "ask an operator for a token with it");
                }
            }
            context.attribute(IDENTITY, identity == null ? new Identity("anonymous", Role.PUBLIC) : identity);
            route.handler.handle(context);
        };
    }

    private static boolean isPageRequest(Context context) {
        String accept = context.header("Accept");
        return context.method().equals(HandlerType.GET) && accept != null && accept.contains("text/html");
    }

    private static @Nullable String token(Context context) {
        String header = context.header("Authorization");
        if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return header.substring(7).strip();
        }
        return context.cookie(COOKIE);
    }

    /** A page of another site can point its own name at this machine; the name it used gives it away. */
    private void refuseForeignHost(Context context) {
        if (!config.isLoopback() && config.hosts().isEmpty()) {
            return; // tokens are set, and a foreign name carries no cookie of ours
        }
        Set<String> allowed = new HashSet<>(config.hosts());
        allowed.add(config.bind());
        if (config.isLoopback()) {
            allowed.addAll(List.of("localhost", "127.0.0.1", "::1"));
        }
        String host = hostOf("http://" + context.header("Host"));
        if (host == null || !allowed.contains(host)) {
            throw new HttpProblem(
                    421, "this server is not known as " + host, "add the name to http.hosts, or use " + config.bind());
        }
    }

    private static void refuseOtherSites(Context context) {
        String origin = context.header("Origin");
        if (origin != null
                && !origin.equals("http://" + context.header("Host"))
                && !origin.equals("https://" + context.header("Host"))) {
            throw new HttpProblem(403, "a page of " + origin + " may not do this", "use this server's own pages");
        }
    }

    private static @Nullable String hostOf(String url) {
        try {
            String host = URI.create(url).getHost();
            return host == null ? null : host.replace("[", "").replace("]", "").toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static void setHeaders(Context context) {
        context.header("Content-Security-Policy", POLICY);
        context.header("X-Content-Type-Options", "nosniff");
        context.header("X-Frame-Options", "DENY");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cross-Origin-Resource-Policy", "same-origin");
        context.header("Cache-Control", "no-store");
    }

    private void login(Context context) {
        String token = context.formParam("token");
        Identity identity = authenticator.identify(token);
        if (identity == null || token == null) {
            throw new HttpProblem(401, "no such token", "ask an operator for one");
        }
        // Not Secure: behind plain HTTP on a trusted network the browser would drop the cookie.
        context.cookie(new Cookie(COOKIE, token, "/", COOKIE_SECONDS, false, true, null, SameSite.STRICT));
        context.json(Map.of("name", identity.name(), "role", identity.role().name()));
    }

    private void answerHealth(Context context) {
        Map<String, String> parts = new LinkedHashMap<>();
        boolean well = true;
        for (Map.Entry<String, Supplier<Boolean>> part : health.entrySet()) {
            boolean partIsWell = part.getValue().get();
            well &= partIsWell;
            parts.put(part.getKey(), partIsWell ? "ok" : "failed");
        }
        context.status(well ? 200 : 503).json(Map.of("status", well ? "ok" : "failed", "parts", parts));
    }

    private static void servePageFile(Context context) throws IOException {
        String file = context.pathParam("file");
        serve(context, file, WebResources.page(file));
    }

    private static void serveLibrary(Context context) throws IOException {
        String file = context.pathParam("file");
        serve(context, file, WebResources.library(file));
    }

    private static void serve(Context context, String file, byte @Nullable [] content) {
        if (content == null) {
            throw new HttpProblem(404, "there is no " + file, "check the path");
        }
        context.header("Cache-Control", "no-cache");
        context.contentType(WebResources.typeOf(file)).result(content);
    }

    private static void answer(Context context, int status, String error, String remedy) {
        context.status(status).json(Map.of("error", error, "remedy", remedy));
    }
}
