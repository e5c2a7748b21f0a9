package io.maskstream.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka node, broker and KRaft controller in one, inside this process and reachable from this machine only.
 *
 * <p>Topics are never created by being named; share groups are on; records may be as large as {@link #MAX_MESSAGE_BYTES}.
 * A data directory that was formatted once keeps its cluster id and everything written to it.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** The largest record batch that the broker takes. */
    public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final int NODE_ID = 1;
    private static final int ATTEMPTS_AT_FREE_PORTS = 5;

    private final KafkaRaftServer server;
    private final Path dataDir;
    private final Listener listener;
    private final boolean deleteOnClose;
    private boolean closed;

    /** Where the broker listens, and the name that it tells its clients. */
    private record Listener(String bind, String advertisedHost, int port) {
        String address() {
            return advertisedHost + ":" + port;
        }
    }

    private EmbeddedBroker(KafkaRaftServer server, Path dataDir, Listener listener, boolean deleteOnClose) {
        this.server = server;
        this.dataDir = dataDir;
        this.listener = listener;
        this.deleteOnClose = deleteOnClose;
    }

    /**
     * Starts a broker on a data directory, which is created and formatted if it is empty.
     *
     * @param dataDir where the log and the cluster id live; one broker at a time
     * @param port the port to listen on, 0 for any free one
     * @throws IllegalStateException if the broker does not come up: the port is taken, the directory is in use or damaged
     */
    public static EmbeddedBroker start(Path dataDir, int port) {
        return start(dataDir, port, false);
    }

    /** Starts a broker on a new temporary directory and any free port; {@link #close} deletes the directory. */
    public static EmbeddedBroker temporary() {
        try {
            return start(Files.createTempDirectory("maskstream-broker-"), 0, true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary directory for the broker", e);
        }
    }

    /**
     * Starts a broker that other machines reach, for a closed network such as that of a compose file: it asks nobody who they
     * are and encrypts nothing.
     *
     * @param dataDir as in {@link #start(Path, int)}
     * @param port the port to listen on, on every address of this machine
     * @param advertisedHost the name under which clients reach this machine
     * @throws IllegalStateException as in {@link #start(Path, int)}
     */
    public static EmbeddedBroker reachable(Path dataDir, int port, String advertisedHost) {
        return start(dataDir, new Listener("0.0.0.0", advertisedHost, port), false);
    }

    private static EmbeddedBroker start(Path dataDir, int port, boolean deleteOnClose) {
        return start(dataDir, new Listener(LOOPBACK, LOOPBACK, port), deleteOnClose);
    }

    private static EmbeddedBroker start(Path dataDir, Listener listener, boolean deleteOnClose) {
        IllegalStateException last = null;
        // A port that was free may be taken before the broker binds it; only then is another attempt of use.
        for (int attempt = 0; attempt < (listener.port() == 0 ? ATTEMPTS_AT_FREE_PORTS : 1); attempt++) {
            try {
                return startOnce(dataDir.toAbsolutePath(), listener, deleteOnClose);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot prepare the broker's directory " + dataDir, e);
            } catch (IllegalStateException e) {
                last = e;
            }
        }
        throw last == null ? new IllegalStateException("the broker did not start") : last;
    }

    private static EmbeddedBroker startOnce(Path dataDir, Listener wanted, boolean deleteOnClose) throws IOException {
        Files.createDirectories(dataDir);
        int port = wanted.port() == 0 ? freePort() : requireFree(wanted.port());
        Listener listener = new Listener(wanted.bind(), wanted.advertisedHost(), port);
        int controllerPort = freePortBeside(port);
        format(dataDir);
        KafkaConfig config = new KafkaConfig(properties(dataDir, listener, controllerPort), false);
        KafkaRaftServer server;
        try {
            server = new KafkaRaftServer(config, Time.SYSTEM);
        } catch (RuntimeException e) {
            throw new IllegalStateException("the broker cannot use " + dataDir + ": " + rootMessage(e), e);
        }
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            server.awaitShutdown();
            throw notStarted(port, e);
        }
        LOG.info("Broker on {}, data in {}", listener.address(), dataDir);
        return new EmbeddedBroker(server, dataDir, listener, deleteOnClose);
    }

    /** Returns {@code host:port} for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return listener.address();
    }

    /** Returns where the data lives. */
    public Path dataDir() {
        return dataDir;
    }

    /** Stops the broker and waits until its threads are gone; a temporary one then deletes its directory. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.shutdown();
        server.awaitShutdown();
        if (deleteOnClose) {
            try {
                deleteTree(dataDir);
            } catch (IOException e) {
                LOG.warn("Cannot delete the broker's temporary directory {}", dataDir, e);
            }
        }
    }

    private static void format(Path dataDir) throws IOException {
        if (Files.exists(dataDir.resolve("meta.properties"))) {
            return;
        }
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(dataDir.toString())
                    .setMetadataLogDirectory(dataDir.toString())
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setFeatureLevel("share.version", (short) 1)
                    .setControllerListenerName("CONTROLLER")
                    .setIgnoreFormatted(true)
                    .run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot format " + dataDir + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> properties(Path dataDir, Listener listener, int controllerPort) {
        Map<String, Object> all = new HashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", Integer.toString(NODE_ID));
        all.put("controller.quorum.voters", NODE_ID + "@" + LOOPBACK + ":" + controllerPort);
        all.put("controller.listener.names", "CONTROLLER");
        all.put(
                "listeners",
                "BROKER://" + listener.bind() + ":" + listener.port() + ",CONTROLLER://" + LOOPBACK + ":"
                        + controllerPort);
        all.put("advertised.listeners", "BROKER://" + listener.address());
        all.put("inter.broker.listener.name", "BROKER");
        all.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("log.dirs", dataDir.toString());

        all.put("auto.create.topics.enable", "false");
        all.put("default.replication.factor", "1");
        all.put("offsets.topic.replication.factor", "1");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("share.coordinator.state.topic.replication.factor", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        all.put("message.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
        all.put("replica.fetch.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
        all.put("group.initial.rebalance.delay.ms", "0");

        // One node for one team: few partitions of the internal topics, few threads, small buffers.
        all.put("offsets.topic.num.partitions", "4");
        all.put("transaction.state.log.num.partitions", "4");
        all.put("share.coordinator.state.topic.num.partitions", "2");
        all.put("num.network.threads", "2");
        all.put("num.io.threads", "3");
        all.put("num.replica.fetchers", "1");
        all.put("background.threads", "2");
        all.put("log.cleaner.threads", "1");
        all.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 * 1024 * 1024));
        all.put("log.index.size.max.bytes", Integer.toString(1024 * 1024));
        all.put("log.segment.bytes", Integer.toString(256 * 1024 * 1024));
        all.put("offsets.topic.segment.bytes", Integer.toString(16 * 1024 * 1024));
        all.put("transaction.state.log.segment.bytes", Integer.toString(16 * 1024 * 1024));
        return all;
    }

    /** Checks before Kafka does, whose own report of a taken port is a page of traces. */
    private static int requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException e) {
            throw notStarted(port, e);
        }
    }

    private static IllegalStateException notStarted(int port, Exception e) {
        return new IllegalStateException(
                "the broker did not start on port " + port + ": " + rootMessage(e)
                        + "; choose another port, or stop the process that uses it",
                e);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The system may give a port again that was let go a moment ago. */
    private static int freePortBeside(int taken) throws IOException {
        int port = freePort();
        while (port == taken) {
            port = freePort();
        }
        return port;
    }

    private static @Nullable String rootMessage(Throwable e) {
        Throwable root = e;
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return root.getMessage();
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // the log's own threads delete files as well
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
