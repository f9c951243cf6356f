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
        hands.forEach(hand -> cursors.add(new ListCursor(hand)));
        return cursors;
    }

    private static void check(List<Version> sorted, int position, boolean moved, EntryCursor cursor, String walk) {
        boolean onEntry = position >= 0 && position < sorted.size();
        assertEquals(onEntry, moved, walk);
        if (onEntry) {
            assertEquals(sorted.get(position), ListCursor.at(cursor), walk);
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
                    byte[] key = random.nextBoolean() || sorted.isEmpty()
                            ? RandomCases.key(random, 12)
                            : sorted.get(random.nextInt(sorted.size())).key();
                    moved = cursor.seek(Arrays.copyOf(key, 20), key.length);
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
