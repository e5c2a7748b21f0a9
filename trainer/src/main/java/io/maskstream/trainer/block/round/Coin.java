package io.maskstream.trainer.block.round;

import io.maskstream.trainer.data.Draws;

/**
 * A coin that is thrown for every stage, and shows tails only so often in a row.
 *
 * @param seed equal seeds give equal throws
 * @param most tails in a row; the next is heads
 */
public record Coin(long seed, int most) {

    /**
     * Says what a stage's throw showed; stage 0 has none and counts as heads.
     *
     * @param stage from 0
     */
    public boolean heads(int stage) {
        int row = 0;
        boolean heads = true;
        for (int k = 1; k <= stage; k++) {
            heads = Draws.generator(seed, k).nextBoolean() || row == most;
            row = heads ? 0 : row + 1;
        }
        return heads;
    }
}
