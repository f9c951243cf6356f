package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** After a crash at any operation every synced record is there and nothing is missing in the middle. */
final class LogCrashTest {
    private static final int STEPS = 45;
    private static final int SCENARIOS = Integer.getInteger("cleave.log.scenarios", 3);

    /** Runs a scenario until the storage dies at {@code operation}, or to its end. */
    private static LogHistory run(SimulatedStorage storage, long scenario) {
        LogHistory history = new LogHistory(scenario);
        try {
            history.open(storage);
            for (int i = 0; i < STEPS; i++) {
                history.step(storage);
            }
        } catch (SimulatedCrash e) {
            assertTrue(storage.isDead());
        }
        return history;
    }

    private static long operationsOf(long scenario) {
        SimulatedStorage storage = new SimulatedStorage(scenario);
        run(storage, scenario);
        return storage.operations();
    }

    private static SimulatedStorage dyingAt(long scenario, long operation) {
        SimulatedStorage storage = new SimulatedStorage(scenario);
        return operation % 2 == 0 ? storage.crashAt(operation) : storage.crashInside(operation);
    }

    @Test
    void keepsEverySyncedRecordWhenTheMachineDies() {
        for (long scenario = 0; scenario < SCENARIOS; scenario++) {
            long operations = operationsOf(scenario);
            for (long operation = 1; operation <= operations + 1; operation++) {
                SimulatedStorage storage = dyingAt(scenario, operation);
                LogHistory history = run(storage, scenario);
                for (long seed = 0; seed < 8; seed++) {
                    String where = "scenario " + scenario + ", operation " + operation + ", seed " + seed;
                    try {
                        checkPowerCut(history, storage.crash(seed), seed);
                    } catch (RuntimeException | AssertionError e) {
                        throw new AssertionError(where, e);
                    }
                }
            }
        }
    }

    /** Also dies again during the recovery, at each operation for one seed, and goes on working after it. */
    private static void checkPowerCut(LogHistory history, SimulatedStorage storage, long seed) {
        List<LogHistory.Entry> first = LogHistory.read(storage);
        history.assertSurvived(first);
        long operations = seed == 0 ? 30 : seed % 3;
        for (long operation = 1; operation <= operations; operation++) {
            storage.crashAt(operation);
            try {
                assertEquals(first, LogHistory.replay(storage));
            } catch (SimulatedCrash e) {
                assertTrue(storage.isDead());
            }
            storage = storage.crash(seed * 31 + operation);
            assertEquals(first, LogHistory.read(storage));
        }
        WriteAheadLog log = LogHistory.open(storage, record -> {});
        log.sync(log.append(1L << 40, 1, new byte[2000], 2000));
        log.append((1L << 40) + 1, 1, new byte[2000], 2000);
        List<LogHistory.Entry> second = LogHistory.read(storage.crash(seed));
        assertEquals(first, second.subList(0, first.size()));
        assertTrue(second.size() > first.size());
    }

    @Test
    void keepsEveryRecordWhenTheProcessDies() {
        for (long scenario = 0; scenario < SCENARIOS; scenario++) {
            long operations = operationsOf(scenario);
            for (long operation = 1; operation <= operations + 1; operation++) {
                SimulatedStorage storage = dyingAt(scenario, operation);
                LogHistory history = run(storage, scenario);
                history.synced = history.entries.size();
                SimulatedStorage after = storage.kill();
                List<LogHistory.Entry> first = LogHistory.replay(after);
                history.assertSurvived(first);
                // The next power cut must not take what the recovery has handed out.
                assertEquals(first, LogHistory.read(after.crash(operation)));
            }
        }
    }

    @Test
    void dropsFilesBehindAHoleAndNeverReadsTheGarbageBehindTheCut() {
        int cuts = 0;
        for (long seed = 0; seed < 400; seed++) {
            SimulatedStorage storage = new SimulatedStorage(3);
            LogHistory history = new LogHistory(3);
            history.open(storage);
            for (int i = 0; i < 20; i++) {
                history.append(900);
            }
            SimulatedStorage after = storage.crash(seed);
            List<LogHistory.Entry> found = LogHistory.replay(after);
            history.assertSurvived(found);
            cuts += found.size() < 20 ? 1 : 0;
            for (int again = 0; again < 3; again++) {
                after = after.kill();
                assertEquals(found, LogHistory.replay(after));
            }
            assertEquals(
                    after.list(LogHistory.DIRECTORY).size(),
                    LogInspection.verify(after, LogHistory.DIRECTORY, LogHistory.STORE)
                            .files());
        }
        assertTrue(cuts > 100, "only " + cuts + " crashes lost anything");
    }

    @Test
    void aReleaseLeavesALogThatOpensAtThePositionItHad() {
        for (int records = 4; records < 24; records++) {
            SimulatedStorage storage = new SimulatedStorage(5);
            LogHistory history = new LogHistory(5);
            history.open(storage);
            for (int i = 0; i < records; i++) {
                history.append(900);
            }
            long first = history.log.endPosition();
            history.released = first;
            long before = storage.operations();
            history.log.release(first);
            long current = history.log.firstPosition();
            long operations = storage.operations() - before;
            for (long seed = 0; seed < 16; seed++) {
                WriteAheadLog after = LogHistory.open(storage.crash(seed), record -> {});
                assertTrue(after.endPosition() > current, "the log has lost its place");
            }
            for (long operation = 1; operation <= operations; operation++) {
                checkCutRelease(records, before + operation);
            }
        }
    }

    private static void checkCutRelease(int records, long operation) {
        SimulatedStorage storage = new SimulatedStorage(5).crashAt(operation);
        LogHistory history = new LogHistory(5);
        history.open(storage);
        for (int i = 0; i < records; i++) {
            history.append(900);
        }
        history.released = history.log.endPosition();
        assertThrows(SimulatedCrash.class, () -> history.log.release(history.released));
        for (long seed = 0; seed < 6; seed++) {
            history.assertSurvived(LogHistory.read(storage.crash(seed)));
        }
    }

    @Test
    void marksACleanEnd() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        history.append(10);
        assertFalse(verify(storage).clean());
        history.close();
        assertTrue(verify(storage).clean());
        assertTrue(verify(storage.crash(1)).clean());
        assertThrows(SimulatedCrash.class, () -> storage.list(LogHistory.DIRECTORY));
    }

    private static LogInspection.Continuity verify(SimulatedStorage storage) {
        return LogInspection.verify(storage, LogHistory.DIRECTORY, LogHistory.STORE);
    }
}
