package io.maskstream.cli.doctor;

import io.maskstream.cli.LoopSettings;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Looks at everything that the loop needs; nothing is changed. */
public final class Diagnosis {
    private static final long GIB = 1L << 30;
    private static final long LITTLE_MEMORY = 4 * GIB;
    private static final long LITTLE_DISK = 5 * GIB;
    private static final int OLDEST_JAVA = 17;
    private static final long KAFKA_SECONDS = 5;

    private final LoopSettings settings;

    /** @param settings whose cluster, ports and folders are looked at */
    public Diagnosis(LoopSettings settings) {
        this.settings = settings;
    }

    /** Looks at one thing after another. */
    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(processors());
        findings.add(memory());
        findings.add(disk("temporary files", Path.of(System.getProperty("java.io.tmpdir"))));
        findings.add(disk("store", settings.store().dir()));
        findings.add(onnxRuntime());
        findings.add(libtorch());
        findings.add(port());
        findings.add(kafka());
        return List.copyOf(findings);
    }

    private static Finding java() {
        String found = Runtime.version() + " (" + System.getProperty("java.vm.name") + ")";
        return Runtime.version().feature() >= OLDEST_JAVA
                ? Finding.good("Java", found)
                : Finding.broken("Java", found, "Install a JDK of version 17 or later.");
    }

    private static Finding processors() {
        int processors = Runtime.getRuntime().availableProcessors();
        return processors >= 2
                ? Finding.good("processors", Integer.toString(processors))
                : Finding.noted(
                        "processors", "1", "It will run, and training will slow the stream down; use 2 or more.");
    }

    private static Finding memory() {
        long physical =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                        ? system.getTotalMemorySize()
                        : 0;
        String found = gib(physical) + " GiB in the machine, "
                + gib(Runtime.getRuntime().maxMemory()) + " GiB of heap";
        return physical >= LITTLE_MEMORY
                ? Finding.good("memory", found)
                : Finding.noted("memory", found, "4 GiB or more are advised: the models live outside the heap.");
    }

    private static Finding disk(String what, Path path) {
        Path there = path.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            FileStore store = Files.getFileStore(there);
            String found = gib(store.getUsableSpace()) + " GiB free at " + there;
            if (!Files.isWritable(there)) {
                return Finding.broken("disk, " + what, there + " cannot be written to", "Choose another folder.");
            }
            return store.getUsableSpace() >= LITTLE_DISK
                    ? Finding.good("disk, " + what, found)
                    : Finding.noted(
                            "disk, " + what, found, "Images and topics fill a disk; 5 GiB or more are advised.");
        } catch (IOException e) {
            return Finding.broken("disk, " + what, e.toString(), "Choose another folder.");
        }
    }

    /** Builds the smallest model and runs it, since a library that loads may still not run. */
    private static Finding onnxRuntime() {
        try {
            ClassList classes = ClassList.of(List.of("ground", "thing"));
            String name = StartingModels.all().get(0).name();
            try (InferenceModel model = InferenceModel.of(
                    PseudoLabelHead.attach(StartingModels.named(name).build(classes, 32, 32, 1)), Device.AUTO, 1)) {
                return Finding.good("ONNX Runtime", "runs on " + model.device());
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            return Finding.broken(
                    "ONNX Runtime",
                    e.toString(),
                    "Its native library has to fit this system: 64-bit Linux (glibc), macOS on ARM or Windows.");
        }
    }

    private static Finding libtorch() {
        try {
            Loader.load(torch.class);
            String devices = torch.cuda_is_available() ? torch.cuda_device_count() + " CUDA devices" : "CPU";
            return Finding.good("libtorch", "loads; " + devices);
        } catch (LinkageError | RuntimeException e) {
            return Finding.broken(
                    "libtorch",
                    e.toString(),
                    "Its native library has to fit this system; build on the machine it runs on.");
        }
    }

    private Finding port() {
        int port = settings.http().port();
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return Finding.good("port", socket.getLocalPort() + " is free");
        } catch (IOException e) {
            return Finding.noted("port", port + " is in use", "Choose another with --port, or stop what uses it.");
        }
    }

    private Finding kafka() {
        if (!settings.kafka().containsKey("bootstrap.servers")) {
            return Finding.noted(
                    "Kafka", "none is configured", "demo and up bring their own; for a cluster give -b host:port.");
        }
        try (Admin admin = Admin.create(settings.connection().with(Map.of()))) {
            Collection<Node> nodes = admin.describeCluster().nodes().get(KAFKA_SECONDS, TimeUnit.SECONDS);
            return Finding.good(
                    "Kafka",
                    nodes.size() + " brokers at " + settings.connection().bootstrapServers());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Finding.broken("Kafka", "interrupted", "Ask again.");
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            return Finding.broken(
                    "Kafka",
                    "no answer at " + settings.connection().bootstrapServers(),
                    "Check the address, that the brokers run, and the security settings under kafka.");
        }
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", (double) bytes / GIB);
    }
}
