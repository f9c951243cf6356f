package io.cleave;

import io.cleave.core.metrics.Latency;
import io.cleave.core.metrics.LatencyWindow;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounters;
import io.cleave.core.metrics.OperationTotals;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.core.storage.Storage;
import io.cleave.event.StoreEvents;
import io.cleave.route.OpenIndexes;
import io.cleave.route.RoutedIndex;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts and times the operations of one store's users. Thread-safe. */
final class OperationTimes {
    /**
     * One read, put, delete or seek in so many is timed. At one in 64 a read of an absent key took some 5 % longer than without
     * any counting, at this rate 1 to 2 %: besides the clock there is the histogram, which is probably cold by then.
     */
    static final int SAMPLE_EVERY = 256;

    private final Storage storage;
    private final OpenIndexes indexes;
    private final OperationCounters counters;
    private final Map<TimedOperation, LatencyWindow> windows = new EnumMap<>(TimedOperation.class);
    private final long slowNanos;

    /** @param slowMillis from here on an operation is shown in a flight recording */
    OperationTimes(Storage storage, OpenIndexes indexes, long slowMillis) {
        this.storage = storage;
        this.indexes = indexes;
        this.counters = new OperationCounters(storage::nanoTime, SAMPLE_EVERY);
        for (TimedOperation operation : TimedOperation.values()) {
            windows.put(operation, new LatencyWindow(now()));
        }
        this.slowNanos = TimeUnit.MILLISECONDS.toNanos(slowMillis);
    }

    /** What to hand to {@link CallerState#cells}. */
    OperationCounters counters() {
        return counters;
    }

    /** The counters of the calling thread. */
    OperationCells own() {
        return CallerState.own().cells(counters);
    }

    /** Keeps nothing any more for threads that have ended, but what they have counted. */
    void forgetEnded() {
        counters.forgetEnded();
    }

    OperationTotals totals() {
        return counters.totals();
    }

    /** How long an operation took lately, by totals of now. */
    Latency lately(OperationTotals totals, TimedOperation operation) {
        return totals.lately(operation, windows.get(operation), now());
    }

    /** Called now and then, so that {@link #lately} tells of no longer than it says. */
    void tick() {
        if (windows.get(TimedOperation.GET).isDue(now())) {
            OperationTotals totals = totals();
            windows.keySet().forEach(operation -> lately(totals, operation));
        }
    }

    private long now() {
        return storage.nanoTime();
    }

    /** Ends an operation that was begun at {@code start}, if it is timed. {@code index} is null when it is about several. */
    void end(OperationCells cells, TimedOperation operation, RoutedIndex index, long start) {
        if (start != OperationCells.UNTIMED) {
            endTimed(cells, operation, index, start);
        }
    }

    private void endTimed(OperationCells cells, TimedOperation operation, RoutedIndex index, long start) {
        long nanos = cells.end(operation, start);
        StoreEvents.SlowSpan span = cells.takeSpan(start);
        if (span != StoreEvents.SlowSpan.OFF && nanos >= slowNanos) {
            span.commit(index == null ? indexes.ofStore() : indexes.place(index, 0), operation.name());
        }
    }
}
