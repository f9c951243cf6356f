package io.cleave.core.registry;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Safe access to the segments of one index. Every operation answers with a {@link SegmentRegistryAccess}; a refused one has
 * done nothing. It does not schedule or run flush, compaction or split.
 *
 * <p>Thread-safe. Ownership: closes its segments.
 */
public final class SegmentRegistry implements AutoCloseable {
    private final SegmentRegistryGate gate = new SegmentRegistryGate();
    private final SegmentLoader loader;
    private final SegmentIdAllocator allocator;
    private final SegmentCache cache;
    private final BooleanSupplier backOff;
    /** Set by the first close; a registry that failed gives its segments back as well. */
    private final AtomicBoolean released = new AtomicBoolean();

    /**
     * @param loader opens, creates and deletes segments
     * @param allocator hands out ids
     * @param handlersMax bound of the handler cache, at least 1
     * @param backOff waits a moment before a close is tried again; false when the deadline has passed
     */
    public SegmentRegistry(
            SegmentLoader loader, SegmentIdAllocator allocator, int handlersMax, BooleanSupplier backOff) {
        if (handlersMax < 1) {
            throw new IllegalArgumentException("handlersMax: expected at least 1, found " + handlersMax);
        }
        this.loader = loader;
        this.allocator = allocator;
        this.cache = new SegmentCache(handlersMax);
        this.backOff = backOff;
    }

    /** State of the gate. */
    public SegmentRegistryState state() {
        return gate.state();
    }

    /**
     * Loads a segment or gives the cached one. BUSY when its handler is locked by another access or another process holds its
     * directory, NOT_FOUND when there is none.
     *
     * @throws StoreException.Corrupt when the segment is damaged
     */
    public SegmentRegistryAccess getSegment(long segmentId) {
        SegmentRegistryStatus refusal = refusal();
        if (refusal != null) {
            return SegmentRegistryAccess.without(refusal);
        }
        SegmentHandler handler;
        try {
            handler = cache.acquire(segmentId, loader::tryOpen);
        } catch (StoreException.NotFound e) {
            return SegmentRegistryAccess.without(SegmentRegistryStatus.NOT_FOUND);
        }
        if (handler == null) {
            return SegmentRegistryAccess.without(refusal());
        }
        boolean lockedElsewhere = handler.lock().isLocked() && !handler.lock().isHeld();
        if (refusal() != null) {
            // Closed while the segment was being loaded: whoever comes last closes it.
            closeHandler(handler);
            cache.unpin(handler);
            return SegmentRegistryAccess.without(refusal());
        }
        if (handler.segmentIfLoaded() == null || lockedElsewhere) {
            cache.unpin(handler);
            return SegmentRegistryAccess.without(SegmentRegistryStatus.BUSY);
        }
        return SegmentRegistryAccess.of(gate, cache, handler);
    }

    /**
     * A fresh id, durable before it is returned.
     *
     * @throws StoreClosedException when the registry is closed or failed
     */
    public long allocateSegmentId() {
        SegmentRegistryStatus refusal = refusal();
        if (refusal != null) {
            throw new StoreClosedException("segment registry is " + refusal);
        }
        return allocator.next();
    }

    /** Allocates an id and creates an empty segment under it. */
    public SegmentRegistryAccess createSegment() {
        SegmentRegistryStatus refusal = refusal();
        if (refusal != null) {
            return SegmentRegistryAccess.without(refusal);
        }
        SegmentRegistryAccess created = register(loader.create(allocator.next()));
        trim();
        return created;
    }

    /** Closes what exceeds the bound of the cache, as far as it can go. Does I/O. */
    public void trim() {
        cache.evictExcess();
    }

    /** Closes every segment that nobody uses and that has nothing to flush. Returns how many there were. Does I/O. */
    public int closeIdle() {
        int before = cache.size();
        cache.evict(0);
        return before - cache.size();
    }

    /**
     * Takes over a segment that was built under an id of this registry. Does no I/O, so that it may be called under the key
     * map lock; {@link #trim} follows when the locks are released.
     */
    public SegmentRegistryAccess register(Segment segment) {
        SegmentRegistryStatus refusal = refusal();
        if (refusal != null) {
            segment.close();
            return SegmentRegistryAccess.without(refusal);
        }
        SegmentHandler handler = cache.insert(segment);
        if (refusal() != null) {
            // Without waiting, since the caller may hold locks of a later rank: who holds it now is close(), which
            // closes it.
            if (handler.lock().tryLock()) {
                closeLocked(handler);
            }
            cache.unpin(handler);
            return SegmentRegistryAccess.without(refusal());
        }
        return SegmentRegistryAccess.of(gate, cache, handler);
    }

    /**
     * A segment that is in the cache and open, whoever holds its handler; null when there is none. For reads and writes, which
     * do not need the handler.
     */
    public Segment loadedSegment(long segmentId) {
        SegmentHandler handler = cache.acquireIfPresent(segmentId);
        if (handler == null) {
            return null;
        }
        Segment segment = handler.segmentIfLoaded();
        cache.unpin(handler);
        return segment == null || segment.state() == SegmentState.CLOSED ? null : segment;
    }

    /**
     * Closes and deletes a segment: BUSY when its handler is locked, NOT_FOUND when neither cache nor disk has it. Holders of
     * its view read on; its files go from the directory at once.
     */
    public SegmentRegistryAccess deleteSegment(long segmentId) {
        SegmentRegistryStatus refusal = refusal();
        if (refusal != null) {
            return SegmentRegistryAccess.without(refusal);
        }
        SegmentHandler handler = cache.acquireIfPresent(segmentId);
        return SegmentRegistryAccess.without(handler == null ? deleteUncached(segmentId) : deleteCached(handler));
    }

    /** Registered segments that are loaded now. */
    public List<Segment> loadedSegments() {
        return cache.all().stream()
                .map(SegmentHandler::segmentIfLoaded)
                .filter(segment -> segment != null && segment.state() != SegmentState.CLOSED)
                .toList();
    }

    /** Handlers in the cache. */
    public int cachedCount() {
        return cache.size();
    }

    /** Segments closed because the cache was full. */
    public long evictions() {
        return cache.evictions();
    }

    /** Declares the registry failed; every later operation answers ERROR. */
    public void fail() {
        gate.tryMove(SegmentRegistryState.ERROR);
    }

    /**
     * Closes every loaded segment and the allocator, once the loads and deletions that are under way have ended: whoever has
     * closed it may delete the directories. Memtables that were not flushed are left to the log. Idempotent.
     */
    @Override
    public void close() {
        close(allocator::close);
    }

    /**
     * The same for an index that was dropped: its ids are of no use any more, so the mark stays, which would need room and a
     * sync that may fail.
     */
    public void closeDropped() {
        close(() -> {});
    }

    private void close(Runnable last) {
        gate.tryMove(SegmentRegistryState.CLOSED);
        if (!released.compareAndSet(false, true)) {
            return;
        }
        RuntimeException first = null;
        for (SegmentHandler handler : cache.close()) {
            try {
                handler.awaitSettled();
                closeHandler(handler);
            } catch (RuntimeException e) {
                first = first == null ? e : suppress(first, e);
            }
        }
        try {
            last.run();
        } catch (RuntimeException e) {
            first = first == null ? e : suppress(first, e);
        }
        if (first != null) {
            throw first;
        }
    }

    private void closeHandler(SegmentHandler handler) {
        Segment segment = handler.segmentIfLoaded();
        if (segment == null) {
            return;
        }
        handler.lock().lock();
        closeLocked(handler);
    }

    /** Closes a segment that is loaded and gives its handler's lock back. */
    private void closeLocked(SegmentHandler handler) {
        try {
            handler.segmentIfLoaded().close();
        } finally {
            handler.lock().unlock();
        }
        cache.remove(handler);
    }

    private SegmentRegistryStatus deleteUncached(long segmentId) {
        SegmentHandler placeholder = cache.reserve(segmentId);
        if (placeholder == null) {
            return SegmentRegistryStatus.BUSY;
        }
        try {
            return deleteDirectory(segmentId);
        } finally {
            cache.remove(placeholder);
        }
    }

    private SegmentRegistryStatus deleteDirectory(long segmentId) {
        try {
            return loader.delete(segmentId) ? SegmentRegistryStatus.OK : SegmentRegistryStatus.NOT_FOUND;
        } catch (StoreException.Locked e) {
            return SegmentRegistryStatus.BUSY;
        }
    }

    private SegmentRegistryStatus deleteCached(SegmentHandler handler) {
        if (!handler.loaded().isDone() || !handler.lock().tryLock()) {
            cache.unpin(handler);
            return SegmentRegistryStatus.BUSY;
        }
        try {
            if (!cache.beginLeaving(handler)) {
                return SegmentRegistryStatus.BUSY;
            }
            Segment segment = handler.segmentIfLoaded();
            if (segment != null) {
                closeWithRetry(segment);
            }
            return deleteDirectory(handler.segmentId());
        } finally {
            handler.lock().unlock();
            cache.unpin(handler);
            if (handler.leaving) {
                cache.remove(handler);
            }
        }
    }

    private void closeWithRetry(Segment segment) {
        while (true) {
            try {
                segment.close();
                return;
            } catch (IllegalStateException e) {
                if (!backOff.getAsBoolean()) {
                    throw e;
                }
            }
        }
    }

    private SegmentRegistryStatus refusal() {
        return gate.refusal();
    }

    private static RuntimeException suppress(RuntimeException first, RuntimeException later) {
        first.addSuppressed(later);
        return first;
    }
}
