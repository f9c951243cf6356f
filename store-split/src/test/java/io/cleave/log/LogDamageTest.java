package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A damaged log is refused, or what is lost is provably a torn tail. */
final class LogDamageTest {
    /** Where a damaged log is read. */
    private enum Boot {
        SAME,
        OTHER
    }

    /** One log: its files and what they hold. */
    private record Log(Map<String, byte[]> files, List<LogHistory.Entry> entries, int synced) {
        static Log of(SimulatedStorage storage, LogHistory history) {
            Map<String, byte[]> files = new LinkedHashMap<>();
            for (String name : storage.list(LogHistory.DIRECTORY)) {
                files.put(name, storage.readAll(LogHistory.DIRECTORY.resolve(name), 1 << 20));
            }
            return new Log(files, List.copyOf(history.entries), history.synced);
        }

        Log with(String name, byte[] bytes) {
            Map<String, byte[]> changed = new LinkedHashMap<>(files);
            if (bytes == null) {
                changed.remove(name);
            } else {
                changed.put(name, bytes);
            }
            return new Log(changed, entries, synced);
        }

        SimulatedStorage in(Boot boot) {
            SimulatedStorage storage = new SimulatedStorage(1);
            storage.createDirectory(LogHistory.DIRECTORY);
            storage.forceDirectory(SimulatedStorage.DIRECTORY);
            files.forEach((name, bytes) -> {
                try (StorageFile file = storage.create(LogHistory.DIRECTORY.resolve(name))) {
                    file.append(bytes, 0, bytes.length);
                    file.force();
                }
            });
            storage.forceDirectory(LogHistory.DIRECTORY);
            return boot == Boot.SAME ? storage : storage.crash(1);
        }
    }

    /** Three files of records, the last with a synced and an unsynced part, and a prepared one. */
    private static Log killed() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = fill(storage);
        history.sync();
        history.append(80);
        history.append(40);
        history.log.prepareNext();
        return Log.of(storage.kill(), history);
    }

    private static Log closed() {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogHistory history = fill(storage);
        history.close();
        return Log.of(storage, history);
    }

    private static LogHistory fill(SimulatedStorage storage) {
        LogHistory history = new LogHistory(1);
        history.open(storage);
        for (int i = 0; i < 18; i++) {
            history.append(i % 2 == 0 ? 30 : 700);
        }
        assertEquals(3, history.log.files());
        return history;
    }

    private static void checkEveryByte(Log log, Boot boot, int lostMax) {
        log.files().forEach((name, bytes) -> {
            for (int at = 0; at < bytes.length; at++) {
                for (int change : new int[] {1, 0x80, bytes[at] & 0xFF}) {
                    if (change == 0) {
                        continue;
                    }
                    byte[] damaged = bytes.clone();
                    damaged[at] ^= (byte) change;
                    check(log, log.with(name, damaged).in(boot), name + " at " + at + " xor " + change, lostMax);
                }
            }
        });
    }

    private static void check(Log log, SimulatedStorage storage, String where, int lostMax) {
        try {
            List<LogHistory.Entry> found = LogHistory.read(storage);
            assertTrue(found.size() >= log.entries().size() - lostMax, where + ": lost a record");
            assertEquals(log.entries().subList(0, found.size()), found, where);
        } catch (StoreException.Corrupt e) {
            assertTrue(e.file().startsWith(LogHistory.DIRECTORY), where);
        }
    }

    @Test
    void losesNothingOfAClosedLog() {
        checkEveryByte(closed(), Boot.SAME, 0);
        checkEveryByte(closed(), Boot.OTHER, 0);
    }

    @Test
    void losesAtMostTheUnsyncedTailOfAKilledLog() {
        Log log = killed();
        for (Boot boot : Boot.values()) {
            checkEveryByte(log, boot, log.entries().size() - log.synced() + 1);
            assertEquals(log.entries(), LogHistory.read(log.in(boot)));
        }
    }

    @Test
    void damageBehindWhatIsKnownToBeDurableEndsTheLogInEveryBoot() {
        Log log = killed();
        String name = "log-00000003";
        byte[] damaged = log.files().get(name).clone();
        long base = LogInspection.files(log.in(Boot.SAME), LogHistory.DIRECTORY)
                .get(2)
                .base();
        int nextToLast = (int) (log.entries().get(log.entries().size() - 3).end() - base);
        damaged[nextToLast + LogRecordFormat.HEADER_BYTES] ^= 1;
        Log changed = log.with(name, damaged);
        for (Boot boot : Boot.values()) {
            assertEquals(
                    log.entries().size() - 2, LogHistory.read(changed.in(boot)).size());
            assertEquals(1, recover(changed.in(boot)).ending().dropped(), "the last record is whole, and dropped");
            assertEquals(0, recover(log.in(boot)).ending().dropped());
        }
    }

    /** Pages that nobody forced are gone, and the machine is the same: the volume was detached, or shut down and mounted again. */
    @Test
    void pagesThatAreLostWithoutABootTakeNothingThatWasSynced() {
        Log log = killed();
        String name = "log-00000003";
        byte[] whole = log.files().get(name);
        long base = LogInspection.files(log.in(Boot.SAME), LogHistory.DIRECTORY)
                .get(2)
                .base();
        int synced = (int) (log.entries().get(log.synced() - 1).end() - base);
        for (int from = synced; from < whole.length; from += Long.BYTES) {
            for (int to = from + Long.BYTES; to <= whole.length; to += 24) {
                byte[] damaged = whole.clone();
                Arrays.fill(damaged, from, to, (byte) 0);
                List<LogHistory.Entry> found =
                        LogHistory.read(log.with(name, damaged).in(Boot.SAME));
                assertTrue(found.size() >= log.synced(), "zeros from " + from + " to " + to);
                assertEquals(log.entries().subList(0, found.size()), found);
            }
        }
    }

    private static LogRecovery.Log recover(SimulatedStorage storage) {
        return LogRecovery.run(storage, LogHistory.DIRECTORY, LogHistory.STORE, record -> {});
    }

    @Test
    void refusesAMissingOrShortenedOrSwappedFile() {
        for (Boot boot : Boot.values()) {
            for (Log log : List.of(closed(), killed())) {
                byte[] second = log.files().get("log-00000002");
                refuse(log.with("log-00000002", null), boot);
                refuse(log.with("log-00000002", log.files().get("log-00000001")), boot);
                refuse(log.with("log-00000002", Arrays.copyOf(second, 3000)), boot);
                refuse(log.with("log-00000002", new byte[second.length]), boot);
                refuse(log.with("log-00000003", Arrays.copyOf(log.files().get("log-00000003"), 2000)), boot);
            }
        }
    }

    private static void refuse(Log log, Boot boot) {
        assertThrows(StoreException.Corrupt.class, () -> LogHistory.read(log.in(boot)));
    }

    @Test
    void refusesAForeignStoreAndAnotherVersion() {
        Log log = closed();
        assertThrows(
                StoreException.Corrupt.class,
                () -> LogRecovery.run(log.in(Boot.SAME), LogHistory.DIRECTORY, new StoreIdentity(1, 2), record -> {}));
        byte[] newer = log.files().get("log-00000003").clone();
        newer[LogIdentityFormat.VERSION_OFFSET] = 3;
        int crc = Checksum.at(LogIdentityFormat.MAGIC, 0, newer, 0, LogIdentityFormat.CRC_OFFSET);
        for (int i = 0; i < 4; i++) {
            newer[LogIdentityFormat.CRC_OFFSET + i] = (byte) (crc >>> (8 * i));
        }
        SimulatedStorage storage = log.with("log-00000003", newer).in(Boot.SAME);
        assertThrows(StoreException.FormatVersion.class, () -> LogHistory.read(storage));
        long before = storage.operations();
        assertThrows(StoreException.FormatVersion.class, () -> LogHistory.open(storage, record -> {}));
        assertEquals(before, storage.operations() - forcesOfParents());
    }

    /** Opening makes the directory's own name durable before it reads anything. */
    private static long forcesOfParents() {
        return 1;
    }

    @Test
    void takesNoMemoryByALengthField() {
        Log log = killed();
        byte[] damaged = log.files().get("log-00000003").clone();
        byte[] huge = {(byte) 0xF0, (byte) 0xFF, (byte) 0xFF, 0x7F};
        System.arraycopy(huge, 0, damaged, LogChainFormat.FILE_HEADER_BYTES, 4);
        refuse(log.with("log-00000003", damaged), Boot.SAME);
        refuse(log.with("log-00000003", damaged), Boot.OTHER);
    }

    @Test
    void refusesABodyThatIsNoOperations() {
        SimulatedStorage storage = new SimulatedStorage(1);
        WriteAheadLog log = LogHistory.open(storage, record -> {});
        byte[][] bodies = {{9, 1, 1, 1}, {1, 1, 5, 1}, {2, 1, 0}, {2, 1, 1}, {2, 1, 1, 1, 1}, {2, -1, -1, -1, -1, -1, 1}
        };
        for (int i = 0; i < bodies.length; i++) {
            log.append(i + 1, 1, bodies[i], bodies[i].length);
        }
        log.close();
        LogRecovery.run(storage, LogHistory.DIRECTORY, LogHistory.STORE, record -> {
            assertThrows(StoreException.Corrupt.class, () -> {
                OperationsDecoder decoder = record.decoder();
                while (decoder.next()) {
                    assertTrue(decoder.key().length > 0);
                }
            });
        });
    }
}
