package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A byte of a log goes bad that was durable, in another boot of the machine, with nothing written since the last sync that would
 * say so. A segment that was flushed proves that the log was longer.
 */
final class StoreHoleInLogTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    private static final Path LOG = STORE.resolve("log");
    private static final int WRITES = 60;
    /** Behind the last place that a later block of the log tells to be durable. */
    private static final int SPOILED = 56;

    private static StoreOptions options(SimulatedStorage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .logFileBytes(4 << 10)
                .build();
    }

    private static byte[] key(int number) {
        return DamageSubject.bytes("key-%03d".formatted(number));
    }

    private static byte[] value(int number) {
        return DamageSubject.bytes("value-%03d".formatted(number).repeat(20));
    }

    /** After a power cut; what the flush of the other index has forced is all there. */
    private static SimulatedStorage cut() {
        SimulatedStorage storage = new SimulatedStorage(1);
        SegmentStore store = SegmentStore.open(STORE, options(storage));
        SegmentIndex index = store.index("a");
        SegmentIndex flushed = store.index("b");
        for (int i = 0; i < WRITES; i++) {
            index.put(key(i), value(i));
        }
        flushed.put(key(0), value(0));
        flushed.flush();
        SimulatedStorage next = storage.crash(1);
        CrashWorkload.abandon(store);
        return next;
    }

    /** Spoils the value of one write in the log. */
    private static void spoil(SimulatedStorage storage, int number) {
        byte[] wanted = value(number);
        for (String name : storage.list(LOG)) {
            byte[] content = storage.readAll(LOG.resolve(name), 1 << 20);
            for (int at = 0; at + wanted.length <= content.length; at++) {
                if (java.util.Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length)) {
                    content[at] ^= 1;
                    DamageSubject.write(storage, LOG.resolve(name), content);
                    storage.forceDirectory(LOG);
                    return;
                }
            }
        }
        throw new AssertionError("no file of the log holds write " + number);
    }

    @Test
    void recoveryRefusesALogThatEndsBeforeWhatASegmentHoldsAndLeavesItAsItIs() {
        SimulatedStorage storage = cut();
        spoil(storage, SPOILED);
        List<String> before = storage.list(LOG);
        assertTrue(before.size() > 2, "a log of one file");
        StoreException.Corrupt failure =
                assertThrows(StoreException.Corrupt.class, () -> SegmentStore.open(STORE, options(storage)));
        assertTrue(failure.file().endsWith("manifest"), failure::toString);
        assertEquals(before, storage.list(LOG), "files of the log are gone");
        assertEquals(0, storage.counters().locks());
    }

    @Test
    void repairKeepsWhatLiesBehindTheHoleAlsoAfterARefusedOpen() {
        SimulatedStorage storage = cut();
        spoil(storage, SPOILED);
        assertThrows(StoreException.Corrupt.class, () -> SegmentStore.open(STORE, options(storage)));
        new StoreRepair(storage, STORE, (done, total) -> {}).repair();
        try (SegmentStore store = SegmentStore.open(STORE, options(storage))) {
            for (int i = 0; i < WRITES; i++) {
                if (i == SPOILED) {
                    assertNull(store.index("a").get(key(i)));
                } else {
                    assertArrayEquals(value(i), store.index("a").get(key(i)), "write " + i);
                }
            }
            assertArrayEquals(value(0), store.index("b").get(key(0)));
        }
    }
}
