package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreClosedException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Any sequence of appends, syncs, rotations, releases and reopenings gives back the records that were appended. */
final class LogModelTest {
    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void givesBackWhatWasAppended(@ForAll long seed) {
        SimulatedStorage storage = new SimulatedStorage(seed);
        LogHistory history = new LogHistory(seed);
        history.open(storage);
        for (int i = 0; i < 120; i++) {
            if (i % 31 == 30) {
                storage = storage.kill();
                history.open(storage);
            }
            history.step(storage);
            LogInspection.verify(storage, LogHistory.DIRECTORY, LogHistory.STORE);
        }
        history.close();
        assertTrue(storage.counters().nothingHeld(), storage.counters().toString());
        history.open(storage);
        history.close();
    }

    @Test
    void runsTheHookOnceForEachFileAndUsesThePreparedFile() {
        SimulatedStorage storage = new SimulatedStorage(1);
        List<Long> signals = new ArrayList<>();
        WriteAheadLog log = WriteAheadLog.open(
                storage,
                LogHistory.DIRECTORY,
                LogHistory.STORE,
                LogHistory.SMALL,
                record -> {},
                () -> signals.add(storage.operations()));
        long sequence = 1;
        while (signals.isEmpty()) {
            log.append(sequence++, 1, new byte[100], 100);
        }
        log.prepareNext();
        log.prepareNext();
        assertEquals(2, log.files());
        assertEquals(2 * 4096, log.bytesOnDisk());
        long before = storage.operations();
        storage.logOperations();
        while (signals.size() < 2) {
            log.append(sequence++, 1, new byte[100], 100);
        }
        assertTrue(storage.operations() > before);
        assertTrue(
                storage.operationLog().stream().allMatch(line -> line.startsWith("put")),
                "an append with a prepared file made a system call");
        assertEquals(2, log.files());
        log.close();
    }

    @Test
    void putsARecordLargerThanAFileInAFileOfItsOwn() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        history.append(10);
        history.log.prepareNext();
        history.append(100_000);
        history.append(10);
        assertTrue(history.log.bytesOnDisk() > 100_000);
        history.open(storage.kill());
    }

    @Test
    void releasesWholeFilesOnlyAndNeverTheCurrentOne() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = new LogHistory(1);
        history.open(storage);
        for (int i = 0; i < 30; i++) {
            history.append(500);
        }
        int files = history.log.files();
        assertTrue(files > 3);
        long second = history.entries.get(6).end();
        history.log.release(second - 1);
        assertTrue(history.log.firstPosition() < second);
        history.log.release(history.log.endPosition());
        assertEquals(1, history.log.files());
        history.released = history.log.endPosition();
        history.append(10);
        history.close();
        history.open(storage);
        assertThrows(IllegalArgumentException.class, () -> history.log.sync(history.log.endPosition() + 1));
        history.close();
        history.log.close();
        assertThrows(StoreClosedException.class, () -> history.log.append(1000, 1, new byte[1], 1));
        assertThrows(StoreClosedException.class, () -> history.log.sync(0));
    }

    @Test
    void refusesSequenceNumbersThatDoNotRise() {
        WriteAheadLog log = LogHistory.open(new SimulatedStorage(1), record -> {});
        log.append(5, 3, new byte[1], 1);
        assertThrows(IllegalArgumentException.class, () -> log.append(7, 1, new byte[1], 1));
        assertThrows(IllegalArgumentException.class, () -> log.appendSequenceMark(6));
        log.appendSequenceMark(20);
        assertThrows(IllegalArgumentException.class, () -> log.append(20, 1, new byte[1], 1));
        log.append(21, 1, new byte[1], 1);
        assertEquals(21, log.lastSequence());
        log.close();
    }
}
