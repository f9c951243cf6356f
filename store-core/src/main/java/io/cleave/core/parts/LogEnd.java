package io.cleave.core.parts;

/**
 * How a log ends, as far as the ledger is compared with it. Immutable.
 *
 * @param lastSequence highest sequence number that it used
 * @param closed true when its last record marks a clean end
 * @param newestFile number of the newest file that was started, 0 when there is none
 * @param ledgerVersion version of the ledger when that file was made, or {@link #NO_LEDGER}
 */
public record LogEnd(long lastSequence, boolean closed, long newestFile, long ledgerVersion) {
    /** What a file tells that was made for a store without a ledger. */
    public static final long NO_LEDGER = -1;
}
