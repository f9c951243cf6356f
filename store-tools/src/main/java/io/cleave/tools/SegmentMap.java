package io.cleave.tools;

import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The segments of an index side by side in key order, as bars of a certain width. Immutable.
 *
 * @param look the index
 * @param bars left to right, without gap or overlap, 1 wide in sum
 */
record SegmentMap(IndexLook look, List<SegmentBar> bars) {
    /** At most so many bars: on the narrowest screen each is then about a pixel wide or wider. */
    static final int BARS_MAX = 160;

    /** The thinnest bar beside few others. An empty segment is one that can be seen, too. */
    private static final double SHARE_MIN = 0.01;

    /** What the width of a bar stands for. */
    enum Width {
        ENTRIES {
            @Override
            long of(SegmentLook segment) {
                return segment.entries();
            }
        },
        BYTES {
            @Override
            long of(SegmentLook segment) {
                return segment.runBytes();
            }
        };

        abstract long of(SegmentLook segment);
    }

    /** Keeps its own copy of the list. */
    SegmentMap {
        bars = List.copyOf(bars);
    }

    /** Lays out an index in at most {@code barsMax} bars; {@code modified} tells when a file was written. */
    static SegmentMap of(IndexLook look, Width width, int barsMax, ToLongFunction<Path> modified) {
        List<List<SegmentLook>> groups = groups(look.segments(), width, Math.min(barsMax, BARS_MAX));
        double total = Math.max(1, weight(look.segments(), width));
        double thinnest = total * Math.min(SHARE_MIN, 0.5 / groups.size());
        double sum = 0;
        for (List<SegmentLook> group : groups) {
            sum += Math.max(thinnest, weight(group, width));
        }
        List<SegmentBar> bars = new ArrayList<>();
        double left = 0;
        for (List<SegmentLook> group : groups) {
            double share = Math.max(thinnest, weight(group, width)) / sum;
            bars.add(SegmentBar.of(group, modified).at(left, share));
            left += share;
        }
        return new SegmentMap(look, bars);
    }

    /** Bytes of the largest segment. */
    long largestBytes() {
        return bars.stream().mapToLong(SegmentBar::largestBytes).max().orElse(0);
    }

    /** Each segment alone while there is room; otherwise neighbours together until they are wide enough. */
    private static List<List<SegmentLook>> groups(List<SegmentLook> segments, Width width, int barsMax) {
        List<List<SegmentLook>> groups = new ArrayList<>();
        if (segments.size() <= barsMax) {
            segments.forEach(segment -> groups.add(List.of(segment)));
            return groups;
        }
        // Half by weight and half by number: many small segments beside a few large ones keep some bars of their own.
        double perWeight = 1 / Math.max(1, weight(segments, width));
        double perSegment = 1.0 / segments.size();
        // A group and its successor are never thinner than this together, so there are at most barsMax of them.
        double enough = 2 * 2.0 / barsMax;
        List<SegmentLook> group = new ArrayList<>();
        double sum = 0;
        for (SegmentLook segment : segments) {
            double own = width.of(segment) * perWeight + perSegment;
            if (!group.isEmpty() && sum + own > enough) {
                groups.add(group);
                group = new ArrayList<>();
                sum = 0;
            }
            group.add(segment);
            sum += own;
        }
        groups.add(group);
        return groups;
    }

    private static double weight(List<SegmentLook> segments, Width width) {
        return segments.stream().mapToLong(width::of).sum();
    }
}
