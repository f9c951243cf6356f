package io.cleave.core.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.merge.ListCursor.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Several lists dealt at random are one sorted list, whatever way one walks through it. */
final class MergeCursorModelTest {
    private static List<EntryCursor> deal(List<Version> versions, SplittableRandom random) {
        List<List<Version>> hands = new ArrayList<>();
        int sources = 1 + random.nextInt(6);
        for (int i = 0; i < sources; i++) {
            hands.add(new ArrayList<>());
        }
        versions.forEach(version -> hands.get(random.nextInt(sources)).add(version));
        List<EntryCursor> cursors = new ArrayList<>();
        hands.forEach(hand -> cursors.add(ListCursor.any(hand, random)));
        return cursors;
    }

    private static void check(List<Version> sorted, int position, boolean moved, EntryCursor cursor, String walk) {
        boolean onEntry = position >= 0 && position < sorted.size();
        assertEquals(onEntry, moved, walk);
        if (onEntry) {
            assertEquals(sorted.get(position), ListCursor.at(cursor), walk);
        }
    }

    /** What it says about the entry that follows holds for that in the direction of the last move. */
    private static void checkLeavesKey(List<Version> sorted, int position, int direction, EntryCursor cursor) {
        int following = position + direction;
        boolean both = Math.min(position, following) >= 0 && Math.max(position, following) < sorted.size();
        if (both
                && Arrays.equals(
                        sorted.get(position).key(), sorted.get(following).key())) {
            assertEquals(false, cursor.leavesKey());
        }
    }

    private static int seek(List<Version> sorted, byte[] key) {
        int place = 0;
        while (place < sorted.size() && Arrays.compareUnsigned(sorted.get(place).key(), key) < 0) {
            place++;
        }
        return place;
    }

    @Test
    void isTheSortedListOnEveryWalk() {
        RandomCases.check(4_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 40);
            List<Version> sorted = versions.stream().sorted().toList();
            EntryCursor cursor = MergeCursor.of(deal(versions, random));
            StringBuilder walk = new StringBuilder();
            int position = -1;
            for (int step = 0; step < 60; step++) {
                boolean moved;
                boolean onEntry = position >= 0 && position < sorted.size();
                int choice = random.nextInt(onEntry ? 20 : 3);
                if (choice == 0) {
                    moved = cursor.first();
                    position = 0;
                } else if (choice == 1) {
                    moved = cursor.last();
                    position = sorted.size() - 1;
                } else if (choice == 2) {
                    byte[] key = ListCursor.randomTarget(random, sorted);
                    moved = cursor.seek(Arrays.copyOf(key, key.length + 8), key.length);
                    position = seek(sorted, key);
                } else if (choice < 12) {
                    moved = cursor.next();
                    position++;
                } else {
                    moved = cursor.previous();
                    position--;
                }
                walk.append(choice).append(' ');
                check(sorted, position, moved, cursor, walk.toString());
                checkLeavesKey(sorted, position, choice == 1 || choice >= 12 ? -1 : 1, cursor);
            }
        });
    }

    @Test
    void walksThroughAllEntriesInBothDirections() {
        RandomCases.check(1_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 60);
            List<Version> sorted = versions.stream().sorted().toList();
            EntryCursor cursor = MergeCursor.of(deal(versions, random));
            List<Version> forward = new ArrayList<>();
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                forward.add(ListCursor.at(cursor));
            }
            assertEquals(sorted, forward);
            List<Version> backward = new ArrayList<>();
            for (boolean on = cursor.last(); on; on = cursor.previous()) {
                backward.add(0, ListCursor.at(cursor));
            }
            assertEquals(sorted, backward);
        });
    }

    @Test
    void anyPrefixGivesTheSameOrder() {
        RandomCases.check(2_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 40);
            List<Version> sorted = versions.stream().sorted().toList();
            EntryCursor cursor = MergeCursor.of(deal(versions, random));
            byte[] prefix = ListCursor.randomTarget(random, versions);
            cursor.orderBehind(Arrays.copyOf(prefix, random.nextInt(prefix.length + 1)));
            List<Version> forward = new ArrayList<>();
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                forward.add(ListCursor.at(cursor));
            }
            assertEquals(sorted, forward);
        });
    }

    @Test
    void knowsThatKeysOfSourcesThatAreInterleavedDiffer() {
        List<Version> versions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            versions.add(new Version(new byte[] {'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', (byte) i}, i + 1, (byte) 1));
        }
        EntryCursor cursor = MergeCursor.of(List.of(
                new ListCursor(
                        versions.stream().filter(v -> v.sequence() % 3 == 0).toList()),
                new ListCursor(
                        versions.stream().filter(v -> v.sequence() % 3 != 0).toList())));
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            assertEquals(true, cursor.leavesKey());
        }
        for (boolean on = cursor.last(); on; on = cursor.previous()) {
            assertEquals(true, cursor.leavesKey());
        }
    }

    @Test
    void afterTheEndItIsUnpositioned() {
        SplittableRandom random = new SplittableRandom(1);
        EntryCursor cursor = MergeCursor.of(deal(ListCursor.randomVersions(random, 40), random));
        assertEquals(false, cursor.next());
        assertEquals(false, cursor.previous());
        for (boolean on = cursor.first(); on; ) {
            on = cursor.next();
        }
        assertEquals(false, cursor.next());
        assertEquals(false, cursor.previous());
    }

    @Test
    void closesEverySourceAndPassesASingleOneThrough() {
        List<ListCursor> sources = List.of(new ListCursor(List.of()), new ListCursor(List.of()));
        MergeCursor.of(List.copyOf(sources)).close();
        sources.forEach(source -> assertEquals(1, source.closes()));
        EntryCursor single = new ListCursor(List.of());
        assertSame(single, MergeCursor.of(List.of(single)));
        EntryCursor none = MergeCursor.of(List.of());
        assertEquals(false, none.first() || none.last() || none.seek(new byte[1], 1));
    }
}
