package io.cleave.core.segment;

import io.cleave.core.run.RunOptions;

/**
 * How segments of one store are kept.
 *
 * @param run format of new runs
 * @param deltasMax number of delta runs at which like-sized ones are merged with each other
 * @param mainShare deltas are merged into the main run when they reach this share of its size, 0 exclusive to 1
 */
public record SegmentOptions(RunOptions run, int deltasMax, double mainShare) {
    /** Checks the ranges. */
    public SegmentOptions {
        if (deltasMax < 1) {
            throw new IllegalArgumentException("deltasMax: expected at least 1, found " + deltasMax);
        }
        if (!(mainShare > 0 && mainShare <= 1)) {
            throw new IllegalArgumentException("mainShare: expected above 0 to 1, found " + mainShare);
        }
    }

    /** The same with another format of new runs. */
    public SegmentOptions withRun(RunOptions next) {
        return new SegmentOptions(next, deltasMax, mainShare);
    }
}
