package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The figures of an index: what is stored and what lives, loaded or not. */
final class StoreStatsTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));

    private SegmentStore open() {
        return SegmentStore.open(
                DIRECTORY,
                StoreOptions.builder()
                        .storage(storage)
                        .maintenanceThreads(0)
                        .segmentBytesMax(64 << 10)
                        .memtableBytesMax(4 << 20)
                        .segmentMemtableBytesMax(256 << 10)
                        .logFileBytes(16 << 10)
                        .build());
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    @Test
    void tombstonesAndLiveEntriesAreToldApart() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 100; i++) {
                index.put(key(i), new byte[100]);
            }
            for (int i = 0; i < 20; i++) {
                index.delete(key(i));
            }
            assertEquals(120, index.stats().entries(), "in memory");
            assertEquals(20, index.stats().tombstones());
            assertEquals(80, index.stats().liveEntries());
            index.flush();
            assertEquals(80, index.stats().entries(), "nothing lies beneath the first run");
            for (int i = 20; i < 30; i++) {
                index.delete(key(i));
            }
            assertEquals(70, index.stats().liveEntries(), "runs and memory");
            index.flush();
            assertEquals(90, index.stats().entries());
            assertEquals(10, index.stats().tombstones());
            assertEquals(70, index.stats().liveEntries(), "runs");
            index.compact();
            assertEquals(70, index.stats().entries());
            assertEquals(0, index.stats().tombstones());
            assertEquals(70, index.stats().liveEntries());
        }
    }

    @Test
    void whatLivesIsNeverBelowNothing() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            index.put(key(1), key(1));
            for (int i = 0; i < 50; i++) {
                index.delete(key(i));
            }
            assertEquals(0, index.stats().liveEntries());
        }
    }

    @Test
    void figuresAreThereRightAfterOpenWithoutLoadingASegment() {
        IndexStats before;
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 2_000; i++) {
                index.put(key(i), new byte[100]);
            }
            index.flush();
            for (int i = 0; i < 2_000; i += 10) {
                index.delete(key(i));
            }
            index.flush();
            // So that the log holds nothing of it, and the replay loads none of its segments.
            for (int i = 0; i < 1_000; i++) {
                store.index("b").put(key(i), new byte[100]);
            }
            store.awaitMaintenance();
            before = index.stats();
            assertTrue(before.segments().size() > 2);
        }
        try (SegmentStore store = open()) {
            IndexStats after = store.index("a").stats();
            assertEquals(before.entries(), after.entries());
            assertEquals(before.tombstones(), after.tombstones());
            assertEquals(before.liveEntries(), after.liveEntries());
            assertEquals(1_800, after.liveEntries());
            assertEquals(before.runBytes(), after.runBytes());
            assertTrue(after.segments().stream().anyMatch(segment -> !segment.loaded()));
            long loaded = store.metrics().segments().loaded();
            store.index("a").stats();
            assertEquals(loaded, store.metrics().segments().loaded());
            IndexStats.SegmentStats unloaded = after.segments().stream()
                    .filter(segment -> !segment.loaded())
                    .findFirst()
                    .orElseThrow();
            assertFalse(unloaded.runs() == 0);
        }
    }
}
