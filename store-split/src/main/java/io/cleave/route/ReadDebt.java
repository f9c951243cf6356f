package io.cleave.route;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What cursors have paid because the entries of a segment lie in several places, memtables and runs, and because they had to
 * pass entries that nobody sees, in bytes of rewriting that the same time would have bought. Once they have paid for a rewrite of the segment it is worth one, and whoever rents so
 * long before buying pays at most twice the least. Source: ADR 0020.
 *
 * <p>Thread-safe; sums are those of a moment.
 */
public final class ReadDebt {
    /** Positioning one more source takes about as long as rewriting so many bytes. */
    private static final long SEEK_BYTES = 512;

    /** So does stepping over an entry, with one more source to compare. */
    private static final long STEP_BYTES = 8;

    /** Passing an entry that nobody sees costs so much: a tombstone, what it hides, an older version. */
    private static final long PASS_BYTES = 32;

    private final LongAdder bytes = new LongAdder();
    /** What was paid for entries that nobody sees. */
    private final LongAdder passBytes = new LongAdder();

    /** Sequence number at the last {@link #settle}. */
    private volatile long settledAt;

    /** Adds what a cursor has paid that had {@code extraSources} beside the one it would have needed. */
    void add(int extraSources, long seeks, long steps) {
        bytes.add(extraSources * (seeks * SEEK_BYTES + steps * STEP_BYTES));
    }

    /** Adds what a cursor has paid for entries that it did not show. */
    void addPassed(long entries) {
        passBytes.add(entries * PASS_BYTES);
    }

    /**
     * Tells whether more than {@code price} bytes of rewriting were paid for since the last {@link #settle}.
     *
     * @param oldestReader gives the oldest sequence number that is read at. While that has not moved past the last rewrite another
     *     one would keep the same entries: what was paid for those is forgotten
     */
    public boolean exceeds(long price, LongSupplier oldestReader) {
        long paid = bytes.sum();
        long passed = passBytes.sum();
        if (paid + passed <= price || paid > price) {
            return paid > price;
        }
        if (oldestReader.getAsLong() < settledAt) {
            passBytes.reset();
            return false;
        }
        return true;
    }

    /** Begins anew, because the segment has been rewritten or is about to be, as of a sequence number. */
    public void settle(long sequence) {
        settledAt = sequence;
        bytes.reset();
        passBytes.reset();
    }
}
