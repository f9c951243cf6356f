package io.cleave;

import io.cleave.core.resource.UseGate;
import io.cleave.core.segment.Snapshots;
import io.cleave.route.SlotLease;

/**
 * What an open cursor holds: a registered sequence number and a lease on one slot at a time.
 *
 * <p>Thread-safety: the lease belongs to the user of the gate, or to whoever the gate has told to release.
 */
final class CursorHandle extends StoreHandle {
    private final UseGate gate = new UseGate();
    private final Snapshots snapshots;
    private final long sequence;
    private SlotLease lease;

    /** Takes over one registration of {@code sequence}. */
    CursorHandle(Object cursor, StoreLeaks leaks, Snapshots snapshots, long sequence) {
        super(cursor, HandleKind.CURSOR, leaks);
        this.snapshots = snapshots;
        this.sequence = sequence;
    }

    @Override
    UseGate gate() {
        return gate;
    }

    long sequence() {
        return sequence;
    }

    /** The slot it reads, or null. */
    SlotLease lease() {
        return lease;
    }

    /** Reads a slot from now on, or none. The lease before was closed. */
    void lease(SlotLease next) {
        lease = next;
    }

    /** Gives everything back, once: for whom the gate has told to. */
    void release() {
        leaks().untrack(this);
        try {
            if (lease != null) {
                lease.close();
                lease = null;
            }
        } finally {
            snapshots.release(sequence);
        }
    }

    @Override
    void releaseForgotten() {
        gate.shut();
        if (gate.takeRelease()) {
            release();
        }
    }

    @Override
    void cutOff() {
        if (gate.tryRelease()) {
            release();
        }
    }
}
