package io.cleave.core.segment;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The newest visible sequence number of a store and the older ones that snapshots and cursors still read at. Thread-safe.
 *
 * <p>Whoever drops versions asks {@link #registered} after its inputs are fixed: a snapshot that registers later is at or
 * above every sequence number in them.
 */
public final class Snapshots {
    private final RankedLock lock = new RankedLock(LockRank.SNAPSHOTS);
    /** Sequence number to number of holders. Guarded by {@link #lock}. */
    private final TreeMap<Long, Integer> holders = new TreeMap<>();

    private final AtomicLong visible = new AtomicLong();

    /** Sequence number of the oldest holder when somebody last looked, {@link Long#MAX_VALUE} for none. Guarded by {@link #lock}. */
    private long seenOldest = Long.MAX_VALUE;
    /** When that was first seen. Guarded by {@link #lock}. */
    private long seenNanos;

    /** Written once, before the store is handed out. */
    private volatile boolean recovered;

    /** True once {@link #visible} is what a recovery has led up to, or more. */
    public boolean isRecovered() {
        return recovered;
    }

    /** Recovery has ended. */
    public void recovered() {
        recovered = true;
    }

    /** The newest sequence number that readers may see. */
    public long visible() {
        return visible.get();
    }

    /** Shows everything up to {@code sequence}. Requires the commit lock. */
    public void publish(long sequence) {
        // Release is enough: the commit lock is given back after it, and that is a full fence.
        visible.setRelease(sequence);
    }

    /** True while any thread holds the lock: for tests. */
    public boolean isLocked() {
        return lock.isLocked();
    }

    /** Registers a reader at the newest visible sequence number and returns that; {@link #release} gives it back. */
    public long register() {
        lock.lock();
        try {
            long sequence = visible.get();
            holders.merge(sequence, 1, Integer::sum);
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Registers one more reader at a sequence number that is already registered; false, with nothing changed, when its last
     * holder has given it back meanwhile: what it could see may be gone.
     */
    public boolean registerAt(long sequence) {
        lock.lock();
        try {
            return holders.computeIfPresent(sequence, (key, count) -> count + 1) != null;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back one registration. */
    public void release(long sequence) {
        lock.lock();
        try {
            assert holders.containsKey(sequence) : "sequence number " + sequence + " is not registered";
            holders.computeIfPresent(sequence, (key, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    /** The oldest registered sequence number, {@link Long#MAX_VALUE} when there is none. */
    public long oldest() {
        lock.lock();
        try {
            return holders.isEmpty() ? Long.MAX_VALUE : holders.firstKey();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Who holds old versions back.
     *
     * @param count registered readers
     * @param behind operations that are newer than what the oldest of them reads; 0 when there is none
     * @param oldestNanos for how long the oldest has been seen as such by {@link #readers}; 0 when there is none
     */
    public record Readers(long count, long behind, long oldestNanos) {}

    /**
     * Who holds old versions back. Called again and again, so that the age of the oldest is known without a look at the clock for
     * each registration.
     *
     * @param nowNanos the time, by {@link System#nanoTime}
     */
    public Readers readers(long nowNanos) {
        lock.lock();
        try {
            long oldest = holders.isEmpty() ? Long.MAX_VALUE : holders.firstKey();
            if (oldest != seenOldest) {
                seenOldest = oldest;
                seenNanos = nowNanos;
            }
            long count = 0;
            for (int each : holders.values()) {
                count += each;
            }
            return count == 0 ? new Readers(0, 0, 0) : new Readers(count, visible.get() - oldest, nowNanos - seenNanos);
        } finally {
            lock.unlock();
        }
    }

    /** The registered sequence numbers, ascending. */
    public long[] registered() {
        lock.lock();
        try {
            long[] sequences = new long[holders.size()];
            int count = 0;
            for (Map.Entry<Long, Integer> holder : holders.entrySet()) {
                sequences[count++] = holder.getKey();
            }
            return sequences;
        } finally {
            lock.unlock();
        }
    }
}
