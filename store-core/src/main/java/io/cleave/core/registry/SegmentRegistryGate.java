package io.cleave.core.registry;

import java.util.concurrent.atomic.AtomicReference;

/** Owns a registry's {@link SegmentRegistryState}. Thread-safe, lock-free. */
final class SegmentRegistryGate {
    private final AtomicReference<SegmentRegistryState> state = new AtomicReference<>(SegmentRegistryState.READY);

    SegmentRegistryState state() {
        return state.get();
    }

    /** Moves to {@code next} if there is an edge; true for the one caller that made the move. */
    boolean tryMove(SegmentRegistryState next) {
        SegmentRegistryState current = state.get();
        return current.successors().contains(next) && state.compareAndSet(current, next);
    }
}
