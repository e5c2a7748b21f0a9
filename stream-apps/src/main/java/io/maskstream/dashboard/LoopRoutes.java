package io.maskstream.dashboard;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.maskstream.service.HttpProblem;
import io.maskstream.service.HttpServer;
import io.maskstream.service.Role;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;

/**
 * The page {@code /} and its API.
 *
 * <ul>
 *   <li>{@code GET /api/loop/state}: a {@link LoopSnapshot}; meant to be asked for once a second
 *   <li>{@code GET /api/loop/chart}: a {@link LoopChart}; asked for when {@code chartRevision} has changed
 *   <li>{@code GET /api/loop/picture/{imageId}/{thumbnail|overlay|heat}}: a JPEG of a recent prediction
 * </ul>
 */
public final class LoopRoutes {
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new SimpleModule("instants").addSerializer(Instant.class, new InstantAsText()));

    private final LoopView view;

    private LoopRoutes(LoopView view) {
        this.view = view;
    }

    /** Adds the page and its API to a server that has not started. */
    public static void on(HttpServer server, LoopView view) {
        LoopRoutes routes = new LoopRoutes(view);
        server.page("/", "loop", Role.VIEWER)
                .route(HandlerType.GET, "/api/loop/state", Role.VIEWER, routes::state)
                .route(HandlerType.GET, "/api/loop/chart", Role.VIEWER, routes::chart)
                .route(HandlerType.GET, "/api/loop/picture/{imageId}/{kind}", Role.VIEWER, routes::picture);
    }

    private void state(Context context) throws IOException {
        context.contentType("application/json").result(JSON.writeValueAsBytes(view.snapshot()));
    }

    private void chart(Context context) throws IOException {
        context.contentType("application/json").result(JSON.writeValueAsBytes(view.chart()));
    }

    private void picture(Context context) {
        String imageId = context.pathParam("imageId");
        byte[] jpeg;
        try {
            jpeg = view.pictures().draw(imageId, kind(context.pathParam("kind")));
        } catch (IOException e) {
            throw new HttpProblem(
                    422, "image " + imageId + " cannot be drawn: " + e.getMessage(), "look for it in the dead letters");
        }
        if (jpeg == null) {
            throw new HttpProblem(
                    404, "no picture of image " + imageId + " is kept", "ask for one of the last decisions");
        }
        // The address names the model version, so what it shows never changes.
        context.header("Cache-Control", "private, max-age=3600");
        context.contentType("image/jpeg").result(jpeg);
    }

    private static Pictures.Kind kind(String name) {
        for (Pictures.Kind kind : Pictures.Kind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw new HttpProblem(404, "there is no picture of kind " + name, "ask for thumbnail, overlay or heat");
    }

    private static final class InstantAsText extends StdSerializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantAsText() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant instant, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(instant.toString());
        }
    }
}
