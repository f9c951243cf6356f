package io.cleave.core.metrics;

/** How many threads have counters of their own that are held. */
public final class KeptCells {
    private KeptCells() {}

    /** Now, of one store. */
    public static int count(OperationCounters counters) {
        return counters.registeredCount();
    }
}
