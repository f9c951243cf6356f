package io.cleave.core.registry;

import java.util.concurrent.atomic.AtomicReference;

/** Owns a registry's {@link SegmentRegistryState}. Thread-safe, lock-free. */
final class SegmentRegistryGate {
    private final AtomicReference<SegmentRegistryState> state = new AtomicReference<>(SegmentRegistryState.READY);

    SegmentRegistryState state() {
        return state.get();
    }

    /** What every operation answers; null while they are answered. */
    SegmentRegistryStatus refusal() {
        return switch (state.get()) {
            case READY -> null;
            case CLOSED -> SegmentRegistryStatus.CLOSED;
            case ERROR -> SegmentRegistryStatus.ERROR;
        };
    }

    /** Moves to {@code next} if there is an edge; true for the one caller that made the move. */
    boolean tryMove(SegmentRegistryState next) {
        SegmentRegistryState current = state.get();
        return current.successors().contains(next) && state.compareAndSet(current, next);
    }
}
