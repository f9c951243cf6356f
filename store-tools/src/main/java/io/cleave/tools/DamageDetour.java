package io.cleave.tools;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.BlockEntry;
import io.cleave.error.StoreException;
import io.cleave.inspect.RunLayout;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.look.CutCursor;
import io.cleave.look.IndexCut;
import io.cleave.route.KeyMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A walk through a damaged index: where an entry can't be read it goes on behind the next block that can, and tells between
 * which keys something may be missing. Older versions of what is left out are left out with it, so nothing that was
 * overwritten or deleted comes back.
 *
 * <p>Belongs to one thread; the cut stays the caller's.
 */
final class DamageDetour {
    /**
     * What is walked.
     *
     * @param lower smallest key, null for no bound
     * @param upper the key that it ends before, null for no bound
     * @param descending whether the largest key comes first
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; keys are arrays everywhere
    record Way(byte[] lower, byte[] upper, boolean descending) {
        /** A cursor over all of it. The caller closes it. */
        CutCursor cursor(IndexCut cut) {
            KeyBounds bounds = new KeyBounds(lower, upper);
            return descending ? cut.descendingCursor(bounds) : cut.cursor(bounds);
        }

        /** From the edge of a segment on; descending, from below it on. */
        private Way from(byte[] edge) {
            return descending ? new Way(lower, edge, true) : new Way(edge, upper, false);
        }

        private boolean contains(byte[] key) {
            return (lower == null || KeyOrder.compare(key, lower) > 0)
                    && (upper == null || KeyOrder.compare(key, upper) < 0);
        }

        /** Whether a key comes later than another; null is before all. */
        private boolean isBehind(byte[] key, byte[] other) {
            int order = other == null ? 1 : KeyOrder.compare(key, other);
            return other == null || (descending ? order < 0 : order > 0);
        }
    }

    /**
     * Where the walk may be taken up.
     *
     * @param key a key in a block that can be read, or the edge of a segment
     * @param isEdge which of the two
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Place(byte[] key, boolean isEdge) {}

    private final StoreInspection inspection;
    private final Terminal terminal;
    private final String index;
    private final IndexCut cut;
    private final Way way;

    /** Key of the last entry that was shown; null before the first. */
    private byte[] last;

    /** Keys at which a segment of that id may be taken up again, in key order. */
    private NavigableSet<byte[]> starts = new TreeSet<>(KeyOrder::compare);

    private long startsOf;
    private int leftOut;

    DamageDetour(StoreInspection inspection, Terminal terminal, String index, IndexCut cut, Way way) {
        this.inspection = inspection;
        this.terminal = terminal;
        this.index = index;
        this.cut = cut;
        this.way = way;
    }

    /** Shows entries until {@code show} wants no more; returns the exit code, 1 when something was left out. */
    int walk(Predicate<CutCursor> show) {
        Place place = null;
        StoreException damage = walkFrom(place, show);
        while (damage != null) {
            byte[] before = last;
            boolean isSound = false;
            while (!isSound) {
                place = nextPlace(place);
                isSound = place == null || canBegin(place);
            }
            tell(before, place == null ? null : place.key(), damage);
            damage = place == null ? null : walkFrom(place, show);
        }
        return leftOut == 0 ? Cleave.OK : Cleave.FAILED;
    }

    /** Walks as far as it goes: null at the end, otherwise why it went no further. */
    private StoreException walkFrom(Place place, Predicate<CutCursor> show) {
        try (CutCursor cursor = open(place)) {
            boolean isOn = begin(cursor, place);
            while (isOn) {
                byte[] key = cursor.keyBytes();
                if (!show.test(cursor)) {
                    return null;
                }
                last = key;
                isOn = cursor.next();
            }
            return null;
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            return e;
        }
    }

    /** Whether the first entry from a place on can be read, or there is none. */
    private boolean canBegin(Place place) {
        try (CutCursor cursor = open(place)) {
            return !begin(cursor, place) || cursor.keyBytes().length + cursor.valueBytes().length > 0;
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            return false;
        }
    }

    private CutCursor open(Place place) {
        return (place != null && place.isEdge() ? way.from(place.key()) : way).cursor(cut);
    }

    /** Goes to the first entry from a place on; false when there is none. */
    private boolean begin(CutCursor cursor, Place place) {
        if (place == null || place.isEdge()) {
            return cursor.next();
        }
        boolean isOn = cursor.seek(place.key());
        // A seek ends at the first key not below, whatever the direction; if the key itself was deleted, that is behind
        // us.
        while (isOn && way.descending() && KeyOrder.compare(cursor.keyBytes(), place.key()) > 0) {
            isOn = cursor.next();
        }
        return isOn;
    }

    /** The next place behind what was shown and tried at which some run can be read; null when there is none. */
    private Place nextPlace(Place tried) {
        byte[] behind = tried == null || (last != null && way.isBehind(last, tried.key())) ? last : tried.key();
        KeyMap map = inspection.keyMap(index);
        int count = map.ranges().size();
        for (int i = 0; i < count; i++) {
            int position = way.descending() ? count - 1 - i : i;
            KeyBounds bounds = map.bounds(position);
            byte[] end = way.descending() ? bounds.lower() : bounds.upper();
            boolean isPassed = end != null && behind != null && !way.isBehind(end, behind);
            boolean isOutside =
                    bounds.intersect(new KeyBounds(way.lower(), way.upper())).isEmpty();
            if (!isPassed && !isOutside) {
                byte[] start = startIn(map.ranges().get(position).segmentId(), behind);
                // Where the segment ends its neighbour begins, which may be whole.
                byte[] next = start == null ? end : start;
                if (next != null && way.contains(next)) {
                    return new Place(next, start == null);
                }
            }
        }
        return null;
    }

    /** The next place in a segment, null when there is none in the way. */
    private byte[] startIn(long segmentId, byte[] behind) {
        if (startsOf != segmentId) {
            starts = readStarts(segmentId);
            startsOf = segmentId;
        }
        byte[] edge = way.descending() ? way.upper() : way.lower();
        byte[] from = behind == null ? edge : behind;
        byte[] start;
        if (from == null) {
            start = starts.isEmpty() ? null : way.descending() ? starts.last() : starts.first();
        } else {
            start = way.descending() ? starts.lower(from) : starts.higher(from);
        }
        return start == null || !way.contains(start) ? null : start;
    }

    /** The first keys of the blocks that can be read; descending, their last keys. */
    private NavigableSet<byte[]> readStarts(long segmentId) {
        NavigableSet<byte[]> found = new TreeSet<>(KeyOrder::compare);
        try {
            SegmentLook look = inspection.segment(index, segmentId);
            for (SegmentLook.RunLook run : look.runs()) {
                inspection.run(index, segmentId, run.runNumber(), layout -> addStarts(layout, found));
            }
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            // Not even its runs can be told: it is left out as a whole.
            found.clear();
        }
        return found;
    }

    private boolean addStarts(RunLayout layout, NavigableSet<byte[]> found) {
        for (int block = 0; block < layout.blocks(); block++) {
            try {
                if (way.descending()) {
                    List<BlockEntry> entries = layout.entries(block);
                    found.add(entries.get(entries.size() - 1).key());
                } else {
                    found.add(layout.block(block).firstKey());
                }
            } catch (StoreException.Corrupt | StoreException.Io e) {
                // This block is what the walk goes around.
            }
        }
        return true;
    }

    private void tell(byte[] before, byte[] next, StoreException damage) {
        leftOut++;
        terminal.out().flush();
        terminal.err()
                .println("cleave: left out: keys "
                        + (before == null ? "from the first on" : "after " + PrintableText.key(before))
                        + " up to " + (next == null ? "the last" : PrintableText.key(next)) + ": "
                        + PrintableText.of(damage.getMessage()));
        terminal.err().flush();
    }
}
