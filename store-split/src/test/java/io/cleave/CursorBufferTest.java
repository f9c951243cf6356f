package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the buffers of a cursor keep from entry to entry. */
final class CursorBufferTest {
    private static final int ENTRIES = 40;

    @TempDir
    Path directory;

    @Test
    void aByteOrderThatIsSetOnABufferLastsAsLongAsTheEntry() {
        try (SegmentStore store = SegmentStore.open(directory.resolve("store"));
                Cursor cursor = filled(store).cursor()) {
            for (long i = 0; i < ENTRIES; i++) {
                assertTrue(cursor.next());
                ByteBuffer value = cursor.value();
                assertEquals(ByteOrder.BIG_ENDIAN, value.order());
                assertEquals(i * 7, value.getLong());
                assertEquals(i, cursor.key().getLong());
                value.order(ByteOrder.LITTLE_ENDIAN);
                cursor.key().order(ByteOrder.LITTLE_ENDIAN);
                assertEquals(Long.reverseBytes(i * 7), cursor.value().getLong());
                assertEquals(Long.reverseBytes(i), cursor.key().getLong());
            }
        }
    }

    @Test
    void theBuffersAreTheSameObjectsUntilALongerEntryComes() {
        try (SegmentStore store = SegmentStore.open(directory.resolve("store"));
                Cursor cursor = filled(store).cursor()) {
            assertTrue(cursor.next());
            ByteBuffer key = cursor.key();
            ByteBuffer value = cursor.value();
            assertTrue(cursor.next());
            assertEquals(0, key.remaining() + value.remaining());
            assertSame(key, cursor.key());
            assertSame(value, cursor.value());
            assertEquals(8, key.remaining());
        }
    }

    /** Values grow, so that the buffer is replaced on the way. */
    private static SegmentIndex filled(SegmentStore store) {
        SegmentIndex index = store.index("a");
        for (long i = 0; i < ENTRIES; i++) {
            byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(i).array();
            index.put(key, ByteBuffer.allocate(8 + (int) i * 20).putLong(i * 7).array());
        }
        return index;
    }
}
