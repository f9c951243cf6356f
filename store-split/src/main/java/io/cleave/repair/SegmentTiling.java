package io.cleave.repair;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which segments hold a range of keys of which no key map tells. Belongs to one thread.
 *
 * <p>Every segment directory with a readable manifest is a candidate. Their ranges overlap when a rewrite (docs/protocol/split.md)
 * was under way: the old segments and the new ones are there. What is provable then:
 *
 * <ol>
 *   <li>A manifest is published after the runs it names are durable. So each candidate holds everything of its range up to its
 *       flushed sequence number, as does the log above.
 *   <li>A rewrite isolates the old segments at a number N that is not below what they have flushed, and the new ones begin
 *       with N. Old ones that have flushed more than a new one overlapping them went on after the rewrite had failed: the new one is
 *       out of date and is left out. Ids rise, so the old one has the lower id.
 *   <li>As long as not all new segments of a rewrite are there, the key map did not name any of them: the old ones hold the
 *       range. With all of them there they hold everything up to N, and the log holds what came later whether the key map was
 *       published or not. If it was, they may have flushed since, and the log may have been released: they hold the range, and
 *       the old ones don't.
 *   <li>The log is durable up to N before the key map names the new ones. New segments that are ahead of a whole log were
 *       therefore never named. They are left out as long as the rest covers the range.
 * </ol>
 *
 * So of all ways to cover the range the one with the least room between segments is taken (3: a set that is not complete leaves
 * room), and of several such ways the one with the newest segments (3: complete new sets win).
 */
final class SegmentTiling {
    /**
     * A segment that may hold a part.
     *
     * @param segmentId its id
     * @param bounds its range
     * @param flushedSequence what it holds everything up to
     */
    record Candidate(long segmentId, KeyBounds bounds, long flushedSequence) {}

    /**
     * A part of the range.
     *
     * @param bounds its keys
     * @param segmentId who holds it, or {@link #NOBODY}
     */
    record Tile(KeyBounds bounds, long segmentId) {
        /** No segment has this id. */
        static final long NOBODY = 0;

        /** A part that nobody holds. */
        static Tile free(KeyBounds bounds) {
            return new Tile(bounds, NOBODY);
        }

        boolean isFree() {
            return segmentId == NOBODY;
        }
    }

    /**
     * A way to cover the range from its lower end up to some key.
     *
     * @param before the way up to the last part; null for none
     * @param last the last part; null for none
     * @param gaps parts that nobody holds
     */
    private record Way(Way before, Tile last, int gaps) {
        boolean isBetterThan(Way other) {
            if (other == null || gaps != other.gaps) {
                return other == null || gaps < other.gaps;
            }
            Set<Long> mine = ids();
            Set<Long> others = other.ids();
            Set<Long> both = new HashSet<>(mine);
            both.retainAll(others);
            mine.removeAll(both);
            others.removeAll(both);
            long newest = mine.stream().mapToLong(id -> id).max().orElse(0);
            return newest > others.stream().mapToLong(id -> id).max().orElse(0);
        }

        private Set<Long> ids() {
            Set<Long> ids = new HashSet<>();
            tiles().forEach(tile -> ids.add(tile.segmentId()));
            return ids;
        }

        Way with(Tile tile) {
            return new Way(this, tile, gaps + (tile.isFree() ? 1 : 0));
        }

        List<Tile> tiles() {
            ArrayDeque<Tile> tiles = new ArrayDeque<>();
            for (Way way = this; way.last != null; way = way.before) {
                tiles.addFirst(way.last);
            }
            return List.copyOf(tiles);
        }
    }

    private SegmentTiling() {}

    /**
     * Covers a range.
     *
     * @param logSequence what a whole log leads up to; {@code Long.MAX_VALUE} when the log is damaged and proves nothing
     */
    static List<Tile> cover(KeyBounds range, List<Candidate> candidates, long logSequence) {
        List<Candidate> current = withoutOutdated(candidates);
        List<Candidate> proven = new ArrayList<>(current);
        proven.removeIf(candidate -> candidate.flushedSequence() > logSequence);
        Way way = cover(range, proven);
        if (way.gaps() > 0 && proven.size() < current.size()) {
            Way all = cover(range, current);
            way = all.gaps() < way.gaps() ? all : way;
        }
        return joined(way.tiles());
    }

    private static List<Candidate> withoutOutdated(List<Candidate> candidates) {
        List<Candidate> current = new ArrayList<>(candidates);
        current.removeIf(one -> candidates.stream()
                .anyMatch(other -> other.segmentId() < one.segmentId()
                        && other.flushedSequence() > one.flushedSequence()
                        && !other.bounds().intersect(one.bounds()).isEmpty()));
        return current;
    }

    /** The best way, found from each bound to those where a segment that begins there ends, and to the next one. */
    private static Way cover(KeyBounds range, List<Candidate> candidates) {
        TreeSet<byte[]> inner = new TreeSet<>(KeyOrder::compare);
        List<Candidate> inside = new ArrayList<>();
        for (Candidate candidate : candidates) {
            KeyBounds bounds = candidate.bounds();
            if (bounds.intersect(range).equals(bounds) && !bounds.isEmpty()) {
                inside.add(candidate);
                addInner(inner, bounds.lower(), range.lower());
                addInner(inner, bounds.upper(), range.upper());
            }
        }
        List<byte[]> keys = new ArrayList<>();
        keys.add(range.lower());
        keys.addAll(inner);
        keys.add(range.upper());
        int end = keys.size() - 1;
        Map<Integer, List<Candidate>> byStart = new HashMap<>();
        for (Candidate candidate : inside) {
            int start = position(keys, candidate.bounds().lower(), 0);
            byStart.computeIfAbsent(start, none -> new ArrayList<>()).add(candidate);
        }
        Way[] ways = new Way[keys.size()];
        ways[0] = new Way(null, null, 0);
        for (int at = 0; at < end; at++) {
            offer(ways, at + 1, ways[at].with(Tile.free(new KeyBounds(keys.get(at), keys.get(at + 1)))));
            for (Candidate candidate : byStart.getOrDefault(at, List.of())) {
                int to = position(keys, candidate.bounds().upper(), end);
                offer(ways, to, ways[at].with(new Tile(candidate.bounds(), candidate.segmentId())));
            }
        }
        return ways[end];
    }

    private static void offer(Way[] ways, int to, Way way) {
        if (way.isBetterThan(ways[to])) {
            ways[to] = way;
        }
    }

    /** Where a key stands among the bounds; {@code otherwise} when it is an end of the range. */
    private static int position(List<byte[]> keys, byte[] key, int otherwise) {
        int at = key == null ? -1 : Collections.binarySearch(keys.subList(1, keys.size() - 1), key, KeyOrder::compare);
        return at < 0 ? otherwise : at + 1;
    }

    private static void addInner(TreeSet<byte[]> inner, byte[] key, byte[] end) {
        if (key != null && (end == null || KeyOrder.compare(key, end) != 0)) {
            inner.add(key);
        }
    }

    /** Neighbouring parts that nobody holds become one. */
    private static List<Tile> joined(List<Tile> tiles) {
        List<Tile> joined = new ArrayList<>();
        for (Tile tile : tiles) {
            Tile last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && last.isFree() && tile.isFree()) {
                KeyBounds both =
                        new KeyBounds(last.bounds().lower(), tile.bounds().upper());
                joined.set(joined.size() - 1, Tile.free(both));
            } else {
                joined.add(tile);
            }
        }
        return joined;
    }
}
