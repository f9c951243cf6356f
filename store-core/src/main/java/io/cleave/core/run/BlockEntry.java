package io.cleave.core.run;

/**
 * An entry of a block, as tools see it.
 *
 * @param offset where it starts, from the start of the block's body before compression
 * @param sharedLength bytes of the key taken over from the entry before
 * @param key the whole key
 * @param sequence sequence number
 * @param kind kind
 * @param valueOffset where the value starts, from the same base as {@code offset}
 * @param valueLength length of the value
 */
@SuppressWarnings("ArrayRecordComponent")
public record BlockEntry(
        long offset, int sharedLength, byte[] key, long sequence, byte kind, long valueOffset, int valueLength) {}
