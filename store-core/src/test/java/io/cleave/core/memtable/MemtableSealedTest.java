package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.RealStorage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a flush and a split ask of a memtable that takes no more puts. */
final class MemtableSealedTest {
    private static final Comparator<Version> ORDER = Comparator.comparing(Version::key, KeyOrder::compare)
            .thenComparing(Version::sequence, Comparator.reverseOrder());

    private record Version(byte[] key, long sequence) {}

    private interface Check {
        void run(Memtable memtable, TreeMap<Version, byte[]> model, SplittableRandom random);
    }

    private static void check(Check check) {
        RandomCases.check(300, (random, seed) -> {
            try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
                Memtable memtable = new Memtable(pool, new MemoryBudget(1));
                TreeMap<Version, byte[]> model = new TreeMap<>(ORDER);
                int count = 1 + random.nextInt(300);
                // Long ones share many words, short ones with zeros behind them have equal words.
                int lengthMax = random.nextBoolean() ? 4 : 60;
                for (long sequence = 1; sequence <= count; sequence++) {
                    byte[] key = RandomCases.key(random, lengthMax);
                    byte[] value = {(byte) sequence, (byte) (sequence >> 8)};
                    memtable.put(key, key.length, sequence, EntryKind.PUT, value, value.length);
                    model.put(new Version(key, sequence), value);
                }
                check.run(memtable, model, random);
                memtable.free();
            }
        });
    }

    @Test
    void aSealedCursorShowsEveryVersionInOrder() {
        check((memtable, model, random) -> {
            if (random.nextInt(4) == 0) {
                assertTrue(memtable.cursor().first(), "makes the list, which the sealed cursor then follows");
            }
            EntryCursor cursor = memtable.sealedCursor();
            boolean on = cursor.first();
            for (Version expected : model.keySet()) {
                assertTrue(on);
                assertArrayEquals(expected.key(), Arrays.copyOf(cursor.key(), cursor.keyLength()));
                assertEquals(expected.sequence(), cursor.sequence());
                byte[] value = new byte[cursor.valueLength()];
                cursor.copyValue(0, value, 0, value.length);
                assertArrayEquals(model.get(expected), value);
                on = cursor.next();
            }
            assertTrue(!on);
            on = cursor.last();
            for (Version expected : model.descendingKeySet()) {
                assertTrue(on);
                assertEquals(expected.sequence(), cursor.sequence());
                on = cursor.previous();
            }
            assertTrue(!on);
        });
    }

    @Test
    void aSealedCursorSeeksTheNewestVersionOfTheFirstKeyNotBelow() {
        check((memtable, model, random) -> {
            EntryCursor cursor = memtable.sealedCursor();
            for (int i = 0; i < 50; i++) {
                byte[] key = RandomCases.key(random, 5);
                Version expected = model.ceilingKey(new Version(key, Long.MAX_VALUE));
                assertEquals(expected != null, cursor.seek(key, key.length));
                if (expected != null) {
                    assertEquals(expected.sequence(), cursor.sequence());
                }
            }
        });
    }

    @Test
    void itReachesBoundsThatMeetItsKeys() {
        check((memtable, model, random) -> {
            byte[] smallest = model.firstKey().key();
            byte[] largest = model.lastKey().key();
            assertArrayEquals(smallest, memtable.smallestKey());
            for (int i = 0; i < 50; i++) {
                byte[] lower = random.nextInt(5) == 0 ? null : RandomCases.key(random, 4);
                byte[] upper = random.nextInt(5) == 0 ? null : RandomCases.key(random, 4);
                boolean meets = (upper == null || KeyOrder.compare(smallest, upper) < 0)
                        && (lower == null || KeyOrder.compare(largest, lower) >= 0);
                assertEquals(meets, memtable.reaches(new KeyBounds(lower, upper)));
            }
            assertTrue(memtable.reaches(new KeyBounds(largest, null)), "its largest key is at the start");
        });
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
            Memtable empty = new Memtable(pool, new MemoryBudget(1));
            assertTrue(!empty.reaches(KeyBounds.ALL));
            assertNull(empty.smallestKey());
            empty.free();
        }
    }
}
