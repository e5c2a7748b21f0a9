package io.maskstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskstreamTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void explainsEveryCommand_whenAskedForHelp() {
        for (String command : List.of(
                "demo",
                "up",
                "publish",
                "ingest",
                "infer",
                "route",
                "label",
                "train-loop",
                "quality",
                "simulate",
                "train",
                "eval",
                "predict",
                "methods",
                "models",
                "topics",
                "datasets",
                "dead-letters",
                "replay",
                "doctor",
                "bench")) {
            assertThat(run(command, "--help")).as(command).isZero();
        }
        assertThat(out.toString()).contains("Usage: maskstream demo").contains("--dataset");
    }

    @Test
    void listsMethodsAsJson_whenAsked() {
        assertThat(run("methods", "--json")).isZero();
        assertThat(out.toString())
                .contains("\"name\" : \"fixmatch\"")
                .contains("\"citation\"")
                .contains("\"paper\" : \"Sohn et al., NeurIPS 2020\"");
    }

    @Test
    void showsWhatAMethodIsMadeOf_withItsOptions() {
        assertThat(run("methods", "show", "fixmatch", "--option", "threshold=0.7"))
                .isZero();
        assertThat(out.toString())
                .contains("by teacher on weak, most probable class, then confidence at least 0.7")
                .contains("student to teacher: moving average")
                .contains("unlabelled-weight");
        assertThat(run("methods", "show", "fixmatch", "--option", "magic=1")).isOne();
        assertThat(err.toString()).contains("fixmatch has no option magic; it has [threshold");
        assertThat(run("train", "--dataset", "d", "--out", "o", "--method", "mean-teacher", "--option", "magic=1"))
                .isOne();
        assertThat(err.toString()).contains("mean-teacher has no option magic");
    }

    @Test
    void listsStartingModelsWithTheirCost_whenAsked() {
        assertThat(run("models", "starting", "--size", "64x64", "--json")).isZero();
        assertThat(out.toString())
                .contains("\"name\" : \"segformer-b0\"")
                .contains("\"parameters\" : 264331")
                .contains("multiplyAccumulates");
    }

    @Test
    void saysInOneLineWhatToDo_whenNoKafkaAnswers() {
        assertThat(run(
                        "topics",
                        "list",
                        "-b",
                        "127.0.0.1:1",
                        "--set",
                        "kafka.request.timeout.ms=500",
                        "--set",
                        "kafka.default.api.timeout.ms=1000"))
                .isEqualTo(1);
        assertThat(err.toString().strip().lines())
                .singleElement()
                .asString()
                .contains("127.0.0.1:1")
                .contains("-b");
    }

    @Test
    void namesEveryWrongSetting_whenThereAreSeveral() {
        assertThat(run("doctor", "--set", "inference.batch-sise=2", "--set", "routing.threads=none"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("did you mean inference.batch-size?")
                .contains("routing.threads: expected a number");
    }

    @Test
    void namesWhatIsMissing_whenThereIsNoSuchDataset() {
        assertThat(run(
                        "eval",
                        "--model",
                        "none.onnx",
                        "--dataset",
                        directory.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("there is no folder");
    }

    @Test
    void readsTheFile_whenOneIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("m.yaml"), "http:\n  prot: 1\n");
        assertThat(run("topics", "list", "--config", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("http.prot: there is no such setting; did you mean http.port?");
    }

    private int run(String... arguments) {
        return Maskstream.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
