package io.cleave.tools;

import io.cleave.core.storage.Storage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The machine's own time. Thread-safe. */
final class WallPace implements StatWatch.Pace {
    private final Storage storage;

    /** Takes the time from {@code storage}, which stays the caller's. */
    WallPace(Storage storage) {
        this.storage = storage;
    }

    @Override
    public long nanoTime() {
        return storage.nanoTime();
    }

    @Override
    public boolean pause(long nanos) {
        try {
            // Nobody opens it: the time runs out, or the thread is interrupted.
            boolean isOpen = new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS);
            assert !isOpen : "somebody opened a latch of our own";
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
