package io.cleave.core.memtable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of bytes that any number of memtables, of any number of stores, may take together. It counts and never
 * refuses: whoever owns the memtables looks at {@link #exceeded} and flushes.
 *
 * <p>What can't be freed for now, because the flushes of its store fail, is set aside: it counts as used, and the others share the
 * rest of the limit, or a quarter of the limit where less is left, by which the whole may be exceeded then.
 *
 * <p>Thread-safe. Memtables touch it once a chunk, not once an entry.
 */
public final class MemoryBudget {
    /** Part of the limit that is left to the others, however much is set aside. */
    private static final int LEFT_PARTS = 4;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong aside = new AtomicLong();

    /** @param limit bytes; above it the budget is exceeded */
    public MemoryBudget(long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("memory budget must be above 0: " + limit);
        }
        this.limit = limit;
    }

    /** Takes {@code bytes}; never fails. */
    public void reserve(long bytes) {
        assert bytes >= 0 : bytes;
        used.addAndGet(bytes);
    }

    /** Returns {@code bytes} that were reserved. */
    public void release(long bytes) {
        assert bytes >= 0 : bytes;
        long left = used.addAndGet(-bytes);
        assert left >= 0 : "released " + -left + " bytes more than were reserved";
    }

    /** Bytes reserved at the moment. */
    public long used() {
        return used.get();
    }

    /** Bytes that may be used. */
    public long limit() {
        return limit;
    }

    /** Sets {@code bytes} of those used aside, or with a negative number takes them back. */
    public void setAside(long bytes) {
        long now = aside.addAndGet(bytes);
        assert now >= 0 : now;
    }

    /** Bytes that are set aside. */
    public long aside() {
        return aside.get();
    }

    /** Bytes used at which {@code percent} of what is not set aside is used. */
    public long mark(int percent) {
        long stuck = aside.get();
        return stuck + shared(stuck) / 100 * percent;
    }

    /** Bytes used above which the budget is exceeded. */
    public long ceiling() {
        long stuck = aside.get();
        return stuck + shared(stuck);
    }

    /** True while more bytes are used than there should be. */
    public boolean exceeded() {
        return used.get() > ceiling();
    }

    private long shared(long stuck) {
        return Math.max(limit - stuck, limit / LEFT_PARTS);
    }
}
