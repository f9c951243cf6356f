package io.cleave.core.segment;

/** Owns a segment's {@link SegmentState}. Thread-safe: reads are volatile, moves hold the monitor, a leaf lock. */
final class SegmentGate {
    private final String name;
    private volatile SegmentState state = SegmentState.OPEN;

    SegmentGate(String name) {
        this.name = name;
    }

    SegmentState state() {
        return state;
    }

    /**
     * Moves to {@code next}.
     *
     * @return true for the one caller that made the move, false when the segment was already there
     * @throws IllegalStateException when the current state has no edge to {@code next}
     */
    synchronized boolean move(SegmentState next) {
        SegmentState current = state;
        if (current == next) {
            return false;
        }
        if (!current.successors().contains(next)) {
            throw new IllegalStateException(name + " cannot move " + current + " -> " + next);
        }
        state = next;
        return true;
    }
}
