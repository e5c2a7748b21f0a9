package io.maskstream.trainer.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Random numbers that are functions of a seed and of what they are for, so that they need no state to be kept. */
public final class Draws {
    private Draws() {}

    /** Returns a number that looks random and is the same for the same seed and parts. */
    public static long mix(long seed, long... parts) {
        long state = scramble(seed + 0x9e3779b97f4a7c15L);
        for (long part : parts) {
            state = scramble(state ^ (part * 0xbf58476d1ce4e5b9L + 0x94d049bb133111ebL));
        }
        return state;
    }

    /** Returns a number for a name. */
    public static long mix(long seed, String name) {
        long state = scramble(seed);
        for (int i = 0; i < name.length(); i++) {
            state = scramble(state ^ name.charAt(i));
        }
        return state;
    }

    /** Returns a generator for a purpose. */
    public static RandomGenerator generator(long seed, long... parts) {
        return new SplittableRandom(mix(seed, parts));
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
    private static long scramble(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
