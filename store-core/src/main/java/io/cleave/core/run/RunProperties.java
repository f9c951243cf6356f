package io.cleave.core.run;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a run holds, counted while it was written. The arrays are shared: do not change them.
 *
 * @param entries entries, tombstones and old versions included
 * @param distinctKeys different keys
 * @param tombstones entries that say that a key has no value
 * @param keyBytes total length of the keys of all entries
 * @param valueBytes total length of all values
 * @param smallestKey first key
 * @param largestKey last key
 * @param smallestSequence smallest sequence number
 * @param largestSequence largest sequence number
 * @param dataBytes length of all data blocks
 * @param fileBytes length of the file
 * @param blocks data blocks
 * @param compression how blocks are stored
 * @param filter what answers point lookups
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunProperties(
        long entries,
        long distinctKeys,
        long tombstones,
        long keyBytes,
        long valueBytes,
        byte[] smallestKey,
        byte[] largestKey,
        long smallestSequence,
        long largestSequence,
        long dataBytes,
        long fileBytes,
        int blocks,
        Compression compression,
        FilterKind filter) {
    @Override
    public boolean equals(Object other) {
        return other instanceof RunProperties that
                && Arrays.equals(numbers(), that.numbers())
                && Arrays.equals(smallestKey, that.smallestKey)
                && Arrays.equals(largestKey, that.largestKey)
                && compression == that.compression
                && filter == that.filter;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(numbers()), Arrays.hashCode(smallestKey), Arrays.hashCode(largestKey));
    }

    /** Leaves the keys out: they never appear in a message. */
    @Override
    public String toString() {
        return "RunProperties[entries=" + entries + ", distinctKeys=" + distinctKeys + ", tombstones=" + tombstones
                + ", keyBytes=" + keyBytes + ", valueBytes=" + valueBytes + ", sequences=" + smallestSequence + ".."
                + largestSequence + ", dataBytes=" + dataBytes + ", fileBytes=" + fileBytes + ", blocks=" + blocks
                + ", compression=" + compression + ", filter=" + filter + "]";
    }

    private long[] numbers() {
        return new long[] {
            entries,
            distinctKeys,
            tombstones,
            keyBytes,
            valueBytes,
            smallestSequence,
            largestSequence,
            dataBytes,
            fileBytes,
            blocks
        };
    }
}
