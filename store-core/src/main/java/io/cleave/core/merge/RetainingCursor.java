package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;

/**
 * The entries of a source that somebody may still see: for each registered snapshot, and for readers to come, the newest
 * version not above it. Forward only; what a flush, compaction or split writes.
 *
 * <p>Ownership: closes the source. Belongs to one thread at a time.
 */
public final class RetainingCursor implements AutoCloseable {
    /** What happens to tombstones that nothing older needs. */
    public enum Tombstones {
        /** Something older than the source may exist beneath it. */
        KEEP,
        /** The source holds everything there is below its newest entries. */
        DROP
    }

    private final EntryCursor source;
    /** Sequence numbers of the registered snapshots, ascending. */
    private final long[] snapshots;

    private final Tombstones tombstones;

    private byte[] key = new byte[64];
    private int keyLength = -1;
    private long keyWord;
    /** Index of the oldest snapshot that the last version of the current key served; older ones still look for theirs. */
    private int served;

    private boolean started;
    private boolean startsKey;
    /** A version of the current key was kept. */
    private boolean keptOne;

    private long dropped;

    /**
     * @param source positioned by this object; ascending keys, newest versions first
     * @param snapshots registered snapshots, ascending
     * @param tombstones what to do with tombstones
     */
    public RetainingCursor(EntryCursor source, long[] snapshots, Tombstones tombstones) {
        this.source = source;
        this.snapshots = snapshots;
        this.tombstones = tombstones;
    }

    /** Moves to the first entry to keep whose key is not below {@code lower}; null means from the start. */
    public boolean start(byte[] lower) {
        started = true;
        keyLength = -1;
        return keepFrom(lower == null ? source.first() : source.seek(lower, lower.length));
    }

    /** Moves to the next entry to keep. */
    public boolean next() {
        assert started : "start() comes first";
        return keepFrom(source.next());
    }

    /** The entry, valid until the next move. */
    public EntryCursor entry() {
        return source;
    }

    /** True when the current entry's key lies below {@code upper}; null is above every key. */
    public boolean isBelow(byte[] upper) {
        return upper == null || KeyOrder.compare(source.key(), source.keyLength(), upper, upper.length) < 0;
    }

    /** True when the current entry is of another key than the one kept before it. */
    public boolean startsKey() {
        return startsKey;
    }

    /** Entries left out so far. */
    public long dropped() {
        return dropped;
    }

    @Override
    public void close() {
        source.close();
    }

    private boolean keepFrom(boolean positioned) {
        boolean onEntry = positioned;
        while (onEntry) {
            if (keep()) {
                return true;
            }
            dropped++;
            onEntry = source.next();
        }
        return false;
    }

    private boolean keep() {
        long sequence = source.sequence();
        if (!sameKey()) {
            rememberKey();
            served = snapshots.length + 1;
            keptOne = false;
        }
        // Stripe: how many snapshots lie below this version. Snapshots from the stripe up to the last served one see
        // it.
        int stripe = snapshotsBelow(sequence);
        if (stripe >= served) {
            return false;
        }
        served = stripe;
        if (source.kind() == EntryKind.TOMBSTONE && tombstones == Tombstones.DROP && stripe == 0) {
            // Nothing older is left for any snapshot: all older versions of the key fall into the same stripe.
            return false;
        }
        startsKey = !keptOne;
        keptOne = true;
        return true;
    }

    /** Number of snapshots that are too old to see {@code sequence}. */
    private int snapshotsBelow(long sequence) {
        int below = 0;
        while (below < snapshots.length && snapshots[below] < sequence) {
            below++;
        }
        return below;
    }

    private boolean sameKey() {
        return keyLength == source.keyLength()
                && keyWord == source.word()
                && KeyOrder.compare(key, keyLength, source.key(), keyLength) == 0;
    }

    private void rememberKey() {
        keyLength = source.keyLength();
        keyWord = source.word();
        if (key.length < keyLength) {
            key = new byte[Math.max(keyLength, key.length * 2)];
        }
        source.copyKey(key);
    }
}
