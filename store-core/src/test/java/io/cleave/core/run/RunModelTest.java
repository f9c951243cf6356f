package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.run.RunFixture.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** A run of any entries, written with any options, is indistinguishable from a sorted list of them. */
final class RunModelTest {
    /** How random entries look. */
    enum Shape {
        FEW_LETTERS,
        LONG_PREFIX,
        /** Numbers of one length, one entry a key, and keys that are starts of others. */
        NUMBERS,
        BINARY,
        MANY_VERSIONS,
        HUGE
    }

    /** One sample: options and what grows the entries. */
    record Sample(RunOptions options, Shape shape, int count, long seed, boolean offsetsFit) {}

    @Property(tries = 300)
    void aRunEqualsASortedList(@ForAll("samples") Sample sample) {
        List<Entry> entries = entries(sample);
        RunFixture fixture = new RunFixture();
        RunProperties written =
                fixture.write(sample.options(), entries, sample.offsetsFit() ? PointIndexFormat.POSITION_MAX : 100);
        try (Run run = fixture.open()) {
            run.verify();
            assertEquals(written, run.properties());
            checkProperties(entries, run);
            assertEquals(entries, RunFixture.forward(run.cursor()));
            assertEquals(entries, RunFixture.backward(run.cursor()));
            SplittableRandom random = new SplittableRandom(sample.seed());
            checkFinds(entries, run, random, sample.shape());
            checkWalks(entries, run, random, sample.shape());
        }
        try (Run run = fixture.open()) {
            checkFinds(entries, run, new SplittableRandom(~sample.seed()), sample.shape());
        }
        assertEquals(0, fixture.storage.counters().mappings());
        assertEquals(0, fixture.storage.counters().files());
    }

    @Provide
    Arbitrary<Sample> samples() {
        Arbitrary<RunOptions> options = Combinators.combine(
                        Arbitraries.of(Compression.class),
                        Arbitraries.of(64, 100, 1000, 4096, 65_536),
                        Arbitraries.of(FilterKind.class))
                .as(RunOptions::new);
        Arbitrary<Integer> counts = Arbitraries.frequencyOf(
                List.of(tuple(1, 1, 3), tuple(4, 1, 60), tuple(2, 60, 600), tuple(1, 600, 3000)));
        return Combinators.combine(
                        options, Arbitraries.of(Shape.class), counts, Arbitraries.longs(), Arbitraries.of(true, false))
                .as(Sample::new);
    }

    private static Tuple.Tuple2<Integer, Arbitrary<Integer>> tuple(int weight, int low, int high) {
        return Tuple.of(weight, Arbitraries.integers().between(low, high));
    }

    private static void checkProperties(List<Entry> entries, Run run) {
        RunProperties properties = run.properties();
        assertEquals(entries.size(), properties.entries());
        assertEquals(
                entries.stream()
                        .map(entry -> KeyBytes.of(entry.key()))
                        .distinct()
                        .count(),
                properties.distinctKeys());
        assertEquals(
                entries.stream()
                        .filter(entry -> entry.kind() == EntryKind.TOMBSTONE)
                        .count(),
                properties.tombstones());
        assertEquals(entries.stream().mapToLong(entry -> entry.key().length).sum(), properties.keyBytes());
        assertEquals(entries.stream().mapToLong(entry -> entry.value().length).sum(), properties.valueBytes());
        assertEquals(entries.stream().mapToLong(Entry::sequence).min().orElseThrow(), properties.smallestSequence());
        assertEquals(entries.stream().mapToLong(Entry::sequence).max().orElseThrow(), properties.largestSequence());
        assertEquals(run.fileBytes(), properties.fileBytes());
    }

    private static void checkFinds(List<Entry> entries, Run run, SplittableRandom random, Shape shape) {
        for (int i = 0; i < Math.min(300, entries.size()); i++) {
            Entry entry = entries.get(random.nextInt(entries.size()));
            for (long max : new long[] {EntryLimits.SEQUENCE_MAX, entry.sequence(), entry.sequence() - 1}) {
                assertEquals(RunFixture.find(entries, entry.key(), max), RunFixture.find(run, entry.key(), max));
            }
            byte[] other = key(random, shape);
            Entry expected = RunFixture.find(entries, other, EntryLimits.SEQUENCE_MAX);
            assertEquals(expected, RunFixture.find(run, other, EntryLimits.SEQUENCE_MAX));
            byte[] near = random.nextBoolean()
                    ? KeyOrder.successor(entry.key())
                    : Arrays.copyOf(entry.key(), Math.max(1, entry.key().length - 1));
            assertEquals(
                    RunFixture.find(entries, near, EntryLimits.SEQUENCE_MAX),
                    RunFixture.find(run, near, EntryLimits.SEQUENCE_MAX));
        }
        byte[] above = new byte[30];
        Arrays.fill(above, (byte) 0xFF);
        assertNull(RunFixture.find(run, above, EntryLimits.SEQUENCE_MAX));
    }

    private static void checkWalks(List<Entry> entries, Run run, SplittableRandom random, Shape shape) {
        EntryCursor cursor = run.cursor();
        for (int i = 0; i < 100; i++) {
            if (random.nextInt(10) == 0) {
                byte[] some = random.nextBoolean() ? entries.get(0).key() : key(random, shape);
                cursor.orderBehind(
                        random.nextBoolean()
                                ? cursor.sharedPrefix()
                                : Arrays.copyOf(some, random.nextInt(some.length + 1)));
            }
            byte[] target = random.nextBoolean()
                    ? entries.get(random.nextInt(entries.size())).key()
                    : key(random, shape);
            int at = 0;
            while (at < entries.size() && KeyOrder.compare(entries.get(at).key(), target) < 0) {
                at++;
            }
            assertEquals(at < entries.size(), cursor.seek(target, target.length));
            for (int step = 0; step < 10 && at >= 0 && at < entries.size(); step++) {
                assertEquals(entries.get(at), Entry.at(cursor));
                checkLeavesKey(entries, at, cursor);
                boolean forward = random.nextInt(3) > 0;
                at += forward ? 1 : -1;
                assertEquals(at >= 0 && at < entries.size(), forward ? cursor.next() : cursor.previous());
            }
        }
    }

    private static void checkLeavesKey(List<Entry> entries, int at, EntryCursor cursor) {
        byte[] key = entries.get(at).key();
        boolean before = at > 0 && Arrays.equals(entries.get(at - 1).key(), key);
        boolean behind =
                at + 1 < entries.size() && Arrays.equals(entries.get(at + 1).key(), key);
        assertTrue(!cursor.leavesKey() || (!before && !behind));
    }

    private static List<Entry> entries(Sample sample) {
        SplittableRandom random = new SplittableRandom(sample.seed());
        TreeSet<Entry> sorted = new TreeSet<>();
        long range = random.nextBoolean() ? 1 + random.nextInt(1000) : EntryLimits.SEQUENCE_MAX;
        int count = sample.shape() == Shape.HUGE ? Math.min(sample.count(), 12) : sample.count();
        byte[] key = key(random, sample.shape());
        for (int i = 0; i < count; i++) {
            boolean sameKey = sample.shape() == Shape.MANY_VERSIONS && random.nextInt(20) > 0;
            key = sameKey ? key : key(random, sample.shape());
            long sequence = random.nextLong(range + 1);
            boolean tombstone = random.nextInt(5) == 0;
            byte[] value = tombstone ? new byte[0] : value(random, sample.shape());
            sorted.add(new Entry(key, sequence, tombstone ? EntryKind.TOMBSTONE : EntryKind.PUT, value));
        }
        return new ArrayList<>(sorted);
    }

    private static byte[] key(SplittableRandom random, Shape shape) {
        return switch (shape) {
            case FEW_LETTERS -> letters(random, 1 + random.nextInt(10), 2);
            case LONG_PREFIX -> RunFixture.bytes("a common prefix of all keys " + random.nextInt(2000));
            case NUMBERS ->
                RunFixture.bytes("00000000" + (100 + random.nextInt(900)) + (random.nextBoolean() ? "" : "5"));
            case BINARY -> letters(random, 1 + random.nextInt(20), 256);
            case MANY_VERSIONS -> letters(random, 1 + random.nextInt(3), 3);
            case HUGE ->
                letters(random, random.nextBoolean() ? EntryLimits.KEY_BYTES_MAX : 1 + random.nextInt(70_000 / 2), 2);
        };
    }

    private static byte[] value(SplittableRandom random, Shape shape) {
        int length = switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1000);
            case 2 -> shape == Shape.HUGE ? 300_000 : 255 + random.nextInt(3);
            default -> random.nextInt(40);
        };
        return letters(random, length, random.nextBoolean() ? 256 : 2);
    }

    private static byte[] letters(SplittableRandom random, int length, int alphabet) {
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) (alphabet == 2 ? 'a' + random.nextInt(2) : random.nextInt(alphabet));
        }
        return letters;
    }

    /** A key as a value. */
    record KeyBytes(List<Byte> bytes) {
        static KeyBytes of(byte[] key) {
            List<Byte> list = new ArrayList<>(key.length);
            for (byte b : key) {
                list.add(b);
            }
            return new KeyBytes(list);
        }
    }
}
