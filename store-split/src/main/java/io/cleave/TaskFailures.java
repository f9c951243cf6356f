package io.cleave;

import io.cleave.core.storage.Storage;
import io.cleave.maintenance.TaskKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Background work that failed: what has failed too often is not tried again, and the log is told. What passes, such as a full disk, does not
 * count, and comes again with each try of a writer: one such failure is told in a while, without a trace, and how many came before it.
 * Thread-safe.
 */
final class TaskFailures {
    /** Name of the logger, which programs may have a filter for. */
    static final String LOGGER = "io.cleave.StoreMaintenance";

    /** So often work on a segment is tried. */
    static final int TRIES_MAX = 3;

    private static final long PASSING_TOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final System.Logger logger = System.getLogger(LOGGER);
    private final Map<TaskKey, Integer> counts = new ConcurrentHashMap<>();
    private final Storage storage;
    /** When the log was told of a failure that passes; 0 for never. */
    private final AtomicLong told = new AtomicLong();
    /** Such failures since then. */
    private final AtomicLong untold = new AtomicLong();

    TaskFailures(Storage storage) {
        this.storage = storage;
    }

    /** It went well. */
    void forget(TaskKey key) {
        counts.remove(key);
    }

    /** It is to be left alone. */
    boolean isTooOften(TaskKey key) {
        return counts.getOrDefault(key, 0) >= TRIES_MAX;
    }

    /** One that stays, with its trace. */
    void failed(TaskKey key, Throwable cause) {
        counts.merge(key, 1, Integer::sum);
        logger.log(System.Logger.Level.WARNING, "maintenance failed: " + key, cause);
    }

    /** One that passes. */
    void failedForNow(TaskKey key, Throwable cause) {
        long now = Math.max(1, storage.nanoTime());
        long last = told.get();
        long before = untold.getAndIncrement();
        if ((last == 0 || now - last >= PASSING_TOLD_NANOS) && told.compareAndSet(last, now)) {
            untold.set(0);
            String more = before == 0 ? "" : "; " + before + " more since the last one that was told";
            logger.log(
                    System.Logger.Level.WARNING,
                    "maintenance failed, and is tried again: " + key + ": " + cause + more);
        }
    }
}
