package io.cleave.tools;

import io.cleave.inspect.SegmentLook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * One bar of a segment map: a segment, or neighbours that would be too thin alone. Immutable.
 *
 * @param segments what it stands for, in key order, never empty
 * @param runs main run first, then the deltas from old to new; those of several segments added up into one main run and
 *     one delta
 * @param writtenMillis when the newest run was written, since 1970; 0 when nobody knows
 * @param left where the bar begins, from 0 to 1
 * @param width its width, from 0 to 1
 */
record SegmentBar(List<SegmentLook> segments, List<Piece> runs, long writtenMillis, double left, double width) {
    /** Deltas that are drawn one by one; older ones than those are added up. */
    private static final int DELTAS_MAX = 6;

    /**
     * A run, or several added up.
     *
     * @param runs how many
     */
    record Piece(int runs, long bytes, long entries, long tombstones) {
        static final Piece NONE = new Piece(0, 0, 0, 0);

        static Piece of(SegmentLook.RunLook run) {
            return new Piece(
                    1,
                    run.properties().fileBytes(),
                    run.properties().entries(),
                    run.properties().tombstones());
        }

        Piece plus(Piece other) {
            return new Piece(
                    runs + other.runs, bytes + other.bytes, entries + other.entries, tombstones + other.tombstones);
        }
    }

    /** Keeps its own copies of the lists. */
    SegmentBar {
        segments = List.copyOf(segments);
        runs = List.copyOf(runs);
    }

    /** The bar of those segments, without a place; {@code modified} tells when a file was written. */
    static SegmentBar of(List<SegmentLook> segments, ToLongFunction<Path> modified) {
        long written = 0;
        for (SegmentLook segment : segments) {
            for (SegmentLook.RunLook run : segment.runs()) {
                written = Math.max(written, modified.applyAsLong(run.file()));
            }
        }
        List<Piece> runs = segments.size() == 1 ? pieces(segments.get(0)) : sum(segments);
        return new SegmentBar(segments, runs, written, 0, 0);
    }

    SegmentBar at(double newLeft, double newWidth) {
        return new SegmentBar(segments, runs, writtenMillis, newLeft, newWidth);
    }

    /** Segment id of the first one. */
    long id() {
        return segments.get(0).segmentId();
    }

    boolean isGroup() {
        return segments.size() > 1;
    }

    /** Smallest key it may hold, null for the first one there is. */
    byte[] lower() {
        return segments.get(0).manifest().bounds().lower();
    }

    /** First key above, null when there is none. */
    byte[] upper() {
        return segments.get(segments.size() - 1).manifest().bounds().upper();
    }

    /** Everything in it. */
    Piece total() {
        return runs.stream().reduce(Piece.NONE, Piece::plus);
    }

    /** Bytes of its largest segment. */
    long largestBytes() {
        return segments.stream().mapToLong(SegmentLook::runBytes).max().orElse(0);
    }

    private static List<Piece> pieces(SegmentLook segment) {
        List<Piece> pieces = new ArrayList<>();
        Piece older = Piece.NONE;
        int last = segment.runs().size() - 1;
        for (int i = last; i >= 0; i--) {
            Piece piece = Piece.of(segment.runs().get(i));
            if (i == last || i < DELTAS_MAX - 1) {
                pieces.add(piece);
            } else {
                older = older.plus(piece);
                if (i == DELTAS_MAX - 1) {
                    pieces.add(older);
                }
            }
        }
        return pieces;
    }

    private static List<Piece> sum(List<SegmentLook> segments) {
        Piece main = Piece.NONE;
        Piece delta = Piece.NONE;
        for (SegmentLook segment : segments) {
            List<SegmentLook.RunLook> runs = segment.runs();
            for (int i = 0; i < runs.size(); i++) {
                Piece piece = Piece.of(runs.get(i));
                if (i == runs.size() - 1) {
                    main = main.plus(piece);
                } else {
                    delta = delta.plus(piece);
                }
            }
        }
        if (main.runs() == 0) {
            return List.of();
        }
        return delta.runs() == 0 ? List.of(main) : List.of(main, delta);
    }
}
