package io.cleave.core.segment;

import java.util.EnumSet;
import java.util.Set;

/**
 * Life of a segment in memory. {@link SegmentGate} enforces the edges.
 *
 * <pre>
 * OPEN ◄──► ISOLATED
 *   │          │
 *   └────┬─────┘
 *        ▼
 *      CLOSED     (terminal)
 * </pre>
 */
public enum SegmentState {
    /** Accepts reads, writes and maintenance. */
    OPEN,
    /** A FULL_ISOLATION iterator is open: reads go on, writes go elsewhere, nothing changes the view. */
    ISOLATED,
    /** The view is given back; only holders of leases still read. */
    CLOSED;

    /** States that may follow. */
    public Set<SegmentState> successors() {
        return switch (this) {
            case OPEN -> EnumSet.of(ISOLATED, CLOSED);
            case ISOLATED -> EnumSet.of(OPEN, CLOSED);
            case CLOSED -> EnumSet.noneOf(SegmentState.class);
        };
    }
}
