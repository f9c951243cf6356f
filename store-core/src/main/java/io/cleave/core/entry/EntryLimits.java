package io.cleave.core.entry;

/** Bounds that hold for every entry, in memory and on disk. */
public final class EntryLimits {
    /** Shortest key in bytes. */
    public static final int KEY_BYTES_MIN = 1;

    /** Longest key in bytes. */
    public static final int KEY_BYTES_MAX = 65_535;

    /** Longest value in bytes that any format can hold; options may say less. */
    public static final int VALUE_BYTES_MAX = 1 << 30;

    /** Largest sequence number: 56 bits. */
    public static final long SEQUENCE_MAX = (1L << 56) - 1;

    private EntryLimits() {}
}
