package io.cleave;

import io.cleave.core.entry.Lookup;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounters;

/**
 * What a thread keeps from call to call: one lookup, so that a point read allocates nothing but its result, and its counters
 * of the store it used last, so that finding them costs one comparison. Belongs to its thread.
 */
final class CallerState {
    private static final ThreadLocal<CallerState> OWN = ThreadLocal.withInitial(CallerState::new);

    private final Lookup lookup = new Lookup();
    private OperationCells cells;

    private CallerState() {}

    /** That of the calling thread. */
    static CallerState own() {
        return OWN.get();
    }

    Lookup lookup() {
        return lookup;
    }

    /** The thread's counters of one store. */
    OperationCells cells(OperationCounters counters) {
        OperationCells last = cells;
        if (last == null || !last.isOf(counters)) {
            last = counters.own();
            cells = last;
        }
        return last;
    }
}
