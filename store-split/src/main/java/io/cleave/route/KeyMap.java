package io.cleave.route;

import io.cleave.core.entry.KeyBounds;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of an index in key order. Immutable.
 *
 * @param indexId the index
 * @param version rises by one with each replacement
 * @param ranges key ranges, ascending; the first begins at the empty key
 */
public record KeyMap(int indexId, long version, List<Range> ranges) {
    /**
     * A range from {@code lower} up to the next range's lower key.
     *
     * @param lower smallest key, empty for the first range
     * @param segmentId who holds it
     */
    public record Range(byte[] lower, long segmentId) {}

    /** Keeps its own copy of the list. */
    public KeyMap {
        ranges = List.copyOf(ranges);
        if (ranges.isEmpty() || ranges.get(0).lower().length != 0) {
            throw new IllegalArgumentException("key map of index " + indexId + ": the first range must have no bound");
        }
    }

    /** The map of a new index with one segment. */
    public static KeyMap of(int indexId, long segmentId) {
        return new KeyMap(indexId, 1, List.of(new Range(new byte[0], segmentId)));
    }

    /** Bounds of the range at {@code position}, as segments have them. */
    public KeyBounds bounds(int position) {
        byte[] lower = position == 0 ? null : ranges.get(position).lower();
        byte[] upper =
                position + 1 == ranges.size() ? null : ranges.get(position + 1).lower();
        return new KeyBounds(lower, upper);
    }

    /** Position of a segment, or -1. */
    public int positionOf(long segmentId) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).segmentId() == segmentId) {
                return i;
            }
        }
        return -1;
    }

    /** The next version, with {@code count} ranges from {@code position} on replaced by others. */
    public KeyMap replace(int position, int count, List<Range> replacement) {
        List<Range> next = new ArrayList<>(ranges.subList(0, position));
        next.addAll(replacement);
        next.addAll(ranges.subList(position + count, ranges.size()));
        return new KeyMap(indexId, version + 1, next);
    }
}
