package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a store does when nobody writes. */
@Timeout(600)
final class StoreIdleTest {
    private static final int ENTRIES = 2_000;
    private static final int WORTH_BYTES = 128 << 10;

    @TempDir
    Path directory;

    private static byte[] key(int i) {
        return "key-%06d".formatted(i).getBytes(StandardCharsets.US_ASCII);
    }

    private static StoreOptions options(long segmentBytesMax) {
        return StoreOptions.builder()
                .segmentBytesMax(segmentBytesMax)
                .syncIntervalMillis(5)
                .build();
    }

    @Test
    void flushesMemtablesThatAreWorthARun() {
        try (SegmentStore store = SegmentStore.open(directory, options(64 * WORTH_BYTES))) {
            SegmentIndex index = store.index("i");
            for (int i = 0; i < ENTRIES; i++) {
                index.put(key(i), new byte[100]);
            }
            // A pause while writing may count as idle, too; then less than what is worth a run is left at the end.
            while (index.stats().segments().get(0).memtableBytes() >= WORTH_BYTES) {
                Thread.onSpinWait();
            }
            // Counted a moment after the memtable has gone.
            while (store.stats().flushes() == 0) {
                Thread.onSpinWait();
            }
            assertArrayEquals(new byte[100], index.get(key(ENTRIES / 2)));
        }
    }

    @Test
    void leavesSmallMemtablesAlone() {
        try (SegmentStore store = SegmentStore.open(directory, options(1 << 30))) {
            SegmentIndex index = store.index("i");
            for (int i = 0; i < ENTRIES; i++) {
                index.put(key(i), new byte[100]);
            }
            long syncs = store.stats().syncs();
            SegmentIndex other = store.index("other");
            // Intervals go by: each syncs what was written meanwhile.
            for (int i = 0; store.stats().syncs() < syncs + 20; i++) {
                if (i % 100_000 == 0) {
                    other.put(key(0), new byte[0]);
                }
                Thread.onSpinWait();
            }
            assertEquals(0, store.stats().flushes());
        }
    }
}
