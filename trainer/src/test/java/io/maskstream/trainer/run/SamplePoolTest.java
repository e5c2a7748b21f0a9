package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Split;
import io.maskstream.trainer.run.SamplePool.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplePoolTest {
    private final SamplePool pool = new SamplePool();
    private long offset;

    @Test
    void keepsTheAnnotation_whenAPseudoLabelComesLater() {
        take("a", "sha-a", Origin.PSEUDO, Split.TRAIN, "m1");
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m2");
        take("a", "sha-a", Origin.PSEUDO, Split.TRAIN, "m3");

        assertThat(select().labelled()).extracting(Entry::maskDigest).containsExactly("m2");
        assertThat(select().unlabelled()).isEmpty();
    }

    @Test
    void takesTheLaterAnnotation_whenAnImageWasCorrected() {
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m1");
        String before = select().dataHash();
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m2");

        assertThat(select().labelled()).extracting(Entry::maskDigest).containsExactly("m2");
        assertThat(select().dataHash()).isNotEqualTo(before);
    }

    @Test
    void neverTrainsOnEvaluation_whateverLaterSamplesSay() {
        take("a", "sha-a", Origin.HUMAN, Split.EVALUATION, "m1");
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m2");
        take("again", "sha-a", Origin.HUMAN, Split.TRAIN, "m3");
        take("pseudo", "sha-a", Origin.PSEUDO, Split.TRAIN, "m4");

        assertThat(select().labelled()).isEmpty();
        assertThat(select().unlabelled()).isEmpty();
        assertThat(select().evaluation()).extracting(Entry::imageId).containsExactly("a", "again");
    }

    @Test
    void neverEvaluatesOnWhatWasTrainedOn() {
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m1");
        take("a", "sha-a", Origin.HUMAN, Split.EVALUATION, "m2");

        assertThat(select().evaluation()).isEmpty();
        assertThat(select().labelled()).hasSize(1);
    }

    @Test
    void countsAnnotationsAfterSomeOffsets_asNew() {
        take("a", "sha-a", Origin.HUMAN, Split.TRAIN, "m1");
        Map<Integer, Long> learned = pool.offsets();
        take("b", "sha-b", Origin.HUMAN, Split.TRAIN, "m1");
        take("c", "sha-c", Origin.PSEUDO, Split.TRAIN, "m1");

        assertThat(pool.annotationsSince(learned)).extracting(Entry::imageId).containsExactly("b");
        assertThat(pool.annotationsSince(Map.of())).hasSize(2);
    }

    @Test
    void movesOn_whenARecordCouldNotBeUsed() {
        pool.take(0, 41, null);

        assertThat(pool.offsets()).containsEntry(0, 42L);
        assertThat(select().labelled()).isEmpty();
    }

    private SamplePool.Selection select() {
        return pool.select(true, 10, 1);
    }

    private void take(String id, String content, Origin origin, Split split, String mask) {
        pool.take(
                0,
                offset,
                new Entry(id, content, origin, split, "00", mask, List.of(5L, 1L), 0, offset, Instant.EPOCH));
        offset++;
    }
}
