package io.maskstream.cli.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The compose file's services started one by one, for machines with an engine and without compose. */
final class PlainContainers extends Services {
    private static final long PATIENCE_SECONDS = 300;

    private final ComposeFile file;
    private final Set<String> started = new LinkedHashSet<>();
    private final Set<String> volumes = new LinkedHashSet<>();

    PlainContainers(DockerClient docker, String name, Map<String, String> environment) throws IOException {
        super(docker, name);
        this.file = ComposeFile.read(environment);
        docker.createNetworkCmd()
                .withName(network())
                .withLabels(Map.of(PROJECT_LABEL, name))
                .exec();
    }

    @Override
    void start(List<String> services) throws IOException, InterruptedException {
        for (String service : services) {
            if (started.add(service)) {
                List<String> first = file.dependencies(service);
                start(first);
                for (String dependency : first) {
                    waitFor(dependency);
                }
                docker.startContainerCmd(create(service, List.of(), file.list(service, "command")))
                        .exec();
            }
        }
    }

    @Override
    void publish(Path images) throws IOException, InterruptedException {
        String id = create("publish", List.of(images + ":/images:ro"), List.of("/images"));
        docker.startContainerCmd(id).exec();
        requireSuccess(id, "publish");
    }

    private String create(String service, List<String> moreMounts, List<String> command) {
        List<String> mounts = new ArrayList<>(file.mounts(service, name));
        mounts.addAll(moreMounts);
        mounts.stream().filter(mount -> !mount.startsWith("/")).forEach(mount -> volumes.add(mount.split(":", 2)[0]));
        Map<String, String> tmpfs = new LinkedHashMap<>();
        file.list(service, "tmpfs").forEach(path -> tmpfs.put(path, ""));
        HostConfig host = HostConfig.newHostConfig()
                .withNetworkMode(network())
                .withBinds(mounts.stream().map(Bind::parse).toList())
                .withTmpFs(tmpfs)
                .withReadonlyRootfs(file.flag(service, "read_only"))
                .withCapDrop(file.list(service, "cap_drop").stream()
                        .map(Capability::valueOf)
                        .toArray(Capability[]::new))
                .withSecurityOpts(file.list(service, "security_opt"));
        CreateContainerCmd create = docker.createContainerCmd(file.image(service))
                .withName(name + "-" + service)
                .withLabels(Map.of(PROJECT_LABEL, name, SERVICE_LABEL, service))
                .withAliases(service)
                .withHostName(service)
                .withEnv(file.environment(service))
                .withCmd(command)
                .withHostConfig(host);
        List<String> entrypoint = file.list(service, "entrypoint");
        if (!entrypoint.isEmpty()) {
            create.withEntrypoint(entrypoint);
        }
        List<String> check = file.healthCheck(service);
        if (check != null) {
            create.withHealthcheck(new HealthCheck()
                    .withTest(check)
                    .withInterval(Duration.ofSeconds(2).toNanos()));
        }
        return create.exec().getId();
    }

    /** Waits until a service with a health check is well, and one without has ended. */
    private void waitFor(String service) throws IOException, InterruptedException {
        if (file.healthCheck(service) == null) {
            requireSuccess(container(service).getId(), service);
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!isHealthy(container(service))) {
            if (System.nanoTime() > deadline) {
                throw new IOException(service + " does not become healthy:\n"
                        + logs(container(service).getId()));
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private static boolean isHealthy(InspectContainerResponse container) {
        return container.getState().getHealth() != null
                && "healthy".equals(container.getState().getHealth().getStatus());
    }

    private void requireSuccess(String id, String service) throws IOException, InterruptedException {
        int exitCode = docker.waitContainerCmd(id)
                .exec(new WaitContainerResultCallback())
                .awaitStatusCode(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (exitCode != 0) {
            throw new IOException(service + " ended with " + exitCode + ":\n" + logs(id));
        }
    }

    private String logs(String id) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        docker.logContainerCmd(id)
                .withStdOut(true)
                .withStdErr(true)
                .withTail(60)
                .exec(new ResultCallback.Adapter<Frame>() {
                    @Override
                    public void onNext(Frame frame) {
                        text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                    }
                })
                .awaitCompletion();
        return text.toString();
    }

    private String network() {
        return name + "_loop";
    }

    @Override
    public void close() {
        for (Container container : docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(PROJECT_LABEL, name))
                .exec()) {
            docker.removeContainerCmd(container.getId())
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        }
        volumes.forEach(volume -> docker.removeVolumeCmd(volume).exec());
        docker.removeNetworkCmd(network()).exec();
    }
}
