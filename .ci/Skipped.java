import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Prints which tests were skipped and why; exits with 1 if one of them could have run on this machine.
 *
 * <p>A test says in its message what it lacks. What the words stand for is looked up here; a message without known words
 * counts as a test that could have run, so that nobody can skip one without a reason.
 */
public final class Skipped {
    private static final Path ROOT = Path.of("").toAbsolutePath();
    private static final Path SHARED = ROOT.resolveSibling("shared");

    /** Words in a skip message, and whether what they name is here. */
    private record Need(List<String> words, BooleanSupplier isHere) {}

    private static final List<Need> NEEDS = List.of(
            new Need(
                    List.of("chromium", "browser", "pageit"),
                    () -> isInstalled("chromium") || isInstalled("chromium-browser") || isInstalled("google-chrome")),
            new Need(List.of("no base image", "containersit"), Skipped::hasEngineAndBase),
            new Need(List.of("docker", "container", "engine"), () -> succeeds("docker", "info")),
            new Need(List.of("cuda", "gpu"), () -> succeeds("nvidia-smi")),
            new Need(List.of("promtool", "prometheus"), () -> isInstalled("promtool")),
            new Need(
                    List.of("maskstream.models", "shared/models", "pretrained", "no models"),
                    () -> Files.isDirectory(SHARED.resolve("models"))),
            new Need(
                    List.of("maskstream.datasets", "data set", "dataset", "camvid", "shared/datasets"),
                    () -> Files.isDirectory(SHARED.resolve("datasets"))),
            new Need(List.of("linux", "/proc"), () -> Files.isDirectory(Path.of("/proc/self"))));

    private Skipped() {}

    private static boolean hasEngineAndBase() {
        return succeeds("docker", "info")
                && (System.getenv("MASKSTREAM_BASE_IMAGE") != null
                        || succeeds("docker", "image", "inspect", "maskstream-base:local"));
    }

    public static void main(String[] args) throws Exception {
        int run = 0;
        int skipped = 0;
        List<String> wrong = new ArrayList<>();
        for (Path report : reports()) {
            Element suite = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getDocumentElement();
            NodeList cases = suite.getElementsByTagName("testcase");
            if (cases.getLength() == 0) { // what it lacks was found before its first test, and the report keeps no message
                String name = suite.getAttribute("name");
                skipped++;
                System.out.println("skipped " + name + " as a whole");
                if (couldHaveRun(name)) {
                    wrong.add(name);
                }
            }
            for (int i = 0; i < cases.getLength(); i++) {
                run++;
                Element test = (Element) cases.item(i);
                NodeList marks = test.getElementsByTagName("skipped");
                if (marks.getLength() == 0) {
                    continue;
                }
                skipped++;
                String reason = reason((Element) marks.item(0));
                String name = test.getAttribute("classname") + "." + test.getAttribute("name");
                System.out.println("skipped " + name + ": " + reason);
                if (couldHaveRun(reason)) {
                    wrong.add(name);
                }
            }
        }
        System.out.println(run + " tests, " + skipped + " skipped");
        wrong.forEach(name -> System.err.println("could have run here: " + name));
        System.exit(wrong.isEmpty() ? 0 : 1);
    }

    /** An assumption that failed may have its message, of several lines, above a stack trace and not in the attribute. */
    private static String reason(Element mark) {
        String message = mark.getAttribute("message");
        if (message.isBlank()) {
            message = mark.getTextContent()
                    .lines()
                    .takeWhile(line -> !line.startsWith("\tat "))
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.joining(" "));
        }
        return message.isBlank() ? "no reason given" : message;
    }

    private static List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.find(
                ROOT,
                4,
                (file, attributes) -> file.toString().matches(".*/target/(surefire|failsafe)-reports/TEST-[^/]*\\.xml"))) {
            return files.sorted().toList();
        }
    }

    private static boolean couldHaveRun(String reason) {
        String words = reason.toLowerCase(Locale.ROOT);
        for (Need need : NEEDS) {
            if (need.words().stream().anyMatch(words::contains)) {
                return need.isHere().getAsBoolean();
            }
        }
        return true;
    }

    private static boolean isInstalled(String command) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
