package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.StoredArtefact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReleaseLineTest {
    private final ReleaseLine line = new ReleaseLine("main");
    private long offset;

    @Test
    void servesTheLastThatMayServe_whenOthersCameAfterIt() {
        publish("main", "v0", ModelStatus.STARTING);
        publish("main", "v1", ModelStatus.CHAMPION);
        publish("main", "v2", ModelStatus.REJECTED);
        publish("other", "v3", ModelStatus.CHAMPION);
        assertThat(versions()).containsExactly("v1", "v0");
    }

    @Test
    void servesTheOneBefore_whenTheChampionRetires() {
        publish("main", "v1", ModelStatus.CHAMPION);
        publish("main", "v2", ModelStatus.CHAMPION);
        publish("main", "v2", ModelStatus.RETIRED);
        assertThat(versions()).containsExactly("v1");
    }

    @Test
    void servesAnOlderVersionAgain_whenItIsReleasedAgain() {
        publish("main", "v1", ModelStatus.CHAMPION);
        publish("main", "v2", ModelStatus.CHAMPION);
        publish("main", "v1", ModelStatus.CHAMPION);
        assertThat(versions()).containsExactly("v1", "v2");
    }

    @Test
    void passesOverARefusedRelease_untilItIsReleasedAnew() {
        publish("main", "v1", ModelStatus.CHAMPION);
        line.refuse(publish("main", "v2", ModelStatus.CHAMPION));
        assertThat(versions()).containsExactly("v1");
        publish("main", "v2", ModelStatus.CHAMPION);
        assertThat(versions()).containsExactly("v2", "v1");
    }

    @Test
    void forgetsAVersion_whenItsRecordIsDeleted() {
        publish("main", "v1", ModelStatus.CHAMPION);
        publish("main", "v2", ModelStatus.CHAMPION);
        line.remove("main/v2");
        line.remove("other/v1");
        assertThat(versions()).containsExactly("v1");
    }

    private List<String> versions() {
        return line.candidates().stream()
                .map(published -> published.release().getVersion())
                .toList();
    }

    private ReleaseLine.Published publish(String lineName, String version, ModelStatus status) {
        ModelRelease release = ModelRelease.newBuilder()
                .setLine(lineName)
                .setVersion(version)
                .setRound(1)
                .setStatus(status)
                .setArtefact(new StoredArtefact("sha256/" + "0".repeat(64), "0".repeat(64), 1L))
                .setClasses(List.of("a", "b"))
                .setMethod("none")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(1)
                .setReleasedAt(Instant.EPOCH)
                .build();
        ReleaseLine.Published published = new ReleaseLine.Published(offset++, Instant.EPOCH, release);
        line.accept(published);
        return published;
    }
}
