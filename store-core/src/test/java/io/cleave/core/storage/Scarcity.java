package io.cleave.core.storage;

/** Makes memory scarce for the page cache of this process, as long as it is open. One at a time. */
public final class Scarcity implements AutoCloseable {
    private long nanos = System.nanoTime();

    /** From now on any mapping is too much. */
    public Scarcity() {
        PageCache.tick(nanos, 0);
    }

    /** Lets all marks grow old. */
    public void letMarksGrowOld() {
        nanos += 1_000_000_000L * PageCache.PERIOD_SECONDS_MAX;
        PageCache.tick(nanos, 0);
    }

    /** Pages or ranges that were read ahead of being touched, since marks have last grown old. */
    public long reads() {
        return PageCache.reads();
    }

    @Override
    public void close() {
        PageCache.tick(nanos, Long.MAX_VALUE);
    }
}
