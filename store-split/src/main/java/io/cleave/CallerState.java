package io.cleave;

import io.cleave.core.entry.Lookup;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounters;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.PerThread;

/**
 * What a thread keeps from call to call: one lookup, so that a point read allocates nothing but its result, and its counters
 * of the store it used last, so that finding them costs one comparison. Belongs to its thread.
 */
final class CallerState {
    private static final PerThread<CallerState> OWN = new PerThread<>(() -> new CallerState(Epoch.ownSlot()));

    private final Lookup lookup = new Lookup();
    private final Epoch.Slot epoch;
    private OperationCells cells;

    private CallerState(Epoch.Slot epoch) {
        this.epoch = epoch;
    }

    /** That of the calling thread. */
    static CallerState own() {
        return OWN.own();
    }

    Lookup lookup() {
        return lookup;
    }

    /** The thread's place for point reads. */
    Epoch.Slot epoch() {
        return epoch;
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
