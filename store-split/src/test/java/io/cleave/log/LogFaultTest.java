package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every call to the outside may fail: the log says so, keeps its promises, and opens again. */
final class LogFaultTest {
    private static final int STEPS = 30;

    @Test
    void numbersOfFilesThatHaveRunOutAreALimit() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory.open(storage, record -> {}).close();
        Path last = LogDirectory.file(LogHistory.DIRECTORY, LogDirectory.NUMBER_MAX);
        int bytes = LogOptions.FILE_BYTES_MIN;
        byte[] identity =
                LogIdentityFormat.encode(new LogIdentity(LogHistory.STORE, LogDirectory.NUMBER_MAX, 0, bytes));
        try (StorageFile file = storage.create(last)) {
            file.append(Arrays.copyOf(identity, bytes), 0, bytes);
        }
        StoreException.LimitReached thrown =
                assertThrows(StoreException.LimitReached.class, () -> LogHistory.open(storage, record -> {}));
        assertTrue(thrown.getMessage().contains("all file numbers"), thrown.getMessage());
    }

    @Test
    void aFailedSyncPoisonsTheLog() {
        SimulatedStorage disk = new SimulatedStorage(1);
        FaultingStorage storage = new FaultingStorage(disk);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        history.append(100);
        history.sync();
        history.append(100);
        storage.failAt(storage.callCount() + 1, Fault.SYNC_FAILS, false);
        long end = history.log.endPosition();
        StoreException.Poisoned first = assertThrows(StoreException.Poisoned.class, () -> history.log.sync(end));
        long calls = storage.callCount();
        StoreException.Poisoned second = assertThrows(StoreException.Poisoned.class, () -> history.log.sync(end));
        assertSame(first.getCause(), second.getCause());
        assertThrows(StoreException.Poisoned.class, () -> history.log.append(100, 1, new byte[8], 8));
        assertThrows(StoreException.Poisoned.class, () -> history.log.release(end));
        assertThrows(StoreException.Poisoned.class, () -> history.log.prepareNext());
        assertTrue(history.log.syncedPosition() < end);
        assertEquals(calls, storage.callCount());
        history.log.close();
        assertTrue(disk.counters().nothingHeld());
        history.assertSurvived(LogHistory.replay(disk.crash(1)));
    }

    @Test
    void aNewFileThatNobodyPreparedAndThatCantBeSyncedPoisonsTheLog() {
        FaultingStorage counting = new FaultingStorage(new SimulatedStorage(1)).listCalls();
        LogHistory whole = new LogHistory(1);
        whole.open(counting);
        int appends = 0;
        for (; whole.log.files() == 1; appends++) {
            whole.append(900);
        }
        // What fills the file with zeros also syncs it.
        long creation = lastOf(counting.calls(), "createWritable");
        requirePoisonedAtRotation(appends, creation, Fault.DONE_THEN_IO_ERROR);
        requirePoisonedAtRotation(appends, creation, Fault.SYNC_FAILS);
    }

    private static void requirePoisonedAtRotation(int appends, long call, Fault fault) {
        SimulatedStorage disk = new SimulatedStorage(1);
        FaultingStorage storage = new FaultingStorage(disk).failAt(call, fault, false);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        for (int i = 1; i < appends; i++) {
            history.append(900);
        }
        assertThrows(StoreException.Poisoned.class, () -> history.append(900), fault::name);
        assertEquals(1, storage.fired());
        assertEquals(1, history.log.files());
        assertThrows(StoreException.Poisoned.class, () -> history.log.append(100, 1, new byte[8], 8));
        assertThrows(StoreException.Poisoned.class, history.log::prepareNext);
        history.log.close();
        assertTrue(disk.counters().nothingHeld());
        history.assertSurvived(LogHistory.replay(disk.crash(1)));
    }

    /** Number of the last call of that name, counted from 1. */
    private static long lastOf(List<String> calls, String verb) {
        int last = calls.size();
        while (!calls.get(last - 1).startsWith(verb)) {
            last--;
        }
        return last;
    }

    @Test
    void aFullDiskAtARotationChangesNothingAndAppendsGoOnWhenThereIsRoom() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        storage.withCapacity(storage.usedBytes());
        for (int i = 0; i < 3; i++) {
            history.append(900);
        }
        long end = history.log.endPosition();
        for (int i = 0; i < 3; i++) {
            assertThrows(StoreException.DiskFull.class, () -> history.append(900));
            assertThrows(StoreException.DiskFull.class, history.log::prepareNext);
            assertEquals(end, history.log.endPosition());
            assertEquals(1, history.log.files());
            history.pending = null;
        }
        history.sync();
        history.append(10);
        storage.withCapacity(1 << 20);
        history.append(900);
        history.append(900);
        assertEquals(2, history.log.files());
        history.close();
        history.open(storage);
    }

    @Test
    void aFullDiskLetsTheLogCloseCleanly() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        storage.withCapacity(storage.usedBytes());
        assertThrows(StoreException.DiskFull.class, () -> {
            while (true) {
                history.append(0);
            }
        });
        history.close();
        storage.withCapacity(1 << 20);
        history.open(storage);
    }

    @Test
    void everyCallMayFailOnce() {
        for (long scenario = 0; scenario < 3; scenario++) {
            FaultingStorage counting = new FaultingStorage(new SimulatedStorage(scenario));
            run(counting, new LogHistory(scenario));
            for (Fault fault : EnumSet.allOf(Fault.class)) {
                for (long call = 1; call <= counting.callCount(); call++) {
                    try {
                        check(scenario, fault, call);
                    } catch (RuntimeException | AssertionError e) {
                        throw new AssertionError("scenario " + scenario + ", " + fault + " at call " + call, e);
                    }
                }
            }
        }
    }

    private static void check(long scenario, Fault fault, long call) {
        SimulatedStorage disk = new SimulatedStorage(scenario);
        FaultingStorage storage = new FaultingStorage(disk).failAt(call, fault, false);
        LogHistory history = new LogHistory(scenario);
        run(storage, history);
        if (history.log != null) {
            try {
                history.log.close();
            } catch (StoreException e) {
                history.log.close();
            }
        }
        assertTrue(disk.counters().nothingHeld(), disk.counters().toString());
        SimulatedStorage after = disk.crash(call);
        List<LogHistory.Entry> found = LogHistory.replay(after);
        history.assertSurvived(found);
        assertEquals(found, LogHistory.read(after));
    }

    /** Goes on after what may be tried again, stops at what may not. */
    private static void run(FaultingStorage storage, LogHistory history) {
        try {
            history.open(storage);
            for (int i = 0; i < STEPS; i++) {
                try {
                    history.step(storage);
                } catch (StoreException.DiskFull | StoreException.LimitReached e) {
                    history.pending = null;
                }
            }
        } catch (StoreException | IllegalStateException e) {
            // The log is poisoned, or closed by a step that failed half way.
        }
    }
}
