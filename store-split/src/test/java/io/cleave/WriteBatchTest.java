package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a batch is after an operation that it has refused. */
final class WriteBatchTest {
    private static final int MEMTABLE_BYTES = 1 << 20;
    private static final byte[] LARGE = new byte[200_000];

    @TempDir
    Path directory;

    @Test
    void anOperationThatIsRefusedLeavesTheBatchAsItWas() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            try (WriteBatch batch = store.batch()) {
                batch.put(index, bytes("a"), LARGE).put(index, bytes("b"), LARGE);
                requireRefused(batch, () -> batch.put(index, bytes("c"), LARGE), "found 600195");
                requireRefused(batch, () -> batch.put(index, bytes("c"), LARGE), "found 600195");
                assertThrows(IllegalArgumentException.class, () -> batch.put(index, bytes("d"), new byte[300_000]));
                assertThrows(NullPointerException.class, () -> batch.put(index, bytes("d"), null));
                batch.put(index, bytes("e"), bytes("1")).delete(index, bytes("a"));
                assertEquals(4, batch.size());
                batch.commit();
            }
            assertNull(index.get(bytes("a")));
            assertArrayEquals(LARGE, index.get(bytes("b")));
            assertNull(index.get(bytes("c")));
            assertArrayEquals(bytes("1"), index.get(bytes("e")));
            assertEquals(
                    2 * (LARGE.length + 1) + 2 + 1, store.metrics().operations().bytesPut());
        }
    }

    /** Half of the memory of memtables, 64 bytes of each operation included: the last byte of it can be used. */
    @Test
    void aBatchCanBeFilledToTheLastByteAfterRefusals() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            try (WriteBatch batch = store.batch()) {
                batch.put(index, bytes("a"), LARGE).put(index, bytes("b"), LARGE);
                int left = MEMTABLE_BYTES / 2 - 2 * (LARGE.length + 1 + 64) - 64;
                for (int excess = 3; excess > 0; excess--) {
                    byte[] key = new byte[left + excess - 60_000];
                    requireRefused(batch, () -> batch.put(index, key, new byte[60_000]), "524288");
                }
                batch.put(index, new byte[left - 60_000], new byte[60_000]);
                requireRefused(batch, () -> batch.delete(index, bytes("x")), "with one more than 3 operations");
                batch.commit();
            }
            assertEquals(60_000, index.get(new byte[MEMTABLE_BYTES / 2 - 2 * 200_065 - 64 - 60_000]).length);
        }
    }

    private static void requireRefused(WriteBatch batch, Executable put, String word) {
        int size = batch.size();
        String text = batch.toString();
        StoreException.LimitReached refusal = assertThrows(StoreException.LimitReached.class, put);
        assertTrue(refusal.getMessage().contains(word), refusal::getMessage);
        assertEquals(size, batch.size());
        assertEquals(text, batch.toString());
    }

    private SegmentStore open() {
        return SegmentStore.open(
                directory.resolve("store"),
                StoreOptions.builder()
                        .memtableBytesMax(MEMTABLE_BYTES)
                        .logFileBytes(MEMTABLE_BYTES)
                        .build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
