package io.cleave;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.TaskKey;
import io.cleave.split.SplitOutcome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The segments that could not be split for want of room, files or memory. They are flushed as they are, and nobody tries to split
 * them again before a second has passed, then two, up to {@value #SECONDS_MAX}: a split that fails has written much for nothing.
 *
 * <p>Thread-safe.
 */
final class RefusedSplits {
    private static final int SECONDS_MAX = 60;
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(SECONDS_MAX);

    private final Storage storage;
    private final Map<TaskKey, Refusal> refusals = new ConcurrentHashMap<>();

    /**
     * One segment's.
     *
     * @param atNanos when it was refused last
     * @param nanos how long it is left alone from then on
     */
    private record Refusal(long atNanos, long nanos) {}

    RefusedSplits(Storage storage) {
        this.storage = storage;
    }

    /**
     * Splits a segment; one that can't have all it needs stays as large as it is, which is told of once.
     *
     * @param key of the split
     * @param workers told
     * @return NOT_ELIGIBLE when it was refused
     */
    SplitOutcome attempt(TaskKey key, Supplier<SplitOutcome> split, MaintenanceWorkers workers) {
        try {
            SplitOutcome outcome = split.get();
            refusals.remove(key);
            return outcome;
        } catch (StoreException.DiskFull | StoreException.LimitReached e) {
            if (add(key)) {
                workers.tellFailure(key, e);
            }
            return SplitOutcome.NOT_ELIGIBLE;
        }
    }

    /** The split of a segment was refused. Returns true the first time since one went well. */
    private boolean add(TaskKey key) {
        long now = storage.nanoTime();
        // Segments that have left their index meanwhile.
        refusals.values().removeIf(refusal -> now - refusal.atNanos > refusal.nanos + LONGEST_NANOS);
        Refusal before = refusals.get(key);
        long nanos = before == null ? FIRST_NANOS : Math.min(2 * before.nanos, LONGEST_NANOS);
        return refusals.put(key, new Refusal(now, nanos)) == null;
    }

    /** It is not to be tried now. */
    boolean isResting(TaskKey key) {
        Refusal last = refusals.get(key);
        return last != null && storage.nanoTime() - last.atNanos < last.nanos;
    }
}
