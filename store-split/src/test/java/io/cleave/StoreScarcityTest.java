package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.StorageCounters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stores that may open fewer files than they would like to. */
@Timeout(600)
final class StoreScarcityTest {
    private static final int FILES_MAX = 20;
    private static final int MAPPINGS_MAX = 200;
    /** Times this an ascending number is spread over all keys. */
    private static final int SCATTER = 0x9E3779B1;

    private static final int INDEXES = 3 * FILES_MAX;

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private static StoreOptions.Builder few(int files) {
        return StoreOptions.builder()
                .limits(StoreLimits.none().withOpenFilesMax(files))
                .logFileBytes(64 << 10)
                .maintenanceThreads(1);
    }

    @Test
    void aFlushThatCannotHaveTheFilesOfASplitWritesARunInstead() {
        int entries = 2_000;
        try (QuietLog quiet = new QuietLog();
                SegmentStore store = SegmentStore.open(
                        parent.resolve("store"),
                        few(10).segmentBytesMax(8 << 10).build())) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("index");
            try (WriteBatch batch = store.batch()) {
                for (int i = 0; i < entries; i++) {
                    batch.put(index, key(i), new byte[100]);
                }
                batch.commit();
            }
            index.flush();
            store.awaitMaintenance();
            assertEquals(1, store.metrics().segments().count());
            assertEquals(1, store.stats().failures(), "told once");
            index.put(key(1), key(1));
            index.flush();
            store.awaitMaintenance();
            assertEquals(1, store.stats().failures(), "told once");
        }
        try (SegmentStore store = SegmentStore.open(
                parent.resolve("store"),
                StoreOptions.builder().segmentBytesMax(8 << 10).build())) {
            SegmentIndex index = store.index("index");
            index.put(key(2), key(2));
            index.flush();
            store.awaitMaintenance();
            assertTrue(store.metrics().segments().count() > 10, "it is split once there are files for it");
            for (int i = 0; i < entries; i++) {
                assertNotNull(index.get(key(i)));
            }
        }
    }

    @Test
    void segmentsThatAreNotInUseGiveTheirDescriptorsToOthers() {
        try (SegmentStore store =
                SegmentStore.open(parent.resolve("store"), few(FILES_MAX).build())) {
            for (int i = 0; i < INDEXES; i++) {
                store.index("index-" + i).put(key(i), key(i));
                requireFew(store);
            }
            for (int i = 0; i < INDEXES; i++) {
                assertArrayEquals(key(i), store.index("index-" + i).get(key(i)));
                requireFew(store);
            }
            store.index("index-0").put(key(0), key(0));
            assertEquals(0, store.stats().failures());
        }
    }

    @Test
    void anIndexOfMoreSegmentsThanMappingsIsFilledAsFastAsItGoes() {
        int entries = 20_000;
        RealStorage storage = RealStorage.open(MAPPINGS_MAX, 1 << 30);
        StoreOptions options = StoreOptions.builder()
                .storage(storage)
                .segmentBytesMax(8 << 10)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(8 << 10)
                .memtableChunkBytes(1 << 10)
                .logFileBytes(64 << 10)
                .maintenanceThreads(2)
                .build();
        try (QuietLog quiet = new QuietLog();
                SegmentStore store = SegmentStore.open(parent.resolve("store"), options)) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("index");
            for (int i = 0; i < entries; i++) {
                index.put(key(i * SCATTER), new byte[100]);
            }
            store.awaitMaintenance();
            assertTrue(
                    store.metrics().segments().count() > 2 * MAPPINGS_MAX,
                    () -> store.metrics().segments().toString());
            for (int i = 0; i < entries; i++) {
                assertNotNull(index.get(key(i * SCATTER)));
            }
        }
    }

    @Test
    void aLogOfMoreSegmentsThanDescriptorsIsReplayed() throws IOException {
        Path killed = parent.resolve("killed");
        StoreOptions calm = StoreOptions.builder()
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .durability(Durability.DEVICE)
                .build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("store"), calm)) {
            for (int i = 0; i < INDEXES; i++) {
                store.index("index-" + i).put(key(i), key(i));
            }
            copy(parent.resolve("store"), killed);
        }
        try (SegmentStore store = SegmentStore.open(killed, few(FILES_MAX).build())) {
            for (int i = 0; i < INDEXES; i++) {
                assertArrayEquals(key(i), store.index("index-" + i).get(key(i)));
                requireFew(store);
            }
        }
    }

    private static void requireFew(SegmentStore store) {
        StorageCounters open = store.engine().storage().counters();
        assertTrue(open.files() + open.locks() <= FILES_MAX, open::toString);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            List<Path> paths = walk.sorted().toList();
            for (Path path : paths) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }
}
