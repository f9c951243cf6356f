package io.cleave.core.metrics;

import java.util.concurrent.TimeUnit;

/**
 * How long operations took lately. Remembers now and then what was counted so far, and tells what came since: of the last half to
 * whole minute when it is asked at least each half a minute, of more when seldom, of everything while that is younger.
 * Thread-safe.
 */
public final class LatencyWindow {
    /** What it tells of is at least so old, if the store is. */
    public static final long NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Guarded by this, as is what follows. */
    private LatencyTotals before = new LatencyTotals();

    private LatencyTotals next = before;
    private long nextNanos;

    /** Begins. */
    public LatencyWindow(long nowNanos) {
        nextNanos = nowNanos;
    }

    /** True when {@link #since} should be asked for the sake of later answers. */
    public synchronized boolean isDue(long nowNanos) {
        return nowNanos - nextNanos >= NANOS;
    }

    /**
     * What came lately. The maximum is the upper end of a bucket, too.
     *
     * @param now all that was counted so far; belongs to the window from now on
     */
    public synchronized Latency since(LatencyTotals now, long nowNanos) {
        if (isDue(nowNanos)) {
            before = next;
            next = now;
            nextNanos = nowNanos;
        }
        return now.since(before);
    }
}
