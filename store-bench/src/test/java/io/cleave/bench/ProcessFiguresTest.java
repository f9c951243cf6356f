package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class ProcessFiguresTest {
    @TempDir
    private Path directory;

    @Test
    void memoryAndProcessorTimeAreKnown() {
        ProcessFigures figures = ProcessFigures.now();
        assertTrue(figures.cpuNanos() > 0);
        assertTrue(figures.anonymousBytes() > 1 << 20);
        assertTrue(figures.residentBytes() > figures.anonymousBytes());
    }

    @Test
    void sparseFilesCountAsTheyAreAllocated() throws Exception {
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 30);
            sparse.write(new byte[1 << 20]);
        }
        assertEquals(1L << 30, Files.size(file));
        long allocated = ProcessFigures.allocatedBytes(directory);
        assertTrue(allocated >= 1 << 20 && allocated < 1 << 22, "allocated: " + allocated);
    }

    @Test
    void writtenBytesGrow() throws Exception {
        long before = ProcessFigures.writtenBytesNow();
        Files.write(directory.resolve("file"), new byte[4 << 20]);
        long written = ProcessFigures.writtenBytesNow() - before;
        assumeTrue(written > 0, "a file system in memory");
        assertTrue(written >= 4 << 20, "written: " + written);
    }
}
