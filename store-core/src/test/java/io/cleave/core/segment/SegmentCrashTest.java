package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.QuietEpoch;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A flush or compaction that ends anywhere leaves the segment as it was or as it should be. */
@ExtendWith(QuietEpoch.class)
final class SegmentCrashTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** What is under way when the lights go out. */
    private enum Work {
        FLUSH,
        COMPACT;

        void run(Segment segment) {
            if (this == FLUSH) {
                segment.flush();
            } else {
                segment.compact();
            }
        }
    }

    /** A segment with two flushed generations and a third one in memory. */
    private static Segment prepare(SegmentFixture fixture) {
        Segment segment = fixture.create(1);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 12; i++) {
                fixture.put(segment, "k" + (i * 7 + round) % 15, "round-" + round + "-" + i);
            }
            fixture.delete(segment, "k" + round);
            if (round < 2) {
                segment.flush();
            }
        }
        return segment;
    }

    private static Map<String, String> flushedPart() {
        SimulatedStorage storage = new SimulatedStorage(1);
        SegmentFixture fixture = new SegmentFixture(storage);
        prepare(fixture).close();
        return fixture.scan(fixture.open(1));
    }

    private static TreeMap<String, String> all() {
        SegmentFixture fixture = new SegmentFixture(new SimulatedStorage(1));
        return fixture.scan(prepare(fixture));
    }

    private static void checkReopened(Storage storage, Work work, boolean finished, String where) {
        SegmentFixture fixture = new SegmentFixture(storage);
        // The order of the sequence numbers in prepare: 13 a round.
        fixture.startAt(39);
        Segment segment = fixture.open(1);
        assertNotNull(segment, where);
        Map<String, String> found = fixture.scan(segment);
        if (work == Work.COMPACT) {
            assertEquals(flushedPart(), found, where);
            assertEquals(26, segment.flushedSequence(), where);
        } else if (segment.flushedSequence() == 39) {
            assertEquals(all(), found, where);
        } else {
            assertTrue(!finished, where);
            assertEquals(26, segment.flushedSequence(), where);
            assertEquals(flushedPart(), found, where);
        }
        // It works on: whatever file the crash left is in nobody's way.
        fixture.put(segment, "after", "crash");
        segment.flush();
        segment.compact();
        assertEquals("crash", fixture.scan(segment).get("after"), where);
        segment.close();
        fixture.close();
    }

    private void crashEverywhere(Work work) {
        boolean alive = false;
        long operation = 0;
        while (!alive) {
            operation++;
            boolean finished = false;
            SimulatedStorage storage = new SimulatedStorage(operation);
            SegmentFixture fixture = new SegmentFixture(storage);
            Segment segment = prepare(fixture);
            long at = storage.operations() + operation;
            SimulatedStorage armed = operation % 2 == 0 ? storage.crashAt(at) : storage.crashInside(at);
            try {
                work.run(segment);
                finished = true;
            } catch (SimulatedCrash e) {
                assertTrue(armed.isDead());
            }
            // The deletion of what was replaced may have died behind the back of a finished work.
            alive = !armed.isDead();
            for (long seed = 0; seed < 12; seed++) {
                String where = work + ", operation " + operation + ", seed " + seed;
                checkReopened(leaks.watch(armed.crash(seed)), work, finished, where);
            }
            checkReopened(leaks.watch(armed.kill()), work, finished, work + ", killed at operation " + operation);
        }
        assertTrue(operation > 8, "only " + operation + " operations");
    }

    @Test
    void aFlushThatIsCutAtAnyOperationLeavesTheOldRunsOrTheNewOnes() {
        crashEverywhere(Work.FLUSH);
    }

    @Test
    void aCompactionThatIsCutAtAnyOperationLeavesTheOldRunsOrTheNewOne() {
        crashEverywhere(Work.COMPACT);
    }

    private void failEverywhere(Work work, Fault fault) {
        boolean finished = false;
        for (long call = 1; !finished; call++) {
            SimulatedStorage disk = new SimulatedStorage(call);
            FaultingStorage storage = new FaultingStorage(disk);
            SegmentFixture fixture = new SegmentFixture(storage);
            Segment segment = prepare(fixture);
            TreeMap<String, String> before = fixture.scan(segment);
            storage.listCalls().failAt(storage.callCount() + call, fault, false);
            boolean poisoned = false;
            try {
                work.run(segment);
                finished = storage.callCount() > 0 && storage.fired() == 0 && pastEnd(storage, call);
            } catch (StoreException e) {
                poisoned = e instanceof StoreException.Poisoned;
            }
            storage.disarm();
            String where = work + ", " + fault + " at call " + call + " " + last(storage, call);
            assertEquals(before, fixture.scan(segment), where);
            if (!poisoned) {
                work.run(segment);
                assertEquals(before, fixture.scan(segment), where);
            }
            segment.close();
            fixture.close();
            checkReopened(disk, work, !poisoned, where);
            assertTrue(disk.counters().nothingHeld(), () -> where + " left open " + disk.counters());
        }
    }

    private static boolean pastEnd(FaultingStorage storage, long call) {
        return storage.calls().size() < call;
    }

    private static String last(FaultingStorage storage, long call) {
        List<String> calls = storage.calls();
        return call <= calls.size() ? calls.get((int) call - 1) : "(none)";
    }

    @Test
    void aFlushThatFailsAtAnyCallLosesNothingAndCanBeRepeatedUnlessPoisoned() {
        for (Fault fault : Fault.values()) {
            failEverywhere(Work.FLUSH, fault);
        }
    }

    @Test
    void aCompactionThatFailsAtAnyCallLosesNothingAndCanBeRepeatedUnlessPoisoned() {
        for (Fault fault : Fault.values()) {
            failEverywhere(Work.COMPACT, fault);
        }
    }

    @Test
    void aReopenedSegmentKeepsNoFileThatItsManifestDoesNotName() {
        for (Work work : Work.values()) {
            for (long operation = 1; operation <= 14; operation++) {
                SimulatedStorage storage = new SimulatedStorage(operation);
                Segment segment = prepare(new SegmentFixture(storage));
                storage.crashAt(storage.operations() + operation);
                try {
                    work.run(segment);
                } catch (SimulatedCrash e) {
                    assertTrue(storage.isDead());
                }
                SimulatedStorage after = storage.kill();
                SegmentFixture fixture = new SegmentFixture(after);
                Segment reopened = fixture.open(1);
                List<String> names = after.list(SegmentFixture.directory(1));
                int expected = 2 + reopened.view().runCount();
                assertEquals(expected, names.size(), work + " cut at operation " + operation + " left " + names);
                reopened.close();
            }
        }
    }
}
