package io.cleave;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts behind a {@link LeakStats}. Thread-safe; each figure is exact by itself. */
final class LeakCounts {
    private static final LeakCounts PROCESS = new LeakCounts();

    private final Map<HandleKind, AtomicLong> found = new EnumMap<>(HandleKind.class);
    private final AtomicLong failures = new AtomicLong();

    LeakCounts() {
        for (HandleKind kind : HandleKind.values()) {
            found.put(kind, new AtomicLong());
        }
    }

    /** Of all stores since the process began. */
    static LeakCounts ofProcess() {
        return PROCESS;
    }

    /** Counts one; how many there are now. */
    long add(HandleKind kind) {
        return found.get(kind).incrementAndGet();
    }

    void addFailure() {
        failures.incrementAndGet();
    }

    LeakStats stats() {
        return new LeakStats(
                found.get(HandleKind.CURSOR).get(),
                found.get(HandleKind.SNAPSHOT).get(),
                found.get(HandleKind.BATCH).get(),
                found.get(HandleKind.STORE).get(),
                failures.get());
    }
}
