package io.cleave.core.registry;

import java.util.EnumSet;
import java.util.Set;

/**
 * Life of a registry. {@link SegmentRegistryGate} enforces the edges.
 *
 * <pre>
 * READY ──► CLOSED    (terminal)
 *   │
 *   └─────► ERROR     (terminal)
 * </pre>
 *
 * <p>{@code CLOSED -> ERROR} is no edge: both are terminal (R1.1).
 */
public enum SegmentRegistryState {
    /** Operations are answered. */
    READY,
    /** The index is closed; every operation answers {@code CLOSED}. */
    CLOSED,
    /** The registry failed beyond recovery; every operation answers {@code ERROR}. */
    ERROR;

    /** States that may follow. */
    public Set<SegmentRegistryState> successors() {
        return this == READY ? EnumSet.of(CLOSED, ERROR) : EnumSet.noneOf(SegmentRegistryState.class);
    }
}
