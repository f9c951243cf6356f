package io.cleave.core.registry;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.segment.Segment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Handlers in the order of their last use, with a bound. An evicted segment is closed before its handler leaves. The bound
 * is exceeded when nothing can be evicted.
 *
 * <p>Thread-safe: the map is guarded by the cache lock, which is never held while a segment is opened or closed.
 */
final class SegmentCache {
    private final int handlersMax;
    private final RankedLock lock = new RankedLock(LockRank.CACHE);
    /** Least recently used first. Guarded by {@link #lock}. */
    private final Map<Long, SegmentHandler> handlers = new LinkedHashMap<>(16, 0.75f, true);

    private long evictions;

    /** Nothing comes in any more but what was created before. Guarded by {@link #lock}. */
    private boolean closed;

    SegmentCache(int handlersMax) {
        this.handlersMax = handlersMax;
    }

    /**
     * The handler of a segment, pinned once for the caller, its load finished. Whoever comes first runs {@code loader}; the
     * others wait for that load alone.
     *
     * @return null when the segment is not cached and the cache is closed
     * @throws RuntimeException what the loader threw; the handler has left the cache then
     */
    SegmentHandler acquire(long segmentId, LongFunction<Segment> loader) {
        SegmentHandler handler = null;
        boolean first = false;
        while (handler == null) {
            SegmentHandler leaving = null;
            lock.lock();
            try {
                SegmentHandler present = handlers.get(segmentId);
                if (present != null && present.leaving) {
                    leaving = present;
                } else if (present == null && closed) {
                    return null;
                } else {
                    first = present == null;
                    handler = first ? new SegmentHandler(segmentId) : present;
                    handlers.put(segmentId, handler);
                    handler.pins++;
                }
            } finally {
                lock.unlock();
            }
            if (leaving != null) {
                leaving.gone().join();
            }
        }
        if (first) {
            load(handler, loader);
        }
        awaitLoad(handler);
        return handler;
    }

    /** Puts a segment in that was just created; pinned once for the caller, who sees to {@link #evictExcess} later. */
    SegmentHandler insert(Segment segment) {
        SegmentHandler handler = new SegmentHandler(segment.id());
        handler.loaded().complete(segment);
        lock.lock();
        try {
            SegmentHandler present = handlers.putIfAbsent(segment.id(), handler);
            if (present != null) {
                throw new IllegalStateException("segment " + segment.id() + " is already in the cache");
            }
            handler.pins++;
        } finally {
            lock.unlock();
        }
        return handler;
    }

    /** The handler if it is cached and stays, pinned once for the caller; else null. */
    SegmentHandler acquireIfPresent(long segmentId) {
        lock.lock();
        try {
            SegmentHandler handler = handlers.get(segmentId);
            if (handler == null || handler.leaving) {
                return null;
            }
            handler.pins++;
            return handler;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps the place of a segment that is not cached, as one that is leaving; null when it is cached after all, or the cache is
     * closed.
     */
    SegmentHandler reserve(long segmentId) {
        SegmentHandler placeholder = new SegmentHandler(segmentId);
        placeholder.leaving = true;
        lock.lock();
        try {
            return closed ? null : handlers.putIfAbsent(segmentId, placeholder) == null ? placeholder : null;
        } finally {
            lock.unlock();
        }
    }

    void unpin(SegmentHandler handler) {
        lock.lock();
        try {
            handler.pins--;
            assert handler.pins >= 0;
        } finally {
            lock.unlock();
        }
    }

    /** From now on nobody gets the handler; whoever asks waits until {@link #remove}. False when it is leaving already. */
    boolean beginLeaving(SegmentHandler handler) {
        lock.lock();
        try {
            if (handler.leaving || handlers.get(handler.segmentId()) != handler) {
                return false;
            }
            handler.leaving = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void remove(SegmentHandler handler) {
        lock.lock();
        try {
            handlers.remove(handler.segmentId(), handler);
        } finally {
            lock.unlock();
        }
        handler.gone().complete(null);
    }

    List<SegmentHandler> all() {
        lock.lock();
        try {
            return new ArrayList<>(handlers.values());
        } finally {
            lock.unlock();
        }
    }

    /** Lets no further load or deletion begin. The handlers there are, some of them still loading or leaving. */
    List<SegmentHandler> close() {
        lock.lock();
        try {
            closed = true;
            return new ArrayList<>(handlers.values());
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return handlers.size();
        } finally {
            lock.unlock();
        }
    }

    long evictions() {
        lock.lock();
        try {
            return evictions;
        } finally {
            lock.unlock();
        }
    }

    private void load(SegmentHandler handler, LongFunction<Segment> loader) {
        try {
            handler.loaded().complete(loader.apply(handler.segmentId()));
        } catch (RuntimeException | Error e) {
            handler.loaded().completeExceptionally(e);
        }
        evictExcess();
    }

    /** Leaves the handler in place only when there is a segment behind it. */
    private void awaitLoad(SegmentHandler handler) {
        try {
            if (handler.loaded().join() == null) {
                remove(handler);
            }
        } catch (java.util.concurrent.CompletionException e) {
            remove(handler);
            unpin(handler);
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** Closes least recently used segments until the bound holds or nothing more can go. */
    void evictExcess() {
        evict(handlersMax);
    }

    /** Closes least recently used segments until no more than {@code keep} are left or nothing more can go. */
    void evict(int keep) {
        for (SegmentHandler victim = nextVictim(keep); victim != null; victim = nextVictim(keep)) {
            boolean closed = false;
            try {
                closed = victim.segmentIfLoaded().closeIfClean();
            } finally {
                victim.lock().unlock();
                if (closed) {
                    remove(victim);
                } else {
                    stay(victim);
                }
            }
            if (!closed) {
                return;
            }
        }
    }

    /** Picks a handler, takes its lock and marks it as leaving; null when the bound holds or none can go. */
    private SegmentHandler nextVictim(int keep) {
        lock.lock();
        try {
            if (handlers.size() <= keep) {
                return null;
            }
            for (SegmentHandler handler : handlers.values()) {
                if (handler.isEvictable() && handler.lock().tryLock()) {
                    handler.leaving = true;
                    evictions++;
                    return handler;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** A write came first: the handler stays, under a new object for those who wait for it to go. */
    private void stay(SegmentHandler victim) {
        SegmentHandler successor = new SegmentHandler(victim.segmentId());
        successor.loaded().complete(victim.segmentIfLoaded());
        lock.lock();
        try {
            handlers.replace(victim.segmentId(), victim, successor);
            evictions--;
        } finally {
            lock.unlock();
        }
        victim.gone().complete(null);
    }
}
