package io.cleave;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts behind a {@link LeakStats}. Thread-safe; each figure is exact by itself. */
final class LeakCounts {
    private final AtomicLongArray found = new AtomicLongArray(HandleKind.values().length);
    private final AtomicLong failures = new AtomicLong();

    /** Counts one; how many there are now. */
    long add(HandleKind kind) {
        return found.incrementAndGet(kind.ordinal());
    }

    void addFailure() {
        failures.incrementAndGet();
    }

    LeakStats stats() {
        return new LeakStats(
                found.get(HandleKind.CURSOR.ordinal()),
                found.get(HandleKind.SNAPSHOT.ordinal()),
                found.get(HandleKind.BATCH.ordinal()),
                found.get(HandleKind.STORE.ordinal()),
                failures.get());
    }
}
