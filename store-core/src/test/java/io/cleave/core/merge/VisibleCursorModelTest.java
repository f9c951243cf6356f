package io.cleave.core.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.ListCursor.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a snapshot sees is what a map holds into which the versions up to its sequence number were written. */
final class VisibleCursorModelTest {
    /** Keys and values that a reader at {@code sequence} sees within bounds. */
    static List<Map.Entry<String, String>> visible(List<Version> versions, long sequence, KeyBounds bounds) {
        TreeMap<byte[], Version> newest = new TreeMap<>(KeyOrder::compare);
        for (Version version : versions) {
            if (version.sequence() <= sequence && bounds.contains(version.key())) {
                newest.merge(version.key(), version, (a, b) -> a.sequence() > b.sequence() ? a : b);
            }
        }
        List<Map.Entry<String, String>> shown = new ArrayList<>();
        newest.forEach((key, version) -> {
            if (version.kind() == EntryKind.PUT) {
                shown.add(Map.entry(Arrays.toString(key), new String(version.value(), StandardCharsets.UTF_8)));
            }
        });
        return shown;
    }

    private static Map.Entry<String, String> at(VisibleCursor cursor) {
        byte[] value = new byte[cursor.valueLength()];
        for (int i = 0; i < value.length; i++) {
            cursor.copyValue(i, value, i, 1);
        }
        return Map.entry(
                Arrays.toString(Arrays.copyOf(cursor.key(), cursor.keyLength())),
                new String(value, StandardCharsets.UTF_8));
    }

    private static KeyBounds randomBounds(SplittableRandom random, List<Version> versions) {
        return new KeyBounds(randomBound(random, versions), randomBound(random, versions));
    }

    private static byte[] randomBound(SplittableRandom random, List<Version> versions) {
        return switch (random.nextInt(4)) {
            case 0, 1 -> null;
            default -> ListCursor.randomTarget(random, versions);
        };
    }

    private static int countBelow(List<Version> versions, long sequence, KeyBounds bounds, byte[] key) {
        return visible(versions, sequence, bounds.intersect(new KeyBounds(null, key)))
                .size();
    }

    private static VisibleCursor cursor(
            List<Version> versions, long sequence, KeyBounds bounds, SplittableRandom random) {
        List<List<Version>> hands = new ArrayList<>();
        int sources = 1 + random.nextInt(4);
        for (int i = 0; i < sources; i++) {
            hands.add(new ArrayList<>());
        }
        versions.forEach(version -> hands.get(random.nextInt(sources)).add(version));
        List<EntryCursor> cursors = new ArrayList<>();
        hands.forEach(hand -> cursors.add(ListCursor.any(hand, random)));
        return new VisibleCursor(MergeCursor.of(cursors), sequence, bounds);
    }

    @Test
    void showsWhatTheMapHoldsOnEveryWalk() {
        RandomCases.check(6_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 40);
            long sequence = random.nextInt(versions.size() + 2);
            KeyBounds bounds = randomBounds(random, versions);
            List<Map.Entry<String, String>> shown = visible(versions, sequence, bounds);
            VisibleCursor cursor = cursor(versions, sequence, bounds, random);
            int position = -1;
            StringBuilder walk = new StringBuilder();
            for (int step = 0; step < 40; step++) {
                boolean onEntry = position >= 0 && position < shown.size();
                int choice = random.nextInt(onEntry ? 17 : 4);
                boolean moved;
                if (choice == 0) {
                    moved = cursor.first();
                    position = 0;
                } else if (choice == 1) {
                    moved = cursor.last();
                    position = shown.size() - 1;
                } else if (choice == 2) {
                    byte[] key = randomBound(random, versions);
                    key = key == null ? new byte[] {'a'} : key;
                    moved = cursor.seek(Arrays.copyOf(key, key.length + 8), key.length);
                    position = countBelow(versions, sequence, bounds, key);
                } else if (choice == 3) {
                    byte[] key = ListCursor.randomTarget(random, versions);
                    moved = cursor.seekBelow(key);
                    position = countBelow(versions, sequence, bounds, key) - 1;
                } else if (choice < 11) {
                    moved = cursor.next();
                    position++;
                } else {
                    moved = cursor.previous();
                    position--;
                }
                walk.append(choice).append(' ');
                boolean expected = position >= 0 && position < shown.size();
                assertEquals(expected, moved, walk.toString());
                if (expected) {
                    byte[] key = new byte[cursor.keyLength()];
                    cursor.copyKey(key);
                    assertEquals(shown.get(position).getKey(), Arrays.toString(key));
                    assertEquals(shown.get(position), at(cursor), walk.toString());
                }
            }
        });
    }

    @Test
    void showsEachKeyOnceInBothDirections() {
        RandomCases.check(2_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 60);
            for (long sequence = 0; sequence <= versions.size() + 1; sequence += 1 + random.nextInt(6)) {
                KeyBounds bounds = randomBounds(random, versions);
                List<Map.Entry<String, String>> shown = visible(versions, sequence, bounds);
                VisibleCursor cursor = cursor(versions, sequence, bounds, random);
                List<Map.Entry<String, String>> forward = new ArrayList<>();
                for (boolean on = cursor.first(); on; on = cursor.next()) {
                    forward.add(at(cursor));
                }
                assertEquals(shown, forward);
                List<Map.Entry<String, String>> backward = new ArrayList<>();
                for (boolean on = cursor.last(); on; on = cursor.previous()) {
                    backward.add(0, at(cursor));
                }
                assertEquals(shown, backward);
            }
        });
    }

    @Test
    void nothingMovesAnUnpositionedCursorButFirstLastAndSeek() {
        VisibleCursor cursor = new VisibleCursor(
                new ListCursor(List.of(new Version(new byte[] {1}, 1, EntryKind.PUT))), 1, KeyBounds.ALL);
        assertEquals(false, cursor.next() || cursor.previous());
        assertEquals(true, cursor.first());
        assertEquals(false, cursor.next());
        assertEquals(false, cursor.next() || cursor.previous());
        assertEquals(true, cursor.last());
        assertEquals(false, cursor.previous());
        assertEquals(false, cursor.next() || cursor.previous());
    }

    @Test
    void closesItsSource() {
        ListCursor source = new ListCursor(List.of());
        new VisibleCursor(source, 1, KeyBounds.ALL).close();
        assertEquals(1, source.closes());
    }
}
