package io.maskstream.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.FileContentStore;
import io.maskstream.service.Authenticator;
import io.maskstream.service.HttpConfig;
import io.maskstream.service.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, over a real broker; the tests send what the stages would. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoopPageIT {
    private static final LocatorAssertions.HasTextOptions SOON =
            new LocatorAssertions.HasTextOptions().setTimeout(20_000);

    @TempDir
    private Path directory;

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private EmbeddedBroker broker;
    private Topics topics;
    private LoopStage stage;
    private LoopView view;
    private HttpServer server;
    private Playwright playwright;
    private Browser browser;

    @BeforeAll
    void openBrowser() {
        Optional<Path> chromium = chromium();
        assumeTrue(chromium.isPresent(), "skipped: no Chromium found; install the package chromium");
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium.get())
                        .setArgs(List.of("--no-sandbox")));
    }

    @BeforeEach
    void startLoop() throws Exception {
        closeLoop();
        complaints.clear();
        broker = EmbeddedBroker.temporary();
        KafkaConnection connection = KafkaConnection.to(broker.bootstrapServers());
        topics = new Topics(Topics.DEFAULT_PREFIX);
        stage = new LoopStage(connection, topics);
        stage.createTopics();
        view = new LoopView(
                DashboardConfig.defaults(),
                connection,
                topics,
                new FileContentStore(directory),
                new SimpleMeterRegistry());
        server = new HttpServer(HttpConfig.defaults().withPort(0), Authenticator.open());
        LoopRoutes.on(server, view);
        view.start();
        server.start();
    }

    @AfterAll
    void closeAll() {
        closeLoop();
        if (playwright != null) {
            browser.close();
            playwright.close();
        }
    }

    private void closeLoop() {
        if (server != null) {
            server.close();
            view.close();
            stage.close();
            broker.close();
        }
    }

    @Test
    void saysWhatItWaitsFor_whenNothingHasHappened() {
        Page page = open(1440, ColorScheme.LIGHT);
        assertThat(page.getByTestId("loop-status")).hasAttribute("data-state", "live");
        assertThat(page.getByTestId("wait").first()).containsText("No image has arrived yet");
        assertThat(page.locator("[data-testid=wait][data-part=model]")).containsText("There is no model yet");
        assertThat(page.getByTestId("chart-empty")).containsText("there is no evaluation split");
        assertThat(page.getByTestId("tile-audit")).containsText("not measured yet");
        assertThat(page.getByTestId("stage-inference")).hasAttribute("data-state", "waiting");
        assertThat(complaints).isEmpty();
        page.close();
    }

    @Test
    void showsTheLoopMoving_whenImagesFlowAndAModelTakesOver() throws Exception {
        Page page = open(1440, ColorScheme.LIGHT);
        stage.send(
                topics.models(), "default/v0", LoopEvents.release("v0", 0, ModelStatus.STARTING, 0.08, Instant.now()));
        flow("a", "v0", 0, 40);
        assertThat(page.getByTestId("edge-images-rate")).hasText(Pattern.compile("\\d.*/s"), SOON);
        assertThat(page.getByTestId("edge-decisions")).hasAttribute("data-total", "40");
        assertThat(page.getByTestId("edge-decisions")).hasClass(Pattern.compile("flowing"));
        assertThat(page.getByTestId("tile-images")).containsText("40 arrived, 40 predicted");
        String before = page.getByTestId("edge-predictions-rate").textContent();

        stage.send(
                topics.models(), "default/v1", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, 0.62, Instant.now()));
        flow("b", "v1", 1, 80);
        for (int i = 0; i < 6; i++) {
            stage.send(topics.quality(), "v1", LoopEvents.quality("v1", QualityArm.RANDOM, 0.6, Instant.now()));
            stage.send(topics.quality(), "v1", LoopEvents.quality("v1", QualityArm.AUDIT, 0.91, Instant.now()));
        }
        stage.send(topics.labelTasks(), "b7", LoopEvents.task("b7", 0.8));
        stage.send(topics.deadLetters(), "k", LoopEvents.deadLetter("the bytes end in the middle of the picture"));
        stage.flush();

        Locator marker = page.locator("[data-testid=swap-marker][data-version=v1]");
        assertThat(marker)
                .hasAttribute("data-serving", "true", new LocatorAssertions.HasAttributeOptions().setTimeout(20_000));
        assertThat(marker).containsText("round 1");
        assertThat(page.getByTestId("edge-predictions")).hasAttribute("data-total", "120");
        assertThat(page.getByTestId("edge-predictions-rate")).not().hasText(before);
        assertThat(page.getByTestId("tile-model")).containsText("v1");
        assertThat(page.getByTestId("tile-model")).containsText("mIoU 0.620 (0.570 to 0.640)");
        assertThat(page.getByTestId("tile-audit")).containsText("9.0 %");
        assertThat(page.getByTestId("tile-labels")).containsText("60");
        assertThat(page.getByTestId("tile-share")).containsText("100 %");
        assertThat(page.getByTestId("task-row")).containsText("uncertain");
        assertThat(page.getByTestId("dead-letter-row")).containsText("the bytes end in the middle");
        assertThat((Integer) page.evaluate(COLOURED_CHART_PIXELS)).isGreaterThan(500);

        assertThat(page.getByTestId("decision-card")).hasCount(12);
        assertThat(page.getByTestId("decision-why").first()).containsText("entropy 0.400");
        for (String kind : List.of("overlay", "thumbnail", "heat")) {
            Locator picture = page.getByTestId("picture-" + kind).first();
            page.waitForCondition(
                    () -> (Boolean) picture.evaluate("image => image.complete && image.naturalWidth === 128"));
        }
        assertThat(complaints).isEmpty();
        photograph(page, "loop-1440-light.png");
        page.close();
    }

    @Test
    void fitsANarrowWindowInTheDark_andRestsWhereMotionIsUnwanted() throws Exception {
        stage.send(
                topics.models(), "default/v1", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, 0.5, Instant.now()));
        flow("a", "v1", 1, 20);
        Page page = open(1000, ColorScheme.DARK);
        assertThat(page.getByTestId("edge-decisions")).hasAttribute("data-total", "20");
        assertThat(page.getByTestId("decision-card").first()).isVisible();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(1000);
        page.emulateMedia(
                new Page.EmulateMediaOptions().setReducedMotion(com.microsoft.playwright.options.ReducedMotion.REDUCE));
        assertThat((Integer) page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length"))
                .isZero();
        photograph(page, "loop-1000-dark.png");
        page.close();
    }

    private static final String COLOURED_CHART_PIXELS =
            """
            () => {
              const canvas = document.querySelector('[data-testid=quality-chart] canvas');
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              let coloured = 0;
              for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) coloured++;
              }
              return coloured;
            }
            """;

    private Page open(int width, ColorScheme scheme) {
        Page page = browser.newPage(
                new Browser.NewPageOptions().setViewportSize(width, 900).setColorScheme(scheme));
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onRequest(request -> {
            if (!request.url().startsWith(server.url().toString())) {
                complaints.add("asked for " + request.url());
            }
        });
        page.navigate(server.url().toString());
        return page;
    }

    /** Sends images that are predicted, decided on and learnt from: one half by people, the other by the model itself. */
    private void flow(String prefix, String version, int round, int images) {
        for (int i = 0; i < images; i++) {
            String id = prefix + i;
            boolean person = i % 2 == 0;
            stage.send(topics.images(), id, LoopEvents.image(id));
            stage.send(topics.predictions(), id, LoopEvents.prediction(id, version, round, Instant.now()));
            stage.send(
                    topics.decisions(),
                    id,
                    person
                            ? LoopEvents.decision(id, version, Route.ASK_PERSON, Reason.UNCERTAIN, Instant.now())
                            : LoopEvents.decision(id, version, Route.SET_ASIDE, Reason.UNDECIDED, Instant.now()));
            stage.send(
                    topics.trainingSamples(),
                    id,
                    LoopEvents.sample(
                            id, person ? Origin.HUMAN : Origin.PSEUDO, Split.TRAIN, Reason.UNCERTAIN, Instant.now()));
        }
        stage.flush();
    }

    /** Keeps a picture of the whole page under {@code target/}, to be looked at. */
    private static void photograph(Page page, String name) throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "screenshots"));
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(folder.resolve(name)));
    }

    private static Optional<Path> chromium() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }
}
