package io.maskstream.cli.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A run of the compose file; closing it removes its containers, networks and volumes again. */
abstract class Services implements AutoCloseable {
    static final String PROJECT_LABEL = "com.docker.compose.project";
    static final String SERVICE_LABEL = "com.docker.compose.service";

    final DockerClient docker;
    final String name;

    Services(DockerClient docker, String name) {
        this.docker = docker;
        this.name = name;
    }

    /** Starts services after those they depend on. */
    abstract void start(List<String> services) throws IOException, InterruptedException;

    /** Runs the service {@code publish} over a folder, to its end. */
    abstract void publish(Path images) throws IOException, InterruptedException;

    /** Returns the container of a service. */
    InspectContainerResponse container(String service) {
        List<Container> found = docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(PROJECT_LABEL, name, SERVICE_LABEL, service))
                .exec();
        if (found.isEmpty()) {
            throw new IllegalStateException("the service " + service + " has no container");
        }
        return docker.inspectContainerCmd(found.get(0).getId()).exec();
    }

    /** Returns the address of a service in the project's network, which this machine reaches. */
    String address(String service) {
        return container(service).getNetworkSettings().getNetworks().values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the service " + service + " is in no network"))
                .getIpAddress();
    }

    @Override
    public abstract void close() throws IOException, InterruptedException;
}
