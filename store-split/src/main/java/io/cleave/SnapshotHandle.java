package io.cleave;

import io.cleave.core.resource.Epoch;
import io.cleave.core.segment.Snapshots;
import java.util.concurrent.atomic.AtomicBoolean;

/** What an open snapshot holds: a registered sequence number. Thread-safe. */
final class SnapshotHandle extends StoreHandle {
    private final Snapshots snapshots;
    private final long sequence;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Registers the newest visible sequence number. */
    SnapshotHandle(Object snapshot, StoreLeaks leaks, Snapshots snapshots) {
        super(snapshot, HandleKind.SNAPSHOT, leaks);
        this.snapshots = snapshots;
        this.sequence = snapshots.register();
    }

    long sequence() {
        return sequence;
    }

    boolean isClosed() {
        return closed.get();
    }

    /** Idempotent. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            leaks().untrack(this);
            snapshots.release(sequence);
            Epoch.reclaim();
        }
    }

    @Override
    void releaseForgotten() {
        close();
    }

    @Override
    void cutOff() {
        close();
    }
}
