package io.cleave.core.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cleave.core.storage.Storage.PathKind;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the real machine, and what only a real machine has. */
final class RealStorageTest extends StorageContract {
    @TempDir
    Path temporary;

    @Override
    Storage newStorage() {
        return RealStorage.open();
    }

    @Override
    Path newDirectory() {
        return leaks.watch(temporary);
    }

    @Test
    void filesAreForTheOwnerOnlyFromTheStart() throws IOException {
        storage.createDirectory(path("d"));
        storage.create(path("a")).close();
        storage.createWritable(path("w"), 4096).close();
        storage.tryLock(path("LOCK")).close();
        assertEquals("rwx------", permissions("d"));
        assertEquals("rw-------", permissions("a"));
        assertEquals("rw-------", permissions("w"));
        assertEquals("rw-------", permissions("LOCK"));
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path(name)));
    }

    @Test
    void linksAndFifosAreNeverOpened() throws Exception {
        Path target = path("target");
        writeFile(target, bytes(10));
        Files.createSymbolicLink(path("link"), target);
        Files.createSymbolicLink(path("dangling"), path("nowhere"));
        assertEquals(
                0, new ProcessBuilder("mkfifo", path("fifo").toString()).start().waitFor());
        for (String name : List.of("link", "dangling", "fifo")) {
            Path path = path(name);
            assertEquals(PathKind.OTHER, storage.kind(path));
            assertThrows(StoreException.Corrupt.class, () -> storage.openForReading(path), name);
            assertThrows(StoreException.Corrupt.class, () -> storage.readAll(path, 100), name);
            assertThrows(StoreException.Corrupt.class, () -> storage.map(path), name);
            assertThrows(StoreException.Corrupt.class, () -> storage.size(path), name);
            assertThrows(StoreException.Corrupt.class, () -> storage.tryLock(path), name);
            assertThrows(StoreException.Corrupt.class, () -> storage.createDirectory(path), name);
            assertThrows(StoreException.Io.class, () -> storage.create(path), name);
            assertThrows(StoreException.Io.class, () -> storage.createWritable(path, 4096), name);
        }
        assertArrayEquals(bytes(10), storage.readAll(target, 10));
        assertEquals(PathKind.ABSENT, storage.kind(path("nowhere")));
        storage.delete(path("link"));
        assertEquals(PathKind.FILE, storage.kind(target));
    }

    @Test
    void twoStoragesInOneProcessExcludeEachOtherAlsoByAnotherName() throws IOException {
        Storage other = leaks.watch(RealStorage.open());
        try (StorageLock lock = storage.tryLock(path("LOCK"))) {
            assertNotNull(lock);
            Files.createLink(path("LOCK2"), path("LOCK"));
            assertNull(other.tryLock(path("LOCK")));
            assertNull(other.tryLock(path("LOCK2")));
            assertEquals("refused", lockElsewhere(), "a refused owner in this process must not drop the lock");
        }
        assertEquals("held", lockElsewhere());
    }

    /** What another process says that tries to take the lock. */
    private String lockElsewhere() throws IOException {
        return runJava(List.of(), Locker.class, path("LOCK").toString());
    }

    /** Output of a main class in a process of its own. */
    private static String runJava(List<String> options, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return outputOf(command);
    }

    private static String outputOf(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    /** The other process. */
    static final class Locker {
        private Locker() {}

        public static void main(String[] arguments) {
            StorageLock lock = RealStorage.open().tryLock(Path.of(arguments[0]));
            System.out.println(lock == null ? "refused" : "held");
        }
    }

    @Test
    @SuppressWarnings("Interruption")
    void interruptsInTheMiddleOfCallsDoNoHarm() {
        AtomicBoolean done = new AtomicBoolean();
        Thread victim = Thread.currentThread();
        Thread attacker = new Thread(() -> {
            while (!done.get()) {
                victim.interrupt();
            }
        });
        attacker.start();
        try {
            for (int round = 0; round < 30; round++) {
                Path file = path("f" + round);
                writeFile(file, bytes(100_000));
                storage.map(file).close();
                storage.createWritable(path("w" + round), 8192).close();
                storage.forceDirectory(directory);
                assertEquals(100_000, storage.readAll(file, 100_000).length);
                storage.tryLock(path("LOCK")).close();
                storage.delete(file);
            }
        } finally {
            done.set(true);
            while (attacker.isAlive()) {
                Thread.onSpinWait();
            }
            // Clear it for JUnit.
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void mappingsHaveALimitThatSaysSo() {
        Storage small = leaks.watch(RealStorage.open(2, 1));
        writeFile(path("a"), bytes(10));
        try (Region first = small.map(path("a"));
                WritableRegion second = small.createWritable(path("w"), 4096)) {
            StoreException.LimitReached refused =
                    assertThrows(StoreException.LimitReached.class, () -> small.map(path("a")));
            assertTrue(refused.getMessage().contains("at most 2"), refused.getMessage());
            assertThrows(StoreException.LimitReached.class, () -> small.createWritable(path("x"), 4096));
            assertEquals(PathKind.ABSENT, small.kind(path("x")));
            assertEquals(2, small.counters().mappings());
            assertEquals(first.length() + second.length(), small.counters().mappedBytes());
        }
        small.map(path("a")).close();
    }

    @Test
    void aFileBeyondTwoGibibytesNamesTheOtherMapper() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(path("big").toFile(), "rw")) {
            sparse.setLength(1L << 31);
        }
        StoreException.LimitReached refused =
                assertThrows(StoreException.LimitReached.class, () -> storage.map(path("big")));
        assertTrue(refused.getMessage().contains("Chronicle Bytes"), refused.getMessage());
        assertThrows(StoreException.LimitReached.class, () -> storage.createWritable(path("w"), 1L << 31));
        assertEquals(PathKind.ABSENT, storage.kind(path("w")));
    }

    @Test
    void memoryThatIsNotThereIsALimit() throws IOException {
        assertEquals("ok", runJava(List.of("-Xmx16m", "-XX:MaxDirectMemorySize=16m"), Hungry.class));
    }

    /** A process with little memory outside the heap. */
    static final class Hungry {
        private Hungry() {}

        public static void main(String[] arguments) {
            RealStorage storage = RealStorage.open();
            List<BufferRegion> taken = new ArrayList<>();
            try {
                while (true) {
                    taken.add(storage.allocate(6 << 20));
                }
            } catch (StoreException.LimitReached e) {
                assert e.getMessage().contains("off-heap memory: 6291456 bytes asked for") : e;
                assert taken.size() == 2 : taken;
                assert storage.counters().memoryBytes() == 12 << 20 : storage.counters();
            }
            taken.forEach(BufferRegion::close);
            // Without a release at the close, this would need 600 MB.
            for (int i = 0; i < 100; i++) {
                storage.allocate(6 << 20).close();
            }
            System.out.println(storage.counters().nothingHeld() ? "ok" : "leak " + storage.counters());
        }
    }

    @Test
    void regionsWithoutAMappingBehaveAlike() throws IOException {
        Ledger ledger = new Ledger(new StorageLimits(1, Long.MAX_VALUE, 10, 1));
        Files.write(path("w"), new byte[8192]);
        FileWritableRegion region =
                new FileWritableRegion(path("w"), new RandomAccessFile(path("w").toFile(), "rw"), 8192, ledger);
        region.put(5, bytes(100), 1, 99);
        region.putIntRelease(4096, 0x01020304);
        region.force(0, 8192);
        assertThrows(IndexOutOfBoundsException.class, () -> region.put(8192, bytes(1), 0, 1));
        region.close();
        region.close();
        assertThrows(IllegalStateException.class, () -> region.put(0, bytes(1), 0, 1));
        assertThrows(IllegalStateException.class, () -> region.force(0, 1));
        byte[] expected = new byte[8192];
        System.arraycopy(bytes(100), 1, expected, 5, 99);
        expected[4096] = 4;
        expected[4097] = 3;
        expected[4098] = 2;
        expected[4099] = 1;
        assertArrayEquals(expected, storage.readAll(path("w"), 8192));
        assertTrue(ledger.counters().nothingHeld());
        assertEquals(103, ledger.counters().bytesWritten());
    }

    @Test
    void aFailedSyncSaysThatTheStateIsUnknownAndBreaksTheFile() throws IOException {
        RandomAccessFile broken = new RandomAccessFile(path("a").toFile(), "rw");
        StorageFile file = new RealFile(path("a"), broken, true, new Ledger(StorageLimits.defaults()));
        broken.close();
        StoreException.Io failure = assertThrows(StoreException.Io.class, file::force);
        assertTrue(failure.getMessage().contains("is unknown"), failure.getMessage());
        assertTrue(failure.getMessage().contains(path("a").toString()), failure.getMessage());
        assertSame(failure, assertThrows(StoreException.Io.class, file::force).getCause());
        file.close();
        try (RandomAccessFile closed = new RandomAccessFile(path("a").toFile(), "rw")) {
            FileWritableRegion region =
                    new FileWritableRegion(path("a"), closed, 0, new Ledger(StorageLimits.defaults()));
            closed.close();
            failure = assertThrows(StoreException.Io.class, () -> region.force(0, 0));
            assertTrue(failure.getMessage().contains("is unknown"), failure.getMessage());
        }
    }

    @Test
    void aLeakIsFound() {
        LeakCheck check = new LeakCheck();
        check.watch(directory);
        StorageFile file = storage.create(path("a"));
        assertThrows(AssertionError.class, check::check);
        file.append(bytes(10), 0, 10);
        file.close();
        Region region = storage.map(path("a"));
        assertThrows(AssertionError.class, check::check);
        region.close();
        check.check();
        LeakCheck counting = new LeakCheck();
        BufferRegion memory = counting.watch(storage).allocate(8);
        assertThrows(AssertionError.class, counting::check);
        memory.close();
        counting.check();
    }

    @Test
    void aFullDiskIsToldAndLeavesNoHalfFileBehind() throws Exception {
        Path mount = Files.createDirectory(path("full"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.toString());
        assumeTrue(mounted, "no right to mount a tmpfs of 1 MiB here: the full disk is not tested");
        try {
            assertThrows(StoreException.DiskFull.class, () -> storage.createWritable(mount.resolve("w"), 2 << 20));
            assertEquals(List.of(), storage.list(mount));
            StorageFile file = storage.create(mount.resolve("a"));
            assertThrows(StoreException.DiskFull.class, () -> file.append(bytes(2 << 20), 0, 2 << 20));
            assertThrows(StoreException.Io.class, () -> file.append(bytes(1), 0, 1));
            assertThrows(StoreException.Io.class, file::force);
            file.close();
            assertTrue(storage.size(mount.resolve("a")) <= 1 << 20);
            storage.delete(mount.resolve("a"));
            try (WritableRegion region = storage.createWritable(mount.resolve("w"), 512 << 10)) {
                region.put(0, bytes(100), 0, 100);
            }
            assertTrue(storage.usableBytes(mount) <= 512 << 10);
            assertEquals("tmpfs", storage.fileSystemType(mount));
        } finally {
            // Lazily: a failed test may have left a file open, and no mount is to stay behind for that.
            assertTrue(run("umount", "-l", mount.toString()));
        }
    }

    @Test
    void noFreeDescriptorIsALimitAndPasses() throws IOException {
        writeFile(path("a"), bytes(10));
        String output = outputOf(List.of(
                "bash",
                "-c",
                "ulimit -n 100; exec \"$0\" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -ea -cp \"$1\" \"$2\" \"$3\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"),
                Starved.class.getName(),
                directory.toString()));
        assertEquals("ok", output);
        assertFalse(Files.exists(path("new")));
    }

    /** A process that has no descriptor left at its first use of most calls. */
    static final class Starved {
        private Starved() {}

        public static void main(String[] arguments) {
            Path directory = Path.of(arguments[0]);
            Path file = directory.resolve("a");
            RealStorage storage = RealStorage.open();
            List<StorageFile> open = new ArrayList<>();
            try {
                while (true) {
                    open.add(storage.openForReading(file));
                }
            } catch (StoreException.LimitReached e) {
                assert e.getMessage().contains("ulimit") : e;
            }
            List<Runnable> calls = List.of(
                    () -> storage.map(file),
                    () -> storage.create(directory.resolve("new")),
                    () -> storage.createWritable(directory.resolve("new"), 4096),
                    () -> storage.tryLock(directory.resolve("LOCK")),
                    () -> storage.list(directory),
                    () -> storage.forceDirectory(directory),
                    () -> storage.readAll(file, 100));
            for (int i = 0; i < calls.size(); i++) {
                try {
                    calls.get(i).run();
                    System.out.println("call " + i + " found a descriptor");
                } catch (StoreException.LimitReached e) {
                    assert e.getMessage().contains("ulimit") : e;
                }
            }
            open.forEach(StorageFile::close);
            storage.map(file).close();
            storage.forceDirectory(directory);
            storage.createWritable(directory.resolve("w"), 4096).close();
            storage.tryLock(directory.resolve("LOCK")).close();
            System.out.println(storage.counters().nothingHeld() ? "ok" : "leak " + storage.counters());
        }
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void aFileThatIsReplacedWhileItIsOpenedIsOneOfBoth() throws InterruptedException {
        Path file = path("published");
        writeFile(file, bytes(10));
        AtomicBoolean ended = new AtomicBoolean();
        Thread publisher = new Thread(() -> {
            while (!ended.get()) {
                writeFile(path("next"), bytes(10));
                storage.rename(path("next"), file);
            }
        });
        publisher.start();
        try {
            for (int i = 0; i < 20_000; i++) {
                assertArrayEquals(bytes(10), storage.readAll(file, 10));
            }
        } finally {
            ended.set(true);
            publisher.join();
        }
    }

    @Test
    void aFifoInPlaceOfADirectoryIsRefusedAtOnce() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertThrows(StoreException.Io.class, () -> storage.list(fifo));
        assertThrows(StoreException.Io.class, () -> storage.forceDirectory(fifo));
    }
}
