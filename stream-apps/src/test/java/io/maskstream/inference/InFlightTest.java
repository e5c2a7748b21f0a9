package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private static final String TOPIC = "images";

    private final InFlight inFlight = new InFlight();

    @Test
    void holdsBackFinishedWork_whileEarlierWorkOfItsPartitionIsNotFinished() {
        Work first = add(0, 0);
        Work second = add(0, 1);
        Work other = add(1, 0);
        finish(second);
        assertThat(inFlight.pollFinished()).isNull();
        finish(other);
        assertThat(inFlight.pollFinished()).isSameAs(other);
        finish(first);
        assertThat(inFlight.pollFinished()).isSameAs(first);
        assertThat(inFlight.pollFinished()).isSameAs(second);
        assertThat(inFlight.pollFinished()).isNull();
        assertThat(inFlight.size()).isZero();
    }

    @Test
    void tellsTheWorkThatNobodyWaits_whenItsPartitionIsRevoked() {
        Work lost = add(0, 0);
        Work kept = add(1, 0);
        finish(lost);
        inFlight.drop(List.of(new TopicPartition(TOPIC, 0), new TopicPartition(TOPIC, 7)));
        assertThat(lost.isDropped()).isTrue();
        assertThat(kept.isDropped()).isFalse();
        assertThat(inFlight.pollFinished()).isNull();
        assertThat(inFlight.size()).isEqualTo(1);
        inFlight.dropAll();
        assertThat(kept.isDropped()).isTrue();
        assertThat(inFlight.size()).isZero();
    }

    @Property
    void handsOutEveryPartitionInOrder_whateverTheOrderOfFinishing(
            @ForAll @IntRange(min = 1, max = 60) int count,
            @ForAll @IntRange(min = 1, max = 4) int partitions,
            @ForAll long seed) {
        InFlight all = new InFlight();
        List<Work> works = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Work work = new Work(new ConsumerRecord<>(TOPIC, i % partitions, i, null, null));
            works.add(work);
            all.add(work);
        }
        Collections.shuffle(works, new Random(seed));
        List<List<Long>> handedOut = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            handedOut.add(new ArrayList<>());
        }
        for (Work work : works) {
            finish(work);
            for (Work done = all.pollFinished(); done != null; done = all.pollFinished()) {
                handedOut.get(done.record().partition()).add(done.record().offset());
            }
        }
        assertThat(all.size()).isZero();
        assertThat(handedOut.stream().mapToInt(List::size).sum()).isEqualTo(count);
        assertThat(handedOut).allSatisfy(offsets -> assertThat(offsets).isSorted());
    }

    private Work add(int partition, long offset) {
        Work work = new Work(new ConsumerRecord<>(TOPIC, partition, offset, null, null));
        inFlight.add(work);
        return work;
    }

    private static void finish(Work work) {
        work.finish(new Work.Outcome("predictions", new byte[0], new byte[0], null));
    }
}
