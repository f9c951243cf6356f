package io.cleave.log;

import io.cleave.core.parts.LogEnd;
import io.cleave.core.storage.StoreIdentity;

/**
 * The first block of a log file: whose it is. Written and durable before anything else of the file.
 *
 * @param store whose it is
 * @param number number of the file, from 1 on, never used twice
 * @param bootId {@link io.cleave.core.storage.Storage#bootId} when the file was made, for people: what it would prove of the
 *     page cache is not so
 * @param fileBytes length of the file
 * @param ledgerVersion version of the ledger that was durable when the file was made; {@link LogEnd#NO_LEDGER} in a store that
 *     has none
 */
public record LogIdentity(StoreIdentity store, long number, long bootId, long fileBytes, long ledgerVersion) {
    private static final long NUMBER_FACTOR = 0xD6E8_FEB8_6659_FD93L;

    /** A file of a store without a ledger. */
    LogIdentity(StoreIdentity store, long number, long bootId, long fileBytes) {
        this(store, number, bootId, fileBytes, LogEnd.NO_LEDGER);
    }

    /** What the checksums of the file's chain block and records are bound to, besides their offset. */
    static long seed(StoreIdentity store, long number) {
        return (store.high() ^ Long.rotateLeft(store.low(), 32)) + number * NUMBER_FACTOR;
    }

    /** The seed of this file. */
    long seed() {
        return seed(store, number);
    }
}
