package io.cleave.bench;

/**
 * The numbers from 0 to below a size in an order without pattern, each once, and without a table: a number is stirred within
 * as many bits as the size has, in steps that can each be undone, until it falls below the size. Immutable, thread-safe.
 */
final class Permutation {
    private static final long FIRST_FACTOR = 0xbf58476d1ce4e5b9L;
    private static final long SECOND_FACTOR = 0x94d049bb133111ebL;

    private final long size;
    private final long offset;
    private final long mask;
    private final int shift;

    Permutation(long size, long seed) {
        if (size < 1 || size > 1L << 62) {
            throw new IllegalArgumentException("size of a permutation: expected 1 to 2^62, found " + size);
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
        this.size = size;
        this.offset = RandomSequence.stir(seed);
        this.mask = (1L << bits) - 1;
        this.shift = bits / 2 + 1;
    }

    long size() {
        return size;
    }

    /** The number at a place, both from 0 to below the size. */
    long at(long place) {
        long number = place;
        do {
            number = (number + offset) & mask;
            number ^= number >>> shift;
            number = (number * FIRST_FACTOR) & mask;
            number ^= number >>> shift;
            number = (number * SECOND_FACTOR) & mask;
            number ^= number >>> shift;
        } while (number >= size);
        return number;
    }
}
