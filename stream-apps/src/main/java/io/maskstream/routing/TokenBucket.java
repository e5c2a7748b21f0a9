package io.maskstream.routing;

import io.maskstream.schemas.event.BudgetState;
import io.maskstream.schemas.event.RoutingPolicy;

/**
 * One partition's part of the label budget: tokens flow in with stream time, a task takes one.
 *
 * <p>Every partition gets the same part of the policy's burst and flow. A part of the burst below one token could never
 * pay for a task, so a bucket holds up to one; it starts with its part all the same. So under one policy all partitions
 * together never ask for more than {@code burst + tasksPerHour * hours} tasks.
 *
 * @param policyVersion the policy that filled it; another version starts with a full bucket
 * @param tokens tasks that may be asked for now
 * @param capacity most tokens it holds
 * @param tasksPerHour tokens that flow in per hour of stream time
 * @param atMillis the stream time that the tokens are as of
 */
record TokenBucket(String policyVersion, double tokens, double capacity, double tasksPerHour, long atMillis) {
    /** Sums of parts such as ten times 0.1 come out a little below the whole. */
    private static final double ROUNDING = 1e-9;

    private static final double MILLIS_PER_HOUR = 3_600_000;

    /** Returns a partition's full bucket under a policy. */
    static TokenBucket full(RoutingPolicy policy, int partitions, long atMillis) {
        double part = policy.getBurst() / partitions;
        return new TokenBucket(
                policy.getVersion(),
                part,
                capacity(policy, partitions),
                policy.getTasksPerHour() / partitions,
                atMillis);
    }

    private static double capacity(RoutingPolicy policy, int partitions) {
        return policy.getBurst() == 0 ? 0 : Math.max(1, policy.getBurst() / partitions);
    }

    /** Returns this bucket at a later time under a policy; time never runs backwards. */
    TokenBucket at(long millis, RoutingPolicy policy, int partitions) {
        if (!policyVersion.equals(policy.getVersion())) {
            return full(policy, partitions, Math.max(millis, atMillis));
        }
        double flow = policy.getTasksPerHour() / partitions;
        double most = capacity(policy, partitions);
        long now = Math.max(millis, atMillis);
        double filled = Math.min(most, tokens + flow * ((now - atMillis) / MILLIS_PER_HOUR));
        return new TokenBucket(policyVersion, filled, most, flow, now);
    }

    /** Says whether a task can be paid for. */
    boolean hasToken() {
        return tokens >= 1 - ROUNDING;
    }

    /** Returns the bucket after a task was paid for. */
    TokenBucket take() {
        if (!hasToken()) {
            throw new IllegalStateException("the bucket holds " + tokens + " tokens, a task needs 1");
        }
        return new TokenBucket(policyVersion, Math.max(0, tokens - 1), capacity, tasksPerHour, atMillis);
    }

    BudgetState state() {
        return new BudgetState(tokens, capacity, tasksPerHour);
    }
}
