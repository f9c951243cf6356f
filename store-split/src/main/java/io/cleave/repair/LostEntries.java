package io.cleave.repair;

/**
 * How many entries are lost, as far as something counts them. All versions and tombstones are entries. Immutable.
 *
 * @param atLeast not fewer
 * @param atMost not more; {@link #UNCOUNTED} when nothing bounds them
 */
public record LostEntries(long atLeast, long atMost) {
    /** No bound. */
    public static final long UNCOUNTED = Long.MAX_VALUE;

    /** None. */
    public static final LostEntries NONE = new LostEntries(0, 0);

    /** Nothing is known. */
    public static final LostEntries UNKNOWN = new LostEntries(0, UNCOUNTED);

    /** Checks the order. */
    public LostEntries {
        if (atLeast < 0 || atMost < atLeast) {
            throw new IllegalArgumentException(
                    "lost entries: expected 0 <= least <= most, found " + atLeast + ", " + atMost);
        }
    }

    static LostEntries exactly(long count) {
        return new LostEntries(count, count);
    }

    /** Both together. */
    LostEntries plus(LostEntries other) {
        boolean counted = atMost != UNCOUNTED && other.atMost != UNCOUNTED;
        return new LostEntries(atLeast + other.atLeast, counted ? atMost + other.atMost : UNCOUNTED);
    }

    /** The same when some of them may be there nevertheless. */
    LostEntries butFor(long restored) {
        return new LostEntries(Math.max(0, atLeast - restored), atMost);
    }

    /** For people: "36 entries", "1 to 36 entries", "at least 1 entry", "entries that nothing counts". */
    @Override
    public String toString() {
        if (atLeast == atMost) {
            return named(atMost);
        }
        if (atMost == UNCOUNTED) {
            return atLeast == 0 ? "entries that nothing counts" : "at least " + named(atLeast);
        }
        return (atLeast == 0 ? "at most " : atLeast + " to ") + named(atMost);
    }

    private static String named(long count) {
        return count + (count == 1 ? " entry" : " entries");
    }
}
