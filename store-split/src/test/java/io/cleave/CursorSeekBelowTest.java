package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The last key below another one, in one segment and over many, beside a sorted map. */
final class CursorSeekBelowTest {
    private static final int KEYS = 400;

    private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    private final SplittableRandom random = new SplittableRandom(1);

    /** Short, of few letters, so that keys are prefixes of others and many searches hit. */
    private byte[] key() {
        byte[] key = new byte[1 + random.nextInt(4)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(5) * 63);
        }
        return key;
    }

    private void fill(SegmentIndex index) {
        while (model.size() < KEYS) {
            byte[] key = key();
            model.put(key, key);
            index.put(key, key);
            if (random.nextInt(3) == 0) {
                byte[] gone = key();
                model.remove(gone);
                index.delete(gone);
            }
        }
    }

    private KeyRange range(boolean descending) {
        KeyRange range = KeyRange.all();
        if (random.nextBoolean()) {
            range = KeyRange.from(key());
        }
        if (random.nextBoolean()) {
            range = range.to(key());
        }
        return descending ? range.descending() : range;
    }

    private NavigableMap<byte[], byte[]> within(KeyRange range) {
        NavigableMap<byte[], byte[]> keys = new TreeMap<>(Arrays::compareUnsigned);
        model.forEach((key, value) -> {
            if (range.bounds().contains(key)) {
                keys.put(key, value);
            }
        });
        return keys;
    }

    private static void requireAt(byte[] expected, Cursor cursor, boolean found) {
        assertEquals(expected != null, found);
        if (found) {
            assertArrayEquals(expected, cursor.keyBytes());
            assertArrayEquals(expected, cursor.valueBytes());
        }
    }

    private void compare(SegmentIndex index) {
        for (int i = 0; i < 300; i++) {
            boolean descending = random.nextBoolean();
            KeyRange range = range(descending);
            NavigableMap<byte[], byte[]> keys = within(range);
            try (Cursor cursor = index.cursor(range)) {
                for (int step = 0; step < 8; step++) {
                    byte[] key = key();
                    boolean below = random.nextBoolean();
                    byte[] expected = below ? keys.lowerKey(key) : keys.floorKey(key);
                    requireAt(expected, cursor, below ? cursor.seekBelow(key) : cursor.seekAtOrBelow(key));
                    if (expected != null) {
                        // On from there, both ways.
                        byte[] lower = keys.lowerKey(expected);
                        requireAt(lower, cursor, descending ? cursor.next() : cursor.previous());
                        byte[] first = lower == null ? keys.firstKey() : expected;
                        requireAt(first, cursor, descending ? cursor.previous() : cursor.next());
                    }
                }
            }
        }
    }

    private static StoreOptions options(int entriesMax) {
        return StoreOptions.builder()
                .storage(new SimulatedStorage(1))
                .maintenanceThreads(0)
                .segmentEntriesMax(entriesMax)
                .build();
    }

    @Test
    void isTheKeyThatASortedMapHasThere() {
        for (int entriesMax : new int[] {1 << 20, 40}) {
            try (SegmentStore store = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("s"), options(entriesMax))) {
                SegmentIndex index = store.index("a");
                model.clear();
                fill(index);
                compare(index);
                index.flush();
                store.awaitMaintenance();
                assertEquals(entriesMax == 40, index.stats().segments().size() > 5);
                compare(index);
            }
        }
    }

    @Test
    void belowTheFirstKeyThereIsNothingAndTheNextMoveIsTheFirst() {
        try (SegmentStore store = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("s"), options(1 << 20))) {
            SegmentIndex index = store.index("a");
            try (Cursor empty = index.cursor()) {
                assertFalse(empty.seekBelow(new byte[] {1}));
                assertFalse(empty.seekAtOrBelow(new byte[] {1}));
            }
            index.put(new byte[] {5}, new byte[0]);
            try (Cursor cursor = index.cursor()) {
                assertFalse(cursor.seekBelow(new byte[0]));
                assertFalse(cursor.seekAtOrBelow(new byte[0]));
                assertFalse(cursor.seekBelow(new byte[] {5}));
                assertTrue(cursor.next());
                assertArrayEquals(new byte[] {5}, cursor.keyBytes());
                assertTrue(cursor.seekAtOrBelow(new byte[] {5}));
                assertFalse(cursor.next());
            }
        }
    }

    @Test
    void aViewOfASnapshotReadsWhatWasThere() {
        try (SegmentStore store = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("s"), options(1 << 20))) {
            SegmentIndex index = store.index("a");
            byte[] key = {1};
            index.put(key, new byte[] {7, 8});
            try (Snapshot snapshot = store.snapshot()) {
                index.delete(key);
                ReadView then = snapshot.view(index);
                ReadView now = index;
                assertArrayEquals(new byte[] {7, 8}, then.get(key));
                assertNull(now.get(key));
                byte[] target = new byte[1];
                assertEquals(2, then.get(key, target));
                assertEquals(7, target[0]);
                assertTrue(then.containsKey(key));
                assertFalse(now.containsKey(key));
                try (Cursor all = then.cursor();
                        Cursor range = then.cursor(KeyRange.from(new byte[] {2}))) {
                    assertTrue(all.next());
                    assertFalse(range.next());
                }
            }
        }
    }
}
