package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The store loses power or its process before, and within, every mutating operation of {@link CrashWorkload}, and again during
 * the recovery from that: it opens, no acknowledged write is lost, what survives is a prefix, orphans are gone.
 */
final class StoreCrashTest {
    private static final long SEEDS = Campaign.count(1, 20);
    /** In CI every so many operations are also crashed half-way. */
    private static final long INSIDE_STRIDE = Campaign.standard(3, 1);

    /** In CI every so many boundaries are crashed again at every operation of the recovery. */
    private static final long RECOVERY_STRIDE = Campaign.standard(61, 1);

    private static final List<byte[]> PROBES = Stream.of("a first", "key-5", "z last")
            .map(key -> key.getBytes(StandardCharsets.US_ASCII))
            .toList();

    /** Cases so far. Tests run one after the other. */
    private static final Map<Loss, Long> CASES = new EnumMap<>(Loss.class);

    /** How the storage goes down, and how what is left of it is judged. */
    private enum Loss {
        KILL,
        POWER_CUT;

        SimulatedStorage of(SimulatedStorage dying, long seed) {
            return this == KILL ? dying.kill() : dying.crash(seed);
        }

        void judge(StoreHistory history, SegmentStore store) {
            if (this == KILL) {
                history.judgeAfterKill(store);
            } else {
                history.judgeAfterCrash(store);
            }
        }
    }

    @AfterAll
    static void printCases() {
        System.out.printf(
                "simulated crashes: cases=%d seeds=%d %s%n",
                CASES.values().stream().mapToLong(Long::longValue).sum(), SEEDS, CASES);
    }

    @Test
    void theWorkloadReachesEveryMechanism() {
        CrashWorkload workload = new CrashWorkload(new SimulatedStorage(1));
        workload.run();
        List<StoreStats> stats = workload.stats();
        assertTrue(sum(stats, StoreStats::splits) > 2, () -> "splits: " + stats);
        assertTrue(sum(stats, StoreStats::merges) > 0, () -> "merges: " + stats);
        assertTrue(sum(stats, StoreStats::flushes) > 10, () -> "flushes: " + stats);
        assertTrue(sum(stats, StoreStats::compactions) > 2, () -> "compactions: " + stats);
        assertEquals(0, sum(stats, StoreStats::failures));
    }

    @Test
    void aProcessKilledAtAnyOperationLosesNoAcknowledgedWrite() {
        crashEverywhere(Loss.KILL, at -> new SimulatedStorage(1).crashAt(at), 1, 1);
    }

    @Test
    void aProcessKilledWithinAnyWriteLosesNoAcknowledgedWrite() {
        crashEverywhere(Loss.KILL, at -> new SimulatedStorage(1).crashInside(at), 1, INSIDE_STRIDE);
    }

    @Test
    void aPowerCutAtAnyOperationLosesNoDurableWrite() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            crashEverywhere(Loss.POWER_CUT, at -> new SimulatedStorage(1).crashAt(at), seed, 1);
        }
    }

    @Test
    void aPowerCutWithinAnyWriteLosesNoDurableWrite() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            crashEverywhere(Loss.POWER_CUT, at -> new SimulatedStorage(1).crashInside(at), seed + 1_000, INSIDE_STRIDE);
        }
    }

    @Test
    void aPowerCutAfterTheRecoveryFromAKillLosesNoDurableWrite() {
        long cuts = 0;
        try (QuietLog quiet = new QuietLog()) {
            for (long at : Campaign.standard(0, 1) == 0 ? publishes() : everyOperation()) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                CrashWorkload workload = new CrashWorkload(dying);
                workload.run();
                for (long seed = 1; seed <= 3 * SEEDS; seed++) {
                    SimulatedStorage recovered = dying.kill();
                    recover(recovered);
                    try {
                        reopen(workload.history(), recovered.crash(seed), Loss.POWER_CUT);
                    } catch (RuntimeException | Error e) {
                        throw new AssertionError("killed at operation " + at + ", then power cut, seed " + seed, e);
                    }
                    cuts++;
                }
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("crash: power cuts after recoveries from kills=%d%n", cuts);
    }

    @Test
    void aCrashDuringTheRecoveryFromACrashLosesNothingEither() {
        long boundaries = 0;
        long recoveries = 0;
        try (QuietLog quiet = new QuietLog()) {
            long operations = operations();
            for (long at = 1; at <= operations; at += RECOVERY_STRIDE) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                CrashWorkload workload = new CrashWorkload(dying);
                workload.run();
                boundaries++;
                for (Loss loss : Loss.values()) {
                    recoveries += crashRecoveryEverywhere(workload.history(), dying, loss, at);
                }
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("recovery crashes: boundaries=%d crashes=%d%n", boundaries, recoveries);
        assertTrue(recoveries > boundaries, "recovery does nothing that could be crashed");
    }

    @Test
    void aPowerCutAfterTheReleaseOfAllSyncedLogFilesLeavesTheRunsReadable() {
        for (long seed = 1; seed <= 20; seed++) {
            SimulatedStorage storage = new SimulatedStorage(seed);
            SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
            SegmentIndex index = store.index("a");
            PROBES.forEach(probe -> index.put(probe, probe, Durability.DEVICE));
            index.flush();
            SegmentIndex dropped = store.index("b");
            long end = store.engine().log().endPosition()
                    + CrashWorkload.options(storage).logFileBytes();
            // Goes on in another log file, of which no record is synced.
            for (int i = 0; i < 20 || store.engine().log().endPosition() < end; i++) {
                dropped.put(PROBES.get(0), new byte[200]);
            }
            store.dropIndex("b");
            index.put(PROBES.get(0), PROBES.get(0));
            SimulatedStorage next = storage.crash(seed);
            CrashWorkload.abandon(store);
            try (SegmentStore again = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(next))) {
                requireProbes(again, "was lost by a power cut, seed " + seed);
            }
        }
    }

    @Test
    void aWriteToAnIndexThatAPowerCutLeftEmptySurvivesAKill() {
        SimulatedStorage storage = new SimulatedStorage(1);
        SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
        SegmentIndex other = store.index("a");
        for (int i = 0; i < 20; i++) {
            other.put(PROBES.get(0), PROBES.get(0));
        }
        // The power cut takes those writes and their sequence numbers back, but not the index that was made after them.
        store.index("b");
        SimulatedStorage next = storage.crash(1);
        CrashWorkload.abandon(store);
        SegmentStore again = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(next));
        PROBES.forEach(probe -> again.index("a").put(probe, probe));
        PROBES.forEach(probe -> again.index("b").put(probe, probe));
        SimulatedStorage last = next.kill();
        CrashWorkload.abandon(again);
        try (SegmentStore recovered = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(last))) {
            requireProbes(recovered, "was lost by a kill");
        }
    }

    @Test
    void aStoreInADirectoryThatAKillHasLeftSurvivesAPowerCut() {
        for (long seed = 1; seed <= 20; seed++) {
            SimulatedStorage storage = new SimulatedStorage(seed);
            storage.createDirectory(CrashWorkload.DIRECTORY);
            SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
            PROBES.forEach(probe -> store.index("a").put(probe, probe, Durability.DEVICE));
            SimulatedStorage next = storage.crash(seed);
            CrashWorkload.abandon(store);
            try (SegmentStore again = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(next))) {
                assertEquals(Set.of("a"), again.indexNames(), "seed " + seed);
                requireProbes(again, "was lost by a power cut, seed " + seed);
            }
        }
    }

    private static void crashEverywhere(Loss loss, LongFunction<SimulatedStorage> mortal, long seed, long stride) {
        long begin = System.nanoTime();
        try (QuietLog quiet = new QuietLog()) {
            long operations = operations();
            for (long at = 1; at <= operations + 1; at += stride) {
                SimulatedStorage dying = mortal.apply(at);
                CrashWorkload workload = new CrashWorkload(dying);
                workload.run();
                try {
                    reopen(workload.history(), loss.of(dying, seed * 31 + at), loss);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(loss + " at operation " + at + " of " + operations + ", seed " + seed, e);
                }
            }
            assertTrue(quiet.isQuiet());
            System.out.printf(
                    "crash: %s operations=%d stride=%d seed=%d seconds=%.1f%n",
                    loss, operations, stride, seed, (System.nanoTime() - begin) / 1e9);
        }
    }

    /** Crashes the first recovery at each of its operations; returns how many there are. */
    private static long crashRecoveryEverywhere(StoreHistory history, SimulatedStorage dying, Loss loss, long seed) {
        SimulatedStorage counting = loss.of(dying, seed);
        try (SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(counting))) {
            loss.judge(history, store);
        }
        long operations = counting.operations();
        for (long at = 1; at <= operations; at++) {
            SimulatedStorage recovering = loss.of(dying, seed).crashAt(at);
            recover(recovering);
            try {
                reopen(history, loss.of(recovering, seed + at), loss);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        loss + " at operation " + seed + ", again at operation " + at + " of " + operations
                                + " of the recovery",
                        e);
            }
        }
        return operations;
    }

    /** Opens, reads and closes a store whose storage is about to die. */
    private static void recover(SimulatedStorage storage) {
        SegmentStore store = null;
        try {
            store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
            for (String name : store.indexNames()) {
                StoreHistory.scan(store.index(name));
            }
            store.close();
        } catch (RuntimeException | Error e) {
            if (!storage.isDead()) {
                throw e;
            }
            CrashWorkload.abandon(store);
        }
        // Work that is done on the side swallows what it throws.
        if (storage.isDead()) {
            CrashWorkload.abandon(store);
        }
    }

    /** Judges what is there, writes to it, loses the process once more, and closes it cleanly in the end. */
    private static void reopen(StoreHistory history, SimulatedStorage storage, Loss loss) {
        CASES.merge(loss, 1L, Long::sum);
        SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
        loss.judge(history, store);
        StoreOrphans.requireNone(store);
        store.index("probe");
        for (String name : store.indexNames()) {
            for (byte[] probe : PROBES) {
                store.index(name).put(probe, probe);
            }
        }
        assertEquals(0, store.stats().failures(), "background work failed after recovery");
        SimulatedStorage next = storage.kill();
        CrashWorkload.abandon(store);
        SegmentStore again = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(next));
        requireProbes(again, "was lost by a second kill");
        again.index("probe").flush();
        again.close();
        assertTrue(next.counters().nothingHeld(), () -> "left open: " + next.counters());
        try (SegmentStore last = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(next))) {
            requireProbes(last, "was lost by a clean close");
        }
    }

    private static void requireProbes(SegmentStore store, String otherwise) {
        for (String name : store.indexNames()) {
            for (byte[] probe : PROBES) {
                assertArrayEquals(
                        probe, store.index(name).get(probe), "a write after recovery, to " + name + ", " + otherwise);
            }
        }
    }

    private static long[] everyOperation() {
        return LongStream.rangeClosed(1, operations()).toArray();
    }

    /** The operations that make a rename durable: a kill there leaves what a power cut takes back. */
    private static long[] publishes() {
        SimulatedStorage whole = new SimulatedStorage(1).logOperations();
        new CrashWorkload(whole).run();
        List<String> log = whole.operationLog();
        return LongStream.range(1, log.size())
                .filter(i -> log.get((int) i).startsWith("forceDirectory")
                        && log.get((int) i - 1).startsWith("rename"))
                .map(i -> i + 1)
                .toArray();
    }

    private static long operations() {
        SimulatedStorage whole = new SimulatedStorage(1);
        CrashWorkload workload = new CrashWorkload(whole);
        workload.run();
        assertEquals(0, sum(workload.stats(), StoreStats::failures));
        return whole.operations();
    }

    private static long sum(List<StoreStats> stats, ToLongFunction<StoreStats> figure) {
        return stats.stream().mapToLong(figure).sum();
    }
}
