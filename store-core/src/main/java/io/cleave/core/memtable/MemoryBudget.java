package io.cleave.core.memtable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of bytes that any number of memtables, of any number of stores, may take together. It counts and never
 * refuses: whoever owns the memtables looks at {@link #exceeded} and flushes.
 *
 * <p>Thread-safe. Memtables touch it once a chunk, not once an entry.
 */
public final class MemoryBudget {
    private final long limit;
    private final AtomicLong used = new AtomicLong();

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

    /** True while more bytes are used than the limit. */
    public boolean exceeded() {
        return used.get() > limit;
    }
}
