package io.cleave.core.resource;

import java.util.ArrayList;
import java.util.List;

/**
 * The slots of the threads that live. Those of threads that have ended go in one pass, when somebody looks for the oldest
 * reader and when the number of slots has doubled since the pass before: so memory, and the time of a look, go with the threads
 * that live, however many there ever were, and a thread pays for a constant number of slots when it comes.
 *
 * <p>Thread-safe: its monitor is a leaf lock, taken once by each thread that comes, and by looks.
 *
 * <p>Why a look misses no reader. A thread enters only after it was added. If that was before the look, the look sees what the
 * slot holds; if after, whatever was made unreachable before the look is so for the thread, by this monitor.
 */
final class SlotRegister {
    private static final int SWEEP_LEAST = 64;

    private final List<Epoch.Slot> slots = new ArrayList<>();
    private int sweepAt = SWEEP_LEAST;

    synchronized void add(Epoch.Slot slot) {
        if (slots.size() >= sweepAt) {
            sweep();
        }
        slots.add(slot);
    }

    /** See {@link Epoch#oldestActive}. */
    synchronized long oldestActive() {
        sweep();
        long oldest = Long.MAX_VALUE;
        for (Epoch.Slot slot : slots) {
            oldest = Math.min(oldest, slot.activeSince());
        }
        return oldest;
    }

    synchronized int size() {
        return slots.size();
    }

    /** Gives up the slots of threads that have ended. */
    synchronized void sweep() {
        slots.removeIf(Epoch.Slot::isOrphan);
        sweepAt = Math.max(SWEEP_LEAST, 2 * slots.size());
    }
}
