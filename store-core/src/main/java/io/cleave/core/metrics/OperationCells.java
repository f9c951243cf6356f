package io.cleave.core.metrics;

import io.cleave.event.StoreEvents;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;

/**
 * The counters of one thread for one store. What is written for each operation lies in one array with a gap of two cache
 * lines on both sides, so that threads do not disturb each other. Histograms are made when they are first needed.
 *
 * <p>Thread-safety: belongs to one thread; others read it through {@link OperationCounters}.
 */
@SuppressWarnings("EnumOrdinal") // Places in an array in memory: nothing that lasts depends on the order.
public final class OperationCells {
    /** What {@link #begin} returns for an operation that is not timed. */
    public static final long UNTIMED = Long.MIN_VALUE;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle HISTOGRAM = MethodHandles.arrayElementVarHandle(LatencyHistogram[].class);

    /** Longs in two cache lines: neighbours are fetched in pairs. */
    private static final int GAP = 16;

    private static final int UNTIL_TIMED = GAP;
    private static final int RANDOM = GAP + 1;
    private static final int FIRST_COUNTER = GAP + 2;
    private static final int COUNTERS = OperationCounter.values().length;
    private static final int TIMED = TimedOperation.values().length;

    private final Object store;
    private final LongSupplier clock;
    private final int sampleEvery;
    private final long[] cells = new long[FIRST_COUNTER + COUNTERS + GAP];
    private final LatencyHistogram[] histograms = new LatencyHistogram[TIMED];

    /** Of the operation that was begun last, if it is watched. */
    private StoreEvents.SlowSpan span = StoreEvents.SlowSpan.OFF;

    private long spanStart;

    /**
     * @param store identity of the store
     * @param clock monotonic nanoseconds
     * @param sampleEvery see {@link OperationCounters}
     * @param seed of the gaps between samples
     */
    OperationCells(Object store, LongSupplier clock, int sampleEvery, long seed) {
        this.store = store;
        this.clock = clock;
        this.sampleEvery = sampleEvery;
        this.cells[RANDOM] = seed | 1;
        this.cells[UNTIL_TIMED] = nextGap();
    }

    /** True when these are cells of that store. */
    public boolean isOf(OperationCounters counters) {
        return store == counters.identity();
    }

    /** Adds to a counter. */
    public void count(OperationCounter counter, long more) {
        int cell = FIRST_COUNTER + counter.ordinal();
        CELL.setOpaque(cells, cell, cells[cell] + more);
    }

    /** Begins an operation. Returns when, in nanoseconds of the clock, or {@link #UNTIMED}. */
    public long begin() {
        long left = cells[UNTIL_TIMED] - 1;
        if (left > 0 && !StoreEvents.slowOperationsOn()) {
            cells[UNTIL_TIMED] = left;
            return UNTIMED;
        }
        return beginTimed(left);
    }

    /** Begins an operation that is timed always, because it takes long. Returns when, in nanoseconds of the clock. */
    public long beginTimed() {
        return beginTimed(cells[UNTIL_TIMED]);
    }

    private long beginTimed(long left) {
        cells[UNTIL_TIMED] = left > 0 ? left : nextGap();
        span = StoreEvents.slowOperation();
        spanStart = clock.getAsLong();
        return spanStart;
    }

    /** Ends an operation that is timed. Returns how long it took, in nanoseconds. */
    public long end(TimedOperation operation, long start) {
        long nanos = clock.getAsLong() - start;
        LatencyHistogram histogram = histograms[operation.ordinal()];
        if (histogram == null) {
            histogram = new LatencyHistogram();
            HISTOGRAM.setRelease(histograms, operation.ordinal(), histogram);
        }
        histogram.recordAlone(nanos);
        return nanos;
    }

    /** The event of the operation that began at {@code start}; off when there is none, or another one began since. */
    public StoreEvents.SlowSpan takeSpan(long start) {
        StoreEvents.SlowSpan taken = start == spanStart ? span : StoreEvents.SlowSpan.OFF;
        span = StoreEvents.SlowSpan.OFF;
        return taken;
    }

    long counted(OperationCounter counter) {
        return (long) CELL.getOpaque(cells, FIRST_COUNTER + counter.ordinal());
    }

    /** Null when nothing of that kind was timed. */
    LatencyHistogram histogram(TimedOperation operation) {
        return (LatencyHistogram) HISTOGRAM.getAcquire(histograms, operation.ordinal());
    }

    /** From 1 to twice the mean: a fixed gap could fall in step with what the thread does. Source: G. Marsaglia, xorshift. */
    private long nextGap() {
        if (sampleEvery == 1) {
            return 1;
        }
        long random = cells[RANDOM];
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        cells[RANDOM] = random;
        return 1 + (random >>> 1) % (2L * sampleEvery - 1);
    }
}
