package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Each storage call of {@link FaultWorkload}, and of recoveries, fails in every way that applies to it, once and for good: what
 * failed is told, the store goes on or says that it is poisoned, what was acknowledged stays readable, and reopening finds it.
 */
final class StoreEveryCallFailsTest {
    private static final long CASES = Campaign.count(700, Long.MAX_VALUE);
    private static final long RECOVERY_CASES = Campaign.count(400, Long.MAX_VALUE);

    /** From how many deaths of {@link CrashWorkload} the recoveries start. */
    private static final long DEATHS = Campaign.standard(4, 40);

    /** Calls after which a full disk leaves it open what is durable: the publish, and the log where its room was set aside. */
    private static final Set<String> POISONED_BY_FULL_DISK = Set.of("rename", "put", "putInt");

    private static final byte[] KEY = "after".getBytes(StandardCharsets.US_ASCII);

    /** One call that fails. */
    private record Case(long call, String name, Fault fault, boolean forGood) {
        String verb() {
            return name.substring(0, name.indexOf(' '));
        }
    }

    /** What came of the cases. */
    private static final class Counts {
        private long cases;
        private long notStruck;
        private long poisoned;
        private long errors;
        private long successes;

        @Override
        public String toString() {
            return "cases=" + cases + " poisoned=" + poisoned + " errors=" + errors + " successes=" + successes
                    + " notStruck=" + notStruck;
        }
    }

    private final Counts counts = new Counts();

    private static List<Case> cases(List<String> calls) {
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            for (Fault fault : Fault.values()) {
                if (FaultingStorage.applies(fault, calls.get(i))) {
                    cases.add(new Case(i + 1, calls.get(i), fault, false));
                    cases.add(new Case(i + 1, calls.get(i), fault, true));
                }
            }
        }
        return cases;
    }

    /** As many as wanted, evenly spread, the first one by the seed. */
    private static List<Case> chosen(List<Case> all, long wanted) {
        long stride = Math.max(1, all.size() / wanted);
        List<Case> chosen = new ArrayList<>();
        for (long i = Math.floorMod(Campaign.seed(), stride); i < all.size(); i += stride) {
            // A stride alone could meet the same few faults again and again.
            chosen.add(all.get((int)
                    (i + new SplittableRandom(Campaign.seed() + i).nextLong(Math.min(stride, all.size() - i)))));
        }
        return chosen;
    }

    @Test
    void everyCallOfAStoreMayFailAndNothingAcknowledgedIsLost() {
        FaultingStorage whole = new FaultingStorage(new SimulatedStorage(1)).listCalls();
        FaultWorkload canonical = new FaultWorkload(whole, null);
        canonical.run();
        StoreStats stats = canonical.store().stats();
        assertTrue(
                stats.splits() > 1 && stats.merges() > 0 && stats.flushes() > 3 && stats.logFiles() > 0,
                stats::toString);
        assertEquals(0, stats.failures());
        canonical.close();
        List<Case> all = cases(whole.calls());
        List<Case> chosen = chosen(all, CASES);
        try (QuietLog quiet = new QuietLog()) {
            for (Case next : chosen) {
                try {
                    failOneCall(next);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError(next + ", seed " + Campaign.seed(), e);
                }
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("every call fails: calls=%d of %d cases %s%n", whole.callCount(), all.size(), counts);
        assertTrue(counts.notStruck * 20 <= counts.cases, () -> "the workload is not the same each time: " + counts);
    }

    private void failOneCall(Case next) {
        SimulatedStorage disk = new SimulatedStorage(1);
        FaultingStorage faulting = new FaultingStorage(disk).failAt(next.call, next.fault, next.forGood);
        FaultWorkload workload = new FaultWorkload(faulting, next.fault);
        counts.cases++;
        workload.run();
        if (workload.store() != null) {
            goOnAndClose(next, workload, faulting);
        }
        counts.notStruck += faulting.fired() == 0 ? 1 : 0;
        counts.errors += workload.errors();
        counts.successes += workload.successes();
        assertTrue(disk.counters().nothingHeld(), () -> "left open: " + disk.counters());
        faulting.disarm();
        SimulatedStorage killed = disk.kill();
        SimulatedStorage cut = disk.crash(next.call);
        reopen(killed, workload.history(), false);
        reopen(cut, workload.history(), true);
    }

    /** Lifts the fault before the close, or after it; the close itself may be what fails. */
    private void goOnAndClose(Case next, FaultWorkload workload, FaultingStorage faulting) {
        boolean struck = faulting.fired() > 0;
        workload.readUnderFault();
        if (struck && next.fault == Fault.SYNC_FAILS) {
            assertTrue(workload.isPoisoned(), "a failed sync leaves the store writable");
        }
        boolean fullDisk = next.fault == Fault.NO_ROOM
                || (next.fault == Fault.DISK_FULL && !next.forGood && !POISONED_BY_FULL_DISK.contains(next.verb()));
        if (fullDisk) {
            assertFalse(
                    workload.isPoisoned(),
                    () -> "poisoned by a full disk: "
                            + workload.store().engine().gate().poison());
        }
        counts.poisoned += workload.isPoisoned() ? 1 : 0;
        if (struck && (!next.forGood || next.call % 2 == 0)) {
            faulting.disarm();
            workload.history().checkAfterFailure(workload.store());
            if (workload.isPoisoned()) {
                requireRefused(workload);
            } else {
                workload.goOn();
            }
        }
        boolean closed = workload.close();
        boolean closeMayFail = !struck || (next.forGood && next.call % 2 != 0);
        assertTrue(closed || closeMayFail || workload.isPoisoned(), "closing failed after the fault was lifted");
    }

    private static void requireRefused(FaultWorkload workload) {
        SegmentStore store = workload.store();
        for (String name : store.indexNames()) {
            SegmentIndex index = store.index(name);
            requirePoisoned(workload, () -> index.put(KEY, KEY));
            requirePoisoned(workload, () -> index.delete(KEY, Durability.DEVICE));
            requirePoisoned(workload, () -> store.dropIndex(name));
        }
        requirePoisoned(workload, store::sync);
        requirePoisoned(workload, () -> store.index("another"));
        workload.history().checkAfterFailure(store);
    }

    private static void requirePoisoned(FaultWorkload workload, Runnable write) {
        StoreException.Poisoned thrown = assertThrows(StoreException.Poisoned.class, write::run);
        assertTrue(thrown.getCause() != null, () -> "without a cause: " + thrown);
        assertTrue(workload.isPoisoned());
    }

    /** Opens what is there with nothing failing any more, judges it, and writes to it. */
    private static void reopen(SimulatedStorage disk, StoreHistory history, boolean powerCut) {
        String when = powerCut ? "after a power cut" : "after a kill";
        StoreOptions options = CrashWorkload.options(disk);
        try {
            try (SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, options)) {
                if (powerCut) {
                    history.judgeAfterCrash(store);
                } else {
                    history.judgeAfterKill(store);
                }
                StoreOrphans.requireNone(store);
                store.index("probe").put(KEY, KEY, Durability.DEVICE);
                store.index("probe").flush();
                assertEquals(0, store.stats().failures());
            }
            assertTrue(disk.counters().nothingHeld(), () -> "left open: " + disk.counters());
            Verdict verdict = new StoreVerification(disk, CrashWorkload.DIRECTORY, (done, total) -> {}).verify();
            assertTrue(verdict.findings().isEmpty(), () -> verdict.findings().toString());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(when, e);
        }
    }

    @Test
    void everyCallOfARecoveryMayFailAndTheNextOneFindsEverything() {
        SimulatedStorage whole = new SimulatedStorage(1);
        new CrashWorkload(whole).run();
        long operations = whole.operations();
        SplittableRandom random = new SplittableRandom(Campaign.seed());
        long calls = 0;
        try (QuietLog quiet = new QuietLog()) {
            for (long death = 0; death < DEATHS; death++) {
                long at = 1 + operations * death / DEATHS + random.nextLong(operations / DEATHS);
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                CrashWorkload workload = new CrashWorkload(dying);
                workload.run();
                boolean powerCut = death % 2 == 1;
                FaultingStorage counting = new FaultingStorage(successor(dying, powerCut, at)).listCalls();
                assertTrue(new FaultyRecovery(counting, null, workload.history(), powerCut).run());
                calls += counting.callCount();
                for (Case next : chosen(cases(counting.calls()), Math.max(1, RECOVERY_CASES / DEATHS))) {
                    try {
                        failOneCallOfRecovery(next, successor(dying, powerCut, at), workload.history(), powerCut);
                    } catch (RuntimeException | AssertionError e) {
                        throw new AssertionError(
                                "died at operation " + at + (powerCut ? " by a power cut, " : ", ") + next + ", seed "
                                        + Campaign.seed(),
                                e);
                    }
                }
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("every call of a recovery fails: deaths=%d calls=%d %s%n", DEATHS, calls, counts);
    }

    private static SimulatedStorage successor(SimulatedStorage dying, boolean powerCut, long seed) {
        return powerCut ? dying.crash(seed) : dying.kill();
    }

    private void failOneCallOfRecovery(Case next, SimulatedStorage disk, StoreHistory history, boolean powerCut) {
        FaultingStorage faulting = new FaultingStorage(disk).failAt(next.call, next.fault, next.forGood);
        counts.cases++;
        FaultyRecovery recovery = new FaultyRecovery(faulting, next.fault, history, powerCut);
        if (recovery.run()) {
            counts.successes++;
        } else {
            counts.errors++;
        }
        counts.poisoned += recovery.isPoisoned() ? 1 : 0;
        counts.notStruck += faulting.fired() == 0 ? 1 : 0;
        assertTrue(disk.counters().nothingHeld(), () -> "left open: " + disk.counters());
        SimulatedStorage killed = disk.kill();
        SimulatedStorage cut = disk.crash(next.call);
        reopen(killed, recovery.history(), powerCut);
        reopen(cut, recovery.history(), true);
    }
}
