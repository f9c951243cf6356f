package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.repair.StoreRepair;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The options of an index live with it, whoever opens the store with whatever options. */
final class StoreIndexOptionsTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int ENTRIES = 200;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));

    private StoreOptions.Builder options() {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .logFileBytes(64 << 10);
    }

    private static StoreOptions.Builder packed(StoreOptions.Builder builder) {
        return builder.compression(Compression.LZ4).blockBytes(256).segmentEntriesMax(40);
    }

    private static void fill(SegmentIndex index, int round) {
        for (int i = 0; i < ENTRIES; i++) {
            index.put(bytes("key-%05d".formatted(i)), bytes("value " + i + " of round " + round));
        }
        index.flush();
    }

    private static void requireFilled(SegmentIndex index, int round) {
        for (int i = 0; i < ENTRIES; i++) {
            byte[] wanted = bytes("value " + i + " of round " + round);
            assertArrayEquals(wanted, index.get(bytes("key-%05d".formatted(i))));
        }
    }

    /** How the runs of an index are written. */
    private Set<RunOptions> runs(String index) {
        Set<RunOptions> found = new HashSet<>();
        StoreInspection inspection = new StoreInspection(storage, DIRECTORY);
        for (SegmentLook segment : inspection.index(index).segments()) {
            for (SegmentLook.RunLook run : segment.runs()) {
                try (Run open = Run.openAny(storage, run.file())) {
                    found.add(open.options());
                }
            }
        }
        return found;
    }

    private int segments(String index) {
        return new StoreInspection(storage, DIRECTORY).index(index).segments().size();
    }

    @Test
    void whatIsStoredWinsOverTheOptionsOfTheStore() {
        RunOptions packed = new RunOptions(Compression.LZ4, 256, FilterKind.BLOOM);
        try (SegmentStore store = SegmentStore.open(DIRECTORY, packed(options()).build())) {
            fill(store.index("events"), 1);
            store.awaitMaintenance();
        }
        int segments = segments("events");
        assertTrue(segments > 3, segments + " segments");
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            SegmentIndex index = store.index("events");
            assertEquals(packed(options()).build().indexOptions(), index.options());
            fill(index, 2);
            index.compact();
            store.awaitMaintenance();
            requireFilled(index, 2);
            Splits.ofFirst(index);
            index.rewrite();
            store.awaitMaintenance();
            requireFilled(index, 2);
        }
        assertEquals(Set.of(packed), runs("events"));
        assertTrue(segments("events") >= segments, segments("events") + " segments of " + segments);
    }

    @Test
    void anIndexIsCreatedWithOptionsOfItsOwnAndKeepsThem() {
        IndexOptions own =
                IndexOptions.defaults().withCompression(Compression.LZ4).withSegmentEntriesMax(50);
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            assertEquals(own, store.index("own", own).options());
            assertEquals(own, store.index("own", IndexOptions.defaults()).options());
            assertEquals(own, store.index("own").options());
            fill(store.index("own"), 1);
            fill(store.index("other"), 1);
            store.awaitMaintenance();
            assertEquals(IndexOptions.defaults(), store.index("other").options());
        }
        assertEquals(Set.of(RunOptions.of(Compression.LZ4, FilterKind.BLOOM)), runs("own"));
        assertEquals(Set.of(RunOptions.defaults()), runs("other"));
        assertTrue(segments("own") > 1);
        assertEquals(1, segments("other"));
    }

    @Test
    void alteringHoldsForWhatIsWrittenFromThenOnAndARewriteBringsTheRest() {
        RunOptions packed = RunOptions.of(Compression.LZ4, FilterKind.BLOOM);
        IndexOptions altered;
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            SegmentIndex index = store.index("events");
            fill(index, 1);
            index.compact();
            altered = index.options().withCompression(Compression.LZ4);
            store.alterIndex("events", altered);
            assertEquals(altered, index.options());
            // One run and nothing to merge.
            index.compact();
            assertEquals(Set.of(RunOptions.defaults()), runs("events"));
            index.put(bytes("key-00001"), bytes("more"));
            index.flush();
            assertEquals(Set.of(RunOptions.defaults(), packed), runs("events"));
        }
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            SegmentIndex index = store.index("events");
            assertEquals(altered, index.options());
            index.rewrite();
            assertEquals(Set.of(packed), runs("events"));
            store.alterIndex("events", altered.withSegmentEntriesMax(40));
            index.rewrite();
            store.awaitMaintenance();
            assertEquals(ENTRIES, index.stats().entries());
        }
        assertEquals(Set.of(packed), runs("events"));
        assertTrue(segments("events") > 3, segments("events") + " segments");
    }

    @Test
    void anAlteredIndexIsAlteredAfterAPowerCutAtOnce() {
        SegmentStore store = SegmentStore.open(DIRECTORY, options().build());
        store.index("events").put(bytes("key"), bytes("value"), Durability.DEVICE);
        IndexOptions altered =
                IndexOptions.defaults().withSegmentBytesMax(1 << 20).withBlockBytes(512);
        store.alterIndex("events", altered);
        SimulatedStorage after = storage.crash(1);
        // It must not try to flush to a storage that is dead.
        store.engine().gate().poison(new IllegalStateException("the storage is dead"));
        assertThrows(SimulatedCrash.class, store::close);
        try (SegmentStore again =
                SegmentStore.open(DIRECTORY, options().storage(after).build())) {
            assertEquals(altered, again.openIndex("events").options());
            assertArrayEquals(bytes("value"), again.openIndex("events").get(bytes("key")));
        }
    }

    @Test
    void aRunThatARepairMakesFromTheLogIsWrittenAsItsNeighbours() {
        StoreOptions.Builder packed = options().compression(Compression.LZ4).deltasMax(9);
        try (SegmentStore store = SegmentStore.open(DIRECTORY, packed.build())) {
            SegmentIndex index = store.index("events");
            fill(index, 1);
            index.put(bytes("key-00001"), bytes("more"));
            index.flush();
        }
        List<SegmentLook.RunLook> runs = new StoreInspection(storage, DIRECTORY)
                .index("events")
                .segments()
                .get(0)
                .runs();
        assertEquals(2, runs.size());
        storage.delete(runs.get(0).file());
        new StoreRepair(storage, DIRECTORY, (done, total) -> {}).repair();
        assertEquals(Set.of(RunOptions.of(Compression.LZ4, FilterKind.BLOOM)), runs("events"));
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            assertArrayEquals(bytes("more"), store.openIndex("events").get(bytes("key-00001")));
        }
    }

    @Test
    void aCompressionBringsItsOwnDefaultsAndLeavesWhatWasChosen() {
        IndexOptions defaults = IndexOptions.defaults();
        assertEquals(FilterKind.BLOOM, defaults.withCompression(Compression.LZ4).filter());
        assertEquals(defaults, defaults.withCompression(Compression.LZ4).withCompression(Compression.NONE));
        assertEquals(
                FilterKind.NONE,
                defaults.withFilter(FilterKind.NONE)
                        .withCompression(Compression.LZ4)
                        .filter());
    }

    @Test
    void optionsThatContradictEachOtherAreRefused() {
        List<Runnable> refused = List.of(
                () -> IndexOptions.defaults().withBlockBytes(63),
                () -> IndexOptions.defaults().withSegmentBytesMax(1023),
                () -> IndexOptions.defaults().withSegmentEntriesMax(1),
                () -> StoreOptions.builder()
                        .logFileBytes(1 << 20)
                        .logBytesMax(1 << 19)
                        .build());
        refused.forEach(use -> assertThrows(IllegalArgumentException.class, use::run));
        StoreOptions options = StoreOptions.builder()
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(2 << 20)
                .build();
        assertEquals(1 << 20, options.segmentMemtableBytesMax());
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            IndexOptions large = IndexOptions.defaults().withSegmentBytesMax(2L << 30);
            assertThrows(IllegalArgumentException.class, () -> store.index("large", large));
            store.index("events");
            assertThrows(IllegalArgumentException.class, () -> store.alterIndex("events", large));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
