package io.cleave.bench;

/** Pseudo-random numbers, the same for the same seed: a counter that is stirred. Not thread-safe. */
final class RandomSequence {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private long state;

    RandomSequence(long seed) {
        state = stir(seed);
    }

    /** A number with all bits random. */
    long next() {
        state += STEP;
        return stir(state);
    }

    /** A number from 0 to below {@code bound}. */
    long below(long bound) {
        return scale(next(), bound);
    }

    /** Spreads a number over all 64 bits; different numbers stay different. */
    static long stir(long number) {
        long mixed = (number ^ (number >>> 31)) * 0xd6e8feb86659fd93L;
        mixed = (mixed ^ (mixed >>> 29)) * 0xa0761d6478bd642fL;
        return mixed ^ (mixed >>> 32);
    }

    /** Maps random bits to 0 to below {@code bound}, without the division that a remainder takes. */
    static long scale(long bits, long bound) {
        return Math.multiplyHigh(bits >>> 1, bound << 1);
    }
}
