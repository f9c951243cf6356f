package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Puts, deletes, flushes, compactions, snapshots and reopens look like a sorted map. */
@SuppressWarnings("EnumOrdinal") // walks all constants
final class SegmentModelTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** The segment beside its model, and what each open snapshot must go on seeing. */
    private static final class Pair {
        private final SegmentFixture fixture;
        private final SplittableRandom random;
        private final TreeMap<String, String> model = new TreeMap<>();
        private final List<Long> snapshots = new ArrayList<>();
        private final List<TreeMap<String, String>> seen = new ArrayList<>();
        private Segment segment;
        private int puts;

        Pair(SegmentFixture fixture, SplittableRandom random) {
            this.fixture = fixture;
            this.random = random;
            segment = fixture.create(1);
        }

        void step() {
            String key = "k" + random.nextInt(30);
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> {
                    model.remove(key);
                    fixture.delete(segment, key);
                }
                case 3 -> segment.flush();
                case 4 -> segment.compactIfNeeded();
                case 5 -> segment.compact();
                case 6 -> reopen();
                case 7 -> {
                    snapshots.add(fixture.context().snapshots().register());
                    seen.add(new TreeMap<>(model));
                }
                case 8 -> closeSnapshot();
                case 9 -> fixture.locked(segment::sealLocked);
                default -> {
                    String value = "value-" + ++puts + "x".repeat(random.nextInt(60));
                    model.put(key, value);
                    fixture.put(segment, key, value);
                }
            }
            assertEquals(model, fixture.scan(segment));
            for (int i = 0; i < snapshots.size(); i++) {
                assertEquals(seen.get(i), SegmentFixture.scan(segment.view(), snapshots.get(i)));
            }
        }

        private void reopen() {
            segment.flush();
            segment.close();
            segment = fixture.open(1);
        }

        private void closeSnapshot() {
            if (!snapshots.isEmpty()) {
                int which = random.nextInt(snapshots.size());
                fixture.context().snapshots().release(snapshots.remove(which));
                seen.remove(which);
            }
        }

        void end() {
            while (!snapshots.isEmpty()) {
                closeSnapshot();
            }
            segment.flush();
            segment.compact();
            assertEquals(model, fixture.scan(segment));
            assertEquals(model.size(), segment.view().entries(), "a full compaction keeps live entries alone");
            assertEquals(model.isEmpty() ? 0 : 1, segment.view().runCount());
            segment.close();
        }
    }

    @Test
    void everySequenceOfOperationsLooksLikeASortedMap() {
        RandomCases.check(60, (random, seed) -> {
            SimulatedStorage storage = leaks.watch(new SimulatedStorage(seed));
            RunOptions run = new RunOptions(
                    seed % 2 == 0 ? Compression.NONE : Compression.LZ4,
                    64 << random.nextInt(6),
                    FilterKind.values()[(int) (seed % 3)]);
            SegmentOptions options = new SegmentOptions(run, 1 + random.nextInt(5), 0.2 + random.nextDouble(0.8));
            try (SegmentFixture fixture = new SegmentFixture(storage, options)) {
                Pair pair = new Pair(fixture, random);
                for (int i = 0; i < 150; i++) {
                    pair.step();
                }
                pair.end();
                assertEquals(0, fixture.memoryInUse());
                assertEquals(
                        2 + fixture.liveRuns(1),
                        storage.list(SegmentFixture.directory(1)).size(),
                        () -> "lock, manifest and live runs: " + storage.list(SegmentFixture.directory(1)));
            }
        });
    }

    @Test
    void aSegmentWithBoundsWritesNothingOutsideThem() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        try (SegmentFixture fixture = new SegmentFixture(storage)) {
            Segment segment = fixture.create(1, new KeyBounds(SegmentFixture.bytes("d"), SegmentFixture.bytes("p")));
            MemtableLayer low = fixture.layer("c", "below");
            MemtableLayer within = fixture.layer("d", "first");
            MemtableLayer high = fixture.layer("p", "above");
            fixture.locked(() -> segment.adoptLocked(List.of(high, within, low)));
            List.of(low, within, high).forEach(layer -> layer.shared().release());
            assertEquals(new TreeMap<>(java.util.Map.of("d", "first")), fixture.scan(segment));
            segment.flush();
            assertEquals(1, segment.view().entries());
            segment.close();
        }
    }
}
