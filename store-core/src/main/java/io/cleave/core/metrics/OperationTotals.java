package io.cleave.core.metrics;

/** Counts and latencies of several threads together. Not thread-safe; whoever asked for it owns it. */
@SuppressWarnings("EnumOrdinal") // Places in an array in memory: nothing that lasts depends on the order.
public final class OperationTotals {
    private final long[] counts = new long[OperationCounter.values().length];
    private final LatencyTotals[] latencies = new LatencyTotals[TimedOperation.values().length];

    OperationTotals() {}

    /** How much was counted. */
    public long count(OperationCounter counter) {
        return counts[counter.ordinal()];
    }

    /** How long it took. */
    public Latency latency(TimedOperation operation) {
        LatencyTotals latency = latencies[operation.ordinal()];
        return latency == null ? Latency.NONE : latency.latency();
    }

    /** How long it took lately, by a window that is asked for that operation alone. Ends what may be added. */
    public Latency lately(TimedOperation operation, LatencyWindow window, long nowNanos) {
        return window.since(latency(operation.ordinal()), nowNanos);
    }

    void add(OperationCells cells) {
        for (OperationCounter counter : OperationCounter.values()) {
            counts[counter.ordinal()] += cells.counted(counter);
        }
        for (TimedOperation operation : TimedOperation.values()) {
            LatencyHistogram histogram = cells.histogram(operation);
            if (histogram != null) {
                latency(operation.ordinal()).add(histogram);
            }
        }
    }

    void add(OperationTotals other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        for (int i = 0; i < latencies.length; i++) {
            if (other.latencies[i] != null) {
                latency(i).add(other.latencies[i]);
            }
        }
    }

    private LatencyTotals latency(int operation) {
        if (latencies[operation] == null) {
            latencies[operation] = new LatencyTotals();
        }
        return latencies[operation];
    }
}
