package io.cleave.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.registry.SegmentRegistryState;
import io.cleave.core.resource.QuietEpoch;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** R2.9: what a failed split leaves, whatever failed. */
@ExtendWith(QuietEpoch.class)
final class SplitFaultTest {
    /** A fault of the test's own. */
    private static final class Wanted extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static SplitFixture prepare(Storage storage) {
        SplitFixture fixture = SplitFixture.create(storage);
        fixture.fill(24);
        fixture.flushAll();
        fixture.fill(12);
        fixture.delete("k005");
        return fixture;
    }

    private static void write(SplitFixture fixture, SplitStep step) {
        if (step == SplitStep.S2_ISOLATED || step == SplitStep.S3_PREPARED) {
            fixture.put("k001", "during " + step);
            fixture.put("zzz", "during " + step);
            fixture.delete("k019");
        }
    }

    private static void failAt(SplitStep failing, Throwable thrown) {
        SimulatedStorage storage = new SimulatedStorage(1);
        SplitFixture fixture = prepare(storage);
        Segment old = fixture.slot(0).segment();
        Throwable caught = assertThrows(
                Throwable.class,
                () -> fixture.split(step -> {
                    write(fixture, step);
                    if (step == failing && thrown instanceof Error error) {
                        throw error;
                    } else if (step == failing) {
                        throw (RuntimeException) thrown;
                    }
                }));
        String where = "failed at " + failing + " with " + thrown;
        assertEquals(SegmentRegistryState.READY, fixture.index().registry().state(), where);
        assertFalse(fixture.index().keyMapLock().isLocked(), where);
        assertFalse(fixture.context().commitLock().isLocked(), where);
        assertEquals(0, fixture.context().snapshots().registered().length, where);
        assertEquals(fixture.model(Long.MAX_VALUE), fixture.scan(1L << 50), where);
        if (failing.compareTo(SplitStep.S4_PUBLISHED) < 0) {
            assertSame(thrown, caught, where);
            assertEquals(List.of(1L), fixture.mapped(), where);
            assertEquals(List.of(1L), fixture.directories(), where + ": temporaries");
            assertEquals(SegmentState.OPEN, old.state(), where);
            fixture.put("k002", "after");
            fixture.check(where);
            assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}), where);
            fixture.check(where + ", split again");
            fixture.close();
            assertTrue(storage.counters().nothingHeld(), () -> where + ": " + storage.counters());
        } else {
            boolean poisoned = caught instanceof StoreException.Poisoned || caught == thrown;
            assertTrue(poisoned, where + ": " + caught);
            assertEquals(failing != SplitStep.S4_PUBLISHED, fixture.mapped().equals(List.of(2L, 3L)), where);
        }
        SplitFixture reopened = fixture.reopen(storage.kill());
        reopened.check(where + ", reopened");
        assertEquals(reopened.mapped(), reopened.directories(), where);
        reopened.close();
    }

    @Test
    void aFailureAtAnyStepLeavesTheOldMapOrTheNewOneAndARegistryThatIsReady() {
        for (SplitStep step : SplitStep.values()) {
            failAt(step, new Wanted());
            failAt(step, new StackOverflowError("wanted"));
        }
    }

    private static void failCalls(Fault fault) {
        long calls = Long.MAX_VALUE;
        for (long call = 1; call <= calls; call++) {
            SimulatedStorage disk = new SimulatedStorage(call);
            FaultingStorage storage = new FaultingStorage(disk);
            SplitFixture fixture = prepare(storage);
            long before = storage.callCount();
            storage.listCalls().failAt(before + call, fault, false);
            boolean poisoned = false;
            try {
                fixture.split(step -> write(fixture, step));
                calls = storage.callCount() - before;
            } catch (StoreException e) {
                poisoned = e instanceof StoreException.Poisoned;
            }
            storage.disarm();
            String name = call <= storage.calls().size() ? storage.calls().get((int) call - 1) : "none";
            String where = fault + " at call " + call + ", " + name;
            try {
                checkAfterFault(fixture, disk, poisoned, where);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(where + (poisoned ? ", poisoned" : ""), e);
            }
        }
    }

    private static void checkAfterFault(SplitFixture fixture, SimulatedStorage disk, boolean poisoned, String where) {
        assertEquals(fixture.model(Long.MAX_VALUE), fixture.scan(1L << 50));
        assertEquals(SegmentRegistryState.READY, fixture.index().registry().state());
        if (!poisoned) {
            fixture.check(where);
            assertTrue(fixture.split(step -> {}).compareTo(SplitOutcome.COMPACTED) <= 0);
            fixture.check(where + ", split again");
        }
        fixture.close();
        assertTrue(disk.counters().nothingHeld(), () -> "left open: " + disk.counters());
        SplitFixture reopened = fixture.reopen(disk.crash(3));
        reopened.check(where + ", reopened");
        assertEquals(reopened.mapped(), reopened.directories());
        reopened.close();
    }

    @Test
    void noStorageCallThatFailsLosesAnEntryOrLeavesHalfAState() {
        for (Fault fault : Fault.values()) {
            failCalls(fault);
        }
    }

    /** Passes everything on, but for the {@code allocate} whose turn it is. */
    private static Storage withoutMemoryAt(Storage storage, AtomicLong countdown) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("allocate") && countdown.decrementAndGet() == 0) {
                        throw new StoreException.LimitReached("no memory, wanted by SplitFaultTest");
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aSplitThatGetsNoMemoryLeavesTheSegmentsAsTheyWere() {
        boolean failed = true;
        for (long allocation = 1; failed; allocation++) {
            SimulatedStorage disk = new SimulatedStorage(allocation);
            AtomicLong countdown = new AtomicLong(Long.MAX_VALUE);
            SplitFixture fixture = prepare(withoutMemoryAt(disk, countdown));
            assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
            fixture.put("k001", "dirty");
            fixture.put("k020", "dirty");
            countdown.set(allocation);
            failed = false;
            boolean poisoned = false;
            try {
                new SegmentSplitter(new SplitLimits(1 << 20, 1 << 20), step -> {})
                        .mergeIfSmall(fixture.index(), fixture.slot(0));
            } catch (StoreException e) {
                failed = true;
                poisoned = e instanceof StoreException.Poisoned;
            }
            countdown.set(Long.MAX_VALUE);
            String where = "allocation " + allocation;
            fixture.check(where);
            for (int i = 0; !poisoned && i < fixture.index().route().size(); i++) {
                assertEquals(null, fixture.slot(i).side(), where + ": writes still go to a side memtable");
                assertEquals(SegmentState.OPEN, fixture.slot(i).segment().state(), where);
            }
            fixture.close();
        }
    }
}
