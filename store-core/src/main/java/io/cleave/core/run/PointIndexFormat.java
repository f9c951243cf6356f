package io.cleave.core.run;

/**
 * A cell of the point index: a bucket of {@value #SLOTS} slots, fingerprints together so that three loads compare them
 * all, positions together behind them. Authority: docs/format/run.md, "Point index". Stateless, thread-safe.
 */
final class PointIndexFormat {
    static final int SLOTS = 10;
    static final int FINGERPRINTS_OFFSET = 0;
    static final int COUNT_OFFSET = FINGERPRINTS_OFFSET + SLOTS * Short.BYTES;
    static final int OVERFLOW_OFFSET = COUNT_OFFSET + Byte.BYTES;
    static final int POSITIONS_OFFSET = OVERFLOW_OFFSET + 3;
    static final int LENGTH = POSITIONS_OFFSET + SLOTS * Integer.BYTES;

    /** Bits of the overflow mask: one is set for each key that had to go on to the next bucket. */
    static final int OVERFLOW_BITS = 24;

    /** Largest position. */
    static final long POSITION_MAX = 0xFFFF_FFFFL;

    /** Slots for each 4 keys, times 3: a load of three quarters. */
    private static final int KEYS_PER_FOUR_BUCKETS = 3 * SLOTS;

    private static final long LANES = 0x0001_0001_0001_0001L;
    private static final long LANES_LOW = 0x7FFF_7FFF_7FFF_7FFFL;

    /** Brings bits 0, 16, 32 and 48 together in bits 48 to 51. */
    private static final long GATHER = 1L << 48 | 1L << 33 | 1L << 18 | 1L << 3;

    private PointIndexFormat() {}

    /** Pages of an index over a number of keys. */
    static long pages(long keys) {
        return PageFormat.pages((4 * keys + KEYS_PER_FOUR_BUCKETS - 1) / KEYS_PER_FOUR_BUCKETS);
    }

    /** The fingerprint of a hash, never 0, which marks an empty slot. */
    static int fingerprint(long hash) {
        int low = (int) hash & 0xFFFF;
        return low == 0 ? 1 : low;
    }

    /** The bit of a hash in the overflow mask. */
    static int overflowBit(long hash) {
        return (((int) (hash >>> 16) & 0xFFFF) * OVERFLOW_BITS) >>> 16;
    }

    /**
     * The slots of a bucket that hold a fingerprint, as bits.
     *
     * @param first bytes 0 to 7 of the bucket
     * @param second bytes 8 to 15
     * @param third bytes 16 to 23
     */
    static int matches(long first, long second, long third, int fingerprint) {
        long pattern = fingerprint * LANES;
        long zerosFirst = zeroLanes(first ^ pattern);
        long zerosSecond = zeroLanes(second ^ pattern);
        long zerosThird = zeroLanes(third ^ pattern) & 0x0001_0001L;
        if ((zerosFirst | zerosSecond | zerosThird) == 0) {
            return 0;
        }
        return gather(zerosFirst) | gather(zerosSecond) << 4 | gather(zerosThird) << 8;
    }

    /** Whether a key with the given overflow bit went on from the bucket whose bytes 16 to 23 are given. */
    static boolean overflowed(long third, int overflowBit) {
        return ((third >>> (8 * (OVERFLOW_OFFSET - 16) + overflowBit)) & 1) != 0;
    }

    /** The lowest bit of each 16-bit lane that is zero. */
    private static long zeroLanes(long word) {
        return ~(((word & LANES_LOW) + LANES_LOW) | word | LANES_LOW) >>> 15;
    }

    private static int gather(long lanes) {
        return (int) ((lanes * GATHER) >>> 48) & 0xF;
    }
}
