package io.cleave.log;

import io.cleave.core.metrics.Latency;
import io.cleave.core.metrics.LatencyHistogram;
import io.cleave.core.metrics.LatencyWindow;
import io.cleave.core.storage.Storage;
import io.cleave.event.StoreEvents;
import java.nio.file.Path;

/** Forces of a log, timed and recorded. Thread-safe for reading; one thread at a time forces, as {@link GroupCommit} sees to. */
final class LogSyncs implements GroupCommit.Source {
    private final Storage storage;
    private final String store;
    private final GroupCommit.Source source;
    private final LatencyHistogram latency = new LatencyHistogram();
    private final LatencyWindow window;

    /** Position up to which the log was made durable. Of the one who forces. */
    private long forced;

    /**
     * @param storage clock
     * @param directory of the log
     * @param source what is forced
     * @param forced position up to which the log is durable already
     */
    LogSyncs(Storage storage, Path directory, GroupCommit.Source source, long forced) {
        this.storage = storage;
        this.store = String.valueOf(directory.getParent());
        this.source = source;
        this.forced = forced;
        this.window = new LatencyWindow(storage.nanoTime());
    }

    Latency latency() {
        return latency.latency();
    }

    /** Of the last half to whole minute. */
    Latency recentLatency() {
        return window.since(latency.totals(), storage.nanoTime());
    }

    /** Called now and then, so that {@link #recentLatency} tells of no longer than it says. */
    void tick() {
        if (window.isDue(storage.nanoTime())) {
            recentLatency();
        }
    }

    @Override
    public long newest() {
        return source.newest();
    }

    @Override
    public void force(long target) {
        StoreEvents.SyncSpan span = StoreEvents.logSync();
        long start = storage.nanoTime();
        source.force(target);
        latency.record(storage.nanoTime() - start);
        span.commit(store, Math.max(0, target - forced));
        forced = Math.max(forced, target);
    }
}
