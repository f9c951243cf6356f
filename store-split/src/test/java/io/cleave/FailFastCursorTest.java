package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.util.ConcurrentModificationException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ends a cursor that promises to fail, and what does not. */
final class FailFastCursorTest {
    private static final int ENTRIES = 200;

    private final StoreOptions options = StoreOptions.builder()
            .storage(new SimulatedStorage(1))
            .maintenanceThreads(0)
            .segmentBytesMax(4 << 10)
            .build();

    @Test
    void onlyWritesEndAFailFastCursor() {
        try (SegmentStore store = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("store"), options)) {
            SegmentIndex index = store.index("index");
            for (int i = 0; i < ENTRIES; i++) {
                index.put(key(i), new byte[100]);
            }
            index.put(key(7), new byte[7]);
            List<Runnable> work = List.of(index::flush, index::compact, () -> store.dropIndex("another"), () -> {
                store.index("another").put(key(1), key(1));
            });
            try (Cursor cursor = index.failFastCursor(KeyRange.all())) {
                int segments = segments(store);
                for (int i = 0; i < ENTRIES; i++) {
                    assertTrue(cursor.next());
                    work.get(i % work.size()).run();
                }
                assertFalse(cursor.next());
                assertTrue(segments(store) > segments, "no split was met");
            }
            for (Runnable write : List.<Runnable>of(
                    () -> index.put(key(1), new byte[1]),
                    () -> index.delete(key(ENTRIES + 1)),
                    () -> store.batch().delete(index, key(3)).commit())) {
                try (Cursor cursor = index.failFastCursor(KeyRange.all())) {
                    assertTrue(cursor.next());
                    write.run();
                    assertThrows(ConcurrentModificationException.class, cursor::next);
                }
            }
            assertEquals(1, index.get(key(1)).length);
        }
    }

    private static int segments(SegmentStore store) {
        return store.metrics().segments().count();
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }
}
