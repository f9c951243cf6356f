package io.cleave.core.registry;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.segment.Segment;
import java.util.concurrent.CompletableFuture;

/**
 * One segment's place in the cache: the segment once it is loaded, the lock that gives the right to maintain it, and how
 * many accesses refer to it. Package-private: users see a {@link SegmentRegistryAccess}.
 *
 * <p>Thread-safety: {@link #pins} and {@link #leaving} are guarded by the cache lock; the futures are their own.
 */
final class SegmentHandler {
    private final long segmentId;
    private final RankedLock lock;
    private final CompletableFuture<Segment> loaded = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    /** Open accesses. */
    int pins;
    /** True while it is being evicted or deleted; who asks for the segment waits for {@link #gone}. */
    boolean leaving;

    SegmentHandler(long segmentId) {
        this.segmentId = segmentId;
        this.lock = new RankedLock(LockRank.HANDLER, segmentId);
    }

    long segmentId() {
        return segmentId;
    }

    RankedLock lock() {
        return lock;
    }

    /** Completes with the segment, with null when its directory is held elsewhere, or with why it can't be opened. */
    CompletableFuture<Segment> loaded() {
        return loaded;
    }

    /** Completes when the handler has left the cache. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** Waits while the segment is being loaded, or deleted without having been loaded. */
    void awaitSettled() {
        CompletableFuture<Object> settled =
                CompletableFuture.anyOf(loaded, gone).exceptionally(failure -> null);
        settled.join();
    }

    /** The loaded segment, or null. */
    Segment segmentIfLoaded() {
        return loaded.isDone() && !loaded.isCompletedExceptionally() ? loaded.join() : null;
    }

    /** True when nobody would miss it. Requires the cache lock. */
    boolean isEvictable() {
        Segment segment = segmentIfLoaded();
        return pins == 0 && !leaving && !lock.isLocked() && segment != null && segment.isIdle();
    }
}
