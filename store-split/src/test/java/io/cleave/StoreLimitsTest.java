package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store may hold is kept to, said when it is not enough, and enough again when there is room. */
final class StoreLimitsTest {
    private static final int LOG_BYTES = 64 << 10;
    private static final int VALUE_BYTES = 1 << 10;

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private StoreOptions.Builder options(StoreLimits limits) {
        return StoreOptions.builder()
                .limits(limits)
                .memtableBytesMax(1 << 20)
                .segmentBytesMax(256 << 10)
                .logFileBytes(LOG_BYTES)
                .logBytesMax(4 * LOG_BYTES)
                .maintenanceThreads(1);
    }

    private static byte[] key(int number) {
        return String.format("key-%06d", number).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] value(int number) {
        byte[] value = new byte[VALUE_BYTES];
        new Random(number).nextBytes(value);
        return value;
    }

    @Test
    void mappedBytesStayBelowTheirLimitWhileMoreIsReadThanThat() {
        long limit = 3 << 20;
        StoreOptions options =
                options(StoreLimits.none().withMappedBytesMax(limit)).build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("mapped"), options)) {
            SegmentIndex index = store.index("main");
            for (int i = 0; i < 8_000; i++) {
                index.put(key(i), value(i));
            }
            store.awaitMaintenance();
            for (int i = 0; i < 8_000; i += 7) {
                assertArrayEquals(value(i), index.get(key(i)));
                long mapped = store.metrics().resources().mappedBytes();
                assertTrue(mapped <= limit, "mapped " + mapped);
            }
            assertTrue(
                    index.stats().segments().size() > 8,
                    "segments: " + index.stats().segments().size());
            List<Cursor> held = new ArrayList<>();
            StoreException.LimitReached e = assertThrows(StoreException.LimitReached.class, () -> {
                for (int i = 0; i < 8_000; i += 50) {
                    Cursor cursor = index.cursor();
                    held.add(cursor);
                    cursor.seek(key(i));
                }
            });
            assertTrue(e.getMessage().contains("mappedBytesMax"), e.getMessage());
            held.forEach(Cursor::close);
            assertArrayEquals(value(7_999), index.get(key(7_999)));
        }
    }

    @Test
    void theDiskQuotaRefusesPutsUntilThereIsRoom() {
        long limit = 1 << 20;
        StoreOptions options = options(StoreLimits.none().withDiskBytesMax(limit))
                .syncIntervalMillis(0)
                .build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("disk"), options)) {
            SegmentIndex index = store.index("main");
            int[] done = {0};
            // A flush that ends may release a log file and make room: the quota is used up when puts are refused at
            // rest.
            for (int before = -1; before < done[0]; ) {
                before = done[0];
                StoreException.LimitReached e = assertThrows(StoreException.LimitReached.class, () -> {
                    for (; done[0] < 5_000; done[0]++) {
                        index.put(key(done[0]), value(done[0]));
                    }
                });
                assertTrue(e.getMessage().contains("diskBytesMax"), e.getMessage());
                store.awaitMaintenance();
            }
            assertTrue(done[0] > 300, "refused after " + done[0]);
            WriteBatch batch = store.batch();
            batch.put(index, key(0), value(1));
            assertThrows(StoreException.LimitReached.class, batch::commit);
            for (int i = 0; i < done[0]; i++) {
                index.delete(key(i));
            }
            index.compact();
            index.put(key(7), value(8));
            assertArrayEquals(value(8), index.get(key(7)));
            batch.commit();
            assertArrayEquals(value(1), index.get(key(0)));
        }
    }

    @Test
    void aStoreThatIsOpenedAboveItsDiskQuotaRefusesTheFirstPut() {
        Path directory = parent.resolve("opened");
        try (SegmentStore store =
                SegmentStore.open(directory, options(StoreLimits.none()).build())) {
            SegmentIndex index = store.index("main");
            for (int i = 0; i < 1_000; i++) {
                index.put(key(i), value(i));
            }
            index.compact();
            store.awaitMaintenance();
        }
        StoreOptions options = options(StoreLimits.none().withDiskBytesMax(512 << 10))
                .maintenanceThreads(0)
                .build();
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("main");
            assertThrows(StoreException.LimitReached.class, () -> index.put(key(1), value(2)));
            assertArrayEquals(value(1), index.get(key(1)));
        }
    }

    @Test
    void aSegmentHasNoMoreHoldersThanAllowed() {
        StoreOptions options = options(StoreLimits.none().withHoldersMax(10)).build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("holders"), options)) {
            SegmentIndex index = store.index("main");
            index.put(key(1), value(1));
            List<Cursor> held = new ArrayList<>();
            StoreException.LimitReached e = assertThrows(StoreException.LimitReached.class, () -> {
                while (held.size() < 20) {
                    Cursor cursor = index.cursor();
                    held.add(cursor);
                    assertTrue(cursor.next());
                }
            });
            assertTrue(e.getMessage().contains("holdersMax"), e.getMessage());
            assertArrayEquals(value(1), index.get(key(1)), "point reads hold nothing");
            held.remove(0).close();
            held.remove(0).close();
            try (Cursor cursor = index.cursor()) {
                assertTrue(cursor.next());
            }
            held.forEach(Cursor::close);
        }
    }

    @Test
    void aSegmentThatComesBackInTimeFindsItsRunsOpen() {
        StoreOptions options = options(StoreLimits.none().withLingerMillis(3_600_000))
                .openSegmentsMax(1)
                .build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("linger"), options)) {
            SegmentIndex index = store.index("main");
            for (int i = 0; i < 1_000; i++) {
                index.put(key(i), value(i));
            }
            index.compact();
            int segments = index.stats().segments().size();
            assertTrue(segments > 3, "segments: " + segments);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 1_000; i += 10) {
                    assertArrayEquals(value(i), index.get(key(i)));
                }
            }
            assertTrue(
                    store.engine().context().runs().stats().lingering() >= segments - 2,
                    () -> store.engine().context().runs().stats().toString());
        }
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> StoreLimits.none().withMappedBytesMax(0));
        assertThrows(IllegalArgumentException.class, () -> StoreLimits.none().withOpenFilesMax(0));
        assertThrows(IllegalArgumentException.class, () -> StoreLimits.none().withDiskBytesMax(-1));
        assertThrows(IllegalArgumentException.class, () -> StoreLimits.none().withHoldersMax(0));
        assertThrows(IllegalArgumentException.class, () -> StoreLimits.none().withLingerMillis(-1));
    }
}
