package io.cleave.core.bytes;

import java.util.SplittableRandom;

/**
 * Runs a random test once for each of many seeds and names the seed that fails. {@code -Dcleave.cases.seed=N} runs that seed
 * alone.
 */
public final class RandomCases {
    private static final Long ONLY = Long.getLong("cleave.cases.seed");

    private RandomCases() {}

    /** One case. */
    @FunctionalInterface
    public interface Case {
        /** Throws when the case fails. */
        void run(SplittableRandom random, long seed);
    }

    /** Runs cases with the seeds 0 to {@code count - 1}. */
    public static void check(int count, Case body) {
        long from = ONLY == null ? 0 : ONLY;
        long to = ONLY == null ? count : ONLY + 1;
        for (long seed = from; seed < to; seed++) {
            try {
                body.run(new SplittableRandom(seed), seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dcleave.cases.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** A key of 1 to {@code lengthMax} bytes out of few different ones, so that keys share prefixes. */
    public static byte[] key(SplittableRandom random, int lengthMax) {
        byte[] key = new byte[1 + random.nextInt(lengthMax)];
        byte[] alphabet = {0, 1, 'a', (byte) 0x7F, (byte) 0x80, (byte) 0xFF};
        for (int i = 0; i < key.length; i++) {
            key[i] = random.nextInt(3) > 0 ? (byte) 'a' : alphabet[random.nextInt(alphabet.length)];
        }
        return key;
    }
}
