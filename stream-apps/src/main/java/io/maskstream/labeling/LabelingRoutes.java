package io.maskstream.labeling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.maskstream.labeling.LabelDesk.NotNowException;
import io.maskstream.labeling.LabelDesk.Offer;
import io.maskstream.labeling.LabelDesk.Submission;
import io.maskstream.labeling.task.TaskCommand;
import io.maskstream.labeling.task.Verdict;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.segmentation.mask.ClassColours;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import io.maskstream.service.HttpProblem;
import io.maskstream.service.HttpServer;
import io.maskstream.service.Identity;
import io.maskstream.service.Role;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The label desk over HTTP, under {@code /api/label/}, and its page, {@code /label}.
 *
 * <p>{@code POST next} answers with a task or 204; {@code GET task}, {@code task/image}, {@code task/mask} and
 * {@code task/confidence} show it; {@code POST task/renew}, {@code task/submit}, {@code task/skip}, {@code task/release} and
 * {@code task/reject} act on it; {@code GET status} counts, {@code GET me} says who asks, and {@code GET classes} names the classes. A task is named by the
 * parameter {@code id}, since an image id may hold any character. Bodies are JSON; {@code requestId} makes a request
 * safe to repeat.
 *
 * <p>Who asks is the holder of the token. On a server without tokens it is whoever the header {@value #ANNOTATOR} says,
 * percent-encoded, since then everybody on the machine is trusted.
 */
public final class LabelingRoutes {
    /** The header with the annotator's name, for servers without tokens. */
    public static final String ANNOTATOR = "X-Maskstream-Annotator";

    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_NOTE = 1000;
    private static final int LONGEST_REQUEST_ID = 100;
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true);

    private final LabelingConfig config;
    private final LabelDesk desk;
    private final TaskImages images;

    private LabelingRoutes(LabelingApp app) {
        this.config = app.config();
        this.desk = app.desk();
        this.images = app.images();
    }

    /** Returns the routes to the desk of this app. */
    public static LabelingRoutes of(LabelingApp app) {
        return new LabelingRoutes(app);
    }

    /**
     * The body of a request; fields that a request does not need are left out.
     *
     * @param requestId chosen by who asks; the same for a repetition
     * @param resume for {@code next}: whether a task that one already holds comes first
     * @param mask for {@code submit}: grey PNG in base64
     * @param acceptAsIs for {@code submit}: take the pre-filled mask instead
     * @param secondsSpent for {@code submit}: working time
     * @param strokes for {@code submit}: edits made
     * @param note for {@code skip} and {@code reject}: why
     */
    private record Body(
            @Nullable String requestId,
            boolean resume,
            @Nullable String mask,
            boolean acceptAsIs,
            double secondsSpent,
            int strokes,
            @Nullable String note) {

        String request() {
            if (requestId != null && requestId.length() > LONGEST_REQUEST_ID) {
                throw bad(
                        "the requestId has " + requestId.length() + " characters",
                        "use at most " + LONGEST_REQUEST_ID + ", such as a UUID");
            }
            return requestId == null || requestId.isBlank() ? UUID.randomUUID().toString() : requestId;
        }
    }

    private interface Action {
        Verdict apply(String taskId, String annotator, Body body) throws MaskFormatException;
    }

    /** Adds the routes and the page to a server that has not started. */
    public void on(HttpServer server) {
        server.page("/label", "label", Role.ANNOTATOR);
        server.route(HandlerType.POST, "/api/label/next", Role.ANNOTATOR, answering(this::next));
        server.route(HandlerType.GET, "/api/label/task", Role.ANNOTATOR, answering(this::task));
        server.route(HandlerType.GET, "/api/label/task/image", Role.ANNOTATOR, answering(this::image));
        server.route(HandlerType.GET, "/api/label/task/mask", Role.ANNOTATOR, answering(context -> {
            LabelTask task = known(context);
            send(context, "image/png", TaskFold.bytes(task.getMask()));
        }));
        server.route(HandlerType.GET, "/api/label/task/confidence", Role.ANNOTATOR, answering(context -> {
            LabelTask task = known(context);
            send(context, "image/png", TaskFold.bytes(task.getConfidence()));
        }));
        action(server, "renew", (id, annotator, body) -> desk.renew(id, annotator, body.request()));
        action(server, "submit", this::submit);
        action(server, "skip", (id, annotator, body) -> desk.skip(id, annotator, body.request(), note(body)));
        action(server, "release", (id, annotator, body) -> desk.release(id, annotator, body.request()));
        action(server, "reject", (id, annotator, body) -> desk.reject(id, annotator, body.request(), note(body)));
        server.route(
                HandlerType.GET,
                "/api/label/me",
                Role.ANNOTATOR,
                answering(context -> context.json(Map.of("name", isNameless(context) ? "" : annotator(context)))));
        server.route(HandlerType.GET, "/api/label/status", Role.ANNOTATOR, answering(this::status));
        server.route(HandlerType.GET, "/api/label/classes", Role.ANNOTATOR, answering(this::classes));
    }

    private void action(HttpServer server, String name, Action action) {
        server.route(HandlerType.POST, "/api/label/task/" + name, Role.ANNOTATOR, answering(context -> {
            String annotator = annotator(context);
            String taskId = taskId(context);
            Verdict verdict = action.apply(taskId, annotator, body(context));
            if (!verdict.accepted()) {
                throw new HttpProblem(409, verdict.reason(), "take the next task; this one is no longer yours");
            }
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("taskId", taskId);
            answer.put("accepted", true);
            desk.held(taskId, annotator)
                    .ifPresent(
                            offer -> answer.put("leaseUntil", offer.leaseUntil().toString()));
            context.json(answer);
        }));
    }

    /** Turns what the desk throws into answers. */
    private static Handler answering(Handler handler) {
        return context -> {
            try {
                handler.handle(context);
            } catch (NotNowException e) {
                context.header("Retry-After", "1");
                throw new HttpProblem(
                        503, String.valueOf(e.getMessage()), "ask again with the same requestId in a second");
            } catch (MaskFormatException e) {
                throw new HttpProblem(
                        422, String.valueOf(e.getMessage()), "send an 8-bit grey PNG of class ids in the image's size");
            }
        };
    }

    private void next(Context context) {
        Body body = body(context);
        desk.next(annotator(context), body.request(), body.resume())
                .ifPresentOrElse(offer -> context.json(describe(offer)), () -> context.status(204));
    }

    private void task(Context context) {
        String annotator = annotator(context);
        LabelTask task = known(context);
        Map<String, Object> answer = describe(task);
        desk.held(task.getTaskId(), annotator)
                .ifPresent(offer -> answer.put("leaseUntil", offer.leaseUntil().toString()));
        context.json(answer);
    }

    private static Map<String, Object> describe(Offer offer) {
        Map<String, Object> answer = describe(offer.task());
        answer.put("leaseUntil", offer.leaseUntil().toString());
        return answer;
    }

    private static Map<String, Object> describe(LabelTask task) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("taskId", task.getTaskId());
        answer.put("imageId", task.getImageId());
        answer.put("imageSha256", task.getContent().getSha256());
        answer.put("width", task.getContent().getWidth());
        answer.put("height", task.getContent().getHeight());
        answer.put("source", task.getSource());
        answer.put("name", task.getAttributes().getOrDefault("name", ""));
        answer.put("priority", task.getPriority());
        answer.put("modelVersion", task.getModelVersion());
        answer.put("createdAt", task.getCreatedAt().toString());
        return answer;
    }

    private void image(Context context) {
        LabelTask task = known(context);
        try {
            TaskImages.Viewable image = images.viewable(task.getContent());
            send(context, image.mediaType(), image.bytes());
        } catch (IOException e) {
            throw new HttpProblem(
                    404,
                    "the image cannot be shown: " + e.getMessage(),
                    "check that this process uses the content store of the publisher, or reject the task");
        }
    }

    /** Sends bytes that do not change as long as the task is the same; the browser asks whether they did. */
    private static void send(Context context, String mediaType, byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        String tag = "\"" + Long.toHexString(sum.getValue()) + "-" + bytes.length + "\"";
        context.header("Cache-Control", "private, no-cache");
        context.header("ETag", tag);
        if (tag.equals(context.header("If-None-Match"))) {
            context.status(304);
            return;
        }
        context.contentType(mediaType).result(bytes);
    }

    private Verdict submit(String taskId, String annotator, Body body) throws MaskFormatException {
        if ((body.mask() == null) != body.acceptAsIs()) {
            throw bad("a submission needs a mask or acceptAsIs", "send mask as base64 of a PNG, or acceptAsIs: true");
        }
        if (!(body.secondsSpent() >= 0) || Double.isInfinite(body.secondsSpent()) || body.strokes() < 0) {
            throw bad("secondsSpent and strokes cannot be negative", "send the working time and the number of edits");
        }
        byte @Nullable [] png = null;
        if (body.mask() != null) {
            try {
                png = Base64.getDecoder().decode(body.mask());
            } catch (IllegalArgumentException e) {
                throw bad("the mask is not base64: " + e.getMessage(), "send the bytes of the PNG in base64");
            }
        }
        return desk.submit(taskId, annotator, body.request(), new Submission(png, body.secondsSpent(), body.strokes()));
    }

    private void status(Context context) {
        String annotator = annotator(context);
        TaskBoard.Counts counts = desk.counts(annotator);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("annotator", annotator);
        answer.put("open", counts.open());
        answer.put("openForYou", counts.leftForYou());
        answer.put("claimed", counts.claimed());
        answer.put("claimedByYou", counts.claimedByYou());
        answer.put("submitted", counts.submitted());
        answer.put("submittedByYou", counts.submittedByYou());
        answer.put("secondsByYou", counts.secondsByYou());
        answer.put("ended", counts.ended());
        answer.put("oldestSeconds", counts.oldestSeconds());
        answer.put("leaseSeconds", LabelingMetrics.seconds(config.lease()));
        context.json(answer);
    }

    private void classes(Context context) {
        List<String> names = desk.classes();
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String colour = i < config.palette().size()
                    ? config.palette().get(i).toLowerCase(Locale.ROOT)
                    : String.format(Locale.ROOT, "#%06x", ClassColours.of(i));
            all.add(Map.of("id", i, "name", names.get(i), "colour", colour));
        }
        context.json(Map.of("classes", all, "ignore", Mask.IGNORE));
    }

    private LabelTask known(Context context) {
        String taskId = taskId(context);
        return desk.task(taskId)
                .orElseThrow(() -> new HttpProblem(
                        404,
                        "there is no task " + taskId + " that can be labelled",
                        "take the next task; this one is done, was withdrawn, or is at another instance"));
    }

    private static String taskId(Context context) {
        @Nullable String id = context.queryParam("id");
        if (id == null || id.isBlank()) {
            throw bad("the request names no task", "add ?id= and the task's id");
        }
        return id;
    }

    private static boolean isNameless(Context context) {
        return HttpServer.identity(context).equals(Identity.LOCAL)
                && Objects.requireNonNullElse(context.header(ANNOTATOR), "").isBlank();
    }

    private static String annotator(Context context) {
        Identity identity = HttpServer.identity(context);
        if (!identity.equals(Identity.LOCAL)) {
            return identity.name();
        }
        String name = Objects.requireNonNullElse(context.header(ANNOTATOR), "");
        try {
            name = URLDecoder.decode(name, StandardCharsets.UTF_8).strip();
        } catch (IllegalArgumentException e) {
            throw bad("the header " + ANNOTATOR + " is not percent-encoded: " + e.getMessage(), "encode it as UTF-8");
        }
        if (name.isEmpty()) {
            throw bad("nobody said who is asking", "send your name in the header " + ANNOTATOR);
        }
        if (name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)
                || name.equals(TaskCommand.DESK)) {
            throw bad(
                    "this name cannot be used",
                    "use at most " + LONGEST_NAME + " letters, and not " + TaskCommand.DESK);
        }
        return name;
    }

    private static Body body(Context context) {
        byte[] bytes = context.bodyAsBytes();
        try {
            return JSON.readValue(bytes.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : bytes, Body.class);
        } catch (JsonProcessingException e) {
            throw bad("the body is not what was expected: " + e.getOriginalMessage(), "send JSON with known fields");
        } catch (IOException e) {
            throw bad("the body cannot be read: " + e.getMessage(), "send JSON");
        }
    }

    private static @Nullable String note(Body body) {
        @Nullable String note = body.note();
        if (note == null || note.isBlank()) {
            return null;
        }
        if (note.length() > LONGEST_NOTE) {
            throw bad("the note has " + note.length() + " characters", "use at most " + LONGEST_NOTE);
        }
        return note.strip();
    }

    private static HttpProblem bad(String error, String remedy) {
        return new HttpProblem(400, error, remedy);
    }
}
