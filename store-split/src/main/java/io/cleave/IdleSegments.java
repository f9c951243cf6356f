package io.cleave;

import io.cleave.catalog.StoreLayout;
import io.cleave.maintenance.StallReason;
import io.cleave.route.RetryPolicy;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;

/**
 * Gives descriptors and mappings back when they run out: segments that nobody uses are closed. Where all have unflushed entries a
 * thread of the program has some flushed, and waits for the first that can be closed.
 *
 * <p>Thread-safe.
 */
final class IdleSegments {
    /** Flushes asked for at a time. */
    private static final int FLUSHES_MAX = 64;

    /** How often they are asked for while one call waits. */
    private static final int ROUNDS_MAX = 10;

    private final StoreContext shared;
    private final StoreMaintenance maintenance;

    IdleSegments(StoreContext shared, StoreMaintenance maintenance) {
        this.shared = shared;
        this.maintenance = maintenance;
    }

    /** Makes room to open {@code path}; false when there is none. Under the commit lock, or for the log, it does nothing. */
    boolean makeRoom(Path path) {
        boolean outOfOrder = shared.context().commitLock().isHeld()
                || path.startsWith(shared.directory().resolve(StoreLayout.LOG_NAME));
        return !outOfOrder && (close() || (mayWait() && flushAndClose()));
    }

    /** Closes what nobody uses. Returns true when there was something. */
    boolean close() {
        int closed = 0;
        for (RoutedIndex index : shared.indexes().all()) {
            closed += index.registry().closeIdle();
        }
        return closed > 0;
    }

    /** A thread of the store must not wait for others of them, and a listener for none. */
    private boolean mayWait() {
        return shared.gate().isAtWork()
                && shared.runtime().maintenanceThreads() > 0
                && !shared.runtime().workers().isWorker()
                && !shared.notices().isTelling();
    }

    private boolean flushAndClose() {
        if (!requestFlushes()) {
            return false;
        }
        // Counted, and not told of: where files have run out, the class of an event may be one that can't be loaded.
        long start = shared.storage().nanoTime();
        RetryPolicy.Attempt attempt = new RetryPolicy(
                        shared.storage(), shared.options().waitMillisMax())
                .attempt("a segment that can be closed");
        boolean closed = close();
        int rounds = 1;
        while (!closed && attempt.tryBackOff()) {
            // Those that could be closed may have been written again meanwhile, and those that failed find room.
            boolean under = isBeingFlushed() || (rounds++ < ROUNDS_MAX && requestFlushes());
            closed = close();
            if (!under && !closed) {
                break;
            }
        }
        maintenance.pacing().count(StallReason.MEMORY_STOP, shared.storage().nanoTime() - start);
        return closed;
    }

    /** False when nothing is left to be flushed. */
    private boolean requestFlushes() {
        int[] asked = {0};
        for (RoutedIndex index : shared.indexes().all()) {
            index.forEachSlot(slot -> {
                if (asked[0] < FLUSHES_MAX && slot.isDirty()) {
                    asked[0]++;
                    maintenance.requestFlushIfPossible(index, slot);
                }
            });
        }
        return asked[0] > 0;
    }

    private boolean isBeingFlushed() {
        boolean[] flushing = {false};
        for (RoutedIndex index : shared.indexes().all()) {
            index.forEachSlot(slot -> flushing[0] |= slot.isFlushMarked());
        }
        return flushing[0];
    }
}
