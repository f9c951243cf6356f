package io.cleave.log;

import io.cleave.core.parts.LogEnd;

/**
 * The first block of a log file: whose it is. Written and durable before anything else of the file.
 *
 * @param storeHigh upper half of the store's identity
 * @param storeLow lower half
 * @param number number of the file, from 1 on, never used twice
 * @param bootId {@link io.cleave.core.storage.Storage#bootId} when the file was made, for people: what it would prove of the
 *     page cache is not so
 * @param fileBytes length of the file
 * @param ledgerVersion version of the ledger that was durable when the file was made; {@link LogEnd#NO_LEDGER} in a store that
 *     has none
 */
public record LogIdentity(long storeHigh, long storeLow, long number, long bootId, long fileBytes, long ledgerVersion) {
    private static final long NUMBER_FACTOR = 0xD6E8_FEB8_6659_FD93L;

    /** A file of a store without a ledger. */
    LogIdentity(long storeHigh, long storeLow, long number, long bootId, long fileBytes) {
        this(storeHigh, storeLow, number, bootId, fileBytes, LogEnd.NO_LEDGER);
    }

    /** What the checksums of the file's chain block and records are bound to, besides their offset. */
    static long seed(long storeHigh, long storeLow, long number) {
        return (storeHigh ^ Long.rotateLeft(storeLow, 32)) + number * NUMBER_FACTOR;
    }

    /** The seed of this file. */
    long seed() {
        return seed(storeHigh, storeLow, number);
    }
}
