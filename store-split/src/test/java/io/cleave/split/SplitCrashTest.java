package io.cleave.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.QuietEpoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A split or merge that is cut anywhere opens with every write, no key twice, and nothing but what the map names. */
@ExtendWith(QuietEpoch.class)
@SuppressWarnings("EnumOrdinal") // any distinct number serves
final class SplitCrashTest {
    private static final int SEEDS = 6;

    private final Set<SplitStep> diedAfter = EnumSet.noneOf(SplitStep.class);

    /** What is under way when the lights go out. */
    private enum Work {
        SPLIT,
        MERGE;

        SplitFixture prepare(Storage storage) {
            SplitFixture fixture = SplitFixture.create(storage);
            fixture.fill(24);
            fixture.flushAll();
            fixture.fill(12);
            fixture.delete("k005");
            if (this == MERGE) {
                assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
                fixture.put("k001", "dirty again");
                fixture.put("k020", "dirty again");
            }
            return fixture;
        }

        SplitOutcome run(SplitFixture fixture, java.util.function.Consumer<SplitStep> steps) {
            return this == SPLIT
                    ? fixture.split(steps)
                    : new SegmentSplitter(new SplitLimits(1 << 20, 1 << 20), steps)
                            .mergeIfSmall(fixture.index(), fixture.slot(0));
        }
    }

    private static void writeAt(SplitFixture fixture, SplitStep step) {
        if (step.compareTo(SplitStep.S1_LOCKED) > 0) {
            fixture.put("k00" + step.ordinal(), "during " + step);
            fixture.put("k019", "during " + step);
            fixture.delete("k01" + step.ordinal());
        }
    }

    private static void checkReopened(SplitFixture fixture, SimulatedStorage after, String where) {
        try {
            LeakCheck leaks = new LeakCheck();
            SplitFixture reopened = fixture.reopen(leaks.watch(after));
            reopened.check(where);
            assertEquals(reopened.mapped(), reopened.directories(), where + ": orphans");
            reopened.put("after", where);
            assertTrue(reopened.split(step -> {}).compareTo(SplitOutcome.COMPACTED) <= 0, where);
            reopened.check(where + ", split again");
            reopened.close();
            leaks.check();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(where, e);
        }
    }

    private void cutEverywhere(Work work) {
        boolean finished = false;
        for (long operation = 1; !finished; operation++) {
            SimulatedStorage storage = new SimulatedStorage(operation);
            SplitFixture fixture = work.prepare(storage);
            long at = storage.operations() + operation;
            SimulatedStorage armed = operation % 2 == 0 ? storage.crashAt(at) : storage.crashInside(at);
            SplitStep[] last = {SplitStep.S1_LOCKED};
            try {
                work.run(fixture, step -> {
                    last[0] = step;
                    writeAt(fixture, step);
                });
                finished = !armed.isDead();
            } catch (SimulatedCrash e) {
                diedAfter.add(last[0]);
            }
            String where = work + " cut at operation " + operation + ", after " + last[0];
            for (long seed = 0; seed < SEEDS; seed++) {
                checkReopened(fixture, armed.crash(seed), where + ", seed " + seed);
            }
            checkReopened(fixture, armed.kill(), where + ", killed");
        }
    }

    @Test
    void aSplitThatIsCutAtAnyOperationLosesNothing() {
        cutEverywhere(Work.SPLIT);
        assertTrue(
                diedAfter.containsAll(EnumSet.of(SplitStep.S2_ISOLATED, SplitStep.S3_PREPARED)), diedAfter.toString());
        assertTrue(diedAfter.contains(SplitStep.S5_APPLIED), diedAfter.toString());
    }

    @Test
    void aMergeThatIsCutAtAnyOperationLosesNothing() {
        cutEverywhere(Work.MERGE);
    }

    @Test
    void aSplitThatIsCutAtAnyStepLosesNothing() {
        for (Work work : Work.values()) {
            for (SplitStep cut : SplitStep.values()) {
                SimulatedStorage storage = new SimulatedStorage(1);
                SplitFixture fixture = work.prepare(storage);
                List<Long> old = fixture.mapped();
                assertThrows(
                        SimulatedCrash.class,
                        () -> work.run(fixture, step -> {
                            writeAt(fixture, step);
                            if (step == cut) {
                                storage.crashAt(storage.operations() + 1)
                                        .createDirectory(SplitFixture.DIRECTORY.resolve("x"));
                            }
                        }));
                for (long seed = 0; seed < SEEDS; seed++) {
                    SimulatedStorage after = storage.crash(seed);
                    boolean published = cut.compareTo(SplitStep.S4_PUBLISHED) >= 0;
                    SplitFixture reopened = fixture.reopen(after);
                    assertEquals(!published, reopened.mapped().equals(old), work + " cut at " + cut);
                    reopened.close();
                    checkReopened(fixture, after, work + " cut at " + cut + ", seed " + seed);
                }
            }
        }
    }
}
