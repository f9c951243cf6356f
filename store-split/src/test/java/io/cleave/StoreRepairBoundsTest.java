package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs beside files that are longer than what can be read, and directories with the last number that a name can hold. */
final class StoreRepairBoundsTest {
    private static final Storage STORAGE = RealStorage.open();
    private static final int KEYS = 60;

    @TempDir
    private Path directory;

    private final QuietLog quiet = new QuietLog();
    private Path store;
    private Path index;

    @BeforeEach
    void fill() {
        assertTrue(quiet.isQuiet());
        store = directory.resolve("store");
        index = store.resolve("index-00001");
        try (SegmentStore open = SegmentStore.open(store, options())) {
            for (int i = 0; i < KEYS; i++) {
                open.index("index").put(key(i), key(i));
            }
            open.index("index").flush();
            open.awaitMaintenance();
        }
    }

    @AfterEach
    void speak() {
        quiet.close();
    }

    private static StoreOptions options() {
        return StoreOptions.builder()
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .segmentEntriesMax(40)
                .logFileBytes(8 << 10)
                .build();
    }

    private static byte[] key(int number) {
        return DamageSubject.bytes("key-" + number);
    }

    @Test
    void aStrayFileWithALastNumberDoesNotEndTheLog() throws IOException {
        Path log = store.resolve("log");
        for (String number : List.of("999999999999999998", "999999999999999999")) {
            Files.writeString(log.resolve("log-" + number), "abc");
            for (int session = 0; session < 3; session++) {
                try (SegmentStore open = SegmentStore.open(store, options())) {
                    open.index("index").put(key(KEYS + session), key(session));
                }
            }
            assertFalse(Files.exists(log.resolve("log-" + number)), "what nobody has begun is deleted");
        }
        assertEquals(KEYS + 3, repairAndCount());
    }

    @Test
    void aFileWhereADirectoryOfAnIndexBelongsIsToldAsWhatItIs() throws IOException {
        for (String name : List.of("index-00002", "index-2147483647")) {
            Path file = Files.writeString(store.resolve(name), "x");
            StoreException.Corrupt thrown =
                    assertThrows(StoreException.Corrupt.class, () -> SegmentStore.open(store, options()));
            assertTrue(thrown.getMessage().contains("kind of path: expected a directory"), thrown.getMessage());
            assertTrue(thrown.getMessage().contains(name), thrown.getMessage());
            Files.delete(file);
        }
    }

    /** How many keys are there after a repair, in the only index. */
    private int repairAndCount() {
        RepairReport report = new StoreRepair(STORAGE, store, (done, total) -> {}).repair();
        assertEquals(
                List.of(),
                new StoreVerification(STORAGE, store, (done, total) -> {})
                        .verify()
                        .findings(),
                report::text);
        try (SegmentStore open = SegmentStore.open(store, options())) {
            SegmentIndex only = open.index(open.indexNames().iterator().next());
            int found = StoreHistory.scan(only).size();
            // What repair has written has to be of use to what gives out numbers, too.
            open.index("another").put(key(1), key(1));
            for (int i = 0; i < 2 * KEYS; i++) {
                only.put(key(i), key(i));
            }
            only.flush();
            open.awaitMaintenance();
            assertEquals(2 * KEYS, StoreHistory.scan(only).size());
            return found;
        }
    }

    private static void lengthen(Path file, long length) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(length);
        }
    }

    private Path first(String ending) throws IOException {
        try (Stream<Path> paths = Files.walk(index)) {
            return paths.filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aSmallFileBeyondItsLargestLengthIsDamaged() throws IOException {
        for (Path file : List.of(
                store.resolve("catalog"), index.resolve("key-map"), index.resolve("segment-ids"), first("manifest"))) {
            lengthen(file, (64L << 20) + 1);
            assertEquals(KEYS, repairAndCount(), file::toString);
            deleteAll();
            fill();
        }
    }

    @Test
    void aRunBeyondWhatCanBeMappedIsDamagedUnlessItIsWhole() throws IOException {
        Path run = first(".run");
        long length = 3L << 30;
        lengthen(run, length);
        try (RandomAccessFile bytes = new RandomAccessFile(run.toFile(), "rw")) {
            bytes.seek(length - 8);
            bytes.writeBytes("RUNFOOT1");
        }
        StoreRepair refused = new StoreRepair(STORAGE, store, (done, total) -> {});
        assertThrows(StoreException.LimitReached.class, refused::repair);
        assertFalse(Files.exists(store.resolve("set-aside")));
        lengthen(run, length - 8);
        assertEquals(KEYS, repairAndCount(), "the log holds what the run held");
        assertTrue(Files.exists(store.resolve("set-aside/00001").resolve(store.relativize(run))));
    }

    @Test
    void aSegmentWithTheLastIdLeavesIdsForOthers() throws IOException {
        Files.createDirectory(index.resolve("segment-999999999999999999"));
        Path segment = first("manifest").getParent();
        Files.move(segment, directory.resolve("gone"));
        repairAndCount();
        assertTrue(Files.exists(store.resolve("set-aside/00001/index-00001/segment-999999999999999999")));
    }

    @Test
    void anIndexWithTheLastIdIsPutAsideWithALostCatalog() throws IOException {
        Files.createDirectories(store.resolve("index-2147483647/segment-00001"));
        Files.delete(store.resolve("catalog"));
        assertEquals(KEYS, repairAndCount());
        assertTrue(Files.exists(store.resolve("set-aside/00001/index-2147483647/segment-00001")));
    }

    private void deleteAll() throws IOException {
        try (Stream<Path> paths = Files.walk(store)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
