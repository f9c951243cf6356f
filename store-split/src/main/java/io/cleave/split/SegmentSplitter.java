package io.cleave.split;

import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides and runs splits and merges of neighbours. Thread-safe: all state is in the rewrite it makes for each call. Runs on
 * a maintenance thread; does I/O.
 */
public final class SegmentSplitter {
    private final SplitLimits limits;
    private final Consumer<SplitStep> steps;
    private final RewriteObserver observer;

    /** As {@link #SegmentSplitter(SplitLimits, Consumer, RewriteObserver)}, with nobody told of the end. */
    public SegmentSplitter(SplitLimits limits, Consumer<SplitStep> steps) {
        this(limits, steps, rewritten -> {});
    }

    /**
     * @param limits when to act
     * @param steps told of each step, on the maintenance thread; what it throws ends the rewrite there
     * @param observer told of each rewrite that has replaced segments
     */
    public SegmentSplitter(SplitLimits limits, Consumer<SplitStep> steps, RewriteObserver observer) {
        this.limits = limits;
        this.steps = steps;
        this.observer = observer;
    }

    /** When it acts. */
    public SplitLimits limits() {
        return limits;
    }

    /** Splits a segment if it is too large. */
    public SplitOutcome splitIfTooLarge(RoutedIndex index, SegmentSlot slot) {
        return split(index, slot, segments -> limits.isTooLarge(segments.get(0)));
    }

    /** Splits a segment whatever its size; COMPACTED when it has too little to make two. */
    public SplitOutcome split(RoutedIndex index, SegmentSlot slot) {
        return split(index, slot, segments -> true);
    }

    /** Merges a segment with its right neighbour if both together are small. */
    public SplitOutcome mergeIfSmall(RoutedIndex index, SegmentSlot slot) {
        Route route = index.route();
        int position = route.positionOf(slot.segmentId());
        if (position < 0 || position + 1 >= route.size()) {
            return SplitOutcome.NOT_ELIGIBLE;
        }
        List<SegmentSlot> pair = List.of(route.slot(position), route.slot(position + 1));
        SegmentRewrite rewrite = new SegmentRewrite(index, pair, steps);
        int made = rewrite.run(
                segments -> limits.areSmall(segments.get(0), segments.get(1)), (current, entryBytes) -> false);
        return told(rewrite, outcome(made, SplitOutcome.MERGED));
    }

    private SplitOutcome split(RoutedIndex index, SegmentSlot slot, SegmentRewrite.Eligibility eligibility) {
        SegmentRewrite rewrite = new SegmentRewrite(index, List.of(slot), steps);
        int made = rewrite.run(eligibility, new EvenCut(limits, rewrite));
        return told(rewrite, made >= 2 ? SplitOutcome.SPLIT : outcome(made, SplitOutcome.COMPACTED));
    }

    private SplitOutcome told(SegmentRewrite rewrite, SplitOutcome outcome) {
        if (outcome != SplitOutcome.BUSY && outcome != SplitOutcome.NOT_ELIGIBLE) {
            observer.rewritten(
                    new RewriteObserver.Rewritten(outcome, rewrite.oldIds(), rewrite.newIds(), rewrite.traffic()));
        }
        return outcome;
    }

    private static SplitOutcome outcome(int made, SplitOutcome one) {
        return switch (made) {
            case -1 -> SplitOutcome.BUSY;
            case 0 -> SplitOutcome.NOT_ELIGIBLE;
            default -> one;
        };
    }
}
