package io.cleave.route;

import java.util.concurrent.atomic.LongAdder;

/**
 * What cursors have paid because the entries of a segment lie in several places, memtables and runs, in bytes of rewriting
 * that the same time would have bought. Once they have paid for a rewrite of the segment it is worth one, and whoever rents so
 * long before buying pays at most twice the least. Source: ADR 0020.
 *
 * <p>Thread-safe; sums are those of a moment.
 */
public final class ReadDebt {
    /** Positioning one more source takes about as long as rewriting so many bytes. */
    private static final long SEEK_BYTES = 512;

    /** So does stepping over an entry, with one more source to compare. */
    private static final long STEP_BYTES = 8;

    private final LongAdder bytes = new LongAdder();

    /** Adds what a cursor has paid that had {@code extraSources} beside the one it would have needed. */
    void add(int extraSources, long seeks, long steps) {
        bytes.add(extraSources * (seeks * SEEK_BYTES + steps * STEP_BYTES));
    }

    /** Bytes of rewriting paid for since the last {@link #settle}. */
    public long bytes() {
        return bytes.sum();
    }

    /** Begins anew, because the segment has been rewritten or is about to be. */
    public void settle() {
        bytes.reset();
    }
}
