package io.maskstream.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.schemas.event.RoutingPolicy;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static RoutingPolicy policy(String version, double burst, double tasksPerHour) {
        return RoutingExamples.policy()
                .setVersion(version)
                .setBurst(burst)
                .setTasksPerHour(tasksPerHour)
                .build();
    }

    private static int takeAll(TokenBucket bucket, int wanted) {
        int taken = 0;
        for (TokenBucket now = bucket; taken < wanted && now.hasToken(); taken++) {
            now = now.take();
        }
        return taken;
    }

    @Test
    void paysForTheBurstAndThenForTheFlow() {
        RoutingPolicy policy = policy("p", 20, 36_000); // ten a second
        TokenBucket bucket = TokenBucket.full(policy, 1, 0);
        for (int i = 0; i < 20; i++) {
            bucket = bucket.take();
        }
        assertThat(bucket.hasToken()).isFalse();
        assertThat(takeAll(bucket.at(500, policy, 1), 25)).isEqualTo(5);
        assertThat(bucket.at(10_000, policy, 1).tokens()).isEqualTo(20);
    }

    @Test
    void startsFull_whenThePolicyVersionIsNew() {
        RoutingPolicy first = policy("p1", 1, 0);
        TokenBucket spent = TokenBucket.full(first, 1, 100).take();
        TokenBucket renewed = spent.at(50, policy("p2", 7, 60), 1);
        assertThat(renewed).isEqualTo(new TokenBucket("p2", 7, 7, 60, 100));
    }

    @Test
    void keepsItsLevel_whenTimeRunsBackwards() {
        RoutingPolicy policy = policy("p", 5, 3600);
        TokenBucket bucket = TokenBucket.full(policy, 1, 10_000).take().take();
        assertThat(bucket.at(0, policy, 1)).isEqualTo(bucket);
    }

    @Test
    void savesUpForOneTask_whenItsPartOfTheBurstIsLess() {
        RoutingPolicy policy = policy("p", 1, 4);
        TokenBucket part = TokenBucket.full(policy, 4, 0);
        assertThat(part.hasToken()).isFalse();
        assertThat(part.tokens()).isEqualTo(0.25);
        TokenBucket later = part.at(3_600_000, policy, 4);
        assertThat(later.tokens()).isCloseTo(1, within(1e-12));
        assertThat(later.hasToken()).isTrue();
    }

    @Property(tries = 200)
    void neverSpendsMoreThanBurstAndFlow_overAllPartitions(
            @ForAll @IntRange(min = 1, max = 8) int partitions,
            @ForAll @DoubleRange(min = 0, max = 30) double burst,
            @ForAll @DoubleRange(min = 0, max = 5000) double perHour,
            @ForAll long seed) {
        RoutingPolicy policy = policy("p", burst, perHour);
        Random random = new Random(seed);
        TokenBucket[] buckets = new TokenBucket[partitions];
        for (int i = 0; i < partitions; i++) {
            buckets[i] = TokenBucket.full(policy, partitions, 0);
        }
        long now = 0;
        int spent = 0;
        for (int i = 0; i < 500; i++) {
            now += random.nextInt(20_000);
            int p = random.nextInt(partitions);
            buckets[p] = buckets[p].at(now, policy, partitions);
            if (buckets[p].hasToken()) {
                buckets[p] = buckets[p].take();
                spent++;
            }
            assertThat((double) spent).isLessThanOrEqualTo(burst + perHour * now / 3_600_000.0 + 1e-6);
        }
    }
}
