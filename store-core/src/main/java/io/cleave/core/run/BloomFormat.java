package io.cleave.core.run;

/**
 * A cell of the bloom filter: {@value #CELL_BITS} bits, of which each key sets {@value #PROBES}. Authority:
 * docs/format/run.md, "Bloom filter". Stateless, thread-safe.
 */
final class BloomFormat {
    static final int BITS_PER_KEY = 10;
    static final int PROBES = 7;
    static final int PROBE_BITS = 9;
    static final int CELL_BITS = 1 << PROBE_BITS;

    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private BloomFormat() {}

    /** Pages of a filter over a number of keys. */
    static long pages(long keys) {
        return PageFormat.pages((keys * BITS_PER_KEY + CELL_BITS - 1) / CELL_BITS);
    }

    /** The bits of a key in its cell: {@value #PROBES} numbers of {@value #PROBE_BITS} bits, lowest first. */
    static long probes(long hash) {
        return hash * MULTIPLIER;
    }
}
