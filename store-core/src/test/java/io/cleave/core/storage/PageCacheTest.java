package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages that may have left memory are read one by one, where memory is scarce and only there. */
final class PageCacheTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int PAGES = 16;
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path directory;

    private final RealStorage storage = RealStorage.open();

    @AfterEach
    void enoughMemoryAgain() {
        PageCache.tick(0, Long.MAX_VALUE);
        assertTrue(storage.counters().nothingHeld(), () -> storage.counters().toString());
    }

    @Test
    void memoryIsScarceWhileMoreThanHalfOfItIsMapped() {
        PageCache.addMapped(1000);
        PageCache.tick(0, 1500);
        assertTrue(PageCache.isScarce());
        PageCache.tick(0, 1L << 50);
        assertFalse(PageCache.isScarce());
        PageCache.addMapped(-1000);
    }

    @Test
    void marksGrowOldEverMoreRarelyWhileNothingIsMissing() {
        PageCache.addMapped(1000);
        PageCache.tick(0, 1000);
        long before = 0;
        for (int seconds : new int[] {2, 4, 8, 16, 32, 64, 64}) {
            byte mark = PageCache.mark();
            PageCache.tick(before + seconds * SECOND - 1, 1000);
            assertEquals(mark, PageCache.mark(), "after less than " + seconds + " s");
            before += seconds * SECOND;
            PageCache.tick(before, 1000);
            assertNotEquals(mark, PageCache.mark(), "after " + seconds + " s");
        }
        PageCache.countRead(SECOND);
        PageCache.tick(before + 64 * SECOND, 1000);
        byte mark = PageCache.mark();
        PageCache.tick(before + 66 * SECOND, 1000);
        assertNotEquals(mark, PageCache.mark(), "after a slow read");
        PageCache.addMapped(-1000);
    }

    @Test
    void marksAreNeverZero() {
        PageCache.addMapped(1000);
        for (int i = 1; i <= 300; i++) {
            PageCache.tick(100L * SECOND * i, 1000);
            assertTrue(PageCache.mark() > 0, "mark " + PageCache.mark());
        }
        PageCache.addMapped(-1000);
    }

    @Test
    void aRegionReadsOnlyWhereMemoryIsScarce() throws Exception {
        try (Region region = storage.map(file())) {
            region.warm(PAGE_BYTES, 100);
            assertEquals(0, storage.counters().files());
            try (Scarcity scarcity = new Scarcity()) {
                region.warm(PAGE_BYTES, 100);
                region.warm(2 * PAGE_BYTES - 10, 100);
                region.warm((PAGES - 1L) * PAGE_BYTES, 64 << 10);
                assertEquals(3, scarcity.reads());
                assertEquals(1, storage.counters().files(), "a descriptor that is kept");
                region.warm(0, 1 << 20);
                assertEquals(3, scarcity.reads(), "long ranges are the kernel's");
            }
        }
    }

    @Test
    void aFileThatIsGoneOrAThreadThatIsInterruptedDoesNoHarm() throws Exception {
        Path file = file();
        try (Region region = storage.map(file);
                Scarcity scarcity = new Scarcity()) {
            Thread.currentThread().interrupt();
            region.warm(0, 100);
            assertTrue(Thread.interrupted());
            assertEquals(1, scarcity.reads());
            assertEquals(7, region.getByte(5));
        }
        try (Region region = storage.map(file);
                Scarcity scarcity = new Scarcity()) {
            Files.delete(file);
            region.warm(0, 100);
            assertEquals(0, scarcity.reads());
            assertEquals(7, region.getByte(5));
        }
    }

    private Path file() throws Exception {
        byte[] bytes = new byte[PAGES * PAGE_BYTES];
        java.util.Arrays.fill(bytes, (byte) 7);
        return Files.write(directory.resolve("mapped"), bytes);
    }
}
