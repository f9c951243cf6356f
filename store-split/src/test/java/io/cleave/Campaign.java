package io.cleave;

/**
 * How much of a randomized suite runs: {@code -Dcleave.campaign=ci} by default, {@code long} for the nightly one,
 * {@code -Dcleave.count} for any other count.
 */
final class Campaign {
    private Campaign() {}

    /** The count of the campaign that runs. */
    static long count(long ci, long nightly) {
        Long given = Long.getLong("cleave.count");
        return given == null ? standard(ci, nightly) : given;
    }

    /** What depends on the campaign, but is not the count that can be asked for, such as a stride. */
    static long standard(long ci, long nightly) {
        return "long".equals(System.getProperty("cleave.campaign", "ci")) ? nightly : ci;
    }

    /** Seed of a run: fixed for ci, another each time for long, {@code -Dcleave.seed} for both. */
    static long seed() {
        Long given = Long.getLong("cleave.seed");
        if (given != null) {
            return given;
        }
        return standard(0, 1) == 0 ? 0xC1EAFE : System.nanoTime();
    }
}
