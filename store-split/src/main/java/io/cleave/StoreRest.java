package io.cleave;

import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.route.OpenIndexes;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The time in which nobody asks a store for flushes, because the last one failed: a tenth of a second at first, then twice as long
 * each time, up to {@value #SECONDS_MAX} seconds. It begins only where stores share their memory; what this one holds is set aside
 * for so long.
 *
 * <p>Thread-safe: changes hold this object's monitor, a leaf lock.
 */
final class StoreRest {
    private static final int SECONDS_MAX = 10;
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(SECONDS_MAX);

    private final Path directory;
    private final Storage storage;
    private final MemoryBudget budget;
    private final OpenIndexes indexes;

    /** Null when the last flush went well. */
    private volatile Pause pause;

    /** Guarded by this. */
    private boolean closed;

    /**
     * One rest.
     *
     * @param untilNanos when it is over, by the storage's clock
     * @param nanos how long it is; 0 when it never ends
     * @param bytes what is set aside
     * @param cause why
     */
    private record Pause(long untilNanos, long nanos, long bytes, StoreException cause) {}

    /** Of a store that shares {@code budget}, null when it shares it with none: then it never rests. */
    StoreRest(Path directory, Storage storage, MemoryBudget budget, OpenIndexes indexes) {
        this.directory = directory;
        this.storage = storage;
        this.budget = budget;
        this.indexes = indexes;
    }

    /** The last flush failed, and none has gone well since. */
    boolean isBegun() {
        return pause != null;
    }

    /** Nobody should ask for a flush now. */
    boolean isResting() {
        Pause now = pause;
        return now != null && (now.nanos == 0 || storage.nanoTime() - now.untilNanos < 0);
    }

    /** A flush should be tried again. */
    boolean isOver() {
        return isBegun() && !isResting();
    }

    /** Why it rests. Requires: it {@link #isBegun}. */
    StoreException cause() {
        Pause now = pause;
        return now == null ? new StoreException.Busy("store " + directory + ": a flush has just ended") : now.cause;
    }

    /** A flush of the store has ended; {@code thrown} is null when it went well. */
    void flushEnded(Throwable thrown) {
        if (thrown == null) {
            end();
        } else if (!(thrown instanceof StoreClosedException)) {
            begin(thrown, FIRST_NANOS);
        }
    }

    /** Nothing of the store will be flushed any more. */
    void beginForGood(Throwable cause) {
        begin(cause, 0);
    }

    private synchronized void begin(Throwable thrown, long firstNanos) {
        if (closed || budget == null) {
            return;
        }
        Pause before = pause;
        long nanos = firstNanos;
        if (before != null && (before.nanos == 0 || firstNanos != 0)) {
            nanos = isResting() ? before.nanos : Math.min(2 * before.nanos, LONGEST_NANOS);
        }
        long bytes = indexes.memtableBytes();
        budget.setAside(bytes - (before == null ? 0 : before.bytes));
        StoreException cause = thrown instanceof StoreException known
                ? known
                : new StoreException.TaskFailed("flush in " + directory + " failed", thrown);
        pause = new Pause(storage.nanoTime() + nanos, nanos, bytes, cause);
    }

    /** A flush went well, or there is nothing to flush. */
    synchronized void end() {
        if (pause != null) {
            budget.setAside(-pause.bytes);
            pause = null;
        }
    }

    /** The store is closed: its memory is given back. */
    synchronized void close() {
        end();
        closed = true;
    }
}
