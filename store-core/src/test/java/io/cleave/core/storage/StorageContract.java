package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Storage.PathKind;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What every {@link Storage} does alike. A subclass brings the storage and an empty directory. */
abstract class StorageContract {
    static final long REGION_BYTES = 3 * 4096 + 512;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    Storage storage;
    Path directory;

    abstract Storage newStorage();

    abstract Path newDirectory();

    @BeforeEach
    void openStorage() {
        storage = leaks.watch(newStorage());
        directory = newDirectory();
    }

    final Path path(String name) {
        return directory.resolve(name);
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    final void writeFile(Path file, byte[] content) {
        try (StorageFile open = storage.create(file)) {
            open.append(content, 0, content.length);
            open.force();
        }
    }

    @Test
    void appendsOfAllSizesReadBackInOrder() {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (StorageFile file = storage.create(path("a"))) {
            int[] sizes = {0, 1, 10, 4096, 65_535, 65_536, 65_537, 3, 200_000, 1, 8191};
            for (int size : sizes) {
                byte[] piece = bytes(size + 5);
                file.append(piece, 5, size);
                expected.write(piece, 5, size);
                if (size == 10) {
                    assertEquals(11, file.size());
                }
            }
            assertEquals(expected.size(), file.size());
            byte[] read = new byte[expected.size() + 10];
            assertEquals(expected.size(), file.read(0, read, 0, read.length));
            assertArrayEquals(expected.toByteArray(), Arrays.copyOf(read, expected.size()));
            file.append(new byte[] {42}, 0, 1);
            assertEquals(1, file.read(expected.size(), read, 7, 3));
            assertEquals(42, read[7]);
            assertEquals(0, file.read(expected.size() + 1, read, 0, 1));
            assertEquals(0, file.read(1L << 40, read, 0, 1));
            file.force();
        }
        expected.write(42);
        assertEquals(expected.size(), storage.size(path("a")));
        assertArrayEquals(expected.toByteArray(), storage.readAll(path("a"), expected.size()));
        assertThrows(StoreException.LimitReached.class, () -> storage.readAll(path("a"), expected.size() - 1));
        assertEquals(expected.size(), storage.counters().bytesWritten());
        assertEquals(1, storage.counters().syncs());
    }

    @Test
    void aClosedFileHasWhatWasAppendedAndTakesNoMoreCalls() {
        StorageFile file = storage.create(path("a"));
        file.append(bytes(100), 0, 100);
        assertEquals(1, storage.counters().files());
        file.close();
        file.close();
        assertEquals(0, storage.counters().files());
        assertArrayEquals(bytes(100), storage.readAll(path("a"), 100));
        assertThrows(StoreClosedException.class, () -> file.append(bytes(1), 0, 1));
        assertThrows(StoreClosedException.class, file::force);
        assertThrows(StoreClosedException.class, file::size);
        assertThrows(StoreClosedException.class, () -> file.read(0, new byte[1], 0, 1));
    }

    @Test
    void aFileOpenedForReadingReadsButDoesNotWrite() {
        writeFile(path("a"), bytes(1000));
        try (StorageFile file = storage.openForReading(path("a"))) {
            byte[] read = new byte[1000];
            assertEquals(300, file.read(700, read, 0, 1000));
            assertArrayEquals(Arrays.copyOfRange(bytes(1000), 700, 1000), Arrays.copyOf(read, 300));
            assertEquals(1000, file.size());
            assertThrows(IllegalStateException.class, () -> file.append(read, 0, 1));
        }
    }

    @Test
    void createRefusesANameThatIsTakenAndLeavesTheFileAlone() {
        writeFile(path("a"), bytes(10));
        assertThrows(StoreException.Io.class, () -> storage.create(path("a")));
        assertThrows(StoreException.Io.class, () -> storage.createWritable(path("a"), 4096));
        assertArrayEquals(bytes(10), storage.readAll(path("a"), 10));
    }

    @Test
    void whatIsAbsentIsNotFound() {
        Path absent = path("absent");
        assertThrows(StoreException.NotFound.class, () -> storage.openForReading(absent));
        assertThrows(StoreException.NotFound.class, () -> storage.readAll(absent, 1));
        assertThrows(StoreException.NotFound.class, () -> storage.map(absent));
        assertThrows(StoreException.NotFound.class, () -> storage.size(absent));
        assertThrows(StoreException.NotFound.class, () -> storage.list(absent));
        assertThrows(StoreException.NotFound.class, () -> storage.forceDirectory(absent));
        assertThrows(StoreException.NotFound.class, () -> storage.rename(absent, path("b")));
        assertThrows(StoreException.NotFound.class, () -> storage.create(absent.resolve("a")));
        assertThrows(StoreException.NotFound.class, () -> storage.createDirectory(absent.resolve("a")));
        assertThrows(StoreException.NotFound.class, () -> storage.createWritable(absent.resolve("a"), 1));
        assertThrows(StoreException.NotFound.class, () -> storage.tryLock(absent.resolve("a")));
        assertThrows(StoreException.NotFound.class, () -> storage.usableBytes(absent));
        assertEquals(PathKind.ABSENT, storage.kind(absent));
        assertEquals(List.of(), storage.list(directory));
    }

    @Test
    void aDirectoryIsNotAFile() {
        storage.createDirectory(path("d"));
        assertThrows(StoreException.Corrupt.class, () -> storage.openForReading(path("d")));
        assertThrows(StoreException.Corrupt.class, () -> storage.map(path("d")));
        assertThrows(StoreException.Corrupt.class, () -> storage.size(path("d")));
        assertThrows(StoreException.Corrupt.class, () -> storage.tryLock(path("d")));
        writeFile(path("f"), bytes(1));
        assertThrows(StoreException.Corrupt.class, () -> storage.createDirectory(path("f")));
    }

    @Test
    void aMappingShowsTheFileAndOutlivesItsName() {
        writeFile(path("a"), bytes(100_000));
        Region region = storage.map(path("a"));
        assertEquals(100_000, region.length());
        assertEquals(1, storage.counters().mappings());
        assertEquals(100_000, storage.counters().mappedBytes());
        storage.delete(path("a"));
        byte[] read = new byte[100_000];
        region.copyTo(0, read, 0, read.length);
        assertArrayEquals(bytes(100_000), read);
        for (int length = 0; length < 100; length++) {
            byte[] start = new byte[length + 1];
            region.copyShort(77, start, length);
            assertArrayEquals(Arrays.copyOfRange(read, 77, 77 + length), Arrays.copyOf(start, length));
            assertEquals(0, start[length]);
        }
        region.close();
        region.close();
        assertEquals(0, storage.counters().mappings());
        assertEquals(0, storage.counters().mappedBytes());
    }

    @Test
    void anEmptyFileIsNotMapped() {
        writeFile(path("a"), new byte[0]);
        assertThrows(StoreException.Corrupt.class, () -> storage.map(path("a")));
    }

    @Test
    void aWritableRegionStartsWithZerosAndKeepsWhatIsPut() {
        byte[] expected = new byte[(int) REGION_BYTES];
        try (WritableRegion region = storage.createWritable(path("w"), REGION_BYTES)) {
            assertEquals(REGION_BYTES, region.length());
            assertArrayEquals(expected, storage.readAll(path("w"), expected.length));
            byte[] piece = bytes(5000);
            region.put(100, piece, 10, 4990);
            System.arraycopy(piece, 10, expected, 100, 4990);
            region.putIntRelease(8, 0x01020304);
            expected[8] = 4;
            expected[9] = 3;
            expected[10] = 2;
            expected[11] = 1;
            region.put(REGION_BYTES - 1, new byte[] {9}, 0, 1);
            expected[expected.length - 1] = 9;
            region.force(8, 5000);
            region.force(0, REGION_BYTES);
            assertArrayEquals(expected, storage.readAll(path("w"), expected.length));
            assertThrows(IllegalArgumentException.class, () -> region.putIntRelease(6, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> region.put(REGION_BYTES, piece, 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> region.put(REGION_BYTES - 1, piece, 0, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> region.put(-1, piece, 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> region.force(1, REGION_BYTES));
        }
        assertEquals(REGION_BYTES + 4990 + 4 + 1, storage.counters().bytesWritten());
        assertEquals(3, storage.counters().syncs());
        assertArrayEquals(expected, storage.readAll(path("w"), expected.length));
    }

    @Test
    void aClosedWritableRegionTakesNoMoreCalls() {
        WritableRegion region = storage.createWritable(path("w"), 4096);
        region.close();
        region.close();
        assertThrows(StoreClosedException.class, () -> region.put(0, new byte[1], 0, 1));
        assertThrows(StoreClosedException.class, () -> region.putIntRelease(0, 1));
        assertThrows(StoreClosedException.class, () -> region.force(0, 1));
        assertThrows(IllegalArgumentException.class, () -> storage.createWritable(path("z"), 0));
        assertEquals(List.of("w"), storage.list(directory));
    }

    @Test
    void allocatedMemoryIsZeroedWritableAndCounted() {
        try (BufferRegion memory = storage.allocate(1 << 20)) {
            assertEquals(1, storage.counters().memoryRegions());
            assertEquals(1 << 20, storage.counters().memoryBytes());
            for (int at = 0; at < 1 << 20; at += 8) {
                assertEquals(0, memory.getLong(at));
            }
            memory.bytes().putInt(4, 0x0A0B0C0D);
            assertEquals(0x0D, memory.getByte(4));
        }
        assertEquals(0, storage.counters().memoryBytes());
    }

    @Test
    void aRenameReplacesAndStaysInItsDirectory() {
        writeFile(path("old"), bytes(10));
        writeFile(path("new"), bytes(20));
        storage.rename(path("new"), path("old"));
        assertEquals(List.of("old"), storage.list(directory));
        assertArrayEquals(bytes(20), storage.readAll(path("old"), 20));
        storage.rename(path("old"), path("fresh"));
        assertEquals(List.of("fresh"), storage.list(directory));
        storage.createDirectory(path("d"));
        assertThrows(StoreException.Io.class, () -> storage.rename(path("fresh"), path("d")));
    }

    @Test
    void aRenameMovesAFileOrADirectoryToAnotherDirectory() {
        storage.createDirectory(path("d"));
        storage.createDirectory(path("e"));
        writeFile(path("a"), bytes(10));
        storage.forceDirectory(directory);
        storage.rename(path("a"), path("d").resolve("b"));
        assertEquals(List.of("d", "e"), storage.list(directory));
        storage.rename(path("d"), path("e").resolve("f"));
        assertEquals(List.of("e"), storage.list(directory));
        assertArrayEquals(bytes(10), storage.readAll(path("e").resolve("f").resolve("b"), 10));
        assertThrows(
                StoreException.NotFound.class,
                () -> storage.rename(path("e"), path("absent").resolve("e")));
    }

    @Test
    void aDeleteOfWhatIsAbsentDoesNothing() {
        storage.delete(path("absent"));
        writeFile(path("a"), bytes(1));
        storage.delete(path("a"));
        assertEquals(PathKind.ABSENT, storage.kind(path("a")));
        storage.createDirectory(path("d"));
        writeFile(path("d").resolve("x"), bytes(1));
        assertThrows(StoreException.Io.class, () -> storage.delete(path("d")));
        storage.delete(path("d").resolve("x"));
        storage.delete(path("d"));
        assertEquals(List.of(), storage.list(directory));
    }

    @Test
    void aListIsSorted() {
        for (String name : List.of("b", "a10", "a9", "C", "zz", "a")) {
            writeFile(path(name), bytes(1));
        }
        storage.createDirectory(path("dir"));
        assertEquals(List.of("C", "a", "a10", "a9", "b", "dir", "zz"), storage.list(directory));
        assertEquals(PathKind.FILE, storage.kind(path("b")));
        assertEquals(PathKind.DIRECTORY, storage.kind(path("dir")));
        storage.createDirectory(path("dir"));
        storage.forceDirectory(directory);
    }

    @Test
    void aLockHasOneOwner() {
        StorageLock first = storage.tryLock(path("LOCK"));
        assertNotNull(first);
        assertNull(storage.tryLock(path("LOCK")));
        assertEquals(1, storage.counters().locks());
        first.close();
        first.close();
        assertEquals(0, storage.counters().locks());
        StorageLock second = storage.tryLock(path("LOCK"));
        assertNotNull(second);
        first.close();
        assertNull(storage.tryLock(path("LOCK")));
        second.close();
    }

    @Test
    void anInterruptNeitherFailsACallNorGetsLost() {
        Thread.currentThread().interrupt();
        try {
            useEverything();
            assertTrue(Thread.currentThread().isInterrupted());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    /** Each call checks the flag itself, so that the one that loses it is named. */
    final void useEverything() {
        storage.createDirectory(path("d"));
        Path file = path("d").resolve("a");
        try (StorageFile open = storage.create(file)) {
            interrupted("create");
            open.append(bytes(70_000), 0, 70_000);
            interrupted("append");
            open.force();
            interrupted("force");
            assertEquals(70_000, open.read(0, new byte[70_000], 0, 70_000));
            assertEquals(70_000, open.size());
            interrupted("read");
        }
        storage.forceDirectory(path("d"));
        interrupted("forceDirectory");
        try (Region region = storage.map(file)) {
            interrupted("map");
            assertEquals(bytes(70_000)[69_999], region.getByte(69_999));
        }
        try (WritableRegion region = storage.createWritable(path("w"), 8192)) {
            interrupted("createWritable");
            region.put(0, bytes(100), 0, 100);
            region.putIntRelease(0, 1);
            region.force(0, 100);
            interrupted("region");
        }
        try (StorageLock lock = storage.tryLock(path("LOCK"))) {
            assertNotNull(lock);
            interrupted("tryLock");
        }
        assertEquals(70_000, storage.readAll(file, 70_000).length);
        storage.rename(file, path("d").resolve("b"));
        assertEquals(List.of("b"), storage.list(path("d")));
        assertEquals(70_000, storage.size(path("d").resolve("b")));
        storage.delete(path("d").resolve("b"));
        storage.usableBytes(directory);
        storage.fileSystemType(directory);
        interrupted("the rest");
    }

    private static void interrupted(String after) {
        assertTrue(Thread.currentThread().isInterrupted(), "the interrupt flag is lost after " + after);
    }

    @Test
    void threadsAreDaemonsWithoutALoaderAndCounted() throws InterruptedException {
        Thread thread = storage.newThread("cleave-test", () -> {});
        assertTrue(thread.isDaemon());
        assertNull(thread.getContextClassLoader());
        assertEquals("cleave-test", thread.getName());
        assertEquals(1, storage.counters().threads());
        thread.start();
        thread.join();
        assertEquals(0, storage.counters().threads());
        assertThrows(IllegalThreadStateException.class, thread::start);
        assertEquals(0, storage.counters().threads());
    }

    @Test
    void clockRandomnessAndIdentityAnswer() {
        long before = storage.nanoTime();
        assertTrue(storage.nanoTime() - before >= 0);
        assertTrue(storage.wallMillis() > 1_600_000_000_000L);
        assertNotEquals(storage.randomLong(), storage.randomLong());
        assertEquals(storage.bootId(), storage.bootId());
        assertNotEquals(0, storage.bootId());
        assertTrue(storage.processId() > 0);
        assertTrue(storage.usableBytes(directory) > 0);
        assertFalse(storage.fileSystemType(directory).isEmpty());
    }
}
