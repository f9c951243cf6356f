package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Storage.PathKind;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The contract in memory, and what a power cut and a killed process leave. */
final class SimulatedStorageTest extends StorageContract {
    private static final int SEEDS = 200;
    private static final byte[] FIRST = bytes(1_000);
    private static final byte[] SECOND = bytes(5_000);

    @Override
    Storage newStorage() {
        return new SimulatedStorage(7);
    }

    @Override
    Path newDirectory() {
        return SimulatedStorage.DIRECTORY;
    }

    private SimulatedStorage simulated() {
        return (SimulatedStorage) storage;
    }

    @Test
    void whatWasForcedOutlivesEveryPowerCut() {
        writeFile(path("a"), bytes(10_000));
        storage.createDirectory(path("d"));
        storage.forceDirectory(directory);
        writeFile(path("d").resolve("b"), bytes(3_000));
        storage.forceDirectory(path("d"));
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedStorage after = simulated().crash(seed);
            assertArrayEquals(bytes(10_000), after.readAll(path("a"), 10_000), "seed " + seed);
            assertArrayEquals(bytes(3_000), after.readAll(path("d").resolve("b"), 3_000), "seed " + seed);
        }
    }

    @Test
    void unforcedBytesAreLostOrSurviveBySector() {
        try (StorageFile file = storage.create(path("a"))) {
            file.append(bytes(1_000), 0, 1_000);
            file.force();
            storage.forceDirectory(directory);
            file.append(bytes(5_000), 0, 5_000);
        }
        Set<String> kinds = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            byte[] found = simulated().crash(seed).readAll(path("a"), 6_000);
            kinds.add(kindOf(found));
        }
        assertEquals(Set.of("all", "none", "short", "zeros in the tail", "zeros in the middle"), kinds);
    }

    /** Which of the outcomes that the model allows it is; fails on any other. */
    private static String kindOf(byte[] found) {
        assertTrue(found.length >= 1_000 && found.length <= 6_000, "length " + found.length);
        boolean zeroSeen = false;
        boolean dataAfterZero = false;
        for (int at = 0; at < found.length; at++) {
            byte written = at < 1_000 ? FIRST[at] : SECOND[at - 1_000];
            if (at < 1_000) {
                assertEquals(written, found[at], "forced byte " + at);
            } else if (found[at] != written) {
                assertEquals(0, found[at], "byte " + at + " is neither what was written nor zero");
                zeroSeen = true;
            } else if (zeroSeen && written != 0) {
                dataAfterZero = true;
            }
        }
        if (found.length < 6_000) {
            return found.length == 1_000 ? "none" : "short";
        }
        return dataAfterZero ? "zeros in the middle" : zeroSeen ? "zeros in the tail" : "all";
    }

    @Test
    void aPutIntoARegionIsLostOrSurvivesAndAForcedRangeStays() {
        WritableRegion region = storage.createWritable(path("w"), 4096);
        storage.forceDirectory(directory);
        region.putIntRelease(0, 1);
        region.force(0, 4);
        region.putIntRelease(0, 2);
        region.putIntRelease(1024, 3);
        region.putIntRelease(2048, 4);
        region.force(1024, 4);
        Set<String> found = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            byte[] after = simulated().crash(seed).readAll(path("w"), 4096);
            assertEquals(4096, after.length);
            assertEquals(3, after[1024], "seed " + seed);
            found.add(after[0] + " " + after[2048]);
        }
        assertEquals(Set.of("1 0", "1 4", "2 0", "2 4"), found);
    }

    @Test
    void aRenameWithoutADirectoryForceShowsTheOldFileOrTheNewOne() {
        writeFile(path("CURRENT"), bytes(10));
        storage.forceDirectory(directory);
        writeFile(path("CURRENT.tmp"), bytes(20));
        storage.rename(path("CURRENT.tmp"), path("CURRENT"));
        Set<List<Object>> found = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedStorage after = simulated().crash(seed);
            found.add(List.of(after.size(path("CURRENT")), after.kind(path("CURRENT.tmp"))));
        }
        assertEquals(
                Set.of(List.of(10L, PathKind.ABSENT), List.of(10L, PathKind.FILE), List.of(20L, PathKind.ABSENT)),
                found);
        SimulatedStorage forced = simulated().kill();
        forced.forceDirectory(directory);
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedStorage after = forced.crash(seed);
            assertEquals(List.of("CURRENT"), after.list(directory));
            assertEquals(20, after.size(path("CURRENT")));
        }
    }

    @Test
    void aFileNeverHasTwoNamesAfterRenamesOfWhichSomeAreLost() {
        writeFile(path("a"), bytes(10));
        storage.forceDirectory(directory);
        storage.rename(path("a"), path("b"));
        storage.rename(path("b"), path("c"));
        Set<List<String>> found = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            found.add(simulated().crash(seed).list(directory));
        }
        assertEquals(Set.of(List.of("a"), List.of("b"), List.of("c")), found);
    }

    @Test
    void aDirectoryWhoseParentWasNotForcedIsLostWithAllThatIsInIt() {
        storage.createDirectory(path("d"));
        writeFile(path("d").resolve("x"), bytes(10));
        storage.forceDirectory(path("d"));
        Set<PathKind> found = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedStorage after = simulated().crash(seed);
            PathKind kind = after.kind(path("d"));
            found.add(kind);
            assertEquals(
                    kind == PathKind.ABSENT ? PathKind.ABSENT : PathKind.FILE,
                    after.kind(path("d").resolve("x")));
        }
        assertEquals(Set.of(PathKind.ABSENT, PathKind.DIRECTORY), found);
    }

    @Test
    void aDeletedFileMayComeBackUntilTheDirectoryIsForced() {
        writeFile(path("a"), bytes(10));
        storage.forceDirectory(directory);
        storage.delete(path("a"));
        Set<Integer> found = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            found.add(simulated().crash(seed).list(directory).size());
        }
        assertEquals(Set.of(0, 1), found);
        SimulatedStorage forced = simulated().kill();
        forced.forceDirectory(directory);
        for (long seed = 0; seed < SEEDS; seed++) {
            assertEquals(List.of(), forced.crash(seed).list(directory));
        }
    }

    @Test
    void aKilledProcessLosesItsBuffersAndLocksOnly() {
        StorageFile file = storage.create(path("a"));
        file.append(bytes(70_000), 0, 70_000);
        file.append(bytes(10), 0, 10);
        WritableRegion region = storage.createWritable(path("w"), 4096);
        region.put(0, bytes(100), 0, 100);
        assertNotNull(storage.tryLock(path("LOCK")));
        long boot = storage.bootId();
        SimulatedStorage after = leaks.watch(simulated().kill());
        assertArrayEquals(bytes(70_000), after.readAll(path("a"), 100_000));
        assertArrayEquals(bytes(100), Arrays.copyOf(after.readAll(path("w"), 4096), 100));
        assertEquals(boot, after.bootId());
        assertEquals(70_000 + 4096, after.usedBytes());
        StorageLock lock = after.tryLock(path("LOCK"));
        assertNotNull(lock);
        lock.close();
        // What was not forced before the kill can still be lost afterwards: the name, and the bytes under a forced
        // name.
        SimulatedStorage named = simulated().kill();
        named.forceDirectory(directory);
        Set<Boolean> lost = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            lost.add(named.crash(seed).readAll(path("w"), 4096)[0] == 0);
        }
        assertEquals(Set.of(true, false), lost);
        lost.clear();
        for (long seed = 0; seed < SEEDS; seed++) {
            lost.add(after.crash(seed).kind(path("a")) == PathKind.ABSENT);
        }
        assertEquals(Set.of(true, false), lost);
    }

    @Test
    void theChosenOperationThrowsBeforeItsEffectAndEverythingAfterIt() {
        simulated().logOperations();
        work(simulated());
        List<String> log = simulated().operationLog();
        long operations = simulated().operations();
        assertEquals(operations, log.size());
        assertEquals("create /sim/a", log.get(0));
        for (long at = 1; at <= operations; at++) {
            SimulatedStorage other = new SimulatedStorage(7).logOperations().crashAt(at);
            assertThrows(SimulatedCrash.class, () -> work(other));
            assertTrue(other.isDead());
            assertEquals(at, other.operations());
            assertEquals(log.subList(0, (int) at), other.operationLog());
            assertThrows(SimulatedCrash.class, () -> other.kind(path("a")));
            assertThrows(SimulatedCrash.class, () -> other.newThread("x", () -> {}));
            assertThrows(SimulatedCrash.class, other::nanoTime);
            // As the log of the same work tells: what came before is there, this one is not.
            SimulatedStorage after = other.kill();
            String verb = log.get((int) at - 1);
            if (verb.equals("rename /sim/a /sim/b")) {
                assertEquals(PathKind.FILE, after.kind(path("a")));
                assertEquals(PathKind.ABSENT, after.kind(path("b")));
            } else if (verb.startsWith("put ")) {
                assertEquals(0, after.readAll(path("w"), 4096)[0]);
            } else if (verb.startsWith("delete ")) {
                assertEquals(PathKind.FILE, after.kind(path("b")));
            }
        }
    }

    private static void work(SimulatedStorage on) {
        Path at = SimulatedStorage.DIRECTORY;
        try (StorageFile file = on.create(at.resolve("a"))) {
            file.append(bytes(1_000), 0, 1_000);
            file.force();
        }
        on.createDirectory(at.resolve("d"));
        try (WritableRegion region = on.createWritable(at.resolve("w"), 4096)) {
            region.put(0, new byte[] {1, 2, 3, 4}, 0, 4);
            region.putIntRelease(8, 1);
            region.force(0, 512);
        }
        on.rename(at.resolve("a"), at.resolve("b"));
        on.forceDirectory(at);
        on.delete(at.resolve("b"));
        on.map(at.resolve("w")).close();
    }

    @Test
    void smallAppendsAreHandedOnInLargePieces() {
        StorageFile file = storage.create(path("a"));
        for (int i = 0; i < 20_000; i++) {
            file.append(bytes(10), 0, 10);
        }
        file.close();
        assertEquals(200_000, storage.size(path("a")));
        assertEquals(1 + 4, simulated().operations());
    }

    @Test
    void theChosenOperationMayWriteHalf() {
        SimulatedStorage half = new SimulatedStorage(1).crashInside(2);
        StorageFile file = half.create(path("a"));
        assertThrows(SimulatedCrash.class, () -> file.append(bytes(80_000), 0, 80_000));
        assertThrows(SimulatedCrash.class, file::close);
        assertArrayEquals(Arrays.copyOf(bytes(80_000), 40_000), half.kill().readAll(path("a"), 80_000));
    }

    @Test
    void stragglersOfADeadStorageDie() throws InterruptedException {
        StorageFile file = storage.create(path("a"));
        WritableRegion region = storage.createWritable(path("w"), 4096);
        BufferRegion memory = storage.allocate(64);
        List<Throwable> seen = new ArrayList<>();
        Thread thread = storage.newThread("straggler", () -> {
            try {
                while (true) {
                    region.put(0, new byte[1], 0, 1);
                }
            } catch (SimulatedCrash e) {
                seen.add(e);
                throw e;
            }
        });
        thread.start();
        long boot = storage.bootId();
        SimulatedStorage after = simulated().crash(1);
        thread.join();
        assertEquals(1, seen.size());
        assertNotEquals(boot, after.bootId());
        assertThrows(SimulatedCrash.class, file::size);
        assertThrows(SimulatedCrash.class, file::force);
        assertThrows(SimulatedCrash.class, file::close);
        assertThrows(SimulatedCrash.class, region::close);
        memory.close();
        assertEquals(0, after.counters().files());
    }

    @Test
    void aFullDiskTakesWhatFitsAndRecovers() {
        simulated().withCapacity(10_000);
        StorageFile file = storage.create(path("a"));
        assertThrows(StoreException.DiskFull.class, () -> file.append(bytes(70_000), 0, 70_000));
        assertEquals(0, storage.usableBytes(directory));
        assertThrows(StoreException.Io.class, file::force);
        file.close();
        assertEquals(10_000, storage.size(path("a")));
        assertThrows(StoreException.DiskFull.class, () -> storage.createWritable(path("w"), 1));
        assertEquals(PathKind.ABSENT, storage.kind(path("w")));
        Region mapped = storage.map(path("a"));
        storage.delete(path("a"));
        assertEquals(0, storage.usableBytes(directory), "a mapped file takes room without a name");
        mapped.close();
        assertEquals(10_000, storage.usableBytes(directory));
        try (WritableRegion region = storage.createWritable(path("w"), 10_000)) {
            region.put(0, bytes(10_000), 0, 10_000);
        }
        simulated().withCapacity(Long.MAX_VALUE);
        writeFile(path("b"), bytes(100_000));
    }

    @Test
    void closedMemoryHoldsGarbage() {
        writeFile(path("a"), bytes(10_000));
        Region region = storage.map(path("a"));
        Region other = storage.map(path("a"));
        region.close();
        assertEquals(Garbage.BYTE, region.getByte(9_999));
        byte[] read = new byte[10_000];
        other.copyTo(0, read, 0, read.length);
        assertArrayEquals(bytes(10_000), read);
        other.close();
    }

    @Test
    void openingALockedFileIsABug() {
        try (StorageLock lock = storage.tryLock(path("LOCK"))) {
            assertNotNull(lock);
            assertThrows(AssertionError.class, () -> storage.readAll(path("LOCK"), 1));
        }
    }

    @Test
    void theSameSeedGivesTheSameFuture() {
        work(simulated());
        SimulatedStorage one = simulated().crash(5);
        SimulatedStorage two = simulated().crash(5);
        assertEquals(one.list(directory), two.list(directory));
        assertEquals(one.randomLong(), two.randomLong());
        assertEquals(one.bootId(), two.bootId());
        assertEquals(one.nanoTime(), two.nanoTime());
    }

    /** A move that nothing has forced is there or not, whole; one force of either directory makes it durable. */
    @Test
    void aMoveBetweenDirectoriesHappensOrNot() {
        for (String forced : List.of("", "from", "to")) {
            SimulatedStorage storage = new SimulatedStorage(1);
            storage.createDirectory(path("from"));
            storage.createDirectory(path("to"));
            try (StorageFile file = storage.create(path("from").resolve("a"))) {
                file.append(new byte[] {1, 2, 3}, 0, 3);
                file.force();
            }
            storage.forceDirectory(path("from"));
            storage.forceDirectory(SimulatedStorage.DIRECTORY);
            storage.rename(path("from").resolve("a"), path("to").resolve("b"));
            if (!forced.isEmpty()) {
                storage.forceDirectory(path(forced));
            }
            int happened = 0;
            for (int seed = 0; seed < 40; seed++) {
                SimulatedStorage after = storage.crash(seed);
                boolean there = after.kind(path("to").resolve("b")) == Storage.PathKind.FILE;
                boolean here = after.kind(path("from").resolve("a")) == Storage.PathKind.FILE;
                assertTrue(there != here, "in one place");
                happened += there ? 1 : 0;
            }
            assertTrue(forced.isEmpty() ? happened > 0 && happened < 40 : happened == 40, forced + happened);
        }
    }
}
