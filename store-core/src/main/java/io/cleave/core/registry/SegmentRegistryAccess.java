package io.cleave.core.registry;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;

/**
 * The registry's answer to one operation: a status, the segment where there is one, and the lock of its handler. While it
 * is open the segment is not evicted.
 *
 * <p>Ownership: closed by its user; closing unlocks what this access locked. Idempotent. Belongs to one thread.
 */
public final class SegmentRegistryAccess implements AutoCloseable {
    private final SegmentRegistryStatus status;
    private final SegmentRegistryGate gate;
    private final SegmentCache cache;
    private final SegmentHandler handler;
    private final Segment segment;
    private boolean locked;
    private boolean closed;

    private SegmentRegistryAccess(
            SegmentRegistryStatus status,
            SegmentRegistryGate gate,
            SegmentCache cache,
            SegmentHandler handler,
            Segment segment) {
        this.status = status;
        this.gate = gate;
        this.cache = cache;
        this.handler = handler;
        this.segment = segment;
    }

    /** An answer without a segment. */
    static SegmentRegistryAccess without(SegmentRegistryStatus status) {
        return new SegmentRegistryAccess(status, null, null, null, null);
    }

    /** An answer with a segment; takes over one pin on the handler. */
    static SegmentRegistryAccess of(SegmentRegistryGate gate, SegmentCache cache, SegmentHandler handler) {
        return new SegmentRegistryAccess(SegmentRegistryStatus.OK, gate, cache, handler, handler.segmentIfLoaded());
    }

    /** How the registry answered. */
    public SegmentRegistryStatus status() {
        return status;
    }

    /** The segment; null unless the status is OK and the operation gives one. */
    public Segment segment() {
        return segment;
    }

    /**
     * Takes the handler's lock: OK, BUSY when somebody holds it, or this access's own status when there is no segment. NOT_FOUND
     * when the segment was deleted since the answer, CLOSED or ERROR when its registry was closed: nothing is locked then.
     */
    public SegmentRegistryStatus lock() {
        if (handler == null) {
            return status;
        }
        if (closed) {
            throw new IllegalStateException("access to segment " + handler.segmentId() + " is closed");
        }
        if (locked || !handler.lock().tryLock()) {
            return SegmentRegistryStatus.BUSY;
        }
        if (segment.state() == SegmentState.CLOSED) {
            handler.lock().unlock();
            SegmentRegistryStatus refusal = gate.refusal();
            return refusal == null ? SegmentRegistryStatus.NOT_FOUND : refusal;
        }
        locked = true;
        return SegmentRegistryStatus.OK;
    }

    /** Gives the handler's lock back. */
    public void unlock() {
        if (!locked) {
            throw new IllegalStateException("this access holds no lock");
        }
        locked = false;
        handler.lock().unlock();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (locked) {
            unlock();
        }
        if (handler != null) {
            cache.unpin(handler);
        }
    }
}
