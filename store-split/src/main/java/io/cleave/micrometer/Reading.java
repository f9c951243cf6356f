package io.cleave.micrometer;

import io.cleave.SegmentStore;
import io.cleave.StoreMetrics;
import io.cleave.error.StoreClosedException;
import io.micrometer.core.instrument.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The figures behind the meters of a store, read anew when they have become old. Thread-safe. */
final class Reading {
    private final SegmentStore store;
    private final Clock clock;
    /** Null before the first read, and when the store was closed before it. Guarded by this, as is the next. */
    private StoreMetrics metrics;

    private long readNanos;
    private boolean closed;

    Reading(SegmentStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    synchronized double gauge(ToDoubleFunction<StoreMetrics> figure) {
        refresh();
        return closed ? Double.NaN : figure.applyAsDouble(metrics);
    }

    synchronized double counter(ToDoubleFunction<StoreMetrics> figure) {
        refresh();
        return metrics == null ? 0 : figure.applyAsDouble(metrics);
    }

    private void refresh() {
        long now = clock.monotonicTime();
        boolean old =
                metrics == null || now - readNanos >= TimeUnit.MILLISECONDS.toNanos(CleaveMeterBinder.FRESH_MILLIS);
        if (closed || !old) {
            return;
        }
        try {
            metrics = store.metrics();
            readNanos = now;
        } catch (StoreClosedException e) {
            closed = true;
        }
    }
}
