package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Any puts, in any order of keys and sequence numbers, read back as from a {@link TreeMap}. */
final class MemtableModelTest {
    private static final Comparator<Version> ORDER = Comparator.comparing(Version::key, KeyOrder::compare)
            .thenComparing(Version::sequence, Comparator.reverseOrder());

    private final Storage storage = RealStorage.open();

    /** Key and sequence number of an entry. */
    record Version(byte[] key, long sequence) {}

    /** What an entry says. */
    record Content(byte kind, byte[] value) {}

    /** One put of a generated run; the sequence number is the place in the run unless it is shuffled. */
    record Put(byte[] key, byte kind, byte[] value) {}

    @Property(tries = 300)
    void readsLikeATreeMap(
            @ForAll("puts") List<Put> puts,
            @ForAll("chunkBytes") int chunkBytes,
            @ForAll("keys") byte[] hint,
            @ForAll long seed) {
        try (ChunkPool pool = new ChunkPool(storage, chunkBytes, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1), hint);
            TreeMap<Version, Content> model = new TreeMap<>(ORDER);
            Random random = new Random(seed);
            EntryCursor early = memtable.cursor();
            assertFalse(early.first() || early.last() || early.seek(new byte[1], 1));
            List<Integer> sequences = new ArrayList<>();
            for (int i = 0; i < puts.size(); i++) {
                sequences.add(i + 1);
            }
            if (random.nextBoolean()) {
                Collections.shuffle(sequences, random);
            }
            for (int i = 0; i < puts.size(); i++) {
                Put put = puts.get(i);
                put(memtable, model, put.key(), sequences.get(i), put.kind(), put.value());
                assertFinds(memtable, model, put.key(), sequences.get(i));
            }
            assertCounts(memtable, model);
            assertSharedPrefix(memtable, puts);
            assertSame(memtable.cursor(), model);
            assertSame(early, model);
            for (Put put : puts) {
                assertFinds(memtable, model, put.key(), random.nextInt(puts.size() + 2));
                assertFinds(memtable, model, put.key(), Long.MAX_VALUE);
                byte[] near = Arrays.copyOf(put.key(), Math.max(1, put.key().length + random.nextInt(3) - 1));
                assertFinds(memtable, model, near, EntryLimits.SEQUENCE_MAX);
                assertSeeks(memtable, model, near);
                assertSeeks(memtable, model, put.key());
            }
            memtable.free();
        }
    }

    @Property(tries = 20)
    void holdsManyEntries(@ForAll @IntRange(min = 1, max = 6) int keyShape, @ForAll long seed) {
        try (ChunkPool pool = new ChunkPool(storage, 4096, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            TreeMap<Version, Content> model = new TreeMap<>(ORDER);
            Random random = new Random(seed);
            for (int i = 1; i <= 5000; i++) {
                byte[] key = key(keyShape, i, random);
                byte kind = random.nextInt(5) == 0 ? EntryKind.TOMBSTONE : EntryKind.PUT;
                put(memtable, model, key, i, kind, new byte[kind == EntryKind.PUT ? random.nextInt(40) : 0]);
            }
            assertCounts(memtable, model);
            assertSame(memtable.cursor(), model);
            for (int i = 0; i < 5000; i++) {
                byte[] key = key(keyShape, 1 + random.nextInt(5000), random);
                assertFinds(memtable, model, key, random.nextInt(5002));
                assertSeeks(memtable, model, key);
            }
            memtable.free();
        }
    }

    @Example
    void holdsTheLongestKeysAndLargeValues() {
        for (int chunkBytes : new int[] {512, 4096, 65_536}) {
            try (ChunkPool pool = new ChunkPool(storage, chunkBytes, 0)) {
                Memtable memtable = new Memtable(pool, new MemoryBudget(1));
                TreeMap<Version, Content> model = new TreeMap<>(ORDER);
                Random random = new Random(chunkBytes);
                byte[] longest = new byte[EntryLimits.KEY_BYTES_MAX];
                byte[] longestButLast = longest.clone();
                longestButLast[longest.length - 1] = 1;
                byte[] large = new byte[1 << 20];
                random.nextBytes(large);
                put(memtable, model, longest, 1, EntryKind.PUT, large);
                put(memtable, model, longestButLast, 2, EntryKind.PUT, new byte[0]);
                put(memtable, model, new byte[1], 3, EntryKind.PUT, large);
                put(memtable, model, longest, 4, EntryKind.TOMBSTONE, new byte[0]);
                put(memtable, model, new byte[9], 5, EntryKind.PUT, Arrays.copyOf(large, chunkBytes / 4 - 60));
                put(memtable, model, new byte[8], 6, EntryKind.PUT, Arrays.copyOf(large, chunkBytes / 4 + 60));
                put(memtable, model, new byte[] {-1}, EntryLimits.SEQUENCE_MAX, EntryKind.PUT, new byte[0]);
                assertCounts(memtable, model);
                assertSame(memtable.cursor(), model);
                for (Version version : model.keySet()) {
                    assertFinds(memtable, model, version.key(), version.sequence());
                    assertFinds(memtable, model, version.key(), version.sequence() - 1);
                    assertSeeks(memtable, model, version.key());
                }
                memtable.free();
            }
        }
    }

    @Provide
    Arbitrary<List<Put>> puts() {
        Arbitrary<byte[]> values = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        Arbitrary<Byte> kinds = Arbitraries.of(EntryKind.PUT, EntryKind.TOMBSTONE);
        return Combinators.combine(keys(), kinds, values)
                .as((key, kind, value) -> new Put(key, kind, kind == EntryKind.PUT ? value : new byte[0]))
                .list()
                .ofMaxSize(150);
    }

    /** Few different bytes, extremes among them, so that prefixes and whole keys are often shared. */
    @Provide
    Arbitrary<byte[]> keys() {
        return Arbitraries.of((byte) 0, (byte) 1, (byte) 0x7F, (byte) 0x80, (byte) 0xFF)
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(20);
    }

    @Provide
    Arbitrary<Integer> chunkBytes() {
        return Arbitraries.of(512, 1024, 4096, 65_536);
    }

    private static byte[] key(int shape, int i, Random random) {
        return switch (shape) {
            case 1 -> String.format("%016d", i).getBytes(StandardCharsets.US_ASCII);
            case 2 -> String.format("%016d", 5001 - i).getBytes(StandardCharsets.US_ASCII);
            case 3 -> String.format("%016d", random.nextInt(1000)).getBytes(StandardCharsets.US_ASCII);
            case 4 -> new byte[] {(byte) random.nextInt(), (byte) random.nextInt()};
            case 5 -> new byte[1 + random.nextInt(30)];
            default -> ByteBuffer.allocate(16).putLong(random.nextLong()).array();
        };
    }

    private static void put(
            Memtable memtable, TreeMap<Version, Content> model, byte[] key, long sequence, byte kind, byte[] value) {
        memtable.put(Arrays.copyOf(key, key.length + 3), key.length, sequence, kind, value.clone(), value.length);
        model.put(new Version(key, sequence), new Content(kind, value));
    }

    private static void assertCounts(Memtable memtable, TreeMap<Version, Content> model) {
        assertEquals(model.isEmpty(), memtable.isEmpty());
        assertEquals(model.size(), memtable.entries());
        long bytes = 0;
        long smallest = model.isEmpty() ? 0 : Long.MAX_VALUE;
        long largest = 0;
        for (Map.Entry<Version, Content> entry : model.entrySet()) {
            bytes += entry.getKey().key().length + entry.getValue().value().length;
            smallest = Math.min(smallest, entry.getKey().sequence());
            largest = Math.max(largest, entry.getKey().sequence());
        }
        assertEquals(bytes, memtable.entryBytes());
        assertEquals(smallest, memtable.smallestSequence());
        assertEquals(largest, memtable.largestSequence());
        assertEquals(model.isEmpty(), memtable.bytes() == 0);
    }

    private static void assertSharedPrefix(Memtable memtable, List<Put> puts) {
        byte[] shared = memtable.sharedPrefix();
        byte[] longest = puts.isEmpty() ? new byte[0] : puts.get(0).key();
        for (Put put : puts) {
            int differs = Arrays.mismatch(longest, put.key());
            longest = differs < 0 ? longest : Arrays.copyOf(longest, differs);
        }
        assertArrayEquals(longest, shared);
    }

    private static void assertFinds(Memtable memtable, TreeMap<Version, Content> model, byte[] key, long sequenceMax) {
        Map.Entry<Version, Content> expected = model.ceilingEntry(new Version(key, sequenceMax));
        if (expected != null && !Arrays.equals(expected.getKey().key(), key)) {
            expected = null;
        }
        Lookup found = new Lookup();
        boolean hit = memtable.find(
                Arrays.copyOf(key, key.length + 1), key.length, KeyOrder.prefix(key, key.length), sequenceMax, found);
        assertEquals(expected != null, hit);
        if (expected != null) {
            assertEquals(expected.getKey().sequence(), found.sequence());
            assertEquals(expected.getValue().kind(), found.kind());
            byte[] value = new byte[found.valueLength()];
            found.copyValue(value, 0, value.length);
            assertArrayEquals(expected.getValue().value(), value);
        }
    }

    private static void assertSeeks(Memtable memtable, TreeMap<Version, Content> model, byte[] key) {
        EntryCursor cursor = memtable.cursor();
        Map.Entry<Version, Content> expected = model.ceilingEntry(new Version(key, Long.MAX_VALUE));
        assertEquals(expected != null, cursor.seek(Arrays.copyOf(key, key.length + 1), key.length));
        if (expected != null) {
            assertEntry(expected, cursor);
            Map.Entry<Version, Content> before = model.lowerEntry(expected.getKey());
            assertEquals(before != null, cursor.previous());
            if (before != null) {
                assertEntry(before, cursor);
                assertTrue(cursor.next());
                assertEntry(expected, cursor);
            }
        }
    }

    private static void assertSame(EntryCursor cursor, TreeMap<Version, Content> model) {
        boolean on = cursor.first();
        for (Map.Entry<Version, Content> expected : model.entrySet()) {
            assertTrue(on);
            assertEntry(expected, cursor);
            on = cursor.next();
        }
        assertFalse(on);
        on = cursor.last();
        for (Map.Entry<Version, Content> expected : model.descendingMap().entrySet()) {
            assertTrue(on);
            assertEntry(expected, cursor);
            on = cursor.previous();
        }
        assertFalse(on);
    }

    private static void assertEntry(Map.Entry<Version, Content> expected, EntryCursor cursor) {
        byte[] key = expected.getKey().key();
        byte[] value = expected.getValue().value();
        assertArrayEquals(key, Arrays.copyOf(cursor.key(), cursor.keyLength()));
        assertEquals(KeyOrder.prefix(key, key.length), cursor.word());
        assertEquals(expected.getKey().sequence(), cursor.sequence());
        assertEquals(expected.getValue().kind(), cursor.kind());
        byte[] found = new byte[cursor.valueLength()];
        int half = found.length / 2;
        cursor.copyValue(0, found, 0, half);
        cursor.copyValue(half, found, half, found.length - half);
        assertArrayEquals(value, found);
    }
}
