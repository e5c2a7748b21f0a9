package io.maskstream.trainer.data;

import java.util.random.RandomGenerator;

/** An endless order over a list: every pass holds each index once, in an order of its own. */
public final class Shuffle {
    private final long seed;
    private final int[] order;
    private long pass = -1;

    /**
     * @param size of the list, at least 1
     */
    public Shuffle(int size, long seed) {
        if (size < 1) {
            throw new IllegalArgumentException("there is nothing to shuffle");
        }
        this.seed = seed;
        this.order = new int[size];
    }

    /** Returns the index at a position of the endless order, from 0; a function of seed, size and position. */
    public int at(long position) {
        long wanted = position / order.length;
        if (wanted != pass) {
            draw(wanted);
        }
        return order[(int) (position % order.length)];
    }

    private void draw(long wanted) {
        RandomGenerator random = Draws.generator(seed, wanted);
        for (int i = 0; i < order.length; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        pass = wanted;
    }
}
