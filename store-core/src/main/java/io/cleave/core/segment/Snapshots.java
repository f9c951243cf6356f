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

    /** Registers one more reader at a sequence number that is already registered. */
    public void registerAt(long sequence) {
        lock.lock();
        try {
            if (holders.computeIfPresent(sequence, (key, count) -> count + 1) == null) {
                throw new IllegalStateException("sequence number " + sequence + " is not registered");
            }
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
