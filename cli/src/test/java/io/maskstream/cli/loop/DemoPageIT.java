package io.maskstream.cli.loop;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.maskstream.cli.ImageSize;
import io.maskstream.segmentation.scene.StreetScenes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A small demo, all stages of it, watched in a real browser while it runs. */
class DemoPageIT {
    private static final int SCENES = 150;
    private static final double PATIENCE_MILLIS = 150_000;

    private static final Map<String, String> SMALL = Map.of(
            "routing.evaluation-share", "0.3",
            "routing.cold-start-share", "1",
            "trainer.iterations-per-round", "8",
            "trainer.batch", "4",
            "trainer.trigger-annotations", "15",
            "trainer.min-evaluation", "4",
            "trainer.forms", "int8",
            "trainer.form-tolerance", "1",
            "inference.form", "int8");

    @Test
    void showsRatesAChartAndASwap_whileTheDemoRuns() throws Exception {
        Optional<Path> chromium = Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(chromium.isPresent(), "skipped: no Chromium found; install the package chromium");
        int port = freePort();
        DemoPlan plan = new DemoPlan(
                "small scenes",
                new SceneFeed(new StreetScenes(7, 96, 128), SCENES),
                null,
                new ImageSize(64, 48),
                1,
                port,
                3.0,
                Duration.ofMillis(20),
                SMALL);
        CountDownLatch seen = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        LoopConsole console = new LoopConsole(
                new PrintWriter(Writer.nullWriter()) {
                    @Override
                    public void println(String line) {
                        started.countDown(); // the first line is said when the pages are open
                    }
                },
                true);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Playwright playwright = Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(chromium.get())
                                .setArgs(List.of("--no-sandbox")))) {
            Future<LoopReport> running = thread.submit(() -> new Demo(plan, console).run((loop, report) -> {
                assertThat(seen.await(3, TimeUnit.MINUTES)).isTrue();
                assertThat(loop.inference().servingForm()).isEqualTo("int8");
            }));
            assertThat(started.await(2, TimeUnit.MINUTES)).isTrue();
            Page page = browser.newPage();
            page.navigate("http://localhost:" + port + "/");

            assertThat(page.getByTestId("edge-images-rate"))
                    .hasText(Pattern.compile("[1-9][0-9.]*/s|0\\.[1-9]/s"), textSoon());
            assertThat(page.getByTestId("edge-predictions-rate"))
                    .hasText(Pattern.compile("[1-9][0-9.]*/s|0\\.[1-9]/s"), textSoon());
            // The new model has predicted images of the stream that goes on.
            Locator swap = page.locator("[data-testid=swap-marker][data-version*=r0001][data-serving=true]");
            assertThat(swap.first()).isAttached(new LocatorAssertions.IsAttachedOptions().setTimeout(PATIENCE_MILLIS));
            assertThat(paintedPixels(page)).isGreaterThan(500);
            assertThat(page.getByTestId("decision-card").first()).isVisible();
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("target", "screenshots", "demo-loop.png"))
                    .setFullPage(true));
            seen.countDown();

            LoopReport report = running.get(3, TimeUnit.MINUTES);
            assertThat(report.images().published()).isEqualTo(SCENES);
            assertThat(report.images().decided()).isEqualTo(SCENES);
            assertThat(report.lost()).isZero();
            assertThat(report.duplicated()).isZero();
        } finally {
            seen.countDown();
            thread.shutdownNow();
        }
    }

    private static LocatorAssertions.HasTextOptions textSoon() {
        return new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MILLIS);
    }

    /** Returns how many pixels of the chart are not empty. */
    private static int paintedPixels(Page page) {
        Object count = page.getByTestId("quality-chart")
                .locator("canvas")
                .first()
                .evaluate("canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width,"
                        + " canvas.height).data; let n = 0; for (let i = 3; i < data.length; i += 4) if (data[i] > 0) n++;"
                        + " return n; }");
        return ((Number) count).intValue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
