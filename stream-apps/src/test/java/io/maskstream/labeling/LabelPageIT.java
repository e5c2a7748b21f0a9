package io.maskstream.labeling;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.maskstream.labeling.LabelTasks.CLASSES;
import static io.maskstream.labeling.LabelTasks.prefill;
import static io.maskstream.labeling.LabelTasks.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The label page in a real browser, on a real desk and broker. */
class LabelPageIT {
    private static final int HEIGHT = 120;
    private static final int WIDTH = 160;
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    @TempDir
    private static Path directory;

    private static EmbeddedBroker broker;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> complaints = new ArrayList<>();
    private LabelingRig rig;
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        Optional<Path> chromium = Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(chromium.isPresent(), "no Chromium in /usr/bin: the label page is not tested in a browser");
        broker = EmbeddedBroker.temporary();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium.orElseThrow())
                        .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
    }

    @AfterAll
    static void stopBrowser() {
        if (playwright != null) {
            playwright.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        rig = new LabelingRig(
                broker, directory, LabelingConfig.defaults().withLease(Duration.ofSeconds(30), Duration.ofMillis(100)));
        rig.release(CLASSES);
        open(ColorScheme.LIGHT);
    }

    @AfterEach
    void stop() {
        if (context != null) {
            context.close();
        }
        if (rig != null) {
            rig.close();
        }
    }

    private void open(ColorScheme scheme) {
        context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(1366, 768).setColorScheme(scheme));
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
    }

    private void enter(String name) {
        page.navigate(rig.server.url().resolve("label").toString());
        page.getByTestId("name").fill(name);
        page.getByTestId("name-ok").click();
    }

    private void screenshot(String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("label-" + name + ".png")));
    }

    private void waitForTask(String taskId) {
        page.waitForFunction("id => window.maskstreamLabel?.taskId() === id", taskId);
    }

    private void moveTo(double x, double y) {
        @SuppressWarnings("unchecked")
        List<Number> at = (List<Number>) page.evaluate("([x, y]) => maskstreamLabel.toClient(x, y)", List.of(x, y));
        page.mouse().move(at.get(0).doubleValue(), at.get(1).doubleValue());
    }

    private void clickAt(double x, double y) {
        moveTo(x, y);
        page.mouse().down();
        page.mouse().up();
    }

    private void drag(double x0, double y0, double x1, double y1) {
        moveTo(x0, y0);
        page.mouse().down();
        moveTo((x0 + x1) / 2, (y0 + y1) / 2);
        moveTo(x1, y1);
        page.mouse().up();
    }

    private Mask maskOf(String taskId, int annotations) throws Exception {
        Annotation found = rig.annotations(annotations).stream()
                .filter(annotation -> annotation.getTaskId().equals(taskId))
                .findFirst()
                .orElseThrow();
        return GreyPng.mask(TaskFold.bytes(found.getMask()), 1_000_000);
    }

    @Test
    void sendsTheRightPixels_whenATaskIsPaintedUndoneSkippedAndSubmitted() throws Exception {
        rig.ask(List.of(
                task("first", 0.9, HEIGHT, WIDTH),
                task("second", 0.8, HEIGHT, WIDTH),
                task("third", 0.7, HEIGHT, WIDTH)));
        enter("Ann");
        waitForTask("first");
        assertThat(page.getByTestId("open")).hasText("1"); // two are claimed: the one shown and the one that waits
        screenshot("task");

        page.keyboard().press("3"); // the third class, car
        page.evaluate("document.querySelector('#size').value = 10");
        page.getByTestId("size").dispatchEvent("input");
        drag(64.5, 70.5, 95.5, 70.5);
        assertThat(page.getByTestId("edits")).hasText("1 edit");
        screenshot("painted");
        drag(20.5, 20.5, 60.5, 20.5);
        assertThat(page.getByTestId("edits")).hasText("2 edits");
        page.keyboard().press("Control+z");
        assertThat(page.getByTestId("edits")).hasText("1 edit");
        page.keyboard().press("Control+z");
        assertThat(page.getByTestId("edits")).hasText("no edits yet");
        page.keyboard().press("Control+Shift+Z");
        assertThat(page.getByTestId("edits")).hasText("1 edit");
        page.keyboard().press("e");
        drag(64.5, 70.5, 66.5, 70.5);
        page.keyboard().press("Enter");

        waitForTask("second");
        assertThat(page.getByTestId("done")).hasText("1");
        page.keyboard().press("s");
        screenshot("skip");
        page.getByTestId("skip-hard").click();

        waitForTask("third");
        page.keyboard().press("a");
        assertThat(page.getByTestId("empty")).isVisible();
        assertThat(page.getByTestId("empty")).containsText("1 that you skipped waits for somebody else");
        screenshot("empty");

        Mask painted = maskOf("first", 2);
        for (int row = 0; row < HEIGHT; row++) {
            for (int column = 0; column < WIDTH; column++) {
                double toEraser = distance(column, row, 64, 66);
                double toBrush = distance(column, row, 64, 95);
                if (Math.abs(toEraser - 5) < 0.1 || Math.abs(toBrush - 5) < 0.1) {
                    continue; // on the very edge the pointer's position in whole screen pixels decides
                }
                boolean erased = toEraser <= 5;
                boolean brushed = toBrush <= 5 && !erased;
                int expected = brushed ? 2 : prefill(HEIGHT, WIDTH).at(row, column);
                assertThat(painted.at(row, column))
                        .as("row %d, column %d", row, column)
                        .isEqualTo(expected);
            }
        }
        assertThat(rig.annotations(2))
                .extracting(Annotation::getTaskId, Annotation::getAnnotator, Annotation::getAcceptedAsIs)
                .containsExactlyInAnyOrder(tuple("first", "Ann", false), tuple("third", "Ann", true));
        assertThat(rig.annotations(2).stream()
                        .filter(annotation -> annotation.getTaskId().equals("first"))
                        .findFirst()
                        .orElseThrow())
                .satisfies(annotation -> {
                    assertThat(annotation.getStrokes()).isEqualTo(2);
                    assertThat(annotation.getSecondsSpent()).isBetween(0.05, 60.0);
                });
        assertThat(rig.all(rig.topics.labelEvents(), 1))
                .filteredOn(event -> event.getKind() == LabelEventKind.SKIPPED)
                .extracting(LabelEvent::getNote)
                .containsExactly("hard to tell what is what");
        assertThat(complaints).isEmpty();
    }

    /** Distance of a pixel's middle from the stroke along row 70 between two columns. */
    private static double distance(int column, int row, int from, int to) {
        double across = Math.max(0, Math.max(from - column, column - to));
        return Math.hypot(across, row - 70);
    }

    @Test
    void worksWithEveryTool_whenTheViewIsZoomedAndMoved() throws Exception {
        rig.ask(List.of(task("only", 0.9, HEIGHT, WIDTH)));
        enter("Ann");
        waitForTask("only");
        moveTo(80, 70);
        page.mouse().wheel(0, -400);
        page.keyboard().down("Space");
        drag(80, 70, 70, 65);
        page.keyboard().up("Space");

        page.keyboard().press("3");
        page.keyboard().press("p");
        clickAt(64, 60);
        clickAt(96, 60);
        clickAt(96, 84);
        clickAt(64, 84);
        screenshot("polygon");
        page.keyboard().press("Enter");
        assertThat(page.getByTestId("edits")).hasText("1 edit");

        page.keyboard().press("r");
        page.keyboard().press("f");
        page.keyboard().press("4"); // tree
        clickAt(10, 10); // all of the sky
        page.keyboard().press("b");
        page.keyboard().press("i");
        page.evaluate("document.querySelector('#size').value = 1");
        page.getByTestId("size").dispatchEvent("input");
        clickAt(3.5, 110.5);
        assertThat(page.getByTestId("edits")).hasText("3 edits");
        page.keyboard().press("h");
        screenshot("heat");
        page.keyboard().press("m");
        page.getByTestId("submit").click();
        assertThat(page.getByTestId("empty")).isVisible();

        Mask painted = maskOf("only", 1);
        for (int row = 0; row < HEIGHT; row++) {
            for (int column = 0; column < WIDTH; column++) {
                boolean polygon = row >= 60 && row < 84 && column >= 64 && column < 96;
                int expected = polygon ? 2 : row == 110 && column == 3 ? Mask.IGNORE : row < HEIGHT / 2 ? 3 : 1;
                assertThat(painted.at(row, column))
                        .as("row %d, column %d", row, column)
                        .isEqualTo(expected);
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void saysSoAndGoesOn_whenSomebodyElseWasFaster() throws Exception {
        rig.ask(List.of(task("first", 0.9, HEIGHT, WIDTH), task("second", 0.8, HEIGHT, WIDTH)));
        enter("Ann");
        waitForTask("first");
        rig.post("Ann", "task/release", "first", Map.of());
        assertThat(rig.next("Bob").text("taskId")).isEqualTo("first");

        page.keyboard().press("Enter");
        waitForTask("second");
        assertThat(page.getByTestId("toast-bad")).containsText("somebody else is working on it");
        screenshot("lost");
        assertThat(rig.annotations(0)).isEmpty();
    }

    @Test
    void givesTheTasksBack_whenThePageCloses() throws Exception {
        rig.ask(List.of(task("first", 0.9, HEIGHT, WIDTH), task("second", 0.8, HEIGHT, WIDTH)));
        open(ColorScheme.DARK);
        enter("Ann");
        waitForTask("first");
        page.keyboard().press("?");
        screenshot("help-dark");
        page.keyboard().press("Escape");
        screenshot("dark");
        assertThat(page.getByTestId("open")).hasText("0");
        page.navigate("about:blank");
        Awaitility.await()
                .atMost(LabelingRig.PATIENCE)
                .until(() -> rig.json("Bob", "status").path("open").asInt() == 2);
        assertThat(rig.all(rig.topics.labelEvents(), 4))
                .filteredOn(event -> event.getKind() == LabelEventKind.RETURNED)
                .extracting(LabelEvent::getAnnotator)
                .containsExactly("Ann", "Ann");
    }
}
